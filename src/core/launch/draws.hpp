#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/slot_index.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "core/launch/draw_commands.hpp"
#include "core/launch/draw_facts.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/sale.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

/// The numbers live in snapshots and the API: never renumber.
enum class DrawPhase : std::uint8_t { open = 0, closed = 1, decided = 2, completed = 3 };
enum class DrawReveal : std::uint8_t { awaited = 0, revealed = 1, withheld = 2 };

/// A draw and how far it has come. Of `entrants` and `tickets` the excluded and those who left are
/// no part.
struct Draw {
  static constexpr std::string_view kName = "draw";
  static constexpr std::string_view kDoc = "A draw and how far it has come.";
  DrawId draw_id{};
  OpenDraw plan{};
  LogOffset opened{};  ///< Facts of its entries stand from here on.
  DrawPhase phase = DrawPhase::open;
  DrawReveal revealing = DrawReveal::awaited;
  bool rooted = false;
  std::int64_t entrants = 0;
  std::int64_t tickets = 0;
  std::int64_t excluded = 0;
  Hash256 root{};
  Timestamp rooted_at{};
  Hash256 reveal{};
  Hash256 beacon{};
  std::uint64_t applied = 0;  ///< People of the order that were dealt with.
  std::int64_t winners = 0;   ///< Units won when the order was applied.
  std::int64_t reserves = 0;  ///< People in the reserve, promoted ones included.
  std::int64_t promoted = 0;  ///< Of the reserve: those whose turn has come.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "plan", self.plan, From::body, Rule{}, "What was fixed when it opened.");
    field(3, "opened", self.opened, From::body, Rule{}, "Log offset of its opening.");
    field(4, "phase", self.phase, From::body, Rule{}, "How far it has come.");
    field(5, "revealing", self.revealing, From::body, Rule{}, "Whether the reveal is there.");
    field(6, "rooted", self.rooted, From::body, Rule{}, "Whether the root is published.");
    field(7, "entrants", self.entrants, From::body, Rule{}, "People who take part.");
    field(8, "tickets", self.tickets, From::body, Rule{}, "Their tickets: the entries.");
    field(9, "excluded", self.excluded, From::body, Rule{}, "People who are kept out.");
    field(10, "root", self.root, From::body, Rule{}, "Over the sorted entries.");
    field(11, "rooted_at", self.rooted_at, From::body, Rule{}, "When the root was published.");
    field(12, "reveal", self.reveal, From::body, Rule{}, "What the commitment hid.");
    field(13, "beacon", self.beacon, From::body, Rule{}, "The beacon's value.");
    field(14, "applied", self.applied, From::body, Rule{}, "People dealt with, in drawn order.");
    field(15, "winners", self.winners, From::body, Rule{}, "Units won.");
    field(16, "reserves", self.reserves, From::body, Rule{}, "People in the reserve.");
    field(17, "promoted", self.promoted, From::body, Rule{}, "Those of it whose turn has come.");
  }
};

enum class DrawEntryState : std::uint8_t {
  entered = 0,
  left = 1,
  excluded = 2,
  won = 3,
  reserve = 4,
  passed_over = 5,
};

/// Whether the entry counts among those who take part.
[[nodiscard]] constexpr bool takes_part(DrawEntryState state) {
  return state != DrawEntryState::left && state != DrawEntryState::excluded;
}

/// Who took part in a draw, or is kept out of it. 40 bytes.
struct DrawEntry {
  static constexpr std::string_view kName = "draw_entry";
  static constexpr std::string_view kDoc = "Somebody's part in a draw.";
  DrawId draw_id{};
  PersonId person_id{};
  OrderId order_id{};  ///< Of `won` only.
  std::int32_t tickets = 1;
  std::uint32_t place = 0;  ///< In the reserve, from 1; stays when the turn has come.
  DrawEntryState state = DrawEntryState::entered;
  DrawExclusion reason{};  ///< Of `excluded` only.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who.");
    field(3, "tickets", self.tickets, From::body, Rule{}, "Tickets of the person.");
    field(4, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(5, "reason", self.reason, From::body, Rule{}, "Why the person is kept out.");
    field(6, "place", self.place, From::body, Rule{}, "In the reserve, from 1; 0 for none.");
    field(7, "order_id", self.order_id, From::body, Rule{}, "What was won.");
  }
};

/// Draws and who takes part in them.
///
/// The module freezes entries and hands units out; the order of the winners is computed outside,
/// from the facts of the entries, and comes back in bounded commands. A unit whose order ends
/// unpaid, or that its buyer gives back, goes to the next of the reserve, with a fresh time to pay.
///
/// Draws are few and live for good: at most kDrawsMax, 400 bytes each. An entry (40 bytes, and 11
/// to 21 in the index) lives for good as well, because it is what one win per launch is told by: at
/// most kDrawEntriesMax of all draws together. A place in a reserve is 4 bytes, at most
/// kDrawReserveMax a draw.
///
/// Invariants: entrants and tickets of a draw are those of its entries that are neither left nor
/// excluded; nobody has two entries in a draw; the reserve's places are dense, and those before
/// `promoted` are no longer in state `reserve`.
class Draws {
 public:
  Draws(Schedule& schedule, Drops& drops, Sale& sale, BuyerKeys& buyer_keys)
      : schedule_(schedule), drops_(drops), sale_(sale), buyer_keys_(buyer_keys) {}

  [[nodiscard]] OpenDrawResult apply(const OpenDraw&, const CommandContext&) noexcept;
  [[nodiscard]] EnterDrawResult apply(const EnterDraw&, const CommandContext&) noexcept;
  [[nodiscard]] LeaveDrawResult apply(const LeaveDraw&, const CommandContext&) noexcept;
  [[nodiscard]] GrantDrawTicketsResult apply(const GrantDrawTickets&,
                                             const CommandContext&) noexcept;
  [[nodiscard]] ExcludeFromDrawResult apply(const ExcludeFromDraw&, const CommandContext&) noexcept;
  [[nodiscard]] PublishDrawRootResult apply(const PublishDrawRoot&, const CommandContext&) noexcept;
  [[nodiscard]] RevealDrawResult apply(const RevealDraw&, const CommandContext&) noexcept;
  [[nodiscard]] PostBeaconResult apply(const PostBeacon&, const CommandContext&) noexcept;
  /// A step may stop before its end, when there is no room for an order: `next` tells.
  [[nodiscard]] ApplyDrawResultsResult apply(const ApplyDrawResults&,
                                             const CommandContext&) noexcept;
  /// Here, because from its close on a draw hands out what its wave has.
  [[nodiscard]] MoveUnitsResult apply(const MoveUnits&, const CommandContext&) noexcept;

  /// Deadlines. Harmless if there is nothing to do.
  void due(DrawId, const CommandContext&) noexcept;
  void unit_back(std::uint64_t deadline_id, const CommandContext&) noexcept;

  [[nodiscard]] bool has(DrawId id) const noexcept {
    return id.value >= 1 && id.value <= draws_.size();
  }
  /// REQUIRES: has(id).
  [[nodiscard]] const Draw& draw(DrawId id) const;
  [[nodiscard]] std::size_t size() const noexcept { return draws_.size(); }
  /// Null if the person never entered and is not excluded.
  [[nodiscard]] const DrawEntry* find_entry(DrawId, PersonId) const noexcept;

  /// Draws that may look different to the public since the last call, in order. A hint for live
  /// views, not part of the state.
  [[nodiscard]] std::vector<DrawId> take_touched() noexcept;

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  [[nodiscard]] static std::uint64_t share_of(const Draw&) noexcept;
  [[nodiscard]] static std::uint64_t share_of(const DrawEntry&) noexcept;
  [[nodiscard]] Draw& mutable_draw(DrawId id) noexcept;
  void touch(DrawId id);
  /// Changes a draw or an entry, and its share of the digest.
  template <class Change>
  void change(Draw&, Change&& make) noexcept;
  template <class Change>
  void change_entry(std::uint32_t slot, Change&& make) noexcept;
  [[nodiscard]] std::optional<std::uint32_t> slot_of(DrawId, PersonId) const noexcept;
  void add_entry(const DrawEntry&) noexcept;
  void remember(const Draw&);
  [[nodiscard]] std::int64_t units_of(const Draw&) const noexcept;
  /// Null if the wave has no draw.
  [[nodiscard]] const Draw* draw_of(DropId, std::uint16_t wave) const noexcept;
  [[nodiscard]] bool won_elsewhere(const Draw&, PersonId) const noexcept;
  [[nodiscard]] ApplyDrawResultsStatus refusal(const ApplyDrawResults&) const noexcept;
  /// A unit, a place in the reserve, or neither: what the next person of the order gets. REQUIRES:
  /// there is room for an order.
  void deal(Draw&, std::uint32_t slot, const CommandContext&) noexcept;
  [[nodiscard]] bool give_unit(const Draw&, std::uint32_t slot, const CommandContext&) noexcept;
  void pass_over(const Draw&, std::uint32_t slot, DrawPassing, const CommandContext&) noexcept;
  void promote_next(Draw&, const CommandContext&) noexcept;
  void complete(Draw&, const CommandContext&) noexcept;
  void withhold(Draw&, const CommandContext&) noexcept;
  /// Whether a unit waits for the next of the reserve.
  [[nodiscard]] bool has_to_promote(const Draw&) const noexcept;

  Schedule& schedule_;
  Drops& drops_;
  Sale& sale_;
  BuyerKeys& buyer_keys_;
  std::vector<Draw> draws_;  // DrawId n is entry n - 1.
  std::map<std::pair<DropId, std::uint16_t>, DrawId> by_wave_;
  std::map<LaunchId, std::vector<DrawId>> by_launch_;
  std::vector<std::vector<std::uint32_t>> reserves_;  // Slots, by draw and place.
  DenseArray<DrawEntry> entries_;
  SlotIndex entries_by_person_;
  Digest digest_;
  std::vector<DrawId> touched_;           // Without repeats.
  std::vector<std::uint8_t> is_touched_;  // By draw.
};

// ---- details ----

template <class Change>
void Draws::change(Draw& draw, Change&& make) noexcept {
  const std::uint64_t before = share_of(draw);
  make();
  digest_.replace(before, share_of(draw));
}

template <class Change>
void Draws::change_entry(std::uint32_t slot, Change&& make) noexcept {
  DrawEntry& entry = entries_[slot];
  const std::uint64_t before = share_of(entry);
  make(entry);
  digest_.replace(before, share_of(entry));
}

}  // namespace firebrand
