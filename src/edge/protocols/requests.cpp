#include "edge/protocols/requests.hpp"

#include <algorithm>
#include <map>

#include "base/hex.hpp"
#include "base/json_writer.hpp"
#include "base/rfc3339.hpp"
#include "base/sha256.hpp"
#include "edge/protocols/form.hpp"
#include "edge/protocols/stripe.hpp"

namespace firebrand {

namespace {

constexpr char kJsonType[] = "application/json";
constexpr char kFormType[] = "application/x-www-form-urlencoded;charset=utf-8";

/// A payment's id as its provider knows it.
std::string_view own_id(std::string_view payment_id) {
  const std::size_t middle = payment_id.find(':');
  return middle == std::string_view::npos ? payment_id : payment_id.substr(middle + 1);
}

/// An object of texts, and what `more` adds.
template <class More>
std::string json_of(std::initializer_list<std::pair<std::string_view, std::string_view>> texts,
                    More&& more) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  json.begin_object();
  for (const auto& [name, value] : texts) {
    json.key(name);
    json.string(value);
  }
  more(json);
  json.end_object();
  return text;
}

std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body.append(body.empty() ? "" : "&").append(encode_form(name)).append("=");
    body.append(encode_form(value));
  }
  return body;
}

/// Of a moment in Beijing: 2026-11-28T08:00:00 with `middle` for the T.
std::string beijing_time(Timestamp at, char middle) {
  const auto beijing = format_rfc3339(at + std::chrono::hours{8});
  std::string time(beijing.view().substr(0, 19));
  time[10] = middle;
  return time;
}

ProviderRequest wechat_request(const WeChatPaySigner& signer, std::string path, std::string body,
                               Timestamp now, std::string_view nonce) {
  const std::string seconds = std::to_string(to_unix_ms(now) / 1'000);
  const std::string text =
      "POST\n" + path + "\n" + seconds + "\n" + std::string(nonce) + "\n" + body + "\n";
  const std::string authorization = "WECHATPAY2-SHA256-RSA2048 mchid=\"" + signer.merchant_id +
                                    "\",nonce_str=\"" + std::string(nonce) + "\",signature=\"" +
                                    signer.private_key.sign(text) + "\",timestamp=\"" + seconds +
                                    "\",serial_no=\"" + signer.serial + "\"";
  return {std::move(path),
          {{"Authorization", authorization}, {"Content-Type", kJsonType}, {"Accept", kJsonType}},
          std::move(body)};
}

ProviderRequest alipay_request(const AlipaySigner& signer, std::string_view method,
                               std::string content, std::string_view notify_url, Timestamp now) {
  std::map<std::string, std::string> fields = {{"app_id", signer.app_id},
                                               {"biz_content", std::move(content)},
                                               {"charset", "utf-8"},
                                               {"format", "JSON"},
                                               {"method", std::string(method)},
                                               {"sign_type", "RSA2"},
                                               {"timestamp", beijing_time(now, ' ')},
                                               {"version", "1.0"}};
  if (!notify_url.empty()) { fields["notify_url"] = notify_url; }
  std::string text;
  for (const auto& [name, value] : fields) {
    text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
  }
  fields["sign"] = signer.private_key.sign(text);
  std::string body;
  for (const auto& [name, value] : fields) {
    body.append(body.empty() ? "" : "&").append(name).append("=").append(encode_form(value));
  }
  return {"/gateway.do?charset=utf-8", {{"Content-Type", kFormType}}, std::move(body)};
}

/// An id as a header's value: what cannot stand in one is known by its hash.
std::string header_id(std::string id) {
  const auto is_plain = [](char byte) { return byte > ' ' && byte <= '~'; };
  if (std::ranges::all_of(id, is_plain)) { return id; }
  return to_hex(sha256({bytes_of(id)}).data);
}

ProviderRequest stripe_request(std::string_view secret_key, std::string path,
                               std::string idempotency_key, std::string body) {
  return {std::move(path),
          {{"Authorization", "Bearer " + std::string(secret_key)},
           {"Idempotency-Key", header_id(std::move(idempotency_key))},
           {"Content-Type", kFormType}},
          std::move(body)};
}

std::string lower_code(Currency currency) {
  std::string code(currency.code());
  for (char& c : code) { c = static_cast<char>(c - 'A' + 'a'); }
  return code;
}

}  // namespace

ProviderRequest wechat_pay_payment(const WeChatPaySigner& signer, const PaymentWanted& wanted,
                                   Timestamp now, std::string_view nonce) {
  std::string body = json_of({{"appid", signer.app_id},
                              {"mchid", signer.merchant_id},
                              {"description", wanted.description},
                              {"out_trade_no", wanted.number},
                              {"notify_url", wanted.notify_url}},
                             [&](JsonWriter& json) {
                               if (wanted.expires_at != Timestamp{}) {
                                 json.key("time_expire");
                                 json.string(beijing_time(wanted.expires_at, 'T') + "+08:00");
                               }
                               json.key("amount");
                               json.begin_object();
                               json.key("total");
                               json.number(wanted.amount.minor);
                               json.key("currency");
                               json.string(wanted.amount.currency.code());
                               json.end_object();
                             });
  return wechat_request(signer, "/v3/pay/transactions/native", std::move(body), now, nonce);
}

ProviderRequest wechat_pay_refund(const WeChatPaySigner& signer, const RefundWanted& wanted,
                                  Timestamp now, std::string_view nonce) {
  std::string body =
      json_of({{"transaction_id", own_id(wanted.payment_id)}, {"out_refund_no", wanted.refund_id}},
              [&](JsonWriter& json) {
                if (!wanted.notify_url.empty()) {
                  json.key("notify_url");
                  json.string(wanted.notify_url);
                }
                json.key("amount");
                json.begin_object();
                json.key("refund");
                json.number(wanted.amount.minor);
                json.key("total");
                json.number(wanted.paid.minor);
                json.key("currency");
                json.string(wanted.paid.currency.code());
                json.end_object();
              });
  return wechat_request(signer, "/v3/refund/domestic/refunds", std::move(body), now, nonce);
}

ProviderRequest alipay_payment(const AlipaySigner& signer, const PaymentWanted& wanted,
                               Timestamp now) {
  const auto amount = format_amount(wanted.amount);
  std::string content = json_of({{"out_trade_no", wanted.number},
                                 {"total_amount", amount.view()},
                                 {"subject", wanted.description}},
                                [&](JsonWriter& json) {
                                  if (wanted.expires_at == Timestamp{}) { return; }
                                  json.key("time_expire");
                                  json.string(beijing_time(wanted.expires_at, ' '));
                                });
  return alipay_request(signer, "alipay.trade.precreate", std::move(content), wanted.notify_url,
                        now);
}

ProviderRequest alipay_refund(const AlipaySigner& signer, const RefundWanted& wanted,
                              Timestamp now) {
  const auto amount = format_amount(wanted.amount);
  std::string content = json_of({{"trade_no", own_id(wanted.payment_id)},
                                 {"refund_amount", amount.view()},
                                 {"out_request_no", wanted.refund_id}},
                                [](JsonWriter&) {});
  return alipay_request(signer, "alipay.trade.refund", std::move(content), {}, now);
}

ProviderRequest alipay_refund_query(const AlipaySigner& signer, const RefundWanted& wanted,
                                    Timestamp now) {
  std::string content =
      json_of({{"trade_no", own_id(wanted.payment_id)}, {"out_request_no", wanted.refund_id}},
              [](JsonWriter&) {});
  return alipay_request(signer, "alipay.trade.fastpay.refund.query", std::move(content), {}, now);
}

std::optional<ProviderRequest> stripe_payment(std::string_view secret_key,
                                              const PaymentWanted& wanted) {
  const auto amount = amount_for_stripe(wanted.amount);
  if (!amount) { return std::nullopt; }
  // The order stands in the intent too, so that either event pays.
  std::string body =
      form_of({{"mode", "payment"},
               {"client_reference_id", wanted.number},
               {"payment_intent_data[metadata][order_id]", wanted.number},
               {"line_items[0][quantity]", "1"},
               {"line_items[0][price_data][currency]", lower_code(wanted.amount.currency)},
               {"line_items[0][price_data][unit_amount]", std::to_string(*amount)},
               {"line_items[0][price_data][product_data][name]", wanted.description},
               {"success_url", wanted.return_url},
               {"cancel_url", wanted.return_url}});
  constexpr Millis kDay{std::chrono::hours{24}};
  const Timestamp until = wanted.expires_at + kStripeGrace;
  if (wanted.expires_at != Timestamp{} && until <= wanted.made_at + kDay) {
    body.append("&expires_at=").append(std::to_string(to_unix_ms(until) / 1'000));
  }
  return stripe_request(secret_key, "/v1/checkout/sessions", wanted.number, std::move(body));
}

std::optional<ProviderRequest> stripe_refund(std::string_view secret_key,
                                             const RefundWanted& wanted) {
  const auto amount = amount_for_stripe(wanted.amount);
  if (!amount) { return std::nullopt; }
  std::string body = form_of({{"payment_intent", own_id(wanted.payment_id)},
                              {"amount", std::to_string(*amount)},
                              {"metadata[refund_id]", wanted.refund_id}});
  return stripe_request(secret_key, "/v1/refunds", wanted.refund_id, std::move(body));
}

ProviderRequest stripe_refund_query(std::string_view secret_key, const RefundWanted& wanted) {
  return {"/v1/refunds?limit=100&payment_intent=" + encode_form(own_id(wanted.payment_id)),
          {{"Authorization", "Bearer " + std::string(secret_key)}},
          {}};
}

std::optional<std::int64_t> amount_for_stripe(Money money) {
  // Their units differ by one factor of a hundred at most, either way.
  for (const std::int64_t amount : {money.minor, money.minor / 100}) {
    if (money_of_stripe(amount, money.currency.code()) == money) { return amount; }
  }
  const auto more = checked_mul(money.minor, 100);
  const bool fits = more && money_of_stripe(*more, money.currency.code()) == money;
  return fits ? more : std::nullopt;
}

}  // namespace firebrand
