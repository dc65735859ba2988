#include "runtime/stamper.hpp"

#include <algorithm>

namespace firebrand {

Stamper::Stamper(Clock& clock, Timestamp last) : clock_(&clock), last_(last) {
  base_wall_ms_ = to_unix_ms(clock_->wall());
  base_monotonic_ms_ = clock_->monotonic_ms();
  slewed_until_ms_ = base_monotonic_ms_;
  behind_at_start_ = std::max(Millis{0}, last - from_unix_ms(base_wall_ms_));
  behind_ = behind_at_start_;
}

Timestamp Stamper::stamp() {
  const std::int64_t monotonic = clock_->monotonic_ms();
  const Timestamp ours = at(monotonic);
  drift_ = clock_->wall() - ours;
  // One millisecond gone by allows one microsecond of following, and no more than the drift.
  const std::int64_t step_us_max = monotonic - slewed_until_ms_;
  slewed_until_ms_ = monotonic;
  correction_us_ += std::clamp<std::int64_t>(drift_.count() * 1'000, -step_us_max, step_us_max);
  behind_ = std::max(Millis{0}, last_ - ours);
  last_ = std::max(last_, ours);
  return last_;
}

Timestamp Stamper::current() const { return at(clock_->monotonic_ms()); }

Timestamp Stamper::at(std::int64_t monotonic_ms) const {
  return from_unix_ms(base_wall_ms_ + (monotonic_ms - base_monotonic_ms_) + correction_us_ / 1'000);
}

}  // namespace firebrand
