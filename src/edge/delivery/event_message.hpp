#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/webhooks.hpp"

/// CloudEvents 1.0 over HTTP: what is posted for events, in the mode of their endpoint.
namespace firebrand {

struct EventMessage {
  std::vector<std::string> headers;  ///< "name: value": of the content, and what binary mode adds.
  std::string body;
};

/// @param events  Each a CloudEvent in structured JSON, as make_event() writes it; one, unless the
///                mode is batch.
[[nodiscard]] EventMessage make_event_message(WebhookMode mode,
                                              std::span<const std::string_view> events);

}  // namespace firebrand
