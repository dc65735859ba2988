#include "base/shuffled_order.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace firebrand {
namespace {

Hash256 seed_of(const std::string& text) { return sha256({bytes_of(text)}); }

TEST(ShuffledOrder, IsAPermutationAndItsInverse) {
  for (const std::uint64_t size : {1U, 2U, 3U, 5U, 16U, 1'000U}) {
    const ShuffledOrder order(seed_of("a"), size);
    std::vector<bool> taken(size);
    for (std::uint64_t entry = 0; entry < size; ++entry) {
      const std::uint64_t position = order.position_of(entry);
      ASSERT_LT(position, size);
      EXPECT_FALSE(taken[position]);
      taken[position] = true;
      EXPECT_EQ(order.entry_at(position), entry);
    }
  }
}

TEST(ShuffledOrder, OfTenMillionNeedsNoMemory) {
  const ShuffledOrder order(seed_of("large"), 10'000'000);
  for (const std::uint64_t entry : {0ULL, 1ULL, 4'999'999ULL, 9'999'999ULL}) {
    EXPECT_EQ(order.entry_at(order.position_of(entry)), entry);
  }
}

TEST(ShuffledOrder, AnotherSeedOrSizeIsAnotherOrder) {
  const ShuffledOrder one(seed_of("a"), 1'000);
  const ShuffledOrder other(seed_of("b"), 1'000);
  const ShuffledOrder larger(seed_of("a"), 1'001);
  int same_as_other = 0;
  int same_as_larger = 0;
  for (std::uint64_t entry = 0; entry < 1'000; ++entry) {
    same_as_other += one.position_of(entry) == other.position_of(entry) ? 1 : 0;
    same_as_larger += one.position_of(entry) == larger.position_of(entry) ? 1 : 0;
  }
  EXPECT_LT(same_as_other, 10);
  EXPECT_LT(same_as_larger, 10);
}

// Every place is as likely for every entry: chi-squared over 4,000 seeds, whatever the size. With
// (n - 1)^2 degrees of freedom its value lies within 5 standard deviations of their number.
TEST(ShuffledOrder, EveryPlaceIsAsLikely) {
  constexpr std::uint64_t kSeeds = 4'000;
  for (const std::uint64_t size : {2U, 3U, 7U, 20U}) {
    std::vector<double> seen(size * size);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const ShuffledOrder order(seed_of(std::to_string(seed)), size);
      for (std::uint64_t entry = 0; entry < size; ++entry) {
        seen[entry * size + order.position_of(entry)] += 1;
      }
    }
    const double expected = static_cast<double>(kSeeds) / static_cast<double>(size);
    double chi = 0;
    for (const double count : seen) { chi += (count - expected) * (count - expected) / expected; }
    const auto freedom = static_cast<double>((size - 1) * (size - 1));
    chi *= static_cast<double>(size - 1) / static_cast<double>(size);  // Rows and columns add up.
    EXPECT_NEAR(chi, freedom, 5 * std::sqrt(2 * freedom)) << size;
  }
}

}  // namespace
}  // namespace firebrand
