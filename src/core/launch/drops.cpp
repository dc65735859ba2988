#include "core/launch/drops.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/draw.hpp"
#include "base/wave_moment.hpp"
#include "core/facts.hpp"
#include "core/launch/drop_facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

namespace {

static_assert(kWavesMax < kWavesPerDeadline && kWavesMax <= 32);

/// The digest is a sum: what a part of a drop adds must be told from what another part adds.
enum class DropPart : std::uint8_t { plan, standing, counts, refusals, moves, reveal, ties, early };

std::uint64_t plan_hash(std::uint64_t number, const CreateDrop& plan) {
  return hash_words(DropPart::plan, entry_hash(number, plan));
}

std::uint64_t standing_hash(std::uint64_t number, const Drop& drop) {
  return hash_words(DropPart::standing, number, drop.phase, drop.pausing, drop.released,
                    drop.withdrawn);
}

std::uint64_t counts_hash(std::uint64_t number, const OrderCounts& counts) {
  return hash_words(DropPart::counts, number, counts.placed, counts.paid, counts.expired,
                    counts.cancelled);
}

std::uint64_t refusal_hash(std::uint64_t number, const RefusalTotal& refusal) {
  return hash_words(DropPart::refusals, number, refusal.reason, refusal.count);
}

/// Nothing of a drop whose waves are as planned.
std::uint64_t moves_hash(std::uint64_t number, const Drop& drop) {
  if (drop.moved.empty()) { return 0; }
  std::uint64_t hash = hash_words(DropPart::moves, number);
  for (const std::int64_t units : drop.moved) { hash = hash_words(hash, units); }
  return hash;
}

/// Nothing of a drop of which no secret is known.
std::uint64_t reveal_hash(std::uint64_t number, const Drop& drop) {
  if (drop.revealed_wave == 0) { return 0; }
  return hash_words(DropPart::reveal, number, drop.revealed_wave,
                    hash_bytes(bytes_of(drop.revealed)));
}

/// Nothing of a drop whose purchases were all decided in the order of receipt.
std::uint64_t ties_hash(std::uint64_t number, const Drop& drop) {
  if (drop.ties == TieTotals{} && drop.tie_key.is_zero()) { return 0; }
  return hash_words(DropPart::ties, number, drop.ties.windows, drop.ties.decided,
                    drop.ties.inversions, hash_bytes(bytes_of(drop.tie_key)));
}

/// Nothing of a drop whose waves all waited for their time.
std::uint64_t early_hash(std::uint64_t number, std::uint32_t early) {
  return early == 0 ? 0 : hash_words(DropPart::early, number, early);
}

std::uint64_t whole_hash(std::uint64_t number, const Drop& drop) {
  std::uint64_t sum = plan_hash(number, drop.plan) + standing_hash(number, drop) +
                      counts_hash(number, drop.orders) + moves_hash(number, drop) +
                      reveal_hash(number, drop) + ties_hash(number, drop) +
                      early_hash(number, drop.early);
  for (const RefusalTotal& refusal : drop.refusals) { sum += refusal_hash(number, refusal); }
  return sum;
}

bool keeps_units(const WavePlan& wave) { return wave.leftovers == WaveLeftovers::stay; }
bool follows(const WavePlan& wave) { return wave.release == WaveRelease::on_sold_out; }
bool is_drawn(const WavePlan& wave) { return wave.decision == WaveDecision::draw; }

bool is_random(const WavePlan& wave) { return wave.release == WaveRelease::random; }
Timestamp window_end(const WavePlan& wave) {
  return wave.opens_at + std::chrono::seconds{wave.window_seconds};
}

bool has_ties(const WavePlan& wave) { return wave.tie_batch_ms != 0; }

DropCommitted committed(DropId id, const CreateDrop& plan) {
  DropCommitted fact{id, plan.commitment, plan.tie_commitment, {}};
  for (std::size_t i = 0; i < plan.waves.size(); ++i) {
    const WavePlan& wave = plan.waves[i];
    if (!is_random(wave)) { continue; }
    fact.windows.push_back({wave.opens_at, wave.window_seconds, static_cast<std::uint16_t>(i + 1)});
  }
  return fact;
}

/// What is wrong with the tie windows of a plan; `created` if nothing is.
CreateDropStatus ties_refusal(const CreateDrop& plan) {
  using enum CreateDropStatus;
  for (const WavePlan& wave : plan.waves) {
    const bool fits = wave.tie_batch_ms >= 0 && wave.tie_batch_ms <= kTieBatchMsMax;
    const bool is_first_come = wave.decision == WaveDecision::first_come;
    if (!fits || (has_ties(wave) && !is_first_come)) { return tie_window_out_of_range; }
  }
  return created;
}

/// Whether a commitment is missing that a wave needs.
bool lacks_commitment(const CreateDrop& plan) {
  return (std::ranges::any_of(plan.waves, is_random) && plan.commitment.is_zero()) ||
         (std::ranges::any_of(plan.waves, has_ties) && plan.tie_commitment.is_zero());
}

/// What is wrong with the windows of a plan; `created` if nothing is.
CreateDropStatus windows_refusal(const CreateDrop& plan) {
  using enum CreateDropStatus;
  for (const WavePlan& wave : plan.waves) {
    const bool fits = is_random(wave)
                          ? wave.window_seconds >= 1 && wave.window_seconds <= kWaveWindowSecondsMax
                          : wave.window_seconds == 0;
    if (!fits) { return window_out_of_range; }
  }
  if (lacks_commitment(plan)) { return commitment_must_not_be_zero; }
  const WavePlan* before = nullptr;
  for (const WavePlan& wave : plan.waves) {
    if (!is_random(wave)) { continue; }
    if (before != nullptr && wave.opens_at < window_end(*before)) {
      return random_waves_must_not_overlap;
    }
    before = &wave;
  }
  return created;
}

/// Whether leftovers would leave a drawn wave, or come to one.
bool leftovers_meet_a_draw(const CreateDrop& plan) {
  for (std::size_t i = 0; i + 1 < plan.waves.size(); ++i) {
    const WavePlan& wave = plan.waves[i];
    if (keeps_units(wave)) { continue; }
    const bool rolls_on = wave.leftovers == WaveLeftovers::roll_on;
    if (is_drawn(wave) || (rolls_on && is_drawn(plan.waves[i + 1]))) { return true; }
  }
  return false;
}

/// What is wrong with who may buy; `created` if nothing is.
CreateDropStatus audience_refusal(const CreateDrop& plan, std::uint32_t rules_version) {
  using enum CreateDropStatus;
  const auto is_limit = [](std::int32_t limit) {
    return limit >= 0 && limit <= kPerPersonLimitMax;
  };
  for (const WavePlan& wave : plan.waves) {
    if (wave.risk_max > kRiskMax || !is_limit(wave.per_person_limit)) {
      return condition_out_of_range;
    }
  }
  if (!is_limit(plan.per_household_limit) || !is_limit(plan.per_address_limit)) {
    return shared_limit_out_of_range;
  }
  const bool draw_asks_code = std::ranges::any_of(plan.waves, [](const WavePlan& wave) {
    return is_drawn(wave) && wave.audience == WaveAudience::code_holders;
  });
  return draw_asks_code && rules_version >= kRulesDrawsAsk ? drawn_wave_must_not_ask_code : created;
}

std::int64_t units_of(const CreateDrop& plan) {
  std::int64_t units = 0;
  for (const WavePlan& wave : plan.waves) { units += wave.units; }
  return units;
}

}  // namespace

Bar bar_of(const WavePlan& wave, const Standing& person) {
  const auto lacks = [&](ClaimKind kind, const AudienceName& name) {
    return !name.empty() && !says(person, {kind, name_hash(name.view())});
  };
  if (lacks(ClaimKind::group, wave.group)) { return Bar::group_required; }
  if (wave.members_before != Timestamp{}) {
    const auto since = claim_of(person, ClaimKind::member_since);
    const auto before = to_unix_ms(wave.members_before);
    if (!since || std::cmp_greater_equal(*since, before)) { return Bar::member_too_new; }
  }
  if (lacks(ClaimKind::region, wave.region)) { return Bar::region_not_served; }
  if (lacks(ClaimKind::channel, wave.channel)) { return Bar::channel_not_served; }
  if (wave.risk_max < kRiskMax && claim_of(person, ClaimKind::risk).value_or(0) > wave.risk_max) {
    return Bar::risk_too_high;
  }
  return Bar::none;
}

SharedKeys shared_keys(const CreateDrop& plan, const Standing& person) {
  SharedKeys keys;
  if (plan.per_household_limit > 0) {
    keys.household = claim_of(person, ClaimKind::household).value_or(0);
  }
  if (plan.per_address_limit > 0) {
    keys.address = claim_of(person, ClaimKind::address).value_or(0);
  }
  return keys;
}

CreateDropResult Drops::apply(const CreateDrop& command, const CommandContext& context) noexcept {
  using enum CreateDropStatus;
  // Shape: no state is read.
  if (command.code.empty()) { return {code_must_not_be_empty}; }
  if (command.waves.empty()) { return {waves_must_not_be_empty}; }
  for (const WavePlan& wave : command.waves) {
    if (wave.units < 1 || wave.units > kWaveUnitsMax) { return {wave_units_out_of_range}; }
  }
  for (const WavePlan& wave : command.waves) {
    if (wave.opens_at < command.opens_at) { return {wave_before_opening}; }
  }
  if (command.per_person_limit < 1 || command.per_person_limit > kPerPersonLimitMax) {
    return {per_person_limit_out_of_range};
  }
  if (command.payment_window_seconds < 1 ||
      command.payment_window_seconds > kPaymentWindowSecondsMax) {
    return {payment_window_out_of_range};
  }
  if (!keeps_units(command.waves[command.waves.size() - 1])) { return {last_wave_must_keep_units}; }
  if (leftovers_meet_a_draw(command)) { return {drawn_wave_must_keep_units}; }
  if (follows(command.waves[0])) { return {first_wave_must_not_follow}; }
  if (const auto refused = windows_refusal(command); refused != created) { return {refused}; }
  if (const auto refused = audience_refusal(command, context.rules_version); refused != created) {
    return {refused};
  }
  if (const auto refused = ties_refusal(command); refused != created) { return {refused}; }
  if (command.proof_bits < 0 || command.proof_bits > kProofBitsMax) {
    return {proof_bits_out_of_range};
  }
  if (command.proof_head_start_ms < 1 || command.proof_head_start_ms > kProofHeadStartMsMax) {
    return {proof_head_start_out_of_range};
  }

  // Replay.
  if (const auto found = by_code_.find(command.code.view()); found != by_code_.end()) {
    if (drop(found->second).plan != command) { return {exists_with_different_fields}; }
    return {exists, found->second};
  }

  // State.
  if (!launches_.has(command.launch_id)) { return {launch_not_found}; }
  if (!catalogue_.has(command.sku_id)) { return {sku_not_found}; }
  if (!catalogue_.price(command.sku_id, command.currency)) { return {currency_not_offered}; }
  if (drops_.size() >= kDropsMax) { return {drops_full}; }
  const DropId id{drops_.size() + 1};
  const Asset asset = Asset::stock(command.sku_id);
  const std::int64_t units = units_of(command);
  const std::array<Op, 1> ops = {TransferOp{.from = {Holder::warehouse(), asset},
                                            .to = {Holder::drop_unreleased(id), asset},
                                            .amount = units}};
  const PostStatus posted = ledger_.post(ops).status;
  if (posted == PostStatus::insufficient_available) { return {insufficient_stock}; }
  FB_ASSERT(posted == PostStatus::posted);  // There is room: headroom.hpp.

  // Past this line the command has succeeded.
  remember(Drop{.plan = command});
  schedule_.push({command.opens_at, DeadlineKind::drop_opens, id.value});
  for (std::size_t i = 0; i < command.waves.size(); ++i) {
    const WavePlan& wave = command.waves[i];
    if (wave.release != WaveRelease::automatic && !is_random(wave)) { continue; }
    // A random wave comes by then at the latest, should nobody reveal its moment.
    schedule_.push(
        {window_end(wave), DeadlineKind::wave_releases, id.value * kWavesPerDeadline + i + 1});
  }
  context.facts->emit(DropCreated{id, command.launch_id, command.code, command.sku_id,
                                  command.opens_at, units, command.per_person_limit,
                                  command.payment_window_seconds});
  if (!command.commitment.is_zero() || !command.tie_commitment.is_zero()) {
    context.facts->emit(committed(id, command));
  }
  return {created, id};
}

ReleaseWaveResult Drops::apply(const ReleaseWave& command, const CommandContext& context) noexcept {
  using enum ReleaseWaveStatus;
  if (!has(command.drop_id)) { return {drop_not_found}; }
  const Drop& found = drop(command.drop_id);
  if (command.wave < 1 || command.wave > found.plan.waves.size()) { return {wave_not_found}; }
  if (found.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (found.is_released(command.wave)) { return {already_released}; }
  release(command.drop_id, command.wave, context);
  return {released};
}

RevealWaveResult Drops::apply(const RevealWave& command, const CommandContext& context) noexcept {
  using enum RevealWaveStatus;
  const DropId id = command.drop_id;
  if (!has(id)) { return {drop_not_found}; }
  const CreateDrop& plan = drop(id).plan;
  if (command.wave < 1 || command.wave > plan.waves.size()) { return {wave_not_found}; }
  const WavePlan& wave = plan.waves[command.wave - 1U];
  if (!is_random(wave)) { return {wave_not_random}; }
  if (drop(id).revealed_wave >= command.wave) { return {already_revealed}; }
  if (drop(id).phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (hash_secret(command.secret, command.wave) != plan.commitment) { return {reveal_wrong}; }
  const Timestamp moment =
      wave_moment(id, command.wave, wave.opens_at, wave.window_seconds, command.secret);
  if (context.timestamp < moment) { return {reveal_too_early}; }

  // Past this line the command succeeds.
  Drop& found = mutable_drop(id);
  const std::uint64_t before = reveal_hash(id.value, found);
  found.revealed_wave = command.wave;
  found.revealed = command.secret;
  digest_.replace(before, reveal_hash(id.value, found));
  context.facts->emit(WaveRevealed{id, command.wave, moment, command.secret});
  if (!found.is_released(command.wave)) { release(id, command.wave, context); }
  return {revealed};
}

void Drops::release(DropId id, std::uint16_t wave, const CommandContext& context) noexcept {
  Drop& found = mutable_drop(id);
  const Asset asset = Asset::stock(found.plan.sku_id);
  const std::int64_t units = found.units_of(wave);
  move({Holder::drop_unreleased(id), asset}, {Holder::wave(id, wave), asset}, units);
  const std::uint64_t before = standing_hash(id.value, found);
  found.released |= 1U << (wave - 1U);
  digest_.replace(before, standing_hash(id.value, found));
  const WavePlan& planned = found.plan.waves[wave - 1U];
  if (context.rules_version >= kRulesEarlyWaves && planned.release == WaveRelease::automatic &&
      context.timestamp < planned.opens_at) {
    const std::uint64_t known = early_hash(id.value, found.early);
    found.early |= 1U << (wave - 1U);
    digest_.replace(known, early_hash(id.value, found.early));
  }
  context.facts->emit(WaveReleased{id, wave, units});
  if (wave > 1) { pass_leftovers(id, static_cast<std::uint16_t>(wave - 1), context); }
  tell_next(id, wave, context.timestamp);
}

void Drops::pass_leftovers(DropId id, std::uint16_t wave, const CommandContext& context) noexcept {
  const Drop& found = drop(id);
  const std::int64_t units = found.is_released(wave) ? available(id, wave) : 0;
  if (units == 0) { return; }
  switch (found.plan.waves[wave - 1U].leftovers) {
    case WaveLeftovers::stay:
      return;
    case WaveLeftovers::roll_on:
      return move_units({id, wave, static_cast<std::uint16_t>(wave + 1), units}, context);
    case WaveLeftovers::withdraw:
      context.facts->emit(UnitsWithdrawn{id, wave, withdraw(id, wave)});
      return;
  }
}

void Drops::tell_next(DropId id, std::uint16_t wave, Timestamp now) noexcept {
  const Drop& found = drop(id);
  const auto& waves = found.plan.waves;
  if (wave == waves.size() || !found.is_released(wave)) { return; }
  const auto next = static_cast<std::uint16_t>(wave + 1);
  const bool is_there = found.is_released(next);
  // Most waves have nothing to do with the next one.
  if (is_there ? keeps_units(waves[wave - 1U]) : !follows(waves[wave])) { return; }
  const bool has_units = available(id, wave) > 0;
  if (is_there != has_units) { return; }  // It comes when there are none, and gets what there is.
  schedule_.push({now, DeadlineKind::wave_releases, id.value * kWavesPerDeadline + next});
}

void Drops::tell_waitlist(DropId id, Timestamp now, std::uint16_t sold_out) noexcept {
  if (waited_waves_[id.value - 1] == 0) { return; }
  schedule_.push(
      {now, DeadlineKind::waitlist_due, id.value | std::uint64_t{sold_out} << kWaitlistWaveShift});
}

void Drops::sold_out(DropId id, std::uint16_t wave, const CommandContext& context) noexcept {
  tell_next(id, wave, context.timestamp);
  if (is_waited_for(id, wave)) { return; }
  // From here on those who wait get what comes back to it, also before their list looks.
  const bool is_named = context.rules_version >= kRulesKeepSoldOut;
  tell_waitlist(id, context.timestamp, is_named ? wave : std::uint16_t{0});
}

MoveUnitsStatus Drops::move_refusal(const MoveUnits& command) const noexcept {
  using enum MoveUnitsStatus;
  // Shape: no state is read.
  if (command.units < 1 || command.units > kWaveUnitsMax) { return units_out_of_range; }
  if (command.from_wave == command.to_wave) { return waves_must_differ; }

  // State.
  if (!has(command.drop_id)) { return drop_not_found; }
  const Drop& found = drop(command.drop_id);
  for (const std::uint16_t wave : {command.from_wave, command.to_wave}) {
    if (wave < 1 || wave > found.plan.waves.size()) { return wave_not_found; }
  }
  if (found.phase == DropPhase::cancelled) { return drop_cancelled; }
  const std::int64_t free = found.is_released(command.from_wave)
                                ? available(command.drop_id, command.from_wave)
                                : found.units_of(command.from_wave);
  return free < command.units ? not_enough_units : moved;
}

void Drops::move_units(const MoveUnits& command, const CommandContext& context) noexcept {
  const DropId id = command.drop_id;
  Drop& found = mutable_drop(id);
  const AccountKey from = account_of(id, command.from_wave);
  const AccountKey to = account_of(id, command.to_wave);
  if (from != to) { move(from, to, command.units); }
  const std::uint64_t before = moves_hash(id.value, found);
  while (found.moved.size() < found.plan.waves.size()) { found.moved.push_back(0); }
  found.moved[command.from_wave - 1U] -= command.units;
  found.moved[command.to_wave - 1U] += command.units;
  digest_.replace(before, moves_hash(id.value, found));
  context.facts->emit(UnitsMoved{id, command.from_wave, command.to_wave, command.units});
  tell_next(id, command.from_wave, context.timestamp);
  tell_next(id, command.to_wave, context.timestamp);
  if (is_waited_for(id, command.to_wave)) { tell_waitlist(id, context.timestamp); }
}

AccountKey Drops::account_of(DropId id, std::uint16_t wave) const noexcept {
  const Drop& found = drop(id);
  const Holder holder =
      found.is_released(wave) ? Holder::wave(id, wave) : Holder::drop_unreleased(id);
  return {holder, Asset::stock(found.plan.sku_id)};
}

void Drops::open_due(DropId id, const CommandContext& context) noexcept {
  Drop& found = mutable_drop(id);
  if (found.phase != DropPhase::scheduled) { return; }
  const std::uint64_t before = standing_hash(id.value, found);
  found.phase = DropPhase::open;
  digest_.replace(before, standing_hash(id.value, found));
  context.facts->emit(DropOpened{id});
}

void Drops::release_due(std::uint64_t deadline_id, const CommandContext& context) noexcept {
  const DropId id{deadline_id / kWavesPerDeadline};
  const auto wave = static_cast<std::uint16_t>(deadline_id % kWavesPerDeadline);
  const Drop& found = drop(id);
  if (found.phase == DropPhase::cancelled) { return; }
  if (!found.is_released(wave)) { return release(id, wave, context); }
  if (wave > 1) { pass_leftovers(id, static_cast<std::uint16_t>(wave - 1), context); }
}

PauseDropResult Drops::apply(const PauseDrop& command, const CommandContext& context) noexcept {
  using enum PauseDropStatus;
  if (!has(command.drop_id)) { return {drop_not_found}; }
  Drop& found = mutable_drop(command.drop_id);
  if (found.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (found.pausing == Pausing::paused) { return {already_paused}; }
  const std::uint64_t before = standing_hash(command.drop_id.value, found);
  found.pausing = Pausing::paused;
  digest_.replace(before, standing_hash(command.drop_id.value, found));
  context.facts->emit(DropPaused{command.drop_id});
  return {paused};
}

ResumeDropResult Drops::apply(const ResumeDrop& command, const CommandContext& context) noexcept {
  using enum ResumeDropStatus;
  if (!has(command.drop_id)) { return {drop_not_found}; }
  Drop& found = mutable_drop(command.drop_id);
  if (found.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (found.pausing == Pausing::running) { return {not_paused}; }
  const std::uint64_t before = standing_hash(command.drop_id.value, found);
  found.pausing = Pausing::running;
  digest_.replace(before, standing_hash(command.drop_id.value, found));
  context.facts->emit(DropResumed{command.drop_id});
  // Units that came back in the pause wait for the reserve of their draw.
  for (std::uint16_t wave = 1; wave <= found.plan.waves.size(); ++wave) {
    if (is_drawn(found.plan.waves[wave - 1U]) && available(command.drop_id, wave) > 0) {
      schedule_.push({context.timestamp, DeadlineKind::draw_unit_back,
                      command.drop_id.value * kWavesPerDeadline + wave});
    }
  }
  tell_waitlist(command.drop_id, context.timestamp);
  return {resumed};
}

CancelDropResult Drops::apply(const CancelDrop& command, const CommandContext& context) noexcept {
  using enum CancelDropStatus;
  const DropId id = command.drop_id;
  if (!has(id)) { return {drop_not_found}; }
  Drop& found = mutable_drop(id);
  if (found.phase == DropPhase::cancelled) { return {already_cancelled}; }

  // Past this line the command succeeds.
  const Asset asset = Asset::stock(found.plan.sku_id);
  const AccountKey warehouse{Holder::warehouse(), asset};
  const std::int64_t unreleased = ledger_.balance({Holder::drop_unreleased(id), asset}).available;
  std::int64_t withdrawn = unreleased;
  move({Holder::drop_unreleased(id), asset}, warehouse, unreleased);
  for (std::uint16_t wave = 1; wave <= found.plan.waves.size(); ++wave) {
    const std::int64_t left = available(id, wave);
    move({Holder::wave(id, wave), asset}, warehouse, left);
    withdrawn += left;
  }
  const std::uint64_t before = standing_hash(id.value, found);
  found.phase = DropPhase::cancelled;
  found.withdrawn += withdrawn;
  orders_expected_ -= withdrawn;
  digest_.replace(before, standing_hash(id.value, found));
  context.facts->emit(DropCancelled{id, withdrawn});
  tell_waitlist(id, context.timestamp);
  return {cancelled};
}

RecordRefusalsResult Drops::apply(const RecordRefusals& command,
                                  const CommandContext& context) noexcept {
  using enum RecordRefusalsStatus;
  bool recorded_any = false;
  for (const RefusalCount& refusal : command.refusals) {
    if (!has(refusal.drop_id) || refusal.count < 1) { continue; }
    Drop& found = mutable_drop(refusal.drop_id);
    RefusalTotal* total = nullptr;
    for (RefusalTotal& known : found.refusals) {
      if (known.reason == refusal.reason) { total = &known; }
    }
    if (total == nullptr) {
      if (found.refusals.size() == kRefusalReasonsMax) { continue; }
      found.refusals.push_back({refusal.reason, 0});
      total = found.refusals.end() - 1;
      digest_.add(refusal_hash(refusal.drop_id.value, *total));
    }
    const auto sum = checked_add(total->count, refusal.count);
    if (!sum) { continue; }
    const std::uint64_t before = refusal_hash(refusal.drop_id.value, *total);
    total->count = *sum;
    digest_.replace(before, refusal_hash(refusal.drop_id.value, *total));
    context.facts->emit(RefusalsRecorded{refusal.drop_id, refusal.reason, refusal.count});
    recorded_any = true;
  }
  return {recorded_any ? recorded : nothing_to_record};
}

RecordTieOrderResult Drops::apply(const RecordTieOrder& command,
                                  const CommandContext& context) noexcept {
  using enum RecordTieOrderStatus;
  bool recorded_any = false;
  for (const TieCount& count : command.counts) {
    if (!has(count.drop_id) || count.windows < 0 || count.decided < 0 || count.inversions < 0) {
      continue;
    }
    const TieTotals& ties = drop(count.drop_id).ties;
    const auto windows = checked_add(ties.windows, count.windows);
    const auto decided = checked_add(ties.decided, count.decided);
    const auto inversions = checked_add(ties.inversions, count.inversions);
    if (!windows || !decided || !inversions) { continue; }
    Drop& found = mutable_drop(count.drop_id);
    const std::uint64_t before = ties_hash(count.drop_id.value, found);
    found.ties = {*windows, *decided, *inversions};
    digest_.replace(before, ties_hash(count.drop_id.value, found));
    context.facts->emit(
        TieOrderRecorded{count.drop_id, count.windows, count.decided, count.inversions});
    recorded_any = true;
  }
  return {recorded_any ? recorded : nothing_to_record};
}

RevealTieKeyResult Drops::apply(const RevealTieKey& command,
                                const CommandContext& context) noexcept {
  using enum RevealTieKeyStatus;
  const DropId id = command.drop_id;
  if (!has(id)) { return {drop_not_found}; }
  if (std::ranges::none_of(drop(id).plan.waves, has_ties)) { return {drop_without_tie_windows}; }
  if (!drop(id).tie_key.is_zero()) { return {already_revealed}; }
  if (draw_commitment(command.key) != drop(id).plan.tie_commitment) { return {tie_key_wrong}; }
  if (may_sell(id)) { return {drop_not_over}; }

  // Past this line the command has succeeded.
  Drop& found = mutable_drop(id);
  const std::uint64_t before = ties_hash(id.value, found);
  found.tie_key = command.key;
  digest_.replace(before, ties_hash(id.value, found));
  context.facts->emit(TieKeyRevealed{id, command.key});
  return {revealed};
}

Millis Drops::tie_window(DropId id, Timestamp now) const noexcept {
  if (!has(id) || drop(id).plan.tie_commitment.is_zero()) { return Millis{0}; }
  const Drop& found = drop(id);
  const bool sells = found.phase != DropPhase::cancelled && now >= found.plan.opens_at &&
                     found.pausing == Pausing::running && found.tie_key.is_zero();
  Millis window{0};
  for (std::uint16_t wave = 1; sells && wave <= found.plan.waves.size(); ++wave) {
    const Millis its{found.plan.waves[wave - 1U].tie_batch_ms};
    if (its > window && found.is_released(wave) && on_sale(id, wave) > 0) { window = its; }
  }
  return window;
}

bool Drops::in_head_start(DropId id, Timestamp now) const noexcept {
  if (!has(id) || drop(id).plan.proof_bits == 0) { return false; }
  const Drop& found = drop(id);
  bool any = false;
  for (std::uint16_t wave = 1; wave <= found.plan.waves.size(); ++wave) {
    if (!found.is_released(wave) || on_sale(id, wave) == 0) { continue; }
    if (!is_head_start(found, wave, now)) { return false; }
    any = true;
  }
  return any;
}

bool Drops::has(DropId id) const noexcept { return id.value >= 1 && id.value <= drops_.size(); }

const Drop& Drops::drop(DropId id) const {
  FB_ASSERT(has(id));
  return drops_[id.value - 1];
}

Drop& Drops::mutable_drop(DropId id) {
  FB_ASSERT(has(id));
  touch(id);
  return drops_[id.value - 1];
}

void Drops::touch(DropId id) {
  if (is_touched_[id.value - 1] != 0) { return; }
  is_touched_[id.value - 1] = 1;
  touched_.push_back(id);
}

std::vector<DropId> Drops::take_touched() noexcept {
  for (const DropId id : touched_) { is_touched_[id.value - 1] = 0; }
  std::ranges::sort(touched_);
  return std::exchange(touched_, {});
}

std::int64_t Drops::available(DropId id, std::uint16_t wave) const noexcept {
  const AccountKey key{Holder::wave(id, wave), Asset::stock(drop(id).plan.sku_id)};
  return ledger_.balance(key, wave_accounts_[id.value - 1][wave - 1U]).available;
}

bool Drops::may_sell(DropId id) const noexcept {
  const Drop& found = drop(id);
  if (found.phase == DropPhase::cancelled) { return false; }
  const Asset asset = Asset::stock(found.plan.sku_id);
  const std::int64_t gone = ledger_.balance({Holder::sold(id), asset}).available +
                            ledger_.balance({Holder::returned(id), asset}).available +
                            found.withdrawn;
  return gone < units_of(found.plan);
}

DropUnits Drops::units(DropId id) const noexcept {
  const Drop& found = drop(id);
  const Asset asset = Asset::stock(found.plan.sku_id);
  DropUnits units;
  units.total = units_of(found.plan);
  units.unreleased = ledger_.balance({Holder::drop_unreleased(id), asset}).available;
  for (std::uint16_t wave = 1; wave <= found.plan.waves.size(); ++wave) {
    const Balance balance = ledger_.balance({Holder::wave(id, wave), asset});
    units.available += balance.available;
    units.held += balance.held;
  }
  units.sold = ledger_.balance({Holder::sold(id), asset}).available;
  units.withdrawn = found.withdrawn;
  units.returned = ledger_.balance({Holder::returned(id), asset}).available;
  return units;
}

void Drops::count_order(DropId id, std::int64_t OrderCounts::*what) noexcept {
  Drop& found = mutable_drop(id);
  const std::uint64_t before = counts_hash(id.value, found.orders);
  ++(found.orders.*what);
  if (what == &OrderCounts::placed) { --orders_expected_; }
  if (what == &OrderCounts::expired || what == &OrderCounts::cancelled) { ++orders_expected_; }
  digest_.replace(before, counts_hash(id.value, found.orders));
}

void Drops::units_came_back(DropId id, std::uint16_t wave, Timestamp now) noexcept {
  touch(id);
  if (drop(id).phase == DropPhase::cancelled) {
    (void)withdraw(id, wave);
    return;
  }
  if (is_drawn(drop(id).plan.waves[wave - 1U])) {
    schedule_.push({now, DeadlineKind::draw_unit_back, id.value * kWavesPerDeadline + wave});
  }
  if (is_waited_for(id, wave)) { tell_waitlist(id, now); }
  tell_next(id, wave, now);
}

std::int64_t Drops::withdraw(DropId id, std::uint16_t wave) noexcept {
  Drop& found = mutable_drop(id);
  const Asset asset = Asset::stock(found.plan.sku_id);
  const std::int64_t units = available(id, wave);
  move({Holder::wave(id, wave), asset}, {Holder::warehouse(), asset}, units);
  const std::uint64_t before = standing_hash(id.value, found);
  found.withdrawn += units;
  orders_expected_ -= units;
  digest_.replace(before, standing_hash(id.value, found));
  return units;
}

void Drops::move(const AccountKey& from, const AccountKey& to, std::int64_t units) noexcept {
  if (units == 0) { return; }
  const std::array<Op, 1> ops = {TransferOp{.from = from, .to = to, .amount = units}};
  const PostStatus status = ledger_.post(ops).status;
  // The caller has read that the units are there; that there is room: headroom.hpp.
  FB_ASSERT(status == PostStatus::posted);
}

void Drops::remember(const Drop& drop) {
  drops_.push_back(drop);
  const DropId id{drops_.size()};
  by_code_.emplace(drop.plan.code.view(), id);
  digest_.add(whole_hash(id.value, drop));
  is_touched_.push_back(0);
  wave_accounts_.emplace_back();
  waited_waves_.push_back(0);
  any_ties_ = any_ties_ || !drop.plan.tie_commitment.is_zero();
  orders_expected_ += units_of(drop.plan) - drop.withdrawn -
                      (drop.orders.placed - drop.orders.expired - drop.orders.cancelled);
  touch(id);
}

void Drops::check_invariants() const {
  FB_ASSERT(by_code_.size() == drops_.size());
  Digest digest;
  for (std::size_t i = 0; i < drops_.size(); ++i) {
    const DropId id{i + 1};
    digest.add(whole_hash(id.value, drops_[i]));
    const DropUnits stands = units(id);
    FB_ASSERT(stands.total == stands.unreleased + stands.available + stands.held + stands.sold +
                                  stands.returned + stands.withdrawn);
    std::int64_t unreleased = 0;
    std::int64_t given = 0;
    for (std::uint16_t wave = 1; wave <= drops_[i].plan.waves.size(); ++wave) {
      FB_ASSERT(drops_[i].units_of(wave) >= 0);
      given += drops_[i].units_of(wave);
      if (!drops_[i].is_released(wave)) { unreleased += drops_[i].units_of(wave); }
    }
    FB_ASSERT(given == stands.total);
    if (drops_[i].phase == DropPhase::cancelled) {
      FB_ASSERT(stands.unreleased == 0 && stands.available == 0);
    } else {
      FB_ASSERT(stands.unreleased == unreleased);
    }
  }
  FB_ASSERT(digest == digest_);
  exclusions_.check_invariants();
}

void Drops::save(ByteSink& sink) const {
  save_entries(sink, drops_);
  exclusions_.save(sink);
}

bool Drops::load(ByteSource& source, std::uint16_t version) {
  drops_.clear();
  by_code_.clear();
  touched_.clear();
  is_touched_.clear();
  wave_accounts_.clear();
  waited_waves_.clear();
  orders_expected_ = 0;
  any_ties_ = false;
  digest_ = {};
  exclusions_ = {};
  if (!load_entries<Drop>(
          source, [this](const Drop& drop) { remember(drop); }, version)) {
    return false;
  }
  return version < 5 || exclusions_.load(source, drops_.size());
}

}  // namespace firebrand
