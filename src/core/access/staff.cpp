#include "core/access/access.hpp"
#include "core/facts.hpp"

/// What is done with members of staff and their second factors; sessions and keys are in
/// access.cpp.
namespace firebrand {

AddStaffResult Access::apply(const AddStaff& command, const CommandContext& context) noexcept {
  using enum AddStaffStatus;
  if (command.login.empty()) { return {login_must_not_be_empty}; }
  if (command.password_hash.empty()) { return {password_hash_must_not_be_empty}; }
  if (staff_by_login_.contains(command.login.view())) { return {login_taken}; }
  if (staff_.empty() && command.role != StaffRole::owner) { return {first_must_be_owner}; }
  if (staff_.size() >= kStaffMax) { return {staff_full}; }
  if (!may_manage(context.actor)) { return {forbidden}; }

  // Past this line the command has succeeded.
  const bool dated = context.rules_version >= kRulesStaffDated;
  remember(Staff{.login = command.login,
                 .role = command.role,
                 .password_hash = command.password_hash,
                 .joined_at = dated ? context.timestamp : Timestamp{}});
  const StaffId id{staff_.size()};
  context.facts->emit(StaffAdded{id, command.role});
  return {created, id};
}

ChangeStaffRoleResult Access::apply(const ChangeStaffRole& command,
                                    const CommandContext& context) noexcept {
  using enum ChangeStaffRoleStatus;
  const Staff* const staff = find_staff(command.staff_id);
  if (staff == nullptr) { return {staff_not_found}; }
  if (staff->role == command.role) { return {already_so}; }
  if (staff->role == StaffRole::owner && owners_ == 1) { return {last_owner}; }
  if (!may_manage(context.actor)) { return {forbidden}; }

  // Past this line the command has succeeded.
  Staff changed_staff = *staff;
  changed_staff.role = command.role;
  replace(command.staff_id, changed_staff);
  context.facts->emit(StaffRoleChanged{command.staff_id, command.role});
  return {changed};
}

RemoveStaffResult Access::apply(const RemoveStaff& command,
                                const CommandContext& context) noexcept {
  using enum RemoveStaffStatus;
  const StaffId id = command.staff_id;
  const Staff* const staff = find_staff(id);
  if (staff == nullptr) {
    const bool was_there = id.value >= 1 && id.value <= staff_.size();
    return {was_there ? already_removed : staff_not_found};
  }
  if (staff->role == StaffRole::owner && owners_ == 1) { return {last_owner}; }
  if (!may_manage(context.actor)) { return {forbidden}; }

  // Past this line the command has succeeded.
  Staff gone = *staff;
  gone.password_hash = {};
  gone.state = StaffState::gone;
  gone.left_at = context.timestamp;
  end_sessions(id, {});
  forget_second_factor(id);
  replace(id, gone);
  context.facts->emit(StaffRemoved{id});
  return {removed};
}

SetPasswordResult Access::apply(const SetPassword& command,
                                const CommandContext& context) noexcept {
  using enum SetPasswordStatus;
  if (command.password_hash.empty()) { return {password_hash_must_not_be_empty}; }
  const Staff* const staff = find_staff(command.staff_id);
  if (staff == nullptr) { return {staff_not_found}; }

  // Past this line the command has succeeded.
  Staff changed_staff = *staff;
  changed_staff.password_hash = command.password_hash;
  replace(command.staff_id, changed_staff);
  end_sessions(command.staff_id, command.keep_session);
  context.facts->emit(PasswordChanged{command.staff_id});
  return {changed};
}

PrepareSecondFactorResult Access::apply(const PrepareSecondFactor& command,
                                        const CommandContext&) noexcept {
  using enum PrepareSecondFactorStatus;
  if (find_staff(command.staff_id) == nullptr) { return {staff_not_found}; }
  const SecondFactor* const before = second_factor(command.staff_id);
  if (before != nullptr && before->active) { return {second_factor_active}; }

  // Past this line the command has succeeded.
  const std::uint32_t version = before == nullptr ? 1 : before->version + 1;
  remember(SecondFactor{.staff_id = command.staff_id, .version = version});
  return {prepared, version};
}

ConfirmSecondFactorResult Access::apply(const ConfirmSecondFactor& command,
                                        const CommandContext& context) noexcept {
  using enum ConfirmSecondFactorStatus;
  if (command.step == 0) { return {step_must_not_be_zero}; }
  if (find_staff(command.staff_id) == nullptr) { return {staff_not_found}; }
  const SecondFactor* const prepared = second_factor(command.staff_id);
  if (prepared != nullptr && prepared->active) { return {second_factor_active}; }
  if (prepared == nullptr || prepared->version != command.version) { return {version_stale}; }

  // Past this line the command has succeeded.
  remember(SecondFactor{.staff_id = command.staff_id,
                        .version = command.version,
                        .active = true,
                        .last_step = command.step});
  end_sessions(command.staff_id, command.keep_session);
  context.facts->emit(SecondFactorConfirmed{command.staff_id});
  return {confirmed};
}

RemoveSecondFactorResult Access::apply(const RemoveSecondFactor& command,
                                       const CommandContext& context) noexcept {
  using enum RemoveSecondFactorStatus;
  if (find_staff(command.staff_id) == nullptr) { return {staff_not_found}; }
  const SecondFactor* const factor = active_second_factor(command.staff_id);
  if (factor == nullptr) { return {no_second_factor}; }
  const Actor themselves{ActorKind::staff, command.staff_id.value};
  if (context.actor != themselves && !may_manage(context.actor)) { return {forbidden}; }

  // Past this line the command has succeeded. A version that nobody was shown: with codes of the
  // secret that is removed nothing begins anew.
  remember(SecondFactor{.staff_id = command.staff_id, .version = factor->version + 1});
  context.facts->emit(SecondFactorRemoved{command.staff_id});
  return {removed};
}

bool Access::may_manage(const Actor& actor) const noexcept {
  if (actor.kind != ActorKind::staff) { return true; }
  const Staff* const staff = find_staff({actor.id});
  return staff != nullptr && staff->role == StaffRole::owner;
}

const Staff* Access::find_staff(StaffId id) const noexcept {
  if (id.value < 1 || id.value > staff_.size()) { return nullptr; }
  const Staff& staff = staff_[id.value - 1];
  return staff.state == StaffState::active ? &staff : nullptr;
}

StaffId Access::staff_by_login(std::string_view login) const noexcept {
  const auto found = staff_by_login_.find(login);
  return found == staff_by_login_.end() ? StaffId{} : found->second;
}

const SecondFactor* Access::second_factor(StaffId id) const noexcept {
  const auto found = second_factors_.find(id);
  return found == second_factors_.end() ? nullptr : &found->second;
}

const SecondFactor* Access::active_second_factor(StaffId id) const noexcept {
  const SecondFactor* const factor = second_factor(id);
  return factor != nullptr && factor->active ? factor : nullptr;
}

void Access::end_sessions(StaffId id, const SecretHash& but) {
  SessionId last{};
  while (const Session* const session = next_session(id, last)) {
    last = session->session_id;
    if (session->secret_hash != but) { forget(Session(*session)); }
  }
}

}  // namespace firebrand
