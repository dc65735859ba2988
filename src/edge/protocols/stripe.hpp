#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "edge/protocols/notice.hpp"

/// Stripe webhooks: `Stripe-Signature: t=<Unix seconds>,v1=<hex>,...`, HMAC-SHA-256 with the
/// endpoint's secret over t, a dot and the body. The order is in `metadata.order_id`, or in
/// `client_reference_id` of a checkout session.
/// Source: docs.stripe.com, "Verify webhook signatures manually", "Supported currencies".
namespace firebrand {

struct StripeKeys {
  std::vector<std::string> secrets{};  ///< "whsec_..."; several during a rotation; none: off.
};

[[nodiscard]] Expected<PaymentNotice, NoticeError> read_stripe_notice(const StripeKeys& keys,
                                                                      const NoticeInput& input);

/// An amount as Stripe writes it: in minor units, but for some currencies in others than ISO 4217.
/// Nothing if it does not come out even.
[[nodiscard]] std::optional<Money> money_of_stripe(std::int64_t amount, std::string_view currency);

}  // namespace firebrand
