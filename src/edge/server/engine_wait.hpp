#pragma once

#include <algorithm>
#include <optional>

#include "base/types.hpp"

namespace firebrand {

inline constexpr Millis kIdleWait{1'000};  ///< Nobody sleeps longer without looking around.
inline constexpr Millis kSpaceRetry{200};  ///< While the disk is full.

/// How long the engine thread may sleep after a step that found nothing to do.
/// @param wake_at  Sequencer::wake_at().
/// @param now      By the stamper, not by the wall clock, which may jump.
/// @param blocked  Sequencer::blocked(): what is due waits for room, and who makes room wakes it.
[[nodiscard]] constexpr Millis engine_wait(std::optional<Timestamp> wake_at, Timestamp now,
                                           bool blocked) {
  const Millis most = blocked ? kSpaceRetry : kIdleWait;
  if (!wake_at) { return most; }
  const Millis left = *wake_at - now;
  if (left > Millis{0}) { return std::min(left, most); }
  return blocked ? most : Millis{0};
}

}  // namespace firebrand
