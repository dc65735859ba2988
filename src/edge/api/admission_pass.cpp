#include "edge/api/admission_pass.hpp"

#include <sodium.h>

#include <cstring>
#include <span>

#include "base/assert.hpp"
#include "base/base64.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kPrefix = "fbp1.";
constexpr std::string_view kDomain{"firebrand-pass/1\0", 17};  // Signed before the pass itself.
constexpr std::size_t kPassBytes = 34;
constexpr std::size_t kPassTextBytes = 46;
constexpr std::size_t kSignatureTextBytes = 86;

using PassBytes = std::array<unsigned char, kPassBytes>;
using Message = std::array<unsigned char, kDomain.size() + kPassBytes>;

void put_be(unsigned char* out, std::size_t size, std::uint64_t value) {
  for (std::size_t i = size; i-- > 0; value >>= 8U) {
    out[i] = static_cast<unsigned char>(value & 0xFFU);
  }
}

std::uint64_t get_be(const unsigned char* from, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) { value = value << 8U | from[i]; }
  return value;
}

Message message_of(const PassBytes& pass) {
  Message message;
  std::memcpy(message.data(), kDomain.data(), kDomain.size());
  std::memcpy(message.data() + kDomain.size(), pass.data(), pass.size());
  return message;
}

std::string base64(std::span<const unsigned char> bytes) { return to_base64(bytes, Base64::url); }

bool read_base64(std::string_view text, std::span<unsigned char> bytes) {
  return from_base64(text, Base64::url, bytes) == bytes.size();
}

}  // namespace

PassSigner::PassSigner(const Bytes<32>& seed) {
  static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64 &&
                crypto_sign_PUBLICKEYBYTES == 32);
  const int made =
      crypto_sign_seed_keypair(public_key_.data.data(), secret_key_.data(), seed.data.data());
  FB_ASSERT(made == 0);
}

std::string PassSigner::sign(const AdmissionPass& pass) const {
  PassBytes bytes;
  put_be(bytes.data(), 8, pass.drop_id.value);
  put_be(bytes.data() + 8, 2, pass.wave);
  put_be(bytes.data() + 10, 8, pass.place);
  put_be(bytes.data() + 18, 8, pass.person_id.value);
  put_be(bytes.data() + 26, 8, static_cast<std::uint64_t>(to_unix_ms(pass.valid_until)));
  const Message message = message_of(bytes);
  std::array<unsigned char, crypto_sign_BYTES> signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                       secret_key_.data());
  return std::string(kPrefix) + base64(bytes) + "." + base64(signature);
}

std::optional<AdmissionPass> check_admission_pass(std::string_view text, const PassPublicKey& key,
                                                  Timestamp now) {
  if (text.size() != kPrefix.size() + kPassTextBytes + 1 + kSignatureTextBytes ||
      !text.starts_with(kPrefix) || text[kPrefix.size() + kPassTextBytes] != '.') {
    return std::nullopt;
  }
  PassBytes bytes;
  std::array<unsigned char, crypto_sign_BYTES> signature;
  if (!read_base64(text.substr(kPrefix.size(), kPassTextBytes), bytes) ||
      !read_base64(text.substr(kPrefix.size() + kPassTextBytes + 1), signature)) {
    return std::nullopt;
  }
  const Message message = message_of(bytes);
  if (crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                  key.data.data()) != 0) {
    return std::nullopt;
  }
  const AdmissionPass pass{
      .drop_id = {get_be(bytes.data(), 8)},
      .wave = static_cast<std::uint16_t>(get_be(bytes.data() + 8, 2)),
      .place = get_be(bytes.data() + 10, 8),
      .person_id = {get_be(bytes.data() + 18, 8)},
      .valid_until = from_unix_ms(static_cast<std::int64_t>(get_be(bytes.data() + 26, 8)))};
  if (now >= pass.valid_until) { return std::nullopt; }
  return pass;
}

}  // namespace firebrand
