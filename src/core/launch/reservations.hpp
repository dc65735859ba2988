#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/digest.hpp"
#include "base/slot_index.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/commerce/orders.hpp"
#include "core/context.hpp"
#include "core/launch/audience_step.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/payments.hpp"
#include "core/launch/reservation_commands.hpp"
#include "core/launch/reservation_state.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/ledger/ledger.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

/// Slot numbers of the index are 32 bits. Over the life of a log.
inline constexpr std::uint64_t kReservationsMax = (1ULL << 32U) - 1;
inline constexpr std::uint64_t kDepositPaymentsMax = (1ULL << 32U) - 1;

enum class Settling : std::uint8_t { not_begun = 0, running = 1, done = 2 };

/// The reservations of one drop: their terms, how many there are, and how far the walks over all
/// of them have come. A walk goes from the newest to the first; zero: it is not under way.
struct ReservationBook {
  static constexpr std::string_view kName = "reservation_book";
  static constexpr std::string_view kDoc = "The reservations of one drop.";
  OpenReservations terms{};
  ReservationCounts counts{};
  ReservationId newest{};
  Settling settling = Settling::not_begun;
  bool seller_defaults = false;  ///< Who is in default, once settling has begun.
  ReservationId remind_next{};
  ReservationId settle_next{};
  ReservationId leave_next{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "terms", self.terms, From::body, Rule{}, "As opened.");
    field(2, "counts", self.counts, From::body, Rule{}, "By where they stand.");
    field(3, "newest", self.newest, From::body, Rule{}, "Where walks begin.");
    field(4, "settling", self.settling, From::body, Rule{}, "Whether unused ones are ended.");
    field(5, "seller_defaults", self.seller_defaults, From::body, Rule{}, "Who is in default.");
    field(6, "remind_next", self.remind_next, From::body, Rule{}, "How far reminders are.");
    field(7, "settle_next", self.settle_next, From::body, Rule{}, "How far settling is.");
    field(8, "leave_next", self.leave_next, From::body, Rule{}, "How far leaving is.");
  }
};

/// A deposit that was confirmed, known again by the provider's id.
struct DepositPayment {
  static constexpr std::string_view kName = "deposit_payment";
  static constexpr std::string_view kDoc = "A confirmed payment of a deposit.";
  Bytes<16> id_hash{};
  ReservationId reservation_id{};
  Money amount{};
  DepositOutcome outcome{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "id_hash", self.id_hash, From::body, Rule{}, "Of the provider's id.");
    field(2, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(3, "amount", self.amount, From::body, Rule{}, "What was paid.");
    field(4, "outcome", self.outcome, From::body, Rule{}, "What became of it.");
  }
};

/// Who reserved in which drop, and what becomes of their deposits.
///
/// A paid deposit stands in the ledger at deposits(drop) until the reservation ends. Then it goes
///  - into revenue, when its order is paid;
///  - back (refunds_due), when it is refundable, or when the seller is in default;
///  - back twice, when it is binding and the seller is in default: the second time from penalties;
///  - to forfeits, when it is binding and the buyer withdraws or is in default.
/// What is owed back is known to the payments as well, by the id that it came with, so that refunds
/// of it are asked for as of others; a penalty by one of its own (penalty_id).
/// The seller is in default if the person is kept out of the drop, if it was cancelled, or if at
/// balance_due_at nobody with a reservation could have bought: paused, not released, or sold out.
/// Otherwise it is the buyer.
///
/// A reservation is 64 bytes and an index slot; it leaves kOrderRetention after its drop was
/// settled; at most kReservationsMax over the life of a log, in a drop as many persons as tried. A
/// book is 250 bytes, one a drop at most, for good, as are payments: 48 bytes and an index slot
/// each, at most kDepositPaymentsMax. Walks over all reservations of a drop go in steps
/// (audience_step.hpp).
///
/// Invariants: the counts of a book are those of its reservations while they are here; at most cap
/// take a place; deposits(drop) has the deposit of each `reserved` and `ordered` one and no more.
class Reservations {
 public:
  Reservations(Ledger& ledger, Schedule& schedule, const Catalogue& catalogue, Drops& drops,
               const WaitingRooms& rooms, Payments& money_back)
      : ledger_(ledger),
        schedule_(schedule),
        catalogue_(catalogue),
        drops_(drops),
        rooms_(rooms),
        money_back_(money_back) {}

  [[nodiscard]] OpenReservationsResult apply(const OpenReservations&,
                                             const CommandContext&) noexcept;
  [[nodiscard]] ReserveResult apply(const Reserve&, const CommandContext&) noexcept;
  [[nodiscard]] WithdrawReservationResult apply(const WithdrawReservation&,
                                                const CommandContext&) noexcept;
  [[nodiscard]] ConfirmDepositResult apply(const ConfirmDeposit&, const CommandContext&) noexcept;
  /// Cancels the drop, and then settles with those who reserved.
  [[nodiscard]] CancelDropResult apply(const CancelDrop&, const CommandContext&) noexcept;

  /// Deadlines. Harmless if there is nothing left to do.
  void deposit_due(ReservationId, const CommandContext&) noexcept;
  void step_due(DropId, AudienceStep, const CommandContext&) noexcept;

  /// The book of a drop, if people may or could reserve there. O(1).
  [[nodiscard]] const ReservationBook* book(DropId) const noexcept;
  [[nodiscard]] const Reservation* find(DropId, PersonId) const noexcept;
  [[nodiscard]] Money deposit(const ReservationBook&) const noexcept;

  /// For the sale: the person is kept out of the drop, which is not open yet. Whoever takes a
  /// reservation back is in default: the deposit goes back, a binding one twice.
  void exclude(DropId, PersonId, const CommandContext&) noexcept;
  /// For the sale: the reservation that a purchase now would use, if there is one.
  [[nodiscard]] const Reservation* usable(DropId, PersonId, Timestamp now) const noexcept;
  /// For the sale: the reservation that this order uses, if it does.
  [[nodiscard]] const Reservation* of_order(const Order&) const noexcept;
  /// For the sale. REQUIRES: usable() has returned it.
  void take(const Reservation&, OrderId) noexcept;
  /// For the sale: what moves the deposit into revenue, if there is one to move.
  [[nodiscard]] std::optional<TransferOp> deposit_into_revenue(const Reservation&) const noexcept;
  /// For the sale: its order was paid, and deposit_into_revenue() posted.
  void bought(const Reservation&, const CommandContext&) noexcept;
  /// For the sale: an order ended unpaid. Its reservation, if any, may be used again or ends.
  void order_ended(const Order&, const CommandContext&) noexcept;
  /// For the sale's invariants: what stands of deposits among its payments. O(deposits).
  [[nodiscard]] std::map<Currency, DepositMoney> money() const;

  [[nodiscard]] std::uint64_t digest() const noexcept {
    return hash_words(digest_.value(), entries_.size());
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  [[nodiscard]] static std::uint64_t hash_of(const Reservation&) noexcept;
  [[nodiscard]] ReservationBook* mutable_book(DropId) noexcept;
  [[nodiscard]] Reservation* entry(ReservationId) noexcept;
  [[nodiscard]] const Reservation* entry(ReservationId id) const noexcept {
    return const_cast<Reservations*>(this)->entry(id);
  }
  [[nodiscard]] bool holders_can_buy(DropId, Timestamp now) const noexcept;
  [[nodiscard]] bool waits_for(const Reservation&, Money paid, Timestamp now) const noexcept;
  void become(Reservation&, ReservationState to) noexcept;
  /// Without a purchase: moves the deposit where it belongs and says so.
  void end(Reservation&, ReservationState to, const CommandContext&) noexcept;
  /// What became owed back joins the payments, of which refunds are asked for.
  void owe(ReservationId, const Payment&, std::string_view payment_id,
           const CommandContext&) noexcept;
  Reservation& take_place(DropId, PersonId, Reservation* earlier) noexcept;
  void move(const AccountKey& from, const AccountKey& to, std::int64_t minor) noexcept;
  void remind(DropId, ReservationBook&, const CommandContext&) noexcept;
  void settle(DropId, ReservationBook&, const CommandContext&) noexcept;
  void leave(DropId, ReservationBook&, const CommandContext&) noexcept;
  [[nodiscard]] const DepositPayment* find_payment(const Bytes<16>& id_hash) const noexcept;
  void remember(const ReservationBook&);
  void remember(const Reservation&);
  void remember(const DepositPayment&) noexcept;

  Ledger& ledger_;
  Schedule& schedule_;
  const Catalogue& catalogue_;
  Drops& drops_;
  const WaitingRooms& rooms_;
  Payments& money_back_;
  std::vector<ReservationBook> books_;  // In the order in which they were opened.
  std::vector<std::uint32_t> book_of_;  // By drop: place in books_ plus 1; 0: none.
  DenseArray<Reservation> entries_;     // ReservationId n is entry n - 1.
  SlotIndex by_person_;                 // Of drop and person.
  DenseArray<DepositPayment> payments_;
  SlotIndex payments_by_id_;
  Digest digest_;
};

}  // namespace firebrand
