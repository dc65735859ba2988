#include "base/byte_stream.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace firebrand {
namespace {

TEST(ByteStream, FieldsComeBackInOrder) {
  MemorySink sink;
  put_u8(sink, 0xAB);
  put_u32(sink, 0x0102'0304);
  put_u64(sink, 0x0102'0304'0506'0708);
  put_i64(sink, std::numeric_limits<std::int64_t>::min());
  ASSERT_EQ(sink.bytes().size(), 1U + 4U + 8U + 8U);
  EXPECT_EQ(sink.bytes()[1], std::byte{0x04});  // Little-endian.

  MemorySource source(sink.bytes());
  std::uint8_t u8 = 0;
  std::uint32_t u32 = 0;
  std::uint64_t u64 = 0;
  std::int64_t i64 = 0;
  ASSERT_TRUE(get_u8(source, u8) && get_u32(source, u32) && get_u64(source, u64) &&
              get_i64(source, i64));
  EXPECT_EQ(u8, 0xAB);
  EXPECT_EQ(u32, 0x0102'0304U);
  EXPECT_EQ(u64, 0x0102'0304'0506'0708U);
  EXPECT_EQ(i64, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(source.bytes_left(), 0U);
}

TEST(ByteStream, AFieldThatIsCutShortIsNotRead) {
  const std::vector<std::byte> bytes(7);
  MemorySource source(bytes);
  std::uint64_t value = 42;
  EXPECT_FALSE(get_u64(source, value));
  EXPECT_EQ(value, 42U);
  EXPECT_EQ(source.bytes_left(), 7U);
}

}  // namespace
}  // namespace firebrand
