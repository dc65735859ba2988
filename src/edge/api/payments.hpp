#pragma once

#include "core/launch/sale.hpp"
#include "edge/api/route.hpp"
#include "edge/protocols/payment_keys.hpp"

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

/// What a notice of a deposit is answered with.
struct DepositConfirmed {
  static constexpr std::string_view kName = "deposit_confirmed";
  static constexpr std::string_view kDoc = "What became of a deposit.";
  ReservationId reservation_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  DepositOutcome outcome{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(3, "outcome", self.outcome, From::body, Rule{}, "Reserved, or owed back.");
  }
};

/// Hands an authenticated deposit to the engine and answers with its outcome.
void confirm(Api& api, const Asker& asker, const ConfirmDeposit& command);

/// Whether the request is signed in our own protocol (protocols/generic.hpp), now. If not, it is
/// refused.
[[nodiscard]] bool admit_callback(Api& api, const Call& call);

/// Hands an authenticated payment to the engine and answers with its outcome.
void confirm(Api& api, const Asker& asker, const ConfirmPayment& command);

}  // namespace firebrand
