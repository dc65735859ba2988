#include "core/schedule/schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "base/enum_name.hpp"
#include "base/prng.hpp"
#include "core/core_testing.hpp"

namespace firebrand {
namespace {

Timestamp at(std::int64_t ms) { return from_unix_ms(ms); }

using enum DeadlineKind;

std::vector<Deadline> pop_all(Schedule& schedule) {
  std::vector<Deadline> popped;
  while (const auto deadline = schedule.pop_due(Timestamp::max())) { popped.push_back(*deadline); }
  return popped;
}

TEST(Schedule, PopsWhatIsDueAndNotAMillisecondEarlier) {
  Schedule schedule;
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_EQ(schedule.pop_due(at(1'000)), std::nullopt);
  schedule.push({at(50), order_expires, 7});
  EXPECT_EQ(schedule.next(), at(50));
  EXPECT_EQ(schedule.pop_due(at(49)), std::nullopt);
  EXPECT_EQ(schedule.size(), 1U);
  EXPECT_EQ(schedule.pop_due(at(50)), (Deadline{at(50), order_expires, 7}));
  EXPECT_EQ(schedule.size(), 0U);
  EXPECT_EQ(schedule.next(), std::nullopt);
  EXPECT_EQ(schedule.digest(), Schedule{}.digest());
}

TEST(Schedule, EqualTimesGoByKindThenById) {
  const std::vector<Deadline> in_order = {{at(5), session_expires, 1}, {at(9), drop_opens, 2},
                                          {at(9), drop_opens, 3},      {at(9), wave_releases, 1},
                                          {at(9), order_expires, 1},   {at(9), order_archives, 1},
                                          {at(9), session_expires, 0}, {at(10), drop_opens, 1}};
  Schedule forward;
  for (const Deadline& deadline : in_order) { forward.push(deadline); }
  Schedule backward;
  for (auto i = in_order.rbegin(); i != in_order.rend(); ++i) { backward.push(*i); }
  EXPECT_EQ(forward.digest(), backward.digest());
  backward.check_invariants();
  EXPECT_EQ(pop_all(forward), in_order);
  EXPECT_EQ(pop_all(backward), in_order);
}

TEST(Schedule, TheSameDeadlineMayStandTwice) {
  Schedule schedule;
  for (int i = 0; i < 2; ++i) { schedule.push({at(5), order_expires, 7}); }
  EXPECT_EQ(pop_all(schedule).size(), 2U);
}

TEST(Schedule, LoadRefusesAKindThatIsNotThere) {
  for (const std::uint8_t kind : {std::uint8_t{0}, static_cast<std::uint8_t>(kDeadlineKinds)}) {
    MemorySink sink;
    put_u64(sink, 1);
    put_i64(sink, 5);
    put_u8(sink, kind);
    put_u64(sink, 7);
    MemorySource source(sink.bytes());
    Schedule schedule;
    EXPECT_FALSE(schedule.load(source)) << int{kind};
  }
}

// Goal: whatever the order of pushes, deadlines come out as a sorted set of them would give them.
// Few times and ids, so that ties are common; half of the pushes rise, as orders do.
RC_GTEST_PROP(ScheduleProperty, AgreesWithASortedSet, (std::uint64_t seed)) {
  const auto kinds = enum_values<DeadlineKind>();
  Prng prng(seed);
  Schedule schedule;
  std::multiset<Deadline> model;
  std::int64_t now = 0;
  for (int step = 0; step < 300; ++step) {
    if (prng.below(3) != 0) {
      const std::int64_t ahead = prng.below(2) == 0 ? 40 : prng.between(-5, 60);
      const Deadline deadline{at(now + ahead), kinds[prng.below(kinds.size())], prng.below(4)};
      schedule.push(deadline);
      model.insert(deadline);
    } else {
      now += prng.between(0, 20);
      for (auto due = prng.below(4); due > 0; --due) {
        const auto popped = schedule.pop_due(at(now));
        RC_ASSERT(popped.has_value() == (!model.empty() && model.begin()->at <= at(now)));
        if (!popped) { break; }
        RC_ASSERT(*popped == *model.begin());
        model.erase(model.begin());
      }
    }
    RC_ASSERT(schedule.size() == model.size());
    RC_ASSERT(schedule.next() == (model.empty() ? std::nullopt : std::optional(model.begin()->at)));
  }
  schedule.check_invariants();
  Schedule fresh;
  for (const Deadline& deadline : model) { fresh.push(deadline); }
  RC_ASSERT(fresh.digest() == schedule.digest());
  Schedule loaded;
  loaded.push({at(1), drop_opens, 9});  // Loading replaces what was there.
  reload(schedule, loaded);
  RC_ASSERT(pop_all(loaded) == std::vector<Deadline>(model.begin(), model.end()));
}

TEST(Schedule, NoPartOfWhatWasSavedLoads) {
  Schedule schedule;
  for (std::int64_t i = 0; i < 5; ++i) {
    schedule.push({at(100 - 10 * i), order_expires, static_cast<std::uint64_t>(i)});
  }
  Schedule loaded;
  expect_no_prefix_loads(schedule, loaded);
}

}  // namespace
}  // namespace firebrand
