#include "edge/api/code_text.hpp"

#include <string>

#include "base/assert.hpp"
#include "base/little_endian.hpp"
#include "core/launch/code_commands.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kPlaceDigits = 9;
constexpr std::size_t kGroup = 6;
constexpr std::size_t kMacDigits = kCodeDigits - kPlaceDigits;

using Digits = std::array<std::uint8_t, kCodeDigits>;

/// The value of a digit; 32 if it is none.
std::uint8_t value_of(char c) {
  if (c >= 'a' && c <= 'z') { c = static_cast<char>(c - 'a' + 'A'); }
  if (c == 'O') { c = '0'; }
  if (c == 'I' || c == 'L') { c = '1'; }
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? 32 : static_cast<std::uint8_t>(at);
}

std::optional<Digits> read_digits(std::string_view text) {
  Digits digits{};
  std::size_t count = 0;
  for (const char c : text) {
    if (c == '-' || c == ' ') { continue; }
    const std::uint8_t value = value_of(c);
    if (value == 32 || count == kCodeDigits) { return std::nullopt; }
    digits[count++] = value;
  }
  if (count != kCodeDigits) { return std::nullopt; }
  return digits;
}

CodeText text_of(const Digits& digits) {
  std::string text;
  for (std::size_t i = 0; i < kCodeDigits; ++i) {
    if (i != 0 && i % kGroup == 0) { text += '-'; }
    text += kDigits[digits[i]];
  }
  return std::string_view(text);
}

}  // namespace

std::array<unsigned char, 12> code_message(const CodePlace& place) {
  std::array<unsigned char, 12> message{};
  store_le(reinterpret_cast<std::byte*>(message.data()), place.code_batch_id.value);
  store_le(reinterpret_cast<std::byte*>(message.data() + 8), place.code_index);
  return message;
}

CodeText format_code(const CodePlace& place, const CodeMac& mac) {
  FB_ASSERT(place.code_batch_id.value <= kCodeBatchesMax);
  FB_ASSERT(place.code_index <= kCodesPerBatchMax);
  Digits digits{};
  const std::uint64_t head = (place.code_batch_id.value << 24U | place.code_index) << 1U;
  for (std::size_t i = 0; i < kPlaceDigits; ++i) {
    digits[i] = static_cast<std::uint8_t>(head >> (5 * (kPlaceDigits - 1 - i)) & 31U);
  }
  for (std::size_t i = 0; i < kMacDigits; ++i) {
    std::uint8_t digit = 0;
    for (std::size_t bit = 5 * i; bit < 5 * i + 5; ++bit) {
      const unsigned one = mac[bit / 8] >> (7 - bit % 8) & 1U;
      digit = static_cast<std::uint8_t>(static_cast<unsigned>(digit) << 1U | one);
    }
    digits[kPlaceDigits + i] = digit;
  }
  return text_of(digits);
}

std::optional<CodePlace> read_code_place(std::string_view text) {
  const auto digits = read_digits(text);
  if (!digits) { return std::nullopt; }
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < kPlaceDigits; ++i) { head = head << 5U | (*digits)[i]; }
  if ((head & 1U) != 0) { return std::nullopt; }
  const CodePlace place{{head >> 25U}, static_cast<std::uint32_t>(head >> 1U & kCodesPerBatchMax)};
  if (place.code_batch_id.value == 0) { return std::nullopt; }
  return place;
}

std::optional<CodeText> normal_code(std::string_view text) {
  const auto digits = read_digits(text);
  if (!digits) { return std::nullopt; }
  return text_of(*digits);
}

}  // namespace firebrand
