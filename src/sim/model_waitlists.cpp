#include "sim/model_waitlists.hpp"

namespace firebrand {

namespace {

bool is_for_waitlist(const CreateDrop& plan, const WavePlan& wave) {
  if (plan.per_household_limit + plan.per_address_limit > 0) { return false; }
  const bool anybody = wave.group.empty() && wave.region.empty() && wave.channel.empty() &&
                       wave.members_before == Timestamp{} && wave.risk_max >= 100 &&
                       wave.per_person_limit == 0;
  return anybody && wave.audience == WaveAudience::everyone &&
         wave.decision == WaveDecision::first_come;
}

}  // namespace

std::uint64_t ModelWaitlist::count(WaitlistPlaceState state) const {
  std::uint64_t places_so = 0;
  for (const WaitlistPlace& place : places) {
    if (place.state == state) { ++places_so; }
  }
  return places_so;
}

std::uint64_t ModelWaitlist::newest(PersonId person) const {
  std::uint64_t newest = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].person_id == person) { newest = i + 1; }
  }
  return newest;
}

std::uint64_t ModelWaitlist::ahead(std::uint64_t place) const {
  std::uint64_t before = 0;
  for (std::size_t i = 0; i + 1 < place; ++i) {
    if (places[i].state == WaitlistPlaceState::waiting) { ++before; }
  }
  return before;
}

ModelWaitlist* ModelWaitlists::find(DropId id) {
  for (ModelWaitlist& list : lists_) {
    if (list.plan.drop_id == id) { return &list; }
  }
  return nullptr;
}

OpenWaitlistResult ModelWaitlists::apply(const OpenWaitlist& command, ModelDrops& drops,
                                         const ModelContext& context) {
  using enum OpenWaitlistStatus;
  if (command.places_max < 1 || command.places_max > kWaitlistPlacesMax) {
    return {places_max_out_of_range};
  }
  if (const ModelWaitlist* const known = find(command.drop_id)) {
    return {known->plan == command ? exists : waitlist_exists};
  }
  const ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  bool has_wave = false;
  for (const WavePlan& wave : drop->plan.waves) {
    has_wave = has_wave || is_for_waitlist(drop->plan, wave);
  }
  if (!has_wave) { return {no_wave_for_waitlist}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (context.now >= command.ends_at) { return {waitlist_ends_in_the_past}; }
  if (lists_.size() == kWaitlistsMax) { return {waitlists_full}; }
  lists_.push_back({.plan = command});
  context.deadlines.insert({command.ends_at, DeadlineKind::waitlist_due, command.drop_id.value, 0});
  context.emit(WaitlistOpened{command.drop_id, command.ends_at, command.places_max});
  return {opened};
}

JoinWaitlistResult ModelWaitlists::apply(const JoinWaitlist& command, ModelDrops& drops,
                                         const ModelContext& context) {
  using enum JoinWaitlistStatus;
  const PersonId person = command.person_id;
  if (person.value == 0 || person.value > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  ModelWaitlist* const list = find(command.drop_id);
  if (list == nullptr) { return {waitlist_not_found}; }
  const std::uint64_t mine = list->newest(person);
  if (mine != 0 && list->places[mine - 1].state == WaitlistPlaceState::waiting) {
    return {exists, mine, list->ahead(mine)};
  }
  ModelDrop& drop = *drops.find(command.drop_id);
  if (drop.cancelled()) { return {drop_cancelled}; }
  if (list->closed || context.now >= list->plan.ends_at) { return {waitlist_closed}; }
  if (context.now < drop.plan.opens_at) { return {not_sold_out}; }
  bool any_released = false;
  for (std::size_t i = 0; i < drop.waves.size(); ++i) {
    if (!is_for_waitlist(drop.plan, drop.plan.waves[i]) || !drop.waves[i].released) { continue; }
    any_released = true;
    if (drop.on_sale(static_cast<std::uint16_t>(i + 1)) > 0) { return {not_sold_out}; }
  }
  if (!any_released) { return {not_sold_out}; }
  if (drop.rights[person.value] == drop.plan.per_person_limit) { return {purchase_limit}; }
  int joins = 0;
  for (const WaitlistPlace& place : list->places) {
    if (place.person_id == person) { ++joins; }
  }
  if (joins == kWaitlistJoinsPerPersonMax) { return {waitlist_joined_too_often}; }
  const auto waiting = static_cast<std::int64_t>(list->count(WaitlistPlaceState::waiting));
  if (waiting == list->plan.places_max) { return {waitlist_full}; }
  if (drop.excluded.contains(person.value)) { return {excluded_from_drop}; }
  list->places.push_back({.person_id = person});
  keep(*list, drop);
  const std::uint64_t place = list->places.size();
  context.emit(WaitlistJoined{command.drop_id, place, person});
  return {joined, place, list->ahead(place)};
}

LeaveWaitlistResult ModelWaitlists::apply(const LeaveWaitlist& command, ModelDrops& drops,
                                          const ModelContext& context) {
  using enum LeaveWaitlistStatus;
  ModelWaitlist* const list = find(command.drop_id);
  if (list == nullptr) { return {waitlist_not_found}; }
  if (list->closed || context.now >= list->plan.ends_at) { return {already_ended}; }
  const std::uint64_t mine = list->newest(command.person_id);
  if (mine == 0) { return {waitlist_place_not_found}; }
  WaitlistPlace& place = list->places[mine - 1];
  if (place.state == WaitlistPlaceState::served) { return {waitlist_place_served}; }
  if (place.state != WaitlistPlaceState::waiting) { return {already_ended}; }
  place.state = WaitlistPlaceState::left;
  if (list->count(WaitlistPlaceState::waiting) == 0) { drops.find(command.drop_id)->kept.clear(); }
  context.emit(WaitlistLeft{command.drop_id, mine, command.person_id});
  return {left};
}

CloseWaitlistResult ModelWaitlists::apply(const CloseWaitlist& command, ModelDrops& drops,
                                          const ModelContext& context) {
  using enum CloseWaitlistStatus;
  ModelWaitlist* const list = find(command.drop_id);
  if (list == nullptr) { return {waitlist_not_found}; }
  if (list->closed) { return {already_closed}; }
  close(*list, *drops.find(command.drop_id), context);
  return {closed};
}

void ModelWaitlists::keep(const ModelWaitlist& list, ModelDrop& drop) {
  if (list.count(WaitlistPlaceState::waiting) == 0) { return drop.kept.clear(); }
  for (std::size_t i = 0; i < drop.waves.size(); ++i) {
    const bool gives = is_for_waitlist(drop.plan, drop.plan.waves[i]) && drop.waves[i].released;
    if (gives && drop.waves[i].available == 0) {
      drop.kept.insert(static_cast<std::uint16_t>(i + 1));
    }
  }
}

void ModelWaitlists::close(ModelWaitlist& list, ModelDrop& drop, const ModelContext& context) {
  const auto waiting = static_cast<std::int64_t>(list.count(WaitlistPlaceState::waiting));
  list.closed = true;
  list.places.clear();
  drop.kept.clear();
  context.emit(WaitlistClosed{list.plan.drop_id, waiting});
}

int ModelWaitlists::is_due(std::uint64_t number, ModelDrops& drops, ModelSale& sale,
                           const ModelShop& shop, ModelReservations& reservations,
                           const ModelContext& context) {
  const DropId id{number % (1ULL << 32U)};
  const auto sold_out = static_cast<std::uint16_t>(number >> 32U);
  ModelWaitlist& list = *find(id);
  ModelDrop& drop = *drops.find(id);
  if (list.closed) { return 0; }
  if (drop.cancelled() || context.now >= list.plan.ends_at) {
    close(list, drop, context);
    return 0;
  }
  keep(list, drop);
  // Whatever came back to it since it had nothing left.
  const bool anybody_waits = list.count(WaitlistPlaceState::waiting) > 0;
  if (sold_out != 0 && anybody_waits &&
      is_for_waitlist(drop.plan, drop.plan.waves[sold_out - 1U])) {
    drop.kept.insert(sold_out);
  }
  if (drop.paused) { return 0; }
  int dealt = 0;
  for (std::uint16_t wave = 1; wave <= drop.waves.size(); ++wave) {
    while (drop.kept.contains(wave) && drop.waves[wave - 1U].available > 0) {
      if (dealt == Waitlists::kServedPerStep) {
        context.deadlines.insert(
            {context.now + Millis{1}, DeadlineKind::waitlist_due, id.value, 0});
        return dealt;
      }
      ++dealt;
      std::uint64_t next = 1;
      while (list.places[next - 1].state != WaitlistPlaceState::waiting) { ++next; }
      const PersonId person = list.places[next - 1].person_id;
      const PlaceOrderResult placed =
          sale.take(id, wave, person, {}, drops, shop, reservations, context);
      const bool served = placed.status == PlaceOrderStatus::created;
      list.places[next - 1].state =
          served ? WaitlistPlaceState::served : WaitlistPlaceState::passed_over;
      list.places[next - 1].order_id = placed.order_id;
      if (list.count(WaitlistPlaceState::waiting) == 0) { drop.kept.clear(); }
      if (served) {
        context.emit(WaitlistServed{id, next, person, placed.order_id, placed.expires_at});
      } else {
        context.emit(WaitlistPassedOver{id, next, person});
      }
    }
  }
  return dealt;
}

FindWaitlistPlaceResult ModelWaitlists::answer(const FindWaitlistPlace& query) const {
  using enum FindWaitlistPlaceStatus;
  for (const ModelWaitlist& list : lists_) {
    if (list.plan.drop_id != query.drop_id) { continue; }
    if (list.closed) { return {waitlist_closed}; }
    const std::uint64_t mine = list.newest(query.person_id);
    if (mine == 0) { return {waitlist_place_not_found}; }
    const WaitlistPlace& place = list.places[mine - 1];
    const bool waits = place.state == WaitlistPlaceState::waiting;
    return {found, mine, place.state, waits ? list.ahead(mine) : 0, place.order_id};
  }
  return {waitlist_not_found};
}

}  // namespace firebrand
