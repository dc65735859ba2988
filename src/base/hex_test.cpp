#include "base/hex.hpp"

#include <gtest/gtest.h>

#include <array>

namespace firebrand {
namespace {

TEST(Hex, GoesBothWays) {
  const std::array<std::uint8_t, 4> bytes = {0x00, 0x0A, 0xF0, 0xFF};
  EXPECT_EQ(to_hex(bytes), "000af0ff");
  std::array<std::uint8_t, 4> read{};
  EXPECT_TRUE(from_hex("000aF0fF", read));
  EXPECT_EQ(read, bytes);
}

TEST(Hex, RefusesTheRest) {
  std::array<std::uint8_t, 2> read{};
  for (const char* text : {"", "000", "00000", "000000", "00g0", "0x00", " 000", "00:0", "00`0"}) {
    EXPECT_FALSE(from_hex(text, read)) << text;
  }
}

}  // namespace
}  // namespace firebrand
