#include "base/draw.hpp"
#include "core/launch/queries.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "sim/crowd.hpp"

/// What is sent about waiting rooms: by staff, by those who wait, and by the controller.
namespace firebrand {

Bytes<32> Crowd::room_secret(const KnownRoom& room) {
  Bytes<32> secret;
  for (std::size_t i = 0; i < secret.data.size(); ++i) {
    secret.data[i] = static_cast<std::uint8_t>(room.id.value * 7 + room.wave * 3 + i + 1);
  }
  return secret;
}

SimRequest Crowd::open_room(const KnownRoom& room, Timestamp now) {
  const Millis before{prng_.between(often(5) ? -3'000 : 1, 900)};
  const std::int64_t soonest = often(3) ? 0 : 1;
  const std::int64_t latest = often(25) ? 20'000 : 3'000'000'000;
  const Millis after{prng_.between(soonest, latest)};
  OpenWaitingRoom command{
      .drop_id = often(2) ? DropId{77} : room.id,
      .wave = often(2) ? std::uint16_t{7} : room.wave,
      .joins_from = std::min(now, room.opens_at) - before,
      .ends_at = room.opens_at + after,
      .places_max = often(5) ? prng_.between(0, 9) : 1'000,
      .admission = {.places_per_minute = 60,
                    .inside_max = static_cast<std::int32_t>(prng_.between(1, 20)),
                    .lease_seconds =
                        static_cast<std::int32_t>(prng_.between(1, often(50) ? 12 : 2'000))},
      .commitment = draw_commitment(room_secret(room))};
  if (often(2)) { command.admission.inside_max = 0; }
  return request_of(command, {ActorKind::staff, 1});
}

SimRequest Crowd::about_room(Timestamp now) {
  KnownRoom room = recent_of(rooms_);
  for (int tries = 0; tries < 6 && !room.opened; ++tries) { room = recent_of(rooms_); }
  const PersonId person = !room.persons.empty() && often(60) ? one_of(room.persons)
                          : often(1)                         ? PersonId{}
                                     : PersonId{prng_.below(habits_.persons) + 1};
  const Actor fan{ActorKind::fan, person.value};
  const std::uint16_t wave = often(2) ? 7 : room.wave;
  if ((!room.opened && often(10)) || often(2)) { return open_room(room, now); }
  if (often(25)) {
    return request_of(JoinWaitingRoom{room.id, wave, person, standing_of(person)}, fan);
  }
  if (often(30)) { return by_controller(room); }
  if (often(60)) {
    return request_of(
        PlaceOrder{.drop_id = room.id, .person_id = person, .standing = standing_of(person)}, fan);
  }
  if (often(20)) { return request_of(LeaveWaitingRoom{room.id, wave, person}, fan); }
  if (often(50)) { return request_of(FindPlace{room.id, wave, prng_.below(room.places + 3)}); }
  if (often(8)) { return request_of(CloseWaitingRoom{room.id, wave}, {ActorKind::staff, 1}); }
  if (often(40)) {
    return request_of(
        ChangeAdmission{
            room.id,
            wave,
            {.inside_max = static_cast<std::int32_t>(prng_.between(often(3) ? 0 : 1, 9)),
             .lease_seconds = static_cast<std::int32_t>(prng_.between(1, often(50) ? 12 : 2'000))}},
        {ActorKind::staff, 1});
  }
  return by_controller(room);
}

SimRequest Crowd::by_controller(const KnownRoom& room) {
  const std::uint64_t choice = prng_.below(8);
  if (choice < 2) {
    Bytes<32> secret = room_secret(room);
    if (often(5)) { secret = {}; }
    if (often(5)) { ++secret.data[0]; }
    return request_of(RevealWaitingRoom{room.id, room.wave, secret});
  }
  if (choice < 7) {
    return request_of(
        AdmitPlaces{.drop_id = room.id,
                    .wave = room.wave,
                    .count = static_cast<std::int32_t>(prng_.between(often(2) ? 0 : 1, 8)),
                    .measured_per_minute = static_cast<std::int32_t>(prng_.below(500))});
  }
  LapsePlaces command{.drop_id = room.id, .wave = room.wave};
  for (std::uint64_t count = prng_.below(4) + 1; count > 0; --count) {
    command.places.push_back(static_cast<std::uint32_t>(prng_.below(room.places + 2)));
  }
  return request_of(command);
}

}  // namespace firebrand
