#include "edge/crowd/fan_behaviour.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace firebrand {
namespace {

using enum FanAnswerKind;

/// "order k0 x1" and the like: a step in one word or two.
std::string text_of(const FanStep& step) {
  switch (step.act) {
    case FanAct::sign_in:
      return "sign_in";
    case FanAct::look:
      return "look";
    case FanAct::order:
      return "order k" + std::to_string(step.key) + " x" + std::to_string(step.quantity) +
             (step.copies > 1 ? " copies=" + std::to_string(step.copies) : "") +
             (step.hang_up ? " hang_up" : "") + (step.with_code ? " code" : "");
    case FanAct::pay:
      return "pay";
    case FanAct::cancel:
      return "cancel";
    case FanAct::reserve:
      return "reserve";
    case FanAct::pay_deposit:
      return "pay_deposit";
    case FanAct::withdraw:
      return "withdraw";
    case FanAct::join:
      return "join";
    case FanAct::ask_place:
      return "ask_place";
    case FanAct::leave_room:
      return "leave_room";
    case FanAct::enter:
      return "enter";
    case FanAct::leave_draw:
      return "leave_draw";
    case FanAct::watch_draw:
      return "watch_draw";
    case FanAct::read_receipt:
      return "read_receipt";
    case FanAct::join_waitlist:
      return "join_waitlist";
    case FanAct::ask_waitlist:
      return "ask_waitlist";
    case FanAct::leave_waitlist:
      return "leave_waitlist";
    case FanAct::read_prize:
      return "read_prize";
    case FanAct::leave:
      return "leave";
  }
  return "";
}

/// The whole visit of a fan who gets these answers.
std::vector<std::string> visit(const FanPlan& plan, std::uint32_t limit,
                               const std::vector<FanAnswerKind>& answers) {
  Prng prng(1);
  FanBehaviour fan(plan, limit);
  std::vector<std::string> steps = {text_of(fan.start())};
  for (const FanAnswerKind answer : answers) {
    steps.push_back(text_of(fan.next({.kind = answer}, prng)));
  }
  return steps;
}

using Steps = std::vector<std::string>;

TEST(FanBehaviour, BuysAndPays) {
  EXPECT_EQ(visit({.end = FanEnd::pays, .looks = true, .pay_twice = true}, 1,
                  {done, done, done, done, done}),
            (Steps{"sign_in", "look", "order k0 x1", "pay", "pay", "leave"}));
}

TEST(FanBehaviour, CancelsTwiceAndIsPaidForLate) {
  EXPECT_EQ(visit({.end = FanEnd::cancels, .cancel_twice = true, .pay_late = true}, 1,
                  {done, done, done, refused, done}),
            (Steps{"sign_in", "order k0 x1", "cancel", "cancel", "pay", "leave"}));
}

TEST(FanBehaviour, AbandonsByLeaving) {
  EXPECT_EQ(visit({}, 1, {done, done}), (Steps{"sign_in", "order k0 x1", "leave"}));
}

TEST(FanBehaviour, LeavesWithoutAnOrderWhenRefused) {
  EXPECT_EQ(visit({.end = FanEnd::pays}, 1, {done, refused}),
            (Steps{"sign_in", "order k0 x1", "leave"}));
  EXPECT_EQ(visit({.end = FanEnd::pays, .repeat = true, .second_order = true}, 1,
                  {done, refused, refused}),
            (Steps{"sign_in", "order k0 x1", "order k0 x1", "leave"}));
  EXPECT_EQ(visit({.end = FanEnd::pays}, 1, {refused}), (Steps{"sign_in", "leave"}));
  // A unit has come back meanwhile.
  EXPECT_EQ(visit({.end = FanEnd::pays, .repeat = true}, 1, {done, refused, done, done}),
            (Steps{"sign_in", "order k0 x1", "order k0 x1", "pay", "leave"}));
}

TEST(FanBehaviour, TriesEveryTrickOfTheBook) {
  EXPECT_EQ(visit({.quantity = 2,
                   .end = FanEnd::pays,
                   .greedy = true,
                   .double_click = true,
                   .repeat = true,
                   .other_body = true,
                   .second_order = true},
                  3, {done, refused, done, done, refused, refused, done}),
            (Steps{"sign_in", "order k2 x4", "order k0 x2 copies=2", "order k0 x2", "order k0 x3",
                   "order k1 x1", "pay", "leave"}));
}

TEST(FanBehaviour, AsksAgainWithTheSameKeyUntilThereIsAnAnswer) {
  EXPECT_EQ(visit({.end = FanEnd::pays, .double_click = true, .hang_up = true}, 1,
                  {done, no_answer, busy, no_answer, done, no_answer, done}),
            (Steps{"sign_in", "order k0 x1 copies=2 hang_up", "order k0 x1", "order k0 x1",
                   "order k0 x1", "pay", "pay", "leave"}));
  EXPECT_EQ(visit({}, 1, {no_answer, busy, done}),
            (Steps{"sign_in", "sign_in", "sign_in", "order k0 x1"}));
}

TEST(FanBehaviour, WhoIsEarlyComesBackAtTheOpening) {
  Prng prng(1);
  FanBehaviour fan({.early_by = Millis{900}}, 1);
  EXPECT_EQ(fan.next({.kind = done}, prng).when, FanWhen::at_arrival);
  const FanStep again = fan.next({.kind = not_open}, prng);
  EXPECT_EQ(text_of(again), "order k0 x1");
  EXPECT_EQ(again.when, FanWhen::at_opening);
  EXPECT_LT(again.delay, Millis{100});
  // Told so again (the clocks differ): later each time, and not for ever.
  const FanStep third = fan.next({.kind = not_open}, prng);
  EXPECT_EQ(third.when, FanWhen::at_opening);
  EXPECT_GE(third.delay, Millis{50});
  int asked = 3;
  while (!fan.has_left()) {
    (void)fan.next({.kind = not_open}, prng);
    ++asked;
  }
  EXPECT_EQ(asked, 22);
}

TEST(FanBehaviour, WaitsForTheNextWaveForAWhile) {
  for (const FanAnswerKind answer : {next_wave, paused}) {
    Prng prng(1);
    FanBehaviour fan({.waits = true}, 1);
    (void)fan.next({.kind = done}, prng);
    for (int i = 0; i < 12; ++i) {
      const FanStep again = fan.next({.kind = answer}, prng);
      EXPECT_EQ(text_of(again), "order k0 x1");
      EXPECT_GE(again.delay, Millis{1'000});
    }
    EXPECT_EQ(fan.next({.kind = answer}, prng).act, FanAct::leave);
  }
  // Patience is not renewed by trying something else.
  Prng prng(1);
  FanBehaviour fan({.waits = true, .repeat = true}, 1);
  (void)fan.next({.kind = done}, prng);
  for (int i = 0; i < 13; ++i) { (void)fan.next({.kind = next_wave}, prng); }
  EXPECT_EQ(fan.next({.kind = next_wave}, prng).act, FanAct::leave);
  // Most go when their wave is gone, and stay through a pause.
  EXPECT_EQ(visit({}, 1, {done, next_wave}), (Steps{"sign_in", "order k0 x1", "leave"}));
  EXPECT_EQ(visit({}, 1, {done, paused}), (Steps{"sign_in", "order k0 x1", "order k0 x1"}));
}

/// The visit of a fan whose deposits are due after so long, if there are any.
std::vector<std::string> visit_with_deposit(const FanPlan& plan, Millis due, int answers) {
  Prng prng(1);
  FanBehaviour fan(plan, 1);
  std::vector<std::string> steps = {text_of(fan.start())};
  for (int i = 0; i < answers; ++i) {
    const FanStep step = fan.next({.kind = done, .deposit_due = due}, prng);
    steps.push_back(text_of(step) + (step.delay > due ? " late" : ""));
  }
  return steps;
}

TEST(FanBehaviour, ReservesPaysTheDepositAndBuys) {
  const FanPlan plan{.end = FanEnd::pays, .reserves = true, .pays_deposit = true};
  EXPECT_EQ(visit_with_deposit(plan, Millis{900'000}, 5),
            (Steps{"sign_in", "reserve", "pay_deposit", "order k0 x1", "pay", "leave"}));
  EXPECT_EQ(visit_with_deposit(plan, Millis{0}, 4),
            (Steps{"sign_in", "reserve", "order k0 x1", "pay", "leave"}));
  FanPlan twice = plan;
  twice.reserve_twice = twice.deposit_twice = true;
  EXPECT_EQ(
      visit_with_deposit(twice, Millis{900'000}, 6),
      (Steps{"sign_in", "reserve", "reserve", "pay_deposit", "pay_deposit", "order k0 x1", "pay"}));
  // Who gets none tries to buy all the same.
  EXPECT_EQ(visit(plan, 1, {done, refused, refused}),
            (Steps{"sign_in", "reserve", "order k0 x1", "leave"}));
}

TEST(FanBehaviour, WithdrawsAndPaysLate) {
  const FanPlan plan{.reserves = true, .withdraws = true, .pays_deposit = true};
  EXPECT_EQ(visit_with_deposit(plan, Millis{900'000}, 4),
            (Steps{"sign_in", "reserve", "pay_deposit", "withdraw", "order k0 x1"}));
  FanPlan late = plan;
  late.deposit_late = late.cancel_twice = true;
  EXPECT_EQ(visit_with_deposit(late, Millis{900'000}, 5),
            (Steps{"sign_in", "reserve", "withdraw", "withdraw", "pay_deposit", "order k0 x1"}));
  late.withdraws = false;
  EXPECT_EQ(visit_with_deposit(late, Millis{2'000}, 3),
            (Steps{"sign_in", "reserve", "pay_deposit late", "order k0 x1"}));
  // Nobody waits a quarter of an hour to be late.
  EXPECT_EQ(visit_with_deposit(late, Millis{900'000}, 2),
            (Steps{"sign_in", "reserve", "order k0 x1"}));
}

TEST(FanBehaviour, TheCodeGoesWithEveryPurchase) {
  EXPECT_EQ(visit({.repeat = true, .code = FanCode::own}, 1, {done, done, done}),
            (Steps{"sign_in", "order k0 x1 code", "order k0 x1 code", "leave"}));
}

TEST(FanBehaviour, WaitsForItsTurn) {
  const FanPlan plan{.end = FanEnd::pays, .queues = true};
  EXPECT_EQ(visit(plan, 1, {done, done, again, busy, again, done, done, done}),
            (Steps{"sign_in", "join", "ask_place", "ask_place", "ask_place", "ask_place",
                   "order k0 x1", "pay", "leave"}));
  // A place that is over, and a room that is closed.
  EXPECT_EQ(visit(plan, 1, {done, done, refused}),
            (Steps{"sign_in", "join", "ask_place", "leave"}));
  EXPECT_EQ(visit(plan, 1, {done, refused, refused}),
            (Steps{"sign_in", "join", "order k0 x1", "leave"}));
  // Too long a wait ends by giving the place up.
  EXPECT_EQ(visit(plan, 1, {done, done, too_long, done}),
            (Steps{"sign_in", "join", "ask_place", "leave_room", "leave"}));
}

TEST(FanBehaviour, AsksForItsPlaceWhenItIsTold) {
  Prng prng(1);
  FanBehaviour fan({.queues = true}, 1);
  EXPECT_EQ(fan.next({.kind = done}, prng).when, FanWhen::at_joining);
  (void)fan.next({.kind = done}, prng);
  EXPECT_EQ(fan.next({.kind = again, .retry_after = Millis{1'500}}, prng).delay, Millis{1'500});
  // Who is let in does not wait for anything.
  EXPECT_EQ(fan.next({.kind = done}, prng).when, FanWhen::now);
}

TEST(FanBehaviour, JoinsTwiceLeavesOrStaysAway) {
  EXPECT_EQ(visit({.queues = true, .joins_twice = true, .leaves_room = true}, 1,
                  {done, done, done, done, refused}),
            (Steps{"sign_in", "join", "join", "leave_room", "order k0 x1", "leave"}));
  EXPECT_EQ(visit({.queues = true, .leaves_room = true, .rejoins = true}, 1,
                  {done, done, done, done, done, refused}),
            (Steps{"sign_in", "join", "leave_room", "join", "ask_place", "order k0 x1", "leave"}));
  EXPECT_EQ(visit({.queues = true, .stops_asking = true}, 1, {done, done}),
            (Steps{"sign_in", "join", "leave"}));
}

TEST(FanBehaviour, JoinsTheRoomWhenItsReservationOrCodeWasOfNoUse) {
  EXPECT_EQ(
      visit({.reserves = true, .queues = true}, 1, {done, done, refused, done, done, done}),
      (Steps{"sign_in", "reserve", "order k0 x1", "join", "ask_place", "order k0 x1", "leave"}));
  EXPECT_EQ(visit({.code = FanCode::made_up, .queues = true}, 1, {done, refused, done, done, done}),
            (Steps{"sign_in", "order k0 x1 code", "join", "ask_place", "order k0 x1", "leave"}));
}

TEST(FanBehaviour, EntersTheDrawBuysAndPaysForWhatItWins) {
  const FanPlan plan{.end = FanEnd::pays, .enters = true};
  EXPECT_EQ(visit(plan, 1, {done, done, refused, again, done, done, done, done}),
            (Steps{"sign_in", "enter", "order k0 x1", "watch_draw", "watch_draw", "read_receipt",
                   "read_prize", "pay", "leave"}));
  // Nothing won, after a purchase; and a draw that takes too long.
  EXPECT_EQ(
      visit(plan, 1, {done, done, done, done, too_long, refused}),
      (Steps{"sign_in", "enter", "order k0 x1", "pay", "watch_draw", "read_receipt", "leave"}));
  FanPlan leaves = plan;
  leaves.enters_twice = leaves.leaves_draw = true;
  EXPECT_EQ(visit(leaves, 1, {done, done, done, done, refused}),
            (Steps{"sign_in", "enter", "enter", "leave_draw", "order k0 x1", "leave"}));
}

TEST(FanBehaviour, JoinsTheWaitlistWhenAllIsSold) {
  FanPlan plan{.end = FanEnd::pays, .waitlists = true};
  EXPECT_EQ(visit(plan, 1, {done, refused, done, again, done, done, done}),
            (Steps{"sign_in", "order k0 x1", "join_waitlist", "ask_waitlist", "ask_waitlist",
                   "read_prize", "pay", "leave"}));
  EXPECT_EQ(visit(plan, 1, {done, refused, done, too_long, done}),
            (Steps{"sign_in", "order k0 x1", "join_waitlist", "ask_waitlist", "leave_waitlist",
                   "leave"}));
  EXPECT_EQ(visit(plan, 1, {done, refused, refused}),
            (Steps{"sign_in", "order k0 x1", "join_waitlist", "leave"}));
  EXPECT_EQ(visit(plan, 1, {done, done, done}), (Steps{"sign_in", "order k0 x1", "pay", "leave"}))
      << "who has bought does not";
  plan.leaves_waitlist = true;
  EXPECT_EQ(visit(plan, 1, {done, refused, done, done}),
            (Steps{"sign_in", "order k0 x1", "join_waitlist", "leave_waitlist", "leave"}));
  plan.enters = true;
  EXPECT_EQ(visit(plan, 1, {done, done, refused}),
            (Steps{"sign_in", "enter", "order k0 x1", "watch_draw"}));
  keep_to(plan, {});
  EXPECT_FALSE(plan.waitlists);
}

TEST(KeepTo, TakesOutWhatThereIsNot) {
  FanPlan plan{.reserves = true, .code = FanCode::own};
  keep_to(plan, {.reservations = true, .codes = true});
  EXPECT_TRUE(plan.reserves);
  EXPECT_EQ(plan.code, FanCode::own);
  plan.cheats = true;
  keep_to(plan, {.reservations = true, .codes = true});
  EXPECT_FALSE(plan.reserves);
  EXPECT_EQ(plan.code, FanCode::made_up);
  keep_to(plan, {});
  EXPECT_EQ(plan.code, FanCode::none);

  FanPlan member{.queues = true, .in_group = true, .shares_home = true};
  keep_to(member, {.room = true, .group = true, .homes = true});
  EXPECT_TRUE(member.in_group && member.shares_home);
  EXPECT_EQ(visit(member, 1, {done, done}), (Steps{"sign_in", "order k0 x1", "leave"}))
      << "the group's wave first, not the room";
  member.cheats = true;
  keep_to(member, {.room = true, .group = true, .homes = true});
  EXPECT_FALSE(member.in_group);
  keep_to(member, {});
  EXPECT_FALSE(member.shares_home);
}

TEST(FanBehaviour, ThinksBeforePayingNotBeforePayingAgain) {
  Prng prng(1);
  FanBehaviour fan({.end = FanEnd::pays, .pay_twice = true, .think = Millis{700}}, 1);
  (void)fan.next({.kind = done}, prng);
  EXPECT_EQ(fan.next({.kind = done}, prng).delay, Millis{700});
  EXPECT_EQ(fan.next({.kind = done}, prng).delay, Millis{0});
}

TEST(RetryDelay, DoublesToABoundAndHonoursTheServer) {
  Prng prng(3);
  for (const auto& [attempt, least, most] : {std::tuple{1U, 25, 50},
                                             {2U, 50, 100},
                                             {3U, 100, 200},
                                             {6U, 800, 1'600},
                                             {7U, 1'000, 2'000},
                                             {8U, 1'000, 2'000},
                                             {1'000'000U, 1'000, 2'000}}) {
    for (int i = 0; i < 100; ++i) {
      const Millis delay = retry_delay(attempt, Millis{0}, prng);
      EXPECT_GE(delay.count(), least) << attempt;
      EXPECT_LE(delay.count(), most) << attempt;
    }
  }
  const Millis asked = retry_delay(1, Millis{3'000}, prng);
  EXPECT_GE(asked, Millis{3'000});
  EXPECT_LE(asked, Millis{3'025});
}

TEST(FanMix, SharesComeOutAsNamed) {
  const FanMix mix;
  Prng prng(5);
  std::map<std::string, std::uint32_t> counts;
  constexpr std::uint32_t kFans = 100'000;
  for (std::uint32_t i = 0; i < kFans; ++i) {
    const FanPlan plan = plan_fan(mix, 1, prng);
    counts["early"] += plan.early_by != Millis{0};
    counts["waits"] += plan.waits;
    counts["looks"] += plan.looks;
    counts["greedy"] += plan.greedy;
    counts["double_click"] += plan.double_click;
    counts["hang_up"] += plan.hang_up;
    counts["repeat"] += plan.repeat;
    counts["other_body"] += plan.other_body;
    counts["second_order"] += plan.second_order;
    counts["pays"] += plan.end == FanEnd::pays;
    counts["cancels"] += plan.end == FanEnd::cancels;
    counts["pay_twice"] += plan.pay_twice;
    counts["cancel_twice"] += plan.cancel_twice;
    counts["pay_late"] += plan.pay_late;
    counts["cheats"] += plan.cheats;
    counts["reserves"] += plan.reserves;
    counts["reserve_twice"] += plan.reserve_twice;
    counts["withdraws"] += plan.withdraws;
    counts["pays_deposit"] += plan.pays_deposit;
    counts["deposit_twice"] += plan.deposit_twice;
    counts["deposit_late"] += plan.deposit_late;
    counts["queues"] += plan.queues;
    counts["joins_early"] += plan.joins_early;
    counts["joins_twice"] += plan.joins_twice;
    counts["stops_asking"] += plan.stops_asking;
    counts["leaves_room"] += plan.leaves_room;
    counts["rejoins"] += plan.rejoins;
    counts["enters"] += plan.enters;
    counts["enters_twice"] += plan.enters_twice;
    counts["leaves_draw"] += plan.leaves_draw;
    counts["waitlists"] += plan.waitlists;
    counts["leaves_waitlist"] += plan.leaves_waitlist;
    counts["in_group"] += plan.in_group;
    counts["shares_home"] += plan.shares_home;
    counts["has_code"] += plan.code != FanCode::none;
    // Of those who have one.
    counts["shares_code"] += 5 * (plan.code == FanCode::shared);
    counts["mistypes_code"] += 5 * (plan.code == FanCode::made_up);
    EXPECT_EQ(plan.quantity, 1);
    EXPECT_GE(plan.think, mix.think_max / 10);
    EXPECT_LT(plan.think, mix.think_max);
    EXPECT_LE(plan.early_by, kEarlyMax);
  }
  ASSERT_EQ(counts.size(), FanMix::kFields.size());
  for (const FanMix::Field& field : FanMix::kFields) {
    const double want = mix.*field.ppm / 1e6 * kFans;
    EXPECT_NEAR(counts.at(std::string(field.name)), want, 0.05 * want + 300) << field.name;
  }
}

TEST(FanMix, OneShareDoesNotMoveTheOthers) {
  FanMix changed;
  changed.looks = 0;
  changed.pays = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Prng one(seed);
    Prng two(seed);
    const FanPlan plan = plan_fan({}, 4, one);
    const FanPlan other = plan_fan(changed, 4, two);
    EXPECT_EQ(plan.early_by, other.early_by);
    EXPECT_EQ(plan.repeat, other.repeat);
    EXPECT_EQ(plan.quantity, other.quantity);
    EXPECT_EQ(plan.think, other.think);
    EXPECT_FALSE(other.looks);
    EXPECT_NE(other.end, FanEnd::pays);
  }
}

TEST(FanMix, IsReadFromPercentages) {
  const auto mix = parse_fan_mix("pays=90,cancels=10,greedy=0.5,hang_up=0.0001,looks=100");
  ASSERT_TRUE(mix.has_value());
  FanMix want;
  want.pays = 900'000;
  want.cancels = 100'000;
  want.greedy = 5'000;
  want.hang_up = 1;
  want.looks = 1'000'000;
  EXPECT_EQ(*mix, want);
  EXPECT_EQ(*parse_fan_mix(""), FanMix{});
  for (const char* text :
       {"pays", "pays=", "pays=-1", "pays=101", "pays=100.0001", "pays=1.", "pays=1.23456",
        "pays=x", "buys=1", "=1", "pays=93", "pays=1,,looks=1"}) {
    EXPECT_FALSE(parse_fan_mix(text).has_value()) << text;
  }
}

// Whatever is answered: the visit ends, an undecided request is asked again as it was, nobody pays
// or cancels without an order, and only what was first done or refused is repeated.
RC_GTEST_PROP(FanBehaviourProperty, EveryVisitEndsAndUndecidedStepsAreAskedAgain, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto limit = *rc::gen::inRange<std::uint32_t>(1, 5);
  const auto undecided_percent = *rc::gen::inRange<std::uint32_t>(0, 90);
  Prng prng(seed);
  FanMix mix;
  for (const FanMix::Field& field : FanMix::kFields) { mix.*field.ppm = 400'000; }
  FanBehaviour fan(plan_fan(mix, limit, prng), limit);
  FanStep step = fan.start();
  bool has_order = false;
  int decided = 0;
  for (int i = 0; !fan.has_left(); ++i) {
    RC_ASSERT(i < 10'000);
    RC_ASSERT(step.act != FanAct::leave);
    if (step.act == FanAct::pay || step.act == FanAct::cancel) { RC_ASSERT(has_order); }
    if (step.act == FanAct::order) {
      RC_ASSERT(step.key < kFanKeys);
      RC_ASSERT(step.quantity >= 1);
      if (step.key == kKeyGreedy) { RC_ASSERT(step.quantity > static_cast<std::int32_t>(limit)); }
    }
    FanAnswer answer{.kind = prng.chance_ppm(500'000) ? done : refused};
    const bool is_undecided = prng.below(100) < undecided_percent;
    if (is_undecided) { answer.kind = prng.chance_ppm(500'000) ? busy : no_answer; }
    if (!is_undecided) { ++decided; }
    if (step.act == FanAct::order && step.key == kKeyFirst && answer.kind == done) {
      has_order = true;
    }
    if (step.act == FanAct::read_prize && answer.kind == done) { has_order = true; }
    const FanStep before = step;
    step = fan.next(answer, prng);
    if (is_undecided) {
      RC_ASSERT(step.act == before.act);
      RC_ASSERT(step.key == before.key);
      RC_ASSERT(step.quantity == before.quantity);
      RC_ASSERT(step.copies == 1);
      RC_ASSERT(!step.hang_up);
      RC_ASSERT(step.delay > Millis{0});
    }
  }
  RC_ASSERT(step.act == FanAct::leave);
  RC_ASSERT(decided <= 40);
}

}  // namespace
}  // namespace firebrand
