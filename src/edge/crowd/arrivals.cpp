#include "edge/crowd/arrivals.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "base/assert.hpp"
#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::uint32_t kCountMax = 1'000'000'000;
constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

std::string_view trim(std::string_view line) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!line.empty() && is_blank(line.front())) { line.remove_prefix(1); }
  while (!line.empty() && is_blank(line.back())) { line.remove_suffix(1); }
  return line;
}

}  // namespace

Expected<ArrivalTrace, ArrivalError> parse_arrival_trace(std::string_view text) {
  ArrivalTrace trace;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') { continue; }
    std::uint32_t count = 0;
    if (!read_whole_number(line, count) || count > kCountMax) {
      return Unexpected(ArrivalError{"line " + std::to_string(number) +
                                     ": expected a count of 0 to 1000000000, got \"" +
                                     std::string(line.substr(0, 40)) + "\""});
    }
    trace.push_back(count);
  }
  if (trace.empty()) { return Unexpected(ArrivalError{"there is no count in it"}); }
  return trace;
}

Expected<ArrivalTrace, ArrivalError> read_arrival_trace(const std::string& path) {
  // zlib reads a file that is not gzip as it is.
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return Unexpected(
        ArrivalError{path + ": " + (errno != 0 ? std::strerror(errno) : "no memory")});
  }
  std::string text;
  char buffer[64 * 1024];
  int got = 0;
  while ((got = gzread(file, buffer, sizeof buffer)) > 0 && text.size() < kFileBytesMax) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  int code = Z_OK;
  const std::string reason = gzerror(file, &code);
  gzclose_r(file);
  // A file that was cut off ends with Z_BUF_ERROR, not with a failed read.
  if (got < 0 || code == Z_BUF_ERROR) { return Unexpected(ArrivalError{path + ": " + reason}); }
  if (got > 0) { return Unexpected(ArrivalError{path + ": larger than 1 GiB unpacked"}); }
  auto trace = parse_arrival_trace(text);
  if (!trace.has_value()) { return Unexpected(ArrivalError{path + ": " + trace.error().message}); }
  return trace;
}

ArrivalTrace launch_profile() {
  constexpr std::uint32_t kSlices = 200;
  ArrivalTrace profile;
  for (std::uint32_t slice = 0; slice < kSlices; ++slice) {
    profile.push_back(1'000'000'000 / ((slice + 5) * (slice + 5)) + 500'000);
  }
  return profile;
}

std::size_t busiest_window(std::span<const std::uint32_t> trace, std::size_t width) {
  FB_ASSERT(width >= 1 && width <= trace.size());
  std::uint64_t sum = std::accumulate(
      trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(width), std::uint64_t{0});
  std::uint64_t best = sum;
  std::size_t begin = 0;
  for (std::size_t end = width; end < trace.size(); ++end) {
    sum += trace[end];
    sum -= trace[end - width];
    if (sum > best) {
      best = sum;
      begin = end - width + 1;
    }
  }
  return begin;
}

Expected<std::vector<std::chrono::microseconds>, ArrivalError> plan_arrivals(
    std::span<const std::uint32_t> trace, const ArrivalPlan& plan, Prng& prng) {
  FB_ASSERT(!trace.empty() && plan.duration >= Millis{1});
  const auto duration_us = static_cast<std::uint64_t>(plan.duration.count()) * 1'000;
  const std::uint64_t wanted =
      plan.window_seconds != 0 ? plan.window_seconds : (duration_us + 999'999) / 1'000'000;
  const auto width = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, trace.size()));
  const auto window = trace.subspan(busiest_window(trace, width), width);
  const std::uint64_t total = std::accumulate(window.begin(), window.end(), std::uint64_t{0});
  if (total == 0) { return Unexpected(ArrivalError{"the trace has no requests at all"}); }

  // Shares by the running sum: what rounding leaves over in one second goes to a later one.
  __extension__ using Wide = unsigned __int128;
  std::vector<std::chrono::microseconds> arrivals;
  arrivals.reserve(plan.fans);
  std::uint64_t passed = 0;
  for (std::size_t second = 0; second < width; ++second) {
    passed += window[second];
    const auto until = static_cast<std::uint64_t>(Wide{plan.fans} * passed / total);
    const auto begin_us = static_cast<std::uint64_t>(Wide{duration_us} * second / width);
    const auto end_us = static_cast<std::uint64_t>(Wide{duration_us} * (second + 1) / width);
    while (arrivals.size() < until) {
      // More seconds than microseconds: a second may have no room of its own.
      const std::uint64_t room = std::max<std::uint64_t>(end_us - begin_us, 1);
      const std::uint64_t at = std::min(begin_us + prng.below(room), duration_us - 1);
      arrivals.emplace_back(static_cast<std::int64_t>(at));
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  return arrivals;
}

}  // namespace firebrand
