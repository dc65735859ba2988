#include "runtime/drift_alarm.hpp"

#include <gtest/gtest.h>

#include "runtime/stamper.hpp"

namespace firebrand {
namespace {

class JumpingClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(1'800'000'000'000 + monotonic + jumped); }
  std::int64_t monotonic_ms() override { return monotonic; }
  std::int64_t monotonic = 0;
  std::int64_t jumped = 0;
};

// What the stamper sees of a clock that jumps and is followed; a line at the beginning, one at the
// end, whatever the number of looks between.
TEST(DriftAlarm, TellsOnceOfAJumpAndOnceThatItIsOver) {
  for (const std::int64_t jump : {1'001, -1'001}) {
    JumpingClock clock;
    Stamper stamper(clock, {});
    DriftAlarm alarm;
    const auto look = [&] {
      (void)stamper.stamp();
      return alarm.see(stamper.drift());
    };
    EXPECT_EQ(look(), std::nullopt);
    clock.jumped = jump > 0 ? 1'000 : -1'000;
    EXPECT_EQ(look(), std::nullopt) << "a second is not too much";
    clock.jumped = jump;
    const auto begun = look();
    ASSERT_TRUE(begun.has_value());
    EXPECT_NE(begun->find(jump > 0 ? "1001 ms ahead of" : "1001 ms behind"), std::string::npos)
        << *begun;
    // It is followed by a millisecond each second.
    std::int64_t seconds = 0;
    std::optional<std::string> over;
    while (!(over = look())) {
      clock.monotonic += 1'000;
      ASSERT_LT(++seconds, 1'002);
    }
    EXPECT_NE(over->find("agree again"), std::string::npos) << *over;
    EXPECT_LE(std::chrono::abs(stamper.drift()), kDriftOver);
    EXPECT_GT(seconds, 490);
  }
}

TEST(DriftAlarm, IsQuietAboutAClockThatWandersAboutTheLimit) {
  DriftAlarm alarm;
  EXPECT_TRUE(alarm.see(Millis{1'001}).has_value());
  for (const int drift : {999, 1'001, 600, -1'500, 501}) {
    EXPECT_EQ(alarm.see(Millis{drift}), std::nullopt) << drift;
  }
  EXPECT_TRUE(alarm.see(Millis{500}).has_value());
  EXPECT_EQ(alarm.see(Millis{500}), std::nullopt);
}

}  // namespace
}  // namespace firebrand
