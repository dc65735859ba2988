#include <array>

#include "base/digest.hpp"
#include "core/engine/engine.hpp"
#include "edge/api/api.hpp"
#include "edge/api/metrics.hpp"
#include "edge/api/openapi.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

void respond_text(Api& api, const Call& call, int status, std::string_view type,
                  std::string_view body) {
  const std::array headers = {kNoStore, kNoPage};
  api.responder().respond(
      call.token, {.status = status, .content_type = type, .headers = headers, .body = body});
}

void health(Api& api, Call& call) { respond_text(api, call, 200, "text/plain", "ok\n"); }

void readiness(Api& api, Call& call) {
  const std::string reason = api.options().not_ready ? api.options().not_ready() : "";
  if (reason.empty()) { return respond_text(api, call, 200, "text/plain", "ready\n"); }
  respond_text(api, call, 503, "text/plain", "not ready: " + reason + "\n");
}

void show_metrics(Api& api, Call& call) {
  respond_text(api, call, 200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(api));
}

void show_time(Api& api, Call& call) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.field("server_time", api.now());
  json.end_object();
  api.respond_json(call, 200, body);
}

void show_openapi(Api& api, Call& call) {
  if (api.openapi() == nullptr) {
    const std::array headers = {HttpField{"Cache-Control", "public, max-age=60"},
                                HttpField{"Access-Control-Allow-Origin", "*"}};
    const std::string document = openapi_document(api.router().routes());
    const std::uint64_t hash = hash_bytes(std::as_bytes(std::span(document)));
    api.set_openapi(PreparedResponse::make(
        {.status = 200, .content_type = "application/json", .headers = headers, .body = document},
        "\"" + std::to_string(hash) + "\""));
  }
  api.responder().respond_prepared(call.token, api.openapi(),
                                   call.http.header(HttpHeader::if_none_match));
}

void show_problem(Api& api, Call& call) {
  const ProblemKind* const kind = find_problem_kind(call.path[0]);
  if (kind == nullptr) { return api.refuse(call, "not_found"); }
  respond_text(api, call, 200, "text/html; charset=utf-8", problem_page(*kind, call.language));
}

std::string time_schema() {
  return R"({"type":"object","required":["server_time"],"properties":{"server_time":)"
         R"({"type":"string","format":"date-time"}}})";
}
std::string openapi_schema() {
  return R"({"type":"object","description":"An OpenAPI 3.1 document.",)"
         R"("required":["openapi","info","paths"],"properties":{"openapi":{"type":"string"},)"
         R"("info":{"type":"object"},"paths":{"type":"object"}},"additionalProperties":true})";
}
std::string text_schema() { return R"({"type":"string"})"; }

}  // namespace

void add_operation_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/time",
              .operation_id = "getTime",
              .tag = "operation",
              .summary = "The time that counts",
              .handle = &show_time,
              .response_schema = &time_schema,
              .response_example = R"({"server_time":"2026-11-21T20:00:00.000Z"})"});
  router.add({.method = HttpMethod::get,
              .pattern = "/healthz",
              .operation_id = "getHealth",
              .tag = "operation",
              .summary = "Whether the process answers",
              .handle = &health,
              .response_schema = &text_schema,
              .response_example = "ok\n",
              .response_type = "text/plain"});
  router.add({.method = HttpMethod::get,
              .pattern = "/readyz",
              .operation_id = "getReadiness",
              .tag = "operation",
              .summary = "Whether the server may get traffic; 503 with the reason if not",
              .handle = &readiness,
              .response_schema = &text_schema,
              .response_example = "ready\n",
              .response_type = "text/plain",
              .unavailable = "or text: why it is not ready.",
              .unavailable_example = "not ready: no space for the log\n"});
  router.add({.method = HttpMethod::get,
              .pattern = "/metrics",
              .operation_id = "getMetrics",
              .tag = "operation",
              .summary = "Figures for Prometheus",
              .handle = &show_metrics,
              .response_schema = &text_schema,
              .response_example = "# HELP firebrand_watchers Open event streams.\n"
                                  "# TYPE firebrand_watchers gauge\nfirebrand_watchers 3\n",
              .response_type = "text/plain"});
  router.add({.method = HttpMethod::get,
              .pattern = "/openapi.json",
              .operation_id = "getOpenApi",
              .tag = "operation",
              .summary = "This document",
              .handle = &show_openapi,
              .response_schema = &openapi_schema,
              .response_example = R"({"openapi":"3.1.0","info":{"title":"firebrand",)"
                                  R"("version":"0.1.0"},"paths":{}})",
              .has_etag = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/problems/{code}",
              .operation_id = "getProblem",
              .tag = "operation",
              .summary = "What a problem means and what to do",
              .handle = &show_problem,
              .response_schema = &text_schema,
              .response_example = problem_page(*find_problem_kind("sold_out"), Language::en),
              .problems = {"not_found"},
              .response_type = "text/html"});
}

}  // namespace firebrand
