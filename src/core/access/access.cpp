#include "core/access/access.hpp"

#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

namespace {

// Entries of four kinds share one digest: the kind keeps equal numbers apart.
enum class EntryKind : std::uint8_t { staff = 1, session = 2, api_key = 3, api_key_grant = 4 };

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

}  // namespace

AddStaffResult Access::apply(const AddStaff& command, const CommandContext& context) noexcept {
  using enum AddStaffStatus;
  if (command.login.empty()) { return {login_must_not_be_empty}; }
  if (command.password_hash.empty()) { return {password_hash_must_not_be_empty}; }
  if (staff_by_login_.contains(command.login.view())) { return {login_taken}; }
  if (staff_.empty() && command.role != StaffRole::owner) { return {first_must_be_owner}; }
  if (staff_.size() >= kStaffMax) { return {staff_full}; }

  // Past this line the command succeeds.
  remember(Staff{command.login, command.role, command.password_hash});
  const StaffId id{staff_.size()};
  context.facts->emit(StaffAdded{id, command.role});
  return {created, id};
}

OpenSessionResult Access::apply(const OpenSession& command,
                                const CommandContext& context) noexcept {
  using enum OpenSessionStatus;
  if (command.secret_hash.is_zero()) { return {secret_must_not_be_zero}; }
  if (command.seconds < 1 || command.seconds > kSessionSecondsMax) {
    return {seconds_out_of_range};
  }
  if (find_staff(command.staff_id) == nullptr) { return {staff_not_found}; }
  if (sessions_by_secret_.contains(command.secret_hash)) { return {secret_taken}; }
  if (sessions_.size() >= kSessionsMax) { return {sessions_full}; }

  // Past this line the command succeeds.
  const Session session{SessionId{++last_session_}, command.staff_id, command.secret_hash,
                        context.timestamp + std::chrono::seconds{command.seconds}};
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

const Staff* Access::find_staff(StaffId id) const noexcept {
  if (id.value < 1 || id.value > staff_.size()) { return nullptr; }
  return &staff_[id.value - 1];
}

StaffId Access::staff_by_login(std::string_view login) const noexcept {
  const auto found = staff_by_login_.find(login);
  return found == staff_by_login_.end() ? StaffId{} : found->second;
}

const Session* Access::find_session(const SecretHash& secret, Timestamp now) const noexcept {
  const auto found = sessions_by_secret_.find(secret);
  if (found == sessions_by_secret_.end()) { return nullptr; }
  const Session& session = sessions_.at(found->second);
  return now < session.expires_at ? &session : nullptr;
}

void Access::remember(const Staff& staff) {
  staff_.push_back(staff);
  staff_by_login_.emplace(staff.login.view(), StaffId{staff_.size()});
  digest_.add(hash_of(EntryKind::staff, staff_.size(), staff));
}

void Access::remember(const Session& session) {
  sessions_.emplace(session.session_id, session);
  sessions_by_secret_.emplace(session.secret_hash, session.session_id);
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
  sessions_.erase(session.session_id);
}

void Access::check_invariants() const {
  FB_ASSERT(staff_by_login_.size() == staff_.size());
  FB_ASSERT(sessions_by_secret_.size() == sessions_.size());
  FB_ASSERT(staff_.empty() || staff_.front().role == StaffRole::owner);
  Digest digest;
  for (std::size_t i = 0; i < staff_.size(); ++i) {
    digest.add(hash_of(EntryKind::staff, i + 1, staff_[i]));
  }
  for (const auto& [id, session] : sessions_) {
    FB_ASSERT(id.value <= last_session_);
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
}

bool Access::load(ByteSource& source, std::uint16_t version) {
  staff_.clear();
  staff_by_login_.clear();
  sessions_.clear();
  sessions_by_secret_.clear();
  api_keys_.clear();
  api_key_grants_.clear();
  digest_ = {};
  return load_entries<Staff>(source, [this](const Staff& staff) { remember(staff); }) &&
         get_u64(source, last_session_) &&
         load_entries<Session>(source, [this](const Session& session) { remember(session); }) &&
         load_entries<ApiKey>(source, [this](const ApiKey& key) { remember(key); }) &&
         (version < 2 ||
          load_entries<ApiKeyGrant>(source, [this](const ApiKeyGrant& grant) { remember(grant); }));
}

}  // namespace firebrand
