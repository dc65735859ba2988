#include "base/id_text.hpp"

#include <array>
#include <charconv>

#include "base/char_sink.hpp"

namespace firebrand {

std::optional<std::uint64_t> parse_id_number(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size() + 2 || !text.starts_with(prefix) || text[prefix.size()] != '_') {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(prefix.size() + 1);
  if (digits.front() < '1' || digits.front() > '9') { return std::nullopt; }
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stopped != end) { return std::nullopt; }
  return number;
}

Text<48> format_id_number(std::uint64_t number, std::string_view prefix) {
  std::array<char, 48> room;
  CharSink sink{std::span<char>(room)};
  sink.put(prefix);
  sink.put('_');
  sink.put_decimal(number);
  FB_ASSERT(!sink.overflowed());
  return {sink.view()};
}

}  // namespace firebrand
