#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "base/id_text.hpp"
#include "base/little_endian.hpp"
#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

inline constexpr std::size_t kPaymentIdBytesMax = 64;

/// Two hashes that have nothing to do with each other: a payment taken for another one would be
/// money lost from view. REQUIRES: at most kPaymentIdBytesMax bytes.
[[nodiscard]] inline Bytes<16> payment_hash(std::string_view payment_id) {
  FB_ASSERT(payment_id.size() <= kPaymentIdBytesMax);
  std::array<std::byte, 1 + kPaymentIdBytesMax> salted{std::byte{1}};
  std::memcpy(salted.data() + 1, payment_id.data(), payment_id.size());
  const std::uint64_t low = hash_bytes(std::as_bytes(std::span(payment_id)));
  const std::uint64_t high = hash_bytes(std::span(salted).first(1 + payment_id.size()));
  Bytes<16> hash;
  store_le(reinterpret_cast<std::byte*>(hash.data.data()), low);
  store_le(reinterpret_cast<std::byte*>(hash.data.data() + 8), high);
  return hash;
}

[[nodiscard]] inline std::uint64_t payment_index_hash(const Bytes<16>& id_hash) {
  return load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(id_hash.data.data()));
}

/// Of what the seller owes on top of a reservation's deposit: "penalty:rsv_7". No provider has it.
[[nodiscard]] inline Text<kPaymentIdBytesMax> penalty_id(ReservationId id) {
  constexpr std::string_view kPrefix = "penalty:";
  const Text<48> number = format_id(id);
  std::array<char, kPrefix.size() + 48> text;
  std::memcpy(text.data(), kPrefix.data(), kPrefix.size());
  std::memcpy(text.data() + kPrefix.size(), number.view().data(), number.size());
  return std::string_view(text.data(), kPrefix.size() + number.size());
}

}  // namespace firebrand
