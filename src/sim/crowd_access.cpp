#include "sim/crowd.hpp"

/// What is sent about staff, their sessions and the keys of servers.
namespace firebrand {

namespace {

constexpr std::string_view kPasswordHash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA";

}  // namespace

SecretHash Crowd::secret(std::uint64_t number) const {
  SecretHash hash;
  for (std::size_t i = 0; i < hash.data.size(); ++i) {
    hash.data[i] = static_cast<std::uint8_t>(number * 31 + i);
  }
  return hash;
}

SimRequest Crowd::about_access() {
  const std::uint64_t choice = prng_.below(20);
  if (staff_ > 0 && choice >= 15) { return about_staff(); }
  if (staff_ > 0 && choice >= 12) { return about_webhooks(); }
  if (staff_ == 0 || choice == 0) {
    return request_of(AddStaff{.login = numbered("staff-", prng_.below(6)),
                               .role = staff_ == 0 && !often(10)
                                           ? StaffRole::owner
                                           : static_cast<StaffRole>(prng_.below(6)),
                               .password_hash = kPasswordHash});
  }
  if (choice <= 4) { return signing_in(); }
  if (choice <= 7) { return request_of(CloseSession{secret(prng_.below(secrets_ + 2))}); }
  if (choice <= 9) {
    const SecretHash fresh = often(5) ? SecretHash{} : secret(prng_.next());
    if (api_keys_ > 0 && often(40)) {
      const ApiKeyId key{prng_.below(api_keys_ + 2)};
      return request_of(
          RotateApiKey{.api_key_id = key,
                       .secret_hash = fresh,
                       .overlap_seconds = static_cast<std::int32_t>(prng_.between(0, 30))});
    }
    return request_of(AddApiKey{.name = numbered("shop-", api_keys_),
                                .secret_hash = fresh,
                                .scopes = static_cast<std::uint32_t>(prng_.below(16))});
  }
  return request_of(RevokeApiKey{ApiKeyId{prng_.below(api_keys_ + 2)}});
}

StaffId Crowd::somebody() {
  // Mostly whoever has just taken a second factor: few others ever have one.
  return often(40) ? prepared_.staff_id : StaffId{prng_.below(staff_ + 2)};
}

SimRequest Crowd::signing_in() {
  OpenSession command{.staff_id = somebody(),
                      .secret_hash = secret(often(80) ? ++secrets_ : prng_.below(secrets_ + 2))};
  command.seconds = static_cast<std::int32_t>(prng_.between(1, often(70) ? 20 : 9'000));
  // Time steps rise slowly, so that some come again.
  if (often(50)) { command.second_factor_step = secrets_ / 4 + prng_.below(3); }
  if (often(30)) { command.recovery_code = static_cast<std::uint32_t>(prng_.below(12)); }
  if (often(50)) { command.agent = "Firefox, Linux"; }
  return request_of(command);
}

SimRequest Crowd::about_staff() {
  const StaffId who = somebody();
  switch (prng_.below(10)) {
    case 0:
    case 1:
      return request_of(ChangeStaffRole{who, static_cast<StaffRole>(prng_.below(7))});
    case 2:
      return request_of(RemoveStaff{who});
    case 3:
      return request_of(SetPassword{who, often(5) ? "" : kPasswordHash, secret(secrets_)});
    case 4:
    case 5: {
      const SessionId session{prng_.below(secrets_ + 2)};
      return request_of(RevokeSession{session, often(50) ? who : StaffId{}});
    }
    case 6:
    case 7:
      return request_of(PrepareSecondFactor{who});
    case 8:
      return request_of(RemoveSecondFactor{who});
    default: {
      ConfirmSecondFactor command = prepared_;
      if (often(20)) { command.staff_id = who; }
      if (often(50)) { command.keep_session = secret(secrets_); }
      if (often(20)) { command.version = static_cast<std::uint32_t>(prng_.below(4)); }
      command.step = often(5) ? 0 : secrets_ / 4 + 1;
      return request_of(command);
    }
  }
}

SimRequest Crowd::asking_of_staff() {
  switch (prng_.below(5)) {
    case 0:
      return request_of(FindStaff{.login = numbered("staff-", prng_.below(7))});
    case 1: {
      const StaffId whose = often(50) ? somebody() : StaffId{};
      return request_of(FindSessions{whose, SessionId{often(50) ? 0 : prng_.below(secrets_ + 2)}});
    }
    case 2:
      return request_of(FindStaffList{StaffId{prng_.below(staff_ + 2)}});
    case 3:
      return request_of(FindSecondFactor{somebody()});
    default:
      return request_of(FindSession{secret(prng_.below(secrets_ + 2))});
  }
}

}  // namespace firebrand
