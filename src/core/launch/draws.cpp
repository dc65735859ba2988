#include "core/launch/draws.hpp"

#include <algorithm>
#include <utility>

#include "base/draw.hpp"
#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

namespace {

/// Units and passed-over people of one deadline: their facts must find room
/// (runtime/sequencer.cpp).
constexpr int kPromotionsPerDeadline = 3;
/// When a unit for the reserve is tried again after the books were full.
constexpr Millis kPromotionRetry{1'000};

/// The digest is a sum: what a draw adds must be told from what an entry adds.
enum class DrawPart : std::uint8_t { draw, entry };

std::uint64_t draw_hash(const Draw& draw) {
  return hash_words(DrawPart::draw, entry_hash(draw.draw_id.value, draw));
}

std::uint64_t entry_share(const DrawEntry& entry) {
  const std::uint64_t small = static_cast<std::uint64_t>(entry.state) |
                              static_cast<std::uint64_t>(entry.reason) << 8U |
                              std::uint64_t{entry.place} << 32U;
  return hash_words(DrawPart::entry, entry.draw_id, entry.person_id, entry.order_id, entry.tickets,
                    small);
}

std::uint64_t index_hash(DrawId draw_id, PersonId person_id) {
  return hash_words(draw_id, person_id);
}

bool is_person(PersonId id) {
  return id.value >= 1 && id.value <= static_cast<std::uint64_t>(kPersonIdMax);
}

/// Whether the entry counts among those who take part.
bool takes_part(DrawEntryState state) {
  return state != DrawEntryState::left && state != DrawEntryState::excluded;
}

std::uint64_t wave_deadline(const OpenDraw& plan) {
  return plan.drop_id.value * kWavesPerDeadline + plan.wave;
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
  if (!slot && entries_.size() >= kDrawEntriesMax) { return {draw_entries_full}; }

  // Past this line the command succeeds.
  touch(command.draw_id);
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
      sale_.place_drawn(found.plan.drop_id, found.plan.wave, entries_[slot].person_id, context);
  if (placed.status != PlaceOrderStatus::created) {
    pass_over(found, slot, DrawPassing::purchase_limit, context);
    return false;
  }
  change_entry(slot, [&](DrawEntry& entry) {
    entry.state = DrawEntryState::won;
    entry.order_id = placed.order_id;
  });
  return true;
}

void Draws::pass_over(const Draw& found, std::uint32_t slot, DrawPassing reason,
                      const CommandContext& context) noexcept {
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

bool Draws::has_to_promote(const Draw& found) const noexcept {
  return found.promoted < found.reserves &&
         drops_.drop(found.plan.drop_id).phase != DropPhase::cancelled &&
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
  return drops_.drop(found.plan.drop_id).plan.waves[found.plan.wave - 1U].units;
}

const Draw& Draws::draw(DrawId id) const {
  FB_ASSERT(has(id));
  return draws_[id.value - 1];
}

Draw& Draws::mutable_draw(DrawId id) noexcept {
  FB_ASSERT(has(id));
  return draws_[id.value - 1];
}

const DrawEntry* Draws::find_entry(DrawId draw_id, PersonId person_id) const noexcept {
  const auto slot = slot_of(draw_id, person_id);
  return slot ? &entries_[*slot] : nullptr;
}

std::optional<std::uint32_t> Draws::slot_of(DrawId draw_id, PersonId person_id) const noexcept {
  return entries_by_person_.find(index_hash(draw_id, person_id), [&](std::uint32_t slot) {
    return entries_[slot].draw_id == draw_id && entries_[slot].person_id == person_id;
  });
}

template <class Change>
void Draws::change(Draw& draw, Change&& make) noexcept {
  const std::uint64_t before = draw_hash(draw);
  make();
  digest_.replace(before, draw_hash(draw));
}

template <class Change>
void Draws::change_entry(std::uint32_t slot, Change&& make) noexcept {
  DrawEntry& entry = entries_[slot];
  const std::uint64_t before = entry_share(entry);
  make(entry);
  digest_.replace(before, entry_share(entry));
}

void Draws::add_entry(const DrawEntry& entry) noexcept {
  entries_by_person_.insert(index_hash(entry.draw_id, entry.person_id),
                            static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back(entry);
  digest_.add(entry_share(entry));
}

void Draws::remember(const Draw& draw) {
  draws_.push_back(draw);
  reserves_.emplace_back();
  by_wave_.emplace(std::pair(draw.plan.drop_id, draw.plan.wave), draw.draw_id);
  by_launch_[drops_.drop(draw.plan.drop_id).plan.launch_id].push_back(draw.draw_id);
  digest_.add(draw_hash(draw));
  is_touched_.push_back(0);
  touch(draw.draw_id);
}

void Draws::touch(DrawId id) {
  if (is_touched_[id.value - 1] != 0) { return; }
  is_touched_[id.value - 1] = 1;
  touched_.push_back(id);
}

std::vector<DrawId> Draws::take_touched() noexcept {
  for (const DrawId id : touched_) { is_touched_[id.value - 1] = 0; }
  std::ranges::sort(touched_);
  return std::exchange(touched_, {});
}

void Draws::check_invariants() const {
  Digest digest;
  std::vector<Draw> counted(draws_.size());
  for (const Draw& draw : draws_) {
    digest.add(draw_hash(draw));
    FB_ASSERT(draw.winners <= units_of(draw) && draw.reserves <= draw.plan.reserve_max);
    FB_ASSERT(draw.promoted <= draw.reserves);
    FB_ASSERT(static_cast<std::uint64_t>(draw.reserves) ==
              reserves_[draw.draw_id.value - 1].size());
  }
  for (std::uint64_t slot = 0; slot < entries_.size(); ++slot) {
    const DrawEntry& entry = entries_[slot];
    digest.add(entry_share(entry));
    FB_ASSERT(slot_of(entry.draw_id, entry.person_id) == slot);
    FB_ASSERT((entry.state == DrawEntryState::won) == (entry.order_id.value != 0));
    const Draw& draw = draws_[entry.draw_id.value - 1];
    Draw& sums = counted[entry.draw_id.value - 1];
    if (takes_part(entry.state)) {
      ++sums.entrants;
      sums.tickets += entry.tickets;
    }
    if (entry.state == DrawEntryState::excluded) { ++sums.excluded; }
    if (entry.place == 0) { continue; }
    FB_ASSERT(reserves_[entry.draw_id.value - 1][entry.place - 1] == slot);
    FB_ASSERT((entry.state == DrawEntryState::reserve) == (entry.place > draw.promoted));
  }
  for (const Draw& draw : draws_) {
    const Draw& sums = counted[draw.draw_id.value - 1];
    FB_ASSERT(draw.entrants == sums.entrants && draw.tickets == sums.tickets);
    FB_ASSERT(draw.excluded == sums.excluded);
  }
  FB_ASSERT(digest == digest_);
}

void Draws::save(ByteSink& sink) const {
  save_entries(sink, draws_);
  put_u64(sink, entries_.size());
  for (std::uint64_t slot = 0; slot < entries_.size(); ++slot) { save_entry(sink, entries_[slot]); }
}

bool Draws::load(ByteSource& source) {
  draws_.clear();
  by_wave_.clear();
  by_launch_.clear();
  reserves_.clear();
  entries_ = {};
  entries_by_person_ = {};
  digest_ = {};
  touched_.clear();
  is_touched_.clear();
  bool whole = true;
  const bool read = load_entries<Draw>(source, [&](const Draw& draw) {
    whole = whole && draw.draw_id.value == draws_.size() + 1 && drops_.has(draw.plan.drop_id) &&
            draw.plan.wave >= 1 &&
            draw.plan.wave <= drops_.drop(draw.plan.drop_id).plan.waves.size() &&
            draw.reserves >= 0 && draw.reserves <= kDrawReserveMax;
    if (!whole) { return; }
    remember(draw);
    reserves_.back().resize(static_cast<std::size_t>(draw.reserves));
  });
  if (!read || !whole) { return false; }
  return load_entries<DrawEntry>(source,
                                 [&](const DrawEntry& entry) {
                                   whole =
                                       whole && has(entry.draw_id) &&
                                       entry.place <= reserves_[entry.draw_id.value - 1].size() &&
                                       !slot_of(entry.draw_id, entry.person_id);
                                   if (!whole) { return; }
                                   if (entry.place > 0) {
                                     reserves_[entry.draw_id.value - 1][entry.place - 1] =
                                         static_cast<std::uint32_t>(entries_.size());
                                   }
                                   add_entry(entry);
                                 }) &&
         whole;
}

}  // namespace firebrand
