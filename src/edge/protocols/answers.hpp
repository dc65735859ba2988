#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "edge/protocols/alipay.hpp"
#include "edge/protocols/notice.hpp"
#include "edge/protocols/wechat_pay.hpp"

/// What payment providers answer to requests.hpp. What WeChat Pay and Alipay say is believed when
/// it is signed by them, what Stripe says because of whom the connection was made to.
namespace firebrand {

/// An answer as it came.
struct ProviderAnswer {
  int status = 0;
  NoticeInput content{};
};

/// What an answer means for a refund.
enum class RefundStage : std::uint8_t {
  done,       ///< The money went back.
  under_way,  ///< The provider has it; its notice, or a later answer, says what becomes of it.
  failed,     ///< It will never be made under this id.
  again,      ///< Nothing is known: to be asked again under the same id.
  look_up,    ///< The provider knows the refund; a query says what became of it.
};

struct RefundReply {
  RefundStage stage = RefundStage::again;
  std::string reason{};  ///< For the operator: the provider's code, "" if there is none.
};

/// Where the buyer pays: a text to be shown as a code, or a page; or why there is none, for the
/// operator.
using PaymentReply = Expected<std::string, std::string>;

[[nodiscard]] PaymentReply read_wechat_pay_payment(const WeChatPayKeys&, const ProviderAnswer&);
[[nodiscard]] RefundReply read_wechat_pay_refund(const WeChatPayKeys&, const ProviderAnswer&);

[[nodiscard]] PaymentReply read_alipay_payment(const AlipayKeys&, const ProviderAnswer&);
/// @param is_query  The answer is one to alipay_refund_query().
[[nodiscard]] RefundReply read_alipay_refund(const AlipayKeys&, const ProviderAnswer&,
                                             bool is_query);

[[nodiscard]] PaymentReply read_stripe_payment(const ProviderAnswer&);
[[nodiscard]] RefundReply read_stripe_refund(const ProviderAnswer&);
/// The answer to stripe_refund_query(). `again`: there is no such refund yet.
[[nodiscard]] RefundReply read_stripe_refund_query(std::string_view refund_id,
                                                   const ProviderAnswer&);

}  // namespace firebrand
