#pragma once

#include <functional>
#include <string_view>

#include "core/access/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/second_factor.hpp"

namespace firebrand {

inline constexpr std::size_t kPasswordBytesMax = 256;

/// What somebody shows to be a member of staff.
struct StaffProof {
  Text<kLoginBytesMax> login{};
  Text<kPasswordBytesMax> password{};
  Text<kTypedCodeBytesMax> code{};
};

struct StaffReference {
  static constexpr std::string_view kName = "staff_reference";
  static constexpr std::string_view kDoc = "Names a member of staff.";
  StaffId staff_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
  }
};

/// What is checked.
enum class StaffCheck : std::uint8_t {
  sign_in,            ///< Of anybody: which of login and password is wrong, is not said.
  password,           ///< Of who is signed in, without the code.
  password_and_code,  ///< The same with it.
};

/// Checks a password and, where the member has a second factor, a code; `then` runs if they fit,
/// else the problem is answered. Who fails waits before the next try (SignInDelays).
void check_staff(Api& api, const Asker& asker, const StaffProof& proof, StaffCheck check,
                 std::function<void(const FindStaffResult&, const FactorCode&)> then);

/// Hashes a new password in the pool; answers the problem itself if it is too short.
///
/// The engine knows a repeat by its key and by the bytes of the command, which hold the hash: with
/// a salt of chance an honest retry would look like another request. The key of the request is the
/// salt, where there is one: as unique and as hard to foresee as chance (a keyed hash of who asks
/// and of the Idempotency-Key), and the same at each retry. Another password gives another hash.
void hash_new_password(Api& api, const Asker& asker, const Text<kPasswordBytesMax>& password,
                       std::function<void(std::string_view hash)> then);

/// Adds a member of staff, whose password is hashed so; `then` gets who asked and the id.
void add_member(Api& api, const Asker& asker, const StaffProof& member, StaffRole role,
                std::function<void(const Asker&, StaffId)> then);

/// Asks who is signed in; answers 401 itself if nobody is.
void with_session(Api& api, const Call& call,
                  std::function<void(const Asker&, const FindSessionResult&)> then);

}  // namespace firebrand
