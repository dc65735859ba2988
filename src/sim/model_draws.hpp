#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/launch/draw_queries.hpp"
#include "core/launch/draws.hpp"
#include "sim/model_common.hpp"
#include "sim/model_drops.hpp"
#include "sim/model_sale.hpp"

namespace firebrand {

struct ModelDraw {
  Draw stands{};
  std::map<std::uint64_t, DrawEntry> entries{};   ///< By person.
  std::vector<std::uint64_t> reserve{};           ///< Persons, by place.
  std::map<std::uint64_t, Standing> standings{};  ///< As each was when entering last.
};

/// Draws and who takes part.
class ModelDraws {
 public:
  OpenDrawResult apply(const OpenDraw&, ModelDrops&, LogOffset, const ModelContext&);
  EnterDrawResult apply(const EnterDraw&, ModelDrops&, ModelReservations&, const ModelContext&);
  LeaveDrawResult apply(const LeaveDraw&, const ModelContext&);
  GrantDrawTicketsResult apply(const GrantDrawTickets&, const ModelContext&);
  ExcludeFromDrawResult apply(const ExcludeFromDraw&, const ModelContext&);
  PublishDrawRootResult apply(const PublishDrawRoot&, const ModelContext&);
  RevealDrawResult apply(const RevealDraw&, const ModelContext&);
  PostBeaconResult apply(const PostBeacon&, const ModelContext&);
  ApplyDrawResultsResult apply(const ApplyDrawResults&, ModelDrops&, ModelSale&, const ModelShop&,
                               ModelReservations&, const ModelContext&);
  MoveUnitsResult apply(const MoveUnits&, ModelDrops&, const ModelContext&);
  void draw_is_due(std::uint64_t draw, const ModelContext&);
  void unit_came_back(std::uint64_t drop, std::uint16_t wave, ModelDrops&, ModelSale&,
                      const ModelShop&, ModelReservations&, const ModelContext&);

  [[nodiscard]] FindDrawResult answer(const FindDraw&) const;
  [[nodiscard]] FindDrawEntryResult answer(const FindDrawEntry&) const;
  [[nodiscard]] const std::vector<ModelDraw>& all() const { return draws_; }

 private:
  [[nodiscard]] ModelDraw* find(DrawId id) {
    return id.value >= 1 && id.value <= draws_.size() ? &draws_[id.value - 1] : nullptr;
  }
  [[nodiscard]] bool won_in_launch(const ModelDraw&, std::uint64_t person, ModelDrops&) const;
  /// @return whether the person got it.
  static bool give(ModelDraw&, DrawEntry&, ModelDrops&, ModelSale&, const ModelShop&,
                   ModelReservations&, const ModelContext&);
  static void pass_over(const ModelDraw&, DrawEntry&, DrawPassing, const ModelContext&);
  static void withhold(ModelDraw&, const ModelContext&);
  static bool unit_waits(const ModelDraw&, ModelDrops&);

  std::vector<ModelDraw> draws_;
};

}  // namespace firebrand
