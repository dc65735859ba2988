#include <array>

#include "core/launch/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/fan_session.hpp"
#include "edge/api/payments.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

/// The demo: fans sign in by any name, pay by a click, and a crowd comes at the press of a button.
/// These routes exist on a loopback server started with --demo only.
namespace firebrand {

namespace {

constexpr std::uint32_t kCrowdFansMax = 200'000;
constexpr std::uint32_t kCrowdSecondsMax = 600;

struct DemoSignInRequest {
  static constexpr std::string_view kName = "demo_sign_in_request";
  static constexpr std::string_view kDoc = "A fan by any name.";
  Text<64> name{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "name", self.name, From::body, Rule{.min = 1}, "Any name.");
  }
};

struct DemoPayDepositRequest {
  static constexpr std::string_view kName = "demo_pay_deposit";
  static constexpr std::string_view kDoc = "Whose deposit to pay.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop in which one has reserved.");
  }
};

struct DemoPayRequest {
  static constexpr std::string_view kName = "demo_pay_request";
  static constexpr std::string_view kDoc = "Pays an order in full.";
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "One's own order.");
  }
};

struct DemoCrowdRequest {
  static constexpr std::string_view kName = "demo_crowd_request";
  static constexpr std::string_view kDoc = "Sends a crowd to a drop.";
  DropId drop_id{};
  std::uint32_t fans = 0;
  std::uint32_t duration_seconds = 20;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "fans", self.fans, From::body, Rule{.min = 1, .max = kCrowdFansMax}, "How many.");
    field(3, "duration_seconds", self.duration_seconds, From::body,
          Rule{.min = 1, .max = kCrowdSecondsMax, .presence = Presence::optional},
          "Within which all arrive, from the opening; 20 if absent.");
  }
};

void show_demo(Api& api, Call& call) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("demo");
  json.boolean(true);
  json.field("drop_id", api.options().demo_drop_id);
  json.end_object();
  api.respond_json(call, 200, body);
}

void demo_sign_in(Api& api, Call& call) {
  const auto request = api.read_body<DemoSignInRequest>(call);
  if (request) {
    respond_fan_session(api, call, std::string("demo/").append(request->name.view()));
  }
}

/// Plays the payment provider: the order's total, under a payment id of its own.
void demo_pay(Api& api, Call& call) {
  const auto request = api.read_body<DemoPayRequest>(call);
  if (!request) { return; }
  const Asker asker = call;
  api.ask(asker, FindOrder{request->order_id}, [&api, asker](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<FindOrderResult>(answer.result());
    FB_ASSERT(result.has_value());
    if (result->status != FindOrderStatus::found || result->order.person_id != asker.person_id) {
      return api.refuse(asker, "order_not_found");
    }
    const std::string payment_id = "demo-" + std::to_string(result->order.order_id.value);
    confirm(
        api, asker,
        ConfirmPayment{result->order.order_id, std::string_view(payment_id), result->order.total});
  });
}

/// The same of a deposit: the demo has one drop, whose reservation it must be.
void demo_pay_deposit(Api& api, Call& call) {
  const auto request = api.read_body<DemoPayDepositRequest>(call);
  if (!request) { return; }
  const Asker asker = call;
  const FindReservation query{request->drop_id, asker.person_id};
  api.ask(asker, query, [&api, asker](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<FindReservationResult>(answer.result());
    FB_ASSERT(result.has_value());
    if (result->status != FindReservationStatus::found) {
      return api.refuse(asker, enum_name(result->status));
    }
    // Once for each time it was made.
    const Reservation& mine = result->reservation;
    const std::string payment_id = "demo-" + std::to_string(mine.reservation_id.value) + "-" +
                                   std::to_string(to_unix_ms(mine.reserved_at));
    confirm(api, asker,
            ConfirmDeposit{mine.reservation_id, std::string_view(payment_id), result->deposit});
  });
}

void send_crowd(Api& api, Call& call) {
  const auto request = api.read_body<DemoCrowdRequest>(call);
  if (!request) { return; }
  if (!api.pages().has(request->drop_id)) { return api.refuse(call, "drop_not_found"); }
  if (api.crowd_running()) { return api.refuse(call, "crowd_running"); }
  api.start_crowd({request->drop_id, request->fans, request->duration_seconds});
  api.respond_json(call, 202, R"({"running":true,"report":null})");
}

void show_crowd(Api& api, Call& call) {
  std::string body = R"({"running":)";
  body += api.crowd_running() ? "true" : "false";
  body += R"(,"report":)";
  body += api.crowd_report().empty() ? "null" : api.crowd_report();
  body += '}';
  api.respond_json(call, 200, body);
}

std::string demo_schema() {
  return R"({"type":"object","required":["demo","drop_id"],"properties":{"demo":)"
         R"({"type":"boolean"},"drop_id":{"type":"string","description":"What it is about."}}})";
}
std::string crowd_schema() {
  return R"({"type":"object","required":["running","report"],"properties":{"running":)"
         R"({"type":"boolean"},"report":{"type":["object","null"],)"
         R"("description":"Figures of the last crowd; null before it is back."}}})";
}

}  // namespace

void add_demo_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/demo",
              .operation_id = "showDemo",
              .tag = "demo",
              .summary = "Whether this is a demo, and its drop",
              .handle = &show_demo,
              .response_schema = &demo_schema,
              .response_example = R"({"demo":true,"drop_id":"drop_1"})"});
  router.add({.method = HttpMethod::post,
              .pattern = "/demo/sign-in",
              .operation_id = "demoSignIn",
              .tag = "demo",
              .summary = "A fan session by any name",
              .own_pages_only = true,
              .handle = &demo_sign_in,
              .success = 201,
              .request_schema = &body_schema_of<DemoSignInRequest>,
              .response_schema = &answer_schema_of<FanSessionMade>,
              .request_example = R"({"name":"Mei"})",
              .response_example = kFanSessionExample});
  router.add({.method = HttpMethod::post,
              .pattern = "/demo/pay",
              .operation_id = "demoPay",
              .tag = "demo",
              .summary = "Pay one's own order in full",
              .auth = Auth::fan,
              .own_pages_only = true,
              .reach = Reach::change,
              .handle = &demo_pay,
              .request_schema = &body_schema_of<DemoPayRequest>,
              .response_schema = &answer_schema_of<PaymentConfirmed>,
              .request_example = R"({"order_id":"ord_1"})",
              .response_example = R"({"order_id":"ord_1","payment_id":"demo-1","outcome":"paid"})",
              .outcomes = &outcomes_of<ConfirmPaymentStatus>,
              .problems = {"order_not_found"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/demo/pay-deposit",
              .operation_id = "demoPayDeposit",
              .tag = "demo",
              .summary = "Pay the deposit of one's own reservation",
              .auth = Auth::fan,
              .own_pages_only = true,
              .reach = Reach::change,
              .handle = &demo_pay_deposit,
              .request_schema = &body_schema_of<DemoPayDepositRequest>,
              .response_schema = &answer_schema_of<DepositConfirmed>,
              .request_example = R"({"drop_id":"drop_1"})",
              .response_example =
                  R"({"reservation_id":"rsv_1","payment_id":"demo-1-0","outcome":"reserved"})",
              .outcomes = &outcomes_of<ConfirmDepositStatus>,
              .problems = {"drop_not_found"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/demo/crowd",
              .operation_id = "sendCrowd",
              .tag = "demo",
              .summary = "Send a crowd of fans to a drop",
              .own_pages_only = true,
              .handle = &send_crowd,
              .success = 202,
              .request_schema = &body_schema_of<DemoCrowdRequest>,
              .response_schema = &crowd_schema,
              .request_example = R"({"drop_id":"drop_1","fans":5000})",
              .response_example = R"({"running":true,"report":null})",
              .problems = {"drop_not_found", "crowd_running"}});
  router.add({.method = HttpMethod::get,
              .pattern = "/demo/crowd",
              .operation_id = "showCrowd",
              .tag = "demo",
              .summary = "The last crowd's report",
              .handle = &show_crowd,
              .response_schema = &crowd_schema,
              .response_example = R"({"running":false,"report":{"fans":5000,"orders":1000}})"});
}

}  // namespace firebrand
