// Any headers and body, the first line choosing a protocol, through the readers of notices: first
// as they are, then with the body signed, so that what stands behind the signature is reached too.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "edge/protocols/protocols_testing.hpp"

namespace firebrand {
namespace {

void check(const Expected<PaymentNotice, NoticeError>& read) {
  if (!read || read->kind == NoticeKind::other) { return; }
  FB_ASSERT(!read->payment_id.empty() && read->payment_id.size() <= kNoticeIdBytesMax);
  FB_ASSERT(read->refund_id.size() <= kNoticeIdBytesMax);
  FB_ASSERT(read->refund_id.empty() == (read->kind == NoticeKind::payment));
  FB_ASSERT(read->amount.currency.is_known());
}

const RsaKey& key() {
  static const RsaKey made = RsaKey::make();
  return made;
}

void read_one(char protocol, std::string_view headers, std::string_view body) {
  static const WeChatPayKeys wechat{"1", "", std::string(kWeChatApiKey), {{"S", key()}}};
  static const AlipayKeys alipay{"1", "", key()};
  static const StripeKeys stripe{{"whsec_1"}};
  const SignedNotice as_is{std::string(headers), std::string(body)};
  switch (protocol) {
    case 'g':
      check(read_generic_notice("secret", as_is.at()));
      return check(read_generic_notice("secret", generic_notice("secret", as_is.body).at()));
    case 'w':
      check(read_wechat_pay_notice(wechat, as_is.at()));
      check(read_wechat_pay_notice(wechat,
                                   wechat_notice(key(), "S", "TRANSACTION.SUCCESS", body).at()));
      return check(
          read_wechat_pay_notice(wechat, wechat_notice(key(), "S", "REFUND.SUCCESS", body).at()));
    case 'a': {
      check(read_alipay_notice(alipay, as_is.at()));
      const auto fields = read_form(body);
      if (!fields) { return; }
      FormFields own = *fields;
      own["app_id"] = "1";
      own.erase("sign");
      own.erase("sign_type");
      return check(read_alipay_notice(alipay, alipay_notice(key(), own).at()));
    }
    default:
      check(read_stripe_notice(stripe, as_is.at()));
      return check(read_stripe_notice(stripe, stripe_notice("whsec_1", as_is.body).at()));
  }
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.empty()) { return 0; }
  const std::size_t end = std::min(text.find("\n\n"), text.size());
  const std::size_t body = std::min(end + 2, text.size());
  firebrand::read_one(text[0], text.substr(1, end - 1), text.substr(body));
  return 0;
}
