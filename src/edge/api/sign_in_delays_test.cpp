#include "edge/api/sign_in_delays.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'000'000);

TEST(SignInDelays, DoubleFromTheFifthFailureOn) {
  SignInDelays delays;
  for (int i = 0; i < 4; ++i) {
    delays.tried("owner", kNow);
    EXPECT_LE(delays.remaining("owner", kNow), Millis{0}) << i;
  }
  for (const std::int64_t seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    delays.tried("owner", kNow);
    EXPECT_EQ(delays.remaining("owner", kNow), Millis{seconds * 1'000});
  }
  EXPECT_EQ(delays.remaining("owner", kNow + Millis{299'999}), Millis{1});
  EXPECT_LE(delays.remaining("owner", kNow + Millis{300'000}), Millis{0});
  for (int i = 0; i < 100; ++i) { delays.tried("owner", kNow); }
  EXPECT_EQ(delays.remaining("owner", kNow), SignInDelays::kLongestDelay);
}

TEST(SignInDelays, AreOfOneLoginAndEndWithASignIn) {
  SignInDelays delays;
  for (int i = 0; i < 6; ++i) { delays.tried("owner", kNow); }
  EXPECT_GT(delays.remaining("owner", kNow), Millis{0});
  EXPECT_LE(delays.remaining("Owner", kNow), Millis{0});
  delays.succeeded("Owner");
  EXPECT_GT(delays.remaining("owner", kNow), Millis{0});
  delays.succeeded("owner");
  EXPECT_LE(delays.remaining("owner", kNow), Millis{0});
  EXPECT_EQ(delays.size(), 0U);
  delays.tried("owner", kNow);
  EXPECT_LE(delays.remaining("owner", kNow), Millis{0}) << "counts anew";
}

TEST(SignInDelays, ForgetTheOldestBeyondTheBound) {
  SignInDelays delays;
  const auto guess = [&](const std::string& login) {
    for (int i = 0; i < 5; ++i) { delays.tried(login, kNow); }
  };
  guess("first");
  guess("second");
  for (std::size_t i = 2; i < SignInDelays::kLoginsMax; ++i) { guess(std::to_string(i)); }
  EXPECT_EQ(delays.size(), SignInDelays::kLoginsMax);
  delays.tried("first", kNow);  // Now `second` is the oldest.
  guess("one more");
  EXPECT_EQ(delays.size(), SignInDelays::kLoginsMax);
  EXPECT_GT(delays.remaining("first", kNow), Millis{0});
  EXPECT_LE(delays.remaining("second", kNow), Millis{0});
  EXPECT_GT(delays.remaining("one more", kNow), Millis{0});
}

}  // namespace
}  // namespace firebrand
