#include "sim/model_drops.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/sha256.hpp"

namespace firebrand {

namespace {

/// Milliseconds of a random wave after its `opens_at`.
std::int64_t delay_of(std::uint64_t drop, std::uint16_t wave, std::int64_t window_ms,
                      const Hash256& secret) {
  constexpr std::string_view kFormat{"firebrand-wave/1\0", 17};
  std::array<std::byte, 10> numbers{};
  for (std::size_t i = 0; i < 8; ++i) { numbers[i] = static_cast<std::byte>(drop >> (56 - 8 * i)); }
  numbers[8] = static_cast<std::byte>(wave >> 8U);
  numbers[9] = static_cast<std::byte>(wave);
  const Hash256 hash = sha256({bytes_of(kFormat), numbers, bytes_of(secret)});
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) { word = word * 256 + hash.data[i]; }
  return static_cast<std::int64_t>(word % static_cast<std::uint64_t>(window_ms));
}

bool leads_to(Hash256 secret, std::uint16_t times, const Hash256& commitment) {
  constexpr std::string_view kCommit{"firebrand-commit/1\0", 19};
  for (std::uint16_t i = 0; i < times; ++i) {
    secret = sha256({bytes_of(kCommit), bytes_of(secret)});
  }
  return secret == commitment;
}

}  // namespace

DropUnits ModelDrop::units() const {
  DropUnits units;
  for (const ModelWave& wave : waves) {
    units.total += wave.units;
    if (!wave.released && !cancelled()) { units.unreleased += wave.units; }
    units.available += wave.available;
    units.held += wave.held;
  }
  units.sold = sold;
  units.withdrawn = withdrawn;
  units.returned = returned;
  return units;
}

void ModelDrop::count(const Order& order, const SharedKeys& keys, std::int64_t units) {
  const std::uint64_t person = order.person_id.value;
  rights[person] += units;
  if (plan.waves[order.wave - 1U].per_person_limit != 0) { in_wave[{order.wave, person}] += units; }
  if (keys.household != 0) { in_household[keys.household] += units; }
  if (keys.address != 0) { at_address[keys.address] += units; }
}

CreateDropResult ModelDrops::apply(const CreateDrop& command, ModelShop& shop,
                                   const ModelContext& context) {
  using enum CreateDropStatus;
  if (command.code.empty()) { return {code_must_not_be_empty}; }
  if (command.waves.empty()) { return {waves_must_not_be_empty}; }
  std::int64_t units = 0;
  bool before_opening = false;
  for (const WavePlan& wave : command.waves) {
    if (wave.units < 1 || wave.units > kWaveUnitsMax) { return {wave_units_out_of_range}; }
    before_opening = before_opening || wave.opens_at < command.opens_at;
    units += wave.units;
  }
  if (before_opening) { return {wave_before_opening}; }
  if (command.per_person_limit < 1 || command.per_person_limit > kPerPersonLimitMax) {
    return {per_person_limit_out_of_range};
  }
  if (command.payment_window_seconds < 1 ||
      command.payment_window_seconds > kPaymentWindowSecondsMax) {
    return {payment_window_out_of_range};
  }
  const WavePlan* before = nullptr;
  bool draw_disturbed = false;
  for (const WavePlan& wave : command.waves) {
    const bool drawn = wave.decision == WaveDecision::draw;
    const bool last = &wave == command.waves.end() - 1;
    const bool gets = before != nullptr && before->leftovers == WaveLeftovers::roll_on;
    if (last && wave.leftovers != WaveLeftovers::stay) { return {last_wave_must_keep_units}; }
    if (drawn && (gets || wave.leftovers != WaveLeftovers::stay)) { draw_disturbed = true; }
    before = &wave;
  }
  if (draw_disturbed) { return {drawn_wave_must_keep_units}; }
  if (command.waves[0].release == WaveRelease::on_sold_out) { return {first_wave_must_not_follow}; }
  Timestamp secret_until = Timestamp::min();
  bool any_random = false;
  bool overlap = false;
  for (const WavePlan& wave : command.waves) {
    const std::int64_t seconds = wave.window_seconds;
    if (wave.release != WaveRelease::random) {
      if (seconds != 0) { return {window_out_of_range}; }
      continue;
    }
    if (seconds < 1 || seconds > kWaveWindowSecondsMax) { return {window_out_of_range}; }
    any_random = true;
    overlap = overlap || wave.opens_at < secret_until;
    secret_until = wave.opens_at + Millis{seconds * 1'000};
  }
  bool any_ties = false;
  for (const WavePlan& wave : command.waves) { any_ties = any_ties || wave.tie_batch_ms != 0; }
  if ((any_random && command.commitment == Hash256{}) ||
      (any_ties && command.tie_commitment == Hash256{})) {
    return {commitment_must_not_be_zero};
  }
  if (overlap) { return {random_waves_must_not_overlap}; }
  bool draw_with_codes = false;
  for (const WavePlan& wave : command.waves) {
    if (wave.risk_max > 100 || wave.per_person_limit < 0 ||
        wave.per_person_limit > kPerPersonLimitMax) {
      return {condition_out_of_range};
    }
    const bool asks_code = wave.audience == WaveAudience::code_holders;
    if (asks_code && wave.decision == WaveDecision::draw) { draw_with_codes = true; }
  }
  for (const std::int32_t limit : {command.per_household_limit, command.per_address_limit}) {
    if (limit < 0 || limit > kPerPersonLimitMax) { return {shared_limit_out_of_range}; }
  }
  if (draw_with_codes) { return {drawn_wave_must_not_ask_code}; }
  for (const WavePlan& wave : command.waves) {
    if (wave.tie_batch_ms == 0) { continue; }
    if (wave.decision != WaveDecision::first_come || wave.tie_batch_ms < 0 ||
        wave.tie_batch_ms > kTieBatchMsMax) {
      return {tie_window_out_of_range};
    }
  }
  if (command.proof_bits < 0 || command.proof_bits > 22) { return {proof_bits_out_of_range}; }
  if (command.proof_head_start_ms < 1 || command.proof_head_start_ms > 30'000) {
    return {proof_head_start_out_of_range};
  }
  for (std::size_t i = 0; i < drops_.size(); ++i) {
    if (drops_[i].plan.code != command.code) { continue; }
    if (drops_[i].plan == command) { return {exists, DropId{i + 1}}; }
    return {exists_with_different_fields};
  }
  if (!shop.has_launch(command.launch_id)) { return {launch_not_found}; }
  if (!shop.has_sku(command.sku_id)) { return {sku_not_found}; }
  if (!shop.price(command.sku_id, command.currency)) { return {currency_not_offered}; }
  if (drops_.size() == kDropsMax) { return {drops_full}; }
  if (shop.free_units(command.sku_id) < units) { return {insufficient_stock}; }

  shop.take(command.sku_id, units);
  ModelDrop drop{.plan = command};
  for (const WavePlan& wave : command.waves) { drop.waves.push_back({.units = wave.units}); }
  drops_.push_back(drop);
  const DropId id{drops_.size()};
  context.deadlines.insert({command.opens_at, DeadlineKind::drop_opens, id.value, 0});
  for (std::size_t i = 0; i < command.waves.size(); ++i) {
    const WaveRelease by = command.waves[i].release;
    if (by != WaveRelease::automatic && by != WaveRelease::random) { continue; }
    const Millis window{std::int64_t{command.waves[i].window_seconds} * 1'000};
    context.deadlines.insert({command.waves[i].opens_at + window, DeadlineKind::wave_releases,
                              id.value, static_cast<std::uint16_t>(i + 1)});
  }
  context.emit(DropCreated{id, command.launch_id, command.code, command.sku_id, command.opens_at,
                           units, command.per_person_limit, command.payment_window_seconds});
  DropCommitted fixed{id, command.commitment, command.tie_commitment, {}};
  for (std::uint16_t wave = 1; wave <= command.waves.size(); ++wave) {
    const WavePlan& planned = command.waves[wave - 1U];
    if (planned.release == WaveRelease::random) {
      fixed.windows.push_back({planned.opens_at, planned.window_seconds, wave});
    }
  }
  if (fixed.commitment != Bytes<32>{} || fixed.tie_commitment != Bytes<32>{}) {
    context.emit(fixed);
  }
  return {created, id};
}

ReleaseWaveResult ModelDrops::apply(const ReleaseWave& command, ModelShop& shop,
                                    const ModelContext& context) {
  using enum ReleaseWaveStatus;
  const ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (command.wave < 1 || command.wave > drop->waves.size()) { return {wave_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (drop->waves[command.wave - 1U].released) { return {already_released}; }
  release(command.drop_id.value, command.wave, shop, context);
  return {released};
}

RevealWaveResult ModelDrops::apply(const RevealWave& command, ModelShop& shop,
                                   const ModelContext& context) {
  using enum RevealWaveStatus;
  ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (command.wave < 1 || command.wave > drop->waves.size()) { return {wave_not_found}; }
  const WavePlan& plan = drop->plan.waves[command.wave - 1U];
  if (plan.release != WaveRelease::random) { return {wave_not_random}; }
  if (command.wave <= drop->secrets_until) { return {already_revealed}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (!leads_to(command.secret, command.wave, drop->plan.commitment)) { return {reveal_wrong}; }
  const Timestamp moment =
      plan.opens_at + Millis{delay_of(command.drop_id.value, command.wave,
                                      std::int64_t{plan.window_seconds} * 1'000, command.secret)};
  if (context.now < moment) { return {reveal_too_early}; }
  drop->secrets_until = command.wave;
  context.emit(WaveRevealed{command.drop_id, command.wave, moment, command.secret});
  if (!drop->waves[command.wave - 1U].released) {
    release(command.drop_id.value, command.wave, shop, context);
  }
  return {revealed};
}

void ModelDrops::release(std::uint64_t drop, std::uint16_t wave, ModelShop& shop,
                         const ModelContext& context) {
  ModelWave& released = drops_[drop - 1].waves[wave - 1U];
  released.released = true;
  released.available = released.units;
  const WavePlan& planned = drops_[drop - 1].plan.waves[wave - 1U];
  released.early = planned.release == WaveRelease::automatic && context.now < planned.opens_at;
  context.emit(WaveReleased{{drop}, wave, released.units});
  leftovers_go(drop, wave, shop, context);
  units_changed(drop, wave, context);
}

void ModelDrops::leftovers_go(std::uint64_t drop, std::uint16_t wave, ModelShop& shop,
                              const ModelContext& context) {
  if (wave == 1) { return; }
  const auto number = static_cast<std::uint16_t>(wave - 1);
  ModelDrop& of = drops_[drop - 1];
  ModelWave& before = of.waves[number - 1U];
  const std::int64_t units = before.available;
  const WaveLeftovers leftovers = of.plan.waves[number - 1U].leftovers;
  if (!before.released || units == 0) { return; }
  if (leftovers == WaveLeftovers::roll_on) { move({{drop}, number, wave, units}, context); }
  if (leftovers == WaveLeftovers::withdraw) {
    before.available = 0;
    of.withdrawn += units;
    shop.give(of.plan.sku_id, units);
    context.emit(UnitsWithdrawn{{drop}, number, units});
  }
}

void ModelDrops::units_changed(std::uint64_t drop, std::uint16_t wave,
                               const ModelContext& context) {
  const ModelDrop& of = drops_[drop - 1];
  const ModelWave& here = of.waves[wave - 1U];
  if (!here.released || wave == of.waves.size()) { return; }
  const bool comes = !of.waves[wave].released && here.available == 0 &&
                     of.plan.waves[wave].release == WaveRelease::on_sold_out;
  const bool gets = of.waves[wave].released && here.available > 0 &&
                    of.plan.waves[wave - 1U].leftovers != WaveLeftovers::stay;
  if (!comes && !gets) { return; }
  context.deadlines.insert(
      {context.now, DeadlineKind::wave_releases, drop, static_cast<std::uint16_t>(wave + 1)});
}

void ModelDrops::units_came(std::uint64_t drop, std::uint16_t wave, const ModelContext& context) {
  units_changed(drop, wave, context);
  if (!drops_[drop - 1].kept.contains(wave)) { return; }
  context.deadlines.insert({context.now, DeadlineKind::waitlist_due, drop, 0});
}

MoveUnitsStatus ModelDrops::may_move(const MoveUnits& command) {
  using enum MoveUnitsStatus;
  if (command.units < 1 || command.units > kWaveUnitsMax) { return units_out_of_range; }
  if (command.from_wave == command.to_wave) { return waves_must_differ; }
  const ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return drop_not_found; }
  const std::size_t last = drop->waves.size();
  if (command.from_wave == 0 || command.from_wave > last || command.to_wave == 0 ||
      command.to_wave > last) {
    return wave_not_found;
  }
  if (drop->cancelled()) { return drop_cancelled; }
  const ModelWave& from = drop->waves[command.from_wave - 1U];
  if (command.units > (from.released ? from.available : from.units)) { return not_enough_units; }
  return moved;
}

void ModelDrops::move(const MoveUnits& command, const ModelContext& context) {
  ModelDrop& drop = *find(command.drop_id);
  ModelWave& from = drop.waves[command.from_wave - 1U];
  ModelWave& to = drop.waves[command.to_wave - 1U];
  from.units -= command.units;
  to.units += command.units;
  if (from.released) { from.available -= command.units; }
  if (to.released) { to.available += command.units; }
  context.emit(UnitsMoved{command.drop_id, command.from_wave, command.to_wave, command.units});
  units_changed(command.drop_id.value, command.from_wave, context);
  units_came(command.drop_id.value, command.to_wave, context);
}

bool ModelDrops::wave_releases(std::uint64_t drop, std::uint16_t wave, ModelShop& shop,
                               const ModelContext& context) {
  const ModelDrop& planned = drops_[drop - 1];
  if (planned.cancelled()) { return false; }
  if (planned.waves[wave - 1U].released) {
    leftovers_go(drop, wave, shop, context);
    return false;
  }
  release(drop, wave, shop, context);
  return true;
}

void ModelDrops::drop_opens(std::uint64_t drop, const ModelContext& context) {
  if (drops_[drop - 1].phase != DropPhase::scheduled) { return; }
  drops_[drop - 1].phase = DropPhase::open;
  context.emit(DropOpened{{drop}});
}

PauseDropResult ModelDrops::apply(const PauseDrop& command, const ModelContext& context) {
  using enum PauseDropStatus;
  ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (drop->paused) { return {already_paused}; }
  drop->paused = true;
  context.emit(DropPaused{command.drop_id});
  return {paused};
}

ResumeDropResult ModelDrops::apply(const ResumeDrop& command, const ModelContext& context) {
  using enum ResumeDropStatus;
  ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (!drop->paused) { return {not_paused}; }
  drop->paused = false;
  context.emit(DropResumed{command.drop_id});
  std::uint16_t number = 0;
  for (const ModelWave& wave : drop->waves) {
    ++number;
    if (drop->plan.waves[number - 1U].decision != WaveDecision::draw || wave.available == 0) {
      continue;
    }
    context.deadlines.insert(
        {context.now, DeadlineKind::draw_unit_back, command.drop_id.value, number});
  }
  if (!drop->kept.empty()) {
    context.deadlines.insert({context.now, DeadlineKind::waitlist_due, command.drop_id.value, 0});
  }
  return {resumed};
}

CancelDropResult ModelDrops::apply(const CancelDrop& command, ModelShop& shop,
                                   const ModelContext& context) {
  using enum CancelDropStatus;
  ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->cancelled()) { return {already_cancelled}; }
  std::int64_t back = 0;
  for (ModelWave& wave : drop->waves) {
    back += wave.released ? wave.available : wave.units;
    wave.available = 0;
  }
  drop->phase = DropPhase::cancelled;
  drop->withdrawn += back;
  shop.give(drop->plan.sku_id, back);
  context.emit(DropCancelled{command.drop_id, back});
  if (!drop->kept.empty()) {
    context.deadlines.insert({context.now, DeadlineKind::waitlist_due, command.drop_id.value, 0});
  }
  return {cancelled};
}

RecordRefusalsResult ModelDrops::apply(const RecordRefusals& command, const ModelContext& context) {
  using enum RecordRefusalsStatus;
  bool any = false;
  for (const RefusalCount& refusal : command.refusals) {
    ModelDrop* const drop = find(refusal.drop_id);
    if (drop == nullptr || refusal.count < 1) { continue; }
    RefusalTotal* total = nullptr;
    for (RefusalTotal& known : drop->refusals) {
      if (known.reason == refusal.reason) { total = &known; }
    }
    if (total == nullptr) {
      if (drop->refusals.size() == kRefusalReasonsMax) { continue; }
      total = &drop->refusals.emplace_back(RefusalTotal{refusal.reason, 0});
    }
    const auto sum = checked_add(total->count, refusal.count);
    if (!sum) { continue; }
    total->count = *sum;
    context.emit(RefusalsRecorded{refusal.drop_id, refusal.reason, refusal.count});
    any = true;
  }
  return {any ? recorded : nothing_to_record};
}

RecordTieOrderResult ModelDrops::apply(const RecordTieOrder& command, const ModelContext& context) {
  using enum RecordTieOrderStatus;
  bool any = false;
  for (const TieCount& count : command.counts) {
    ModelDrop* const drop = find(count.drop_id);
    if (drop == nullptr || std::min({count.windows, count.decided, count.inversions}) < 0) {
      continue;
    }
    const auto windows = checked_add(drop->ties.windows, count.windows);
    const auto decided = checked_add(drop->ties.decided, count.decided);
    const auto inversions = checked_add(drop->ties.inversions, count.inversions);
    if (!windows || !decided || !inversions) { continue; }
    drop->ties = {*windows, *decided, *inversions};
    context.emit(TieOrderRecorded{count.drop_id, count.windows, count.decided, count.inversions});
    any = true;
  }
  return {any ? recorded : nothing_to_record};
}

RevealTieKeyResult ModelDrops::apply(const RevealTieKey& command, const ModelContext& context) {
  using enum RevealTieKeyStatus;
  ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (!drop->has_ties()) { return {drop_without_tie_windows}; }
  if (drop->tie_key_public) { return {already_revealed}; }
  if (!leads_to(command.key, 1, drop->plan.tie_commitment)) { return {tie_key_wrong}; }
  const DropUnits units = drop->units();
  if (!drop->cancelled() && units.unreleased + units.available + units.held > 0) {
    return {drop_not_over};
  }
  drop->tie_key_public = true;
  context.emit(TieKeyRevealed{command.drop_id, command.key});
  return {revealed};
}

bool ModelDrop::has_ties() const {
  bool any = false;
  for (const WavePlan& wave : plan.waves) { any = any || wave.tie_batch_ms > 0; }
  return any;
}

bool ModelDrop::is_for_proofs(std::uint16_t wave, Timestamp now) const {
  const WavePlan& planned = plan.waves[wave - 1U];
  const bool timed = planned.release == WaveRelease::automatic && !waves[wave - 1U].early;
  const Millis since = now - (timed ? planned.opens_at : plan.opens_at);
  return planned.decision == WaveDecision::first_come && since.count() >= 0 &&
         since.count() < plan.proof_head_start_ms;
}

bool ModelDrops::in_head_start(DropId id, Timestamp now) const {
  if (id.value < 1 || id.value > drops_.size()) { return false; }
  const ModelDrop& drop = drops_[id.value - 1];
  int selling = 0;
  int for_proofs = 0;
  for (std::size_t i = 0; i < drop.waves.size(); ++i) {
    const auto wave = static_cast<std::uint16_t>(i + 1);
    if (!drop.waves[i].released || drop.on_sale(wave) <= 0) { continue; }
    ++selling;
    if (drop.is_for_proofs(wave, now)) { ++for_proofs; }
  }
  return drop.plan.proof_bits > 0 && selling > 0 && for_proofs == selling;
}

std::int32_t ModelDrops::tie_batch_ms(DropId id, Timestamp now) const {
  if (id.value < 1 || id.value > drops_.size()) { return 0; }
  const ModelDrop& drop = drops_[id.value - 1];
  if (drop.cancelled() || drop.paused || drop.tie_key_public || now < drop.plan.opens_at) {
    return 0;
  }
  std::int32_t longest = 0;
  for (std::size_t i = 0; i < drop.waves.size(); ++i) {
    if (!drop.waves[i].released) { continue; }
    if (drop.on_sale(static_cast<std::uint16_t>(i + 1)) <= 0) { continue; }
    longest = std::max(longest, drop.plan.waves[i].tie_batch_ms);
  }
  return longest;
}

}  // namespace firebrand
