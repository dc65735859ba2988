#include "edge/server/sealed_key.hpp"

#include <sodium.h>

#include <algorithm>

#include "edge/protocols/crypto.hpp"

namespace firebrand {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\xfbKEY\r\n\x1a\xff\x01"sv;  // The last byte: version 1.
constexpr unsigned kCost = 17;
constexpr unsigned kCostMax = 20;  ///< Whoever changes a file must not make us take all memory.
constexpr std::size_t kCostAt = kMagic.size();
constexpr std::size_t kSaltAt = 16;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNonceAt = kSaltAt + kSaltBytes;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kHeadBytes = kNonceAt + kNonceBytes;

}  // namespace

std::string seal_key(const InstallationKey& key, std::string_view passphrase) {
  FB_ASSERT(sodium_init() >= 0);
  std::string sealed(kHeadBytes, '\0');
  std::copy(kMagic.begin(), kMagic.end(), sealed.begin());
  sealed[kCostAt] = static_cast<char>(kCost);
  randombytes_buf(sealed.data() + kSaltAt, kSaltBytes + kNonceBytes);
  const std::string_view head = sealed;
  const std::string_view plain(reinterpret_cast<const char*>(key.data.data()), key.data.size());
  return sealed +
         seal_aes_256_gcm(derive_scrypt(passphrase, head.substr(kSaltAt, kSaltBytes), kCost),
                          head.substr(kNonceAt, kNonceBytes), head, plain);
}

std::optional<InstallationKey> open_sealed_key(std::string_view sealed,
                                               std::string_view passphrase) {
  if (sealed.size() <= kHeadBytes || !sealed.starts_with(kMagic)) { return std::nullopt; }
  const unsigned cost = static_cast<unsigned char>(sealed[kCostAt]);
  if (cost == 0 || cost > kCostMax) { return std::nullopt; }
  const std::string_view head = sealed.substr(0, kHeadBytes);
  const auto plain =
      open_aes_256_gcm(derive_scrypt(passphrase, head.substr(kSaltAt, kSaltBytes), cost),
                       head.substr(kNonceAt, kNonceBytes), head, sealed.substr(kHeadBytes));
  InstallationKey key;
  if (!plain || plain->size() != key.data.size()) { return std::nullopt; }
  std::copy(plain->begin(), plain->end(), key.data.begin());
  return key;
}

}  // namespace firebrand
