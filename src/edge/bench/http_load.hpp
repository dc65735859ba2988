#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/bench/latency.hpp"
#include "edge/http/http_client.hpp"

namespace firebrand {

/// One stretch of requests whose figures stand apart.
struct HttpBenchPhase {
  std::string name;      ///< "in_stock", "sold_out_90".
  std::string target{};  ///< "/v1/drops/drop_1/orders": a drop whose stock makes the mix.
  std::uint64_t requests = 0;
  /// Runs at once with the phase before it; they share the connections evenly, each its own.
  bool beside = false;
  /// If set, request `index` of the phase is a GET of this and not a POST of `target`. Asked during
  /// the run: look up, do not sign. The view must hold until the next call.
  std::function<std::string_view(std::uint64_t index)> get{};
};

struct HttpBenchOptions {
  HttpEndpoint endpoint;
  std::uint32_t connections = 64;  ///< Kept alive, one request in flight on each; 1 and more.
  std::vector<HttpBenchPhase> phases;
  std::string body = R"({"quantity":1})";

  /// Whole header lines ("Authorization: Bearer ...\r\n") of the fan who sends request `index` of
  /// its phase, counted from 0. Asked during the run: look up, do not sign. The view must hold
  /// until the next call.
  std::function<std::string_view(std::uint64_t index)> fan_headers;
  /// Idempotency keys are this and a counter: another number for each run against one server.
  std::uint64_t key_seed = 1;

  pid_t server_pid = 0;           ///< For its CPU time; zero: not measured.
  std::optional<int> driver_cpu;  ///< Core of the calling thread during the run.
  std::optional<int> server_cpu;  ///< Core of all threads of `server_pid`, and it stays so.
  /// Asked before the first phase and after the last: how many records the server says are on
  /// disk. Answers count as durable if these grew by at least one for each POST that succeeded.
  std::function<std::optional<std::uint64_t>()> durable_records;
  Millis timeout{10'000};  ///< For one answer.
};

struct HttpBenchPhaseResult {
  std::string name;
  bool beside = false;        ///< Was at once with the one before it: CPU is shared out by answers.
  std::uint64_t answers = 0;  ///< sold + refused.
  std::uint64_t sold = 0;     ///< Status 200 to 299.
  std::uint64_t refused = 0;
  std::map<int, std::uint64_t> refused_by_status;
  std::uint64_t errors = 0;  ///< Requests without an answer; not sent again.
  std::chrono::nanoseconds elapsed{0};
  LatencyHistogram latency;
  std::optional<std::chrono::microseconds> server_cpu;
  std::chrono::nanoseconds driver_cpu{0};

  [[nodiscard]] double answers_per_second() const;
};

struct HttpBenchResult {
  std::uint32_t connections = 0;
  bool durable = false;
  std::vector<HttpBenchPhaseResult> phases;

  /// All phases as one, named "all".
  [[nodiscard]] HttpBenchPhaseResult total() const;
};

struct HttpBenchError {
  std::string message;
};

/// Sends the phases one after the other, or at once, each request once and never two on one
/// connection. The
/// connections are opened by GETs of /v1/time before the first clock starts.
/// Errors: the server cannot be reached, or does not answer several times as many requests in a row
/// as there are connections.
[[nodiscard]] Expected<HttpBenchResult, HttpBenchError> run_http_bench(const HttpBenchOptions&);

/// One object: the figures of all phases together, and each phase under "phases". Keys: phase,
/// answers_per_second, p50_ms, p99_ms, max_ms, sold, refused, refused_by_status, errors, seconds,
/// connections, durable, server_cpu_us_per_answer (null if not measured),
/// driver_cpu_us_per_answer.
[[nodiscard]] std::string to_json(const HttpBenchResult&);

/// The same for people, one line for each phase.
[[nodiscard]] std::string to_text(const HttpBenchResult&);

}  // namespace firebrand
