#include "core/launch/waitlist_queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

constexpr Roles kManage = roles({StaffRole::marketer});

/// What people see of their own place.
struct OwnWaitlistPlace {
  static constexpr std::string_view kName = "own_waitlist_place";
  static constexpr std::string_view kDoc = "One's own place in a waitlist.";
  DropId drop_id{};
  WaitlistPlaceState state{};
  std::uint64_t place = 0;
  std::uint64_t ahead = 0;
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(2, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(3, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(4, "ahead", self.ahead, From::body, Rule{}, "People who wait before, exactly.");
    field(5, "order_id", self.order_id, From::body, Rule{.presence = Presence::optional},
          "If served: the order to pay.");
  }
};

struct WaitlistReference {
  static constexpr std::string_view kName = "waitlist_reference";
  static constexpr std::string_view kDoc = "Names the drop of a waitlist.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

void open_waitlist(Api& api, Call& call) {
  auto command = api.read_body<OpenWaitlist>(call);
  if (!command || !api.read_path(call, *command, "drop_id", call.path[0], "drop_not_found")) {
    return;
  }
  api.change<OpenWaitlistResult>(
      call, *command,
      [&api, id = command->drop_id](const Asker& asker, const OpenWaitlistResult& result) {
        api.respond_outcome(asker, result.status, 201, WaitlistReference{id});
      });
}

void close_waitlist(Api& api, Call& call) {
  CloseWaitlist command;
  if (!api.read_path(call, command, "drop_id", call.path[0], "waitlist_not_found")) { return; }
  api.change<CloseWaitlistResult>(
      call, command,
      [&api, id = command.drop_id](const Asker& asker, const CloseWaitlistResult& result) {
        api.respond_outcome(asker, result.status, 200, WaitlistReference{id});
      });
}

void join_waitlist(Api& api, Call& call) {
  JoinWaitlist command;
  if (!api.read_path(call, command, "drop_id", call.path[0], "waitlist_not_found")) { return; }
  command.person_id = call.person_id;
  api.change<JoinWaitlistResult>(
      call, command,
      [&api, id = command.drop_id](const Asker& asker, const JoinWaitlistResult& result) {
        api.respond_outcome(
            asker, result.status, 201,
            OwnWaitlistPlace{.drop_id = id, .place = result.place, .ahead = result.ahead});
      });
}

void send_own(Api& api, const Asker& asker, DropId id) {
  api.ask(asker, FindWaitlistPlace{id, asker.person_id}, [&api, asker, id](const AnswerHead& head) {
    if (api.refuse_common(asker, head)) { return; }
    const auto result = decode<FindWaitlistPlaceResult>(head.result());
    FB_ASSERT(result.has_value());
    if (result->status != FindWaitlistPlaceStatus::found) {
      return api.refuse(asker, enum_name(result->status));
    }
    api.respond(
        asker, 200,
        OwnWaitlistPlace{id, result->state, result->place, result->ahead, result->order_id});
  });
}

void get_place(Api& api, Call& call) {
  FindWaitlistPlace query;
  if (!api.read_path(call, query, "drop_id", call.path[0], "waitlist_not_found")) { return; }
  send_own(api, call, query.drop_id);
}

void leave_waitlist(Api& api, Call& call) {
  LeaveWaitlist command;
  if (!api.read_path(call, command, "drop_id", call.path[0], "waitlist_not_found")) { return; }
  command.person_id = call.person_id;
  api.change<LeaveWaitlistResult>(
      call, command,
      [&api, id = command.drop_id](const Asker& asker, const LeaveWaitlistResult& result) {
        switch (result.status) {
          case LeaveWaitlistStatus::left:
          case LeaveWaitlistStatus::already_ended:
            return send_own(api, asker, id);  // As it stands.
          case LeaveWaitlistStatus::waitlist_not_found:
          case LeaveWaitlistStatus::waitlist_place_not_found:
          case LeaveWaitlistStatus::waitlist_place_served:
            break;
        }
        api.refuse(asker, enum_name(result.status));
      });
}

constexpr char kPlaceExample[] =
    R"({"drop_id":"drop_1","state":"waiting","place":214,"ahead":180,"order_id":null})";
constexpr char kReferenceExample[] = R"({"drop_id":"drop_1"})";

}  // namespace

void add_waitlist_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waitlist",
              .operation_id = "joinWaitlist",
              .tag = "waitlists",
              .summary = "Wait for a unit that comes back, once nothing is to be had",
              .auth = Auth::fan,
              .rate_limited = true,
              .is_joining = true,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<JoinWaitlist>,
              .reach = Reach::change,
              .handle = &join_waitlist,
              .success = 201,
              .response_schema = &answer_schema_of<OwnWaitlistPlace>,
              .response_example = kPlaceExample,
              .outcomes = &outcomes_of<JoinWaitlistStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/waitlist/place",
              .operation_id = "getWaitlistPlace",
              .tag = "waitlists",
              .summary = "One's own place as it stands, and the order it became",
              .auth = Auth::fan,
              .reach = Reach::reading,
              .handle = &get_place,
              .response_schema = &answer_schema_of<OwnWaitlistPlace>,
              .response_example = kPlaceExample,
              .problems = {"waitlist_not_found", "waitlist_closed", "waitlist_place_not_found"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waitlist/leave",
              .operation_id = "leaveWaitlist",
              .tag = "waitlists",
              .summary = "Give one's place up",
              .auth = Auth::fan,
              .reach = Reach::change,
              .handle = &leave_waitlist,
              .response_schema = &answer_schema_of<OwnWaitlistPlace>,
              .response_example = kPlaceExample,
              .outcomes = &outcomes_of<LeaveWaitlistStatus>,
              .problems = {"waitlist_closed"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waitlist/open",
              .operation_id = "openWaitlist",
              .tag = "waitlists",
              .summary = "Let people wait for units that come back",
              .auth = Auth::staff,
              .roles = kManage,
              .reach = Reach::change,
              .handle = &open_waitlist,
              .success = 201,
              .request_schema = &body_schema_of<OpenWaitlist>,
              .response_schema = &answer_schema_of<WaitlistReference>,
              .request_example = R"({"ends_at":"2026-11-28T12:00:00.000Z","places_max":10000})",
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<OpenWaitlistStatus>});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waitlist/close",
              .operation_id = "closeWaitlist",
              .tag = "waitlists",
              .summary = "End the waitlist; what comes back is for anybody",
              .auth = Auth::staff,
              .roles = kManage,
              .reach = Reach::change,
              .handle = &close_waitlist,
              .response_schema = &answer_schema_of<WaitlistReference>,
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<CloseWaitlistStatus>});
}

}  // namespace firebrand
