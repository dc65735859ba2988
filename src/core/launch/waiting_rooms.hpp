#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/shuffled_order.hpp"
#include "base/slot_index.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/waiting_room_commands.hpp"
#include "core/launch/waiting_room_facts.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

inline constexpr std::size_t kPlaceStates = 6;

/// Every legal change of a place, [from][to]. All others are bugs and abort.
inline constexpr std::array<std::array<bool, kPlaceStates>, kPlaceStates> kPlaceTransitions{{
    //              waiting admitted used   left   lapsed expired
    /* waiting  */ {{false, true, false, true, true, false}},
    /* admitted */ {{false, false, true, true, false, true}},
    /* used     */ {{false, false, false, false, false, false}},
    /* left     */ {{true, false, false, false, false, false}},  // Before the wave's time.
    /* lapsed   */ {{true, false, false, false, false, false}},  // Likewise.
    /* expired  */ {{false, false, false, false, false, false}},
}};

[[nodiscard]] constexpr bool place_may_become(PlaceState from, PlaceState to) {
  return kPlaceTransitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
}

/// Waiting or admitted: not ended.
[[nodiscard]] constexpr bool is_live(PlaceState state) {
  return state == PlaceState::waiting || state == PlaceState::admitted;
}

/// One person's place. 24 bytes.
struct Place {
  PersonId person_id{};
  Timestamp at{};  ///< Joined while waiting; the lease's end while admitted; then when it ended.
  PlaceState state = PlaceState::waiting;
  std::uint8_t taken = 0;  ///< Places that the person had here before. Counted again by a load.
};

/// Places by what became of them: joined = the sum of the others but `early`.
struct PlaceCounts {
  static constexpr std::string_view kName = "place_counts";
  static constexpr std::string_view kDoc = "Places by what became of them.";
  std::int64_t joined = 0;  ///< Ever.
  std::int64_t early = 0;   ///< Of them, before the wave's time.
  std::int64_t waiting = 0;
  std::int64_t inside = 0;  ///< Admitted and not yet done.
  std::int64_t used = 0;
  std::int64_t left = 0;
  std::int64_t lapsed = 0;
  std::int64_t expired = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "joined", self.joined, From::body, Rule{}, "Places ever taken.");
    field(2, "early", self.early, From::body, Rule{}, "Of them, before the wave's time.");
    field(3, "waiting", self.waiting, From::body, Rule{}, "Places that wait.");
    field(4, "inside", self.inside, From::body, Rule{}, "People who may buy now.");
    field(5, "used", self.used, From::body, Rule{}, "Places somebody bought with.");
    field(6, "left", self.left, From::body, Rule{}, "Places given up.");
    field(7, "lapsed", self.lapsed, From::body, Rule{}, "Places whose people stayed away.");
    field(8, "expired", self.expired, From::body, Rule{}, "Admissions that ran out of time.");
  }
};

/// The numbers live in snapshots and the API: never renumber.
enum class RoomPhase : std::uint8_t { open = 0, closed = 1 };
enum class OrderReveal : std::uint8_t { pending = 0, revealed = 1, withheld = 2 };

/// A waiting room but for its places.
struct WaitingRoom {
  static constexpr std::string_view kName = "waiting_room";
  static constexpr std::string_view kDoc = "A waiting room and where it stands.";
  OpenWaitingRoom plan{};
  AdmissionPlan admission{};  ///< As it is now.
  Timestamp opens_at{};       ///< The wave's time: who joins before is early.
  RoomPhase phase = RoomPhase::open;
  OrderReveal reveal = OrderReveal::pending;
  Bytes<32> secret{};
  PlaceCounts counts{};
  std::uint64_t next = 0;  ///< The position whose turn is next: all before were let in or passed.
  std::int32_t measured_per_minute = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "plan", self.plan, From::body, Rule{}, "As opened.");
    field(2, "admission", self.admission, From::body, Rule{}, "How fast people are let in.");
    field(3, "opens_at", self.opens_at, From::body, Rule{}, "The wave's time.");
    field(4, "phase", self.phase, From::body, Rule{}, "Open or closed.");
    field(5, "reveal", self.reveal, From::body, Rule{}, "Whether the order is known.");
    field(6, "secret", self.secret, From::body, Rule{}, "Once revealed.");
    field(7, "counts", self.counts, From::body, Rule{}, "Places by what became of them.");
    field(8, "next", self.next, From::body, Rule{}, "The position whose turn is next.");
    field(9, "measured_per_minute", self.measured_per_minute, From::body, Rule{},
          "People let in a minute, as the controller measured of late.");
  }
};

/// Seed of the order of a room's early places: SHA-256 over "firebrand-room/1", a zero byte, the
/// drop (8 bytes), the wave (2), the number of early places (8), all big-endian, and the secret.
[[nodiscard]] Hash256 room_order_seed(DropId, std::uint16_t wave, std::uint64_t early,
                                      const Bytes<32>& secret);

/// Waiting rooms of waves that are decided by one.
///
/// Places are numbered in the order of joining. Position p of the order is place p + 1, but among
/// the early ones, those before the wave's time, a permutation that the revealed secret fixes says
/// who stands where: computed per place, so that nothing is sorted or moved at the opening. Who
/// left or lapsed and comes back before the wave's time has the same place again, since the lot
/// decides where it stands; later a new one at the end, kPlacesPerPersonMax in all.
///
/// A place is 24 bytes and at most 22 in the index by person; it ends with its room, by staff or at
/// `ends_at`, and its memory in idle moments after that; at most kPlacesMax a room. Rooms are few
/// and live for good, about 1.3 KB each, at most kWaitingRoomsMax. An admitted place is a lease
/// with a deadline in the schedule.
///
/// Invariants: the counts add up and are those of the places; a person's newest place is in the
/// index, and all others of the person have ended; positions before `next` do not wait; a closed
/// room has no places.
class WaitingRooms {
 public:
  WaitingRooms(Schedule& schedule, const Drops& drops) : schedule_(schedule), drops_(drops) {}

  [[nodiscard]] OpenWaitingRoomResult apply(const OpenWaitingRoom&, const CommandContext&) noexcept;
  [[nodiscard]] JoinWaitingRoomResult apply(const JoinWaitingRoom&, const CommandContext&) noexcept;
  [[nodiscard]] LeaveWaitingRoomResult apply(const LeaveWaitingRoom&,
                                             const CommandContext&) noexcept;
  [[nodiscard]] RevealWaitingRoomResult apply(const RevealWaitingRoom&,
                                              const CommandContext&) noexcept;
  [[nodiscard]] AdmitPlacesResult apply(const AdmitPlaces&, const CommandContext&) noexcept;
  [[nodiscard]] LapsePlacesResult apply(const LapsePlaces&, const CommandContext&) noexcept;
  [[nodiscard]] ChangeAdmissionResult apply(const ChangeAdmission&, const CommandContext&) noexcept;
  [[nodiscard]] CloseWaitingRoomResult apply(const CloseWaitingRoom&,
                                             const CommandContext&) noexcept;
  /// Deadline waiting_room_due: a lease or a room is over. Harmless if it is not.
  void due(std::uint64_t deadline_id, const CommandContext&) noexcept;

  /// May the person buy from a wave that is decided by a waiting room?
  enum class Turn : std::uint8_t {
    may_buy,
    anybody,     ///< The room is closed: first come.
    not_inside,  ///< No place, or one that has ended.
    waits,       ///< It is not the person's turn yet.
    too_late,    ///< The lease is over.
  };
  [[nodiscard]] Turn turn(DropId, std::uint16_t wave, PersonId, Timestamp now) const noexcept;
  /// For the sale: the person bought. REQUIRES: turn() said may_buy.
  void use(DropId, std::uint16_t wave, PersonId, const CommandContext&) noexcept;

  /// For the sale: whoever is kept out of a drop waits in none of its rooms. REQUIRES: the drop is
  /// not open, so that nobody was let in.
  void exclude(DropId, PersonId, const CommandContext&) noexcept;

  /// Brings what a join will touch closer, some commands ahead.
  void prefetch(const JoinWaitingRoom&) const noexcept;
  /// One bounded step towards memory for the places that open rooms may still give, `places_max` in
  /// all at most; before that, one that gives back what closed rooms had. @return whether it did
  /// anything: call again.
  bool make_ready(std::uint64_t places_max);

  /// Null if the wave has none.
  [[nodiscard]] const WaitingRoom* find(DropId, std::uint16_t wave) const noexcept;
  /// Null if the room is closed or never gave it. @param place  Counted from 1.
  [[nodiscard]] const Place* place(DropId, std::uint16_t wave, std::uint64_t place) const noexcept;
  /// Where a place stands in the order, from 0; nothing while the secret is pending.
  [[nodiscard]] std::optional<std::uint64_t> position(DropId, std::uint16_t wave,
                                                      std::uint64_t place) const noexcept;
  template <class Take>
  void for_each(Take&& take) const {
    for (const Room& room : rooms_) { take(room.stands); }
  }
  /// Rooms that may look different to the public since the last call. A hint for live views, not
  /// part of the state.
  [[nodiscard]] std::vector<WaitingRoom> take_touched() noexcept;

  /// Bytes that places and their index have mapped now.
  [[nodiscard]] std::uint64_t bytes_mapped() const noexcept;
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  struct Room {
    WaitingRoom stands{};
    DenseArray<Place> places{};  ///< Place n is entry n - 1.
    SlotIndex by_person{};       ///< The newest of each person.
    ShuffledOrder order{};       ///< Of the early ones, once revealed.
    Digest digest{};             ///< Of the places.
    bool is_touched = false;
  };
  /// What a closed room had: taking it back keeps the kernel busy for longer than a command may
  /// take.
  struct Leaving {
    DenseArray<Place> places;
    SlotIndex by_person;
  };
  [[nodiscard]] static std::uint64_t key_of(DropId id, std::uint16_t wave) {
    return id.value * 256 + wave;
  }
  [[nodiscard]] std::optional<std::uint32_t> number_of(DropId, std::uint16_t wave) const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> slot_of(const Room&, PersonId) const noexcept;
  [[nodiscard]] static std::uint64_t slot_at(const Room&, std::uint64_t position) noexcept;
  [[nodiscard]] static std::uint64_t standing_hash(std::uint64_t number,
                                                   const WaitingRoom&) noexcept;
  /// Runs `change` on what the digest knows of a room beside its places.
  template <class Change>
  void update(std::uint32_t number, Change&& change) noexcept {
    Room& room = rooms_[number];
    const std::uint64_t before = standing_hash(number, room.stands);
    change(room.stands);
    digest_.replace(before, standing_hash(number, room.stands));
    room.is_touched = true;
  }
  void set(std::uint32_t number, std::uint64_t slot, PlaceState, Timestamp at) noexcept;
  void add_place(std::uint32_t number, const Place&) noexcept;
  void end_place(std::uint32_t number, std::uint64_t slot, PlaceState how,
                 const CommandContext&) noexcept;
  void close(std::uint32_t number, const CommandContext&) noexcept;
  void fix_order(Room&) noexcept;
  void remember(const WaitingRoom&);

  Schedule& schedule_;
  const Drops& drops_;
  std::vector<Room> rooms_;
  std::map<std::uint64_t, std::uint32_t> by_wave_;  // To the entry of rooms_.
  Digest digest_;
  std::vector<Leaving> leaving_;  // At most kLeavingMax; not part of the state.
};

}  // namespace firebrand
