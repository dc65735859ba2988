#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace firebrand {

/// CRC-32C (Castagnoli), the checksum of every stored record. Source: RFC 3720, appendix B.4.
///
/// @param seed  The checksum of the bytes before: crc32c(b, crc32c(a)) == crc32c(a then b).
///
/// Uses the SSE4.2 instruction where the processor has it, a table otherwise; same answer.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes,
                                   std::uint32_t seed = 0) noexcept;

/// The table form alone: what crc32c() falls back to, public so that a test can compare the two.
[[nodiscard]] std::uint32_t crc32c_by_table(std::span<const std::byte> bytes,
                                            std::uint32_t seed = 0) noexcept;

}  // namespace firebrand
