#include "edge/api/credentials.hpp"

#include <sodium.h>

#include <cstring>

#include "base/little_endian.hpp"
#include "core/launch/sale.hpp"
#include "edge/api/cookies.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kFanTokenPrefix = "fbs_";
constexpr std::string_view kApiKeyPrefix = "fbk_";
constexpr std::size_t kFanBodyBytes = 16;  // Person, then expiry in milliseconds.
constexpr std::size_t kFanMacBytes = 16;
constexpr std::size_t kFanTextBytes = 43;  // Of 32 bytes in base64url without padding.
constexpr char kKeyFile[] = "installation.key";

using Mac = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// HMAC with the key's part computed once: two compressions less for each message.
class Hmac {
 public:
  explicit Hmac(const Bytes<32>& key) {
    crypto_auth_hmacsha256_init(&keyed_, key.data.data(), key.data.size());
  }
  explicit Hmac(std::string_view key) {
    crypto_auth_hmacsha256_init(&keyed_, bytes_of(key), key.size());
  }
  [[nodiscard]] Mac operator()(const unsigned char* message, std::size_t size) const {
    crypto_auth_hmacsha256_state state = keyed_;
    Mac mac;
    crypto_auth_hmacsha256_update(&state, message, size);
    crypto_auth_hmacsha256_final(&state, mac.data());
    return mac;
  }

 private:
  crypto_auth_hmacsha256_state keyed_;
};

Bytes<32> derive(const InstallationKey& key, std::string_view purpose) {
  const Mac mac = Hmac(key)(bytes_of(purpose), purpose.size());
  Bytes<32> derived;
  std::memcpy(derived.data.data(), mac.data(), derived.data.size());
  return derived;
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, size);
  text.pop_back();
  return text;
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(size, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, size, kVariant);
  text.pop_back();
  return text;
}

}  // namespace

Expected<InstallationKey, std::string> load_installation_key(log::FileSystem& files,
                                                             const std::string& data,
                                                             MissingKey missing) {
  FB_ASSERT(sodium_init() >= 0);
  const std::string path = log::join_path(data, kKeyFile);
  InstallationKey key;
  auto file = files.open(path, log::OpenMode::read);
  if (file) {
    const auto read = (*file)->pread(std::as_writable_bytes(std::span(key.data)), 0);
    if (!read) { return Unexpected(read.error().message); }
    if (*read != key.data.size()) { return Unexpected(path + " is cut short: restore it"); }
    return key;
  }
  if (file.error().code != log::FileErrorCode::not_found) {
    return Unexpected(file.error().message);
  }
  if (missing == MissingKey::refuse) {
    return Unexpected(
        path +
        " is missing, but the log holds records: under a new key every person of an "
        "outside system would become another one, and every session would end. "
        "Restore it from the backup of the data directory. If it is lost for good "
        "and you accept that, make a new one: (umask 077; head -c 32 /dev/urandom > " +
        path + ")");
  }
  randombytes_buf(key.data.data(), key.data.size());
  const std::string temporary = path + ".new";
  (void)files.remove(temporary);
  auto made = files.open(temporary, log::OpenMode::create_new);
  if (!made) { return Unexpected(made.error().message); }
  if (auto done = log::write_fully(**made, std::as_bytes(std::span(key.data)), 0); !done) {
    return Unexpected(done.error().message);
  }
  if (auto done = (*made)->sync(); !done) { return Unexpected(done.error().message); }
  if (auto done = files.rename(temporary, path); !done) { return Unexpected(done.error().message); }
  if (auto done = files.sync_directory(data); !done) { return Unexpected(done.error().message); }
  return key;
}

struct Credentials::Keys {
  Hmac fan_token;
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> person{};
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> request{};
};

Credentials::Credentials(const InstallationKey& key) {
  FB_ASSERT(sodium_init() >= 0);
  keys_ = std::make_unique<Keys>(Keys{.fan_token = Hmac(derive(key, "fan token"))});
  const auto short_key = [&](std::string_view purpose, auto& out) {
    const Bytes<32> derived = derive(key, purpose);
    std::memcpy(out.data(), derived.data.data(), out.size());
  };
  short_key("person", keys_->person);
  short_key("request", keys_->request);
}

Credentials::~Credentials() = default;

Text<64> Credentials::mint_fan_token(const FanSession& session) const {
  std::array<unsigned char, kFanBodyBytes + kFanMacBytes> bytes;
  store_le(reinterpret_cast<std::byte*>(bytes.data()), session.person_id.value);
  store_le(reinterpret_cast<std::byte*>(bytes.data() + 8), to_unix_ms(session.expires_at));
  const Mac mac = keys_->fan_token(bytes.data(), kFanBodyBytes);
  std::memcpy(bytes.data() + kFanBodyBytes, mac.data(), kFanMacBytes);
  std::array<char, 4 + kFanTextBytes + 1> text;
  std::memcpy(text.data(), kFanTokenPrefix.data(), kFanTokenPrefix.size());
  sodium_bin2base64(text.data() + kFanTokenPrefix.size(), kFanTextBytes + 1, bytes.data(),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return std::string_view(text.data(), text.size() - 1);
}

std::optional<FanSession> Credentials::check_fan_token(std::string_view token,
                                                       Timestamp now) const {
  if (token.size() != kFanTokenPrefix.size() + kFanTextBytes ||
      !token.starts_with(kFanTokenPrefix)) {
    return std::nullopt;
  }
  std::array<unsigned char, kFanBodyBytes + kFanMacBytes> bytes;
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), token.data() + kFanTokenPrefix.size(),
                        kFanTextBytes, nullptr, &size, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      size != bytes.size()) {
    return std::nullopt;
  }
  const Mac mac = keys_->fan_token(bytes.data(), kFanBodyBytes);
  if (sodium_memcmp(mac.data(), bytes.data() + kFanBodyBytes, kFanMacBytes) != 0) {
    return std::nullopt;
  }
  const auto* const body = reinterpret_cast<const std::byte*>(bytes.data());
  const FanSession session{{load_le<std::uint64_t>(body)},
                           from_unix_ms(load_le<std::int64_t>(body + 8))};
  if (now >= session.expires_at) { return std::nullopt; }
  return session;
}

PersonId Credentials::person_of(std::string_view external_id) const {
  std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> hash;
  crypto_shorthash_siphashx24(hash.data(), bytes_of(external_id), external_id.size(),
                              keys_->person.data());
  const auto number = load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(hash.data())) &
                      static_cast<std::uint64_t>(kPersonIdMax);
  return {number == 0 ? 1 : number};
}

RequestKey Credentials::request_key(const Actor& caller, PersonId for_whom, std::uint16_t operation,
                                    std::string_view idempotency_key) const {
  constexpr std::size_t kHeadBytes = 24;
  std::array<unsigned char, kHeadBytes + kIdempotencyKeyBytesMax> message;
  auto* const head = reinterpret_cast<std::byte*>(message.data());
  store_le(head, caller.id);
  store_le(head + 8, for_whom.value);
  store_le(head + 16, std::uint64_t{operation} << 8U | static_cast<std::uint64_t>(caller.kind));
  FB_ASSERT(idempotency_key.size() <= kIdempotencyKeyBytesMax);
  std::memcpy(message.data() + kHeadBytes, idempotency_key.data(), idempotency_key.size());
  RequestKey key;
  static_assert(RequestKey::kSize == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(key.data.data(), message.data(), kHeadBytes + idempotency_key.size(),
                              keys_->request.data());
  return key;
}

std::optional<ApiKeyText> Credentials::read_api_key(std::string_view text) {
  if (!text.starts_with(kApiKeyPrefix)) { return std::nullopt; }
  text.remove_prefix(kApiKeyPrefix.size());
  const std::size_t middle = text.find('_');
  if (middle == std::string_view::npos || middle == 0 || middle > 19) { return std::nullopt; }
  std::uint64_t number = 0;
  for (const char digit : text.substr(0, middle)) {
    if (digit < '0' || digit > '9') { return std::nullopt; }
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  const auto secret = read_secret(text.substr(middle + 1));
  if (!secret) { return std::nullopt; }
  return ApiKeyText{{number}, hash_secret(*secret)};
}

std::string Credentials::api_key_text(ApiKeyId id, const Bytes<32>& secret) {
  return std::string(kApiKeyPrefix) + std::to_string(id.value) + "_" + secret_text(secret);
}

Bytes<32> Credentials::random_secret() {
  Bytes<32> secret;
  randombytes_buf(secret.data.data(), secret.data.size());
  return secret;
}

PasswordSalt Credentials::random_salt() {
  PasswordSalt salt;
  randombytes_buf(salt.data.data(), salt.data.size());
  return salt;
}

SecretHash Credentials::hash_secret(const Bytes<32>& secret) {
  SecretHash hash;
  static_assert(SecretHash::kSize == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(hash.data.data(), secret.data.data(), secret.data.size());
  return hash;
}

std::string Credentials::secret_text(const Bytes<32>& secret) {
  return hex(secret.data.data(), secret.data.size());
}

std::optional<Bytes<32>> Credentials::read_secret(std::string_view text) {
  Bytes<32> secret;
  std::size_t size = 0;
  if (text.size() != 64 ||
      sodium_hex2bin(secret.data.data(), secret.data.size(), text.data(), text.size(), nullptr,
                     &size, nullptr) != 0 ||
      size != secret.data.size()) {
    return std::nullopt;
  }
  return secret;
}

std::optional<SecretHash> session_of(const HttpRequest& http) {
  const auto secret =
      Credentials::read_secret(cookie_value(http.header(HttpHeader::cookie), kSessionCookie));
  return secret ? std::optional(Credentials::hash_secret(*secret)) : std::nullopt;
}

std::string hash_password(std::string_view password, const PasswordSalt& salt) {
  static_assert(PasswordSalt::kSize == crypto_pwhash_SALTBYTES);
  Bytes<32> hash;
  if (crypto_pwhash(hash.data.data(), hash.data.size(), password.data(), password.size(),
                    salt.data.data(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                    crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {};
  }
  // As crypto_pwhash_str() writes it, which knows salts of chance only.
  return "$argon2id$v=19$m=" + std::to_string(crypto_pwhash_MEMLIMIT_INTERACTIVE / 1024) +
         ",t=" + std::to_string(crypto_pwhash_OPSLIMIT_INTERACTIVE) + ",p=1$" +
         base64(salt.data.data(), salt.data.size()) + "$" +
         base64(hash.data.data(), hash.data.size());
}

bool check_password(std::string_view hash, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (hash.size() >= text.size()) { return false; }
  std::memcpy(text.data(), hash.data(), hash.size());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

}  // namespace firebrand
