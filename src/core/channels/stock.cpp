#include "core/channels/stock.hpp"

#include <array>

#include "core/facts.hpp"

namespace firebrand {

ReceiveStockResult Stock::apply(const ReceiveStock& command,
                                const CommandContext& context) noexcept {
  using enum ReceiveStockStatus;
  if (command.quantity < 1 || command.quantity > kReceiveQuantityMax) {
    return {quantity_out_of_range};
  }
  if (!catalogue_.has(command.sku_id)) { return {sku_not_found}; }

  const Asset asset = Asset::stock(command.sku_id);
  const std::array<Op, 1> ops = {TransferOp{.from = {Holder::world(), asset},
                                            .to = {Holder::warehouse(), asset},
                                            .amount = command.quantity}};
  const PostStatus posted = ledger_.post(ops).status;
  if (posted == PostStatus::overflow) { return {stock_overflow}; }
  FB_ASSERT(posted == PostStatus::posted);  // Purchases leave room for it: launch/headroom.hpp.
  // Past this line the command has succeeded.
  const std::int64_t now_on_hand = on_hand(command.sku_id);
  context.facts->emit(StockReceived{command.sku_id, command.quantity, now_on_hand});
  return {received, now_on_hand};
}

std::int64_t Stock::on_hand(SkuId id) const noexcept {
  return ledger_.balance({Holder::warehouse(), Asset::stock(id)}).available;
}

}  // namespace firebrand
