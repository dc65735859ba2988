#include <array>
#include <utility>

#include "core/launch/drops.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

constexpr std::uint32_t kMissedEventsMax = 256;

constexpr Roles kManage = roles({StaffRole::marketer});
constexpr Roles kWatch = roles({StaffRole::marketer, StaffRole::analyst, StaffRole::store});

/// What a command that answers with an id says to HTTP.
struct DropReference {
  static constexpr std::string_view kName = "drop_reference";
  static constexpr std::string_view kDoc = "Names a drop.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

/// The drop named in the path, if it is published; answers drop_not_found if not.
std::optional<DropId> published_drop(Api& api, const Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (id && api.pages().has(*id)) { return id; }
  api.refuse(call, "drop_not_found");
  return std::nullopt;
}

PreparedResponsePtr prepare_list(const DropPages& pages, const PageQuery& page) {
  const DropPages::List list = pages.list({page.before}, page.limit);
  const auto last = list.has_more ? std::optional(list.last.value) : std::nullopt;
  const std::string body =
      page_json(page, list.drops.size(), last, list.newest,
                [&](JsonWriter& json, std::size_t i) { json.raw(*list.drops[i]); });
  return DropPages::prepare(body, list.newest, last ? link_to_next(page, *last) : std::string());
}

void list_drops(Api& api, Call& call) {
  const auto respond = [&](const PreparedResponsePtr& list) {
    api.responder().respond_prepared(call.token, list, call.http.header(HttpHeader::if_none_match));
  };
  const bool is_plain = call.http.query.empty();
  if (is_plain && api.pages().first_page() != nullptr) { return respond(api.pages().first_page()); }
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  const PreparedResponsePtr list = prepare_list(api.pages(), *page);
  if (is_plain) { api.pages().keep_first_page(list); }
  respond(list);
}

void get_drop(Api& api, Call& call) {
  const auto id = published_drop(api, call);
  if (!id) { return; }
  api.responder().respond_prepared(call.token, api.pages().status(*id),
                                   call.http.header(HttpHeader::if_none_match));
}

/// Goes on where a watcher was cut off: first what it missed, from the records, then what comes.
/// It need not wait for the records: what they get later is published to who watches by then.
void resume_watch(Api& api, const Asker& asker, DropId id, log::Position after) {
  api.work(
      asker, WorkKind::read,
      [&api, id, after] { return api.records().drop_events(id, after, kMissedEventsMax); },
      [&api, asker, id, after](const Expected<std::vector<DropEvent>, RecordsError>& missed) {
        if (!missed) { return api.refuse(asker, "internal"); }
        const log::Position seen = missed->empty() ? after : missed->back().position;
        // There is more than one answer holds, or some was published while the records were read.
        const bool lacks_some =
            missed->size() == kMissedEventsMax || seen < api.pages().newest_event(id);
        const StreamToken stream =
            api.pages().watch(asker.token, id, DropPages::Audience::everyone, seen, *missed);
        // The watcher comes again from where this stream ends.
        if (lacks_some && stream != StreamToken{}) { api.pages().end(stream); }
      });
}

void watch_drop(Api& api, Call& call) {
  const auto id = published_drop(api, call);
  if (!id) { return; }
  const std::string_view last = call.http.header(HttpHeader::last_event_id);
  if (!last.empty()) { return resume_watch(api, call, *id, read_event_id(last)); }
  (void)api.pages().watch(call.token, *id, DropPages::Audience::everyone);
}

void get_live(Api& api, Call& call) {
  if (const auto id = published_drop(api, call)) {
    api.respond_json(call, 200, api.pages().live_json(*id));
  }
}

void watch_live(Api& api, Call& call) {
  const auto id = published_drop(api, call);
  const auto session = session_of(call.http);
  if (!id || !session) { return; }  // Staff have one: it was found a moment ago.
  api.end_with_session(api.pages().watch(call.token, *id, DropPages::Audience::staff), *session);
}

void create_drop(Api& api, Call& call) {
  auto command = api.read_body<CreateDrop>(call);
  if (!command || !api.read_path(call, *command, "launch_id", call.path[0], "launch_not_found")) {
    return;
  }
  commit_to_secrets(*command, api.credentials());
  api.change<CreateDropResult>(
      call, *command, [&api](const Asker& asker, const CreateDropResult& result) {
        api.respond_outcome(asker, result.status, 201, DropReference{result.drop_id});
      });
}

/// Commands on a drop that answer with a status alone: done and replayed are both 200.
template <class C, class Result>
void change_drop(Api& api, Call& call, C command) {
  if (!api.read_path(call, command, "drop_id", call.path[0], "drop_not_found")) { return; }
  api.change<Result>(call, command,
                     [&api, id = command.drop_id](const Asker& asker, const Result& result) {
                       api.respond_outcome(asker, result.status, 200, DropReference{id});
                     });
}

void release_wave(Api& api, Call& call) {
  ReleaseWave command;
  if (!api.read_path(call, command, "wave", call.path[1], "wave_not_found")) { return; }
  change_drop<ReleaseWave, ReleaseWaveResult>(api, call, command);
}
void move_units(Api& api, Call& call) {
  if (const auto command = api.read_body<MoveUnits>(call)) {
    change_drop<MoveUnits, MoveUnitsResult>(api, call, *command);
  }
}
void pause_drop(Api& api, Call& call) { change_drop<PauseDrop, PauseDropResult>(api, call, {}); }
void resume_drop(Api& api, Call& call) { change_drop<ResumeDrop, ResumeDropResult>(api, call, {}); }
void cancel_drop(Api& api, Call& call) { change_drop<CancelDrop, CancelDropResult>(api, call, {}); }

std::string drop_schema() { return R"({"$ref":"#/components/schemas/DropStatus"})"; }
std::string drops_schema() { return page_schema(R"({"$ref":"#/components/schemas/DropStatus"})"); }
std::string live_schema() { return R"({"$ref":"#/components/schemas/DropLive"})"; }
std::string events_schema() { return R"({"type":"string"})"; }

/// All members of a status, for examples of what holds them.
std::string status_example_members() {
  return R"("drop_id":"drop_1","code":"first-phone-drop","launch_id":"launch_1",)"
         R"("launch_name":{"zh":"第一手机首发","en":"First Phone launch"},"sku_id":"sku_1",)"
         R"("sku_name":{"zh":"第一手机 黑色","en":"First Phone, black"},)"
         R"("prices":[{"amount":199900,"currency":"CNY"}],"currency":"CNY","state":"open","pausing":"running",)"
         R"("opens_at":"2026-11-21T20:00:00.000Z","per_person_limit":1,)"
         R"("payment_window_seconds":900,"pickup":"by_anyone","proof":{"bits":16,)"
         R"("head_start_ms":3000,"from":"2026-11-21T19:50:00.000Z"},)"
         R"("units":{"total":300000,"unreleased":0,)"
         R"("available":120000,"held":30000,"sold":150000,"withdrawn":0,"returned":0},"waves":[{"wave":1,)"
         R"("opens_at":"2026-11-21T20:00:00.000Z","units":300000,"release":"automatic",)"
         R"("audience":"everyone","decision":"first_come","leftovers":"stay","tie_batch_ms":0,"state":"released","available":120000}],)"
         R"("ties":{"windows":0,"decided":0,"inversions":0},"log_position":"480123")";
}
std::string status_example() { return "{" + status_example_members() + "}"; }
std::string live_example() {
  return "{" + status_example_members() +
         R"(,"orders":{"placed":200000,"paid":150000,"expired":18000,"cancelled":2000},)"
         R"("refusals":{"not_open":51230,"purchase_limit":812}})";
}

constexpr char kReferenceExample[] = R"({"drop_id":"drop_1"})";
constexpr char kMoveExample[] = R"({"from_wave":1,"to_wave":2,"units":5000})";
constexpr char kDropExample[] =
    R"({"code":"first-phone-drop","sku_id":"sku_1","currency":"CNY",)"
    R"("opens_at":"2026-11-21T20:00:00.000Z","per_person_limit":1,"payment_window_seconds":900,)"
    R"("proof_bits":16,"proof_head_start_ms":3000,"pickup":"by_name",)"
    R"("waves":[{"opens_at":"2026-11-21T20:00:00.000Z","units":300000,"release":"automatic"}]})";

Route change_route(std::string_view pattern, std::string_view operation_id,
                   std::string_view summary, std::uint16_t operation, Outcomes (*outcomes)(),
                   void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "drops",
          .summary = summary,
          .auth = Auth::staff,
          .roles = kManage,
          .repeatable = Repeatable::accepted,
          .operation = operation,
          .reach = Reach::change,
          .handle = handle,
          .response_schema = &answer_schema_of<DropReference>,
          .response_example = kReferenceExample,
          .outcomes = outcomes};
}

}  // namespace

void add_drop_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}",
              .operation_id = "getDrop",
              .tag = "drops",
              .summary = "The public status of a drop; cacheable for a second",
              .handle = &get_drop,
              .response_schema = &drop_schema,
              .response_example = status_example(),
              .problems = {"drop_not_found"},
              .has_etag = true});
  router.add(
      {.method = HttpMethod::get,
       .pattern = "/v1/drops/{drop_id}/events",
       .operation_id = "watchDrop",
       .tag = "drops",
       .summary = "Server-sent events of a drop; resumable by Last-Event-ID",
       .reach = Reach::reading,
       .handle = &watch_drop,
       .response_schema = &events_schema,
       .response_example = "retry: 1000\n\nevent: status\ndata: " + status_example() + "\n\n",
       .problems = {"drop_not_found"},
       .response_type = "text/event-stream",
       .resumable = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops",
              .operation_id = "listDrops",
              .tag = "drops",
              .summary = "Public status of the drops, newest first",
              .handle = &list_drops,
              .response_schema = &drops_schema,
              .response_example = page_example(status_example()),
              .query = kPageQuery,
              .has_etag = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/live",
              .operation_id = "getDropLive",
              .tag = "drops",
              .summary = "The status with orders and refusals by reason, for staff",
              .auth = Auth::staff,
              .roles = kWatch,
              .handle = &get_live,
              .response_schema = &live_schema,
              .response_example = live_example(),
              .problems = {"drop_not_found"}});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/live/events",
              .operation_id = "watchDropLive",
              .tag = "drops",
              .summary = "Server-sent events of the live status, for staff",
              .auth = Auth::staff,
              .roles = kWatch,
              .handle = &watch_live,
              .response_schema = &events_schema,
              .response_example = "retry: 1000\n\nevent: live\ndata: " + live_example() + "\n\n",
              .problems = {"drop_not_found"},
              .response_type = "text/event-stream"});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/launches/{launch_id}/drops",
              .operation_id = "createDrop",
              .tag = "drops",
              .summary = "Plan a drop and set its units aside",
              .auth = Auth::staff,
              .roles = kManage,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<CreateDrop>,
              .reach = Reach::change,
              .handle = &create_drop,
              .success = 201,
              .request_schema = &body_schema_of<CreateDrop>,
              .response_schema = &answer_schema_of<DropReference>,
              .request_example = kDropExample,
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<CreateDropStatus>});
  router.add(change_route("/v1/drops/{drop_id}/waves/{wave}/release", "releaseWave",
                          "Put the units of a wave on sale now", kNumberOf<ReleaseWave>,
                          &outcomes_of<ReleaseWaveStatus>, &release_wave));
  Route move = change_route("/v1/drops/{drop_id}/moves", "moveUnits",
                            "Move units from one wave of a drop to another", kNumberOf<MoveUnits>,
                            &outcomes_of<MoveUnitsStatus>, &move_units);
  move.request_schema = &body_schema_of<MoveUnits>;
  move.request_example = kMoveExample;
  router.add(std::move(move));
  router.add(change_route("/v1/drops/{drop_id}/pause", "pauseDrop",
                          "Stop purchases for a while; payments go on", kNumberOf<PauseDrop>,
                          &outcomes_of<PauseDropStatus>, &pause_drop));
  router.add(change_route("/v1/drops/{drop_id}/resume", "resumeDrop", "Let purchases go on",
                          kNumberOf<ResumeDrop>, &outcomes_of<ResumeDropStatus>, &resume_drop));
  router.add(change_route("/v1/drops/{drop_id}/cancel", "cancelDrop",
                          "End a drop for good; unsold units go back to free stock",
                          kNumberOf<CancelDrop>, &outcomes_of<CancelDropStatus>, &cancel_drop));
}

}  // namespace firebrand
