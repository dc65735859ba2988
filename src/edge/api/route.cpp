#include "edge/api/route.hpp"

#include <utility>

#include "base/assert.hpp"

namespace firebrand {

namespace {

/// The segment before the next '/', which is taken away too.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool matches(std::string_view pattern, std::string_view path,
             std::array<std::string_view, kPathParametersMax>& parameters) {
  std::size_t found = 0;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view want = next_segment(pattern);
    const std::string_view came = next_segment(path);
    if (want.starts_with('{')) {
      if (came.empty()) { return false; }
      parameters[found++] = came;
    } else if (want != came) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

ApiScope scope_of(const Route& route) {
  FB_ASSERT(takes_keys(route.auth));
  if (route.auth == Auth::server) { return ApiScope::sessions; }
  if (route.auth != Auth::server_or_staff) { return ApiScope::buying; }
  return route.method == HttpMethod::get ? ApiScope::events : ApiScope::draws;
}

void Router::add(Route route) { routes_.push_back(std::move(route)); }

Router::Match Router::match(HttpMethod method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) { return match; }
  const HttpMethod wanted = method == HttpMethod::head ? HttpMethod::get : method;
  for (const Route& route : routes_) {
    if (route.method == wanted && matches(route.pattern, path, match.path)) {
      match.route = &route;
      return match;
    }
  }
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path, match.path)) { continue; }
    if (!match.allowed.empty()) { match.allowed += ", "; }
    match.allowed += http_method_name(route.method);
  }
  return match;
}

}  // namespace firebrand
