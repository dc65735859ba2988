#pragma once

#include <cstdint>

#include "base/types.hpp"

namespace firebrand {

/// The two clocks of the machine, passed in: the simulator has its own.
class Clock {
 public:
  virtual ~Clock() = default;
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// Wall clock, UTC; may jump.
  [[nodiscard]] virtual Timestamp wall() = 0;
  /// Milliseconds since some moment; never goes back. Shared by all threads of the process.
  [[nodiscard]] virtual std::int64_t monotonic_ms() = 0;
};

/// A server this far behind the last stamp is not ready and says why.
inline constexpr Millis kClockBehindMax{5'000};

/// The time of commands: the wall clock at the start, carried on by the monotonic clock. A wall
/// clock that wanders is followed at 0.1 % at most, so a jump alone opens or expires nothing.
/// Stamps never go back: stamp = max(last stamp, now). A copy goes on from the same base, so that
/// two threads with a copy each agree on the time.
class Stamper {
 public:
  /// @param last  The newest stamp of the log; the epoch if it is empty.
  Stamper(Clock& clock, Timestamp last);

  [[nodiscard]] Timestamp stamp();

  /// What stamp() would say now were there no later stamp; changes nothing. A due time is so far
  /// away as it is after this, whatever the wall clock shows.
  [[nodiscard]] Timestamp current() const;

  /// Wall clock minus our time, as seen at the last stamp.
  [[nodiscard]] Millis drift() const noexcept { return drift_; }
  /// How far the wall clock was behind the last stamp of the log at the start; zero if it was not.
  [[nodiscard]] Millis behind_at_start() const noexcept { return behind_at_start_; }
  /// How far our time is behind the last stamp now: stamps stand still until it has caught up.
  [[nodiscard]] Millis behind() const noexcept { return behind_; }

 private:
  [[nodiscard]] Timestamp at(std::int64_t monotonic_ms) const;

  Clock* clock_;
  Timestamp last_;
  Millis behind_at_start_{};
  Millis behind_{};
  Millis drift_{};
  std::int64_t base_wall_ms_ = 0;
  std::int64_t base_monotonic_ms_ = 0;
  std::int64_t slewed_until_ms_ = 0;  ///< Monotonic time up to which drift was followed.
  std::int64_t correction_us_ = 0;    ///< What following the drift has added so far.
};

}  // namespace firebrand
