#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/staff_commands.hpp"

namespace firebrand {

inline constexpr std::size_t kSessionsMax = 100'000;
inline constexpr std::int32_t kSessionSecondsMax = 30 * 24 * 3600;
inline constexpr std::size_t kAgentBytesMax = 64;
/// Of a second factor, for the day on which the device is lost; each opens once.
inline constexpr std::uint32_t kRecoveryCodes = 10;

struct SessionIdTag {
  static constexpr const char* prefix = "session";
};
using SessionId = Strong<SessionIdTag>;

/// Signs a member of staff in, after the edge has checked the password and, where the member has a
/// second factor, a code of the device or a recovery code. Neither opens twice.
struct OpenSession {
  static constexpr std::string_view kName = "open_session";
  static constexpr std::string_view kDoc = "Signs a member of staff in.";
  StaffId staff_id{};
  SecretHash secret_hash{};
  std::int32_t seconds = 0;              ///< 1 to kSessionSecondsMax.
  std::uint64_t second_factor_step = 0;  ///< Of 30 seconds since 1970; 0: no code of a device.
  std::uint32_t recovery_code = 0;       ///< 1 to kRecoveryCodes; 0: none.
  Text<kAgentBytesMax> agent{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::stamped, Rule{}, "Who signed in.");
    field(2, "secret_hash", self.secret_hash, From::stamped, Rule{}, "SHA-256 of the cookie.");
    field(3, "seconds", self.seconds, From::stamped, Rule{.min = 1, .max = kSessionSecondsMax},
          "How long the session lasts.");
    field(4, "second_factor_step", self.second_factor_step, From::stamped,
          Rule{.presence = Presence::optional, .since = 2},
          "The time step whose code of the second factor was given; 0: none.");
    field(5, "recovery_code", self.recovery_code, From::stamped,
          Rule{.min = 0, .max = kRecoveryCodes, .presence = Presence::optional, .since = 2},
          "Which recovery code was given instead; 0: none.");
    field(6, "agent", self.agent, From::stamped, Rule{.presence = Presence::optional, .since = 2},
          "Where from: browser and system.");
  }
};

enum class OpenSessionStatus : std::uint8_t {
  opened = 0,
  secret_must_not_be_zero = 10,
  seconds_out_of_range = 11,
  recovery_code_out_of_range = 12,
  staff_not_found = 50,
  secret_taken = 51,
  sessions_full = 52,
  second_factor_needed = 53,  ///< Neither code was given, or both.
  second_factor_used = 54,
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

/// Ends somebody's session, by its number.
struct RevokeSession {
  static constexpr std::string_view kName = "revoke_session";
  static constexpr std::string_view kDoc = "Ends a session, whoever holds its cookie.";
  SessionId session_id{};
  StaffId staff_id{};  ///< Whose it must be; zero: anybody's.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::path, Rule{}, "The session.");
    field(2, "staff_id", self.staff_id, From::stamped, Rule{.presence = Presence::optional},
          "Whose it must be; 0: anybody's.");
  }
};

enum class RevokeSessionStatus : std::uint8_t {
  revoked = 0,
  staff_session_not_found = 50,
  forbidden = 51,  ///< Anybody's, and whoever of the staff asks is no owner, or no longer.
};

struct RevokeSessionResult {
  static constexpr std::string_view kName = "revoke_session_result";
  static constexpr std::string_view kDoc = "Answer to revoke_session.";
  RevokeSessionStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

}  // namespace firebrand
