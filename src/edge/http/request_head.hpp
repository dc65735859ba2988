#pragma once

#include <cstdint>
#include <string_view>

#include "edge/http/http.hpp"

namespace firebrand {

/// What a head says of its connection and its body.
struct HttpRequestHead {
  std::uint64_t content_length = 0;
  bool http11 = false;
  bool keep_alive = false;  ///< False: the connection ends after the answer.
  bool chunked = false;
  bool expects_continue = false;  ///< The client waits for "100 Continue" before it sends the body.
};

/// Reads request line and headers. Every head it accepts is accepted by Boost.Beast with the same
/// method, target and fields; the fuzzer holds the two against each other.
///
/// @param text  From the request line to the empty line, both included; kHttpBodyPadding more bytes
///              are readable.
/// @param out   Method, path, query and headers; views of `text`. Unspecified after an error.
/// @return nullptr, or why it is malformed, for people.
[[nodiscard]] const char* read_request_head(std::string_view text, HttpRequest& out,
                                            HttpRequestHead& head);

}  // namespace firebrand
