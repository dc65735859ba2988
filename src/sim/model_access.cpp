#include "sim/model_access.hpp"

namespace firebrand {

OpenSessionResult ModelAccess::apply(const OpenSession& command, const ModelContext& context) {
  using enum OpenSessionStatus;
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.seconds < 1 || command.seconds > kSessionSecondsMax) {
    return {seconds_out_of_range};
  }
  if (command.recovery_code > kRecoveryCodes) { return {recovery_code_out_of_range}; }
  ModelStaff* const who = who_is_there(command.staff_id);
  if (who == nullptr) { return {staff_not_found}; }
  // A secret is free again when its session was closed or its deadline was met, not before.
  if (sessions_.contains(command.secret_hash)) { return {secret_taken}; }
  if (sessions_.size() == kSessionsMax) { return {sessions_full}; }
  if (ModelFactor& factor = who->factor; factor.asked_for) {
    const std::uint64_t step = command.second_factor_step;
    const std::uint32_t code = command.recovery_code;
    if ((step == 0 && code == 0) || (step > 0 && code > 0)) { return {second_factor_needed}; }
    if (step > 0 && step <= factor.newest_step) { return {second_factor_used}; }
    if (code > 0 && !factor.used_codes.insert(code).second) { return {second_factor_used}; }
    if (step > 0) { factor.newest_step = step; }
  }
  const Timestamp until = context.now + Millis{std::int64_t{command.seconds} * 1'000};
  ++sessions_opened_;
  sessions_[command.secret_hash] = {sessions_opened_, command.staff_id, until, context.now,
                                    command.agent};
  context.deadlines.insert({until, DeadlineKind::session_expires, sessions_opened_, 0});
  return {opened, until};
}

CloseSessionResult ModelAccess::apply(const CloseSession& command, const ModelContext&) {
  using enum CloseSessionStatus;
  return {sessions_.erase(command.secret_hash) == 1 ? closed : session_not_found};
}

RevokeSessionResult ModelAccess::apply(const RevokeSession& command, const ModelContext& context) {
  using enum RevokeSessionStatus;
  for (const auto& [secret, session] : sessions_) {
    if (session.number != command.session_id.value) { continue; }
    const StaffId whose = session.staff_id;
    if (command.staff_id.value != 0 && command.staff_id != whose) { break; }
    if (command.staff_id.value == 0 && is_no_owner(context.actor)) { return {forbidden}; }
    sessions_.erase(SecretHash(secret));
    context.emit(SessionRevoked{command.session_id, whose});
    return {revoked};
  }
  return {staff_session_not_found};
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

}  // namespace firebrand
