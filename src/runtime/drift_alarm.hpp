#pragma once

#include <optional>
#include <string>

#include "base/types.hpp"

namespace firebrand {

/// Further apart than this, the wall clock and the time of commands are worth a line.
inline constexpr Millis kDriftAlarm{1'000};
/// Over only at half of it, so that a clock that wanders about the limit is told of once.
inline constexpr Millis kDriftOver{500};

/// Sees Stamper::drift() now and then, and says when it becomes too large and when that is over.
class DriftAlarm {
 public:
  /// @return the line for the operator, if there is something new to say.
  [[nodiscard]] std::optional<std::string> see(Millis drift) {
    const Millis apart = std::chrono::abs(drift);
    if (apart <= (on_ ? kDriftOver : kDriftAlarm)) {
      if (!on_) { return std::nullopt; }
      on_ = false;
      return "the wall clock and the time of commands agree again";
    }
    if (on_) { return std::nullopt; }
    on_ = true;
    return "the wall clock is " + std::to_string(apart.count()) + " ms " +
           (drift > Millis{0} ? "ahead of" : "behind") +
           " the time of commands, which follows it by 1 ms a second: nothing opens or expires by "
           "the jump, but deadlines are off by that much until both agree. Look at the clock of "
           "this machine; a restart takes the wall clock as it is";
  }

 private:
  bool on_ = false;
};

}  // namespace firebrand
