#pragma once

#include <cstdint>
#include <map>

#include "base/byte_stream.hpp"
#include "base/digest.hpp"
#include "base/types.hpp"
#include "core/launch/standing.hpp"

namespace firebrand {

/// Household and address keys of orders and of people in a draw, where the drop has such limits and
/// the shop gave a key: what their limits are counted by must be found again when units come back.
///
/// An entry is 64 bytes. That of an order ends with the right it was counted for: when the order is
/// cancelled, expires, is returned whole or archived; so there are at most kOrdersMax. That of
/// somebody in a draw ends when the person leaves, is excluded, passed over or gets a unit, else
/// with the draw's entry (Draws): at most kDrawEntriesMax. A drop without such limits, or a person
/// without such keys, has none.
class BuyerKeys {
 public:
  /// Nothing is kept of keys that are none. REQUIRES: none are kept of it.
  void keep(OrderId, const SharedKeys&);
  /// None if none are kept.
  [[nodiscard]] SharedKeys of(OrderId) const;
  void end(OrderId);

  /// The same of an entry of draws, by its place in them.
  void keep_entry(std::uint32_t slot, const SharedKeys&);
  [[nodiscard]] SharedKeys of_entry(std::uint32_t slot) const;
  void end_entry(std::uint32_t slot);

  [[nodiscard]] std::size_t orders() const { return orders_.size(); }
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  using Table = std::map<std::uint64_t, SharedKeys>;
  void keep(Table&, std::uint64_t number, const SharedKeys&);
  void end(Table&, std::uint64_t number);
  [[nodiscard]] std::uint64_t share_of(const Table&, std::uint64_t number, const SharedKeys&) const;
  [[nodiscard]] bool load(ByteSource&, Table&);

  Table orders_;
  Table entries_;
  Digest digest_;
};

}  // namespace firebrand
