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
  bool second_factor = false;
  SessionId session_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(4, "login", self.login, From::body, Rule{}, "Name to sign in with.");
    field(5, "second_factor", self.second_factor, From::body, Rule{},
          "Whether they are asked for a second factor.");
    field(6, "session_id", self.session_id, From::body, Rule{}, "The session.");
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
  std::uint32_t second_factor_version = 0;  ///< Of the secret that makes codes; 0: none is asked.
  std::uint64_t last_step = 0;              ///< Codes of this time step and before are used.
  std::uint32_t used_recovery_codes = 0;    ///< Bit n - 1: code n is used.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(4, "staff_count", self.staff_count, From::body, Rule{}, "Staff of the installation.");
    field(5, "password_hash", self.password_hash, From::body, Rule{}, "Argon2id.");
    field(6, "second_factor_version", self.second_factor_version, From::body, Rule{},
          "Of the second factor's secret; 0: none is asked for.");
    field(7, "last_step", self.last_step, From::body, Rule{}, "The newest time step that opened.");
    field(8, "used_recovery_codes", self.used_recovery_codes, From::body, Rule{},
          "Recovery codes used, as bits.");
  }
};

/// What is needed to check a code of somebody who is signed in, or who begins with one.
struct FindSecondFactor {
  static constexpr std::string_view kName = "find_second_factor";
  static constexpr std::string_view kDoc = "Which second factor does a member of staff have?";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Whose.");
  }
};

/// Not found: they never took a secret for one.
struct FindSecondFactorResult {
  static constexpr std::string_view kName = "find_second_factor_result";
  static constexpr std::string_view kDoc = "Answer to find_second_factor.";
  FindStatus status{};
  SecondFactor second_factor{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "second_factor", self.second_factor, From::body, Rule{}, "It.");
  }
};

struct FindSessions {
  static constexpr std::string_view kName = "find_sessions";
  static constexpr std::string_view kDoc = "Who is signed in, oldest first?";
  StaffId staff_id{};
  SessionId after{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Whose sessions; 0: everybody's.");
    field(2, "after", self.after, From::stamped, Rule{},
          "Those behind this one; 0: from the first.");
  }
};

struct OpenedSession {
  static constexpr std::string_view kName = "opened_session";
  static constexpr std::string_view kDoc = "A signed-in member of staff.";
  SessionId session_id{};
  StaffId staff_id{};
  Text<kLoginBytesMax> login{};
  Timestamp opened_at{};  ///< 0: not known.
  Timestamp expires_at{};
  Text<kAgentBytesMax> agent{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::body, Rule{}, "The session.");
    field(2, "staff_id", self.staff_id, From::body, Rule{}, "Whose.");
    field(3, "login", self.login, From::body, Rule{}, "Name to sign in with.");
    field(4, "opened_at", self.opened_at, From::body, Rule{}, "Since when; 0: not known.");
    field(5, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
    field(6, "agent", self.agent, From::body, Rule{}, "Where from: browser and system.");
  }
};

inline constexpr std::size_t kSessionsPerAnswer = 24;

struct FindSessionsResult {
  static constexpr std::string_view kName = "find_sessions_result";
  static constexpr std::string_view kDoc = "Answer to find_sessions.";
  FindStatus status{};  ///< Always found.
  bool more = false;    ///< Behind the last one.
  List<OpenedSession, kSessionsPerAnswer> sessions{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "more", self.more, From::body, Rule{}, "Whether there are more behind the last.");
    field(3, "sessions", self.sessions, From::body, Rule{},
          "Whose time is not over, oldest first.");
  }
};

struct FindStaffList {
  static constexpr std::string_view kName = "find_staff_list";
  static constexpr std::string_view kDoc = "Who is, or was, of the staff, oldest first?";
  StaffId after{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "after", self.after, From::stamped, Rule{},
          "Those behind this one; 0: from the first.");
  }
};

struct ListedStaff {
  static constexpr std::string_view kName = "listed_staff";
  static constexpr std::string_view kDoc = "A member of staff, or who was one.";
  StaffId staff_id{};
  Text<kLoginBytesMax> login{};
  StaffRole role{};
  StaffState state{};
  bool second_factor = false;
  Timestamp joined_at{};  ///< 0: not known.
  Timestamp left_at{};    ///< Of those who have left.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(2, "login", self.login, From::body, Rule{}, "Name to sign in with.");
    field(3, "role", self.role, From::body, Rule{}, "What they may, or might, do.");
    field(4, "state", self.state, From::body, Rule{}, "Whether they are still there.");
    field(5, "second_factor", self.second_factor, From::body, Rule{},
          "Whether they are asked for a second factor.");
    field(6, "joined_at", self.joined_at, From::body, Rule{}, "Since when; 0: not known.");
    field(7, "left_at", self.left_at, From::body, Rule{}, "Until when, if they have left.");
  }
};

inline constexpr std::size_t kStaffPerAnswer = 40;

struct FindStaffListResult {
  static constexpr std::string_view kName = "find_staff_list_result";
  static constexpr std::string_view kDoc = "Answer to find_staff_list.";
  FindStatus status{};  ///< Always found.
  bool more = false;    ///< Behind the last one.
  List<ListedStaff, kStaffPerAnswer> staff{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "more", self.more, From::body, Rule{}, "Whether there are more behind the last.");
    field(3, "staff", self.staff, From::body, Rule{}, "Oldest first.");
  }
};

}  // namespace firebrand
