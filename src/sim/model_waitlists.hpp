#pragma once

#include <cstdint>
#include <vector>

#include "core/launch/waitlist_queries.hpp"
#include "core/launch/waitlists.hpp"
#include "sim/model_common.hpp"
#include "sim/model_drops.hpp"
#include "sim/model_sale.hpp"

namespace firebrand {

struct ModelWaitlist {
  OpenWaitlist plan{};
  bool closed = false;
  std::vector<WaitlistPlace> places{};  ///< In the order of joining.

  [[nodiscard]] std::uint64_t count(WaitlistPlaceState state) const;
  /// The number of the person's newest place, from 1; 0: none.
  [[nodiscard]] std::uint64_t newest(PersonId) const;
  /// People who wait before this place.
  [[nodiscard]] std::uint64_t ahead(std::uint64_t place) const;
};

/// Who waits for units that come back. Which waves they get is said in ModelDrop::kept.
class ModelWaitlists {
 public:
  OpenWaitlistResult apply(const OpenWaitlist&, ModelDrops&, const ModelContext&);
  JoinWaitlistResult apply(const JoinWaitlist&, ModelDrops&, const ModelContext&);
  LeaveWaitlistResult apply(const LeaveWaitlist&, ModelDrops&, const ModelContext&);
  CloseWaitlistResult apply(const CloseWaitlist&, ModelDrops&, const ModelContext&);
  /// @return how many people were dealt with.
  int is_due(std::uint64_t deadline_id, ModelDrops&, ModelSale&, const ModelShop&,
             ModelReservations&, const ModelContext&);

  [[nodiscard]] FindWaitlistPlaceResult answer(const FindWaitlistPlace&) const;
  [[nodiscard]] const std::vector<ModelWaitlist>& all() const { return lists_; }

 private:
  [[nodiscard]] ModelWaitlist* find(DropId);
  /// Waves with nothing left are kept from here on, or none if nobody waits.
  static void keep(const ModelWaitlist&, ModelDrop&);
  static void close(ModelWaitlist&, ModelDrop&, const ModelContext&);

  std::vector<ModelWaitlist> lists_;
};

}  // namespace firebrand
