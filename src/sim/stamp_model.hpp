#pragma once

#include <algorithm>
#include <cstdint>

#include "base/types.hpp"

namespace firebrand {

/// The time of commands once more: the wall clock at the start, carried on by the monotonic clock;
/// a wall clock that wanders is followed by one part in a thousand of the time that goes by; never
/// back.
class StampModel {
 public:
  StampModel() = default;
  StampModel(Timestamp wall, std::int64_t monotonic_ms, Timestamp last)
      : start_wall_ms_(to_unix_ms(wall)),
        start_ms_(monotonic_ms),
        last_ms_(monotonic_ms),
        last_(last) {}

  Timestamp stamp(Timestamp wall, std::int64_t monotonic_ms) {
    const std::int64_t carried = start_wall_ms_ + (monotonic_ms - start_ms_) + followed_us_ / 1'000;
    const std::int64_t off_us = (to_unix_ms(wall) - carried) * 1'000;
    const std::int64_t allowed_us = monotonic_ms - last_ms_;
    followed_us_ += std::max(-allowed_us, std::min(allowed_us, off_us));
    last_ms_ = monotonic_ms;
    last_ = std::max(last_, from_unix_ms(carried));
    return last_;
  }
  [[nodiscard]] Timestamp last() const { return last_; }

 private:
  std::int64_t start_wall_ms_ = 0;
  std::int64_t start_ms_ = 0;
  std::int64_t last_ms_ = 0;
  std::int64_t followed_us_ = 0;
  Timestamp last_{};
};

}  // namespace firebrand
