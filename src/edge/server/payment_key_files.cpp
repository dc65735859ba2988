#include "edge/server/payment_key_files.hpp"

#include <fstream>
#include <iterator>

namespace firebrand {

namespace {

Expected<RsaKey, std::string> load_key(const std::string& path) {
  std::ifstream file(path);
  if (!file) { return Unexpected("cannot read the key " + path); }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto key = RsaKey::read_public(text);
  if (!key) { return Unexpected(path + " " + key.error()); }
  return key;
}

}  // namespace

Expected<PaymentKeys, std::string> load_payment_keys(const Config& config) {
  PaymentKeys keys{.callback_secret = config.payment_secret};
  if (!config.wechat_merchant_id.empty()) {
    keys.wechat = {config.wechat_merchant_id, config.wechat_app_id, config.wechat_api_v3_key, {}};
    for (const auto& [serial, path] : config.wechat_platform_keys) {
      auto key = load_key(path);
      if (!key) { return Unexpected("payments.wechat.platform_keys: " + key.error()); }
      keys.wechat.platform_keys.emplace(serial, std::move(*key));
    }
    if (keys.wechat.api_v3_key.empty() || keys.wechat.platform_keys.empty()) {
      return Unexpected(
          std::string("payments.wechat needs api_v3_key and platform_keys beside merchant_id"));
    }
  }
  if (!config.alipay_app_id.empty()) {
    auto key = load_key(config.alipay_public_key);
    if (!key) { return Unexpected("payments.alipay.public_key: " + key.error()); }
    keys.alipay = {config.alipay_app_id, config.alipay_seller_id, std::move(*key)};
  }
  keys.stripe.secrets = config.stripe_webhook_secrets;
  return keys;
}

}  // namespace firebrand
