#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"

namespace firebrand {

/// Where a reservation stands. The numbers live in snapshots, facts and the API: never renumber.
enum class ReservationState : std::uint8_t {
  pending_deposit = 0,  ///< Its deposit is not paid yet.
  reserved = 1,
  ordered = 2,    ///< Its order waits for the balance.
  used = 3,       ///< Its order is paid.
  withdrawn = 4,  ///< Given up by the buyer.
  lapsed = 5,     ///< The deposit was not paid in time.
  defaulted = 6,  ///< The buyer did not buy in time.
  returned = 7,   ///< The seller could not sell.
};
inline constexpr std::size_t kReservationStates = 8;

/// Every legal change of a reservation, [from][to]. All others are bugs and abort.
inline constexpr std::array<std::array<bool, kReservationStates>, kReservationStates>
    kReservationTransitions{{
        //                    pending reserved ordered used withdrawn lapsed defaulted returned
        /* pending_deposit */ {{false, true, false, false, true, true, false, false}},
        /* reserved        */ {{false, false, true, false, true, false, true, true}},
        /* ordered         */ {{false, true, false, true, false, false, true, true}},
        /* used            */ {{false, false, false, false, false, false, false, false}},
        // Who gave up or was late may reserve again while the window is open.
        /* withdrawn       */ {{true, true, false, false, false, false, false, false}},
        /* lapsed          */ {{true, true, false, false, false, false, false, false}},
        /* defaulted       */ {{false, false, false, false, false, false, false, false}},
        /* returned        */ {{false, false, false, false, false, false, false, false}},
    }};

[[nodiscard]] constexpr bool reservation_may_become(ReservationState from, ReservationState to) {
  return kReservationTransitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
}

/// It takes one of the places.
[[nodiscard]] constexpr bool takes_place(ReservationState state) {
  return state <= ReservationState::used;
}

/// What deposits have, in one currency, in the accounts that payments for orders are in as well.
struct DepositMoney {
  std::int64_t came = 0;
  std::int64_t revenue = 0;      ///< Of reservations whose orders were paid.
  std::int64_t refunds_due = 0;  ///< With what the seller owes on top.
};

/// One person's reservation in one drop. 64 bytes.
struct Reservation {
  static constexpr std::string_view kName = "reservation";
  static constexpr std::string_view kDoc = "A person's reservation in a drop.";
  ReservationId reservation_id{};  ///< Zero: it has left.
  DropId drop_id{};
  PersonId person_id{};
  ReservationId previous{};  ///< The one before it in the same drop; zero: it was the first.
  OrderId order_id{};        ///< Of `ordered` and `used`.
  Timestamp reserved_at{};
  Timestamp deposit_due_at{};  ///< Of `pending_deposit`: at this instant it has lapsed.
  ReservationState state = ReservationState::pending_deposit;
  std::uint32_t paid_by = 0;  ///< Number of the newest payment of its deposit; not saved: by these.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Whose.");
    field(4, "previous", self.previous, From::body, Rule{}, "The one before it in the drop.");
    field(5, "order_id", self.order_id, From::body, Rule{}, "The order that uses it.");
    field(6, "reserved_at", self.reserved_at, From::body, Rule{}, "When it was made.");
    field(7, "deposit_due_at", self.deposit_due_at, From::body, Rule{}, "When it lapses unpaid.");
    field(8, "state", self.state, From::body, Rule{}, "Where it stands.");
  }
};

/// Reservations of a drop by where they stand.
struct ReservationCounts {
  static constexpr std::string_view kName = "reservation_counts";
  static constexpr std::string_view kDoc = "Reservations by where they stand.";
  std::int64_t pending_deposit = 0;
  std::int64_t reserved = 0;
  std::int64_t ordered = 0;
  std::int64_t used = 0;
  std::int64_t withdrawn = 0;
  std::int64_t lapsed = 0;
  std::int64_t defaulted = 0;
  std::int64_t returned = 0;

  [[nodiscard]] constexpr std::int64_t& of(ReservationState state) {
    switch (state) {
      case ReservationState::pending_deposit:
        return pending_deposit;
      case ReservationState::reserved:
        return reserved;
      case ReservationState::ordered:
        return ordered;
      case ReservationState::used:
        return used;
      case ReservationState::withdrawn:
        return withdrawn;
      case ReservationState::lapsed:
        return lapsed;
      case ReservationState::defaulted:
        return defaulted;
      case ReservationState::returned:
        break;
    }
    return returned;
  }
  /// Places that are taken.
  [[nodiscard]] constexpr std::int64_t taken() const {
    return pending_deposit + reserved + ordered + used;
  }

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "pending_deposit", self.pending_deposit, From::body, Rule{}, "Deposit not paid yet.");
    field(2, "reserved", self.reserved, From::body, Rule{}, "May buy.");
    field(3, "ordered", self.ordered, From::body, Rule{}, "Their order waits for payment.");
    field(4, "used", self.used, From::body, Rule{}, "Bought.");
    field(5, "withdrawn", self.withdrawn, From::body, Rule{}, "Given up by the buyer.");
    field(6, "lapsed", self.lapsed, From::body, Rule{}, "Deposit not paid in time.");
    field(7, "defaulted", self.defaulted, From::body, Rule{}, "The buyer did not buy in time.");
    field(8, "returned", self.returned, From::body, Rule{}, "The seller could not sell.");
  }
  friend bool operator==(const ReservationCounts&, const ReservationCounts&) = default;
};

}  // namespace firebrand
