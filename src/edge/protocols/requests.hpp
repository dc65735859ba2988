#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.hpp"
#include "base/types.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/notice.hpp"

/// What we ask of payment providers, as bytes to send and bytes that came back. Who sends them, and
/// how often, is not decided here: every request may be repeated, because each carries an id of
/// ours that the provider knows it again by.
namespace firebrand {

/// A signed request: POST, or GET if it has no body.
struct ProviderRequest {
  std::string path{};  ///< Behind the provider's address: "/v3/refund/domestic/refunds".
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

/// A payment that a buyer shall make.
struct PaymentWanted {
  std::string number{};  ///< merchant_number_of()
  Money amount{};
  std::string description{};  ///< What the buyer reads, UTF-8.
  std::string notify_url{};   ///< Where the provider tells of it.
  std::string return_url{};   ///< Where the buyer goes afterwards, or giving it up (Stripe).
  Timestamp made_at{};        ///< When what is paid for was ordered: as fixed as the deadline.
  Timestamp expires_at{};     ///< When it is too late; zero: the provider's own time.
};

/// Money that shall go back.
struct RefundWanted {
  std::string refund_id{};
  std::string payment_id{};  ///< "wechat:4200..."
  Money amount{};
  Money paid{};  ///< The payment's whole amount.
  std::string
      notify_url{};  ///< Where WeChat Pay tells what became of it; empty: as it is set there.
};

// ---- WeChat Pay APIv3: `Authorization: WECHATPAY2-SHA256-RSA2048 ...`, SHA256-RSA over method,
// path, timestamp, nonce and body, each followed by a line feed.

struct WeChatPaySigner {
  std::string merchant_id{};
  std::string app_id{};
  std::string serial{};  ///< Of the merchant's own certificate.
  RsaKey private_key;
};

/// A payment by a code that the buyer scans (Native). The answer has `code_url`.
[[nodiscard]] ProviderRequest wechat_pay_payment(const WeChatPaySigner&, const PaymentWanted&,
                                                 Timestamp now, std::string_view nonce);
[[nodiscard]] ProviderRequest wechat_pay_refund(const WeChatPaySigner&, const RefundWanted&,
                                                Timestamp now, std::string_view nonce);

// ---- Alipay: a form with RSA2 over its fields, sorted by name.

struct AlipaySigner {
  std::string app_id{};
  RsaKey private_key;
};

/// A payment by a code that the buyer scans (alipay.trade.precreate). The answer has `qr_code`.
/// @param now  Alipay reads it as Beijing time.
[[nodiscard]] ProviderRequest alipay_payment(const AlipaySigner&, const PaymentWanted&,
                                             Timestamp now);
[[nodiscard]] ProviderRequest alipay_refund(const AlipaySigner&, const RefundWanted&,
                                            Timestamp now);

/// Whether a refund was made: an answer to a repeated refund does not say.
[[nodiscard]] ProviderRequest alipay_refund_query(const AlipaySigner&, const RefundWanted&,
                                                  Timestamp now);

// ---- Stripe: a form, the secret key as bearer token, our id as Idempotency-Key.

/// A checkout session. The answer has `url`. Nothing if the amount cannot be said in Stripe's units
/// (amount_for_stripe). Its deadline is kStripeGrace later than ours, because Stripe takes none
/// that is closer than half an hour, and no other one under the same id; none where it would be
/// beyond Stripe's own, a day.
inline constexpr Millis kStripeGrace{std::chrono::minutes{31}};
[[nodiscard]] std::optional<ProviderRequest> stripe_payment(std::string_view secret_key,
                                                            const PaymentWanted&);
[[nodiscard]] std::optional<ProviderRequest> stripe_refund(std::string_view secret_key,
                                                           const RefundWanted&);
/// The refunds of the payment, newest first: Stripe forgets an Idempotency-Key after a day, but not
/// the refund.
[[nodiscard]] ProviderRequest stripe_refund_query(std::string_view secret_key, const RefundWanted&);
/// The other way of money_of_stripe(); nothing if it does not come out even.
[[nodiscard]] std::optional<std::int64_t> amount_for_stripe(Money money);

}  // namespace firebrand
