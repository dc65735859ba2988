#include "sim/model_drops.hpp"

namespace firebrand {

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
    if (command.waves[i].release != WaveRelease::automatic) { continue; }
    context.deadlines.insert({command.waves[i].opens_at, DeadlineKind::wave_releases, id.value,
                              static_cast<std::uint16_t>(i + 1)});
  }
  context.emit(DropCreated{id, command.launch_id, command.code, command.sku_id, command.opens_at,
                           units, command.per_person_limit, command.payment_window_seconds});
  return {created, id};
}

ReleaseWaveResult ModelDrops::apply(const ReleaseWave& command, const ModelContext& context) {
  using enum ReleaseWaveStatus;
  const ModelDrop* const drop = find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (command.wave < 1 || command.wave > drop->waves.size()) { return {wave_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (drop->waves[command.wave - 1U].released) { return {already_released}; }
  release(command.drop_id.value, command.wave, context);
  return {released};
}

void ModelDrops::release(std::uint64_t drop, std::uint16_t wave, const ModelContext& context) {
  ModelWave& released = drops_[drop - 1].waves[wave - 1U];
  released.released = true;
  released.available = released.units;
  context.emit(WaveReleased{{drop}, wave, released.units});
}

bool ModelDrops::wave_releases(std::uint64_t drop, std::uint16_t wave,
                               const ModelContext& context) {
  const ModelDrop& planned = drops_[drop - 1];
  if (planned.cancelled() || planned.waves[wave - 1U].released) { return false; }
  release(drop, wave, context);
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
  drop->withdrawn = back;
  shop.give(drop->plan.sku_id, back);
  context.emit(DropCancelled{command.drop_id, back});
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

}  // namespace firebrand
