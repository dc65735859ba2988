#include "edge/api/draw_desk.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/draw.hpp"
#include "edge/api/api.hpp"
#include "edge/api/draw_entries.hpp"
#include "edge/api/paging.hpp"

namespace firebrand {

namespace {

/// The sale goes before a draw: it has until the next day.
constexpr int kNiceness = 10;
constexpr Millis kFactsRetry{50};
constexpr Millis kRefusedRetry{500};
constexpr Millis kFailedRetry{10'000};

}  // namespace

DrawDesk::~DrawDesk() {
  if (worker_.joinable()) { worker_.join(); }
}

void DrawDesk::publish(const LiveBoardPage& page) {
  for (const Draw& draw : page.draws) {
    shown_[draw.draw_id] = {.draw = draw, .offset = page.offset, .status = nullptr};
    lists_[draw.plan.drop_id] = nullptr;
    if (draw.phase == DrawPhase::completed) {
      pending_.erase(draw.draw_id);
    } else {
      pending_.insert(draw.draw_id);
    }
  }
}

const PreparedResponsePtr& DrawDesk::status(DrawId id) {
  Shown& shown = shown_.at(id);
  if (shown.status == nullptr) {
    shown.status =
        DropPages::prepare(to_json(draw_status(shown.draw, units_of(shown.draw))), shown.offset);
  }
  return shown.status;
}

PreparedResponsePtr DrawDesk::record(DrawId id) const {
  const auto found = std::ranges::find(records_, id, [](const auto& kept) { return kept.first; });
  return found == records_.end() ? nullptr : found->second;
}

void DrawDesk::keep_record(DrawId id, PreparedResponsePtr record) {
  if (this->record(id) != nullptr) { return; }
  if (records_.size() == kRecordsKept) { records_.erase(records_.begin()); }
  records_.emplace_back(id, std::move(record));
}

bool DrawDesk::add_reader(DrawId id, const Asker& asker) {
  std::vector<Asker>& readers = readers_[id];
  readers.push_back(asker);
  return readers.size() == 1;
}

std::vector<Asker> DrawDesk::take_readers(DrawId id) {
  auto readers = readers_.extract(id);
  return readers.empty() ? std::vector<Asker>() : std::move(readers.mapped());
}

const PreparedResponsePtr& DrawDesk::list(DropId id) {
  PreparedResponsePtr& list = lists_[id];
  if (list != nullptr) { return list; }
  std::vector<DrawStatus> draws;
  LogOffset newest{};
  for (const auto& [draw_id, shown] : shown_) {
    if (shown.draw.plan.drop_id != id) { continue; }
    draws.push_back(draw_status(shown.draw, units_of(shown.draw)));
    newest = std::max(newest, shown.offset);
  }
  std::ranges::sort(draws, {}, &DrawStatus::wave);
  const std::string body =
      page_json({}, draws.size(), std::nullopt, newest,
                [&](JsonWriter& json, std::size_t i) { json.value(draws[i]); });
  list = DropPages::prepare(body, newest);
  return list;
}

std::int64_t DrawDesk::units_of(const Draw& draw) const {
  return api_.pages().view(draw.plan.drop_id).drop.units_of(draw.plan.wave);
}

bool DrawDesk::needs_root(const Draw& draw) const {
  return draw.phase == DrawPhase::closed && !draw.rooted;
}

bool DrawDesk::needs_results(const Draw& draw) const {
  if (draw.phase != DrawPhase::decided || !api_.pages().has(draw.plan.drop_id)) { return false; }
  const Drop& drop = api_.pages().view(draw.plan.drop_id).drop;
  return drop.phase != DropPhase::cancelled && drop.pausing == Pausing::running &&
         drop.is_released(draw.plan.wave);
}

void DrawDesk::step() {
  if (busy_ || stopping_ || pending_.empty() || Clock::now() < idle_until_) { return; }
  for (const DrawId id : pending_) {
    const Draw& draw = shown_.at(id).draw;
    if (needs_root(draw)) { return compute(draw); }
    if (!needs_results(draw)) { continue; }
    if (applying_ && applying_->draw_id == id) { return send_results(); }
    return compute(draw);
  }
}

void DrawDesk::compute(const Draw& draw) {
  if (worker_.joinable()) { worker_.join(); }
  const auto work = [this, draw, stored = api_.node().projector().stored()] {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    Computed result{.draw_id = draw.draw_id};
    auto facts =
        read_draw_facts(api_.node().files(), api_.node().data(), draw, stored, api_.credentials());
    if (!facts) {
      result.failed = facts.error();
    } else if (!facts->closed) {
      result.early = true;
    } else {
      const DrawEntries entries(std::move(facts->holders));
      result.root = entries.root();
      result.count = static_cast<std::int64_t>(entries.count());
      if (draw.phase == DrawPhase::decided) {
        // Whom the engine passes over is not known here: all are ranked that may be asked for.
        const Hash256 seed =
            draw_seed(draw_name(draw.draw_id), draw.root, draw.reveal, draw.beacon);
        result.order = entries.order(seed, entries.count());
        if (result.root != draw.root) { result.failed = "the entries have another root by now"; }
      }
    }
    api_.run_later([this, result = std::move(result)] { computed(result); });
  };
  try {
    worker_ = std::thread(work);
    busy_ = true;
  } catch (const std::system_error&) {
    wait(kFailedRetry);  // No threads to be had.
  }
}

void DrawDesk::computed(const Computed& result) {
  busy_ = false;
  if (!result.failed.empty()) {
    api_.warn("the draw " + draw_name(result.draw_id) + " waits: " + result.failed);
    return wait(kFailedRetry);
  }
  if (result.early) { return wait(kFactsRetry); }
  if (needs_root(shown_.at(result.draw_id).draw)) { return send_root(result); }
  applying_ = Applying{result.draw_id, result.order};
  step();
}

void DrawDesk::send_root(const Computed& result) {
  busy_ = api_.try_ask(PublishDrawRoot{result.draw_id, result.root, result.count},
                       [this](const AnswerHead& answer) {
                         busy_ = false;
                         const bool done = answer.kind == AnswerKind::result && answer.status == 0;
                         wait(done ? kFactsRetry : kRefusedRetry);
                       });
}

void DrawDesk::send_results() {
  const DrawId id = applying_->draw_id;
  const ApplyDrawResults step = next_draw_step(id, applying_->order, shown_.at(id).draw.applied);
  busy_ = api_.try_ask(step, [this, id](const AnswerHead& answer) { applied(id, answer); });
}

void DrawDesk::applied(DrawId id, const AnswerHead& answer) {
  using enum ApplyDrawResultsStatus;
  busy_ = false;
  const auto result = decode<ApplyDrawResultsResult>(answer.result());
  if (answer.kind != AnswerKind::result || !result) { return wait(kRefusedRetry); }
  // What the board will show soon.
  Draw& draw = shown_.at(id).draw;
  draw.applied = std::max(draw.applied, result->next);
  if (result->status == completed || result->status == draw_completed) {
    applying_.reset();
    pending_.erase(id);
    return;
  }
  if (result->status != ApplyDrawResultsStatus::applied && result->status != draw_out_of_step) {
    return wait(kRefusedRetry);
  }
  if (!stopping_) { send_results(); }
}

}  // namespace firebrand
