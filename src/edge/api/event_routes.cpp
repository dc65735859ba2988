#include <array>

#include "base/whole_number.hpp"
#include "edge/api/api.hpp"
#include "edge/api/cookies.hpp"
#include "edge/api/event_feed.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

constexpr std::uint32_t kEventsMax = 1'000;
constexpr std::uint32_t kWaitSecondsMax = 30;
constexpr Roles kFollow = roles({StaffRole::marketer, StaffRole::analyst, StaffRole::store});

constexpr char kEventExample[] =
    R"({"specversion":"1.0","id":"evt_481-0","source":"/firebrand/5f2b8d0e7c9a4163",)"
    R"("type":"org.firebrand.order_placed","subject":"ord_7","partitionkey":"ord_7",)"
    R"("time":"2026-11-21T20:00:00.010Z","datacontenttype":"application/json","data":{)"
    R"("order_id":"ord_7","person_id":"per_3","drop_id":"drop_1","wave":1,"quantity":1,)"
    R"("total":{"amount":199900,"currency":"CNY"},"expires_at":"2026-11-21T20:15:00.010Z"}})";

std::string event_schema() { return R"({"$ref":"#/components/schemas/Event"})"; }

std::string type_schema() {
  std::string schema = R"({"type":"string","enum":[)";
  for (const EventType& type : event_types()) {
    if (schema.back() == '"') { schema += ','; }
    schema.append("\"").append(type.text()).append("\"");
  }
  return schema + "]}";
}

constexpr QueryParameter kAfter{
    "after",
    [] { return std::string(R"({"type":"string","pattern":"^(evt_[0-9]+-[0-9]+|latest)$"})"); },
    "The id of an event, or a next_after: what follows it. `latest`: what happens from now on. "
    "Without it: from the oldest that is kept."};
constexpr QueryParameter kType{"type", &type_schema, "Only events of this type; may be repeated."};
constexpr std::array kStreamQuery = {kAfter, kType};
constexpr std::array kFeedQuery = {
    kAfter,
    QueryParameter{"limit",
                   [] {
                     return std::string(
                         R"({"type":"integer","minimum":1,"maximum":1000,"default":100})");
                   },
                   "Most events of the answer."},
    kType,
    QueryParameter{
        "wait",
        [] { return std::string(R"({"type":"integer","minimum":0,"maximum":30,"default":0})"); },
        "Seconds to wait for an event if there is none yet."}};

/// A number of the query within bounds; answers the problem itself if it is none.
bool read_parameter(Api& api, const Call& call, std::string_view name, std::uint32_t min,
                    std::uint32_t max, std::uint32_t& out) {
  const std::string_view text = query_value(call.http.query, name);
  if (text.empty()) { return true; }
  const bool is_number = read_whole_number(text, out);
  if (is_number && out >= min && out <= max) { return true; }
  const std::string low = std::to_string(min);
  const std::string high = std::to_string(max);
  refuse_parameter(api, call, name,
                   is_number ? JsonErrorCode::out_of_range : JsonErrorCode::malformed_value,
                   {"an integer, " + low + " to " + high, "整数，" + low + " 至 " + high});
  return false;
}

/// Every value of a parameter that may be repeated.
template <class Take>
bool each_value(std::string_view query, std::string_view name, Take take) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const bool is_it =
        pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=';
    if (is_it && !take(pair.substr(name.size() + 1))) { return false; }
  }
  return true;
}

bool read_types(Api& api, const Call& call, EventQuery& query) {
  return each_value(call.http.query, "type", [&](std::string_view text) {
    const EventType* const type = find_event_type(text);
    if (type != nullptr) {
      query.types.push_back(type->number);
      return true;
    }
    refuse_parameter(api, call, "type", JsonErrorCode::unknown_value,
                     {"a type of GET /v1/event-types", "GET /v1/event-types 中的类型"});
    return false;
  });
}

/// Where to begin; answers the problem itself if the text names no place.
bool read_place(Api& api, const Call& call, std::string_view text, EventQuery& query) {
  const log::Position stored = api.node().projector().stored();
  if (text.empty()) { return true; }
  if (text == "latest") {
    query.after = stored;
    return true;
  }
  const auto place = parse_event_id(text);
  if (!place) {
    refuse_parameter(api, call, "after", JsonErrorCode::malformed_value,
                     {"the id of an event, or latest", "事件编号或 latest"});
    return false;
  }
  if (*place > stored) {
    api.refuse(call, "event_not_found");
    return false;
  }
  query.after = *place;
  return true;
}

void list_events(Api& api, Call& call) {
  EventQuery query;
  std::uint32_t wait = 0;
  if (!read_parameter(api, call, "limit", 1, kEventsMax, query.limit) ||
      !read_parameter(api, call, "wait", 0, kWaitSecondsMax, wait) ||
      !read_types(api, call, query) ||
      !read_place(api, call, query_value(call.http.query, "after"), query)) {
    return;
  }
  api.event_feed().poll(call, std::move(query), std::chrono::seconds{wait});
}

void stream_events(Api& api, Call& call) {
  EventQuery query;
  query.after = api.node().projector().stored();
  const std::string_view last = call.http.header(HttpHeader::last_event_id);
  const std::string_view after = last.empty() ? query_value(call.http.query, "after") : last;
  if (!read_types(api, call, query) || !read_place(api, call, after, query)) { return; }
  const auto session = session_of(call.http);
  if (!session) { return; }  // Staff have one: it was found a moment ago.
  api.end_with_session(api.event_feed().stream(call, std::move(query)), *session);
}

void list_event_types(Api& api, Call& call) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (const EventType& type : event_types()) {
    json.begin_object();
    json.key("type");
    json.string(type.text());
    json.key("description");
    json.string(type.doc);
    json.key("schema");
    json.raw(type.schema());
    json.end_object();
  }
  json.end_array();
  json.end_object();
  api.respond_json(call, 200, body);
}

std::string events_schema() {
  return R"({"type":"object","required":["data","next_after","has_more"],"properties":{)"
         R"("data":{"type":"array","items":)" +
         event_schema() +
         R"(},"next_after":{"type":"string","description":"Pass it as `after` for what follows."},)"
         R"("has_more":{"type":"boolean","description":"More has happened already."}}})";
}
std::string event_types_schema() {
  return R"({"type":"object","required":["data"],"properties":{"data":{"type":"array","items":{)"
         R"("type":"object","required":["type","description","schema"],"properties":{)"
         R"("type":{"type":"string"},"description":{"type":"string"},"schema":{"type":"object",)"
         R"("description":"JSON Schema of `data`.","additionalProperties":true}}}}}})";
}
std::string stream_schema() { return R"({"type":"string"})"; }

}  // namespace

void add_event_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/events",
              .operation_id = "listEvents",
              .tag = "events",
              .summary = "What happened, in the order of the log, as CloudEvents",
              .auth = Auth::server_or_staff,
              .roles = kFollow,
              .reach = Reach::reading,
              .handle = &list_events,
              .response_schema = &events_schema,
              .response_example = std::string(R"({"data":[)") + kEventExample +
                                  R"(],"next_after":"evt_481-0","has_more":false})",
              .problems = {"event_not_found", "events_trimmed"},
              .query = kFeedQuery});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/events/stream",
              .operation_id = "watchEvents",
              .tag = "events",
              .summary = "Server-sent events: the same as they happen, for staff",
              .auth = Auth::staff,
              .roles = kFollow,
              .handle = &stream_events,
              .response_schema = &stream_schema,
              .response_example =
                  std::string("retry: 1000\n\nid: evt_481-0\ndata: ") + kEventExample + "\n\n",
              .problems = {"event_not_found"},
              .response_type = "text/event-stream",
              .query = kStreamQuery,
              .resumable = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/event-types",
              .operation_id = "listEventTypes",
              .tag = "events",
              .summary = "The types of events, each with the schema of its data",
              .handle = &list_event_types,
              .response_schema = &event_types_schema,
              .response_example =
                  R"({"data":[{"type":"org.firebrand.drop_opened","description":)"
                  R"("A drop's moment came.","schema":{"type":"object","properties":{"drop_id":)"
                  R"({"type":"string"}}}}]})"});
}

}  // namespace firebrand
