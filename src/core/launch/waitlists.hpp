#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/slot_index.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/waitlist_commands.hpp"
#include "core/launch/waitlist_facts.hpp"
#include "core/ledger/ledger.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

class Sale;

/// Whether those who wait get what comes back to a wave: it asks nothing of them and has no limit
/// of its own, nor is anybody counted with others, since a place keeps no more of a person than who
/// it is.
[[nodiscard]] constexpr bool serves_waitlist(const CreateDrop& plan, const WavePlan& wave) {
  return wave.decision == WaveDecision::first_come && wave.audience == WaveAudience::everyone &&
         asks_nothing(wave) && wave.per_person_limit == 0 && plan.per_household_limit == 0 &&
         plan.per_address_limit == 0;
}

/// The numbers live in snapshots and the API: never renumber.
enum class WaitlistPlaceState : std::uint8_t { waiting = 0, served = 1, left = 2, passed_over = 3 };
inline constexpr std::size_t kWaitlistPlaceStates = 4;

/// One person's place. 24 bytes.
struct WaitlistPlace {
  PersonId person_id{};
  OrderId order_id{};  ///< Of `served` only.
  WaitlistPlaceState state = WaitlistPlaceState::waiting;
  std::uint8_t joins = 1;  ///< Places of the person up to this one.
};

/// The numbers live in snapshots and the API: never renumber.
enum class WaitlistPhase : std::uint8_t { open = 0, closed = 1 };

/// A waitlist but for its places. joined = waiting + served + left + passed_over.
struct Waitlist {
  static constexpr std::string_view kName = "waitlist";
  static constexpr std::string_view kDoc = "A waitlist and where it stands.";
  OpenWaitlist plan{};
  std::uint32_t waves = 0;  ///< Bit n: what is available in wave n + 1 is for those who wait.
  std::int64_t joined = 0;  ///< Ever.
  std::int64_t waiting = 0;
  std::int64_t served = 0;
  std::int64_t left = 0;  ///< Those who waited at its close included.
  std::int64_t passed_over = 0;
  WaitlistPhase phase = WaitlistPhase::open;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "plan", self.plan, From::body, Rule{}, "As opened.");
    field(2, "waves", self.waves, From::body, Rule{}, "A bit for each wave it gets units from.");
    field(3, "joined", self.joined, From::body, Rule{}, "Places ever taken.");
    field(4, "waiting", self.waiting, From::body, Rule{}, "People who wait.");
    field(5, "served", self.served, From::body, Rule{}, "Places that became an order.");
    field(6, "left", self.left, From::body, Rule{}, "Places given up.");
    field(7, "passed_over", self.passed_over, From::body, Rule{}, "Places that got nothing.");
    field(8, "phase", self.phase, From::body, Rule{}, "Open or closed.");
  }
};

/// Waitlists of drops: who gets what comes back once nothing is to be had.
///
/// Somebody may join while no wave that is first come and for everyone has a unit on sale. As long
/// as somebody waits, what comes back to a wave that has sold out is not on sale
/// (Drops::is_waited_for): a deadline at once places orders for the next ones, each for one unit
/// and with a fresh time to pay. A wave that is released meanwhile is on sale for anybody until it
/// has sold out. A pause keeps the units; resuming the drop hands them out.
///
/// A place is 24 bytes and at most 22 in the index by person; it ends with its list, at `ends_at`,
/// by staff or with the drop, and its memory in idle moments after that; at most kWaitlistJoinsMax
/// a list. Lists are few and live for good, about 300 bytes each, at most one a drop and
/// kWaitlistsMax.
///
/// Invariants: the counts are those of the places; a person's newest place is in the index, and all
/// others of the person have ended; a served place has an order; a list keeps waves if and only if
/// somebody waits, all of them released, first come and for everyone; a closed list has no places.
class Waitlists {
 public:
  Waitlists(const Ledger& ledger, Schedule& schedule, Drops& drops)
      : ledger_(ledger), schedule_(schedule), drops_(drops) {}

  [[nodiscard]] OpenWaitlistResult apply(const OpenWaitlist&, const CommandContext&) noexcept;
  [[nodiscard]] JoinWaitlistResult apply(const JoinWaitlist&, const CommandContext&) noexcept;
  [[nodiscard]] LeaveWaitlistResult apply(const LeaveWaitlist&, const CommandContext&) noexcept;
  [[nodiscard]] CloseWaitlistResult apply(const CloseWaitlist&, const CommandContext&) noexcept;

  /// Deadline waitlist_due: closes the list if it is over, else hands out what came back, to at
  /// most kServedPerStep people. Harmless if there is nothing to do.
  /// @param deadline_id  The drop, and a wave that has sold out: what came back to it meanwhile is
  /// for those who wait.
  /// @param sale  Places the orders.
  /// @return how many people were dealt with.
  int due(std::uint64_t deadline_id, Sale& sale, const CommandContext&) noexcept;

  /// One bounded step towards memory for the places that open lists may still give, `places_max` in
  /// all at most; before that, one that gives back what closed lists had. @return whether it did
  /// anything: call again.
  bool make_ready(std::uint64_t places_max);

  /// Null if the drop has none.
  [[nodiscard]] const Waitlist* find(DropId) const noexcept;
  /// What stands of a person: the newest place.
  struct Standing {
    std::uint64_t place = 0;  ///< Counted from 1.
    WaitlistPlace stands{};
    std::uint64_t ahead = 0;  ///< People who wait before; 0 once it has ended.
  };
  /// Nothing if the person never joined or the list is closed. O(1) but for `ahead`: two
  /// microseconds in a list of a million.
  [[nodiscard]] std::optional<Standing> standing(DropId, PersonId) const noexcept;

  /// Bytes that places and their index have mapped now.
  [[nodiscard]] std::uint64_t bytes_mapped() const noexcept;
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

  static constexpr int kServedPerStep = 100;

 private:
  /// Places that are counted together, so that nobody goes over all of them.
  static constexpr std::uint64_t kBlock = 512;
  struct List {
    Waitlist stands{};
    DenseArray<WaitlistPlace> places{};          ///< Place n is entry n - 1.
    SlotIndex by_person{};                       ///< The newest of each person.
    std::vector<std::uint32_t> block_waiting{};  ///< By block: places that wait.
    std::uint64_t next = 0;                      ///< No place before it waits.
    Digest digest{};                             ///< Of the places.
  };
  /// What a closed list had: taking it back keeps the kernel busy for longer than a command may
  /// take.
  struct Leaving {
    DenseArray<WaitlistPlace> places;
    SlotIndex by_person;
  };
  [[nodiscard]] List* list_of(DropId) noexcept;
  [[nodiscard]] const List* list_of(DropId) const noexcept;
  [[nodiscard]] static std::uint64_t standing_hash(const Waitlist&) noexcept;
  [[nodiscard]] static std::optional<std::uint32_t> slot_of(const List&, PersonId) noexcept;
  [[nodiscard]] static std::uint64_t ahead_of(const List&, std::uint64_t slot) noexcept;
  /// Whether a unit of a wave that the list is for is on sale, or no such wave was released yet.
  [[nodiscard]] bool may_buy_yet(DropId, Timestamp now) const noexcept;
  /// From here on the list keeps the waves that have nothing left, and this one. REQUIRES: somebody
  /// waits.
  void keep_sold_out_waves(List&, std::uint16_t sold_out = 0) noexcept;
  void serve_next(List&, std::uint16_t wave, Sale&, const CommandContext&) noexcept;
  void add_place(List&, const WaitlistPlace&) noexcept;
  void end_place(List&, std::uint64_t slot, WaitlistPlaceState how, OrderId) noexcept;
  void close(List&, const CommandContext&) noexcept;
  void remember(const Waitlist&);
  /// Runs `change` on what the digest knows of a list beside its places.
  template <class Change>
  void update(List& list, Change&& change) noexcept {
    const std::uint64_t before = standing_hash(list.stands);
    change(list.stands);
    if (list.stands.waiting == 0) { list.stands.waves = 0; }
    digest_.replace(before, standing_hash(list.stands));
    drops_.keep_for_waitlist(list.stands.plan.drop_id, list.stands.waves);
  }

  const Ledger& ledger_;
  Schedule& schedule_;
  Drops& drops_;
  std::vector<List> lists_;
  std::map<DropId, std::uint32_t> by_drop_;  // To the entry of lists_.
  Digest digest_;
  std::vector<Leaving> leaving_;  // At most kLeavingMax; not part of the state.
};

}  // namespace firebrand
