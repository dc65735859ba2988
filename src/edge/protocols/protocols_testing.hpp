#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "edge/protocols/alipay.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/form.hpp"
#include "edge/protocols/generic.hpp"
#include "edge/protocols/stripe.hpp"
#include "edge/protocols/wechat_pay.hpp"

/// Providers as they sign, for tests only.
namespace firebrand {

inline constexpr std::int64_t kNoticeSeconds = 1'795'824'000;

/// A notice with headers of its own.
struct SignedNotice {
  std::string headers{};
  std::string body{};
  [[nodiscard]] NoticeInput at(std::int64_t seconds = kNoticeSeconds) const {
    return {headers, body, from_unix_ms(seconds * 1'000)};
  }
};

inline std::string header_lines(
    std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
  std::string lines;
  for (const auto& [name, value] : headers) {
    lines.append(name).append(": ").append(value).append("\r\n");
  }
  return lines;
}

inline SignedNotice generic_notice(std::string_view secret, std::string body) {
  const std::string now = std::to_string(kNoticeSeconds);
  return {header_lines({{"Firebrand-Timestamp", now},
                        {"Firebrand-Signature", "v1=" + sign_generic(secret, now, body)}}),
          std::move(body)};
}

inline constexpr std::string_view kWeChatApiKey = "0123456789abcdef0123456789abcdef";

inline SignedNotice wechat_notice(const RsaKey& platform, std::string_view serial,
                                  std::string_view event, std::string_view content) {
  const std::string now = std::to_string(kNoticeSeconds);
  const std::string sealed =
      encode_base64(seal_aes_256_gcm(kWeChatApiKey, "nonce-of-12b", "transaction", content));
  std::string body = std::string(R"({"id":"1","event_type":")")
                         .append(event)
                         .append(R"(","resource_type":"encrypt-resource","resource":{)")
                         .append(R"("algorithm":"AEAD_AES_256_GCM","ciphertext":")")
                         .append(sealed)
                         .append(R"(","associated_data":"transaction","nonce":"nonce-of-12b"}})");
  const std::string signature = platform.sign(now + "\nnonce\n" + body + "\n");
  return {header_lines({{"Wechatpay-Timestamp", now},
                        {"Wechatpay-Nonce", "nonce"},
                        {"Wechatpay-Serial", serial},
                        {"Wechatpay-Signature", signature}}),
          std::move(body)};
}

using FormFields = std::map<std::string, std::string, std::less<>>;

inline SignedNotice alipay_notice(const RsaKey& key, const FormFields& fields) {
  std::string text;
  std::string body;
  for (const auto& [name, value] : fields) {
    text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
    body.append(name).append("=").append(encode_form(value)).append("&");
  }
  return {{}, body + "sign_type=RSA2&sign=" + encode_form(key.sign(text))};
}

inline SignedNotice stripe_notice(std::string_view secret, std::string body) {
  const std::string now = std::to_string(kNoticeSeconds);
  return {header_lines({{"Stripe-Signature",
                         "t=" + now + ",v1=" + hmac_sha256_hex(secret, now + "." + body)}}),
          std::move(body)};
}

}  // namespace firebrand
