#include <algorithm>

#include "core/facts.hpp"
#include "core/launch/draws.hpp"

/// Draws: what the computed order comes to, and what the reserve is for.
namespace firebrand {

namespace {

/// Units and passed-over people of one deadline: their facts must find room
/// (runtime/sequencer.cpp).
constexpr int kPromotionsPerDeadline = 3;
/// When a unit for the reserve is tried again after the books were full.
constexpr Millis kPromotionRetry{1'000};

DrawPassing passing_of(PlaceOrderStatus limit) {
  return limit == PlaceOrderStatus::household_limit ? DrawPassing::household_limit
         : limit == PlaceOrderStatus::address_limit ? DrawPassing::address_limit
                                                    : DrawPassing::purchase_limit;
}

std::uint64_t wave_deadline(const OpenDraw& plan) {
  return plan.drop_id.value * kWavesPerDeadline + plan.wave;
}

}  // namespace

ApplyDrawResultsStatus Draws::refusal(const ApplyDrawResults& command) const noexcept {
  using enum ApplyDrawResultsStatus;
  const Draw& found = draw(command.draw_id);
  if (found.phase == DrawPhase::completed) { return draw_completed; }
  if (found.phase != DrawPhase::decided) { return draw_not_decided; }
  const Drop& drop = drops_.drop(found.plan.drop_id);
  if (drop.phase == DropPhase::cancelled) { return drop_cancelled; }
  if (drop.pausing == Pausing::paused) { return paused; }
  if (!drop.is_released(found.plan.wave)) { return wave_not_released; }
  if (command.first != found.applied) { return draw_out_of_step; }
  for (std::size_t i = 0; i < command.persons.size(); ++i) {
    const DrawEntry* const entry = find_entry(command.draw_id, command.persons[i]);
    if (entry == nullptr || entry->state != DrawEntryState::entered) { return draw_not_entered; }
    for (std::size_t j = 0; j < i; ++j) {
      if (command.persons[j] == command.persons[i]) { return draw_not_entered; }
    }
  }
  if (command.persons.empty()) { return applied; }
  const PlaceOrderStatus room = sale_.room();
  if (room == PlaceOrderStatus::orders_full) { return orders_full; }
  return room == PlaceOrderStatus::accounts_full ? accounts_full : applied;
}

ApplyDrawResultsResult Draws::apply(const ApplyDrawResults& command,
                                    const CommandContext& context) noexcept {
  using enum ApplyDrawResultsStatus;
  if (command.persons.empty() && !command.last) { return {nothing_to_apply}; }
  if (!has(command.draw_id)) { return {draw_not_found}; }
  Draw& found = mutable_draw(command.draw_id);
  if (const auto refused = refusal(command); refused != applied) {
    return {refused, found.applied};
  }

  // Past this line the command succeeds, though it may stop where the books are full.
  touch(command.draw_id);
  const auto is_whole = [&] {
    return found.winners == units_of(found) && found.reserves == found.plan.reserve_max;
  };
  change(found, [&] {
    std::size_t dealt = 0;
    for (; dealt < command.persons.size() && !is_whole(); ++dealt) {
      if (sale_.room() != PlaceOrderStatus::created) { return; }
      deal(found, *slot_of(command.draw_id, command.persons[dealt]), context);
      ++found.applied;
    }
    if (is_whole() || (command.last && dealt == command.persons.size())) {
      complete(found, context);
    }
  });
  return {found.phase == DrawPhase::completed ? completed : applied, found.applied};
}

void Draws::deal(Draw& found, std::uint32_t slot, const CommandContext& context) noexcept {
  if (won_elsewhere(found, entries_[slot].person_id)) {
    return pass_over(found, slot, DrawPassing::won_in_launch, context);
  }
  if (found.winners < units_of(found)) {
    if (!give_unit(found, slot, context)) { return; }
    ++found.winners;
    const DrawEntry& entry = entries_[slot];
    context.facts->emit(DrawWon{found.draw_id, entry.person_id, entry.order_id});
    return;
  }
  const auto place = static_cast<std::uint32_t>(++found.reserves);
  change_entry(slot, [&](DrawEntry& entry) {
    entry.state = DrawEntryState::reserve;
    entry.place = place;
  });
  reserves_[found.draw_id.value - 1].push_back(slot);
  context.facts->emit(DrawReserved{found.draw_id, entries_[slot].person_id, place});
}

bool Draws::give_unit(const Draw& found, std::uint32_t slot,
                      const CommandContext& context) noexcept {
  const PlaceOrderResult placed =
      sale_.place_for(found.plan.drop_id, found.plan.wave, entries_[slot].person_id,
                      buyer_keys_.of_entry(slot), context);
  if (placed.status != PlaceOrderStatus::created) {
    pass_over(found, slot, passing_of(placed.status), context);
    return false;
  }
  buyer_keys_.end_entry(slot);
  change_entry(slot, [&](DrawEntry& entry) {
    entry.state = DrawEntryState::won;
    entry.order_id = placed.order_id;
  });
  return true;
}

void Draws::pass_over(const Draw& found, std::uint32_t slot, DrawPassing reason,
                      const CommandContext& context) noexcept {
  buyer_keys_.end_entry(slot);
  change_entry(slot, [](DrawEntry& entry) { entry.state = DrawEntryState::passed_over; });
  context.facts->emit(DrawPassedOver{found.draw_id, entries_[slot].person_id, reason});
}

void Draws::complete(Draw& found, const CommandContext& context) noexcept {
  found.phase = DrawPhase::completed;
  context.facts->emit(DrawCompleted{found.draw_id, found.winners, found.reserves});
  // Units that came back while the order was applied waited for the reserve to be whole.
  if (has_to_promote(found)) {
    schedule_.push({context.timestamp, DeadlineKind::draw_unit_back, wave_deadline(found.plan)});
  }
}

bool Draws::has_to_promote(const Draw& found) const noexcept {
  const Drop& drop = drops_.drop(found.plan.drop_id);
  return found.promoted < found.reserves && drop.phase != DropPhase::cancelled &&
         drop.pausing == Pausing::running &&
         drops_.available(found.plan.drop_id, found.plan.wave) > 0;
}

void Draws::unit_back(std::uint64_t deadline_id, const CommandContext& context) noexcept {
  const auto by_wave = by_wave_.find({DropId{deadline_id / kWavesPerDeadline},
                                      static_cast<std::uint16_t>(deadline_id % kWavesPerDeadline)});
  if (by_wave == by_wave_.end()) { return; }
  Draw& found = mutable_draw(by_wave->second);
  if (found.phase != DrawPhase::completed || !has_to_promote(found)) { return; }
  touch(found.draw_id);
  Timestamp again = context.timestamp;
  change(found, [&] {
    for (int i = 0; i < kPromotionsPerDeadline && has_to_promote(found); ++i) {
      if (sale_.room() != PlaceOrderStatus::created) {
        again += kPromotionRetry;
        return;
      }
      promote_next(found, context);
    }
  });
  if (has_to_promote(found)) { schedule_.push({again, DeadlineKind::draw_unit_back, deadline_id}); }
}

void Draws::promote_next(Draw& found, const CommandContext& context) noexcept {
  const std::uint32_t slot =
      reserves_[found.draw_id.value - 1][static_cast<std::size_t>(found.promoted)];
  ++found.promoted;
  const PersonId person = entries_[slot].person_id;
  if (won_elsewhere(found, person)) {
    return pass_over(found, slot, DrawPassing::won_in_launch, context);
  }
  if (!give_unit(found, slot, context)) { return; }
  context.facts->emit(DrawPromoted{found.draw_id, person, entries_[slot].order_id});
}

bool Draws::won_elsewhere(const Draw& found, PersonId person_id) const noexcept {
  if (found.plan.wins != DrawWins::one_per_launch) { return false; }
  const LaunchId launch = drops_.drop(found.plan.drop_id).plan.launch_id;
  return std::ranges::any_of(by_launch_.at(launch), [&](DrawId other) {
    if (other == found.draw_id) { return false; }
    const DrawEntry* const entry = find_entry(other, person_id);
    return entry != nullptr && entry->state == DrawEntryState::won;
  });
}

std::int64_t Draws::units_of(const Draw& found) const noexcept {
  return drops_.drop(found.plan.drop_id).units_of(found.plan.wave);
}

}  // namespace firebrand
