#include "edge/api/admission_control.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

struct Room {
  AdmissionPlan plan{.places_per_minute = 600, .inside_max = 1'000'000, .latency_ms_max = 50};
  AdmissionControl control;
  std::int64_t waiting = 1'000'000;
  std::int64_t inside = 0;
  std::int64_t units = 1'000'000;

  /// Runs from one time to another in steps of 20 ms. @return how many went in.
  std::int64_t run(std::int64_t from_ms, std::int64_t until_ms, Millis latency = Millis{5}) {
    std::int64_t sum = 0;
    for (std::int64_t ms = from_ms; ms < until_ms; ms += 20) {
      const Timestamp now = from_unix_ms(ms);
      const std::int32_t count = control.step({now, plan, waiting, inside, units});
      if (count == 0) { continue; }
      control.saw_latency(latency);
      control.admitted(count, now);
      sum += count;
    }
    return sum;
  }
};

TEST(AdmissionControl, KeepsTheRate) {
  Room room;
  EXPECT_NEAR(static_cast<double>(room.run(1'000'000, 1'060'000)), 600, 3);
  EXPECT_NEAR(room.control.measured_per_minute(from_unix_ms(1'059'999)), 600, 15);
}

TEST(AdmissionControl, StopsAtTheBoundOfPeopleInsideAndOfUnits) {
  Room room;
  room.plan.inside_max = 7;
  room.inside = 7;
  EXPECT_EQ(room.run(1'000'000, 1'010'000), 0);
  room.plan.inside_max = 100;
  room.units = 7;
  EXPECT_EQ(room.run(1'010'000, 1'020'000), 0);
  room.units = 100;
  room.plan.pacing = Pacing::held;
  EXPECT_EQ(room.run(1'020'000, 1'030'000), 0);
  room.plan.pacing = Pacing::automatic;
  room.waiting = 0;
  EXPECT_EQ(room.run(1'030'000, 1'040'000), 0);
  // A pause is no reason for a rush: a second's worth at most was kept.
  room.waiting = 100;
  EXPECT_LE(room.run(1'040'000, 1'040'020), 11);
}

TEST(AdmissionControl, HalvesWhenAnswersAreSlowAndGrowsByStepsAfterwards) {
  Room room;
  (void)room.run(1'000'000, 1'002'000);
  EXPECT_EQ(room.control.target_per_minute(), 600);
  (void)room.run(1'002'000, 1'005'000, Millis{200});
  EXPECT_LE(room.control.target_per_minute(), 150);
  EXPECT_GE(room.control.target_per_minute(), 37);
  const std::int32_t low = room.control.target_per_minute();
  (void)room.run(1'005'000, 1'008'100);
  EXPECT_NEAR(room.control.target_per_minute(), low + 2 * 30, 60);
  (void)room.run(1'008'100, 1'040'000);
  EXPECT_EQ(room.control.target_per_minute(), 600);
}

// Nine in ten outcomes fall into the band in the long run, whatever the noise is like.
TEST(WaitForecast, BandCoversNineInTen) {
  WaitForecast forecast;
  std::uint64_t chance = 1;
  for (int i = 0; i < 20'000; ++i) {
    chance = chance * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    const WaitForecast::Wait said = forecast.wait(600, 600);
    EXPECT_EQ(said.expected, Millis{60'000});
    EXPECT_LE(said.low, said.expected);
    EXPECT_GE(said.high, said.expected);
    // From a third to three times as long.
    const auto waited = static_cast<std::int64_t>(20'000 + (chance >> 33U) % 160'000);
    const Timestamp at = from_unix_ms(1'000'000LL * i);
    forecast.note(5, said, at);
    forecast.turn_came(6, at + Millis{waited});
  }
  const WaitForecast::Outcomes& outcomes = forecast.outcomes();
  const auto all = static_cast<double>(outcomes.within + outcomes.sooner + outcomes.later);
  EXPECT_NEAR(static_cast<double>(outcomes.within) / all, 0.9, 0.02);
}

TEST(WaitForecast, ComparesOnlyWhoseTurnCame) {
  WaitForecast forecast;
  forecast.note(9, {Millis{10'000}, Millis{5'000}, Millis{20'000}}, from_unix_ms(0));
  forecast.turn_came(9, from_unix_ms(1'000));
  EXPECT_EQ(forecast.outcomes().within + forecast.outcomes().sooner + forecast.outcomes().later,
            0U);
  forecast.turn_came(10, from_unix_ms(1'000));
  EXPECT_EQ(forecast.outcomes().sooner, 1U);
}

}  // namespace
}  // namespace firebrand
