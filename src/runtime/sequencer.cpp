#include "runtime/sequencer.hpp"

#include <algorithm>

#include "base/codec_binary.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/state.hpp"
#include "log/record.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kRecordBytesMax = log::record_size(kCommandBytesMax);
/// Facts of one command: run_due meets at most kRunDueLimitMax deadlines with two facts each.
constexpr std::size_t kFactsBytesMax = 2 * kRunDueLimitMax * log::record_size(512);

}  // namespace

Sequencer::Sequencer(Engine& engine, Rings rings, const LogSpace& log_space, LiveBoard& board,
                     Clock& clock, LogOffset last, Timestamp last_stamp, std::uint64_t term,
                     SequencerOptions options)
    : engine_(engine),
      rings_(rings),
      log_space_(log_space),
      board_(board),
      stamper_(clock, last_stamp),
      options_(options),
      ties_(options.tie_entries_max),
      offset_(last),
      term_(term) {
  FB_ASSERT(rings_.facts.capacity() >= 2 * kFactsBytesMax);
  update_stats();
}

bool Sequencer::step() {
  const Timestamp now = stamper_.stamp();
  stats_.clock_drift_ms.store(stamper_.drift().count(), std::memory_order_relaxed);
  stats_.clock_behind_ms.store(stamper_.behind().count(), std::memory_order_relaxed);
  admission_ = Admission::admitted;
  own_waits_ = false;
  bool worked = adopt_rules(now);
  // What is due goes before waiting requests.
  if (run_due(now)) {
    worked = true;
    const auto due = engine_.next_due();
    if (due && *due <= now) {
      publish_rings();
      return true;
    }
  }
  worked = record_refusals(now) || worked;
  worked = record_tie_order(now) || worked;
  worked = decide_ties(now) || worked;
  worked = take_requests(now) || worked;
  if (board_offset_ != offset_ && now >= board_at_ + options_.board_period) { publish_board(now); }
  if (note_wanted_.load(std::memory_order_relaxed)) {
    note_wanted_.store(false, std::memory_order_relaxed);
    const std::lock_guard lock(note_mutex_);
    note_ = DigestNote{offset_, engine_.digest()};
  }
  if (worked) {
    publish_rings();
    update_stats();
  }
  return worked;
}

std::optional<Timestamp> Sequencer::wake_at() const {
  std::optional<Timestamp> at = engine_.next_due();
  const auto sooner = [&](Timestamp other) {
    if (!at || other < *at) { at = other; }
  };
  if (!refusals_.empty()) { sooner(refusals_recorded_at_ + options_.refusals_period); }
  if (ties_.has_sums()) { sooner(ties_recorded_at_ + options_.refusals_period); }
  if (const auto end = ties_.next_end()) { sooner(*end); }
  if (board_offset_ != offset_) { sooner(board_at_ + options_.board_period); }
  return at;
}

Sequencer::Admission Sequencer::admission() noexcept {
  // Once refused, refused for the rest of the step: rules and what is due come first, and a request
  // must not overtake them because space came a moment later.
  if (admission_ != Admission::admitted) { return admission_; }
  // The refusal record and the next due record must find room as well.
  if (log_space_.allowance(enqueued_bytes_) < 3 * kRecordBytesMax || log_space_.facts_full()) {
    admission_ = Admission::no_log_space;
  } else if (!rings_.commits.has_room(kRecordBytesMax) || !rings_.facts.has_room(kFactsBytesMax)) {
    admission_ = Admission::no_room;
  }
  return admission_;
}

bool Sequencer::admits_own() noexcept {
  const bool admitted = admission() == Admission::admitted;
  own_waits_ = own_waits_ || !admitted;
  return admitted;
}

bool Sequencer::adopt_rules(Timestamp now) {
  if (engine_.rules_version() >= kRulesVersion || !admits_own()) { return false; }
  const Outcome outcome = apply_own(AdoptRules{kRulesVersion}, now);
  FB_ASSERT(outcome.kind == Outcome::Kind::applied);
  return true;
}

bool Sequencer::run_due(Timestamp now) {
  const auto due = engine_.next_due();
  if (!due || *due > now || !admits_own()) { return false; }
  const Outcome outcome = apply_own(RunDue{kRunDueLimitMax}, now);
  FB_ASSERT(outcome.kind == Outcome::Kind::applied);
  return true;
}

bool Sequencer::record_refusals(Timestamp now) {
  if (refusals_.empty() || now < refusals_recorded_at_ + options_.refusals_period ||
      !admits_own()) {
    return false;
  }
  refusals_recorded_at_ = now;
  return apply_own(refusals_.take(), now).kind == Outcome::Kind::applied;
}

bool Sequencer::record_tie_order(Timestamp now) {
  if (!ties_.has_sums() || now < ties_recorded_at_ + options_.refusals_period || !admits_own()) {
    return false;
  }
  ties_recorded_at_ = now;
  return apply_own(ties_.take_sums(), now).kind == Outcome::Kind::applied;
}

bool Sequencer::record_last_refusals() {
  const bool refusals = !refusals_.empty() && admits_own();
  if (refusals) { (void)apply_own(refusals_.take(), stamper_.stamp()); }
  const bool ties = ties_.has_sums() && admits_own();
  if (ties) { (void)apply_own(ties_.take_sums(), stamper_.stamp()); }
  if (!refusals && !ties) { return false; }
  publish_rings();
  update_stats();
  return true;
}

bool Sequencer::decide_ties(Timestamp now) {
  ties_.close_due(now);
  std::uint32_t count = 0;
  for (; count < options_.requests_per_step; ++count) {
    const TieEntry* const entry = ties_.next();
    if (entry == nullptr) { break; }
    if (const TieEntry* const later = ties_.ahead(options_.prefetch_distance)) {
      engine_.prefetch(later->command(), later->head.key);
    }
    const Decision decision = decide(entry->head, entry->command(), now);
    if (!decision.made) {
      own_waits_ = true;
      break;
    }
    ties_.pop(decision.applied);
    stats_.tie_decided.add(1);
  }
  return count > 0;
}

bool Sequencer::take_requests(Timestamp now) {
  const std::span<const std::byte> waiting = rings_.requests.readable();
  std::size_t taken = 0;
  std::size_t ahead = 0;  // Up to here memory is being fetched.
  std::uint32_t fetched = 0;
  bool blocked = false;
  for (std::uint32_t count = 0; count < options_.requests_per_step; ++count) {
    while (fetched < count + options_.prefetch_distance) {
      const RequestHead* const next = first_request(waiting.subspan(ahead));
      if (next == nullptr) { break; }
      engine_.prefetch({next->number, next->payload()}, next->key);
      ahead += next->size;
      ++fetched;
    }
    const RequestHead* const request = first_request(waiting.subspan(taken));
    if (request == nullptr) { break; }
    const RequestHead& head = *request;
    const CommandBytes command{head.number, head.payload()};
    const bool buys = head.number == kNumberOf<PlaceOrder>;

    if (buys && engine_.state().drops.any_ties()) {
      const TieWindows::Taken tied = ties_.take(head, command.payload, engine_.state().drops, now);
      if (tied == TieWindows::Taken::full) {
        blocked = true;
        break;
      }
      if (tied == TieWindows::Taken::yes) {
        stats_.tie_waited.add(1);
        taken += head.size;
        continue;
      }
    }
    if (!rings_.answers.has_room(kAnswerEntryBytesMax)) {
      blocked = true;
      break;
    }
    if (head.number >= kFirstQueryNumber) {
      std::array<std::byte, kAnswerBytesMax> result;
      const std::size_t size = engine_.answer(command, now, result);
      const auto kind = size == 0 ? AnswerKind::undecodable : AnswerKind::result;
      answer(head, kind, size == 0 ? std::uint8_t{0} : std::to_integer<std::uint8_t>(result[0]),
             std::span(result).first(size), now);
      stats_.queries.add(1);
    } else {
      const Decision decision = decide(head, command, now);
      if (!decision.made) {
        blocked = true;
        break;
      }
      if (buys && decision.applied) { ties_.accepted({decision.subject}, head.received_ns); }
    }
    taken += head.size;
  }
  blocked = blocked || own_waits_;
  const bool changed = blocked != blocked_.load(std::memory_order_relaxed);
  if (changed) { blocked_.store(blocked, std::memory_order_seq_cst); }
  if (taken > 0) { rings_.requests.consume(taken); }
  // Whoever made room before the flag was up wakes nobody: look once more.
  return taken > 0 || (changed && blocked);
}

Sequencer::Decision Sequencer::decide(const RequestHead& head, const CommandBytes& command,
                                      Timestamp now) {
  if (!rings_.answers.has_room(kAnswerEntryBytesMax)) { return {}; }
  switch (admission()) {
    case Admission::admitted:
      break;
    case Admission::no_room:
      return {};
    case Admission::no_log_space:
      answer(head, AnswerKind::log_full, 0, {}, now);
      stats_.commands_log_full.add(1);
      return {.made = true};
  }
  const Outcome outcome = apply(command, head.key, head.actor, now);
  const auto result = std::span(outcome.result).first(outcome.result_size);
  switch (outcome.kind) {
    case Outcome::Kind::applied:
      answer(head, AnswerKind::result, outcome.status, result, now);
      return {.made = true, .applied = true, .subject = outcome.subject};
    case Outcome::Kind::not_applied:
      answer(head, AnswerKind::result, outcome.status, result, now);
      break;
    case Outcome::Kind::replayed:
      answer(head, AnswerKind::replayed, outcome.status, result, now);
      break;
    case Outcome::Kind::request_key_reused:
      answer(head, AnswerKind::request_key_reused, 0, {}, now);
      break;
    case Outcome::Kind::undecodable:
      answer(head, AnswerKind::undecodable, 0, {}, now);
      break;
  }
  return {.made = true};
}

Outcome Sequencer::apply(const CommandBytes& command, const RequestKey& key, const Actor& actor,
                         Timestamp now) {
  CommandContext context{
      .offset = {offset_.value + 1}, .timestamp = now, .actor = actor, .facts = &facts_};
  const Outcome outcome = engine_.apply(command, key, context);
  if (outcome.kind == Outcome::Kind::applied) {
    ++offset_.value;
    append_record(command, key, actor, now);
    append_facts(actor, key, now);
    stats_.commands_applied.add(1);
    // What staff change by hand is rare, and seen at once: their answer waits for this offset.
    if (actor.kind == ActorKind::staff) { publish_board(now); }
  } else if (outcome.kind == Outcome::Kind::replayed) {
    stats_.commands_replayed.add(1);
  } else {
    stats_.commands_not_applied.add(1);
    if (command.number == kNumberOf<PlaceOrder> && outcome.kind == Outcome::Kind::not_applied) {
      // Of drops that are there alone: anybody may name others, and the sums have few places.
      const DropId drop_id{outcome.subject};
      if (engine_.state().drops.has(drop_id) && !refusals_.add(drop_id, outcome.status)) {
        stats_.refusals_not_recorded.add(1);
      }
    }
  }
  return outcome;
}

template <class C>
Outcome Sequencer::apply_own(const C& command, Timestamp now) {
  std::array<std::byte, encoded_size_max<C>()> bytes;
  const std::size_t size = encode(command, bytes.data());
  return apply({kNumberOf<C>, std::span(bytes).first(size)}, {}, {}, now);
}

void Sequencer::append_record(const CommandBytes& command, const RequestKey& key,
                              const Actor& actor, Timestamp now) {
  const CommandInfo* const info = find_command(command.number);
  const std::size_t size = log::lay_record({.actor_kind = static_cast<std::uint8_t>(actor.kind),
                                            .type = command.number,
                                            .version = info->version,
                                            .offset = offset_,
                                            .timestamp = now,
                                            .term = term_,
                                            .actor_id = actor.id,
                                            .request_id = key},
                                           command.payload, rings_.commits.end());
  rings_.commits.push(size);
  enqueued_bytes_ += size;
}

void Sequencer::append_facts(const Actor& actor, const RequestKey& key, Timestamp now) {
  std::uint16_t index = 0;
  for (const FactBuffer::Entry& fact : facts_.entries()) {
    // admission() has asked for as much as any command may need.
    FB_ASSERT(rings_.facts.has_room(log::record_size(facts_.payload(fact).size())));
    rings_.facts.push(log::lay_record({.actor_kind = static_cast<std::uint8_t>(actor.kind),
                                       .type = fact.type,
                                       .version = fact.version,
                                       .index = index++,
                                       .offset = offset_,
                                       .timestamp = now,
                                       .term = term_,
                                       .actor_id = actor.id,
                                       .request_id = key,
                                       .cause = offset_.value},
                                      facts_.payload(fact), rings_.facts.end()));
  }
}

void Sequencer::answer(const RequestHead& request, AnswerKind kind, std::uint8_t status,
                       std::span<const std::byte> result, Timestamp now) {
  AnswerHead& head = push_answer(rings_.answers, result);
  head.number = request.number;
  head.token = request.token;
  head.wait_offset = offset_;
  head.timestamp = now;
  head.kind = kind;
  head.status = status;
}

void Sequencer::publish_board(Timestamp now) {
  board_at_ = now;
  board_offset_ = offset_;
  LiveBoardPage page = take_changes(engine_, offset_);
  if (!page.empty()) { board_.push(std::move(page)); }
}

void Sequencer::publish_rings() noexcept {
  // Facts first: once a record is durable, its facts are there for the projector to see.
  rings_.facts.publish();
  rings_.commits.publish();
  rings_.answers.publish();
}

void Sequencer::update_stats() noexcept {
  const State& state = engine_.state();
  stats_.repeats.set(state.repeats.size());
  stats_.orders_live.set(state.orders.live());
  stats_.accounts.set(state.ledger.accounts());
}

std::optional<DigestNote> Sequencer::take_digest_note() {
  const std::lock_guard lock(note_mutex_);
  return std::exchange(note_, std::nullopt);
}

}  // namespace firebrand
