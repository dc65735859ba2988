#include "edge/api/openapi.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "base/json_writer.hpp"
#include "core/engine/numbers.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/reservation_commands.hpp"
#include "core/launch/reservation_state.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlists.hpp"
#include "edge/api/problem.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

/// Schemas of what is not one described struct.
std::string component_schemas() {
  std::string json = R"json({
"Problem":{"type":"object","description":"RFC 9457 problem.","required":["type","title","status","detail","instance","code"],
 "properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
 "instance":{"type":"string"},"code":{"type":"string","description":"Stable; what programs switch on."},
 "errors":{"type":"array","description":"With validation: what is wrong with which part.",
 "items":{"type":"object","required":["code","detail"],"properties":{
 "pointer":{"type":"string","description":"JSON Pointer into the body, as a URI fragment."},
 "parameter":{"type":"string","description":"Name of a query parameter, instead of a pointer."},
 "code":{"type":"string"},"detail":{"type":"string"}}}},
 "reason":{"type":"string","description":"With signature_wrong and notice_malformed: what exactly."},
 "opens_at":{"type":"string","format":"date-time","description":"With not_open: when to come back."},
 "retry_at":{"type":"string","format":"date-time","description":"With proof_wanted and proof_too_early: when to come back."},
 "server_time":{"type":"string","format":"date-time","description":"With these and not_open: the time that counts."},
 "limit":{"type":"integer","description":"With purchase_limit, household_limit and address_limit: units that these may have."},
 "owned":{"type":"integer","description":"With the same: units that they have, unpaid or paid."}}},
"Event":{"type":"object","description":"A CloudEvent 1.0. Types and the schemas of their data: GET /v1/event-types.",
 "required":["specversion","id","source","type","time","datacontenttype","data"],
 "properties":{"specversion":{"type":"string","const":"1.0"},"id":{"type":"string","pattern":"^evt_[0-9]+-[0-9]+$","description":"Never changes; also the cursor."},
 "source":{"type":"string","description":"This installation; the same for all its events."},"type":{"type":"string"},
 "subject":{"type":"string","description":"What it is about, if that has an id."},"partitionkey":{"type":"string","description":"Events with the same key are told in their order."},
 "time":{"type":"string","format":"date-time"},"datacontenttype":{"type":"string"},"data":{"type":"object","additionalProperties":true}}},
"Webhook":{"type":"object","description":"An endpoint that is told what happens.",
 "required":["webhook_id","url","note","types","concurrency","per_second","mode","batch_events","state","paused_because","created_at","secret_version","old_secret_until","delivered_until","owed","dead","failing_since","last_status"],
 "properties":{"webhook_id":{"type":"string"},"url":{"type":"string"},"note":{"type":"string"},
 "types":{"type":"array","description":"None: all.","items":{"type":"string"}},"concurrency":{"type":"integer"},"per_second":{"type":"integer"},
 "mode":{"type":"string","enum":["structured","binary","batch"]},"batch_events":{"type":"integer","description":"Most events in one call, if the mode is batch."},
 "state":{"type":"string","enum":["running","paused"]},"paused_because":{"type":["string","null"],"enum":["by_staff","gone","failing",null]},
 "created_at":{"type":"string","format":"date-time"},"secret_version":{"type":"integer"},
 "old_secret_until":{"type":["string","null"],"format":"date-time","description":"The secret before signs too until then."},
 "delivered_until":{"type":"string","description":"All up to this event is delivered, owed or dead."},
 "owed":{"type":"integer","description":"Read and not delivered yet."},"dead":{"type":"integer","description":"Given up."},
 "failing_since":{"type":["string","null"],"format":"date-time"},"last_status":{"type":"integer","description":"Of the newest call; 0: none, or no answer."}}},
"Money":{"type":"object","required":["amount","currency"],"properties":{"amount":{"type":"integer","description":"Minor units."},
 "currency":{"type":"string","pattern":"^[A-Z]{3}$"}}},
"LocalizedName":{"type":"object","required":["zh","en"],"properties":{"zh":{"type":"string"},"en":{"type":"string"}}},
"DropUnits":{"type":"object","required":["total","unreleased","available","held","sold","withdrawn","returned"],
 "description":"total = unreleased + available + held + sold + withdrawn + returned.",
 "properties":{"total":{"type":"integer"},"unreleased":{"type":"integer"},"available":{"type":"integer"},
 "held":{"type":"integer"},"sold":{"type":"integer"},"withdrawn":{"type":"integer"},
 "returned":{"type":"integer","description":"Given back by buyers, and not to be sold again."}}},
"DropWave":{"type":"object","required":["wave","opens_at","units","release","audience","decision","leftovers","tie_batch_ms","state",
 "available"],
 "properties":{"wave":{"type":"integer","minimum":1},"opens_at":{"type":"string","format":"date-time"},
 "units":{"type":"integer"},"release":)json";
  json += value_schema_of<WaveRelease>();
  json += R"json(,"audience":)json";
  json += value_schema_of<WaveAudience>();
  json += R"json(,"decision":)json";
  json += value_schema_of<WaveDecision>();
  json += R"json(,"leftovers":)json";
  json += value_schema_of<WaveLeftovers>();
  json += R"json(,
 "tie_batch_ms":{"type":"integer","description":"Purchases within so many milliseconds are decided together, in an order that nobody can choose; 0: each in the order of receipt."},
 "window_seconds":{"type":"integer","description":"Of a random wave: from opens_at on."},
 "commitment":{"type":"string","description":"The secret, hashed as often as the wave's number says."},
 "secret":{"type":"string","description":"Of a random wave, once its moment has come."},
 "group":{"type":"string","description":"If only people of this group may buy."},
 "members_before":{"type":"string","format":"date-time","description":"If only members from before this moment may buy."},
 "region":{"type":"string","description":"If only people of this region may buy."},
 "channel":{"type":"string","description":"If only people who come by this channel may buy."},
 "risk_max":{"type":"integer","description":"If only people whose risk score is not above it may buy."},
 "per_person_limit":{"type":"integer","description":"If the wave has a limit of its own."},
 "state":{"type":"string","enum":["scheduled","released"]},"available":{"type":"integer"}}},
"DropReservations":{"type":"object","description":"Of a drop in which people may or could reserve.",
 "required":["opens_at","closes_at","balance_due_at","cap","deposit_kind","deposit","taken","counts"],
 "properties":{"opens_at":{"type":"string","format":"date-time"},"closes_at":{"type":"string","format":"date-time"},
 "balance_due_at":{"type":"string","format":"date-time","description":"Until when those who reserved must buy."},
 "cap":{"type":"integer","description":"Most at once."},"deposit_kind":)json";
  json += value_schema_of<DepositKind>();
  json += R"json(,"deposit":{"$ref":"#/components/schemas/Money"},
 "taken":{"type":"integer","description":"Places that are taken now."},"counts":)json";
  json += answer_schema_of<ReservationCounts>();
  json += R"json(}},
"DropWaitlist":{"type":"object","description":"Of a drop whose units that come back go to those who wait.",
 "required":["phase","ends_at","places_max","waiting","served"],
 "properties":{"phase":)json";
  json += value_schema_of<WaitlistPhase>();
  json += R"json(,"ends_at":{"type":"string","format":"date-time"},
 "places_max":{"type":"integer","description":"Most people at the same time."},"waiting":{"type":"integer"},
 "served":{"type":"integer","description":"People who got an order by it."}}},
"DropTies":{"type":"object","description":"How purchases were ordered: docs/tie-windows.md.",
 "required":["windows","decided","inversions"],
 "properties":{"windows":{"type":"integer","description":"Tie windows that were decided."},
 "decided":{"type":"integer","description":"Purchases decided in them, accepted or refused."},
 "inversions":{"type":"integer","description":"Pairs of accepted purchases that were decided against the order of receipt."},
 "commitment":{"type":"string","description":"Of a drop with tie windows: SHA-256 over firebrand-commit/1, a zero byte and the key."},
 "key":{"type":"string","description":"The key, once nobody can buy in the drop any more."}}},
"DropStatus":{"type":"object","description":"What everybody may know of a drop.",
 "required":["drop_id","code","launch_id","launch_name","sku_id","sku_name","prices","currency","state","pausing","opens_at",
 "per_person_limit","payment_window_seconds","pickup","units","waves","ties","log_position"],
 "properties":{"drop_id":{"type":"string"},"code":{"type":"string"},"launch_id":{"type":"string"},
 "launch_name":{"$ref":"#/components/schemas/LocalizedName"},"sku_id":{"type":"string"},
 "sku_name":{"$ref":"#/components/schemas/LocalizedName"},
 "prices":{"type":"array","items":{"$ref":"#/components/schemas/Money"}},"currency":{"type":"string"},
 "state":{"type":"string","enum":["scheduled","open","between_waves","paused","sold_out","cancelled"]},
 "pausing":{"type":"string","enum":["running","paused"],
 "description":"Whether staff have stopped purchases, before the opening too, when `state` is still `scheduled`."},
 "opens_at":{"type":"string","format":"date-time"},"per_person_limit":{"type":"integer"},
 "per_household_limit":{"type":"integer","description":"If people of one household have a limit together."},
 "per_address_limit":{"type":"integer","description":"If people of one address have a limit together."},
 "payment_window_seconds":{"type":"integer"},"pickup":)json";
  json += value_schema_of<Pickup>();
  json +=
      R"json(,"proof":{"type":"object","description":"Of a drop whose waves begin with a head start for buyers with a proof of work.",
 "required":["bits","head_start_ms","from"],"properties":{"bits":{"type":"integer"},"head_start_ms":{"type":"integer"},
 "from":{"type":"string","format":"date-time","description":"From then on GET /v1/drops/{drop_id}/proof gives the challenge."}}},
 "units":{"$ref":"#/components/schemas/DropUnits"},
 "waves":{"type":"array","items":{"$ref":"#/components/schemas/DropWave"}},
 "ties":{"$ref":"#/components/schemas/DropTies"},
 "reservations":{"$ref":"#/components/schemas/DropReservations"},
 "waitlist":{"$ref":"#/components/schemas/DropWaitlist"},
 "log_position":{"type":"string","description":"Newest log offset this rests on."}}},
"DropLive":{"allOf":[{"$ref":"#/components/schemas/DropStatus"},{"type":"object","required":["orders","refusals"],
 "properties":{"orders":)json";
  json += answer_schema_of<OrderCounts>();
  json += R"json(,
 "refusals":{"type":"object","description":"Purchases turned away, by reason.","additionalProperties":{"type":"integer"}}}}]},
"WaitingRoom":{"type":"object","description":"What everybody may know of a waiting room: from commitment, secret and early, anybody computes the order of the early places.",
 "required":["drop_id","wave","phase","joins_from","opens_at","ends_at","commitment","order","secret","joined","early","waiting","measured_per_minute","log_position"],
 "properties":{"drop_id":{"type":"string"},"wave":{"type":"integer"},"phase":)json";
  json += value_schema_of<RoomPhase>();
  json += R"json(,
 "joins_from":{"type":"string","format":"date-time"},"opens_at":{"type":"string","format":"date-time","description":"The wave's time: who joins before is early."},
 "ends_at":{"type":"string","format":"date-time"},"commitment":{"type":"string"},"order":)json";
  json += value_schema_of<OrderReveal>();
  json += R"json(,
 "secret":{"type":"string","description":"Zeros until it is revealed, and if it was withheld."},
 "joined":{"type":"integer"},"early":{"type":"integer"},"waiting":{"type":"integer"},
 "measured_per_minute":{"type":"integer","description":"People let in a minute, as measured."},
 "log_position":{"type":"string"}}},
"WaitingRoomLive":{"allOf":[{"$ref":"#/components/schemas/WaitingRoom"},{"type":"object",
 "required":["admission","counts","next","target_per_minute","admitted_per_minute","latency_ms","forecasts_within","forecasts_sooner","forecasts_later"],
 "properties":{"admission":)json";
  json += answer_schema_of<AdmissionPlan>();
  json += R"json(,"counts":)json";
  json += answer_schema_of<PlaceCounts>();
  json += R"json(,
 "next":{"type":"integer"},"target_per_minute":{"type":"integer","description":"What the controller aims at."},
 "admitted_per_minute":{"type":"integer"},"latency_ms":{"type":"integer","description":"The slowest durable answer of the last second."},
 "forecasts_within":{"type":"integer","description":"Forecasts whose band held."},"forecasts_sooner":{"type":"integer"},"forecasts_later":{"type":"integer"}}}]}
})json";
  return json;
}

/// Headers of answers, by name.
struct AnswerHeader {
  std::string_view name;
  std::string_view doc;
};
constexpr std::array kAnswerHeaders = {
    AnswerHeader{"X-Request-Id", "The request's own, or a new one: it helps to find the cause."},
    AnswerHeader{"Idempotency-Replayed",
                 "true: the answer to the first request with this Idempotency-Key."},
    AnswerHeader{"Firebrand-Tie-Id",
                 "Of a purchase in a drop with tie windows: what its rank is computed from."},
    AnswerHeader{"ETag", "For If-None-Match."},
    AnswerHeader{"Link", "<...>; rel=\"next\": the page behind this one, if there is one."},
    AnswerHeader{"Set-Cookie", "firebrand_session: the staff session; it ends with Max-Age=0."},
    AnswerHeader{"Content-Language", "en or zh: of title and detail, by Accept-Language."},
    AnswerHeader{"WWW-Authenticate", "Bearer"},
    AnswerHeader{"Retry-After", "Seconds, where it may have passed by itself by then."},
    AnswerHeader{"RateLimit-Policy",
                 "Which rate was met: \"person\";q=300;w=60 is 300 requests in 60 seconds."},
    AnswerHeader{"RateLimit", "What is left of it, and in how many seconds there is one again."}};

constexpr std::string_view kSecuritySchemes = R"json({
"fan":{"type":"http","scheme":"bearer","description":"A fan's session token (fbs_...)."},
"server":{"type":"http","scheme":"bearer","description":"An API key of one of the brand's servers (fbk_...); with Firebrand-Person it acts for that person."},
"staff":{"type":"apiKey","in":"cookie","name":"firebrand_session","description":"A staff session."},
"callback":{"type":"apiKey","in":"header","name":"Firebrand-Signature","description":"v1=<hex HMAC-SHA-256 of timestamp, a dot and the body>, with Firebrand-Timestamp in Unix seconds."}
})json";

constexpr std::string_view kDescription =
    "Launch products with your fans: plan a limited batch, sell it at an exact moment without ever "
    "overselling, and watch it. Times are RFC 3339 in UTC, money is in minor units, ids are "
    "opaque. "
    "Members that you do not know in an answer must be ignored: more may come. "
    "Before it looks at what is asked for, the server may answer any request 408 "
    "`request_timeout`, 413 `payload_too_large`, 414 `uri_too_long` or 431 `headers_too_large`.";

void write_security(JsonWriter& json, Auth auth) {
  const auto scheme = [&](std::string_view name) {
    json.begin_object();
    json.key(name);
    json.begin_array();
    json.end_array();
    json.end_object();
  };
  json.key("security");
  json.begin_array();
  switch (auth) {
    case Auth::everyone:
      break;
    case Auth::fan:
      scheme("fan");
      scheme("server");
      break;
    case Auth::server:
      scheme("server");
      break;
    case Auth::staff:
      scheme("staff");
      break;
    case Auth::server_or_staff:
      scheme("server");
      scheme("staff");
      break;
    case Auth::fan_or_staff:
      scheme("fan");
      scheme("server");
      scheme("staff");
      break;
    case Auth::callback:
      scheme("callback");
      break;
  }
  json.end_array();
}

void write_parameter(JsonWriter& json, std::string_view in, std::string_view name, bool required,
                     std::string_view schema, std::string_view doc) {
  json.begin_object();
  json.key("name");
  json.string(name);
  json.key("in");
  json.string(in);
  json.key("required");
  json.boolean(required);
  json.key("schema");
  json.raw(schema);
  json.key("description");
  json.string(doc);
  json.end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters");
  json.begin_array();
  std::string_view rest = route.pattern;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    rest.remove_prefix(open + 1);
    const std::string_view name = rest.substr(0, rest.find('}'));
    const bool number = name == "wave";
    write_parameter(json, "path", name, true,
                    number ? R"({"type":"integer","minimum":1})" : R"({"type":"string"})",
                    number ? "Counted from 1." : "As answers and lists give it.");
  }
  for (const QueryParameter& parameter : route.query) {
    write_parameter(json, "query", parameter.name, false, parameter.schema(), parameter.doc);
  }
  if (route.repeatable != Repeatable::not_needed) {
    write_parameter(json, "header", "Idempotency-Key", route.repeatable == Repeatable::required,
                    R"({"type":"string","minLength":1,"maxLength":255})",
                    "New and random for each intent, the same for its retries; kept 24 hours.");
  }
  if (route.auth == Auth::fan || route.auth == Auth::fan_or_staff) {
    write_parameter(json, "header", "Firebrand-Person", false, R"({"type":"string"})",
                    "With an API key: the brand's own id of the person it acts for.");
  }
  if (route.has_etag) {
    write_parameter(json, "header", "If-None-Match", false, R"({"type":"string"})",
                    "ETags that the caller has: if nothing has changed since, 304.");
  }
  if (route.resumable) {
    write_parameter(json, "header", "Last-Event-ID", false, R"({"type":"string"})",
                    "Named events after this one are sent first.");
  }
  if (route.auth == Auth::callback) {
    write_parameter(json, "header", "Firebrand-Timestamp", true, R"({"type":"string"})",
                    "Unix seconds; at most five minutes from the server's time.");
  }
  json.end_array();
}

void write_media(JsonWriter& json, std::string_view type, std::string_view schema,
                 std::string_view example) {
  json.key(type);
  json.begin_object();
  json.key("schema");
  json.raw(schema);
  if (!example.empty()) {
    json.key("example");
    // A form is written as an object of its fields.
    if (type.ends_with("json") || type.ends_with("form-urlencoded")) {
      json.raw(example);
    } else {
      json.string(example);
    }
  }
  json.end_object();
}

void write_content(JsonWriter& json, std::string_view type, std::string_view schema,
                   std::string_view example) {
  json.key("content");
  json.begin_object();
  write_media(json, type, schema, example);
  json.end_object();
}

/// Codes that a route can answer with, by HTTP status.
std::map<int, std::vector<std::string_view>> problems_of(const Route& route) {
  std::map<int, std::vector<std::string_view>> by_status;
  for (const std::string_view code : problem_codes(route)) {
    by_status[find_problem_kind(code)->status].push_back(code);
  }
  return by_status;
}

std::string_view describe_success(int status) {
  return status == 201 ? "Created." : status == 202 ? "Begun." : "As asked.";
}

void write_headers(JsonWriter& json, std::span<const std::string_view> names) {
  if (names.empty()) { return; }
  json.key("headers");
  json.begin_object();
  for (const std::string_view name : names) {
    json.key(name);
    json.begin_object();
    json.key("$ref");
    json.string(std::string("#/components/headers/").append(name));
    json.end_object();
  }
  json.end_object();
}

bool is_paged(const Route& route) {
  return std::ranges::any_of(route.query, [](const auto& each) { return each.name == "cursor"; });
}

void write_success(JsonWriter& json, const Route& route, int status, std::string_view description) {
  std::vector<std::string_view> headers;
  // Prepared answers are the same for all who ask, and texts are for machines that ask often.
  if (route.response_type == "application/json" && !route.has_etag) {
    headers.emplace_back("X-Request-Id");
  }
  if (route.repeatable != Repeatable::not_needed) { headers.emplace_back("Idempotency-Replayed"); }
  if (route.has_etag) { headers.emplace_back("ETag"); }
  if (is_paged(route)) { headers.emplace_back("Link"); }
  if (route.sets_cookie) { headers.emplace_back("Set-Cookie"); }
  if (route.operation == kNumberOf<PlaceOrder>) { headers.emplace_back("Firebrand-Tie-Id"); }
  json.key(std::to_string(status));
  json.begin_object();
  json.key("description");
  json.string(description);
  write_headers(json, headers);
  write_content(json, route.response_type, route.response_schema(), route.response_example);
  json.end_object();
}

void write_not_modified(JsonWriter& json) {
  json.key("304");
  json.begin_object();
  json.key("description");
  json.string("Nothing has changed since the ETag that If-None-Match names.");
  constexpr std::array<std::string_view, 1> kHeaders = {"ETag"};
  write_headers(json, kHeaders);
  json.end_object();
}

/// Headers of the problems of one status.
std::vector<std::string_view> problem_headers(const Route& route, int status,
                                              std::span<const std::string_view> codes) {
  std::vector<std::string_view> headers = {"X-Request-Id", "Content-Language"};
  const bool takes_token =
      route.auth != Auth::everyone && route.auth != Auth::staff && route.auth != Auth::callback;
  if (status == 401 && takes_token) { headers.emplace_back("WWW-Authenticate"); }
  const bool passes = std::ranges::any_of(codes, [](std::string_view code) {
    return find_problem_kind(code)->retry_after > 0 || code == "too_many_sign_ins" ||
           code == "proof_wanted" || code == "proof_too_early";
  });
  if (passes) { headers.emplace_back("Retry-After"); }
  if (status == 429 && route.rate_limited) {
    headers.insert(headers.end(), {"RateLimit-Policy", "RateLimit"});
  }
  return headers;
}

/// A problem of the first of these codes.
std::string problem_example(std::span<const std::string_view> codes) {
  std::vector<ProblemExtension> extensions;
  if (codes.front() == "validation") {
    extensions = {{"errors", R"([{"pointer":"#/quantity","code":"out_of_range",)"
                             R"("detail":"expected integer, 1 to 1000; came 0"}])"}};
  }
  return problem_body(codes.front(), Language::en, {}, "req_5f2b8d0e7c9a4163", extensions);
}

void write_responses(JsonWriter& json, const Route& route) {
  json.key("responses");
  json.begin_object();
  if (route.success == 201 && route.outcomes != nullptr && route.outcomes().can_exist) {
    write_success(json, route, 200, "It is there already, just as asked.");
  }
  write_success(json, route, route.success, describe_success(route.success));
  if (route.has_etag) { write_not_modified(json); }
  for (const auto& [status, codes] : problems_of(route)) {
    json.key(std::to_string(status));
    json.begin_object();
    json.key("description");
    std::string list;
    for (const std::string_view code : codes) {
      if (!list.empty()) { list += ", "; }
      list.append("`").append(code).append("`");
    }
    const bool own = status == 503 && !route.unavailable.empty();
    if (own) { list.append("; ").append(route.unavailable); }
    json.string(list);
    write_headers(json, problem_headers(route, status, codes));
    json.key("content");
    json.begin_object();
    write_media(json, "application/problem+json", R"({"$ref":"#/components/schemas/Problem"})",
                problem_example(codes));
    if (own) {
      write_media(json, route.response_type, route.response_schema(), route.unavailable_example);
    }
    json.end_object();
    json.end_object();
  }
  json.end_object();
}

/// What of staff and of servers' keys the route needs, for those who hand out either.
void write_needs(JsonWriter& json, const Route& route) {
  if (route.roles != 0) {
    json.key("x-roles");
    json.begin_array();
    for (const StaffRole role : enum_values<StaffRole>()) {
      if (((route.roles >> static_cast<unsigned>(role)) & 1U) != 0) {
        json.string(enum_name(role));
      }
    }
    json.end_array();
  }
  if (takes_keys(route.auth)) {
    json.key("x-scope");
    json.string(enum_name(scope_of(route)));
  }
}

void write_operation(JsonWriter& json, const Route& route) {
  std::string method(http_method_name(route.method));
  std::ranges::transform(method, method.begin(),
                         [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  json.key(method);
  json.begin_object();
  json.key("operationId");
  json.string(route.operation_id);
  json.key("tags");
  json.begin_array();
  json.string(route.tag);
  json.end_array();
  json.key("summary");
  json.string(route.summary);
  json.key("description");
  json.string(std::string(route.summary) + ".");
  write_security(json, route.auth);
  write_needs(json, route);
  write_parameters(json, route);
  if (route.request_schema != nullptr) {
    json.key("requestBody");
    json.begin_object();
    json.key("required");
    const BodySchema body = route.request_schema();
    json.boolean(body.required);
    write_content(json, route.request_type, body.json, route.request_example);
    json.end_object();
  }
  write_responses(json, route);
  json.end_object();
}

}  // namespace

std::set<std::string_view> problem_codes(const Route& route) {
  std::set<std::string_view> codes(route.problems.begin(), route.problems.end());
  if (route.outcomes != nullptr) {
    const Outcomes outcomes = route.outcomes();
    codes.insert(outcomes.refusals.begin(), outcomes.refusals.end());
  }
  if (route.auth != Auth::everyone && route.auth != Auth::callback) {
    codes.insert("unauthenticated");
  }
  if (route.auth == Auth::staff || route.auth == Auth::fan_or_staff ||
      route.auth == Auth::server_or_staff || route.own_pages_only) {
    codes.insert("forbidden");
  }
  if (route.roles != 0 && !route.before_second_factor) { codes.insert("second_factor_required"); }
  if (takes_keys(route.auth)) { codes.insert("scope_missing"); }
  if (route.request_schema != nullptr) {
    codes.insert({"malformed", "validation", "unsupported_media_type", "payload_too_large"});
  }
  if (!route.query.empty()) { codes.insert("validation"); }
  if (route.repeatable != Repeatable::not_needed) {
    codes.insert({"idempotency_key_malformed", "idempotency_key_reused"});
  }
  if (route.repeatable == Repeatable::required) { codes.insert("idempotency_key_missing"); }
  if (route.rate_limited) { codes.insert("rate_limited"); }
  if (route.reach != Reach::memory) { codes.insert("internal"); }
  if (route.reach == Reach::change) { codes.insert("log_full"); }
  // Every request may meet a full queue, a limit of the server, or a malformed head.
  codes.insert({"overloaded", "malformed"});
  return codes;
}

std::string openapi_document(std::span<const Route> routes) {
  std::string document;
  CharSink sink(document);
  JsonWriter json(sink);
  json.begin_object();
  json.key("openapi");
  json.string("3.1.0");
  json.key("info");
  json.begin_object();
  json.key("title");
  json.string("firebrand");
  json.key("version");
  json.string(FIREBRAND_VERSION);
  json.key("description");
  json.string(kDescription);
  json.key("license");
  json.raw(R"({"name":"Apache-2.0","identifier":"Apache-2.0"})");
  json.end_object();
  json.key("servers");
  json.raw(R"([{"url":"/","description":"This installation."}])");
  json.key("tags");
  json.begin_array();
  std::set<std::string_view> tags;
  for (const Route& route : routes) {
    if (route.operation_id.empty() || !tags.insert(route.tag).second) { continue; }
    json.begin_object();
    json.key("name");
    json.string(route.tag);
    json.key("description");
    json.string(std::string("Everything about ").append(route.tag).append("."));
    json.end_object();
  }
  json.end_array();
  // Operations of one path stand together; paths in the order of their first route.
  json.key("paths");
  json.begin_object();
  std::set<std::string_view> written;
  for (const Route& route : routes) {
    if (route.operation_id.empty() || !written.insert(route.pattern).second) { continue; }
    json.key(route.pattern);
    json.begin_object();
    for (const Route& other : routes) {
      if (other.pattern == route.pattern && !other.operation_id.empty()) {
        write_operation(json, other);
      }
    }
    json.end_object();
  }
  json.end_object();
  json.key("webhooks");
  write_webhooks(json);
  json.key("components");
  json.begin_object();
  json.key("schemas");
  json.raw(component_schemas());
  json.key("headers");
  json.begin_object();
  for (const AnswerHeader& header : kAnswerHeaders) {
    json.key(header.name);
    json.begin_object();
    json.key("description");
    json.string(header.doc);
    json.key("schema");
    json.raw(R"({"type":"string"})");
    json.end_object();
  }
  json.end_object();
  json.key("securitySchemes");
  json.raw(kSecuritySchemes);
  json.end_object();
  json.end_object();
  return document;
}

}  // namespace firebrand
