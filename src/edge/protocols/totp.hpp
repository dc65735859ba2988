#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.hpp"

/// One-time codes of an authenticator app (RFC 6238): HMAC-SHA-1, 6 digits, steps of 30 seconds,
/// which is what every such app knows.
namespace firebrand {

inline constexpr std::size_t kTotpSecretBytes = 20;
inline constexpr std::size_t kTotpDigits = 6;

/// RFC 4648, capital letters, no padding.
[[nodiscard]] std::string to_base32(std::string_view bytes);

/// Six digits.
[[nodiscard]] std::string totp_code(std::string_view secret, std::uint64_t step);
/// REQUIRES: not before 1970.
[[nodiscard]] std::uint64_t totp_step(Timestamp now);
/// Which step this is the code of: that of `now`, or one beside it, for clocks that differ and
/// people who type slowly. Takes the same time wherever a code differs. Nothing: of none.
[[nodiscard]] std::optional<std::uint64_t> find_totp_step(std::string_view secret,
                                                          std::string_view code, Timestamp now);

/// What an authenticator app reads from a QR code.
[[nodiscard]] std::string totp_uri(std::string_view issuer, std::string_view login,
                                   std::string_view secret);

}  // namespace firebrand
