#include "edge/protocols/alipay.hpp"

#include "edge/protocols/form.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kPrefix = "alipay:";
constexpr Currency kYuan = Currency::of("CNY");

using Fields = std::map<std::string, std::string, std::less<>>;

std::string_view value_of(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::string signed_text(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (name == "sign" || name == "sign_type") { continue; }
    text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return text;
}

/// The clients of the provider leave out fields without a value, its servers sign them: either is
/// good.
bool is_signed(const Fields& fields, const RsaKey& key) {
  const std::string_view signature = value_of(fields, "sign");
  if (key.verify(signed_text(fields), signature)) { return true; }
  Fields filled = fields;
  std::erase_if(filled, [](const auto& field) { return field.second.empty(); });
  return filled.size() != fields.size() && key.verify(signed_text(filled), signature);
}

}  // namespace

Expected<PaymentNotice, NoticeError> read_alipay_notice(const AlipayKeys& keys,
                                                        const NoticeInput& input) {
  using enum NoticeError;
  const auto fields = read_form(input.body);
  if (!fields) { return Unexpected(body_malformed); }
  if (!keys.alipay_key || value_of(*fields, "sign_type") != "RSA2") {
    return Unexpected(key_unknown);
  }
  if (!is_signed(*fields, *keys.alipay_key)) { return Unexpected(signature_wrong); }
  if (value_of(*fields, "app_id") != keys.app_id) { return Unexpected(other_merchant); }
  if (!keys.seller_id.empty() && value_of(*fields, "seller_id") != keys.seller_id) {
    return Unexpected(other_merchant);
  }
  PaymentNotice notice;
  notice.payment_id = std::string(kPrefix).append(value_of(*fields, "trade_no"));
  if (notice.payment_id.size() == kPrefix.size()) { return Unexpected(body_malformed); }
  if (notice.payment_id.size() > kNoticeIdBytesMax) { return Unexpected(id_too_long); }

  const std::string_view refunded = value_of(*fields, "refund_fee");
  const auto refund = refunded.empty() ? Money{0, kYuan} : parse_amount(refunded, kYuan);
  if (!refund) { return Unexpected(amount_malformed); }
  // Notices of payments say at times that nothing was refunded.
  if (refund->minor > 0) {
    notice.kind = NoticeKind::refund;
    notice.refund_id = value_of(*fields, "out_biz_no");
    notice.amount = {0, kYuan};
    if (notice.refund_id.empty()) { return Unexpected(body_malformed); }
    if (notice.refund_id.size() > kNoticeIdBytesMax) { return Unexpected(id_too_long); }
    return notice;
  }
  const std::string_view state = value_of(*fields, "trade_status");
  if (state != "TRADE_SUCCESS" && state != "TRADE_FINISHED") { return PaymentNotice{}; }
  notice.kind = NoticeKind::payment;
  read_merchant_number(value_of(*fields, "out_trade_no"), notice);
  const auto amount = parse_amount(value_of(*fields, "total_amount"), kYuan);
  if (!amount) { return Unexpected(amount_malformed); }
  notice.amount = *amount;
  return notice;
}

}  // namespace firebrand
