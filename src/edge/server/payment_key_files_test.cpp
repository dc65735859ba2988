#include "edge/server/payment_key_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace firebrand {
namespace {

/// A file that goes when the test ends.
class KeyFile {
 public:
  explicit KeyFile(const std::string& text)
      : path_(testing::TempDir() + "firebrand-key-" + std::to_string(::getpid()) + ".pem") {
    std::ofstream(path_) << text;
  }
  ~KeyFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(PaymentKeyFiles, AreReadForWhoIsConfigured) {
  const RsaKey key = RsaKey::make();
  const KeyFile file(key.public_pem());
  Config config;
  config.payment_secret = "a secret of ours";
  config.wechat_merchant_id = "1900000109";
  config.wechat_api_v3_key = std::string(32, 'k');
  config.wechat_platform_keys = {{"S1", file.path()}};
  config.alipay_app_id = "2021";
  config.alipay_public_key = file.path();
  const auto keys = load_payment_keys(config);
  ASSERT_TRUE(keys.has_value()) << keys.error();
  EXPECT_EQ(keys->callback_secret, config.payment_secret);
  EXPECT_TRUE(keys->wechat.platform_keys.at("S1").verify("text", key.sign("text")));
  EXPECT_TRUE(keys->alipay.alipay_key->verify("text", key.sign("text")));
  EXPECT_TRUE(load_payment_keys(Config{}).has_value());
}

TEST(PaymentKeyFiles, AStartIsRefusedWithoutWhatAProviderNeeds) {
  const KeyFile file("no key");
  const auto error_of = [](const Config& config) {
    const auto keys = load_payment_keys(config);
    return keys ? std::string() : keys.error();
  };
  Config config;
  config.wechat_merchant_id = "1900000109";
  EXPECT_NE(error_of(config).find("needs api_v3_key and platform_keys"), std::string::npos);
  config.wechat_platform_keys = {{"S1", file.path()}};
  EXPECT_NE(error_of(config).find("is no RSA public key"), std::string::npos);
  Config other;
  other.alipay_app_id = "2021";
  other.alipay_public_key = "/nowhere/at/all";
  EXPECT_NE(error_of(other).find("cannot read the key"), std::string::npos);
}

TEST(PaymentKeyFiles, WhoIsAskedNeedsAnAccountAndAnAddressOfOurs) {
  const auto error_of = [](const Config& config) {
    const auto accounts = load_payment_accounts(config);
    return accounts ? std::string() : accounts.error();
  };
  EXPECT_EQ(error_of(Config{}), "");
  Config config;
  config.stripe_secret_key = "sk_test_0123456789";
  EXPECT_NE(error_of(config).find("payments.stripe needs webhook_secrets"), std::string::npos);
  config.stripe_webhook_secrets = {"whsec_0123456789"};
  EXPECT_NE(error_of(config).find("payments.public_url is needed"), std::string::npos);
  config.public_url = "https://shop.example";
  EXPECT_EQ(error_of(config), "");
  const KeyFile file("no key");
  config.wechat_private_key = file.path();
  EXPECT_NE(error_of(config).find("payments.wechat.private_key"), std::string::npos);
  config.wechat_private_key.clear();
  config.alipay_private_key = "/nowhere/at/all";
  EXPECT_NE(error_of(config).find("cannot read the key"), std::string::npos);
}

}  // namespace
}  // namespace firebrand
