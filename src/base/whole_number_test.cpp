#include "base/whole_number.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace firebrand {
namespace {

template <class Number>
std::optional<Number> read(std::string_view text) {
  Number number = 42;
  if (read_whole_number(text, number)) { return number; }
  EXPECT_EQ(number, 42) << text;
  return std::nullopt;
}

TEST(WholeNumber, IsAllOfTheText) {
  EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(read<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(read<std::uint16_t>("007"), 7);
  for (const char* const text : {"", " 1", "1 ", "+1", "1.5", "0x1", "1e3", "-", "one"}) {
    EXPECT_FALSE(read<std::int64_t>(text)) << text;
  }
}

TEST(WholeNumber, FitsItsType) {
  EXPECT_FALSE(read<std::uint16_t>("65536"));
  EXPECT_FALSE(read<std::uint64_t>("18446744073709551616"));
  EXPECT_FALSE(read<std::int64_t>("9223372036854775808"));
  EXPECT_FALSE(read<std::uint64_t>("-1"));
}

}  // namespace
}  // namespace firebrand
