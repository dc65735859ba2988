#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/launch/drops.hpp"

namespace firebrand {

inline constexpr std::size_t kWaitingRoomsMax = 1'000;
inline constexpr std::int64_t kPlacesMax = 100'000'000;
inline constexpr std::int32_t kPlacesPerMinuteMax = 600'000;
inline constexpr std::int32_t kInsideMax = 10'000'000;
inline constexpr std::int32_t kLeaseSecondsMax = 24 * 3600;
inline constexpr std::int32_t kHeartbeatSecondsMax = 3600;
inline constexpr std::int32_t kLatencyMsMax = 60'000;
inline constexpr std::int32_t kAdmitCountMax = 256;
inline constexpr std::size_t kLapsedPlacesMax = 256;
/// Places of one person in one room, one after the other: coming back uses no more of places_max.
inline constexpr std::uint8_t kPlacesPerPersonMax = 16;
/// How long after the opening the secret of the order may be withheld: then the order is fixed
/// without it.
inline constexpr Millis kRevealGrace = std::chrono::minutes{10};

/// Whether the queue moves by itself. The numbers live in snapshots and the API: never renumber.
enum class Pacing : std::uint8_t { automatic = 0, held = 1 };

/// How fast people are let in.
struct AdmissionPlan {
  static constexpr std::string_view kName = "admission_plan";
  static constexpr std::string_view kDoc = "How fast people are let in from a waiting room.";
  std::int32_t places_per_minute = 600;  ///< At most.
  std::int32_t inside_max = 1'000;       ///< People admitted and not yet done, at most.
  std::int32_t lease_seconds = 300;      ///< Time to buy once admitted.
  std::int32_t heartbeat_seconds = 120;  ///< Who does not ask for so long gives the place up.
  std::int32_t latency_ms_max = 100;     ///< Slower answers slow the admission down.
  Pacing pacing = Pacing::automatic;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "places_per_minute", self.places_per_minute, From::body,
          Rule{.min = 1, .max = kPlacesPerMinuteMax, .presence = Presence::optional},
          "Most people let in a minute.");
    field(2, "inside_max", self.inside_max, From::body,
          Rule{.min = 1, .max = kInsideMax, .presence = Presence::optional},
          "Most people admitted at once who have not bought, left or run out of time.");
    field(3, "lease_seconds", self.lease_seconds, From::body,
          Rule{.min = 1, .max = kLeaseSecondsMax, .presence = Presence::optional},
          "Time to buy once admitted.");
    field(4, "heartbeat_seconds", self.heartbeat_seconds, From::body,
          Rule{.min = 1, .max = kHeartbeatSecondsMax, .presence = Presence::optional},
          "Who does not ask for the position for so long gives the place up.");
    field(5, "latency_ms_max", self.latency_ms_max, From::body,
          Rule{.min = 1, .max = kLatencyMsMax, .presence = Presence::optional},
          "When durable answers take longer, fewer are let in.");
    field(6, "pacing", self.pacing, From::body, Rule{.presence = Presence::optional},
          "Whether the queue moves by itself, or is held.");
  }
  friend bool operator==(const AdmissionPlan&, const AdmissionPlan&) = default;
};

[[nodiscard]] constexpr bool in_range(const AdmissionPlan& plan) {
  const auto within = [](std::int32_t value, std::int32_t max) {
    return value >= 1 && value <= max;
  };
  return within(plan.places_per_minute, kPlacesPerMinuteMax) &&
         within(plan.inside_max, kInsideMax) && within(plan.lease_seconds, kLeaseSecondsMax) &&
         within(plan.heartbeat_seconds, kHeartbeatSecondsMax) &&
         within(plan.latency_ms_max, kLatencyMsMax);
}

/// Opens the waiting room of a wave that is decided by one. The commitment is published from here
/// on; the secret behind it fixes the order of those who come before the wave's time.
struct OpenWaitingRoom {
  static constexpr std::string_view kName = "open_waiting_room";
  static constexpr std::string_view kDoc = "Opens the waiting room of a wave.";
  DropId drop_id{};
  std::uint16_t wave = 0;  ///< Counted from 1.
  Timestamp joins_from{};
  Timestamp ends_at{};  ///< Then all places end, and what is left is sold first come.
  std::int64_t places_max = 10'000'000;
  AdmissionPlan admission{};
  Bytes<32> commitment{};  ///< SHA-256 over "firebrand-commit/1", a zero byte and the secret.
  Bytes<16> nonce{};       ///< The edge makes the secret of it and the installation key.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "joins_from", self.joins_from, From::body, Rule{},
          "When people may come. Before the wave's time, so that early ones are drawn by lot.");
    field(4, "ends_at", self.ends_at, From::body, Rule{},
          "When all places end; what is left of the wave is then sold first come.");
    field(5, "places_max", self.places_max, From::body,
          Rule{.min = 1, .max = kPlacesMax, .presence = Presence::optional},
          "Most places ever given.");
    field(6, "admission", self.admission, From::body, Rule{.presence = Presence::optional},
          "How fast people are let in.");
    field(7, "commitment", self.commitment, From::stamped, Rule{},
          "SHA-256 over firebrand-commit/1, a zero byte and the secret of the order.");
    field(8, "nonce", self.nonce, From::stamped, Rule{}, "What the secret is made of.");
  }
  friend bool operator==(const OpenWaitingRoom&, const OpenWaitingRoom&) = default;
};

enum class OpenWaitingRoomStatus : std::uint8_t {
  opened = 0,
  places_max_out_of_range = 10,
  admission_out_of_range = 11,
  exists = 40,
  waiting_room_exists = 50,  ///< The wave has one that was planned otherwise.
  drop_not_found = 51,
  wave_not_found = 52,
  wave_has_no_waiting_room = 53,  ///< The plan decides the wave in another way.
  drop_cancelled = 54,
  joins_after_opening = 55,  ///< joins_from is not before the wave's time, or that has passed.
  ends_before_opening = 56,
  waiting_rooms_full = 57,
};

struct OpenWaitingRoomResult {
  static constexpr std::string_view kName = "open_waiting_room_result";
  static constexpr std::string_view kDoc = "Answer to open_waiting_room.";
  OpenWaitingRoomStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Takes a place. Who has one that has not ended gets the same again.
struct JoinWaitingRoom {
  static constexpr std::string_view kName = "join_waiting_room";
  static constexpr std::string_view kDoc = "Takes a place in a waiting room.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  PersonId person_id{};
  Standing standing{};  ///< What the shop says of the person.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "person_id", self.person_id, From::caller, Rule{}, "Who waits.");
    field(4, "standing", self.standing, From::stamped,
          Rule{.presence = Presence::optional, .since = 2}, "What the shop says of the person.");
  }
};

enum class JoinWaitingRoomStatus : std::uint8_t {
  joined = 0,
  person_out_of_range = 10,
  exists = 40,  ///< The person waits already or is admitted: the same place.
  waiting_room_not_found = 50,
  drop_cancelled = 51,
  waiting_room_not_open = 52,  ///< joins_from is still to come.
  waiting_room_closed = 53,
  waiting_room_full = 54,
  rejoined_too_often = 55,  ///< The person has had kPlacesPerPersonMax places.
  // What the wave asks for.
  group_required = 60,
  member_too_new = 61,
  region_not_served = 62,
  channel_not_served = 63,
  risk_too_high = 64,
  excluded_from_drop = 65,  ///< The person is kept out of the drop.
};

struct JoinWaitingRoomResult {
  static constexpr std::string_view kName = "join_waiting_room_result";
  static constexpr std::string_view kDoc = "Answer to join_waiting_room.";
  JoinWaitingRoomStatus status{};
  std::uint64_t place = 0;  ///< Counted from 1 in the order of joining.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
  }
};

/// Gives a place up, waiting or admitted.
struct LeaveWaitingRoom {
  static constexpr std::string_view kName = "leave_waiting_room";
  static constexpr std::string_view kDoc = "Gives a place in a waiting room up.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "person_id", self.person_id, From::caller, Rule{}, "Whose place.");
  }
};

enum class LeaveWaitingRoomStatus : std::uint8_t {
  left = 0,
  already_ended = 40,  ///< Left, lapsed or out of time before.
  waiting_room_not_found = 50,
  place_not_found = 51,
  place_used = 52,  ///< The person bought with it.
};

struct LeaveWaitingRoomResult {
  static constexpr std::string_view kName = "leave_waiting_room_result";
  static constexpr std::string_view kDoc = "Answer to leave_waiting_room.";
  LeaveWaitingRoomStatus status{};
  std::uint64_t place = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "place", self.place, From::body, Rule{}, "The place that was given up.");
  }
};

/// Publishes the secret of the order once nobody can come early any more: from here on the order
/// of the early ones is known to everybody. If it is withheld, 32 zero bytes take its place.
struct RevealWaitingRoom {
  static constexpr std::string_view kName = "reveal_waiting_room";
  static constexpr std::string_view kDoc = "Publishes the secret of a waiting room's order.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  Bytes<32> secret{};  ///< All zero: withheld, kRevealGrace after the opening.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::stamped, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::stamped, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "secret", self.secret, From::stamped, Rule{}, "What was committed to.");
  }
};

enum class RevealWaitingRoomStatus : std::uint8_t {
  revealed = 0,
  already_revealed = 40,
  waiting_room_not_found = 50,
  waiting_room_closed = 51,
  reveal_too_early = 52,
  reveal_wrong = 53,
};

struct RevealWaitingRoomResult {
  static constexpr std::string_view kName = "reveal_waiting_room_result";
  static constexpr std::string_view kDoc = "Answer to reveal_waiting_room.";
  RevealWaitingRoomStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Lets the next in order in. Proposed by the controller at the edge, which measures.
struct AdmitPlaces {
  static constexpr std::string_view kName = "admit_places";
  static constexpr std::string_view kDoc = "Lets the next in a waiting room's order in.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int32_t count = 1;                ///< At most so many.
  std::int32_t measured_per_minute = 0;  ///< What the controller has measured of late.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::stamped, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::stamped, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "count", self.count, From::stamped, Rule{.min = 1, .max = kAdmitCountMax},
          "At most so many.");
    field(4, "measured_per_minute", self.measured_per_minute, From::stamped, Rule{.min = 0},
          "People let in a minute, as measured of late.");
  }
};

enum class AdmitPlacesStatus : std::uint8_t {
  admitted = 0,
  count_out_of_range = 10,
  waiting_room_not_found = 50,
  waiting_room_closed = 51,
  order_not_revealed = 52,
  wave_not_released = 53,
  inside_full = 54,
  nobody_waiting = 55,
};

struct AdmitPlacesResult {
  static constexpr std::string_view kName = "admit_places_result";
  static constexpr std::string_view kDoc = "Answer to admit_places.";
  AdmitPlacesStatus status{};
  std::int32_t admitted = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "admitted", self.admitted, From::body, Rule{},
          "How many were let in; none if only places that had ended were passed.");
  }
};

/// Ends places whose people have not asked for longer than the heartbeat allows.
struct LapsePlaces {
  static constexpr std::string_view kName = "lapse_places";
  static constexpr std::string_view kDoc = "Ends the places of people who stay away.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  List<std::uint32_t, kLapsedPlacesMax> places{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::stamped, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::stamped, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "places", self.places, From::stamped, Rule{.min = 1},
          "Those that wait are ended, others passed over.");
  }
};

enum class LapsePlacesStatus : std::uint8_t {
  lapsed = 0,
  waiting_room_not_found = 50,
  waiting_room_closed = 51,
  nothing_to_lapse = 52,
};

struct LapsePlacesResult {
  static constexpr std::string_view kName = "lapse_places_result";
  static constexpr std::string_view kDoc = "Answer to lapse_places.";
  LapsePlacesStatus status{};
  std::int32_t lapsed = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "lapsed", self.lapsed, From::body, Rule{}, "How many were ended.");
  }
};

/// Staff change how fast people are let in. Leases that run keep their end.
struct ChangeAdmission {
  static constexpr std::string_view kName = "change_admission";
  static constexpr std::string_view kDoc = "Changes how fast people are let in.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  AdmissionPlan admission{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "admission", self.admission, From::body, Rule{}, "All of it, as it shall be.");
  }
};

enum class ChangeAdmissionStatus : std::uint8_t {
  changed = 0,
  admission_out_of_range = 10,
  unchanged = 40,
  waiting_room_not_found = 50,
  waiting_room_closed = 51,
};

struct ChangeAdmissionResult {
  static constexpr std::string_view kName = "change_admission_result";
  static constexpr std::string_view kDoc = "Answer to change_admission.";
  ChangeAdmissionStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Ends a waiting room and all its places; what is left of the wave is sold first come.
struct CloseWaitingRoom {
  static constexpr std::string_view kName = "close_waiting_room";
  static constexpr std::string_view kDoc = "Ends a waiting room and all its places.";
  DropId drop_id{};
  std::uint16_t wave = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
  }
};

enum class CloseWaitingRoomStatus : std::uint8_t {
  closed = 0,
  already_closed = 40,
  waiting_room_not_found = 50,
};

struct CloseWaitingRoomResult {
  static constexpr std::string_view kName = "close_waiting_room_result";
  static constexpr std::string_view kDoc = "Answer to close_waiting_room.";
  CloseWaitingRoomStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

}  // namespace firebrand
