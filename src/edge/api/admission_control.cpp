#include "edge/api/admission_control.hpp"

#include <algorithm>

namespace firebrand {

namespace {

constexpr std::int64_t kOnePlace = 60'000;
constexpr std::int64_t kMargin = 1'000;  // A second: no answer comes faster to who asks.

std::int64_t second_of(Timestamp at) { return to_unix_ms(at) / 1'000; }

}  // namespace

std::int32_t AdmissionControl::step(const AdmissionInput& input) {
  const AdmissionPlan& plan = input.plan;
  if (target_ == 0) {
    target_ = plan.places_per_minute;
    stepped_at_ = input.now;
    period_ends_ = input.now + kPeriod;
    credit_ = kOnePlace;
  }
  if (input.now >= period_ends_) {
    adapt(plan);
    period_ends_ = input.now + kPeriod;
  }
  target_ = std::min(target_, plan.places_per_minute);
  const std::int64_t passed = std::clamp<std::int64_t>((input.now - stepped_at_).count(), 0, 1'000);
  stepped_at_ = input.now;
  // What was not used is kept for a second at most: a pause is no reason for a rush.
  credit_ =
      std::min(credit_ + passed * target_, std::max<std::int64_t>(target_ * 1'000LL, kOnePlace));
  const std::int64_t room =
      std::min<std::int64_t>(plan.inside_max, input.units_available) - input.inside;
  const std::int64_t count =
      std::min({credit_ / kOnePlace, room, input.waiting, std::int64_t{kAdmitCountMax}});
  if (plan.pacing == Pacing::held || count < 1) { return 0; }
  return static_cast<std::int32_t>(count);
}

void AdmissionControl::adapt(const AdmissionPlan& plan) {
  latency_shown_ = latency_worst_;
  if (latency_worst_ > Millis{plan.latency_ms_max}) {
    target_ = std::max({target_ / 2, plan.places_per_minute / 20, 1});
  } else {
    target_ = std::min(target_ + std::max(plan.places_per_minute / 20, 1), plan.places_per_minute);
  }
  latency_worst_ = {};
}

void AdmissionControl::saw_latency(Millis latency) {
  latency_worst_ = std::max(latency_worst_, latency);
}

void AdmissionControl::admitted(std::int32_t count, Timestamp now) {
  credit_ -= count * kOnePlace;
  const std::int64_t second = second_of(now);
  if (first_second_ == 0) { first_second_ = second, newest_second_ = second; }
  for (; newest_second_ < second; ++newest_second_) {
    by_second_[static_cast<std::size_t>((newest_second_ + 1) % kSeconds)] = 0;
    if (second - newest_second_ > kSeconds) { newest_second_ = second - kSeconds; }
  }
  by_second_[static_cast<std::size_t>(second % kSeconds)] += count;
}

std::int32_t AdmissionControl::measured_per_minute(Timestamp now) const {
  if (first_second_ == 0) { return 0; }
  const std::int64_t second = second_of(now);
  const std::int64_t seconds = std::clamp<std::int64_t>(second - first_second_ + 1, 1, kSeconds);
  std::int64_t sum = 0;
  for (std::int64_t s = std::max(second - seconds + 1, newest_second_ - kSeconds + 1);
       s <= newest_second_; ++s) {
    sum += by_second_[static_cast<std::size_t>(s % kSeconds)];
  }
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(sum * kSeconds / seconds, kPlacesPerMinuteMax));
}

WaitForecast::Wait WaitForecast::wait(std::int64_t ahead, std::int32_t per_minute) const {
  const std::int64_t expected = ahead * kOnePlace / std::max(per_minute, 1);
  return {Millis{expected},
          Millis{std::max<std::int64_t>(expected * 1'000 / (1'000 + spread_) - kMargin, 0)},
          Millis{expected * (1'000 + spread_) / 1'000 + kMargin}};
}

void WaitForecast::note(std::uint64_t position, const Wait& said, Timestamp now) {
  if (open_.size() < kOpenMax) { open_.push_back({position, now, said}); }
}

void WaitForecast::turn_came(std::uint64_t next, Timestamp now) {
  std::erase_if(open_, [&](const Open& open) {
    if (open.position >= next) { return false; }
    const Millis waited = now - open.at;
    const bool sooner = waited < open.said.low;
    const bool later = waited > open.said.high;
    ++(sooner ? outcomes_.sooner : later ? outcomes_.later : outcomes_.within);
    spread_ = std::clamp(spread_ + (sooner || later ? kWider : -kNarrower), kSpreadMin, kSpreadMax);
    return true;
  });
}

}  // namespace firebrand
