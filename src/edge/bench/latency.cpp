#include "edge/bench/latency.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace firebrand {

namespace {

// Each power of two above is cut into this many buckets.
constexpr unsigned kStepBits = 7;
constexpr std::uint64_t kSteps = 1U << kStepBits;
constexpr unsigned kValueBits = 36;
constexpr std::uint64_t kValueMax = (std::uint64_t{1} << kValueBits) - 1;
constexpr std::size_t kBuckets = (kValueBits - kStepBits + 1) * kSteps;

/// How many low bits a bucket of this value leaves out.
unsigned shift_of(std::uint64_t us) {
  const auto bits = static_cast<unsigned>(std::bit_width(us));
  return bits > kStepBits + 1 ? bits - kStepBits - 1 : 0;
}

std::size_t bucket_of(std::uint64_t us) {
  const unsigned shift = shift_of(us);
  return static_cast<std::size_t>(shift * kSteps + (us >> shift));
}

std::uint64_t bucket_end(std::size_t bucket) {
  if (bucket < 2 * kSteps) { return bucket; }
  const auto shift = static_cast<unsigned>(bucket / kSteps - 1);
  return ((bucket - shift * kSteps + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

void LatencyHistogram::record(std::chrono::nanoseconds duration) noexcept {
  const std::int64_t ns = std::max<std::int64_t>(duration.count(), 0);
  const std::uint64_t us = std::min(static_cast<std::uint64_t>(ns) / 1'000, kValueMax);
  ++buckets_[bucket_of(us)];
  ++count_;
  max_us_ = std::max(max_us_, us);
}

void LatencyHistogram::merge(const LatencyHistogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i) { buckets_[i] += other.buckets_[i]; }
  count_ += other.count_;
  max_us_ = std::max(max_us_, other.max_us_);
}

std::chrono::microseconds LatencyHistogram::max() const noexcept {
  return std::chrono::microseconds{max_us_};
}

std::chrono::microseconds LatencyHistogram::quantile(std::uint32_t ppm) const noexcept {
  FB_ASSERT(ppm <= 1'000'000);
  // Counts stay far below 2^44, so the product fits.
  const std::uint64_t rank = std::max<std::uint64_t>((count_ * ppm + 999'999) / 1'000'000, 1);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) { return std::chrono::microseconds{std::min(bucket_end(i), max_us_)}; }
  }
  return std::chrono::microseconds{0};
}

}  // namespace firebrand
