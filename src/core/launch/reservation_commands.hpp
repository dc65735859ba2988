#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/payment_id.hpp"
#include "core/launch/reservation_state.hpp"

namespace firebrand {

inline constexpr std::int64_t kReservationCapMax = 1'000'000'000;
inline constexpr std::int32_t kReminderSecondsMax = 30 * 24 * 3600;
/// The `cn` policy refuses a binding deposit beyond this share of the price of one unit.
inline constexpr std::int64_t kBindingDepositPercentMax = 20;

/// What a deposit means if the purchase does not come about.
enum class DepositKind : std::uint8_t {
  none = 0,        ///< No deposit is asked for.
  binding = 1,     ///< 定金: lost by the buyer's default, returned double by the seller's.
  refundable = 2,  ///< 订金: owed back either way.
};

/// Which law the terms must obey.
enum class DepositPolicy : std::uint8_t {
  cn = 0,    ///< A binding deposit is at most kBindingDepositPercentMax of the price.
  none = 1,  ///< It must only be below the price.
};

/// Lets people reserve in a drop. The terms are fixed: a second time must say the same.
struct OpenReservations {
  static constexpr std::string_view kName = "open_reservations";
  static constexpr std::string_view kDoc = "Lets people reserve in a drop, on fixed terms.";
  DropId drop_id{};
  Timestamp opens_at{};
  Timestamp closes_at{};
  std::int64_t cap = 0;
  DepositKind deposit_kind = DepositKind::none;
  std::int64_t deposit_minor = 0;  ///< In the drop's currency.
  std::int32_t deposit_window_seconds = 900;
  Timestamp balance_due_at{};
  std::int32_t balance_window_seconds = 900;
  std::int32_t reminder_seconds = 3'600;
  DepositPolicy policy = DepositPolicy::cn;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    constexpr Rule kWindow{
        .min = 1, .max = kPaymentWindowSecondsMax, .presence = Presence::optional};
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "opens_at", self.opens_at, From::body, Rule{}, "From when people may reserve.");
    field(3, "closes_at", self.closes_at, From::body, Rule{}, "Until when.");
    field(4, "cap", self.cap, From::body, Rule{.min = 1, .max = kReservationCapMax},
          "Most reservations at once.");
    field(5, "deposit_kind", self.deposit_kind, From::body, Rule{.presence = Presence::optional},
          "None; binding: lost by the buyer's default, returned double by the seller's; or "
          "refundable.");
    field(6, "deposit_minor", self.deposit_minor, From::body,
          Rule{.min = 0, .max = kPriceMinorMax, .presence = Presence::optional},
          "The deposit in minor units of the drop's currency; 0 with none.");
    field(7, "deposit_window_seconds", self.deposit_window_seconds, From::body, kWindow,
          "Time to pay the deposit; then the place is free again.");
    field(8, "balance_due_at", self.balance_due_at, From::body, Rule{},
          "Who has a reservation and has not bought by then is in default, if a unit was there.");
    field(9, "balance_window_seconds", self.balance_window_seconds, From::body, kWindow,
          "Time to pay what is left of the price, from the order on.");
    field(10, "reminder_seconds", self.reminder_seconds, From::body,
          Rule{.min = 0, .max = kReminderSecondsMax, .presence = Presence::optional},
          "How long before the drop opens people are to be reminded; 0: never.");
    field(11, "policy", self.policy, From::body, Rule{.presence = Presence::optional},
          "The law that the terms must obey.");
  }
  friend bool operator==(const OpenReservations&, const OpenReservations&) = default;
};

enum class OpenReservationsStatus : std::uint8_t {
  opened = 0,
  reservation_times_out_of_order = 10,  ///< Needed: opens_at < closes_at <= balance_due_at.
  reservation_cap_out_of_range = 11,
  deposit_kind_without_amount = 12,  ///< An amount without a kind, or a kind without an amount.
  payment_window_out_of_range = 13,
  reminder_out_of_range = 14,
  exists = 40,
  exists_with_different_fields = 50,
  drop_not_found = 51,
  drop_cancelled = 52,
  balance_due_before_opening = 53,
  deposit_not_below_price = 54,
  deposit_too_high = 55,
};

struct OpenReservationsResult {
  static constexpr std::string_view kName = "open_reservations_result";
  static constexpr std::string_view kDoc = "Answer to open_reservations.";
  OpenReservationsStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Takes one of the places for a person. Without a deposit that is all.
struct Reserve {
  static constexpr std::string_view kName = "reserve";
  static constexpr std::string_view kDoc = "Takes one of the places for a person.";
  DropId drop_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Who reserves.");
  }
};

enum class ReserveStatus : std::uint8_t {
  created = 0,
  person_out_of_range = 10,
  exists = 40,  ///< The person has one that takes a place; the answer says how it stands.
  drop_not_found = 50,
  reservations_not_offered = 51,
  drop_cancelled = 52,
  reservations_not_open = 53,
  reservations_closed = 54,
  reservations_full = 55,
  excluded_from_drop = 56,  ///< The person is kept out of the drop.
};

struct ReserveResult {
  static constexpr std::string_view kName = "reserve_result";
  static constexpr std::string_view kDoc = "Answer to reserve.";
  ReserveStatus status{};
  ReservationId reservation_id{};
  ReservationState state{};
  Money deposit{};
  Timestamp deposit_due_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(3, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(4, "deposit", self.deposit, From::body, Rule{}, "What is to be paid, or was.");
    field(5, "deposit_due_at", self.deposit_due_at, From::body, Rule{}, "When it lapses unpaid.");
  }
};

/// The buyer gives a reservation up. A binding deposit is lost, a refundable one owed back.
struct WithdrawReservation {
  static constexpr std::string_view kName = "withdraw_reservation";
  static constexpr std::string_view kDoc = "Gives a reservation up.";
  DropId drop_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Whose reservation.");
  }
};

enum class WithdrawReservationStatus : std::uint8_t {
  withdrawn = 0,
  already_withdrawn = 40,
  drop_not_found = 50,
  reservation_not_found = 51,
  reservation_ordered = 52,  ///< Its order waits for payment: cancel that first.
  reservation_ended = 53,    ///< Used, lapsed or settled, or about to be.
};

struct WithdrawReservationResult {
  static constexpr std::string_view kName = "withdraw_reservation_result";
  static constexpr std::string_view kDoc = "Answer to withdraw_reservation.";
  WithdrawReservationStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// The payment provider says that a deposit was paid. What is late, of another amount or currency,
/// or for a reservation that is not here is owed back: money that came is always booked.
struct ConfirmDeposit {
  static constexpr std::string_view kName = "confirm_deposit";
  static constexpr std::string_view kDoc = "The payment provider says that a deposit was paid.";
  ReservationId reservation_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "payment_id", self.payment_id, From::body, Rule{.min = 1},
          "The provider's own id of the payment.");
    field(3, "amount", self.amount, From::body, Rule{}, "What was paid.");
  }
};

enum class ConfirmDepositStatus : std::uint8_t {
  reserved = 0,
  refund_due = 1,  ///< The reservation does not wait for it any more: the money is owed back.
  payment_id_must_not_be_empty = 10,
  amount_must_be_positive = 11,
  currency_must_not_be_none = 12,
  exists = 40,  ///< This payment was confirmed before; `outcome` says how.
  exists_with_different_fields = 50,
  // 51 to 53 are not used again.
  payments_full = 54,
  money_overflow = 55,
};

/// The numbers live in snapshots, facts and the API: never renumber.
enum class DepositOutcome : std::uint8_t { reserved = 0, refund_due = 1 };

struct ConfirmDepositResult {
  static constexpr std::string_view kName = "confirm_deposit_result";
  static constexpr std::string_view kDoc = "Answer to confirm_deposit.";
  ConfirmDepositStatus status{};
  DepositOutcome outcome{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "outcome", self.outcome, From::body, Rule{}, "What became of the money.");
  }
};

}  // namespace firebrand
