#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Signatures as Standard Webhooks 1.0 wants them: HMAC-SHA-256 over id, time and body.
namespace firebrand {

/// "v1,<base64>"
/// @param secret  "whsec_" and the base64 of its bytes.  @param id  Of the event; without a dot.
[[nodiscard]] std::string sign_webhook(std::string_view secret, std::string_view id,
                                       std::int64_t unix_seconds, std::string_view body);

/// Value of `webhook-signature`: one for each secret, the newest first.
[[nodiscard]] std::string webhook_signatures(const std::vector<std::string>& secrets,
                                             std::string_view id, std::int64_t unix_seconds,
                                             std::string_view body);

}  // namespace firebrand
