#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/session_commands.hpp"
#include "core/access/staff_commands.hpp"

namespace firebrand {

/// Never renumber.
enum class StaffState : std::uint8_t { active = 0, gone = 1 };

struct Staff {
  static constexpr std::string_view kName = "staff";
  static constexpr std::string_view kDoc = "A member of staff.";
  Text<kLoginBytesMax> login{};
  StaffRole role{};
  Text<kPasswordHashBytesMax> password_hash{};  ///< Empty of those who have left.
  StaffState state{};
  Timestamp joined_at{};  ///< 0 if it was before rules kRulesStaffDated.
  Timestamp left_at{};    ///< Of those who have left.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{}, "Name to sign in with.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
    field(3, "password_hash", self.password_hash, From::body, Rule{}, "Argon2id.");
    field(4, "state", self.state, From::body, Rule{.presence = Presence::optional, .since = 3},
          "Whether they are still there.");
    field(5, "joined_at", self.joined_at, From::body,
          Rule{.presence = Presence::optional, .since = 3}, "Since when; 0: not known.");
    field(6, "left_at", self.left_at, From::body, Rule{.presence = Presence::optional, .since = 3},
          "Until when.");
  }
};

struct Session {
  static constexpr std::string_view kName = "session";
  static constexpr std::string_view kDoc = "A signed-in member of staff.";
  SessionId session_id{};
  StaffId staff_id{};
  SecretHash secret_hash{};
  Timestamp expires_at{};
  Timestamp opened_at{};  ///< 0 if it was before rules kRulesStaffDated.
  Text<kAgentBytesMax> agent{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::body, Rule{}, "The session.");
    field(2, "staff_id", self.staff_id, From::body, Rule{}, "Whose.");
    field(3, "secret_hash", self.secret_hash, From::body, Rule{}, "SHA-256 of the cookie.");
    field(4, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
    field(5, "opened_at", self.opened_at, From::body,
          Rule{.presence = Presence::optional, .since = 3}, "Since when; 0: not known.");
    field(6, "agent", self.agent, From::body, Rule{.presence = Presence::optional, .since = 3},
          "Where from: browser and system.");
  }
};

/// Of a member of staff who has taken a secret for it, in use or not yet or no more.
struct SecondFactor {
  static constexpr std::string_view kName = "second_factor";
  static constexpr std::string_view kDoc = "A member's second factor, without its secret.";
  StaffId staff_id{};
  std::uint32_t version = 0;  ///< Of the newest secret, from 1; removing takes one too.
  bool active = false;
  std::uint64_t last_step = 0;  ///< Codes of this time step and those before open no more.
  std::uint32_t used_recovery_codes = 0;  ///< Bit n - 1: recovery code n opens no more.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Whose.");
    field(2, "version", self.version, From::body, Rule{}, "Of the newest secret.");
    field(3, "active", self.active, From::body, Rule{}, "Whether it is asked for.");
    field(4, "last_step", self.last_step, From::body, Rule{}, "The newest time step that opened.");
    field(5, "used_recovery_codes", self.used_recovery_codes, From::body, Rule{},
          "Recovery codes used, as bits.");
  }
};

}  // namespace firebrand
