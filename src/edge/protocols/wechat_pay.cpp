#include "edge/protocols/wechat_pay.hpp"

#include "edge/http/http.hpp"
#include "edge/protocols/json_fields.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kPrefix = "wechat:";
constexpr Currency kFen = Currency::of("CNY");

/// The JSON inside the notice's `resource`.
Expected<std::string, NoticeError> open_resource(const WeChatPayKeys& keys,
                                                 const simdjson::dom::object& notice) {
  const auto resource = object_at(notice, "resource");
  if (!resource || text_at(*resource, "algorithm") != "AEAD_AES_256_GCM") {
    return Unexpected(NoticeError::body_malformed);
  }
  const auto sealed = decode_base64(text_at(*resource, "ciphertext"));
  if (!sealed) { return Unexpected(NoticeError::body_malformed); }
  auto plain = open_aes_256_gcm(keys.api_v3_key, text_at(*resource, "nonce"),
                                text_at(*resource, "associated_data"), *sealed);
  if (!plain) { return Unexpected(NoticeError::decryption_failed); }
  return std::move(*plain);
}

Expected<PaymentNotice, NoticeError> read_payment(const WeChatPayKeys& keys,
                                                  const simdjson::dom::object& content,
                                                  PaymentNotice notice) {
  if (!keys.app_id.empty() && text_at(content, "appid") != keys.app_id) {
    return Unexpected(NoticeError::other_merchant);
  }
  if (text_at(content, "trade_state") != "SUCCESS") { return PaymentNotice{}; }
  notice.kind = NoticeKind::payment;
  read_merchant_number(text_at(content, "out_trade_no"), notice);
  const auto amount = object_at(content, "amount");
  const auto total = amount ? integer_at(*amount, "total") : std::nullopt;
  if (!total) { return Unexpected(NoticeError::body_malformed); }
  // What is not in yuan says so; no currency means yuan.
  const std::string_view code = text_at(*amount, "currency");
  const auto currency = code.empty() ? std::optional(kFen) : Currency::parse(code);
  if (!currency) { return Unexpected(NoticeError::amount_malformed); }
  notice.amount = {*total, *currency};
  return notice;
}

Expected<PaymentNotice, NoticeError> read_refund(const simdjson::dom::object& content,
                                                 PaymentNotice notice) {
  const std::string_view state = text_at(content, "refund_status");
  if (state == "SUCCESS") {
    notice.kind = NoticeKind::refund;
  } else if (state == "CLOSED" || state == "ABNORMAL") {
    notice.kind = NoticeKind::refund_failed;
  } else {
    return PaymentNotice{};
  }
  notice.refund_id = text_at(content, "out_refund_no");
  const auto amount = object_at(content, "amount");
  const auto refund = amount ? integer_at(*amount, "refund") : std::nullopt;
  if (!refund || notice.refund_id.empty()) { return Unexpected(NoticeError::body_malformed); }
  if (notice.refund_id.size() > kNoticeIdBytesMax) { return Unexpected(NoticeError::id_too_long); }
  notice.amount = {*refund, kFen};
  return notice;
}

}  // namespace

Expected<void, NoticeError> check_wechat_pay(const WeChatPayKeys& keys, const NoticeInput& input) {
  const auto header = [&](std::string_view name) { return find_header(input.header_lines, name); };
  const std::string_view timestamp = header("Wechatpay-Timestamp");
  const std::string_view nonce = header("Wechatpay-Nonce");
  const std::string_view signature = header("Wechatpay-Signature");
  NoticeError error{};
  if (!read_notice_time(timestamp, input.now, error)) { return Unexpected(error); }
  if (nonce.empty() || signature.empty()) { return Unexpected(NoticeError::header_missing); }
  const auto key = keys.platform_keys.find(header("Wechatpay-Serial"));
  if (key == keys.platform_keys.end()) { return Unexpected(NoticeError::key_unknown); }
  const std::string signed_text = std::string(timestamp)
                                      .append("\n")
                                      .append(nonce)
                                      .append("\n")
                                      .append(input.body)
                                      .append("\n");
  if (!key->second.verify(signed_text, signature)) {
    return Unexpected(NoticeError::signature_wrong);
  }
  return {};
}

Expected<PaymentNotice, NoticeError> read_wechat_pay_notice(const WeChatPayKeys& keys,
                                                            const NoticeInput& input) {
  if (auto good = check_wechat_pay(keys, input); !good) { return Unexpected(good.error()); }
  simdjson::dom::parser outer;
  const auto outside = json_object(outer, input.body);
  if (!outside) { return Unexpected(NoticeError::body_malformed); }
  const std::string_view event = text_at(*outside, "event_type");
  const bool is_payment = event == "TRANSACTION.SUCCESS";
  if (!is_payment && !event.starts_with("REFUND.")) { return PaymentNotice{}; }
  const auto resource = open_resource(keys, *outside);
  if (!resource) { return Unexpected(resource.error()); }
  simdjson::dom::parser inner;
  const auto content = json_object(inner, *resource);
  if (!content) { return Unexpected(NoticeError::body_malformed); }
  if (text_at(*content, "mchid") != keys.merchant_id) {
    return Unexpected(NoticeError::other_merchant);
  }
  PaymentNotice notice;
  const std::string_view id = text_at(*content, "transaction_id");
  if (id.empty()) { return Unexpected(NoticeError::body_malformed); }
  notice.payment_id = std::string(kPrefix).append(id);
  if (notice.payment_id.size() > kNoticeIdBytesMax) { return Unexpected(NoticeError::id_too_long); }
  return is_payment ? read_payment(keys, *content, std::move(notice))
                    : read_refund(*content, std::move(notice));
}

}  // namespace firebrand
