#include "base/sha256.hpp"

#include <sodium.h>

namespace firebrand {

Hash256 sha256(std::initializer_list<std::span<const std::byte>> pieces) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const auto piece : pieces) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(piece.data()),
                              piece.size());
  }
  Hash256 hash;
  crypto_hash_sha256_final(&state, hash.data.data());
  return hash;
}

Hash256 hmac_sha256(const Hash256& key, std::span<const std::byte> message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data.data(), key.data.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  Hash256 hash;
  crypto_auth_hmacsha256_final(&state, hash.data.data());
  return hash;
}

}  // namespace firebrand
