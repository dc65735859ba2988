#include "edge/server/server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "edge/http/http_client.hpp"
#include "edge/http/http_test_server.hpp"
#include "edge/server/audit.hpp"

namespace firebrand {
namespace {

constexpr char kLaunch[] = R"toml(
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 60
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "drop"
sku = "phone"
currency = "CNY"
opens = "+0s"
per_person_limit = 1
payment_window = "15m"
[[drop.wave]]
opens = "+0s"
units = 60
)toml";

/// The text of a JSON string member; enough for answers of our own making.
std::string member(const std::string& body, const std::string& name) {
  const std::string before = "\"" + name + "\":\"";
  const std::size_t at = body.find(before);
  if (at == std::string::npos) { return {}; }
  const std::size_t begin = at + before.size();
  return body.substr(begin, body.find('"', begin) - begin);
}

/// A whole server on a free port, run by a thread of its own: what the sanitizers watch.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("firebrand-server-" + std::to_string(::getpid()) + "-" +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    launch_ = (directory_ / "launch.toml").string();
    std::ofstream(launch_) << kLaunch;
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(directory_);
  }

  void start(bool demo) {
    Config config;
    config.data = data();
    config.port = 0;
    config.segment_mib = 16;
    config.segments_ahead = 1;
    config.demo = demo ? launch_ : "";
    config.snapshot_records = 0;
    auto server = Server::open(config);
    ASSERT_TRUE(server.has_value()) << server.error();
    server_ = std::move(*server);
    thread_ = std::thread([this] { server_->run(); });
  }
  void stop() {
    if (server_ == nullptr) { return; }
    server_->stop();
    thread_.join();
    server_.reset();
  }
  [[nodiscard]] std::string data() const { return (directory_ / "data").string(); }
  [[nodiscard]] HttpEndpoint endpoint() const { return {"127.0.0.1", server_->port()}; }

  std::filesystem::path directory_;
  std::string launch_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// One fan from sign-in to payment. @return the order's id, empty if refused.
std::string buy_and_pay(const HttpEndpoint& endpoint, const std::string& name,
                        const std::string& drop) {
  HttpClient client(endpoint);
  const auto session =
      client.request(HttpMethod::post, "/demo/sign-in", {}, "{\"name\":\"" + name + "\"}");
  if (!session) { return {}; }
  const std::string bearer = "Bearer " + member(session->body, "token");
  const std::array headers = {HttpField{"Authorization", bearer},
                              HttpField{"Idempotency-Key", "first"}};
  const auto order =
      client.request(HttpMethod::post, "/v1/drops/" + drop + "/orders", headers, "{}");
  if (!order || order->status != 201) { return {}; }
  const std::string order_id = member(order->body, "order_id");
  const auto again =
      client.request(HttpMethod::post, "/v1/drops/" + drop + "/orders", headers, "{}");
  EXPECT_TRUE(again && again->body == order->body);
  const auto paid =
      client.request(HttpMethod::post, "/demo/pay", headers, "{\"order_id\":\"" + order_id + "\"}");
  EXPECT_TRUE(paid && paid->status == 200);
  const auto read = client.request(HttpMethod::get, "/v1/orders/" + order_id, headers);
  EXPECT_TRUE(read && member(read->body, "state") == "paid");
  return order_id;
}

TEST_F(ServerTest, FansOnManyConnectionsBuyExactlyTheUnits) {
  start(true);
  const std::string drop = "drop_" + std::to_string(server_->demo_drop_id().value);
  SseReader watcher(endpoint());
  const auto opened = watcher.open("/v1/drops/" + drop + "/events");
  ASSERT_TRUE(opened && *opened == 200);
  std::atomic<int> sold{0};
  std::vector<std::thread> crowd;
  for (int t = 0; t < 4; ++t) {
    crowd.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string name = "fan-" + std::to_string(t) + "-" + std::to_string(i);
        if (!buy_and_pay(endpoint(), name, drop).empty()) { ++sold; }
      }
    });
  }
  for (std::thread& fan : crowd) { fan.join(); }
  EXPECT_EQ(sold.load(), 60);
  const auto event = watcher.next(Millis{5'000});
  EXPECT_TRUE(event.has_value());
  stop();
  EXPECT_EQ(run_audit(data()), 0);
}

TEST_F(ServerTest, AcknowledgedOrdersAreThereAfterARestart) {
  start(true);
  const std::string order_id = buy_and_pay(endpoint(), "mi", "drop_1");
  ASSERT_FALSE(order_id.empty());
  stop();
  start(true);
  HttpClient client(endpoint());
  const auto session = client.request(HttpMethod::post, "/demo/sign-in", {}, R"({"name":"mi"})");
  ASSERT_TRUE(session.has_value());
  const std::string bearer = "Bearer " + member(session->body, "token");
  const std::array headers = {HttpField{"Authorization", bearer}};
  const auto read = client.request(HttpMethod::get, "/v1/orders/" + order_id, headers);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(member(read->body, "state"), "paid");
}

TEST_F(ServerTest, OwnerSignsInOnceByTheLinkAndThenByPassword) {
  start(false);
  HttpClient client(endpoint());
  EXPECT_EQ(client.request(HttpMethod::get, "/demo")->status, 404);
  const std::string& url = server_->setup_url();
  const std::string token = url.substr(url.find("token=") + 6);
  const std::string body =
      R"({"token":")" + token + R"(","login":"owner","password":"correct horse"})";
  const auto made = client.request(HttpMethod::post, "/v1/staff/setup", {}, body);
  ASSERT_TRUE(made && made->status == 200) << made->body;
  const std::string cookie(
      made->header("Set-Cookie").substr(0, made->header("Set-Cookie").find(';')));
  EXPECT_EQ(client.request(HttpMethod::post, "/v1/staff/setup", {}, body)->status, 409);
  const std::array headers = {HttpField{"Cookie", cookie}};
  EXPECT_EQ(client.request(HttpMethod::get, "/v1/staff/me", headers)->status, 200);
  EXPECT_EQ(client.request(HttpMethod::get, "/v1/staff/me")->status, 401);
  EXPECT_EQ(client
                .request(HttpMethod::post, "/v1/staff/sign-in", {},
                         R"({"login":"owner","password":"wrong horse"})")
                ->status,
            401);
  EXPECT_EQ(client
                .request(HttpMethod::post, "/v1/staff/sign-in", {},
                         R"({"login":"owner","password":"correct horse"})")
                ->status,
            200);
}

// A proxy that asks on a connection it keeps learns that its traffic should go elsewhere.
TEST_F(ServerTest, SaysThatItStopsWhileConnectionsAreOpen) {
  start(false);
  RawClient proxy(server_->port());
  ASSERT_TRUE(proxy.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(proxy.answer().status, 200);
  // The next request has begun: the stop waits for its rest.
  ASSERT_TRUE(proxy.send("GET /readyz HTTP/1.1\r\n"));
  proxy.wait_until_delivered();
  server_->stop();
  ASSERT_TRUE(proxy.send("Host: a\r\n\r\n"));
  const RawAnswer answer = proxy.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "not ready: stopping\n");
}

TEST_F(ServerTest, SecondServerOnTheSameDirectoryIsRefused) {
  start(false);
  Config config;
  config.data = data();
  config.port = 0;
  const auto second = Server::open(config);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find(data()), std::string::npos) << second.error();
}

}  // namespace
}  // namespace firebrand
