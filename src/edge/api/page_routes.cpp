#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "edge/api/api.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/routes.hpp"

namespace firebrand {

namespace {

/// Only what we serve ourselves may run or be loaded.
constexpr std::string_view kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";
constexpr std::string_view kPermissions =
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

std::string_view type_of(std::string_view path) {
  if (path.ends_with(".html")) { return "text/html; charset=utf-8"; }
  if (path.ends_with(".js")) { return "text/javascript; charset=utf-8"; }
  if (path.ends_with(".css")) { return "text/css; charset=utf-8"; }
  if (path.ends_with(".svg")) { return "image/svg+xml"; }
  if (path.ends_with(".png")) { return "image/png"; }
  if (path.ends_with(".json")) { return "application/json"; }
  return "application/octet-stream";
}

PreparedResponsePtr prepare(const EmbeddedFile& file, bool gzip) {
  const bool hashed = file.path.starts_with("assets/");
  std::array<HttpField, 7> headers = {
      HttpField{"Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache"},
      HttpField{"Vary", "Accept-Encoding"},
      HttpField{"Content-Security-Policy", kContentPolicy},
      HttpField{"Referrer-Policy", "no-referrer"},
      HttpField{"Cross-Origin-Opener-Policy", "same-origin"},
      HttpField{"Permissions-Policy", kPermissions},
      HttpField{"Content-Encoding", "gzip"}};
  return PreparedResponse::make({.status = 200,
                                 .content_type = type_of(file.path),
                                 .headers = std::span(headers).first(gzip ? 7 : 6),
                                 .body = gzip ? file.gzip : file.bytes},
                                file.etag);
}

/// Files are prepared once for each form that somebody asks for.
const PreparedResponsePtr& prepared(const EmbeddedFile& file, bool gzip) {
  static std::map<std::pair<std::string_view, bool>, PreparedResponsePtr> responses;
  PreparedResponsePtr& response = responses[{file.path, gzip}];
  if (response == nullptr) { response = prepare(file, gzip); }
  return response;
}

void respond_file(Api& api, const Call& call, std::string_view path) {
  const auto files = embedded_files();
  const auto found = std::ranges::lower_bound(files, path, {}, &EmbeddedFile::path);
  if (found == files.end() || found->path != path) { return api.refuse(call, "not_found"); }
  const bool gzip =
      !found->gzip.empty() &&
      call.http.header(HttpHeader::accept_encoding).find("gzip") != std::string_view::npos;
  api.responder().respond_prepared(call.token, prepared(*found, gzip),
                                   call.http.header(HttpHeader::if_none_match));
}

void show_fan_page(Api& api, Call& call) { respond_file(api, call, "fan/index.html"); }
void show_console(Api& api, Call& call) { respond_file(api, call, "console/index.html"); }
void show_proof(Api& api, Call& call) { respond_file(api, call, "proof/index.html"); }
void show_docs(Api& api, Call& call) { respond_file(api, call, "docs/index.html"); }

void show_asset(Api& api, Call& call) {
  respond_file(api, call, std::string("assets/").append(call.path[0]));
}

Route page(std::string_view pattern, void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::get, .pattern = pattern, .tag = "pages", .handle = handle};
}

}  // namespace

void add_page_routes(Router& router) {
  // No operation id: pages are no part of the API document.
  router.add(page("/", &show_fan_page));
  router.add(page("/d/{drop_id}", &show_fan_page));
  router.add(page("/console", &show_console));
  router.add(page("/console/", &show_console));
  router.add(page("/docs", &show_docs));
  router.add(page("/proof", &show_proof));
  router.add(page("/assets/{file}", &show_asset));
}

}  // namespace firebrand
