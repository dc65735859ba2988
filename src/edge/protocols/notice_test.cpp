#include "edge/protocols/notice.hpp"

#include <gtest/gtest.h>

#include "base/enum_name.hpp"
#include "edge/protocols/protocols_testing.hpp"

namespace firebrand {
namespace {

using Read = Expected<PaymentNotice, NoticeError>;

void expect_error(const Read& read, NoticeError want) {
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(enum_name(read.error()), enum_name(want));
}

void expect_notice(const Read& read, const PaymentNotice& want) {
  ASSERT_TRUE(read.has_value()) << enum_name(read.error());
  EXPECT_EQ(enum_name(read->kind), enum_name(want.kind));
  EXPECT_EQ(read->payment_id, want.payment_id);
  EXPECT_EQ(read->refund_id, want.refund_id);
  EXPECT_EQ(read->order_id, want.order_id);
  EXPECT_EQ(read->reservation_id, want.reservation_id);
  EXPECT_EQ(read->amount, want.amount);
}

constexpr Currency kCny = Currency::of("CNY");

TEST(MerchantNumber, IsTheOrdersOrReservationsAndLongEnoughForEveryProvider) {
  EXPECT_EQ(merchant_number_of(OrderId{42}), "ord_00000042");
  EXPECT_EQ(merchant_number_of(ReservationId{7}), "rsv_00000007");
  PaymentNotice notice;
  for (const std::uint64_t id :
       {std::uint64_t{1}, std::uint64_t{99'999'999}, std::uint64_t{1} << 40U}) {
    read_merchant_number(merchant_number_of(OrderId{id}), notice);
    EXPECT_EQ(notice.order_id, OrderId{id});
    EXPECT_EQ(notice.reservation_id, ReservationId{});
    read_merchant_number(merchant_number_of(ReservationId{id}), notice);
    EXPECT_EQ(notice.order_id, OrderId{});
    EXPECT_EQ(notice.reservation_id, ReservationId{id});
  }
  read_merchant_number("ord_42", notice);
  EXPECT_EQ(notice.order_id, OrderId{42});
  for (const std::string_view other :
       {"", "42", "ord_", "ord_x", "ord_-1", "ord_4 ", "rsv_x", "ord_99999999999999999999"}) {
    read_merchant_number(other, notice);
    EXPECT_EQ(notice.order_id, OrderId{}) << other;
    EXPECT_EQ(notice.reservation_id, ReservationId{}) << other;
  }
}

TEST(NoticeTime, IsGoodForFiveMinutesOnEitherSide) {
  const SignedNotice notice =
      generic_notice("secret", R"({"kind":"payment","payment_id":"p","order_id":"ord_1",)"
                               R"("amount":{"amount":1,"currency":"CNY"}})");
  EXPECT_TRUE(read_generic_notice("secret", notice.at(kNoticeSeconds + 300)).has_value());
  EXPECT_TRUE(read_generic_notice("secret", notice.at(kNoticeSeconds - 300)).has_value());
  for (const std::int64_t off : {301, -301, 86'400}) {
    expect_error(read_generic_notice("secret", notice.at(kNoticeSeconds + off)),
                 NoticeError::timestamp_outside_window);
  }
  for (const std::string_view wrong : {"now", "-1", "1.5", "99999999999999999999", "1 "}) {
    NoticeError error{};
    EXPECT_FALSE(read_notice_time(wrong, {}, error));
    EXPECT_EQ(error, NoticeError::timestamp_malformed) << wrong;
  }
}

// ---- generic -----------------------------------------------------------------------------------

TEST(GenericNotice, SaysWhatCameAndWhatWentBack) {
  expect_notice(read_generic_notice(
                    "secret", generic_notice("secret", R"({"kind":"payment","payment_id":"p-1",)"
                                                       R"("order_id":"ord_7","amount":)"
                                                       R"({"amount":199900,"currency":"CNY"}})")
                                  .at()),
                {NoticeKind::payment, "p-1", "", {7}, {199'900, kCny}});
  for (const auto& [word, kind] : {std::pair{"refund", NoticeKind::refund},
                                   std::pair{"refund_failed", NoticeKind::refund_failed}}) {
    expect_notice(
        read_generic_notice("secret", generic_notice("secret", std::string(R"({"kind":")") + word +
                                                                   R"(","payment_id":"p-1",)"
                                                                   R"("refund_id":"r-1","amount":)"
                                                                   R"({"amount":5,"currency":)"
                                                                   R"("CNY"}})")
                                          .at()),
        {kind, "p-1", "r-1", {}, {5, kCny}});
  }
}

TEST(GenericNotice, NamesAnOrderOrAReservation) {
  const auto naming = [](std::string_view names) {
    std::string body = R"({"kind":"payment","payment_id":"p-1",)";
    body.append(names).append(R"("amount":{"amount":5,"currency":"CNY"}})");
    return read_generic_notice("secret", generic_notice("secret", body).at());
  };
  expect_notice(naming(R"("reservation_id":"rsv_7",)"),
                {NoticeKind::payment, "p-1", "", {}, {5, kCny}, {7}});
  expect_error(naming(R"("reservation_id":"rsv_7","order_id":"ord_7",)"),
               NoticeError::body_malformed);
}

TEST(GenericNotice, IsBelievedWithASignatureOnly) {
  const std::string body = R"({"kind":"refund","payment_id":"p","amount":)"
                           R"({"amount":1,"currency":"CNY"}})";
  SignedNotice notice = generic_notice("secret", body);
  expect_error(read_generic_notice("", notice.at()), NoticeError::key_unknown);
  expect_error(read_generic_notice("other", notice.at()), NoticeError::signature_wrong);
  expect_error(read_generic_notice("secret", notice.at()), NoticeError::body_malformed);
  notice.body += " ";
  expect_error(read_generic_notice("secret", notice.at()), NoticeError::signature_wrong);
  expect_error(read_generic_notice("secret", generic_notice("secret", "{}").at()),
               NoticeError::body_malformed);
  notice.headers = header_lines({{"Firebrand-Timestamp", std::to_string(kNoticeSeconds)}});
  expect_error(read_generic_notice("secret", notice.at()), NoticeError::header_missing);
  // A secret is being rotated: one of several signatures fits.
  const std::string now = std::to_string(kNoticeSeconds);
  notice.headers = header_lines(
      {{"Firebrand-Timestamp", now},
       {"Firebrand-Signature", "v1=00 v1=" + sign_generic("secret", now, notice.body)}});
  EXPECT_TRUE(check_generic("secret", notice.at()).has_value());
}

// ---- WeChat Pay --------------------------------------------------------------------------------

constexpr std::string_view kTransaction =
    R"({"mchid":"1900000109","appid":"wx1","out_trade_no":"ord_00000007",)"
    R"("transaction_id":"4200000001","trade_type":"JSAPI","trade_state":"SUCCESS",)"
    R"("amount":{"total":199900,"payer_total":199900,"currency":"CNY","payer_currency":"CNY"}})";

class WeChatPayNotice : public testing::Test {
 protected:
  [[nodiscard]] Read read(const SignedNotice& notice) const {
    return read_wechat_pay_notice(keys_, notice.at());
  }
  [[nodiscard]] SignedNotice transaction(std::string_view content = kTransaction) const {
    return wechat_notice(old_, "OLD", "TRANSACTION.SUCCESS", content);
  }
  static inline const RsaKey old_ = RsaKey::make();
  static inline const RsaKey new_ = RsaKey::make();
  WeChatPayKeys keys_{"1900000109", "wx1", std::string(kWeChatApiKey), {{"OLD", old_}}};
};

TEST_F(WeChatPayNotice, PaysInFen) {
  expect_notice(read(transaction()),
                {NoticeKind::payment, "wechat:4200000001", "", {7}, {199'900, kCny}});
  std::string other(kTransaction);
  other.replace(other.find("ord_00000007"), 12, "another-shop");
  expect_notice(read(transaction(other)),
                {NoticeKind::payment, "wechat:4200000001", "", {}, {199'900, kCny}});
}

TEST_F(WeChatPayNotice, TellsOfRefunds) {
  for (const auto& [event, state, kind] :
       {std::tuple{"REFUND.SUCCESS", "SUCCESS", NoticeKind::refund},
        std::tuple{"REFUND.ABNORMAL", "ABNORMAL", NoticeKind::refund_failed},
        std::tuple{"REFUND.CLOSED", "CLOSED", NoticeKind::refund_failed}}) {
    const std::string content =
        std::string(R"({"mchid":"1900000109","transaction_id":"4200000001","out_trade_no":)") +
        R"("ord_00000007","refund_id":"5000","out_refund_no":"r-1","refund_status":")" + state +
        R"(","amount":{"total":199900,"refund":100,"payer_total":199900,"payer_refund":100}})";
    expect_notice(read(wechat_notice(old_, "OLD", event, content)),
                  {kind, "wechat:4200000001", "r-1", {}, {100, kCny}});
  }
}

TEST_F(WeChatPayNotice, KeysRotateBySerial) {
  const SignedNotice fresh = wechat_notice(new_, "NEW", "TRANSACTION.SUCCESS", kTransaction);
  expect_error(read(fresh), NoticeError::key_unknown);
  keys_.platform_keys.emplace("NEW", new_);
  EXPECT_TRUE(read(fresh).has_value());
  EXPECT_TRUE(read(transaction()).has_value());
  expect_error(read(wechat_notice(new_, "OLD", "TRANSACTION.SUCCESS", kTransaction)),
               NoticeError::signature_wrong);
}

TEST_F(WeChatPayNotice, IsNotBelievedIfAnythingWasTouched) {
  SignedNotice touched = transaction();
  touched.body[touched.body.size() / 2] ^= 1;
  expect_error(read(touched), NoticeError::signature_wrong);
  SignedNotice later = transaction();
  const std::string now = std::to_string(kNoticeSeconds);
  later.headers.replace(later.headers.find(now), now.size(), std::to_string(kNoticeSeconds + 1));
  expect_error(read(later), NoticeError::signature_wrong);
  expect_error(read_wechat_pay_notice(keys_, transaction().at(kNoticeSeconds + 301)),
               NoticeError::timestamp_outside_window);
  SignedNotice bare = transaction();
  bare.headers.clear();
  expect_error(read(bare), NoticeError::header_missing);
  keys_.api_v3_key[0] ^= 1;
  expect_error(read(transaction()), NoticeError::decryption_failed);
}

TEST_F(WeChatPayNotice, IsForThisMerchantAndApp) {
  keys_.app_id = "wx2";
  expect_error(read(transaction()), NoticeError::other_merchant);
  keys_.app_id.clear();
  EXPECT_TRUE(read(transaction()).has_value());
  keys_.merchant_id = "1";
  expect_error(read(transaction()), NoticeError::other_merchant);
}

TEST_F(WeChatPayNotice, WhatIsNotWholeIsNotGuessed) {
  for (const std::string_view content :
       {"", "[]", R"({"mchid":"1900000109","appid":"wx1"})",
        R"({"mchid":"1900000109","appid":"wx1","transaction_id":"4","trade_state":"SUCCESS"})"}) {
    expect_error(read(transaction(content)), NoticeError::body_malformed);
  }
  std::string other(kTransaction);
  other.replace(other.find("\"CNY\""), 5, "\"XXX\"");
  expect_error(read(transaction(other)), NoticeError::amount_malformed);
  std::string waits(kTransaction);
  waits.replace(waits.find("\"SUCCESS\""), 9, "\"NOTPAY\"");
  EXPECT_EQ(read(transaction(waits))->kind, NoticeKind::other);
  EXPECT_EQ(read(wechat_notice(old_, "OLD", "SOMETHING.NEW", "{}"))->kind, NoticeKind::other);
}

// ---- Alipay ------------------------------------------------------------------------------------

class AlipayNotice : public testing::Test {
 protected:
  [[nodiscard]] Read read(const SignedNotice& notice) const {
    return read_alipay_notice(keys_, notice.at());
  }
  [[nodiscard]] Read read(const FormFields& fields) const {
    return read(alipay_notice(key_, fields));
  }
  static inline const RsaKey key_ = RsaKey::make();
  AlipayKeys keys_{"2021", "2088", key_};
  FormFields fields_{{"app_id", "2021"},
                     {"charset", "utf-8"},
                     {"notify_id", "n-1"},
                     {"out_trade_no", "ord_00000007"},
                     {"seller_id", "2088"},
                     {"subject", "手机 & 壳=1+1"},
                     {"total_amount", "1999.00"},
                     {"trade_no", "2026112822001"},
                     {"trade_status", "TRADE_SUCCESS"},
                     {"version", "1.0"}};
};

TEST_F(AlipayNotice, PaysInYuanReadExactly) {
  const PaymentNotice want{NoticeKind::payment, "alipay:2026112822001", "", {7}, {199'900, kCny}};
  expect_notice(read(fields_), want);
  fields_["trade_status"] = "TRADE_FINISHED";
  fields_["total_amount"] = "1999";
  expect_notice(read(fields_), want);
  fields_["total_amount"] = "0.29";
  EXPECT_EQ(read(fields_)->amount, (Money{29, kCny}));
  for (const std::string_view wrong : {"", "1.999", "1e3", "1,999.00", "01.00", ".5", "1999.00 "}) {
    fields_["total_amount"] = wrong;
    expect_error(read(fields_), NoticeError::amount_malformed);
  }
}

TEST_F(AlipayNotice, OnlyWhatIsPaidPays) {
  for (const std::string_view state : {"WAIT_BUYER_PAY", "TRADE_CLOSED", "", "SUCCESS"}) {
    fields_["trade_status"] = state;
    EXPECT_EQ(read(fields_)->kind, NoticeKind::other) << state;
  }
}

// A refund comes with the status of a payment: it must not pay once more.
TEST_F(AlipayNotice, ARefundIsNoPayment) {
  fields_["refund_fee"] = "100.00";
  fields_["out_biz_no"] = "r-1";
  expect_notice(read(fields_), {NoticeKind::refund, "alipay:2026112822001", "r-1", {}, {0, kCny}});
  fields_["trade_status"] = "TRADE_CLOSED";
  EXPECT_EQ(read(fields_)->kind, NoticeKind::refund);
  fields_.erase("out_biz_no");
  expect_error(read(fields_), NoticeError::body_malformed);
}

TEST_F(AlipayNotice, PaysIfItSaysThatNothingWasRefunded) {
  fields_["refund_fee"] = "0.00";
  EXPECT_EQ(read(fields_)->kind, NoticeKind::payment);
  fields_["refund_fee"] = "nothing";
  expect_error(read(fields_), NoticeError::amount_malformed);
}

TEST_F(AlipayNotice, IsNotBelievedIfAnythingWasTouched) {
  SignedNotice touched = alipay_notice(key_, fields_);
  touched.body.replace(touched.body.find("1999.00"), 7, "1999.01");
  expect_error(read(touched), NoticeError::signature_wrong);
  SignedNotice more = alipay_notice(key_, fields_);
  more.body += "&extra=1";
  expect_error(read(more), NoticeError::signature_wrong);
  SignedNotice twice = alipay_notice(key_, fields_);
  twice.body += "&total_amount=0.01";
  expect_error(read(twice), NoticeError::body_malformed);
  SignedNotice weak = alipay_notice(key_, fields_);
  weak.body.replace(weak.body.find("RSA2"), 4, "RSA");
  expect_error(read(weak), NoticeError::key_unknown);
  expect_error(read(alipay_notice(RsaKey::make(), fields_)), NoticeError::signature_wrong);
  keys_.alipay_key.reset();
  expect_error(read(fields_), NoticeError::key_unknown);
}

TEST_F(AlipayNotice, IsForThisAppAndSeller) {
  fields_["seller_id"] = "2089";
  expect_error(read(fields_), NoticeError::other_merchant);
  fields_["seller_id"] = "2088";
  fields_["app_id"] = "2022";
  expect_error(read(fields_), NoticeError::other_merchant);
}

// ---- Stripe ------------------------------------------------------------------------------------

Read read_stripe(std::string body, const StripeKeys& keys = {{"whsec_1"}}) {
  return read_stripe_notice(keys, stripe_notice("whsec_1", std::move(body)).at());
}

std::string stripe_event(std::string_view type, std::string_view object) {
  return std::string(R"({"id":"evt_1","type":")")
      .append(type)
      .append(R"(","data":{"object":)")
      .append(object)
      .append("}}");
}

TEST(StripeNotice, PaysByIntentAndByCheckoutUnderOneId) {
  const PaymentNotice want{
      NoticeKind::payment, "stripe:pi_1", "", {7}, {29'900, Currency::of("USD")}};
  expect_notice(read_stripe(stripe_event(
                    "payment_intent.succeeded",
                    R"({"id":"pi_1","amount":29900,"amount_received":29900,"currency":"usd",)"
                    R"("metadata":{"order_id":"ord_7"}})")),
                want);
  const std::string_view session =
      R"({"id":"cs_1","payment_intent":"pi_1","amount_total":29900,"currency":"usd",)"
      R"("payment_status":"paid","client_reference_id":"ord_7","metadata":{}})";
  expect_notice(read_stripe(stripe_event("checkout.session.completed", session)), want);
  // The intent of a session names no order: the session's event pays.
  EXPECT_EQ(read_stripe(stripe_event("payment_intent.succeeded",
                                     R"({"id":"pi_1","amount_received":29900,"currency":"usd"})"))
                ->kind,
            NoticeKind::other);
  std::string waits(session);
  waits.replace(waits.find("\"paid\""), 6, "\"unpaid\"");
  EXPECT_EQ(read_stripe(stripe_event("checkout.session.completed", waits))->kind,
            NoticeKind::other);
  EXPECT_EQ(read_stripe(stripe_event("customer.created", "{}"))->kind, NoticeKind::other);
}

TEST(StripeNotice, TellsOfRefunds) {
  const auto refund = [](std::string_view state, std::string_view metadata) {
    return stripe_event("refund.updated", std::string(R"({"id":"re_1","payment_intent":"pi_1",)") +
                                              R"("amount":100,"currency":"eur","status":")" +
                                              std::string(state) + R"(","metadata":)" +
                                              std::string(metadata) + "}");
  };
  const Money money{100, Currency::of("EUR")};
  expect_notice(read_stripe(refund("succeeded", R"({"refund_id":"r-1"})")),
                {NoticeKind::refund, "stripe:pi_1", "r-1", {}, money});
  expect_notice(read_stripe(refund("failed", "{}")),
                {NoticeKind::refund_failed, "stripe:pi_1", "stripe:re_1", {}, money});
  EXPECT_EQ(read_stripe(refund("pending", "{}"))->kind, NoticeKind::other);
}

TEST(StripeNotice, IsBelievedWithASignatureOnly) {
  const SignedNotice good = stripe_notice("whsec_1", stripe_event("x", "{}"));
  const auto read = [](const SignedNotice& notice, const StripeKeys& keys) {
    return read_stripe_notice(keys, notice.at());
  };
  EXPECT_TRUE(read(good, {{"whsec_2", "whsec_1"}}).has_value());
  expect_error(read(good, {{"whsec_2"}}), NoticeError::signature_wrong);
  expect_error(read(good, {}), NoticeError::key_unknown);
  SignedNotice touched = good;
  touched.body += " ";
  expect_error(read(touched, {{"whsec_1"}}), NoticeError::signature_wrong);
  touched.headers = header_lines({{"Stripe-Signature", "v1=00"}});
  expect_error(read(touched, {{"whsec_1"}}), NoticeError::header_missing);
  touched.headers.clear();
  expect_error(read(touched, {{"whsec_1"}}), NoticeError::header_missing);
  expect_error(read_stripe_notice({{"whsec_1"}}, good.at(kNoticeSeconds + 301)),
               NoticeError::timestamp_outside_window);
  expect_error(read_stripe("[]"), NoticeError::body_malformed);
  expect_error(read_stripe(stripe_event("payment_intent.succeeded",
                                        R"({"id":"pi_1","metadata":{"order_id":"ord_7"}})")),
               NoticeError::body_malformed);
}

TEST(StripeNotice, CountsInStripesMinorUnits) {
  const auto money = [](std::int64_t minor, std::string_view code) {
    return std::optional(Money{minor, Currency::of(code)});
  };
  EXPECT_EQ(money_of_stripe(500, "jpy"), money(500, "JPY"));
  EXPECT_EQ(money_of_stripe(1'250, "kwd"), money(1'250, "KWD"));
  EXPECT_EQ(money_of_stripe(500, "isk"), money(5, "ISK"));
  EXPECT_EQ(money_of_stripe(505, "isk"), std::nullopt);
  EXPECT_EQ(money_of_stripe(5, "mga"), money(500, "MGA"));
  EXPECT_EQ(money_of_stripe(std::int64_t{1} << 62U, "mga"), std::nullopt);
  EXPECT_EQ(money_of_stripe(5, "xxx"), std::nullopt);
}

}  // namespace
}  // namespace firebrand
