#pragma once

#include <string>
#include <string_view>

#include "base/describe.hpp"
#include "base/expected.hpp"
#include "base/text.hpp"
#include "edge/protocols/notice.hpp"

/// Our own protocol, for a brand's own payment service or a provider without an adapter:
/// `Firebrand-Timestamp` in Unix seconds, and `Firebrand-Signature: v1=<hex>`, the HMAC-SHA-256
/// with the shared secret over timestamp, a dot and the body. Several signatures, with blanks
/// between, are tried, so that a secret can be rotated.
namespace firebrand {

/// The numbers are not stored.
enum class GenericNoticeKind : std::uint8_t { payment = 0, refund = 1, refund_failed = 2 };

/// The body of a notice.
struct GenericNotice {
  static constexpr std::string_view kName = "generic_notice";
  static constexpr std::string_view kDoc = "What a payment service tells.";
  GenericNoticeKind kind{};
  Text<kNoticeIdBytesMax> payment_id{};
  Text<kNoticeIdBytesMax> refund_id{};
  OrderId order_id{};
  Money amount{};
  ReservationId reservation_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "kind", self.kind, From::body, Rule{}, "Money came, went back, or did not go back.");
    field(2, "payment_id", self.payment_id, From::body, Rule{.min = 1},
          "Your own id of the payment.");
    field(3, "refund_id", self.refund_id, From::body, Rule{.presence = Presence::optional},
          "Of refunds: the id that the refund was asked for with.");
    field(4, "order_id", self.order_id, From::body, Rule{.presence = Presence::optional},
          "Of payments: the order.");
    field(5, "amount", self.amount, From::body, Rule{}, "How much.");
    field(6, "reservation_id", self.reservation_id, From::body,
          Rule{.presence = Presence::optional}, "Of payments of a deposit, instead of an order.");
  }
};

/// Whether a body under this secret came within kNoticeWindow.
/// @param secret  Empty: nothing is believed.
[[nodiscard]] Expected<void, NoticeError> check_generic(std::string_view secret,
                                                        const NoticeInput& input);

/// Authentic and understood, or why not.
[[nodiscard]] Expected<PaymentNotice, NoticeError> read_generic_notice(std::string_view secret,
                                                                       const NoticeInput& input);

/// hex of a body's signature.
[[nodiscard]] std::string sign_generic(std::string_view secret, std::string_view timestamp,
                                       std::string_view body);

}  // namespace firebrand
