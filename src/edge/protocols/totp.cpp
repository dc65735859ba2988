#include "edge/protocols/totp.hpp"

#include "base/assert.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/form.hpp"

namespace firebrand {

namespace {

constexpr std::uint64_t kStepSeconds = 30;
constexpr std::uint32_t kCodes = 1'000'000;
constexpr std::size_t kCounterBytes = 8;

}  // namespace

std::string to_base32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (count += 8; count >= 5; count -= 5) { text += kAlphabet[bits >> (count - 5) & 31U]; }
  }
  if (count > 0) { text += kAlphabet[bits << (5 - count) & 31U]; }
  return text;
}

std::string totp_code(std::string_view secret, std::uint64_t step) {
  std::string counter;
  for (std::size_t i = kCounterBytes; i-- > 0;) { counter += static_cast<char>(step >> (8 * i)); }
  const std::string mac = hmac_sha1(secret, counter);
  // RFC 4226, section 5.3: where the last half byte points, 31 bits.
  std::size_t at = static_cast<unsigned char>(mac.back()) & 15U;
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) { number = number << 8U | static_cast<unsigned char>(mac[at++]); }
  const std::string digits = std::to_string((number & 0x7FFF'FFFFU) % kCodes);
  return std::string(kTotpDigits - digits.size(), '0') + digits;
}

std::uint64_t totp_step(Timestamp now) {
  const std::int64_t milliseconds = to_unix_ms(now);
  FB_ASSERT(milliseconds >= 0);
  return static_cast<std::uint64_t>(milliseconds) / 1'000 / kStepSeconds;
}

std::optional<std::uint64_t> find_totp_step(std::string_view secret, std::string_view code,
                                            Timestamp now) {
  const std::uint64_t middle = totp_step(now);
  std::optional<std::uint64_t> found;
  for (std::uint64_t step = middle == 0 ? 0 : middle - 1; step <= middle + 1; ++step) {
    if (equal_in_constant_time(totp_code(secret, step), code)) { found = step; }
  }
  return found;
}

std::string totp_uri(std::string_view issuer, std::string_view login, std::string_view secret) {
  return "otpauth://totp/" + encode_form(login) + "?secret=" + to_base32(secret) +
         "&issuer=" + encode_form(issuer);
}

}  // namespace firebrand
