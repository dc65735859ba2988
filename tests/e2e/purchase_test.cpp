// A purchase from the first refused click to the refund of what came too late, over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::ElementsAre;

class Purchase : public ServerTest {
 protected:
  static std::string place(const Drop& drop, const Fan& fan, std::string_view body = "{}") {
    const Answer answer = shop().order(drop, fan, Shop::unique("key"), body);
    if (answer.status != 201) { throw std::runtime_error("order: " + answer.body); }
    return answer.json()["order_id"].text();
  }
  static std::string state_of(const Fan& fan, std::string_view order_id) {
    return shop().read_order(fan, order_id).json()["state"].text();
  }
  /// Orders of an answered list, "ord_3 paid".
  static std::vector<std::string> listed(const Json& list) {
    std::vector<std::string> orders;
    for (std::size_t i = 0; i < list["data"].size(); ++i) {
      orders.push_back(list["data"][i]["order_id"].text() + " " + list["data"][i]["state"].text());
    }
    return orders;
  }
};

TEST_F(Purchase, IsRefusedUntilTheExactMomentAndThenMadeUnderTheSameKey) {
  const Drop drop = shop().plan({.opens_in = Millis{1'500}, .waves = {{3}}});
  const Fan fan = shop().fan("early");
  Answer answer = shop().order(drop, fan, "from-the-start");
  ASSERT_EQ(answer.code(), "not_open");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.json()["opens_at"].text(), drop.opens_at);
  EXPECT_LT(unix_ms(answer.json()["server_time"].text()), unix_ms(drop.opens_at));
  EXPECT_EQ(shop().status(drop)["state"].text(), "scheduled");

  // A refusal is decided anew: the same key opens the door once there is one.
  ASSERT_TRUE(eventually([&] {
    answer = shop().order(drop, fan, "from-the-start");
    return answer.status == 201 || answer.code() != "not_open";
  }));
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_FALSE(answer.replayed());
  const std::int64_t created_at = unix_ms(answer.json()["created_at"].text());
  EXPECT_GE(created_at, unix_ms(drop.opens_at));
  EXPECT_LT(created_at, unix_ms(drop.opens_at) + 5'000);
}

TEST_F(Purchase, AnswersWithTheWholeOrder) {
  const Drop drop = shop().plan({.waves = {{3}}, .limit = 2, .window_seconds = 600});
  const Fan fan = shop().fan("mei");
  const Answer answer = shop().order(drop, fan, "whole", R"({"quantity":2,"currency":"USD"})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_FALSE(answer.header("X-Request-Id").empty());
  const Json order = answer.json();
  EXPECT_THAT(order.names(),
              ElementsAre("order_id", "drop_id", "wave", "person_id", "quantity", "total", "state",
                          "created_at", "expires_at", "units_returned", "pickup"));
  EXPECT_TRUE(order["order_id"].text().starts_with("ord_"));
  EXPECT_EQ(order["drop_id"].text(), drop.id);
  EXPECT_EQ(order["wave"].number(), 1);
  EXPECT_EQ(order["person_id"].text(), fan.person_id);
  EXPECT_EQ(order["quantity"].number(), 2);
  EXPECT_EQ(order["total"]["amount"].number(), 59'800);
  EXPECT_EQ(order["total"]["currency"].text(), "USD");
  EXPECT_EQ(order["state"].text(), "pending_payment");
  EXPECT_EQ(unix_ms(order["expires_at"].text()) - unix_ms(order["created_at"].text()), 600'000);
  EXPECT_EQ(shop().read_order(fan, order["order_id"].text()).body, answer.body);
}

TEST_F(Purchase, IsReplayedByteForByte) {
  const Drop drop = shop().plan({.limit = 2});
  const Fan fan = shop().fan("repeats");
  const Answer first = shop().order(drop, fan, "again", R"({"quantity":1})");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  for (const std::string_view key : {"again", "\"again\""}) {
    const Answer second = shop().order(drop, fan, key, R"({ "quantity" : 1 })");
    EXPECT_EQ(second.status, 201);
    EXPECT_TRUE(second.replayed());
    EXPECT_EQ(second.body, first.body);
  }
  // Also when the order has moved on: the answer is the one of then.
  const std::string order_id = first.json()["order_id"].text();
  ASSERT_EQ(shop().send(payment(order_id, "pay-again")).status, 200);
  const Answer later = shop().order(drop, fan, "again", R"({"quantity":1})");
  EXPECT_EQ(later.body, first.body);
  EXPECT_EQ(state_of(fan, order_id), "paid");
  EXPECT_EQ(shop().status(drop)["units"]["total"].number(), 100);
}

TEST_F(Purchase, RefusesAKeyThatWasUsedForSomethingElse) {
  const Drop drop = shop().plan({.limit = 5});
  const Drop other = shop().plan({.limit = 5});
  const Fan fan = shop().fan("reuses");
  ASSERT_EQ(shop().order(drop, fan, "one-key").status, 201);
  const Answer more = shop().order(drop, fan, "one-key", R"({"quantity":2})");
  EXPECT_EQ(more.status, 422);
  EXPECT_EQ(more.code(), "idempotency_key_reused");
  EXPECT_EQ(shop().order(other, fan, "one-key").code(), "idempotency_key_reused");
  // A key belongs to who sent it.
  const Answer neighbour = shop().order(drop, shop().fan("neighbour"), "one-key");
  EXPECT_EQ(neighbour.status, 201);
  EXPECT_FALSE(neighbour.replayed());
}

TEST_F(Purchase, KeepsToTheLimitAndGivesBackWhatIsCancelled) {
  const Drop drop = shop().plan({.waves = {{2}}});
  const Fan fan = shop().fan("changes-mind");
  const std::string first = place(drop, fan);
  const Answer over = shop().order(drop, fan, "second");
  EXPECT_EQ(over.status, 409);
  EXPECT_EQ(over.code(), "purchase_limit");
  EXPECT_EQ(over.json()["limit"].number(), 1);
  EXPECT_EQ(over.json()["owned"].number(), 1);

  const Request cancel = post("/v1/orders/" + first + "/cancel").bearer(fan.token).key("undo");
  const Answer cancelled = shop().send(cancel);
  EXPECT_EQ(cancelled.status, 200);
  EXPECT_EQ(cancelled.json()["state"].text(), "cancelled");
  EXPECT_EQ(shop().send(cancel).body, cancelled.body);
  EXPECT_EQ(
      units_when(drop, [](const Json& units) { return units["available"].number() == 2; })["held"]
          .number(),
      0);

  const Answer second = shop().order(drop, fan, "second");
  EXPECT_EQ(second.status, 201) << second.body;
  EXPECT_NE(second.json()["order_id"].text(), first);
}

TEST_F(Purchase, IsPaidOnceHoweverOftenTheProviderSaysSo) {
  const Drop drop = shop().plan({.limit = 5});
  const Fan fan = shop().fan("pays");
  const std::string order_id = place(drop, fan);
  EXPECT_EQ(shop().send(payment(order_id, "pay-zero", 0)).code(), "amount_must_be_positive");
  // Money that fits no order is kept apart, and the order waits on.
  for (const Request& other :
       {payment(order_id, "pay-more", 199'901), payment(order_id, "pay-usd", 199'900, "USD"),
        payment("ord_99999999", "pay-nothing")}) {
    EXPECT_EQ(shop().send(other).json()["outcome"].text(), "unmatched");
  }
  EXPECT_EQ(state_of(fan, order_id), "pending_payment");

  const Answer paid = shop().send(payment(order_id, "pay-1"));
  ASSERT_EQ(paid.status, 200) << paid.body;
  EXPECT_EQ(paid.body,
            R"({"order_id":")" + order_id + R"(","payment_id":"pay-1","outcome":"paid"})");
  EXPECT_EQ(shop().send(payment(order_id, "pay-1")).body, paid.body);
  EXPECT_EQ(state_of(fan, order_id), "paid");
  EXPECT_EQ(shop().send(post("/v1/orders/" + order_id + "/cancel").bearer(fan.token)).code(),
            "order_paid");

  // Paid twice: the second money is owed back.
  const Answer twice = shop().send(payment(order_id, "pay-2"));
  EXPECT_EQ(twice.status, 200);
  EXPECT_EQ(twice.json()["outcome"].text(), "refund_due");
  // The same payment cannot be for another order too.
  EXPECT_EQ(shop().send(payment(place(drop, fan), "pay-1")).code(), "exists_with_different_fields");
  const Json units = units_when(drop, [](const Json& seen) {
    return seen["sold"].number() == 1 && seen["held"].number() == 1;
  });
  EXPECT_EQ(units["sold"].number(), 1);
  EXPECT_EQ(units["held"].number(), 1);
}

TEST_F(Purchase, ExpiresAtItsMomentAndMoneyThatComesLaterIsOwedBack) {
  const Drop drop = shop().plan({.waves = {{1}}, .window_seconds = 1});
  const Fan fan = shop().fan("too-late");
  const std::string order_id = place(drop, fan);
  const Fan next = shop().fan("next-in-line");
  EXPECT_EQ(shop().order(drop, next, "waits").code(), "sold_out");
  ASSERT_TRUE(eventually([&] { return state_of(fan, order_id) == "expired"; }));
  EXPECT_EQ(shop().send(post("/v1/orders/" + order_id + "/cancel").bearer(fan.token)).code(),
            "order_expired");

  const Answer late = shop().send(payment(order_id, "pay-late"));
  EXPECT_EQ(late.status, 200);
  EXPECT_EQ(late.json()["outcome"].text(), "refund_due");
  EXPECT_EQ(state_of(fan, order_id), "expired");

  Answer answer;
  ASSERT_TRUE(eventually([&] {
    answer = shop().order(drop, next, "waits");
    return answer.status == 201;
  })) << answer.body;
}

TEST_F(Purchase, IsSignedByTheProvider) {
  const Drop drop = shop().plan({});
  const Fan fan = shop().fan("signed");
  const std::string order_id = place(drop, fan);
  const Request good = payment(order_id, "pay-signed");
  const std::int64_t now = unix_seconds_now();
  const auto outcome_of = [](const Request& request) { return shop().send(request).code(); };
  const Answer unsigned_one = shop().send(post("/v1/payments/callback", good.body));
  EXPECT_EQ(unsigned_one.code(), "signature_wrong");
  EXPECT_EQ(unsigned_one.header("WWW-Authenticate"), "");
  EXPECT_EQ(outcome_of(signed_payment(good.body, now, "another secret of ours")),
            "signature_wrong");
  EXPECT_EQ(outcome_of(signed_payment(good.body, now - 301, kPaymentSecret)), "signature_wrong");
  EXPECT_EQ(outcome_of(signed_payment(good.body, now + 310, kPaymentSecret)), "signature_wrong");
  Request changed = good;
  changed.body.back() = ' ';
  changed.body += '}';
  EXPECT_EQ(outcome_of(changed), "signature_wrong");
  EXPECT_EQ(state_of(fan, order_id), "pending_payment");

  // While the secret is changed the provider signs with both.
  Request rotated = good;
  rotated.headers[1].second = "v1=00 " + rotated.headers[1].second;
  EXPECT_EQ(shop().send(rotated).json()["outcome"].text(), "paid");
}

TEST_F(Purchase, MayBePausedBeforeTheOpening) {
  const Drop drop = shop().plan({.opens_in = Millis{3'600'000}});
  const auto standing = [&] {
    const Json status = shop().status(drop);
    return status["state"].text() + ", " + status["pausing"].text();
  };
  EXPECT_EQ(standing(), "scheduled, running");
  (void)shop().staff(post(drop.path("/pause")));
  EXPECT_EQ(standing(), "scheduled, paused");
  EXPECT_EQ(shop().staff(get(drop.path("/live")))["pausing"].text(), "paused");
  (void)shop().staff(post(drop.path("/resume")));
  EXPECT_EQ(standing(), "scheduled, running");
}

TEST_F(Purchase, FollowsTheWavesAndTheHandOnThem) {
  const Drop drop = shop().plan({.waves = {{1}, {2, true}}, .limit = 2});
  const Fan fan = shop().fan("wave-rider");
  EXPECT_EQ(shop().order(drop, fan, "too-many", R"({"quantity":2})").code(),
            "quantity_not_available");
  EXPECT_EQ(shop().order(drop, fan, "other-money", R"({"currency":"EUR"})").code(),
            "currency_not_offered");
  place(drop, fan);
  EXPECT_EQ(shop().order(drop, fan, "later").code(), "wave_sold_out");

  (void)shop().staff(post(drop.path("/pause")));
  EXPECT_EQ(shop().order(drop, fan, "later").code(), "paused");
  (void)shop().staff(post(drop.path("/waves/2/release")));
  EXPECT_EQ(shop().order(drop, fan, "later").code(), "paused");
  (void)shop().staff(post(drop.path("/resume")));
  const Answer second = shop().order(drop, fan, "later");
  ASSERT_EQ(second.status, 201) << second.body;
  EXPECT_EQ(second.json()["wave"].number(), 2);
  place(drop, shop().fan("last-one"));
  EXPECT_EQ(shop().order(drop, shop().fan("nobody"), "nothing").code(), "sold_out");

  (void)shop().staff(post(drop.path("/cancel")));
  EXPECT_EQ(shop().order(drop, shop().fan("nobody"), "nothing").code(), "drop_cancelled");
  EXPECT_EQ(shop()
                .send(payment(second.json()["order_id"].text(), "pay-after-cancel"))
                .json()["outcome"]
                .text(),
            "paid");
  EXPECT_EQ(shop().order({.id = "drop_99999", .opens_at = {}}, fan, "nowhere").code(),
            "drop_not_found");
}

TEST_F(Purchase, IsListedForItsFanAndForStaff) {
  const Drop drop = shop().plan({.limit = 3});
  const Fan fan = shop().fan("collector");
  const std::string first = place(drop, fan);
  const std::string second = place(drop, fan);
  const std::string third = place(drop, fan);
  (void)place(drop, shop().fan("someone-else"));
  ASSERT_EQ(shop().send(payment(second, "pay-listed")).status, 200);
  const auto list = [&](const std::string& query) {
    return shop().send(get("/v1/orders?" + query).bearer(fan.token)).json();
  };
  EXPECT_THAT(listed(list("limit=200")), ElementsAre(third + " pending_payment", second + " paid",
                                                     first + " pending_payment"));
  EXPECT_THAT(listed(list("state=paid")), ElementsAre(second + " paid"));
  // A fan gets no others by asking for them.
  EXPECT_EQ(listed(list("drop_id=" + drop.id + "&person_id=per_1")).size(), 3U);

  Json page = list("limit=2");
  EXPECT_THAT(listed(page), ElementsAre(third + " pending_payment", second + " paid"));
  ASSERT_TRUE(page["has_more"].boolean());
  page = list("limit=2&cursor=" + page["next_cursor"].text());
  EXPECT_THAT(listed(page), ElementsAre(first + " pending_payment"));
  EXPECT_FALSE(page["has_more"].boolean());
  EXPECT_TRUE(page["next_cursor"].is_null());

  const auto staff = [](const std::string& query) {
    return listed(shop().staff(get("/v1/orders?" + query)));
  };
  EXPECT_EQ(staff("drop_id=" + drop.id).size(), 4U);
  EXPECT_EQ(staff("drop_id=" + drop.id + "&state=pending_payment").size(), 3U);
  EXPECT_THAT(staff("person_id=" + fan.person_id + "&limit=1"),
              ElementsAre(third + " pending_payment"));
}

TEST_F(Purchase, IsInTheListOfWhoeverWasToldOfIt) {
  const Drop drop = shop().plan({.waves = {{300}}, .limit = 300});
  const Fan fan = shop().fan("looks-at-once");
  std::int64_t position = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string order_id = place(drop, fan);
    const auto newest = [&] {
      const Json list = shop().send(get("/v1/orders?limit=1").bearer(fan.token)).json();
      const std::int64_t now = std::stoll(list["log_position"].text());
      EXPECT_GE(now, position) << "lists do not go back";
      position = now;
      return listed(list);
    };
    ASSERT_THAT(newest(), ElementsAre(order_id + " pending_payment")) << "after " << i;
    ASSERT_EQ(shop().send(payment(order_id, Shop::unique("pay-at-once"))).status, 200);
    ASSERT_THAT(newest(), ElementsAre(order_id + " paid")) << "after " << i;
  }
  EXPECT_GT(position, 200);
}

TEST_F(Purchase, AddsUpInEveryAnswer) {
  const Drop drop = shop().plan({.waves = {{20}, {5, true}}});
  for (int i = 0; i < 12; ++i) {
    const Fan fan = shop().fan(Shop::unique("adds-up"));
    const std::string order_id = place(drop, fan);
    if (i % 3 == 0) { (void)shop().send(payment(order_id, Shop::unique("pay"))); }
    if (i % 3 == 1) {
      (void)shop().send(post("/v1/orders/" + order_id + "/cancel").bearer(fan.token));
    }
    const Json units = shop().status(drop)["units"];
    EXPECT_EQ(units["total"].number(), units["unreleased"].number() + units["available"].number() +
                                           units["held"].number() + units["sold"].number() +
                                           units["withdrawn"].number());
  }
  const Json units = units_when(drop, [](const Json& seen) {
    return seen["sold"].number() == 4 && seen["available"].number() == 12;
  });
  EXPECT_EQ(units["sold"].number(), 4);
  EXPECT_EQ(units["total"].number(), 25);
  EXPECT_EQ(units["unreleased"].number(), 5);
  EXPECT_EQ(units["held"].number(), 4);
  EXPECT_EQ(units["available"].number(), 12);
}

}  // namespace
}  // namespace firebrand::e2e
