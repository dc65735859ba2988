#pragma once

#include <array>
#include <cstdint>

#include "base/sha256.hpp"

namespace firebrand {

/// A random order of 0 to size - 1 that is computed place by place: nothing is sorted or kept, so
/// that an order of ten million costs what an order of ten costs. Whoever has the seed can compute
/// the place of any entry again.
///
/// The swap-or-not shuffle (Hoang, Morris, Rogaway, "An Enciphering Scheme Based on a Card
/// Shuffle", CRYPTO 2012) with 90 rounds, as the Ethereum beacon chain uses it; here the bit of a
/// round is SipHash-2-4, so that a place costs 2 µs. docs/formats/waiting-room-order.md has it step
/// by step, with vectors.
class ShuffledOrder {
 public:
  static constexpr unsigned kRounds = 90;

  ShuffledOrder() = default;
  /// 30 µs.
  ShuffledOrder(const Hash256& seed, std::uint64_t size);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Where an entry stands. REQUIRES: entry < size().
  [[nodiscard]] std::uint64_t position_of(std::uint64_t entry) const;
  /// Who stands there: the other way round. REQUIRES: position < size().
  [[nodiscard]] std::uint64_t entry_at(std::uint64_t position) const;

 private:
  [[nodiscard]] std::uint64_t swapped(unsigned round, std::uint64_t index) const;

  std::uint64_t size_ = 0;
  std::array<std::uint8_t, 16> key_{};           ///< Of SipHash.
  std::array<std::uint64_t, kRounds> pivots_{};  ///< Each below size_.
};

}  // namespace firebrand
