#pragma once

#include <string>

#include "edge/protocols/alipay.hpp"
#include "edge/protocols/stripe.hpp"
#include "edge/protocols/wechat_pay.hpp"

namespace firebrand {

/// What is shared with each payment provider; a provider without keys is not believed.
struct PaymentKeys {
  std::string callback_secret{};  ///< Of our own protocol (protocols/generic.hpp).
  WeChatPayKeys wechat{};
  AlipayKeys alipay{};
  StripeKeys stripe{};
};

}  // namespace firebrand
