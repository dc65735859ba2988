#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/launch/codes.hpp"
#include "core/launch/queries.hpp"
#include "sim/model_common.hpp"
#include "sim/model_drops.hpp"

namespace firebrand {

/// A batch of codes, and what is known of each code that was tried or revoked.
struct ModelBatch {
  CreateCodeBatch terms{};
  bool revoked = false;
  std::int64_t used = 0;
  std::int64_t sold = 0;
  std::int64_t revoked_codes = 0;
  struct Code {
    CodeState state{};
    std::uint64_t person = 0;
  };
  std::map<std::uint32_t, Code> codes{};
  std::vector<std::uint32_t> order{};  ///< Of `codes`, by when they came to be known.
};

class ModelCodes {
 public:
  CreateCodeBatchResult apply(const CreateCodeBatch&, ModelDrops&, const ModelContext&);
  RevokeCodeResult apply(const RevokeCode&, const ModelContext&);
  RevokeCodeBatchResult apply(const RevokeCodeBatch&, const ModelContext&);
  void codes_leave(std::uint64_t batch, const ModelContext&);

  [[nodiscard]] FindCodeBatchResult answer(const FindCodeBatch&) const;

  // For the sale.
  [[nodiscard]] bool usable(CodeBatchId, std::uint32_t index, DropId, PersonId,
                            Timestamp now) const;
  void use(CodeBatchId, std::uint32_t index, PersonId, OrderId, const ModelContext&);
  void order_paid(OrderId, const ModelContext&);
  void order_ended(OrderId, const ModelContext&);

  [[nodiscard]] const std::vector<ModelBatch>& batches() const { return batches_; }

 private:
  ModelBatch::Code& know(CodeBatchId, std::uint32_t index);

  std::vector<ModelBatch> batches_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint32_t>> of_order_;
};

}  // namespace firebrand
