#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>

#include "base/types.hpp"

namespace firebrand {

/// Whoever was answered looks for what was answered: a read of the records waits until these have
/// reached the log as it was when the read was asked for. Not for long: in a rush the records lag,
/// by design, and a read then shows what is there.
///
/// Cost: a closure for each read that waits, at most kWaitingMax; it ends when it is begun.
class RecordsGate {
 public:
  using Clock = std::chrono::steady_clock;
  /// Begins the read, which shows all up to `position` at least. @return false if there is no room
  /// for it now: it waits on.
  using Begin = std::function<bool(LogOffset position)>;

  static constexpr std::chrono::milliseconds kPatience{500};
  static constexpr std::size_t kWaitingMax = 4'096;

  /// I/O thread. Begins at once if it may, else later in step(), in the order of the calls.
  /// @param until  Not smaller than in earlier calls: the durable offset.
  /// @return false if too many wait already.
  [[nodiscard]] bool pass(LogOffset until, Clock::time_point now, Begin begin);

  /// I/O thread: begins what need not wait any longer.
  void step(Clock::time_point now);

  /// Any thread: every fact of every log record up to here is in the records.
  /// @return whether somebody waits, so that step() is worth a call.
  [[nodiscard]] bool reached(LogOffset position) noexcept;
  /// Any thread: the newest of these.
  [[nodiscard]] LogOffset position() const noexcept { return {position_.load()}; }

 private:
  struct Waiting {
    LogOffset until{};
    Clock::time_point deadline{};
    Begin begin;
  };

  std::deque<Waiting> waiting_;
  // Sequentially consistent, both: either who waits sees the newer position, or who moves it sees
  // that somebody waits.
  std::atomic<std::uint64_t> position_{0};
  std::atomic<bool> any_wait_{false};
};

}  // namespace firebrand
