#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/launch/reservation_commands.hpp"

namespace firebrand {

struct ReservationsOpened {
  static constexpr std::string_view kName = "reservations_opened";
  static constexpr std::string_view kDoc = "People may reserve in a drop.";
  DropId drop_id{};
  Timestamp opens_at{};
  Timestamp closes_at{};
  std::int64_t cap = 0;
  DepositKind deposit_kind{};
  Money deposit{};
  Timestamp balance_due_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "opens_at", self.opens_at, From::body, Rule{}, "From when.");
    field(3, "closes_at", self.closes_at, From::body, Rule{}, "Until when.");
    field(4, "cap", self.cap, From::body, Rule{}, "Most reservations at once.");
    field(5, "deposit_kind", self.deposit_kind, From::body, Rule{}, "What the deposit means.");
    field(6, "deposit", self.deposit, From::body, Rule{}, "What is to be paid.");
    field(7, "balance_due_at", self.balance_due_at, From::body, Rule{}, "Until when to buy.");
  }
};

struct ReservationMade {
  static constexpr std::string_view kName = "reservation_made";
  static constexpr std::string_view kDoc = "A person took one of the places.";
  ReservationId reservation_id{};
  DropId drop_id{};
  PersonId person_id{};
  ReservationState state{};
  Money deposit{};
  Timestamp deposit_due_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Whose.");
    field(4, "state", self.state, From::body, Rule{}, "Whether a deposit is still to be paid.");
    field(5, "deposit", self.deposit, From::body, Rule{}, "What is to be paid.");
    field(6, "deposit_due_at", self.deposit_due_at, From::body, Rule{}, "When it lapses unpaid.");
  }
};

struct DepositPaid {
  static constexpr std::string_view kName = "deposit_paid";
  static constexpr std::string_view kDoc = "A deposit was paid: the place is sure.";
  ReservationId reservation_id{};
  DropId drop_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(4, "amount", self.amount, From::body, Rule{}, "What was paid.");
  }
};

struct DepositRefundDue {
  static constexpr std::string_view kName = "deposit_refund_due";
  static constexpr std::string_view kDoc = "A deposit came that no reservation waited for.";
  ReservationId reservation_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "Meant for this one.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(3, "amount", self.amount, From::body, Rule{}, "What is owed back.");
  }
};

/// From here on a refund can be asked for: of the deposit, or of what the seller owes on top.
struct DepositOwed {
  static constexpr std::string_view kName = "deposit_owed";
  static constexpr std::string_view kDoc = "A refund of a deposit can be asked for.";
  ReservationId reservation_id{};
  Text<kPaymentIdBytesMax> payment_id{};  ///< Empty: as deposit_paid named it.
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "payment_id", self.payment_id, From::body, Rule{},
          "Of which payment, or a penalty's own id; empty: as deposit_paid named it.");
    field(3, "amount", self.amount, From::body, Rule{}, "What is owed back.");
  }
};

struct ReservationReminderDue {
  static constexpr std::string_view kName = "reservation_reminder_due";
  static constexpr std::string_view kDoc = "A person with a reservation is to be reminded.";
  ReservationId reservation_id{};
  DropId drop_id{};
  PersonId person_id{};
  Timestamp opens_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Whom to remind.");
    field(4, "opens_at", self.opens_at, From::body, Rule{}, "When the drop opens.");
  }
};

/// Bought: the deposit has become a part of the price.
struct ReservationUsed {
  static constexpr std::string_view kName = "reservation_used";
  static constexpr std::string_view kDoc = "A person with a reservation bought.";
  ReservationId reservation_id{};
  DropId drop_id{};
  OrderId order_id{};
  Money deposit{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "By which order.");
    field(4, "deposit", self.deposit, From::body, Rule{}, "The part of the price that it paid.");
  }
};

/// The end without a purchase, whatever the reason, and what became of the deposit.
struct ReservationEnded {
  static constexpr std::string_view kName = "reservation_ended";
  static constexpr std::string_view kDoc = "A reservation ended without a purchase.";
  ReservationId reservation_id{};
  DropId drop_id{};
  PersonId person_id{};
  ReservationState state{};  ///< withdrawn, lapsed, defaulted or returned.
  Money kept{};              ///< Of the deposit, lost by the buyer.
  Money owed{};              ///< To the buyer: the deposit, or twice as much.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Whose.");
    field(4, "state", self.state, From::body, Rule{}, "How it ended.");
    field(5, "kept", self.kept, From::body, Rule{}, "Of the deposit, lost by the buyer.");
    field(6, "owed", self.owed, From::body, Rule{}, "To the buyer: once, or twice the deposit.");
  }
};

}  // namespace firebrand
