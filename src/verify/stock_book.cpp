#include "verify/stock_book.hpp"

#include <optional>
#include <utility>

#include "base/whole_number.hpp"

namespace firebrand {

namespace {

std::optional<std::int64_t> count_of(const ProofLeaf& leaf, std::string_view name) {
  std::int64_t count = 0;
  const bool whole = read_whole_number(leaf.find(name), count) && count >= 0;
  // Sums of them fit.
  return whole && count <= std::int64_t{1} << 48 ? std::optional(count) : std::nullopt;
}

std::optional<std::uint64_t> wave_of(const ProofLeaf& leaf, std::string_view name) {
  const auto wave = count_of(leaf, name);
  return wave && *wave > 0 ? std::optional(static_cast<std::uint64_t>(*wave)) : std::nullopt;
}

}  // namespace

std::int64_t DropStock::available() const {
  std::int64_t sum = 0;
  for (const auto& [number, wave] : waves) { sum += wave.available; }
  return sum;
}

StockBook::Done StockBook::take(const ProofLeaf& leaf) {
  const std::string_view kind = leaf.kind;
  if (kind == "order_placed") { return placed(leaf); }
  if (kind == "order_paid") { return paid(leaf); }
  if (kind == "order_expired" || kind == "order_cancelled") { return ended(leaf); }
  if (kind == "units_returned") { return units_returned(leaf); }
  if (kind == "stock_received") { return received(leaf); }
  if (kind == "drop_created") { return created(leaf); }
  if (kind == "drop_cancelled") { return cancelled(leaf); }
  if (kind == "wave_released") { return released(leaf); }
  if (kind == "units_moved") { return moved(leaf); }
  if (kind == "units_withdrawn") { return withdrawn(leaf); }
  return {};  // Draws, queues and moments move no unit.
}

DropStock* StockBook::drop_of(const ProofLeaf& leaf) {
  const auto found = drops_.find(leaf.find("drop"));
  return found == drops_.end() ? nullptr : &found->second;
}

StockBook::Order* StockBook::order_of(const ProofLeaf& leaf) {
  const auto found = orders_.find(leaf.find("order"));
  return found == orders_.end() ? nullptr : &found->second;
}

StockBook::Done StockBook::received(const ProofLeaf& leaf) {
  const auto units = count_of(leaf, "units");
  if (!units || leaf.find("sku").empty()) { return malformed_field(); }
  free_[leaf.find("sku")] += *units;
  return {};
}

StockBook::Done StockBook::created(const ProofLeaf& leaf) {
  const auto units = count_of(leaf, "units");
  const auto limit = count_of(leaf, "per_person_limit");
  const std::string_view sku = leaf.find("sku");
  if (!units || !limit || sku.empty() || leaf.find("drop").empty()) { return malformed_field(); }
  if (free_[sku] < *units) {
    return no("more units are announced than there are", "宣布的数量超过实际库存");
  }
  DropStock drop{.sku = sku, .announced = *units, .unreleased = *units, .limit = *limit};
  if (!drops_.emplace(leaf.find("drop"), std::move(drop)).second) {
    return no("the drop is there already", "该场次已存在");
  }
  free_[sku] -= *units;
  return {};
}

StockBook::Done StockBook::released(const ProofLeaf& leaf) {
  DropStock* const drop = drop_of(leaf);
  const auto wave = wave_of(leaf, "wave");
  const auto units = count_of(leaf, "units");
  if (drop == nullptr || !wave || !units) { return malformed_field(); }
  if (drop->cancelled || drop->waves[*wave].released) {
    return no("the wave cannot be put on sale any more", "该批次已不能开售");
  }
  if (drop->unreleased < *units) {
    return no("more units go on sale than were announced", "开售的数量超过宣布的数量");
  }
  drop->unreleased -= *units;
  drop->offered += *units;
  drop->waves[*wave] = {true, *units};
  return {};
}

StockBook::Done StockBook::moved(const ProofLeaf& leaf) {
  DropStock* const drop = drop_of(leaf);
  const auto from = wave_of(leaf, "from_wave");
  const auto to = wave_of(leaf, "to_wave");
  const auto units = count_of(leaf, "units");
  if (drop == nullptr || !from || !to || !units || drop->cancelled) { return malformed_field(); }
  WaveStock& source = drop->waves[*from];
  WaveStock& target = drop->waves[*to];
  std::int64_t& taken = source.released ? source.available : drop->unreleased;
  if (taken < *units) { return no("units are moved that are not there", "移动了不存在的数量"); }
  taken -= *units;
  (target.released ? target.available : drop->unreleased) += *units;
  if (target.released && !source.released) { drop->offered += *units; }
  if (source.released && !target.released) { drop->offered -= *units; }
  return {};
}

StockBook::Done StockBook::withdrawn(const ProofLeaf& leaf) {
  DropStock* const drop = drop_of(leaf);
  const auto wave = wave_of(leaf, "wave");
  const auto units = count_of(leaf, "units");
  if (drop == nullptr || !wave || !units) { return malformed_field(); }
  WaveStock& source = drop->waves[*wave];
  if (source.available != *units) {
    return no("other units are withdrawn than are left in the wave", "撤回的数量与批次剩余不符");
  }
  source.available = 0;
  drop->withdrawn += *units;
  free_[drop->sku] += *units;
  return {};
}

StockBook::Done StockBook::cancelled(const ProofLeaf& leaf) {
  DropStock* const drop = drop_of(leaf);
  const auto units = count_of(leaf, "withdrawn");
  if (drop == nullptr || !units || drop->cancelled) { return malformed_field(); }
  if (drop->unreleased + drop->available() != *units) {
    return no("other units are withdrawn than are left in the drop", "撤回的数量与场次剩余不符");
  }
  drop->unreleased = 0;
  for (auto& [number, wave] : drop->waves) { wave.available = 0; }
  drop->withdrawn += *units;
  free_[drop->sku] += *units;
  drop->cancelled = true;
  return {};
}

StockBook::Done StockBook::placed(const ProofLeaf& leaf) {
  DropStock* const drop = drop_of(leaf);
  const auto wave = wave_of(leaf, "wave");
  const auto units = count_of(leaf, "units");
  const std::string_view buyer = leaf.find("buyer");
  const std::string_view order = leaf.find("order");
  if (drop == nullptr || !wave || !units || buyer.empty() || order.empty()) {
    return malformed_field();
  }
  WaveStock& source = drop->waves[*wave];
  if (drop->cancelled || !source.released) {
    return no("units are bought that are not on sale", "购买了未开售的数量");
  }
  if (source.available < *units) {
    return no("more units are bought than are on sale", "购买的数量超过在售数量");
  }
  std::int64_t& owned = drop->buyers[buyer];
  owned += *units;
  if (owned > drop->limit) {
    return no("a buyer has more units than anybody may have", "有买家超过了限购数量");
  }
  if (!orders_.emplace(order, Order{drop, buyer, *wave, *units, OrderState::pending}).second) {
    return no("the order is there already", "该订单已存在");
  }
  source.available -= *units;
  drop->held += *units;
  return {};
}

StockBook::Done StockBook::paid(const ProofLeaf& leaf) {
  Order* const order = order_of(leaf);
  if (order == nullptr || order->state != OrderState::pending) {
    return no("an order is paid that does not wait for it", "支付了并未待付款的订单");
  }
  order->state = OrderState::paid;
  order->drop->held -= order->units;
  order->drop->sold += order->units;
  return {};
}

void StockBook::come_back(Order& order, std::int64_t units) {
  DropStock& drop = *order.drop;
  if (drop.cancelled) {
    drop.withdrawn += units;
    free_[drop.sku] += units;
  } else {
    drop.waves[order.wave].available += units;
  }
}

StockBook::Done StockBook::ended(const ProofLeaf& leaf) {
  Order* const order = order_of(leaf);
  if (order == nullptr || order->state != OrderState::pending) {
    return no("an order ends that does not wait for its payment", "结束了并未待付款的订单");
  }
  order->state = OrderState::ended;
  order->drop->held -= order->units;
  order->drop->buyers[order->buyer] -= order->units;
  come_back(*order, order->units);
  return {};
}

StockBook::Done StockBook::units_returned(const ProofLeaf& leaf) {
  Order* const order = order_of(leaf);
  const auto units = count_of(leaf, "units");
  const std::string_view to = leaf.find("to");
  if (order == nullptr || !units || (to != "on_sale" && to != "returned")) {
    return malformed_field();
  }
  if (order->state != OrderState::paid || order->units < *units) {
    return no("units come back that were not sold", "退回了并未售出的数量");
  }
  order->units -= *units;
  order->drop->sold -= *units;
  order->drop->buyers[order->buyer] -= *units;
  if (to == "on_sale") {
    come_back(*order, *units);
  } else {
    order->drop->returned += *units;
  }
  return {};
}

Report StockBook::report() const {
  Report report;
  const auto text = [](auto number) { return std::to_string(number); };
  for (const auto& [name, drop] : drops_) {
    const std::string id(name);
    report.push_back({id + ": " + text(drop.announced) + " units were announced, " +
                          text(drop.offered) + " put on sale, " + text(drop.sold) + " sold.",
                      id + "：宣布 " + text(drop.announced) + " 件，开售 " + text(drop.offered) +
                          " 件，售出 " + text(drop.sold) + " 件。"});
    report.push_back({"  " + text(drop.available()) + " are still on sale, " + text(drop.held) +
                          " wait for their payment, " + text(drop.unreleased) +
                          " are not on sale yet, " + text(drop.returned) + " came back, " +
                          text(drop.withdrawn) + " were withdrawn: nothing is missing.",
                      "  在售 " + text(drop.available()) + " 件，待付款 " + text(drop.held) +
                          " 件，未开售 " + text(drop.unreleased) + " 件，退回 " +
                          text(drop.returned) + " 件，撤回 " + text(drop.withdrawn) +
                          " 件：一件不少。"});
    report.push_back({"  Nobody had more than " + text(drop.limit) + " at any time; " +
                          text(drop.buyers.size()) + " people ordered.",
                      "  任何时候都没有人超过 " + text(drop.limit) + " 件；共 " +
                          text(drop.buyers.size()) + " 人下单。"});
    if (drop.offered < drop.announced) {
      const std::string kept = text(drop.announced - drop.offered);
      report.push_back({"  " + kept + " of the announced units were never put on sale.",
                        "  宣布的数量中有 " + kept + " 件从未开售。"});
    }
  }
  return report;
}

}  // namespace firebrand
