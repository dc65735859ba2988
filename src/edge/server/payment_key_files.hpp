#pragma once

#include <string>

#include "base/expected.hpp"
#include "edge/payments/payment_providers.hpp"
#include "edge/protocols/payment_keys.hpp"
#include "edge/server/config.hpp"

namespace firebrand {

/// The keys that the settings name, read from their files.
/// @return the message for the operator on failure: a key that cannot be read, or a provider that
///         is on but lacks one, so that its notices would be refused for good.
[[nodiscard]] Expected<PaymentKeys, std::string> load_payment_keys(const Config& config);

/// What providers are asked with, as load_payment_keys().
[[nodiscard]] Expected<PaymentAccounts, std::string> load_payment_accounts(const Config& config);

}  // namespace firebrand
