#include "edge/api/second_factor.hpp"

#include <string>

#include "edge/protocols/crypto.hpp"
#include "edge/protocols/totp.hpp"

namespace firebrand {

namespace {

/// Letters and digits alone, in capitals.
std::string plain(std::string_view typed) {
  std::string text;
  for (const char c : typed) {
    if (c == ' ' || c == '-') { continue; }
    text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

}  // namespace

std::optional<FactorCode> read_factor_code(const Credentials& credentials,
                                           const SecondFactor& factor, std::string_view typed,
                                           Timestamp now) {
  const std::string text = plain(typed);
  const std::string secret = credentials.totp_secret(factor.staff_id, factor.version);
  if (const auto step = find_totp_step(secret, text, now)) {
    return FactorCode{.step = *step, .is_used = *step <= factor.last_step};
  }
  std::optional<FactorCode> found;
  for (std::uint32_t number = 1; number <= kRecoveryCodes; ++number) {
    const RecoveryCode code = credentials.recovery_code(factor.staff_id, factor.version, number);
    if (equal_in_constant_time(plain(code.view()), text)) {
      const bool is_used = ((factor.used_recovery_codes >> (number - 1)) & 1U) != 0;
      found = FactorCode{.recovery_code = number, .is_used = is_used};
    }
  }
  return found;
}

}  // namespace firebrand
