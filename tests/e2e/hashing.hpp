#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firebrand::e2e {

/// What anybody would check a commitment with, without a line of the engine.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string to_hex(std::string_view bytes);
/// Throws unless it is hexadecimal.
[[nodiscard]] std::string from_hex(std::string_view text);
/// SHA-256 over "firebrand-commit/1", a zero byte and the secret.
[[nodiscard]] std::string commitment_of(std::string_view secret);
/// Bytes of a number, the highest first.
[[nodiscard]] std::string big_endian(std::uint64_t number, int bytes);
/// What an authenticator app with this secret, in base32, shows in a step of 30 seconds since 1970.
[[nodiscard]] std::string totp(std::string_view secret, std::uint64_t step);

}  // namespace firebrand::e2e
