#include "edge/server/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace firebrand {
namespace {

/// A file that goes when the test ends.
class TempFile {
 public:
  explicit TempFile(const std::string& text)
      : path_(testing::TempDir() + "firebrand-config-" + std::to_string(::getpid()) + ".toml") {
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Config, FlagsWinOverEnvironmentOverFile) {
  const TempFile file("[server]\nport = 1001\ndata = \"from-file\"\nconnections_max = 7\n");
  const auto config = load_config(
      file.path(), {{"FIREBRAND_SERVER_PORT", "1002"}, {"FIREBRAND_SERVER_DATA", "env"}},
      {{"server.port", "1003"}});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->port, 1003);
  EXPECT_EQ(config->data, "env");
  EXPECT_EQ(config->connections_max, 7U);
}

TEST(Config, DefaultsAreWhatIsSaidOfThem) {
  for (const ConfigKey& key : config_keys()) {
    const auto config =
        load_config("", {}, {{std::string(key.name), std::string(default_text(key.name))}});
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(*config, Config{}) << key.name;
  }
}

TEST(Config, IsExplainedWithItsOriginsAndWithoutSecrets) {
  const TempFile file(
      "[server]\nport = 1001\n[payments]\ncallback_secret = \"hush hush hush 16\"\n");
  ConfigOrigins origins;
  ASSERT_TRUE(load_config(file.path(), {{"FIREBRAND_SERVER_DATA", "elsewhere"}},
                          {{"snapshots.kept", "3"}}, &origins)
                  .has_value());
  const std::string text = "\n" + explain_config(origins);
  for (const std::string& line :
       {"\nserver.port = 1001\n    from     " + file.path() + "; default 8080\n",
        std::string("\nserver.data = elsewhere\n    from     FIREBRAND_SERVER_DATA; default "),
        std::string("\nsnapshots.kept = 3\n    from     --snapshots.kept; default 2\n"
                    "    takes    1 to 100\n    meaning  Snapshots that are kept.\n"),
        std::string("\npayments.callback_secret = (a secret, set)\n"),
        std::string("\nserver.address = 127.0.0.1\n    from     default\n"),
        std::string("\npayments.stripe.secret_key = none\n    from     default\n")}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("hush"), std::string::npos);
}

TEST(Config, ProvidersHaveTablesOfTheirOwn) {
  const TempFile file(
      "[payments]\ncallback_secret = \"a secret of ours\"\n"
      "[payments.wechat]\nmerchant_id = \"1900000109\"\n"
      "platform_keys = [\"S1=one.pem\", \"S2=two=2.pem\"]\n"
      "[payments.stripe]\nwebhook_secrets = [\"whsec_0123456789\", \"whsec_9876543210\"]\n");
  const auto config = load_config(file.path(), {{"FIREBRAND_PAYMENTS_ALIPAY_APP_ID", "2021"}}, {});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->payment_secret, "a secret of ours");
  EXPECT_EQ(config->wechat_merchant_id, "1900000109");
  EXPECT_EQ(config->wechat_platform_keys,
            (std::map<std::string, std::string>{{"S1", "one.pem"}, {"S2", "two=2.pem"}}));
  EXPECT_EQ(config->alipay_app_id, "2021");
  EXPECT_EQ(config->stripe_webhook_secrets.size(), 2U);
}

TEST(Config, RefusalsNameKeyExpectationAndValue) {
  const struct {
    const char* file;
    const char* want;
  } rows[] = {
      {"[server]\nprot = 1\n", "unknown setting server.prot"},
      {"prot = 1\n", "unknown setting prot"},
      {"[server]\nport = 99999\n", "server.port must be 0 to 65535; it is \"99999\""},
      {"[server]\nport = \"x\"\n", "server.port must be"},
      {"[payments]\ncallback_secret = \"short\"\n", "payments.callback_secret must be"},
      {"[payments.wechat]\nmchid = \"1\"\n", "unknown setting payments.wechat.mchid"},
      {"[payments.wechat]\napi_v3_key = \"short\"\n", "payments.wechat.api_v3_key must be"},
      {"[payments.wechat]\nplatform_keys = \"path\"\n", "payments.wechat.platform_keys must be"},
      {"[payments.paypal]\nkey = \"1\"\n", "unknown setting payments.paypal.key"},
      {"[server]\naddress = \"0.0.0.0\"\n", "name it in server.proxies"},
      {"[server]\naddress = \"0.0.0.0\"\nproxies = [\"10.0.0.1\"]\n[demo]\nlaunch_file = \"x\"\n",
       "a demo lets anybody sign in as anybody"},
      {"[tls]\ncertificate = \"a.pem\"\n", "tls.certificate and tls.key come together"},
      {"[tls]\nkey = \"a.pem\"\n", "tls.certificate and tls.key come together"},
      {"[tls]\nredirect_port = 80\n", "tls.redirect_port leads to HTTPS"},
      {"[tls]\nhsts_seconds = -1\n", "tls.hsts_seconds must be 0 to"},
      {"[tls]\ncertificate = \"a\"\nkey = \"b\"\n[demo]\nlaunch_file = \"x\"\n",
       "a demo lets anybody sign in as anybody"},
      {"[server\n", "Error while parsing"},
  };
  for (const auto& row : rows) {
    const TempFile file(row.file);
    const auto config = load_config(file.path(), {}, {});
    ASSERT_FALSE(config.has_value()) << row.file;
    EXPECT_NE(config.error().message.find(row.want), std::string::npos) << config.error().message;
  }
}

TEST(Config, RefusalsRepeatNoSecret) {
  for (const char* const name : {"payments.callback_secret", "payments.wechat.api_v3_key",
                                 "payments.stripe.webhook_secrets"}) {
    const auto config = load_config("", {}, {{name, "hush"}});
    ASSERT_FALSE(config.has_value()) << name;
    EXPECT_EQ(config.error().message.find("hush"), std::string::npos) << config.error().message;
  }
}

TEST(Config, WaitsOfWebhooksAreNumbersInARow) {
  const TempFile file("[webhooks]\nretry_seconds = [1, 60, 3600]\nprivate_addresses = true\n");
  const auto config = load_config(file.path(), {}, {});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->webhooks_retry_seconds, (std::vector<std::uint32_t>{1, 60, 3600}));
  EXPECT_TRUE(config->webhooks_private_addresses);
  for (const char* const wrong : {"", "0", "1,,2", "x", "604801"}) {
    EXPECT_FALSE(load_config("", {}, {{"webhooks.retry_seconds", wrong}}).has_value()) << wrong;
  }
}

TEST(Config, RatesAreRequestsInSeconds) {
  EXPECT_EQ(Config{}.rates, (Rates{Rate{}, Rate{}, Rate{300, 60}}));
  const TempFile file("[rates]\naddress = \"1000/60s\"\nperson = \"off\"\n");
  const auto config = load_config(file.path(), {}, {});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->rates, (Rates{Rate{1'000, 60}, Rate{}, Rate{}}));
  for (const char* const wrong :
       {"", "10", "10/s", "0/10s", "10/0s", "10/10", "10/3601s", "x/1s"}) {
    EXPECT_FALSE(load_config("", {}, {{"rates.person", wrong}}).has_value()) << wrong;
  }
}

TEST(Config, BeyondLoopbackWithANamedProxyIsTaken) {
  const auto config = load_config(
      "", {}, {{"server.address", "0.0.0.0"}, {"server.proxies", "10.0.0.1, 10.0.0.2"}});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->proxies.size(), 2U);
}

TEST(Config, BeyondLoopbackWithTlsIsTaken) {
  const auto config = load_config("", {},
                                  {{"server.address", "0.0.0.0"},
                                   {"tls.certificate", "a.pem"},
                                   {"tls.key", "b.pem"},
                                   {"tls.redirect_port", "80"}});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->tls_redirect_port, 80);
  EXPECT_EQ(config->tls_hsts_seconds, 86'400U);
}

}  // namespace
}  // namespace firebrand
