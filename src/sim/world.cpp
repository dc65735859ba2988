#include "sim/world.hpp"

#include <algorithm>
#include <utility>

#include "log/archive.hpp"
#include "sim/compare.hpp"

namespace firebrand {

namespace {

constexpr Timestamp kBeginning = from_unix_ms(1'795'291'200'000);  // 2026-11-21T20:00:00Z

/// What a broken log does to a process that is simulated.
struct FailStopped {
  std::string message;
};

void fail_stop(const std::string& message) { throw FailStopped{message}; }

}  // namespace

World::Temper World::draw_temper(Prng& prng) {
  Temper temper;
  const auto weigh = [&](Action action, std::int64_t min, std::int64_t max) {
    temper.weights[static_cast<std::size_t>(action)] =
        static_cast<std::uint32_t>(prng.between(min, max));
  };
  weigh(Action::sequencer, 200, 600);
  weigh(Action::committer, 60, 500);
  weigh(Action::projector, 40, 400);
  // At times so slow that a start has much to catch up with.
  if (prng.below(4) == 0) { weigh(Action::projector, 1, 5); }
  weigh(Action::space_keeper, 40, 300);
  weigh(Action::take_answers, 60, 400);
  weigh(Action::send, 200, 700);
  weigh(Action::rush, 0, 4);
  weigh(Action::pass_time, 40, 300);
  weigh(Action::snapshot, 5, 40);
  weigh(Action::archive, 0, 6);
  weigh(Action::take_pages, 10, 60);
  weigh(Action::disturb_clock, 0, 6);
  weigh(Action::disturb_disk, 0, 8);
  weigh(Action::check, 4, 10);
  weigh(Action::rest, 0, 2);
  temper.kill_ppm = static_cast<std::uint32_t>(prng.between(100, 3'000));
  temper.power_loss_ppm = static_cast<std::uint32_t>(prng.between(300'000, 1'000'000));
  temper.tick_ms_max = prng.between(2, 400);
  temper.leap_ppm = static_cast<std::uint32_t>(prng.between(0, 20'000));
  temper.short_writes = prng.below(3) == 0;

  const auto one_of = [&](std::initializer_list<std::uint64_t> values) {
    return values.begin()[prng.below(values.size())];
  };
  NodeOptions& node = temper.node;
  node.sequencer.requests_per_step = static_cast<std::uint32_t>(one_of({1, 2, 7, 64, 512}));
  node.sequencer.prefetch_distance = static_cast<std::uint32_t>(one_of({0, 3, 8}));
  node.sequencer.tie_entries_max = static_cast<std::uint32_t>(one_of({3, 12, 65'536}));
  node.request_ring_bytes = one_of({8U << 10, 16U << 10, 64U << 10});
  node.answer_ring_bytes = one_of({8U << 10, 16U << 10, 64U << 10});
  node.commit_ring_bytes = one_of({8U << 10, 16U << 10, 64U << 10});
  node.fact_ring_bytes = 1U << 20;
  node.batch_bytes_max = one_of({2U << 10, 4U << 10, 8U << 10});
  node.segment_bytes = one_of({32U << 10, 48U << 10, 96U << 10});
  node.segments_ahead = static_cast<std::uint32_t>(one_of({2, 3}));
  node.fail_stop = &fail_stop;
  return temper;
}

World::World(const RunOptions& options)
    : options_(options),
      prng_(options.seed),
      trace_(options.verbose),
      temper_(draw_temper(prng_)),
      files_(prng_.next()),
      clock_(kBeginning + Millis{prng_.between(0, 1'000'000)}),
      true_ms_(to_unix_ms(clock_.wall())),
      crowd_(prng_.fork(), CrowdHabits::drawn(prng_), probes_),
      auditor_(temper_.node.sequencer, probes_, trace_) {
  files_.set_short_writes(temper_.short_writes);
  temper_.node.warn = [this](const std::string& message) { warnings_.push_back(message); };
}

World::~World() = default;

RunReport World::run() {
  RunReport report;
  try {
    start();
    std::uint64_t weights = 0;
    for (const std::uint32_t weight : temper_.weights) { weights += weight; }
    for (step_ = 1; step_ <= options_.steps; ++step_) {
      if (prng_.chance_ppm(temper_.kill_ppm)) {
        kill();
        start();
      }
      std::uint64_t pick = prng_.below(weights);
      std::size_t action = 0;
      while (pick >= temper_.weights[action]) { pick -= temper_.weights[action++]; }
      try {
        act(static_cast<Action>(action));
      } catch (const FailStopped&) {
        trace_.add("fail_stop");
        probes_.fire(Probe::sync_failed_and_stopped, sync_failure_armed_ ? 1 : 0);
        audit(any_disk_fault(), "the log broke although nothing was done to the disk");
        kill();
        start();
      }
      if (stopped()) {
        probes_.fire(Probe::crash_inside_a_step);
        kill();
        start();
      }
      if (space_ends_at_ != 0 && step_ >= space_ends_at_) {
        space_ends_at_ = 0;
        files_.set_space_limit(std::nullopt);
        trace_.add("space_again");
        // Sales go on by themselves.
        if (prng_.below(3) == 0) { quiesce(); }
      }
    }
    quiesce();
    kill();
    start();
    quiesce();
  } catch (const AuditFailure& failure) {
    report.failure = failure.what();
  } catch (const FailStopped& stop) {
    report.failure = "the log broke although the disk was whole: " + stop.message;
  }
  if (!report.passed()) { trace_.print_last(); }
  report.trace_hash = trace_.hash();
  report.kills = kills_;
  report.records = auditor_.offset().value;
  report.answers = auditor_.answers();
  report.probes = probes_;
  return report;
}

void World::act(Action action) {
  switch (action) {
    case Action::sequencer:
      step_sequencer();
      break;
    case Action::committer:
      step_committer();
      break;
    case Action::projector:
      step_projector();
      break;
    case Action::space_keeper:
      (void)node_->space_keeper().step();
      break;
    case Action::take_answers:
      take_answers(prng_.below(20) + 1);
      break;
    case Action::send:
      for (std::uint64_t i = prng_.below(6); i < 6; ++i) { send(crowd_.next(now_)); }
      node_->requests().publish();
      break;
    case Action::rush:
      rush();
      break;
    case Action::pass_time:
      pass_time();
      break;
    case Action::snapshot:
      snapshot();
      break;
    case Action::archive:
      archive();
      break;
    case Action::take_pages:
      take_pages();
      break;
    case Action::disturb_clock:
      disturb_clock();
      break;
    case Action::disturb_disk:
      disturb_disk();
      break;
    case Action::check:
      check_deeply();
      break;
    case Action::rest:
      quiesce();
      break;
  }
}

// ---- The process -------------------------------------------------------------------------------

void World::step_sequencer() {
  const SequencerStats& stats = node_->sequencer().stats();
  const std::uint64_t full_before = stats.commands_log_full.get();
  const std::uint64_t waited_before = stats.tie_waited.get();
  const std::uint64_t decided_before = stats.tie_decided.get();
  const std::size_t backlog_before = node_->requests().backlog();
  const auto wake_at = node_->sequencer().wake_at();
  (void)node_->sequencer().step();
  const Timestamp stamp = stamps_.stamp(clock_.wall(), clock_.monotonic_ms());
  audit(stamp >= now_, "time went back");
  if (stamp > now_) { still_since_ms_ = clock_.monotonic_ms(); }
  if (clock_.monotonic_ms() - still_since_ms_ > 1'000) { probes_.fire(Probe::stamps_stood_still); }
  now_ = stamp;

  std::size_t taken = backlog_before - node_->requests().backlog();
  std::size_t requests = 0;
  for (; taken > 0; ++requests) {
    audit(requests < auditor_.waiting().size(), "more was taken than was sent");
    const SimRequest& request = auditor_.waiting()[requests];
    taken -= message_detail::padded(sizeof(RequestHead) + request.payload.size());
  }
  if (requests < auditor_.waiting().size() && !node_->answers().has_room(kAnswerEntryBytesMax)) {
    probes_.fire(Probe::answer_ring_full);
  }
  const bool adopts = auditor_.live().rules_version() < kRulesVersion;
  if (requests == 0 && !adopts && node_->sequencer().last_offset() != auditor_.offset()) {
    audit(wake_at && *wake_at <= stamp, "something was due that wake_at() did not know of");
  }
  auditor_.stepped({.now = stamp,
                    .requests = requests,
                    .log_full = stats.commands_log_full.get() - full_before,
                    .tie_waited = stats.tie_waited.get() - waited_before,
                    .tie_decided = stats.tie_decided.get() - decided_before,
                    .offset = node_->sequencer().last_offset()},
                   node_->engine());
  compare_units(node_->engine(), auditor_.live());
}

void World::step_committer() {
  (void)node_->committer().step();
  auditor_.became_durable(node_->committer().durable());
}

bool World::step_projector() {
  if (node_->projector().step()) { return true; }
  if (node_->projector().complete() < node_->committer().durable()) {
    probes_.fire(Probe::facts_waited_for_space);
  }
  return false;
}

void World::take_answers(std::uint64_t most) {
  for (std::uint64_t i = 0; i < most; ++i) {
    const AnswerHead* const head = node_->ready_answer();
    if (head == nullptr) { return; }
    const SimAnswer answer{.token = head->token,
                           .number = head->number,
                           .kind = head->kind,
                           .status = head->status,
                           .timestamp = head->timestamp,
                           .wait_offset = head->wait_offset,
                           .result = head->result()};
    auditor_.departed(answer, node_->committer().durable());
    crowd_.answered(answer);
    node_->pop_answer(*head);
  }
}

void World::send(SimRequest request) {
  // Some come in by another way, and later than who was received after them; of some nobody knows.
  const std::uint64_t late_ms = prng_.below(4) == 0 ? prng_.below(30) : 0;
  const auto now_ms = static_cast<std::uint64_t>(clock_.monotonic_ms());
  request.received_ns = now_ms > late_ms ? (now_ms - late_ms) * 1'000'000 : 0;
  const RequestHead head{.number = request.number,
                         .token = request.token,
                         .actor = request.actor,
                         .key = request.key,
                         .received_ns = request.received_ns};
  if (push_request(node_->requests(), head, request.payload)) {
    auditor_.sent(std::move(request));
  } else {
    probes_.fire(Probe::request_ring_full);
    crowd_.turned_away(request.token);
  }
}

void World::rush() {
  const std::uint64_t people = prng_.below(600) + 50;
  for (std::uint64_t i = 0; i < people; ++i) {
    send(crowd_.next_purchase());
    if (prng_.below(40) != 0) { continue; }
    node_->requests().publish();
    step_sequencer();
    step_committer();
    take_answers(prng_.below(100));
  }
  node_->requests().publish();
}

void World::pass_time() {
  Millis time{prng_.between(0, temper_.tick_ms_max)};
  if (prng_.below(8) == 0) { time = Millis{prng_.between(0, 20'000)}; }
  if (prng_.below(4) == 0) {
    // To the very moment something is due, or the millisecond before it.
    const auto due = node_->engine().next_due();
    const Millis left = due ? *due - now_ : Millis{0};
    if (left > Millis{0} && left < Millis{60'000}) {
      time = left - Millis{static_cast<std::int64_t>(prng_.below(2))};
    }
  }
  if (prng_.chance_ppm(temper_.leap_ppm)) { return leap(); }
  clock_.advance(time);
  true_ms_ += time.count();
}

void World::leap() {
  const Millis time{prng_.between(3'600'000, 40LL * 24 * 3'600'000)};
  clock_.advance(time);
  true_ms_ += time.count();
  trace_.add("leap", static_cast<std::uint64_t>(time.count()));
}

void World::take_pages() {
  for (const LiveBoardPage& page : node_->board().take(node_->committer().durable())) {
    auditor_.page_left(page, node_->committer().durable());
  }
}

/// What the snapshot process does, in pieces: it asks for a digest, waits until that offset is
/// durable and its facts are stored, and folds.
void World::snapshot() {
  if (!note_) {
    note_ = node_->sequencer().take_digest_note();
    if (!note_) {
      node_->sequencer().request_digest_note();
      return;
    }
    const std::uint64_t* const seen = auditor_.digest_at(note_->offset);
    audit(seen != nullptr && *seen == note_->digest, "the note holds another digest");
  }
  if (note_->offset <= snapshot_offset_) {
    note_.reset();
    return;
  }
  if (node_->committer().durable() < note_->offset ||
      node_->projector().complete() < note_->offset) {
    return;
  }
  const DigestNote note = *std::exchange(note_, std::nullopt);
  const auto folded = fold_snapshot(files_, node_->data(), note.offset, note.digest);
  trace_.add("snapshot", note.offset.value, folded ? 1 : 0);
  if (!folded) {
    audit(any_disk_fault(), [&] { return folded.error().message; });
    return;
  }
  snapshot_offset_ = note.offset;
  snapshots_damaged_.erase(note.offset);
  probes_.fire(Probe::snapshot_written);
  if (prng_.below(2) == 0) { remove_old_snapshots(files_, node_->data(), 2); }
}

void World::archive() {
  const auto done = log::archive(files_, log_directory(node_->data()), {snapshot_offset_, 0});
  if (!done) {
    audit(any_disk_fault(), [&] { return done.error().message; });
    return;
  }
  probes_.fire(Probe::segment_archived, done->segments);
}

void World::check_deeply() {
  compare_all(node_->engine(), auditor_.live());
  facts_audit_.follow(files_, *node_, auditor_);
}

/// Pages reach everybody soon after the last change.
void World::check_board() {
  // Soon by the stamps: they stand still until a wall clock that was behind has caught up. Once
  // they move, in small steps: over a month something is always due, as paid orders stay.
  const Millis period = temper_.node.sequencer.board_period;
  for (Millis wait = period * 2;;) {
    const LogOffset before = auditor_.offset();
    const Timestamp stamp = now_;
    clock_.advance(wait);
    true_ms_ += wait.count();
    for (int i = 0; step_all(); ++i) { audit(i < 100'000, "it does not come to rest"); }
    const bool moved = now_ - stamp > period;
    if (moved && auditor_.offset() == before) { break; }
    wait = moved ? period * 2 : wait * 2;
  }
  const auto wake_at = node_->sequencer().wake_at();
  audit(!wake_at || *wake_at > now_, "it wants to be stepped although nothing is left to do");
  auditor_.check_board();
}

bool World::step_all() {
  const std::size_t backlog = node_->requests().backlog() + node_->answers().backlog();
  const LogOffset before = auditor_.offset();
  const LogOffset complete = node_->projector().complete();
  const std::uint64_t decided = node_->sequencer().stats().tie_decided.get();
  step_sequencer();
  bool worked = node_->space_keeper().step();
  step_committer();
  while (step_projector()) { worked = true; }
  take_answers(UINT64_MAX);
  take_pages();
  return worked || decided != node_->sequencer().stats().tie_decided.get() ||
         auditor_.offset() != before || complete != node_->projector().complete() ||
         backlog != node_->requests().backlog() + node_->answers().backlog();
}

/// With a whole disk everything comes to rest by itself, and the next command is admitted.
void World::quiesce() {
  end_disk_faults();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; step_all(); ++i) { audit(i < 100'000, "it does not come to rest"); }
    auditor_.check_quiet();
    audit(node_->committer().durable() == node_->sequencer().last_offset(),
          "something is not durable although nothing is left to do");
    audit(node_->projector().complete() == node_->committer().durable(),
          "facts are missing although nothing is left to do");
    check_deeply();
    check_board();
    if (round > 0) { break; }
    const std::uint64_t full = auditor_.answers_log_full();
    send(crowd_.next_purchase());
    node_->requests().publish();
    (void)step_all();
    audit(auditor_.answers_log_full() == full, "log_full although the disk has space");
  }
  trace_.add("quiet", auditor_.offset().value, node_->engine().digest());
}

}  // namespace firebrand
