#include "edge/protocols/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <limits>

#include "base/assert.hpp"
#include "edge/http/openssl_ptr.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kGcmTagBytes = 16;
constexpr std::size_t kGcmKeyBytes = 32;
constexpr std::size_t kGcmNonceBytesMax = 64;
constexpr std::size_t kLineBytes = 64;
constexpr unsigned kScryptCostMax = 20;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

int size_of(std::string_view text) {
  FB_ASSERT(text.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(text.size());
}

/// Base64 alone gets the lines of PEM around it.
std::string as_pem(std::string_view text, std::string_view label) {
  if (text.find("-----BEGIN") != std::string_view::npos) { return std::string(text); }
  std::string compact;
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') { compact += c; }
  }
  std::string pem = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < compact.size(); at += kLineBytes) {
    pem.append(compact, at, kLineBytes).append("\n");
  }
  return pem + "-----END " + std::string(label) + "-----\n";
}

OpensslPtr<BIO> reader_of(const std::string& text) {
  return OpensslPtr<BIO>(BIO_new_mem_buf(text.data(), size_of(text)));
}

bool is_rsa(EVP_PKEY* key) { return key != nullptr && EVP_PKEY_base_id(key) == EVP_PKEY_RSA; }

}  // namespace

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> tag;
  unsigned size = 0;
  FB_ASSERT(HMAC(EVP_sha256(), key.data(), size_of(key), bytes_of(message), message.size(),
                 tag.data(), &size) != nullptr);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[tag[i] >> 4U];
    hex += kDigits[tag[i] & 15U];
  }
  return hex;
}

std::string hmac_sha1(std::string_view key, std::string_view message) {
  std::string tag(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  FB_ASSERT(HMAC(EVP_sha1(), key.data(), size_of(key), bytes_of(message), message.size(),
                 bytes_of(tag), &size) != nullptr);
  tag.resize(size);
  return tag;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), size_of(bytes));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  // EVP_DecodeBlock() passes over blanks and counts the padding as bytes.
  if (text.empty() || text.size() % 4 != 0) { return std::nullopt; }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const bool in_alphabet = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                             (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (!in_alphabet) { return std::nullopt; }
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), size_of(text));
  if (size < 0) { return std::nullopt; }
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::optional<std::string> open_aes_256_gcm(std::string_view key, std::string_view nonce,
                                            std::string_view associated_data,
                                            std::string_view sealed) {
  if (key.size() != kGcmKeyBytes || nonce.empty() || nonce.size() > kGcmNonceBytesMax ||
      sealed.size() < kGcmTagBytes) {
    return std::nullopt;
  }
  const std::string_view text = sealed.substr(0, sealed.size() - kGcmTagBytes);
  std::string tag(sealed.substr(text.size()));
  std::string plain(text.size() + 1, '\0');  // Room for a pointer even if there is no text.
  const OpensslPtr<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int size = 0;
  int last = 0;
  const bool good =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_IVLEN, size_of(nonce), nullptr) == 1 &&
      EVP_DecryptInit_ex(context.get(), nullptr, nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(associated_data),
                        size_of(associated_data)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(text), size_of(text)) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kGcmTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + size, &last) == 1;
  if (!good) {
    ERR_clear_error();
    return std::nullopt;
  }
  plain.resize(text.size());
  return plain;
}

std::string seal_aes_256_gcm(std::string_view key, std::string_view nonce,
                             std::string_view associated_data, std::string_view plain) {
  FB_ASSERT(key.size() == kGcmKeyBytes && !nonce.empty() && nonce.size() <= kGcmNonceBytesMax);
  const OpensslPtr<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size() + kGcmTagBytes, '\0');
  int size = 0;
  int last = 0;
  const bool good =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_IVLEN, size_of(nonce), nullptr) == 1 &&
      EVP_EncryptInit_ex(context.get(), nullptr, nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(associated_data),
                        size_of(associated_data)) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(sealed), &size, bytes_of(plain), size_of(plain)) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + size, &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kGcmTagBytes,
                          sealed.data() + plain.size()) == 1;
  FB_ASSERT(good);
  return sealed;
}

std::string derive_scrypt(std::string_view passphrase, std::string_view salt, unsigned cost) {
  FB_ASSERT(cost >= 1 && cost <= kScryptCostMax);
  constexpr std::uint64_t kBlocks = 8;
  constexpr std::uint64_t kMemoryBytesMax = (std::uint64_t{2} << kScryptCostMax) * 1024;
  std::string key(kGcmKeyBytes, '\0');
  FB_ASSERT(EVP_PBE_scrypt(passphrase.data(), passphrase.size(), bytes_of(salt), salt.size(),
                           std::uint64_t{1} << cost, kBlocks, 1, kMemoryBytesMax, bytes_of(key),
                           key.size()) == 1);
  return key;
}

RsaKey::RsaKey(evp_pkey_st* key) : key_(key, &EVP_PKEY_free) {}

Expected<RsaKey, std::string> RsaKey::read_public(std::string_view text) {
  const std::string pem = as_pem(text, "PUBLIC KEY");
  EVP_PKEY* key = nullptr;
  if (pem.find("BEGIN CERTIFICATE") != std::string::npos) {
    const OpensslPtr<X509> certificate(
        PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
    if (certificate != nullptr) { key = X509_get_pubkey(certificate.get()); }
  } else {
    key = PEM_read_bio_PUBKEY(reader_of(pem).get(), nullptr, nullptr, nullptr);
  }
  ERR_clear_error();
  if (is_rsa(key)) { return RsaKey(key); }
  EVP_PKEY_free(key);
  return Unexpected(std::string("is no RSA public key or certificate"));
}

Expected<RsaKey, std::string> RsaKey::read_private(std::string_view text) {
  const std::string pem = as_pem(text, "PRIVATE KEY");
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, nullptr, nullptr);
  ERR_clear_error();
  if (is_rsa(key)) { return RsaKey(key); }
  EVP_PKEY_free(key);
  return Unexpected(std::string("is no RSA private key"));
}

RsaKey RsaKey::make() {
  EVP_PKEY* const key = EVP_RSA_gen(2048);
  FB_ASSERT(key != nullptr);
  return RsaKey(key);
}

bool RsaKey::verify(std::string_view message, std::string_view signature) const {
  const auto bytes = decode_base64(signature);
  if (!bytes) { return false; }
  const OpensslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(*bytes), bytes->size(), bytes_of(message),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string RsaKey::sign(std::string_view message) const {
  const OpensslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_size(key_.get()));
  std::string signature(size, '\0');
  const bool good =
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(message),
                     message.size()) == 1;
  FB_ASSERT(good);
  signature.resize(size);
  return encode_base64(signature);
}

std::string RsaKey::public_pem() const {
  const OpensslPtr<BIO> bio(BIO_new(BIO_s_mem()));
  FB_ASSERT(PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace firebrand
