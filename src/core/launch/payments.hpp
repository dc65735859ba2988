#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/money.hpp"
#include "base/slot_index.hpp"
#include "base/types.hpp"
#include "core/launch/payment_id.hpp"
#include "core/launch/reservation_state.hpp"
#include "core/ledger/ledger.hpp"

namespace firebrand {

/// A refund's id is hashed as a payment's is.
inline constexpr std::size_t kRefundIdBytesMax = kPaymentIdBytesMax;
/// Slot numbers of the index are 32 bits.
inline constexpr std::uint64_t kPaymentsMax = (1ULL << 32U) - 1;

/// The numbers live in snapshots, facts and the API: never renumber.
enum class PaymentOutcome : std::uint8_t {
  paid = 0,
  refund_due = 1,
  unmatched = 2,
  deposit = 3,  ///< Of a reservation: here once it is owed back.
  penalty = 4,  ///< Owed on top of a binding deposit: the seller's own money, which never came.
};

/// A payment that was confirmed, known again by the provider's id.
struct Payment {
  static constexpr std::string_view kName = "payment";
  static constexpr std::string_view kDoc = "A confirmed payment.";
  Bytes<16> id_hash{};
  OrderId order_id{};  ///< Zero: it was for none.
  Money amount{};
  std::int64_t returned = 0;  ///< Of a paid one: minor units that became owed back later.
  std::int64_t asked = 0;     ///< Minor units of refunds that were asked for or have been made.
  std::int32_t units_returned = 0;
  PaymentOutcome outcome{};

  /// Minor units that ever became owed back; at most the amount.
  [[nodiscard]] constexpr std::int64_t owed_back() const {
    return outcome == PaymentOutcome::paid ? returned : amount.minor;
  }
  /// Minor units that are owed back and that no refund was asked for yet.
  [[nodiscard]] constexpr std::int64_t due() const { return owed_back() - asked; }

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "id_hash", self.id_hash, From::body, Rule{}, "Of the provider's id.");
    field(2, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(3, "amount", self.amount, From::body, Rule{}, "What was paid.");
    field(4, "outcome", self.outcome, From::body, Rule{}, "What became of it.");
    field(5, "returned", self.returned, From::body, Rule{.since = 2},
          "Minor units owed back later.");
    field(6, "asked", self.asked, From::body, Rule{.since = 2}, "Minor units of refunds.");
    field(7, "units_returned", self.units_returned, From::body, Rule{.since = 2},
          "Units that came back.");
  }
};

/// The numbers live in snapshots and the API: never renumber.
enum class RefundState : std::uint8_t { requested = 0, done = 1, failed = 2 };

/// Money on its way back, known again by the id that it was asked for with.
struct Refund {
  static constexpr std::string_view kName = "refund";
  static constexpr std::string_view kDoc = "A refund.";
  Bytes<16> id_hash{};
  std::uint64_t payment = 0;  ///< Number of the payment, from 1, in the order in which they came.
  std::int64_t minor = 0;     ///< Of the payment's currency.
  RefundState state{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "id_hash", self.id_hash, From::body, Rule{}, "Of the refund's id.");
    field(2, "payment", self.payment, From::body, Rule{.min = 1}, "Which payment, from 1.");
    field(3, "minor", self.minor, From::body, Rule{.min = 1}, "Minor units.");
    field(4, "state", self.state, From::body, Rule{}, "Where it stands.");
  }
};

/// Where money that came, and was not paid back yet, stands by its outcome.
[[nodiscard]] Holder holder_of(PaymentOutcome outcome);
/// Where money stands that is owed back of a payment with that outcome.
[[nodiscard]] Holder due_holder_of(PaymentOutcome outcome);

/// What is known of payments for orders, of deposits that are owed back, and of their refunds.
/// Their money is accounts of the ledger.
///
/// Both are kept for good, because a provider may repeat a notice after months: a payment is 72
/// bytes, with an index slot for its id and, if paid, one for its order; a refund 48 and a slot; at
/// most kPaymentsMax of each.
/// Invariants: per currency, revenue, refunds_due, unmatched, refunds_sent and refunded are exactly
/// what the payments and refunds say, with the deposits of reservations, which go through the first
/// two as well; no payment is owed back, or refunded, beyond its amount.
class Payments {
 public:
  [[nodiscard]] bool full() const noexcept { return payments_.size() >= kPaymentsMax; }
  [[nodiscard]] bool refunds_full() const noexcept { return refunds_.size() >= kPaymentsMax; }
  /// Numbers count from 1; zero: there is none.
  [[nodiscard]] std::uint64_t find(std::string_view payment_id) const noexcept {
    return find(payment_hash(payment_id));
  }
  [[nodiscard]] std::uint64_t find(const Bytes<16>& id_hash) const noexcept;
  /// The payment that paid the order.
  [[nodiscard]] std::uint64_t paid_for(OrderId) const noexcept;
  [[nodiscard]] std::uint64_t find_refund(std::string_view refund_id) const noexcept;
  /// REQUIRES: a number that was found.
  [[nodiscard]] const Payment& payment(std::uint64_t number) const { return payments_[number - 1]; }
  [[nodiscard]] const Refund& refund(std::uint64_t number) const { return refunds_[number - 1]; }
  /// Units of a paid order that came back.
  [[nodiscard]] std::int32_t units_returned(OrderId) const noexcept;

  /// REQUIRES: !full(), and the id is new.
  void add(const Payment&) noexcept;
  /// REQUIRES: !refunds_full(), and the id is new.
  void add(const Refund&) noexcept;
  void change(std::uint64_t number, const Payment& to) noexcept;
  void change(std::uint64_t number, const Refund& to) noexcept;

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  /// @param deposits  What stands in the same accounts and is not of these payments.
  void check_invariants(const Ledger&, const std::map<Currency, DepositMoney>& deposits) const;
  void save(ByteSink&) const;
  /// @param version  Of the piece: before 2 there were no refunds.
  [[nodiscard]] bool load(ByteSource&, std::uint16_t version);

 private:
  DenseArray<Payment> payments_;
  SlotIndex by_id_;
  SlotIndex by_order_;  ///< Of those that are paid.
  DenseArray<Refund> refunds_;
  SlotIndex refunds_by_id_;
  Digest digest_;
};

}  // namespace firebrand
