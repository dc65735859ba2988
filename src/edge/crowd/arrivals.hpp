#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/prng.hpp"
#include "base/types.hpp"

/// When the fans of a crowd arrive.
namespace firebrand {

/// Requests in each second of some real or made-up time.
using ArrivalTrace = std::vector<std::uint32_t>;

struct ArrivalError {
  std::string message;  ///< Names the file or the line.
};

/// One count a line, 0 to 1'000'000'000. Empty lines and lines that start with '#' are skipped.
[[nodiscard]] Expected<ArrivalTrace, ArrivalError> parse_arrival_trace(std::string_view text);

/// The same from a file, plain or gzip.
[[nodiscard]] Expected<ArrivalTrace, ArrivalError> read_arrival_trace(const std::string& path);

/// A launch without a trace: 200 slices, half of the fans in the first twentieth, then a long tail.
[[nodiscard]] ArrivalTrace launch_profile();

/// Where the `width` seconds in a row with the most requests begin; the first of equals.
/// REQUIRES: 1 <= width <= trace.size().
[[nodiscard]] std::size_t busiest_window(std::span<const std::uint32_t> trace, std::size_t width);

struct ArrivalPlan {
  std::uint32_t fans = 0;
  Millis duration{30'000};  ///< All arrive within; at least one millisecond.
  /// Seconds of the trace that are taken, the busiest ones, and stretched or squeezed into
  /// `duration`; zero: as many as the duration has. Never more than the trace.
  std::uint32_t window_seconds = 0;
};

/// Offsets from the opening, ascending, exactly plan.fans of them, each below plan.duration. Every
/// second of the window gets its share of the fans, to within one, evenly spread inside by `prng`.
/// Errors: no request in the window.
[[nodiscard]] Expected<std::vector<std::chrono::microseconds>, ArrivalError> plan_arrivals(
    std::span<const std::uint32_t> trace, const ArrivalPlan& plan, Prng& prng);

}  // namespace firebrand
