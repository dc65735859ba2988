#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "sim/model_common.hpp"

namespace firebrand {

/// Staff, their sessions and second factors, and keys of servers.
class ModelAccess {
 public:
  AddStaffResult apply(const AddStaff&, const ModelContext&);
  ChangeStaffRoleResult apply(const ChangeStaffRole&, const ModelContext&);
  RemoveStaffResult apply(const RemoveStaff&, const ModelContext&);
  SetPasswordResult apply(const SetPassword&, const ModelContext&);
  PrepareSecondFactorResult apply(const PrepareSecondFactor&, const ModelContext&);
  ConfirmSecondFactorResult apply(const ConfirmSecondFactor&, const ModelContext&);
  RemoveSecondFactorResult apply(const RemoveSecondFactor&, const ModelContext&);
  OpenSessionResult apply(const OpenSession&, const ModelContext&);
  CloseSessionResult apply(const CloseSession&, const ModelContext&);
  RevokeSessionResult apply(const RevokeSession&, const ModelContext&);
  AddApiKeyResult apply(const AddApiKey&, const ModelContext&);
  RevokeApiKeyResult apply(const RevokeApiKey&, const ModelContext&);
  RotateApiKeyResult apply(const RotateApiKey&, const ModelContext&);
  void session_is_over(std::uint64_t session);

  [[nodiscard]] FindSessionResult answer(const FindSession&, Timestamp now) const;
  [[nodiscard]] FindStaffResult answer(const FindStaff&) const;
  [[nodiscard]] FindSessionsResult answer(const FindSessions&, Timestamp now) const;
  [[nodiscard]] FindStaffListResult answer(const FindStaffList&) const;
  [[nodiscard]] FindSecondFactorResult answer(const FindSecondFactor&) const;
  /// By number, from 1 at index 0.
  [[nodiscard]] const std::vector<bool>& api_key_revoked() const { return api_key_revoked_; }

 private:
  struct ModelFactor {
    std::uint32_t version = 0;
    bool asked_for = false;
    std::uint64_t newest_step = 0;
    std::set<std::uint32_t> used_codes{};
  };
  struct ModelStaff {
    AddStaff added{};  ///< With the role and the password of now.
    Timestamp joined_at{};
    std::optional<Timestamp> left_at{};
    ModelFactor factor{};
  };
  struct ModelSession {
    std::uint64_t number = 0;
    StaffId staff_id{};
    Timestamp expires_at{};
    Timestamp opened_at{};
    Text<kAgentBytesMax> agent{};
  };
  /// Null if there is none, or not any more.
  [[nodiscard]] ModelStaff* who_is_there(StaffId);
  [[nodiscard]] bool is_the_only_owner(const ModelStaff&) const;
  /// Of the staff, and not who may decide about others.
  [[nodiscard]] bool is_no_owner(const Actor&);

  std::vector<ModelStaff> staff_;
  std::map<SecretHash, ModelSession> sessions_;
  std::uint64_t sessions_opened_ = 0;
  std::vector<bool> api_key_revoked_;
  std::vector<Timestamp> api_key_old_until_;  ///< The same order: when its old secret ends.
};

}  // namespace firebrand
