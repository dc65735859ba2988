#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/access/access.hpp"
#include "edge/api/credentials.hpp"

namespace firebrand {

/// Room for a code as people type it, with blanks.
inline constexpr std::size_t kTypedCodeBytesMax = 32;

/// A code that was made with a member's second factor; one of both numbers is not zero.
struct FactorCode {
  std::uint64_t step = 0;           ///< The time step of an authenticator app's code.
  std::uint32_t recovery_code = 0;  ///< Which of the recovery codes, from 1.
  bool is_used = false;             ///< It has opened before, or one after it has.
};

/// What of the factor this is: the code that the app shows, or a recovery code, in capitals or not,
/// with blanks and dashes anywhere. Takes the same time wherever a code differs. Nothing: neither.
[[nodiscard]] std::optional<FactorCode> read_factor_code(const Credentials&, const SecondFactor&,
                                                         std::string_view typed, Timestamp now);

}  // namespace firebrand
