#include "edge/delivery/endpoint_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firebrand {
namespace {

constexpr WebhookId kId{1};
constexpr std::int32_t kMany = 100;

DeliveryOutcome good() { return {.status = 200}; }
DeliveryOutcome bad(int status = 500) { return {.status = status}; }

class EndpointQueueTest : public testing::Test {
 protected:
  static log::Position at(std::uint64_t offset) { return {{offset}, 0}; }
  static EndpointQueue::Item item(std::uint64_t offset, std::string key) {
    return {.position = at(offset), .type = "t", .key = std::move(key), .body = "{}"};
  }
  void add(std::uint64_t offset, std::string key) {
    queue_.add(item(offset, std::move(key)), changes_);
    queue_.passed(at(offset), changes_);
  }
  /// Offset of what is sent next; 0 if nothing may be.
  std::uint64_t next(std::int32_t concurrency = kMany, std::int32_t per_second = kMany) {
    const auto* const sent = queue_.next(now_, concurrency, per_second);
    return sent == nullptr ? 0 : sent->position.offset.value;
  }
  std::optional<WebhookPause> settle(std::uint64_t offset, const DeliveryOutcome& outcome) {
    return queue_.settle(at(offset), outcome, now_, prng_, changes_);
  }
  void pass(Millis time) { now_ += time; }

  DeliveryOptions options_{.retries = {Millis{1'000}, Millis{10'000}}};
  EndpointQueue queue_{kId, {{10}, UINT16_MAX}, options_};
  DeliveryChanges changes_;
  Prng prng_{1};
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
};

TEST_F(EndpointQueueTest, SendsInOrderAndMovesItsCursor) {
  add(11, "ord_1");
  add(12, "ord_2");
  EXPECT_EQ(next(), 11U);
  EXPECT_EQ(next(), 12U);
  EXPECT_EQ(next(), 0U);
  // The later one first: the cursor waits for the earlier one.
  (void)settle(12, good());
  EXPECT_LT(queue_.cursor(), at(11));
  (void)settle(11, good());
  EXPECT_EQ(queue_.cursor(), at(12));
  EXPECT_EQ(changes_.cursors.at(kId), at(12));
  EXPECT_EQ(queue_.unsettled(), 0U);
}

TEST_F(EndpointQueueTest, SaysWhenItIsWorthAskingAgain) {
  for (std::uint64_t offset = 11; offset <= 14; ++offset) {
    add(offset, "ord_" + std::to_string(offset));
  }
  EXPECT_LE(*queue_.next_at(), now_);
  // All calls that there may be are under way: only a result lets it go on.
  EXPECT_EQ(next(1), 11U);
  EXPECT_EQ(next(1), 0U);
  EXPECT_EQ(queue_.next_at(), std::nullopt);
  (void)settle(11, good());
  EXPECT_LE(*queue_.next_at(), now_);
  // This second is used up.
  const Timestamp next_second = now_ + Millis{1'000};
  EXPECT_EQ(next(kMany, 2), 12U);
  pass(Millis{300});
  EXPECT_EQ(next(kMany, 2), 0U);
  EXPECT_EQ(queue_.next_at(), next_second);
  pass(Millis{700});
  EXPECT_EQ(next(kMany, 2), 13U);
}

TEST_F(EndpointQueueTest, KeepsTheOrderOfAKeyOnly) {
  add(11, "ord_1");
  add(12, "ord_1");
  add(13, "ord_2");
  EXPECT_EQ(next(), 11U);
  EXPECT_EQ(next(), 13U) << "12 waits for 11";
  EXPECT_EQ(next(), 0U);
  (void)settle(11, good());
  EXPECT_EQ(next(), 12U);
}

TEST_F(EndpointQueueTest, AFailureHoldsUpItsKeyAndNobodyElse) {
  add(11, "ord_1");
  add(12, "ord_1");
  add(13, "ord_2");
  (void)next();
  (void)next();
  (void)settle(11, bad(400));
  (void)settle(13, good());
  // Both of the key have rows now, and the cursor has passed them.
  EXPECT_EQ(changes_.kept.size(), 2U);
  EXPECT_EQ(queue_.cursor(), at(13));
  EXPECT_EQ(next(), 0U);
  EXPECT_GE(*queue_.next_at(), now_ + Millis{800});
  EXPECT_LE(*queue_.next_at(), now_ + Millis{1'200});
  add(14, "ord_1");
  EXPECT_EQ(changes_.kept.size(), 3U) << "what comes behind them is kept at once";
  EXPECT_EQ(next(), 0U);
  pass(Millis{1'200});
  EXPECT_EQ(next(), 11U);
  (void)settle(11, good());
  EXPECT_EQ(next(), 12U);
  (void)settle(12, good());
  EXPECT_EQ(next(), 14U);
}

TEST_F(EndpointQueueTest, GivesUpInTheEnd) {
  add(11, "ord_1");
  add(12, "ord_1");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(next(), 11U);
    EXPECT_TRUE(changes_.dead.empty());
    (void)settle(11, bad(400));
    pass(Millis{60'000});
  }
  ASSERT_EQ(changes_.dead.size(), 1U);
  EXPECT_EQ(changes_.dead[0].reason, "HTTP 400");
  EXPECT_EQ(changes_.dead[0].attempts, 3U);
  EXPECT_EQ(next(), 12U) << "a dead letter holds up nothing";
}

TEST_F(EndpointQueueTest, RestsWhenTheEndpointIsDown) {
  for (std::uint64_t i = 11; i < 20; ++i) { add(i, "ord_" + std::to_string(i)); }
  EXPECT_EQ(next(), 11U);
  (void)settle(11, {.status = 0, .reason = "no_connection"});
  EXPECT_EQ(next(), 0U) << "it is down: others wait too";
  pass(Millis{1'200});
  EXPECT_NE(next(), 0U);
  EXPECT_EQ(next(), 0U) << "one call at a time, to see";
  (void)settle(12, good());
  EXPECT_NE(next(), 0U);
  EXPECT_NE(next(), 0U);
}

TEST_F(EndpointQueueTest, HonoursRetryAfter) {
  add(11, "ord_1");
  (void)next();
  (void)settle(11, {.status = 503, .reason = {}, .retry_after = Millis{30'000}});
  pass(Millis{29'999});
  EXPECT_EQ(next(), 0U);
  pass(Millis{1});
  EXPECT_EQ(next(), 11U);
}

TEST_F(EndpointQueueTest, KeepsItsCaps) {
  for (std::uint64_t i = 11; i < 30; ++i) { add(i, "ord_" + std::to_string(i)); }
  EXPECT_EQ(next(2), 11U);
  EXPECT_EQ(next(2), 12U);
  EXPECT_EQ(next(2), 0U);
  (void)settle(11, good());
  EXPECT_EQ(next(kMany, 3), 13U);
  EXPECT_EQ(next(kMany, 3), 0U) << "three in this second";
  pass(Millis{1'000});
  EXPECT_EQ(next(kMany, 3), 14U);
}

TEST_F(EndpointQueueTest, SaysWhenToStop) {
  add(11, "ord_1");
  (void)next();
  EXPECT_EQ(settle(11, bad(410)), WebhookPause::gone);
  pass(options_.give_up_after);
  EXPECT_EQ(next(), 11U);
  EXPECT_EQ(settle(11, bad(500)), WebhookPause::failing);
  queue_.go_on(changes_);
  EXPECT_EQ(queue_.failing_since(), Timestamp{});
}

TEST_F(EndpointQueueTest, GoesOnAtOnceWhenStaffSaySo) {
  add(11, "ord_1");
  (void)next();
  (void)settle(11, bad(503));
  EXPECT_EQ(next(), 0U);
  queue_.go_on(changes_);
  EXPECT_EQ(next(), 11U);
}

TEST_F(EndpointQueueTest, RestoresWhatItWasOwed) {
  queue_.skip(at(12));
  auto owed = item(11, "ord_1");
  owed.attempts = 2;
  queue_.restore(owed);
  // All are read again from the cursor on.
  add(11, "ord_1");
  add(12, "ord_1");
  add(13, "ord_1");
  EXPECT_EQ(queue_.unsettled(), 2U) << "one owed, one new; the dead letter is passed over";
  EXPECT_EQ(next(), 11U);
  (void)settle(11, bad(400));
  EXPECT_EQ(changes_.dead.size(), 1U) << "its earlier tries count";
  EXPECT_EQ(next(), 13U);
}

TEST_F(EndpointQueueTest, TellsAllOnceMore) {
  add(11, "ord_1");
  add(12, "ord_2");
  (void)next();
  queue_.replay(at(5), changes_);
  EXPECT_EQ(queue_.read_to(), at(5));
  EXPECT_EQ(changes_.cursors.at(kId), at(5));
  EXPECT_EQ(queue_.in_flight(), 0U);
  EXPECT_EQ(settle(11, good()), std::nullopt) << "the answer to what was forgotten";
  add(11, "ord_1");
  EXPECT_EQ(next(), 11U);
}

TEST_F(EndpointQueueTest, TakesNoMoreThanItHolds) {
  for (std::uint64_t i = 0; i < EndpointQueue::kWindowMax; ++i) {
    ASSERT_GT(queue_.room(), 0U);
    add(11 + i, "ord_" + std::to_string(i));
  }
  EXPECT_EQ(queue_.room(), 0U);
  (void)next();
  (void)settle(11, good());
  EXPECT_EQ(queue_.room(), 1U);
}

/// Whatever comes of the calls: each event is sent until it was taken or given up, those of a key
/// in order, and a restart at any moment forgets none.
RC_GTEST_PROP(EndpointQueueProperty, NothingIsMissedOrOvertakes, ()) {
  const DeliveryOptions options{.retries = {Millis{100}, Millis{300}}};
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Prng prng(seed);
  constexpr std::uint64_t kEvents = 40;
  std::map<log::Position, EndpointQueue::Item> rows;
  std::set<log::Position> dead;
  std::set<log::Position> given_up;
  std::set<log::Position> taken;
  log::Position cursor{};
  std::map<std::string, log::Position> last_of_key;
  Timestamp now = from_unix_ms(1'000'000);
  const auto key_of = [](std::uint64_t offset) { return "k" + std::to_string(offset % 5); };
  auto queue = std::make_unique<EndpointQueue>(kId, cursor, options);
  DeliveryChanges changes;
  const auto write = [&] {
    for (const KeptDelivery& kept : changes.kept) {
      rows[kept.position] = {.position = kept.position,
                             .type = kept.type,
                             .key = kept.key,
                             .body = kept.body,
                             .attempts = kept.attempts,
                             .due = kept.at};
    }
    for (const KeptDelivery& one : changes.dead) {
      rows.erase(one.position);
      dead.insert(one.position);
    }
    for (const DeliveryKey& key : changes.settled) { rows.erase(key.position); }
    if (changes.cursors.contains(kId)) { cursor = changes.cursors.at(kId); }
    changes = {};
  };
  std::vector<log::Position> under_way;
  const auto all_settled = [&] {
    std::set<log::Position> settled = taken;
    settled.insert(dead.begin(), dead.end());
    return settled.size() == kEvents;
  };
  for (int round = 0; round < 20'000 && !all_settled(); ++round) {
    if (prng.below(100) == 0) {
      // A crash: what was not written is gone.
      changes = {};
      under_way.clear();
      queue = std::make_unique<EndpointQueue>(kId, cursor, options);
      for (const log::Position position : dead) { queue->skip(position); }
      for (const auto& [position, row] : rows) { queue->restore(row); }
    }
    if (queue->read_to().offset.value < kEvents && prng.below(2) == 0) {
      const std::uint64_t offset = queue->read_to().offset.value + 1;
      queue->add({.position = {{offset}, 0}, .type = "t", .key = key_of(offset), .body = "{}"},
                 changes);
      queue->passed({{offset}, 0}, changes);
    }
    if (const auto* const sent = queue->next(now, 3, 1'000)) {
      under_way.push_back(sent->position);
    }
    if (!under_way.empty() && prng.below(2) == 0) {
      const std::size_t which = prng.below(under_way.size());
      const log::Position position = under_way[which];
      under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
      const bool is_good = prng.below(3) != 0;
      if (is_good && taken.insert(position).second) {
        // After a crash what was taken before may come once more, late, and so may what was given
        // up, if that was not written; nothing else overtakes.
        log::Position& last = last_of_key[key_of(position.offset.value)];
        RC_ASSERT(last < position || given_up.contains(position));
        last = std::max(last, position);
      }
      (void)queue->settle(position, is_good ? good() : bad(prng.below(2) == 0 ? 400 : 503), now,
                          prng, changes);
      for (const KeptDelivery& one : changes.dead) { given_up.insert(one.position); }
    }
    if (prng.below(3) == 0) { write(); }
    now += Millis{prng.between(0, 40)};
  }
  write();
  for (std::uint64_t offset = 1; offset <= kEvents; ++offset) {
    const log::Position position{{offset}, 0};
    RC_ASSERT(taken.contains(position) || dead.contains(position));
  }
}

}  // namespace
}  // namespace firebrand
