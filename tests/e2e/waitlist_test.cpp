// A waitlist over HTTP: who gets what comes back, with a clock of its own, also through SIGKILLs.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

constexpr std::string_view kTerms = R"({"ends_at":"2099-01-01T00:00:00Z","places_max":100})";

/// A drop whose units these fans have bought, with a waitlist.
struct SoldOut {
  Drop drop{};
  std::vector<Fan> buyers{};
  std::vector<std::string> orders{};
};

SoldOut sell_out(Shop& shop, int units, const DropPlan& like = {}) {
  DropPlan plan = like;
  plan.waves = {{units}};
  SoldOut sold{.drop = shop.plan(plan)};
  (void)shop.staff(post(sold.drop.path("/waitlist/open"), std::string(kTerms)), 201);
  for (int i = 0; i < units; ++i) {
    sold.buyers.push_back(shop.fan(Shop::unique("buys")));
    const Answer order = shop.order(sold.drop, sold.buyers.back(), Shop::unique("key"));
    EXPECT_EQ(order.status, 201) << order.body;
    sold.orders.push_back(order.json()["order_id"].text());
  }
  return sold;
}

Answer join(Caller& caller, const Drop& drop, const Fan& fan) {
  return caller.send(post(drop.path("/waitlist")).bearer(fan.token));
}
Json place_of(Caller& caller, const Drop& drop, const Fan& fan) {
  return caller.send(get(drop.path("/waitlist/place")).bearer(fan.token)).json();
}
Answer cancel(Caller& caller, const Fan& fan, const std::string& order_id) {
  return caller.send(
      post("/v1/orders/" + order_id + "/cancel").bearer(fan.token).key(Shop::unique("cancel")));
}

class Waitlist : public ServerTest {};

TEST_F(Waitlist, GivesWhatComesBackToTheNext) {
  const SoldOut sold = sell_out(shop(), 2);
  const Drop& drop = sold.drop;
  const Fan mei = shop().fan("mei-waits");
  const Fan bo = shop().fan("bo-waits");
  const Fan stranger = shop().fan("never-waited");
  const Answer joined = join(shop(), drop, mei);
  ASSERT_EQ(joined.status, 201) << joined.body;
  EXPECT_EQ(joined.json()["state"].text(), "waiting");
  EXPECT_EQ(joined.json()["ahead"].number(), 0);
  EXPECT_EQ(join(shop(), drop, bo).json()["ahead"].number(), 1);
  EXPECT_EQ(join(shop(), drop, bo).status, 200);
  EXPECT_EQ(join(shop(), drop, sold.buyers[0]).code(), "purchase_limit");
  EXPECT_TRUE(eventually([&] { return shop().status(drop)["waitlist"]["waiting"].number() == 2; }));

  ASSERT_EQ(cancel(shop(), sold.buyers[0], sold.orders[0]).status, 200);
  EXPECT_EQ(shop().order(drop, stranger, "stranger-1").code(), "sold_out");
  ASSERT_TRUE(eventually([&] { return place_of(shop(), drop, mei)["state"].text() == "served"; }));
  const std::string order_id = place_of(shop(), drop, mei)["order_id"].text();
  const Json order = shop().read_order(mei, order_id).json();
  EXPECT_EQ(order["state"].text(), "pending_payment");
  EXPECT_EQ(unix_ms(order["expires_at"].text()) - unix_ms(order["created_at"].text()), 900'000);
  EXPECT_EQ(place_of(shop(), drop, bo)["ahead"].number(), 0);
  EXPECT_EQ(shop().send(post(drop.path("/waitlist/leave")).bearer(mei.token)).code(),
            "waitlist_place_served");
  // The notice.
  const std::string type = "org.firebrand.waitlist_served";
  ASSERT_TRUE(eventually([&] {
    const Json events =
        shop().send(get("/v1/events?type=" + type).bearer(shop().key().secret)).json();
    return events["data"].size() >= 1 && events["data"][0]["data"]["order_id"].text() == order_id;
  }));

  // What was served is given up: it goes to the next again, and then to anybody.
  ASSERT_EQ(cancel(shop(), mei, order_id).status, 200);
  ASSERT_TRUE(eventually([&] { return place_of(shop(), drop, bo)["state"].text() == "served"; }));
  const std::string last = place_of(shop(), drop, bo)["order_id"].text();
  ASSERT_EQ(shop().send(payment(last, Shop::unique("pay"))).status, 200);
  ASSERT_EQ(cancel(shop(), sold.buyers[1], sold.orders[1]).status, 200);
  EXPECT_EQ(shop().order(drop, stranger, "stranger-2").status, 201);
  EXPECT_TRUE(eventually([&] { return shop().status(drop)["waitlist"]["served"].number() == 2; }));
}

TEST_F(Waitlist, WaitsWhileTheDropIsPaused) {
  const SoldOut sold = sell_out(shop(), 1);
  const Fan fan = shop().fan("waits-through-a-pause");
  ASSERT_EQ(join(shop(), sold.drop, fan).status, 201);
  (void)shop().staff(post(sold.drop.path("/pause")));
  ASSERT_EQ(cancel(shop(), sold.buyers[0], sold.orders[0]).status, 200);
  EXPECT_EQ(place_of(shop(), sold.drop, fan)["state"].text(), "waiting");
  (void)shop().staff(post(sold.drop.path("/resume")));
  EXPECT_TRUE(
      eventually([&] { return place_of(shop(), sold.drop, fan)["state"].text() == "served"; }));
}

TEST_F(Waitlist, IsRefusedWhereItCannotBe) {
  const Fan fan = shop().fan("asks-for-a-list");
  const auto open = [&](const Drop& drop) {
    return shop()
        .send(post(drop.path("/waitlist/open"), std::string(kTerms)).cookie(shop().session()))
        .code();
  };
  const Drop drawn = shop().plan({.waves = {{.units = 1, .decision = "draw"}}});
  EXPECT_EQ(open(drawn), "no_wave_for_waitlist");
  EXPECT_EQ(open(Drop{.id = "drop_999", .opens_at = {}}), "drop_not_found");
  const Drop drop = shop().plan({.waves = {{1}}});
  EXPECT_EQ(join(shop(), drop, fan).code(), "waitlist_not_found");
  EXPECT_EQ(shop().send(get(drop.path("/waitlist/place")).bearer(fan.token)).code(),
            "waitlist_not_found");
  (void)shop().staff(post(drop.path("/waitlist/open"), std::string(kTerms)), 201);
  (void)shop().staff(post(drop.path("/waitlist/open"), std::string(kTerms)), 200);
  EXPECT_EQ(join(shop(), drop, fan).code(), "not_sold_out");
  ASSERT_EQ(shop().order(drop, shop().fan("takes-it"), "takes-it").status, 201);
  ASSERT_EQ(join(shop(), drop, fan).status, 201);
  EXPECT_EQ(
      shop().send(post(drop.path("/waitlist/leave")).bearer(fan.token)).json()["state"].text(),
      "left");
  EXPECT_EQ(shop().send(post(drop.path("/waitlist/close")).bearer(fan.token)).status, 401);
  (void)shop().staff(post(drop.path("/waitlist/close")));
  (void)shop().staff(post(drop.path("/waitlist/close")));
  EXPECT_EQ(join(shop(), drop, fan).code(), "waitlist_closed");
  EXPECT_TRUE(
      eventually([&] { return shop().status(drop)["waitlist"]["phase"].text() == "closed"; }));
}

// SIGKILL while people wait, and again while units come back: nobody loses a place, nobody gets
// two.
TEST(WaitlistCrash, LosesNobodyToAKill) {
  constexpr int kUnits = 12;
  constexpr int kWaiting = 30;
  TemporaryDirectory work;
  const ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const auto kill_and_restart = [&] {
    server->kill();
    shop.hang_up();
    server = std::make_unique<ServerProcess>(options);
    server->wait_until_ready();
  };
  const SoldOut sold = sell_out(shop, kUnits);
  std::vector<Fan> fans;
  for (int i = 0; i < kWaiting; ++i) {
    fans.push_back(shop.fan("in-line-" + std::to_string(i)));
    ASSERT_EQ(join(shop, sold.drop, fans.back()).json()["place"].number(), i + 1);
  }
  kill_and_restart();
  for (std::size_t i = 0; i < fans.size(); ++i) {
    EXPECT_EQ(place_of(shop, sold.drop, fans[i])["ahead"].number(), static_cast<std::int64_t>(i));
  }
  for (std::size_t i = 0; i < sold.orders.size(); ++i) {
    ASSERT_EQ(cancel(shop, sold.buyers[i], sold.orders[i]).status, 200);
    if (i % 4 == 3) { kill_and_restart(); }
  }
  // Exactly the first ones, each with an order of their own.
  std::set<std::string> orders;
  ASSERT_TRUE(eventually(
      [&] { return place_of(shop, sold.drop, fans[kUnits - 1])["state"].text() == "served"; }));
  for (std::size_t i = 0; i < fans.size(); ++i) {
    const Json place = place_of(shop, sold.drop, fans[i]);
    EXPECT_EQ(place["state"].text(), i < kUnits ? "served" : "waiting") << i;
    if (i < kUnits) { orders.insert(place["order_id"].text()); }
  }
  EXPECT_EQ(orders.size(), static_cast<std::size_t>(kUnits));
  EXPECT_EQ(server->stop(), 0);
  const Finished audit = run_program({"audit", "--data", options.data});
  EXPECT_EQ(audit.status, 0) << audit.output;
}

}  // namespace
}  // namespace firebrand::e2e
