#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace firebrand {

/// Counts of durations, fine enough for percentiles: exact below 256 µs, then within 1/128; the
/// largest is exact. 30 KB, whatever the count. O(1) to record, O(buckets) to ask.
class LatencyHistogram {
 public:
  LatencyHistogram();

  /// Rounded down to whole microseconds; below zero counts as zero, above 2^36 µs (19 h) as that.
  void record(std::chrono::nanoseconds duration) noexcept;
  void merge(const LatencyHistogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::chrono::microseconds max() const noexcept;
  /// The least duration that `ppm` millionths of the records do not exceed (nearest rank), rounded
  /// up to its bucket's end: 500'000 the median, 990'000 the 99th percentile. Zero if empty.
  /// REQUIRES: ppm <= 1'000'000.
  [[nodiscard]] std::chrono::microseconds quantile(std::uint32_t ppm) const noexcept;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_us_ = 0;
};

/// Milliseconds with decimals, for people and JSON.
[[nodiscard]] constexpr double to_ms(std::chrono::microseconds duration) {
  return static_cast<double>(duration.count()) / 1'000.0;
}

}  // namespace firebrand
