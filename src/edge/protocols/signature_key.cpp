#include "edge/protocols/signature_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <limits>

#include "base/assert.hpp"
#include "edge/http/openssl_ptr.hpp"
#include "edge/protocols/crypto.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kCurveBytes = 32;  // Of P-256 and of Ed25519.
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr std::array<std::string_view, 3> kJoseNames = {"RS256", "ES256", "EdDSA"};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

OpensslPtr<BIGNUM> number_of(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kRsaBitsMax / 8) { return nullptr; }
  return OpensslPtr<BIGNUM>(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// Null if the parameters are no public key of this kind.
EVP_PKEY* public_key(const char* kind, OSSL_PARAM_BLD* builder) {
  const OpensslPtr<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const OpensslPtr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  const bool good =
      parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  ERR_clear_error();
  if (good) { return key; }
  EVP_PKEY_free(key);
  return nullptr;
}

/// The 64 bytes of JOSE as OpenSSL wants them; empty if they are not 64.
std::string as_der(std::string_view signature) {
  if (signature.size() != 2 * kCurveBytes) { return {}; }
  OpensslPtr<BIGNUM> r = number_of(signature.substr(0, kCurveBytes));
  OpensslPtr<BIGNUM> s = number_of(signature.substr(kCurveBytes));
  const OpensslPtr<ECDSA_SIG> pair(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || pair == nullptr ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return {};
  }
  // They are the pair's now.
  (void)r.release();
  (void)s.release();
  const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
  if (size <= 0) { return {}; }
  std::string der(static_cast<std::size_t>(size), '\0');
  unsigned char* at = bytes_of(der);
  (void)i2d_ECDSA_SIG(pair.get(), &at);
  return der;
}

std::string from_der(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  const OpensslPtr<ECDSA_SIG> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  FB_ASSERT(pair != nullptr);
  std::string signature(2 * kCurveBytes, '\0');
  constexpr int kSize = kCurveBytes;
  FB_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes_of(signature), kSize) == kSize);
  FB_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes_of(signature) + kCurveBytes, kSize) ==
            kSize);
  return signature;
}

/// Ed25519 hashes by itself.
const EVP_MD* hash_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::eddsa ? nullptr : EVP_sha256();
}

/// A number of the key, as JWK has it.
std::string number_at(const EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* raw = nullptr;
  FB_ASSERT(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
  const OpensslPtr<BIGNUM> number(raw);
  std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(raw)) : size, '\0');
  FB_ASSERT(BN_bn2binpad(raw, bytes_of(bytes), static_cast<int>(bytes.size())) >= 0);
  return encode_base64url(bytes);
}

}  // namespace

std::string_view jose_name(SignatureAlgorithm algorithm) {
  return kJoseNames[static_cast<std::size_t>(algorithm)];
}

std::optional<SignatureAlgorithm> signature_algorithm(std::string_view jose_name) {
  for (std::size_t i = 0; i < kJoseNames.size(); ++i) {
    if (kJoseNames[i] == jose_name) { return static_cast<SignatureAlgorithm>(i); }
  }
  return std::nullopt;
}

std::string encode_base64url(std::string_view bytes) {
  std::string text = encode_base64(bytes);
  while (text.ends_with('=')) { text.pop_back(); }
  for (char& c : text) { c = c == '+' ? '-' : c == '/' ? '_' : c; }
  return text;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string standard;
  for (const char c : text) {
    if (c == '+' || c == '/' || c == '=') { return std::nullopt; }
    standard += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  if (standard.size() % 4 == 1) { return std::nullopt; }
  standard.append((4 - standard.size() % 4) % 4, '=');
  if (standard.empty()) { return std::string(); }
  auto bytes = decode_base64(standard);
  // One text for each content: what stands in unused bits could tell two of the same apart.
  if (!bytes || encode_base64url(*bytes) != text) { return std::nullopt; }
  return bytes;
}

SignatureKey::SignatureKey(SignatureAlgorithm algorithm, evp_pkey_st* key)
    : algorithm_(algorithm), key_(key, &EVP_PKEY_free) {}

std::optional<SignatureKey> SignatureKey::rsa(std::string_view n, std::string_view e) {
  const OpensslPtr<BIGNUM> modulus = number_of(n);
  const OpensslPtr<BIGNUM> exponent = number_of(e);
  if (modulus == nullptr || exponent == nullptr || BN_num_bits(modulus.get()) < kRsaBitsMin ||
      BN_num_bits(modulus.get()) > kRsaBitsMax || BN_is_odd(exponent.get()) == 0 ||
      BN_is_one(exponent.get()) == 1 || BN_num_bits(exponent.get()) > 32) {
    return std::nullopt;
  }
  const OpensslPtr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return std::nullopt;
  }
  EVP_PKEY* const key = public_key("RSA", builder.get());
  if (key == nullptr) { return std::nullopt; }
  return SignatureKey(SignatureAlgorithm::rs256, key);
}

std::optional<SignatureKey> SignatureKey::p256(std::string_view x, std::string_view y) {
  if (x.size() != kCurveBytes || y.size() != kCurveBytes) { return std::nullopt; }
  const std::string point = "\x04" + std::string(x) + std::string(y);
  const OpensslPtr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return std::nullopt;
  }
  EVP_PKEY* const key = public_key("EC", builder.get());
  if (key == nullptr) { return std::nullopt; }
  SignatureKey made(SignatureAlgorithm::es256, key);
  const OpensslPtr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool is_on_curve = context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
  ERR_clear_error();
  if (!is_on_curve) { return std::nullopt; }
  return made;
}

std::optional<SignatureKey> SignatureKey::ed25519(std::string_view x) {
  if (x.size() != kCurveBytes) { return std::nullopt; }
  EVP_PKEY* const key =
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size());
  ERR_clear_error();
  if (key == nullptr) { return std::nullopt; }
  return SignatureKey(SignatureAlgorithm::eddsa, key);
}

SignatureKey SignatureKey::make(SignatureAlgorithm algorithm) {
  EVP_PKEY* key = nullptr;
  switch (algorithm) {
    case SignatureAlgorithm::rs256:
      key = EVP_RSA_gen(kRsaBitsMin);
      break;
    case SignatureAlgorithm::es256:
      key = EVP_EC_gen("P-256");
      break;
    case SignatureAlgorithm::eddsa:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  FB_ASSERT(key != nullptr);
  return {algorithm, key};
}

bool SignatureKey::verify(std::string_view message, std::string_view signature) const {
  std::string der;
  if (algorithm_ == SignatureAlgorithm::es256) {
    der = as_der(signature);
    if (der.empty()) { return false; }
    signature = der;
  }
  const OpensslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, hash_of(algorithm_), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string SignatureKey::sign(std::string_view message) const {
  const OpensslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_size(key_.get()));
  std::string signature(size, '\0');
  const bool good =
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, hash_of(algorithm_), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(message),
                     message.size()) == 1;
  FB_ASSERT(good);
  signature.resize(size);
  return algorithm_ == SignatureAlgorithm::es256 ? from_der(signature) : signature;
}

std::string SignatureKey::jwk(std::string_view kid) const {
  std::string text = R"({"kid":")" + std::string(kid) + R"(","use":"sig","alg":")" +
                     std::string(jose_name(algorithm_)) + R"(",)";
  switch (algorithm_) {
    case SignatureAlgorithm::rs256:
      return text + R"("kty":"RSA","n":")" + number_at(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0) +
             R"(","e":")" + number_at(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0) + "\"}";
    case SignatureAlgorithm::es256:
      return text + R"("kty":"EC","crv":"P-256","x":")" +
             number_at(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, kCurveBytes) + R"(","y":")" +
             number_at(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kCurveBytes) + "\"}";
    case SignatureAlgorithm::eddsa:
      break;
  }
  std::string x(kCurveBytes, '\0');
  std::size_t size = x.size();
  FB_ASSERT(EVP_PKEY_get_raw_public_key(key_.get(), bytes_of(x), &size) == 1);
  return text + R"("kty":"OKP","crv":"Ed25519","x":")" + encode_base64url(x) + "\"}";
}

}  // namespace firebrand
