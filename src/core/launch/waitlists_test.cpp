#include "core/launch/waitlists.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr DropId kDrop{1};
constexpr std::int64_t kOpens = 1'000;
constexpr std::int64_t kEnds = 900'000;
/// Time to pay in these drops.
constexpr std::int64_t kToPay = 60'000;

OpenWaitlist plan_of_list(DropId id = kDrop) {
  return {.drop_id = id, .ends_at = from_unix_ms(kEnds), .places_max = 100'000};
}

/// A drop whose one wave has two units, which persons 101 and 102 buy at once, with a list.
struct ListShop : Shop {
  explicit ListShop(List<WavePlan, kWavesMax> waves = {wave(kOpens, 2)}) {
    stock_up(1'000);
    EXPECT_EQ(add_drop(plan("drop", waves)), kDrop);
    EXPECT_EQ(apply(plan_of_list(), 0).status, OpenWaitlistStatus::opened);
    run_due(kOpens);
    EXPECT_EQ(buy(101, kOpens), PlaceOrderStatus::created);
    EXPECT_EQ(buy(102, kOpens), PlaceOrderStatus::created);
  }
  PlaceOrderStatus buy(std::uint64_t person, std::int64_t ms) {
    return apply(PlaceOrder{.drop_id = kDrop, .person_id = {person}}, ms).status;
  }
  JoinWaitlistResult join(std::uint64_t person, std::int64_t ms = 2'000) {
    return apply(JoinWaitlist{kDrop, {person}}, ms);
  }
  LeaveWaitlistStatus leave(std::uint64_t person, std::int64_t ms = 2'000) {
    return apply(LeaveWaitlist{kDrop, {person}}, ms).status;
  }
  void cancel(std::uint64_t order, std::uint64_t person, std::int64_t ms) {
    EXPECT_EQ(apply(CancelOrder{{order}, {person}}, ms).status, CancelOrderStatus::cancelled);
  }
  [[nodiscard]] const Waitlist& list() const { return *waitlists.find(kDrop); }
  [[nodiscard]] WaitlistPlace place_of(std::uint64_t person) const {
    return waitlists.standing(kDrop, {person})->stands;
  }
  [[nodiscard]] WaitlistPlaceState state_of(std::uint64_t person) const {
    return place_of(person).state;
  }
};

TEST(WaitlistOpen, FirstFailedCheckWins) {
  using enum OpenWaitlistStatus;
  Shop shop;
  shop.stock_up(100);
  (void)shop.add_drop(Shop::plan("drop", {Shop::wave(kOpens, 2)}));
  CreateDrop other = Shop::plan("drawn", {Shop::wave(kOpens, 1), Shop::wave(kOpens, 1)});
  other.waves[0].decision = WaveDecision::draw;
  other.waves[1].audience = WaveAudience::code_holders;
  const DropId unfit = shop.add_drop(other);
  (void)shop.apply(CancelDrop{unfit}, 0);
  const DropId cancelled = shop.add_drop(Shop::plan("off", {Shop::wave(kOpens, 2)}));
  (void)shop.apply(CancelDrop{cancelled}, 0);
  const auto late = [](DropId id) {
    OpenWaitlist plan = plan_of_list(id);
    plan.ends_at = from_unix_ms(10);
    return plan;
  };
  OpenWaitlist none = late({9});
  none.places_max = 0;
  const struct {
    OpenWaitlist command;
    OpenWaitlistStatus want;
  } rows[] = {
      {none, places_max_out_of_range},
      {late({9}), drop_not_found},
      {late(unfit), no_wave_for_waitlist},
      {late(cancelled), drop_cancelled},
      {late(kDrop), waitlist_ends_in_the_past},
      {plan_of_list(), opened},
      {plan_of_list(), exists},
  };
  expect_first_failed_check(shop, rows, 10);
  EXPECT_EQ(shop.apply(late(kDrop), 10).status, waitlist_exists);
}

TEST(WaitlistJoin, FirstFailedCheckWins) {
  using enum JoinWaitlistStatus;
  ListShop shop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 1, WaveRelease::manual)});
  EXPECT_EQ(shop.join(0).status, person_out_of_range);
  EXPECT_EQ(shop.apply(JoinWaitlist{{9}, {1}}, 2'000).status, waitlist_not_found);
  const JoinWaitlistResult first = shop.join(1);
  EXPECT_EQ(first.status, joined);
  EXPECT_EQ(first.place, 1U);
  EXPECT_EQ(first.ahead, 0U);
  EXPECT_EQ(shop.join(2).ahead, 1U);
  const JoinWaitlistResult again = shop.join(2);
  EXPECT_EQ(again.status, exists);
  EXPECT_EQ(again.place, 2U);
  EXPECT_EQ(again.ahead, 1U);
  EXPECT_EQ(shop.join(3, kEnds).status, waitlist_closed);
  // A wave that is released later is on sale for anybody.
  EXPECT_EQ(shop.apply(ReleaseWave{kDrop, 2}, 2'000).status, ReleaseWaveStatus::released);
  EXPECT_EQ(shop.join(3).status, not_sold_out);
  EXPECT_EQ(shop.buy(101, 2'000), PlaceOrderStatus::created);
  EXPECT_EQ(shop.join(101).status, purchase_limit);
  EXPECT_EQ(shop.join(3).place, 3U);
  shop.check_invariants();
}

TEST(WaitlistJoin, IsForThoseWhoFindNothing) {
  Shop shop;
  shop.stock_up(10);
  (void)shop.add_drop(Shop::plan("drop", {Shop::wave(kOpens, 1)}));
  (void)shop.apply(plan_of_list(), 0);
  // Nothing is released yet, and then there is a unit.
  EXPECT_EQ(shop.apply(JoinWaitlist{kDrop, {1}}, 500).status, JoinWaitlistStatus::not_sold_out);
  shop.run_due(kOpens);
  EXPECT_EQ(shop.apply(JoinWaitlist{kDrop, {1}}, kOpens).status, JoinWaitlistStatus::not_sold_out);
}

TEST(WaitlistJoin, HasBoundsForAllAndForOne) {
  using enum JoinWaitlistStatus;
  ListShop shop;
  for (int i = 0; i < kWaitlistJoinsPerPersonMax; ++i) {
    EXPECT_EQ(shop.join(1).status, joined);
    EXPECT_EQ(shop.leave(1), LeaveWaitlistStatus::left);
  }
  EXPECT_EQ(shop.join(1).status, waitlist_joined_too_often);
  Shop small;
  small.stock_up(10);
  (void)small.add_drop(Shop::plan("drop", {Shop::wave(kOpens, 1)}));
  OpenWaitlist plan = plan_of_list();
  plan.places_max = 1;
  (void)small.apply(plan, 0);
  small.run_due(kOpens);
  (void)small.apply(PlaceOrder{.drop_id = kDrop, .person_id = {101}}, kOpens);
  EXPECT_EQ(small.apply(JoinWaitlist{kDrop, {1}}, kOpens).status, joined);
  EXPECT_EQ(small.apply(JoinWaitlist{kDrop, {2}}, kOpens).status, waitlist_full);
  EXPECT_EQ(small.apply(LeaveWaitlist{kDrop, {1}}, kOpens).status, LeaveWaitlistStatus::left);
  EXPECT_EQ(small.apply(JoinWaitlist{kDrop, {2}}, kOpens).status, joined);
}

TEST(WaitlistServe, ALapsedHoldGoesToTheNextWithAFreshClock) {
  ListShop shop;
  (void)shop.join(1);
  (void)shop.join(2);
  (void)shop.join(3);
  const std::int64_t lapses = kOpens + kToPay;
  shop.run_due(lapses);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  EXPECT_EQ(shop.state_of(2), WaitlistPlaceState::served);
  EXPECT_EQ(shop.waitlists.standing(kDrop, {3})->ahead, 0U);
  const Order& order = *shop.orders.find(shop.place_of(1).order_id);
  EXPECT_EQ(order.person_id, PersonId{1});
  EXPECT_EQ(order.quantity, 1);
  EXPECT_EQ(to_unix_ms(order.expires_at), lapses + kToPay);
  // Nor does the first of them pay: the unit goes on.
  shop.run_due(lapses + kToPay);
  EXPECT_EQ(shop.state_of(3), WaitlistPlaceState::served);
  EXPECT_EQ(shop.list().served, 3);
  EXPECT_EQ(shop.list().waves, 0U);
  // Nobody waits any more: the other unit is on sale again.
  EXPECT_EQ(shop.buy(9, lapses + kToPay), PlaceOrderStatus::created);
  shop.check_invariants();
}

TEST(WaitlistServe, NobodyGetsInBetween) {
  ListShop shop;
  (void)shop.join(1);
  shop.cancel(1, 101, 2'000);
  EXPECT_EQ(shop.drops.available(kDrop, 1), 1);
  // In the same millisecond, before what is due has run.
  EXPECT_EQ(shop.buy(9, 2'000), PlaceOrderStatus::sold_out);
  EXPECT_EQ(shop.join(9).ahead, 1U);
  shop.run_due(2'000);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  EXPECT_EQ(shop.state_of(9), WaitlistPlaceState::waiting);
  shop.check_invariants();
}

TEST(WaitlistServe, PassesOverWhoLeftOrHasEnough) {
  ListShop shop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 2, WaveRelease::manual)});
  (void)shop.join(1);
  (void)shop.join(2);
  (void)shop.join(3);
  EXPECT_EQ(shop.leave(1), LeaveWaitlistStatus::left);
  EXPECT_EQ(shop.leave(1), LeaveWaitlistStatus::already_ended);
  EXPECT_EQ(shop.leave(9), LeaveWaitlistStatus::waitlist_place_not_found);
  (void)shop.apply(ReleaseWave{kDrop, 2}, 2'000);
  (void)shop.apply(PlaceOrder{.drop_id = kDrop, .person_id = {2}, .quantity = 2}, 2'000);
  shop.cancel(1, 101, 2'000);
  shop.run_due(2'000);
  EXPECT_EQ(shop.state_of(2), WaitlistPlaceState::passed_over);
  EXPECT_EQ(shop.state_of(3), WaitlistPlaceState::served);
  EXPECT_EQ(shop.leave(3), LeaveWaitlistStatus::waitlist_place_served);
  shop.check_invariants();
}

TEST(WaitlistServe, AWaveThatComesLaterIsForAnybodyUntilItHasSoldOut) {
  ListShop shop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 2, WaveRelease::manual)});
  (void)shop.join(1);
  (void)shop.apply(ReleaseWave{kDrop, 2}, 2'000);
  EXPECT_EQ(shop.buy(103, 2'000), PlaceOrderStatus::created);
  shop.cancel(3, 103, 2'000);
  shop.run_due(2'000);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::waiting);
  EXPECT_EQ(shop.buy(104, 2'000), PlaceOrderStatus::created);
  EXPECT_EQ(shop.buy(105, 2'000), PlaceOrderStatus::created);
  shop.run_due(2'000);
  shop.cancel(4, 104, 2'001);
  EXPECT_EQ(shop.buy(106, 2'001), PlaceOrderStatus::sold_out);
  shop.run_due(2'001);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  shop.check_invariants();
}

TEST(WaitlistServe, UnitsThatLeaveTheirWaveAreNotForIt) {
  List<WavePlan, kWavesMax> waves{Shop::wave(kOpens, 2),
                                  Shop::wave(kOpens, 1, WaveRelease::manual)};
  waves[0].leftovers = WaveLeftovers::withdraw;
  ListShop shop(waves);
  (void)shop.apply(ReleaseWave{kDrop, 2}, 1'500);
  EXPECT_EQ(shop.buy(103, 1'500), PlaceOrderStatus::created);
  (void)shop.join(1);
  shop.cancel(1, 101, 2'000);
  shop.run_due(2'000);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::waiting);
  EXPECT_EQ(shop.drops.units(kDrop).withdrawn, 1);
  shop.cancel(3, 103, 2'000);
  shop.run_due(2'000);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  shop.check_invariants();
}

TEST(WaitlistServe, GetsWhatIsMovedToASoldOutWaveInBoundedSteps) {
  ListShop shop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 300, WaveRelease::manual)});
  for (std::uint64_t person = 1; person <= 250; ++person) { (void)shop.join(person); }
  (void)shop.apply(MoveUnits{kDrop, 2, 1, 260}, 2'000);
  const CommandContext now = shop.context.at(2'000);
  const auto deadline = shop.schedule.pop_due(now.timestamp);
  ASSERT_TRUE(deadline && deadline->kind == DeadlineKind::waitlist_due);
  EXPECT_EQ(shop.waitlists.due(deadline->id, shop.sale, now), Waitlists::kServedPerStep);
  shop.check_invariants();
  // A moment lies between the steps.
  shop.run_due(2'000);
  EXPECT_EQ(shop.list().served, 100);
  shop.run_due(2'001);
  shop.run_due(2'002);
  EXPECT_EQ(shop.list().served, 250);
  EXPECT_EQ(shop.drops.on_sale(kDrop, 1), 10);
  shop.check_invariants();
}

/// Person 1 waits; the second wave sells out and gets its unit back before the list has looked.
struct SoldOutShop : ListShop {
  explicit SoldOutShop(std::uint32_t rules_version)
      : ListShop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 1, WaveRelease::manual)}) {
    (void)join(1);
    EXPECT_EQ(apply(ReleaseWave{kDrop, 2}, 2'000).status, ReleaseWaveStatus::released);
    CommandContext now = context.at(2'000);
    now.rules_version = rules_version;
    EXPECT_EQ(sale.apply(PlaceOrder{.drop_id = kDrop, .person_id = {103}}, now).status,
              PlaceOrderStatus::created);
    cancel(3, 103, 2'000);
    run_due(2'000);
  }
};

TEST(WaitlistServe, GetsWhatCameBackBeforeItSawTheWaveSellOut) {
  SoldOutShop shop(kRulesKeepSoldOut);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  EXPECT_EQ(shop.drops.available(kDrop, 2), 0);
  shop.check_invariants();
}

TEST(WaitlistServe, KeepsOnlyEmptyWavesUnderOlderRules) {
  SoldOutShop shop(kRulesKeepSoldOut - 1);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::waiting);
  EXPECT_EQ(shop.buy(104, 2'000), PlaceOrderStatus::created);
  shop.check_invariants();
}

TEST(WaitlistServe, WaitsWhileTheDropIsPaused) {
  ListShop shop;
  (void)shop.join(1);
  (void)shop.apply(PauseDrop{kDrop}, 2'000);
  shop.cancel(1, 101, 2'000);
  shop.run_due(2'000);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::waiting);
  (void)shop.apply(ResumeDrop{kDrop}, 3'000);
  EXPECT_EQ(shop.buy(9, 3'000), PlaceOrderStatus::sold_out);
  shop.run_due(3'000);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
}

TEST(WaitlistServe, WaitsForRoomInTheBooks) {
  // Two holds, which are taken: one by the sale, one by another drop.
  Shop shop({.holds_max = 2});
  shop.stock_up(10);
  (void)shop.add_drop(Shop::plan("drop", {Shop::wave(kOpens, 1)}));
  (void)shop.add_drop(Shop::plan("other", {Shop::wave(kOpens, 5)}));
  (void)shop.apply(plan_of_list(), 0);
  shop.run_due(kOpens);
  (void)shop.apply(PlaceOrder{.drop_id = kDrop, .person_id = {101}}, kOpens);
  (void)shop.apply(JoinWaitlist{kDrop, {1}}, kOpens);
  (void)shop.apply(CancelOrder{{1}, {101}}, kOpens);
  for (std::uint64_t person = 5; person <= 6; ++person) {
    (void)shop.apply(PlaceOrder{.drop_id = {2}, .person_id = {person}}, kOpens);
  }
  shop.run_due(kOpens);
  EXPECT_EQ(shop.waitlists.find(kDrop)->waiting, 1);
  (void)shop.apply(CancelOrder{{2}, {5}}, kOpens);
  shop.run_due(kOpens + 1'000);
  EXPECT_EQ(shop.waitlists.find(kDrop)->served, 1);
}

TEST(WaitlistClose, EndsAllPlaces) {
  using enum CloseWaitlistStatus;
  const auto cancelled = [](Shop& shop) {
    (void)shop.apply(CancelDrop{kDrop}, 2'000);
    shop.run_due(2'000);
  };
  const auto by_time = [](Shop& shop) { shop.run_due(kEnds); };
  const auto by_staff = [](Shop& shop) {
    EXPECT_EQ(shop.apply(CloseWaitlist{kDrop}, 2'000).status, closed);
  };
  for (const auto& end : std::vector<std::function<void(Shop&)>>{cancelled, by_time, by_staff}) {
    ListShop shop;
    // Paid, so that nothing comes back before the end.
    for (std::uint64_t order = 1; order <= 2; ++order) {
      const std::string payment_id = "p-" + std::to_string(order);
      (void)shop.apply(ConfirmPayment{{order}, std::string_view(payment_id), Money{100, kCny}},
                       1'500);
    }
    (void)shop.join(1);
    end(shop);
    EXPECT_EQ(shop.list().phase, WaitlistPhase::closed);
    EXPECT_EQ(shop.list().waiting, 0);
    EXPECT_EQ(shop.list().left, 1);
    EXPECT_FALSE(shop.waitlists.standing(kDrop, {1}).has_value());
    EXPECT_EQ(shop.leave(1, kEnds), LeaveWaitlistStatus::already_ended);
    EXPECT_EQ(shop.apply(CloseWaitlist{kDrop}, kEnds).status, already_closed);
    shop.check_invariants();
  }
}

// Goal: however many join and leave, who is ahead of whom is exact and the first goes first.
// Method: against a plain vector of those who wait.
RC_GTEST_PROP(WaitlistProperty, ServesInTheOrderOfJoining, ()) {
  ListShop shop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 900, WaveRelease::manual)});
  std::vector<std::uint64_t> line;
  std::int64_t ms = 2'000;
  for (int steps = *rc::gen::inRange(1, 200); steps > 0; --steps) {
    const auto person = *rc::gen::inRange<std::uint64_t>(1, 40);
    const auto waits = std::ranges::find(line, person);
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        if (shop.leave(person, ms) == LeaveWaitlistStatus::left) { line.erase(waits); }
        break;
      case 1:
        (void)shop.apply(MoveUnits{kDrop, 2, 1, 1}, ms);
        shop.run_due(++ms);
        while (!line.empty() && shop.state_of(line.front()) != WaitlistPlaceState::waiting) {
          line.erase(line.begin());
        }
        break;
      default:
        if (shop.join(person, ms).status == JoinWaitlistStatus::joined) { line.push_back(person); }
        break;
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      RC_ASSERT(shop.waitlists.standing(kDrop, {line[i]})->ahead == i);
    }
    RC_ASSERT(shop.list().waiting == static_cast<std::int64_t>(line.size()));
    shop.check_invariants();
  }
}

TEST(WaitlistSnapshot, LoadsWhatItSaved) {
  ListShop shop;
  for (std::uint64_t person = 1; person <= 1'100; ++person) { (void)shop.join(person); }
  for (std::uint64_t person = 1; person <= 600; ++person) { (void)shop.leave(person); }
  MemorySink sink;
  shop.waitlists.save(sink);
  ListShop other;
  MemorySource source(sink.bytes());
  ASSERT_TRUE(other.waitlists.load(source));
  EXPECT_EQ(other.waitlists.digest(), shop.waitlists.digest());
  EXPECT_TRUE(other.drops.is_waited_for(kDrop, 1));
  EXPECT_EQ(other.waitlists.standing(kDrop, {1'100})->ahead, 499U);
  other.check_invariants();
}

// What comes back at the moment of settling is for those who wait: no holder could buy it.
TEST(WaitlistDeposits, UnitsThatAreKeptAreNoOfferToHolders) {
  ListShop shop({Shop::wave(kOpens, 2)});
  EXPECT_EQ(shop.apply(JoinWaitlist{kDrop, {1}}, 2'000).status, JoinWaitlistStatus::joined);
  EXPECT_EQ(shop.drops.on_sale(kDrop, 1), 0);
  shop.cancel(1, 101, 2'100);
  EXPECT_EQ(shop.drops.available(kDrop, 1), 1);
  EXPECT_EQ(shop.drops.on_sale(kDrop, 1), 0) << "kept, though not yet handed out";
  shop.run_due(2'100);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  shop.check_invariants();
}

TEST(WaitlistJoin, BeginsWithTheDrop) {
  Shop shop;
  shop.stock_up(10);
  (void)shop.add_drop(
      Shop::plan("drop", {Shop::wave(kOpens, 1), Shop::wave(kOpens, 1, WaveRelease::manual)}));
  EXPECT_EQ(shop.apply(plan_of_list(), 0).status, OpenWaitlistStatus::opened);
  // A wave that is released and empty, before anybody may buy.
  EXPECT_EQ(shop.apply(ReleaseWave{kDrop, 1}, 10).status, ReleaseWaveStatus::released);
  EXPECT_EQ(shop.apply(MoveUnits{kDrop, 1, 2, 1}, 20).status, MoveUnitsStatus::moved);
  EXPECT_EQ(shop.apply(JoinWaitlist{kDrop, {1}}, 30).status, JoinWaitlistStatus::not_sold_out);
}

TEST(WaitlistJoin, WavesWithALimitOfTheirOwnKeepNothing) {
  Shop shop;
  shop.stock_up(10);
  CreateDrop plan = Shop::plan("drop", {Shop::wave(kOpens, 1)});
  plan.waves[0].per_person_limit = 1;
  const DropId id = shop.add_drop(plan);
  EXPECT_EQ(shop.apply(plan_of_list(id), 0).status, OpenWaitlistStatus::no_wave_for_waitlist);
}

TEST(WaitlistServing, APauseKeepsWhatSoldOutJustBefore) {
  ListShop shop({Shop::wave(kOpens, 2), Shop::wave(kOpens, 1, WaveRelease::manual)});
  EXPECT_EQ(shop.join(1).status, JoinWaitlistStatus::joined);
  (void)shop.apply(ReleaseWave{kDrop, 2}, 2'000);
  EXPECT_EQ(shop.buy(103, 2'000), PlaceOrderStatus::created);
  (void)shop.apply(PauseDrop{kDrop}, 2'000);
  shop.run_due(2'000);
  shop.cancel(3, 103, 2'100);
  (void)shop.apply(ResumeDrop{kDrop}, 2'200);
  EXPECT_EQ(shop.drops.on_sale(kDrop, 2), 0);
  shop.run_due(2'200);
  EXPECT_EQ(shop.state_of(1), WaitlistPlaceState::served);
  shop.check_invariants();
}

TEST(WaitlistMemory, IsGivenBackInIdleMoments) {
  ListShop shop;
  for (std::uint64_t person = 1; person <= 1'000; ++person) { (void)shop.join(person); }
  const std::uint64_t before = shop.waitlists.bytes_mapped();
  EXPECT_EQ(shop.apply(CloseWaitlist{kDrop}, 3'000).status, CloseWaitlistStatus::closed);
  EXPECT_GE(shop.waitlists.bytes_mapped(), before) << "not within the command";
  int steps = 0;
  while (shop.waitlists.make_ready(0)) { ++steps; }
  EXPECT_GE(steps, 4) << "a chunk, two steps of the index, and their end";
  EXPECT_LE(shop.waitlists.bytes_mapped(), 4'096U);
  shop.check_invariants();
}

TEST(WaitlistMemory, IsThereBeforePlacesAre) {
  ListShop shop;
  const std::uint64_t digest = shop.digest();
  while (shop.waitlists.make_ready(50'000)) {}
  const std::uint64_t ready = shop.waitlists.bytes_mapped();
  EXPECT_GE(ready, 50'000U * sizeof(WaitlistPlace));
  EXPECT_EQ(shop.digest(), digest);
  for (std::uint64_t person = 1; person <= 40'000; ++person) { (void)shop.join(person); }
  EXPECT_EQ(shop.list().waiting, 40'000);
  EXPECT_EQ(shop.waitlists.bytes_mapped(), ready) << "nothing was mapped while people joined";
}

}  // namespace
}  // namespace firebrand
