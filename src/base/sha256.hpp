#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/text.hpp"

namespace firebrand {

/// A SHA-256 digest (FIPS 180-4).
using Hash256 = Bytes<32>;

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
[[nodiscard]] inline std::span<const std::byte> bytes_of(const Hash256& hash) {
  return std::as_bytes(std::span(hash.data));
}

/// Of the pieces one after another, as if they were one text. About 0.3 µs for 64 bytes.
[[nodiscard]] Hash256 sha256(std::initializer_list<std::span<const std::byte>> pieces);

/// HMAC-SHA-256 (RFC 2104) of a message under a key. About 1 µs for 64 bytes.
[[nodiscard]] Hash256 hmac_sha256(const Hash256& key, std::span<const std::byte> message);

}  // namespace firebrand
