#include "sim/model_draws.hpp"

#include <set>

#include "base/draw.hpp"
#include "sim/model_standing.hpp"

namespace firebrand {

namespace {

bool takes_part(const DrawEntry& entry) {
  return entry.state != DrawEntryState::left && entry.state != DrawEntryState::excluded;
}

DrawEntry* entry_of(ModelDraw& draw, PersonId person) {
  const auto found = draw.entries.find(person.value);
  return found == draw.entries.end() ? nullptr : &found->second;
}

bool is_person(PersonId id) {
  return id.value > 0 && id.value <= static_cast<std::uint64_t>(kPersonIdMax);
}

ModelWave& wave_of(const ModelDraw& draw, ModelDrops& drops) {
  return drops.find(draw.stands.plan.drop_id)->waves[draw.stands.plan.wave - 1U];
}

/// What is kept as a sum in the core.
void count(ModelDraw& draw) {
  Draw& stands = draw.stands;
  stands.entrants = stands.tickets = stands.excluded = 0;
  for (const auto& [person, entry] : draw.entries) {
    if (takes_part(entry)) { ++stands.entrants, stands.tickets += entry.tickets; }
    if (entry.state == DrawEntryState::excluded) { ++stands.excluded; }
  }
}

}  // namespace

OpenDrawResult ModelDraws::apply(const OpenDraw& command, ModelDrops& drops, LogOffset offset,
                                 const ModelContext& context) {
  using enum OpenDrawStatus;
  if (command.beacon_source.empty()) { return {beacon_source_must_not_be_empty}; }
  if (command.commit == Hash256{}) { return {commit_must_not_be_zero}; }
  if (command.tickets_max < 1 || command.tickets_max > kDrawTicketsMax) {
    return {tickets_out_of_range};
  }
  if (command.reserve_max < 0 || command.reserve_max > kDrawReserveMax) {
    return {reserve_out_of_range};
  }
  if (command.closes_at >= command.reveal_due_at) { return {reveal_due_before_close}; }
  if (command.reveal_due_at >= command.beacon_at) { return {beacon_before_reveal_due}; }
  std::size_t in_launch = 0;
  const ModelDrop* const drop = drops.find(command.drop_id);
  for (const ModelDraw& draw : draws_) {
    const OpenDraw& plan = draw.stands.plan;
    if (plan.drop_id == command.drop_id && plan.wave == command.wave) {
      if (plan == command) { return {exists, draw.stands.draw_id}; }
      return {exists_with_different_fields};
    }
    const LaunchId launch = drops.find(plan.drop_id)->plan.launch_id;
    if (drop != nullptr && launch == drop->plan.launch_id) { ++in_launch; }
  }
  if (drop == nullptr) { return {drop_not_found}; }
  if (command.wave < 1 || command.wave > drop->waves.size()) { return {wave_not_found}; }
  if (drop->plan.waves[command.wave - 1U].decision != WaveDecision::draw) {
    return {wave_not_drawn};
  }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (context.now >= command.closes_at) { return {draw_closes_in_the_past}; }
  if (draws_.size() == kDrawsMax || in_launch == kDrawsPerLaunchMax) { return {draws_full}; }
  const DrawId id{draws_.size() + 1};
  draws_.push_back({.stands = {.draw_id = id, .plan = command, .opened = offset}});
  context.deadlines.insert({command.closes_at, DeadlineKind::draw_is_due, id.value, 0});
  context.emit(DrawOpened{id, command});
  return {opened, id};
}

EnterDrawResult ModelDraws::apply(const EnterDraw& command, ModelDrops& drops,
                                  ModelReservations& reservations, const ModelContext& context) {
  using enum EnterDrawStatus;
  if (!is_person(command.person_id)) { return {person_out_of_range}; }
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  DrawEntry* const known = entry_of(*draw, command.person_id);
  if (known != nullptr && takes_part(*known)) { return {already_entered, known->tickets}; }
  if (drops.find(draw->stands.plan.drop_id)->cancelled()) { return {drop_cancelled}; }
  if (context.now >= draw->stands.plan.closes_at) { return {draw_closed}; }
  if (known != nullptr && known->state == DrawEntryState::excluded) { return {excluded_from_draw}; }
  const OpenDraw& plan = draw->stands.plan;
  const WavePlan& wave = drops.find(plan.drop_id)->plan.waves[plan.wave - 1U];
  if (wave.audience == WaveAudience::reservation_holders &&
      reservations.usable(plan.drop_id, command.person_id, context.now) == nullptr) {
    return {reservation_required};
  }
  if (const auto lacks = unfit(wave, command.standing, entered); lacks != entered) {
    return {lacks};
  }
  draw->standings[command.person_id.value] = command.standing;
  DrawEntry& entry = draw->entries[command.person_id.value];
  entry.draw_id = command.draw_id;
  entry.person_id = command.person_id;
  entry.state = DrawEntryState::entered;
  count(*draw);
  context.emit(DrawEntered{command.draw_id, command.person_id, entry.tickets});
  return {entered, entry.tickets};
}

LeaveDrawResult ModelDraws::apply(const LeaveDraw& command, const ModelContext& context) {
  using enum LeaveDrawStatus;
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  DrawEntry* const entry = entry_of(*draw, command.person_id);
  if (entry != nullptr && entry->state == DrawEntryState::left) { return {already_left}; }
  if (context.now >= draw->stands.plan.closes_at) { return {draw_closed}; }
  if (entry == nullptr) { return {draw_not_entered}; }
  if (entry->state == DrawEntryState::excluded) { return {excluded_from_draw}; }
  entry->state = DrawEntryState::left;
  count(*draw);
  context.emit(DrawLeft{command.draw_id, command.person_id});
  return {left};
}

GrantDrawTicketsResult ModelDraws::apply(const GrantDrawTickets& command,
                                         const ModelContext& context) {
  using enum GrantDrawTicketsStatus;
  if (command.tickets < 1 || command.tickets > kDrawTicketsMax) { return {tickets_out_of_range}; }
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  DrawEntry* const entry = entry_of(*draw, command.person_id);
  const bool is_in = entry != nullptr && takes_part(*entry);
  if (is_in && entry->tickets == command.tickets) { return {already_granted}; }
  if (context.now >= draw->stands.plan.closes_at) { return {draw_closed}; }
  if (!is_in) {
    const bool is_out = entry != nullptr && entry->state == DrawEntryState::excluded;
    return {is_out ? excluded_from_draw : draw_not_entered};
  }
  if (command.tickets > draw->stands.plan.tickets_max) { return {tickets_beyond_cap}; }
  entry->tickets = command.tickets;
  count(*draw);
  context.emit(DrawTicketsGranted{command.draw_id, command.person_id, command.tickets});
  return {granted};
}

ExcludeFromDrawResult ModelDraws::apply(const ExcludeFromDraw& command,
                                        const ModelContext& context) {
  using enum ExcludeFromDrawStatus;
  if (!is_person(command.person_id)) { return {person_out_of_range}; }
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  const DrawEntry* const known = entry_of(*draw, command.person_id);
  if (known != nullptr && known->state == DrawEntryState::excluded) { return {already_excluded}; }
  if (context.now >= draw->stands.plan.closes_at) { return {draw_closed}; }
  DrawEntry& entry = draw->entries[command.person_id.value];
  entry.draw_id = command.draw_id;
  entry.person_id = command.person_id;
  entry.state = DrawEntryState::excluded;
  entry.reason = command.reason;
  count(*draw);
  context.emit(DrawExcluded{command.draw_id, command.person_id, command.reason});
  return {excluded};
}

PublishDrawRootResult ModelDraws::apply(const PublishDrawRoot& command,
                                        const ModelContext& context) {
  using enum PublishDrawRootStatus;
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  Draw& stands = draw->stands;
  if (stands.rooted) { return {already_published}; }
  if (stands.phase == DrawPhase::open) { return {draw_still_open}; }
  if (stands.tickets != command.count) { return {draw_count_differs}; }
  stands.rooted = true;
  stands.root = command.root;
  stands.rooted_at = context.now;
  context.emit(DrawRootPublished{command.draw_id, command.root, command.count});
  return {published};
}

RevealDrawResult ModelDraws::apply(const RevealDraw& command, const ModelContext& context) {
  using enum RevealDrawStatus;
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  Draw& stands = draw->stands;
  const bool fits = draw_commitment(command.reveal) == stands.plan.commit;
  if (stands.revealing == DrawReveal::revealed && fits) { return {already_revealed}; }
  if (!fits) { return {reveal_does_not_fit}; }
  if (context.now < stands.plan.closes_at) { return {draw_still_open}; }
  if (context.now >= stands.plan.reveal_due_at) { return {reveal_too_late}; }
  stands.revealing = DrawReveal::revealed;
  stands.reveal = command.reveal;
  context.emit(DrawRevealed{command.draw_id, command.reveal});
  return {revealed};
}

void ModelDraws::withhold(ModelDraw& draw, const ModelContext& context) {
  if (draw.stands.revealing != DrawReveal::awaited) { return; }
  draw.stands.revealing = DrawReveal::withheld;
  context.emit(DrawRevealWithheld{draw.stands.draw_id});
}

PostBeaconResult ModelDraws::apply(const PostBeacon& command, const ModelContext& context) {
  using enum PostBeaconStatus;
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  Draw& stands = draw->stands;
  if (stands.phase == DrawPhase::decided || stands.phase == DrawPhase::completed) {
    return {stands.beacon == command.value ? exists : exists_with_different_fields};
  }
  if (context.now < stands.plan.beacon_at) { return {beacon_too_early}; }
  if (!stands.rooted) { return {root_not_published}; }
  withhold(*draw, context);
  stands.phase = DrawPhase::decided;
  stands.beacon = command.value;
  context.emit(DrawBeaconPosted{command.draw_id, command.value});
  return {posted};
}

bool ModelDraws::won_in_launch(const ModelDraw& draw, std::uint64_t person,
                               ModelDrops& drops) const {
  if (draw.stands.plan.wins == DrawWins::one_per_draw) { return false; }
  const auto launch_of = [&](const ModelDraw& of) {
    return drops.find(of.stands.plan.drop_id)->plan.launch_id;
  };
  for (const ModelDraw& other : draws_) {
    if (&other == &draw || launch_of(other) != launch_of(draw)) { continue; }
    const auto entry = other.entries.find(person);
    if (entry != other.entries.end() && entry->second.state == DrawEntryState::won) { return true; }
  }
  return false;
}

void ModelDraws::pass_over(const ModelDraw& draw, DrawEntry& entry, DrawPassing reason,
                           const ModelContext& context) {
  entry.state = DrawEntryState::passed_over;
  context.emit(DrawPassedOver{draw.stands.draw_id, entry.person_id, reason});
}

bool ModelDraws::give(ModelDraw& draw, DrawEntry& entry, ModelDrops& drops, ModelSale& sale,
                      const ModelShop& shop, ModelReservations& reservations,
                      const ModelContext& context) {
  const OpenDraw& plan = draw.stands.plan;
  const PlaceOrderResult placed =
      sale.take(plan.drop_id, plan.wave, entry.person_id, draw.standings[entry.person_id.value],
                drops, shop, reservations, context);
  if (placed.status == PlaceOrderStatus::household_limit) {
    pass_over(draw, entry, DrawPassing::household_limit, context);
    return false;
  }
  if (placed.status == PlaceOrderStatus::address_limit) {
    pass_over(draw, entry, DrawPassing::address_limit, context);
    return false;
  }
  if (placed.status != PlaceOrderStatus::created) {
    pass_over(draw, entry, DrawPassing::purchase_limit, context);
    return false;
  }
  entry.state = DrawEntryState::won;
  entry.order_id = placed.order_id;
  return true;
}

ApplyDrawResultsResult ModelDraws::apply(const ApplyDrawResults& command, ModelDrops& drops,
                                         ModelSale& sale, const ModelShop& shop,
                                         ModelReservations& reservations,
                                         const ModelContext& context) {
  using enum ApplyDrawResultsStatus;
  if (command.persons.empty() && !command.last) { return {nothing_to_apply}; }
  ModelDraw* const draw = find(command.draw_id);
  if (draw == nullptr) { return {draw_not_found}; }
  Draw& stands = draw->stands;
  if (stands.phase == DrawPhase::completed) { return {draw_completed, stands.applied}; }
  if (stands.phase != DrawPhase::decided) { return {draw_not_decided, stands.applied}; }
  const ModelDrop& drop = *drops.find(stands.plan.drop_id);
  if (drop.cancelled()) { return {drop_cancelled, stands.applied}; }
  if (drop.paused) { return {paused, stands.applied}; }
  if (!wave_of(*draw, drops).released) { return {wave_not_released, stands.applied}; }
  if (command.first != stands.applied) { return {draw_out_of_step, stands.applied}; }
  std::set<std::uint64_t> persons;
  for (const PersonId person : command.persons) {
    const DrawEntry* const entry = entry_of(*draw, person);
    const bool drawable = entry != nullptr && entry->state == DrawEntryState::entered;
    if (!drawable || !persons.insert(person.value).second) {
      return {draw_not_entered, stands.applied};
    }
  }

  const std::int64_t units = wave_of(*draw, drops).units;
  const auto is_whole = [&] {
    return stands.winners == units && stands.reserves == stands.plan.reserve_max;
  };
  std::size_t dealt = 0;
  for (const PersonId person : command.persons) {
    if (is_whole()) { break; }
    DrawEntry& entry = *entry_of(*draw, person);
    if (won_in_launch(*draw, person.value, drops)) {
      pass_over(*draw, entry, DrawPassing::won_in_launch, context);
    } else if (stands.winners == units) {
      draw->reserve.push_back(person.value);
      entry.state = DrawEntryState::reserve;
      entry.place = static_cast<std::uint32_t>(draw->reserve.size());
      ++stands.reserves;
      context.emit(DrawReserved{command.draw_id, person, entry.place});
    } else if (give(*draw, entry, drops, sale, shop, reservations, context)) {
      ++stands.winners;
      context.emit(DrawWon{command.draw_id, person, entry.order_id});
    }
    ++stands.applied;
    ++dealt;
  }
  if (!is_whole() && !(command.last && dealt == command.persons.size())) {
    return {applied, stands.applied};
  }
  stands.phase = DrawPhase::completed;
  context.emit(DrawCompleted{command.draw_id, stands.winners, stands.reserves});
  if (unit_waits(*draw, drops)) {
    context.deadlines.insert(
        {context.now, DeadlineKind::draw_unit_back, stands.plan.drop_id.value, stands.plan.wave});
  }
  return {completed, stands.applied};
}

MoveUnitsResult ModelDraws::apply(const MoveUnits& command, ModelDrops& drops,
                                  const ModelContext& context) {
  using enum MoveUnitsStatus;
  const MoveUnitsStatus status = drops.may_move(command);
  if (status != moved) { return {status}; }
  for (const ModelDraw& draw : draws_) {
    const OpenDraw& plan = draw.stands.plan;
    if (plan.drop_id != command.drop_id) { continue; }
    if (plan.wave != command.from_wave && plan.wave != command.to_wave) { continue; }
    const bool over = draw.stands.phase != DrawPhase::open || context.now >= plan.closes_at;
    if (over) { return {draw_closed}; }
  }
  drops.move(command, context);
  return {moved};
}

bool ModelDraws::unit_waits(const ModelDraw& draw, ModelDrops& drops) {
  const ModelDrop& drop = *drops.find(draw.stands.plan.drop_id);
  return draw.stands.promoted < draw.stands.reserves && !drop.cancelled() && !drop.paused &&
         wave_of(draw, drops).available > 0;
}

void ModelDraws::draw_is_due(std::uint64_t number, const ModelContext& context) {
  ModelDraw& draw = draws_[number - 1];
  if (draw.stands.phase != DrawPhase::open) { return withhold(draw, context); }
  draw.stands.phase = DrawPhase::closed;
  context.deadlines.insert({draw.stands.plan.reveal_due_at, DeadlineKind::draw_is_due, number, 0});
  context.emit(DrawClosed{{number}, draw.stands.entrants, draw.stands.tickets});
}

void ModelDraws::unit_came_back(std::uint64_t drop, std::uint16_t wave, ModelDrops& drops,
                                ModelSale& sale, const ModelShop& shop,
                                ModelReservations& reservations, const ModelContext& context) {
  for (ModelDraw& draw : draws_) {
    Draw& stands = draw.stands;
    if (stands.plan.drop_id.value != drop || stands.plan.wave != wave) { continue; }
    if (stands.phase != DrawPhase::completed || !unit_waits(draw, drops)) { return; }
    for (int i = 0; i < 3 && unit_waits(draw, drops); ++i) {
      const std::uint64_t person = draw.reserve[static_cast<std::size_t>(stands.promoted++)];
      DrawEntry& entry = draw.entries[person];
      if (won_in_launch(draw, person, drops)) {
        pass_over(draw, entry, DrawPassing::won_in_launch, context);
      } else if (give(draw, entry, drops, sale, shop, reservations, context)) {
        context.emit(DrawPromoted{stands.draw_id, {person}, entry.order_id});
      }
    }
    if (unit_waits(draw, drops)) {
      context.deadlines.insert({context.now, DeadlineKind::draw_unit_back, drop, wave});
    }
    return;
  }
}

FindDrawResult ModelDraws::answer(const FindDraw& query) const {
  if (query.draw_id.value < 1 || query.draw_id.value > draws_.size()) {
    return {FindDrawStatus::draw_not_found};
  }
  return {FindDrawStatus::found, draws_[query.draw_id.value - 1].stands};
}

FindDrawEntryResult ModelDraws::answer(const FindDrawEntry& query) const {
  using enum FindDrawEntryStatus;
  if (query.draw_id.value < 1 || query.draw_id.value > draws_.size()) { return {draw_not_found}; }
  const auto& entries = draws_[query.draw_id.value - 1].entries;
  const auto entry = entries.find(query.person_id.value);
  if (entry == entries.end()) { return {draw_not_entered}; }
  return {found, entry->second};
}

}  // namespace firebrand
