#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/launch/waiting_room_commands.hpp"

namespace firebrand {

struct WaitingRoomOpened {
  static constexpr std::string_view kName = "waiting_room_opened";
  static constexpr std::string_view kDoc = "A wave has a waiting room.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  Timestamp joins_from{};
  Timestamp ends_at{};
  Bytes<32> commitment{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "joins_from", self.joins_from, From::body, Rule{}, "When people may come.");
    field(4, "ends_at", self.ends_at, From::body, Rule{}, "When all places end.");
    field(5, "commitment", self.commitment, From::body, Rule{}, "To the secret of the order.");
  }
};

struct PlaceJoined {
  static constexpr std::string_view kName = "place_joined";
  static constexpr std::string_view kDoc = "A person took a place in a waiting room.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(4, "person_id", self.person_id, From::body, Rule{}, "Who waits.");
  }
};

struct WaitingRoomRevealed {
  static constexpr std::string_view kName = "waiting_room_revealed";
  static constexpr std::string_view kDoc = "The order of those who came early is known.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  Bytes<32> secret{};
  std::uint64_t early = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "secret", self.secret, From::body, Rule{}, "All zero: it was withheld.");
    field(4, "early", self.early, From::body, Rule{}, "Places taken before the wave's time.");
  }
};

struct PlaceAdmitted {
  static constexpr std::string_view kName = "place_admitted";
  static constexpr std::string_view kDoc = "A person may buy now.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;
  PersonId person_id{};
  Timestamp until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "place", self.place, From::body, Rule{}, "The place.");
    field(4, "person_id", self.person_id, From::body, Rule{}, "Who may buy.");
    field(5, "until", self.until, From::body, Rule{}, "When the lease ends.");
  }
};

/// How a place came to its end. The numbers live in snapshots, facts and the API: never renumber.
enum class PlaceState : std::uint8_t {
  waiting = 0,
  admitted = 1,
  used = 2,     ///< The person bought with it.
  left = 3,     ///< Given up.
  lapsed = 4,   ///< The person stayed away.
  expired = 5,  ///< The lease was over before anything was bought.
};

struct PlaceEnded {
  static constexpr std::string_view kName = "place_ended";
  static constexpr std::string_view kDoc = "A place came to its end.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;
  PersonId person_id{};
  PlaceState state{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "place", self.place, From::body, Rule{}, "The place.");
    field(4, "person_id", self.person_id, From::body, Rule{}, "Whose it was.");
    field(5, "state", self.state, From::body, Rule{}, "How: used, left, lapsed or expired.");
  }
};

struct AdmissionChanged {
  static constexpr std::string_view kName = "admission_changed";
  static constexpr std::string_view kDoc = "Staff changed how fast people are let in.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  AdmissionPlan admission{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "admission", self.admission, From::body, Rule{}, "As it is from now on.");
  }
};

struct WaitingRoomClosed {
  static constexpr std::string_view kName = "waiting_room_closed";
  static constexpr std::string_view kDoc = "A waiting room and all its places ended.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int64_t waiting = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "waiting", self.waiting, From::body, Rule{}, "People who still waited.");
  }
};

}  // namespace firebrand
