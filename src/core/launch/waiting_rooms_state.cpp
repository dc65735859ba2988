#include <algorithm>
#include <utility>

#include "core/facts.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/piece.hpp"

/// What waiting rooms keep: places, index, digest, snapshot piece.
namespace firebrand {

namespace {

/// Closed rooms whose memory waits for an idle moment: a replay has none.
constexpr std::size_t kLeavingMax = 4;

/// The digest is a sum: what a part of a room adds must be told from what another part adds.
enum class RoomPart : std::uint8_t { plan, standing, place };

std::uint64_t plan_hash(std::uint64_t number, const OpenWaitingRoom& plan) {
  return hash_words(RoomPart::plan, entry_hash(number, plan));
}

std::uint64_t place_hash(std::uint64_t number, std::uint64_t slot, const Place& place) {
  return hash_words(RoomPart::place, number, slot, place.person_id, place.at, place.state);
}

std::uint64_t person_hash(PersonId id) { return hash_words(id.value); }

/// The count that a place of this state is in.
std::int64_t PlaceCounts::*count_of(PlaceState state) {
  switch (state) {
    case PlaceState::waiting:
      return &PlaceCounts::waiting;
    case PlaceState::admitted:
      return &PlaceCounts::inside;
    case PlaceState::used:
      return &PlaceCounts::used;
    case PlaceState::left:
      return &PlaceCounts::left;
    case PlaceState::lapsed:
      return &PlaceCounts::lapsed;
    case PlaceState::expired:
      return &PlaceCounts::expired;
  }
  return &PlaceCounts::waiting;
}

}  // namespace

std::uint64_t WaitingRooms::standing_hash(std::uint64_t number, const WaitingRoom& room) noexcept {
  const PlaceCounts& counts = room.counts;
  const AdmissionPlan& admission = room.admission;
  return hash_words(RoomPart::standing, number, room.phase, room.reveal,
                    hash_bytes(bytes_of(room.secret)), counts.joined, counts.early, counts.waiting,
                    counts.inside, counts.used, counts.left, counts.lapsed, counts.expired,
                    room.next, room.measured_per_minute, admission.places_per_minute,
                    admission.inside_max, admission.lease_seconds, admission.heartbeat_seconds,
                    admission.latency_ms_max, admission.pacing);
}

void WaitingRooms::prefetch(const JoinWaitingRoom& command) const noexcept {
  if (const auto number = number_of(command.drop_id, command.wave)) {
    rooms_[*number].by_person.prefetch(person_hash(command.person_id));
  }
}

bool WaitingRooms::make_ready(std::uint64_t places_max) {
  if (!leaving_.empty()) {
    Leaving& last = leaving_.back();
    if (!last.places.give_back() && !last.by_person.give_back()) { leaving_.pop_back(); }
    return true;
  }
  const auto open = std::ranges::count_if(
      rooms_, [](const Room& room) { return room.stands.phase == RoomPhase::open; });
  if (open == 0) { return false; }
  places_max /= static_cast<std::uint64_t>(open);
  for (Room& room : rooms_) {
    if (room.stands.phase == RoomPhase::closed) { continue; }
    const auto bound = static_cast<std::uint64_t>(room.stands.plan.places_max);
    const std::uint64_t more = std::min(bound - room.places.size(), places_max);
    if (room.places.make_ready(more) || room.by_person.make_ready(more)) { return true; }
  }
  return false;
}

const WaitingRoom* WaitingRooms::find(DropId id, std::uint16_t wave) const noexcept {
  const auto number = number_of(id, wave);
  return number ? &rooms_[*number].stands : nullptr;
}

const Place* WaitingRooms::place(DropId id, std::uint16_t wave,
                                 std::uint64_t place) const noexcept {
  const auto number = number_of(id, wave);
  if (!number || place < 1 || place > rooms_[*number].places.size()) { return nullptr; }
  return &rooms_[*number].places[place - 1];
}

std::optional<std::uint64_t> WaitingRooms::position(DropId id, std::uint16_t wave,
                                                    std::uint64_t place) const noexcept {
  const auto number = number_of(id, wave);
  if (!number || place < 1 || place > rooms_[*number].places.size()) { return std::nullopt; }
  const Room& room = rooms_[*number];
  if (room.stands.reveal == OrderReveal::pending) { return std::nullopt; }
  return place <= room.order.size() ? room.order.position_of(place - 1) : place - 1;
}

std::vector<WaitingRoom> WaitingRooms::take_touched() noexcept {
  std::vector<WaitingRoom> touched;
  for (Room& room : rooms_) {
    if (std::exchange(room.is_touched, false)) { touched.push_back(room.stands); }
  }
  return touched;
}

std::uint64_t WaitingRooms::bytes_mapped() const noexcept {
  std::uint64_t bytes = 0;
  for (const Room& room : rooms_) {
    bytes += room.places.bytes_mapped() + room.by_person.bytes_mapped();
  }
  for (const Leaving& room : leaving_) {
    bytes += room.places.bytes_mapped() + room.by_person.bytes_mapped();
  }
  return bytes;
}

std::optional<std::uint32_t> WaitingRooms::number_of(DropId id, std::uint16_t wave) const noexcept {
  if (!drops_.has(id)) { return std::nullopt; }
  const auto found = by_wave_.find(key_of(id, wave));
  return found == by_wave_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> WaitingRooms::slot_of(const Room& room,
                                                   PersonId person) const noexcept {
  return room.by_person.find(person_hash(person), [&](std::uint32_t slot) {
    return room.places[slot].person_id == person;
  });
}

std::uint64_t WaitingRooms::slot_at(const Room& room, std::uint64_t position) noexcept {
  return position < room.order.size() ? room.order.entry_at(position) : position;
}

void WaitingRooms::set(std::uint32_t number, std::uint64_t slot, PlaceState state,
                       Timestamp at) noexcept {
  Room& room = rooms_[number];
  Place& place = room.places[slot];
  FB_ASSERT(place_may_become(place.state, state));
  const PlaceState was = place.state;
  const std::uint64_t before = place_hash(number, slot, place);
  place.state = state;
  place.at = at;
  room.digest.replace(before, place_hash(number, slot, place));
  digest_.replace(before, place_hash(number, slot, place));
  update(number, [&](WaitingRoom& stands) {
    --(stands.counts.*count_of(was));
    ++(stands.counts.*count_of(state));
  });
}

void WaitingRooms::add_place(std::uint32_t number, const Place& place) noexcept {
  Room& room = rooms_[number];
  const auto slot = static_cast<std::uint32_t>(room.places.size());
  const std::uint64_t hash = person_hash(place.person_id);
  Place& added = room.places.push_back(place);
  if (const auto before = slot_of(room, place.person_id)) {
    added.taken = static_cast<std::uint8_t>(room.places[*before].taken + 1);
    room.by_person.erase(hash, *before);
  }
  room.by_person.insert(hash, slot);
  room.digest.add(place_hash(number, slot, place));
  digest_.add(place_hash(number, slot, place));
}

void WaitingRooms::end_place(std::uint32_t number, std::uint64_t slot, PlaceState how,
                             const CommandContext& context) noexcept {
  set(number, slot, how, context.timestamp);
  const OpenWaitingRoom& plan = rooms_[number].stands.plan;
  context.facts->emit(
      PlaceEnded{plan.drop_id, plan.wave, slot + 1, rooms_[number].places[slot].person_id, how});
}

void WaitingRooms::close(std::uint32_t number, const CommandContext& context) noexcept {
  Room& room = rooms_[number];
  const OpenWaitingRoom& plan = room.stands.plan;
  const std::int64_t waited = room.stands.counts.waiting;
  update(number, [](WaitingRoom& stands) {
    stands.phase = RoomPhase::closed;
    // Who still waits or is inside loses the place to nobody: all may buy now.
    stands.counts.left += stands.counts.waiting + stands.counts.inside;
    stands.counts.waiting = 0;
    stands.counts.inside = 0;
  });
  digest_.remove(room.digest.value());
  room.digest = {};
  if (leaving_.size() == kLeavingMax) { leaving_.erase(leaving_.begin()); }
  leaving_.push_back({std::exchange(room.places, {}), std::exchange(room.by_person, {})});
  room.order = {};
  context.facts->emit(WaitingRoomClosed{plan.drop_id, plan.wave, waited});
}

void WaitingRooms::fix_order(Room& room) noexcept {
  const auto early = static_cast<std::uint64_t>(room.stands.counts.early);
  const OpenWaitingRoom& plan = room.stands.plan;
  room.order =
      ShuffledOrder(room_order_seed(plan.drop_id, plan.wave, early, room.stands.secret), early);
}

void WaitingRooms::remember(const WaitingRoom& stands) {
  const auto number = static_cast<std::uint32_t>(rooms_.size());
  Room& room = rooms_.emplace_back();
  room.stands = stands;
  room.is_touched = true;
  by_wave_.emplace(key_of(stands.plan.drop_id, stands.plan.wave), number);
  digest_.add(plan_hash(number, stands.plan));
  digest_.add(standing_hash(number, stands));
}

void WaitingRooms::check_invariants() const {
  Digest digest;
  for (std::uint32_t number = 0; number < rooms_.size(); ++number) {
    const Room& room = rooms_[number];
    const WaitingRoom& stands = room.stands;
    digest.add(plan_hash(number, stands.plan));
    digest.add(standing_hash(number, stands));
    const PlaceCounts& counts = stands.counts;
    FB_ASSERT(counts.joined == counts.waiting + counts.inside + counts.used + counts.left +
                                   counts.lapsed + counts.expired);
    FB_ASSERT(number_of(stands.plan.drop_id, stands.plan.wave) == number);
    if (stands.phase == RoomPhase::closed) {
      FB_ASSERT(room.places.empty() && counts.waiting == 0 && counts.inside == 0);
      continue;
    }
    FB_ASSERT(static_cast<std::uint64_t>(counts.joined) == room.places.size());
    PlaceCounts seen{.joined = counts.joined, .early = 0};
    for (std::uint64_t slot = 0; slot < room.places.size(); ++slot) {
      const Place& place = room.places[slot];
      digest.add(place_hash(number, slot, place));
      ++(seen.*count_of(place.state));
      const auto newest = slot_of(room, place.person_id);
      FB_ASSERT(newest.has_value() &&
                (*newest == slot || (*newest > slot && !is_live(place.state))));
    }
    FB_ASSERT(seen.waiting == counts.waiting && seen.inside == counts.inside &&
              seen.used == counts.used && seen.left == counts.left &&
              seen.lapsed == counts.lapsed && seen.expired == counts.expired);
    for (std::uint64_t position = 0; position < stands.next; ++position) {
      FB_ASSERT(room.places[slot_at(room, position)].state != PlaceState::waiting);
    }
  }
  FB_ASSERT(digest == digest_);
}

void WaitingRooms::save(ByteSink& sink) const {
  put_u64(sink, rooms_.size());
  for (const Room& room : rooms_) {
    save_entry(sink, room.stands);
    put_u64(sink, room.places.size());
    for (std::uint64_t slot = 0; slot < room.places.size(); ++slot) {
      const Place& place = room.places[slot];
      put_u64(sink, place.person_id.value);
      put_i64(sink, to_unix_ms(place.at));
      put_u8(sink, static_cast<std::uint8_t>(place.state));
    }
  }
}

bool WaitingRooms::load(ByteSource& source) {
  rooms_.clear();
  by_wave_.clear();
  digest_ = {};
  std::uint64_t rooms = 0;
  if (!get_u64(source, rooms) || rooms > kWaitingRoomsMax) { return false; }
  for (std::uint32_t number = 0; number < rooms; ++number) {
    WaitingRoom stands;
    std::uint64_t places = 0;
    if (!load_entry(source, stands) || !get_u64(source, places)) { return false; }
    if (places > static_cast<std::uint64_t>(kPlacesMax)) { return false; }
    remember(stands);
    for (std::uint64_t i = 0; i < places; ++i) {
      Place place;
      std::int64_t at = 0;
      std::uint8_t state = 0;
      if (!get_u64(source, place.person_id.value) || !get_i64(source, at) ||
          !get_u8(source, state) || state >= kPlaceStates) {
        return false;
      }
      place.at = from_unix_ms(at);
      place.state = static_cast<PlaceState>(state);
      add_place(number, place);
    }
    if (stands.reveal != OrderReveal::pending && stands.phase == RoomPhase::open) {
      fix_order(rooms_.back());
    }
  }
  return true;
}

}  // namespace firebrand
