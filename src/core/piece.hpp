#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/byte_stream.hpp"
#include "base/codec_binary.hpp"
#include "base/digest.hpp"

namespace firebrand {

/// What a module's snapshot piece is made of: described entries, each behind its length, so that a
/// later version may append fields. Included by module bodies only.

template <Described T>
void save_entry(ByteSink& sink, const T& entry) {
  std::array<std::byte, encoded_size_max<T>()> bytes;
  const std::size_t size = encode(entry, bytes.data());
  put_u32(sink, static_cast<std::uint32_t>(size));
  sink.write(std::span(bytes).first(size));
}

/// @param version  Of the piece.
template <Described T>
[[nodiscard]] bool load_entry(ByteSource& source, T& entry,
                              std::uint16_t version = kNewestVersion) {
  std::array<std::byte, encoded_size_max<T>()> bytes;
  std::uint32_t size = 0;
  if (!get_u32(source, size) || size > bytes.size()) { return false; }
  if (!source.read(std::span(bytes).first(size))) { return false; }
  const auto decoded = decode<T>(std::span<const std::byte>(bytes).first(size), version);
  if (!decoded) { return false; }
  entry = *decoded;
  return true;
}

template <class Range>
void save_entries(ByteSink& sink, const Range& entries) {
  put_u64(sink, entries.size());
  for (const auto& entry : entries) { save_entry(sink, entry); }
}

template <Described T, class Take>
[[nodiscard]] bool load_entries(ByteSource& source, Take&& take,
                                std::uint16_t version = kNewestVersion) {
  std::uint64_t count = 0;
  if (!get_u64(source, count)) { return false; }
  T entry{};
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!load_entry(source, entry, version)) { return false; }
    take(entry);
  }
  return true;
}

/// Digest share of a rarely changed entry, over its record bytes. Hot entries hash their words.
template <Described T>
[[nodiscard]] std::uint64_t entry_hash(std::uint64_t number, const T& entry) {
  std::array<std::byte, encoded_size_max<T>()> bytes;
  const std::size_t size = encode(entry, bytes.data());
  return hash_words(number, hash_bytes(std::span(bytes).first(size)));
}

}  // namespace firebrand
