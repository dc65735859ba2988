#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "log/faulty_file_system.hpp"
#include "runtime/node.hpp"
#include "sim/auditor.hpp"
#include "sim/crowd.hpp"
#include "sim/probes.hpp"
#include "sim/stamp_model.hpp"
#include "sim/storage_audit.hpp"
#include "sim/trace.hpp"
#include "sim/virtual_clock.hpp"

namespace firebrand {

struct RunOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 20'000;
  bool verbose = false;
};

struct RunReport {
  std::string failure;  ///< Empty: all that was audited held.
  std::uint64_t trace_hash = 0;
  std::uint64_t kills = 0;  ///< Ends of a process, those inside a recovery included.
  std::uint64_t records = 0;
  std::uint64_t answers = 0;
  Probes probes{};

  [[nodiscard]] bool passed() const { return failure.empty(); }
};

/// One run: an engine with its log on a disk that loses what was not synced, a clock that jumps,
/// people who buy, and an auditor. The seed decides everything; one thread.
class World {
 public:
  explicit World(const RunOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  RunReport run();

 private:
  enum class Action : std::uint8_t {
    sequencer,
    committer,
    projector,
    space_keeper,
    take_answers,
    send,
    rush,
    pass_time,
    snapshot,
    archive,
    take_pages,
    disturb_clock,
    disturb_disk,
    check,
    rest,
  };
  static constexpr std::size_t kActions = 15;

  /// Drawn from the seed: what this run does often and what it does not do.
  struct Temper {
    std::array<std::uint32_t, kActions> weights{};
    std::uint32_t kill_ppm = 0;        ///< Before each action.
    std::uint32_t power_loss_ppm = 0;  ///< Of kills; else the process alone dies.
    std::int64_t tick_ms_max = 0;
    std::uint32_t leap_ppm = 0;  ///< Of passing time: hours and days at once.
    bool short_writes = false;
    NodeOptions node{};
  };
  static Temper draw_temper(Prng& prng);

  // world.cpp: a living process.
  void act(Action action);
  void step_sequencer();
  void step_committer();
  bool step_projector();
  void take_answers(std::uint64_t most);
  void send(SimRequest request);
  void rush();
  void pass_time();
  void leap();
  void take_pages();
  void snapshot();
  void archive();
  void check_deeply();
  void check_board();
  void quiesce();
  [[nodiscard]] bool step_all();

  // world_faults.cpp: what happens to it.
  void start();
  bool try_start();
  void kill();
  void disturb_clock();
  void set_clock_right();
  void disturb_disk();
  void end_disk_faults();
  void damage_snapshot();
  void audit_warnings();
  [[nodiscard]] bool any_disk_fault() const {
    return space_ends_at_ != 0 || stop_at_.has_value() || sync_failure_armed_;
  }
  [[nodiscard]] bool stopped() const { return stop_at_ && files_.operations() >= *stop_at_; }

  const RunOptions options_;
  Prng prng_;
  Probes probes_;
  Trace trace_;
  Temper temper_;
  log::FaultyFileSystem files_;
  VirtualClock clock_;
  std::int64_t true_ms_ = 0;  ///< What a right wall clock would say.
  Crowd crowd_;
  Auditor auditor_;
  FactsAudit facts_audit_;
  StampModel stamps_;
  std::unique_ptr<Node> node_;
  Timestamp now_{};  ///< The last stamp.

  std::uint64_t step_ = 0;
  std::uint64_t kills_ = 0;
  std::uint64_t space_ends_at_ = 0;       ///< Step at which the disk has space again; 0: it has.
  std::optional<std::uint64_t> stop_at_;  ///< Disk operation at which the process dies.
  bool sync_failure_armed_ = false;
  std::optional<DigestNote> note_;
  LogOffset snapshot_offset_{};
  std::set<LogOffset> snapshots_damaged_;
  std::vector<std::string> warnings_;  ///< Of the start that is going on.
  log::Position facts_before_{};       ///< The last fact said to be stored by the process before.
  std::int64_t still_since_ms_ = 0;    ///< Monotonic time of the last stamp that moved.
};

}  // namespace firebrand
