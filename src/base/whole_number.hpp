#pragma once

#include <charconv>
#include <concepts>
#include <string_view>
#include <system_error>

namespace firebrand {

/// Reads the number that the whole text is, in decimal digits, behind a '-' if the type has a sign;
/// leading zeros are taken. @return false if it is none or does not fit: `out` stays as it is.
template <std::integral Number>
[[nodiscard]] bool read_whole_number(std::string_view text, Number& out) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) { return false; }
  out = number;
  return true;
}

}  // namespace firebrand
