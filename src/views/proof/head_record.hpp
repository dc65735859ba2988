#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "base/sha256.hpp"
#include "log/record.hpp"

namespace firebrand {

/// A published head as it is kept: 72 bytes in the file of heads, written after everything that it
/// stands over is synced. Its signature is made again: it is the same.
struct HeadRecord {
  static constexpr std::size_t kBytes = 72;
  static constexpr std::uint32_t kMagic = 0x3148'4246;  // "FBH1"

  std::uint64_t size = 0;
  std::uint64_t leaf_bytes = 0;
  log::Position cursor{};         ///< All facts up to here are told.
  std::int64_t published_ms = 0;  ///< The stamp of the last of them.
  Hash256 root{};

  using Stored = std::array<std::byte, kBytes>;

  [[nodiscard]] Stored encode() const {
    Stored bytes{};
    store_le(bytes.data(), kMagic);
    store_le(bytes.data() + 8, size);
    store_le(bytes.data() + 16, leaf_bytes);
    store_le(bytes.data() + 24, log::pack(cursor));
    store_le(bytes.data() + 32, published_ms);
    std::memcpy(bytes.data() + 40, root.data.data(), root.data.size());
    store_le(bytes.data() + 4, crc32c(std::span(bytes).subspan(8)));
    return bytes;
  }
  /// Nothing if it was torn or damaged.
  [[nodiscard]] static std::optional<HeadRecord> decode(const Stored& bytes) {
    if (load_le<std::uint32_t>(bytes.data()) != kMagic ||
        load_le<std::uint32_t>(bytes.data() + 4) != crc32c(std::span(bytes).subspan(8))) {
      return std::nullopt;
    }
    HeadRecord head{.size = load_le<std::uint64_t>(bytes.data() + 8),
                    .leaf_bytes = load_le<std::uint64_t>(bytes.data() + 16),
                    .cursor = log::unpack(load_le<std::uint64_t>(bytes.data() + 24)),
                    .published_ms = load_le<std::int64_t>(bytes.data() + 32)};
    std::memcpy(head.root.data.data(), bytes.data() + 40, head.root.data.size());
    return head;
  }
};

}  // namespace firebrand
