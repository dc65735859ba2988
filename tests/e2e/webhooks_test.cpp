// Webhooks: what an endpoint is told, signed, in order, again after failures, and after the server
// was killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "data_checks.hpp"
#include "edge/http/tls_test_server.hpp"
#include "receiver.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const std::vector<std::string> kFlags = {"--webhooks.private_addresses", "true",
                                         "--webhooks.retry_seconds", "1,1"};

struct Endpoint {
  std::string id;
  std::string secret;
  [[nodiscard]] std::string path(std::string_view rest = {}) const {
    return "/v1/webhooks/" + id + std::string(rest);
  }
};

Endpoint add_endpoint(Shop& shop, Receiver& receiver, const std::string& types,
                      const std::string& mode = "structured") {
  const Json made =
      shop.staff(post("/v1/webhooks", R"({"url":")" + receiver.url() + R"(","mode":")" + mode +
                                          R"(","types":[)" + types + "]}"),
                 201);
  Endpoint endpoint{made["webhook_id"].text(), made["secret"].text()};
  receiver.know(endpoint.secret);
  return endpoint;
}

Json state_of(Shop& shop, const Endpoint& endpoint) {
  const Json list = shop.staff(get("/v1/webhooks"));
  for (std::size_t i = 0; i < list["data"].size(); ++i) {
    if (list["data"][i]["webhook_id"].text() == endpoint.id) { return list["data"][i]; }
  }
  throw std::runtime_error("no endpoint " + endpoint.id + " in " + list.dump());
}

constexpr char kOrders[] = R"("org.firebrand.order_placed","org.firebrand.order_paid")";
constexpr char kKeys[] = R"("org.firebrand.api_key_added")";

class Webhooks : public ServerTest {
 public:
  static void SetUpTestSuite() { start(kFlags); }
};

TEST_F(Webhooks, AreSignedAndInOrder) {
  Receiver receiver;
  const Endpoint endpoint = add_endpoint(shop(), receiver, kOrders);
  const Drop drop = shop().plan({.waves = {{10}}, .limit = 5});
  std::vector<std::string> orders;
  for (int i = 0; i < 5; ++i) {
    const Fan fan = shop().fan("told-" + std::to_string(i));
    orders.push_back(shop().order(drop, fan, Shop::unique("o")).json()["order_id"].text());
    EXPECT_EQ(shop().send(payment(orders.back(), Shop::unique("pay"))).status, 200);
  }
  ASSERT_TRUE(eventually([&] { return receiver.got().size() >= 10; }));
  std::map<std::string, std::vector<std::string>> by_order;
  for (const Receiver::Got& one : receiver.got()) {
    EXPECT_EQ(one.good, std::vector<bool>{true}) << one.id;
    by_order[one.subject].push_back(one.type);
  }
  EXPECT_EQ(by_order.size(), 5U);
  for (const auto& [order, types] : by_order) {
    EXPECT_EQ(types,
              (std::vector<std::string>{"org.firebrand.order_placed", "org.firebrand.order_paid"}))
        << order;
  }
  EXPECT_TRUE(eventually([&] { return state_of(shop(), endpoint)["owed"].number() == 0; }));
  const Json attempts = shop().staff(get(endpoint.path("/attempts?limit=3")));
  EXPECT_EQ(attempts["data"].size(), 3U);
  EXPECT_EQ(attempts["data"][0]["status"].number(), 200);
  EXPECT_EQ(attempts["data"][0]["answer"].text(), "seen");
  EXPECT_TRUE(attempts["has_more"].boolean());
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, TryAgainWithTheSameIdAndHoldUpNobodyElse) {
  // The first order's events fail at first; the others are told meanwhile.
  std::atomic<bool> refuse_first{true};
  std::string first;
  std::mutex mutex;
  Receiver receiver([&](const Receiver::Got& got, std::size_t) {
    const std::lock_guard lock(mutex);
    if (first.empty()) { first = got.subject; }
    return got.subject == first && refuse_first.load() ? 500 : 200;
  });
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys);
  for (int i = 0; i < 4; ++i) { (void)shop().make_key("told"); }
  ASSERT_TRUE(eventually([&] {
    const auto ids = receiver.ids();
    return std::set<std::string>(ids.begin(), ids.end()).size() == 4;
  }));
  refuse_first = false;
  ASSERT_TRUE(eventually([&] { return state_of(shop(), endpoint)["owed"].number() == 0; }));
  std::map<std::string, int> times;
  for (const std::string& id : receiver.ids()) { ++times[id]; }
  EXPECT_EQ(times.size(), 4U);
  EXPECT_GE(times[receiver.ids().front()], 2);
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, KeepWhatWasGivenUpUntilStaffTryAgain) {
  std::atomic<int> status{400};
  Receiver receiver([&](const Receiver::Got&, std::size_t) { return status.load(); });
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys);
  (void)shop().make_key("given up");
  ASSERT_TRUE(eventually([&] { return state_of(shop(), endpoint)["dead"].number() == 1; }));
  EXPECT_EQ(receiver.got().size(), 3U);
  const Json dead = shop().staff(get(endpoint.path("/dead-letters")))["data"][0];
  EXPECT_EQ(dead["reason"].text(), "HTTP 400");
  EXPECT_EQ(dead["attempts"].number(), 3);
  EXPECT_EQ(dead["event"]["data"]["name"].text(), "given up");
  status = 204;
  (void)shop().staff(post(endpoint.path("/dead-letters/retry"),
                          R"({"event_id":")" + dead["event_id"].text() + R"("})"),
                     202);
  ASSERT_TRUE(eventually([&] {
    const Json state = state_of(shop(), endpoint);
    return state["dead"].number() == 0 && state["owed"].number() == 0;
  }));
  EXPECT_EQ(receiver.ids().back(), dead["event_id"].text());
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, SendATestAndTellAllOnceMore) {
  Receiver receiver;
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys);
  const std::string test = shop().staff(post(endpoint.path("/test")), 202)["event_id"].text();
  ASSERT_TRUE(eventually([&] { return !receiver.got().empty(); }));
  EXPECT_EQ(receiver.got()[0].id, test);
  EXPECT_EQ(receiver.got()[0].type, "org.firebrand.test");
  EXPECT_TRUE(receiver.got()[0].good[0]);
  (void)shop().make_key("once");
  ASSERT_TRUE(eventually([&] { return receiver.got().size() == 2; }));
  const std::string id = receiver.ids().back();
  (void)shop().staff(post(endpoint.path("/replay"), R"({"after":"evt_1-0"})"), 202);
  ASSERT_TRUE(eventually([&] {
    const auto ids = receiver.ids();
    return std::ranges::count(ids, id) == 2;
  }));
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, AreSignedByBothSecretsForAWhile) {
  Receiver receiver;
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys);
  const Json rotated =
      shop().staff(post(endpoint.path("/rotate-secret"), R"({"overlap_seconds":600})"));
  EXPECT_NE(rotated["secret"].text(), endpoint.secret);
  receiver.know(rotated["secret"].text());
  (void)shop().staff(post(endpoint.path("/test")), 202);
  ASSERT_TRUE(eventually([&] { return receiver.got().size() == 1; }));
  EXPECT_EQ(receiver.got()[0].good, (std::vector<bool>{true, true}));
  const Json again =
      shop().staff(post(endpoint.path("/rotate-secret"), R"({"overlap_seconds":0})"));
  receiver.know(again["secret"].text());
  (void)shop().staff(post(endpoint.path("/test")), 202);
  ASSERT_TRUE(eventually([&] { return receiver.got().size() == 2; }));
  EXPECT_EQ(receiver.got()[1].good, (std::vector<bool>{false, false, true}));
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, StopWhenTheEndpointSaysItIsGone) {
  std::atomic<int> status{410};
  Receiver receiver([&](const Receiver::Got&, std::size_t) { return status.load(); });
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys);
  (void)shop().make_key("gone");
  ASSERT_TRUE(eventually([&] { return state_of(shop(), endpoint)["state"].text() == "paused"; }));
  EXPECT_EQ(state_of(shop(), endpoint)["paused_because"].text(), "gone");
  const std::size_t calls = receiver.got().size();
  (void)shop().make_key("waits");
  status = 200;
  EXPECT_EQ(receiver.got().size(), calls);
  (void)shop().staff(post(endpoint.path("/resume")));
  ASSERT_TRUE(eventually([&] {
    const auto ids = receiver.ids();
    return std::set<std::string>(ids.begin(), ids.end()).size() == 2 &&
           state_of(shop(), endpoint)["owed"].number() == 0;
  }));
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, TellNobodyWhoseCertificateIsNotGood) {
  const TlsTestServer stranger("IP:127.0.0.1");
  const Json made = shop().staff(
      post("/v1/webhooks", R"({"url":")" + stranger.url() + R"(","types":[)" + kKeys + "]}"), 201);
  const Endpoint endpoint{made["webhook_id"].text(), made["secret"].text()};
  (void)shop().make_key("not told");
  ASSERT_TRUE(eventually([&] { return state_of(shop(), endpoint)["dead"].number() == 1; }));
  const Json dead = shop().staff(get(endpoint.path("/dead-letters")))["data"][0];
  EXPECT_EQ(dead["reason"].text(), "tls_failed");
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, AreSentAsHeadersAndData) {
  Receiver receiver;
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys, "binary");
  EXPECT_EQ(state_of(shop(), endpoint)["mode"].text(), "binary");
  (void)shop().make_key("in parts");
  ASSERT_TRUE(eventually([&] { return !receiver.got().empty(); }));
  const Receiver::Got got = receiver.got()[0];
  EXPECT_EQ(got.id, got.call);
  EXPECT_EQ(got.type, "org.firebrand.api_key_added");
  EXPECT_FALSE(got.subject.empty());
  EXPECT_TRUE(got.good[0]) << "the data is what is signed";
  const Json data = Json::parse(got.body);
  EXPECT_EQ(data["name"].text(), "in parts");
  EXPECT_FALSE(data.has("specversion"));
  (void)shop().staff(post(endpoint.path("/test")), 202);
  ASSERT_TRUE(eventually([&] { return receiver.got().size() == 2; }));
  EXPECT_EQ(receiver.got()[1].type, "org.firebrand.test");
  EXPECT_EQ(receiver.got()[1].body, "{}");
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, AreSentInBatchesThatGoAgainAsTheyWere) {
  std::atomic<bool> refuses{true};
  Receiver receiver([&](const Receiver::Got&, std::size_t) { return refuses.load() ? 500 : 200; });
  const Endpoint endpoint = add_endpoint(shop(), receiver, kKeys, "batch");
  const auto act = [&](const char* what) { (void)shop().staff(post(endpoint.path(what))); };
  // What happens while it is paused gathers.
  act("/pause");
  for (int i = 0; i < 4; ++i) { (void)shop().make_key("gathered"); }
  act("/resume");
  ASSERT_TRUE(eventually([&] {
    const auto ids = receiver.ids();
    return std::set<std::string>(ids.begin(), ids.end()).size() == 4;
  }));
  refuses = false;
  ASSERT_TRUE(eventually([&] { return state_of(shop(), endpoint)["owed"].number() == 0; }));
  std::map<std::string, std::set<std::string>> events_of_call;
  std::map<std::string, int> times;
  for (const Receiver::Got& one : receiver.got()) {
    EXPECT_TRUE(one.good[0]);
    EXPECT_TRUE(one.call.starts_with("batch_")) << one.call;
    events_of_call[one.call].insert(one.id);
    ++times[one.id];
  }
  std::size_t events = 0;
  for (const auto& [call, ids] : events_of_call) { events += ids.size(); }
  EXPECT_EQ(times.size(), 4U);
  EXPECT_EQ(events, 4U) << "each went again with the batch it was in";
  for (const auto& [id, count] : times) { EXPECT_GE(count, 2) << id; }
  (void)shop().staff(post(endpoint.path("/test")), 202);
  ASSERT_TRUE(eventually([&] { return receiver.got().back().type == "org.firebrand.test"; }));
  const Json attempts = shop().staff(get(endpoint.path("/attempts?limit=50")));
  EXPECT_TRUE(attempts["data"][1]["event_id"].text().starts_with("batch_"));
  (void)shop().staff(post(endpoint.path("/remove")));
}

TEST_F(Webhooks, RefuseWhatCannotBeCalled) {
  const auto code = [&](const std::string& body) {
    return shop().send(post("/v1/webhooks", body).cookie(shop().session())).json()["code"].text();
  };
  EXPECT_EQ(code(R"({"url":"ftp://shop.example/"})"), "url_not_allowed");
  EXPECT_EQ(code(R"({"url":"https://user:word@shop.example/"})"), "url_not_allowed");
  EXPECT_EQ(code(R"({"url":"https://shop.example/","types":["order_paid"]})"),
            "event_type_unknown");
  EXPECT_EQ(code(R"({"url":"https://shop.example/","concurrency":11})"), "validation");
  EXPECT_EQ(code(R"({"url":"https://shop.example/","mode":"slow"})"), "validation");
  EXPECT_EQ(code(R"({"url":"https://shop.example/","batch_events":101})"), "validation");
  EXPECT_EQ(code(R"({"url":""})"), "validation");
  const auto named = [&](const char* path) {
    return shop().send(get(path).cookie(shop().session())).json()["code"].text();
  };
  EXPECT_EQ(named("/v1/webhooks/webhook_99/attempts"), "webhook_not_found");
  EXPECT_EQ(named("/v1/webhooks/x/dead-letters"), "webhook_not_found");
  EXPECT_EQ(shop().send(get("/v1/webhooks").bearer(shop().key().secret)).status, 401);
}

/// The server dies between the calls and comes back: every event is told at least once, each under
/// one id.
class WebhooksAfterKills : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Modes, WebhooksAfterKills,
                         ::testing::Values("structured", "binary", "batch"));

TEST_P(WebhooksAfterKills, MissNothing) {
  TemporaryDirectory work;
  const ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = kFlags};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  Receiver receiver;
  (void)add_endpoint(shop, receiver, kOrders, GetParam());
  const Drop drop = shop.plan({.waves = {{1'000}}, .limit = 5});
  std::set<std::string> wanted;
  for (int kill = 0; kill < 4; ++kill) {
    for (int i = 0; i < 25; ++i) {
      const Fan fan = shop.fan(Shop::unique("survivor"));
      wanted.insert(shop.order(drop, fan, Shop::unique("o")).json()["order_id"].text());
    }
    server->kill();
    server = std::make_unique<ServerProcess>(options);
    server->wait_until_ready();
    shop.hang_up();
  }
  const auto told = [&] {
    std::set<std::string> orders;
    for (const Receiver::Got& one : receiver.got()) { orders.insert(one.subject); }
    return orders;
  };
  EXPECT_TRUE(eventually([&] { return told() == wanted; }))
      << told().size() << " of " << wanted.size();
  std::map<std::string, std::set<std::string>> ids_of_order;
  for (const Receiver::Got& one : receiver.got()) {
    EXPECT_TRUE(one.good[0]);
    ids_of_order[one.subject].insert(one.id);
  }
  for (const auto& [order, ids] : ids_of_order) { EXPECT_EQ(ids.size(), 1U) << order; }
  EXPECT_EQ(server->stop(), 0) << server->process().output();
  (void)check_directory(options.data);
}

}  // namespace
}  // namespace firebrand::e2e
