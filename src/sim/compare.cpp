#include "sim/compare.hpp"

#include <map>
#include <utility>
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
  audit(stands.revealed_wave == drop.secrets_until, "another secret of a drop is known");
  std::vector<DropExcluded> excluded;
  for (const auto& [person, reason] : drop.excluded) { excluded.push_back({id, {person}, reason}); }
  audit(state.drops.exclusions().of(id) == excluded, "other people are kept out of a drop");
  for (std::uint16_t wave = 1; wave <= drop.waves.size(); ++wave) {
    const ModelWave& planned = drop.waves[wave - 1U];
    audit(stands.units_of(wave) == planned.units, "a wave was given other units");
    audit(stands.is_released(wave) == planned.released, "a wave is released or not");
    audit(state.drops.available(id, wave) == planned.available, "a wave has other units on sale");
  }
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
    const auto shared = [&](const std::map<std::uint64_t, std::int64_t>& owned, std::int32_t limit,
                            Holder (*holder)(std::uint64_t)) {
      for (const auto& [key, units] : owned) {
        const std::int64_t is = state.ledger.balance({holder(key), Asset::right(id)}).available;
        audit(is == units && is >= 0 && is <= limit, "those who share a key own other units");
        given += is;
      }
    };
    shared(drop.in_household, drop.plan.per_household_limit, &Holder::household);
    shared(drop.at_address, drop.plan.per_address_limit, &Holder::address);
    for (const auto& [key, units] : drop.in_wave) {
      const auto& [wave, person] = key;
      const AccountKey right{Holder::person({person}), Asset::wave_right(id, wave)};
      audit(state.ledger.balance(right).available == units, "a person has another right in a wave");
    }
    audit(state.ledger.balance({Holder::rights_source(), Asset::right(id)}).available == -given,
          "rights do not add up to zero");
  }
}

void compare_draws(const State& state, const Model& model) {
  audit(state.draws.size() == model.draws().all().size(), "another number of draws");
  for (const ModelDraw& draw : model.draws().all()) {
    const DrawId id = draw.stands.draw_id;
    audit(encoded(state.draws.draw(id)) == encoded(draw.stands), "a draw stands elsewhere");
    for (const auto& [person, entry] : draw.entries) {
      const DrawEntry* const is = state.draws.find_entry(id, {person});
      audit(is != nullptr && encoded(*is) == encoded(entry), "another entry of a draw");
    }
  }
}

void compare_rooms(const State& state, const Model& model) {
  for (const ModelRoom& room : model.rooms().all()) {
    const OpenWaitingRoom& plan = room.plan;
    const WaitingRoom* const is = state.rooms.find(plan.drop_id, plan.wave);
    audit(is != nullptr, "a waiting room is missing");
    audit((is->phase == RoomPhase::closed) == room.closed, "a waiting room is closed or not");
    audit(room.closed || is->next == room.next, "another turn is the next one");
    for (std::uint64_t i = 0; i < room.places.size(); ++i) {
      const Place* const place = state.rooms.place(plan.drop_id, plan.wave, i + 1);
      audit(place != nullptr && place->person_id == room.places[i].person &&
                place->state == room.places[i].state && place->at == room.places[i].at,
            "a place in a waiting room was lost");
    }
  }
}

void compare_waitlists(const State& state, const Model& model) {
  for (const ModelWaitlist& list : model.waitlists().all()) {
    const DropId id = list.plan.drop_id;
    const Waitlist* const is = state.waitlists.find(id);
    audit(is != nullptr, "a waitlist is missing");
    audit((is->phase == WaitlistPhase::closed) == list.closed, "a waitlist is closed or not");
    const auto waiting = list.count(WaitlistPlaceState::waiting);
    audit(static_cast<std::uint64_t>(is->waiting) == waiting, "other people wait in a waitlist");
    for (std::uint64_t i = 0; i < list.places.size(); ++i) {
      const WaitlistPlace& must = list.places[i];
      if (list.newest(must.person_id) != i + 1) { continue; }
      const auto mine = state.waitlists.standing(id, must.person_id);
      audit(mine && mine->place == i + 1 && mine->stands.state == must.state &&
                mine->stands.order_id == must.order_id,
            "a place in a waitlist was lost");
    }
  }
}

void compare_money(const State& state, const Model& model) {
  std::map<Currency, std::pair<ModelMoney, ModelDepositMoney>> all;
  for (const auto& [currency, money] : model.sale().money()) { all[currency].first = money; }
  for (const auto& [currency, money] : model.reservations().money()) {
    all[currency].second = money;
  }
  for (const auto& [currency, parts] : all) {
    const Asset asset = Asset::money(currency);
    const auto& [sale, deposits] = parts;
    const auto at = [&](Holder holder) { return state.ledger.balance({holder, asset}).available; };
    audit(sale.came == sale.revenue + sale.owed_back + sale.unmatched + sale.sent + sale.refunded,
          "the model lost money");
    audit(deposits.came + deposits.penalties ==
              deposits.waiting + deposits.revenue + deposits.owed_back + deposits.forfeits,
          "the model lost deposits");
    audit(at(Holder::payments()) == -(sale.came + deposits.came), "other money came");
    audit(at(Holder::revenue()) == sale.revenue + deposits.revenue, "other revenue");
    audit(at(Holder::refunds_due()) == sale.owed_back + deposits.owed_back,
          "other money is owed back");
    audit(at(Holder::unmatched()) == sale.unmatched, "other money is unmatched");
    audit(at(Holder::refunds_sent()) == sale.sent, "other money is on its way back");
    audit(at(Holder::refunded()) == sale.refunded, "other money went back");
    audit(at(Holder::forfeits()) == deposits.forfeits, "other deposits were lost");
    audit(at(Holder::penalties()) == -deposits.penalties, "the seller owes another penalty");
  }
}

void compare_reservations(const State& state, const Model& model) {
  std::map<std::uint64_t, ReservationCounts> counts;
  for (const auto& [id, must] : model.reservations().all()) {
    const Reservation* const is = state.reservations.find(must.drop_id, must.person_id);
    audit(is != nullptr && encoded(*is) == encoded(must), "another reservation");
    ++counts[must.drop_id.value].of(must.state);
  }
  for (const auto& [drop, must] : model.reservations().books()) {
    const ReservationBook* const is = state.reservations.book({drop});
    audit(is != nullptr && is->terms == must.terms, "other terms of reservations");
    audit(is->settling == must.settling && is->seller_defaults == must.seller_defaults,
          "reservations are settled otherwise");
    if (must.ids.empty()) { continue; }
    if (!must.leave_next) { audit(is->counts == counts[drop], "other counts of reservations"); }
  }
}

void compare_codes(const State& state, const Model& model) {
  audit(state.codes.size() == model.codes().batches().size(), "another number of code batches");
  std::uint64_t number = 0;
  for (const ModelBatch& must : model.codes().batches()) {
    const CodeBatchId id{++number};
    const CodeBatch& is = *state.codes.batch(id);
    audit(is.used == must.used && is.sold == must.sold && is.revoked == must.revoked_codes,
          "a batch of codes brought something else");
    for (const auto& [index, code] : must.codes) {
      const CodeNote* const note = state.codes.note(id, index);
      audit(note != nullptr && note->state == code.state, "a code is in another state");
    }
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
  compare_reservations(state, model);
  compare_codes(state, model);
  compare_draws(state, model);
  compare_rooms(state, model);
  compare_waitlists(state, model);
  std::map<Asset, std::int64_t> sums;
  state.ledger.for_each_account(
      [&](const Account& account) { sums[account.key.asset] += account.available + account.held; });
  for (const auto& [asset, sum] : sums) { audit(sum == 0, "an asset does not add up to zero"); }
  audit(engine.next_due() == model.next_due(), "another deadline is the next one");
  engine.check_invariants();
}

}  // namespace firebrand
