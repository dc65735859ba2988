#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/launch/queries.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "sim/model_common.hpp"
#include "sim/model_drops.hpp"

namespace firebrand {

struct ModelPlace {
  PersonId person{};
  PlaceState state{};
  Timestamp at{};
};

struct ModelRoom {
  OpenWaitingRoom plan{};
  AdmissionPlan admission{};
  Timestamp opens_at{};
  bool closed = false;
  OrderReveal reveal = OrderReveal::pending;
  Bytes<32> secret{};
  std::uint64_t early = 0;
  std::vector<ModelPlace> places{};   ///< In the order of joining.
  std::vector<std::uint64_t> line{};  ///< Of the early ones, once revealed: who stands where.
  std::uint64_t next = 0;

  [[nodiscard]] std::int64_t count(PlaceState state) const;
  /// The person's newest place, or null.
  [[nodiscard]] ModelPlace* newest(PersonId);
};

/// Waiting rooms. The line is laid out whole when it is revealed.
class ModelRooms {
 public:
  OpenWaitingRoomResult apply(const OpenWaitingRoom&, ModelDrops&, const ModelContext&);
  JoinWaitingRoomResult apply(const JoinWaitingRoom&, ModelDrops&, const ModelContext&);
  LeaveWaitingRoomResult apply(const LeaveWaitingRoom&, ModelDrops&, const ModelContext&);
  RevealWaitingRoomResult apply(const RevealWaitingRoom&, ModelDrops&, const ModelContext&);
  AdmitPlacesResult apply(const AdmitPlaces&, ModelDrops&, const ModelContext&);
  LapsePlacesResult apply(const LapsePlaces&, ModelDrops&, const ModelContext&);
  ChangeAdmissionResult apply(const ChangeAdmission&, ModelDrops&, const ModelContext&);
  CloseWaitingRoomResult apply(const CloseWaitingRoom&, ModelDrops&, const ModelContext&);
  void is_due(std::uint64_t id, const ModelContext&);
  /// Whoever may not buy in a drop waits for it no more.
  void person_excluded(DropId, std::uint16_t wave, PersonId, const ModelContext&);

  /// Why the person may not buy from the wave's room now; `created` if nothing is in the way.
  [[nodiscard]] PlaceOrderStatus gate(DropId, std::uint16_t wave, PersonId, Timestamp now);
  /// The person bought from the wave.
  void bought(DropId, std::uint16_t wave, PersonId, const ModelContext&);

  [[nodiscard]] FindPlaceResult answer(const FindPlace&) const;
  [[nodiscard]] const std::vector<ModelRoom>& all() const { return rooms_; }
  /// None if the wave has none.
  [[nodiscard]] const ModelRoom* find(DropId, std::uint16_t wave) const;

 private:
  [[nodiscard]] ModelRoom* find(DropId, std::uint16_t wave);
  static void end(ModelRoom&, ModelPlace&, PlaceState, const ModelContext&);
  static void close(ModelRoom&, const ModelContext&);

  std::vector<ModelRoom> rooms_;
};

}  // namespace firebrand
