#include "base/draw.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "base/hex.hpp"

namespace firebrand {
namespace {

std::string hex(const Hash256& hash) { return to_hex(hash.data); }

/// Bytes 00 to 1f.
Hash256 reveal() {
  Hash256 hash;
  for (std::size_t i = 0; i < hash.data.size(); ++i) {
    hash.data[i] = static_cast<std::uint8_t>(i);
  }
  return hash;
}

Hash256 beacon() { return sha256({bytes_of("beacon-1")}); }

std::vector<std::string> winners(std::string_view draw_id, std::vector<std::string> entrants,
                                 std::uint64_t picks) {
  sort_entrants(entrants);
  const Hash256 seed = draw_seed(draw_id, entrants_root(entrants), reveal(), beacon());
  std::vector<std::string> chosen;
  for (const std::uint32_t place : draw_order(seed, entrants.size(), picks)) {
    chosen.push_back(entrants[place]);
  }
  return chosen;
}

std::vector<std::string> a_thousand() {
  std::vector<std::string> entrants;
  for (int i = 0; i < 1000; ++i) {
    std::string number = std::to_string(i);
    entrants.push_back("entrant-" + std::string(4 - number.size(), '0') + number);
  }
  return entrants;
}

// The published vectors of the format, computed by an implementation that is not this one.
TEST(Draw, ReproducesThePublishedVectors) {
  EXPECT_EQ(hex(beacon()), "1b3f93d9af328d51b52522b3cd20c626268f0c1984252f7f02ff16b4ebed7bf9");
  EXPECT_EQ(hex(draw_commitment(reveal())),
            "6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2");
  const auto entrants = a_thousand();
  const Hash256 root = entrants_root(entrants);
  EXPECT_EQ(hex(root), "f56fe3f360b42901e2da37070be1b5a9e04ea8bdececa6dc5d34f370e14fd6f0");
  EXPECT_EQ(hex(draw_seed("drop-1", root, reveal(), beacon())),
            "4129646f251460cc4847a9a3b69d02d83bbb69e34a41827eb4a37fc501ac4eef");
  const std::vector<std::string> want = {
      "entrant-0343", "entrant-0333", "entrant-0556", "entrant-0638", "entrant-0786",
      "entrant-0969", "entrant-0867", "entrant-0722", "entrant-0312", "entrant-0864"};
  EXPECT_EQ(winners("drop-1", entrants, 10), want);
}

TEST(Draw, CountsAnEntrantOnceAndDrawsAllThereAre) {
  std::vector<std::string> entrants = {"a", "b", "c", "b"};
  EXPECT_EQ(winners("drop-2", entrants, 5), (std::vector<std::string>{"b", "a", "c"}));
  sort_entrants(entrants);
  EXPECT_EQ(hex(entrants_root(entrants)),
            "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1");
}

TEST(Draw, OfNobodyHasNoWinner) {
  EXPECT_EQ(hex(entrants_root({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_TRUE(winners("drop-3", {}, 3).empty());
}

// A reserve list is the same draw taken further; and nobody comes twice.
RC_GTEST_PROP(DrawProperty, LongerDrawsBeginWithShorterOnes, ()) {
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 300);
  const auto few = *rc::gen::inRange<std::uint64_t>(0, 310);
  const auto many = few + *rc::gen::inRange<std::uint64_t>(0, 50);
  const Hash256 seed = sha256({bytes_of(std::to_string(*rc::gen::arbitrary<std::uint64_t>()))});
  const auto some = draw_order(seed, count, few);
  const auto more = draw_order(seed, count, many);
  RC_ASSERT(some.size() == std::min(few, count));
  RC_ASSERT(std::equal(some.begin(), some.end(), more.begin()));
  RC_ASSERT(std::set(more.begin(), more.end()).size() == more.size());
}

// Chi-square over how often each of n wins in M draws of k, with its variance for draws without
// return: sum (obs - Mk/n)^2 / (Mk/n (1 - k/n)) * (n - 1) / n, n - 1 degrees of freedom. The draws
// are fixed, so that the test says the same each time.
TEST(Draw, IsUniform) {
  constexpr std::uint64_t kEntrants = 50;
  constexpr std::uint64_t kPicks = 7;
  constexpr int kDraws = 20'000;
  std::vector<double> wins(kEntrants);
  std::vector<double> first(kEntrants);
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto order = draw_order(sha256({bytes_of(std::to_string(draw))}), kEntrants, kPicks);
    for (const std::uint32_t winner : order) { ++wins[winner]; }
    ++first[order.front()];
  }
  const auto chi_square = [](const std::vector<double>& observed, double picks) {
    const double expected = kDraws * picks / kEntrants;
    double sum = 0;
    for (const double count : observed) {
      sum += (count - expected) * (count - expected) / (expected * (1 - picks / kEntrants));
    }
    return sum * (kEntrants - 1) / kEntrants;
  };
  // 99.9 % of chi-square with 49 degrees of freedom: 85.35.
  EXPECT_LT(chi_square(wins, kPicks), 85.35);
  EXPECT_LT(chi_square(first, 1), 85.35);
}

TEST(DrawStream, PassesOverWordsOfNoWholeRound) {
  // With a bound just above half of all words nearly every second one is passed over.
  DrawStream all(beacon());
  DrawStream some(beacon());
  constexpr std::uint64_t kBound = (std::uint64_t{1} << 63U) + 1;
  for (int i = 0; i < 20; ++i) {
    std::uint64_t word = all.next();
    while (word >= kBound) { word = all.next(); }
    EXPECT_EQ(some.below(kBound), word);
  }
}

}  // namespace
}  // namespace firebrand
