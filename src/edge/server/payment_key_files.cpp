#include "edge/server/payment_key_files.hpp"

#include "base/file_text.hpp"

namespace firebrand {

namespace {

Expected<RsaKey, std::string> load_key(const std::string& path,
                                       Expected<RsaKey, std::string> (*read)(std::string_view)) {
  const auto text = file_text(path);
  if (!text) { return Unexpected("cannot read the key " + path); }
  auto key = read(*text);
  if (!key) { return Unexpected(path + " " + key.error()); }
  return key;
}

}  // namespace

Expected<PaymentKeys, std::string> load_payment_keys(const Config& config) {
  PaymentKeys keys{.callback_secret = config.payment_secret};
  if (!config.wechat_merchant_id.empty()) {
    keys.wechat = {config.wechat_merchant_id, config.wechat_app_id, config.wechat_api_v3_key, {}};
    for (const auto& [serial, path] : config.wechat_platform_keys) {
      auto key = load_key(path, &RsaKey::read_public);
      if (!key) { return Unexpected("payments.wechat.platform_keys: " + key.error()); }
      keys.wechat.platform_keys.emplace(serial, std::move(*key));
    }
    if (keys.wechat.api_v3_key.empty() || keys.wechat.platform_keys.empty()) {
      return Unexpected(
          std::string("payments.wechat needs api_v3_key and platform_keys beside merchant_id"));
    }
  }
  if (!config.alipay_app_id.empty()) {
    auto key = load_key(config.alipay_public_key, &RsaKey::read_public);
    if (!key) { return Unexpected("payments.alipay.public_key: " + key.error()); }
    keys.alipay = {config.alipay_app_id, config.alipay_seller_id, std::move(*key)};
  }
  keys.stripe.secrets = config.stripe_webhook_secrets;
  return keys;
}

Expected<PaymentAccounts, std::string> load_payment_accounts(const Config& config) {
  PaymentAccounts accounts{.stripe_secret_key = config.stripe_secret_key,
                           .public_url = config.public_url};
  if (!config.wechat_url.empty()) { accounts.wechat_url = config.wechat_url; }
  if (!config.alipay_url.empty()) { accounts.alipay_url = config.alipay_url; }
  if (!config.stripe_url.empty()) { accounts.stripe_url = config.stripe_url; }
  if (!config.wechat_private_key.empty()) {
    auto key = load_key(config.wechat_private_key, &RsaKey::read_private);
    if (!key) { return Unexpected("payments.wechat.private_key: " + key.error()); }
    if (config.wechat_merchant_id.empty() || config.wechat_app_id.empty() ||
        config.wechat_merchant_serial.empty()) {
      return Unexpected(std::string(
          "payments.wechat needs merchant_id, app_id and merchant_serial beside private_key"));
    }
    accounts.wechat = WeChatPaySigner{config.wechat_merchant_id, config.wechat_app_id,
                                      config.wechat_merchant_serial, std::move(*key)};
  }
  if (!config.alipay_private_key.empty()) {
    auto key = load_key(config.alipay_private_key, &RsaKey::read_private);
    if (!key) { return Unexpected("payments.alipay.private_key: " + key.error()); }
    if (config.alipay_app_id.empty()) {
      return Unexpected(std::string("payments.alipay needs app_id beside private_key"));
    }
    accounts.alipay = AlipaySigner{config.alipay_app_id, std::move(*key)};
  }
  if (!accounts.stripe_secret_key.empty() && config.stripe_webhook_secrets.empty()) {
    return Unexpected(std::string("payments.stripe needs webhook_secrets beside secret_key"));
  }
  const bool asks = accounts.wechat || accounts.alipay || !accounts.stripe_secret_key.empty();
  if (asks && accounts.public_url.empty()) {
    return Unexpected(std::string(
        "payments.public_url is needed: where providers tell of payments, and buyers go back to"));
  }
  return accounts;
}

}  // namespace firebrand
