#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace firebrand {

static_assert(std::endian::native == std::endian::little,
              "stored bytes are little-endian and are copied as they lie; other machines need a "
              "byte swap here");

/// The integer whose little-endian bytes start at `bytes`, aligned or not.
/// REQUIRES: sizeof(T) readable bytes.
template <std::integral T>
[[nodiscard]] inline T load_le(const std::byte* bytes) noexcept {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// REQUIRES: sizeof(T) writable bytes.
template <std::integral T>
inline void store_le(std::byte* bytes, T value) noexcept {
  std::memcpy(bytes, &value, sizeof value);
}

}  // namespace firebrand
