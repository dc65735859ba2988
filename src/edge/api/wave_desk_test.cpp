#include "edge/api/wave_desk.hpp"

#include <gtest/gtest.h>

#include "core/launch/wave_moment.hpp"

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
  commit_to_moments(view.drop.plan, credentials());
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
  commit_to_moments(plan, credentials());
  EXPECT_EQ(plan.commitment, commitment);
  plan.code = "other";
  commit_to_moments(plan, credentials());
  EXPECT_NE(plan.commitment, commitment);
  for (WavePlan& wave : plan.waves) { wave.release = WaveRelease::manual; }
  commit_to_moments(plan, credentials());
  EXPECT_TRUE(plan.commitment.is_zero());
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
