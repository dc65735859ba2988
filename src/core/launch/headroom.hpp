#pragma once

#include <cstdint>

#include "base/enum_name.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/launch/drops.hpp"
#include "core/ledger/account_key.hpp"

namespace firebrand {

/// More currencies than money.hpp knows, which counts them in 8 bits.
inline constexpr std::uint64_t kCurrenciesMax = 256;

/// Most accounts that the holders of a kind can have together: as many as there can be of what they
/// belong to. Zero: the kind has no bound of its own, or nothing is given to it.
[[nodiscard]] constexpr std::uint64_t accounts_max(HolderKind kind) {
  switch (kind) {
    case HolderKind::none:
    case HolderKind::person:
    case HolderKind::household:
    case HolderKind::address:
      return 0;
    case HolderKind::world:
    case HolderKind::warehouse:
      return kSkusMax;
    case HolderKind::rights_source:  // One, and one for each wave with a limit of its own.
      return kDropsMax * (1 + kWavesMax);
    case HolderKind::drop_unreleased:
    case HolderKind::sold:
    case HolderKind::returned:
    case HolderKind::deposits:  // In one currency.
      return kDropsMax;
    case HolderKind::wave:
      return kDropsMax * kWavesMax;
    case HolderKind::payments:
    case HolderKind::revenue:
    case HolderKind::refunds_due:
    case HolderKind::unmatched:
    case HolderKind::refunds_sent:
    case HolderKind::refunded:
    case HolderKind::penalties:
    case HolderKind::forfeits:
      return kCurrenciesMax;
  }
  return 0;
}

/// The rights of a purchase: the person's in the drop and in the wave, the household's, the
/// address's.
inline constexpr std::uint64_t kPurchaseAccountsMax = 4;

/// Accounts that a purchase leaves free in the ledger, so that nothing else ever finds it full.
///
/// Accounts of persons, households and addresses are the only ones without a bound, and only
/// purchases make them, up to kPurchaseAccountsMax each. Right after the last purchase there are at
/// most `ledger's bound - kAccountsHeadroom + kPurchaseAccountsMax` of them,
/// whatever else is there; all others together, those to come included, are fewer than
/// kAccountsHeadroom. So a wave that is released by its time, a settlement, a refund or units that
/// go back to free stock always find room: they happen when nobody is there to be refused.
inline constexpr std::uint64_t kAccountsHeadroom = [] {
  std::uint64_t accounts = kPurchaseAccountsMax;
  for (const HolderKind kind : enum_values<HolderKind>()) { accounts += accounts_max(kind); }
  return accounts;
}();

}  // namespace firebrand
