#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/launch/drops.hpp"

/// Commands of a draw: who buys in a wave whose `decision` is `draw`. docs/draw.md tells the whole.
namespace firebrand {

inline constexpr std::size_t kDrawsMax = 100'000;
/// Each pick of a draw that allows one win in its launch looks into the other draws of the launch.
inline constexpr std::size_t kDrawsPerLaunchMax = 64;
/// Slot numbers of the index are 32 bits.
inline constexpr std::uint64_t kDrawEntriesMax = (1ULL << 32U) - 1;
inline constexpr std::int32_t kDrawTicketsMax = 1'000;
inline constexpr std::int64_t kDrawReserveMax = 100'000;
/// Winners that one command makes, so that its time is bounded.
inline constexpr std::size_t kDrawPicksMax = 64;
inline constexpr std::size_t kBeaconSourceBytesMax = 64;

/// How often one person may win.
enum class DrawWins : std::uint8_t { one_per_draw = 0, one_per_launch = 1 };
/// What stands for the reveal if the operator withholds it.
enum class DrawFallback : std::uint8_t { zero_reveal = 0 };
using DrawExclusion = ExclusionReason;

/// Fixes everything that could sway the outcome before anybody enters.
struct OpenDraw {
  static constexpr std::string_view kName = "open_draw";
  static constexpr std::string_view kDoc =
      "Opens the draw of a wave, and fixes what decides it before anybody has entered.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  Timestamp closes_at{};
  Timestamp reveal_due_at{};
  Timestamp beacon_at{};
  std::uint64_t beacon_round = 0;
  Text<kBeaconSourceBytesMax> beacon_source{};
  Hash256 commit{};
  DrawFallback fallback = DrawFallback::zero_reveal;
  DrawWins wins = DrawWins::one_per_draw;
  std::int32_t tickets_max = 1;
  std::int64_t reserve_max = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.max = kWavesMax},
          "The wave, counted from 1; its decision must be draw.");
    field(3, "closes_at", self.closes_at, From::body, Rule{},
          "Until then people enter and leave; then the entries are frozen.");
    field(4, "reveal_due_at", self.reveal_due_at, From::body, Rule{},
          "By then the reveal must be published, else the fallback stands for it.");
    field(5, "beacon_at", self.beacon_at, From::body, Rule{},
          "When the beacon's round is due: after reveal_due_at.");
    field(6, "beacon_round", self.beacon_round, From::body, Rule{.min = 0},
          "The round of the beacon whose value counts.");
    field(7, "beacon_source", self.beacon_source, From::body, Rule{},
          "The public beacon, for example drand-quicknet.");
    field(8, "commit", self.commit, From::body, Rule{},
          "SHA-256 of \"firebrand-commit/1\", a zero byte and the reveal of 32 random bytes.");
    field(9, "fallback", self.fallback, From::body, Rule{.presence = Presence::optional},
          "What stands for a reveal that does not come: 32 zero bytes.");
    field(10, "wins", self.wins, From::body, Rule{.presence = Presence::optional},
          "How often one person may win.");
    field(11, "tickets_max", self.tickets_max, From::body,
          Rule{.min = 1, .max = kDrawTicketsMax, .presence = Presence::optional},
          "Most tickets that a person can have.");
    field(12, "reserve_max", self.reserve_max, From::body,
          Rule{.min = 0, .max = kDrawReserveMax, .presence = Presence::optional},
          "People drawn further, for units of winners who do not pay.");
  }
  friend bool operator==(const OpenDraw&, const OpenDraw&) = default;
};

enum class OpenDrawStatus : std::uint8_t {
  opened = 0,
  beacon_source_must_not_be_empty = 10,
  commit_must_not_be_zero = 11,
  tickets_out_of_range = 12,
  reserve_out_of_range = 13,
  reveal_due_before_close = 14,
  beacon_before_reveal_due = 15,
  exists = 40,
  exists_with_different_fields = 50,
  drop_not_found = 51,
  wave_not_found = 52,
  wave_not_drawn = 53,
  drop_cancelled = 54,
  draw_closes_in_the_past = 55,
  draws_full = 56,
};

struct OpenDrawResult {
  static constexpr std::string_view kName = "open_draw_result";
  static constexpr std::string_view kDoc = "Answer to open_draw.";
  OpenDrawStatus status{};
  DrawId draw_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
  }
};

struct EnterDraw {
  static constexpr std::string_view kName = "enter_draw";
  static constexpr std::string_view kDoc =
      "Takes part in a draw, with one ticket or those granted.";
  DrawId draw_id{};
  PersonId person_id{};
  Standing standing{};  ///< What the shop says of the person.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Who takes part.");
    field(3, "standing", self.standing, From::stamped,
          Rule{.presence = Presence::optional, .since = 2}, "What the shop says of the person.");
  }
};

enum class EnterDrawStatus : std::uint8_t {
  entered = 0,
  person_out_of_range = 10,
  already_entered = 40,
  draw_not_found = 50,
  drop_cancelled = 51,
  draw_closed = 52,
  excluded_from_draw = 53,
  draw_entries_full = 54,
  // What the wave asks for.
  reservation_required = 60,
  code_required = 61,  ///< Nobody brings one to a draw: such a wave is of older rules.
  group_required = 62,
  member_too_new = 63,
  region_not_served = 64,
  channel_not_served = 65,
  risk_too_high = 66,
};

struct EnterDrawResult {
  static constexpr std::string_view kName = "enter_draw_result";
  static constexpr std::string_view kDoc = "Answer to enter_draw.";
  EnterDrawStatus status{};
  std::int32_t tickets = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "tickets", self.tickets, From::body, Rule{}, "Tickets of the person.");
  }
};

struct LeaveDraw {
  static constexpr std::string_view kName = "leave_draw";
  static constexpr std::string_view kDoc = "Takes part no longer; tickets granted stay granted.";
  DrawId draw_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Who leaves.");
  }
};

enum class LeaveDrawStatus : std::uint8_t {
  left = 0,
  already_left = 40,
  draw_not_found = 50,
  draw_closed = 51,
  draw_not_entered = 52,
  excluded_from_draw = 53,
};

struct LeaveDrawResult {
  static constexpr std::string_view kName = "leave_draw_result";
  static constexpr std::string_view kDoc = "Answer to leave_draw.";
  LeaveDrawStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Never by the entrant: more tickets are the shop's to give, up to the published cap.
struct GrantDrawTickets {
  static constexpr std::string_view kName = "grant_draw_tickets";
  static constexpr std::string_view kDoc = "Says how many whole tickets somebody who entered has.";
  DrawId draw_id{};
  PersonId person_id{};
  std::int32_t tickets = 1;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Whose tickets.");
    field(3, "tickets", self.tickets, From::body, Rule{.min = 1, .max = kDrawTicketsMax},
          "All that the person has then.");
  }
};

enum class GrantDrawTicketsStatus : std::uint8_t {
  granted = 0,
  tickets_out_of_range = 10,
  already_granted = 40,
  draw_not_found = 50,
  draw_closed = 51,
  draw_not_entered = 52,
  excluded_from_draw = 53,
  tickets_beyond_cap = 54,
};

struct GrantDrawTicketsResult {
  static constexpr std::string_view kName = "grant_draw_tickets_result";
  static constexpr std::string_view kDoc = "Answer to grant_draw_tickets.";
  GrantDrawTicketsStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Only before the close, and for good: nobody is taken out once the entries are frozen.
struct ExcludeFromDraw {
  static constexpr std::string_view kName = "exclude_from_draw";
  static constexpr std::string_view kDoc =
      "Keeps somebody out of a draw, for a reason that its public record names.";
  DrawId draw_id{};
  PersonId person_id{};
  DrawExclusion reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "reason", self.reason, From::body, Rule{}, "Why.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who is kept out.");
  }
};

enum class ExcludeFromDrawStatus : std::uint8_t {
  excluded = 0,
  person_out_of_range = 10,
  already_excluded = 40,
  draw_not_found = 50,
  draw_closed = 51,
  draw_entries_full = 52,
};

struct ExcludeFromDrawResult {
  static constexpr std::string_view kName = "exclude_from_draw_result";
  static constexpr std::string_view kDoc = "Answer to exclude_from_draw.";
  ExcludeFromDrawStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Sent by the server itself once it has computed the root over the frozen entries.
struct PublishDrawRoot {
  static constexpr std::string_view kName = "publish_draw_root";
  static constexpr std::string_view kDoc = "Publishes the root over the frozen entries of a draw.";
  DrawId draw_id{};
  Hash256 root{};
  std::int64_t count = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::stamped, Rule{}, "The draw.");
    field(2, "root", self.root, From::stamped, Rule{}, "Merkle root over the sorted entries.");
    field(3, "count", self.count, From::stamped, Rule{.min = 0}, "Entries under it.");
  }
};

enum class PublishDrawRootStatus : std::uint8_t {
  published = 0,
  already_published = 40,
  draw_not_found = 50,
  draw_still_open = 51,
  draw_count_differs = 52,
};

struct PublishDrawRootResult {
  static constexpr std::string_view kName = "publish_draw_root_result";
  static constexpr std::string_view kDoc = "Answer to publish_draw_root.";
  PublishDrawRootStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct RevealDraw {
  static constexpr std::string_view kName = "reveal_draw";
  static constexpr std::string_view kDoc = "Publishes the bytes that a draw's commitment hid.";
  DrawId draw_id{};
  Hash256 reveal{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "reveal", self.reveal, From::body, Rule{}, "The 32 bytes.");
  }
};

enum class RevealDrawStatus : std::uint8_t {
  revealed = 0,
  already_revealed = 40,
  draw_not_found = 50,
  reveal_does_not_fit = 51,
  draw_still_open = 52,
  reveal_too_late = 53,
};

struct RevealDrawResult {
  static constexpr std::string_view kName = "reveal_draw_result";
  static constexpr std::string_view kDoc = "Answer to reveal_draw.";
  RevealDrawStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct PostBeacon {
  static constexpr std::string_view kName = "post_beacon";
  static constexpr std::string_view kDoc = "Brings the beacon's value of the round fixed before.";
  DrawId draw_id{};
  Hash256 value{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "value", self.value, From::body, Rule{}, "The 32 bytes that the beacon published.");
  }
};

enum class PostBeaconStatus : std::uint8_t {
  posted = 0,
  exists = 40,
  draw_not_found = 50,
  exists_with_different_fields = 51,
  beacon_too_early = 52,
  root_not_published = 53,
};

struct PostBeaconResult {
  static constexpr std::string_view kName = "post_beacon_result";
  static constexpr std::string_view kDoc = "Answer to post_beacon.";
  PostBeaconStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// A bounded step of what a draw came to: sent by the server itself, which has computed the order.
struct ApplyDrawResults {
  static constexpr std::string_view kName = "apply_draw_results";
  static constexpr std::string_view kDoc =
      "Gives the next people in the order of a draw their units, or a place in its reserve.";
  DrawId draw_id{};
  std::uint64_t first = 0;
  bool last = false;
  List<PersonId, kDrawPicksMax> persons{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::stamped, Rule{}, "The draw.");
    field(2, "first", self.first, From::stamped, Rule{.min = 0},
          "Place of the first of them in the order, each person counted once, from 0.");
    field(3, "last", self.last, From::stamped, Rule{}, "Whether nobody comes behind them.");
    field(4, "persons", self.persons, From::stamped, Rule{}, "The people.");
  }
};

enum class ApplyDrawResultsStatus : std::uint8_t {
  applied = 0,
  completed = 1,
  nothing_to_apply = 10,
  draw_completed = 40,
  draw_not_found = 50,
  draw_not_decided = 51,
  drop_cancelled = 52,
  paused = 53,
  wave_not_released = 54,
  draw_out_of_step = 55,
  draw_not_entered = 56,
  orders_full = 57,
  accounts_full = 58,
};

struct ApplyDrawResultsResult {
  static constexpr std::string_view kName = "apply_draw_results_result";
  static constexpr std::string_view kDoc = "Answer to apply_draw_results.";
  ApplyDrawResultsStatus status{};
  std::uint64_t next = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "next", self.next, From::body, Rule{}, "Place of the next one in the order.");
  }
};

}  // namespace firebrand
