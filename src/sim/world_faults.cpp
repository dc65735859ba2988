#include <algorithm>
#include <string>

#include "log/segment.hpp"
#include "log/snapshot_file.hpp"
#include "runtime/replay.hpp"
#include "sim/compare.hpp"
#include "sim/world.hpp"

/// What happens to a process from outside, and how the next one begins.
namespace firebrand {

namespace {

constexpr const char* kData = "data";

}  // namespace

// ---- The disk ----------------------------------------------------------------------------------

void World::disturb_disk() {
  switch (prng_.below(5)) {
    case 0:
    case 1:
      // Full, or almost: a segment more may still fit.
      files_.set_space_limit(files_.bytes_used() + prng_.below(3) * (40U << 10));
      space_ends_at_ = step_ + prng_.below(4'000) + 10;
      trace_.add("disk_full");
      // All that ends meanwhile makes far more facts than records.
      if (prng_.below(3) != 0) { leap(); }
      break;
    case 2:
      files_.fail_sync(prng_.below(12) + 1);
      sync_failure_armed_ = true;
      trace_.add("sync_will_fail");
      break;
    default: {
      const std::uint64_t more = prng_.below(30);
      files_.stop_after(more);
      stop_at_ = files_.operations() + more;
      trace_.add("will_stop", more);
      break;
    }
  }
}

void World::end_disk_faults() {
  files_.set_space_limit(std::nullopt);
  files_.fail_sync(0);
  space_ends_at_ = 0;
  sync_failure_armed_ = false;
  if (stop_at_) {
    // Far away: a stop ends only with its process.
    files_.stop_after(UINT64_MAX / 2);
    stop_at_.reset();
  }
}

void World::damage_snapshot() {
  const auto offsets = log::list_snapshots(files_, snapshots_directory(kData));
  if (!offsets || offsets->empty()) { return; }
  const std::string path =
      log::join_path(snapshots_directory(kData), log::snapshot_name(offsets->front()));
  const std::uint64_t size = files_.content(path).size();
  if (size == 0) { return; }
  const std::uint64_t at = prng_.below(size);
  files_.flip_bits(path, at, static_cast<std::uint8_t>(1U << prng_.below(8)));
  snapshots_damaged_.insert(offsets->front());
  trace_.add("snapshot_damaged", offsets->front().value);
}

/// No snapshot is passed over but those that were damaged: one that does not load into the digest
/// it was written with would be a bug, and the log would hide it.
void World::audit_warnings() {
  for (const std::string& warning : warnings_) {
    const bool was_damaged =
        std::any_of(snapshots_damaged_.begin(), snapshots_damaged_.end(), [&](LogOffset offset) {
          return warning.find(log::snapshot_name(offset)) != std::string::npos;
        });
    audit(was_damaged, [&] { return warning; });
    probes_.fire(Probe::snapshot_damaged_passed_over);
  }
  warnings_.clear();
}

// ---- The clock ---------------------------------------------------------------------------------

void World::disturb_clock() {
  switch (prng_.below(5)) {
    case 0:
      clock_.jump_wall(Millis{prng_.between(1, 7'200'000)});
      probes_.fire(Probe::clock_jumped_ahead);
      break;
    case 1:
      clock_.jump_wall(-Millis{prng_.between(1, 7'200'000)});
      probes_.fire(Probe::clock_jumped_back);
      break;
    case 2:
      clock_.set_drift_ppm(static_cast<std::int32_t>(prng_.between(-3'000, 3'000)));
      break;
    case 3:
      clock_.set_wall(clock_.stands() ? VirtualClock::Wall::runs : VirtualClock::Wall::stands);
      break;
    default:
      set_clock_right();
      break;
  }
  trace_.add("clock", static_cast<std::uint64_t>(to_unix_ms(clock_.wall())));
}

void World::set_clock_right() {
  clock_.set_wall(VirtualClock::Wall::runs);
  clock_.set_drift_ppm(0);
  clock_.jump_wall(from_unix_ms(true_ms_) - clock_.wall());
}

// ---- The end of a process, and the next --------------------------------------------------------

void World::kill() {
  ++kills_;
  auditor_.crashed();
  crowd_.cut_off();
  if (node_ != nullptr) { facts_before_ = node_->projector().stored(); }
  node_.reset();
  note_.reset();
  stop_at_.reset();
  if (prng_.chance_ppm(temper_.power_loss_ppm)) {
    files_.crash();
    clock_.restart_monotonic(prng_.between(0, 1'000'000));
    trace_.add("power_loss");
  } else {
    files_.restart_process();
    probes_.fire(Probe::process_killed_without_power_loss);
    trace_.add("process_killed");
  }
  if (prng_.below(2) == 0) {
    files_.fail_sync(0);
    sync_failure_armed_ = false;
  }
  if (prng_.below(12) == 0) { damage_snapshot(); }
  // It takes a while until the next one is there.
  const Millis away{prng_.between(0, 5'000)};
  clock_.advance(away);
  true_ms_ += away.count();
  if (prng_.below(3) != 0) { set_clock_right(); }
}

void World::start() {
  for (int attempt = 0;; ++attempt) {
    if (attempt == 0 && prng_.below(4) == 0) {
      const std::uint64_t more = prng_.below(40);
      files_.stop_after(more);
      stop_at_ = files_.operations() + more;
      trace_.add("will_stop", more);
    }
    if (attempt > 3) { end_disk_faults(); }
    const bool started = try_start();
    if (started && !stopped()) { break; }
    if (stopped()) { probes_.fire(Probe::crash_inside_recovery); }
    kill();
  }
  const LogOffset offset = node_->sequencer().last_offset();
  trace_.add("started", offset.value, node_->start().replayed, node_->engine().digest());
  const NodeStart& begun = node_->start();
  audit(begun.snapshot_offset.value + begun.replayed == offset.value,
        "snapshot and replayed records do not make the log");
  auditor_.recovered(offset);
  snapshot_offset_ = begun.snapshot_offset;
  if (begun.torn_bytes > 0) { probes_.fire(Probe::torn_tail_cut); }
  if (begun.replayed > 0) { probes_.fire(Probe::records_replayed_at_start); }
  if (begun.snapshot_offset.value > 0) { probes_.fire(Probe::snapshot_used_at_start); }
  if (node_->projector().stored() > facts_before_) {
    probes_.fire(Probe::facts_caught_up_at_start);
  }
  const auto segments = log::list_segments(files_, log_directory(kData));
  if (segments && segments->segments.size() > 1) { probes_.fire(Probe::segment_rotated); }
  const Timestamp last = offset.value == 0 ? Timestamp{} : auditor_.entry(offset).at;
  stamps_ = StampModel(clock_.wall(), clock_.monotonic_ms(), last);
  now_ = std::max(last, clock_.wall());
  still_since_ms_ = clock_.monotonic_ms();
  const Millis behind = node_->sequencer().stamper().behind_at_start();
  audit(behind == std::max(Millis{0}, last - clock_.wall()), "another time behind at the start");
  if (behind > kClockBehindMax) { probes_.fire(Probe::clock_behind_at_start); }
  const std::uint64_t* const seen = auditor_.digest_at(offset);
  audit(seen == nullptr || *seen == node_->engine().digest(),
        "the state has another digest than the one seen live at this offset");
  compare_all(node_->engine(), auditor_.live());
  audit_log(files_, *node_, auditor_);
  facts_audit_.begin();
  facts_audit_.follow(files_, *node_, auditor_);
}

/// @return whether the data directory could be opened. If not, there must be a reason.
bool World::try_start() {
  auto opened = Node::open(files_, kData, clock_, temper_.node);
  audit_warnings();
  if (opened) {
    node_ = std::move(*opened);
    node_->sequencer().use_tie_keys([](const CreateDrop& plan) { return sim_tie_key(plan.code); });
    return true;
  }
  const std::string& message = opened.error().message;
  trace_.add("not_started");
  if (message.find("no space") != std::string::npos) {
    probes_.fire(Probe::start_refused_without_space);
  }
  audit(any_disk_fault(), [&] { return "the data directory cannot be opened: " + message; });
  return false;
}

}  // namespace firebrand
