#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/types.hpp"
#include "core/commerce/orders.hpp"
#include "core/context.hpp"
#include "core/launch/buyer_keys.hpp"
#include "core/launch/codes.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/payments.hpp"
#include "core/launch/reservations.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/ledger/ledger.hpp"

namespace firebrand {

inline constexpr std::int32_t kOrderQuantityMax = kPerPersonLimitMax;

/// Whether work that was proved came with an order: the edge checks it. As wide as the last field
/// of a command must be.
enum class OrderProof : std::uint16_t { none = 0, good = 1 };

/// The purchase: one command takes the units (to a hold) and the person's right (within the
/// limit) and creates an order that waits for payment.
struct PlaceOrder {
  static constexpr std::string_view kName = "place_order";
  static constexpr std::string_view kDoc =
      "Takes units and the person's purchase right, and creates an order that waits for payment.";
  DropId drop_id{};
  PersonId person_id{};
  std::int32_t quantity = 1;
  Currency currency{};          ///< None: the drop's.
  CodeBatchId code_batch_id{};  ///< Of the code that came with it, checked at the edge; zero: none.
  std::uint32_t code_index = 0;
  Standing standing{};  ///< What the shop says of the buyer.
  OrderProof proof = OrderProof::none;

  /// Refusals are summed by it.
  [[nodiscard]] constexpr std::uint64_t subject() const { return drop_id.value; }

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{.min = 1, .max = kPersonIdMax},
          "Who buys.");
    field(3, "quantity", self.quantity, From::body,
          Rule{.min = 1, .max = kOrderQuantityMax, .presence = Presence::optional}, "Units.");
    field(4, "currency", self.currency, From::body, Rule{.presence = Presence::optional},
          "One that the SKU has a price in; the drop's if absent.");
    field(5, "code_batch_id", self.code_batch_id, From::stamped,
          Rule{.presence = Presence::optional, .since = 2}, "The batch of its code; none without.");
    field(6, "code_index", self.code_index, From::stamped,
          Rule{.presence = Presence::optional, .since = 2},
          "The code's place in the batch, from 0.");
    field(7, "standing", self.standing, From::stamped,
          Rule{.presence = Presence::optional, .since = 3}, "What the shop says of the buyer.");
    field(8, "proof", self.proof, From::stamped, Rule{.presence = Presence::optional, .since = 3},
          "Whether the work that the drop asks for was proved.");
  }
};

/// Repeats are known by the request key before these checks run (engine/repeats.hpp).
enum class PlaceOrderStatus : std::uint8_t {
  created = 0,
  quantity_out_of_range = 10,
  person_out_of_range = 11,
  drop_not_found = 50,
  drop_cancelled = 51,
  not_open = 52,
  paused = 53,
  currency_not_offered = 54,
  sold_out = 55,                ///< Nothing available now, and no wave is still to come.
  wave_sold_out = 56,           ///< Nothing available now; another wave is still to come.
  quantity_not_available = 57,  ///< Some units are left, but no wave has that many.
  purchase_limit = 58,          ///< Of the drop, or of the wave that `wave` names.
  orders_full = 59,
  accounts_full = 60,
  reservation_required = 61,  ///< What sells now, or will, is for those with a reservation.
  code_required = 62,         ///< The same for those with a code.
  code_not_usable = 63,       ///< Used, revoked, bound to another, of another drop or time.
  not_in_waiting_room = 64,  ///< The units left are for people in a waiting room, who have a place.
  waiting_turn = 65,         ///< The person waits and is not yet admitted.
  admission_over = 66,       ///< The person was admitted, and the time to buy is over.
  wave_is_drawn = 67,        ///< Nothing available now but in waves whose units are drawn.
  group_required = 68,       ///< What sells now, or will, is for people of a group.
  member_too_new = 69,       ///< The same for those who were members before a day.
  region_not_served = 70,    ///< The same for people of another region.
  channel_not_served = 71,   ///< The same for people who come by another channel.
  risk_too_high = 72,        ///< The same for people with a lower risk score.
  household_limit = 73,      ///< People of the same household have bought what they may together.
  address_limit = 75,        ///< The same of those with the same address.
  excluded_from_drop = 76,   ///< The person is kept out of the drop; asked before what is left.
  proof_wanted = 74,  ///< The units left are for buyers with a proof, until head_start_ends().
};

struct PlaceOrderResult {
  static constexpr std::string_view kName = "place_order_result";
  static constexpr std::string_view kDoc = "Answer to place_order.";
  PlaceOrderStatus status{};
  std::uint16_t wave = 0;
  OrderId order_id{};
  Timestamp created_at{};
  Timestamp expires_at{};
  Money total{};
  std::int32_t owned = 0;  ///< Of purchase_limit, household_limit and address_limit only.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "wave", self.wave, From::body, Rule{},
          "From which wave, counted from 1; of proof_wanted the one that asks for it, of "
          "purchase_limit the one whose limit it is, or 0: the drop's.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(4, "created_at", self.created_at, From::body, Rule{}, "When it was placed.");
    field(5, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
    field(6, "total", self.total, From::body, Rule{}, "What is to be paid.");
    field(7, "owned", self.owned, From::body, Rule{},
          "If a limit refused it: units of the pending and paid orders that it counts.");
  }
};

/// The buyer gives an unpaid order up; its units and the right to buy come back.
struct CancelOrder {
  static constexpr std::string_view kName = "cancel_order";
  static constexpr std::string_view kDoc = "Gives an unpaid order up.";
  OrderId order_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::path, Rule{}, "The order.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Whose order it must be.");
  }
};

enum class CancelOrderStatus : std::uint8_t {
  cancelled = 0,
  already_cancelled = 40,
  order_not_found = 50,  ///< Or it is somebody else's.
  order_archived = 51,
  order_paid = 52,
  order_expired = 53,
};

struct CancelOrderResult {
  static constexpr std::string_view kName = "cancel_order_result";
  static constexpr std::string_view kDoc = "Answer to cancel_order.";
  CancelOrderStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// The payment provider says that money came. It is always booked: as revenue, as owed back if
/// nothing can be sold for it any more, or as unmatched if nobody can say what it is for.
struct ConfirmPayment {
  static constexpr std::string_view kName = "confirm_payment";
  static constexpr std::string_view kDoc = "The payment provider says that an order was paid.";
  OrderId order_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "payment_id", self.payment_id, From::body, Rule{.min = 1},
          "The provider's own id of the payment.");
    field(3, "amount", self.amount, From::body, Rule{}, "What was paid.");
  }
};

enum class ConfirmPaymentStatus : std::uint8_t {
  paid = 0,
  refund_due = 1,  ///< The order had ended or was paid already: the money is owed back.
  unmatched = 2,   ///< Another amount or currency, or no such order: see UnmatchedReason.
  payment_id_must_not_be_empty = 10,
  amount_must_be_positive = 11,
  currency_must_not_be_none = 12,
  exists = 40,  ///< This payment was confirmed before; `outcome` says how.
  exists_with_different_fields = 50,
  // 51 to 54 are not to be given again.
  payments_full = 55,
  money_overflow = 56,
};

/// Why nobody can say what a payment is for; in the order of the checks. Numbers live in facts.
enum class UnmatchedReason : std::uint8_t {
  order_not_found = 0,
  currency_mismatch = 1,
  amount_mismatch = 2,
};

struct ConfirmPaymentResult {
  static constexpr std::string_view kName = "confirm_payment_result";
  static constexpr std::string_view kDoc = "Answer to confirm_payment.";
  ConfirmPaymentStatus status{};
  PaymentOutcome outcome{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "outcome", self.outcome, From::body, Rule{}, "What became of the money.");
  }
};

struct OrderPlaced {
  static constexpr std::string_view kName = "order_placed";
  static constexpr std::string_view kDoc = "A person bought and may now pay.";
  OrderId order_id{};
  PersonId person_id{};
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int32_t quantity = 0;
  Money total{};
  Timestamp expires_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who bought.");
    field(3, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(4, "wave", self.wave, From::body, Rule{}, "From which wave, counted from 1.");
    field(5, "quantity", self.quantity, From::body, Rule{}, "Units.");
    field(6, "total", self.total, From::body, Rule{}, "To be paid.");
    field(7, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
  }
};

struct OrderPaid {
  static constexpr std::string_view kName = "order_paid";
  static constexpr std::string_view kDoc = "An order was paid: its units are sold.";
  OrderId order_id{};
  DropId drop_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "Of which drop.");
    field(3, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(4, "amount", self.amount, From::body, Rule{}, "What was paid.");
  }
};

struct OrderExpired {
  static constexpr std::string_view kName = "order_expired";
  static constexpr std::string_view kDoc = "An order was not paid in time: its units came back.";
  OrderId order_id{};
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "Of which drop.");
  }
};

struct OrderCancelled {
  static constexpr std::string_view kName = "order_cancelled";
  static constexpr std::string_view kDoc = "A buyer gave an unpaid order up.";
  OrderId order_id{};
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "Of which drop.");
  }
};

struct OrderArchived {
  static constexpr std::string_view kName = "order_archived";
  static constexpr std::string_view kDoc = "An ended order left the core: records answer for it.";
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
  }
};

struct RefundDue {
  static constexpr std::string_view kName = "refund_due";
  static constexpr std::string_view kDoc = "Money came that nothing can be sold for: it is owed.";
  OrderId order_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order it was meant for.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(3, "amount", self.amount, From::body, Rule{}, "What is owed back.");
  }
};

struct PaymentUnmatched {
  static constexpr std::string_view kName = "payment_unmatched";
  static constexpr std::string_view kDoc = "Money came that fits no order: it is kept apart.";
  OrderId order_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};
  UnmatchedReason reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order that it names.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(3, "amount", self.amount, From::body, Rule{}, "What came.");
    field(4, "reason", self.reason, From::body, Rule{}, "Why it fits no order.");
  }
};

struct WaveSoldOut {
  static constexpr std::string_view kName = "wave_sold_out";
  static constexpr std::string_view kDoc = "The last available unit of a wave was taken.";
  DropId drop_id{};
  std::uint16_t wave = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
  }
};

inline constexpr std::size_t kFurtherRightsMax = 3;

/// Rights that a purchase takes beside the person's in the drop: at most one in the wave, one for
/// the household and one for the address, each with its limit.
struct FurtherRights {
  struct Right {
    AccountKey account{};
    std::int32_t limit = 0;
  };
  std::array<Right, kFurtherRightsMax> rights{};
  std::size_t size = 0;

  void add(const AccountKey& account, std::int32_t limit) { rights[size++] = {account, limit}; }
  [[nodiscard]] const Right* begin() const { return rights.data(); }
  [[nodiscard]] const Right* end() const { return rights.data() + size; }
};
[[nodiscard]] FurtherRights further_rights(const Drop&, DropId, std::uint16_t wave, PersonId,
                                           const SharedKeys&) noexcept;

/// What gives so many units of a right back.
[[nodiscard]] constexpr TransferOp right_back(const AccountKey& account, std::int32_t units) {
  return {.from = account, .to = {Holder::rights_source(), account.asset}, .amount = units};
}

/// Joins drops, orders and the ledger: the life of an order from the click to its end.
///
/// It keeps the payments (Payments), which Refunds changes too. A person's right in a drop, an
/// account of the ledger, lives as long as the orders that took it: what ends unpaid gives it back
/// at once, and a paid order when it is archived, which waits until nobody can buy in its drop any
/// more. The same holds of its rights in a wave, for a household and for an address, where these
/// have limits (further_rights). Invariants: every pending order's hold is live with the order's
/// quantity; a right is exactly the quantity of the orders counted by it that are in the core and
/// pending or paid, less the units of paid ones that came back.
class Sale {
 public:
  Sale(Ledger& ledger, const Catalogue& catalogue, Orders& orders, Drops& drops,
       Reservations& reservations, Codes& codes, WaitingRooms& rooms, BuyerKeys& buyer_keys,
       Payments& payments)
      : ledger_(ledger),
        catalogue_(catalogue),
        orders_(orders),
        drops_(drops),
        reservations_(reservations),
        codes_(codes),
        rooms_(rooms),
        buyer_keys_(buyer_keys),
        payments_(payments) {}

  [[nodiscard]] PlaceOrderResult apply(const PlaceOrder&, const CommandContext&) noexcept;
  [[nodiscard]] CancelOrderResult apply(const CancelOrder&, const CommandContext&) noexcept;
  [[nodiscard]] ConfirmPaymentResult apply(const ConfirmPayment&, const CommandContext&) noexcept;
  /// Here, because the person's reservation and places in waiting rooms end with it.
  [[nodiscard]] ExcludeFromDropResult apply(const ExcludeFromDrop&, const CommandContext&) noexcept;

  /// For draws and waitlists: one unit of this wave for the person, in the drop's currency.
  /// REQUIRES: the drop is not cancelled, the wave is released and has a unit, room() is created.
  /// @return created, purchase_limit, household_limit or address_limit.
  [[nodiscard]] PlaceOrderResult place_for(DropId, std::uint16_t wave, PersonId, const SharedKeys&,
                                           const CommandContext&) noexcept;
  /// For draws: whether the person could buy with a reservation now.
  [[nodiscard]] bool has_reservation(DropId drop_id, PersonId person_id,
                                     const CommandContext& context) const noexcept {
    return reservations_.usable(drop_id, person_id, context.timestamp) != nullptr;
  }
  /// What one more order would be refused by, whoever buys: orders_full, accounts_full; else
  /// created.
  [[nodiscard]] PlaceOrderStatus room() const noexcept;

  /// Deadlines. Harmless if the order has found another end.
  void expire_due(OrderId, const CommandContext&) noexcept;
  /// A paid order whose drop still sells stays, and its deadline comes again kOrderRetention later:
  /// without it, its buyer could buy beyond the limit.
  void archive_due(OrderId, const CommandContext&) noexcept;

  /// Brings what a purchase will touch closer, some commands ahead.
  void prefetch(const PlaceOrder&) const noexcept;

  [[nodiscard]] const Payments& payments() const noexcept { return payments_; }

  [[nodiscard]] std::uint64_t digest() const noexcept { return payments_.digest(); }
  void check_invariants() const;
  void save(ByteSink& sink) const { payments_.save(sink); }
  /// @param version  Of the piece: before 2 nothing of a payment ever went back.
  [[nodiscard]] bool load(ByteSource& source, std::uint16_t version) {
    return payments_.load(source, version);
  }

 private:
  /// The same but for holds, of which the ledger knows when it is asked for one.
  [[nodiscard]] PlaceOrderStatus room_in_books() const noexcept;
  struct Purchase {
    DropId drop_id{};
    std::uint16_t wave = 0;
    PersonId person_id{};
    std::int32_t quantity = 1;
    Money total{};
    std::int32_t payment_window_seconds = 0;
    const Reservation* reservation = nullptr;  ///< That it uses, if any.
    CodeBatchId code_batch_id{};               ///< 0: no code came with it.
    std::uint32_t code_index = 0;
    SharedKeys keys{};
  };
  /// REQUIRES: the wave has the units. @return created, a limit or orders_full.
  [[nodiscard]] PlaceOrderResult take(const Purchase&, const CommandContext&) noexcept;
  /// Units back to the wave, right back to the drop. REQUIRES: the order is pending.
  void give_back(const Order&, Timestamp now) noexcept;
  [[nodiscard]] PaymentOutcome outcome_of(const ConfirmPayment&, Timestamp now) const noexcept;
  [[nodiscard]] UnmatchedReason why_unmatched(const ConfirmPayment&) const noexcept;
  /// The payment is booked. @param reservation  That the order used, if any.
  void close_paid(const ConfirmPayment&, const Reservation* reservation,
                  const CommandContext&) noexcept;
  /// Whether the order's wave asks for a code.
  [[nodiscard]] bool may_use_code(const Order&) const noexcept;
  /// If the order's wave is decided by a waiting room: the buyer's place there is used.
  void use_place(const Order&, const CommandContext&) noexcept;
  [[nodiscard]] PlaceOrderResult limit_refusal(const AccountKey& rights) const noexcept;
  [[nodiscard]] FurtherRights further_rights(const Order&) const noexcept;
  /// Posts `first` and what gives the order's rights to so many units back.
  void post_back(const Op* first, const Order&, std::int32_t units) noexcept;
  void check_holds() const;
  void check_rights() const;
  /// Units that the person of the order has a right for, and keeps.
  [[nodiscard]] std::int32_t units_kept(const Order&) const noexcept;

  Ledger& ledger_;
  const Catalogue& catalogue_;
  Orders& orders_;
  Drops& drops_;
  Reservations& reservations_;
  Codes& codes_;
  WaitingRooms& rooms_;
  BuyerKeys& buyer_keys_;
  Payments& payments_;
  /// Not a part of the state: the drop in which nobody found a unit last, so that those who still
  /// come are not looked up ahead.
  DropId sold_out_hint_{};
};

}  // namespace firebrand
