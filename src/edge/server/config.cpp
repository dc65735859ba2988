#include "edge/server/config.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <sstream>

#include "base/whole_number.hpp"

namespace firebrand {

namespace {

/// A setting as text: where it goes, and what it must look like.
struct Setting {
  std::string_view name;
  std::string_view doc;
  std::string_view expected;
  bool (*set)(Config&, std::string_view);
  bool is_secret = false;  ///< No message repeats its value.
};

template <class Number>
bool read_number(std::string_view text, Number& out, Number min,
                 Number max = std::numeric_limits<Number>::max()) {
  Number number{};
  if (!read_whole_number(text, number) || number < min || number > max) { return false; }
  out = number;
  return true;
}

/// What stands between commas, without blanks around it.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    while (one.starts_with(' ')) { one.remove_prefix(1); }
    while (one.ends_with(' ')) { one.remove_suffix(1); }
    parts.emplace_back(one);
  }
  return parts;
}

bool read_list(std::string_view text, std::vector<std::string>& out) {
  out = split(text);
  return std::ranges::all_of(out,
                             [](const auto& one) { return PeerAddress::parse(one).has_value(); });
}

/// "300/60s", or "off"
bool read_rate(std::string_view text, Rate& out) {
  out = {};
  if (text == "off") { return true; }
  const std::size_t middle = text.find('/');
  if (middle == std::string_view::npos || !text.ends_with('s')) { return false; }
  return read_number<std::uint32_t>(text.substr(0, middle), out.requests, 1, kRateRequestsMax) &&
         read_number<std::uint32_t>(text.substr(middle + 1, text.size() - middle - 2),
                                    out.window_seconds, 1, kRateWindowSecondsMax);
}

template <RateOf Of>
constexpr Setting rate_setting(std::string_view name, std::string_view doc) {
  return {name, doc, "requests in seconds such as 300/60s, or off",
          [](Config& c, std::string_view v) {
            return read_rate(v, c.rates[static_cast<std::size_t>(Of)]);
          }};
}

/// "https://shop.example", also with a port and a path.
bool is_web_origin(std::string_view text) {
  const std::string_view scheme = text.starts_with("https://") ? "https://" : "http://";
  if (!text.starts_with(scheme) || text.ends_with('/')) { return false; }
  const std::string_view rest = text.substr(scheme.size());
  return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
         std::ranges::all_of(rest,
                             [](char c) { return c > ' ' && c <= '~' && c != '?' && c != '#'; });
}

/// "SERIAL=path.pem,SERIAL=path.pem"
bool read_keys(std::string_view text, std::map<std::string, std::string>& out) {
  out.clear();
  for (const std::string& one : split(text)) {
    const std::size_t middle = one.find('=');
    if (middle == std::string::npos || middle == 0 || middle + 1 == one.size()) { return false; }
    out[one.substr(0, middle)] = one.substr(middle + 1);
  }
  return true;
}

bool read_waits(std::string_view text, std::vector<std::uint32_t>& out) {
  constexpr std::size_t kWaitsMax = 20;
  constexpr std::uint32_t kWaitSecondsMax = 7 * 24 * 3600;
  out.clear();
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    std::uint32_t seconds = 0;
    if (!read_number<std::uint32_t>(one, seconds, 1, kWaitSecondsMax)) { return false; }
    out.push_back(seconds);
  }
  return !out.empty() && out.size() <= kWaitsMax;
}

/// The claim that says something of a person.
template <std::string ClaimNames::*Name>
constexpr Setting claim_setting(std::string_view name, std::string_view doc) {
  return {name, doc, "the name of a claim", [](Config& c, std::string_view v) {
            c.sign_in_claims.*Name = v;
            return Name != &ClaimNames::person || !v.empty();
          }};
}

constexpr std::array kSettings = {
    Setting{"server.data", "The data directory.", "a path",
            [](Config& c, std::string_view v) {
              c.data = v;
              return !v.empty();
            }},
    Setting{"server.address", "Where to listen; beyond loopback with TLS or behind a named proxy.",
            "an IPv4 or IPv6 address",
            [](Config& c, std::string_view v) {
              c.address = v;
              return PeerAddress::parse(v).has_value();
            }},
    Setting{"server.port", "Where to listen; 0 takes a free one.", "0 to 65535",
            [](Config& c, std::string_view v) { return read_number<std::uint16_t>(v, c.port, 0); }},
    Setting{"server.proxies", "Addresses of the reverse proxies in front of us, with commas.",
            "addresses", [](Config& c, std::string_view v) { return read_list(v, c.proxies); }},
    Setting{"server.connections_max", "Most open connections.", "1 or more",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.connections_max, 1);
            }},
    Setting{"server.connections_per_address_max", "Most open connections of one address.",
            "1 or more",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.connections_per_address_max, 1);
            }},
    Setting{"server.body_bytes_max", "Largest request body.", "1024 to 16777216",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.body_bytes_max, 1024, 16U << 20);
            }},
    Setting{"server.stop_grace_ms", "Time for requests in flight when stopping.", "0 to 600000",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.stop_grace_ms, 0, 600'000);
            }},
    Setting{"tls.certificate",
            "Path of the PEM certificate, then those between it and its authority; empty: no TLS.",
            "a path",
            [](Config& c, std::string_view v) {
              c.tls_certificate = v;
              return true;
            }},
    Setting{"tls.key", "Path of its PEM key, without a password.", "a path",
            [](Config& c, std::string_view v) {
              c.tls_key = v;
              return true;
            }},
    Setting{"tls.redirect_port", "Plain HTTP here is sent on to HTTPS; 0: nowhere.", "0 to 65535",
            [](Config& c, std::string_view v) {
              return read_number<std::uint16_t>(v, c.tls_redirect_port, 0);
            }},
    Setting{"tls.hsts_seconds", "How long browsers come back by HTTPS alone; 0: as they like.",
            "0 to 126144000",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.tls_hsts_seconds, 0, 4 * 365 * 24 * 3600);
            }},
    rate_setting<RateOf::address>(
        "rates.address",
        "Purchases, reservations, places and draw entries of one client address; behind proxies "
        "the one that X-Forwarded-For names."),
    rate_setting<RateOf::api_key>("rates.api_key", "The same of one API key."),
    rate_setting<RateOf::person>("rates.person", "The same of one person."),
    Setting{"payments.callback_secret", "Shared with the payment provider; empty: no callbacks.",
            "16 characters or more, or nothing",
            [](Config& c, std::string_view v) {
              c.payment_secret = v;
              return v.empty() || v.size() >= 16;
            },
            true},
    Setting{"payments.wechat.merchant_id", "WeChat Pay: the merchant's number (mchid); empty: off.",
            "text",
            [](Config& c, std::string_view v) {
              c.wechat_merchant_id = v;
              return true;
            }},
    Setting{"payments.wechat.app_id", "WeChat Pay: the app whose payments count; empty: any.",
            "text",
            [](Config& c, std::string_view v) {
              c.wechat_app_id = v;
              return true;
            }},
    Setting{"payments.wechat.api_v3_key", "WeChat Pay: the merchant's APIv3 key.",
            "32 characters, or nothing",
            [](Config& c, std::string_view v) {
              c.wechat_api_v3_key = v;
              return v.empty() || v.size() == 32;
            },
            true},
    Setting{"payments.wechat.platform_keys",
            "WeChat Pay: its certificates or public keys, as SERIAL=path, with commas.",
            "SERIAL=path with commas",
            [](Config& c, std::string_view v) { return read_keys(v, c.wechat_platform_keys); }},
    Setting{"payments.alipay.app_id", "Alipay: the app; empty: off.", "text",
            [](Config& c, std::string_view v) {
              c.alipay_app_id = v;
              return true;
            }},
    Setting{"payments.alipay.seller_id", "Alipay: the seller whose payments count; empty: any.",
            "text",
            [](Config& c, std::string_view v) {
              c.alipay_seller_id = v;
              return true;
            }},
    Setting{"payments.alipay.public_key", "Alipay: path of Alipay's public key (not the app's).",
            "a path",
            [](Config& c, std::string_view v) {
              c.alipay_public_key = v;
              return true;
            }},
    Setting{"payments.stripe.webhook_secrets",
            "Stripe: signing secrets of the endpoint, with commas while one is rotated.",
            "secrets such as whsec_..., with commas",
            [](Config& c, std::string_view v) {
              c.stripe_webhook_secrets = split(v);
              return std::ranges::all_of(c.stripe_webhook_secrets,
                                         [](const auto& one) { return one.size() >= 16; });
            },
            true},
    Setting{"payments.wechat.merchant_serial", "WeChat Pay: serial number of the merchant's own certificate, to ask it.",
            "text",
            [](Config& c, std::string_view v) {
              c.wechat_merchant_serial = v;
              return true;
            }},
    Setting{"payments.wechat.private_key", "WeChat Pay: path of the merchant's private key; empty: it is not asked.",
            "a path",
            [](Config& c, std::string_view v) {
              c.wechat_private_key = v;
              return true;
            }},
    Setting{"payments.wechat.url", "WeChat Pay: another address to ask.",
            "a URL",
            [](Config& c, std::string_view v) {
              c.wechat_url = v;
              return true;
            }},
    Setting{"payments.alipay.private_key", "Alipay: path of the app's private key; empty: it is not asked.",
            "a path",
            [](Config& c, std::string_view v) {
              c.alipay_private_key = v;
              return true;
            }},
    Setting{"payments.alipay.url", "Alipay: another address to ask.",
            "a URL",
            [](Config& c, std::string_view v) {
              c.alipay_url = v;
              return true;
            }},
    Setting{"payments.stripe.secret_key", "Stripe: secret key of the API; empty: it is not asked.",
            "16 characters or more, or nothing",
            [](Config& c, std::string_view v) {
              c.stripe_secret_key = v;
              return v.empty() || v.size() >= 16;
            }, true},
    Setting{"payments.stripe.url", "Stripe: another address to ask.",
            "a URL",
            [](Config& c, std::string_view v) {
              c.stripe_url = v;
              return true;
            }},
    Setting{"payments.public_url", "How providers and buyers reach this server: https://shop.example.",
            "https://name or http://name, without a slash at its end; or nothing",
            [](Config& c, std::string_view v) {
              c.public_url = v;
              return v.empty() || is_web_origin(v);
            }},
    Setting{"payments.private_addresses",
            "Whether providers may be in private networks and on this machine, by http too.",
            "true or false",
            [](Config& c, std::string_view v) {
              c.payments_private_addresses = v == "true";
              return v == "true" || v == "false";
            }},
    Setting{"webhooks.private_addresses",
            "Whether webhooks may lead into private networks and to this machine, by http too.",
            "true or false",
            [](Config& c, std::string_view v) {
              c.webhooks_private_addresses = v == "true";
              return v == "true" || v == "false";
            }},
    Setting{"webhooks.retry_seconds",
            "Waits before the second try of an event, the third, and so on, with commas.",
            "1 to 20 numbers, 1 to 604800 each",
            [](Config& c, std::string_view v) { return read_waits(v, c.webhooks_retry_seconds); }},
    Setting{"sign_in.issuer", "Tokens of the shop's sign-in: their iss.", "text",
            [](Config& c, std::string_view v) {
              c.sign_in_issuer = v;
              return true;
            }},
    Setting{"sign_in.audience", "Tokens: the aud that names us; with commas if there are several.",
            "names with commas",
            [](Config& c, std::string_view v) {
              c.sign_in_audiences = split(v);
              return std::ranges::none_of(c.sign_in_audiences,
                                          [](const auto& one) { return one.empty(); });
            }},
    Setting{"sign_in.jwks", "Tokens: the keys that sign them; empty: nobody signs in by token.",
            "a path or an https URL",
            [](Config& c, std::string_view v) {
              c.sign_in_jwks = v;
              return true;
            }},
    Setting{"sign_in.skew_seconds", "Tokens: how far the issuer's clock may be from ours.",
            "0 to 600",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.sign_in_skew_seconds, 0, 600);
            }},
    Setting{"sign_in.refresh_seconds", "Tokens: how often the keys are read again.", "1 to 86400",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.sign_in_refresh_seconds, 1, 86'400);
            }},
    claim_setting<&ClaimNames::person>("sign_in.person", "Tokens: the claim with the person's id."),
    claim_setting<&ClaimNames::groups>("sign_in.groups", "Tokens: the claim with groups."),
    claim_setting<&ClaimNames::region>("sign_in.region", "Tokens: the claim with the region."),
    claim_setting<&ClaimNames::channel>("sign_in.channel", "Tokens: the claim with the channel."),
    claim_setting<&ClaimNames::member_since>("sign_in.member_since",
                                             "Tokens: the claim with the begin of membership."),
    claim_setting<&ClaimNames::household>("sign_in.household",
                                          "Tokens: the claim with the household."),
    claim_setting<&ClaimNames::address>("sign_in.address", "Tokens: the claim with the address."),
    claim_setting<&ClaimNames::risk>("sign_in.risk", "Tokens: the claim with the shop's score."),
    Setting{"sign_in.private_addresses",
            "Whether the keys may be in private networks and on this machine, by http too.",
            "true or false",
            [](Config& c, std::string_view v) {
              c.sign_in_private_addresses = v == "true";
              return v == "true" || v == "false";
            }},
    Setting{"access.second_factor",
            "Whether staff must have a second factor, or may; required: without they only set one up.",
            "optional or required",
            [](Config& c, std::string_view v) {
              c.second_factor_required = v == "required";
              return v == "required" || v == "optional";
            }},
    Setting{"snapshots.records", "A snapshot each so many records; 0: none.", "0 or more",
            [](Config& c, std::string_view v) {
              return read_number<std::uint64_t>(v, c.snapshot_records, 0);
            }},
    Setting{"snapshots.kept", "Snapshots that are kept.", "1 to 100",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.snapshots_kept, 1, 100);
            }},
    Setting{"proof.key", "Number of the key that signs the public log; raise it for a new one.",
            "1 to 1000000",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.proof_key, 1, 1'000'000);
            }},
    Setting{"log.segment_mib", "Size of a log segment.", "16 to 1024",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.segment_mib, 16, 1024);
            }},
    Setting{"log.segments_ahead", "Empty segments kept ready.", "1 to 16",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.segments_ahead, 1, 16);
            }},
    Setting{"log.archive", "Whether segments behind a snapshot are compressed.", "true or false",
            [](Config& c, std::string_view v) {
              c.archive = v == "true";
              return v == "true" || v == "false";
            }},
    Setting{"log.keep_days", "Days that records of log/ are kept; 0: for good.", "0 to 36500",
            [](Config& c, std::string_view v) {
              return read_number<std::uint32_t>(v, c.keep_days, 0, 36'500);
            }},
    Setting{"demo.launch_file", "Runs a demo of this launch file; loopback only.", "a path",
            [](Config& c, std::string_view v) {
              c.demo = v;
              return true;
            }},
};

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) { return &setting; }
  }
  return nullptr;
}

std::string environment_name(std::string_view name) {
  std::string variable = "FIREBRAND_";
  for (const char c : name) {
    variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

ConfigError error(std::string message) { return {std::move(message)}; }

Expected<void, ConfigError> apply(Config& config, ConfigOrigins& origins, std::string_view name,
                                  std::string_view value, std::string_view where) {
  const Setting* const setting = find_setting(name);
  if (setting == nullptr) {
    return Unexpected(error(std::string(where) + ": unknown setting " + std::string(name)));
  }
  if (!setting->set(config, value)) {
    const std::string is =
        setting->is_secret ? std::string() : "; it is \"" + std::string(value) + "\"";
    return Unexpected(error(std::string(where) + ": " + std::string(name) + " must be " +
                            std::string(setting->expected) + is));
  }
  origins.insert_or_assign(std::string(name), ConfigOrigin{std::string(value), std::string(where)});
  return {};
}

std::string text_of(const toml::node& node) {
  if (const auto text = node.value<std::string>(); text && node.is_string()) { return *text; }
  if (const auto* array = node.as_array()) {
    std::string list;
    for (const toml::node& entry : *array) { list += (list.empty() ? "" : ",") + text_of(entry); }
    return list;
  }
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  return text.str();
}

/// The settings of a table, whose name they begin with; a table inside has a name of its own.
Expected<void, ConfigError> apply_table(Config& config, ConfigOrigins& origins,
                                        const toml::table& table, const std::string& name,
                                        const std::string& path) {
  for (const auto& [key, value] : table) {
    const std::string whole = name + "." + std::string(key.str());
    const toml::table* const inside = value.as_table();
    auto done = inside != nullptr ? apply_table(config, origins, *inside, whole, path)
                                  : apply(config, origins, whole, text_of(value), path);
    if (!done) { return done; }
  }
  return {};
}

Expected<void, ConfigError> apply_file(Config& config, ConfigOrigins& origins,
                                       const std::string& path) {
  toml::table file;
  try {
    file = toml::parse_file(path);
  } catch (const toml::parse_error& failure) {
    std::ostringstream where;
    where << failure.source().begin;
    return Unexpected(
        error(path + ": " + std::string(failure.description()) + " (" + where.str() + ")"));
  }
  for (const auto& [section, table] : file) {
    const toml::table* const settings = table.as_table();
    if (settings == nullptr) {
      return Unexpected(error(path + ": unknown setting " + std::string(section.str())));
    }
    if (auto done = apply_table(config, origins, *settings, std::string(section.str()), path);
        !done) {
      return done;
    }
  }
  return {};
}

}  // namespace

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> keys;
  for (const Setting& setting : kSettings) {
    keys.push_back({setting.name, setting.doc, setting.expected, setting.is_secret});
  }
  return keys;
}

Expected<Config, ConfigError> load_config(const std::string& file,
                                          const std::map<std::string, std::string>& environment,
                                          const std::map<std::string, std::string>& flags,
                                          ConfigOrigins* origins) {
  Config config;
  ConfigOrigins unwanted;
  ConfigOrigins& given = origins != nullptr ? *origins : unwanted;
  if (!file.empty()) {
    if (auto done = apply_file(config, given, file); !done) { return Unexpected(done.error()); }
  }
  for (const Setting& setting : kSettings) {
    const auto found = environment.find(environment_name(setting.name));
    if (found == environment.end()) { continue; }
    if (auto done = apply(config, given, setting.name, found->second, found->first); !done) {
      return Unexpected(done.error());
    }
  }
  for (const auto& [name, value] : flags) {
    if (auto done = apply(config, given, name, value, "--" + name); !done) {
      return Unexpected(done.error());
    }
  }
  if (!config.sign_in_jwks.empty() &&
      (config.sign_in_issuer.empty() || config.sign_in_audiences.empty())) {
    return Unexpected(
        error("sign_in.jwks needs sign_in.issuer and sign_in.audience beside it: "
              "tokens for others would be accepted"));
  }
  const bool loopback = PeerAddress::parse(config.address)->is_loopback();
  const bool tls = !config.tls_certificate.empty();
  if (tls != !config.tls_key.empty()) {
    return Unexpected(error("tls.certificate and tls.key come together"));
  }
  if (!tls && config.tls_redirect_port != 0) {
    return Unexpected(error("tls.redirect_port leads to HTTPS: it needs tls.certificate"));
  }
  if (!loopback && config.proxies.empty() && !tls) {
    return Unexpected(error("server.address " + config.address +
                            " is reached from other machines: set tls.certificate and tls.key, put "
                            "a proxy with TLS in front and name it in server.proxies, or listen on "
                            "127.0.0.1"));
  }
  if ((!loopback || !config.proxies.empty() || tls) && !config.demo.empty()) {
    return Unexpected(
        error("a demo lets anybody sign in as anybody: it listens on loopback only, without "
              "server.proxies and tls, not on " +
              config.address));
  }
  return config;
}

}  // namespace firebrand
