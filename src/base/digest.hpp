#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "base/types.hpp"

namespace firebrand {

namespace digest_detail {

/// The first 512 bits of the fraction of pi: nothing chosen by us. Changing one changes every
/// digest ever noted, so they are part of the format.
inline constexpr std::array<std::uint64_t, 8> kSalt = {
    0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89,
    0x452821E638D01377, 0xBE5466CF34E90C6C, 0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917};

/// Both halves of the 128-bit product in one word. The operands are added back, so that a zero on
/// one side does not swallow the other.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  const std::uint64_t folded =
      static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  return folded ^ (a + (b << 32 | b >> 32));
}

/// Pairs of words are folded side by side with a salt of their place, eight words a round; the
/// rounds and the length are chained. `word_at(i)` gives word i, 0 to count - 1.
template <class WordAt>
constexpr std::uint64_t hash(std::size_t count, std::uint64_t length, WordAt word_at) {
  const auto chain = [](std::uint64_t before, std::uint64_t sum) {
    return fold(before ^ kSalt[0], sum ^ kSalt[5]);
  };
  const auto pair = [&](std::size_t i, std::size_t place) {
    return fold(word_at(i + place) ^ kSalt[place], word_at(i + place + 1) ^ kSalt[place + 1]);
  };
  std::uint64_t chained = length;
  std::size_t i = 0;
  for (; i + 8 < count; i += 8) {
    chained = chain(chained, pair(i, 0) + pair(i, 2) + pair(i, 4) + pair(i, 6));
  }
  std::uint64_t sum = 0;  // The last round: 1 to 8 words, or none at all.
  std::size_t place = 0;
  for (; i + place + 1 < count; place += 2) { sum += pair(i, place); }
  if (i + place < count) { sum += fold(word_at(i + place) ^ kSalt[place], kSalt[place + 1]); }
  return chain(chained, sum);
}

template <class Value>
constexpr std::uint64_t to_word(const Value& value) {
  if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
    return static_cast<std::uint64_t>(value);
  } else if constexpr (requires { value.time_since_epoch(); }) {
    return static_cast<std::uint64_t>(value.time_since_epoch().count());
  } else if constexpr (requires { value.count(); }) {
    return static_cast<std::uint64_t>(value.count());
  } else {
    return static_cast<std::uint64_t>(value.value);
  }
}

}  // namespace digest_detail

/// 64-bit hash, the same on every machine, compiler and build; not against an adversary.
/// The number of words counts: {1} and {1, 0} differ.
[[nodiscard]] constexpr std::uint64_t hash_words(std::span<const std::uint64_t> words) {
  return digest_detail::hash(words.size(), words.size(), [&](std::size_t i) { return words[i]; });
}

template <class Value>
concept Hashable = std::integral<Value> || std::is_enum_v<Value> || requires(const Value& value) {
  { value.value } -> std::convertible_to<std::uint64_t>;
} || std::same_as<Value, Timestamp> || std::same_as<Value, Millis>;

/// The same over integers, enums, ids and times: `hash_words(order.order_id, order.state)`.
/// Negative numbers are sign-extended. About 2 ns for five words.
template <Hashable... Values>
[[nodiscard]] constexpr std::uint64_t hash_words(const Values&... values) {
  const std::array<std::uint64_t, sizeof...(Values)> words = {digest_detail::to_word(values)...};
  return hash_words(std::span<const std::uint64_t>(words));
}

/// 64-bit hash of bytes with their length, read as little-endian words.
[[nodiscard]] std::uint64_t hash_bytes(std::span<const std::byte> bytes) noexcept;

/// Digest of a set of entries, kept up to date one entry at a time: equal sets have equal digests
/// in whatever order they grew. A module adds the hash of an entry when it appears, and replaces
/// it when the entry changes; the hash must cover the entry's key and a word of its kind.
class Digest {
 public:
  constexpr void add(std::uint64_t entry_hash) { sum_ += entry_hash; }
  constexpr void remove(std::uint64_t entry_hash) { sum_ -= entry_hash; }
  constexpr void replace(std::uint64_t before, std::uint64_t after) { sum_ += after - before; }
  [[nodiscard]] constexpr std::uint64_t value() const { return sum_; }

  friend constexpr bool operator==(const Digest&, const Digest&) = default;

 private:
  std::uint64_t sum_ = 0;  ///< Modulo 2^64, so that order does not matter and removal is exact.
};

}  // namespace firebrand
