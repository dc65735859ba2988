#include "edge/protocols/stripe.hpp"

#include "edge/http/http.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/json_fields.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kPrefix = "stripe:";

/// Decimals that Stripe counts in: ISK and UGX as if they had two, MGA as if it had none.
int stripe_exponent(Currency currency) {
  if (currency == Currency::of("ISK") || currency == Currency::of("UGX")) { return 2; }
  if (currency == Currency::of("MGA")) { return 0; }
  return currency.exponent();
}

Expected<void, NoticeError> check(const StripeKeys& keys, const NoticeInput& input) {
  std::string_view header = find_header(input.header_lines, "Stripe-Signature");
  if (header.empty()) { return Unexpected(NoticeError::header_missing); }
  std::string_view timestamp;
  std::vector<std::string_view> signatures;
  while (!header.empty()) {
    const std::string_view part = header.substr(0, header.find(','));
    header.remove_prefix(std::min(part.size() + 1, header.size()));
    if (part.starts_with("t=") && timestamp.empty()) { timestamp = part.substr(2); }
    if (part.starts_with("v1=")) { signatures.push_back(part.substr(3)); }
  }
  NoticeError error{};
  if (!read_notice_time(timestamp, input.now, error)) { return Unexpected(error); }
  if (keys.secrets.empty()) { return Unexpected(NoticeError::key_unknown); }
  const std::string text = std::string(timestamp).append(".").append(input.body);
  bool fits = false;
  for (const std::string& secret : keys.secrets) {
    const std::string want = hmac_sha256_hex(secret, text);
    for (const std::string_view one : signatures) {
      fits = fits || equal_in_constant_time(one, want);
    }
  }
  if (!fits) { return Unexpected(NoticeError::signature_wrong); }
  return {};
}

std::string_view order_text(const simdjson::dom::object& object) {
  const auto metadata = object_at(object, "metadata");
  const std::string_view named = metadata ? text_at(*metadata, "order_id") : std::string_view();
  return named.empty() ? text_at(object, "client_reference_id") : named;
}

/// A payment or refund of `amount_field` under the payment intent `id`.
Expected<PaymentNotice, NoticeError> read_money(const simdjson::dom::object& object,
                                                std::string_view id, std::string_view amount_field,
                                                PaymentNotice notice) {
  const auto amount = integer_at(object, amount_field);
  if (!amount || id.empty()) { return Unexpected(NoticeError::body_malformed); }
  notice.payment_id = std::string(kPrefix).append(id);
  if (notice.payment_id.size() > kNoticeIdBytesMax || notice.refund_id.size() > kNoticeIdBytesMax) {
    return Unexpected(NoticeError::id_too_long);
  }
  const auto money = money_of_stripe(*amount, text_at(object, "currency"));
  if (!money) { return Unexpected(NoticeError::amount_malformed); }
  notice.amount = *money;
  return notice;
}

Expected<PaymentNotice, NoticeError> read_refund(const simdjson::dom::object& object) {
  PaymentNotice notice;
  const std::string_view state = text_at(object, "status");
  if (state == "succeeded") {
    notice.kind = NoticeKind::refund;
  } else if (state == "failed" || state == "canceled") {
    notice.kind = NoticeKind::refund_failed;
  } else {
    return PaymentNotice{};
  }
  // Ours carry the id that they were asked for with; those made by hand have Stripe's alone.
  const auto metadata = object_at(object, "metadata");
  const std::string_view own = metadata ? text_at(*metadata, "refund_id") : std::string_view();
  notice.refund_id =
      own.empty() ? std::string(kPrefix).append(text_at(object, "id")) : std::string(own);
  return read_money(object, text_at(object, "payment_intent"), "amount", std::move(notice));
}

}  // namespace

std::optional<Money> money_of_stripe(std::int64_t amount, std::string_view currency) {
  std::string capitals;
  for (const char c : currency) {
    capitals += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  const auto known = Currency::parse(capitals);
  if (!known) { return std::nullopt; }
  std::int64_t scaled = amount;
  for (int i = stripe_exponent(*known); i < known->exponent(); ++i) {
    const auto more = checked_mul(scaled, 10);
    if (!more) { return std::nullopt; }
    scaled = *more;
  }
  for (int i = known->exponent(); i < stripe_exponent(*known); ++i) {
    if (scaled % 10 != 0) { return std::nullopt; }
    scaled /= 10;
  }
  return Money{scaled, *known};
}

Expected<PaymentNotice, NoticeError> read_stripe_notice(const StripeKeys& keys,
                                                        const NoticeInput& input) {
  if (auto good = check(keys, input); !good) { return Unexpected(good.error()); }
  simdjson::dom::parser parser;
  const auto event = json_object(parser, input.body);
  const auto data = event ? object_at(*event, "data") : std::nullopt;
  const auto object = data ? object_at(*data, "object") : std::nullopt;
  if (!object) { return Unexpected(NoticeError::body_malformed); }
  const std::string_view type = text_at(*event, "type");
  if (type == "refund.created" || type == "refund.updated" || type == "refund.failed" ||
      type == "charge.refund.updated") {
    return read_refund(*object);
  }
  PaymentNotice notice{.kind = NoticeKind::payment};
  read_merchant_number(order_text(*object), notice);
  if (type == "payment_intent.succeeded") {
    // One that a checkout session made may name no order: the session's own event does.
    if (order_text(*object).empty()) { return PaymentNotice{}; }
    return read_money(*object, text_at(*object, "id"), "amount_received", std::move(notice));
  }
  const bool is_checkout =
      type == "checkout.session.completed" || type == "checkout.session.async_payment_succeeded";
  if (is_checkout && text_at(*object, "payment_status") == "paid") {
    return read_money(*object, text_at(*object, "payment_intent"), "amount_total",
                      std::move(notice));
  }
  return PaymentNotice{};
}

}  // namespace firebrand
