#include "sim/model_rooms.hpp"

#include <algorithm>

#include "base/draw.hpp"
#include "core/launch/sale.hpp"
#include "sim/model_standing.hpp"

namespace firebrand {

std::int64_t ModelRoom::count(PlaceState state) const {
  return std::ranges::count(places, state, &ModelPlace::state);
}

ModelPlace* ModelRoom::newest(PersonId person) {
  for (std::size_t i = places.size(); i > 0; --i) {
    if (places[i - 1].person == person) { return &places[i - 1]; }
  }
  return nullptr;
}

ModelRoom* ModelRooms::find(DropId id, std::uint16_t wave) {
  for (ModelRoom& room : rooms_) {
    if (room.plan.drop_id == id && room.plan.wave == wave) { return &room; }
  }
  return nullptr;
}

const ModelRoom* ModelRooms::find(DropId id, std::uint16_t wave) const {
  return const_cast<ModelRooms*>(this)->find(id, wave);
}

void ModelRooms::end(ModelRoom& room, ModelPlace& place, PlaceState how,
                     const ModelContext& context) {
  place.state = how;
  place.at = context.now;
  const auto number = static_cast<std::uint64_t>(&place - room.places.data()) + 1;
  context.emit(PlaceEnded{room.plan.drop_id, room.plan.wave, number, place.person, how});
}

void ModelRooms::close(ModelRoom& room, const ModelContext& context) {
  const std::int64_t waiting = room.count(PlaceState::waiting);
  room.closed = true;
  room.places.clear();
  context.emit(WaitingRoomClosed{room.plan.drop_id, room.plan.wave, waiting});
}

OpenWaitingRoomResult ModelRooms::apply(const OpenWaitingRoom& command, ModelDrops& drops,
                                        const ModelContext& context) {
  using enum OpenWaitingRoomStatus;
  if (command.places_max < 1 || command.places_max > kPlacesMax) {
    return {places_max_out_of_range};
  }
  if (!in_range(command.admission)) { return {admission_out_of_range}; }
  if (const ModelRoom* const room = find(command.drop_id, command.wave)) {
    const OpenWaitingRoom& first = room->plan;
    const bool same = first.joins_from == command.joins_from && first.ends_at == command.ends_at &&
                      first.places_max == command.places_max &&
                      first.admission == command.admission;
    return {same ? exists : waiting_room_exists};
  }
  const ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (command.wave < 1 || command.wave > drop->waves.size()) { return {wave_not_found}; }
  const WavePlan& wave = drop->plan.waves[command.wave - 1U];
  if (wave.decision != WaveDecision::waiting_room) { return {wave_has_no_waiting_room}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (std::max(context.now, command.joins_from) >= wave.opens_at) { return {joins_after_opening}; }
  if (command.ends_at <= wave.opens_at) { return {ends_before_opening}; }
  if (rooms_.size() == kWaitingRoomsMax) { return {waiting_rooms_full}; }
  context.deadlines.insert(
      {command.ends_at, DeadlineKind::waiting_room_due, rooms_.size() << 32U, 0});
  rooms_.push_back({.plan = command, .admission = command.admission, .opens_at = wave.opens_at});
  context.emit(WaitingRoomOpened{command.drop_id, command.wave, command.joins_from, command.ends_at,
                                 command.commitment});
  return {opened};
}

JoinWaitingRoomResult ModelRooms::apply(const JoinWaitingRoom& command, ModelDrops& drops,
                                        const ModelContext& context) {
  using enum JoinWaitingRoomStatus;
  const std::uint64_t person = command.person_id.value;
  if (person == 0 || person > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  ModelPlace* const known = room->newest(command.person_id);
  const bool inside = known != nullptr && known->state == PlaceState::admitted;
  const bool waits = known != nullptr && known->state == PlaceState::waiting;
  if (waits || (inside && context.now < known->at)) {
    return {exists, static_cast<std::uint64_t>(known - room->places.data()) + 1};
  }
  if (drops.find(command.drop_id)->cancelled()) { return {drop_cancelled}; }
  if (room->closed || context.now >= room->plan.ends_at) { return {waiting_room_closed}; }
  if (context.now < room->plan.joins_from) { return {waiting_room_not_open}; }
  const WavePlan& wave = drops.find(command.drop_id)->plan.waves[command.wave - 1U];
  if (const auto lacks = unfit(wave, command.standing, joined); lacks != joined) { return {lacks}; }
  if (drops.find(command.drop_id)->excluded.contains(person)) { return {excluded_from_drop}; }
  if (known != nullptr && context.now < room->opens_at) {
    known->state = PlaceState::waiting;
    known->at = context.now;
    const auto number = static_cast<std::uint64_t>(known - room->places.data()) + 1;
    context.emit(PlaceJoined{command.drop_id, command.wave, number, command.person_id});
    return {joined, number};
  }
  if (room->places.size() == static_cast<std::uint64_t>(room->plan.places_max)) {
    return {waiting_room_full};
  }
  if (std::ranges::count(room->places, command.person_id, &ModelPlace::person) >= 16) {
    return {rejoined_too_often};
  }
  if (inside) { end(*room, *known, PlaceState::expired, context); }
  room->places.push_back({command.person_id, PlaceState::waiting, context.now});
  if (context.now < room->opens_at) { ++room->early; }
  context.emit(PlaceJoined{command.drop_id, command.wave, room->places.size(), command.person_id});
  return {joined, room->places.size()};
}

LeaveWaitingRoomResult ModelRooms::apply(const LeaveWaitingRoom& command, ModelDrops&,
                                         const ModelContext& context) {
  using enum LeaveWaitingRoomStatus;
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  ModelPlace* const place = room->newest(command.person_id);
  if (place == nullptr) { return {place_not_found}; }
  const auto number = static_cast<std::uint64_t>(place - room->places.data()) + 1;
  if (place->state == PlaceState::used) { return {place_used, number}; }
  const bool inside = place->state == PlaceState::admitted && context.now < place->at;
  if (place->state != PlaceState::waiting && !inside) { return {already_ended, number}; }
  end(*room, *place, PlaceState::left, context);
  return {left, number};
}

RevealWaitingRoomResult ModelRooms::apply(const RevealWaitingRoom& command, ModelDrops&,
                                          const ModelContext& context) {
  using enum RevealWaitingRoomStatus;
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  if (room->closed) { return {waiting_room_closed}; }
  if (room->reveal != OrderReveal::pending) { return {already_revealed}; }
  const bool withheld = command.secret == Bytes<32>{};
  if (context.now < room->opens_at + (withheld ? kRevealGrace : Millis{0})) {
    return {reveal_too_early};
  }
  if (!withheld && draw_commitment(command.secret) != room->plan.commitment) {
    return {reveal_wrong};
  }
  room->reveal = withheld ? OrderReveal::withheld : OrderReveal::revealed;
  room->secret = command.secret;
  const ShuffledOrder order(
      room_order_seed(command.drop_id, command.wave, room->early, command.secret), room->early);
  room->line.resize(room->early);
  for (std::uint64_t i = 0; i < room->early; ++i) { room->line[order.position_of(i)] = i; }
  context.emit(WaitingRoomRevealed{command.drop_id, command.wave, command.secret, room->early});
  return {revealed};
}

AdmitPlacesResult ModelRooms::apply(const AdmitPlaces& command, ModelDrops& drops,
                                    const ModelContext& context) {
  using enum AdmitPlacesStatus;
  if (command.count < 1 || command.count > kAdmitCountMax) { return {count_out_of_range}; }
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  if (room->closed) { return {waiting_room_closed}; }
  if (room->reveal == OrderReveal::pending) { return {order_not_revealed}; }
  if (!drops.find(command.drop_id)->waves[command.wave - 1U].released) {
    return {wave_not_released};
  }
  const std::int64_t free = room->admission.inside_max - room->count(PlaceState::admitted);
  if (free <= 0) { return {inside_full}; }
  if (room->count(PlaceState::waiting) == 0) { return {nobody_waiting}; }
  const Timestamp until = context.now + Millis{room->admission.lease_seconds * 1'000LL};
  std::int32_t count = 0;
  // A command looks at 600 positions and no more.
  for (int looked = 0; looked < 600 && room->next < room->places.size(); ++looked) {
    if (count == command.count || count == free) { break; }
    const std::uint64_t at = room->next++;
    const std::uint64_t slot = at < room->line.size() ? room->line[at] : at;
    ModelPlace& place = room->places[slot];
    if (place.state != PlaceState::waiting) { continue; }
    place.state = PlaceState::admitted;
    place.at = until;
    const auto number = static_cast<std::uint64_t>(room - rooms_.data());
    context.deadlines.insert(
        {until, DeadlineKind::waiting_room_due, (number << 32U) + slot + 1, 0});
    context.emit(PlaceAdmitted{command.drop_id, command.wave, slot + 1, place.person, until});
    ++count;
  }
  return {admitted, count};
}

LapsePlacesResult ModelRooms::apply(const LapsePlaces& command, ModelDrops&,
                                    const ModelContext& context) {
  using enum LapsePlacesStatus;
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  if (room->closed) { return {waiting_room_closed}; }
  std::int32_t count = 0;
  for (const std::uint32_t number : command.places) {
    if (number == 0 || number > room->places.size()) { continue; }
    ModelPlace& place = room->places[number - 1];
    if (place.state != PlaceState::waiting) { continue; }
    end(*room, place, PlaceState::lapsed, context);
    ++count;
  }
  if (count == 0) { return {nothing_to_lapse}; }
  return {lapsed, count};
}

ChangeAdmissionResult ModelRooms::apply(const ChangeAdmission& command, ModelDrops&,
                                        const ModelContext& context) {
  using enum ChangeAdmissionStatus;
  if (!in_range(command.admission)) { return {admission_out_of_range}; }
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  if (room->closed) { return {waiting_room_closed}; }
  if (room->admission == command.admission) { return {unchanged}; }
  room->admission = command.admission;
  context.emit(AdmissionChanged{command.drop_id, command.wave, command.admission});
  return {changed};
}

CloseWaitingRoomResult ModelRooms::apply(const CloseWaitingRoom& command, ModelDrops&,
                                         const ModelContext& context) {
  using enum CloseWaitingRoomStatus;
  ModelRoom* const room = find(command.drop_id, command.wave);
  if (room == nullptr) { return {waiting_room_not_found}; }
  if (room->closed) { return {already_closed}; }
  close(*room, context);
  return {closed};
}

void ModelRooms::is_due(std::uint64_t id, const ModelContext& context) {
  ModelRoom& room = rooms_[id >> 32U];
  const std::uint64_t number = id % (1ULL << 32U);
  if (room.closed) { return; }
  if (number == 0) { return close(room, context); }
  ModelPlace& place = room.places[number - 1];
  if (place.state == PlaceState::admitted) { end(room, place, PlaceState::expired, context); }
}

void ModelRooms::person_excluded(DropId id, std::uint16_t wave, PersonId person,
                                 const ModelContext& context) {
  ModelRoom* const room = find(id, wave);
  ModelPlace* const place = room == nullptr || room->closed ? nullptr : room->newest(person);
  if (place == nullptr || place->state != PlaceState::waiting) { return; }
  end(*room, *place, PlaceState::left, context);
}

PlaceOrderStatus ModelRooms::gate(DropId id, std::uint16_t wave, PersonId person, Timestamp now) {
  using enum PlaceOrderStatus;
  ModelRoom* const room = find(id, wave);
  if (room == nullptr) { return not_in_waiting_room; }
  if (room->closed || now >= room->plan.ends_at) { return created; }
  const ModelPlace* const place = room->newest(person);
  if (place == nullptr) { return not_in_waiting_room; }
  if (place->state == PlaceState::waiting) { return waiting_turn; }
  if (place->state == PlaceState::admitted) { return now < place->at ? created : admission_over; }
  return place->state == PlaceState::expired ? admission_over : not_in_waiting_room;
}

void ModelRooms::bought(DropId id, std::uint16_t wave, PersonId person,
                        const ModelContext& context) {
  ModelRoom* const room = find(id, wave);
  if (room == nullptr || room->closed || context.now >= room->plan.ends_at) { return; }
  end(*room, *room->newest(person), PlaceState::used, context);
}

FindPlaceResult ModelRooms::answer(const FindPlace& query) const {
  for (const ModelRoom& room : rooms_) {
    if (room.plan.drop_id != query.drop_id || room.plan.wave != query.wave) { continue; }
    if (query.place < 1 || query.place > room.places.size()) { break; }
    const ModelPlace& place = room.places[query.place - 1];
    return {FindPlaceStatus::found, place.person, place.state, place.at};
  }
  return {FindPlaceStatus::place_not_found};
}

}  // namespace firebrand
