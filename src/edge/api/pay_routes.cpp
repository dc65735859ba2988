#include <algorithm>
#include <array>

#include "base/id_text.hpp"
#include "core/launch/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/payments/payment_desk.hpp"

/// Buyers pay: a payment is made at a provider, and they are told where.
namespace firebrand {

namespace {

/// The numbers are not stored; those of PaymentProvider, and none.
enum class ProviderChoice : std::uint8_t { any = 0, wechat = 1, alipay = 2, stripe = 3 };

struct PayRequest {
  static constexpr std::string_view kName = "pay_request";
  static constexpr std::string_view kDoc = "How somebody wants to pay.";
  ProviderChoice provider{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "provider", self.provider, From::body, Rule{.presence = Presence::optional},
          "By whom; any: the first that is offered and takes the currency.");
  }
};

enum class PayBy : std::uint8_t { code = 0, page = 1 };

struct PaymentOffer {
  static constexpr std::string_view kName = "payment_offer";
  static constexpr std::string_view kDoc = "Where something is paid.";
  Text<32> number{};
  PaymentProvider provider{};
  Money amount{};
  PayBy pay_by{};
  Text<2'048> url{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "number", self.number, From::body, Rule{}, "What the provider knows it by.");
    field(2, "provider", self.provider, From::body, Rule{}, "Who takes the money.");
    field(3, "amount", self.amount, From::body, Rule{}, "What is to be paid.");
    field(
        4, "pay_by", self.pay_by, From::body, Rule{},
        "Whether the buyer scans the url as a code in the provider's app, or opens it as a page.");
    field(5, "url", self.url, From::body, Rule{}, "The code's text, or the page.");
  }
};

/// What of it is shown where the provider asks for a text, within its bounds.
std::string description_of(Api& api, DropId drop_id) {
  constexpr std::size_t kCharactersMax = 60;
  if (!api.pages().has(drop_id)) { return "firebrand"; }
  std::string name(api.pages().view(drop_id).sku_name.zh.view());
  std::size_t characters = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(name[i]) & 0xC0U) != 0x80U;
    if (begins && ++characters > kCharactersMax) {
      name.resize(i);
      break;
    }
  }
  return name;
}

std::string page_of(DropId drop_id) { return "/d/" + std::string(format_id(drop_id).view()); }

std::optional<PaymentProvider> choose(const PaymentProviders& providers, ProviderChoice choice,
                                      Currency currency) {
  for (const PaymentProvider one : providers.offered()) {
    const bool is_meant = choice == ProviderChoice::any || enum_name(choice) == enum_name(one);
    if (is_meant && providers.takes(one, currency)) { return one; }
  }
  return std::nullopt;
}

/// Asks the provider, and answers when it has.
void make_payment(Api& api, const Asker& asker, ProviderChoice choice, PaymentWanted wanted) {
  const auto provider = choose(api.payment_desk().providers(), choice, wanted.amount.currency);
  if (!provider) { return api.refuse(asker, "payment_not_offered"); }
  PaymentOffer offer{.number = std::string_view(wanted.number),
                     .provider = *provider,
                     .amount = wanted.amount,
                     .pay_by = *provider == PaymentProvider::stripe ? PayBy::page : PayBy::code};
  const auto then = [&api, asker, offer](const PaymentReply& reply) {
    api.run_later([&api, asker, offer, reply] {
      PaymentOffer made = offer;
      if (reply && reply->size() <= made.url.kMax) {
        made.url = std::string_view(*reply);
        return api.respond(asker, 200, made);
      }
      std::string reason;
      CharSink sink(reason);
      JsonWriter(sink).string(reply ? "url_too_long" : reply.error());
      const std::array extensions = {ProblemExtension{"reason", reason}};
      api.refuse(asker, "payment_provider_failed", {}, extensions);
    });
  };
  if (!api.payment_desk().make_payment(*provider, std::move(wanted), then)) {
    api.refuse(asker, "overloaded");
  }
}

void pay_order(Api& api, Call& call) {
  const auto body = api.read_body<PayRequest>(call);
  FindOrder query;
  if (!body || !api.read_path(call, query, "order_id", call.path[0], "order_not_found")) { return; }
  api.ask(
      call, query, [&api, asker = Asker(call), choice = body->provider](const AnswerHead& answer) {
        if (api.refuse_common(asker, answer)) { return; }
        const auto result = decode<FindOrderResult>(answer.result());
        FB_ASSERT(result.has_value());
        const Order& order = result->order;
        // Somebody else's order is answered like none; one that left the core is not due.
        if (result->status == FindOrderStatus::order_archived) {
          return api.refuse(asker, "payment_not_due");
        }
        if (result->status != FindOrderStatus::found || order.person_id != asker.person_id) {
          return api.refuse(asker, "order_not_found");
        }
        if (order.state != OrderState::pending_payment || answer.timestamp >= order.expires_at) {
          return api.refuse(asker, "payment_not_due");
        }
        make_payment(api, asker, choice,
                     {.number = merchant_number_of(order.order_id),
                      .amount = order.total,
                      .description = description_of(api, order.drop_id),
                      .return_url = page_of(order.drop_id),
                      .made_at = order.created_at,
                      .expires_at = order.expires_at});
      });
}

void pay_deposit(Api& api, Call& call) {
  const auto body = api.read_body<PayRequest>(call);
  FindReservation query;
  if (!body || !api.read_path(call, query, "drop_id", call.path[0], "drop_not_found")) { return; }
  query.person_id = call.person_id;
  api.ask(call, query,
          [&api, asker = Asker(call), choice = body->provider](const AnswerHead& answer) {
            if (api.refuse_common(asker, answer)) { return; }
            const auto result = decode<FindReservationResult>(answer.result());
            FB_ASSERT(result.has_value());
            if (result->status != FindReservationStatus::found) {
              return api.refuse(asker, enum_name(result->status));
            }
            const Reservation& mine = result->reservation;
            if (mine.state != ReservationState::pending_deposit ||
                answer.timestamp >= mine.deposit_due_at) {
              return api.refuse(asker, "payment_not_due");
            }
            make_payment(api, asker, choice,
                         {.number = merchant_number_of(mine.reservation_id) + "-" +
                                    std::to_string(to_unix_ms(mine.deposit_due_at) / 1'000),
                          .amount = result->deposit,
                          .description = description_of(api, mine.drop_id),
                          .return_url = page_of(mine.drop_id),
                          .made_at = mine.reserved_at,
                          .expires_at = mine.deposit_due_at});
          });
}

void list_providers(Api& api, Call& call) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("providers");
  json.begin_array();
  for (const PaymentProvider one : api.payment_desk().providers().offered()) {
    json.string(enum_name(one));
  }
  json.end_array();
  json.end_object();
  api.respond_json(call, 200, body);
}

std::string providers_schema() {
  return R"({"type":"object","required":["providers"],"properties":{"providers":)"
         R"({"type":"array","items":)" +
         value_schema_of<PaymentProvider>() + "}}}";
}

constexpr std::string_view kPayExample = R"({"provider":"wechat"})";

Route pay_route(std::string_view pattern, std::string_view operation_id, std::string_view summary) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "payments",
          .summary = summary,
          .auth = Auth::fan,
          .reach = Reach::reading,
          .request_schema = &body_schema_of<PayRequest>,
          .response_schema = &answer_schema_of<PaymentOffer>,
          .request_example = std::string(kPayExample),
          .problems = {"payment_not_due", "payment_not_offered", "payment_provider_failed"}};
}

}  // namespace

void add_pay_routes(Router& router) {
  Route order = pay_route("/v1/orders/{order_id}/payment", "payOrder",
                          "Make the payment of one's own order at a provider; once, however often");
  order.handle = &pay_order;
  order.response_example =
      R"({"number":"ord_00000001","provider":"wechat","amount":{"amount":199900,"currency":"CNY"},)"
      R"("pay_by":"code","url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"})";
  order.problems.emplace_back("order_not_found");
  router.add(order);

  Route deposit = pay_route("/v1/drops/{drop_id}/reservation/payment", "payDeposit",
                            "Make the payment of one's own deposit at a provider");
  deposit.handle = &pay_deposit;
  deposit.response_example =
      R"({"number":"rsv_00000007","provider":"wechat","amount":{"amount":30000,"currency":"CNY"},)"
      R"("pay_by":"code","url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"})";
  deposit.problems.insert(deposit.problems.end(), {"drop_not_found", "reservation_not_found"});
  router.add(deposit);

  router.add({.method = HttpMethod::get,
              .pattern = "/v1/payment-providers",
              .operation_id = "listPaymentProviders",
              .tag = "payments",
              .summary = "By whom one can pay here; none: the shop takes the money",
              .handle = &list_providers,
              .response_schema = &providers_schema,
              .response_example = R"({"providers":["wechat"]})"});
}

}  // namespace firebrand
