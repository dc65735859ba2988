#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.hpp"
#include "base/types.hpp"

namespace firebrand {

/// How far a provider's clock may be from ours, and how old a notice may be.
inline constexpr std::chrono::seconds kNoticeWindow{300};

/// A notice as it came.
struct NoticeInput {
  std::string_view header_lines;  ///< "name: value\r\n" each (HttpRequest::header_lines).
  std::string_view body;
  Timestamp now{};
};

enum class NoticeKind : std::uint8_t {
  payment,        ///< Money came.
  refund,         ///< Money went back.
  refund_failed,  ///< Money did not go back: the refund has to be asked for anew.
  other,          ///< Authentic, but about nothing that is booked.
};

/// What any provider's notice says.
struct PaymentNotice {
  NoticeKind kind = NoticeKind::other;
  std::string payment_id{};  ///< "wechat:4200...": the provider and its own id of the payment.
  std::string refund_id{};   ///< Of refunds: the id that the refund was asked for with.
  OrderId order_id{};        ///< Of payments; zero: it names no order of ours.
  Money amount{};            ///< Of a refund zero if the notice does not say how much.
  ReservationId reservation_id{};  ///< Of payments of a deposit, instead of an order.
};

/// Why a notice is not believed or not understood. The names are a part of the API.
enum class NoticeError : std::uint8_t {
  header_missing,
  timestamp_malformed,
  timestamp_outside_window,
  key_unknown,  ///< Signed with a key that is not configured.
  signature_wrong,
  body_malformed,  ///< Not in the protocol's form, or a field is missing.
  decryption_failed,
  other_merchant,  ///< For another merchant, seller or app.
  amount_malformed,
  id_too_long,
};

/// Whether the notice is not believed (else it is not understood).
[[nodiscard]] constexpr bool is_unauthentic(NoticeError error) {
  return error <= NoticeError::signature_wrong;
}

/// Unix seconds within kNoticeWindow of `now`; otherwise why not.
[[nodiscard]] bool read_notice_time(std::string_view text, Timestamp now, NoticeError& error);

/// Longest id that a notice may have, with its prefix.
inline constexpr std::size_t kNoticeIdBytesMax = 64;

/// Notes what a payment is for: "ord_42" is order 42, "rsv_7" the deposit of reservation 7, also
/// with zeros in front, which providers want who ask for a least length. Any other text is nothing
/// of ours.
void read_merchant_number(std::string_view text, PaymentNotice& notice);
/// The other way: at least 12 characters.
[[nodiscard]] std::string merchant_number_of(OrderId id);
[[nodiscard]] std::string merchant_number_of(ReservationId id);

}  // namespace firebrand
