#include "sim/model_shop.hpp"

#include <set>

namespace firebrand {

AddSkuResult ModelShop::apply(const AddSku& command, const ModelContext& context) {
  using enum AddSkuStatus;
  if (command.code.empty()) { return {code_must_not_be_empty}; }
  if (command.prices.empty()) { return {prices_must_not_be_empty}; }
  std::set<Currency> currencies;
  for (const Money& price : command.prices) {
    const bool in_range = price.minor >= 1 && price.minor <= kPriceMinorMax;
    if (!in_range || price.currency.is_none()) { return {price_out_of_range}; }
    if (!currencies.insert(price.currency).second) { return {currency_repeated}; }
  }
  for (std::size_t i = 0; i < skus_.size(); ++i) {
    if (skus_[i].command.code != command.code) { continue; }
    if (skus_[i].command == command) { return {exists, SkuId{i + 1}}; }
    return {exists_with_different_fields};
  }
  if (skus_.size() == kSkusMax) { return {skus_full}; }
  skus_.push_back({command});
  const SkuId id{skus_.size()};
  context.emit(SkuAdded{id, command.code, command.name, command.prices});
  return {created, id};
}

ReceiveStockResult ModelShop::apply(const ReceiveStock& command, const ModelContext& context) {
  using enum ReceiveStockStatus;
  if (command.quantity < 1 || command.quantity > kReceiveQuantityMax) {
    return {quantity_out_of_range};
  }
  if (!has_sku(command.sku_id)) { return {sku_not_found}; }
  ModelSku& sku = skus_[command.sku_id.value - 1];
  sku.minted += command.quantity;
  sku.free += command.quantity;
  context.emit(StockReceived{command.sku_id, command.quantity, sku.free});
  return {received, sku.free};
}

CreateLaunchResult ModelShop::apply(const CreateLaunch& command, const ModelContext& context) {
  using enum CreateLaunchStatus;
  if (command.code.empty()) { return {code_must_not_be_empty}; }
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    if (launches_[i].code != command.code) { continue; }
    if (launches_[i] == command) { return {exists, LaunchId{i + 1}}; }
    return {exists_with_different_fields};
  }
  if (launches_.size() == kLaunchesMax) { return {launches_full}; }
  launches_.push_back(command);
  const LaunchId id{launches_.size()};
  context.emit(LaunchCreated{id, command.code, command.name});
  return {created, id};
}

std::optional<std::int64_t> ModelShop::price(SkuId id, Currency currency) const {
  if (!has_sku(id)) { return std::nullopt; }
  for (const Money& price : skus_[id.value - 1].command.prices) {
    if (price.currency == currency) { return price.minor; }
  }
  return std::nullopt;
}

}  // namespace firebrand
