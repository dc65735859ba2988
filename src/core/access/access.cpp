#include "core/access/access.hpp"

#include <algorithm>

#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

namespace {

// Entries of five kinds share one digest: the kind keeps equal numbers apart.
enum class EntryKind : std::uint8_t {
  staff = 1,
  session = 2,
  api_key = 3,
  api_key_grant = 4,
  second_factor = 5,
};

template <Described T>
std::uint64_t hash_of(EntryKind kind, std::uint64_t number, const T& entry) {
  return hash_words(kind, entry_hash(number, entry));
}

std::uint64_t hash_of(const Session& session) {
  return hash_of(EntryKind::session, session.session_id.value, session);
}

std::uint64_t hash_of(const ApiKey& key) {
  return hash_of(EntryKind::api_key, key.api_key_id.value, key);
}

std::uint64_t hash_of(const ApiKeyGrant& grant) {
  return hash_of(EntryKind::api_key_grant, grant.api_key_id.value, grant);
}

std::uint64_t hash_of(StaffId id, const Staff& staff) {
  return hash_of(EntryKind::staff, id.value, staff);
}

std::uint64_t hash_of(const SecondFactor& factor) {
  return hash_of(EntryKind::second_factor, factor.staff_id.value, factor);
}

/// Of recovery code n, from 1; 0 has none.
constexpr std::uint32_t bit_of(std::uint32_t n) { return n == 0 ? 0 : 1U << (n - 1); }

bool is_owner(const Staff& staff) {
  return staff.state == StaffState::active && staff.role == StaffRole::owner;
}

}  // namespace

OpenSessionResult Access::apply(const OpenSession& command,
                                const CommandContext& context) noexcept {
  using enum OpenSessionStatus;
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.seconds < 1 || command.seconds > kSessionSecondsMax) {
    return {seconds_out_of_range};
  }
  if (command.recovery_code > kRecoveryCodes) { return {recovery_code_out_of_range}; }
  if (find_staff(command.staff_id) == nullptr) { return {staff_not_found}; }
  if (sessions_by_secret_.contains(command.secret_hash)) { return {secret_taken}; }
  if (sessions_.size() >= kSessionsMax) { return {sessions_full}; }
  const SecondFactor* const factor = active_second_factor(command.staff_id);
  if (factor != nullptr) {
    const bool by_recovery_code = command.recovery_code != 0;
    if (by_recovery_code == (command.second_factor_step != 0)) { return {second_factor_needed}; }
    if (by_recovery_code ? (factor->used_recovery_codes & bit_of(command.recovery_code)) != 0
                         : command.second_factor_step <= factor->last_step) {
      return {second_factor_used};
    }
  }

  // Past this line the command has succeeded.
  if (factor != nullptr) {
    SecondFactor used = *factor;
    used.last_step = std::max(used.last_step, command.second_factor_step);
    used.used_recovery_codes |= bit_of(command.recovery_code);
    remember(used);
  }
  const bool dated = context.rules_version >= kRulesStaffDated;
  const Session session{SessionId{++last_session_},
                        command.staff_id,
                        command.secret_hash,
                        context.timestamp + std::chrono::seconds{command.seconds},
                        dated ? context.timestamp : Timestamp{},
                        command.agent};
  remember(session);
  schedule_.push({session.expires_at, DeadlineKind::session_expires, session.session_id.value});
  return {opened, session.expires_at};
}

CloseSessionResult Access::apply(const CloseSession& command, const CommandContext&) noexcept {
  const auto found = sessions_by_secret_.find(command.secret_hash);
  if (found == sessions_by_secret_.end()) { return {CloseSessionStatus::session_not_found}; }
  forget(Session(sessions_.at(found->second)));
  return {CloseSessionStatus::closed};
}

RevokeSessionResult Access::apply(const RevokeSession& command,
                                  const CommandContext& context) noexcept {
  using enum RevokeSessionStatus;
  const auto found = sessions_.find(command.session_id);
  const bool anybodys = command.staff_id == StaffId{};
  if (found == sessions_.end() || !(anybodys || found->second.staff_id == command.staff_id)) {
    return {staff_session_not_found};
  }
  if (anybodys && !may_manage(context.actor)) { return {forbidden}; }

  // Past this line the command has succeeded.
  const Session session = found->second;
  forget(session);
  context.facts->emit(SessionRevoked{session.session_id, session.staff_id});
  return {revoked};
}

void Access::expire_due(SessionId id) noexcept {
  if (const auto found = sessions_.find(id); found != sessions_.end()) {
    forget(Session(found->second));
  }
}

AddApiKeyResult Access::apply(const AddApiKey& command, const CommandContext& context) noexcept {
  using enum AddApiKeyStatus;
  if (command.name.empty()) { return {name_must_not_be_empty}; }
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.scopes > kKeyScopesMax) { return {scopes_out_of_range}; }
  if (api_keys_.size() >= kApiKeysMax) { return {api_keys_full}; }

  // Past this line the command succeeds.
  const ApiKeyId id{api_keys_.size() + 1};
  remember(ApiKey{id, command.name, command.secret_hash, ApiKeyState::active});
  if (command.scopes != 0) { remember(ApiKeyGrant{.api_key_id = id, .scopes = command.scopes}); }
  context.facts->emit(ApiKeyAdded{id, command.name});
  return {created, id};
}

RevokeApiKeyResult Access::apply(const RevokeApiKey& command,
                                 const CommandContext& context) noexcept {
  using enum RevokeApiKeyStatus;
  const std::uint64_t number = command.api_key_id.value;
  if (number < 1 || number > api_keys_.size()) { return {api_key_not_found}; }
  ApiKey& key = api_keys_[number - 1];
  if (key.state == ApiKeyState::revoked) { return {already_revoked}; }
  const std::uint64_t before = hash_of(key);
  key.state = ApiKeyState::revoked;
  api_keys_changed_ = true;
  digest_.replace(before, hash_of(key));
  context.facts->emit(ApiKeyRevoked{command.api_key_id});
  return {revoked};
}

RotateApiKeyResult Access::apply(const RotateApiKey& command,
                                 const CommandContext& context) noexcept {
  using enum RotateApiKeyStatus;
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.overlap_seconds < 0 || command.overlap_seconds > kKeyOverlapSecondsMax) {
    return {overlap_out_of_range};
  }
  const std::uint64_t number = command.api_key_id.value;
  if (number < 1 || number > api_keys_.size()) { return {api_key_not_found}; }
  ApiKey& key = api_keys_[number - 1];
  if (key.state == ApiKeyState::revoked) { return {api_key_revoked}; }
  ApiKeyGrant grant{.api_key_id = command.api_key_id};
  if (const auto found = api_key_grants_.find(command.api_key_id); found != api_key_grants_.end()) {
    grant = found->second;
  }
  // Whoever lost the answer to a rotation still has the secret before it.
  if (context.timestamp < grant.old_until) { return {api_key_rotating}; }

  // Past this line the command succeeds.
  grant.old_secret_hash = key.secret_hash;
  grant.old_until = context.timestamp + std::chrono::seconds{command.overlap_seconds};
  const std::uint64_t before = hash_of(key);
  key.secret_hash = command.secret_hash;
  api_keys_changed_ = true;
  digest_.replace(before, hash_of(key));
  remember(grant);
  context.facts->emit(ApiKeyRotated{command.api_key_id, grant.old_until});
  return {rotated, grant.old_until};
}

const Session* Access::find_session(const SecretHash& secret, Timestamp now) const noexcept {
  const auto found = sessions_by_secret_.find(secret);
  if (found == sessions_by_secret_.end()) { return nullptr; }
  const Session& session = sessions_.at(found->second);
  return now < session.expires_at ? &session : nullptr;
}

const Session* Access::next_session(StaffId staff, SessionId after) const noexcept {
  if (staff == StaffId{}) {
    const auto next = sessions_.upper_bound(after);
    return next == sessions_.end() ? nullptr : &next->second;
  }
  const auto next = sessions_by_staff_.upper_bound({staff, after});
  if (next == sessions_by_staff_.end() || next->first != staff) { return nullptr; }
  return &sessions_.at(next->second);
}

void Access::remember(const Staff& staff) {
  staff_.push_back(staff);
  const StaffId id{staff_.size()};
  if (staff.state == StaffState::active) { staff_by_login_.emplace(staff.login.view(), id); }
  owners_ += is_owner(staff) ? 1 : 0;
  digest_.add(hash_of(id, staff));
}

void Access::replace(StaffId id, const Staff& staff) {
  Staff& entry = staff_[id.value - 1];
  if (staff.state == StaffState::gone) { staff_by_login_.erase(std::string(entry.login.view())); }
  owners_ = owners_ - (is_owner(entry) ? 1 : 0) + (is_owner(staff) ? 1 : 0);
  digest_.replace(hash_of(id, entry), hash_of(id, staff));
  entry = staff;
}

void Access::remember(const SecondFactor& factor) {
  forget_second_factor(factor.staff_id);
  second_factors_.emplace(factor.staff_id, factor);
  digest_.add(hash_of(factor));
}

void Access::forget_second_factor(StaffId id) {
  const auto found = second_factors_.find(id);
  if (found == second_factors_.end()) { return; }
  digest_.remove(hash_of(found->second));
  second_factors_.erase(found);
}

void Access::remember(const Session& session) {
  sessions_.emplace(session.session_id, session);
  sessions_by_secret_.emplace(session.secret_hash, session.session_id);
  sessions_by_staff_.emplace(session.staff_id, session.session_id);
  digest_.add(hash_of(session));
}

void Access::remember(const ApiKey& key) {
  api_keys_changed_ = true;
  api_keys_.push_back(key);
  digest_.add(hash_of(key));
}

void Access::remember(const ApiKeyGrant& grant) {
  api_keys_changed_ = true;
  const auto [entry, is_new] = api_key_grants_.try_emplace(grant.api_key_id);
  if (!is_new) { digest_.remove(hash_of(entry->second)); }
  entry->second = grant;
  digest_.add(hash_of(grant));
}

void Access::forget(const Session& session) {
  digest_.remove(hash_of(session));
  sessions_by_secret_.erase(session.secret_hash);
  sessions_by_staff_.erase({session.staff_id, session.session_id});
  sessions_.erase(session.session_id);
}

void Access::check_invariants() const {
  FB_ASSERT(sessions_by_secret_.size() == sessions_.size());
  FB_ASSERT(sessions_by_staff_.size() == sessions_.size());
  FB_ASSERT(staff_.empty() || owners_ > 0);
  Digest digest;
  std::size_t active = 0;
  std::size_t owners = 0;
  for (std::size_t i = 0; i < staff_.size(); ++i) {
    const StaffId id{i + 1};
    const Staff& staff = staff_[i];
    owners += is_owner(staff) ? 1 : 0;
    if (staff.state == StaffState::active) {
      ++active;
      FB_ASSERT(staff_by_login(staff.login.view()) == id);
    }
    FB_ASSERT(staff.password_hash.empty() == (staff.state == StaffState::gone));
    digest.add(hash_of(id, staff));
  }
  FB_ASSERT(staff_by_login_.size() == active && owners_ == owners);
  for (const auto& [id, factor] : second_factors_) {
    FB_ASSERT(id == factor.staff_id && find_staff(id) != nullptr && factor.version >= 1);
    FB_ASSERT(factor.used_recovery_codes < bit_of(kRecoveryCodes + 1));
    FB_ASSERT(factor.active || (factor.last_step == 0 && factor.used_recovery_codes == 0));
    digest.add(hash_of(factor));
  }
  for (const auto& [id, session] : sessions_) {
    FB_ASSERT(id.value <= last_session_ && find_staff(session.staff_id) != nullptr);
    FB_ASSERT(sessions_by_staff_.contains({session.staff_id, id}));
    digest.add(hash_of(session));
  }
  for (const ApiKey& key : api_keys_) { digest.add(hash_of(key)); }
  for (const auto& [id, grant] : api_key_grants_) {
    FB_ASSERT(id.value >= 1 && id.value <= api_keys_.size());
    digest.add(hash_of(grant));
  }
  FB_ASSERT(digest == digest_);
}

void Access::save(ByteSink& sink) const {
  save_entries(sink, staff_);
  put_u64(sink, last_session_);
  put_u64(sink, sessions_.size());
  for (const auto& [id, session] : sessions_) { save_entry(sink, session); }
  save_entries(sink, api_keys_);
  put_u64(sink, api_key_grants_.size());
  for (const auto& [id, grant] : api_key_grants_) { save_entry(sink, grant); }
  put_u64(sink, second_factors_.size());
  for (const auto& [id, factor] : second_factors_) { save_entry(sink, factor); }
}

bool Access::load(ByteSource& source, std::uint16_t version) {
  staff_.clear();
  staff_by_login_.clear();
  owners_ = 0;
  second_factors_.clear();
  sessions_.clear();
  sessions_by_secret_.clear();
  sessions_by_staff_.clear();
  api_keys_.clear();
  api_key_grants_.clear();
  digest_ = {};
  const auto keep = [this](const auto& entry) { remember(entry); };
  return load_entries<Staff>(source, keep, version) && get_u64(source, last_session_) &&
         load_entries<Session>(source, keep, version) && load_entries<ApiKey>(source, keep) &&
         (version < 2 || load_entries<ApiKeyGrant>(source, keep)) &&
         (version < 3 || load_entries<SecondFactor>(source, keep));
}

}  // namespace firebrand
