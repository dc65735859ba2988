#pragma once

#include <optional>
#include <string>

#include "base/expected.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/notice.hpp"

/// Alipay (支付宝), asynchronous notices: a form, signed with RSA2 (SHA256-RSA) over all its fields
/// but `sign` and `sign_type`, sorted by name and joined as name=value with '&'. Amounts are
/// decimal yuan. A refund comes as the trade's notice once more, with `refund_fee`, the sum of all
/// refunds so far, so that what one refund was worth is not in it.
/// Source: opendocs.alipay.com, "异步通知说明" and "异步验签".
namespace firebrand {

struct AlipayKeys {
  std::string app_id{};     ///< Empty: the adapter is off.
  std::string seller_id{};  ///< Empty: any seller.
  std::optional<RsaKey> alipay_key{};
};

[[nodiscard]] Expected<PaymentNotice, NoticeError> read_alipay_notice(const AlipayKeys& keys,
                                                                      const NoticeInput& input);

}  // namespace firebrand
