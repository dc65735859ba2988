#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/money.hpp"
#include "base/types.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

inline constexpr std::uint64_t kOrdersMax = 1ULL << 32U;
/// No snapshot counts further: a million orders a second for twelve days.
inline constexpr std::uint64_t kOrderIdMax = 1ULL << 40U;
/// How long an order stays in the core after its last change; then the records view answers. A paid
/// one of a drop that still sells stays longer, because it is what the buyer's right is counted by.
inline constexpr Millis kOrderRetention = std::chrono::hours{24 * 30};

/// The numbers live in snapshots, facts and the API: never renumber.
enum class OrderState : std::uint8_t {
  pending_payment = 0,
  paid = 1,
  expired = 2,
  cancelled = 3,
  returned = 4,  ///< Paid, and every unit came back.
};
inline constexpr std::size_t kOrderStates = 5;

/// Every legal change of an order, [from][to]. All others are bugs and abort.
inline constexpr std::array<std::array<bool, kOrderStates>, kOrderStates> kOrderTransitions{{
    //                    pending_payment paid   expired cancelled returned
    /* pending_payment */ {{false, true, true, true, false}},
    /* paid            */ {{false, false, false, false, true}},
    /* expired         */ {{false, false, false, false, false}},
    /* cancelled       */ {{false, false, false, false, false}},
    /* returned        */ {{false, false, false, false, false}},
}};

[[nodiscard]] constexpr bool order_may_become(OrderState from, OrderState to) {
  return kOrderTransitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
}

/// One order. Everything but `state`, `closed_at` and `hold_id` stays as it was created.
struct Order {
  static constexpr std::string_view kName = "order";
  static constexpr std::string_view kDoc = "One order.";
  OrderId order_id{};  ///< Zero: archived.
  PersonId person_id{};
  DropId drop_id{};
  Money total{};
  Timestamp created_at{};
  Timestamp expires_at{};  ///< At this instant the hold is over, run_due or not.
  Timestamp closed_at{};   ///< Of the last change of state; zero while pending.
  HoldId hold_id{};        ///< Units held while pending; zero afterwards.
  std::int32_t quantity = 0;
  std::uint16_t wave = 0;  ///< Counted from 1.
  OrderState state = OrderState::pending_payment;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who ordered.");
    field(3, "drop_id", self.drop_id, From::body, Rule{}, "From which drop.");
    field(4, "wave", self.wave, From::body, Rule{}, "From which wave, counted from 1.");
    field(5, "quantity", self.quantity, From::body, Rule{}, "Units.");
    field(6, "total", self.total, From::body, Rule{}, "What is to be paid.");
    field(7, "state", self.state, From::body, Rule{}, "Where the order stands.");
    field(8, "created_at", self.created_at, From::body, Rule{}, "When it was placed.");
    field(9, "expires_at", self.expires_at, From::body, Rule{}, "When an unpaid order ends.");
    field(10, "closed_at", self.closed_at, From::body, Rule{}, "Last change; 1970 while pending.");
    field(11, "hold_id", self.hold_id, From::body, Rule{}, "The units held while pending.");
  }
};

/// All orders that the core still answers for, in creation order.
///
/// An entry is about 80 bytes; it ends by a deadline, kOrderRetention after the order's last change
/// unless the sale keeps it (Sale::archive_due), and its number is never used again; at most
/// kOrdersMax live at once.
/// Invariants: an order holds units if and only if it is pending; numbers are dense.
class Orders {
 public:
  explicit Orders(Schedule& schedule) : schedule_(schedule) {}

  [[nodiscard]] bool full() const noexcept { return live_ >= kOrdersMax; }
  /// The number that the next order will get.
  [[nodiscard]] OrderId next_id() const noexcept { return OrderId{orders_.size() + 1}; }
  /// REQUIRES: !full(); order.order_id == next_id(). Sets its payment deadline.
  void place(const Order& order) noexcept;
  /// The order, unless it never was or has been archived.
  [[nodiscard]] const Order* find(OrderId) const noexcept;
  /// True for an order that was there and has left for the records view.
  [[nodiscard]] bool was_archived(OrderId) const noexcept;
  /// REQUIRES: the change is in kOrderTransitions. Frees the hold id, sets the archive deadline.
  void close(OrderId, OrderState to, Timestamp now) noexcept;
  /// REQUIRES: the order is there and not pending. Sets its archive deadline once more, from `now`.
  void keep(OrderId, Timestamp now) noexcept;
  /// REQUIRES: the order is there and not pending.
  void archive(OrderId) noexcept;

  /// One bounded step towards memory for so many new orders (DenseArray::make_ready).
  /// @return whether it did anything: call again.
  bool make_ready(std::uint64_t orders);

  [[nodiscard]] std::uint64_t live() const noexcept { return live_; }
  [[nodiscard]] std::uint64_t digest() const noexcept {
    return hash_words(digest_.value(), orders_.size());
  }
  template <class Take>
  void for_each(Take&& take) const {
    // Where all orders of a chunk were archived, there is nothing to read.
    for (std::uint64_t i = orders_.next_resident(0); i < orders_.size();
         i = orders_.next_resident(i + 1)) {
      if (orders_[i].order_id.value != 0) { take(orders_[i]); }
    }
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  Schedule& schedule_;
  DenseArray<Order> orders_;  // OrderId n is entry n - 1.
  std::uint64_t live_ = 0;
  Digest digest_;
};

}  // namespace firebrand
