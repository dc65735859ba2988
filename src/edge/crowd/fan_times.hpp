#pragma once

#include <chrono>
#include <cstdint>

#include "base/types.hpp"
#include "edge/crowd/fan_answers.hpp"
#include "edge/crowd/fan_behaviour.hpp"

namespace firebrand {

/// The launch on the crowd's own clock, whose zero is its start.
struct LaunchTimes {
  const DropStatusView& drop;
  Timestamp started_at{};                 ///< Server time at zero.
  std::chrono::microseconds duration{0};  ///< Within which all arrive.
  const RoomPageView* room = nullptr;     ///< If there is one.
  const DrawPageView* draw = nullptr;

  [[nodiscard]] std::chrono::microseconds since_start(Timestamp at) const {
    return at - started_at;
  }
};

/// When a fan does what does not follow from an answer.
struct FanTimes {
  std::chrono::microseconds arrives_at{0};  ///< To buy.
  std::chrono::microseconds reserves_at{0};
  std::chrono::microseconds enters_at{0};  ///< The draw.
  std::chrono::microseconds joins_at{0};   ///< The waiting room.
};

/// @param fan      Its number.
/// @param arrival  After the opening of the wave that the fan comes for, below the duration.
[[nodiscard]] FanTimes fan_times(const FanPlan& plan, std::uint32_t fan,
                                 std::chrono::microseconds arrival, const LaunchTimes& launch);

/// The wave that a fan comes for: one that asks for what the fan has, else one for everybody, else
/// any. Nothing if the status names no waves.
[[nodiscard]] const WaveStatusView* home_wave(const FanPlan& plan, std::uint32_t fan,
                                              const DropStatusView& drop);

}  // namespace firebrand
