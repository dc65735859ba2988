#include "edge/bench/http_load.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "edge/bench/test_serving.hpp"

namespace firebrand {
namespace {

/// Sells to the first `units` requests of /few, to all of /many, and notes what it was sent.
class Shop final : public HttpHandler {
 public:
  Shop(HttpServer& server, std::uint64_t units) : server_(server), units_(units) {}

  void handle(const HttpRequest& request, ResponseToken token) override {
    if (request.path == "/v1/time") { return server_.respond(token, {.body = "{}"}); }
    fans.emplace(request.header(HttpHeader::authorization));
    keys.emplace(request.header(HttpHeader::idempotency_key));
    bodies.emplace(request.body);
    if (request.path == "/few" && sold == units_) {
      return server_.respond(token, {.status = 409, .body = "{}"});
    }
    if (request.path == "/few") { ++sold; }
    server_.respond(token, {.status = 201, .body = "{}"});
  }

  std::set<std::string> fans;
  std::set<std::string> keys;
  std::set<std::string> bodies;
  std::uint64_t sold = 0;

 private:
  HttpServer& server_;
  std::uint64_t units_;
};

HttpBenchOptions options_for(const HttpEndpoint& endpoint, std::string& line) {
  HttpBenchOptions options;
  options.endpoint = endpoint;
  options.connections = 4;
  options.fan_headers = [&line](std::uint64_t index) -> std::string_view {
    line = "Authorization: Bearer fan" + std::to_string(index) + "\r\n";
    return line;
  };
  return options;
}

TEST(HttpLoad, EachFanAsksOncePerPhaseWithAKeyOfItsOwn) {
  TestServing<Shop> serving(20U);
  std::string line;
  HttpBenchOptions options = options_for(serving.endpoint(), line);
  options.phases = {{"in_stock", "/many", 100}, {"sold_out_90", "/few", 200}};
  options.server_pid = getpid();
  std::uint64_t records = 7;
  options.durable_records = [&] { return std::exchange(records, 7 + 100 + 20); };
  const auto result = run_http_bench(options);
  serving.stop();
  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->phases.size(), 2U);
  EXPECT_EQ(result->phases[0].sold, 100U);
  EXPECT_EQ(result->phases[0].refused, 0U);
  EXPECT_EQ(result->phases[1].sold, 20U);
  EXPECT_EQ(result->phases[1].refused, 180U);
  EXPECT_EQ(result->phases[1].refused_by_status.at(409), 180U);
  EXPECT_EQ(result->phases[1].latency.count(), 200U);
  EXPECT_TRUE(result->phases[1].server_cpu.has_value());
  EXPECT_TRUE(result->durable);
  const HttpBenchPhaseResult total = result->total();
  EXPECT_EQ(total.answers, 300U);
  EXPECT_EQ(total.latency.count(), 300U);
  EXPECT_EQ(total.elapsed, result->phases[0].elapsed + result->phases[1].elapsed);
  EXPECT_EQ(serving.handler().fans.size(), 200U);
  EXPECT_EQ(serving.handler().keys.size(), 300U);
  EXPECT_EQ(serving.handler().bodies, std::set<std::string>{R"({"quantity":1})"});
}

TEST(HttpLoad, PhasesAtOnceShareTheConnectionsAndTheClock) {
  TestServing<Shop> serving(20U);
  std::string line;
  HttpBenchOptions options = options_for(serving.endpoint(), line);
  std::string polled;
  const auto poll = [&polled](std::uint64_t index) -> std::string_view {
    polled = "/poll/" + std::to_string(index);
    return polled;
  };
  options.phases = {{"in_stock", "/many", 90},
                    {.name = "few", .target = "/few", .requests = 30, .beside = true},
                    {.name = "polls", .requests = 50, .get = poll}};
  options.server_pid = getpid();
  std::uint64_t records = 0;
  options.durable_records = [&] { return std::exchange(records, 90 + 20); };
  const auto result = run_http_bench(options);
  serving.stop();
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->durable) << "polls need no record";
  EXPECT_EQ(result->phases[0].sold, 90U);
  EXPECT_EQ(result->phases[1].sold, 20U);
  EXPECT_EQ(result->phases[1].refused, 10U);
  EXPECT_TRUE(result->phases[0].server_cpu.has_value());
  EXPECT_EQ(result->phases[2].sold, 50U);
  EXPECT_EQ(serving.handler().keys.size(), 90U + 30U + 1U) << "a poll has none";
  EXPECT_EQ(
      result->total().elapsed,
      std::max(result->phases[0].elapsed, result->phases[1].elapsed) + result->phases[2].elapsed);
  options.connections = 1;
  EXPECT_FALSE(run_http_bench(options).has_value());
}

TEST(HttpLoad, AnswersAreDurableOnlyIfSoManyRecordsWereSynced) {
  TestServing<Shop> serving(20U);
  std::string line;
  HttpBenchOptions options = options_for(serving.endpoint(), line);
  options.phases = {{"in_stock", "/many", 30}};
  std::uint64_t synced = 0;
  const auto is_durable = [&](std::uint64_t key_seed) {
    options.key_seed = key_seed;
    const auto result = run_http_bench(options);
    return result.has_value() && result->durable;
  };
  EXPECT_FALSE(is_durable(1)) << "nobody says so";
  options.durable_records = [&] { return std::exchange(synced, 29U); };
  EXPECT_FALSE(is_durable(2)) << "one is missing";
  options.durable_records = [&] { return std::exchange(synced, 29U + 30U); };
  EXPECT_TRUE(is_durable(3));
  options.durable_records = []() -> std::optional<std::uint64_t> { return std::nullopt; };
  EXPECT_FALSE(is_durable(4)) << "the server does not say";
}

TEST(HttpLoad, AServerThatIsNotThereIsAnError) {
  std::string line;
  HttpBenchOptions options = options_for({.host = "127.0.0.1", .port = 1}, line);
  options.phases = {{"in_stock", "/many", 10}};
  const auto result = run_http_bench(options);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("127.0.0.1:1"), std::string::npos);
}

/// Answers the first requests, then hangs up on everyone.
class Quitter final : public HttpHandler {
 public:
  explicit Quitter(HttpServer& server) : server_(server) {}
  void handle(const HttpRequest& request, ResponseToken token) override {
    if (request.path != "/v1/time" && ++purchases_ > 10) { return server_.stop(Millis{0}); }
    server_.respond(token, {.status = 201, .body = "{}"});
  }

 private:
  HttpServer& server_;
  std::uint64_t purchases_ = 0;
};

TEST(HttpLoad, AServerThatStopsAnsweringEndsTheRun) {
  TestServing<Quitter> serving;
  std::string line;
  HttpBenchOptions options = options_for(serving.endpoint(), line);
  options.phases = {{"in_stock", "/many", 1'000'000}};
  const auto result = run_http_bench(options);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("in_stock after 10 answers"), std::string::npos)
      << result.error().message;
}

TEST(HttpLoad, JsonHasTheTotalOnTopAndThePhasesInside) {
  HttpBenchResult result;
  result.connections = 64;
  result.durable = true;
  HttpBenchPhaseResult phase;
  phase.name = "in_stock";
  phase.answers = phase.sold = 3;
  phase.elapsed = std::chrono::milliseconds{2};
  for (int ms = 1; ms <= 3; ++ms) { phase.latency.record(std::chrono::microseconds{ms * 100}); }
  phase.driver_cpu = std::chrono::microseconds{6};
  result.phases.push_back(phase);
  EXPECT_EQ(to_json(result),
            R"({"phase":"all","answers_per_second":1500,"p50_ms":0.200,"p99_ms":0.300,)"
            R"("max_ms":0.300,"sold":3,"refused":0,"refused_by_status":{},"errors":0,)"
            R"("seconds":0.002,"connections":64,"durable":true,"server_cpu_us_per_answer":null,)"
            R"("driver_cpu_us_per_answer":2.00,"phases":[{"phase":"in_stock",)"
            R"("answers_per_second":1500,"p50_ms":0.200,"p99_ms":0.300,"max_ms":0.300,"sold":3,)"
            R"("refused":0,"refused_by_status":{},"errors":0,"seconds":0.002,"connections":64,)"
            R"("durable":true,"server_cpu_us_per_answer":null,"driver_cpu_us_per_answer":2.00}]})");
}

}  // namespace
}  // namespace firebrand
