// Money that came and goes back, and units that come back, over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

class Refund : public ServerTest {
 protected:
  /// A paid order of two units.
  static std::string pay_two(const Drop& drop, const Fan& fan, std::string_view payment_id) {
    const Answer answer = shop().order(drop, fan, Shop::unique("key"), R"({"quantity":2})");
    if (answer.status != 201) { throw std::runtime_error("order: " + answer.body); }
    std::string order_id = answer.json()["order_id"].text();
    if (shop().send(payment(order_id, payment_id, 399'800)).status != 200) {
      throw std::runtime_error("payment");
    }
    return order_id;
  }
  static Request notice(std::string body) {
    Request request = signed_payment(std::move(body), unix_seconds_now(), kPaymentSecret);
    request.target = "/v1/payments/generic/notices";
    return request;
  }
  static std::string refund_body(std::string_view refund_id, std::string_view payment_id,
                                 std::int64_t amount) {
    return R"("refund_id":")" + std::string(refund_id) + R"(","payment_id":")" +
           std::string(payment_id) + R"(","amount":{"amount":)" + std::to_string(amount) +
           R"(,"currency":"CNY"}})";
  }
  static Request back(std::string_view order_id, std::string_view body, std::string_view key) {
    return post("/v1/orders/" + std::string(order_id) + "/returns", std::string(body))
        .key(key)
        .cookie(shop().session());
  }
  static Json payment_record(std::string_view payment_id, std::string_view query = "") {
    const Json list = shop().staff(get("/v1/payments?limit=200" + std::string(query)));
    for (std::size_t i = 0; i < list["data"].size(); ++i) {
      if (list["data"][i]["payment_id"].text() == payment_id) { return list["data"][i]; }
    }
    return Json::parse("null");
  }
};

TEST_F(Refund, UnitsComeBackAndTheirPriceGoesBack) {
  const Drop drop = shop().plan({.waves = {{5}}, .limit = 2});
  const Fan fan = shop().fan("gives-back");
  const std::string order_id = pay_two(drop, fan, "pay-two");

  const std::string key = Shop::unique("back");
  const Answer one = shop().send(back(order_id, R"({"quantity":1})", key));
  ASSERT_EQ(one.status, 200) << one.body;
  EXPECT_EQ(one.body, R"({"order_id":")" + order_id +
                          R"(","units_left":1,"owed":{"amount":199900,"currency":"CNY"}})");
  const Answer again = shop().send(back(order_id, R"({"quantity":1})", key));
  EXPECT_EQ(again.body, one.body);
  EXPECT_TRUE(again.replayed());
  EXPECT_EQ(shop().send(back(order_id, R"({"quantity":2})", Shop::unique("back"))).code(),
            "quantity_exceeds_order");
  EXPECT_EQ(shop().read_order(fan, order_id).json()["units_returned"].number(), 1);
  EXPECT_EQ(
      shop().send(back(order_id, R"({"quantity":1,"to":"returned"})", Shop::unique("back"))).status,
      200);
  EXPECT_EQ(shop().read_order(fan, order_id).json()["state"].text(), "returned");
  const Json units =
      units_when(drop, [](const Json& seen) { return seen["returned"].number() == 1; });
  EXPECT_EQ(units["sold"].number(), 0);
  EXPECT_EQ(units["returned"].number(), 1);
  EXPECT_EQ(units["available"].number(), 4);

  EXPECT_EQ(payment_record("pay-two", "&owed=true")["owed_back"].number(), 399'800);
  const auto ask = [](std::string_view refund_id, std::int64_t amount) {
    return shop().send(post("/v1/refunds", "{" + refund_body(refund_id, "pay-two", amount))
                           .cookie(shop().session()));
  };
  EXPECT_EQ(ask("r-1", 399'801).code(), "refund_exceeds_due");
  const Answer asked = ask("r-1", 399'800);
  EXPECT_EQ(asked.status, 201) << asked.body;
  EXPECT_EQ(asked.json()["state"].text(), "requested");
  EXPECT_EQ(ask("r-1", 399'800).status, 200);
  EXPECT_EQ(ask("r-2", 1).code(), "refund_exceeds_due");

  const std::string done = R"({"kind":"refund",)" + refund_body("r-1", "pay-two", 399'800);
  EXPECT_EQ(shop().send(notice(done)).body, R"({"received":true})");
  EXPECT_EQ(shop().send(notice(done)).status, 200);
  EXPECT_EQ(ask("r-1", 399'800).json()["state"].text(), "done");
  const Json record = payment_record("pay-two");
  EXPECT_EQ(record["outcome"].text(), "paid");
  EXPECT_EQ(record["asked"].number(), 399'800);
  EXPECT_EQ(record["refunded"].number(), 399'800);
}

TEST_F(Refund, FailsAndIsOwedAgain) {
  const Drop drop = shop().plan({.waves = {{5}}, .limit = 2});
  const Fan fan = shop().fan("waits-for-money");
  (void)pay_two(drop, fan, "pay-once");
  const std::string late =
      shop().order(drop, shop().fan("other"), Shop::unique("key")).json()["order_id"].text();
  ASSERT_EQ(shop().send(payment(late, "pay-much", 500'000)).json()["outcome"].text(), "unmatched");
  const std::string body = refund_body("r-fails", "pay-much", 500'000);
  EXPECT_EQ(shop().send(post("/v1/refunds", "{" + body).cookie(shop().session())).status, 201);
  EXPECT_TRUE(payment_record("pay-much", "&owed=true").is_null());
  EXPECT_EQ(shop().send(notice(R"({"kind":"refund_failed",)" + body)).status, 200);
  EXPECT_EQ(payment_record("pay-much", "&owed=true")["asked"].number(), 0);
  // Refunded by the provider's own hand, more than anybody owes.
  const Request by_hand =
      notice(R"({"kind":"refund",)" + refund_body("by-hand", "pay-once", 199'900));
  EXPECT_EQ(shop().send(by_hand).status, 200);
  EXPECT_EQ(payment_record("pay-once")["refunded"].number(), 199'900);
  EXPECT_EQ(shop().send(notice(R"({"kind":"refund",)" + refund_body("r-9", "nobody", 1))).code(),
            "payment_not_found");
}

// Beside the running server, which shows what is booked as soon as its lists do.
TEST_F(Refund, AStatementIsComparedWithWhatIsBooked) {
  const Drop drop = shop().plan({.waves = {{5}}, .limit = 2});
  (void)pay_two(drop, shop().fan("on-the-statement"), "own:p-1");
  EXPECT_EQ(payment_record("own:p-1")["outcome"].text(), "paid");
  TemporaryDirectory work;
  const auto reconcile = [&](const std::string& lines) {
    const std::string file = work.path("statement.csv");
    std::ofstream(file) << "kind,payment_id,refund_id,amount,currency\n" << lines;
    return run_program({"reconcile", "--data", data(), "--from", "2000-01-01T00:00:00Z", "--until",
                        "2100-01-01T00:00:00Z", "--provider", "own", file});
  };
  const Finished same = reconcile("payment,p-1,,3998.00,CNY\n");
  EXPECT_EQ(same.status, 0) << same.output;
  const Finished differs = reconcile("payment,p-1,,3998.01,CNY\nrefund,p-1,r-of-nobody,1.00,CNY\n");
  EXPECT_EQ(differs.status, 1);
  EXPECT_THAT(differs.output, HasSubstr("amount_differs"));
  EXPECT_THAT(differs.output, HasSubstr("refund_not_booked"));
  EXPECT_THAT(reconcile("").output, HasSubstr("payment_not_on_statement"));
  EXPECT_EQ(reconcile("payment,p-1\n").status, 2);
}

TEST_F(Refund, IsForStaffWithTheRightRole) {
  const Fan fan = shop().fan("no-staff");
  EXPECT_EQ(shop().send(get("/v1/payments").bearer(fan.token)).status, 401);
  EXPECT_EQ(shop().send(get("/v1/payments?owed=maybe").cookie(shop().session())).code(),
            "validation");
  const Answer keyless =
      shop().send(post("/v1/orders/ord_1/returns", R"({"quantity":1})").cookie(shop().session()));
  EXPECT_EQ(keyless.code(), "idempotency_key_missing");
}

TEST_F(Refund, ANoticeIsBelievedWithASignatureOnly) {
  const Request unsigned_one = post("/v1/payments/generic/notices", "{}");
  const Answer answer = shop().send(unsigned_one);
  EXPECT_EQ(answer.code(), "signature_wrong");
  EXPECT_EQ(answer.json()["reason"].text(), "header_missing");
  const Answer malformed = shop().send(notice("{}"));
  EXPECT_EQ(malformed.code(), "notice_malformed");
  EXPECT_EQ(malformed.json()["reason"].text(), "body_malformed");
  for (const std::string_view provider : {"wechat", "alipay", "stripe"}) {
    const Answer refused =
        shop().send(post("/v1/payments/" + std::string(provider) + "/notices", "a=b"));
    EXPECT_EQ(refused.code(), "signature_wrong") << provider;
  }
}

TEST_F(Refund, StaffSayWhatTheyPaidByHand) {
  const Drop drop = shop().plan({.waves = {{5}}, .limit = 2});
  const Fan fan = shop().fan("by-hand");
  const std::string order_id = pay_two(drop, fan, "pay-by-hand");
  ASSERT_EQ(shop().send(back(order_id, R"({"quantity":2})", Shop::unique("back"))).status, 200);
  const std::string body = "{" + refund_body("r-by-hand", "pay-by-hand", 399'800);
  ASSERT_EQ(shop().send(post("/v1/refunds", body).cookie(shop().session())).status, 201);
  const auto tell = [&] {
    return shop().send(post("/v1/refunds/outcomes", body).cookie(shop().session()));
  };
  const Answer told = tell();
  EXPECT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.json()["state"].text(), "done");
  EXPECT_EQ(tell().status, 200) << "said again";
  EXPECT_EQ(payment_record("pay-by-hand")["refunded"].number(), 399'800);
}

TEST_F(Refund, StaffCompareAStatementOverHttp) {
  const Drop drop = shop().plan({.waves = {{5}}, .limit = 2});
  (void)pay_two(drop, shop().fan("on-the-statement"), "ours:1");
  const auto compare = [](std::string_view lines, std::string_view until) {
    const std::string body = R"({"from":"2000-01-01T00:00:00Z","until":")" + std::string(until) +
                             R"(","provider":"ours","csv":"kind,payment_id,refund_id,amount,)" +
                             R"(currency\n)" + std::string(lines) + R"("})";
    return shop().send(post("/v1/payments/reconcile", body).cookie(shop().session()));
  };
  constexpr std::string_view kLate = "2100-01-01T00:00:00Z";
  const Answer same = compare(R"(payment,1,,3998.00,CNY\n)", kLate);
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(same.body, R"({"lines":1,"differences":[]})");
  const Json other = compare(R"(payment,1,,1.00,CNY\npayment,2,,1.00,CNY\n)", kLate).json();
  EXPECT_EQ(other["differences"].size(), 2U);
  EXPECT_EQ(other["differences"][0]["kind"].text(), "amount_differs");
  EXPECT_EQ(other["differences"][0]["here"]["amount"].number(), 399'800);
  EXPECT_EQ(other["differences"][1]["kind"].text(), "payment_not_booked");
  EXPECT_EQ(other["differences"][1]["line"].number(), 3);
  // Outside of the time it need not be on the statement.
  EXPECT_EQ(compare("", "2000-01-02T00:00:00Z").body, R"({"lines":0,"differences":[]})");
  const Json missing = compare("", kLate).json();
  EXPECT_EQ(missing["differences"][0]["kind"].text(), "payment_not_on_statement");
  EXPECT_EQ(compare("nonsense", kLate).code(), "statement_malformed");
  EXPECT_EQ(compare("", "1999-01-01T00:00:00Z").status, 422);
}

}  // namespace
}  // namespace firebrand::e2e
