#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "edge/protocols/signature_key.hpp"

namespace firebrand {

inline constexpr std::size_t kJwksBytesMax = 64 * 1024;
inline constexpr std::size_t kJwksKeysMax = 64;

/// A public key of who signs tokens.
struct Jwk {
  std::string kid{};  ///< Empty: it has none.
  SignatureKey key;
};

using Jwks = std::vector<Jwk>;

/// A set of keys (RFC 7517). Keys of other kinds, for other uses or too weak are passed over; a set
/// without a key for us, or with a private key in it, is an error.
/// @return the message for the operator on failure.
[[nodiscard]] Expected<Jwks, std::string> read_jwks(std::string_view json);

}  // namespace firebrand
