#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace firebrand {
namespace {

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
}

TEST(Utf8, TakesEveryScalarValueAndNoSurrogate) {
  for (char32_t point = 0; point < 0x110100; ++point) {
    std::string text;
    append_utf8(text, point);
    const bool is_scalar = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    ASSERT_EQ(is_utf8(text), is_scalar) << static_cast<std::uint32_t>(point);
    if (is_scalar && point >= 0x80) {
      ASSERT_FALSE(is_utf8(std::string_view(text).substr(0, text.size() - 1)));
      ASSERT_FALSE(is_utf8(std::string_view(text).substr(1)));
    }
  }
}

TEST(Utf8, RefusesMalformedBytesWhereverTheyStand) {
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                          "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF5\x80\x80\x80", "\xFF",
                          "\xC2\x41", "\xE2\x82\x41", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t after = 0; after < 10; ++after) {
        EXPECT_FALSE(is_utf8(std::string(before, 'a') + bad + std::string(after, 'b')));
      }
    }
  }
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("第一批，三十万台 – 1 999,00 ¥ 🔥 to the end"));
}

}  // namespace
}  // namespace firebrand
