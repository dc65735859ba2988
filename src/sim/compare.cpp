#include "sim/compare.hpp"

#include <map>
#include <vector>

#include "core/engine/state.hpp"
#include "sim/request.hpp"
#include "sim/trace.hpp"

namespace firebrand {

namespace {

void compare_drop(const State& state, DropId id, const ModelDrop& drop) {
  const DropUnits is = state.drops.units(id);
  const DropUnits must = drop.units();
  audit(is.total == must.total && is.unreleased == must.unreleased, "other units are unreleased");
  audit(is.available == must.available, "other units are available");
  audit(is.held == must.held, "other units are held");
  audit(is.sold == must.sold, "other units are sold");
  audit(is.withdrawn == must.withdrawn, "other units are withdrawn");
  audit(is.returned == must.returned, "other units are returned");
  audit(is.total == is.unreleased + is.available + is.held + is.sold + is.returned + is.withdrawn,
        "the units of a drop do not add up");
  const Drop& stands = state.drops.drop(id);
  audit(stands.phase == drop.phase, "a drop is in another phase");
  audit((stands.pausing == Pausing::paused) == drop.paused, "a drop is paused or not");
}

void compare_orders(const State& state, const Model& model) {
  auto must = model.sale().orders().begin();
  const auto end = model.sale().orders().end();
  state.orders.for_each([&](const Order& order) {
    audit(must != end && encoded(order) == encoded(must->second), "another order");
    ++must;
  });
  audit(must == end, "an order is missing");
}

void compare_rights(const State& state, const Model& model) {
  std::uint64_t number = 0;
  for (const ModelDrop& drop : model.drops().all()) {
    const DropId id{++number};
    std::int64_t given = 0;
    for (const auto& [person, units] : drop.rights) {
      const std::int64_t is =
          state.ledger.balance({Holder::person({person}), Asset::right(id)}).available;
      audit(is == units, "a person has another right");
      audit(is >= 0 && is <= drop.plan.per_person_limit, "a person is beyond the limit");
      given += is;
    }
    audit(state.ledger.balance({Holder::rights_source(), Asset::right(id)}).available == -given,
          "rights do not add up to zero");
  }
}

void compare_money(const State& state, const Model& model) {
  for (const auto& [currency, money] : model.sale().money()) {
    const Asset asset = Asset::money(currency);
    audit(money.came ==
              money.revenue + money.owed_back + money.unmatched + money.sent + money.refunded,
          "the model lost money");
    audit(state.ledger.balance({Holder::payments(), asset}).available == -money.came,
          "other money came");
    audit(state.ledger.balance({Holder::revenue(), asset}).available == money.revenue,
          "other revenue");
    audit(state.ledger.balance({Holder::refunds_due(), asset}).available == money.owed_back,
          "other money is owed back");
    audit(state.ledger.balance({Holder::unmatched(), asset}).available == money.unmatched,
          "other money is unmatched");
    audit(state.ledger.balance({Holder::refunds_sent(), asset}).available == money.sent,
          "other money is on its way back");
    audit(state.ledger.balance({Holder::refunded(), asset}).available == money.refunded,
          "other money went back");
  }
}

}  // namespace

void compare_units(const Engine& engine, const Model& model) {
  const State& state = engine.state();
  audit(state.drops.size() == model.drops().all().size(), "another number of drops");
  std::vector<std::int64_t> in_drops(model.shop().skus() + 1);
  std::uint64_t number = 0;
  for (const ModelDrop& drop : model.drops().all()) {
    const DropId id{++number};
    compare_drop(state, id, drop);
    const DropUnits units = state.drops.units(id);
    in_drops[drop.plan.sku_id.value] +=
        units.unreleased + units.available + units.held + units.sold + units.returned;
  }
  for (std::uint64_t sku = 1; sku <= model.shop().skus(); ++sku) {
    const Asset asset = Asset::stock({sku});
    const std::int64_t free = state.stock.on_hand({sku});
    audit(free == model.shop().free_units({sku}), "other free stock");
    const std::int64_t minted = -state.ledger.balance({Holder::world(), asset}).available;
    audit(minted == model.shop().minted({sku}), "other units were received");
    audit(minted == free + in_drops[sku], "units were lost or made");
  }
}

void compare_all(const Engine& engine, const Model& model) {
  compare_units(engine, model);
  const State& state = engine.state();
  compare_orders(state, model);
  compare_rights(state, model);
  compare_money(state, model);
  std::map<Asset, std::int64_t> sums;
  state.ledger.for_each_account(
      [&](const Account& account) { sums[account.key.asset] += account.available + account.held; });
  for (const auto& [asset, sum] : sums) { audit(sum == 0, "an asset does not add up to zero"); }
  audit(engine.next_due() == model.next_due(), "another deadline is the next one");
  engine.check_invariants();
}

}  // namespace firebrand
