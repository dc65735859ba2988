#include "core/launch/draws.hpp"

#include "base/draw.hpp"
#include "core/facts.hpp"

namespace firebrand {

namespace {

bool is_person(PersonId id) {
  return id.value >= 1 && id.value <= static_cast<std::uint64_t>(kPersonIdMax);
}

}  // namespace

OpenDrawResult Draws::apply(const OpenDraw& command, const CommandContext& context) noexcept {
  using enum OpenDrawStatus;
  // Shape: no state is read.
  if (command.beacon_source.empty()) { return {beacon_source_must_not_be_empty}; }
  if (command.commit.is_zero()) { return {commit_must_not_be_zero}; }
  if (command.tickets_max < 1 || command.tickets_max > kDrawTicketsMax) {
    return {tickets_out_of_range};
  }
  if (command.reserve_max < 0 || command.reserve_max > kDrawReserveMax) {
    return {reserve_out_of_range};
  }
  if (command.reveal_due_at <= command.closes_at) { return {reveal_due_before_close}; }
  if (command.beacon_at <= command.reveal_due_at) { return {beacon_before_reveal_due}; }

  // Replay.
  if (const auto found = by_wave_.find({command.drop_id, command.wave}); found != by_wave_.end()) {
    if (draw(found->second).plan != command) { return {exists_with_different_fields}; }
    return {exists, found->second};
  }

  // State.
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  const Drop& drop = drops_.drop(command.drop_id);
  if (command.wave < 1 || command.wave > drop.plan.waves.size()) { return {wave_not_found}; }
  if (drop.plan.waves[command.wave - 1U].decision != WaveDecision::draw) {
    return {wave_not_drawn};
  }
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (command.closes_at <= context.timestamp) { return {draw_closes_in_the_past}; }
  const auto in_launch = by_launch_.find(drop.plan.launch_id);
  const bool launch_full =
      in_launch != by_launch_.end() && in_launch->second.size() >= kDrawsPerLaunchMax;
  if (draws_.size() >= kDrawsMax || launch_full) { return {draws_full}; }

  // Past this line the command succeeds.
  const DrawId id{draws_.size() + 1};
  remember(Draw{.draw_id = id, .plan = command, .opened = context.offset});
  schedule_.push({command.closes_at, DeadlineKind::draw_is_due, id.value});
  context.facts->emit(DrawOpened{id, command});
  return {opened, id};
}

EnterDrawResult Draws::apply(const EnterDraw& command, const CommandContext& context) noexcept {
  using enum EnterDrawStatus;
  if (!is_person(command.person_id)) { return {person_out_of_range}; }
  if (!has(command.draw_id)) { return {draw_not_found}; }
  const auto slot = slot_of(command.draw_id, command.person_id);
  if (slot && takes_part(entries_[*slot].state)) {
    return {already_entered, entries_[*slot].tickets};
  }
  Draw& found = mutable_draw(command.draw_id);
  if (drops_.drop(found.plan.drop_id).phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (context.timestamp >= found.plan.closes_at) { return {draw_closed}; }
  if (slot && entries_[*slot].state == DrawEntryState::excluded) { return {excluded_from_draw}; }
  const CreateDrop& drop = drops_.drop(found.plan.drop_id).plan;
  const WavePlan& wave = drop.waves[found.plan.wave - 1U];
  if (context.rules_version >= kRulesDrawsAsk) {
    const bool reserved = wave.audience != WaveAudience::reservation_holders ||
                          sale_.has_reservation(found.plan.drop_id, command.person_id, context);
    if (!reserved) { return {reservation_required}; }
    if (wave.audience == WaveAudience::code_holders) { return {code_required}; }
  }
  if (const auto barred = status_of(bar_of(wave, command.standing), entered); barred != entered) {
    return {barred};
  }
  if (!slot && entries_.size() >= kDrawEntriesMax) { return {draw_entries_full}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
  buyer_keys_.keep_entry(slot.value_or(static_cast<std::uint32_t>(entries_.size())),
                         shared_keys(drop, command.standing));
  if (slot) {
    change_entry(*slot, [](DrawEntry& entry) { entry.state = DrawEntryState::entered; });
  } else {
    add_entry({.draw_id = command.draw_id, .person_id = command.person_id});
  }
  const std::int32_t tickets = slot ? entries_[*slot].tickets : 1;
  change(found, [&] {
    ++found.entrants;
    found.tickets += tickets;
  });
  context.facts->emit(DrawEntered{command.draw_id, command.person_id, tickets});
  return {entered, tickets};
}

LeaveDrawResult Draws::apply(const LeaveDraw& command, const CommandContext& context) noexcept {
  using enum LeaveDrawStatus;
  if (!has(command.draw_id)) { return {draw_not_found}; }
  const auto slot = slot_of(command.draw_id, command.person_id);
  if (slot && entries_[*slot].state == DrawEntryState::left) { return {already_left}; }
  Draw& found = mutable_draw(command.draw_id);
  if (context.timestamp >= found.plan.closes_at) { return {draw_closed}; }
  if (!slot) { return {draw_not_entered}; }
  if (entries_[*slot].state == DrawEntryState::excluded) { return {excluded_from_draw}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
  buyer_keys_.end_entry(*slot);
  change(found, [&] {
    --found.entrants;
    found.tickets -= entries_[*slot].tickets;
  });
  change_entry(*slot, [](DrawEntry& entry) { entry.state = DrawEntryState::left; });
  context.facts->emit(DrawLeft{command.draw_id, command.person_id});
  return {left};
}

GrantDrawTicketsResult Draws::apply(const GrantDrawTickets& command,
                                    const CommandContext& context) noexcept {
  using enum GrantDrawTicketsStatus;
  if (command.tickets < 1 || command.tickets > kDrawTicketsMax) { return {tickets_out_of_range}; }
  if (!has(command.draw_id)) { return {draw_not_found}; }
  const auto slot = slot_of(command.draw_id, command.person_id);
  if (slot && takes_part(entries_[*slot].state) && entries_[*slot].tickets == command.tickets) {
    return {already_granted};
  }
  Draw& found = mutable_draw(command.draw_id);
  if (context.timestamp >= found.plan.closes_at) { return {draw_closed}; }
  if (!slot || entries_[*slot].state == DrawEntryState::left) { return {draw_not_entered}; }
  if (entries_[*slot].state == DrawEntryState::excluded) { return {excluded_from_draw}; }
  if (command.tickets > found.plan.tickets_max) { return {tickets_beyond_cap}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
  change(found, [&] { found.tickets += command.tickets - entries_[*slot].tickets; });
  change_entry(*slot, [&](DrawEntry& entry) { entry.tickets = command.tickets; });
  context.facts->emit(DrawTicketsGranted{command.draw_id, command.person_id, command.tickets});
  return {granted};
}

ExcludeFromDrawResult Draws::apply(const ExcludeFromDraw& command,
                                   const CommandContext& context) noexcept {
  using enum ExcludeFromDrawStatus;
  if (!is_person(command.person_id)) { return {person_out_of_range}; }
  if (!has(command.draw_id)) { return {draw_not_found}; }
  const auto slot = slot_of(command.draw_id, command.person_id);
  if (slot && entries_[*slot].state == DrawEntryState::excluded) { return {already_excluded}; }
  Draw& found = mutable_draw(command.draw_id);
  if (context.timestamp >= found.plan.closes_at) { return {draw_closed}; }
  if (!slot && entries_.size() >= kDrawEntriesMax) { return {draw_entries_full}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
  change(found, [&] {
    ++found.excluded;
    if (!slot || !takes_part(entries_[*slot].state)) { return; }
    --found.entrants;
    found.tickets -= entries_[*slot].tickets;
  });
  const auto exclude = [&](DrawEntry& entry) {
    entry.state = DrawEntryState::excluded;
    entry.reason = command.reason;
  };
  if (slot) {
    buyer_keys_.end_entry(*slot);
    change_entry(*slot, exclude);
  } else {
    DrawEntry entry{.draw_id = command.draw_id, .person_id = command.person_id};
    exclude(entry);
    add_entry(entry);
  }
  context.facts->emit(DrawExcluded{command.draw_id, command.person_id, command.reason});
  return {excluded};
}

PublishDrawRootResult Draws::apply(const PublishDrawRoot& command,
                                   const CommandContext& context) noexcept {
  using enum PublishDrawRootStatus;
  if (!has(command.draw_id)) { return {draw_not_found}; }
  Draw& found = mutable_draw(command.draw_id);
  if (found.rooted) { return {already_published}; }
  if (found.phase == DrawPhase::open) { return {draw_still_open}; }
  if (command.count != found.tickets) { return {draw_count_differs}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
  change(found, [&] {
    found.rooted = true;
    found.root = command.root;
    found.rooted_at = context.timestamp;
  });
  context.facts->emit(DrawRootPublished{command.draw_id, command.root, command.count});
  return {published};
}

RevealDrawResult Draws::apply(const RevealDraw& command, const CommandContext& context) noexcept {
  using enum RevealDrawStatus;
  if (!has(command.draw_id)) { return {draw_not_found}; }
  Draw& found = mutable_draw(command.draw_id);
  const bool is_revealed = found.revealing == DrawReveal::revealed;
  if (is_revealed && found.reveal == command.reveal) { return {already_revealed}; }
  if (draw_commitment(command.reveal) != found.plan.commit) { return {reveal_does_not_fit}; }
  if (context.timestamp < found.plan.closes_at) { return {draw_still_open}; }
  if (context.timestamp >= found.plan.reveal_due_at) { return {reveal_too_late}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
  change(found, [&] {
    found.revealing = DrawReveal::revealed;
    found.reveal = command.reveal;
  });
  context.facts->emit(DrawRevealed{command.draw_id, command.reveal});
  return {revealed};
}

PostBeaconResult Draws::apply(const PostBeacon& command, const CommandContext& context) noexcept {
  using enum PostBeaconStatus;
  if (!has(command.draw_id)) { return {draw_not_found}; }
  Draw& found = mutable_draw(command.draw_id);
  if (found.phase >= DrawPhase::decided) {
    return {found.beacon == command.value ? exists : exists_with_different_fields};
  }
  if (context.timestamp < found.plan.beacon_at) { return {beacon_too_early}; }
  // Under a root that came later than the beacon's value, entries could have been chosen by it.
  if (!found.rooted) { return {root_not_published}; }

  // Past this line the command succeeds. The time for the reveal is over, run_due or not.
  touch(command.draw_id);
  withhold(found, context);
  change(found, [&] {
    found.phase = DrawPhase::decided;
    found.beacon = command.value;
  });
  context.facts->emit(DrawBeaconPosted{command.draw_id, command.value});
  return {posted};
}

MoveUnitsResult Draws::apply(const MoveUnits& command, const CommandContext& context) noexcept {
  using enum MoveUnitsStatus;
  if (const auto refused = drops_.move_refusal(command); refused != moved) { return {refused}; }
  const Draw* const draws[] = {draw_of(command.drop_id, command.from_wave),
                               draw_of(command.drop_id, command.to_wave)};
  for (const Draw* const draw : draws) {
    // The close is judged by the stamp, whether or not run_due has come to it.
    const bool open = draw == nullptr ||
                      (draw->phase == DrawPhase::open && context.timestamp < draw->plan.closes_at);
    if (!open) { return {draw_closed}; }
  }

  // Past this line the command succeeds.
  drops_.move_units(command, context);
  for (const Draw* const draw : draws) {
    if (draw != nullptr) { touch(draw->draw_id); }
  }
  return {moved};
}

void Draws::due(DrawId id, const CommandContext& context) noexcept {
  Draw& found = mutable_draw(id);
  if (found.phase == DrawPhase::open) {
    touch(id);
    change(found, [&] { found.phase = DrawPhase::closed; });
    schedule_.push({found.plan.reveal_due_at, DeadlineKind::draw_is_due, id.value});
    context.facts->emit(DrawClosed{id, found.entrants, found.tickets});
    return;
  }
  withhold(found, context);
}

void Draws::withhold(Draw& found, const CommandContext& context) noexcept {
  if (found.revealing != DrawReveal::awaited) { return; }
  touch(found.draw_id);
  change(found, [&] { found.revealing = DrawReveal::withheld; });
  context.facts->emit(DrawRevealWithheld{found.draw_id});
}

}  // namespace firebrand
