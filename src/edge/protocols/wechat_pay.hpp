#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/expected.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/notice.hpp"

/// WeChat Pay APIv3 (微信支付). A notice is signed by the platform: SHA256-RSA over
/// Wechatpay-Timestamp, Wechatpay-Nonce and the body, each followed by a line feed;
/// Wechatpay-Serial names the key. Its `resource` is sealed with AEAD_AES_256_GCM under the
/// merchant's APIv3 key. Amounts are in fen.
/// Source: pay.weixin.qq.com, "APIv3 签名验证" and "回调报文解密".
namespace firebrand {

struct WeChatPayKeys {
  std::string merchant_id{};  ///< mchid; empty: the adapter is off.
  std::string app_id{};       ///< Empty: any app of the merchant.
  std::string api_v3_key{};   ///< 32 bytes.
  /// By serial number of the certificate, or by id of the public key ("PUB_KEY_ID_..."). Several
  /// while the platform rotates them.
  std::map<std::string, RsaKey, std::less<>> platform_keys{};
};

/// Whether the platform signed this body, be it of a notice or of an answer.
[[nodiscard]] Expected<void, NoticeError> check_wechat_pay(const WeChatPayKeys& keys,
                                                           const NoticeInput& input);

[[nodiscard]] Expected<PaymentNotice, NoticeError> read_wechat_pay_notice(const WeChatPayKeys& keys,
                                                                          const NoticeInput& input);

}  // namespace firebrand
