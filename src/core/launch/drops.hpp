#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/types.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/context.hpp"
#include "core/launch/drop_commands.hpp"
#include "core/launch/exclusions.hpp"
#include "core/launch/launches.hpp"
#include "core/ledger/ledger.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

/// The numbers live in snapshots and the API: never renumber.
enum class DropPhase : std::uint8_t { scheduled = 0, open = 1, cancelled = 2 };
enum class Pausing : std::uint8_t { running = 0, paused = 1 };

/// What happened to a drop's orders so far.
struct OrderCounts {
  static constexpr std::string_view kName = "order_counts";
  static constexpr std::string_view kDoc = "Orders by what became of them.";
  std::int64_t placed = 0;
  std::int64_t paid = 0;
  std::int64_t expired = 0;
  std::int64_t cancelled = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "placed", self.placed, From::body, Rule{}, "Orders placed, whatever came after.");
    field(2, "paid", self.paid, From::body, Rule{}, "Orders paid.");
    field(3, "expired", self.expired, From::body, Rule{}, "Orders that ran out of time.");
    field(4, "cancelled", self.cancelled, From::body, Rule{}, "Orders given up by the buyer.");
  }
};

/// How often one reason turned purchases of a drop away, so far.
struct RefusalTotal {
  static constexpr std::string_view kName = "refusal_total";
  static constexpr std::string_view kDoc = "How often one reason turned purchases away.";
  std::uint8_t reason = 0;  ///< A PlaceOrderStatus.
  std::int64_t count = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reason", self.reason, From::body, Rule{}, "Status number of place_order.");
    field(2, "count", self.count, From::body, Rule{}, "How often.");
  }
};

/// How purchases of a drop were ordered so far.
struct TieTotals {
  static constexpr std::string_view kName = "tie_totals";
  static constexpr std::string_view kDoc = "How purchases were ordered so far.";
  std::int64_t windows = 0;
  std::int64_t decided = 0;
  std::int64_t inversions = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "windows", self.windows, From::body, Rule{}, "Tie windows that were decided.");
    field(2, "decided", self.decided, From::body, Rule{},
          "Purchases decided in them, accepted or refused.");
    field(3, "inversions", self.inversions, From::body, Rule{},
          "Pairs of accepted purchases that were decided against the order of receipt.");
  }
  friend bool operator==(const TieTotals&, const TieTotals&) = default;
};

struct Drop {
  static constexpr std::string_view kName = "drop";
  static constexpr std::string_view kDoc = "A drop with its plan and where it stands.";
  CreateDrop plan{};
  DropPhase phase = DropPhase::scheduled;
  Pausing pausing = Pausing::running;
  std::uint32_t released = 0;  ///< Bit n: wave n + 1 is released.
  std::int64_t withdrawn = 0;  ///< Units that went back to free stock.
  OrderCounts orders{};
  List<RefusalTotal, kRefusalReasonsMax> refusals{};
  List<std::int64_t, kWavesMax> moved{};  ///< By wave: units moved in, less those moved out.
  std::uint16_t revealed_wave = 0;        ///< The newest whose secret is known; 0: none.
  Bytes<32> revealed{};                   ///< Its secret, which tells those before it.
  TieTotals ties{};
  Bytes<32> tie_key{};      ///< Of its tie windows; zero until it is revealed.
  std::uint32_t early = 0;  ///< Bit n: wave n + 1 was released before its time.

  /// @param wave  Counted from 1.
  [[nodiscard]] constexpr bool is_released(std::uint16_t wave) const {
    return ((released >> (wave - 1U)) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool is_early(std::uint16_t wave) const {
    return ((early >> (wave - 1U)) & 1U) != 0;
  }
  /// Units that the wave has been given: those planned, and what was moved. Sold ones count.
  [[nodiscard]] constexpr std::int64_t units_of(std::uint16_t wave) const {
    return plan.waves[wave - 1U].units + (wave <= moved.size() ? moved[wave - 1U] : 0);
  }

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "plan", self.plan, From::body, Rule{}, "As created.");
    field(2, "phase", self.phase, From::body, Rule{}, "Scheduled, open or cancelled.");
    field(3, "pausing", self.pausing, From::body, Rule{}, "Whether purchases are stopped.");
    field(4, "released", self.released, From::body, Rule{}, "A bit for each released wave.");
    field(5, "withdrawn", self.withdrawn, From::body, Rule{}, "Units back in free stock.");
    field(6, "orders", self.orders, From::body, Rule{}, "Orders by what became of them.");
    field(7, "refusals", self.refusals, From::body, Rule{}, "Demand turned away, by reason.");
    field(8, "moved", self.moved, From::body, Rule{.presence = Presence::optional, .since = 3},
          "Units moved into each wave, less those moved out; empty if none ever were.");
    field(9, "revealed_wave", self.revealed_wave, From::body,
          Rule{.presence = Presence::optional, .since = 3}, "The newest with a known secret.");
    field(10, "revealed", self.revealed, From::body,
          Rule{.presence = Presence::optional, .since = 3}, "That secret.");
    field(11, "ties", self.ties, From::body, Rule{.presence = Presence::optional, .since = 4},
          "How purchases were ordered.");
    field(12, "tie_key", self.tie_key, From::body, Rule{.presence = Presence::optional, .since = 4},
          "Of its tie windows, once revealed.");
    field(13, "early", self.early, From::body, Rule{.presence = Presence::optional, .since = 6},
          "A bit for each wave released before its time.");
  }
};

/// In this time a wave that is first come is for buyers with a proof, if its drop asks for one.
/// It begins at the wave's own time if it has one and is not released before it, else at the drop's
/// opening: nobody prepares for what nobody knows.
/// @param wave  Counted from 1.
[[nodiscard]] constexpr Timestamp head_start_begins(const Drop& drop, std::uint16_t wave) {
  const WavePlan& planned = drop.plan.waves[wave - 1U];
  const bool has_time = planned.release == WaveRelease::automatic && !drop.is_early(wave);
  return has_time ? planned.opens_at : drop.plan.opens_at;
}
[[nodiscard]] constexpr Timestamp head_start_ends(const Drop& drop, std::uint16_t wave) {
  return head_start_begins(drop, wave) + Millis{drop.plan.proof_head_start_ms};
}
/// Whether a wave sells to buyers with a proof alone at this time.
[[nodiscard]] constexpr bool is_head_start(const Drop& drop, std::uint16_t wave, Timestamp now) {
  return drop.plan.proof_bits > 0 &&
         drop.plan.waves[wave - 1U].decision == WaveDecision::first_come &&
         now >= head_start_begins(drop, wave) && now < head_start_ends(drop, wave);
}

/// Stock of one drop by where it is: the units add up to what was announced.
struct DropUnits {
  std::int64_t total = 0;
  std::int64_t unreleased = 0;
  std::int64_t available = 0;
  std::int64_t held = 0;
  std::int64_t sold = 0;
  std::int64_t withdrawn = 0;
  std::int64_t returned = 0;  ///< Given back by buyers, and not to be sold again.
};

/// What a wave asks for that this person does not have, beside its `audience`.
[[nodiscard]] Bar bar_of(const WavePlan&, const Standing&);

/// The keys of a person that limits of this drop count by.
[[nodiscard]] SharedKeys shared_keys(const CreateDrop&, const Standing&);

/// Drops and their waves. Drops are few and live for good: at most kDropsMax, about 4 KB each, so
/// 400 MB for the life of a log; their codes stay taken and their counts stay readable. What a drop
/// has many of does not live that long: the right of a buyer goes with the order (Sale).
///
/// Units stand in the ledger: drop_unreleased(drop), wave(drop, n), sold(drop), returned(drop).
/// Units that a wave does not keep once the next is released leave it with that release; those that
/// come to it later, by a deadline at once.
/// Invariants: total = unreleased + available + held + sold + returned + withdrawn; a cancelled
/// drop has nothing unreleased or available, and of any other, what is unreleased is what its
/// unreleased waves have been given; moved units add up to zero.
class Drops {
 public:
  Drops(Ledger& ledger, Schedule& schedule, const Catalogue& catalogue, const Launches& launches)
      : ledger_(ledger), schedule_(schedule), catalogue_(catalogue), launches_(launches) {}

  [[nodiscard]] CreateDropResult apply(const CreateDrop&, const CommandContext&) noexcept;
  [[nodiscard]] ReleaseWaveResult apply(const ReleaseWave&, const CommandContext&) noexcept;
  [[nodiscard]] RevealWaveResult apply(const RevealWave&, const CommandContext&) noexcept;
  [[nodiscard]] PauseDropResult apply(const PauseDrop&, const CommandContext&) noexcept;
  [[nodiscard]] ResumeDropResult apply(const ResumeDrop&, const CommandContext&) noexcept;
  [[nodiscard]] CancelDropResult apply(const CancelDrop&, const CommandContext&) noexcept;
  [[nodiscard]] RecordRefusalsResult apply(const RecordRefusals&, const CommandContext&) noexcept;
  [[nodiscard]] RecordTieOrderResult apply(const RecordTieOrder&, const CommandContext&) noexcept;
  [[nodiscard]] RevealTieKeyResult apply(const RevealTieKey&, const CommandContext&) noexcept;

  /// Why units may not be moved, as far as drops know; `moved` if they may.
  [[nodiscard]] MoveUnitsStatus move_refusal(const MoveUnits&) const noexcept;
  /// REQUIRES: the drop is not cancelled, and the wave that gives has so many.
  void move_units(const MoveUnits&, const CommandContext&) noexcept;

  /// Deadlines: drop_opens and wave_releases. Harmless if there is nothing left to do.
  void open_due(DropId, const CommandContext&) noexcept;
  void release_due(std::uint64_t deadline_id, const CommandContext&) noexcept;

  [[nodiscard]] bool has(DropId) const noexcept;
  /// REQUIRES: has(id).
  [[nodiscard]] const Drop& drop(DropId id) const;
  [[nodiscard]] std::size_t size() const noexcept { return drops_.size(); }
  [[nodiscard]] DropUnits units(DropId) const noexcept;
  [[nodiscard]] std::int64_t available(DropId, std::uint16_t wave) const noexcept;
  /// Of them, those that anybody may buy: none while people wait for what comes back to the wave.
  [[nodiscard]] std::int64_t on_sale(DropId id, std::uint16_t wave) const noexcept {
    return is_waited_for(id, wave) ? 0 : available(id, wave);
  }
  /// Whether anybody may yet buy here. Once false it stays so, because the drop was cancelled, or
  /// all of its units are sold, returned or withdrawn; but units that come back may change it again
  /// within kOrderRetention of the opening (Refunds::may_go_on_sale).
  [[nodiscard]] bool may_sell(DropId) const noexcept;

  /// For the sequencer: whether any drop was ever planned with a tie window.
  [[nodiscard]] bool any_ties() const noexcept { return any_ties_; }
  /// The longest tie window of the waves in which this drop sells now; zero if it has none, or its
  /// key is public.
  [[nodiscard]] Millis tie_window(DropId, Timestamp now) const noexcept;

  /// Whether all that is on sale now is for buyers with a proof (head_start_ends).
  [[nodiscard]] bool in_head_start(DropId, Timestamp now) const noexcept;

  /// About how many orders are still to come if each is for one unit: units that were planned and
  /// not withdrawn, less the orders that took one and did not give it back. A hint for memory, not
  /// part of the state.
  [[nodiscard]] std::int64_t orders_expected() const noexcept { return orders_expected_; }

  /// For the sale: one more order with this end. REQUIRES: has(id).
  void count_order(DropId, std::int64_t OrderCounts::*what) noexcept;
  /// For the sale: the last unit on sale in this wave was taken.
  void sold_out(DropId, std::uint16_t wave, const CommandContext&) noexcept;
  /// For the sale and for refunds: units of a wave have come back. In a cancelled drop they go to
  /// free stock; those of a wave that is drawn are for the next of its reserve, and leftovers go
  /// on.
  void units_came_back(DropId, std::uint16_t wave, Timestamp now) noexcept;

  /// For waitlists: what is available in these waves (bit n: wave n + 1) is for people who wait, so
  /// that a deadline now tells when there is something. Not a part of the state here: whoever loads
  /// the list says it again. REQUIRES: has(id).
  void keep_for_waitlist(DropId id, std::uint32_t waves) noexcept {
    waited_waves_[id.value - 1] = waves;
  }
  [[nodiscard]] std::uint32_t waited_waves(DropId id) const noexcept {
    return waited_waves_[id.value - 1];
  }
  [[nodiscard]] bool is_waited_for(DropId id, std::uint16_t wave) const noexcept {
    return ((waited_waves(id) >> (wave - 1U)) & 1U) != 0;
  }

  /// Who may not buy in which drop.
  [[nodiscard]] const Exclusions& exclusions() const noexcept { return exclusions_; }
  /// For the sale. REQUIRES: has(drop_id), and Exclusions::add may be called.
  void exclude(const DropExcluded& entry) {
    exclusions_.add(entry);
    touch(entry.drop_id);
  }

  /// Drops that may look different to the public since the last call, in order. A hint for live
  /// views, not part of the state.
  [[nodiscard]] std::vector<DropId> take_touched() noexcept;
  /// What the public sees of a drop, beyond what is here, has changed. REQUIRES: has(id).
  void touch(DropId id);

  [[nodiscard]] std::uint64_t digest() const noexcept {
    return digest_.value() + exclusions_.digest();
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  /// @param version  Of the piece: entries of version 1 have waves for everyone who comes first,
  /// and those before version 3 no units that were moved, no random waves, and waves that keep what
  /// is left over; those before version 4 have no tie windows, conditions or limits but that per
  /// person, ask for no proof, and anyone takes their units over; those before version 6 do not
  /// know which waves were released early.
  [[nodiscard]] bool load(ByteSource&, std::uint16_t version);

 private:
  [[nodiscard]] Drop& mutable_drop(DropId id);
  void release(DropId, std::uint16_t wave, const CommandContext&) noexcept;
  /// Where the units of a wave stand that nobody has taken.
  [[nodiscard]] AccountKey account_of(DropId, std::uint16_t wave) const noexcept;
  /// What this wave has on sale goes where its plan says, now that the next one is released.
  void pass_leftovers(DropId, std::uint16_t wave, const CommandContext&) noexcept;
  /// What this wave has on sale has changed. The next one may have to be released, or to get it: if
  /// so, a deadline now does it.
  void tell_next(DropId, std::uint16_t wave, Timestamp now) noexcept;
  /// If people wait for this drop: their list looks at it, by a deadline now.
  /// @param sold_out  A wave that has sold out, which they get from here on; 0: none.
  void tell_waitlist(DropId, Timestamp now, std::uint16_t sold_out = 0) noexcept;
  /// What a wave has on sale goes back to free stock. @return how many units.
  std::int64_t withdraw(DropId, std::uint16_t wave) noexcept;
  void move(const AccountKey& from, const AccountKey& to, std::int64_t units) noexcept;
  void remember(const Drop&);

  Ledger& ledger_;
  Schedule& schedule_;
  const Catalogue& catalogue_;
  const Launches& launches_;
  std::deque<Drop> drops_;  // DropId n is entry n - 1; none is moved when one is added.
  std::map<std::string, DropId, std::less<>> by_code_;
  Exclusions exclusions_;
  Digest digest_;
  std::int64_t orders_expected_ = 0;
  bool any_ties_ = false;
  std::vector<DropId> touched_;              // Without repeats.
  std::vector<std::uint8_t> is_touched_;     // By drop.
  std::vector<std::uint32_t> waited_waves_;  // By drop.
  /// Ledger hints, by drop and wave: every contender asks what is available. Not a part of the
  /// state.
  mutable std::vector<std::array<std::uint32_t, kWavesMax>> wave_accounts_;
};

}  // namespace firebrand
