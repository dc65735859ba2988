#include <array>

#include "core/launch/refunds.hpp"
#include "core/launch/sale.hpp"
#include "edge/api/api.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/payments.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/protocols/generic.hpp"

namespace firebrand {

namespace {

NoticeInput input_of(Api& api, const Call& call) {
  return {call.http.header_lines, call.http.body, api.now()};
}

void refuse_notice(Api& api, const Asker& asker, NoticeError error) {
  std::string reason;
  CharSink sink(reason);
  JsonWriter(sink).string(enum_name(error));
  const std::array extensions = {ProblemExtension{"reason", reason}};
  api.refuse(asker, is_unauthentic(error) ? "signature_wrong" : "notice_malformed", {}, extensions);
}

void confirm_payment(Api& api, Call& call) {
  if (!admit_callback(api, call)) { return; }
  const auto command = api.read_body<ConfirmPayment>(call);
  if (command) { confirm(api, call, *command); }
}

// ---- Notices: each provider is told that its notice arrived in its own words -------------------

using Acknowledge = void (*)(Api&, const Asker&);

void acknowledge(Api& api, const Asker& asker) {
  api.respond_json(asker, 200, R"({"received":true})");
}
void acknowledge_wechat(Api& api, const Asker& asker) {
  api.respond_json(asker, 200, R"({"code":"SUCCESS","message":"成功"})");
}
void acknowledge_alipay(Api& api, const Asker& asker) {
  const std::array headers = {kNoStore};
  api.responder().respond(
      asker.token,
      {.status = 200, .content_type = "text/plain", .headers = headers, .body = "success"});
}

/// The same for everybody from here on. What was booked before is acknowledged again.
template <class Result, class C>
void book(Api& api, const Call& call, const C& command, Acknowledge done) {
  api.change<Result>(call, command, [&api, done](const Asker& asker, const Result& result) {
    switch (status_band(static_cast<std::uint8_t>(result.status))) {
      case StatusBand::done:
      case StatusBand::replayed:
        return done(api, asker);
      case StatusBand::malformed:
      case StatusBand::refused:
        break;
    }
    api.refuse(asker, enum_name(result.status));
  });
}

ConfirmRefund refund_of(const PaymentNotice& notice, RefundState outcome) {
  return {std::string_view(notice.refund_id), std::string_view(notice.payment_id), notice.amount,
          outcome};
}

void take(Api& api, Call& call, const Expected<PaymentNotice, NoticeError>& notice,
          Acknowledge done) {
  if (!notice) { return refuse_notice(api, call, notice.error()); }
  switch (notice->kind) {
    case NoticeKind::payment:
      if (notice->reservation_id.value != 0) {
        return book<ConfirmDepositResult>(
            api, call,
            ConfirmDeposit{notice->reservation_id, std::string_view(notice->payment_id),
                           notice->amount},
            done);
      }
      return book<ConfirmPaymentResult>(
          api, call,
          ConfirmPayment{notice->order_id, std::string_view(notice->payment_id), notice->amount},
          done);
    case NoticeKind::refund:
      return book<ConfirmRefundResult>(api, call, refund_of(*notice, RefundState::done), done);
    case NoticeKind::refund_failed:
      return book<ConfirmRefundResult>(api, call, refund_of(*notice, RefundState::failed), done);
    case NoticeKind::other:
      break;
  }
  done(api, call);
}

void take_generic(Api& api, Call& call) {
  take(api, call, read_generic_notice(api.options().payments.callback_secret, input_of(api, call)),
       &acknowledge);
}
void take_wechat(Api& api, Call& call) {
  take(api, call, read_wechat_pay_notice(api.options().payments.wechat, input_of(api, call)),
       &acknowledge_wechat);
}
void take_alipay(Api& api, Call& call) {
  take(api, call, read_alipay_notice(api.options().payments.alipay, input_of(api, call)),
       &acknowledge_alipay);
}
void take_stripe(Api& api, Call& call) {
  take(api, call, read_stripe_notice(api.options().payments.stripe, input_of(api, call)),
       &acknowledge);
}

// ---- Schemas -----------------------------------------------------------------------------------

BodySchema provider_body() { return {R"({"type":"object"})", true}; }
BodySchema form_body() {
  return {R"({"type":"object","additionalProperties":{"type":"string"}})", true};
}
std::string received_schema() {
  return R"({"type":"object","required":["received"],"properties":{"received":{"type":"boolean"}}})";
}
std::string wechat_schema() {
  return R"({"type":"object","required":["code","message"],"properties":)"
         R"({"code":{"type":"string"},"message":{"type":"string"}}})";
}
std::string text_schema() { return R"({"type":"string"})"; }

constexpr std::string_view kWeChatExample =
    R"({"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource_type":"encrypt-resource",)"
    R"("resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"...",)"
    R"("associated_data":"transaction","nonce":"fdasflkja484"}})";
/// The form's fields.
constexpr std::string_view kAlipayExample =
    R"({"notify_id":"2026112800222","app_id":"2021000000000001","out_trade_no":"ord_1",)"
    R"("trade_no":"2026112822001","trade_status":"TRADE_SUCCESS","total_amount":"1999.00",)"
    R"("sign_type":"RSA2","sign":"..."})";
constexpr std::string_view kStripeExample =
    R"({"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1",)"
    R"("amount_received":29900,"currency":"usd","metadata":{"order_id":"ord_1"}}}})";

Outcomes outcomes_of_notices() {
  Outcomes outcomes = outcomes_of<ConfirmPaymentStatus>();
  for (const Outcomes& more :
       {outcomes_of<ConfirmDepositStatus>(), outcomes_of<ConfirmRefundStatus>()}) {
    outcomes.refusals.insert(outcomes.refusals.end(), more.refusals.begin(), more.refusals.end());
  }
  return outcomes;
}

/// What the notices of all providers have in common.
Route notice_route(std::string_view pattern, std::string_view operation_id,
                   std::string_view summary) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "payments",
          .summary = summary,
          .reach = Reach::change,
          .request_schema = &provider_body,
          .response_schema = &received_schema,
          .response_example = R"({"received":true})",
          .outcomes = &outcomes_of_notices,
          .problems = {"signature_wrong", "notice_malformed"}};
}

void add_notice_routes(Router& router) {
  Route generic = notice_route("/v1/payments/generic/notices", "takeGenericNotice",
                               "A payment service tells of a payment or a refund");
  generic.auth = Auth::callback;
  generic.handle = &take_generic;
  generic.request_schema = &body_schema_of<GenericNotice>;
  generic.request_example = R"({"kind":"payment","payment_id":"pay-7781","order_id":"ord_1",)"
                            R"("amount":{"amount":199900,"currency":"CNY"}})";
  router.add(generic);

  Route wechat = notice_route("/v1/payments/wechat/notices", "takeWeChatPayNotice",
                              "WeChat Pay tells of a payment or a refund (APIv3, signed by it)");
  wechat.handle = &take_wechat;
  wechat.request_example = kWeChatExample;
  wechat.response_schema = &wechat_schema;
  wechat.response_example = R"({"code":"SUCCESS","message":"成功"})";
  router.add(wechat);

  Route alipay = notice_route("/v1/payments/alipay/notices", "takeAlipayNotice",
                              "Alipay tells of a payment or a refund (RSA2, signed by it)");
  alipay.handle = &take_alipay;
  alipay.request_schema = &form_body;
  alipay.request_type = "application/x-www-form-urlencoded";
  alipay.request_example = kAlipayExample;
  alipay.response_schema = &text_schema;
  alipay.response_type = "text/plain";
  alipay.response_example = "success";
  router.add(alipay);

  Route stripe = notice_route("/v1/payments/stripe/notices", "takeStripeNotice",
                              "Stripe tells of a payment or a refund (Stripe-Signature)");
  stripe.handle = &take_stripe;
  stripe.request_example = kStripeExample;
  router.add(stripe);
}

}  // namespace

bool admit_callback(Api& api, const Call& call) {
  const auto good = check_generic(api.options().payments.callback_secret, input_of(api, call));
  if (!good) { refuse_notice(api, call, good.error()); }
  return good.has_value();
}

void confirm(Api& api, const Asker& asker, const ConfirmPayment& command) {
  api.change<ConfirmPaymentResult>(
      asker, command, [&api, command](const Asker& payer, const ConfirmPaymentResult& result) {
        api.respond_outcome(payer, result.status, 200,
                            PaymentConfirmed{command.order_id, command.payment_id, result.outcome});
      });
}

void add_payment_routes(Router& router) {
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/payments/callback",
       .operation_id = "confirmPayment",
       .tag = "payments",
       .summary = "The payment provider says that an order was paid",
       .auth = Auth::callback,
       .reach = Reach::change,
       .handle = &confirm_payment,
       .request_schema = &body_schema_of<ConfirmPayment>,
       .response_schema = &answer_schema_of<PaymentConfirmed>,
       .request_example =
           R"({"order_id":"ord_1","payment_id":"pay-7781","amount":{"amount":199900,"currency":"CNY"}})",
       .response_example = R"({"order_id":"ord_1","payment_id":"pay-7781","outcome":"paid"})",
       .outcomes = &outcomes_of<ConfirmPaymentStatus>,
       .problems = {"signature_wrong"}});
  add_notice_routes(router);
}

}  // namespace firebrand
