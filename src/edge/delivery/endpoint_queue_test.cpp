#include "edge/delivery/endpoint_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "views/events/events.hpp"

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
    const auto sent = queue_.next(now_, {.concurrency = concurrency, .per_second = per_second});
    if (sent.items.empty()) { return 0; }
    EXPECT_EQ(sent.items.size(), 1U);
    EXPECT_EQ(sent.id, format_event_id(sent.items[0]->position));
    const std::uint64_t offset = sent.items[0]->position.offset.value;
    calls_[offset] = sent.call;
    return offset;
  }
  struct Batch {
    std::uint64_t call = 0;
    std::string id;
    std::vector<std::uint64_t> offsets;
  };
  Batch next_batch(std::size_t most = 50) {
    const auto sent =
        queue_.next(now_, {.concurrency = kMany, .per_second = kMany, .batch_events = most});
    Batch batch{.call = sent.call, .id = sent.id, .offsets = {}};
    for (const auto* const one : sent.items) {
      batch.offsets.push_back(one->position.offset.value);
    }
    return batch;
  }
  std::optional<WebhookPause> settle(const Batch& batch, const DeliveryOutcome& outcome) {
    return queue_.settle(batch.call, outcome, now_, prng_, changes_);
  }
  std::optional<WebhookPause> settle(std::uint64_t offset, const DeliveryOutcome& outcome) {
    return queue_.settle(calls_[offset], outcome, now_, prng_, changes_);
  }
  /// What a restart makes of it: what was written, and nothing else.
  void restart(EndpointQueue& queue) const {
    for (const KeptDelivery& one : changes_.dead) { queue.skip(one.position); }
    for (const KeptDelivery& one : changes_.kept) { queue.restore(item_of(one)); }
  }
  static EndpointQueue::Item item_of(const KeptDelivery& kept) {
    return {.position = kept.position,
            .type = kept.type,
            .key = kept.key,
            .body = kept.body,
            .attempts = kept.attempts,
            .due = kept.at,
            .batch = kept.batch};
  }
  void pass(Millis time) { now_ += time; }

  DeliveryOptions options_{.retries = {Millis{1'000}, Millis{10'000}}};
  EndpointQueue queue_{kId, {{10}, UINT16_MAX}, options_};
  DeliveryChanges changes_;
  std::map<std::uint64_t, std::uint64_t> calls_;  ///< By the offset that was sent last with it.
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

TEST_F(EndpointQueueTest, DoesNotSendAgainWhatIsUnderWayWhenADeadLetterBeforeItIsTaken) {
  auto dead = item(9, "ord_1");
  add(11, "ord_1");
  EXPECT_EQ(next(), 11U);
  queue_.restore(dead);  // Tried again by hand while 11 is on its way.
  EXPECT_EQ(next(), 9U);
  (void)settle(9, good());
  EXPECT_EQ(next(), 0U);
  (void)settle(11, good());
  EXPECT_EQ(queue_.unsettled(), 0U);
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

using Offsets = std::vector<std::uint64_t>;

TEST_F(EndpointQueueTest, PutsIntoABatchWhatMayBeSentNow) {
  add(11, "ord_1");
  add(12, "ord_1");
  add(13, "ord_2");
  add(14, "ord_3");
  const Batch first = next_batch(2);
  EXPECT_EQ(first.offsets, (Offsets{11, 13})) << "12 waits for 11";
  const Batch second = next_batch(2);
  EXPECT_EQ(second.offsets, Offsets{14});
  EXPECT_NE(first.id, second.id);
  EXPECT_EQ(first.id.find('.'), std::string::npos);
  EXPECT_TRUE(next_batch().offsets.empty());
  EXPECT_EQ(queue_.in_flight(), 2U) << "calls, not events";
  (void)settle(first, good());
  EXPECT_EQ(queue_.cursor(), (log::Position{{11}, UINT16_MAX})) << "12 is not sent yet";
  EXPECT_EQ(next_batch().offsets, Offsets{12});
}

TEST_F(EndpointQueueTest, RetriesABatchAsItWas) {
  for (std::uint64_t offset = 11; offset < 14; ++offset) {
    add(offset, "ord_" + std::to_string(offset));
  }
  const Batch failed = next_batch();
  EXPECT_EQ(failed.offsets.size(), 3U);
  (void)settle(failed, bad(400));
  EXPECT_EQ(changes_.kept.size(), 3U);
  EXPECT_EQ(queue_.cursor(), at(13));
  add(14, "ord_14");
  const Batch fresh = next_batch();
  EXPECT_EQ(fresh.offsets, Offsets{14}) << "others do not wait for it";
  (void)settle(fresh, good());
  pass(Millis{1'200});
  add(15, "ord_15");
  EndpointQueue again{kId, queue_.cursor(), options_};
  restart(again);
  EXPECT_EQ(next_batch().offsets, Offsets{15}) << "nothing joins it";
  const Batch retried = next_batch();
  EXPECT_EQ(retried.offsets, failed.offsets);
  EXPECT_EQ(retried.id, failed.id);
  const auto after_restart =
      again.next(now_, {.concurrency = kMany, .per_second = kMany, .batch_events = 50});
  EXPECT_EQ(after_restart.id, failed.id);
  EXPECT_EQ(after_restart.items.size(), 3U);
  (void)settle(retried, bad(400));
  pass(Millis{12'000});
  changes_ = {};
  (void)settle(next_batch(), bad(400));
  EXPECT_EQ(changes_.dead.size(), 3U) << "it was tried three times";
  EXPECT_EQ(changes_.dead[0].attempts, 3U);
}

TEST_F(EndpointQueueTest, FormsABatchAnewWhereItCannotGoAsItWas) {
  queue_.skip(at(10));
  add(11, "ord_1");
  add(12, "ord_2");
  (void)settle(next_batch(), bad(400));
  // A dead letter of an earlier event is tried again: it goes before those of its key.
  queue_.restore(item(10, "ord_1"));
  pass(Millis{1'200});
  const Batch revived = next_batch();
  EXPECT_EQ(revived.offsets, Offsets{10}) << "12 was tried before, it was not";
  EXPECT_EQ(next_batch().offsets, Offsets{12});
  (void)settle(revived, good());
  const Batch last = next_batch();
  EXPECT_EQ(last.offsets, Offsets{11});
  (void)settle(last, bad(400));
  // Fewer are taken now than failed together; or each alone.
  add(13, "ord_3");
  add(14, "ord_4");
  const Batch two = next_batch();
  EXPECT_EQ(two.offsets.size(), 2U);
  (void)settle(two, bad(400));
  pass(Millis{12'000});
  EXPECT_EQ(next_batch(1).offsets.size(), 1U);
  EXPECT_NE(next(), 0U);
}

TEST_F(EndpointQueueTest, BoundsTheBytesOfABatch) {
  for (std::uint64_t offset = 11; offset < 15; ++offset) {
    auto large = item(offset, "ord_" + std::to_string(offset));
    large.body = std::string(EndpointQueue::kBatchBytesMax / 2, 'x');
    queue_.add(std::move(large), changes_);
  }
  EXPECT_EQ(next_batch().offsets, (Offsets{11, 12}));
  auto huge = item(20, "ord_20");
  huge.body = std::string(EndpointQueue::kBatchBytesMax + 1, 'x');
  queue_.add(std::move(huge), changes_);
  EXPECT_EQ(next_batch().offsets, (Offsets{13, 14}));
  EXPECT_EQ(next_batch().offsets, Offsets{20}) << "alone it may be larger";
}

TEST_F(EndpointQueueTest, ForgetsWhatAReplayTakesOutOfABatch) {
  add(11, "ord_1");
  (void)next();
  (void)settle(11, bad(400));
  pass(Millis{1'200});
  const Batch kept = next_batch();
  add(12, "ord_2");
  const Batch unkept = next_batch();
  queue_.replay(at(5), changes_);
  EXPECT_EQ(queue_.in_flight(), 1U);
  EXPECT_EQ(settle(unkept, good()), std::nullopt);
  (void)settle(kept, good());
  EXPECT_EQ(queue_.unsettled(), 0U);
}

/// Whatever comes of the calls: each event is sent until it was taken or given up, those of a key
/// in order, and a restart at any moment forgets none.
RC_GTEST_PROP(EndpointQueueProperty, NothingIsMissedOrOvertakes, ()) {
  const DeliveryOptions options{.retries = {Millis{100}, Millis{300}}};
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Prng prng(seed);
  const bool in_batches = prng.below(2) == 0;
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
                             .due = kept.at,
                             .batch = kept.batch};
    }
    for (const KeptDelivery& one : changes.dead) {
      rows.erase(one.position);
      dead.insert(one.position);
    }
    for (const DeliveryKey& key : changes.settled) { rows.erase(key.position); }
    if (changes.cursors.contains(kId)) { cursor = changes.cursors.at(kId); }
    changes = {};
  };
  struct Call {
    std::uint64_t number = 0;
    std::vector<log::Position> positions;
  };
  std::vector<Call> under_way;
  std::set<std::pair<std::string, std::vector<log::Position>>> batches;
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
    const std::size_t batch_events = in_batches ? 1 + prng.below(20) / 4 : 0;
    const auto sent =
        queue->next(now, {.concurrency = 3, .per_second = 1'000, .batch_events = batch_events});
    if (!sent.items.empty()) {
      Call call{.number = sent.call, .positions = {}};
      std::set<std::string> keys;
      for (const auto* const item : sent.items) {
        call.positions.push_back(item->position);
        RC_ASSERT(keys.insert(item->key).second);
      }
      std::ranges::sort(call.positions);
      batches.emplace(sent.id, call.positions);
      under_way.push_back(std::move(call));
    }
    if (!under_way.empty() && prng.below(2) == 0) {
      const std::size_t which = prng.below(under_way.size());
      const Call call = under_way[which];
      under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
      const bool is_good = prng.below(3) != 0;
      for (const log::Position position : call.positions) {
        if (!is_good || !taken.insert(position).second) { continue; }
        // After a crash what was taken before may come once more, late, and so may what was given
        // up, if that was not written; nothing else overtakes.
        log::Position& last = last_of_key[key_of(position.offset.value)];
        RC_ASSERT(last < position || given_up.contains(position));
        last = std::max(last, position);
      }
      const int status = is_good ? 200 : prng.below(2) == 0 ? 400 : 503;
      (void)queue->settle(call.number, {.status = status}, now, prng, changes);
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
  std::set<std::string> ids;
  for (const auto& [id, positions] : batches) {
    RC_ASSERT(ids.insert(id).second);  // One id never names other events.
  }
}

}  // namespace
}  // namespace firebrand
