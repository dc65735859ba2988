#include <algorithm>
#include <iterator>
#include <utility>

#include "edge/server/config.hpp"

namespace firebrand {

namespace {

/// Settings that are not empty at first.
constexpr std::pair<std::string_view, std::string_view> kDefaults[] = {
    {"server.data", "firebrand-data"},
    {"server.address", "127.0.0.1"},
    {"server.port", "8080"},
    {"server.connections_max", "20000"},
    {"server.connections_per_address_max", "1024"},
    {"server.body_bytes_max", "65536"},
    {"server.stop_grace_ms", "5000"},
    {"rates.address", "off"},
    {"rates.api_key", "off"},
    {"rates.person", "300/60s"},
    {"payments.private_addresses", "false"},
    {"tls.redirect_port", "0"},
    {"tls.hsts_seconds", "86400"},
    {"sign_in.person", "sub"},
    {"sign_in.skew_seconds", "60"},
    {"sign_in.refresh_seconds", "300"},
    {"sign_in.private_addresses", "false"},
    {"access.second_factor", "optional"},
    {"proof.key", "1"},
    {"webhooks.private_addresses", "false"},
    {"webhooks.retry_seconds", "5,300,1800,7200,18000,36000,50400,72000,86400"},
    {"snapshots.records", "1000000"},
    {"snapshots.kept", "2"},
    {"log.segment_mib", "64"},
    {"log.segments_ahead", "2"},
    {"log.archive", "true"},
    {"log.keep_days", "0"},
};

std::string shown(const ConfigKey& key, std::string_view value) {
  if (value.empty()) { return "none"; }
  return key.is_secret ? "(a secret, set)" : std::string(value);
}

}  // namespace

std::string_view default_text(std::string_view name) {
  const auto found = std::ranges::find(kDefaults, name, [](const auto& one) { return one.first; });
  return found == std::end(kDefaults) ? std::string_view() : found->second;
}

std::string explain_config(const ConfigOrigins& origins) {
  std::string text;
  for (const ConfigKey& key : config_keys()) {
    const auto given = origins.find(key.name);
    const std::string normal = shown(key, default_text(key.name));
    const std::string name(key.name);
    if (given == origins.end()) {
      text += name + " = " + normal + "\n    from     default\n";
    } else {
      text += name + " = " + shown(key, given->second.value) + "\n    from     " +
              given->second.where + "; default " + normal + "\n";
    }
    text += "    takes    " + std::string(key.expected) + "\n    meaning  " + std::string(key.doc) +
            "\n";
  }
  return text;
}

}  // namespace firebrand
