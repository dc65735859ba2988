#pragma once

#include <compare>
#include <cstdint>

#include "base/assert.hpp"
#include "base/money.hpp"
#include "base/types.hpp"

namespace firebrand {

/// Who or what a balance belongs to. The numbers live in snapshots: add new ones, never renumber.
enum class HolderKind : std::uint8_t {
  none = 0,
  // Sources: everything comes out of one of these, so they may go below zero.
  world = 1,          ///< Where units and everything else that is minted come from.
  rights_source = 2,  ///< Where purchase rights come from.
  payments = 3,       ///< Money that arrived through the payment provider.
  penalties = 4,      ///< What the seller owes on top of binding deposits, by its own default.
  // Stock.
  warehouse = 16,        ///< Free stock: in no drop.
  drop_unreleased = 17,  ///< Units of a drop whose wave is not released yet.
  wave = 18,             ///< Units of a released wave: available, or held for orders.
  sold = 19,
  // People and money.
  person = 32,
  revenue = 33,
  refunds_due = 34,
  deposits = 35,      ///< Of a drop's reservations: neither revenue nor owed back yet.
  forfeits = 36,      ///< Binding deposits that their buyers lost.
  household = 37,     ///< Those who share a household key: what they bought together in a drop.
  address = 38,       ///< The same of an address key.
  unmatched = 43,     ///< Money that fits no order: owed back until somebody says otherwise.
  refunds_sent = 44,  ///< On its way back: asked of the provider, which has not confirmed it.
  refunded = 45,      ///< Paid back.
  returned = 46,      ///< Units that buyers gave back and that are not sold again.
};

/// Whether the available balance of such a holder may be below zero.
[[nodiscard]] constexpr bool is_source(HolderKind kind) {
  return kind == HolderKind::world || kind == HolderKind::rights_source ||
         kind == HolderKind::payments || kind == HolderKind::penalties;
}

/// What a balance counts. The numbers live in snapshots: add new ones, never renumber.
enum class AssetKind : std::uint8_t {
  none = 0,
  stock = 1,       ///< Units of a SKU.
  right = 2,       ///< Rights to buy one unit in a drop.
  money = 3,       ///< Minor units of a currency.
  wave_right = 4,  ///< Rights to buy one unit in a wave that has a limit of its own.
};

namespace account_key_detail {

inline constexpr unsigned kKindShift = 56;
inline constexpr std::uint64_t kNumberMax = (std::uint64_t{1} << kKindShift) - 1;

constexpr std::uint64_t pack(std::uint8_t kind, std::uint64_t number) {
  FB_ASSERT(number <= kNumberMax);
  return std::uint64_t{kind} << kKindShift | number;
}

}  // namespace account_key_detail

/// A holder in one word: the kind in the upper 8 bits, its number (0 to 2^56 - 1) below.
struct Holder {
  std::uint64_t value = 0;

  [[nodiscard]] static constexpr Holder make(HolderKind kind, std::uint64_t number = 0) {
    return {account_key_detail::pack(static_cast<std::uint8_t>(kind), number)};
  }
  [[nodiscard]] static constexpr Holder world() { return make(HolderKind::world); }
  [[nodiscard]] static constexpr Holder rights_source() { return make(HolderKind::rights_source); }
  [[nodiscard]] static constexpr Holder payments() { return make(HolderKind::payments); }
  [[nodiscard]] static constexpr Holder penalties() { return make(HolderKind::penalties); }
  [[nodiscard]] static constexpr Holder warehouse() { return make(HolderKind::warehouse); }
  [[nodiscard]] static constexpr Holder drop_unreleased(DropId drop_id) {
    return make(HolderKind::drop_unreleased, drop_id.value);
  }
  /// @param wave  Counted from 1. REQUIRES: drop_id below 2^40.
  [[nodiscard]] static constexpr Holder wave(DropId drop_id, std::uint16_t wave) {
    FB_ASSERT(drop_id.value < std::uint64_t{1} << 40U);
    return make(HolderKind::wave, drop_id.value << 16U | wave);
  }
  [[nodiscard]] static constexpr Holder sold(DropId drop_id) {
    return make(HolderKind::sold, drop_id.value);
  }
  [[nodiscard]] static constexpr Holder person(PersonId person_id) {
    return make(HolderKind::person, person_id.value);
  }
  /// @param key  1 to 2^56 - 1.
  [[nodiscard]] static constexpr Holder household(std::uint64_t key) {
    return make(HolderKind::household, key);
  }
  [[nodiscard]] static constexpr Holder address(std::uint64_t key) {
    return make(HolderKind::address, key);
  }
  [[nodiscard]] static constexpr Holder revenue() { return make(HolderKind::revenue); }
  [[nodiscard]] static constexpr Holder refunds_due() { return make(HolderKind::refunds_due); }
  [[nodiscard]] static constexpr Holder deposits(DropId drop_id) {
    return make(HolderKind::deposits, drop_id.value);
  }
  [[nodiscard]] static constexpr Holder forfeits() { return make(HolderKind::forfeits); }
  [[nodiscard]] static constexpr Holder unmatched() { return make(HolderKind::unmatched); }
  [[nodiscard]] static constexpr Holder refunds_sent() { return make(HolderKind::refunds_sent); }
  [[nodiscard]] static constexpr Holder refunded() { return make(HolderKind::refunded); }
  [[nodiscard]] static constexpr Holder returned(DropId drop_id) {
    return make(HolderKind::returned, drop_id.value);
  }

  [[nodiscard]] constexpr HolderKind kind() const {
    return static_cast<HolderKind>(value >> account_key_detail::kKindShift);
  }
  [[nodiscard]] constexpr std::uint64_t number() const {
    return value & account_key_detail::kNumberMax;
  }
  friend constexpr auto operator<=>(const Holder&, const Holder&) = default;
};

/// An asset in one word: the kind in the upper 8 bits, its number (0 to 2^56 - 1) below.
struct Asset {
  std::uint64_t value = 0;

  [[nodiscard]] static constexpr Asset make(AssetKind kind, std::uint64_t number) {
    return {account_key_detail::pack(static_cast<std::uint8_t>(kind), number)};
  }
  [[nodiscard]] static constexpr Asset stock(SkuId sku_id) {
    return make(AssetKind::stock, sku_id.value);
  }
  [[nodiscard]] static constexpr Asset right(DropId drop_id) {
    return make(AssetKind::right, drop_id.value);
  }
  /// @param wave  Counted from 1. REQUIRES: drop_id below 2^40.
  [[nodiscard]] static constexpr Asset wave_right(DropId drop_id, std::uint16_t wave) {
    return make(AssetKind::wave_right, Holder::wave(drop_id, wave).number());
  }
  [[nodiscard]] static constexpr Asset money(Currency currency) {
    return make(AssetKind::money, currency.value);
  }

  [[nodiscard]] constexpr AssetKind kind() const {
    return static_cast<AssetKind>(value >> account_key_detail::kKindShift);
  }
  [[nodiscard]] constexpr std::uint64_t number() const {
    return value & account_key_detail::kNumberMax;
  }
  friend constexpr auto operator<=>(const Asset&, const Asset&) = default;
};

/// One account: how much of one asset one holder has.
struct AccountKey {
  Holder holder{};
  Asset asset{};

  friend constexpr auto operator<=>(const AccountKey&, const AccountKey&) = default;
};

}  // namespace firebrand
