#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/stamper.hpp"
#include "sim/auditor.hpp"
#include "sim/lone_engine.hpp"
#include "sim/poison.hpp"
#include "sim/stamp_model.hpp"
#include "sim/virtual_clock.hpp"
#include "sim/world.hpp"

namespace firebrand {
namespace {

RunReport run(std::uint64_t seed) {
  World world({.seed = seed, .steps = 2'000});
  return world.run();
}

TEST(World, SameSeedGivesTheSameTrace) {
  const RunReport first = run(7);
  const RunReport second = run(7);
  EXPECT_EQ(first.failure, "");
  EXPECT_GT(first.records, 50u);
  EXPECT_EQ(first.trace_hash, second.trace_hash);
  EXPECT_EQ(first.kills, second.kills);
  EXPECT_NE(run(8).trace_hash, first.trace_hash);
}

// ---- The auditor must be able to fail ----------------------------------------------------------

class AuditorTest : public testing::Test {
 protected:
  AuditorTest() { lone_.run_due(); }

  /// As the sequencer would take one request, in a step of its own.
  void step(const SimRequest& request) {
    auditor_.sent(request);
    outcome_ = lone_.apply(request);
    auditor_.stepped({.now = lone_.now(), .requests = 1, .offset = {lone_.applied()}},
                     lone_.engine());
  }
  [[nodiscard]] SimAnswer answer(const SimRequest& request) const {
    return {.token = request.token,
            .number = request.number,
            .kind = answer_kind(outcome_.kind),
            .status = outcome_.status,
            .timestamp = lone_.now(),
            .wait_offset = {lone_.applied()},
            .result = std::span(outcome_.result).first(outcome_.result_size)};
  }
  SimRequest launch(std::string_view code) {
    SimRequest request = request_of(CreateLaunch{.code = code, .name = {"新", "new"}});
    request.token = ++token_;
    return request;
  }

  Probes probes_;
  Trace trace_{false};
  Auditor auditor_{SequencerOptions{}, probes_, trace_};
  LoneEngine lone_{kPoisonStart};
  Outcome outcome_;
  std::uint64_t token_ = 0;
};

TEST_F(AuditorTest, LetsARightAnswerPass) {
  const SimRequest request = launch("a");
  step(request);
  auditor_.became_durable({2});
  auditor_.departed(answer(request), {2});
  EXPECT_EQ(auditor_.offset().value, 2u);  // The first one is adopt_rules.
  auditor_.check_quiet();
}

TEST_F(AuditorTest, RefusesEveryWrongAnswer) {
  const auto with = [](SimAnswer right, auto change) {
    change(right);
    return right;
  };
  const auto departs = [&](auto change) {
    const SimRequest request = launch("code-" + std::to_string(token_));
    step(request);
    const LogOffset offset = auditor_.offset();
    auditor_.became_durable(offset);
    auditor_.departed(with(answer(request), change), offset);
  };
  EXPECT_THROW(departs([](SimAnswer& a) { a.token = 99; }), AuditFailure);
  EXPECT_THROW(departs([](SimAnswer& a) { a.status = 40; }), AuditFailure);
  EXPECT_THROW(departs([](SimAnswer& a) { a.kind = AnswerKind::replayed; }), AuditFailure);
  EXPECT_THROW(departs([](SimAnswer& a) { a.result = a.result.first(1); }), AuditFailure);
  EXPECT_THROW(departs([](SimAnswer& a) { a.timestamp += Millis{1}; }), AuditFailure);
  EXPECT_THROW(departs([](SimAnswer& a) { a.wait_offset = {1}; }), AuditFailure);
  EXPECT_NO_THROW(departs([](SimAnswer&) {}));
}

TEST_F(AuditorTest, RefusesAnAnswerThatLeavesTooEarly) {
  const SimRequest request = launch("a");
  step(request);
  EXPECT_THROW(auditor_.departed(answer(request), {1}), AuditFailure);
}

TEST_F(AuditorTest, RefusesALogThatLostWhatWasPromised) {
  const SimRequest request = launch("a");
  step(request);
  // A committer that says durable before it is.
  auditor_.became_durable({2});
  auditor_.departed(answer(request), {2});
  auditor_.crashed();
  EXPECT_THROW(auditor_.recovered({1}), AuditFailure);
  EXPECT_THROW(auditor_.recovered({3}), AuditFailure);
}

TEST_F(AuditorTest, GoesBackToWhatTheDiskKept) {
  step(launch("a"));
  step(launch("b"));
  auditor_.became_durable({1});
  auditor_.crashed();
  auditor_.recovered({2});
  EXPECT_EQ(auditor_.offset().value, 2u);
  EXPECT_TRUE(auditor_.live().shop().has_launch({1}));
  EXPECT_FALSE(auditor_.live().shop().has_launch({2}));
}

TEST_F(AuditorTest, RefusesAStateThatChangedWithoutARecord) {
  step(launch("a"));
  // Behind the auditor's back.
  (void)lone_.apply(launch("b"));
  auditor_.sent(request_of(CreateLaunch{}));
  EXPECT_THROW(auditor_.stepped({.now = lone_.now(), .requests = 1, .offset = {2}}, lone_.engine()),
               AuditFailure);
}

// ---- Time --------------------------------------------------------------------------------------

// Goal: whatever the wall clock does, stamps never go back and never leave the monotonic clock by
// more than a thousandth of the time that went by.
TEST(StampModel, AgreesWithTheStamperAndFollowsNoJump) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Prng prng(seed);
    VirtualClock clock(kPoisonStart);
    Stamper stamper(clock, Timestamp{});
    StampModel model(clock.wall(), clock.monotonic_ms(), Timestamp{});
    Timestamp before = kPoisonStart;
    for (int i = 0; i < 2'000; ++i) {
      clock.advance(Millis{prng.between(0, 500)});
      if (prng.below(50) == 0) { clock.jump_wall(Millis{prng.between(-9'000'000, 9'000'000)}); }
      if (prng.below(50) == 0) {
        clock.set_drift_ppm(static_cast<std::int32_t>(prng.between(-5'000, 5'000)));
      }
      const Timestamp stamp = stamper.stamp();
      ASSERT_EQ(stamp, model.stamp(clock.wall(), clock.monotonic_ms())) << "seed " << seed;
      ASSERT_GE(stamp, before);
      const Millis off = (stamp - kPoisonStart) - Millis{clock.monotonic_ms()};
      ASSERT_LE(off, Millis{clock.monotonic_ms() / 1'000 + 1});
      ASSERT_GE(off, -Millis{clock.monotonic_ms() / 1'000 + 1});
      before = stamp;
    }
  }
}

TEST(VirtualClock, WallMayStandWhileTimeGoesOn) {
  VirtualClock clock(kPoisonStart);
  clock.set_wall(VirtualClock::Wall::stands);
  clock.advance(Millis{70});
  EXPECT_EQ(clock.wall(), kPoisonStart);
  EXPECT_EQ(clock.monotonic_ms(), 70);
  clock.set_wall(VirtualClock::Wall::runs);
  clock.set_drift_ppm(-100'000);
  clock.advance(Millis{100});
  EXPECT_EQ(clock.wall() - kPoisonStart, Millis{90});
}

// ---- Poison ------------------------------------------------------------------------------------

TEST(Poison, ReadsWhatItWrote) {
  const std::vector<Poison> poisons = {
      {.request = request_of(AdoptRules{1}), .after = Millis{0}},
      {.request = request_of(CreateLaunch{.code = "a", .name = {"新", "new"}}),
       .after = Millis{4'000'000'000}}};
  const std::vector<Poison> read = read_poison(write_poison(poisons));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].request.number, poisons[1].request.number);
  EXPECT_EQ(read[1].request.payload, poisons[1].request.payload);
  EXPECT_EQ(read[1].after, poisons[1].after);
}

// The seeds of the fuzzer, and with them every input that once broke something.
TEST(Poison, KeptInputsAreSwallowed) {
  std::size_t count = 0;
  const std::filesystem::path seeds = FIREBRAND_SOURCE_DIR "/tests/fuzz/poison_fuzz";
  for (const auto& file : std::filesystem::directory_iterator(seeds)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NO_THROW(swallow_poison(read_poison(std::as_bytes(std::span(bytes)))))
        << file.path().filename();
    ++count;
  }
  EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace firebrand
