// What an operator meets: metrics, pages, configuration, stopping, snapshots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "contract.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class Operation : public ServerTest {
 protected:
  /// The value of a line of /metrics such as "firebrand_watchers".
  static double metric(const std::string& name) {
    const std::string text = "\n" + shop().send(get("/metrics")).body;
    const std::size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) { throw std::runtime_error("no metric " + name); }
    return std::stod(text.substr(at + name.size() + 2));
  }
};

TEST_F(Operation, SaysHowItIsDoing) {
  EXPECT_EQ(shop().send(get("/healthz")).body, "ok\n");
  EXPECT_EQ(shop().send(get("/readyz")).body, "ready\n");
  const Answer metrics = shop().send(get("/metrics"));
  EXPECT_THAT(metrics.header("Content-Type"), StartsWith("text/plain; version=0.0.4"));
  EXPECT_EQ(metrics.header("Cache-Control"), "no-store");

  const Drop drop = shop().plan({});
  const double applied = metric(R"(firebrand_commands_total{outcome="applied"})");
  const double replayed = metric(R"(firebrand_commands_total{outcome="replayed"})");
  const Fan fan = shop().fan("counted");
  ASSERT_EQ(shop().order(drop, fan, "counted").status, 201);
  ASSERT_EQ(shop().order(drop, fan, "counted").status, 201);
  EXPECT_GE(metric(R"(firebrand_commands_total{outcome="applied"})"), applied + 1);
  EXPECT_EQ(metric(R"(firebrand_commands_total{outcome="replayed"})"), replayed + 1);
  EXPECT_EQ(metric("firebrand_orders_live"), 1);
  EXPECT_GE(metric("firebrand_log_durable_offset"), 1);
  EXPECT_EQ(metric("firebrand_space_failing"), 0);
  EXPECT_GT(metric("firebrand_requests_capacity_bytes"), 0);
  EXPECT_GT(metric("firebrand_resident_bytes"), 1e6);
  EXPECT_EQ(metric(R"(firebrand_problems_total{code="rate_limited"})"), 0);
  ASSERT_EQ(shop().send(get("/v1/drops/drop_4711")).code(), "drop_not_found");
  EXPECT_GE(metric(R"(firebrand_problems_total{code="drop_not_found"})"), 1);
  const double durable = metric("firebrand_log_durable_offset");
  EXPECT_TRUE(eventually([&] { return metric("firebrand_records_complete_offset") >= durable; }));
  EXPECT_LT(std::abs(metric("firebrand_clock_drift_seconds")), 1);

  EXPECT_EQ(metric("firebrand_watchers"), 0);
  SseReader reader(server().endpoint());
  ASSERT_EQ(reader.open(drop.path("/events")).value(), 200);
  EXPECT_EQ(metric("firebrand_watchers"), 1);
}

TEST_F(Operation, CountsWhatTheHttpServerDoes) {
  const Drop drop = shop().plan({});
  const double too_large = metric("firebrand_http_too_large_total");
  const double malformed = metric("firebrand_http_malformed_total");
  const double connections = metric("firebrand_http_connections_total");
  const double received = metric("firebrand_http_received_bytes_total");
  const double sent = metric("firebrand_http_sent_bytes_total");
  const double streams = metric("firebrand_http_streams");
  EXPECT_EQ(metric("firebrand_http_request_timeouts_total"), 0);
  EXPECT_EQ(metric("firebrand_http_write_timeouts_total"), 0);
  Caller other(server().endpoint());
  EXPECT_EQ(other.send(post("/v1/skus", std::string(64 * 1024 + 1, ' '))).status, 413);
  EXPECT_EQ(metric("firebrand_http_too_large_total"), too_large + 1);
  EXPECT_EQ(metric("firebrand_http_malformed_total"), malformed);
  EXPECT_EQ(metric("firebrand_http_connections_total"), connections + 1);
  EXPECT_GT(metric("firebrand_http_received_bytes_total"), received);
  EXPECT_GT(metric("firebrand_http_sent_bytes_total"), sent);
  SseReader reader(server().endpoint());
  ASSERT_EQ(reader.open(drop.path("/events")).value(), 200);
  EXPECT_EQ(metric("firebrand_http_streams"), streams + 1);
}

TEST_F(Operation, DescribesEveryRouteOfTheApi) {
  const Json document = shop().send(get("/openapi.json")).json();
  EXPECT_EQ(document["openapi"].text(), "3.1.0");
  std::set<std::string> ids;
  for (const std::string& path : document["paths"].names()) {
    EXPECT_THAT(path, Not(StartsWith("/demo"))) << "this is no demo";
    for (const std::string& method : document["paths"][path].names()) {
      const Json operation = document["paths"][path][method];
      EXPECT_TRUE(ids.insert(operation["operationId"].text()).second) << path;
      for (const std::string& status : operation["responses"].names()) {
        if (status.starts_with("2")) {
          EXPECT_TRUE(operation["responses"][status].has("content")) << path;
        }
        EXPECT_FALSE(operation["responses"][status]["description"].text().empty()) << path;
      }
    }
  }
  for (const char* const id : {"placeOrder", "getDrop", "watchDrop", "getOrder", "cancelOrder",
                               "confirmPayment", "getMetrics", "setUp", "revokeApiKey"}) {
    EXPECT_TRUE(ids.contains(id)) << id;
  }
  const Json order = document["paths"]["/v1/drops/{drop_id}/orders"]["post"];
  EXPECT_THAT(order["responses"]["409"]["description"].text(), HasSubstr("`purchase_limit`"));
  const auto resumable = [&](const std::string& path) {
    return document["paths"][path]["get"]["parameters"].dump().find("Last-Event-ID") !=
           std::string::npos;
  };
  EXPECT_TRUE(resumable("/v1/drops/{drop_id}/events"));
  EXPECT_FALSE(resumable("/v1/drops/{drop_id}/live/events")) << "live events have no id";
  const Json ready = document["paths"]["/readyz"]["get"]["responses"]["503"]["content"];
  EXPECT_THAT(ready.names(), UnorderedElementsAre("application/problem+json", "text/plain"));
}

TEST_F(Operation, DescribesBodiesByExamplesThatFit) {
  const Answer answer = shop().send(get("/openapi.json"));
  const Json document = answer.json();
  EXPECT_THAT(example_objections(document), ElementsAre());
  // A body is needed where something in it is.
  const auto needed = [&](const char* path) {
    return document["paths"][path]["post"]["requestBody"]["required"].boolean();
  };
  EXPECT_FALSE(needed("/v1/drops/{drop_id}/orders"));
  EXPECT_TRUE(needed("/v1/skus"));
  EXPECT_TRUE(needed("/v1/payments/callback"));

  const std::string etag = answer.header("ETag");
  EXPECT_FALSE(etag.empty());
  EXPECT_EQ(shop().send(get("/openapi.json").with("If-None-Match", etag)).status, 304);
}

TEST_F(Operation, DescribesTheHeadersOfAnswers) {
  const Json document = shop().send(get("/openapi.json")).json();
  const auto headers = [&](const char* method, const char* path, const char* status) {
    const Json response = document["paths"][path][method]["responses"][status];
    if (!response.has("headers")) { return std::vector<std::string>(); }
    for (const std::string& name : response["headers"].names()) {
      EXPECT_TRUE(document["components"]["headers"].has(name)) << name;
    }
    return response["headers"].names();
  };
  constexpr const char* kOrders = "/v1/drops/{drop_id}/orders";
  EXPECT_THAT(headers("post", kOrders, "201"),
              UnorderedElementsAre("X-Request-Id", "Idempotency-Replayed", "Firebrand-Tie-Id"));
  EXPECT_THAT(headers("post", kOrders, "401"),
              UnorderedElementsAre("X-Request-Id", "Content-Language", "WWW-Authenticate"));
  EXPECT_THAT(headers("post", kOrders, "503"),
              UnorderedElementsAre("X-Request-Id", "Content-Language", "Retry-After"));
  EXPECT_THAT(headers("get", "/v1/drops", "200"), UnorderedElementsAre("ETag", "Link"));
  EXPECT_THAT(headers("get", "/v1/drops", "304"), UnorderedElementsAre("ETag"));
  EXPECT_THAT(headers("get", "/v1/orders", "200"), UnorderedElementsAre("X-Request-Id", "Link"));
  EXPECT_THAT(headers("post", "/v1/staff/sign-in", "200"),
              UnorderedElementsAre("X-Request-Id", "Set-Cookie"));
  EXPECT_THAT(headers("post", "/v1/staff/sign-in", "429"),
              UnorderedElementsAre("X-Request-Id", "Content-Language", "Retry-After"));
  EXPECT_THAT(headers("post", "/v1/skus", "401"),
              UnorderedElementsAre("X-Request-Id", "Content-Language"));
  EXPECT_THAT(headers("get", "/healthz", "200"), ElementsAre());
  const Json problem = document["components"]["schemas"]["Problem"]["properties"];
  for (const char* const member : {"errors", "opens_at", "server_time", "limit", "owned"}) {
    EXPECT_TRUE(problem.has(member)) << member;
  }
}

TEST_F(Operation, ServesItsPagesUnderAStrictPolicy) {
  for (const char* const path : {"/", "/d/drop_1", "/console/", "/docs"}) {
    const Answer page = shop().send(get(path));
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_THAT(page.header("Content-Type"), StartsWith("text/html")) << path;
    EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(page.header("Content-Security-Policy"), Not(HasSubstr("unsafe"))) << path;
    for (const char* const part :
         {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"}) {
      EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr(part)) << path;
    }
    EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer") << path;
    EXPECT_EQ(page.header("Cross-Origin-Opener-Policy"), "same-origin") << path;
    EXPECT_THAT(page.header("Permissions-Policy"), HasSubstr("camera=()")) << path;
    EXPECT_EQ(page.header("Strict-Transport-Security"), "") << "not without TLS";
    const Answer again = shop().send(get(path).with("If-None-Match", page.header("ETag")));
    EXPECT_EQ(again.status, 304) << path;
  }
  EXPECT_EQ(shop().send(get("/assets/..%2f..%2fetc%2fpasswd")).status, 404);
  EXPECT_EQ(shop().send(get("/assets/../../etc/passwd")).status, 404);
  for (Request request : {get("/demo"), post("/demo/sign-in", R"({"name":"Mei"})"),
                          post("/demo/pay", R"({"order_id":"ord_1"})"),
                          post("/demo/crowd", R"({"drop_id":"drop_1","fans":1})")}) {
    EXPECT_EQ(shop().send(request).status, 404) << request.target << " without a demo";
  }
}

TEST_F(Operation, AnswersThatAreNoPageRunNothing) {
  for (const char* const path : {"/v1/time", "/v1/nothing", "/problems/sold_out", "/metrics"}) {
    const Answer answer = shop().send(get(path));
    EXPECT_EQ(answer.header("Content-Security-Policy"),
              "default-src 'none'; frame-ancestors 'none'")
        << path;
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer.header("Cache-Control"), "no-store") << path;
  }
  EXPECT_EQ(shop().send(get("/v1/drops")).header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(shop().send(get("/" + std::string(9'000, 'a'))).header("X-Content-Type-Options"),
            "nosniff");
  EXPECT_EQ(metric(R"(firebrand_shed_total{what="sale"})"), 0);
}

TEST(Configuration, IsRefusedWithTheNameOfWhatIsWrong) {
  TemporaryDirectory work;
  const std::string file = work.path("firebrand.toml");
  struct Row {
    const char* name;
    std::string toml;
    std::vector<std::string> flags;
    Environment environment;
    std::vector<std::string> said;
  };
  const Row rows[] = {
      {"unknown key", "[server]\nprot = 1\n", {}, {}, {file, "unknown setting", "server.prot"}},
      {"unknown section", "[sever]\nport = 1\n", {}, {}, {"unknown setting", "sever.port"}},
      {"no section", "port = 1\n", {}, {}, {"unknown setting", "port"}},
      {"no TOML", "[server\n", {}, {}, {file, "line 1"}},
      {"number out of range",
       "[server]\nport = 70000\n",
       {},
       {},
       {"server.port", "65535", "70000"}},
      {"wrong type", "[log]\nsegment_mib = \"big\"\n", {}, {}, {"log.segment_mib", "16", "big"}},
      {"short secret",
       "[payments]\ncallback_secret = \"123\"\n",
       {},
       {},
       {"callback_secret", "16"}},
      {"environment", "", {}, {{"FIREBRAND_SERVER_PORT", "x"}}, {"FIREBRAND_SERVER_PORT", "\"x\""}},
      {"flag", "", {"--snapshots.kept", "0"}, {}, {"--snapshots.kept", "1 to 100"}},
      {"unknown flag", "", {"--server.prot", "1"}, {}, {"--server.prot"}},
      {"beyond loopback", "", {"--server.address", "0.0.0.0"}, {}, {"0.0.0.0", "server.proxies"}},
      {"beyond loopback, IPv6", "", {"--server.address", "::"}, {}, {"server.proxies"}},
      {"a demo beyond loopback",
       "",
       {"--server.address", "0.0.0.0", "--server.proxies", "10.0.0.1", "--demo", "launch.toml"},
       {},
       {"loopback only", "0.0.0.0"}},
      {"no address", "", {"--server.address", "localhost"}, {}, {"server.address", "localhost"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    std::ofstream(file) << row.toml;
    std::vector<std::string> arguments = {"serve",           "--config", file, "--data",
                                          work.path("none"), "--port",   "0"};
    if (row.toml.find("port") != std::string::npos) { arguments.resize(5); }
    arguments.insert(arguments.end(), row.flags.begin(), row.flags.end());
    const Finished finished = run_program(arguments, row.environment);
    EXPECT_EQ(finished.status, 2) << finished.output;
    for (const std::string& part : row.said) { EXPECT_THAT(finished.output, HasSubstr(part)); }
    EXPECT_FALSE(std::filesystem::exists(work.path("none"))) << "refused before anything is made";
  }
  EXPECT_EQ(run_program({"serve", "--config", work.path("nothing.toml")}).status, 2);
  EXPECT_EQ(run_program({"audit", "--data", work.path("nothing")}).status, 2);
  EXPECT_EQ(run_program({"sing"}).status, 2);
  EXPECT_EQ(run_program({}).status, 2);
  EXPECT_EQ(run_program({"--version"}).status, 0);
}

TEST(Demo, PlansItsLaunchAnewAtEachStart) {
  TemporaryDirectory work;
  const std::string launch = work.path("launch.toml");
  const std::string good = R"(
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 10
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+0s"
per_person_limit = 1
payment_window = "15m"
[[drop.wave]]
opens = "+0s"
units = 10
)";
  std::ofstream(launch) << good;
  const ServerOptions options = {.data = work.path("data"), .flags = {"--demo", launch}};
  for (const std::string drop_id : {"drop_1", "drop_2"}) {
    ServerProcess server(options);
    server.wait_until_ready();
    EXPECT_THAT(server.process().output(), HasSubstr("/d/" + drop_id));
    Caller fan(server.endpoint());
    const Json document = fan.send(get("/openapi.json")).json();
    EXPECT_THAT(example_objections(document), ElementsAre());
    Caller::hold_to(document);
    EXPECT_FALSE(fan.send(get("/demo/crowd")).json()["running"].boolean());
    const Json demo = fan.send(get("/demo")).json();
    EXPECT_TRUE(demo["demo"].boolean());
    EXPECT_EQ(demo["drop_id"].text(), drop_id);
    // Another site may make a browser send this, but only our own pages may have it done.
    for (Request request :
         {post("/demo/sign-in", R"({"name":"Mei"})"), post("/demo/pay", R"({"order_id":"ord_1"})"),
          post("/demo/crowd", R"({"drop_id":"drop_1","fans":1})")}) {
      for (const char* const site : {"cross-site", "same-site"}) {
        Request from_there = request;
        EXPECT_EQ(fan.send(std::move(from_there).with("Sec-Fetch-Site", site)).code(), "forbidden")
            << request.target << " " << site;
      }
    }
    const std::string token =
        fan.send(post("/demo/sign-in", R"({"name":"Mei"})")).json()["token"].text();
    Answer order;
    ASSERT_TRUE(eventually([&] {
      order = fan.send(post("/v1/drops/" + drop_id + "/orders", "{}").bearer(token).key(drop_id));
      return order.status == 201;
    })) << order.body;
    const std::string body = R"({"order_id":")" + order.json()["order_id"].text() + R"("})";
    const std::string other =
        fan.send(post("/demo/sign-in", R"({"name":"Lin"})")).json()["token"].text();
    EXPECT_EQ(fan.send(post("/demo/pay", body).bearer(other)).code(), "order_not_found");
    EXPECT_EQ(fan.send(post("/demo/pay", body).bearer(token)).json()["outcome"].text(), "paid");
    EXPECT_EQ(server.stop(), 0);
  }
  std::ofstream(launch) << good << "opnes = \"+1s\"\n";
  const Finished refused =
      run_program({"serve", "--data", work.path("other"), "--port", "0", "--demo", launch});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("unknown key opnes"));
}

/// A limit of this process, which programs inherit, for as long as the object lives.
class Limit {
 public:
  Limit(__rlimit_resource resource, rlim_t value) : resource_(resource) {
    ::getrlimit(resource_, &before_);
    const rlimit limit{std::min(value, before_.rlim_max), before_.rlim_max};
    ::setrlimit(resource_, &limit);
  }
  ~Limit() { ::setrlimit(resource_, &before_); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};

TEST(Start, WithoutRoomForARingSaysSo) {
  TemporaryDirectory work;
  // A ring is a file in memory. What it may not be long enough for is an error, not a signal.
  auto* const before = std::signal(SIGXFSZ, SIG_IGN);
  Finished refused;
  {
    const Limit limit(RLIMIT_FSIZE, 1U << 20);
    refused = run_program({"serve", "--data", work.path("data"), "--port", "0"});
  }
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(refused.status, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("firebrand: the system refuses what is needed: "));
  EXPECT_THAT(refused.output, HasSubstr("a ring"));
}

TEST(Start, WithoutThreadsSaysSo) {
  rlimit stack{};
  ASSERT_EQ(::getrlimit(RLIMIT_STACK, &stack), 0);
  if (stack.rlim_max < rlim_t{1} << 47U) { GTEST_SKIP() << "the stack is limited here already"; }
  TemporaryDirectory work;
  Finished refused;
  {
    // The stack of a thread is as large as the limit says: more than there are addresses.
    const Limit limit(RLIMIT_STACK, rlim_t{1} << 47U);
    refused = run_program({"serve", "--data", work.path("data"), "--port", "0"});
  }
  EXPECT_EQ(refused.status, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("firebrand: the system refuses what is needed: "));
}

TEST(DataDirectory, IsServedByOneProcessAtATime) {
  TemporaryDirectory work;
  ServerProcess first({.data = work.path("data"), .flags = {}});
  first.wait_until_ready();
  const Finished second = run_program({"serve", "--data", work.path("data"), "--port", "0"});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.output, HasSubstr(work.path("data")));
  EXPECT_THAT(second.output, HasSubstr("another process"));
  Shop shop(first.endpoint());
  shop.set_up(first.setup_token());
  EXPECT_EQ(first.stop(), 0);

  // And on a port that is taken a server does not start, but leaves the directory in order.
  ServerProcess again({.data = work.path("data"), .flags = {}});
  again.wait_until_ready();
  const Finished taken = run_program(
      {"serve", "--data", work.path("other"), "--port", std::to_string(again.endpoint().port)});
  EXPECT_EQ(taken.status, 1);
  EXPECT_THAT(taken.output, HasSubstr(std::to_string(again.endpoint().port)));
}

TEST(DataDirectory, IsNotReadWhileAServerWritesToIt) {
  TemporaryDirectory work;
  ServerProcess server({.data = work.path("data"), .flags = {}});
  server.wait_until_ready();
  const std::vector<std::vector<std::string>> commands = {
      {"replay", "--data", work.path("data")},
      {"audit", "--data", work.path("data")},
      {"call", "--data", work.path("data"), R"(create_launch code="a" name={zh="新" en="new"})"},
  };
  for (const auto& command : commands) {
    const Finished refused = run_program(command);
    EXPECT_EQ(refused.status, 1) << command[0] << ": " << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("is in use by another process")) << command[0];
    EXPECT_THAT(run_program({command[0], "--help"}).output, HasSubstr("with no server running"));
  }
  EXPECT_EQ(server.stop(), 0);
  for (const char* const command : {"replay", "audit"}) {
    const Finished done = run_program({command, "--data", work.path("data")});
    EXPECT_EQ(done.status, 0) << done.output;
  }
}

TEST(Stopping, KeepsEverythingThatWasAnswered) {
  TemporaryDirectory work;
  const ServerOptions options = {.data = work.path("data"), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{100'000}}, .limit = 1'000});
  const Fan fan = shop.fan("in-the-middle");
  SseReader stream(server->endpoint());
  ASSERT_EQ(stream.open(drop.path("/events")).value(), 200);

  std::mutex mutex;
  std::condition_variable enough;
  std::vector<Answer> answered;
  std::vector<std::thread> buyers;
  for (int i = 0; i < 4; ++i) {
    buyers.emplace_back([&, i] {
      Caller caller(server->endpoint());
      for (int count = 0;; ++count) {
        const auto answer =
            caller.try_send(post(drop.path("/orders"), "{}")
                                .bearer(fan.token)
                                .key(std::to_string(i) + "-" + std::to_string(count)));
        if (!answer || answer->status != 201) { return; }
        const std::lock_guard lock(mutex);
        answered.push_back(*answer);
        enough.notify_one();
      }
    });
  }
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(enough.wait_for(lock, Millis{20'000}, [&] { return answered.size() > 50; }));
  }
  EXPECT_EQ(server->stop(), 0) << server->process().output();
  for (std::thread& buyer : buyers) { buyer.join(); }
  EXPECT_THAT(server->process().output(), HasSubstr("everything acknowledged is on disk"));
  for (auto event = stream.next(Millis{1'000});; event = stream.next(Millis{1'000})) {
    if (event.has_value()) { continue; }
    EXPECT_EQ(event.error(), HttpClientError::connection_closed) << "the stream was ended";
    break;
  }

  server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop again(server->endpoint());
  for (const Answer& answer : answered) {
    const Answer found = again.read_order(fan, answer.json()["order_id"].text());
    EXPECT_EQ(found.body, answer.body);
  }
  EXPECT_EQ(server->stop(), 0);
}

TEST(Configuration, IsExplainedToWhoRunsIt) {
  const Finished explained =
      run_program({"config", "--explain", "--port", "0"},
                  {{"FIREBRAND_PAYMENTS_CALLBACK_SECRET", "not for the screen"}});
  EXPECT_EQ(explained.status, 0) << explained.output;
  EXPECT_THAT(explained.output,
              HasSubstr("server.port = 0\n    from     --server.port; default 8080\n"));
  EXPECT_THAT(explained.output,
              HasSubstr("payments.callback_secret = (a secret, set)\n    from     "
                        "FIREBRAND_PAYMENTS_CALLBACK_SECRET; default none\n"));
  EXPECT_THAT(explained.output, Not(HasSubstr("not for the screen")));
  EXPECT_EQ(run_program({"config", "--server.port", "many"}).status, 2);
}

TEST(Stopping, KeepsTheDemandThatWasTurnedAway) {
  TemporaryDirectory work;
  const ServerOptions options = {.data = work.path("data"), .flags = {}};
  constexpr int kRefused = 5;
  Drop drop;
  {
    ServerProcess server(options);
    server.wait_until_ready();
    Shop shop(server.endpoint());
    shop.set_up(server.setup_token());
    drop = shop.plan({.waves = {{1}}});
    ASSERT_EQ(shop.order(drop, shop.fan("first"), "first").status, 201);
    // The sums are recorded once a second, and the stop comes sooner.
    for (int i = 0; i < kRefused; ++i) {
      ASSERT_EQ(shop.order(drop, shop.fan(Shop::unique("late")), "late").code(), "sold_out");
    }
    EXPECT_THAT(shop.send(get("/metrics")).body,
                HasSubstr("\nfirebrand_refusals_not_recorded_total 0\n"));
    ASSERT_EQ(server.stop(), 0);
  }
  ServerProcess server(options);
  server.wait_until_ready();
  Shop shop(server.endpoint());
  shop.sign_in();
  EXPECT_EQ(shop.staff(get(drop.path("/live")))["refusals"]["sold_out"].number(), kRefused);
  EXPECT_EQ(server.stop(), 0);
}

TEST(Snapshot, IsMadeWhileSalesGoOnAndCarriesTheNextStart) {
  TemporaryDirectory work;
  const ServerOptions options = {.data = work.path("data"),
                                 .flags = {"--snapshots.records", "100", "--snapshots.kept", "2"}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{100'000}}, .limit = 1'000});
  const Fan fan = shop.fan("before-and-after");
  const Answer first = shop.order(drop, fan, "first");
  ASSERT_EQ(first.status, 201);
  const auto snapshots = [&] {
    const std::string metrics = shop.send(get("/metrics")).body;
    EXPECT_THAT(metrics, HasSubstr("firebrand_snapshots_failed_total 0\n"));
    const std::string name = "\nfirebrand_snapshots_total ";
    return std::stoi(metrics.substr(metrics.find(name) + name.size()));
  };
  ASSERT_TRUE(eventually(
      [&] {
        for (int i = 0; i < 20; ++i) {
          const Fan next = shop.fan(Shop::unique("snap"));
          const Answer order = shop.order(drop, next, Shop::unique("snap"));
          EXPECT_EQ(order.status, 201);
        }
        return snapshots() >= 3;
      },
      Millis{60'000}))
      << server->process().output();
  const std::string status = shop.send(get(drop.path())).body;
  server->kill();

  server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  const std::string output = server->process().output();
  EXPECT_THAT(output, Not(HasSubstr("snapshot at offset 0,")));
  Shop again(server->endpoint());
  const Answer repeated = again.order(drop, fan, "first");
  EXPECT_TRUE(repeated.replayed()) << "keys are part of a snapshot";
  EXPECT_EQ(repeated.body, first.body);
  const Json before = Json::parse(status)["units"];
  ASSERT_TRUE(eventually(
      [&] { return again.status(drop)["units"]["held"].number() >= before["held"].number(); }));
  EXPECT_EQ(server->stop(), 0);

  const auto digest = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"replay", "--data", options.data, "--digest"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Finished replay = run_program(arguments);
    EXPECT_EQ(replay.status, 0) << replay.output;
    return replay.output.substr(std::min(replay.output.find("digest"), replay.output.size()));
  };
  EXPECT_EQ(digest({}), digest({"--from-start"}));
  const Finished audit = run_program({"audit", "--data", options.data});
  EXPECT_EQ(audit.status, 0) << audit.output;
}

}  // namespace
}  // namespace firebrand::e2e
