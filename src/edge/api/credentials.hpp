#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/access.hpp"
#include "core/context.hpp"
#include "edge/http/http.hpp"
#include "log/file_system.hpp"

namespace firebrand {

/// The one secret of an installation: everything keyed is derived from it. Lives in a file of its
/// own in the data directory, readable by its owner only; lose it and all fan sessions end and
/// people of an outside system get other numbers.
using InstallationKey = Bytes<32>;

enum class MissingKey : std::uint8_t {
  refuse,  ///< Records were made under a key: another one gives people other numbers.
  make,    ///< For an empty log: a random one, synced before it is used.
};

/// Reads the key.
/// @return the message for the operator on failure.
[[nodiscard]] Expected<InstallationKey, std::string> load_installation_key(
    log::FileSystem& files, const std::string& data, MissingKey missing = MissingKey::refuse);

inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

/// Different for each password that is kept; need not be secret.
using PasswordSalt = Bytes<16>;

/// What a fan's session token says.
struct FanSession {
  PersonId person_id{};
  Timestamp expires_at{};
};

/// What an API key's text says; whether the secret is right, its hash tells.
struct ApiKeyText {
  ApiKeyId api_key_id{};
  SecretHash secret_hash{};
};

/// Makes and checks everything that proves who asks. Cheap enough for the I/O thread, except
/// passwords. Thread-safe after construction.
class Credentials {
 public:
  explicit Credentials(const InstallationKey& key);
  ~Credentials();
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  /// "fbs_" and 43 characters: person and expiry under an HMAC-SHA-256 cut to 128 bits.
  [[nodiscard]] Text<64> mint_fan_token(const FanSession&) const;
  /// Nothing if it is not ours or its time is over.
  [[nodiscard]] std::optional<FanSession> check_fan_token(std::string_view token,
                                                          Timestamp now) const;

  /// The person behind a name of the brand's own system: keyed, so that nobody can count or guess.
  [[nodiscard]] PersonId person_of(std::string_view external_id) const;
  /// What the core knows a repeat by: keyed hash of who asks, for whom, the operation and the key.
  /// REQUIRES: idempotency_key.size() <= kIdempotencyKeyBytesMax.
  [[nodiscard]] RequestKey request_key(const Actor& caller, PersonId for_whom,
                                       std::uint16_t operation,
                                       std::string_view idempotency_key) const;

  /// "fbk_<number>_<64 hexadecimal digits>"
  [[nodiscard]] static std::optional<ApiKeyText> read_api_key(std::string_view text);
  [[nodiscard]] static std::string api_key_text(ApiKeyId id, const Bytes<32>& secret);

  [[nodiscard]] static PasswordSalt random_salt();
  /// 32 random bytes, and what the core keeps of them.
  [[nodiscard]] static Bytes<32> random_secret();
  [[nodiscard]] static SecretHash hash_secret(const Bytes<32>& secret);
  /// 64 hexadecimal digits, as in cookies and sign-in links.
  [[nodiscard]] static std::string secret_text(const Bytes<32>& secret);
  [[nodiscard]] static std::optional<Bytes<32>> read_secret(std::string_view text);

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

/// What the core knows the session by whose cookie came with the request; nothing without one.
[[nodiscard]] std::optional<SecretHash> session_of(const HttpRequest& http);

/// Argon2id, encoded form; empty if there is no memory for it. The same for the same password and
/// salt. Takes tens of milliseconds and 64 MiB: never on the I/O thread.
[[nodiscard]] std::string hash_password(std::string_view password, const PasswordSalt& salt);
[[nodiscard]] bool check_password(std::string_view hash, std::string_view password);

}  // namespace firebrand
