#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/commerce/orders.hpp"
#include "core/context.hpp"
#include "core/launch/buyer_keys.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/payments.hpp"
#include "core/ledger/ledger.hpp"

namespace firebrand {

/// Where units go that a buyer gives back. The numbers live in facts: never renumber.
enum class ReturnTo : std::uint8_t {
  on_sale = 0,   ///< To their wave; to free stock if the drop was cancelled.
  returned = 1,  ///< Not to be sold again.
};

/// Some or all units of a paid order come back, or are given up before they are sent: their price
/// becomes owed back, less what the provider paid back of it already, and the right to buy returns.
struct ReturnUnits {
  static constexpr std::string_view kName = "return_units";
  static constexpr std::string_view kDoc = "Takes units of a paid order back; their price is owed.";
  OrderId order_id{};
  std::int32_t quantity = 0;
  ReturnTo to = ReturnTo::on_sale;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::path, Rule{}, "The order.");
    field(2, "quantity", self.quantity, From::body, Rule{.min = 1, .max = kPerPersonLimitMax},
          "Units.");
    field(3, "to", self.to, From::body, Rule{.presence = Presence::optional},
          "Back on sale, or not to be sold again.");
  }
};

enum class ReturnUnitsStatus : std::uint8_t {
  returned = 0,
  quantity_out_of_range = 10,
  order_not_found = 50,
  order_archived = 51,
  order_not_paid = 52,
  quantity_exceeds_order = 53,
  drop_over = 54,  ///< Nothing may go on sale again: rights of its buyers have ended.
};

struct ReturnUnitsResult {
  static constexpr std::string_view kName = "return_units_result";
  static constexpr std::string_view kDoc = "Answer to return_units.";
  ReturnUnitsStatus status{};
  std::int32_t units_left = 0;
  Money owed{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "units_left", self.units_left, From::body, Rule{}, "Units that the buyer keeps.");
    field(3, "owed", self.owed, From::body, Rule{}, "What became owed back by it.");
  }
};

/// Money that is owed back was asked of the provider: it is on its way.
struct RequestRefund {
  static constexpr std::string_view kName = "request_refund";
  static constexpr std::string_view kDoc = "Money that is owed back goes on its way.";
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refund_id", self.refund_id, From::body, Rule{.min = 1},
          "Your own unique id of the refund, which the provider is asked with.");
    field(2, "payment_id", self.payment_id, From::body, Rule{.min = 1}, "Of which payment.");
    field(3, "amount", self.amount, From::body, Rule{}, "At most what is owed back of it.");
  }
};

enum class RequestRefundStatus : std::uint8_t {
  requested = 0,
  refund_id_must_not_be_empty = 10,
  payment_id_must_not_be_empty = 11,
  amount_must_be_positive = 12,
  exists = 40,
  exists_with_different_fields = 50,
  payment_not_found = 51,
  currency_mismatch = 52,
  refund_exceeds_due = 53,
  refunds_full = 54,
};

struct RequestRefundResult {
  static constexpr std::string_view kName = "request_refund_result";
  static constexpr std::string_view kDoc = "Answer to request_refund.";
  RequestRefundStatus status{};
  RefundState state{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "state", self.state, From::body, Rule{}, "Where the refund stands.");
  }
};

/// The provider says what became of a refund, be it one that nobody asked for here.
struct ConfirmRefund {
  static constexpr std::string_view kName = "confirm_refund";
  static constexpr std::string_view kDoc = "The payment provider says what became of a refund.";
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};  ///< Zero: as it was asked for.
  RefundState outcome = RefundState::done;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refund_id", self.refund_id, From::body, Rule{.min = 1}, "The refund.");
    field(2, "payment_id", self.payment_id, From::body, Rule{.min = 1}, "Of which payment.");
    field(3, "amount", self.amount, From::body, Rule{}, "Zero: as it was asked for.");
    field(4, "outcome", self.outcome, From::body, Rule{.presence = Presence::optional},
          "Done, or failed: then the money is owed back again.");
  }
};

enum class ConfirmRefundStatus : std::uint8_t {
  confirmed = 0,
  booked = 1,  ///< Nobody asked for it here, or it had failed: the money went back all the same.
  failed = 2,
  refund_id_must_not_be_empty = 10,
  payment_id_must_not_be_empty = 11,
  amount_must_not_be_negative = 12,
  outcome_must_be_final = 13,
  exists = 40,
  exists_with_different_fields = 50,
  payment_not_found = 51,
  refund_not_found = 52,  ///< Not asked for here, and it failed or names no amount.
  currency_mismatch = 53,
  refund_exceeds_payment = 54,
  refund_done = 55,
  refunds_full = 56,
};

struct ConfirmRefundResult {
  static constexpr std::string_view kName = "confirm_refund_result";
  static constexpr std::string_view kDoc = "Answer to confirm_refund.";
  ConfirmRefundStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Money on its way back, and units that come back. It keeps nothing of its own: what is owed and
/// asked for stands with the payments, money and units in the ledger.
class Refunds {
 public:
  Refunds(Ledger& ledger, Orders& orders, Drops& drops, BuyerKeys& buyer_keys, Payments& payments)
      : ledger_(ledger),
        orders_(orders),
        drops_(drops),
        buyer_keys_(buyer_keys),
        payments_(payments) {}

  [[nodiscard]] ReturnUnitsResult apply(const ReturnUnits&, const CommandContext&) noexcept;
  [[nodiscard]] RequestRefundResult apply(const RequestRefund&, const CommandContext&) noexcept;
  [[nodiscard]] ConfirmRefundResult apply(const ConfirmRefund&, const CommandContext&) noexcept;

 private:
  [[nodiscard]] bool may_go_on_sale(DropId, Timestamp now) const noexcept;
  [[nodiscard]] ConfirmRefundResult finish(std::uint64_t refund, const ConfirmRefund&,
                                           const CommandContext&) noexcept;
  [[nodiscard]] ConfirmRefundResult book(std::uint64_t refund, std::uint64_t payment,
                                         std::int64_t minor, const ConfirmRefund&,
                                         const CommandContext&) noexcept;
  void post(std::span<const Op> ops) noexcept;

  Ledger& ledger_;
  Orders& orders_;
  Drops& drops_;
  BuyerKeys& buyer_keys_;
  Payments& payments_;
};

}  // namespace firebrand
