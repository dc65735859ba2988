#pragma once

#include <array>
#include <string_view>

namespace firebrand {

/// A refusal of the server itself, before there is a request to find a route for. Codes and titles
/// are those of the API's catalogue, which holds them to it when it is compiled.
struct HttpRefusal {
  int status;
  std::string_view code;
  std::string_view title;  ///< English: what language is wanted nobody knows yet.
};
inline constexpr HttpRefusal kMalformed{400, "malformed", "The request is malformed"};
inline constexpr HttpRefusal kRequestTimeout{408, "request_timeout", "The request took too long"};
inline constexpr HttpRefusal kPayloadTooLarge{413, "payload_too_large", "The body is too large"};
inline constexpr HttpRefusal kUriTooLong{414, "uri_too_long", "The address is too long"};
inline constexpr HttpRefusal kHeadersTooLarge{431, "headers_too_large",
                                              "The headers are too large"};
inline constexpr HttpRefusal kOverloaded{503, "overloaded", "Too busy right now"};

inline constexpr std::array kHttpRefusals = {kMalformed,  kRequestTimeout,  kPayloadTooLarge,
                                             kUriTooLong, kHeadersTooLarge, kOverloaded};

}  // namespace firebrand
