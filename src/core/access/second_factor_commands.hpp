#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/staff_commands.hpp"

namespace firebrand {

/// Begins with a second factor, or begins anew: what was shown before counts no more. No secret is
/// here: the edge derives it from the installation key, the member and the version.
struct PrepareSecondFactor {
  static constexpr std::string_view kName = "prepare_second_factor";
  static constexpr std::string_view kDoc = "Takes a new secret for a second factor.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Whose.");
  }
};

enum class PrepareSecondFactorStatus : std::uint8_t {
  prepared = 0,
  staff_not_found = 50,
  second_factor_active = 51,
};

struct PrepareSecondFactorResult {
  static constexpr std::string_view kName = "prepare_second_factor_result";
  static constexpr std::string_view kDoc = "Answer to prepare_second_factor.";
  PrepareSecondFactorStatus status{};
  std::uint32_t version = 0;  ///< From 1; never given twice to a member.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "version", self.version, From::body, Rule{}, "Of the secret.");
  }
};

/// Asks for the second factor from now on: the edge has seen a code made with the secret. Sessions
/// that began without one end, but for that of who asks.
struct ConfirmSecondFactor {
  static constexpr std::string_view kName = "confirm_second_factor";
  static constexpr std::string_view kDoc = "Asks for the second factor from now on.";
  StaffId staff_id{};
  std::uint32_t version = 0;
  std::uint64_t step = 0;  ///< Of 30 seconds since 1970; neither it nor one before it opens again.
  SecretHash keep_session{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Whose.");
    field(2, "version", self.version, From::stamped, Rule{}, "Of the secret that made the code.");
    field(3, "step", self.step, From::stamped, Rule{}, "The time step of the code.");
    field(4, "keep_session", self.keep_session, From::stamped, Rule{},
          "SHA-256 of the cookie whose session goes on; zero: none.");
  }
};

enum class ConfirmSecondFactorStatus : std::uint8_t {
  confirmed = 0,
  step_must_not_be_zero = 10,
  staff_not_found = 50,
  second_factor_active = 51,
  version_stale = 52,  ///< Another secret was taken since, or none was.
};

struct ConfirmSecondFactorResult {
  static constexpr std::string_view kName = "confirm_second_factor_result";
  static constexpr std::string_view kDoc = "Answer to confirm_second_factor.";
  ConfirmSecondFactorStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct RemoveSecondFactor {
  static constexpr std::string_view kName = "remove_second_factor";
  static constexpr std::string_view kDoc = "Asks for the second factor no more.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::path, Rule{}, "Whose.");
  }
};

enum class RemoveSecondFactorStatus : std::uint8_t {
  removed = 0,
  staff_not_found = 50,
  no_second_factor = 51,
  forbidden = 52,  ///< Another's, and whoever of the staff asks is no owner, or no longer.
};

struct RemoveSecondFactorResult {
  static constexpr std::string_view kName = "remove_second_factor_result";
  static constexpr std::string_view kDoc = "Answer to remove_second_factor.";
  RemoveSecondFactorStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

}  // namespace firebrand
