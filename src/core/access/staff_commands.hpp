#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

inline constexpr std::size_t kLoginBytesMax = 64;
inline constexpr std::size_t kPasswordHashBytesMax = 128;
inline constexpr std::size_t kStaffMax = 10'000;

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
  forbidden = 53,  ///< Whoever of the staff asks is no owner, or no longer.
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

struct ChangeStaffRole {
  static constexpr std::string_view kName = "change_staff_role";
  static constexpr std::string_view kDoc = "Lets a member of staff do other things.";
  StaffId staff_id{};
  StaffRole role{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "role", self.role, From::body, Rule{}, "What they may do from now on.");
    field(2, "staff_id", self.staff_id, From::path, Rule{}, "Who.");
  }
};

enum class ChangeStaffRoleStatus : std::uint8_t {
  changed = 0,
  already_so = 40,
  staff_not_found = 50,
  last_owner = 51,  ///< Somebody must be left who may do everything.
  forbidden = 52,   ///< As with adding.
};

struct ChangeStaffRoleResult {
  static constexpr std::string_view kName = "change_staff_role_result";
  static constexpr std::string_view kDoc = "Answer to change_staff_role.";
  ChangeStaffRoleStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Ends what a member of staff may do, for good, and their sessions with it. Their name stays, for
/// whoever asks later who did what; the login is free again, for a person with a number of their
/// own.
struct RemoveStaff {
  static constexpr std::string_view kName = "remove_staff";
  static constexpr std::string_view kDoc = "Ends what a member of staff may do, for good.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::path, Rule{}, "Who.");
  }
};

enum class RemoveStaffStatus : std::uint8_t {
  removed = 0,
  already_removed = 40,
  staff_not_found = 50,
  last_owner = 51,
  forbidden = 52,  ///< As with adding.
};

struct RemoveStaffResult {
  static constexpr std::string_view kName = "remove_staff_result";
  static constexpr std::string_view kDoc = "Answer to remove_staff.";
  RemoveStaffStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Gives a member of staff another password, and ends their sessions but the one that asks.
struct SetPassword {
  static constexpr std::string_view kName = "set_password";
  static constexpr std::string_view kDoc =
      "Gives a member of staff another password, and ends their other sessions.";
  StaffId staff_id{};
  Text<kPasswordHashBytesMax> password_hash{};  ///< Argon2id, encoded form.
  SecretHash keep_session{};                    ///< All zero: none is kept.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Who.");
    field(2, "password_hash", self.password_hash, From::stamped, Rule{.min = 1}, "Argon2id.");
    field(3, "keep_session", self.keep_session, From::stamped, Rule{},
          "SHA-256 of the cookie of the session that goes on.");
  }
};

enum class SetPasswordStatus : std::uint8_t {
  changed = 0,
  password_hash_must_not_be_empty = 10,
  staff_not_found = 50,
};

struct SetPasswordResult {
  static constexpr std::string_view kName = "set_password_result";
  static constexpr std::string_view kDoc = "Answer to set_password.";
  SetPasswordStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

}  // namespace firebrand
