#include "edge/payments/payment_providers.hpp"

#include <sodium.h>

#include <algorithm>

#include "base/enum_name.hpp"

namespace firebrand {

namespace {

constexpr Currency kYuan = Currency::of("CNY");

/// 32 hexadecimal digits of chance.
std::string nonce() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 33> text{};
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

ProviderAnswer answer_of(const OutgoingAnswer& answer, Timestamp now) {
  return {answer.status, {answer.headers, answer.body, now}};
}

}  // namespace

std::optional<PaymentProvider> provider_of(std::string_view payment_id) {
  return enum_from_name<PaymentProvider>(payment_id.substr(0, payment_id.find(':')));
}

PaymentProviders::PaymentProviders(PaymentKeys keys, PaymentAccounts accounts)
    : keys_(std::move(keys)), accounts_(std::move(accounts)) {
  if (accounts_.wechat) { offered_.push_back(PaymentProvider::wechat); }
  if (accounts_.alipay) { offered_.push_back(PaymentProvider::alipay); }
  if (!accounts_.stripe_secret_key.empty()) { offered_.push_back(PaymentProvider::stripe); }
}

bool PaymentProviders::takes(PaymentProvider provider, Currency currency) const {
  const bool is_offered = std::find(offered_.begin(), offered_.end(), provider) != offered_.end();
  return is_offered && (provider == PaymentProvider::stripe || currency == kYuan);
}

std::optional<OutgoingRequest> PaymentProviders::payment(PaymentProvider provider,
                                                         PaymentWanted wanted,
                                                         Timestamp now) const {
  if (!takes(provider, wanted.amount.currency)) { return std::nullopt; }
  wanted.notify_url = notices_url(provider);
  wanted.return_url.insert(0, accounts_.public_url);
  switch (provider) {
    case PaymentProvider::wechat:
      return request_to(provider, wechat_pay_payment(*accounts_.wechat, wanted, now, nonce()));
    case PaymentProvider::alipay:
      return request_to(provider, alipay_payment(*accounts_.alipay, wanted, now));
    case PaymentProvider::stripe:
      break;
  }
  auto request = stripe_payment(accounts_.stripe_secret_key, wanted);
  if (!request) { return std::nullopt; }
  return request_to(provider, std::move(*request));
}

PaymentReply PaymentProviders::read_payment(PaymentProvider provider, const OutgoingAnswer& answer,
                                            Timestamp now) const {
  switch (provider) {
    case PaymentProvider::wechat:
      return read_wechat_pay_payment(keys_.wechat, answer_of(answer, now));
    case PaymentProvider::alipay:
      return read_alipay_payment(keys_.alipay, answer_of(answer, now));
    case PaymentProvider::stripe:
      break;
  }
  return read_stripe_payment(answer_of(answer, now));
}

std::optional<OutgoingRequest> PaymentProviders::refund(PaymentProvider provider,
                                                        RefundWanted wanted, bool look_up,
                                                        Timestamp now) const {
  if (!takes(provider, wanted.amount.currency)) { return std::nullopt; }
  wanted.notify_url = notices_url(provider);
  switch (provider) {
    case PaymentProvider::wechat:
      return request_to(provider, wechat_pay_refund(*accounts_.wechat, wanted, now, nonce()));
    case PaymentProvider::alipay:
      return request_to(provider, look_up ? alipay_refund_query(*accounts_.alipay, wanted, now)
                                          : alipay_refund(*accounts_.alipay, wanted, now));
    case PaymentProvider::stripe:
      break;
  }
  if (look_up) {
    return request_to(provider, stripe_refund_query(accounts_.stripe_secret_key, wanted));
  }
  auto request = stripe_refund(accounts_.stripe_secret_key, wanted);
  if (!request) { return std::nullopt; }
  return request_to(provider, std::move(*request));
}

RefundReply PaymentProviders::read_refund(PaymentProvider provider, std::string_view refund_id,
                                          bool look_up, const OutgoingAnswer& answer,
                                          Timestamp now) const {
  switch (provider) {
    case PaymentProvider::wechat:
      return read_wechat_pay_refund(keys_.wechat, answer_of(answer, now));
    case PaymentProvider::alipay:
      return read_alipay_refund(keys_.alipay, answer_of(answer, now), look_up);
    case PaymentProvider::stripe:
      break;
  }
  return look_up ? read_stripe_refund_query(refund_id, answer_of(answer, now))
                 : read_stripe_refund(answer_of(answer, now));
}

OutgoingRequest PaymentProviders::request_to(PaymentProvider provider,
                                             ProviderRequest request) const {
  OutgoingRequest call{.method = request.body.empty() ? HttpMethod::get : HttpMethod::post,
                       .url = provider == PaymentProvider::wechat   ? accounts_.wechat_url
                              : provider == PaymentProvider::alipay ? accounts_.alipay_url
                                                                    : accounts_.stripe_url};
  call.url += request.path;
  for (const auto& [name, value] : request.headers) { call.headers.push_back(name + ": " + value); }
  // WeChat Pay refuses calls without one.
  call.headers.emplace_back("User-Agent: firebrand");
  call.body = std::move(request.body);
  return call;
}

std::string PaymentProviders::notices_url(PaymentProvider provider) const {
  return accounts_.public_url + "/v1/payments/" + std::string(enum_name(provider)) + "/notices";
}

}  // namespace firebrand
