// Cost of the HTTP layer. Besides the benchmarks of the parser:
//   --load N       server and driver in two processes, 64 connections, N requests one at a time on
//                  each connection; CPU time per request of either. Best with both on one core:
//                  taskset -c 0 edge_http_bench --load 300000
//   --watchers N   N event streams: what they cost the server in memory and CPU, and how long an
//                  event takes to reach them.
//   --serve PORT   one fixed answer to everything until killed, for a driver such as wrk:
//                  taskset -c 0 edge_http_bench --serve 8090 &
//                  taskset -c 0 wrk -t1 -c64 -d5s http://127.0.0.1:8090/
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "edge/http/http_client.hpp"
#include "edge/http/http_server.hpp"
#include "edge/http/request_parser.hpp"

namespace firebrand {
namespace {

constexpr std::string_view kAnswer =
    R"({"result":"reserved","order_id":"o-0000000000000001",)"
    R"("hold_expires_at":"2026-11-21T20:00:00Z","left_hint":299999,)"
    R"("request_id":"0a1b2c3d-000000000001"})";

// As wrk sends it, and as a fan's browser does.
constexpr std::string_view kPlainRequest =
    "POST /v1/drops/drop_1/orders HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
    "Content-Type: application/json\r\nContent-Length: 32\r\n\r\n"
    R"({"quantity":1,"currency":"CNY"} )";
constexpr std::string_view kBrowserRequest =
    "POST /v1/drops/drop_1/orders HTTP/1.1\r\nHost: shop.example\r\nConnection: keep-alive\r\n"
    "Content-Length: 32\r\nsec-ch-ua-platform: \"Android\"\r\n"
    "Authorization: Bearer fbs_eyJwIjoxMjM0NTY3ODkwfQ.0123456789abcdef0123456789abcdef\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/126.0.0.0 Mobile Safari/537.36\r\nContent-Type: application/json\r\n"
    "Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324\r\nAccept: application/json\r\n"
    "Origin: https://shop.example\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\nReferer: https://shop.example/d/drop_1\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\n\r\n"
    R"({"quantity":1,"currency":"CNY"} )";

void BM_Parse(benchmark::State& state, std::string_view text) {
  std::string bytes(text);
  bytes.append(kHttpBodyPadding, '\0');
  const HttpRequestLimits limits;
  HttpRequestParser parser(limits);
  HttpRequest request;
  for (auto _ : state) {
    std::size_t size = text.size();
    parser.reset();
    const HttpRequestParse parsed = parser.parse(bytes.data(), size, request);
    if (parsed != HttpRequestParse::complete) { state.SkipWithError("not parsed"); }
    benchmark::DoNotOptimize(request.header(HttpHeader::authorization));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(BM_Parse, plain, kPlainRequest);
BENCHMARK_CAPTURE(BM_Parse, browser, kBrowserRequest);

class FixedAnswer final : public HttpHandler {
 public:
  explicit FixedAnswer(HttpServer& server) : server_(server) {}
  void handle(const HttpRequest&, ResponseToken token) override {
    server_.respond(token, {.status = 200, .content_type = "application/json", .body = kAnswer});
  }

 private:
  HttpServer& server_;
};

int serve(std::uint16_t port) {
  HttpServer server({});
  const auto bound = server.listen("127.0.0.1", port);
  if (!bound.has_value()) {
    std::fprintf(stderr, "%s\n", bound.error().message.c_str());
    return 1;
  }
  FixedAnswer handler(server);
  server.run(handler);
  return 0;
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Events carry the time they were sent at; "0" is the greeting.
class Watchers final : public HttpSwarmListener {
 public:
  void on_response(SwarmConnection, std::uint64_t, const HttpResponseView&) override { ++errors; }
  void on_error(SwarmConnection, std::uint64_t, HttpClientError) override { ++errors; }
  void on_event(SwarmConnection, std::uint64_t, std::string_view, std::string_view,
                std::string_view data) override {
    std::int64_t sent_ns = 0;
    std::from_chars(data.data(), data.data() + data.size(), sent_ns);
    if (sent_ns != 0) { latencies_us.push_back((now_ns() - sent_ns) / 1'000); }
  }
  int errors = 0;
  std::vector<std::int64_t> latencies_us;
};

constexpr std::size_t kEvents = 20;

int watch(std::uint16_t port, std::uint32_t count) {
  Watchers watchers;
  HttpSwarm swarm({.port = port}, count, watchers);
  for (std::uint32_t at = 0; at < count; ++at) {
    swarm.subscribe(at, at, "/stream");
    if (at % 100 == 0) { swarm.poll(std::chrono::milliseconds(1)); }
  }
  while (watchers.errors == 0 && watchers.latencies_us.size() < kEvents * count) {
    swarm.poll(std::chrono::seconds(1));
  }
  auto& latencies = watchers.latencies_us;
  if (watchers.errors != 0 || latencies.empty()) { return 1; }
  std::sort(latencies.begin(), latencies.end());
  std::printf("%zu events to %u streams: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", kEvents, count,
              static_cast<double>(latencies[latencies.size() / 2]) / 1'000,
              static_cast<double>(latencies[latencies.size() * 99 / 100]) / 1'000,
              static_cast<double>(latencies.back()) / 1'000);
  return 0;
}

std::size_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  std::size_t total = 0;
  std::size_t resident = 0;
  const int read = file == nullptr ? 0 : std::fscanf(file, "%zu %zu", &total, &resident);
  if (file != nullptr) { std::fclose(file); }
  return read == 2 ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_us(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

class Broadcaster final : public HttpHandler {
 public:
  Broadcaster(HttpServer& server, std::uint32_t count) : server_(server), count_(count) {
    streams_.reserve(count);
  }
  void handle(const HttpRequest&, ResponseToken token) override {
    streams_.push_back(
        server_.start_stream(token, {.content_type = "text/event-stream", .body = "data: 0\n\n"}));
  }
  void tick() {
    if (streams_.size() < count_ || sent_ == kEvents) { return; }
    if (sent_++ == 0) {
      cpu_before_us_ = cpu_us(RUSAGE_SELF);
      std::printf("%u streams: %.0f bytes each in the server\n", count_,
                  static_cast<double>(resident_bytes() - before_) / count_);
      std::fflush(stdout);
    }
    const auto chunk = StreamChunk::make("data: " + std::to_string(now_ns()) + "\n\n");
    for (const StreamToken stream : streams_) { server_.send_stream(stream, chunk); }
  }
  double cpu_us_per_event() const {
    return (cpu_us(RUSAGE_SELF) - cpu_before_us_) / (static_cast<double>(kEvents) * count_);
  }

 private:
  HttpServer& server_;
  std::uint32_t count_;
  std::vector<StreamToken> streams_;
  std::size_t before_ = resident_bytes();
  std::size_t sent_ = 0;
  double cpu_before_us_ = 0;
};

/// Runs the server until the driver, a process of its own, is done. @return the driver's status.
template <class Driver>
int run_against(HttpServer& server, HttpHandler& handler, Driver driver) {
  const auto port = server.listen("127.0.0.1", 0);
  if (!port.has_value()) { return 1; }
  const pid_t child = fork();
  if (child == 0) {
    const int status = driver(*port);
    std::fflush(stdout);
    _exit(status);
  }
  int status = 1;
  std::thread waiter([&] {
    waitpid(child, &status, 0);
    server.stop(Millis{1'000});
  });
  server.run(handler);
  waiter.join();
  return status;
}

class Load final : public HttpSwarmListener {
 public:
  void on_response(SwarmConnection at, std::uint64_t, const HttpResponseView& view) override {
    if (view.status != 200) { ++errors; }
    ++answers;
    send_next(at);
  }
  void on_error(SwarmConnection, std::uint64_t, HttpClientError) override { ++errors; }
  void send_next(SwarmConnection at) {
    if (sent == wanted) { return; }
    ++sent;
    swarm->send(at, sent, HttpMethod::post, "/v1/drops/drop_1/orders",
                "Authorization: Bearer fbs_eyJwIjoxMjM0NTY3ODkwfQ.0123456789abcdef0123456789abcdef"
                "\r\nIdempotency-Key: 8e03978e-40d5\r\nContent-Type: application/json\r\n",
                R"({"quantity":1,"currency":"CNY"})");
  }
  HttpSwarm* swarm = nullptr;
  std::uint64_t wanted = 0;
  std::uint64_t sent = 0;
  std::uint64_t answers = 0;
  std::uint64_t errors = 0;
};

int load(std::uint64_t requests) {
  constexpr std::uint32_t kConnections = 64;
  HttpServer server({});
  FixedAnswer handler(server);
  const int status = run_against(server, handler, [&](std::uint16_t port) {
    Load driver;
    HttpSwarm swarm({.port = port}, kConnections, driver);
    driver.swarm = &swarm;
    driver.wanted = requests;
    const std::int64_t begin_ns = now_ns();
    for (SwarmConnection at = 0; at < kConnections; ++at) { driver.send_next(at); }
    while (driver.answers + driver.errors < requests) { swarm.poll(std::chrono::seconds(1)); }
    const double seconds = static_cast<double>(now_ns() - begin_ns) / 1e9;
    std::printf("%llu requests, %u connections: %.0f/s, driver %.2f us of CPU each, %llu errors\n",
                static_cast<unsigned long long>(driver.answers), kConnections,
                static_cast<double>(driver.answers) / seconds,
                cpu_us(RUSAGE_SELF) / static_cast<double>(requests),
                static_cast<unsigned long long>(driver.errors));
    return driver.errors == 0 ? 0 : 1;
  });
  std::printf("server %.2f us of CPU each\n", cpu_us(RUSAGE_SELF) / static_cast<double>(requests));
  return status;
}

int hold_watchers(std::uint32_t count) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  HttpServer server({.connections_max = count});
  Broadcaster handler(server, count);
  server.call_every(Millis{250}, [&] { handler.tick(); });
  const int status =
      run_against(server, handler, [&](std::uint16_t port) { return watch(port, count); });
  std::printf("server %.2f us of CPU per event and stream\n", handler.cpu_us_per_event());
  return status;
}

}  // namespace
}  // namespace firebrand

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--serve") {
    return firebrand::serve(static_cast<std::uint16_t>(std::atoi(argv[2])));
  }
  if (argc == 3 && std::string_view(argv[1]) == "--load") {
    return firebrand::load(std::strtoull(argv[2], nullptr, 10));
  }
  if (argc == 3 && std::string_view(argv[1]) == "--watchers") {
    return firebrand::hold_watchers(static_cast<std::uint32_t>(std::atoi(argv[2])));
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) { return 1; }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
