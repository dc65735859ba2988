#include "edge/api/staff_check.hpp"

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace firebrand {

namespace {

constexpr std::size_t kPasswordBytesMin = 10;

/// A password check for nobody, so that an unknown login takes as long as a known one.
constexpr std::string_view kNobodysHash =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
    "cHJvYmFibHlub3RhbnlvbmVzcGFzc3dvcmRoYXNoISE";

void refuse_too_many(Api& api, const Asker& asker, Millis wait) {
  const std::string seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
  const std::array headers = {HttpField{"Retry-After", seconds}};
  api.respond_problem(asker, "too_many_sign_ins", {}, {}, headers);
}

/// The code of somebody whose password fits; answers the problem itself if it does not open.
std::optional<FactorCode> check_code(Api& api, const Asker& asker, const FindStaffResult& staff,
                                     const StaffProof& proof) {
  const auto refuse = [&](std::string_view code) {
    api.refuse(asker, code);
    return std::nullopt;
  };
  if (proof.code.empty()) { return refuse("second_factor_needed"); }
  const SecondFactor factor{.staff_id = staff.staff_id,
                            .version = staff.second_factor_version,
                            .active = true,
                            .last_step = staff.last_step,
                            .used_recovery_codes = staff.used_recovery_codes};
  const auto code = read_factor_code(api.credentials(), factor, proof.code.view(), api.now());
  if (!code) { return refuse("second_factor_wrong"); }
  if (code->is_used) { return refuse("second_factor_used"); }
  return code;
}

}  // namespace

void check_staff(Api& api, const Asker& asker, const StaffProof& proof, StaffCheck check,
                 std::function<void(const FindStaffResult&, const FactorCode&)> then) {
  const auto on_password = [&api, asker, proof, check, then = std::move(then)](
                               const FindStaffResult& staff, bool fits) {
    if (!fits) {
      const bool is_sign_in = check == StaffCheck::sign_in;
      return api.refuse(asker, is_sign_in ? "wrong_login_or_password" : "password_wrong");
    }
    FactorCode code;
    const bool has_factor = staff.second_factor_version != 0;
    const bool asks_code = has_factor && check != StaffCheck::password;
    if (asks_code) {
      const auto given = check_code(api, asker, staff, proof);
      if (!given) { return; }
      code = *given;
    }
    // Where a code is asked for, the password alone forgives no failure: codes are guessed too.
    if (asks_code || !has_factor) { api.sign_in_delays().succeeded(proof.login.view()); }
    then(staff, code);
  };
  api.ask(
      asker, FindStaff{proof.login}, [&api, asker, proof, on_password](const AnswerHead& answer) {
        if (api.refuse_common(asker, answer)) { return; }
        const auto staff = decode<FindStaffResult>(answer.result());
        FB_ASSERT(staff.has_value());
        const bool known = staff->status == FindStatus::found;
        const std::string hash(known ? staff->password_hash.view() : kNobodysHash);
        const Timestamp now = api.now();
        const Millis wait = api.sign_in_delays().remaining(proof.login.view(), now);
        if (wait > Millis{0}) { return refuse_too_many(api, asker, wait); }
        const bool taken = api.try_work(
            WorkKind::password,
            [hash, password = proof.password] { return check_password(hash, password.view()); },
            [known, staff = *staff, on_password](bool fits) { on_password(staff, known && fits); });
        if (!taken) { return api.refuse(asker, "overloaded"); }
        api.sign_in_delays().tried(proof.login.view(), now);
      });
}

void hash_new_password(Api& api, const Asker& asker, const Text<kPasswordBytesMax>& password,
                       std::function<void(std::string_view hash)> then) {
  if (password.size() < kPasswordBytesMin) { return api.refuse(asker, "password_too_short"); }
  const PasswordSalt salt = asker.key.is_zero() ? Credentials::random_salt() : asker.key;
  api.work(
      asker, WorkKind::password, [password, salt] { return hash_password(password.view(), salt); },
      [&api, asker, then = std::move(then)](const std::string& hash) {
        if (hash.empty()) { return api.refuse(asker, "overloaded"); }
        then(hash);
      });
}

void add_member(Api& api, const Asker& asker, const StaffProof& member, StaffRole role,
                std::function<void(const Asker&, StaffId)> then) {
  hash_new_password(
      api, asker, member.password,
      [&api, asker, login = member.login, role, then = std::move(then)](std::string_view hash) {
        api.change<AddStaffResult>(
            asker, AddStaff{login, role, hash},
            [&api, then](const Asker& answered, const AddStaffResult& result) {
              if (result.status == AddStaffStatus::created) {
                return then(answered, result.staff_id);
              }
              api.refuse(answered, enum_name(result.status));
            });
      });
}

void with_session(Api& api, const Call& call,
                  std::function<void(const Asker&, const FindSessionResult&)> then) {
  const auto secret = session_of(call.http);
  if (!secret) { return api.refuse(call, "unauthenticated"); }
  const Asker asker = call;
  api.ask(asker, FindSession{*secret},
          [&api, asker, then = std::move(then)](const AnswerHead& answer) {
            const auto found = decode<FindSessionResult>(answer.result());
            if (!found || found->status != FindStatus::found) {
              return api.refuse(asker, "unauthenticated");
            }
            then(asker, *found);
          });
}

}  // namespace firebrand
