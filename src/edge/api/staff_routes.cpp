#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/api/staff_check.hpp"

namespace firebrand {

namespace {

constexpr Roles kOwners = roles({});

struct AddStaffRequest {
  static constexpr std::string_view kName = "add_staff_request";
  static constexpr std::string_view kDoc = "A new member of staff.";
  Text<kLoginBytesMax> login{};
  StaffRole role = StaffRole::analyst;
  Text<kPasswordBytesMax> password{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{.min = 1}, "Name to sign in with.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "password", self.password, From::body, Rule{.min = 1}, "At least 10 characters.");
  }
};

struct PasswordRequest {
  static constexpr std::string_view kName = "password_request";
  static constexpr std::string_view kDoc = "Another password for who is signed in.";
  Text<kPasswordBytesMax> password{};
  Text<kPasswordBytesMax> new_password{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "password", self.password, From::body, Rule{.min = 1}, "The one until now.");
    field(2, "new_password", self.new_password, From::body, Rule{.min = 1},
          "The one from now on, at least 10 characters.");
  }
};

struct SessionReference {
  static constexpr std::string_view kName = "session_reference";
  static constexpr std::string_view kDoc = "Names a session of staff.";
  SessionId session_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::body, Rule{}, "The session.");
  }
};

void add_staff(Api& api, Call& call) {
  const auto request = api.read_body<AddStaffRequest>(call);
  if (!request) { return; }
  add_member(
      api, call, {.login = request->login, .password = request->password}, request->role,
      [&api](const Asker& asker, StaffId id) { api.respond(asker, 201, StaffReference{id}); });
}

/// Asks on from there until there is a page, and one more to tell that more follow.
void read_staff(Api& api, const Asker& asker, const PageQuery& page, StaffId after,
                std::vector<ListedStaff> read) {
  api.ask(asker, FindStaffList{after},
          [&api, asker, page, read = std::move(read)](const AnswerHead& answer) mutable {
            if (api.refuse_common(asker, answer)) { return; }
            const auto found = decode<FindStaffListResult>(answer.result());
            FB_ASSERT(found.has_value());
            for (const ListedStaff& one : found->staff) { read.push_back(one); }
            if (found->more && read.size() <= page.limit) {
              const StaffId last = read.back().staff_id;
              return read_staff(api, asker, page, last, std::move(read));
            }
            respond_page(
                api, asker, read, page, std::nullopt,
                [](const ListedStaff& one) { return one.staff_id.value; },
                [](JsonWriter& json, const ListedStaff& one) {
                  json.begin_object();
                  json.field("staff_id", one.staff_id);
                  json.field("login", one.login);
                  json.field("role", one.role);
                  json.field("state", one.state);
                  json.field("second_factor", one.second_factor);
                  write_time(json, "joined_at", one.joined_at);
                  write_time(json, "left_at", one.left_at);
                  json.end_object();
                });
          });
}

void list_staff(Api& api, Call& call) {
  const auto page = read_page(api, call, kPageQuery);
  if (page) { read_staff(api, call, *page, {page->before}, {}); }
}

void change_role(Api& api, Call& call) {
  auto command = api.read_body<ChangeStaffRole>(call);
  if (!command) { return; }
  if (!api.read_path(call, *command, "staff_id", call.path[0], "staff_not_found")) { return; }
  api.change<ChangeStaffRoleResult>(
      call, *command,
      [&api, id = command->staff_id](const Asker& asker, const ChangeStaffRoleResult& result) {
        if (result.status == ChangeStaffRoleStatus::changed) { api.sessions_changed(id); }
        api.respond_outcome(asker, result.status, 200, StaffReference{id});
      });
}

void remove_staff(Api& api, Call& call) {
  RemoveStaff command;
  if (!api.read_path(call, command, "staff_id", call.path[0], "staff_not_found")) { return; }
  api.change<RemoveStaffResult>(
      call, command,
      [&api, id = command.staff_id](const Asker& asker, const RemoveStaffResult& result) {
        if (result.status == RemoveStaffStatus::removed) { api.sessions_changed(); }
        api.respond_outcome(asker, result.status, 200, StaffReference{id});
      });
}

void set_password(Api& api, Call& call) {
  const auto request = api.read_body<PasswordRequest>(call);
  if (!request) { return; }
  const auto secret = session_of(call.http);
  FB_ASSERT(secret.has_value());  // It opened the route.
  with_session(api, call, [&api, request, secret](const Asker& asker, const FindSessionResult& me) {
    const StaffProof proof{.login = me.login, .password = request->password};
    check_staff(api, asker, proof, StaffCheck::password,
                [&api, asker, request, secret](const FindStaffResult& staff, const FactorCode&) {
                  hash_new_password(
                      api, asker, request->new_password,
                      [&api, asker, secret, id = staff.staff_id](std::string_view hash) {
                        api.change<SetPasswordResult>(
                            asker, SetPassword{id, hash, *secret},
                            [&api, id](const Asker& answered, const SetPasswordResult& result) {
                              if (result.status == SetPasswordStatus::changed) {
                                api.sessions_changed();
                              }
                              api.respond_outcome(answered, result.status, 200, StaffReference{id});
                            });
                      });
                });
  });
}

/// As read_staff(). @param mine  Of who asks.
void read_sessions(Api& api, const Asker& asker, const PageQuery& page, SessionId mine,
                   FindSessions query, std::vector<OpenedSession> read) {
  api.ask(
      asker, query,
      [&api, asker, page, mine, query, read = std::move(read)](const AnswerHead& answer) mutable {
        if (api.refuse_common(asker, answer)) { return; }
        const auto found = decode<FindSessionsResult>(answer.result());
        FB_ASSERT(found.has_value());
        for (const OpenedSession& one : found->sessions) { read.push_back(one); }
        if (found->more && read.size() <= page.limit) {
          query.after = read.back().session_id;
          return read_sessions(api, asker, page, mine, query, std::move(read));
        }
        respond_page(
            api, asker, read, page, std::nullopt,
            [](const OpenedSession& one) { return one.session_id.value; },
            [mine](JsonWriter& json, const OpenedSession& one) {
              json.begin_object();
              json.field("session_id", one.session_id);
              json.field("staff_id", one.staff_id);
              json.field("login", one.login);
              json.field("agent", one.agent);
              write_time(json, "opened_at", one.opened_at);
              json.field("expires_at", one.expires_at);
              json.field("current", one.session_id == mine);
              json.end_object();
            });
      });
}

constexpr std::array kSessionsQuery = {
    kPageQuery[0], kPageQuery[1],
    QueryParameter{"all", [] { return std::string(R"({"type":"boolean"})"); },
                   "true: everybody's; for owners."},
    QueryParameter{"staff_id", [] { return std::string(R"({"type":"string"})"); },
                   "Those of this member; for owners, if it is another one."}};

void list_sessions(Api& api, Call& call) {
  const auto page = read_page(api, call, kSessionsQuery);
  if (!page) { return; }
  const std::string_view all = query_value(call.http.query, "all");
  if (!all.empty() && all != "true" && all != "false") {
    return refuse_parameter(api, call, "all", JsonErrorCode::unknown_value,
                            {"true or false", "true 或 false"});
  }
  const std::string_view whose = query_value(call.http.query, "staff_id");
  const auto staff_id =
      whose.empty() ? std::optional<StaffId>(StaffId{}) : parse_id<StaffId>(whose);
  if (!staff_id) {
    return refuse_parameter(api, call, "staff_id", JsonErrorCode::malformed_value,
                            {"an id such as staff_1", "编号，例如 staff_1"});
  }
  with_session(api, call,
               [&api, page, all = all == "true", wanted = *staff_id](const Asker& asker,
                                                                     const FindSessionResult& me) {
                 const StaffId own = all ? StaffId{} : me.staff_id;
                 const StaffId id = wanted == StaffId{} ? own : wanted;
                 if (id != me.staff_id && me.role != StaffRole::owner) {
                   return api.refuse(asker, "forbidden");
                 }
                 read_sessions(api, asker, *page, me.session_id, {id, {page->before}}, {});
               });
}

void revoke_session(Api& api, Call& call) {
  RevokeSession command;
  if (!api.read_path(call, command, "session_id", call.path[0], "staff_session_not_found")) {
    return;
  }
  with_session(api, call, [&api, command](const Asker& asker, const FindSessionResult& me) {
    RevokeSession revoke = command;
    if (me.role != StaffRole::owner) { revoke.staff_id = me.staff_id; }
    api.change<RevokeSessionResult>(
        asker, revoke,
        [&api, id = revoke.session_id](const Asker& answered, const RevokeSessionResult& result) {
          if (result.status == RevokeSessionStatus::revoked) { api.sessions_changed(); }
          api.respond_outcome(answered, result.status, 200, SessionReference{id});
        });
  });
}

std::string staff_schema() {
  std::string schema =
      R"({"type":"object","required":["staff_id","login","role","state","second_factor",)"
      R"("joined_at","left_at"],"properties":{"staff_id":{"type":"string"},)"
      R"("login":{"type":"string"},"role":)";
  schema.append(value_schema_of<StaffRole>()).append(R"(,"state":)");
  schema += value_schema_of<StaffState>();
  schema +=
      R"(,"second_factor":{"type":"boolean","description":"Whether sign-in asks for a code."},)"
      R"("joined_at":{"type":["string","null"],"format":"date-time",)"
      R"("description":"null: not known."},)"
      R"("left_at":{"type":["string","null"],"format":"date-time"}}})";
  return page_schema(schema, ListOf::other);
}

std::string sessions_schema() {
  return page_schema(
      R"({"type":"object","required":["session_id","staff_id","login","agent","opened_at",)"
      R"("expires_at","current"],"properties":{"session_id":{"type":"string"},)"
      R"("staff_id":{"type":"string"},"login":{"type":"string"},)"
      R"("agent":{"type":"string","description":"Browser and system; empty: not known."},)"
      R"("opened_at":{"type":["string","null"],"format":"date-time",)"
      R"("description":"null: not known."},)"
      R"("expires_at":{"type":"string","format":"date-time"},)"
      R"("current":{"type":"boolean","description":"Whether it is the one that asks."}}})",
      ListOf::other);
}

constexpr char kReferenceExample[] = R"({"staff_id":"staff_2"})";

/// What an owner does to a member.
Route member_route(std::string_view pattern, std::string_view operation_id,
                   std::string_view summary, Outcomes (*outcomes)(), void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "staff",
          .summary = summary,
          .auth = Auth::staff,
          .roles = kOwners,
          .reach = Reach::change,
          .handle = handle,
          .response_schema = &answer_schema_of<StaffReference>,
          .response_example = kReferenceExample,
          .outcomes = outcomes};
}

}  // namespace

void add_staff_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/staff",
              .operation_id = "addStaff",
              .tag = "staff",
              .summary = "Add a member of staff",
              .auth = Auth::staff,
              .roles = kOwners,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<AddStaff>,
              .reach = Reach::change,
              .handle = &add_staff,
              .success = 201,
              .request_schema = &body_schema_of<AddStaffRequest>,
              .response_schema = &answer_schema_of<StaffReference>,
              .request_example =
                  R"({"login":"wang","role":"marketer","password":"a sentence to remember"})",
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<AddStaffStatus>,
              .problems = {"password_too_short"}});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/staff",
              .operation_id = "listStaff",
              .tag = "staff",
              .summary = "Members of staff and who was one, oldest first",
              .auth = Auth::staff,
              .roles = kOwners,
              .reach = Reach::reading,
              .handle = &list_staff,
              .response_schema = &staff_schema,
              .response_example =
                  R"({"data":[{"staff_id":"staff_1","login":"owner","role":"owner",)"
                  R"("state":"active","second_factor":true,"joined_at":"2026-11-01T09:00:00.000Z",)"
                  R"("left_at":null}],"next_cursor":null,"has_more":false})",
              .query = kPageQuery});
  Route role = member_route("/v1/staff/{staff_id}/role", "changeStaffRole",
                            "Let a member of staff do other things",
                            &outcomes_of<ChangeStaffRoleStatus>, &change_role);
  role.request_schema = &body_schema_of<ChangeStaffRole>;
  role.request_example = R"({"role":"analyst"})";
  router.add(std::move(role));
  router.add(member_route("/v1/staff/{staff_id}/remove", "removeStaff",
                          "End what a member of staff may do, for good, and their sessions",
                          &outcomes_of<RemoveStaffStatus>, &remove_staff));
  Route password = member_route("/v1/staff/me/password", "setPassword",
                                "Give yourself another password; your other sessions end",
                                &outcomes_of<SetPasswordStatus>, &set_password);
  password.roles = kAllRoles;
  password.request_schema = &body_schema_of<PasswordRequest>;
  password.request_example =
      R"({"password":"a sentence to remember","new_password":"another one to remember"})";
  password.problems = {"password_wrong", "password_too_short", "too_many_sign_ins"};
  router.add(std::move(password));
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/staff/sessions",
              .operation_id = "listSessions",
              .tag = "staff",
              .summary = "Where you are signed in, oldest first; owners see everybody's",
              .auth = Auth::staff,
              .roles = kAllRoles,
              .reach = Reach::reading,
              .handle = &list_sessions,
              .response_schema = &sessions_schema,
              .response_example =
                  R"({"data":[{"session_id":"session_7","staff_id":"staff_1","login":"owner",)"
                  R"("agent":"Firefox, Linux","opened_at":"2026-11-21T19:00:00.000Z",)"
                  R"("expires_at":"2026-11-22T07:00:00.000Z","current":true}],)"
                  R"("next_cursor":null,"has_more":false})",
              .query = kSessionsQuery});
  Route revoke = member_route("/v1/staff/sessions/{session_id}/revoke", "revokeSession",
                              "End one of your sessions; owners may end anybody's",
                              &outcomes_of<RevokeSessionStatus>, &revoke_session);
  revoke.roles = kAllRoles;
  revoke.response_schema = &answer_schema_of<SessionReference>;
  revoke.response_example = R"({"session_id":"session_7"})";
  router.add(std::move(revoke));
}

}  // namespace firebrand
