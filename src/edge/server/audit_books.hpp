#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "core/engine/state.hpp"
#include "core/launch/draw_facts.hpp"
#include "core/launch/drop_facts.hpp"
#include "core/launch/refund_facts.hpp"
#include "core/launch/reservation_facts.hpp"

namespace firebrand {

/// Units over all SKUs.
struct AuditTotals {
  std::int64_t received = 0;
  std::int64_t free = 0;
  std::int64_t unreleased = 0;
  std::int64_t available = 0;
  std::int64_t held = 0;
  std::int64_t sold = 0;
  std::int64_t returned = 0;
  std::int64_t ordered = 0;
  std::int64_t given_back = 0;
};

/// A second set of books beside the engine's: what stock, drops, people and money must be by what
/// the records asked for and the facts say happened. After each record the two must agree about all
/// that it touched.
///
/// Memory: about 150 bytes for each order that was not archived, and 100 for each limit that a
/// purchase counts against: of a person in a drop, in a wave, of a household, of an address; and
/// for each entry of a draw with such keys. One thread.
class AuditBooks {
 public:
  using Report = std::function<void(const std::string&)>;

  /// @param report  Takes each disagreement, as a sentence about ids and units.
  explicit AuditBooks(Report report) : report_(std::move(report)) {}

  /// A record's command, and then each of its facts in order. REQUIRES: bytes that decode.
  /// @param version  Of the command, as the record says.
  void take_command(std::uint16_t number, std::uint16_t version,
                    std::span<const std::byte> payload);
  void take_fact(std::uint16_t number, std::span<const std::byte> payload);

  /// Compares with the state what was touched since the last call, by records, by facts, or by the
  /// engine, which says itself what it `changed` (Engine::take_touched_drops):
  ///  - of each drop: its units add up, none are below zero, and each kind is what the facts say;
  ///  - of each SKU: units received = free + in its drops, so that two SKUs cannot make up for each
  ///    other, and the free ones are what the facts say;
  ///  - of each currency: what came in by payments, and penalties, = revenue + refunds due +
  ///    unmatched + sent back + refunded + deposits + forfeits, in books and ledger.
  void check(const State& state, std::span<const DropId> changed);
  /// The same for everything that there is, here or in the state.
  void check_all(const State& state);

  /// As of the last check.
  [[nodiscard]] const AuditTotals& totals() const { return totals_; }

 private:
  struct DropBook {
    SkuId sku_id{};
    /// Units that a person, a household, an address may have, and a person in each wave; 0: as many
    /// as they like.
    std::int64_t per_person_limit = 0;
    std::int64_t per_household_limit = 0;
    std::int64_t per_address_limit = 0;
    List<std::int32_t, kWavesMax> wave_limits{};
    DropUnits units{};  ///< By the facts.
    DropUnits seen{};   ///< In the state, at the last check.
    bool cancelled = false;
    std::set<std::uint16_t> released{};
  };
  struct SkuBook {
    std::int64_t received = 0;  ///< By the records.
    std::int64_t free = 0;      ///< By the facts.
    std::int64_t in_drops = 0;  ///< In the state, at the last check of each drop.
    std::int64_t seen_free = 0;
  };
  struct MoneyBook {
    std::int64_t arrived = 0;  ///< By the records.
    std::int64_t revenue = 0;  ///< By the facts.
    std::int64_t refunds_due = 0;
    std::int64_t unmatched = 0;
    std::int64_t sent = 0;  ///< On its way back.
    std::int64_t refunded = 0;
    std::int64_t deposits = 0;  ///< Paid, and their reservations have not ended.
    std::int64_t forfeits = 0;
    std::int64_t penalties = 0;

    friend bool operator==(const MoneyBook&, const MoneyBook&) = default;
  };
  /// Waits for its payment.
  struct OpenOrder {
    DropId drop_id{};
    PersonId person_id{};
    std::int64_t quantity = 0;
    Money total{};
    std::uint16_t wave = 0;
    SharedKeys keys{};
  };
  /// What a limit counts by: a drop, then a wave or a Sharing, and a person, household or address.
  using LimitKey = std::tuple<DropId, std::uint16_t, std::uint64_t>;

  void take(const StockReceived& fact);
  void take(const DropCreated& fact);
  void take(const DrawOpened& fact);
  void take(const WaveReleased& fact);
  void take(const UnitsMoved& fact);
  void take(const UnitsWithdrawn& fact);
  void take(const DropCancelled& fact);
  void take(const OrderPlaced& fact);
  void take(const OrderPaid& fact);
  void take(const OrderArchived& fact);
  void take(const RefundDue& fact);
  void take(const PaymentUnmatched& fact);
  void take(const UnitsReturned& fact);
  void take(const RefundRequested& fact);
  void take(const RefundConfirmed& fact);
  void take(const RefundFailed& fact);
  /// Where money stands that is owed back of that payment.
  [[nodiscard]] std::int64_t& due_of(std::string_view payment_id, Currency currency);
  void take(const ReservationsOpened& fact);
  void take(const DepositPaid& fact);
  void take(const DepositRefundDue& fact);
  void take(const ReservationUsed& fact);
  void take(const ReservationEnded& fact);
  void give_back(OrderId id, DropId drop_id);
  /// Counts units of an order wherever a limit counts them, and reports what is beyond one.
  void count(const OpenOrder& order, std::int64_t units);
  /// The keys that an order of this person counts by: those of the purchase, or of who entered the
  /// draw of its wave.
  [[nodiscard]] SharedKeys keys_of(const OrderPlaced& fact) const;
  /// An order ends once, and in the drop where it began.
  [[nodiscard]] OpenOrder end_order(OrderId id, DropId drop_id);
  DropBook& touch(DropId id);
  SkuBook& touch(SkuId id);
  MoneyBook& touch(Currency currency);

  void check_drop(const State& state, DropId id);
  void check_sku(const State& state, SkuId id);
  void check_money(const State& state, Currency currency);

  Report report_;
  std::map<DropId, DropBook> drops_;
  std::map<SkuId, SkuBook> skus_;
  std::map<Currency, MoneyBook> money_;
  std::map<DropId, DepositKind> deposit_kinds_;
  std::map<OrderId, OpenOrder> open_orders_;
  std::map<OrderId, OpenOrder> paid_orders_;      // Whose units may come back.
  std::set<std::string, std::less<>> unmatched_;  // Ids of payments that fit no order.
  std::map<LimitKey, std::int64_t> owned_;        // Of orders open or paid.
  std::map<std::pair<DropId, std::uint16_t>, DrawId> draws_;
  std::map<std::pair<DrawId, PersonId>, SharedKeys> entrants_;
  CreateDrop planned_{};   // Of the last record that planned a drop.
  SharedKeys purchase_{};  // Of the record at hand, if it is a purchase.
  std::set<DropId> touched_drops_;
  std::set<SkuId> touched_skus_;
  std::set<Currency> touched_currencies_;
  std::int64_t asked_ = 0;  // Units of the commands that placed orders, of draws and of waitlists.
  AuditTotals totals_;
};

}  // namespace firebrand
