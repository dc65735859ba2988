#include "edge/delivery/webhook_signature.hpp"

#include <sodium.h>

#include <array>

#include "base/assert.hpp"
#include "base/base64.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kSecretBytesMax = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string sign_webhook(std::string_view secret, std::string_view id, std::int64_t unix_seconds,
                         std::string_view body) {
  FB_ASSERT(secret.starts_with(kPrefix));
  const std::string_view text = secret.substr(kPrefix.size());
  std::array<unsigned char, kSecretBytesMax> key;
  const auto size = from_base64(text, Base64::padded, key);
  FB_ASSERT(size.has_value());
  std::string head(id);
  head.append(".").append(std::to_string(unix_seconds)).append(".");
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), *size);
  crypto_auth_hmacsha256_update(&state, bytes_of(head), head.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(body), body.size());
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
  crypto_auth_hmacsha256_final(&state, mac.data());
  return "v1," + to_base64(mac, Base64::padded);
}

std::string webhook_signatures(const std::vector<std::string>& secrets, std::string_view id,
                               std::int64_t unix_seconds, std::string_view body) {
  std::string all;
  for (const std::string& secret : secrets) {
    if (!all.empty()) { all += ' '; }
    all += sign_webhook(secret, id, unix_seconds, body);
  }
  return all;
}

}  // namespace firebrand
