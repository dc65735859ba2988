#include "edge/bench/sse_load.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "base/json_writer.hpp"
#include "edge/bench/numbers.hpp"
#include "edge/bench/process_stats.hpp"

namespace firebrand {

namespace {

using Clock = std::chrono::steady_clock;

/// Streams that are being opened at once: below the backlog of any server.
constexpr std::uint32_t kOpeningMax = 200;

class Watchers final : public HttpSwarmListener {
 public:
  explicit Watchers(const SseBenchOptions& options)
      : options_(options),
        swarm_(options.endpoint, options.watchers, *this, {.timeout = options.connect_time_max}),
        seen_(options.watchers) {}

  /// @return false if some stream did not come up; why_not() then says so.
  bool connect() {
    const auto start = Clock::now();
    const auto deadline = start + options_.connect_time_max;
    std::uint32_t started = 0;
    while (open_ < options_.watchers && failed_ == 0 && Clock::now() < deadline) {
      while (started < options_.watchers && started - open_ < kOpeningMax) {
        swarm_.subscribe(started++, 0, options_.target);
      }
      (void)swarm_.poll(std::chrono::milliseconds{20});
    }
    connect_time_ = Clock::now() - start;
    return open_ == options_.watchers && failed_ == 0;
  }

  void settle(Millis quiet) {
    const auto until = Clock::now() + quiet;
    while (Clock::now() < until) { (void)swarm_.poll(std::chrono::milliseconds{5}); }
  }

  /// @return false if the change itself failed.
  bool round(std::uint32_t number, SseBenchResult& result) {
    ++round_;
    awaited_ = static_cast<std::uint32_t>(open_ - dropped_);
    delay_ = &result.delay;
    changed_at_ = Clock::now();
    const auto deadline = changed_at_ + options_.round_time_max;
    if (!options_.change(number)) { return false; }
    while (awaited_ > 0 && Clock::now() < deadline) {
      (void)swarm_.poll(std::chrono::milliseconds{5});
    }
    result.missed += awaited_;
    delay_ = nullptr;
    return true;
  }

  void on_event(SwarmConnection at, std::uint64_t, std::string_view event, std::string_view,
                std::string_view) override {
    if (event != options_.event) { return; }
    Seen& seen = seen_[at];
    if (!seen.is_open) {
      seen.is_open = true;
      ++open_;
      return;
    }
    if (delay_ == nullptr || seen.round == round_) { return; }
    seen.round = round_;
    delay_->record(Clock::now() - changed_at_);
    --awaited_;
  }

  void on_response(SwarmConnection, std::uint64_t, const HttpResponseView& response) override {
    ++failed_;
    why_not_ = "status " + std::to_string(response.status) + " instead of an event stream";
  }

  void on_error(SwarmConnection at, std::uint64_t, HttpClientError error) override {
    if (!seen_[at].is_open) {
      ++failed_;
      why_not_ = std::string(http_client_error_name(error));
      return;
    }
    ++dropped_;
    if (delay_ != nullptr && seen_[at].round != round_) { --awaited_; }
  }

  std::uint32_t open() const { return open_; }
  std::uint64_t dropped() const { return dropped_; }
  std::chrono::nanoseconds connect_time() const { return connect_time_; }
  std::string why_not() const { return why_not_.empty() ? "no first event in time" : why_not_; }

 private:
  struct Seen {
    bool is_open = false;
    std::uint32_t round = 0;
  };

  const SseBenchOptions& options_;
  HttpSwarm swarm_;
  std::vector<Seen> seen_;
  std::uint32_t open_ = 0;
  std::uint32_t failed_ = 0;
  std::uint64_t dropped_ = 0;
  std::string why_not_;
  std::chrono::nanoseconds connect_time_{0};
  std::uint32_t round_ = 0;
  std::uint32_t awaited_ = 0;
  Clock::time_point changed_at_;
  LatencyHistogram* delay_ = nullptr;
};

std::optional<std::int64_t> growth(std::optional<std::uint64_t> before,
                                   std::optional<std::uint64_t> after) {
  if (!before.has_value() || !after.has_value()) { return std::nullopt; }
  return static_cast<std::int64_t>(*after) - static_cast<std::int64_t>(*before);
}

void put_optional(JsonWriter& json, std::string_view key, std::optional<double> value) {
  json.key(key);
  if (value.has_value()) {
    json.raw(decimal(*value, 0));
  } else {
    json.null();
  }
}

std::string kib(std::optional<double> bytes) {
  return bytes.has_value() ? decimal(*bytes / 1024, 1) + " KiB" : "not measured";
}

}  // namespace

std::optional<double> SseBenchResult::server_bytes_per_watcher() const {
  if (!server_bytes.has_value() || watchers == 0) { return std::nullopt; }
  return static_cast<double>(*server_bytes) / watchers;
}

std::optional<double> SseBenchResult::kernel_bytes_per_watcher() const {
  if (!kernel_bytes.has_value() || watchers == 0) { return std::nullopt; }
  return static_cast<double>(*kernel_bytes) / watchers / 2;
}

Expected<SseBenchResult, SseBenchError> run_sse_bench(const SseBenchOptions& options) {
  FB_ASSERT(options.watchers > 0 && options.change != nullptr);
  const std::uint64_t files = std::uint64_t{options.watchers} + 64;
  if (const std::uint64_t limit = raise_open_files_limit(files); limit < files) {
    return Unexpected(SseBenchError{std::to_string(options.watchers) + " watchers need " +
                                    std::to_string(files) + " open files; the limit is " +
                                    std::to_string(limit) + " (ulimit -Hn)"});
  }
  SseBenchResult result;
  Watchers watchers(options);
  const auto server_before = options.server_pid != 0 ? process_resident_bytes(options.server_pid)
                                                     : std::optional<std::uint64_t>{};
  const auto kernel_before = kernel_socket_bytes();
  if (!watchers.connect()) {
    return Unexpected(SseBenchError{std::to_string(watchers.open()) + " of " +
                                    std::to_string(options.watchers) +
                                    " streams opened: " + watchers.why_not()});
  }
  watchers.settle(options.settle_time);
  result.watchers = watchers.open();
  result.connect_time = watchers.connect_time();
  if (options.server_pid != 0) {
    result.server_bytes = growth(server_before, process_resident_bytes(options.server_pid));
  }
  result.kernel_bytes = growth(kernel_before, kernel_socket_bytes());
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    watchers.settle(options.settle_time);
    if (!watchers.round(round, result)) {
      return Unexpected(SseBenchError{"the change of round " + std::to_string(round) + " failed"});
    }
    ++result.rounds;
  }
  result.dropped = watchers.dropped();
  return result;
}

std::string to_json(const SseBenchResult& result) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  json.begin_object();
  json.key("watchers");
  json.number(result.watchers);
  json.key("connect_seconds");
  json.raw(decimal(static_cast<double>(result.connect_time.count()) / 1e9, 3));
  put_optional(json, "server_bytes_per_watcher", result.server_bytes_per_watcher());
  put_optional(json, "kernel_bytes_per_watcher", result.kernel_bytes_per_watcher());
  json.key("rounds");
  json.number(result.rounds);
  json.key("p50_ms");
  json.raw(decimal(to_ms(result.delay.quantile(500'000)), 3));
  json.key("p99_ms");
  json.raw(decimal(to_ms(result.delay.quantile(990'000)), 3));
  json.key("max_ms");
  json.raw(decimal(to_ms(result.delay.max()), 3));
  json.key("missed");
  json.number(result.missed);
  json.key("dropped");
  json.number(result.dropped);
  json.end_object();
  return text;
}

std::string to_text(const SseBenchResult& result) {
  return std::to_string(result.watchers) + " watchers, opened in " +
         decimal(static_cast<double>(result.connect_time.count()) / 1e9, 2) +
         " s; memory of each: server " + kib(result.server_bytes_per_watcher()) +
         ", kernel sockets " + kib(result.kernel_bytes_per_watcher()) + "\n" +
         std::to_string(result.rounds) + " changes seen after p50 " +
         decimal(to_ms(result.delay.quantile(500'000)), 1) + " ms, p99 " +
         decimal(to_ms(result.delay.quantile(990'000)), 1) + " ms, max " +
         decimal(to_ms(result.delay.max()), 1) + " ms; missed " + std::to_string(result.missed) +
         ", dropped " + std::to_string(result.dropped) + "\n";
}

}  // namespace firebrand
