#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/second_factor_commands.hpp"
#include "core/access/session_commands.hpp"
#include "core/access/staff_commands.hpp"
#include "core/access/staff_facts.hpp"
#include "core/access/staff_state.hpp"
#include "core/context.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

inline constexpr std::size_t kApiKeysMax = 10'000;
inline constexpr std::int32_t kKeyOverlapSecondsMax = 30 * 24 * 3600;
/// A bit for each of what a key may be for; the edge knows which. None: for everything.
inline constexpr std::int64_t kKeyScopesMax = 15;

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
/// Staff and keys live for good (about 300 and 150 bytes, at most kStaffMax and kApiKeysMax), those
/// who have left among them, and so does the grant of a key that has one (about 150 bytes). A
/// second factor (about 80 bytes, at most one for each of the staff) ends when its owner leaves. A
/// session (about 330 bytes, at most kSessionsMax) ends by sign-out, by its deadline, with its
/// owner or when somebody ends it.
class Access {
 public:
  explicit Access(Schedule& schedule) : schedule_(schedule) {}

  [[nodiscard]] AddStaffResult apply(const AddStaff&, const CommandContext&) noexcept;
  [[nodiscard]] ChangeStaffRoleResult apply(const ChangeStaffRole&, const CommandContext&) noexcept;
  [[nodiscard]] RemoveStaffResult apply(const RemoveStaff&, const CommandContext&) noexcept;
  [[nodiscard]] SetPasswordResult apply(const SetPassword&, const CommandContext&) noexcept;
  [[nodiscard]] PrepareSecondFactorResult apply(const PrepareSecondFactor&,
                                                const CommandContext&) noexcept;
  [[nodiscard]] ConfirmSecondFactorResult apply(const ConfirmSecondFactor&,
                                                const CommandContext&) noexcept;
  [[nodiscard]] RemoveSecondFactorResult apply(const RemoveSecondFactor&,
                                               const CommandContext&) noexcept;
  [[nodiscard]] OpenSessionResult apply(const OpenSession&, const CommandContext&) noexcept;
  [[nodiscard]] CloseSessionResult apply(const CloseSession&, const CommandContext&) noexcept;
  [[nodiscard]] RevokeSessionResult apply(const RevokeSession&, const CommandContext&) noexcept;
  [[nodiscard]] AddApiKeyResult apply(const AddApiKey&, const CommandContext&) noexcept;
  [[nodiscard]] RevokeApiKeyResult apply(const RevokeApiKey&, const CommandContext&) noexcept;
  [[nodiscard]] RotateApiKeyResult apply(const RotateApiKey&, const CommandContext&) noexcept;

  /// Deadline: a session's time is over.
  void expire_due(SessionId) noexcept;

  /// Those who have left count too.
  [[nodiscard]] std::size_t staff_count() const noexcept { return staff_.size(); }
  /// By number, from 1 at index 0; those who have left too.
  [[nodiscard]] const std::vector<Staff>& staff() const noexcept { return staff_; }
  /// Null if there is none, or not any more.
  [[nodiscard]] const Staff* find_staff(StaffId) const noexcept;
  [[nodiscard]] StaffId staff_by_login(std::string_view login) const noexcept;
  /// Null if there is none or its time is over at `now`.
  [[nodiscard]] const Session* find_session(const SecretHash&, Timestamp now) const noexcept;
  /// The next session after this one, of one member or, if that is zero, of anybody. Null: no more.
  [[nodiscard]] const Session* next_session(StaffId, SessionId after) const noexcept;
  /// Null if the member never took a secret for one.
  [[nodiscard]] const SecondFactor* second_factor(StaffId) const noexcept;
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
  /// Null if there is none that is asked for.
  [[nodiscard]] const SecondFactor* active_second_factor(StaffId) const noexcept;
  void remember(const Staff&);
  /// Instead of what the member has been so far.
  void replace(StaffId, const Staff&);
  /// Instead of the one that the member has, if there is one.
  void remember(const SecondFactor&);
  void forget_second_factor(StaffId);
  /// All that the member has, but the one with this secret.
  void end_sessions(StaffId, const SecretHash& but);
  /// Whether somebody may decide about other members as the command is applied: of the staff only
  /// who is an owner then, whatever they were when they asked.
  [[nodiscard]] bool may_manage(const Actor&) const noexcept;
  void remember(const Session&);
  void remember(const ApiKey&);
  /// Instead of the one that the key has, if it has one.
  void remember(const ApiKeyGrant&);
  void forget(const Session&);

  Schedule& schedule_;
  std::vector<Staff> staff_;                                    // StaffId n is entry n - 1.
  std::map<std::string, StaffId, std::less<>> staff_by_login_;  // Of those who are there.
  std::size_t owners_ = 0;                                      // Likewise.
  std::map<StaffId, SecondFactor> second_factors_;
  std::map<SessionId, Session> sessions_;
  std::map<SecretHash, SessionId> sessions_by_secret_;
  std::set<std::pair<StaffId, SessionId>> sessions_by_staff_;
  std::uint64_t last_session_ = 0;
  std::vector<ApiKey> api_keys_;  // ApiKeyId n is entry n - 1.
  std::map<ApiKeyId, ApiKeyGrant> api_key_grants_;
  Digest digest_;
  bool api_keys_changed_ = false;
};

}  // namespace firebrand
