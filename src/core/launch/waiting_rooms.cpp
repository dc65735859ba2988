#include "core/launch/waiting_rooms.hpp"

#include <algorithm>

#include "base/big_endian.hpp"
#include "base/draw.hpp"
#include "core/facts.hpp"
#include "core/launch/sale.hpp"

namespace firebrand {

namespace {

/// Positions looked at by one command: 2 µs each.
constexpr std::uint64_t kPositionsPerAdmit = 600;
/// A deadline's id = room's number * 2^32 + place, counted from 1; place 0: the room itself.
constexpr unsigned kRoomShift = 32;

/// Fields that the caller chose: nonce and commitment are new at each request.
bool same_wish(OpenWaitingRoom a, const OpenWaitingRoom& b) {
  a.commitment = b.commitment;
  a.nonce = b.nonce;
  return a == b;
}

}  // namespace

Hash256 room_order_seed(DropId id, std::uint16_t wave, std::uint64_t early,
                        const Bytes<32>& secret) {
  constexpr std::string_view kFormat{"firebrand-room/1\0", 17};
  std::array<std::byte, 18> numbers;
  put_be(std::span(numbers).first(8), id.value);
  put_be(std::span(numbers).subspan(8, 2), wave);
  put_be(std::span(numbers).subspan(10, 8), early);
  return sha256({bytes_of(kFormat), numbers, bytes_of(secret)});
}

OpenWaitingRoomResult WaitingRooms::apply(const OpenWaitingRoom& command,
                                          const CommandContext& context) noexcept {
  using enum OpenWaitingRoomStatus;
  // Shape: no state is read.
  if (command.places_max < 1 || command.places_max > kPlacesMax) {
    return {places_max_out_of_range};
  }
  if (!in_range(command.admission)) { return {admission_out_of_range}; }

  // Replay.
  if (const auto number = number_of(command.drop_id, command.wave)) {
    const bool same = same_wish(rooms_[*number].stands.plan, command);
    return {same ? exists : waiting_room_exists};
  }

  // State.
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  const Drop& drop = drops_.drop(command.drop_id);
  if (command.wave < 1 || command.wave > drop.plan.waves.size()) { return {wave_not_found}; }
  const WavePlan& wave = drop.plan.waves[command.wave - 1U];
  if (wave.decision != WaveDecision::waiting_room) { return {wave_has_no_waiting_room}; }
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (command.joins_from >= wave.opens_at || context.timestamp >= wave.opens_at) {
    return {joins_after_opening};
  }
  if (command.ends_at <= wave.opens_at) { return {ends_before_opening}; }
  if (rooms_.size() >= kWaitingRoomsMax) { return {waiting_rooms_full}; }

  // Past this line the command has succeeded.
  remember(WaitingRoom{.plan = command, .admission = command.admission, .opens_at = wave.opens_at});
  schedule_.push({command.ends_at, DeadlineKind::waiting_room_due,
                  std::uint64_t{rooms_.size() - 1} << kRoomShift});
  context.facts->emit(WaitingRoomOpened{command.drop_id, command.wave, command.joins_from,
                                        command.ends_at, command.commitment});
  return {opened};
}

JoinWaitingRoomResult WaitingRooms::apply(const JoinWaitingRoom& command,
                                          const CommandContext& context) noexcept {
  using enum JoinWaitingRoomStatus;
  if (command.person_id.value < 1 ||
      command.person_id.value > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  Room& room = rooms_[*number];
  const auto known = slot_of(room, command.person_id);
  if (known && is_live(room.places[*known].state)) {
    // A lease that is over counts as ended, whether or not run_due has come to it.
    const Place& place = room.places[*known];
    if (place.state == PlaceState::waiting || context.timestamp < place.at) {
      return {exists, *known + 1ULL};
    }
  }
  if (drops_.drop(command.drop_id).phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (room.stands.phase == RoomPhase::closed || context.timestamp >= room.stands.plan.ends_at) {
    return {waiting_room_closed};
  }
  if (context.timestamp < room.stands.plan.joins_from) { return {waiting_room_not_open}; }
  const WavePlan& wave = drops_.drop(command.drop_id).plan.waves[command.wave - 1U];
  if (const auto barred = status_of(bar_of(wave, command.standing), joined); barred != joined) {
    return {barred};
  }
  if (drops_.exclusions().has(command.drop_id, command.person_id)) { return {excluded_from_drop}; }
  const bool is_early = context.timestamp < room.stands.opens_at;
  const bool takes_again = known && is_early;
  if (!takes_again &&
      room.places.size() >= static_cast<std::uint64_t>(room.stands.plan.places_max)) {
    return {waiting_room_full};
  }
  if (!takes_again && known && room.places[*known].taken + 1 >= kPlacesPerPersonMax) {
    return {rejoined_too_often};
  }

  // Past this line the command has succeeded.
  if (takes_again) {
    set(*number, *known, PlaceState::waiting, context.timestamp);
  } else {
    if (known && is_live(room.places[*known].state)) {
      end_place(*number, *known, PlaceState::expired, context);
    }
    add_place(*number, {command.person_id, context.timestamp});
    update(*number, [&](WaitingRoom& stands) {
      ++stands.counts.joined;
      ++stands.counts.waiting;
      stands.counts.early += is_early ? 1 : 0;
    });
  }
  const std::uint64_t place = takes_again ? *known + 1ULL : room.places.size();
  context.facts->emit(PlaceJoined{command.drop_id, command.wave, place, command.person_id});
  return {joined, place};
}

LeaveWaitingRoomResult WaitingRooms::apply(const LeaveWaitingRoom& command,
                                           const CommandContext& context) noexcept {
  using enum LeaveWaitingRoomStatus;
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  const auto slot = slot_of(rooms_[*number], command.person_id);
  if (!slot) { return {place_not_found}; }
  const Place& place = rooms_[*number].places[*slot];
  if (place.state == PlaceState::used) { return {place_used, *slot + 1ULL}; }
  // A lease that is over has ended, whether or not run_due has come to it.
  const bool over = place.state == PlaceState::admitted && context.timestamp >= place.at;
  if (over || !is_live(place.state)) { return {already_ended, *slot + 1ULL}; }

  // Past this line the command succeeds.
  end_place(*number, *slot, PlaceState::left, context);
  return {left, *slot + 1ULL};
}

RevealWaitingRoomResult WaitingRooms::apply(const RevealWaitingRoom& command,
                                            const CommandContext& context) noexcept {
  using enum RevealWaitingRoomStatus;
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  Room& room = rooms_[*number];
  if (room.stands.phase == RoomPhase::closed) { return {waiting_room_closed}; }
  if (room.stands.reveal != OrderReveal::pending) { return {already_revealed}; }
  // From the wave's time on nobody comes early: their number is final.
  if (context.timestamp < room.stands.opens_at) { return {reveal_too_early}; }
  const bool withheld = command.secret.is_zero();
  if (withheld && context.timestamp < room.stands.opens_at + kRevealGrace) {
    return {reveal_too_early};
  }
  if (!withheld && draw_commitment(command.secret) != room.stands.plan.commitment) {
    return {reveal_wrong};
  }

  // Past this line the command has succeeded.
  update(*number, [&](WaitingRoom& stands) {
    stands.reveal = withheld ? OrderReveal::withheld : OrderReveal::revealed;
    stands.secret = command.secret;
  });
  fix_order(room);
  context.facts->emit(WaitingRoomRevealed{command.drop_id, command.wave, command.secret,
                                          static_cast<std::uint64_t>(room.stands.counts.early)});
  return {revealed};
}

AdmitPlacesResult WaitingRooms::apply(const AdmitPlaces& command,
                                      const CommandContext& context) noexcept {
  using enum AdmitPlacesStatus;
  if (command.count < 1 || command.count > kAdmitCountMax) { return {count_out_of_range}; }
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  Room& room = rooms_[*number];
  if (room.stands.phase == RoomPhase::closed) { return {waiting_room_closed}; }
  if (room.stands.reveal == OrderReveal::pending) { return {order_not_revealed}; }
  if (!drops_.drop(command.drop_id).is_released(command.wave)) { return {wave_not_released}; }
  const std::int64_t free = room.stands.admission.inside_max - room.stands.counts.inside;
  if (free <= 0) { return {inside_full}; }
  if (room.stands.counts.waiting == 0) { return {nobody_waiting}; }

  // Past this line the command has succeeded.
  const auto wanted = static_cast<std::int32_t>(std::min<std::int64_t>(command.count, free));
  const Timestamp until =
      context.timestamp + std::chrono::seconds{room.stands.admission.lease_seconds};
  std::int32_t admitted_now = 0;
  std::uint64_t position = room.stands.next;
  const std::uint64_t end = std::min(room.places.size(), position + kPositionsPerAdmit);
  for (; position < end && admitted_now < wanted; ++position) {
    const std::uint64_t slot = slot_at(room, position);
    if (room.places[slot].state != PlaceState::waiting) { continue; }
    set(*number, slot, PlaceState::admitted, until);
    schedule_.push(
        {until, DeadlineKind::waiting_room_due, std::uint64_t{*number} << kRoomShift | (slot + 1)});
    context.facts->emit(
        PlaceAdmitted{command.drop_id, command.wave, slot + 1, room.places[slot].person_id, until});
    ++admitted_now;
  }
  update(*number, [&](WaitingRoom& stands) {
    stands.next = position;
    stands.measured_per_minute = command.measured_per_minute;
  });
  return {admitted, admitted_now};
}

LapsePlacesResult WaitingRooms::apply(const LapsePlaces& command,
                                      const CommandContext& context) noexcept {
  using enum LapsePlacesStatus;
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  Room& room = rooms_[*number];
  if (room.stands.phase == RoomPhase::closed) { return {waiting_room_closed}; }
  std::int32_t ended = 0;
  for (const std::uint32_t place : command.places) {
    if (place < 1 || place > room.places.size()) { continue; }
    if (room.places[place - 1U].state != PlaceState::waiting) { continue; }
    end_place(*number, place - 1U, PlaceState::lapsed, context);
    ++ended;
  }
  if (ended == 0) { return {nothing_to_lapse}; }
  return {lapsed, ended};
}

ChangeAdmissionResult WaitingRooms::apply(const ChangeAdmission& command,
                                          const CommandContext& context) noexcept {
  using enum ChangeAdmissionStatus;
  if (!in_range(command.admission)) { return {admission_out_of_range}; }
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  const WaitingRoom& room = rooms_[*number].stands;
  if (room.phase == RoomPhase::closed) { return {waiting_room_closed}; }
  if (room.admission == command.admission) { return {unchanged}; }

  // Past this line the command succeeds.
  update(*number, [&](WaitingRoom& stands) { stands.admission = command.admission; });
  context.facts->emit(AdmissionChanged{command.drop_id, command.wave, command.admission});
  return {changed};
}

CloseWaitingRoomResult WaitingRooms::apply(const CloseWaitingRoom& command,
                                           const CommandContext& context) noexcept {
  using enum CloseWaitingRoomStatus;
  const auto number = number_of(command.drop_id, command.wave);
  if (!number) { return {waiting_room_not_found}; }
  if (rooms_[*number].stands.phase == RoomPhase::closed) { return {already_closed}; }
  close(*number, context);
  return {closed};
}

void WaitingRooms::due(std::uint64_t deadline_id, const CommandContext& context) noexcept {
  const auto number = static_cast<std::uint32_t>(deadline_id >> kRoomShift);
  const std::uint64_t place = deadline_id & ((1ULL << kRoomShift) - 1);
  Room& room = rooms_[number];
  if (room.stands.phase == RoomPhase::closed) { return; }
  if (place == 0) { return close(number, context); }
  if (room.places[place - 1].state != PlaceState::admitted) { return; }
  end_place(number, place - 1, PlaceState::expired, context);
}

WaitingRooms::Turn WaitingRooms::turn(DropId id, std::uint16_t wave, PersonId person,
                                      Timestamp now) const noexcept {
  const auto number = number_of(id, wave);
  if (!number) { return Turn::not_inside; }
  const Room& room = rooms_[*number];
  // At its end the room is over, whether or not run_due has come to it.
  if (room.stands.phase == RoomPhase::closed || now >= room.stands.plan.ends_at) {
    return Turn::anybody;
  }
  const auto slot = slot_of(room, person);
  if (!slot) { return Turn::not_inside; }
  const Place& place = room.places[*slot];
  switch (place.state) {
    case PlaceState::waiting:
      return Turn::waits;
    case PlaceState::admitted:
      return now < place.at ? Turn::may_buy : Turn::too_late;
    case PlaceState::expired:
      return Turn::too_late;
    case PlaceState::used:
    case PlaceState::left:
    case PlaceState::lapsed:
      break;
  }
  return Turn::not_inside;
}

void WaitingRooms::use(DropId id, std::uint16_t wave, PersonId person,
                       const CommandContext& context) noexcept {
  const auto number = number_of(id, wave);
  FB_ASSERT(number.has_value());
  const auto slot = slot_of(rooms_[*number], person);
  FB_ASSERT(slot.has_value());
  end_place(*number, *slot, PlaceState::used, context);
}

void WaitingRooms::exclude(DropId id, PersonId person, const CommandContext& context) noexcept {
  const std::size_t waves = drops_.drop(id).plan.waves.size();
  for (std::uint16_t wave = 1; wave <= waves; ++wave) {
    const auto number = number_of(id, wave);
    if (!number || rooms_[*number].stands.phase == RoomPhase::closed) { continue; }
    const auto slot = slot_of(rooms_[*number], person);
    if (!slot || rooms_[*number].places[*slot].state != PlaceState::waiting) { continue; }
    end_place(*number, *slot, PlaceState::left, context);
  }
}

}  // namespace firebrand
