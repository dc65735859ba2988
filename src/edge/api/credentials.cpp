#include "edge/api/credentials.hpp"

#include <sodium.h>

#include <cstring>

#include "base/base64.hpp"
#include "base/little_endian.hpp"
#include "core/launch/sale.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "edge/api/cookies.hpp"
#include "edge/protocols/totp.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kFanTokenPrefix = "fbs_";
constexpr std::string_view kApiKeyPrefix = "fbk_";
constexpr std::string_view kPlaceTokenPrefix = "fbq_";
constexpr std::size_t kTokenMacBytes = 16;
/// Words of a token: two, and a claim in each further one.
constexpr std::size_t kTokenHeadWords = 2;
constexpr std::size_t kTokenWordsMax = kTokenHeadWords + Standing::kMax;
constexpr std::size_t kTokenBytesMax = kTokenWordsMax * 8 + kTokenMacBytes;
using TokenWords = List<std::uint64_t, kTokenWordsMax>;
static_assert(TokenText::kMax == 4 + (kTokenBytesMax * 8 + 5) / 6);
constexpr unsigned kPersonBits = 56;  // A wave stands above the person's number.
static_assert(kPersonIdMax == (std::int64_t{1} << kPersonBits) - 1 && kWavesMax < 256 &&
              kDropsMax < (1ULL << 32U) && kPlacesMax < (std::int64_t{1} << 32));
constexpr char kKeyFile[] = "installation.key";

using Mac = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// HMAC with the key's part computed once: two compressions less for each message.
class Hmac {
 public:
  explicit Hmac(const Bytes<32>& key) {
    crypto_auth_hmacsha256_init(&keyed_, key.data.data(), key.data.size());
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
  const Mac mac = Hmac(key)(octets_of(purpose), purpose.size());
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
        "outside system would become another one, every session would end, and no code of a "
        "second factor would fit. "
        "Restore it from the backup of the data directory. If it is lost for good "
        "and you accept that, make a new one: (umask 077; head -c 32 /dev/urandom > " +
        path + ")");
  }
  randombytes_buf(key.data.data(), key.data.size());
  if (const auto made = store_installation_key(files, data, key); !made) {
    return Unexpected(made.error());
  }
  return key;
}

Expected<void, std::string> store_installation_key(log::FileSystem& files, const std::string& data,
                                                   const InstallationKey& key) {
  const auto made = log::replace_file(files, data, kKeyFile, std::as_bytes(std::span(key.data)));
  if (!made) { return Unexpected(made.error().message); }
  return {};
}

struct Credentials::Keys {
  Hmac fan_token;
  Hmac draw_entrant;
  Hmac exclusion;
  Hmac work_challenge;
  Hmac code;
  Hmac place_token;
  Hmac room_secret;
  Hmac wave_secret;
  Hmac tie_key;
  Hmac proof_name;
  Hmac proof_key;
  Hmac second_factor;
  Hmac recovery_code;
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> person{};
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> request{};
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> household{};
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> address{};
  std::string event_source{};
  Bytes<32> webhook{};
};

Credentials::Credentials(const InstallationKey& key) {
  FB_ASSERT(sodium_init() >= 0);
  keys_ = std::make_unique<Keys>(Keys{.fan_token = Hmac(derive(key, "fan token")),
                                      .draw_entrant = Hmac(derive(key, "draw entrant")),
                                      .exclusion = Hmac(derive(key, "drop exclusion")),
                                      .work_challenge = Hmac(derive(key, "proof challenge")),
                                      .code = Hmac(derive(key, "priority code")),
                                      .place_token = Hmac(derive(key, "place token")),
                                      .room_secret = Hmac(derive(key, "room secret")),
                                      .wave_secret = Hmac(derive(key, "wave secret")),
                                      .tie_key = Hmac(derive(key, "tie key")),
                                      .proof_name = Hmac(derive(key, "proof name")),
                                      .proof_key = Hmac(derive(key, "proof key")),
                                      .second_factor = Hmac(derive(key, "second factor")),
                                      .recovery_code = Hmac(derive(key, "recovery code"))});
  pass_signer_ = PassSigner(derive(key, "admission pass"));
  const auto short_key = [&](std::string_view purpose, auto& out) {
    const Bytes<32> derived = derive(key, purpose);
    std::memcpy(out.data(), derived.data.data(), out.size());
  };
  short_key("person", keys_->person);
  short_key("request", keys_->request);
  short_key("household", keys_->household);
  short_key("address", keys_->address);
  keys_->webhook = derive(key, "webhook secret");
  keys_->event_source = "/firebrand/" + hex(derive(key, "event source").data.data(), 8);
}

Credentials::~Credentials() = default;

namespace {

/// A token: prefix and base64url of the words and 16 bytes of their HMAC.
TokenText mint_token(std::string_view prefix, const Hmac& hmac, const TokenWords& words) {
  std::array<unsigned char, kTokenBytesMax> bytes;
  std::size_t size = 0;
  for (const std::uint64_t word : words) {
    store_le(reinterpret_cast<std::byte*>(bytes.data() + size), word);
    size += sizeof word;
  }
  const Mac mac = hmac(bytes.data(), size);
  std::memcpy(bytes.data() + size, mac.data(), kTokenMacBytes);
  const std::string text =
      std::string(prefix) + to_base64(std::span(bytes).first(size + kTokenMacBytes), Base64::url);
  return std::string_view(text);
}

/// No words if the token is not ours.
TokenWords check_token(std::string_view token, std::string_view prefix, const Hmac& hmac) {
  if (!token.starts_with(prefix)) { return {}; }
  std::array<unsigned char, kTokenBytesMax> bytes;
  const auto size = from_base64(token.substr(prefix.size()), Base64::url, bytes);
  if (!size || *size < kTokenHeadWords * 8 + kTokenMacBytes || *size % 8 != 0) { return {}; }
  const std::size_t body_size = *size - kTokenMacBytes;
  const Mac mac = hmac(bytes.data(), body_size);
  if (sodium_memcmp(mac.data(), bytes.data() + body_size, kTokenMacBytes) != 0) { return {}; }
  TokenWords words;
  for (std::size_t at = 0; at < body_size; at += 8) {
    words.push_back(load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(bytes.data() + at)));
  }
  return words;
}

/// What stands for a person in one thing, without relation to any other.
template <class Mark>
Mark mark_of(const Hmac& hmac, std::uint64_t thing, PersonId person_id) {
  std::array<unsigned char, 16> message;
  store_le(reinterpret_cast<std::byte*>(message.data()), thing);
  store_le(reinterpret_cast<std::byte*>(message.data() + 8), person_id.value);
  const Mac mac = hmac(message.data(), message.size());
  Mark mark;
  std::memcpy(mark.data.data(), mac.data(), mark.data.size());
  return mark;
}

/// A claim in a word: its kind above 56 bits of value.
constexpr unsigned kClaimBits = 56;

}  // namespace

TokenText Credentials::mint_fan_token(const FanSession& session) const {
  TokenWords words = {session.person_id.value,
                      static_cast<std::uint64_t>(to_unix_ms(session.expires_at))};
  for (const Claim& claim : session.standing) {
    words.push_back(static_cast<std::uint64_t>(claim.kind) << kClaimBits | claim.value);
  }
  return mint_token(kFanTokenPrefix, keys_->fan_token, words);
}

std::optional<FanSession> Credentials::check_fan_token(std::string_view token,
                                                       Timestamp now) const {
  const TokenWords words = check_token(token, kFanTokenPrefix, keys_->fan_token);
  if (words.empty()) { return std::nullopt; }
  FanSession session{{words[0]}, from_unix_ms(static_cast<std::int64_t>(words[1]))};
  if (now >= session.expires_at) { return std::nullopt; }
  for (std::size_t i = kTokenHeadWords; i < words.size(); ++i) {
    session.standing.push_back({static_cast<ClaimKind>(words[i] >> kClaimBits),
                                words[i] & account_key_detail::kNumberMax});
  }
  return session;
}

std::string Credentials::webhook_secret(WebhookId id, std::uint32_t version) const {
  std::array<std::byte, 12> message;
  store_le(message.data(), id.value);
  store_le(message.data() + 8, version);
  const Mac mac =
      Hmac(keys_->webhook)(reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return "whsec_" + to_base64(mac, Base64::padded);
}

const std::string& Credentials::event_source() const { return keys_->event_source; }

CodeText Credentials::code_text(const CodePlace& place) const {
  const auto message = code_message(place);
  return format_code(place, keys_->code(message.data(), message.size()));
}

std::optional<CodePlace> Credentials::read_code(std::string_view text) const {
  const auto place = read_code_place(text);
  const auto given = normal_code(text);
  if (!place || !given) { return std::nullopt; }
  const CodeText right = code_text(*place);
  // In constant time: how much of a guess is right tells nothing.
  if (sodium_memcmp(given->view().data(), right.view().data(), right.size()) != 0) {
    return std::nullopt;
  }
  return place;
}

std::string codes_as_csv(const Credentials& credentials, CodeBatchId id, std::int64_t from,
                         std::int64_t end) {
  std::string csv = "index,code\n";
  for (std::int64_t index = from; index < end; ++index) {
    const CodePlace place{id, static_cast<std::uint32_t>(index)};
    csv.append(std::to_string(index)).append(",");
    csv.append(credentials.code_text(place).view()).append("\n");
  }
  return csv;
}

Text<64> Credentials::mint_place_token(const PlaceToken& token) const {
  return mint_token(kPlaceTokenPrefix, keys_->place_token,
                    {token.person_id.value | std::uint64_t{token.wave} << kPersonBits,
                     token.drop_id.value << 32U | token.place})
      .view();
}

std::optional<PlaceToken> Credentials::check_place_token(std::string_view token) const {
  const TokenWords words = check_token(token, kPlaceTokenPrefix, keys_->place_token);
  if (words.size() != kTokenHeadWords) { return std::nullopt; }
  return PlaceToken{{words[1] >> 32U},
                    static_cast<std::uint16_t>(words[0] >> kPersonBits),
                    static_cast<std::uint32_t>(words[1]),
                    {words[0] & static_cast<std::uint64_t>(kPersonIdMax)}};
}

Bytes<32> Credentials::room_secret(const Bytes<16>& nonce) const {
  const Mac mac = keys_->room_secret(nonce.data.data(), nonce.data.size());
  Bytes<32> secret;
  std::memcpy(secret.data.data(), mac.data(), secret.data.size());
  return secret;
}

Bytes<32> Credentials::wave_secret(std::string_view code) const {
  const Mac mac = keys_->wave_secret(octets_of(code), code.size());
  Bytes<32> secret;
  std::memcpy(secret.data.data(), mac.data(), secret.data.size());
  return secret;
}

Bytes<32> Credentials::tie_key(std::string_view code) const {
  const Mac mac = keys_->tie_key(octets_of(code), code.size());
  Bytes<32> key;
  std::memcpy(key.data.data(), mac.data(), key.data.size());
  return key;
}

namespace {

/// 56 bits of a keyed hash, never zero.
template <class Key>
std::uint64_t keyed_number(std::string_view text, const Key& key) {
  std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> hash;
  crypto_shorthash_siphashx24(hash.data(), octets_of(text), text.size(), key.data());
  const auto number = load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(hash.data())) &
                      static_cast<std::uint64_t>(kPersonIdMax);
  return number == 0 ? 1 : number;
}

}  // namespace

PersonId Credentials::person_of(std::string_view external_id) const {
  return {keyed_number(external_id, keys_->person)};
}

Claim Credentials::shared_key(ClaimKind kind, std::string_view text) const {
  const auto& key = kind == ClaimKind::household ? keys_->household : keys_->address;
  return {kind, keyed_number(text, key)};
}

DrawEntrant Credentials::draw_entrant(DrawId draw_id, PersonId person_id) const {
  return mark_of<DrawEntrant>(keys_->draw_entrant, draw_id.value, person_id);
}

Hash256 Credentials::exclusion_hash(DropId drop_id, PersonId person_id) const {
  return mark_of<Hash256>(keys_->exclusion, drop_id.value, person_id);
}

ProofChallenge Credentials::proof_challenge(DropId drop_id, PersonId person_id) const {
  return mark_of<ProofChallenge>(keys_->work_challenge, drop_id.value, person_id);
}

namespace {

/// One number names an order, two a buyer in a drop: texts of different length.
template <std::size_t Count>
ProofOpening opening_of(const Hmac& keyed, const std::array<std::uint64_t, Count>& about) {
  std::array<unsigned char, Count * 8> message;
  for (std::size_t i = 0; i < Count; ++i) {
    store_le(reinterpret_cast<std::byte*>(message.data()) + i * 8, about[i]);
  }
  const Mac mac = keyed(message.data(), message.size());
  ProofOpening opening;
  std::memcpy(opening.data.data(), mac.data(), opening.data.size());
  return opening;
}

}  // namespace

ProofOpening Credentials::proof_opening(OrderId order_id) const {
  return opening_of(keys_->proof_name, std::array{order_id.value});
}

ProofOpening Credentials::proof_opening(DropId drop_id, PersonId person_id) const {
  return opening_of(keys_->proof_name, std::array{drop_id.value, person_id.value});
}

NoteSigner Credentials::proof_signer(const std::string& origin, std::uint32_t number) const {
  std::array<unsigned char, 4> message;
  store_le(reinterpret_cast<std::byte*>(message.data()), number);
  const Mac mac = keys_->proof_key(message.data(), message.size());
  Bytes<32> seed;
  std::memcpy(seed.data.data(), mac.data(), seed.data.size());
  return NoteSigner(origin, seed);
}

std::string Credentials::new_proof_origin() const {
  std::array<unsigned char, 8> fresh;
  randombytes_buf(fresh.data(), fresh.size());
  return keys_->event_source.substr(1) + "/" + hex(fresh.data(), fresh.size());
}

std::string Credentials::totp_secret(StaffId id, std::uint32_t version) const {
  std::array<unsigned char, 12> message;
  store_le(reinterpret_cast<std::byte*>(message.data()), id.value);
  store_le(reinterpret_cast<std::byte*>(message.data() + 8), version);
  const Mac mac = keys_->second_factor(message.data(), message.size());
  return {reinterpret_cast<const char*>(mac.data()), kTotpSecretBytes};
}

RecoveryCode Credentials::recovery_code(StaffId id, std::uint32_t version,
                                        std::uint32_t number) const {
  constexpr std::size_t kGroup = 5;
  std::array<unsigned char, 16> message;
  store_le(reinterpret_cast<std::byte*>(message.data()), id.value);
  store_le(reinterpret_cast<std::byte*>(message.data() + 8), version);
  store_le(reinterpret_cast<std::byte*>(message.data() + 12), number);
  const Mac mac = keys_->recovery_code(message.data(), message.size());
  const std::string text =
      to_base32({reinterpret_cast<const char*>(mac.data()), mac.size()}).substr(0, 2 * kGroup);
  return std::string_view(text.substr(0, kGroup) + "-" + text.substr(kGroup));
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

Bytes<16> Credentials::random_nonce() {
  Bytes<16> nonce;
  randombytes_buf(nonce.data.data(), nonce.data.size());
  return nonce;
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
         to_base64(salt.data, Base64::unpadded) + "$" + to_base64(hash.data, Base64::unpadded);
}

bool check_password(std::string_view hash, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (hash.size() >= text.size()) { return false; }
  std::memcpy(text.data(), hash.data(), hash.size());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

}  // namespace firebrand
