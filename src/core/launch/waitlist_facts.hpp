#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"

namespace firebrand {

struct WaitlistOpened {
  static constexpr std::string_view kName = "waitlist_opened";
  static constexpr std::string_view kDoc = "A drop has a waitlist.";
  DropId drop_id{};
  Timestamp ends_at{};
  std::int64_t places_max = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "ends_at", self.ends_at, From::body, Rule{}, "When it closes.");
    field(3, "places_max", self.places_max, From::body, Rule{}, "Most people at the same time.");
  }
};

struct WaitlistJoined {
  static constexpr std::string_view kName = "waitlist_joined";
  static constexpr std::string_view kDoc = "A person waits for a unit that comes back.";
  DropId drop_id{};
  std::uint64_t place = 0;
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who waits.");
  }
};

struct WaitlistLeft {
  static constexpr std::string_view kName = "waitlist_left";
  static constexpr std::string_view kDoc = "A person gave a place in a waitlist up.";
  DropId drop_id{};
  std::uint64_t place = 0;
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who left.");
  }
};

struct WaitlistServed {
  static constexpr std::string_view kName = "waitlist_served";
  static constexpr std::string_view kDoc =
      "A unit that came back went to the next in a waitlist, who is to be told: it must be paid.";
  DropId drop_id{};
  std::uint64_t place = 0;
  PersonId person_id{};
  OrderId order_id{};
  Timestamp expires_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who is to be told.");
    field(4, "order_id", self.order_id, From::body, Rule{}, "The order that was placed.");
    field(5, "expires_at", self.expires_at, From::body, Rule{}, "Until when it must be paid.");
  }
};

struct WaitlistPassedOver {
  static constexpr std::string_view kName = "waitlist_passed_over";
  static constexpr std::string_view kDoc =
      "A person in a waitlist got nothing, having bought as much as is allowed meanwhile.";
  DropId drop_id{};
  std::uint64_t place = 0;
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who.");
  }
};

struct WaitlistClosed {
  static constexpr std::string_view kName = "waitlist_closed";
  static constexpr std::string_view kDoc = "A waitlist ended: nothing more is handed out.";
  DropId drop_id{};
  std::int64_t waiting = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "waiting", self.waiting, From::body, Rule{}, "People who got nothing.");
  }
};

}  // namespace firebrand
