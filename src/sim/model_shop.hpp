#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/launch/launches.hpp"
#include "sim/model_common.hpp"

namespace firebrand {

/// SKUs with their free stock, and launches.
class ModelShop {
 public:
  AddSkuResult apply(const AddSku&, const ModelContext&);
  ReceiveStockResult apply(const ReceiveStock&, const ModelContext&);
  CreateLaunchResult apply(const CreateLaunch&, const ModelContext&);

  [[nodiscard]] bool has_sku(SkuId id) const { return id.value >= 1 && id.value <= skus_.size(); }
  [[nodiscard]] bool has_launch(LaunchId id) const {
    return id.value >= 1 && id.value <= launches_.size();
  }
  [[nodiscard]] std::optional<std::int64_t> price(SkuId, Currency) const;
  /// Units that ever came, and those that are in no drop now. REQUIRES: has_sku(id).
  [[nodiscard]] std::int64_t minted(SkuId id) const { return skus_[id.value - 1].minted; }
  [[nodiscard]] std::int64_t free_units(SkuId id) const { return skus_[id.value - 1].free; }
  void take(SkuId id, std::int64_t units) { skus_[id.value - 1].free -= units; }
  void give(SkuId id, std::int64_t units) { skus_[id.value - 1].free += units; }
  [[nodiscard]] std::uint64_t skus() const { return skus_.size(); }

 private:
  struct ModelSku {
    AddSku command{};
    std::int64_t minted = 0;
    std::int64_t free = 0;
  };
  std::vector<ModelSku> skus_;
  std::vector<CreateLaunch> launches_;
};

}  // namespace firebrand
