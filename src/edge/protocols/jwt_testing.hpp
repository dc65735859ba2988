#pragma once

#include <string>
#include <string_view>

#include "edge/protocols/jwt.hpp"

/// Tokens of a shop's sign-in, for tests only.
namespace firebrand {

inline constexpr std::int64_t kTokenSeconds = 1'795'824'000;
inline constexpr std::string_view kTokenIssuer = "https://id.shop.example";
inline constexpr std::string_view kTokenAudience = "firebrand-shop";

inline Timestamp token_time(std::int64_t seconds = kTokenSeconds) {
  return from_unix_ms(seconds * 1'000);
}

inline JwtRules token_rules() {
  return {.issuer = std::string(kTokenIssuer),
          .audiences = {std::string(kTokenAudience)},
          .names = {.groups = "groups",
                    .region = "region",
                    .channel = "channel",
                    .member_since = "member_since",
                    .household = "household",
                    .address = "address",
                    .risk = "risk"}};
}

inline std::string token_header(const SignatureKey& key, std::string_view kid = "k1",
                                std::string_view more = "") {
  return R"({"alg":")" + std::string(jose_name(key.algorithm())) + R"(","kid":")" +
         std::string(kid) + "\"" + std::string(more) + "}";
}

/// Claims of a good token; `more` begins with a comma.
inline std::string token_payload(std::string_view more = "") {
  return R"({"iss":")" + std::string(kTokenIssuer) + R"(","aud":")" + std::string(kTokenAudience) +
         R"(","sub":"user-1","iat":)" + std::to_string(kTokenSeconds) + R"(,"exp":)" +
         std::to_string(kTokenSeconds + 300) + std::string(more) + "}";
}

}  // namespace firebrand
