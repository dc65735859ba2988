#include "base/crc32c.hpp"

#include <array>

#include "base/little_endian.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace firebrand {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits reversed.

using ByteTable = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b does to the checksum when k more zero bytes follow it.
constexpr std::array<ByteTable, 8> kTables = [] {
  std::array<ByteTable, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) { crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0); }
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}();

#if defined(__x86_64__)

// The crc32 instruction takes one word a cycle but answers after three, so three lanes that lie
// one after the other run side by side and are joined at the end of each stretch.
constexpr std::size_t kLaneBytes = 1024;

/// A checksum moved over kLaneBytes zero bytes, looked up byte by byte. The move is linear, so it
/// is known from what it does to each of the 32 bits.
constexpr std::array<ByteTable, 4> kLaneShift = [] {
  std::array<std::uint32_t, 32> move{};  // One zero bit.
  move[0] = kPolynomial;
  for (std::size_t bit = 1; bit < 32; ++bit) { move[bit] = std::uint32_t{1} << (bit - 1); }
  const auto apply = [](const std::array<std::uint32_t, 32>& matrix, std::uint32_t crc) {
    std::uint32_t moved = 0;
    for (std::size_t bit = 0; crc != 0; ++bit, crc >>= 1) {
      if ((crc & 1) != 0) { moved ^= matrix[bit]; }
    }
    return moved;
  };
  for (std::size_t bits = 1; bits < kLaneBytes * 8; bits *= 2) {
    std::array<std::uint32_t, 32> twice{};
    for (std::size_t bit = 0; bit < 32; ++bit) { twice[bit] = apply(move, move[bit]); }
    move = twice;
  }
  std::array<ByteTable, 4> shift{};
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      shift[k][byte] = apply(move, byte << 8 * k);
    }
  }
  return shift;
}();

std::uint64_t shift_by_lane(std::uint64_t crc) {
  return kLaneShift[0][crc & 0xFF] ^ kLaneShift[1][(crc >> 8) & 0xFF] ^
         kLaneShift[2][(crc >> 16) & 0xFF] ^ kLaneShift[3][(crc >> 24) & 0xFF];
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(
    std::span<const std::byte> bytes, std::uint32_t seed) {
  const std::byte* next = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = ~seed;
  while (left >= 3 * kLaneBytes) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (const std::byte* const end = next + kLaneBytes; next != end; next += 8) {
      crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(next));
      second = _mm_crc32_u64(second, load_le<std::uint64_t>(next + kLaneBytes));
      third = _mm_crc32_u64(third, load_le<std::uint64_t>(next + 2 * kLaneBytes));
    }
    crc = shift_by_lane(shift_by_lane(crc) ^ second) ^ third;
    next += 2 * kLaneBytes;
    left -= 3 * kLaneBytes;
  }
  for (; left >= 8; next += 8, left -= 8) {
    crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(next));
  }
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++next, --left) {
    narrow = _mm_crc32_u8(narrow, std::to_integer<std::uint8_t>(*next));
  }
  return ~narrow;
}

#endif

}  // namespace

std::uint32_t crc32c_by_table(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  const std::byte* next = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t crc = ~seed;
  for (; left >= 8; next += 8, left -= 8) {
    const std::uint64_t word = load_le<std::uint64_t>(next) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) { crc ^= kTables[7 - k][(word >> 8 * k) & 0xFF]; }
  }
  for (; left > 0; ++next, --left) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(*next)) & 0xFF];
  }
  return ~crc;
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) { return crc32c_by_instruction(bytes, seed); }
#endif
  return crc32c_by_table(bytes, seed);
}

}  // namespace firebrand
