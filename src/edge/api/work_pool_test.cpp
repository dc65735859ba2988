#include "edge/api/work_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace firebrand {
namespace {

constexpr std::chrono::seconds kPatience{20};

TEST(WorkPool, HashesOnePasswordAtATime) {
  WorkPool pool(3, 8);
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  std::atomic<int> done{0};
  std::promise<void> all;
  constexpr int kPasswords = static_cast<int>(WorkPool::kPasswordsWaitingMax);
  for (int p = 0; p < kPasswords; ++p) {
    ASSERT_TRUE(pool.run(WorkKind::password, [&] {
      most = std::max(most.load(), ++now);
      for (int i = 0; i < 2'000; ++i) { std::this_thread::yield(); }  // Others may come in.
      --now;
      if (++done == kPasswords) { all.set_value(); }
    }));
  }
  ASSERT_EQ(all.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(most.load(), 1);
}

TEST(WorkPool, BoundsEachKindByItselfAndStarvesNone) {
  WorkPool pool(2, 4);
  std::promise<void> release;
  const auto gate = release.get_future().share();
  std::promise<void> hashing;
  ASSERT_TRUE(pool.run(WorkKind::password, [&, gate] {
    hashing.set_value();
    gate.wait();
  }));
  hashing.get_future().wait();
  for (std::size_t i = 0; i < WorkPool::kPasswordsWaitingMax; ++i) {
    ASSERT_TRUE(pool.run(WorkKind::password, [] {}));
  }
  EXPECT_FALSE(pool.run(WorkKind::password, [] {})) << "too many wait";
  // All the while lists are read.
  for (int i = 0; i < 20; ++i) {
    std::promise<void> read;
    ASSERT_TRUE(pool.run(WorkKind::read, [&] { read.set_value(); }));
    ASSERT_EQ(read.get_future().wait_for(kPatience), std::future_status::ready) << i;
  }
  // Reads have a bound, too.
  std::promise<void> reading;
  ASSERT_TRUE(pool.run(WorkKind::read, [&, gate] {
    reading.set_value();
    gate.wait();
  }));
  reading.get_future().wait();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(pool.run(WorkKind::read, [] {}));
  }
  EXPECT_FALSE(pool.run(WorkKind::read, [] {}));
  release.set_value();
  pool.stop();
  EXPECT_FALSE(pool.run(WorkKind::read, [] {})) << "it has stopped";
}

}  // namespace
}  // namespace firebrand
