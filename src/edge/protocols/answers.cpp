#include "edge/protocols/answers.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/enum_name.hpp"
#include "edge/protocols/json_fields.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kReasonBytesMax = 80;

std::string reason_of(std::string_view code, int status) {
  if (code.empty()) { return "status_" + std::to_string(status); }
  std::string reason(code.substr(0, kReasonBytesMax));
  // It is shown to staff: codes are plain ASCII.
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c <= ' ' || c > '~'; }, '_');
  return reason;
}

bool is_good(int status) { return status >= 200 && status < 300; }

template <std::size_t N>
bool is_one_of(std::string_view code, const std::array<std::string_view, N>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

// ---- WeChat Pay --------------------------------------------------------------------------------

namespace {

/// Refusals that asking again under the same id does not mend. Whatever is not among them is asked
/// again: too little money, too many calls, a key that is wrong.
constexpr std::array<std::string_view, 4> kWeChatFinal = {
    "PARAM_ERROR", "INVALID_REQUEST", "RESOURCE_NOT_EXISTS", "USER_ACCOUNT_ABNORMAL"};

}  // namespace

PaymentReply read_wechat_pay_payment(const WeChatPayKeys& keys, const ProviderAnswer& answer) {
  if (const auto good = check_wechat_pay(keys, answer.content); !good) {
    return Unexpected(std::string(enum_name(good.error())));
  }
  simdjson::dom::parser parser;
  const auto body = json_object(parser, answer.content.body);
  const std::string_view url = body ? text_at(*body, "code_url") : std::string_view();
  if (!is_good(answer.status) || url.empty()) {
    return Unexpected(reason_of(body ? text_at(*body, "code") : "", answer.status));
  }
  return std::string(url);
}

RefundReply read_wechat_pay_refund(const WeChatPayKeys& keys, const ProviderAnswer& answer) {
  if (const auto good = check_wechat_pay(keys, answer.content); !good) {
    return {RefundStage::again, std::string(enum_name(good.error()))};
  }
  simdjson::dom::parser parser;
  const auto body = json_object(parser, answer.content.body);
  if (!body) { return {RefundStage::again, reason_of("", answer.status)}; }
  if (!is_good(answer.status)) {
    const std::string_view code = text_at(*body, "code");
    const bool is_final = answer.status < 500 && is_one_of(code, kWeChatFinal);
    return {is_final ? RefundStage::failed : RefundStage::again, reason_of(code, answer.status)};
  }
  const std::string_view state = text_at(*body, "status");
  if (state == "SUCCESS") { return {RefundStage::done}; }
  if (state == "PROCESSING") { return {RefundStage::under_way, reason_of(state, answer.status)}; }
  const bool is_final = state == "CLOSED" || state == "ABNORMAL";
  return {is_final ? RefundStage::failed : RefundStage::again, reason_of(state, answer.status)};
}

// ---- Alipay ------------------------------------------------------------------------------------

namespace {

constexpr std::string_view kAlipayGood = "10000";
constexpr std::string_view kAlipayRefused = "40004";
/// Of what is refused, that may be granted later.
constexpr std::array<std::string_view, 4> kAlipayPassing = {
    "ACQ.SYSTEM_ERROR", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.REFUND_CHARGE_ERROR",
    "aop.ACQ.SYSTEM_ERROR"};

std::string_view alipay_reason(const simdjson::dom::object& content) {
  const std::string_view sub = text_at(content, "sub_code");
  return sub.empty() ? text_at(content, "code") : sub;
}

/// The object that the answer's signature is over, as it stands in the body.
/// @return else the reason why it is not believed, or what Alipay says where it could not take the
///         request for one: that may be unsigned, and ends nothing.
Expected<std::string_view, std::string> alipay_content(const AlipayKeys& keys,
                                                       const ProviderAnswer& answer,
                                                       std::string_view name) {
  const auto wrong = [] {
    return Unexpected(std::string(enum_name(NoticeError::signature_wrong)));
  };
  const std::string_view body = answer.content.body;
  simdjson::dom::parser parser;
  const auto whole = json_object(parser, body);
  if (const auto error = whole ? object_at(*whole, "error_response") : std::nullopt) {
    return Unexpected(reason_of(alipay_reason(*error), answer.status));
  }
  const std::size_t at = body.find("\"" + std::string(name) + "\"");
  const std::size_t sign_at = body.rfind("\"sign\"");
  if (at == std::string_view::npos || sign_at == std::string_view::npos || sign_at < at) {
    return wrong();
  }
  const std::string_view between = body.substr(at, sign_at - at);
  const std::size_t begin = between.find('{');
  const std::size_t end = between.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return wrong();
  }
  const std::string_view content = between.substr(begin, end + 1 - begin);
  const std::string_view signature = whole ? text_at(*whole, "sign") : std::string_view();
  if (!keys.alipay_key || !keys.alipay_key->verify(content, signature)) { return wrong(); }
  return content;
}

}  // namespace

PaymentReply read_alipay_payment(const AlipayKeys& keys, const ProviderAnswer& answer) {
  const auto signed_part = alipay_content(keys, answer, "alipay_trade_precreate_response");
  if (!signed_part) { return Unexpected(signed_part.error()); }
  simdjson::dom::parser parser;
  const auto content = json_object(parser, *signed_part);
  const std::string_view url = content ? text_at(*content, "qr_code") : std::string_view();
  if (!content || text_at(*content, "code") != kAlipayGood || url.empty()) {
    return Unexpected(reason_of(content ? alipay_reason(*content) : "", answer.status));
  }
  return std::string(url);
}

RefundReply read_alipay_refund(const AlipayKeys& keys, const ProviderAnswer& answer,
                               bool is_query) {
  using enum RefundStage;
  const auto signed_part = alipay_content(
      keys, answer,
      is_query ? "alipay_trade_fastpay_refund_query_response" : "alipay_trade_refund_response");
  if (!signed_part) { return {again, signed_part.error()}; }
  simdjson::dom::parser parser;
  const auto content = json_object(parser, *signed_part);
  if (!content) { return {again, reason_of("", answer.status)}; }
  const std::string reason = reason_of(alipay_reason(*content), answer.status);
  const std::string_view code = text_at(*content, "code");
  if (is_query) {
    const bool is_done =
        code == kAlipayGood && text_at(*content, "refund_status") == "REFUND_SUCCESS";
    return is_done ? RefundReply{done} : RefundReply{again, reason};
  }
  if (code == kAlipayGood) {
    return text_at(*content, "fund_change") == "Y" ? RefundReply{done}
                                                   : RefundReply{look_up, reason};
  }
  const std::string_view sub = text_at(*content, "sub_code");
  const bool is_final = code == kAlipayRefused && !is_one_of(sub, kAlipayPassing);
  return {is_final ? failed : again, reason};
}

// ---- Stripe ------------------------------------------------------------------------------------

namespace {

std::string stripe_reason(const std::optional<simdjson::dom::object>& body, int status) {
  const auto error = body ? object_at(*body, "error") : std::nullopt;
  if (!error) { return reason_of("", status); }
  const std::string_view code = text_at(*error, "code");
  return reason_of(code.empty() ? text_at(*error, "type") : code, status);
}

/// Of a refund as it stands.
RefundReply stripe_stage(const simdjson::dom::object& refund) {
  using enum RefundStage;
  const std::string_view state = text_at(refund, "status");
  if (state == "succeeded") { return {done}; }
  const std::string reason = reason_of(state, 200);
  if (state == "failed" || state == "canceled") { return {failed, reason}; }
  const bool is_known = state == "pending" || state == "requires_action";
  return {is_known ? under_way : again, reason};
}

}  // namespace

PaymentReply read_stripe_payment(const ProviderAnswer& answer) {
  simdjson::dom::parser parser;
  const auto body = json_object(parser, answer.content.body);
  const std::string_view url = body ? text_at(*body, "url") : std::string_view();
  if (!is_good(answer.status) || url.empty()) {
    return Unexpected(stripe_reason(body, answer.status));
  }
  return std::string(url);
}

RefundReply read_stripe_refund(const ProviderAnswer& answer) {
  using enum RefundStage;
  simdjson::dom::parser parser;
  const auto body = json_object(parser, answer.content.body);
  if (!is_good(answer.status)) {
    const std::string reason = stripe_reason(body, answer.status);
    // An id that came with other fields before may have been a refund all the same.
    const bool is_final = (answer.status == 400 || answer.status == 404) && body &&
                          reason != "idempotency_error" && reason != "lock_timeout" &&
                          // Asked with a key of the test mode, or of another account.
                          reason != "resource_missing" && reason != "balance_insufficient" &&
                          reason != "insufficient_funds";
    return {is_final ? failed : again, reason};
  }
  return body ? stripe_stage(*body) : RefundReply{again, reason_of("", answer.status)};
}

RefundReply read_stripe_refund_query(std::string_view refund_id, const ProviderAnswer& answer) {
  using enum RefundStage;
  simdjson::dom::parser parser;
  const auto body = json_object(parser, answer.content.body);
  simdjson::dom::array list;
  if (!is_good(answer.status) || !body ||
      (*body)["data"].get_array().get(list) != simdjson::SUCCESS) {
    return {look_up, stripe_reason(body, answer.status)};
  }
  for (const simdjson::dom::element entry : list) {
    simdjson::dom::object refund;
    if (entry.get_object().get(refund) != simdjson::SUCCESS) { continue; }
    const auto metadata = object_at(refund, "metadata");
    if (!metadata || text_at(*metadata, "refund_id") != refund_id) { continue; }
    // Stripe may have forgotten its key: what is there already is never asked for again.
    RefundReply found = stripe_stage(refund);
    if (found.stage == under_way || found.stage == again) { found.stage = look_up; }
    return found;
  }
  return {again};
}

}  // namespace firebrand
