#include "base/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace firebrand {

bool is_utf8(std::string_view text) noexcept {
  const char* next = text.data();
  const char* const end = next + text.size();
  const auto byte_at = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(next[i]); };
  const auto is_trail = [&](std::ptrdiff_t i) { return (byte_at(i) & 0xC0) == 0x80; };
  while (next != end) {
    std::uint64_t word = 0;
    if (end - next >= 8) {
      std::memcpy(&word, next, 8);
      if ((word & 0x8080808080808080) == 0) {
        next += 8;
        continue;
      }
    }
    const unsigned char lead = byte_at(0);
    const std::ptrdiff_t left = end - next;
    if (lead < 0x80) {
      next += 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
      if (left < 2 || !is_trail(1)) { return false; }
      next += 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      if (left < 3 || !is_trail(1) || !is_trail(2)) { return false; }
      if (lead == 0xE0 && byte_at(1) < 0xA0) { return false; }  // Overlong.
      if (lead == 0xED && byte_at(1) > 0x9F) { return false; }  // Surrogates.
      next += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      if (left < 4 || !is_trail(1) || !is_trail(2) || !is_trail(3)) { return false; }
      if (lead == 0xF0 && byte_at(1) < 0x90) { return false; }  // Overlong.
      if (lead == 0xF4 && byte_at(1) > 0x8F) { return false; }  // Beyond U+10FFFF.
      next += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace firebrand
