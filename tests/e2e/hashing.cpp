#include "hashing.hpp"

#include <sodium.h>

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

}  // namespace firebrand::e2e
