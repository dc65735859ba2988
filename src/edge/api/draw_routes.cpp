#include <span>

#include "core/launch/draw_queries.hpp"
#include "core/launch/draws.hpp"
#include "edge/api/api.hpp"
#include "edge/api/draw_record.hpp"
#include "edge/api/draw_status.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

constexpr Roles kManage = roles({StaffRole::marketer});

struct DrawReference {
  static constexpr std::string_view kName = "draw_reference";
  static constexpr std::string_view kDoc = "Names a draw.";
  DrawId draw_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
  }
};

/// What a fan keeps: with it they find themselves in the public record, and nobody else does.
struct DrawReceipt {
  static constexpr std::string_view kName = "draw_receipt";
  static constexpr std::string_view kDoc = "A person's part in a draw.";
  DrawId draw_id{};
  Text<32> entrant{};
  DrawEntryState state{};
  std::int32_t tickets = 0;
  std::uint32_t place = 0;
  OrderId order_id{};
  DrawExclusion reason{};
  Hash256 exclusion_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "entrant", self.entrant, From::body, Rule{},
          "What stands for the person in the record of this draw.");
    field(3, "state", self.state, From::body, Rule{},
          "Entered; once the draw is completed, who is still entered has not won.");
    field(4, "tickets", self.tickets, From::body, Rule{}, "Tickets of the person.");
    field(5, "place", self.place, From::body, Rule{}, "In the reserve, from 1; 0 for none.");
    field(6, "order_id", self.order_id, From::body, Rule{.presence = Presence::optional},
          "If won: the order to pay.");
    field(7, "reason", self.reason, From::body, Rule{}, "If excluded: why.");
    field(8, "exclusion_hash", self.exclusion_hash, From::body, Rule{},
          "What the record's list of exclusions would say of this person.");
  }
};

/// The draw named in the path, if it is published; answers draw_not_found if not.
std::optional<DrawId> published_draw(Api& api, const Call& call) {
  const auto id = parse_id<DrawId>(call.path[0]);
  if (id && api.draws().has(*id)) { return id; }
  api.refuse(call, "draw_not_found");
  return std::nullopt;
}

void get_draw(Api& api, Call& call) {
  if (const auto id = published_draw(api, call)) {
    api.responder().respond_prepared(call.token, api.draws().status(*id),
                                     call.http.header(HttpHeader::if_none_match));
  }
}

void list_draws(Api& api, Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (!id || !api.pages().has(*id)) { return api.refuse(call, "drop_not_found"); }
  api.responder().respond_prepared(call.token, api.draws().list(*id),
                                   call.http.header(HttpHeader::if_none_match));
}

/// Sends what the engine knows of the asker's part, with an answer of `status`.
void send_receipt(Api& api, const Asker& asker, DrawId id, int status) {
  api.ask(asker, FindDrawEntry{id, asker.person_id},
          [&api, asker, id, status](const AnswerHead& answer) {
            if (api.refuse_common(asker, answer)) { return; }
            const auto found = decode<FindDrawEntryResult>(answer.result());
            FB_ASSERT(found.has_value());
            if (found->status != FindDrawEntryStatus::found) {
              return api.refuse(asker, enum_name(found->status));
            }
            const DrawEntrant entrant = api.credentials().draw_entrant(id, asker.person_id);
            const DrawEntry& entry = found->entry;
            const Hash256 hash = exclusion_hash(api.draws().draw(id).plan.commit, entrant);
            api.respond(
                asker, status,
                DrawReceipt{id, std::string_view(entrant_text(entrant)), entry.state, entry.tickets,
                            entry.place, entry.order_id, entry.reason, hash});
          });
}

void get_receipt(Api& api, Call& call) {
  if (const auto id = published_draw(api, call)) { send_receipt(api, call, *id, 200); }
}

void enter_draw(Api& api, Call& call) {
  const auto id = published_draw(api, call);
  if (!id) { return; }
  api.change<EnterDrawResult>(call, EnterDraw{*id, call.person_id, call.standing},
                              [&api, id = *id](const Asker& asker, const EnterDrawResult& result) {
                                if (result.status == EnterDrawStatus::entered) {
                                  return send_receipt(api, asker, id, 201);
                                }
                                if (result.status == EnterDrawStatus::already_entered) {
                                  return send_receipt(api, asker, id, 200);
                                }
                                api.refuse(asker, enum_name(result.status));
                              });
}

void leave_draw(Api& api, Call& call) {
  const auto id = published_draw(api, call);
  if (!id) { return; }
  api.change<LeaveDrawResult>(call, LeaveDraw{*id, call.person_id},
                              [&api, id = *id](const Asker& asker, const LeaveDrawResult& result) {
                                const bool left = result.status == LeaveDrawStatus::left ||
                                                  result.status == LeaveDrawStatus::already_left;
                                if (left) { return send_receipt(api, asker, id, 200); }
                                api.refuse(asker, enum_name(result.status));
                              });
}

void open_draw(Api& api, Call& call) {
  auto command = api.read_body<OpenDraw>(call);
  if (!command || !api.read_path(call, *command, "drop_id", call.path[0], "drop_not_found") ||
      !api.read_path(call, *command, "wave", call.path[1], "wave_not_found")) {
    return;
  }
  api.change<OpenDrawResult>(
      call, *command, [&api](const Asker& asker, const OpenDrawResult& result) {
        api.respond_outcome(asker, result.status, 201, DrawReference{result.draw_id});
      });
}

/// Commands on a draw that answer with a status alone: done and replayed are both 200.
template <class C, class Result>
void change_draw(Api& api, Call& call) {
  auto command = api.read_body<C>(call);
  if (!command || !api.read_path(call, *command, "draw_id", call.path[0], "draw_not_found")) {
    return;
  }
  api.change<Result>(call, *command,
                     [&api, id = command->draw_id](const Asker& asker, const Result& result) {
                       api.respond_outcome(asker, result.status, 200, DrawReference{id});
                     });
}

/// Kept beside the log once it was made; whoever deletes it only makes the next reader wait.
Expected<PreparedResponsePtr, std::string> make_record(Api& api, const Draw& draw,
                                                       std::int64_t units, log::Position stored) {
  const std::string& data = api.node().data();
  const std::string name = draw_name(draw.draw_id) + ".record";
  auto record = log::read_file(api.node().files(), log::join_path(data, name));
  if (!record) {
    const auto facts = read_draw_facts(api.node().files(), data, draw, stored, api.credentials());
    if (!facts) { return Unexpected(facts.error()); }
    if (!facts->completed) { return Unexpected(std::string("facts/ is behind")); }
    record = write_draw_record(draw, units, *facts, api.credentials());
    // Without it the next start makes it again.
    (void)log::replace_file(api.node().files(), data, name, std::as_bytes(std::span(*record)));
  }
  return PreparedResponse::make(
      {.status = 200, .content_type = "text/plain; charset=utf-8", .headers = {}, .body = *record});
}

void get_record(Api& api, Call& call) {
  const auto id = published_draw(api, call);
  if (!id) { return; }
  const Draw& draw = api.draws().draw(*id);
  if (draw.phase != DrawPhase::completed) { return api.refuse(call, "draw_not_completed"); }
  if (const auto kept = api.draws().record(*id)) {
    return api.responder().respond_prepared(call.token, kept);
  }
  if (!api.draws().add_reader(*id, call)) { return; }
  const auto answer = [&api, id = *id](const Expected<PreparedResponsePtr, std::string>& record) {
    if (record) { api.draws().keep_record(id, *record); }
    for (const Asker& reader : api.draws().take_readers(id)) {
      if (record) {
        api.responder().respond_prepared(reader.token, *record);
      } else {
        api.refuse(reader, "overloaded");
      }
    }
  };
  const bool taken = api.try_work(
      WorkKind::read,
      [&api, draw, units = api.draws().units_of(draw), stored = api.node().projector().stored()] {
        return make_record(api, draw, units, stored);
      },
      answer);
  if (!taken) { answer(Unexpected(std::string("too much waits"))); }
}

std::string draws_schema() { return page_schema_of<DrawStatus>(); }
std::string text_schema() { return R"({"type":"string"})"; }

constexpr char kReferenceExample[] = R"({"draw_id":"draw_1"})";
constexpr char kReceiptExample[] =
    R"({"draw_id":"draw_1","entrant":"5f2b8d0e7c9a41630d1e2f3a4b5c6d7e","state":"entered",)"
    R"("tickets":1,"place":0,"order_id":null,"reason":"automated","exclusion_hash":)"
    R"("bb8e1c70a41a4bd9c12ba1fd5dcd6a6a9d1fd3d5d4b35bcb2f2f4f8d8a1ec0a4"})";
constexpr char kStatusExample[] =
    R"({"draw_id":"draw_1","drop_id":"drop_1","wave":3,"state":"open","units":1000,)"
    R"("entrants":48210,"entries":50112,"excluded":12,"closes_at":"2026-11-21T19:00:00.000Z",)"
    R"("reveal_due_at":"2026-11-21T19:30:00.000Z","beacon_at":"2026-11-21T19:31:00.000Z",)"
    R"("beacon_source":"drand-quicknet","beacon_round":14300000,"fallback":"zero_reveal",)"
    R"("wins":"one_per_launch","tickets_max":3,"reserve_max":500,"commit":)"
    R"("6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2",)"
    R"("root_published":false,"root":)"
    R"("0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("root_published_at":"1970-01-01T00:00:00.000Z","revealing":"awaited","reveal":)"
    R"("0000000000000000000000000000000000000000000000000000000000000000","beacon":)"
    R"("0000000000000000000000000000000000000000000000000000000000000000",)"
    R"("winners":0,"reserve":0,"promoted":0})";

template <class C, class Status>
Route change_route(std::string_view pattern, std::string_view operation_id,
                   std::string_view summary, std::string example, void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "draws",
          .summary = summary,
          .auth = Auth::server_or_staff,
          .roles = kManage,
          .reach = Reach::change,
          .handle = handle,
          .request_schema = &body_schema_of<C>,
          .response_schema = &answer_schema_of<DrawReference>,
          .request_example = std::move(example),
          .response_example = kReferenceExample,
          .outcomes = &outcomes_of<Status>};
}

void add_entrant_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/draws/{draw_id}",
              .operation_id = "getDraw",
              .tag = "draws",
              .summary = "What everybody may know of a draw",
              .handle = &get_draw,
              .response_schema = &answer_schema_of<DrawStatus>,
              .response_example = kStatusExample,
              .problems = {"draw_not_found"},
              .has_etag = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/draws",
              .operation_id = "listDraws",
              .tag = "draws",
              .summary = "The draws of a drop, by wave",
              .handle = &list_draws,
              .response_schema = &draws_schema,
              .response_example = page_example(kStatusExample),
              .problems = {"drop_not_found"},
              .has_etag = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/draws/{draw_id}/record",
              .operation_id = "getDrawRecord",
              .tag = "draws",
              .summary = "The whole record of a completed draw, to compute it again from",
              .reach = Reach::reading,
              .handle = &get_record,
              .response_schema = &text_schema,
              .response_example = "firebrand-draw/1\ndraw draw_1\n",
              .problems = {"draw_not_found", "draw_not_completed"},
              .response_type = "text/plain; charset=utf-8"});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/draws/{draw_id}/entry",
              .operation_id = "getDrawEntry",
              .tag = "draws",
              .summary = "One's own receipt",
              .auth = Auth::fan,
              .reach = Reach::reading,
              .handle = &get_receipt,
              .response_schema = &answer_schema_of<DrawReceipt>,
              .response_example = kReceiptExample,
              .problems = {"draw_not_found", "draw_not_entered"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/draws/{draw_id}/entry",
              .operation_id = "enterDraw",
              .tag = "draws",
              .summary = "Take part in a draw",
              .auth = Auth::fan,
              .rate_limited = true,
              .is_joining = true,
              .reach = Reach::change,
              .handle = &enter_draw,
              .success = 201,
              .response_schema = &answer_schema_of<DrawReceipt>,
              .response_example = kReceiptExample,
              .outcomes = &outcomes_of<EnterDrawStatus>,
              .problems = {"draw_not_entered"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/draws/{draw_id}/leave",
              .operation_id = "leaveDraw",
              .tag = "draws",
              .summary = "Take part no longer",
              .auth = Auth::fan,
              .reach = Reach::change,
              .handle = &leave_draw,
              .response_schema = &answer_schema_of<DrawReceipt>,
              .response_example = kReceiptExample,
              .outcomes = &outcomes_of<LeaveDrawStatus>});
}

}  // namespace

void add_draw_routes(Router& router) {
  add_entrant_routes(router);
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waves/{wave}/draw",
              .operation_id = "openDraw",
              .tag = "draws",
              .summary = "Open the draw of a wave, and fix what decides it",
              .auth = Auth::staff,
              .roles = kManage,
              .reach = Reach::change,
              .handle = &open_draw,
              .success = 201,
              .request_schema = &body_schema_of<OpenDraw>,
              .response_schema = &answer_schema_of<DrawReference>,
              .request_example =
                  R"({"closes_at":"2026-11-21T19:00:00.000Z",)"
                  R"("reveal_due_at":"2026-11-21T19:30:00.000Z",)"
                  R"("beacon_at":"2026-11-21T19:31:00.000Z","beacon_round":14300000,)"
                  R"("beacon_source":"drand-quicknet","commit":)"
                  R"("6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2",)"
                  R"("wins":"one_per_launch","tickets_max":3,"reserve_max":500})",
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<OpenDrawStatus>});
  router.add(change_route<GrantDrawTickets, GrantDrawTicketsStatus>(
      "/v1/draws/{draw_id}/tickets", "grantDrawTickets",
      "Say how many tickets somebody who entered has", R"({"person_id":"per_42","tickets":2})",
      &change_draw<GrantDrawTickets, GrantDrawTicketsResult>));
  router.add(change_route<ExcludeFromDraw, ExcludeFromDrawStatus>(
      "/v1/draws/{draw_id}/exclusions", "excludeFromDraw",
      "Keep somebody out, before the close and for a reason",
      R"({"person_id":"per_42","reason":"several_accounts"})",
      &change_draw<ExcludeFromDraw, ExcludeFromDrawResult>));
  router.add(change_route<RevealDraw, RevealDrawStatus>(
      "/v1/draws/{draw_id}/reveal", "revealDraw", "Publish what the commitment hid",
      R"({"reveal":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"})",
      &change_draw<RevealDraw, RevealDrawResult>));
  router.add(change_route<PostBeacon, PostBeaconStatus>(
      "/v1/draws/{draw_id}/beacon", "postBeacon", "Bring the beacon's value",
      R"({"value":"1b3f93d9af328d51b52522b3cd20c626268f0c1984252f7f02ff16b4ebed7bf9"})",
      &change_draw<PostBeacon, PostBeaconResult>));
}

}  // namespace firebrand
