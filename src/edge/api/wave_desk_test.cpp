#include "edge/api/wave_desk.hpp"

#include <gtest/gtest.h>

#include "base/wave_moment.hpp"

namespace firebrand {
namespace {

const Credentials& credentials() {
  static const Credentials made(InstallationKey{});
  return made;
}

DropView view(DropId id) {
  DropView view{.drop_id = id};
  view.drop.plan.code = "drop";
  view.drop.plan.waves = {WavePlan{.opens_at = from_unix_ms(1'000), .units = 1},
                          WavePlan{.opens_at = from_unix_ms(2'000),
                                   .units = 1,
                                   .release = WaveRelease::random,
                                   .window_seconds = 10},
                          WavePlan{.opens_at = from_unix_ms(20'000),
                                   .units = 1,
                                   .release = WaveRelease::random,
                                   .window_seconds = 10}};
  commit_to_secrets(view.drop.plan, credentials());
  return view;
}

LiveBoardPage page_of(const DropView& view) {
  LiveBoardPage page;
  page.drops.push_back(view);
  return page;
}

TEST(WaveDesk, CommitsOnlyToRandomWavesAndAlwaysAlike) {
  CreateDrop plan = view({1}).drop.plan;
  const Bytes<32> commitment = plan.commitment;
  EXPECT_FALSE(commitment.is_zero());
  plan.commitment = {};
  commit_to_secrets(plan, credentials());
  EXPECT_EQ(plan.commitment, commitment);
  plan.code = "other";
  commit_to_secrets(plan, credentials());
  EXPECT_NE(plan.commitment, commitment);
  for (WavePlan& wave : plan.waves) { wave.release = WaveRelease::manual; }
  commit_to_secrets(plan, credentials());
  EXPECT_TRUE(plan.commitment.is_zero());
}

TEST(WaveDesk, RevealsTheKeyOfTieWindowsOnceNobodyCanBuy) {
  WaveDesk desk(credentials());
  DropView shown{.drop_id = {7}};
  shown.drop.plan.code = "drop";
  shown.drop.plan.waves = {WavePlan{.units = 3, .tie_batch_ms = 100}};
  commit_to_secrets(shown.drop.plan, credentials());
  shown.units = {.total = 3, .held = 1, .sold = 2};
  desk.publish(page_of(shown));
  EXPECT_FALSE(desk.next_tie_key({}).has_value()) << "a unit may come back";
  shown.units = {.total = 3, .sold = 3};
  desk.publish(page_of(shown));
  const auto reveal = desk.next_tie_key({});
  ASSERT_TRUE(reveal.has_value());
  EXPECT_EQ(hash_secret(reveal->key, 1), shown.drop.plan.tie_commitment);
  EXPECT_FALSE(desk.next_tie_key({}).has_value()) << "asked once";
  desk.failed(*reveal, from_unix_ms(0));
  EXPECT_FALSE(desk.next_tie_key(from_unix_ms(99)).has_value());
  EXPECT_TRUE(desk.next_tie_key(from_unix_ms(100)).has_value());
  shown.drop.tie_key = reveal->key;
  desk.publish(page_of(shown));
  desk.failed(*reveal, from_unix_ms(100));
  EXPECT_FALSE(desk.next_tie_key(from_unix_ms(900)).has_value());
  for (WavePlan& wave : shown.drop.plan.waves) { wave.tie_batch_ms = 0; }
  commit_to_secrets(shown.drop.plan, credentials());
  EXPECT_TRUE(shown.drop.plan.tie_commitment.is_zero());
}

TEST(WaveDesk, RevealsEachWaveAtItsMoment) {
  WaveDesk desk(credentials());
  DropView shown = view({7});
  desk.publish(page_of(shown));
  std::optional<RevealWave> reveal;
  std::int64_t ms = 1'999;
  while (!reveal && ms < 12'000) { reveal = desk.next(from_unix_ms(++ms)); }
  ASSERT_TRUE(reveal.has_value());
  EXPECT_EQ(reveal->wave, 2);
  EXPECT_EQ(hash_secret(reveal->secret, 2), shown.drop.plan.commitment);
  EXPECT_EQ(wave_moment({7}, 2, from_unix_ms(2'000), 10, reveal->secret), from_unix_ms(ms));
  // Asked once; again if it failed, a little later.
  EXPECT_FALSE(desk.next(from_unix_ms(ms)).has_value());
  desk.failed(*reveal, from_unix_ms(ms));
  EXPECT_FALSE(desk.next(from_unix_ms(ms)).has_value());
  EXPECT_EQ(desk.next(from_unix_ms(ms + 100))->wave, 2);
  // Once it is known, the next one is waited for.
  shown.drop.revealed_wave = 2;
  shown.drop.revealed = reveal->secret;
  desk.publish(page_of(shown));
  desk.failed(*reveal, from_unix_ms(ms));
  EXPECT_FALSE(desk.next(from_unix_ms(19'999)).has_value());
  const auto last = desk.next(from_unix_ms(30'000));
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->wave, 3);
  EXPECT_EQ(hash_secret(last->secret, 1), reveal->secret);
  EXPECT_EQ(known_secret(shown.drop, 3), std::nullopt);
  EXPECT_EQ(known_secret(shown.drop, 2), reveal->secret);
}

TEST(WaveDesk, LeavesCancelledDropsAlone) {
  WaveDesk desk(credentials());
  DropView shown = view({7});
  desk.publish(page_of(shown));
  shown.drop.phase = DropPhase::cancelled;
  desk.publish(page_of(shown));
  EXPECT_FALSE(desk.next(from_unix_ms(90'000)).has_value());
}

}  // namespace
}  // namespace firebrand
