#include "edge/payments/refund_queue.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

using enum RefundStage;

Timestamp at(std::int64_t ms) { return from_unix_ms(ms); }

RefundAsked asked(std::string id, std::string payment_id, Timestamp asked_at = {}) {
  return {.wanted = {.refund_id = std::move(id), .payment_id = std::move(payment_id)},
          .asked_at = asked_at};
}

TEST(RefundQueue, AsksOnceAtATimeAndEverLessOften) {
  RefundQueue queue;
  Prng prng(1);
  queue.see({asked("r-1", "wechat:1")}, at(0));
  Timestamp now = at(0);
  Millis last{0};
  for (std::uint32_t attempt = 1; attempt <= 16; ++attempt) {
    ASSERT_TRUE(queue.next(now).has_value()) << attempt;
    EXPECT_FALSE(queue.next(now).has_value()) << "it is in flight";
    EXPECT_FALSE(queue.settle("r-1", {again, "NOT_ENOUGH"}, now, prng));
    const RefundProgress progress = queue.progress().at("r-1");
    EXPECT_EQ(progress.attempts, attempt);
    EXPECT_EQ(progress.reason, "NOT_ENOUGH");
    const Millis wait = progress.next_at - now;
    EXPECT_GE(wait * 3, last) << "not less than the jitter takes";
    EXPECT_LE(wait, RefundQueue::kWaitMax * 120 / 100);
    last = wait;
    EXPECT_FALSE(queue.next(progress.next_at - Millis{1}).has_value());
    now = progress.next_at;
  }
  EXPECT_GE(last, RefundQueue::kWaitMax * 80 / 100);
}

TEST(RefundQueue, ForgetsWhatHasItsEndAndSaysItAgainIfItWasLost) {
  RefundQueue queue;
  Prng prng(1);
  queue.see({asked("r-1", "wechat:1"), asked("r-2", "wechat:1")}, at(0));
  ASSERT_TRUE(queue.next(at(0)).has_value());
  ASSERT_TRUE(queue.next(at(0)).has_value());
  EXPECT_TRUE(queue.settle("r-1", {done}, at(0), prng));
  EXPECT_TRUE(queue.settle("r-2", {failed, "CLOSED"}, at(0), prng));
  queue.see({asked("r-2", "wechat:1")}, at(1'000));
  EXPECT_FALSE(queue.progress().contains("r-1"));
  EXPECT_FALSE(queue.next(at(29'999)).has_value());
  EXPECT_EQ(queue.next(at(30'000))->wanted.refund_id, "r-2");
  // Its notice came while it was in flight.
  queue.see({}, at(30'000));
  EXPECT_FALSE(queue.settle("r-2", {done}, at(30'001), prng));
}

TEST(RefundQueue, LooksUpWhatTheProviderKnowsOrMayHaveForgotten) {
  RefundQueue queue;
  Prng prng(1);
  queue.see({asked("r-1", "alipay:1")}, at(0));
  EXPECT_FALSE(queue.next(at(0))->look_up);
  EXPECT_FALSE(queue.settle("r-1", {look_up, "10000"}, at(0), prng));
  EXPECT_TRUE(queue.next(at(10'000))->look_up);
  EXPECT_FALSE(queue.settle("r-1", {again, "10000"}, at(10'000), prng));
  EXPECT_FALSE(queue.next(at(60'000))->look_up);

  // An id of Stripe's is good for a day: one look before each attempt after that.
  const Timestamp late = at(0) + RefundQueue::kLookUpAfter;
  queue.see({asked("r-3", "stripe:pi_1"), asked("r-4", "stripe:pi_1", late)}, late);
  EXPECT_TRUE(queue.next(late)->look_up);
  EXPECT_FALSE(queue.next(late)->look_up) << "r-4 is fresh";
  EXPECT_FALSE(queue.settle("r-3", {again}, late, prng));
  const Timestamp later = late + Millis{10'000};
  EXPECT_FALSE(queue.next(later)->look_up);
  EXPECT_FALSE(queue.settle("r-3", {again, "timed_out"}, later, prng));
  EXPECT_TRUE(queue.next(later + Millis{10'000})->look_up);
}

}  // namespace
}  // namespace firebrand
