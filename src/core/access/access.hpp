#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

inline constexpr std::size_t kLoginBytesMax = 64;
inline constexpr std::size_t kPasswordHashBytesMax = 128;
inline constexpr std::size_t kStaffMax = 10'000;
inline constexpr std::size_t kSessionsMax = 100'000;
inline constexpr std::size_t kApiKeysMax = 10'000;
inline constexpr std::int32_t kSessionSecondsMax = 30 * 24 * 3600;
inline constexpr std::int32_t kKeyOverlapSecondsMax = 30 * 24 * 3600;
/// A bit for each of what a key may be for; the edge knows which. None: for everything.
inline constexpr std::int64_t kKeyScopesMax = 15;

struct SessionIdTag {
  static constexpr const char* prefix = "session";
};
using SessionId = Strong<SessionIdTag>;
/// Of a secret that only its owner holds: 32 random bytes, hashed with SHA-256.
using SecretHash = Bytes<32>;

/// What a member of staff may do; the edge decides by it. Never renumber.
enum class StaffRole : std::uint8_t {
  owner = 0,
  marketer = 1,
  community = 2,
  expert = 3,
  analyst = 4,
  store = 5,
};

/// Adds a member of staff. The first one of an installation is its owner.
struct AddStaff {
  static constexpr std::string_view kName = "add_staff";
  static constexpr std::string_view kDoc = "Adds a member of staff.";
  Text<kLoginBytesMax> login{};
  StaffRole role = StaffRole::owner;
  Text<kPasswordHashBytesMax> password_hash{};  ///< Argon2id, encoded form.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{.min = 1}, "Name to sign in with.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "password_hash", self.password_hash, From::stamped, Rule{.min = 1}, "Argon2id.");
  }
};

enum class AddStaffStatus : std::uint8_t {
  created = 0,
  login_must_not_be_empty = 10,
  password_hash_must_not_be_empty = 11,
  login_taken = 50,
  first_must_be_owner = 51,
  staff_full = 52,
};

struct AddStaffResult {
  static constexpr std::string_view kName = "add_staff_result";
  static constexpr std::string_view kDoc = "Answer to add_staff.";
  AddStaffStatus status{};
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
  }
};

/// Signs a member of staff in, after the edge has checked the password.
struct OpenSession {
  static constexpr std::string_view kName = "open_session";
  static constexpr std::string_view kDoc = "Signs a member of staff in.";
  StaffId staff_id{};
  SecretHash secret_hash{};
  std::int32_t seconds = 0;  ///< 1 to kSessionSecondsMax.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Who signed in.");
    field(2, "secret_hash", self.secret_hash, From::stamped, Rule{}, "SHA-256 of the cookie.");
    field(3, "seconds", self.seconds, From::stamped, Rule{.min = 1, .max = kSessionSecondsMax},
          "How long the session lasts.");
  }
};

enum class OpenSessionStatus : std::uint8_t {
  opened = 0,
  secret_must_not_be_zero = 10,
  seconds_out_of_range = 11,
  staff_not_found = 50,
  secret_taken = 51,
  sessions_full = 52,
};

struct OpenSessionResult {
  static constexpr std::string_view kName = "open_session_result";
  static constexpr std::string_view kDoc = "Answer to open_session.";
  OpenSessionStatus status{};
  Timestamp expires_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
  }
};

struct CloseSession {
  static constexpr std::string_view kName = "close_session";
  static constexpr std::string_view kDoc = "Signs a member of staff out.";
  SecretHash secret_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "secret_hash", self.secret_hash, From::stamped, Rule{}, "SHA-256 of the cookie.");
  }
};

enum class CloseSessionStatus : std::uint8_t { closed = 0, session_not_found = 50 };

struct CloseSessionResult {
  static constexpr std::string_view kName = "close_session_result";
  static constexpr std::string_view kDoc = "Answer to close_session.";
  CloseSessionStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Gives a server of the brand a key of its own; only the hash of its secret is kept.
struct AddApiKey {
  static constexpr std::string_view kName = "add_api_key";
  static constexpr std::string_view kDoc = "Gives a server of the brand a key.";
  Text<kLoginBytesMax> name{};
  SecretHash secret_hash{};
  std::uint32_t scopes = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "name", self.name, From::body, Rule{.min = 1}, "What the key is for.");
    field(2, "secret_hash", self.secret_hash, From::stamped, Rule{}, "SHA-256 of the secret.");
    field(3, "scopes", self.scopes, From::stamped,
          Rule{.min = 0, .max = kKeyScopesMax, .presence = Presence::optional, .since = 2},
          "What it is for, as bits; 0: everything.");
  }
};

enum class AddApiKeyStatus : std::uint8_t {
  created = 0,
  name_must_not_be_empty = 10,
  secret_must_not_be_zero = 11,
  scopes_out_of_range = 12,
  api_keys_full = 50,
};

struct AddApiKeyResult {
  static constexpr std::string_view kName = "add_api_key_result";
  static constexpr std::string_view kDoc = "Answer to add_api_key.";
  AddApiKeyStatus status{};
  ApiKeyId api_key_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
  }
};

struct RevokeApiKey {
  static constexpr std::string_view kName = "revoke_api_key";
  static constexpr std::string_view kDoc = "Ends a key for good.";
  ApiKeyId api_key_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::path, Rule{}, "The key.");
  }
};

enum class RevokeApiKeyStatus : std::uint8_t {
  revoked = 0,
  already_revoked = 40,
  api_key_not_found = 50,
};

struct RevokeApiKeyResult {
  static constexpr std::string_view kName = "revoke_api_key_result";
  static constexpr std::string_view kDoc = "Answer to revoke_api_key.";
  RevokeApiKeyStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Gives a key a new secret; the old one opens too for a while, so that servers can change over.
struct RotateApiKey {
  static constexpr std::string_view kName = "rotate_api_key";
  static constexpr std::string_view kDoc = "Gives a key a new secret.";
  ApiKeyId api_key_id{};
  SecretHash secret_hash{};
  std::int32_t overlap_seconds = 24 * 3600;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::path, Rule{}, "The key.");
    field(2, "secret_hash", self.secret_hash, From::stamped, Rule{}, "SHA-256 of the new secret.");
    field(3, "overlap_seconds", self.overlap_seconds, From::body,
          Rule{.min = 0, .max = kKeyOverlapSecondsMax, .presence = Presence::optional},
          "How long the old secret opens too.");
  }
};

enum class RotateApiKeyStatus : std::uint8_t {
  rotated = 0,
  secret_must_not_be_zero = 10,
  overlap_out_of_range = 11,
  api_key_not_found = 50,
  api_key_revoked = 51,
  api_key_rotating = 52,  ///< Two secrets open already.
};

struct RotateApiKeyResult {
  static constexpr std::string_view kName = "rotate_api_key_result";
  static constexpr std::string_view kDoc = "Answer to rotate_api_key.";
  RotateApiKeyStatus status{};
  Timestamp old_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "old_until", self.old_until, From::body, Rule{}, "How long the old secret opens too.");
  }
};

struct StaffAdded {
  static constexpr std::string_view kName = "staff_added";
  static constexpr std::string_view kDoc = "A member of staff was added.";
  StaffId staff_id{};
  StaffRole role{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
  }
};

struct ApiKeyAdded {
  static constexpr std::string_view kName = "api_key_added";
  static constexpr std::string_view kDoc = "A server was given a key.";
  ApiKeyId api_key_id{};
  Text<kLoginBytesMax> name{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
    field(2, "name", self.name, From::body, Rule{}, "What it is for.");
  }
};

struct ApiKeyRotated {
  static constexpr std::string_view kName = "api_key_rotated";
  static constexpr std::string_view kDoc = "A key was given a new secret.";
  ApiKeyId api_key_id{};
  Timestamp old_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
    field(2, "old_until", self.old_until, From::body, Rule{}, "How long the old secret opens too.");
  }
};

struct ApiKeyRevoked {
  static constexpr std::string_view kName = "api_key_revoked";
  static constexpr std::string_view kDoc = "A key was ended.";
  ApiKeyId api_key_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
  }
};

struct Staff {
  static constexpr std::string_view kName = "staff";
  static constexpr std::string_view kDoc = "A member of staff.";
  Text<kLoginBytesMax> login{};
  StaffRole role{};
  Text<kPasswordHashBytesMax> password_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{}, "Name to sign in with.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "password_hash", self.password_hash, From::body, Rule{}, "Argon2id.");
  }
};

struct Session {
  static constexpr std::string_view kName = "session";
  static constexpr std::string_view kDoc = "A signed-in member of staff.";
  SessionId session_id{};
  StaffId staff_id{};
  SecretHash secret_hash{};
  Timestamp expires_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::body, Rule{}, "The session.");
    field(2, "staff_id", self.staff_id, From::body, Rule{}, "Whose.");
    field(3, "secret_hash", self.secret_hash, From::body, Rule{}, "SHA-256 of the cookie.");
    field(4, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
  }
};

enum class ApiKeyState : std::uint8_t { active = 0, revoked = 1 };

struct ApiKey {
  static constexpr std::string_view kName = "api_key";
  static constexpr std::string_view kDoc = "A key of one of the brand's servers.";
  ApiKeyId api_key_id{};
  Text<kLoginBytesMax> name{};
  SecretHash secret_hash{};
  ApiKeyState state{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
    field(2, "name", self.name, From::body, Rule{}, "What it is for.");
    field(3, "secret_hash", self.secret_hash, From::body, Rule{}, "SHA-256 of the secret.");
    field(4, "state", self.state, From::body, Rule{}, "Whether it still opens anything.");
  }
};

/// What a key has beyond its entry: some have none of it, as all keys of older snapshots.
struct ApiKeyGrant {
  static constexpr std::string_view kName = "api_key_grant";
  static constexpr std::string_view kDoc = "What a key is for, and its secret before.";
  ApiKeyId api_key_id{};
  std::uint32_t scopes = 0;
  SecretHash old_secret_hash{};
  Timestamp old_until{};  ///< The old secret opens until then.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
    field(2, "scopes", self.scopes, From::body, Rule{}, "What it is for, as bits; 0: everything.");
    field(3, "old_secret_hash", self.old_secret_hash, From::body, Rule{},
          "SHA-256 of the secret before.");
    field(4, "old_until", self.old_until, From::body, Rule{}, "Until when that one opens too.");
  }
};

/// Who may work on the installation. No secret is kept, only hashes.
///
/// Staff and keys live for good (about 250 and 150 bytes, at most kStaffMax and kApiKeysMax), and
/// so does the grant of a key that has one (about 150 bytes); a session (about 120 bytes, at most
/// kSessionsMax) ends by sign-out or by its deadline.
class Access {
 public:
  explicit Access(Schedule& schedule) : schedule_(schedule) {}

  [[nodiscard]] AddStaffResult apply(const AddStaff&, const CommandContext&) noexcept;
  [[nodiscard]] OpenSessionResult apply(const OpenSession&, const CommandContext&) noexcept;
  [[nodiscard]] CloseSessionResult apply(const CloseSession&, const CommandContext&) noexcept;
  [[nodiscard]] AddApiKeyResult apply(const AddApiKey&, const CommandContext&) noexcept;
  [[nodiscard]] RevokeApiKeyResult apply(const RevokeApiKey&, const CommandContext&) noexcept;
  [[nodiscard]] RotateApiKeyResult apply(const RotateApiKey&, const CommandContext&) noexcept;

  /// Deadline: a session's time is over.
  void expire_due(SessionId) noexcept;

  [[nodiscard]] std::size_t staff_count() const noexcept { return staff_.size(); }
  /// Null if there is none.
  [[nodiscard]] const Staff* find_staff(StaffId) const noexcept;
  [[nodiscard]] StaffId staff_by_login(std::string_view login) const noexcept;
  /// Null if there is none or its time is over at `now`.
  [[nodiscard]] const Session* find_session(const SecretHash&, Timestamp now) const noexcept;
  [[nodiscard]] const std::vector<ApiKey>& api_keys() const noexcept { return api_keys_; }
  /// Of keys that have one.
  [[nodiscard]] const std::map<ApiKeyId, ApiKeyGrant>& api_key_grants() const noexcept {
    return api_key_grants_;
  }
  /// Whether keys changed since the last call. A hint for live views, not part of the state.
  [[nodiscard]] bool take_api_keys_changed() noexcept {
    return std::exchange(api_keys_changed_, false);
  }

  [[nodiscard]] std::uint64_t digest() const noexcept {
    return hash_words(digest_.value(), last_session_);
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  /// @param version  Of the piece.
  [[nodiscard]] bool load(ByteSource&, std::uint16_t version = kNewestVersion);

 private:
  void remember(const Staff&);
  void remember(const Session&);
  void remember(const ApiKey&);
  /// Instead of the one that the key has, if it has one.
  void remember(const ApiKeyGrant&);
  void forget(const Session&);

  Schedule& schedule_;
  std::vector<Staff> staff_;  // StaffId n is entry n - 1.
  std::map<std::string, StaffId, std::less<>> staff_by_login_;
  std::map<SessionId, Session> sessions_;
  std::map<SecretHash, SessionId> sessions_by_secret_;
  std::uint64_t last_session_ = 0;
  std::vector<ApiKey> api_keys_;  // ApiKeyId n is entry n - 1.
  std::map<ApiKeyId, ApiKeyGrant> api_key_grants_;
  Digest digest_;
  bool api_keys_changed_ = false;
};

}  // namespace firebrand
