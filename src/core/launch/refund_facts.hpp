#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/types.hpp"
#include "core/launch/refunds.hpp"

namespace firebrand {

struct UnitsReturned {
  static constexpr std::string_view kName = "units_returned";
  static constexpr std::string_view kDoc = "Units of a paid order came back.";
  OrderId order_id{};
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int32_t quantity = 0;
  std::int32_t units_left = 0;
  ReturnTo to{};
  Money owed{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "Of which drop.");
    field(3, "wave", self.wave, From::body, Rule{}, "Of which wave, counted from 1.");
    field(4, "quantity", self.quantity, From::body, Rule{}, "Units.");
    field(5, "units_left", self.units_left, From::body, Rule{}, "Units that the buyer keeps.");
    field(6, "to", self.to, From::body, Rule{}, "Where they went.");
    field(7, "owed", self.owed, From::body, Rule{}, "What became owed back by it.");
  }
};

struct RefundRequested {
  static constexpr std::string_view kName = "refund_requested";
  static constexpr std::string_view kDoc = "Money that is owed back went on its way.";
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  OrderId order_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refund_id", self.refund_id, From::body, Rule{}, "The refund.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "Of which payment.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order that it was for.");
    field(4, "amount", self.amount, From::body, Rule{}, "How much.");
  }
};

struct RefundConfirmed {
  static constexpr std::string_view kName = "refund_confirmed";
  static constexpr std::string_view kDoc = "The provider paid money back.";
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  OrderId order_id{};
  Money amount{};
  Money unasked{};  ///< The part that nobody owed: it came out of revenue.
  bool was_requested = false;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refund_id", self.refund_id, From::body, Rule{}, "The refund.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "Of which payment.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order that it was for.");
    field(4, "amount", self.amount, From::body, Rule{}, "How much.");
    field(5, "unasked", self.unasked, From::body, Rule{}, "Of it, what nobody owed.");
    field(6, "was_requested", self.was_requested, From::body, Rule{}, "Whether it was on its way.");
  }
};

struct RefundFailed {
  static constexpr std::string_view kName = "refund_failed";
  static constexpr std::string_view kDoc = "A refund did not go through: the money is owed again.";
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  OrderId order_id{};
  Money amount{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refund_id", self.refund_id, From::body, Rule{}, "The refund.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "Of which payment.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order that it was for.");
    field(4, "amount", self.amount, From::body, Rule{}, "How much.");
  }
};

}  // namespace firebrand
