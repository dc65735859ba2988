#include "core/launch/waitlists.hpp"

#include <algorithm>

#include "core/facts.hpp"
#include "core/launch/audience_step.hpp"
#include "core/launch/sale.hpp"

namespace firebrand {

namespace {

/// When a unit is tried again after the books were full.
constexpr Millis kServingRetry{1'000};

}  // namespace

OpenWaitlistResult Waitlists::apply(const OpenWaitlist& command,
                                    const CommandContext& context) noexcept {
  using enum OpenWaitlistStatus;
  // Shape: no state is read.
  if (command.places_max < 1 || command.places_max > kWaitlistPlacesMax) {
    return {places_max_out_of_range};
  }

  // Replay.
  if (const Waitlist* const known = find(command.drop_id)) {
    return {known->plan == command ? exists : waitlist_exists};
  }

  // State.
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  const Drop& drop = drops_.drop(command.drop_id);
  const auto serves = [&](const WavePlan& wave) { return serves_waitlist(drop.plan, wave); };
  if (std::ranges::none_of(drop.plan.waves, serves)) { return {no_wave_for_waitlist}; }
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (command.ends_at <= context.timestamp) { return {waitlist_ends_in_the_past}; }
  if (lists_.size() >= kWaitlistsMax) { return {waitlists_full}; }

  // Past this line the command succeeds.
  remember(Waitlist{.plan = command});
  schedule_.push({command.ends_at, DeadlineKind::waitlist_due, command.drop_id.value});
  context.facts->emit(WaitlistOpened{command.drop_id, command.ends_at, command.places_max});
  return {opened};
}

JoinWaitlistResult Waitlists::apply(const JoinWaitlist& command,
                                    const CommandContext& context) noexcept {
  using enum JoinWaitlistStatus;
  const DropId id = command.drop_id;
  const PersonId person = command.person_id;
  if (person.value < 1 || person.value > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  List* const list = list_of(id);
  if (list == nullptr) { return {waitlist_not_found}; }
  const auto known = slot_of(*list, person);
  if (known && list->places[*known].state == WaitlistPlaceState::waiting) {
    return {exists, *known + 1ULL, ahead_of(*list, *known)};
  }
  const Drop& drop = drops_.drop(id);
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  // At its end the list is over, whether or not run_due has come to it.
  const Waitlist& stands = list->stands;
  if (stands.phase == WaitlistPhase::closed || context.timestamp >= stands.plan.ends_at) {
    return {waitlist_closed};
  }
  if (may_buy_yet(id, context.timestamp)) { return {not_sold_out}; }
  const AccountKey rights{Holder::person(person), Asset::right(id)};
  if (ledger_.balance(rights).available >= drop.plan.per_person_limit) { return {purchase_limit}; }
  const std::uint8_t joins = known ? list->places[*known].joins : std::uint8_t{0};
  if (joins >= kWaitlistJoinsPerPersonMax) { return {waitlist_joined_too_often}; }
  if (stands.waiting >= stands.plan.places_max || list->places.size() >= kWaitlistJoinsMax) {
    return {waitlist_full};
  }
  if (drops_.exclusions().has(id, person)) { return {excluded_from_drop}; }

  // Past this line the command succeeds.
  add_place(*list, {.person_id = person, .joins = static_cast<std::uint8_t>(joins + 1)});
  update(*list, [](Waitlist& changed) {
    ++changed.joined;
    ++changed.waiting;
  });
  keep_sold_out_waves(*list);
  drops_.touch(id);
  const std::uint64_t place = list->places.size();
  context.facts->emit(WaitlistJoined{id, place, person});
  return {joined, place, ahead_of(*list, place - 1)};
}

LeaveWaitlistResult Waitlists::apply(const LeaveWaitlist& command,
                                     const CommandContext& context) noexcept {
  using enum LeaveWaitlistStatus;
  List* const list = list_of(command.drop_id);
  if (list == nullptr) { return {waitlist_not_found}; }
  const bool over = context.timestamp >= list->stands.plan.ends_at;
  if (over || list->stands.phase == WaitlistPhase::closed) { return {already_ended}; }
  const auto slot = slot_of(*list, command.person_id);
  if (!slot) { return {waitlist_place_not_found}; }
  switch (list->places[*slot].state) {
    case WaitlistPlaceState::waiting:
      break;
    case WaitlistPlaceState::served:
      return {waitlist_place_served};
    case WaitlistPlaceState::left:
    case WaitlistPlaceState::passed_over:
      return {already_ended};
  }

  // Past this line the command succeeds.
  end_place(*list, *slot, WaitlistPlaceState::left, {});
  context.facts->emit(WaitlistLeft{command.drop_id, *slot + 1ULL, command.person_id});
  return {left};
}

CloseWaitlistResult Waitlists::apply(const CloseWaitlist& command,
                                     const CommandContext& context) noexcept {
  using enum CloseWaitlistStatus;
  List* const list = list_of(command.drop_id);
  if (list == nullptr) { return {waitlist_not_found}; }
  if (list->stands.phase == WaitlistPhase::closed) { return {already_closed}; }
  close(*list, context);
  return {closed};
}

int Waitlists::due(std::uint64_t deadline_id, Sale& sale, const CommandContext& context) noexcept {
  const DropId id{deadline_id & ((1ULL << kWaitlistWaveShift) - 1)};
  const auto sold_out = static_cast<std::uint16_t>(deadline_id >> kWaitlistWaveShift);
  List* const found = list_of(id);
  if (found == nullptr || found->stands.phase == WaitlistPhase::closed) { return 0; }
  List& list = *found;
  const Drop& drop = drops_.drop(id);
  if (context.timestamp >= list.stands.plan.ends_at || drop.phase == DropPhase::cancelled) {
    close(list, context);
    return 0;
  }
  if (list.stands.waiting == 0) { return 0; }
  keep_sold_out_waves(
      list, sold_out);  // Also in a pause: what comes back during it is for those who wait.
  if (drop.pausing == Pausing::paused) { return 0; }
  int dealt = 0;
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    while (drops_.is_waited_for(id, wave) && drops_.available(id, wave) > 0) {
      const bool room = sale.room() == PlaceOrderStatus::created;
      if (!room || dealt == kServedPerStep) {
        schedule_.push({context.timestamp + (room ? kStepPause : kServingRetry),
                        DeadlineKind::waitlist_due, id.value});
        return dealt;
      }
      serve_next(list, wave, sale, context);
      ++dealt;
    }
  }
  return dealt;
}

void Waitlists::serve_next(List& list, std::uint16_t wave, Sale& sale,
                           const CommandContext& context) noexcept {
  const DropId id = list.stands.plan.drop_id;
  const std::uint64_t slot = list.next;
  const PersonId person = list.places[slot].person_id;
  const PlaceOrderResult placed = sale.place_for(id, wave, person, {}, context);
  if (placed.status != PlaceOrderStatus::created) {
    end_place(list, slot, WaitlistPlaceState::passed_over, {});
    context.facts->emit(WaitlistPassedOver{id, slot + 1, person});
    return;
  }
  end_place(list, slot, WaitlistPlaceState::served, placed.order_id);
  context.facts->emit(WaitlistServed{id, slot + 1, person, placed.order_id, placed.expires_at});
}

bool Waitlists::may_buy_yet(DropId id, Timestamp now) const noexcept {
  const Drop& drop = drops_.drop(id);
  if (now < drop.plan.opens_at) { return true; }
  bool any_released = false;
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    if (!serves_waitlist(drop.plan, drop.plan.waves[wave - 1U]) || !drop.is_released(wave)) {
      continue;
    }
    any_released = true;
    if (!drops_.is_waited_for(id, wave) && drops_.available(id, wave) > 0) { return true; }
  }
  return !any_released;
}

void Waitlists::keep_sold_out_waves(List& list, std::uint16_t sold_out) noexcept {
  const DropId id = list.stands.plan.drop_id;
  const Drop& drop = drops_.drop(id);
  std::uint32_t waves = list.stands.waves;
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    if (!serves_waitlist(drop.plan, drop.plan.waves[wave - 1U]) || !drop.is_released(wave)) {
      continue;
    }
    if (wave == sold_out || drops_.available(id, wave) == 0) { waves |= 1U << (wave - 1U); }
  }
  if (waves == list.stands.waves) { return; }
  update(list, [&](Waitlist& stands) { stands.waves = waves; });
}

}  // namespace firebrand
