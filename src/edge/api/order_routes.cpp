#include <array>
#include <charconv>

#include "base/hex.hpp"
#include "core/launch/queries.hpp"
#include "core/launch/sale.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

/// Who may take over what was ordered: the drop knows it.
OrderRecord with_pickup(Api& api, OrderRecord order) {
  if (api.pages().has(order.drop_id)) {
    order.pickup = api.pages().view(order.drop_id).drop.plan.pickup;
  }
  return order;
}

OrderRecord record_of(const Order& order, std::int32_t units_returned, Timestamp now) {
  // An unpaid order is over at its instant, whether or not run_due has come to it.
  const bool over = order.state == OrderState::pending_payment && now >= order.expires_at;
  return {.order_id = order.order_id,
          .person_id = order.person_id,
          .drop_id = order.drop_id,
          .wave = order.wave,
          .quantity = order.quantity,
          .total = order.total,
          .state = over ? OrderState::expired : order.state,
          .created_at = order.created_at,
          .expires_at = order.expires_at,
          .units_returned = units_returned};
}

std::string quoted_time(Timestamp at) {
  std::string text;
  CharSink sink(text);
  JsonWriter(sink).value(at);
  return text;
}

/// The limit that refused a purchase.
std::int32_t limit_of(const CreateDrop& plan, const PlaceOrderResult& result) {
  if (result.status == PlaceOrderStatus::household_limit) { return plan.per_household_limit; }
  if (result.status == PlaceOrderStatus::address_limit) { return plan.per_address_limit; }
  return result.wave == 0 ? plan.per_person_limit : plan.waves[result.wave - 1U].per_person_limit;
}

void refuse_order(Api& api, const Asker& asker, const PlaceOrderResult& result, DropId drop_id,
                  Timestamp now) {
  using enum PlaceOrderStatus;
  const std::string_view code = enum_name(result.status);
  switch (result.status) {
    case not_open: {
      const std::string server_time = quoted_time(now);
      if (!api.pages().has(drop_id)) { break; }
      const std::string opens_at = quoted_time(api.pages().view(drop_id).drop.plan.opens_at);
      const std::array extensions = {ProblemExtension{"opens_at", opens_at},
                                     ProblemExtension{"server_time", server_time}};
      return api.refuse(asker, code, {}, extensions);
    }
    case purchase_limit:
    case household_limit:
    case address_limit: {
      if (!api.pages().has(drop_id)) { break; }
      const std::string limit =
          std::to_string(limit_of(api.pages().view(drop_id).drop.plan, result));
      const std::string owned = std::to_string(result.owned);
      const std::array extensions = {ProblemExtension{"limit", limit},
                                     ProblemExtension{"owned", owned}};
      return api.refuse(asker, code, {}, extensions);
    }
    case proof_wanted:
      if (!api.pages().has(drop_id)) { break; }
      return api.refuse_until(asker, code,
                              head_start_ends(api.pages().view(drop_id).drop, result.wave), now);
    case created:
    case quantity_out_of_range:
    case person_out_of_range:
    case drop_not_found:
    case drop_cancelled:
    case paused:
    case currency_not_offered:
    case sold_out:
    case wave_sold_out:
    case quantity_not_available:
    case orders_full:
    case accounts_full:
    case reservation_required:
    case code_required:
    case code_not_usable:
    case wave_is_drawn:
    case not_in_waiting_room:
    case waiting_turn:
    case admission_over:
    case group_required:
    case member_too_new:
    case region_not_served:
    case channel_not_served:
    case risk_too_high:
    case excluded_from_drop:
      break;
  }
  api.refuse(asker, code);
}

/// The hot path back: decode, and write the order.
void finish_place_order(Api& api, const Waiting& waiting, const AnswerHead& answer) {
  if (api.refuse_common(waiting.asker, answer)) { return; }
  const auto result = decode<PlaceOrderResult>(answer.result());
  FB_ASSERT(result.has_value());
  const DropId drop_id{waiting.own[0]};
  if (result->status != PlaceOrderStatus::created) {
    return refuse_order(api, waiting.asker, *result, drop_id, answer.timestamp);
  }
  const OrderRecord order{.order_id = result->order_id,
                          .person_id = {waiting.own[1]},
                          .drop_id = drop_id,
                          .wave = result->wave,
                          .quantity = static_cast<std::int32_t>(waiting.own[2]),
                          .total = result->total,
                          .state = OrderState::pending_payment,
                          .created_at = result->created_at,
                          .expires_at = result->expires_at};
  Asker asker = waiting.asker;
  asker.replayed = answer.kind == AnswerKind::replayed;
  if (!api.pages().has_ties(drop_id)) { return api.respond(asker, 201, with_pickup(api, order)); }
  // What its rank in the window was computed from.
  const std::string tie_id = to_hex(asker.key.data);
  const std::array headers = {HttpField{"Firebrand-Tie-Id", tie_id}};
  api.respond(asker, 201, with_pickup(api, order), headers);
}

/// What a buyer sends: the code as it is written, which the command knows by its place, and the
/// work that was done, of which the command knows that it was.
struct PlaceOrderRequest {
  static constexpr std::string_view kName = "place_order_request";
  static constexpr std::string_view kDoc = "What to buy.";
  std::int32_t quantity = 1;
  Currency currency{};
  Text<kCodeInputBytesMax> code{};
  ProofNonce proof{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "quantity", self.quantity, From::body,
          Rule{.min = 1, .max = kOrderQuantityMax, .presence = Presence::optional}, "Units.");
    field(2, "currency", self.currency, From::body, Rule{.presence = Presence::optional},
          "One that the SKU has a price in; the drop's if absent.");
    field(3, "code", self.code, From::body, Rule{.presence = Presence::optional},
          "A priority code, for a wave that asks for one.");
    field(4, "proof", self.proof, From::body, Rule{.presence = Presence::optional},
          "What the work on the drop's challenge found, for the head start.");
  }
};

/// A wrong proof is none: its buyer comes after the head start.
OrderProof check_proof(Api& api, const PlaceOrder& order, const ProofNonce& nonce) {
  if (nonce.is_zero() || !api.pages().has(order.drop_id)) { return OrderProof::none; }
  const std::int32_t bits = api.pages().view(order.drop_id).drop.plan.proof_bits;
  const bool good =
      bits > 0 &&
      is_proof(api.credentials().proof_challenge(order.drop_id, order.person_id), nonce, bits);
  return good ? OrderProof::good : OrderProof::none;
}

void place_order(Api& api, Call& call) {
  const auto body = api.read_body<PlaceOrderRequest>(call);
  if (!body) { return; }
  PlaceOrder command{.quantity = body->quantity, .currency = body->currency};
  if (!api.read_path(call, command, "drop_id", call.path[0], "drop_not_found")) { return; }
  command.person_id = call.person_id;
  command.standing = call.standing;
  if (!body->code.empty()) {
    const auto place = api.credentials().read_code(body->code.view());
    if (!place) { return api.refuse(call, "code_not_usable"); }
    command.code_batch_id = place->code_batch_id;
    command.code_index = place->code_index;
  }
  command.proof = check_proof(api, command, body->proof);
  api.ask_hot(call, command, &finish_place_order,
              {command.drop_id.value, command.person_id.value,
               static_cast<std::uint64_t>(command.quantity)});
}

/// An order that left the core: the records answer for it.
void respond_archived(Api& api, const Asker& asker, OrderId id) {
  api.read_records(
      asker, [id](const RecordsReader& records) { return records.order(id); },
      [&api, asker](const std::optional<OrderRecord>& found, LogOffset) {
        const bool own =
            found && (asker.actor.kind == ActorKind::staff || found->person_id == asker.person_id);
        if (!own) { return api.refuse(asker, "order_not_found"); }
        api.respond(asker, 200, with_pickup(api, *found));
      });
}

void send_order(Api& api, const Asker& asker, OrderId id) {
  api.ask(asker, FindOrder{id}, [&api, asker, id](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<FindOrderResult>(answer.result());
    FB_ASSERT(result.has_value());
    if (result->status == FindOrderStatus::order_archived) {
      return respond_archived(api, asker, id);
    }
    // Somebody else's order is answered like none: ids tell nothing.
    const bool own =
        result->status == FindOrderStatus::found &&
        (asker.actor.kind == ActorKind::staff || result->order.person_id == asker.person_id);
    if (!own) { return api.refuse(asker, "order_not_found"); }
    api.respond(
        asker, 200,
        with_pickup(api, record_of(result->order, result->units_returned, answer.timestamp)));
  });
}

void find_order(Api& api, Call& call) {
  FindOrder query;
  if (!api.read_path(call, query, "order_id", call.path[0], "order_not_found")) { return; }
  send_order(api, call, query.order_id);
}

void cancel_order(Api& api, Call& call) {
  CancelOrder command;
  if (!api.read_path(call, command, "order_id", call.path[0], "order_not_found")) { return; }
  command.person_id = call.person_id;
  api.change<CancelOrderResult>(
      call, command,
      [&api, id = command.order_id](const Asker& asker, const CancelOrderResult& result) {
        switch (result.status) {
          case CancelOrderStatus::cancelled:
          case CancelOrderStatus::already_cancelled:
            return send_order(api, asker, id);  // The order as it stands.
          case CancelOrderStatus::order_not_found:
          case CancelOrderStatus::order_archived:
          case CancelOrderStatus::order_paid:
          case CancelOrderStatus::order_expired:
            break;
        }
        api.refuse(asker, enum_name(result.status));
      });
}

std::string one_state_schema() { return value_schema_of<OrderState>(); }
std::string drop_id_schema() { return value_schema_of<DropId>(); }
std::string person_id_schema() { return value_schema_of<PersonId>(); }

constexpr std::array kOrderQuery = {
    kPageQuery[0], kPageQuery[1],
    QueryParameter{"state", &one_state_schema, "Only orders in this state."},
    QueryParameter{"drop_id", &drop_id_schema, "Only orders of this drop."},
    QueryParameter{"person_id", &person_id_schema, "Only orders of this person (staff)."}};

ParameterWords one_of_states() {
  ParameterWords words{"one of ", "下列之一："};
  bool is_first = true;
  for (const OrderState state : enum_values<OrderState>()) {
    words.en.append(is_first ? "" : ", ").append(enum_name(state));
    words.zh.append(is_first ? "" : "、").append(enum_name(state));
    is_first = false;
  }
  return words;
}

/// Reads what filters a list of orders; answers the problem itself if it is not valid.
std::optional<OrderFilter> read_filter(Api& api, const Call& call) {
  OrderFilter filter;
  const auto wrong = [&](std::string_view parameter, JsonErrorCode code,
                         const ParameterWords& expected) {
    refuse_parameter(api, call, parameter, code, expected);
    return std::nullopt;
  };
  using enum JsonErrorCode;
  if (const auto text = query_value(call.http.query, "state"); !text.empty()) {
    filter.state = enum_from_name<OrderState>(text);
    if (!filter.state) { return wrong("state", unknown_value, one_of_states()); }
  }
  if (const auto text = query_value(call.http.query, "drop_id"); !text.empty()) {
    const auto id = parse_id<DropId>(text);
    if (!id) {
      return wrong("drop_id", malformed_value, {"an id such as drop_1", "编号，例如 drop_1"});
    }
    filter.drop_id = *id;
  }
  if (const auto text = query_value(call.http.query, "person_id"); !text.empty()) {
    const auto id = parse_id<PersonId>(text);
    if (!id) {
      return wrong("person_id", malformed_value, {"an id such as per_1", "编号，例如 per_1"});
    }
    filter.person_id = *id;
  }
  return filter;
}

void list_orders(Api& api, Call& call) {
  auto filter = read_filter(api, call);
  if (!filter) { return; }
  const auto page = read_page(api, call, kOrderQuery);
  if (!page) { return; }
  filter->before = {page->before};
  filter->limit = page->limit + 1;  // One more tells whether there are more.
  // Fans see their own, whatever they ask for.
  if (call.actor.kind != ActorKind::staff) { filter->person_id = call.person_id; }
  const Asker asker = call;
  api.read_records(
      asker, [filter = *filter](const RecordsReader& records) { return records.orders(filter); },
      [&api, asker, page = *page](const std::vector<OrderRecord>& orders, LogOffset position) {
        respond_page(
            api, asker, orders, page, position,
            [](const OrderRecord& order) { return order.order_id.value; },
            [&api](JsonWriter& json, const OrderRecord& order) {
              json.value(with_pickup(api, order));
            });
      });
}

constexpr Roles kOrderRoles = roles({StaffRole::marketer, StaffRole::analyst, StaffRole::store});

constexpr char kOrderExample[] =
    R"({"order_id":"ord_1","drop_id":"drop_1","wave":1,"person_id":"per_42","quantity":1,)"
    R"("total":{"amount":199900,"currency":"CNY"},"state":"pending_payment",)"
    R"("created_at":"2026-11-21T20:00:00.000Z","expires_at":"2026-11-21T20:15:00.000Z","units_returned":0,)"
    R"("pickup":"by_anyone"})";

}  // namespace

void add_order_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/orders",
              .operation_id = "placeOrder",
              .tag = "orders",
              .summary = "Buy: takes units and the person's right, and creates an unpaid order",
              .auth = Auth::fan,
              .rate_limited = true,
              .repeatable = Repeatable::required,
              .operation = kNumberOf<PlaceOrder>,
              .reach = Reach::change,
              .handle = &place_order,
              .success = 201,
              .request_schema = &body_schema_of<PlaceOrderRequest>,
              .response_schema = &answer_schema_of<OrderRecord>,
              .request_example = R"({"quantity":1,"currency":"CNY"})",
              .response_example = kOrderExample,
              .outcomes = &outcomes_of<PlaceOrderStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/orders/{order_id}",
              .operation_id = "getOrder",
              .tag = "orders",
              .summary = "One's own order as it stands; for staff, anybody's",
              .auth = Auth::fan_or_staff,
              .roles = kOrderRoles,
              .reach = Reach::reading,
              .handle = &find_order,
              .response_schema = &answer_schema_of<OrderRecord>,
              .response_example = kOrderExample,
              .problems = {"order_not_found"}});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/orders",
              .operation_id = "listOrders",
              .tag = "orders",
              .summary = "One's own orders, newest first; for staff, everybody's",
              .auth = Auth::fan_or_staff,
              .roles = kOrderRoles,
              .reach = Reach::reading,
              .handle = &list_orders,
              .response_schema = &page_schema_of<OrderRecord>,
              .response_example = page_example(kOrderExample),
              .query = kOrderQuery});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/orders/{order_id}/cancel",
              .operation_id = "cancelOrder",
              .tag = "orders",
              .summary = "Give an unpaid order up",
              .auth = Auth::fan,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<CancelOrder>,
              .reach = Reach::change,
              .handle = &cancel_order,
              .response_schema = &answer_schema_of<OrderRecord>,
              .response_example = kOrderExample,
              .outcomes = &outcomes_of<CancelOrderStatus>});
}

}  // namespace firebrand
