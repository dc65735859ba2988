#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/session_commands.hpp"
#include "core/access/staff_commands.hpp"

namespace firebrand {

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

struct StaffRoleChanged {
  static constexpr std::string_view kName = "staff_role_changed";
  static constexpr std::string_view kDoc = "A member of staff may do other things.";
  StaffId staff_id{};
  StaffRole role{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(2, "role", self.role, From::body, Rule{}, "What they may do.");
  }
};

struct StaffRemoved {
  static constexpr std::string_view kName = "staff_removed";
  static constexpr std::string_view kDoc = "A member of staff has left.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
  }
};

struct PasswordChanged {
  static constexpr std::string_view kName = "password_changed";
  static constexpr std::string_view kDoc = "A member of staff was given another password.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
  }
};

struct SessionRevoked {
  static constexpr std::string_view kName = "session_revoked";
  static constexpr std::string_view kDoc = "A session was ended before its time.";
  SessionId session_id{};
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::body, Rule{}, "The session.");
    field(2, "staff_id", self.staff_id, From::body, Rule{}, "Whose.");
  }
};

struct SecondFactorConfirmed {
  static constexpr std::string_view kName = "second_factor_confirmed";
  static constexpr std::string_view kDoc = "A member of staff is asked for a second factor.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
  }
};

struct SecondFactorRemoved {
  static constexpr std::string_view kName = "second_factor_removed";
  static constexpr std::string_view kDoc =
      "A member of staff is asked for no second factor any more.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
  }
};

}  // namespace firebrand
