#include "edge/crowd/fan_times.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// A drop that opens after 100 s, with a wave for each audience, half a minute apart.
class FanTimesTest : public ::testing::Test {
 protected:
  FanTimesTest() {
    drop.opens_at = start + seconds{100};
    for (const AudienceView audience :
         {AudienceView::reservation_holders, AudienceView::code_holders, AudienceView::everyone}) {
      const auto number = static_cast<std::int32_t>(drop.waves.size());
      drop.waves.push_back({.wave = number + 1,
                            .audience = audience,
                            .decision = DecisionView::first_come,
                            .opens_at = drop.opens_at + seconds{30 * number}});
    }
    drop.reserving = ReservingView{.opens_at = start + seconds{10},
                                   .closes_at = start + seconds{60},
                                   .balance_due_at = start + seconds{1'000}};
  }

  FanTimes times(const FanPlan& plan, microseconds arrival = seconds{10}) {
    return fan_times(plan, 7, arrival, {drop, start, seconds{20}});
  }

  Timestamp start = from_unix_ms(1'000'000'000);
  DropStatusView drop;
};

TEST_F(FanTimesTest, EachComesForTheWaveThatIsForThem) {
  EXPECT_EQ(times({.reserves = true}).arrives_at, seconds{110});
  EXPECT_EQ(times({.code = FanCode::own}).arrives_at, seconds{140});
  EXPECT_EQ(times({}).arrives_at, seconds{170});
  EXPECT_EQ(times({.early_by = Millis{500}}).arrives_at, seconds{160} - Millis{500});
}

TEST_F(FanTimesTest, PeopleOfAGroupComeForItsWaveAndNobodyElse) {
  drop.waves[2].group = "club";
  EXPECT_EQ(home_wave({.in_group = true}, 0, drop)->wave, 3);
  EXPECT_EQ(home_wave({.reserves = true, .in_group = true}, 0, drop)->wave, 1);
  drop.waves.push_back(drop.waves[2]);
  drop.waves[3].wave = 4;
  drop.waves[3].group.clear();
  EXPECT_EQ(home_wave({}, 0, drop)->wave, 4);
}

TEST_F(FanTimesTest, WhoHasNothingComesForAnyWave) {
  drop.waves.pop_back();
  EXPECT_EQ(home_wave({}, 0, drop)->wave, 1);
  EXPECT_EQ(home_wave({}, 1, drop)->wave, 2);
  drop.waves.clear();
  EXPECT_EQ(home_wave({}, 1, drop), nullptr);
  EXPECT_EQ(times({}).arrives_at, seconds{110});
}

TEST_F(FanTimesTest, SomeJoinTheRoomBeforeItsTimeAndSomeAfter) {
  drop.waves.push_back({.wave = 4,
                        .audience = AudienceView::everyone,
                        .decision = DecisionView::waiting_room,
                        .opens_at = start + seconds{200}});
  const RoomPageView room{.wave = 4,
                          .joins_from = start + seconds{50},
                          .opens_at = start + seconds{200},
                          .ends_at = start + seconds{900}};
  const LaunchTimes launch{drop, start, seconds{20}, &room};
  EXPECT_EQ(fan_times({.queues = true}, 0, seconds{10}, launch).joins_at, seconds{210});
  const FanTimes early = fan_times({.queues = true, .joins_early = true}, 0, seconds{10}, launch);
  EXPECT_EQ(early.joins_at, seconds{58});
  EXPECT_EQ(early.arrives_at, seconds{210});
}

TEST_F(FanTimesTest, AnOpenDropIsArrivedAtFromTheStart) {
  drop.waves.clear();
  drop.opens_at = start - seconds{50};
  EXPECT_EQ(times({}).arrives_at, seconds{10});
}

TEST_F(FanTimesTest, ReservationsAreSpreadOverTheirTime) {
  const FanPlan plan{.reserves = true};
  // 20 s from the moment at which they begin, less a fifth.
  EXPECT_EQ(times(plan, seconds{0}).reserves_at, seconds{10});
  EXPECT_EQ(times(plan, seconds{10}).reserves_at, seconds{18});
  // No longer than there is time for.
  drop.reserving->closes_at = start + seconds{15};
  EXPECT_EQ(times(plan, seconds{10}).reserves_at, seconds{12});
  drop.reserving->closes_at = start - seconds{1};
  EXPECT_EQ(times(plan, seconds{10}).reserves_at, seconds{10});
}

}  // namespace
}  // namespace firebrand
