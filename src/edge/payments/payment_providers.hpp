#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/http/outgoing.hpp"
#include "edge/protocols/answers.hpp"
#include "edge/protocols/payment_keys.hpp"
#include "edge/protocols/requests.hpp"

namespace firebrand {

/// Providers that can be asked. The names are a part of the API, and begin the ids of payments.
enum class PaymentProvider : std::uint8_t { wechat = 1, alipay = 2, stripe = 3 };

/// With what we ask: accounts at providers, and where these find us.
struct PaymentAccounts {
  std::optional<WeChatPaySigner> wechat{};
  std::optional<AlipaySigner> alipay{};
  std::string stripe_secret_key{};  ///< Empty: Stripe is not asked.
  std::string wechat_url = "https://api.mch.weixin.qq.com";
  std::string alipay_url = "https://openapi.alipay.com";
  std::string stripe_url = "https://api.stripe.com";
  /// How providers and buyers reach this server: "https://shop.example".
  std::string public_url{};
};

/// Whose payment it is by its id, "wechat:4200..."; none: of none that can be asked.
[[nodiscard]] std::optional<PaymentProvider> provider_of(std::string_view payment_id);

/// Requests to the providers that are configured, and what their answers mean. Immutable; any
/// thread.
class PaymentProviders {
 public:
  PaymentProviders(PaymentKeys keys, PaymentAccounts accounts);

  /// In the order in which they are offered.
  [[nodiscard]] const std::vector<PaymentProvider>& offered() const { return offered_; }
  /// Whether it is configured and takes this currency.
  [[nodiscard]] bool takes(PaymentProvider, Currency) const;

  /// Nothing if the provider does not take the amount. Says itself where to tell of the payment.
  /// @param wanted  Its return_url is a path of this server.
  [[nodiscard]] std::optional<OutgoingRequest> payment(PaymentProvider, PaymentWanted,
                                                       Timestamp now) const;
  [[nodiscard]] PaymentReply read_payment(PaymentProvider, const OutgoingAnswer&,
                                          Timestamp now) const;

  /// @param look_up  Only asks what became of it.
  [[nodiscard]] std::optional<OutgoingRequest> refund(PaymentProvider, RefundWanted, bool look_up,
                                                      Timestamp now) const;
  [[nodiscard]] RefundReply read_refund(PaymentProvider, std::string_view refund_id, bool look_up,
                                        const OutgoingAnswer&, Timestamp now) const;

 private:
  [[nodiscard]] OutgoingRequest request_to(PaymentProvider, ProviderRequest) const;
  [[nodiscard]] std::string notices_url(PaymentProvider) const;

  PaymentKeys keys_;
  PaymentAccounts accounts_;
  std::vector<PaymentProvider> offered_;
};

}  // namespace firebrand
