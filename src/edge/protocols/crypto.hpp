#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.hpp"

struct evp_pkey_st;

namespace firebrand {

/// 64 hexadecimal digits.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view message);
/// 20 bytes. For codes of authenticator apps, which know nothing newer.
[[nodiscard]] std::string hmac_sha1(std::string_view key, std::string_view message);
/// Takes the same time wherever the texts differ; the length is no secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

[[nodiscard]] std::string encode_base64(std::string_view bytes);
/// Standard alphabet, with padding. Nothing if malformed.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// AEAD_AES_256_GCM with the tag of 16 bytes behind the text. Nothing if it does not verify.
/// @param key    32 bytes; another length opens nothing.
/// @param nonce  1 to 64 bytes.
[[nodiscard]] std::optional<std::string> open_aes_256_gcm(std::string_view key,
                                                          std::string_view nonce,
                                                          std::string_view associated_data,
                                                          std::string_view sealed);
[[nodiscard]] std::string seal_aes_256_gcm(std::string_view key, std::string_view nonce,
                                           std::string_view associated_data,
                                           std::string_view plain);

/// scrypt (RFC 7914) with r = 8 and p = 1: a key of 32 bytes from a passphrase.
/// @param cost  Binary logarithm of N, 1 to 20: takes 2^cost KiB of memory, and 17 about 0.4 s.
[[nodiscard]] std::string derive_scrypt(std::string_view passphrase, std::string_view salt,
                                        unsigned cost);

/// An RSA key of either kind; copies share it. SHA-256 with PKCS #1 v1.5 padding throughout.
class RsaKey {
 public:
  /// A PEM public key or certificate, or the base64 of a public key alone, as consoles show it.
  /// @return the message for the operator on failure.
  [[nodiscard]] static Expected<RsaKey, std::string> read_public(std::string_view text);
  /// A PEM private key, or the base64 of one in PKCS #8.
  [[nodiscard]] static Expected<RsaKey, std::string> read_private(std::string_view text);
  /// For tests: a new pair of 2048 bits.
  [[nodiscard]] static RsaKey make();

  /// @param signature  base64
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;
  /// base64. REQUIRES: a private key.
  [[nodiscard]] std::string sign(std::string_view message) const;
  /// PEM of the public half.
  [[nodiscard]] std::string public_pem() const;

 private:
  explicit RsaKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace firebrand
