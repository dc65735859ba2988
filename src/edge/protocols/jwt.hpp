#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/protocols/jwks.hpp"

namespace firebrand {

inline constexpr std::size_t kJwtBytesMax = 8 * 1024;

/// Why a token is not believed. The names are a part of the API.
enum class JwtError : std::uint8_t {
  token_malformed,        ///< Not three parts, not base64url, not JSON, a member twice.
  algorithm_not_allowed,  ///< None of RS256, ES256 and EdDSA.
  type_not_allowed,       ///< `typ` says that it is something else than a JWT.
  extension_unknown,      ///< `crit` asks for what is not understood.
  key_unknown,            ///< No key with its `kid` and algorithm.
  signature_wrong,
  issuer_wrong,
  audience_wrong,
  claim_malformed,  ///< A claim that is needed is missing, or one has another form.
  expired,
  not_yet_valid,  ///< `nbf` or `iat` lies ahead.
};

/// Which claim says what of a person; empty: none does.
struct ClaimNames {
  std::string person = "sub";
  std::string groups{};
  std::string region{};
  std::string channel{};
  std::string member_since{};
  std::string household{};
  std::string address{};
  std::string risk{};

  friend bool operator==(const ClaimNames&, const ClaimNames&) = default;
};

/// What a token must be to be believed.
struct JwtRules {
  std::string issuer{};
  std::vector<std::string> audiences{};  ///< The token is for one of them.
  std::chrono::seconds skew{60};         ///< How far the issuer's clock may be from ours.
  ClaimNames names{};
};

/// What a token says of a person. Absent: empty, zero.
struct TokenClaims {
  std::string person{};
  std::vector<std::string> groups{};
  std::string region{};
  std::string channel{};
  std::optional<Timestamp> member_since{};
  std::string household{};
  std::string address{};
  std::int64_t risk = 0;
};

/// A signed JWT in compact form (RFC 7515, RFC 7519), against these keys. Nothing of its claims is
/// read before its signature is good.
[[nodiscard]] Expected<TokenClaims, JwtError> read_jwt(std::string_view token, const Jwks& keys,
                                                       const JwtRules& rules, Timestamp now);

/// For tests: a token in compact form.
[[nodiscard]] std::string make_jwt(const SignatureKey& key, std::string_view header,
                                   std::string_view payload);

}  // namespace firebrand
