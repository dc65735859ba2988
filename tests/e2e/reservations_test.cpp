// A reservation from the first click to the purchase that uses it, over HTTP.
#include <gtest/gtest.h>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

class Reservations : public ServerTest {
 protected:
  /// Terms without an end that a test would wait for; a fifth of CNY 1,999.00 binds.
  static std::string terms(int cap, std::string_view deposit) {
    return R"({"opens_at":"2020-01-01T00:00:00Z","closes_at":"2098-01-01T00:00:00Z","cap":)" +
           std::to_string(cap) + R"(,"balance_due_at":"2099-01-01T00:00:00Z")" +
           std::string(deposit) + "}";
  }
  static Drop open(int cap, std::string_view deposit) {
    const Drop drop = shop().plan(
        {.waves = {{.units = 2, .audience = "reservation_holders"}, {.units = 5, .manual = true}}});
    shop().staff(post(drop.path("/reservations/open"), terms(cap, deposit)), 201);
    return drop;
  }
  static Answer reserve(const Drop& drop, const Fan& fan) {
    return shop().send(post(drop.path("/reservations")).bearer(fan.token));
  }
  static Answer own(const Drop& drop, const Fan& fan) {
    return shop().send(get(drop.path("/reservation")).bearer(fan.token));
  }
  static Answer withdraw(const Drop& drop, const Fan& fan) {
    return shop().send(post(drop.path("/reservation/withdraw")).bearer(fan.token));
  }
};

constexpr std::string_view kBinding = R"(,"deposit_kind":"binding","deposit_minor":39980)";

TEST_F(Reservations, WithADepositBuyForTheRestInTheirOwnWave) {
  const Drop drop = open(2, kBinding);
  const Fan mei = shop().fan("mei");
  const Fan late = shop().fan("late");
  const Fan stranger = shop().fan("stranger");

  const Answer made = reserve(drop, mei);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.json()["state"].text(), "pending_deposit");
  EXPECT_EQ(made.json()["deposit"]["amount"].number(), 39'980);
  EXPECT_EQ(reserve(drop, mei).status, 200);
  const std::string id = made.json()["reservation_id"].text();
  EXPECT_EQ(own(drop, stranger).code(), "reservation_not_found");
  ASSERT_EQ(reserve(drop, late).status, 201);
  EXPECT_EQ(reserve(drop, stranger).code(), "reservations_full");

  const std::string payment_id = Shop::unique("deposit");
  EXPECT_EQ(shop().send(deposit(id, Shop::unique("less"), 39'979)).json()["outcome"].text(),
            "refund_due");
  for (int i = 0; i < 2; ++i) {
    const Answer paid = shop().send(deposit(id, payment_id, 39'980));
    ASSERT_EQ(paid.status, 200) << paid.body;
    EXPECT_EQ(paid.json()["outcome"].text(), "reserved");
  }
  EXPECT_EQ(own(drop, mei).json()["state"].text(), "reserved");
  EXPECT_EQ(shop().send(deposit(id, Shop::unique("deposit"), 39'980)).json()["outcome"].text(),
            "refund_due");
  EXPECT_EQ(withdraw(drop, late).json()["state"].text(), "withdrawn");
  EXPECT_TRUE(eventually([&] {
    return shop().status(drop)["reservations"]["counts"]["reserved"].number() == 1 &&
           shop().status(drop)["reservations"]["taken"].number() == 1;
  }));

  EXPECT_EQ(shop().order(drop, stranger, Shop::unique("key")).code(), "reservation_required");
  const Answer order = shop().order(drop, mei, Shop::unique("key"));
  ASSERT_EQ(order.status, 201) << order.body;
  EXPECT_EQ(order.json()["total"]["amount"].number(), 199'900 - 39'980);
  EXPECT_EQ(own(drop, mei).json()["state"].text(), "ordered");
  EXPECT_EQ(withdraw(drop, mei).code(), "reservation_ordered");
  const std::string order_id = order.json()["order_id"].text();
  EXPECT_EQ(shop().send(payment(order_id, Shop::unique("pay"), 199'900 - 39'980)).status, 200);
  EXPECT_EQ(own(drop, mei).json()["state"].text(), "used");

  const Json list = shop().staff(get(drop.path("/reservations")));
  ASSERT_EQ(list["data"].size(), 2U);
  EXPECT_EQ(list["data"][0]["state"].text(), "withdrawn");
  EXPECT_EQ(list["data"][1]["state"].text(), "used");
  EXPECT_EQ(list["data"][1]["person_id"].text(), mei.person_id);
  EXPECT_EQ(shop().send(get(drop.path("/reservations")).bearer(mei.token)).status, 401);
}

TEST_F(Reservations, AreReturnedDoubleWhenTheDropIsCancelled) {
  const Drop drop = open(2, kBinding);
  const Fan fan = shop().fan("waits");
  const std::string id = reserve(drop, fan).json()["reservation_id"].text();
  ASSERT_EQ(shop().send(deposit(id, Shop::unique("deposit"), 39'980)).status, 200);
  shop().staff(post(drop.path("/cancel")));
  EXPECT_TRUE(eventually([&] { return own(drop, fan).json()["state"].text() == "returned"; }));
  const Json entry = shop().staff(get(drop.path("/reservations")))["data"][0];
  EXPECT_EQ(entry["owed"]["amount"].number(), 2 * 39'980);
  EXPECT_EQ(entry["kept"]["amount"].number(), 0);
}

TEST_F(Reservations, AreRefusedWhereTheirTermsDoNotHold) {
  const Drop drop = shop().plan({.waves = {{2}}});
  const Fan fan = shop().fan("asks");
  EXPECT_EQ(reserve(drop, fan).code(), "reservations_not_offered");
  const auto refused = [&](std::string_view deposit) {
    return shop()
        .send(post(drop.path("/reservations/open"), terms(5, deposit)).cookie(shop().session()))
        .code();
  };
  EXPECT_EQ(refused(R"(,"deposit_kind":"binding","deposit_minor":39981)"), "deposit_too_high");
  EXPECT_EQ(refused(R"(,"deposit_kind":"refundable","deposit_minor":199900)"),
            "deposit_not_below_price");
  EXPECT_EQ(refused(R"(,"deposit_minor":1)"), "deposit_kind_without_amount");
  shop().staff(post(drop.path("/reservations/open"), terms(5, "")), 201);
  shop().staff(post(drop.path("/reservations/open"), terms(5, "")), 200);
  EXPECT_EQ(refused(kBinding), "exists_with_different_fields");
  const Answer made = reserve(drop, fan);
  EXPECT_EQ(made.json()["state"].text(), "reserved") << made.body;
}

}  // namespace
}  // namespace firebrand::e2e
