#include "edge/bench/http_load.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <utility>

#include "base/assert.hpp"
#include "base/json_writer.hpp"
#include "edge/bench/numbers.hpp"
#include "edge/bench/process_stats.hpp"

namespace firebrand {

namespace {

using Clock = std::chrono::steady_clock;

/// "Idempotency-Key: " and 32 digits, written in place: half of them the seed, half a counter.
class KeyLine {
 public:
  explicit KeyLine(std::uint64_t seed) { put(kName.size(), seed); }

  std::string_view next() {
    put(kName.size() + 16, counter_++);
    return text_;
  }

 private:
  static constexpr std::string_view kName = "Idempotency-Key: ";

  void put(std::size_t at, std::uint64_t number) {
    for (std::size_t i = 16; i > 0; --i) {
      text_[at + i - 1] = "0123456789abcdef"[number & 15U];
      number >>= 4U;
    }
  }

  std::string text_ = std::string(kName) + std::string(32, '0') + "\r\n";
  std::uint64_t counter_ = 0;
};

template <class Duration>
Duration part_of(Duration whole, double share) {
  return std::chrono::duration_cast<Duration>(whole * share);
}

class Driver final : public HttpSwarmListener {
 public:
  explicit Driver(const HttpBenchOptions& options)
      : options_(options),
        swarm_(options.endpoint, options.connections, *this, {.timeout = options.timeout}),
        keys_(options.key_seed),
        sent_at_(options.connections) {}

  /// Opens every connection. @return false if one could not be.
  bool connect() {
    const HttpBenchPhase nothing;
    std::vector<HttpBenchPhaseResult> ignored(1);
    streams_ = {{.phase = &nothing, .result = ignored.data(), .awaited = options_.connections}};
    for (SwarmConnection at = 0; at < options_.connections; ++at) {
      sent_at_[at] = Clock::now();
      swarm_.send(at, 0, HttpMethod::get, "/v1/time");
    }
    while (is_awaiting()) { (void)swarm_.poll(std::chrono::seconds{1}); }
    return ignored[0].errors == 0;
  }

  /// Runs phases at once. @return false if the server has stopped answering.
  bool run(std::span<const HttpBenchPhase> phases, std::span<HttpBenchPhaseResult> results) {
    streams_.clear();
    errors_in_a_row_ = 0;
    for (std::size_t i = 0; i < phases.size(); ++i) {
      results[i].name = phases[i].name;
      results[i].beside = phases[i].beside;
      streams_.push_back({.phase = &phases[i],
                          .result = &results[i],
                          .to_send = phases[i].requests,
                          .awaited = phases[i].requests});
    }
    const auto server_before = process_cpu_time(options_.server_pid);
    const auto driver_before = thread_cpu_time();
    started_at_ = Clock::now();
    for (SwarmConnection at = 0; at < options_.connections; ++at) { send_next(at); }
    while (is_awaiting() && errors_in_a_row_ <= errors_max()) {
      (void)swarm_.poll(std::chrono::seconds{1});
    }
    const auto driver_used = thread_cpu_time() - driver_before;
    const auto server_after = process_cpu_time(options_.server_pid);
    std::uint64_t answers = 0;
    for (const HttpBenchPhaseResult& result : results) { answers += result.answers; }
    for (HttpBenchPhaseResult& result : results) {
      const auto share = static_cast<double>(result.answers) /
                         static_cast<double>(std::max<std::uint64_t>(answers, 1));
      result.driver_cpu = part_of(driver_used, share);
      if (options_.server_pid != 0 && server_before && server_after) {
        result.server_cpu = part_of(*server_after - *server_before, share);
      }
    }
    return !is_awaiting();
  }

  void on_response(SwarmConnection at, std::uint64_t, const HttpResponseView& response) override {
    HttpBenchPhaseResult& result = *stream_of(at).result;
    result.latency.record(Clock::now() - sent_at_[at]);
    ++result.answers;
    if (response.status >= 200 && response.status < 300) {
      ++result.sold;
    } else {
      ++result.refused;
      ++result.refused_by_status[response.status];
    }
    errors_in_a_row_ = 0;
    end_request(at);
  }

  void on_error(SwarmConnection at, std::uint64_t, HttpClientError) override {
    ++stream_of(at).result->errors;
    ++errors_in_a_row_;
    end_request(at);
  }

 private:
  struct Stream {
    const HttpBenchPhase* phase = nullptr;
    HttpBenchPhaseResult* result = nullptr;
    std::uint64_t next = 0;
    std::uint64_t to_send = 0;
    std::uint64_t awaited = 0;
  };

  std::uint64_t errors_max() const { return 4 * std::uint64_t{options_.connections}; }
  Stream& stream_of(SwarmConnection at) { return streams_[at % streams_.size()]; }
  bool is_awaiting() const {
    return std::ranges::any_of(streams_, [](const Stream& stream) { return stream.awaited > 0; });
  }

  void end_request(SwarmConnection at) {
    Stream& stream = stream_of(at);
    if (--stream.awaited == 0) { stream.result->elapsed = Clock::now() - started_at_; }
    if (errors_in_a_row_ <= errors_max()) { send_next(at); }
  }

  void send_next(SwarmConnection at) {
    Stream& stream = stream_of(at);
    if (stream.to_send == 0) { return; }
    --stream.to_send;
    const std::uint64_t index = stream.next++;
    if (stream.phase->get != nullptr) {
      sent_at_[at] = Clock::now();
      return swarm_.send(at, 0, HttpMethod::get, stream.phase->get(index));
    }
    headers_.assign(options_.fan_headers(index));
    headers_.append("Content-Type: application/json\r\n").append(keys_.next());
    sent_at_[at] = Clock::now();
    swarm_.send(at, 0, HttpMethod::post, stream.phase->target, headers_, options_.body);
  }

  const HttpBenchOptions& options_;
  HttpSwarm swarm_;
  KeyLine keys_;
  std::vector<Clock::time_point> sent_at_;
  std::vector<Stream>
      streams_;          // What runs at once; connection n is of stream n modulo their count.
  std::string headers_;  // Under construction; keeps its memory.
  Clock::time_point started_at_{};
  std::uint64_t errors_in_a_row_ = 0;
};

double us_per_answer(std::chrono::nanoseconds used, std::uint64_t answers) {
  return static_cast<double>(used.count()) / 1'000.0 /
         static_cast<double>(std::max<std::uint64_t>(answers, 1));
}

void put_phase(JsonWriter& json, const HttpBenchPhaseResult& phase, const HttpBenchResult& result) {
  json.key("phase");
  json.string(phase.name);
  json.key("answers_per_second");
  json.raw(decimal(phase.answers_per_second(), 0));
  json.key("p50_ms");
  json.raw(decimal(to_ms(phase.latency.quantile(500'000)), 3));
  json.key("p99_ms");
  json.raw(decimal(to_ms(phase.latency.quantile(990'000)), 3));
  json.key("max_ms");
  json.raw(decimal(to_ms(phase.latency.max()), 3));
  json.key("sold");
  json.number(phase.sold);
  json.key("refused");
  json.number(phase.refused);
  json.key("refused_by_status");
  json.begin_object();
  for (const auto& [status, count] : phase.refused_by_status) {
    json.key(std::to_string(status));
    json.number(count);
  }
  json.end_object();
  json.key("errors");
  json.number(phase.errors);
  json.key("seconds");
  json.raw(decimal(static_cast<double>(phase.elapsed.count()) / 1e9, 3));
  json.key("connections");
  json.number(result.connections);
  json.key("durable");
  json.boolean(result.durable);
  json.key("server_cpu_us_per_answer");
  if (phase.server_cpu.has_value()) {
    json.raw(decimal(us_per_answer(*phase.server_cpu, phase.answers), 2));
  } else {
    json.null();
  }
  json.key("driver_cpu_us_per_answer");
  json.raw(decimal(us_per_answer(phase.driver_cpu, phase.answers), 2));
}

}  // namespace

double HttpBenchPhaseResult::answers_per_second() const {
  const double seconds = static_cast<double>(elapsed.count()) / 1e9;
  return seconds > 0 ? static_cast<double>(answers) / seconds : 0;
}

HttpBenchPhaseResult HttpBenchResult::total() const {
  HttpBenchPhaseResult all;
  all.name = "all";
  std::chrono::nanoseconds at_once{0};
  for (const HttpBenchPhaseResult& phase : phases) {
    all.answers += phase.answers;
    all.sold += phase.sold;
    all.refused += phase.refused;
    for (const auto& [status, count] : phase.refused_by_status) {
      all.refused_by_status[status] += count;
    }
    all.errors += phase.errors;
    if (!phase.beside) { all.elapsed += std::exchange(at_once, std::chrono::nanoseconds{0}); }
    at_once = std::max(at_once, phase.elapsed);
    all.latency.merge(phase.latency);
    all.driver_cpu += phase.driver_cpu;
    if (phase.server_cpu.has_value()) {
      all.server_cpu = all.server_cpu.value_or(std::chrono::microseconds{0}) + *phase.server_cpu;
    }
  }
  all.elapsed += at_once;
  return all;
}

Expected<HttpBenchResult, HttpBenchError> run_http_bench(const HttpBenchOptions& options) {
  FB_ASSERT(options.connections > 0 && options.fan_headers != nullptr);
  (void)raise_open_files_limit(std::uint64_t{options.connections} + 64);
  const PinnedThread pinned(options.driver_cpu);
  if (options.server_cpu.has_value() && !pin_process(options.server_pid, *options.server_cpu)) {
    return Unexpected(HttpBenchError{"the server cannot be bound to core " +
                                     std::to_string(*options.server_cpu)});
  }
  const std::string server = options.endpoint.host + ":" + std::to_string(options.endpoint.port);
  Driver driver(options);
  if (!driver.connect()) {
    return Unexpected(HttpBenchError{"no answer from " + server + " on every connection"});
  }
  const auto ask_durable = [&]() -> std::optional<std::uint64_t> {
    return options.durable_records == nullptr ? std::nullopt : options.durable_records();
  };
  const auto durable_before = ask_durable();
  HttpBenchResult result;
  result.connections = options.connections;
  const std::span phases(options.phases);
  result.phases.resize(phases.size());
  for (std::size_t begin = 0, end = 0; begin < phases.size(); begin = end) {
    end = begin + 1;
    while (end < phases.size() && phases[end].beside) { ++end; }
    const std::size_t count = end - begin;
    if (count > options.connections) {
      return Unexpected(HttpBenchError{"phases at once need a connection each"});
    }
    if (!driver.run(phases.subspan(begin, count), std::span(result.phases).subspan(begin, count))) {
      return Unexpected(HttpBenchError{server + " stopped answering in phase " +
                                       phases[begin].name + " after " +
                                       std::to_string(result.phases[begin].answers) + " answers"});
    }
  }
  const auto durable_after = ask_durable();
  std::uint64_t changes = 0;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    if (phases[i].get == nullptr) { changes += result.phases[i].sold; }
  }
  result.durable = durable_before && durable_after && *durable_after >= *durable_before + changes;
  return result;
}

std::string to_json(const HttpBenchResult& result) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  json.begin_object();
  put_phase(json, result.total(), result);
  json.key("phases");
  json.begin_array();
  for (const HttpBenchPhaseResult& phase : result.phases) {
    json.begin_object();
    put_phase(json, phase, result);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

std::string to_text(const HttpBenchResult& result) {
  std::string text;
  for (const HttpBenchPhaseResult& phase : result.phases) {
    text += phase.name + ": " + decimal(phase.answers_per_second(), 0) + " answers/s, p50 " +
            decimal(to_ms(phase.latency.quantile(500'000)), 2) + " ms, p99 " +
            decimal(to_ms(phase.latency.quantile(990'000)), 2) + " ms, max " +
            decimal(to_ms(phase.latency.max()), 1) + " ms; sold " + std::to_string(phase.sold) +
            ", refused " + std::to_string(phase.refused) + ", errors " +
            std::to_string(phase.errors);
    if (phase.server_cpu.has_value()) {
      text += "; server CPU " + decimal(us_per_answer(*phase.server_cpu, phase.answers), 1) +
              " us/answer";
    }
    text += ", driver CPU " + decimal(us_per_answer(phase.driver_cpu, phase.answers), 1) +
            " us/answer\n";
  }
  text += std::to_string(result.connections) + " connections, one request in flight on each; " +
          (result.durable ? "answers rest on a synced log\n" : "durability not confirmed\n");
  return text;
}

}  // namespace firebrand
