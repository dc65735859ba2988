#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/rfc3339.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "views/trail/trail.hpp"

/// Who of the staff, and which of the brand's servers, did what: for owners. docs/audit-trail.md.
namespace firebrand {

namespace {

std::string operation_schema() {
  std::string schema = R"({"type":"string","enum":[)";
  for (const std::string_view name : trail_operations()) {
    if (schema.back() == '"') { schema += ','; }
    schema.append("\"").append(name).append("\"");
  }
  return schema + "]}";
}

constexpr std::array kTrailQuery = {
    kPageQuery[0],
    kPageQuery[1],
    QueryParameter{"staff_id", &value_schema_of<StaffId>, "Only what this member of staff did."},
    QueryParameter{"api_key_id", &value_schema_of<ApiKeyId>,
                   "Only what came with this key; not together with `staff_id`."},
    QueryParameter{"operation", &operation_schema, "Only this operation."},
    QueryParameter{"from", &value_schema_of<Timestamp>, "Only from this moment on."},
    QueryParameter{"until", &value_schema_of<Timestamp>, "Only before this moment."}};

std::string trail_schema() {
  return page_schema(
      R"({"type":"object","required":["position","at","actor","operation","subject","fields"],)"
      R"("properties":{)"
      R"("position":{"type":"string","description":"Of its record in the log."},)"
      R"("at":{"type":"string","format":"date-time"},)"
      R"("actor":{"type":"object","required":["kind","id","name"],"properties":{)"
      R"("kind":{"type":"string","enum":["staff","api_key","system"],)"
      R"("description":"`system`: the one-time link, or the command line."},)"
      R"("id":{"type":["string","null"]},)"
      R"("name":{"type":["string","null"],"description":"The login, or what the key is for."}}},)"
      R"("operation":)" +
      operation_schema() +
      R"(,"subject":{"type":["string","null"],"description":"What it was about."},)"
      R"("fields":{"type":"object","description":"What was asked for, without secrets."}}})");
}

constexpr char kEntryExample[] =
    R"({"position":"481","at":"2026-11-21T20:00:07.120Z",)"
    R"("actor":{"kind":"staff","id":"staff_2","name":"wang"},"operation":"pause_drop",)"
    R"("subject":"drop_1","fields":{"drop_id":"drop_1"}})";

/// The value of a time in the query, where clients write ':' and '+' as %3A and %2B.
std::string time_text(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const bool is_coded = text.size() >= 3 && text[0] == '%';
    const std::string_view code = is_coded ? text.substr(1, 2) : std::string_view();
    const bool is_colon = code == "3A" || code == "3a";
    const bool is_plus = code == "2B" || code == "2b";
    plain += is_colon ? ':' : is_plus ? '+' : text[0];
    text.remove_prefix(is_colon || is_plus ? 3 : 1);
  }
  return plain;
}

/// Reads what filters the trail; answers the problem itself if it is not valid.
std::optional<TrailFilter> read_filter(Api& api, const Call& call) {
  using enum JsonErrorCode;
  TrailFilter filter;
  const auto wrong = [&](std::string_view parameter, JsonErrorCode code,
                         const ParameterWords& expected) {
    refuse_parameter(api, call, parameter, code, expected);
    return std::nullopt;
  };
  if (const auto text = query_value(call.http.query, "staff_id"); !text.empty()) {
    const auto id = parse_id<StaffId>(text);
    if (!id) {
      return wrong("staff_id", malformed_value, {"an id such as staff_1", "编号，例如 staff_1"});
    }
    filter.actor = Actor{ActorKind::staff, id->value};
  }
  if (const auto text = query_value(call.http.query, "api_key_id"); !text.empty()) {
    const auto id = parse_id<ApiKeyId>(text);
    if (!id || filter.actor) {
      return wrong("api_key_id", malformed_value,
                   {"an id such as key_1, without staff_id", "编号，例如 key_1，且不带 staff_id"});
    }
    filter.actor = Actor{ActorKind::api_key, id->value};
  }
  filter.operation = query_value(call.http.query, "operation");
  const auto& operations = trail_operations();
  if (!filter.operation.empty() &&
      std::find(operations.begin(), operations.end(), filter.operation) == operations.end()) {
    return wrong("operation", unknown_value,
                 {"an operation of /openapi.json", "/openapi.json 中的操作"});
  }
  for (const auto& [name, time] :
       {std::pair{"from", &filter.from}, std::pair{"until", &filter.until}}) {
    const auto text = query_value(call.http.query, name);
    if (text.empty()) { continue; }
    *time = parse_rfc3339(time_text(text));
    if (!*time) {
      return wrong(name, malformed_value,
                   {"a time such as 2026-11-21T20:00:00Z", "时间，例如 2026-11-21T20:00:00Z"});
    }
  }
  return filter;
}

void write_text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  text.empty() ? json.null() : json.string(text);
}

void write_entry(JsonWriter& json, const TrailEntry& entry) {
  const bool is_key = entry.actor.kind == ActorKind::api_key;
  const char* const prefix = is_key ? ApiKeyIdTag::prefix : StaffIdTag::prefix;
  const auto id = format_id_number(entry.actor.id, prefix);
  json.begin_object();
  json.field("position", entry.position);
  json.field("at", entry.at);
  json.key("actor");
  json.begin_object();
  json.field("kind", entry.actor.kind);
  write_text_or_null(json, "id", entry.actor.id == 0 ? std::string_view() : id.view());
  write_text_or_null(json, "name", entry.name);
  json.end_object();
  json.key("operation");
  json.string(entry.operation);
  write_text_or_null(json, "subject", entry.subject);
  json.key("fields");
  json.raw(entry.fields);
  json.end_object();
}

void list_trail(Api& api, Call& call) {
  auto filter = read_filter(api, call);
  if (!filter) { return; }
  const auto page = read_page(api, call, kTrailQuery);
  if (!page) { return; }
  filter->before = {page->before};
  filter->limit = page->limit + 1;  // One more tells whether there are more.
  const Asker asker = call;
  api.read_trail(
      asker, [filter = *filter](const TrailReader& trail) { return trail.entries(filter); },
      [&api, asker, page = *page](const std::vector<TrailEntry>& entries, LogOffset position) {
        respond_page(
            api, asker, entries, page, position,
            [](const TrailEntry& entry) { return entry.position.value; }, &write_entry);
      });
}

}  // namespace

void add_trail_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/audit-trail",
              .operation_id = "listAuditTrail",
              .tag = "access",
              .summary = "Who of the staff, and which server, did what and when, newest first",
              .auth = Auth::staff,
              .roles = roles({}),
              .reach = Reach::reading,
              .handle = &list_trail,
              .response_schema = &trail_schema,
              .response_example = page_example(kEntryExample),
              .query = kTrailQuery});
}

}  // namespace firebrand
