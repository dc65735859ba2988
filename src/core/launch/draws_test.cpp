#include "core/launch/draws.hpp"

#include <gtest/gtest.h>

#include "base/draw.hpp"
#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

Hash256 reveal() { return sha256({bytes_of("what nobody knows")}); }
Hash256 beacon() { return sha256({bytes_of("beacon-1")}); }

/// A wave of some units on sale from 1,000 on, and the plan of its draw: it closes at 2,000, the
/// reveal is due at 3,000, the beacon at 4,000.
struct DrawShop : Shop {
  explicit DrawShop(std::int64_t units = 2, const LedgerOptions& options = {}) : Shop(options) {
    stock_up(1'000);
    drop = add_drawn_drop("drawn", units);
  }
  DropId add_drawn_drop(std::string_view code, std::int64_t units) {
    return add_drop(plan(code, {WavePlan{.opens_at = from_unix_ms(1'000),
                                         .units = units,
                                         .decision = WaveDecision::draw}}));
  }
  [[nodiscard]] OpenDraw draw_plan() const {
    return {.drop_id = drop,
            .wave = 1,
            .closes_at = from_unix_ms(2'000),
            .reveal_due_at = from_unix_ms(3'000),
            .beacon_at = from_unix_ms(4'000),
            .beacon_round = 7,
            .beacon_source = "drand",
            .commit = draw_commitment(reveal()),
            .tickets_max = 3,
            .reserve_max = 2};
  }
  DrawId open(const OpenDraw& plan) {
    const OpenDrawResult result = apply(plan, 0);
    EXPECT_EQ(result.status, OpenDrawStatus::opened);
    return result.draw_id;
  }
  void enter(DrawId id, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t person = first; person <= last; ++person) {
      EXPECT_EQ(apply(EnterDraw{id, {person}}, 1'000).status, EnterDrawStatus::entered);
    }
  }
  /// Closes it, and goes on until its beacon is there.
  void decide(DrawId id) {
    run_due(2'000);
    const Draw& draw = draws.draw(id);
    EXPECT_EQ(apply(PublishDrawRoot{id, beacon(), draw.tickets}, 2'000).status,
              PublishDrawRootStatus::published);
    EXPECT_EQ(apply(RevealDraw{id, reveal()}, 2'500).status, RevealDrawStatus::revealed);
    EXPECT_EQ(apply(PostBeacon{id, beacon()}, 4'000).status, PostBeaconStatus::posted);
  }
  [[nodiscard]] DrawEntryState state_of(DrawId id, std::uint64_t person) const {
    return draws.find_entry(id, {person})->state;
  }

  DropId drop{};
};

TEST(DrawsOpen, FirstFailedCheckWins) {
  using enum OpenDrawStatus;
  DrawShop shop;
  const DropId plain = shop.add_drop(Shop::plan("plain", {Shop::wave(1'000, 1)}));
  const DropId cancelled = shop.add_drawn_drop("cancelled", 1);
  (void)shop.apply(CancelDrop{cancelled}, 0);
  const auto with = [&](auto&& change) {
    OpenDraw plan = shop.draw_plan();
    plan.wave = 9;
    change(plan);
    return plan;
  };
  const auto late = [](OpenDraw& plan) {
    plan.closes_at = from_unix_ms(0);
    plan.reveal_due_at = from_unix_ms(1);
    plan.beacon_at = from_unix_ms(2);
  };
  const struct {
    OpenDraw command;
    OpenDrawStatus want;
  } rows[] = {
      {with([](OpenDraw& p) { p.beacon_source = "", p.commit = {}; }),
       beacon_source_must_not_be_empty},
      {with([](OpenDraw& p) { p.commit = {}, p.tickets_max = 0; }), commit_must_not_be_zero},
      {with([](OpenDraw& p) { p.tickets_max = 0, p.reserve_max = -1; }), tickets_out_of_range},
      {with([](OpenDraw& p) { p.reserve_max = -1, p.reveal_due_at = p.closes_at; }),
       reserve_out_of_range},
      {with([](OpenDraw& p) { p.reveal_due_at = p.closes_at, p.beacon_at = p.closes_at; }),
       reveal_due_before_close},
      {with([](OpenDraw& p) { p.beacon_at = p.reveal_due_at; }), beacon_before_reveal_due},
      {with([&](OpenDraw& p) { late(p), p.drop_id = {77}; }), drop_not_found},
      {with(late), wave_not_found},
      {with([&](OpenDraw& p) { late(p), p.drop_id = plain, p.wave = 1; }), wave_not_drawn},
      {with([&](OpenDraw& p) { late(p), p.drop_id = cancelled, p.wave = 1; }), drop_cancelled},
      {with([&](OpenDraw& p) { late(p), p.wave = 1; }), draw_closes_in_the_past},
      {shop.draw_plan(), opened},
  };
  expect_first_failed_check(shop, rows, 0);
  EXPECT_EQ(shop.apply(shop.draw_plan(), 0).status, exists);
  OpenDraw other = shop.draw_plan();
  ++other.beacon_round;
  EXPECT_EQ(shop.apply(other, 0).status, exists_with_different_fields);
}

TEST(DrawsOpen, ALaunchHasABoundOfDraws) {
  DrawShop shop;
  OpenDraw plan = shop.draw_plan();
  for (std::size_t i = 0; i < kDrawsPerLaunchMax; ++i) {
    plan.drop_id = shop.add_drawn_drop("drop-" + std::to_string(i), 1);
    shop.open(plan);
  }
  EXPECT_EQ(shop.apply(shop.draw_plan(), 0).status, OpenDrawStatus::draws_full);
}

TEST(Draws, PeopleEnterLeaveAndAreKeptOutUntilTheClose) {
  DrawShop shop;
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 4);
  EXPECT_EQ(shop.apply(EnterDraw{id, {1}}, 1'000).status, EnterDrawStatus::already_entered);
  EXPECT_EQ(shop.apply(GrantDrawTickets{id, {2}, 3}, 1'000).status,
            GrantDrawTicketsStatus::granted);
  EXPECT_EQ(shop.apply(GrantDrawTickets{id, {2}, 3}, 1'000).status,
            GrantDrawTicketsStatus::already_granted);
  EXPECT_EQ(shop.apply(GrantDrawTickets{id, {2}, 4}, 1'000).status,
            GrantDrawTicketsStatus::tickets_beyond_cap);
  EXPECT_EQ(shop.apply(GrantDrawTickets{id, {9}, 1}, 1'000).status,
            GrantDrawTicketsStatus::draw_not_entered);
  EXPECT_EQ(shop.draws.draw(id).entrants, 4);
  EXPECT_EQ(shop.draws.draw(id).tickets, 6);
  EXPECT_EQ(shop.apply(LeaveDraw{id, {2}}, 1'000).status, LeaveDrawStatus::left);
  EXPECT_EQ(shop.apply(LeaveDraw{id, {2}}, 1'000).status, LeaveDrawStatus::already_left);
  EXPECT_EQ(shop.draws.draw(id).tickets, 3);
  EXPECT_EQ(shop.apply(EnterDraw{id, {2}}, 1'000).tickets, 3) << "granted tickets stay granted";
  EXPECT_EQ(shop.apply(ExcludeFromDraw{id, {3}, DrawExclusion::reseller}, 1'000).status,
            ExcludeFromDrawStatus::excluded);
  EXPECT_EQ(shop.apply(ExcludeFromDraw{id, {8}, DrawExclusion::automated}, 1'000).status,
            ExcludeFromDrawStatus::excluded);
  EXPECT_EQ(shop.apply(ExcludeFromDraw{id, {8}, DrawExclusion::other}, 1'000).status,
            ExcludeFromDrawStatus::already_excluded);
  for (const std::uint64_t person : {3U, 8U}) {
    EXPECT_EQ(shop.apply(EnterDraw{id, {person}}, 1'000).status,
              EnterDrawStatus::excluded_from_draw);
    EXPECT_EQ(shop.apply(LeaveDraw{id, {person}}, 1'000).status,
              LeaveDrawStatus::excluded_from_draw);
  }
  EXPECT_EQ(shop.draws.draw(id).entrants, 3);
  EXPECT_EQ(shop.draws.draw(id).excluded, 2);
  // At the very moment of the close, whether or not it was met.
  EXPECT_EQ(shop.apply(EnterDraw{id, {9}}, 2'000).status, EnterDrawStatus::draw_closed);
  EXPECT_EQ(shop.apply(LeaveDraw{id, {1}}, 2'000).status, LeaveDrawStatus::draw_closed);
  EXPECT_EQ(shop.apply(GrantDrawTickets{id, {1}, 2}, 2'000).status,
            GrantDrawTicketsStatus::draw_closed);
  EXPECT_EQ(shop.apply(ExcludeFromDraw{id, {1}, DrawExclusion::other}, 2'000).status,
            ExcludeFromDrawStatus::draw_closed);
  EXPECT_EQ(shop.apply(EnterDraw{id, {1}}, 2'000).status, EnterDrawStatus::already_entered);
  shop.check_invariants();
}

TEST(Draws, AreDecidedStepByStep) {
  DrawShop shop;
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 3);
  EXPECT_EQ(shop.apply(RevealDraw{id, beacon()}, 1'999).status,
            RevealDrawStatus::reveal_does_not_fit);
  EXPECT_EQ(shop.apply(RevealDraw{id, reveal()}, 1'999).status, RevealDrawStatus::draw_still_open);
  EXPECT_EQ(shop.apply(PublishDrawRoot{id, {}, 3}, 1'999).status,
            PublishDrawRootStatus::draw_still_open);
  shop.run_due(2'000);
  EXPECT_EQ(shop.apply(PublishDrawRoot{id, {}, 4}, 2'000).status,
            PublishDrawRootStatus::draw_count_differs);
  EXPECT_EQ(shop.apply(PostBeacon{id, beacon()}, 3'999).status, PostBeaconStatus::beacon_too_early);
  EXPECT_EQ(shop.apply(PostBeacon{id, beacon()}, 4'000).status,
            PostBeaconStatus::root_not_published);
  EXPECT_EQ(shop.apply(ApplyDrawResults{id, 0, true, {PersonId{1}}}, 4'000).status,
            ApplyDrawResultsStatus::draw_not_decided);
  shop.decide(id);
  EXPECT_EQ(shop.apply(PublishDrawRoot{id, {}, 3}, 4'000).status,
            PublishDrawRootStatus::already_published);
  EXPECT_EQ(shop.apply(RevealDraw{id, reveal()}, 4'000).status, RevealDrawStatus::already_revealed);
  EXPECT_EQ(shop.apply(PostBeacon{id, beacon()}, 4'000).status, PostBeaconStatus::exists);
  EXPECT_EQ(shop.apply(PostBeacon{id, reveal()}, 4'000).status,
            PostBeaconStatus::exists_with_different_fields);
  shop.check_invariants();
}

TEST(Draws, GoOnWithoutAWithheldReveal) {
  DrawShop shop;
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 3);
  shop.run_due(2'000);
  EXPECT_EQ(shop.draws.draw(id).revealing, DrawReveal::awaited);
  EXPECT_EQ(shop.apply(RevealDraw{id, reveal()}, 3'000).status, RevealDrawStatus::reveal_too_late);
  shop.run_due(3'000);
  EXPECT_EQ(shop.draws.draw(id).revealing, DrawReveal::withheld);
  EXPECT_TRUE(shop.draws.draw(id).reveal.is_zero());
}

TEST(Draws, GiveUnitsAndPlacesInTheOrderOfTheirPeople) {
  DrawShop shop(2);
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 6);
  shop.run_due(1'000);
  // Whoever comes buys nothing here.
  EXPECT_EQ(shop.apply(PlaceOrder{shop.drop, {1}}, 1'000).status, PlaceOrderStatus::wave_is_drawn);
  shop.decide(id);
  const auto step = [&](std::uint64_t first, bool last, List<PersonId, kDrawPicksMax> persons) {
    return shop.apply(ApplyDrawResults{id, first, last, persons}, 5'000);
  };
  using enum ApplyDrawResultsStatus;
  EXPECT_EQ(step(1, false, {{4}}).status, draw_out_of_step);
  EXPECT_EQ(step(0, false, {{4}, {4}}).status, draw_not_entered);
  EXPECT_EQ(step(0, false, {{9}}).status, draw_not_entered);
  EXPECT_EQ(step(0, false, {}).status, nothing_to_apply);
  (void)shop.apply(PauseDrop{shop.drop}, 5'000);
  EXPECT_EQ(step(0, false, {{4}}).status, paused);
  (void)shop.apply(ResumeDrop{shop.drop}, 5'000);
  EXPECT_EQ(step(0, false, {{4}}).next, 1U);
  const auto done = step(1, false, {{2}, {6}, {1}, {3}, {5}});
  EXPECT_EQ(done.status, completed);
  EXPECT_EQ(done.next, 4U) << "two units and two places: nobody else is asked for";
  EXPECT_EQ(shop.state_of(id, 4), DrawEntryState::won);
  EXPECT_EQ(shop.state_of(id, 2), DrawEntryState::won);
  EXPECT_EQ(shop.state_of(id, 6), DrawEntryState::reserve);
  EXPECT_EQ(shop.draws.find_entry(id, {1})->place, 2U);
  EXPECT_EQ(shop.state_of(id, 3), DrawEntryState::entered);
  EXPECT_EQ(step(4, true, {}).status, draw_completed);
  const Order& order = *shop.orders.find(shop.draws.find_entry(id, {4})->order_id);
  EXPECT_EQ(order.person_id, PersonId{4});
  EXPECT_EQ(order.expires_at, from_unix_ms(65'000));
  EXPECT_EQ(shop.drops.units(shop.drop).held, 2);
  EXPECT_EQ(shop.apply(PlaceOrder{shop.drop, {9}}, 5'000).status, PlaceOrderStatus::sold_out);
  shop.check_invariants();
}

TEST(Draws, AWinnerWithAReservationPaysTheRest) {
  DrawShop shop(1);
  EXPECT_EQ(shop.apply(OpenReservations{.drop_id = shop.drop,
                                        .opens_at = from_unix_ms(0),
                                        .closes_at = from_unix_ms(2'000),
                                        .cap = 5,
                                        .deposit_kind = DepositKind::binding,
                                        .deposit_minor = 20,
                                        .deposit_window_seconds = 10,
                                        .balance_due_at = from_unix_ms(90'000),
                                        .balance_window_seconds = 30,
                                        .reminder_seconds = 0},
                       0)
                .status,
            OpenReservationsStatus::opened);
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 1);
  const ReserveResult made = shop.apply(Reserve{shop.drop, {1}}, 1'000);
  (void)shop.apply(ConfirmDeposit{made.reservation_id, "d", made.deposit}, 1'000);
  shop.run_due(1'000);
  shop.decide(id);
  (void)shop.apply(ApplyDrawResults{id, 0, true, {{1}}}, 5'000);
  const Order& order = *shop.orders.find(shop.draws.find_entry(id, {1})->order_id);
  EXPECT_EQ(order.total, (Money{80, kCny}));
  EXPECT_EQ(order.expires_at, from_unix_ms(35'000));
  EXPECT_EQ(shop.reservations.find(shop.drop, {1})->state, ReservationState::ordered);
  shop.check_invariants();
}

// A unit that comes back may go on sale up to a month after the opening: until then the winner's
// right is needed, however early the winner paid.
TEST(Draws, AWinnerWhoPaidLongBeforeTheOpeningKeepsTheRight) {
  constexpr std::int64_t kDay = 24LL * 3'600'000;
  DrawShop shop(1);
  CreateDrop late = Shop::plan("late", {WavePlan{.opens_at = from_unix_ms(40 * kDay),
                                                 .units = 1,
                                                 .release = WaveRelease::manual,
                                                 .decision = WaveDecision::draw}});
  late.opens_at = from_unix_ms(40 * kDay);
  OpenDraw plan = shop.draw_plan();
  plan.drop_id = shop.add_drop(late);
  (void)shop.apply(ReleaseWave{plan.drop_id, 1}, 500);
  const DrawId id = shop.open(plan);
  shop.enter(id, 1, 1);
  shop.decide(id);
  (void)shop.apply(ApplyDrawResults{id, 0, true, {{1}}}, 5'000);
  const OrderId order = shop.draws.find_entry(id, {1})->order_id;
  EXPECT_EQ(shop.apply(ConfirmPayment{order, "p", Money{100, kCny}}, 5'000).status,
            ConfirmPaymentStatus::paid);
  shop.run_due(5'000 + 31 * kDay);
  EXPECT_NE(shop.orders.find(order), nullptr);
  shop.run_due(5'000 + 100 * kDay);
  EXPECT_EQ(shop.orders.find(order), nullptr);
  shop.check_invariants();
}

TEST(Draws, AWinnerWhoIsKeptOutAndDoesNotPayGetsTheDepositBack) {
  constexpr std::int64_t kDay = 24LL * 3'600'000;
  DrawShop shop(1);
  CreateDrop late = Shop::plan("late", {WavePlan{.opens_at = from_unix_ms(40 * kDay),
                                                 .units = 1,
                                                 .release = WaveRelease::manual,
                                                 .decision = WaveDecision::draw}});
  late.opens_at = from_unix_ms(40 * kDay);
  OpenDraw plan = shop.draw_plan();
  plan.drop_id = shop.add_drop(late);
  ASSERT_EQ(shop.apply(OpenReservations{.drop_id = plan.drop_id,
                                        .opens_at = from_unix_ms(100),
                                        .closes_at = from_unix_ms(900),
                                        .cap = 10,
                                        .deposit_kind = DepositKind::binding,
                                        .deposit_minor = 20,
                                        .deposit_window_seconds = 10,
                                        .balance_due_at = from_unix_ms(41 * kDay),
                                        .balance_window_seconds = 30,
                                        .reminder_seconds = 0},
                       0)
                .status,
            OpenReservationsStatus::opened);
  const ReserveResult mine = shop.apply(Reserve{plan.drop_id, {1}}, 200);
  (void)shop.apply(ConfirmDeposit{mine.reservation_id, "d-1", mine.deposit}, 200);
  (void)shop.apply(ReleaseWave{plan.drop_id, 1}, 500);
  const DrawId id = shop.open(plan);
  shop.enter(id, 1, 1);
  shop.decide(id);
  (void)shop.apply(ApplyDrawResults{id, 0, true, {{1}}}, 5'000);
  ASSERT_EQ(shop.reservations.find(plan.drop_id, {1})->state, ReservationState::ordered);
  ASSERT_EQ(shop.apply(ExcludeFromDrop{plan.drop_id, {1}, ExclusionReason::other}, 5'000).status,
            ExcludeFromDropStatus::excluded);
  shop.run_due(kDay);
  EXPECT_EQ(shop.reservations.find(plan.drop_id, {1})->state, ReservationState::returned);
  const AccountKey owed{Holder::refunds_due(), Asset::money(kCny)};
  EXPECT_EQ(shop.ledger.balance(owed).available, 40);
  shop.check_invariants();
}

TEST(Draws, AUnitThatComesBackGoesToTheNextOfTheReserveWithAFreshClock) {
  DrawShop shop(1);
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 4);
  shop.decide(id);
  shop.run_due(4'000);
  ASSERT_EQ(shop.apply(ApplyDrawResults{id, 0, true, {{1}, {2}, {3}}}, 5'000).status,
            ApplyDrawResultsStatus::completed);
  shop.run_due(64'999);
  EXPECT_EQ(shop.state_of(id, 2), DrawEntryState::reserve);
  shop.run_due(65'000);  // Nobody paid.
  EXPECT_EQ(shop.state_of(id, 2), DrawEntryState::won);
  const OrderId second = shop.draws.find_entry(id, {2})->order_id;
  EXPECT_EQ(shop.orders.find(second)->expires_at, from_unix_ms(125'000));
  // Given up: at once.
  EXPECT_EQ(shop.apply(CancelOrder{second, {2}}, 70'000).status, CancelOrderStatus::cancelled);
  EXPECT_EQ(shop.apply(PlaceOrder{shop.drop, {9}}, 70'000).status, PlaceOrderStatus::wave_is_drawn);
  shop.run_due(70'000);
  EXPECT_EQ(shop.state_of(id, 3), DrawEntryState::won);
  // The reserve is empty: what comes back now stays.
  shop.run_due(200'000);
  EXPECT_EQ(shop.drops.units(shop.drop).available, 1);
  EXPECT_EQ(shop.draws.draw(id).promoted, 2);
  shop.check_invariants();
}

TEST(Draws, TheReserveWaitsWhileTheDropIsPaused) {
  DrawShop shop(1);
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 2);
  shop.decide(id);
  (void)shop.apply(ApplyDrawResults{id, 0, true, {{1}, {2}}}, 5'000);
  (void)shop.apply(PauseDrop{shop.drop}, 6'000);
  shop.run_due(65'000);  // Nobody paid.
  EXPECT_EQ(shop.state_of(id, 2), DrawEntryState::reserve);
  (void)shop.apply(ResumeDrop{shop.drop}, 70'000);
  shop.run_due(70'000);
  EXPECT_EQ(shop.state_of(id, 2), DrawEntryState::won);
  const OrderId second = shop.draws.find_entry(id, {2})->order_id;
  EXPECT_EQ(shop.orders.find(second)->expires_at, from_unix_ms(130'000));
  shop.check_invariants();
}

TEST(Draws, APaidUnitThatIsReturnedGoesToTheNextOfTheReserve) {
  DrawShop shop(1);
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 2);
  shop.decide(id);
  (void)shop.apply(ApplyDrawResults{id, 0, true, {{1}, {2}}}, 5'000);
  ASSERT_EQ(shop.apply(ConfirmPayment{{1}, "p", Money{100, kCny}}, 5'000).status,
            ConfirmPaymentStatus::paid);
  EXPECT_EQ(shop.apply(ReturnUnits{{1}, 1}, 6'000).status, ReturnUnitsStatus::returned);
  shop.run_due(6'000);
  EXPECT_EQ(shop.state_of(id, 2), DrawEntryState::won);
  EXPECT_EQ(shop.orders.find({2})->person_id, PersonId{2});
  shop.check_invariants();
}

TEST(Draws, OnePersonWinsOnceInALaunchWhereThePlanSaysSo) {
  DrawShop shop(1);
  OpenDraw plan = shop.draw_plan();
  const DrawId first = shop.open(plan);
  plan.drop_id = shop.add_drawn_drop("another", 1);
  plan.wins = DrawWins::one_per_launch;
  const DrawId second = shop.open(plan);
  shop.enter(first, 1, 2);
  shop.enter(second, 1, 2);
  shop.run_due(1'000);
  shop.decide(first);
  shop.decide(second);
  EXPECT_EQ(shop.apply(ApplyDrawResults{first, 0, true, {{1}, {2}}}, 5'000).status,
            ApplyDrawResultsStatus::completed);
  EXPECT_EQ(shop.apply(ApplyDrawResults{second, 0, true, {{1}, {2}}}, 5'000).status,
            ApplyDrawResultsStatus::completed);
  EXPECT_EQ(shop.state_of(second, 1), DrawEntryState::passed_over);
  EXPECT_EQ(shop.state_of(second, 2), DrawEntryState::won);
  shop.check_invariants();
}

TEST(Draws, TheLimitOfTheDropHoldsForWinnersAsForAll) {
  DrawShop shop;
  CreateDrop plan = Shop::plan(
      "both",
      {Shop::wave(1'000, 5),
       WavePlan{.opens_at = from_unix_ms(1'000), .units = 2, .decision = WaveDecision::draw}});
  plan.per_person_limit = 1;
  OpenDraw draw = shop.draw_plan();
  draw.drop_id = shop.add_drop(plan);
  draw.wave = 2;
  const DrawId id = shop.open(draw);
  shop.enter(id, 1, 2);
  shop.run_due(1'000);
  const PlaceOrderResult bought = shop.apply(PlaceOrder{draw.drop_id, {1}}, 1'000);
  EXPECT_EQ(bought.wave, 1);
  shop.decide(id);
  EXPECT_EQ(shop.apply(ApplyDrawResults{id, 0, true, {{1}, {2}}}, 5'000).status,
            ApplyDrawResultsStatus::completed);
  EXPECT_EQ(shop.state_of(id, 1), DrawEntryState::passed_over);
  EXPECT_EQ(shop.draws.draw(id).winners, 1);
  shop.check_invariants();
}

TEST(Draws, ACancelledDropGivesNobodyAUnit) {
  DrawShop shop;
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 3);
  shop.decide(id);
  (void)shop.apply(CancelDrop{shop.drop}, 4'000);
  EXPECT_EQ(shop.apply(EnterDraw{id, {7}}, 1'000).status, EnterDrawStatus::drop_cancelled);
  EXPECT_EQ(shop.apply(ApplyDrawResults{id, 0, true, {{1}}}, 5'000).status,
            ApplyDrawResultsStatus::drop_cancelled);
  shop.run_due(9'000);
  shop.check_invariants();
}

TEST(Draws, StopWhereTheBooksAreFullAndGoOnFromThere) {
  DrawShop shop(3, {.holds_max = 2});
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 3);
  shop.decide(id);
  shop.run_due(4'000);
  const ApplyDrawResults all{id, 0, true, {{1}, {2}, {3}}};
  const auto stopped = shop.apply(all, 5'000);
  EXPECT_EQ(stopped.status, ApplyDrawResultsStatus::applied);
  EXPECT_EQ(stopped.next, 2U);
  const ApplyDrawResults rest{id, 2, true, {PersonId{3}}};
  EXPECT_EQ(shop.apply(rest, 5'000).status, ApplyDrawResultsStatus::orders_full);
  const OrderId first = shop.draws.find_entry(id, {1})->order_id;
  EXPECT_EQ(shop.apply(ConfirmPayment{first, "p", Money{100, kCny}}, 6'000).status,
            ConfirmPaymentStatus::paid);
  EXPECT_EQ(shop.apply(rest, 6'000).status, ApplyDrawResultsStatus::completed);
  shop.check_invariants();
}

TEST(Draws, WaitUntilTheWaveIsReleased) {
  DrawShop shop;
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 3);
  const Timestamp at = from_unix_ms(9'000);
  OpenDraw later = shop.draw_plan();
  later.drop_id = shop.add_drop(
      Shop::plan("later", {WavePlan{.opens_at = at, .units = 1, .decision = WaveDecision::draw}}));
  const DrawId other = shop.open(later);
  shop.enter(other, 1, 1);
  shop.decide(other);
  EXPECT_EQ(shop.apply(ApplyDrawResults{other, 0, true, {{1}}}, 8'999).status,
            ApplyDrawResultsStatus::wave_not_released);
}

TEST(Draws, HaveTheUnitsOfTheirWaveUntilTheyClose) {
  using enum MoveUnitsStatus;
  DrawShop shop(1);
  WavePlan drawn = Shop::wave(1'000, 1);
  drawn.decision = WaveDecision::draw;
  shop.drop = shop.add_drop(Shop::plan("two", {drawn, Shop::wave(1'000, 4)}));
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 3);
  (void)shop.draws.take_touched();
  EXPECT_EQ(shop.apply(MoveUnits{shop.drop, 2, 1, 2}, 1'500).status, moved);
  EXPECT_EQ(shop.draws.take_touched(), (std::vector{id}));
  EXPECT_EQ(shop.apply(MoveUnits{shop.drop, 1, 2, 1}, 1'999).status, moved);
  // At the very moment, before run_due has come to it, and ever after.
  EXPECT_EQ(shop.apply(MoveUnits{shop.drop, 2, 1, 9}, 2'000).status, not_enough_units);
  EXPECT_EQ(shop.apply(MoveUnits{shop.drop, 2, 1, 1}, 2'000).status, draw_closed);
  shop.decide(id);
  EXPECT_EQ(shop.apply(MoveUnits{shop.drop, 1, 2, 1}, 4'000).status, draw_closed);
  EXPECT_EQ(
      shop.apply(ApplyDrawResults{.draw_id = id, .last = true, .persons = {{1}, {2}, {3}}}, 4'000)
          .status,
      ApplyDrawResultsStatus::completed);
  EXPECT_EQ(shop.draws.draw(id).winners, 2);
  EXPECT_EQ(shop.draws.draw(id).reserves, 1);
  EXPECT_EQ(shop.apply(MoveUnits{shop.drop, 2, 1, 1}, 4'000).status, draw_closed);
  shop.check_invariants();
}

TEST(Draws, AreTheSameAfterASnapshot) {
  DrawShop shop(2);
  const DrawId id = shop.open(shop.draw_plan());
  shop.enter(id, 1, 6);
  (void)shop.apply(LeaveDraw{id, {6}}, 1'000);
  (void)shop.apply(ExcludeFromDraw{id, {7}, DrawExclusion::automated}, 1'000);
  shop.decide(id);
  (void)shop.apply(ApplyDrawResults{id, 0, true, {{1}, {2}, {3}, {4}}}, 5'000);
  Draws loaded(shop.schedule, shop.drops, shop.sale, shop.buyer_keys);
  reload(shop.draws, loaded);
  EXPECT_EQ(loaded.find_entry(id, {7})->state, DrawEntryState::excluded);
  expect_no_prefix_loads(shop.draws, loaded);
}

}  // namespace
}  // namespace firebrand
