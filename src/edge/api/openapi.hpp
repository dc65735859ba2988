#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "edge/api/route.hpp"

namespace firebrand {

/// Every problem that a request to the route can be answered with, apart from what the server says
/// of any request before it looks for a route.
[[nodiscard]] std::set<std::string_view> problem_codes(const Route& route);

/// The OpenAPI 3.1 document, made from the very routes that the server matches and the very
/// descriptions that its bodies are read by.
[[nodiscard]] std::string openapi_document(std::span<const Route> routes);

}  // namespace firebrand
