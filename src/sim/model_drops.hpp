#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/launch/drop_facts.hpp"
#include "core/launch/drops.hpp"
#include "sim/model_common.hpp"
#include "sim/model_shop.hpp"

namespace firebrand {

struct ModelWave {
  std::int64_t units = 0;  ///< Planned, and moved here; less what was moved away.
  bool released = false;
  bool early = false;  ///< Before its time.
  std::int64_t available = 0;
  std::int64_t held = 0;
};

struct ModelDrop {
  CreateDrop plan{};
  DropPhase phase = DropPhase::scheduled;
  bool paused = false;
  std::vector<ModelWave> waves{};
  std::uint16_t secrets_until = 0;  ///< Waves up to here have a known secret.
  std::int64_t sold = 0;
  std::int64_t withdrawn = 0;
  std::int64_t returned = 0;
  OrderCounts orders{};
  std::vector<RefusalTotal> refusals{};
  TieTotals ties{};
  bool tie_key_public = false;
  std::map<std::uint64_t, std::int64_t> rights{};  ///< Units pending or paid, by person.
  std::set<std::uint16_t> kept{};  ///< Waves whose units are for people in the waitlist.
  /// The same by person of each wave with a limit of its own, by household and by address.
  std::map<std::pair<std::uint16_t, std::uint64_t>, std::int64_t> in_wave{};
  std::map<std::uint64_t, std::int64_t> in_household{};
  std::map<std::uint64_t, std::int64_t> at_address{};

  std::map<std::uint64_t, ExclusionReason> excluded{};  ///< By person.

  /// Counts units of an order wherever a limit counts them.
  void count(const Order&, const SharedKeys&, std::int64_t units);

  [[nodiscard]] bool cancelled() const { return phase == DropPhase::cancelled; }
  [[nodiscard]] std::int64_t on_sale(std::uint16_t wave) const {
    return kept.contains(wave) ? 0 : waves[wave - 1U].available;
  }
  [[nodiscard]] DropUnits units() const;
  [[nodiscard]] bool has_ties() const;
  /// Whether what this wave sells now is for buyers with a proof, if its drop asks for one.
  [[nodiscard]] bool is_for_proofs(std::uint16_t wave, Timestamp now) const;
};

/// Planned drops and where their units are.
class ModelDrops {
 public:
  CreateDropResult apply(const CreateDrop&, ModelShop&, const ModelContext&);
  ReleaseWaveResult apply(const ReleaseWave&, ModelShop&, const ModelContext&);
  RevealWaveResult apply(const RevealWave&, ModelShop&, const ModelContext&);
  PauseDropResult apply(const PauseDrop&, const ModelContext&);
  ResumeDropResult apply(const ResumeDrop&, const ModelContext&);
  CancelDropResult apply(const CancelDrop&, ModelShop&, const ModelContext&);
  RecordRefusalsResult apply(const RecordRefusals&, const ModelContext&);
  RecordTieOrderResult apply(const RecordTieOrder&, const ModelContext&);
  RevealTieKeyResult apply(const RevealTieKey&, const ModelContext&);
  /// What drops know of it; the rest, and the move itself, are for who knows the draws.
  MoveUnitsStatus may_move(const MoveUnits&);
  void move(const MoveUnits&, const ModelContext&);
  void drop_opens(std::uint64_t drop, const ModelContext&);
  /// @return whether the wave was still to be released.
  bool wave_releases(std::uint64_t drop, std::uint16_t wave, ModelShop&, const ModelContext&);
  /// What a wave has on sale has changed: the next one may have to come, or to get it.
  void units_changed(std::uint64_t drop, std::uint16_t wave, const ModelContext&);
  /// Units came to a wave: those who wait for them, if anybody does, are due.
  void units_came(std::uint64_t drop, std::uint16_t wave, const ModelContext&);

  /// None if there is no such drop.
  [[nodiscard]] ModelDrop* find(DropId id) {
    return id.value >= 1 && id.value <= drops_.size() ? &drops_[id.value - 1] : nullptr;
  }
  [[nodiscard]] const std::vector<ModelDrop>& all() const { return drops_; }
  /// Milliseconds for which purchases of a drop are collected now.
  [[nodiscard]] std::int32_t tie_batch_ms(DropId, Timestamp now) const;
  /// Whether all that sells now is for buyers with a proof.
  [[nodiscard]] bool in_head_start(DropId, Timestamp now) const;

 private:
  void release(std::uint64_t drop, std::uint16_t wave, ModelShop&, const ModelContext&);
  /// Out of the wave before this one, which is released.
  void leftovers_go(std::uint64_t drop, std::uint16_t wave, ModelShop&, const ModelContext&);

  std::vector<ModelDrop> drops_;
};

}  // namespace firebrand
