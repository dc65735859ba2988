#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace firebrand {

/// Writes the low bytes of `value`, the highest first: as many as `out` has. For what others
/// compute again by a documented format; what we store is little-endian.
inline void put_be(std::span<std::byte> out, std::uint64_t value) noexcept {
  for (std::size_t i = out.size(); i-- > 0; value >>= 8U) {
    out[i] = static_cast<std::byte>(value);
  }
}

}  // namespace firebrand
