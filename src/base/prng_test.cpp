#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <vector>

namespace firebrand {

struct PrngTestAccess {
  static constexpr void set_state(Prng& prng, std::array<std::uint64_t, 4> state) {
    prng.state_ = state;
  }
};

namespace {

// The authors' reference sequences.
TEST(Prng, FollowsTheReferenceSequences) {
  std::uint64_t state = 1234567;
  for (const std::uint64_t want :
       {6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL, 4593380528125082431UL,
        16408922859458223821UL}) {
    EXPECT_EQ(Prng::split_mix(state), want);
  }
  Prng prng(0);
  PrngTestAccess::set_state(prng, {1, 2, 3, 4});
  for (const std::uint64_t want :
       {11520UL, 0UL, 1509978240UL, 1215971899390074240UL, 1216172134540287360UL,
        607988272756665600UL, 16172922978634559625UL, 8476171486693032832UL, 10595114339597558777UL,
        2904607092377533576UL}) {
    EXPECT_EQ(prng.next(), want);
  }
}

// Stored seeds must repeat in every release.
TEST(Prng, ASeedMeansTheSameForEver) {
  Prng prng(42);
  EXPECT_EQ(prng.next(), 1546998764402558742UL);
  EXPECT_EQ(prng.below(1'000), 378UL);
  EXPECT_EQ(prng.between(-5, 5), 2);
  std::array<int, 8> order{};
  std::iota(order.begin(), order.end(), 0);
  prng.shuffle(order);
  EXPECT_EQ(order, (std::array<int, 8>{0, 1, 2, 5, 3, 4, 6, 7}));
  EXPECT_EQ(prng.fork().next(), 4487050317521921653UL);
}

TEST(Prng, StaysWithinItsBoundsAndReachesBothEnds) {
  Prng prng(1);
  for (const std::uint64_t bound : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
    std::uint64_t largest = 0;
    std::uint64_t smallest = bound;
    for (int i = 0; i < 20'000; ++i) {
      const std::uint64_t value = prng.below(bound);
      largest = std::max(largest, value);
      smallest = std::min(smallest, value);
    }
    EXPECT_EQ(largest, bound - 1);
    EXPECT_EQ(smallest, 0U);
  }
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(prng.between(kMax, kMax), kMax);
  EXPECT_EQ(prng.between(kMin, kMin), kMin);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; ++i) { (prng.between(kMin, kMax) < 0 ? negative : positive) = true; }
  EXPECT_TRUE(negative && positive);
}

// A bound just above half of the range is where a plain remainder is worst: the lower third would
// come up twice as often as the rest.
TEST(Prng, IsEvenWhereARemainderWouldNotBe) {
  Prng prng(2);
  const std::uint64_t bound = std::uint64_t{3} << 62;
  int lower_third = 0;
  for (int i = 0; i < 30'000; ++i) { lower_third += prng.below(bound) < bound / 3 ? 1 : 0; }
  EXPECT_NEAR(lower_third, 10'000, 400);
}

TEST(Prng, ChancesAreInPartsPerMillion) {
  Prng prng(3);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_FALSE(prng.chance_ppm(0));
    EXPECT_TRUE(prng.chance_ppm(1'000'000));
    hits += prng.chance_ppm(250'000) ? 1 : 0;
  }
  EXPECT_NEAR(hits, 25'000, 600);
}

TEST(Prng, ShufflesEveryOrderEquallyOften) {
  Prng prng(4);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) {
    std::array<int, 3> order = {0, 1, 2};
    prng.shuffle(order);
    ++seen[static_cast<std::size_t>(order[0] * 2 + (order[1] > order[2] ? 1 : 0))];
  }
  for (const int times : seen) { EXPECT_NEAR(times, 10'000, 450); }
  std::vector<int> none;
  prng.shuffle(none);
}

}  // namespace
}  // namespace firebrand
