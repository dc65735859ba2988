#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "edge/api/route.hpp"

namespace firebrand {

/// Every problem that a request to the route can be answered with. Not among them is what the
/// server says of a request that it has not read to its end: 408, 414, 431, and 413 where the route
/// takes no body.
[[nodiscard]] std::set<std::string_view> problem_codes(const Route& route);

/// The OpenAPI 3.1 document, made from the very routes that the server matches. Bodies of requests,
/// and answers that are one described struct, are written by the descriptions that read and write
/// them; the other answers (drops, pages of lists, what has no struct) have schemas typed by hand,
/// which the end-to-end tests compare with every answer they get.
[[nodiscard]] std::string openapi_document(std::span<const Route> routes);

/// Its `webhooks`: what endpoints are sent, a type of events each.
void write_webhooks(JsonWriter& json);

}  // namespace firebrand
