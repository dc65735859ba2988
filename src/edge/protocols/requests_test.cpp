#include "edge/protocols/requests.hpp"

#include <gtest/gtest.h>

#include "edge/protocols/form.hpp"

namespace firebrand {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'795'824'000'000);

std::string header(const ProviderRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) { return value; }
  }
  return {};
}

std::string quoted(const std::string& text, std::string_view name) {
  const std::size_t begin = text.find(std::string(name) + "=\"") + name.size() + 2;
  return text.substr(begin, text.find('"', begin) - begin);
}

const PaymentWanted kPayment{.number = merchant_number_of(OrderId{42}),
                             .amount = {199'900, Currency::of("CNY")},
                             .description = "手机 \"Pro\"",
                             .notify_url = "https://shop.example/n",
                             .return_url = "https://shop.example/done",
                             .made_at = kNow,
                             .expires_at = kNow + std::chrono::minutes{15}};
const RefundWanted kRefund{.refund_id = "r-1",
                           .payment_id = "wechat:4200000001",
                           .amount = {100, Currency::of("CNY")},
                           .paid = {199'900, Currency::of("CNY")}};

TEST(WeChatPayRequest, IsSignedOverWhatIsSent) {
  const WeChatPaySigner signer{"1900000109", "wx1", "SERIAL", RsaKey::make()};
  const ProviderRequest request = wechat_pay_refund(signer, kRefund, kNow, "nonce");
  EXPECT_EQ(request.path, "/v3/refund/domestic/refunds");
  EXPECT_EQ(request.body, R"({"transaction_id":"4200000001","out_refund_no":"r-1",)"
                          R"("amount":{"refund":100,"total":199900,"currency":"CNY"}})");
  const std::string authorization = header(request, "Authorization");
  EXPECT_TRUE(authorization.starts_with("WECHATPAY2-SHA256-RSA2048 mchid=\"1900000109\","));
  EXPECT_EQ(quoted(authorization, "serial_no"), "SERIAL");
  EXPECT_TRUE(signer.private_key.verify(
      "POST\n" + request.path + "\n1795824000\nnonce\n" + request.body + "\n",
      quoted(authorization, "signature")));
  EXPECT_EQ(
      wechat_pay_payment(signer, kPayment, kNow, "nonce").body,
      R"({"appid":"wx1","mchid":"1900000109","description":"手机 \"Pro\"",)"
      R"("out_trade_no":"ord_00000042","notify_url":"https://shop.example/n",)"
      R"("time_expire":"2026-11-28T08:15:00+08:00","amount":{"total":199900,"currency":"CNY"}})");
}

TEST(AlipayRequest, IsSignedOverItsFieldsInOrder) {
  const AlipaySigner signer{"2021", RsaKey::make()};
  for (const ProviderRequest& request :
       {alipay_payment(signer, kPayment, kNow), alipay_refund(signer, kRefund, kNow)}) {
    auto fields = *read_form(request.body);
    EXPECT_EQ(fields["timestamp"], "2026-11-28 08:00:00");
    const std::string sign = fields["sign"];
    fields.erase("sign");
    std::string text;
    for (const auto& [name, value] : fields) {
      text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
    }
    EXPECT_TRUE(signer.private_key.verify(text, sign));
  }
  EXPECT_EQ((*read_form(alipay_payment(signer, kPayment, kNow).body))["biz_content"],
            R"({"out_trade_no":"ord_00000042","total_amount":"1999.00","subject":"手机 \"Pro\"",)"
            R"("time_expire":"2026-11-28 08:15:00"})");
  EXPECT_EQ((*read_form(alipay_refund(signer, kRefund, kNow).body))["biz_content"],
            R"({"trade_no":"4200000001","refund_amount":"1.00","out_request_no":"r-1"})");
}

TEST(RefundRequest, SaysWhereToTellAndHowItIsLookedUp) {
  RefundWanted wanted = kRefund;
  wanted.notify_url = "https://shop.example/n";
  const WeChatPaySigner wechat{"1900000109", "wx1", "SERIAL", RsaKey::make()};
  EXPECT_NE(wechat_pay_refund(wechat, wanted, kNow, "nonce")
                .body.find(R"("notify_url":"https://shop.example/n")"),
            std::string::npos);
  const AlipaySigner alipay{"2021", RsaKey::make()};
  const auto query = *read_form(alipay_refund_query(alipay, wanted, kNow).body);
  EXPECT_EQ(query.at("method"), "alipay.trade.fastpay.refund.query");
  EXPECT_EQ(query.at("biz_content"), R"({"trade_no":"4200000001","out_request_no":"r-1"})");
  const ProviderRequest stripe = stripe_refund_query("sk_test_1", wanted);
  EXPECT_EQ(stripe.path, "/v1/refunds?limit=100&payment_intent=4200000001");
  EXPECT_EQ(stripe.body, "");
}

TEST(StripeRequest, CarriesOurIdsAndStripesUnits) {
  const auto payment = stripe_payment("sk_test_1", kPayment);
  ASSERT_TRUE(payment.has_value());
  EXPECT_EQ(header(*payment, "Authorization"), "Bearer sk_test_1");
  EXPECT_EQ(header(*payment, "Idempotency-Key"), "ord_00000042");
  const auto fields = *read_form(payment->body);
  EXPECT_EQ(fields.at("line_items[0][price_data][unit_amount]"), "199900");
  EXPECT_EQ(fields.at("line_items[0][price_data][currency]"), "cny");
  EXPECT_EQ(fields.at("payment_intent_data[metadata][order_id]"), "ord_00000042");
  EXPECT_EQ(fields.at("cancel_url"), fields.at("success_url"));
  // Half an hour is the least that Stripe takes, whenever within our time it is asked.
  EXPECT_EQ(fields.at("expires_at"), std::to_string(1'795'824'000 + (15 + 31) * 60));
  PaymentWanted longer = kPayment;
  longer.expires_at = kNow + std::chrono::hours{24};
  EXPECT_FALSE(read_form(stripe_payment("sk_test_1", longer)->body)->contains("expires_at"));
  const auto refund = stripe_refund("sk_test_1", kRefund);
  ASSERT_TRUE(refund.has_value());
  EXPECT_EQ(refund->path, "/v1/refunds");
  EXPECT_EQ(refund->body, "payment_intent=4200000001&amount=100&metadata%5Brefund_id%5D=r-1");
  EXPECT_EQ(amount_for_stripe({5, Currency::of("ISK")}), 500);
  EXPECT_EQ(amount_for_stripe({500, Currency::of("MGA")}), 5);
  EXPECT_EQ(amount_for_stripe({5, Currency::of("MGA")}), std::nullopt);
  EXPECT_EQ(amount_for_stripe({500, Currency::of("JPY")}), 500);
}

}  // namespace
}  // namespace firebrand
