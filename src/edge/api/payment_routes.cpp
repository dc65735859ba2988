#include <charconv>

#include "core/launch/sale.hpp"
#include "edge/api/api.hpp"
#include "edge/api/payments.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

/// How far the provider's clock may be from ours, and how old a notice may be.
constexpr std::chrono::minutes kCallbackWindow{5};

bool is_recent(std::string_view timestamp, Timestamp now) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (read.ec != std::errc{} || read.ptr != timestamp.data() + timestamp.size()) { return false; }
  const std::int64_t off = to_unix_ms(now) / 1'000 - seconds;
  return std::abs(off) <= std::chrono::seconds{kCallbackWindow}.count();
}

void confirm_payment(Api& api, Call& call) {
  if (!is_from_provider(api, call)) { return api.refuse(call, "signature_wrong"); }
  const auto command = api.read_body<ConfirmPayment>(call);
  if (command) { confirm(api, call, *command); }
}

}  // namespace

bool is_from_provider(Api& api, const Call& call) {
  const std::string& secret = api.options().payment_secret;
  const std::string_view timestamp = call.http.header(HttpHeader::firebrand_timestamp);
  return !secret.empty() && is_recent(timestamp, api.now()) &&
         check_callback(secret, timestamp, call.http.body,
                        call.http.header(HttpHeader::firebrand_signature));
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
}

}  // namespace firebrand
