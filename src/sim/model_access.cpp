#include "sim/model_access.hpp"

namespace firebrand {

AddStaffResult ModelAccess::apply(const AddStaff& command, const ModelContext& context) {
  using enum AddStaffStatus;
  if (command.login.empty()) { return {login_must_not_be_empty}; }
  if (command.password_hash.empty()) { return {password_hash_must_not_be_empty}; }
  for (const AddStaff& other : staff_) {
    if (other.login == command.login) { return {login_taken}; }
  }
  if (staff_.empty() && command.role != StaffRole::owner) { return {first_must_be_owner}; }
  if (staff_.size() == kStaffMax) { return {staff_full}; }
  staff_.push_back(command);
  const StaffId id{staff_.size()};
  context.emit(StaffAdded{id, command.role});
  return {created, id};
}

OpenSessionResult ModelAccess::apply(const OpenSession& command, const ModelContext& context) {
  using enum OpenSessionStatus;
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.seconds < 1 || command.seconds > kSessionSecondsMax) {
    return {seconds_out_of_range};
  }
  if (command.staff_id.value == 0 || command.staff_id.value > staff_.size()) {
    return {staff_not_found};
  }
  // A secret is free again when its session was closed or its deadline was met, not before.
  if (sessions_.contains(command.secret_hash)) { return {secret_taken}; }
  if (sessions_.size() == kSessionsMax) { return {sessions_full}; }
  const Timestamp until = context.now + Millis{std::int64_t{command.seconds} * 1'000};
  ++sessions_opened_;
  sessions_[command.secret_hash] = {sessions_opened_, command.staff_id, until};
  context.deadlines.insert({until, DeadlineKind::session_expires, sessions_opened_, 0});
  return {opened, until};
}

CloseSessionResult ModelAccess::apply(const CloseSession& command, const ModelContext&) {
  using enum CloseSessionStatus;
  return {sessions_.erase(command.secret_hash) == 1 ? closed : session_not_found};
}

void ModelAccess::session_is_over(std::uint64_t session) {
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.number == session; });
}

AddApiKeyResult ModelAccess::apply(const AddApiKey& command, const ModelContext& context) {
  using enum AddApiKeyStatus;
  if (command.name.empty()) { return {name_must_not_be_empty}; }
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.scopes > kKeyScopesMax) { return {scopes_out_of_range}; }
  if (api_key_revoked_.size() == kApiKeysMax) { return {api_keys_full}; }
  api_key_revoked_.push_back(false);
  api_key_old_until_.emplace_back();
  const ApiKeyId id{api_key_revoked_.size()};
  context.emit(ApiKeyAdded{id, command.name});
  return {created, id};
}

RevokeApiKeyResult ModelAccess::apply(const RevokeApiKey& command, const ModelContext& context) {
  using enum RevokeApiKeyStatus;
  const std::uint64_t number = command.api_key_id.value;
  if (number == 0 || number > api_key_revoked_.size()) { return {api_key_not_found}; }
  if (api_key_revoked_[number - 1]) { return {already_revoked}; }
  api_key_revoked_[number - 1] = true;
  context.emit(ApiKeyRevoked{command.api_key_id});
  return {revoked};
}

RotateApiKeyResult ModelAccess::apply(const RotateApiKey& command, const ModelContext& context) {
  using enum RotateApiKeyStatus;
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.overlap_seconds < 0 || command.overlap_seconds > kKeyOverlapSecondsMax) {
    return {overlap_out_of_range};
  }
  const std::uint64_t number = command.api_key_id.value;
  if (number == 0 || number > api_key_revoked_.size()) { return {api_key_not_found}; }
  if (api_key_revoked_[number - 1]) { return {api_key_revoked}; }
  Timestamp& old_until = api_key_old_until_[number - 1];
  if (context.now < old_until) { return {api_key_rotating}; }
  old_until = context.now + Millis{std::int64_t{command.overlap_seconds} * 1'000};
  context.emit(ApiKeyRotated{command.api_key_id, old_until});
  return {rotated, old_until};
}

FindSessionResult ModelAccess::answer(const FindSession& query, Timestamp now) const {
  const auto session = sessions_.find(query.secret_hash);
  if (session == sessions_.end() || session->second.expires_at <= now) {
    return {FindStatus::not_found};
  }
  const StaffId id = session->second.staff_id;
  const AddStaff& who = staff_[id.value - 1];
  return {FindStatus::found, who.role, id, who.login};
}

FindStaffResult ModelAccess::answer(const FindStaff& query) const {
  FindStaffResult result{FindStatus::not_found};
  result.staff_count = staff_.size();
  for (std::size_t i = 0; i < staff_.size(); ++i) {
    if (staff_[i].login != query.login) { continue; }
    result.status = FindStatus::found;
    result.role = staff_[i].role;
    result.staff_id = {i + 1};
    result.password_hash = staff_[i].password_hash;
  }
  return result;
}

}  // namespace firebrand
