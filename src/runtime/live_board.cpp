#include "runtime/live_board.hpp"

#include "core/engine/engine.hpp"
#include "core/engine/state.hpp"

namespace firebrand {

DropView view_drop(const State& state, DropId id) {
  const Drop& drop = state.drops.drop(id);
  const AddSku& sku = state.catalogue.sku(drop.plan.sku_id);
  DropView view{.drop_id = id,
                .drop = drop,
                .units = state.drops.units(id),
                .launch_name = state.launches.launch(drop.plan.launch_id).name,
                .sku_name = sku.name,
                .prices = sku.prices};
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    view.available_by_wave.push_back(state.drops.on_sale(id, wave));
  }
  if (const ReservationBook* const book = state.reservations.book(id)) {
    view.reserving = {book->terms, book->counts, state.reservations.deposit(*book)};
  }
  if (const Waitlist* const list = state.waitlists.find(id)) { view.waitlist = *list; }
  view.excluded = state.drops.exclusions().of(id);
  return view;
}

LiveBoardPage take_changes(Engine& engine, LogOffset offset) {
  LiveBoardPage page{.offset = offset, .drops = {}, .api_keys = {}, .draws = {}, .webhooks = {}};
  for (const DropId id : engine.take_touched_drops()) {
    page.drops.push_back(view_drop(engine.state(), id));
  }
  page.rooms = engine.take_touched_rooms();
  if (engine.take_api_keys_changed()) {
    page.api_keys = engine.state().access.api_keys();
    page.api_key_grants = engine.state().access.api_key_grants();
  }
  for (const DrawId id : engine.take_touched_draws()) {
    page.draws.push_back(engine.state().draws.draw(id));
  }
  if (engine.take_webhooks_changed()) { page.webhooks = engine.state().webhooks.list(); }
  return page;
}

}  // namespace firebrand
