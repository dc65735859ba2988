#pragma once

#include <cstdint>

#include "base/types.hpp"
#include "runtime/stamper.hpp"

namespace firebrand {

/// The two clocks of a simulated machine. Time passes only by advance(); the wall clock may jump,
/// run fast or slow, or stand still, while the monotonic one goes on.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start) : wall_us_(to_unix_ms(start) * 1'000) {}

  [[nodiscard]] Timestamp wall() override { return from_unix_ms(wall_us_ / 1'000); }
  [[nodiscard]] std::int64_t monotonic_ms() override { return monotonic_ms_; }

  /// REQUIRES: time >= 0.
  void advance(Millis time) {
    monotonic_ms_ += time.count();
    if (wall_ == Wall::stands) { return; }
    wall_us_ += time.count() * 1'000 + time.count() * drift_ppm_ / 1'000;
  }

  enum class Wall : std::uint8_t { runs, stands };
  void set_wall(Wall wall) { wall_ = wall; }
  [[nodiscard]] bool stands() const { return wall_ == Wall::stands; }
  void jump_wall(Millis by) { wall_us_ += by.count() * 1'000; }
  /// How much faster than true time the wall clock runs; negative: slower.
  void set_drift_ppm(std::int32_t ppm) { drift_ppm_ = ppm; }
  /// The machine started anew: the monotonic clock begins somewhere else.
  void restart_monotonic(std::int64_t from_ms) { monotonic_ms_ = from_ms; }

 private:
  std::int64_t wall_us_ = 0;
  std::int64_t monotonic_ms_ = 0;
  std::int32_t drift_ppm_ = 0;
  Wall wall_ = Wall::runs;
};

}  // namespace firebrand
