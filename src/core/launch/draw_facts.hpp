#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"
#include "core/launch/draw_commands.hpp"

namespace firebrand {

struct DrawOpened {
  static constexpr std::string_view kName = "draw_opened";
  static constexpr std::string_view kDoc = "A draw was opened, and what decides it fixed.";
  DrawId draw_id{};
  OpenDraw plan{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "plan", self.plan, From::body, Rule{}, "What was fixed.");
  }
};

struct DrawEntered {
  static constexpr std::string_view kName = "draw_entered";
  static constexpr std::string_view kDoc = "Somebody entered a draw.";
  DrawId draw_id{};
  PersonId person_id{};
  std::int32_t tickets = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who entered.");
    field(3, "tickets", self.tickets, From::body, Rule{}, "Tickets of the person.");
  }
};

struct DrawLeft {
  static constexpr std::string_view kName = "draw_left";
  static constexpr std::string_view kDoc = "Somebody left a draw before its close.";
  DrawId draw_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who left.");
  }
};

struct DrawTicketsGranted {
  static constexpr std::string_view kName = "draw_tickets_granted";
  static constexpr std::string_view kDoc = "Somebody has another number of tickets in a draw.";
  DrawId draw_id{};
  PersonId person_id{};
  std::int32_t tickets = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Whose tickets.");
    field(3, "tickets", self.tickets, From::body, Rule{}, "All that the person has now.");
  }
};

struct DrawExcluded {
  static constexpr std::string_view kName = "draw_excluded";
  static constexpr std::string_view kDoc = "Somebody is kept out of a draw.";
  DrawId draw_id{};
  PersonId person_id{};
  DrawExclusion reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who is kept out.");
    field(3, "reason", self.reason, From::body, Rule{}, "Why.");
  }
};

struct DrawClosed {
  static constexpr std::string_view kName = "draw_closed";
  static constexpr std::string_view kDoc = "The entries of a draw are frozen.";
  DrawId draw_id{};
  std::int64_t entrants = 0;
  std::int64_t tickets = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "entrants", self.entrants, From::body, Rule{}, "People who take part.");
    field(3, "tickets", self.tickets, From::body, Rule{}, "Their tickets: the entries.");
  }
};

struct DrawRootPublished {
  static constexpr std::string_view kName = "draw_root_published";
  static constexpr std::string_view kDoc = "The root over the frozen entries is public.";
  DrawId draw_id{};
  Hash256 root{};
  std::int64_t count = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "root", self.root, From::body, Rule{}, "Merkle root over the sorted entries.");
    field(3, "count", self.count, From::body, Rule{}, "Entries under it.");
  }
};

struct DrawRevealed {
  static constexpr std::string_view kName = "draw_revealed";
  static constexpr std::string_view kDoc = "What a commitment hid is public.";
  DrawId draw_id{};
  Hash256 reveal{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "reveal", self.reveal, From::body, Rule{}, "The 32 bytes.");
  }
};

struct DrawRevealWithheld {
  static constexpr std::string_view kName = "draw_reveal_withheld";
  static constexpr std::string_view kDoc = "No reveal came in time: the fallback stands for it.";
  DrawId draw_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
  }
};

struct DrawBeaconPosted {
  static constexpr std::string_view kName = "draw_beacon_posted";
  static constexpr std::string_view kDoc = "The beacon's value is there: the draw is decided.";
  DrawId draw_id{};
  Hash256 value{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "value", self.value, From::body, Rule{}, "The 32 bytes.");
  }
};

struct DrawWon {
  static constexpr std::string_view kName = "draw_won";
  static constexpr std::string_view kDoc = "Somebody won a unit in a draw, and may now pay.";
  DrawId draw_id{};
  PersonId person_id{};
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who won.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order.");
  }
};

struct DrawReserved {
  static constexpr std::string_view kName = "draw_reserved";
  static constexpr std::string_view kDoc = "Somebody has a place in the reserve of a draw.";
  DrawId draw_id{};
  PersonId person_id{};
  std::uint32_t place = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who.");
    field(3, "place", self.place, From::body, Rule{}, "Counted from 1.");
  }
};

/// Why a drawn person got no unit.
enum class DrawPassing : std::uint8_t {
  won_in_launch = 0,
  purchase_limit = 1,
  household_limit = 2,
  address_limit = 3,
};

struct DrawPassedOver {
  static constexpr std::string_view kName = "draw_passed_over";
  static constexpr std::string_view kDoc = "Somebody was drawn, but may not have another unit.";
  DrawId draw_id{};
  PersonId person_id{};
  DrawPassing reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who.");
    field(3, "reason", self.reason, From::body, Rule{}, "Why.");
  }
};

struct DrawCompleted {
  static constexpr std::string_view kName = "draw_completed";
  static constexpr std::string_view kDoc = "All winners and the reserve of a draw are known.";
  DrawId draw_id{};
  std::int64_t winners = 0;
  std::int64_t reserves = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "winners", self.winners, From::body, Rule{}, "Units won.");
    field(3, "reserves", self.reserves, From::body, Rule{}, "People in the reserve.");
  }
};

struct DrawPromoted {
  static constexpr std::string_view kName = "draw_promoted";
  static constexpr std::string_view kDoc = "The next of the reserve got a unit that came back.";
  DrawId draw_id{};
  PersonId person_id{};
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order.");
  }
};

}  // namespace firebrand
