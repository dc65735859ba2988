#include "edge/protocols/answers.hpp"

#include <gtest/gtest.h>

#include "base/enum_name.hpp"
#include "edge/protocols/protocols_testing.hpp"

namespace firebrand {
namespace {

constexpr Timestamp kNow = from_unix_ms(kNoticeSeconds * 1'000);

/// An answer as WeChat Pay signs it; outlives what is read of it.
struct WeChatAnswer {
  RsaKey platform = RsaKey::make();
  WeChatPayKeys keys{.merchant_id = "1900000109", .platform_keys = {{"S1", platform}}};

  template <class Read>
  auto read(Read read_as, int status, std::string_view body, bool touch = false) const {
    const std::string now = std::to_string(kNoticeSeconds);
    const std::string text = now + "\nn\n" + std::string(body) + "\n";
    const std::string headers = header_lines({{"Wechatpay-Timestamp", now},
                                              {"Wechatpay-Nonce", "n"},
                                              {"Wechatpay-Serial", "S1"},
                                              {"Wechatpay-Signature", platform.sign(text)}});
    const std::string sent = std::string(body) + (touch ? " " : "");
    return read_as(keys, ProviderAnswer{status, {headers, sent, kNow}});
  }
};

struct Row {
  int status;
  std::string_view body;
  RefundStage want;
  std::string_view reason;
};

void expect(const RefundReply& reply, const Row& row) {
  EXPECT_EQ(enum_name(reply.stage), enum_name(row.want)) << row.body;
  EXPECT_EQ(reply.reason, row.reason) << row.body;
}

TEST(WeChatPayAnswer, SaysWhereToPayOrWhyNot) {
  const WeChatAnswer wechat;
  const auto good = wechat.read(&read_wechat_pay_payment, 200, R"({"code_url":"weixin://x"})");
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(*good, "weixin://x");
  EXPECT_EQ(
      wechat.read(&read_wechat_pay_payment, 200, R"({"code_url":"weixin://x"})", true).error(),
      "signature_wrong");
  EXPECT_EQ(wechat.read(&read_wechat_pay_payment, 400, R"({"code":"PARAM_ERROR"})").error(),
            "PARAM_ERROR");
  EXPECT_EQ(wechat.read(&read_wechat_pay_payment, 502, "<html>").error(), "status_502");
}

TEST(WeChatPayAnswer, SaysHowARefundStands) {
  using enum RefundStage;
  const WeChatAnswer wechat;
  const Row rows[] = {
      {200, R"({"status":"SUCCESS"})", done, ""},
      {200, R"({"status":"PROCESSING"})", under_way, "PROCESSING"},
      {200, R"({"status":"CLOSED"})", failed, "CLOSED"},
      {200, R"({"status":"ABNORMAL"})", failed, "ABNORMAL"},
      {200, R"({})", again, "status_200"},
      {400, R"({"code":"PARAM_ERROR"})", failed, "PARAM_ERROR"},
      {403, R"({"code":"NOT_ENOUGH"})", again, "NOT_ENOUGH"},
      {401, R"({"code":"SIGN_ERROR"})", again, "SIGN_ERROR"},
      {429, R"({"code":"FREQUENCY_LIMITED"})", again, "FREQUENCY_LIMITED"},
      {500, R"({"code":"SYSTEM_ERROR"})", again, "SYSTEM_ERROR"},
      {500, R"({"code":"PARAM_ERROR"})", again, "PARAM_ERROR"},
      {502, "<html>", again, "status_502"},
  };
  for (const Row& row : rows) {
    expect(wechat.read(&read_wechat_pay_refund, row.status, row.body), row);
  }
  // What is not signed decides nothing, be it good or bad.
  for (const std::string_view body : {R"({"status":"SUCCESS"})", R"({"code":"PARAM_ERROR"})"}) {
    expect(wechat.read(&read_wechat_pay_refund, 200, body, true),
           {200, body, again, "signature_wrong"});
  }
}

TEST(AlipayAnswer, SaysHowARefundStandsIfItIsSigned) {
  using enum RefundStage;
  const RsaKey key = RsaKey::make();
  const AlipayKeys keys{.app_id = "2021", .alipay_key = key};
  const auto body_of = [&](std::string_view name, const std::string& content) {
    return "{\"" + std::string(name) + "\":" + content + ",\"sign\":\"" + key.sign(content) + "\"}";
  };
  const auto read = [&](const std::string& body, bool is_query) {
    return read_alipay_refund(keys, {200, {{}, body, kNow}}, is_query);
  };
  const Row rows[] = {
      {0, R"({"code":"10000","fund_change":"Y"})", done, ""},
      {0, R"({"code":"10000","fund_change":"N"})", look_up, "10000"},
      {0, R"({"code":"20000","sub_code":"aop.unknow-error"})", again, "aop.unknow-error"},
      {0, R"({"code":"40002","sub_code":"isv.invalid-signature"})", again, "isv.invalid-signature"},
      {0, R"({"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"})", again, "ACQ.SYSTEM_ERROR"},
      {0, R"({"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"})", failed, "ACQ.TRADE_NOT_EXIST"},
  };
  for (const Row& row : rows) {
    const std::string content(row.body);
    expect(read(body_of("alipay_trade_refund_response", content), false), row);
  }
  const std::string_view query = "alipay_trade_fastpay_refund_query_response";
  expect(read(body_of(query, R"({"code":"10000","refund_status":"REFUND_SUCCESS"})"), true),
         {0, "", done, ""});
  expect(read(body_of(query, R"({"code":"10000"})"), true), {0, "", again, "10000"});
  std::string touched =
      body_of("alipay_trade_refund_response", R"({"code":"10000","fund_change":"Y"})");
  touched.replace(touched.find("10000"), 5, "40004");
  expect(read(touched, false), {0, "", again, "signature_wrong"});
  expect(read("{}", false), {0, "", again, "signature_wrong"});
  // Not even taken for a request: no signature has to tell that, and nothing ends by it.
  expect(read(R"({"error_response":{"code":"40002","sub_code":"isv.invalid-app-id"}})", false),
         {0, "", again, "isv.invalid-app-id"});
  expect(read(body_of("error_response", R"({"code":"40004"})"), true), {0, "", again, "40004"});

  const std::string offer = body_of("alipay_trade_precreate_response",
                                    R"({"code":"10000","qr_code":"https://qr.alipay.com/x"})");
  EXPECT_EQ(*read_alipay_payment(keys, {200, {{}, offer, kNow}}), "https://qr.alipay.com/x");
  const std::string refused = body_of("alipay_trade_precreate_response",
                                      R"({"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"})");
  EXPECT_EQ(read_alipay_payment(keys, {200, {{}, refused, kNow}}).error(), "ACQ.TRADE_HAS_SUCCESS");
}

TEST(StripeAnswer, SaysHowARefundStands) {
  using enum RefundStage;
  const Row rows[] = {
      {200, R"({"status":"succeeded"})", done, ""},
      {200, R"({"status":"pending"})", under_way, "pending"},
      {200, R"({"status":"requires_action"})", under_way, "requires_action"},
      {200, R"({"status":"failed"})", failed, "failed"},
      {200, R"({"status":"canceled"})", failed, "canceled"},
      {400, R"({"error":{"type":"invalid_request_error","code":"charge_already_refunded"}})",
       failed, "charge_already_refunded"},
      {400, R"({"error":{"type":"idempotency_error"}})", again, "idempotency_error"},
      {401, R"({"error":{"type":"invalid_request_error"}})", again, "invalid_request_error"},
      {409, R"({"error":{"type":"idempotency_error"}})", again, "idempotency_error"},
      {400, "<html>", again, "status_400"},
      {500, R"({"error":{"type":"api_error"}})", again, "api_error"},
  };
  for (const Row& row : rows) {
    expect(read_stripe_refund({row.status, {{}, row.body, kNow}}), row);
  }
  const std::string_view list =
      R"({"data":[{"status":"failed"},{"status":"succeeded","metadata":{"refund_id":"r-1"}}]})";
  expect(read_stripe_refund_query("r-1", {200, {{}, list, kNow}}), {0, list, done, ""});
  expect(read_stripe_refund_query("r-2", {200, {{}, list, kNow}}), {0, list, again, ""});
  // It is there: asking for it once more, under a key that was forgotten, would pay twice.
  const std::string pending =
      R"({"data":[{"id":"re_1","status":"pending","metadata":{"refund_id":"r-1"}}]})";
  expect(read_stripe_refund_query("r-1", {200, {{}, pending, kNow}}),
         {0, pending, look_up, "pending"});
  expect(read_stripe_refund_query("r-1", {500, {{}, "{}", kNow}}),
         {0, "{}", look_up, "status_500"});
  EXPECT_EQ(*read_stripe_payment({200, {{}, R"({"url":"https://checkout.stripe.com/c"})", kNow}}),
            "https://checkout.stripe.com/c");
  EXPECT_EQ(read_stripe_payment({402, {{}, R"({"error":{"code":"no"}})", kNow}}).error(), "no");
}

// Codes are shown to staff.
TEST(ProviderAnswer, GivesReasonsThatCanBeShown) {
  const std::string body = R"({"error":{"code":"a b\n)" + std::string(200, 'x') + R"("}})";
  const RefundReply reply = read_stripe_refund({500, {{}, body, kNow}});
  EXPECT_EQ(reply.reason.substr(0, 5), "a_b_x");
  EXPECT_EQ(reply.reason.size(), 80U);
}

}  // namespace
}  // namespace firebrand
