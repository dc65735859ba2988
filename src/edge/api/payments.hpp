#pragma once

#include "core/launch/sale.hpp"
#include "edge/api/payment_keys.hpp"
#include "edge/api/route.hpp"

namespace firebrand {

/// What a signed payment is answered with.
struct PaymentConfirmed {
  static constexpr std::string_view kName = "payment_confirmed";
  static constexpr std::string_view kDoc = "What became of a payment.";
  OrderId order_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  PaymentOutcome outcome{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(3, "outcome", self.outcome, From::body, Rule{}, "Paid, owed back, or fitting no order.");
  }
};

/// Hands an authenticated payment to the engine and answers with its outcome.
void confirm(Api& api, const Asker& asker, const ConfirmPayment& command);

}  // namespace firebrand
