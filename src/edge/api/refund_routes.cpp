#include <algorithm>
#include <array>

#include "core/launch/refunds.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/payments/payment_desk.hpp"

/// What staff do about money that came and about units that come back.
namespace firebrand {

namespace {

constexpr Roles kMoneyRoles = roles({StaffRole::store});
constexpr Roles kReadRoles = roles({StaffRole::store, StaffRole::marketer, StaffRole::analyst});

struct UnitsTakenBack {
  static constexpr std::string_view kName = "units_taken_back";
  static constexpr std::string_view kDoc = "What is left of an order, and what is owed.";
  OrderId order_id{};
  std::int32_t units_left = 0;
  Money owed{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "units_left", self.units_left, From::body, Rule{}, "Units that the buyer keeps.");
    field(3, "owed", self.owed, From::body, Rule{}, "What became owed back by it.");
  }
};

struct RefundStanding {
  static constexpr std::string_view kName = "refund_standing";
  static constexpr std::string_view kDoc = "Where a refund stands.";
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};
  RefundState state{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refund_id", self.refund_id, From::body, Rule{}, "The refund.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "Of which payment.");
    field(3, "amount", self.amount, From::body, Rule{}, "How much.");
    field(4, "state", self.state, From::body, Rule{}, "Where it stands.");
  }
};

struct RefundStatus : RefundStanding {
  static constexpr std::string_view kName = "refund_status";
  static constexpr std::string_view kDoc = "Where a refund stands, and what its provider says.";
  std::uint64_t number = 0;
  Timestamp changed_at{};
  std::uint32_t attempts = 0;
  Text<128> reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    RefundStanding::describe(self, field);
    field(5, "number", self.number, From::body, Rule{}, "In the order in which they came, from 1.");
    field(6, "changed_at", self.changed_at, From::body, Rule{}, "Since when.");
    field(7, "attempts", self.attempts, From::body, Rule{},
          "How often the provider was asked since the server's start; 0: it is not asked by us.");
    field(8, "reason", self.reason, From::body, Rule{}, "What it said last, while `requested`.");
  }
};

void return_units(Api& api, Call& call) {
  auto command = api.read_body<ReturnUnits>(call);
  if (!command || !api.read_path(call, *command, "order_id", call.path[0], "order_not_found")) {
    return;
  }
  api.change<ReturnUnitsResult>(
      call, *command,
      [&api, id = command->order_id](const Asker& asker, const ReturnUnitsResult& result) {
        api.respond_outcome(asker, result.status, 200,
                            UnitsTakenBack{id, result.units_left, result.owed});
      });
}

void request_refund(Api& api, Call& call) {
  const auto command = api.read_body<RequestRefund>(call);
  if (!command) { return; }
  api.change<RequestRefundResult>(
      call, *command,
      [&api, asked = *command](const Asker& asker, const RequestRefundResult& result) {
        api.respond_outcome(
            asker, result.status, 201,
            RefundStanding{asked.refund_id, asked.payment_id, asked.amount, result.state});
      });
}

/// Of money that no provider here can be asked for: staff have paid it themselves.
void confirm_refund_by_hand(Api& api, Call& call) {
  const auto command = api.read_body<ConfirmRefund>(call);
  if (!command) { return; }
  const auto provider = provider_of(command->payment_id.view());
  const auto& providers = api.payment_desk().providers();
  const auto& offered = providers.offered();
  const bool is_offered =
      provider && std::find(offered.begin(), offered.end(), *provider) != offered.end();
  // What the provider does not take, nobody asks it for.
  const Currency currency = command->amount.currency;
  if (is_offered && (currency.is_none() || providers.takes(*provider, currency))) {
    return api.refuse(call, "refund_by_provider");
  }
  api.change<ConfirmRefundResult>(
      call, *command,
      [&api, told = *command](const Asker& asker, const ConfirmRefundResult& result) {
        api.respond_outcome(
            asker, result.status, 200,
            RefundStanding{told.refund_id, told.payment_id, told.amount, told.outcome});
      });
}

constexpr std::array kPaymentQuery = {
    kPageQuery[0], kPageQuery[1],
    QueryParameter{"owed", [] { return std::string(R"({"type":"boolean"})"); },
                   "true: only those of which money is owed back that no refund was asked for."}};

void list_payments(Api& api, Call& call) {
  const std::string_view owed = query_value(call.http.query, "owed");
  if (!owed.empty() && owed != "true" && owed != "false") {
    return refuse_parameter(api, call, "owed", JsonErrorCode::unknown_value,
                            {"true or false", "true 或 false"});
  }
  const auto page = read_page(api, call, kPaymentQuery);
  if (!page) { return; }
  const PaymentChoice choice = owed == "true" ? PaymentChoice::owed : PaymentChoice::all;
  respond_list(
      api, call, *page,
      [choice, before = page->before, limit = page->limit](const RecordsReader& records) {
        return records.payments(choice, before, limit + 1);
      },
      [](const PaymentRecord& payment) { return payment.number; });
}

void list_refunds(Api& api, Call& call) {
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  using Entries = Expected<std::vector<RefundStatus>, RecordsError>;
  respond_list(
      api, call, *page,
      [&desk = api.payment_desk(), before = page->before,
       limit = page->limit](const RecordsReader& records) -> Entries {
        const auto refunds = records.refunds(before, limit + 1);
        if (!refunds) { return Unexpected(refunds.error()); }
        std::vector<RefundStatus> entries;
        for (const RefundRecord& refund : *refunds) {
          RefundStatus& entry = entries.emplace_back();
          static_cast<RefundStanding&>(entry) = {refund.refund_id, refund.payment_id, refund.amount,
                                                 refund.state};
          entry.number = refund.number;
          entry.changed_at = refund.changed_at;
          if (const auto progress = desk.progress(refund.refund_id.view())) {
            entry.attempts = progress->attempts;
            entry.reason = std::string_view(progress->reason);
          }
        }
        return entries;
      },
      [](const RefundStatus& refund) { return refund.number; });
}

}  // namespace

void add_refund_routes(Router& router) {
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/orders/{order_id}/returns",
       .operation_id = "returnUnits",
       .tag = "orders",
       .summary = "Take units of a paid order back; their price becomes owed back",
       .auth = Auth::staff,
       .roles = kMoneyRoles,
       .repeatable = Repeatable::required,
       .operation = kNumberOf<ReturnUnits>,
       .reach = Reach::change,
       .handle = &return_units,
       .request_schema = &body_schema_of<ReturnUnits>,
       .response_schema = &answer_schema_of<UnitsTakenBack>,
       .request_example = R"({"quantity":1,"to":"on_sale"})",
       .response_example =
           R"({"order_id":"ord_1","units_left":1,"owed":{"amount":199900,"currency":"CNY"}})",
       .outcomes = &outcomes_of<ReturnUnitsStatus>});
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/refunds",
       .operation_id = "requestRefund",
       .tag = "payments",
       .summary = "Ask for money that is owed back: of a provider that is configured, else by you",
       .auth = Auth::staff,
       .roles = kMoneyRoles,
       .repeatable = Repeatable::accepted,
       .operation = kNumberOf<RequestRefund>,
       .reach = Reach::change,
       .handle = &request_refund,
       .success = 201,
       .request_schema = &body_schema_of<RequestRefund>,
       .response_schema = &answer_schema_of<RefundStanding>,
       .request_example = R"({"refund_id":"r-1","payment_id":"pay-7781",)"
                          R"("amount":{"amount":199900,"currency":"CNY"}})",
       .response_example = R"({"refund_id":"r-1","payment_id":"pay-7781",)"
                           R"("amount":{"amount":199900,"currency":"CNY"},"state":"requested"})",
       .outcomes = &outcomes_of<RequestRefundStatus>});
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/refunds/outcomes",
       .operation_id = "confirmRefundByHand",
       .tag = "payments",
       .summary = "What became of a refund that no provider here is asked for; as a notice says it",
       .auth = Auth::staff,
       .roles = kMoneyRoles,
       .reach = Reach::change,
       .handle = &confirm_refund_by_hand,
       .request_schema = &body_schema_of<ConfirmRefund>,
       .response_schema = &answer_schema_of<RefundStanding>,
       .request_example = R"({"refund_id":"r-2","payment_id":"penalty:rsv_7",)"
                          R"("amount":{"amount":30000,"currency":"CNY"},"outcome":"done"})",
       .response_example = R"({"refund_id":"r-2","payment_id":"penalty:rsv_7",)"
                           R"("amount":{"amount":30000,"currency":"CNY"},"state":"done"})",
       .outcomes = &outcomes_of<ConfirmRefundStatus>,
       .problems = {"refund_by_provider"}});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/refunds",
              .operation_id = "listRefunds",
              .tag = "payments",
              .summary = "Money on its way back, newest first, and what its provider says",
              .auth = Auth::staff,
              .roles = kReadRoles,
              .reach = Reach::reading,
              .handle = &list_refunds,
              .response_schema = &page_schema_of<RefundStatus>,
              .response_example = page_example(
                  R"({"refund_id":"r-1","payment_id":"wechat:4200000001",)"
                  R"("amount":{"amount":199900,"currency":"CNY"},"state":"requested","number":1,)"
                  R"("changed_at":"2026-11-21T20:01:00.000Z","attempts":2,"reason":"NOT_ENOUGH"})"),
              .query = kPageQuery});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/payments",
              .operation_id = "listPayments",
              .tag = "payments",
              .summary = "Money that came, newest first, and what of it is owed back",
              .auth = Auth::staff,
              .roles = kReadRoles,
              .reach = Reach::reading,
              .handle = &list_payments,
              .response_schema = &page_schema_of<PaymentRecord>,
              .response_example = page_example(
                  R"({"number":1,"payment_id":"pay-7781","order_id":"ord_1","outcome":"paid",)"
                  R"("amount":{"amount":199900,"currency":"CNY"},"owed_back":0,"asked":0,)"
                  R"("refunded":0,"created_at":"2026-11-21T20:01:00.000Z","reservation_id":null})"),
              .query = kPaymentQuery});
}

}  // namespace firebrand
