#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "edge/api/rate_limits.hpp"
#include "edge/http/http_server.hpp"
#include "edge/protocols/jwt.hpp"

namespace firebrand {

/// Everything that can be set. Each key has one place in firebrand.toml ("server.port"), one
/// environment variable (FIREBRAND_SERVER_PORT) and one flag (--server.port); a flag wins over the
/// environment, which wins over the file. Unknown keys of file and flags are refused.
struct Config {
  std::string data = "firebrand-data";     ///< server.data: the data directory.
  std::string address = "127.0.0.1";       ///< server.address
  std::uint16_t port = 8080;               ///< server.port; 0: any free one.
  std::vector<std::string> proxies;        ///< server.proxies: addresses of reverse proxies.
  std::uint32_t connections_max = 20'000;  ///< server.connections_max
  std::uint32_t connections_per_address_max = 1'024;  ///< server.connections_per_address_max
  std::uint32_t body_bytes_max = 64 * 1024;           ///< server.body_bytes_max
  std::uint32_t stop_grace_ms = 5'000;                ///< server.stop_grace_ms
  std::string tls_certificate;                        ///< tls.certificate: path; empty: plain HTTP.
  std::string tls_key;                                ///< tls.key: path
  std::uint16_t tls_redirect_port = 0;                ///< tls.redirect_port; 0: none.
  std::uint32_t tls_hsts_seconds = 24 * 3600;         ///< tls.hsts_seconds; 0: no header.
  /// rates.address, rates.api_key, rates.person: of buying, reserving, joining and entering.
  Rates rates = {Rate{}, Rate{}, Rate{300, 60}};
  std::string payment_secret;                               ///< payments.callback_secret
  std::string wechat_merchant_id;                           ///< payments.wechat.merchant_id
  std::string wechat_app_id;                                ///< payments.wechat.app_id
  std::string wechat_api_v3_key;                            ///< payments.wechat.api_v3_key
  std::map<std::string, std::string> wechat_platform_keys;  ///< payments.wechat.platform_keys
  std::string alipay_app_id;                                ///< payments.alipay.app_id
  std::string alipay_seller_id;                             ///< payments.alipay.seller_id
  std::string alipay_public_key;                            ///< payments.alipay.public_key
  std::vector<std::string> stripe_webhook_secrets;          ///< payments.stripe.webhook_secrets
  std::string wechat_merchant_serial;                       ///< payments.wechat.merchant_serial
  std::string wechat_private_key;                           ///< payments.wechat.private_key
  std::string wechat_url;                                   ///< payments.wechat.url
  std::string alipay_private_key;                           ///< payments.alipay.private_key
  std::string alipay_url;                                   ///< payments.alipay.url
  std::string stripe_secret_key;                            ///< payments.stripe.secret_key
  std::string stripe_url;                                   ///< payments.stripe.url
  std::string public_url;                                   ///< payments.public_url
  /// payments.private_addresses: providers in one's own network, by http too.
  bool payments_private_addresses = false;
  /// webhooks.private_addresses: endpoints in one's own network, by http too.
  bool webhooks_private_addresses = false;
  /// webhooks.retry_seconds: waits before the second try, the third, ...
  std::vector<std::uint32_t> webhooks_retry_seconds = {5,      300,    1'800,  7'200, 18'000,
                                                       36'000, 50'400, 72'000, 86'400};
  std::string sign_in_issuer;                   ///< sign_in.issuer
  std::vector<std::string> sign_in_audiences;   ///< sign_in.audience
  std::string sign_in_jwks;                     ///< sign_in.jwks; empty: nobody signs in by token.
  std::uint32_t sign_in_skew_seconds = 60;      ///< sign_in.skew_seconds
  std::uint32_t sign_in_refresh_seconds = 300;  ///< sign_in.refresh_seconds
  ClaimNames sign_in_claims;                    ///< sign_in.person, sign_in.groups, ...
  bool sign_in_private_addresses = false;       ///< sign_in.private_addresses
  bool second_factor_required = false;          ///< access.second_factor = required
  std::uint64_t snapshot_records = 1'000'000;   ///< snapshots.records: one each so many; 0: none.
  std::uint32_t snapshots_kept = 2;             ///< snapshots.kept
  std::uint32_t segment_mib = 64;               ///< log.segment_mib, 16 to 1024
  std::uint32_t segments_ahead = 2;             ///< log.segments_ahead, 1 to 16
  bool archive = true;                          ///< log.archive
  std::uint32_t keep_days = 0;                  ///< log.keep_days; 0: for good.
  std::uint32_t proof_key = 1;                  ///< proof.key, 1 to 1000000: of tree heads.
  std::string demo;  ///< demo.launch_file: loopback only; empty: no demo.

  friend bool operator==(const Config&, const Config&) = default;
};

struct ConfigError {
  std::string message;  ///< Names the key, what was expected and what came.
};

/// One setting, for help texts and docs.
struct ConfigKey {
  std::string_view name;
  std::string_view doc;
  std::string_view expected;  ///< "0 to 65535"
  bool is_secret = false;     ///< Its value is shown to nobody.
};
[[nodiscard]] std::vector<ConfigKey> config_keys();
/// The default of a setting as one would write it; empty: none.
[[nodiscard]] std::string_view default_text(std::string_view name);

/// Where a setting in force was given, if anywhere.
struct ConfigOrigin {
  std::string value;
  std::string where;  ///< Path of the file, environment variable, or flag.
};
using ConfigOrigins = std::map<std::string, ConfigOrigin, std::less<>>;

/// Every setting: the value in force, where it comes from, its default, what it takes, its meaning.
[[nodiscard]] std::string explain_config(const ConfigOrigins& origins);

/// Reads the file (none if the path is empty), then the environment, then the flags, and checks
/// the whole.
/// @param origins  Gets an entry for each setting that was given anywhere; may be null.
[[nodiscard]] Expected<Config, ConfigError> load_config(
    const std::string& file, const std::map<std::string, std::string>& environment,
    const std::map<std::string, std::string>& flags, ConfigOrigins* origins = nullptr);

}  // namespace firebrand
