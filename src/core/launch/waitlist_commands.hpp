#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"
#include "core/launch/drops.hpp"

namespace firebrand {

inline constexpr std::size_t kWaitlistsMax = 10'000;
/// People who wait in one list at the same time.
inline constexpr std::int64_t kWaitlistPlacesMax = 1'000'000;
/// Places that one list ever gives: each costs memory until the list closes.
inline constexpr std::uint64_t kWaitlistJoinsMax = 10'000'000;
/// Places that one person ever gets in one list: who joins and leaves again and again uses up few.
inline constexpr std::uint8_t kWaitlistJoinsPerPersonMax = 10;

/// Opens the waitlist of a drop: units that come back to a wave that has sold out go to those who
/// wait, in the order of joining.
struct OpenWaitlist {
  static constexpr std::string_view kName = "open_waitlist";
  static constexpr std::string_view kDoc = "Opens the waitlist of a drop.";
  DropId drop_id{};
  Timestamp ends_at{};  ///< Then it closes, and what comes back is on sale for anybody.
  std::int64_t places_max = 100'000;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "ends_at", self.ends_at, From::body, Rule{}, "When it closes.");
    field(3, "places_max", self.places_max, From::body,
          Rule{.min = 1, .max = kWaitlistPlacesMax, .presence = Presence::optional},
          "Most people who wait at the same time.");
  }
  friend bool operator==(const OpenWaitlist&, const OpenWaitlist&) = default;
};

enum class OpenWaitlistStatus : std::uint8_t {
  opened = 0,
  places_max_out_of_range = 10,
  exists = 40,
  waitlist_exists = 50,  ///< The drop has one that was opened otherwise.
  drop_not_found = 51,
  no_wave_for_waitlist = 52,  ///< No wave of the drop is first come and for everyone.
  drop_cancelled = 53,
  waitlist_ends_in_the_past = 54,
  waitlists_full = 55,
};

struct OpenWaitlistResult {
  static constexpr std::string_view kName = "open_waitlist_result";
  static constexpr std::string_view kDoc = "Answer to open_waitlist.";
  OpenWaitlistStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Takes a place at the end of a drop's waitlist, for one unit.
struct JoinWaitlist {
  static constexpr std::string_view kName = "join_waitlist";
  static constexpr std::string_view kDoc = "Takes a place at the end of a drop's waitlist.";
  DropId drop_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{.min = 1, .max = kPersonIdMax},
          "Who waits.");
  }
};

enum class JoinWaitlistStatus : std::uint8_t {
  joined = 0,
  person_out_of_range = 10,
  exists = 40,  ///< The person waits already: the same place.
  waitlist_not_found = 50,
  drop_cancelled = 51,
  waitlist_closed = 52,
  not_sold_out = 53,  ///< There are units to buy, or no wave that the list is for was released yet.
  purchase_limit = 54,
  waitlist_joined_too_often = 55,
  waitlist_full = 56,
  excluded_from_drop = 57,  ///< The person is kept out of the drop.
};

struct JoinWaitlistResult {
  static constexpr std::string_view kName = "join_waitlist_result";
  static constexpr std::string_view kDoc = "Answer to join_waitlist.";
  JoinWaitlistStatus status{};
  std::uint64_t place = 0;  ///< Counted from 1 in the order of joining.
  std::uint64_t ahead = 0;  ///< People who wait before this one.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(3, "ahead", self.ahead, From::body, Rule{}, "People who wait before this one.");
  }
};

struct LeaveWaitlist {
  static constexpr std::string_view kName = "leave_waitlist";
  static constexpr std::string_view kDoc = "Gives a place in a waitlist up.";
  DropId drop_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Who leaves.");
  }
};

enum class LeaveWaitlistStatus : std::uint8_t {
  left = 0,
  already_ended = 40,  ///< Left or passed over before, or the list is closed.
  waitlist_not_found = 50,
  waitlist_place_not_found = 51,
  waitlist_place_served = 52,  ///< It has become an order, which may be cancelled.
};

struct LeaveWaitlistResult {
  static constexpr std::string_view kName = "leave_waitlist_result";
  static constexpr std::string_view kDoc = "Answer to leave_waitlist.";
  LeaveWaitlistStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Ends a waitlist before its time: all places end.
struct CloseWaitlist {
  static constexpr std::string_view kName = "close_waitlist";
  static constexpr std::string_view kDoc = "Ends a waitlist; what comes back is for anybody.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
  }
};

enum class CloseWaitlistStatus : std::uint8_t {
  closed = 0,
  already_closed = 40,
  waitlist_not_found = 50,
};

struct CloseWaitlistResult {
  static constexpr std::string_view kName = "close_waitlist_result";
  static constexpr std::string_view kDoc = "Answer to close_waitlist.";
  CloseWaitlistStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

}  // namespace firebrand
