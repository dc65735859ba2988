#pragma once

#include <cstdint>

#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/access.hpp"

namespace firebrand {

enum class FindStatus : std::uint8_t { found = 0, not_found = 50 };

/// Who is behind a session cookie?
struct FindSession {
  static constexpr std::string_view kName = "find_session";
  static constexpr std::string_view kDoc = "Who is behind a session cookie?";
  SecretHash secret_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "secret_hash", self.secret_hash, From::stamped, Rule{}, "SHA-256 of the cookie.");
  }
};

struct FindSessionResult {
  static constexpr std::string_view kName = "find_session_result";
  static constexpr std::string_view kDoc = "Answer to find_session.";
  FindStatus status{};
  StaffRole role{};
  StaffId staff_id{};
  Text<kLoginBytesMax> login{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(4, "login", self.login, From::body, Rule{}, "Name to sign in with.");
  }
};

/// What is needed to check a password, and whether anybody is there at all.
struct FindStaff {
  static constexpr std::string_view kName = "find_staff";
  static constexpr std::string_view kDoc = "Who signs in with this name?";
  Text<kLoginBytesMax> login{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{}, "Name to sign in with.");
  }
};

struct FindStaffResult {
  static constexpr std::string_view kName = "find_staff_result";
  static constexpr std::string_view kDoc = "Answer to find_staff.";
  FindStatus status{};
  StaffRole role{};
  StaffId staff_id{};
  std::uint64_t staff_count = 0;
  Text<kPasswordHashBytesMax> password_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(4, "staff_count", self.staff_count, From::body, Rule{}, "Staff of the installation.");
    field(5, "password_hash", self.password_hash, From::body, Rule{}, "Argon2id.");
  }
};

}  // namespace firebrand
