#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/types.hpp"
#include "core/engine/engine.hpp"
#include "core/facts.hpp"
#include "core/launch/drops.hpp"
#include "log/writer.hpp"
#include "runtime/byte_ring.hpp"
#include "runtime/live_board.hpp"
#include "runtime/messages.hpp"
#include "runtime/refusal_sums.hpp"
#include "runtime/stamper.hpp"
#include "runtime/tie_windows.hpp"

namespace firebrand {

struct SequencerOptions {
  /// Requests taken by one step, so that what is due never waits long.
  std::uint32_t requests_per_step = 512;
  /// How many requests ahead memory is fetched; zero: none.
  std::uint32_t prefetch_distance = 8;
  /// At most one record_refusals, and one record_tie_order, in this time.
  Millis refusals_period{1'000};
  Millis board_period{20};                 ///< At most one live board in this time, but for staff.
  std::uint32_t tie_entries_max = 65'536;  ///< Purchases that wait for the end of tie windows.
  /// Purchases that make_ready() holds memory ready for: about 350 bytes each.
  std::uint64_t purchases_ready_max = 1'000'000;
};

/// How much log space there is for commands that are not yet applied.
class LogSpace {
 public:
  explicit LogSpace(const log::Writer& writer) : writer_(writer) {}

  /// Record bytes that may still be admitted. `enqueued`: bytes handed over since the start.
  [[nodiscard]] std::uint64_t allowance(std::uint64_t enqueued) const noexcept {
    // Read in this order: see log::Writer::space_left().
    const std::uint64_t waiting = enqueued - appended_.load(std::memory_order_acquire);
    const std::uint64_t left = writer_.space_left();
    return left > waiting ? left - waiting : 0;
  }
  /// For the committer: bytes written since the start.
  void set_appended(std::uint64_t bytes) noexcept {
    appended_.store(bytes, std::memory_order_release);
  }
  /// For the projector: facts/ cannot take more, so no command may be admitted either.
  void set_facts_full(bool full) noexcept { facts_full_.store(full, std::memory_order_relaxed); }
  [[nodiscard]] bool facts_full() const noexcept {
    return facts_full_.load(std::memory_order_relaxed);
  }

 private:
  const log::Writer& writer_;
  std::atomic<std::uint64_t> appended_{0};
  std::atomic<bool> facts_full_{false};
};

/// The state's digest at an offset, for the snapshot process to reach.
struct DigestNote {
  LogOffset offset{};
  std::uint64_t digest = 0;
};

/// A figure that one thread writes and others read: no locked instruction.
class Count {
 public:
  void add(std::uint64_t more) noexcept { set(get() + more); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Counters for /metrics; the sequencer writes, anybody reads.
struct SequencerStats {
  Count commands_applied;
  Count commands_not_applied;
  Count commands_replayed;
  Count commands_log_full;
  Count refusals_not_recorded;  ///< Refused purchases that found no place in the sums.
  Count queries;
  Count tie_waited;   ///< Purchases that waited for the end of a tie window.
  Count tie_decided;  ///< Those of them that were answered.
  Count repeats;      ///< Remembered request keys.
  Count orders_live;
  Count accounts;
  std::atomic<std::int64_t> clock_drift_ms{0};
  std::atomic<std::int64_t> clock_behind_ms{0};  ///< Wall clock behind the newest stamp.
};

/// The one place where commands get their order and their time.
///
/// A step: stamp the time; log what is due; sum up refusals; decide the purchases whose tie windows
/// are over; then take requests, apply each, and hand what changed state to the commit ring. Every
/// answer carries the newest offset it may rest on. No thread, sleep or I/O inside: whoever steps
/// it gives it a thread. Two mutexes are taken, for the live board and the digest note, each for as
/// long as it takes to move what it guards.
class Sequencer {
 public:
  struct Rings {
    ByteRing& requests;  ///< In: RequestHead entries.
    ByteRing& answers;   ///< Out: AnswerHead entries.
    ByteRing& commits;   ///< Out: encoded log records.
    ByteRing& facts;     ///< Out: encoded fact records.
  };

  /// @param last  Offset and stamp of the newest applied record.
  Sequencer(Engine& engine, Rings rings, const LogSpace& log_space, LiveBoard& board, Clock& clock,
            LogOffset last, Timestamp last_stamp, std::uint64_t term, SequencerOptions options);

  /// From whom the order within tie windows comes, before the first step: without keys there are no
  /// windows.
  void use_tie_keys(TieWindows::Keys keys) { ties_.use_keys(std::move(keys)); }

  /// @return true if anything was done: step again. False: nothing to do until a request comes,
  /// room is made, or wake_at().
  bool step();

  /// For the end, after a step that had nothing to do: records the sums that still wait for their
  /// period, if there is room. @return whether it did: let it become durable.
  bool record_last_refusals();

  /// Publishes what changed since the last board, whatever its period. For who steps it alone.
  void publish_board() { publish_board(board_at_); }

  /// For the moments in which step() has nothing to do: makes memory ready for the sales that are
  /// planned, one piece at a time. The kernel clears a huge page in it, which may take longer than
  /// the 2 ms that a command may: a request that comes meanwhile waits for it.
  /// @return true if anything was done: step() and then again.
  bool make_ready() { return engine_.make_ready(options_.purchases_ready_max); }

  /// When step() has something to do although no request came.
  [[nodiscard]] std::optional<Timestamp> wake_at() const;

  [[nodiscard]] LogOffset last_offset() const noexcept { return offset_; }
  [[nodiscard]] const SequencerStats& stats() const noexcept { return stats_; }
  [[nodiscard]] const Stamper& stamper() const noexcept { return stamper_; }

  /// Any thread: requests wait because a ring is full, or what is due because a ring or the log is;
  /// step again when there is more room.
  [[nodiscard]] bool blocked() const noexcept { return blocked_.load(std::memory_order_seq_cst); }

  /// Any thread: asks for the digest; take_digest_note() has it some steps later.
  void request_digest_note() noexcept { note_wanted_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] std::optional<DigestNote> take_digest_note();

 private:
  enum class Admission : std::uint8_t { admitted, no_log_space, no_room };

  /// May one more command be applied in this step, whatever it will write?
  [[nodiscard]] Admission admission() noexcept;
  /// The same for a command of our own, which waits if it may not.
  [[nodiscard]] bool admits_own() noexcept;
  [[nodiscard]] bool run_due(Timestamp now);
  [[nodiscard]] bool adopt_rules(Timestamp now);
  [[nodiscard]] bool record_refusals(Timestamp now);
  [[nodiscard]] bool record_tie_order(Timestamp now);
  [[nodiscard]] bool decide_ties(Timestamp now);
  [[nodiscard]] bool take_requests(Timestamp now);
  void publish_board(Timestamp now);
  void publish_rings() noexcept;
  void update_stats() noexcept;

  struct Decision {
    bool made = false;  ///< Or there is no room for its record or its answer: once more later.
    bool applied = false;
    std::uint64_t subject = 0;  ///< Of the command, if it was applied.
  };

  /// Applies a command and answers it.
  Decision decide(const RequestHead&, const CommandBytes&, Timestamp now);
  Outcome apply(const CommandBytes&, const RequestKey&, const Actor&, Timestamp now);
  template <class C>
  Outcome apply_own(const C& command, Timestamp now);
  void append_record(const CommandBytes&, const RequestKey&, const Actor&, Timestamp now);
  void append_facts(const Actor&, const RequestKey&, Timestamp now);
  void answer(const RequestHead&, AnswerKind, std::uint8_t status,
              std::span<const std::byte> result, Timestamp now);

  Engine& engine_;
  Rings rings_;
  const LogSpace& log_space_;
  LiveBoard& board_;
  Stamper stamper_;
  SequencerOptions options_;
  FactBuffer facts_;
  RefusalSums refusals_;
  TieWindows ties_;

  Admission admission_ = Admission::admitted;  ///< Of this step, so far.
  bool own_waits_ = false;                     ///< In this step; tie windows alike.
  LogOffset offset_;
  std::uint64_t term_;
  std::uint64_t enqueued_bytes_ = 0;
  Timestamp refusals_recorded_at_{};
  Timestamp ties_recorded_at_{};
  Timestamp board_at_{};
  LogOffset board_offset_{};

  std::atomic<bool> blocked_{false};
  std::atomic<bool> note_wanted_{false};
  std::mutex note_mutex_;
  std::optional<DigestNote> note_;
  SequencerStats stats_;
};

}  // namespace firebrand
