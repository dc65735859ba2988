#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "sim/model_common.hpp"

namespace firebrand {

/// Staff, sessions and keys of servers.
class ModelAccess {
 public:
  AddStaffResult apply(const AddStaff&, const ModelContext&);
  OpenSessionResult apply(const OpenSession&, const ModelContext&);
  CloseSessionResult apply(const CloseSession&, const ModelContext&);
  AddApiKeyResult apply(const AddApiKey&, const ModelContext&);
  RevokeApiKeyResult apply(const RevokeApiKey&, const ModelContext&);
  RotateApiKeyResult apply(const RotateApiKey&, const ModelContext&);
  void session_is_over(std::uint64_t session);

  [[nodiscard]] FindSessionResult answer(const FindSession&, Timestamp now) const;
  [[nodiscard]] FindStaffResult answer(const FindStaff&) const;
  /// By number, from 1 at index 0.
  [[nodiscard]] const std::vector<bool>& api_key_revoked() const { return api_key_revoked_; }

 private:
  struct ModelSession {
    std::uint64_t number = 0;
    StaffId staff_id{};
    Timestamp expires_at{};
  };
  std::vector<AddStaff> staff_;
  std::map<SecretHash, ModelSession> sessions_;
  std::uint64_t sessions_opened_ = 0;
  std::vector<bool> api_key_revoked_;
  std::vector<Timestamp> api_key_old_until_;  ///< The same order: when its old secret ends.
};

}  // namespace firebrand
