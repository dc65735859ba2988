#include "base/crc32c.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace firebrand {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::byte> iscsi_bytes(int first, int step) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < 32; ++i) { bytes.push_back(static_cast<std::byte>(first + step * i)); }
  return bytes;
}

// RFC 3720, B.4, read as little-endian words, and the check value every CRC catalogue lists.
TEST(Crc32c, KnownVectors) {
  struct Row {
    std::vector<std::byte> bytes;
    std::uint32_t want;
  };
  const std::string_view digits = "123456789";
  const Row rows[] = {
      {{}, 0x00000000},
      {{bytes_of(digits).begin(), bytes_of(digits).end()}, 0xE3069283},
      {iscsi_bytes(0x00, 0), 0x8A9136AA},
      {iscsi_bytes(0xFF, 0), 0x62A8AB43},
      {iscsi_bytes(0x00, 1), 0x46DD794E},
      {iscsi_bytes(0x1F, -1), 0x113FDB5C},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(crc32c(row.bytes), row.want);
    EXPECT_EQ(crc32c_by_table(row.bytes), row.want);
  }
}

// Lengths around the three-lane stretch, every alignment of start and end.
TEST(Crc32c, InstructionAndTableAgreeAtEveryLengthAndAlignment) {
  std::vector<std::byte> bytes(3 * 3072 + 40);
  std::uint32_t value = 1;
  for (std::byte& byte : bytes) {
    value = value * 1664525 + 1013904223;
    byte = static_cast<std::byte>(value >> 24);
  }
  const std::span<const std::byte> all(bytes);
  for (const std::size_t around : {std::size_t{0}, std::size_t{3072}, std::size_t{6144}}) {
    for (std::size_t start = 0; start < 9; ++start) {
      for (std::size_t more = 0; more < 20; ++more) {
        const auto part = all.subspan(start, around + more);
        ASSERT_EQ(crc32c(part), crc32c_by_table(part)) << start << " " << around + more;
      }
    }
  }
}

RC_GTEST_PROP(Crc32cProperty, GoesOnFromTheChecksumOfTheBytesBefore,
              (const std::vector<std::uint8_t>& data)) {
  const auto bytes = std::as_bytes(std::span(data));
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, data.size() + 1);
  RC_ASSERT(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))) == crc32c(bytes));
}

}  // namespace
}  // namespace firebrand
