#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "core/launch/waitlists.hpp"

namespace firebrand {

enum class FindWaitlistPlaceStatus : std::uint8_t {
  found = 0,
  waitlist_not_found = 50,
  waitlist_closed = 51,
  waitlist_place_not_found = 52,
};

/// Where does a person stand in the waitlist of a drop?
struct FindWaitlistPlace {
  static constexpr std::string_view kName = "find_waitlist_place";
  static constexpr std::string_view kDoc = "Where does a person stand in a waitlist?";
  DropId drop_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Who.");
  }
};

struct FindWaitlistPlaceResult {
  static constexpr std::string_view kName = "find_waitlist_place_result";
  static constexpr std::string_view kDoc = "Answer to find_waitlist_place.";
  FindWaitlistPlaceStatus status{};
  std::uint64_t place = 0;  ///< The newest of the person, counted from 1.
  WaitlistPlaceState state{};
  std::uint64_t ahead = 0;
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(3, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(4, "ahead", self.ahead, From::body, Rule{}, "People who wait before this one.");
    field(5, "order_id", self.order_id, From::body, Rule{},
          "What it has become, if it was served.");
  }
};

}  // namespace firebrand
