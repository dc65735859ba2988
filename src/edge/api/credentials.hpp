#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/proof_leaf.hpp"
#include "base/sha256.hpp"
#include "base/signed_note.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/access.hpp"
#include "core/access/webhooks.hpp"
#include "core/context.hpp"
#include "core/launch/standing.hpp"
#include "edge/api/admission_pass.hpp"
#include "edge/api/code_text.hpp"
#include "edge/api/proof_of_work.hpp"
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

/// Writes the key of a data directory that has none.
[[nodiscard]] Expected<void, std::string> store_installation_key(log::FileSystem& files,
                                                                 const std::string& data,
                                                                 const InstallationKey& key);

inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

/// Different for each password that is kept; need not be secret.
using PasswordSalt = Bytes<16>;

/// Written as 32 hexadecimal digits.
using DrawEntrant = Bytes<16>;

/// Of a token with as many claims as there can be: "fbs_" and 144 bytes in base64url.
using TokenText = Text<4 + 192>;

/// Of a second factor, for the day on which the device is lost.
using RecoveryCode = Text<11>;

/// What a fan's session token says.
struct FanSession {
  PersonId person_id{};
  Timestamp expires_at{};
  Standing standing{};  ///< What the shop says of the person.
};

/// What a place token says: who waits where. Whoever has it may ask and give the place up.
struct PlaceToken {
  DropId drop_id{};
  std::uint16_t wave = 0;   ///< Counted from 1.
  std::uint32_t place = 0;  ///< Counted from 1.
  PersonId person_id{};

  friend bool operator==(const PlaceToken&, const PlaceToken&) = default;
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

  /// "fbs_" and 43 characters: person and expiry under an HMAC-SHA-256 cut to 128 bits. Each claim
  /// makes it 8 bytes longer before base64.
  [[nodiscard]] TokenText mint_fan_token(const FanSession&) const;
  /// Nothing if it is not ours or its time is over.
  [[nodiscard]] std::optional<FanSession> check_fan_token(std::string_view token,
                                                          Timestamp now) const;

  /// "/firebrand/<16 hexadecimal digits>": names the installation in its events, tells nothing of
  /// the key.
  [[nodiscard]] const std::string& event_source() const;

  /// The secret of an endpoint: "whsec_" and the base64 of 32 bytes, derived, so that none is kept.
  [[nodiscard]] std::string webhook_secret(WebhookId id, std::uint32_t version) const;
  /// "fbq_" and 43 characters: drop, wave, place and person under an HMAC-SHA-256 cut to 128 bits.
  /// Carries all that a poll needs, so that nobody keeps a map of those who wait.
  [[nodiscard]] Text<64> mint_place_token(const PlaceToken&) const;
  /// Nothing if it is not ours.
  [[nodiscard]] std::optional<PlaceToken> check_place_token(std::string_view token) const;
  /// The secret behind a waiting room's commitment, the same again for the same nonce: it need not
  /// be kept, and no restart loses it.
  [[nodiscard]] Bytes<32> room_secret(const Bytes<16>& nonce) const;
  [[nodiscard]] static Bytes<16> random_nonce();
  /// The secret behind the moment of a drop's last wave, by the drop's own code: the same plan sent
  /// again has the same commitment.
  [[nodiscard]] Bytes<32> wave_secret(std::string_view code) const;
  /// The key of a drop's tie windows (runtime/tie_windows.hpp), likewise.
  [[nodiscard]] Bytes<32> tie_key(std::string_view code) const;
  /// What admission passes are signed with (edge/api/admission_pass.hpp).
  [[nodiscard]] const PassSigner& pass_signer() const { return pass_signer_; }

  /// The person behind a name of the brand's own system: keyed, so that nobody can count or guess.
  [[nodiscard]] PersonId person_of(std::string_view external_id) const;
  /// What stands for a household or an address in claims: keyed, so that the log holds neither.
  /// @param kind  household or address.
  [[nodiscard]] Claim shared_key(ClaimKind kind, std::string_view text) const;
  /// What stands for a person in the public record of a draw: the same in all of that draw, and
  /// without relation to any other.
  [[nodiscard]] DrawEntrant draw_entrant(DrawId draw_id, PersonId person_id) const;
  /// What a receipt shows of an order and of its buyer in a drop: behind their names in the public
  /// log.
  [[nodiscard]] ProofOpening proof_opening(OrderId order_id) const;
  [[nodiscard]] ProofOpening proof_opening(DropId drop_id, PersonId person_id) const;
  /// Signs heads of the public log. @param number  Of the key, from 1.
  [[nodiscard]] NoteSigner proof_signer(const std::string& origin, std::uint32_t number) const;
  /// "firebrand/<16 hexadecimal digits>/<16 more>": names a public log; another one each time.
  [[nodiscard]] std::string new_proof_origin() const;
  /// What stands for a person in the public list of whom a drop keeps out: keyed, and without
  /// relation to the lists of others.
  [[nodiscard]] Hash256 exclusion_hash(DropId drop_id, PersonId person_id) const;
  /// What a person has to work on in a drop: the same again after a restart.
  [[nodiscard]] ProofChallenge proof_challenge(DropId drop_id, PersonId person_id) const;
  /// What the core knows a repeat by: keyed hash of who asks, for whom, the operation and the key.
  /// REQUIRES: idempotency_key.size() <= kIdempotencyKeyBytesMax.
  [[nodiscard]] RequestKey request_key(const Actor& caller, PersonId for_whom,
                                       std::uint16_t operation,
                                       std::string_view idempotency_key) const;

  /// kTotpSecretBytes bytes that a member's authenticator app makes codes of.
  [[nodiscard]] std::string totp_secret(StaffId id, std::uint32_t version) const;
  /// "ABCDE-FGHIJ": 50 bits in base32. @param number  1 to kRecoveryCodes.
  [[nodiscard]] RecoveryCode recovery_code(StaffId id, std::uint32_t version,
                                           std::uint32_t number) const;

  /// A priority code (code_text.hpp), and the place of one that is ours.
  [[nodiscard]] CodeText code_text(const CodePlace& place) const;
  [[nodiscard]] std::optional<CodePlace> read_code(std::string_view text) const;

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
  PassSigner pass_signer_;
};

/// Codes `from` to before `end` of a batch, a line each: "index,code". 26 bytes and more a code;
/// about a microsecond.
[[nodiscard]] std::string codes_as_csv(const Credentials&, CodeBatchId, std::int64_t from,
                                       std::int64_t end);

/// What the core knows the session by whose cookie came with the request; nothing without one.
[[nodiscard]] std::optional<SecretHash> session_of(const HttpRequest& http);

/// Argon2id, encoded form; empty if there is no memory for it. The same for the same password and
/// salt. Takes tens of milliseconds and 64 MiB: never on the I/O thread.
[[nodiscard]] std::string hash_password(std::string_view password, const PasswordSalt& salt);
[[nodiscard]] bool check_password(std::string_view hash, std::string_view password);

}  // namespace firebrand
