#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace firebrand {

/// Ways to sign that are accepted in tokens (RFC 7518, RFC 8037). Each key is for one of them
/// alone, so that no token can choose how its key is used.
enum class SignatureAlgorithm : std::uint8_t {
  rs256,  ///< RSASSA-PKCS1-v1_5 with SHA-256.
  es256,  ///< ECDSA on P-256 with SHA-256; 64 bytes: r and s.
  eddsa,  ///< Ed25519.
};

/// "RS256", "ES256", "EdDSA".
[[nodiscard]] std::string_view jose_name(SignatureAlgorithm);
[[nodiscard]] std::optional<SignatureAlgorithm> signature_algorithm(std::string_view jose_name);

/// The alphabet of RFC 4648, section 5, without padding and with nothing in the unused bits.
[[nodiscard]] std::string encode_base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

/// A key that signatures are checked with; copies share it.
class SignatureKey {
 public:
  /// @param n,e  Big-endian bytes. Nothing unless n has 2048 to 8192 bits and e is odd, above 2,
  /// and
  ///             of 32 bits at most.
  [[nodiscard]] static std::optional<SignatureKey> rsa(std::string_view n, std::string_view e);
  /// @param x,y  32 bytes each, big-endian. Nothing if the point is not on the curve.
  [[nodiscard]] static std::optional<SignatureKey> p256(std::string_view x, std::string_view y);
  /// @param x  32 bytes.
  [[nodiscard]] static std::optional<SignatureKey> ed25519(std::string_view x);
  /// For tests: a new pair.
  [[nodiscard]] static SignatureKey make(SignatureAlgorithm);

  [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }
  /// @param signature  Bytes.
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;
  /// Bytes. REQUIRES: a private key.
  [[nodiscard]] std::string sign(std::string_view message) const;
  /// The public half as a JWK (RFC 7517), with this `kid`.
  [[nodiscard]] std::string jwk(std::string_view kid) const;

 private:
  SignatureKey(SignatureAlgorithm algorithm, evp_pkey_st* key);

  SignatureAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace firebrand
