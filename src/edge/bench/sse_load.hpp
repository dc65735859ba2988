#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/bench/latency.hpp"
#include "edge/http/http_client.hpp"

namespace firebrand {

struct SseBenchOptions {
  HttpEndpoint endpoint;
  std::string target = "/v1/drops/drop_1/events";
  std::string event = "status";  ///< The event that the change causes; others are not counted.
  std::uint32_t watchers = 10'000;
  pid_t server_pid = 0;  ///< For its memory; zero: not measured.

  /// Changes the drop, once for each round: buys, pauses, resumes. @return false if that failed.
  /// The delay of a watcher counts from the call, so it should return soon.
  std::function<bool(std::uint32_t round)> change;
  std::uint32_t rounds = 5;
  Millis round_time_max{2'000};     ///< A watcher that has not seen the change by then missed it.
  Millis connect_time_max{60'000};  ///< For all watchers together.
  Millis settle_time{500};          ///< Quiet before memory is read, and before each round.
};

struct SseBenchResult {
  std::uint32_t watchers = 0;  ///< With an open stream and a first event.
  std::chrono::nanoseconds connect_time{0};
  /// Grown by all watchers together.
  std::optional<std::int64_t> server_bytes;
  std::optional<std::int64_t> kernel_bytes;  ///< Of both ends: the watchers' sockets are ours.
  std::uint32_t rounds = 0;
  LatencyHistogram delay;     ///< Of each watcher in each round.
  std::uint64_t missed = 0;   ///< Watchers that did not see a round's change in time.
  std::uint64_t dropped = 0;  ///< Streams that the server ended.

  [[nodiscard]] std::optional<double> server_bytes_per_watcher() const;
  /// Half of what both ends grew by.
  [[nodiscard]] std::optional<double> kernel_bytes_per_watcher() const;
};

struct SseBenchError {
  std::string message;
};

/// Errors: fewer streams than asked for (the message says what came instead), or `change` failed.
[[nodiscard]] Expected<SseBenchResult, SseBenchError> run_sse_bench(const SseBenchOptions&);

/// Keys: watchers, connect_seconds, server_bytes_per_watcher, kernel_bytes_per_watcher (null if not
/// measured), rounds, p50_ms, p99_ms, max_ms, missed, dropped.
[[nodiscard]] std::string to_json(const SseBenchResult&);
[[nodiscard]] std::string to_text(const SseBenchResult&);

}  // namespace firebrand
