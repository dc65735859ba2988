#include <algorithm>

#include "sim/model_access.hpp"

/// Members of staff and their second factors, and what is asked about both.
namespace firebrand {

AddStaffResult ModelAccess::apply(const AddStaff& command, const ModelContext& context) {
  using enum AddStaffStatus;
  if (command.login.empty()) { return {login_must_not_be_empty}; }
  if (command.password_hash.empty()) { return {password_hash_must_not_be_empty}; }
  for (const ModelStaff& other : staff_) {
    if (!other.left_at && other.added.login == command.login) { return {login_taken}; }
  }
  if (staff_.empty() && command.role != StaffRole::owner) { return {first_must_be_owner}; }
  if (staff_.size() == kStaffMax) { return {staff_full}; }
  if (is_no_owner(context.actor)) { return {forbidden}; }
  staff_.push_back({command, context.now});
  const StaffId id{staff_.size()};
  context.emit(StaffAdded{id, command.role});
  return {created, id};
}

ChangeStaffRoleResult ModelAccess::apply(const ChangeStaffRole& command,
                                         const ModelContext& context) {
  using enum ChangeStaffRoleStatus;
  ModelStaff* const who = who_is_there(command.staff_id);
  if (who == nullptr) { return {staff_not_found}; }
  if (who->added.role == command.role) { return {already_so}; }
  if (is_the_only_owner(*who)) { return {last_owner}; }
  if (is_no_owner(context.actor)) { return {forbidden}; }
  who->added.role = command.role;
  context.emit(StaffRoleChanged{command.staff_id, command.role});
  return {changed};
}

RemoveStaffResult ModelAccess::apply(const RemoveStaff& command, const ModelContext& context) {
  using enum RemoveStaffStatus;
  const std::uint64_t number = command.staff_id.value;
  if (number == 0 || number > staff_.size()) { return {staff_not_found}; }
  ModelStaff& who = staff_[number - 1];
  if (who.left_at) { return {already_removed}; }
  if (is_the_only_owner(who)) { return {last_owner}; }
  if (is_no_owner(context.actor)) { return {forbidden}; }
  who.left_at = context.now;
  who.factor = {};
  std::erase_if(sessions_,
                [&](const auto& entry) { return entry.second.staff_id == command.staff_id; });
  context.emit(StaffRemoved{command.staff_id});
  return {removed};
}

SetPasswordResult ModelAccess::apply(const SetPassword& command, const ModelContext& context) {
  using enum SetPasswordStatus;
  if (command.password_hash.empty()) { return {password_hash_must_not_be_empty}; }
  ModelStaff* const who = who_is_there(command.staff_id);
  if (who == nullptr) { return {staff_not_found}; }
  who->added.password_hash = command.password_hash;
  std::erase_if(sessions_, [&](const auto& entry) {
    return entry.second.staff_id == command.staff_id && entry.first != command.keep_session;
  });
  context.emit(PasswordChanged{command.staff_id});
  return {changed};
}

PrepareSecondFactorResult ModelAccess::apply(const PrepareSecondFactor& command,
                                             const ModelContext&) {
  using enum PrepareSecondFactorStatus;
  ModelStaff* const who = who_is_there(command.staff_id);
  if (who == nullptr) { return {staff_not_found}; }
  if (who->factor.asked_for) { return {second_factor_active}; }
  ++who->factor.version;
  return {prepared, who->factor.version};
}

ConfirmSecondFactorResult ModelAccess::apply(const ConfirmSecondFactor& command,
                                             const ModelContext& context) {
  using enum ConfirmSecondFactorStatus;
  if (command.step == 0) { return {step_must_not_be_zero}; }
  ModelStaff* const who = who_is_there(command.staff_id);
  if (who == nullptr) { return {staff_not_found}; }
  if (who->factor.asked_for) { return {second_factor_active}; }
  // None has the version 0, and no secret either.
  if (who->factor.version == 0 || who->factor.version != command.version) {
    return {version_stale};
  }
  who->factor.asked_for = true;
  who->factor.newest_step = command.step;
  std::erase_if(sessions_, [&](const auto& entry) {
    return entry.second.staff_id == command.staff_id && entry.first != command.keep_session;
  });
  context.emit(SecondFactorConfirmed{command.staff_id});
  return {confirmed};
}

RemoveSecondFactorResult ModelAccess::apply(const RemoveSecondFactor& command,
                                            const ModelContext& context) {
  using enum RemoveSecondFactorStatus;
  ModelStaff* const who = who_is_there(command.staff_id);
  if (who == nullptr) { return {staff_not_found}; }
  if (!who->factor.asked_for) { return {no_second_factor}; }
  const bool own =
      context.actor.kind == ActorKind::staff && context.actor.id == command.staff_id.value;
  if (!own && is_no_owner(context.actor)) { return {forbidden}; }
  who->factor = {.version = who->factor.version + 1};
  context.emit(SecondFactorRemoved{command.staff_id});
  return {removed};
}

ModelAccess::ModelStaff* ModelAccess::who_is_there(StaffId id) {
  if (id.value == 0 || id.value > staff_.size()) { return nullptr; }
  ModelStaff& who = staff_[id.value - 1];
  return who.left_at ? nullptr : &who;
}

bool ModelAccess::is_no_owner(const Actor& actor) {
  if (actor.kind != ActorKind::staff) { return false; }
  const ModelStaff* const who = who_is_there({actor.id});
  return who == nullptr || who->added.role != StaffRole::owner;
}

bool ModelAccess::is_the_only_owner(const ModelStaff& who) const {
  if (who.added.role != StaffRole::owner) { return false; }
  return std::ranges::count_if(staff_, [](const ModelStaff& other) {
           return !other.left_at && other.added.role == StaffRole::owner;
         }) == 1;
}

FindSessionResult ModelAccess::answer(const FindSession& query, Timestamp now) const {
  const auto found = sessions_.find(query.secret_hash);
  if (found == sessions_.end() || found->second.expires_at <= now) {
    return {FindStatus::not_found};
  }
  const ModelSession& session = found->second;
  const ModelStaff& who = staff_[session.staff_id.value - 1];
  return {FindStatus::found, who.added.role,       session.staff_id,
          who.added.login,   who.factor.asked_for, {session.number}};
}

FindStaffResult ModelAccess::answer(const FindStaff& query) const {
  FindStaffResult result{FindStatus::not_found};
  result.staff_count = staff_.size();
  for (std::size_t i = 0; i < staff_.size(); ++i) {
    const ModelStaff& who = staff_[i];
    if (who.left_at || who.added.login != query.login) { continue; }
    result.status = FindStatus::found;
    result.role = who.added.role;
    result.staff_id = {i + 1};
    result.password_hash = who.added.password_hash;
    if (!who.factor.asked_for) { continue; }
    result.second_factor_version = who.factor.version;
    result.last_step = who.factor.newest_step;
    for (const std::uint32_t code : who.factor.used_codes) {
      result.used_recovery_codes += 1U << (code - 1);
    }
  }
  return result;
}

FindSessionsResult ModelAccess::answer(const FindSessions& query, Timestamp now) const {
  std::map<std::uint64_t, const ModelSession*> wanted;
  for (const auto& [secret, session] : sessions_) {
    const bool is_theirs = query.staff_id.value == 0 || session.staff_id == query.staff_id;
    if (is_theirs && session.number > query.after.value && now < session.expires_at) {
      wanted[session.number] = &session;
    }
  }
  FindSessionsResult result{FindStatus::found, wanted.size() > kSessionsPerAnswer};
  for (const auto& [number, session] : wanted) {
    if (result.sessions.size() == kSessionsPerAnswer) { break; }
    result.sessions.push_back({.session_id = {number},
                               .staff_id = session->staff_id,
                               .login = staff_[session->staff_id.value - 1].added.login,
                               .opened_at = session->opened_at,
                               .expires_at = session->expires_at,
                               .agent = session->agent});
  }
  return result;
}

FindStaffListResult ModelAccess::answer(const FindStaffList& query) const {
  FindStaffListResult result{FindStatus::found};
  for (std::size_t i = 0; i < staff_.size(); ++i) {
    if (i + 1 <= query.after.value) { continue; }
    result.more = result.staff.size() == kStaffPerAnswer;
    if (result.more) { break; }
    const ModelStaff& who = staff_[i];
    result.staff.push_back({.staff_id = {i + 1},
                            .login = who.added.login,
                            .role = who.added.role,
                            .state = who.left_at ? StaffState::gone : StaffState::active,
                            .second_factor = who.factor.asked_for,
                            .joined_at = who.joined_at,
                            .left_at = who.left_at.value_or(Timestamp{})});
  }
  return result;
}

FindSecondFactorResult ModelAccess::answer(const FindSecondFactor& query) const {
  const std::uint64_t number = query.staff_id.value;
  if (number == 0 || number > staff_.size() || staff_[number - 1].factor.version == 0) {
    return {FindStatus::not_found};
  }
  const ModelFactor& factor = staff_[number - 1].factor;
  FindSecondFactorResult result{FindStatus::found,
                                {.staff_id = query.staff_id,
                                 .version = factor.version,
                                 .active = factor.asked_for,
                                 .last_step = factor.newest_step}};
  for (const std::uint32_t code : factor.used_codes) {
    result.second_factor.used_recovery_codes += 1U << (code - 1);
  }
  return result;
}

}  // namespace firebrand
