#include "edge/protocols/generic.hpp"

#include "base/codec_json.hpp"
#include "edge/http/http.hpp"
#include "edge/protocols/crypto.hpp"

namespace firebrand {

std::string sign_generic(std::string_view secret, std::string_view timestamp,
                         std::string_view body) {
  return hmac_sha256_hex(secret, std::string(timestamp).append(".").append(body));
}

Expected<void, NoticeError> check_generic(std::string_view secret, const NoticeInput& input) {
  if (secret.empty()) { return Unexpected(NoticeError::key_unknown); }
  const std::string_view timestamp = find_header(input.header_lines, "Firebrand-Timestamp");
  std::string_view signatures = find_header(input.header_lines, "Firebrand-Signature");
  NoticeError error{};
  if (!read_notice_time(timestamp, input.now, error)) { return Unexpected(error); }
  if (signatures.empty()) { return Unexpected(NoticeError::header_missing); }
  const std::string want = "v1=" + sign_generic(secret, timestamp, input.body);
  bool fits = false;
  while (!signatures.empty()) {
    const std::string_view one = signatures.substr(0, signatures.find(' '));
    fits = fits || equal_in_constant_time(one, want);
    signatures.remove_prefix(std::min(one.size() + 1, signatures.size()));
  }
  if (!fits) { return Unexpected(NoticeError::signature_wrong); }
  return {};
}

Expected<PaymentNotice, NoticeError> read_generic_notice(std::string_view secret,
                                                         const NoticeInput& input) {
  if (auto good = check_generic(secret, input); !good) { return Unexpected(good.error()); }
  std::string padded(input.body);
  padded.reserve(padded.size() + kHttpBodyPadding);
  const auto body = read_json<GenericNotice>(padded);
  if (!body) { return Unexpected(NoticeError::body_malformed); }
  const bool is_payment = body->kind == GenericNoticeKind::payment;
  const bool names_both = body->order_id.value != 0 && body->reservation_id.value != 0;
  if (is_payment == body->refund_id.empty() && !names_both) {
    PaymentNotice notice{.kind = NoticeKind::payment,
                         .payment_id = std::string(body->payment_id.view()),
                         .refund_id = std::string(body->refund_id.view()),
                         .order_id = body->order_id,
                         .amount = body->amount,
                         .reservation_id = body->reservation_id};
    if (!is_payment) {
      notice.kind =
          body->kind == GenericNoticeKind::refund ? NoticeKind::refund : NoticeKind::refund_failed;
    }
    return notice;
  }
  return Unexpected(NoticeError::body_malformed);
}

}  // namespace firebrand
