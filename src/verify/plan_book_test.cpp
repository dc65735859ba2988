#include "verify/plan_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/rfc3339.hpp"
#include "verify/public_log.hpp"
#include "verify/verify_testing.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

// The figures of docs/formats/wave-moment.md.
constexpr char kCommitment[] = "759e39629a1b3af8eded1db63badf8cd88203855cff7e21e972edc2e183d34b4";
constexpr char kSecretOfTwo[] = "6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2";
constexpr char kSecretOfThree[] =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr char kReleased[] = "wave_released drop=drop_1 wave=2 units=4";

/// A leaf of the TestLog has its number, from 1, as milliseconds after this.
constexpr std::int64_t kStart = 1'795'291'200'000;

std::string at(std::int64_t ms) {
  return std::string(format_rfc3339(from_unix_ms(kStart + ms)).view());
}

/// Planned so that the moment of wave 2 is that of the leaf with this number.
TestLog planned(std::int64_t moment) {
  TestLog log;
  log.add("drop_created drop=drop_1 opens_at=" + at(3))
      .add("drop_committed drop=drop_1 commitment=" + std::string(kCommitment) + " windows=2@" +
           at(moment - 59'521) + "+60,3@" + at(90'000) + "+30");
  return log;
}
std::string revealed(std::int64_t ms, std::string_view secret = kSecretOfTwo) {
  return "wave_revealed drop=drop_1 wave=2 moment=" + at(ms) + " secret=" + std::string(secret);
}

Expected<Report, Words> follow(const TestLog& log) {
  const std::string leaves = log.leaves();
  const auto opened = open_log(leaves, log.head(), log.keys());
  if (!opened) { return Unexpected(opened.error()); }
  PlanBook book;
  const auto read = for_each_leaf(*opened, [&](const ProofLeaf& leaf) { return book.take(leaf); });
  if (!read) { return Unexpected(read.error()); }
  return book.report();
}

TEST(PlanBook, SaysThatARandomWaveCameAtItsMoment) {
  const auto kept = follow(planned(3).add(revealed(3)).add(kReleased));
  ASSERT_TRUE(kept.has_value()) << kept.error().en;
  ASSERT_EQ(kept->size(), 2U);
  EXPECT_EQ(kept->at(0).en, "  drop_1, wave 2, at random: released 1 ms after its moment " + at(3) +
                                ", which was fixed beforehand.");
  EXPECT_THAT(kept->at(0).zh, HasSubstr("之后 1 毫秒开售"));
  EXPECT_THAT(kept->at(1).en, HasSubstr("wave 3, at random: its moment has not come"));
}

TEST(PlanBook, SaysThatAWaveWasReleasedByHandOrWithoutProof) {
  const auto early = follow(planned(500).add(kReleased).add(revealed(500)));
  ASSERT_TRUE(early.has_value()) << early.error().en;
  EXPECT_THAT(early->at(0).en, HasSubstr("released by hand, before its moment"));
  const auto silent = follow(planned(3).add(kReleased));
  ASSERT_TRUE(silent.has_value()) << silent.error().en;
  EXPECT_THAT(silent->at(0).en, HasSubstr("its moment was not proven"));
}

TEST(PlanBook, DoesNotAcceptWhatWasNotFixedBeforehand) {
  const std::string committed = "drop_committed drop=drop_1 commitment=" + std::string(kCommitment);
  const struct {
    std::string leaf;
    const char* says;
  } rows[] = {
      {revealed(4), "comes to another moment"},
      {revealed(3, kSecretOfThree), "not the one of the commitment"},
      {"wave_revealed drop=drop_1 wave=1 moment=" + at(3) + " secret=" + kSecretOfTwo,
       "for which none was fixed"},
      {"wave_revealed drop=drop_1 wave=2 secret=" + std::string(kSecretOfTwo), "malformed"},
      {committed, "fixed again, or too late"},
      {"drop_committed drop=drop_9 commitment=" + std::string(kCommitment), "no drop"},
      {"drop_excluded drop=drop_1 excluded=ab reason=reseller", "a sale that had begun"},
  };
  for (const auto& row : rows) {
    const auto followed = follow(planned(3).add(row.leaf));
    ASSERT_FALSE(followed.has_value()) << row.leaf;
    EXPECT_THAT(followed.error().en, HasSubstr(row.says)) << row.leaf;
    EXPECT_FALSE(followed.error().zh.empty());
  }
}

TEST(PlanBook, CountsWhoWasKeptOutBeforeTheOpening) {
  TestLog log;
  log.add("drop_created drop=drop_1 opens_at=" + at(4))
      .add("drop_excluded drop=drop_1 excluded=ab reason=reseller")
      .add("drop_excluded drop=drop_1 excluded=cd reason=reseller");
  const auto followed = follow(log);
  ASSERT_TRUE(followed.has_value()) << followed.error().en;
  EXPECT_THAT(followed->at(0).en, HasSubstr("2 kept out before the opening (reseller)"));
}

}  // namespace
}  // namespace firebrand
