#include "hashing.hpp"

#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <stdexcept>

namespace firebrand::e2e {

std::string sha256(std::string_view bytes) {
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return hash;
}

std::string to_hex(std::string_view bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  text.pop_back();
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  std::size_t size = 0;
  const int status = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                    text.data(), text.size(), nullptr, &size, nullptr);
  if (status != 0 || size != bytes.size()) {
    throw std::runtime_error("not hexadecimal: " + std::string(text));
  }
  return bytes;
}

std::string commitment_of(std::string_view secret) {
  constexpr std::string_view kFormat{"firebrand-commit/1\0", 19};
  return sha256(std::string(kFormat) + std::string(secret));
}

std::string big_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(number >> shift & 0xFFU));
  }
  return text;
}

std::string totp(std::string_view secret, std::uint64_t step) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string key;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : secret) {
    bits = bits << 5U | static_cast<std::uint32_t>(kAlphabet.find(c));
    count += 5;
    if (count >= 8) {
      count -= 8;
      key.push_back(static_cast<char>(bits >> count & 0xFFU));
    }
  }
  const std::string counter = big_endian(step, 8);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(counter.data()), counter.size(), mac.data(), nullptr);
  const std::size_t at = mac[19] & 15U;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) { number = number << 8U | mac[at + i]; }
  const std::string digits = std::to_string((number & 0x7FFF'FFFFU) % 1'000'000U);
  return std::string(6 - digits.size(), '0') + digits;
}

}  // namespace firebrand::e2e
