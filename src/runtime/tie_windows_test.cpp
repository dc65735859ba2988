#include "runtime/tie_windows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/draw.hpp"
#include "base/hex.hpp"
#include "core/engine/state.hpp"
#include "log/faulty_file_system.hpp"
#include "runtime/node.hpp"
#include "runtime/submit.hpp"

namespace firebrand {
namespace {

Hash256 some_key() {
  Hash256 key;
  std::iota(key.data.begin(), key.data.end(), std::uint8_t{0});
  return key;
}

RequestKey request_key(std::uint64_t n) {
  RequestKey key;
  key.data[15] = static_cast<std::uint8_t>(n);
  key.data[14] = static_cast<std::uint8_t>(n >> 8U);
  return key;
}

class TestClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(now_ms); }
  std::int64_t monotonic_ms() override { return now_ms; }
  std::int64_t now_ms = 1'800'000'000'000;
};

/// What an answer says, without more.
struct Said {
  std::uint64_t token = 0;
  AnswerKind kind{};
  std::uint8_t status = 0;
};

/// A shop on a disk in memory, stepped by hand, with one wave that has a tie window of 100 ms.
class TieShop {
 public:
  explicit TieShop(std::int64_t units = 3, std::int32_t tie_batch_ms = 100,
                   std::uint32_t entries_max = 1'000, std::int32_t proof_bits = 0) {
    options_.segment_bytes = 64U << 10;  // Small: a property opens many.
    options_.batch_bytes_max = 32U << 10;
    // Rings are resident from the start, and there are three hundred shops.
    options_.request_ring_bytes = options_.answer_ring_bytes = 64U << 10;
    options_.commit_ring_bytes = 64U << 10;
    options_.fact_ring_bytes = 1U << 20;
    options_.sequencer.tie_entries_max = entries_max;
    open();
    const Currency cny = Currency::of("CNY");
    (void)ask(AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{100, cny}}});
    (void)ask(ReceiveStock{{1}, units});
    (void)ask(CreateLaunch{.code = "first", .name = {"首发", "First"}});
    const Timestamp opens = from_unix_ms(clock.now_ms);
    CreateDrop plan{.launch_id = {1},
                    .code = "drop",
                    .sku_id = {1},
                    .currency = cny,
                    .opens_at = opens,
                    .per_person_limit = 2,
                    .waves = {WavePlan{opens, units}},
                    .proof_bits = proof_bits};
    plan.waves[0].tie_batch_ms = tie_batch_ms;
    if (tie_batch_ms != 0) { plan.tie_commitment = draw_commitment(some_key()); }
    const auto made = ask(plan);
    EXPECT_EQ(made.status, 0);
  }

  void open() {
    node_.reset();
    auto node = Node::open(files_, "data", clock, options_);
    ASSERT_TRUE(node.has_value()) << node.error().message;
    node_ = std::move(*node);
    node_->sequencer().use_tie_keys([](const CreateDrop&) { return some_key(); });
    while (node_->space_keeper().step()) {}
  }

  /// Everything that is to be done now, with what was answered.
  std::vector<Said> run() {
    std::vector<Said> said;
    node_->requests().publish();
    bool worked = true;
    while (worked) {
      worked = node_->sequencer().step();
      worked = node_->committer().step() || worked;
      worked = node_->projector().step() || worked;
      while (const AnswerHead* const answer = node_->ready_answer()) {
        said.push_back({answer->token, answer->kind, answer->status});
        node_->pop_answer(*answer);
      }
    }
    return said;
  }

  template <class C>
  Said ask(const C& command) {
    EXPECT_TRUE(submit(node_->requests(), command, 1, {}));
    const auto said = run();
    EXPECT_EQ(said.size(), 1U);
    return said.empty() ? Said{} : said.back();
  }

  /// One purchase: its token is the person's number.
  void send(std::uint64_t person, std::uint64_t key, std::uint64_t received_ns = 0,
            OrderProof proof = OrderProof::none) {
    const PlaceOrder order{.drop_id = {1}, .person_id = PersonId{person}, .proof = proof};
    EXPECT_TRUE(submit(node_->requests(), order, person, {}, request_key(key), received_ns));
  }

  [[nodiscard]] const Drop& drop() const { return node_->engine().state().drops.drop({1}); }
  [[nodiscard]] Node& node() { return *node_; }

  /// Lets a period of the sums pass.
  const TieTotals& totals() {
    clock.now_ms += 1'000;
    (void)run();
    return drop().ties;
  }

  TestClock clock;

 private:
  log::FaultyFileSystem files_{1};
  NodeOptions options_;
  std::unique_ptr<Node> node_;
};

std::vector<std::uint64_t> tokens_of(const std::vector<Said>& said) {
  std::vector<std::uint64_t> tokens;
  for (const Said& one : said) { tokens.push_back(one.token); }
  return tokens;
}

/// Request keys 1 to `count` in the order of their ranks.
std::vector<std::uint64_t> by_rank(std::uint64_t count) {
  std::vector<std::uint64_t> keys(count);
  std::iota(keys.begin(), keys.end(), 1U);
  std::ranges::sort(keys, {}, [](std::uint64_t n) { return tie_rank(some_key(), request_key(n)); });
  return keys;
}

// The figures of docs/tie-windows.md.
TEST(TieRank, IsWhatAnybodyComputes) {
  EXPECT_EQ(to_hex(draw_commitment(some_key()).data),
            "6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2");
  EXPECT_EQ(to_hex(tie_rank(some_key(), request_key(1)).data),
            "1d302fae600b17c066894ec97346ac55f4204432e7c355718d48b7536faade43");
  EXPECT_EQ(to_hex(tie_rank(some_key(), request_key(2)).data),
            "68e191c040e6963b457a0d8a2adb6bec08ea97a22f8997176083cfb39ce040c5");
  EXPECT_EQ(to_hex(tie_rank(some_key(), request_key(3)).data),
            "628ce4f1f4c86bee0af6dd6e3b344d344628f4b9425432493079788b487a7a72");
  EXPECT_EQ(by_rank(3), (std::vector<std::uint64_t>{1, 3, 2}));
}

TEST(TieWindows, DecideAtTheirEndInTheOrderOfTheRanks) {
  TieShop shop(10);
  for (std::uint64_t person = 1; person <= 8; ++person) { shop.send(person, person); }
  EXPECT_TRUE(shop.run().empty());
  EXPECT_LE(shop.node().sequencer().wake_at(), from_unix_ms(shop.clock.now_ms + 100));
  // Others pass by; who comes later in the window waits for the same end.
  shop.clock.now_ms += 99;
  EXPECT_EQ(shop.ask(ReceiveStock{{1}, 1}).status, 0);
  shop.send(9, 9);
  EXPECT_TRUE(shop.run().empty());
  shop.clock.now_ms += 1;
  const auto said = shop.run();
  EXPECT_EQ(tokens_of(said), by_rank(9));
  for (const Said& one : said) { EXPECT_EQ(one.status, 0); }
  // The next begins a window of its own.
  shop.send(10, 10);
  EXPECT_TRUE(shop.run().empty());
  shop.clock.now_ms += 100;
  EXPECT_EQ(tokens_of(shop.run()), std::vector<std::uint64_t>{10});
  EXPECT_EQ(shop.totals(), (TieTotals{.windows = 2, .decided = 10, .inversions = 0}));
}

TEST(TieWindows, ARepeatIsARepeat) {
  TieShop shop;
  shop.send(1, 1);
  shop.send(1, 1);
  EXPECT_TRUE(submit(shop.node().requests(),
                     PlaceOrder{.drop_id = {1}, .person_id = PersonId{1}, .quantity = 2}, 7, {},
                     request_key(1)));
  (void)shop.run();
  shop.clock.now_ms += 100;
  const auto said = shop.run();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].kind, AnswerKind::result);
  EXPECT_EQ(said[1].kind, AnswerKind::replayed);
  EXPECT_EQ(said[2].kind, AnswerKind::request_key_reused);
  EXPECT_EQ(shop.drop().orders.placed, 1);
}

// Whoever sends more requests would else have the best of many ranks.
TEST(TieWindows, MoreRequestsOfAPersonGiveNoBetterPlace) {
  const std::vector<std::uint64_t> ranked = by_rank(20);
  TieShop shop(1);
  // Person 1 has the best rank of all, and the worst.
  shop.send(1, ranked.front());
  shop.send(2, ranked[10]);
  shop.send(1, ranked.back());
  (void)shop.run();
  shop.clock.now_ms += 100;
  const auto said = shop.run();
  EXPECT_EQ(tokens_of(said), (std::vector<std::uint64_t>{2, 1, 1}));
  EXPECT_EQ(said[0].status, 0);
  EXPECT_NE(said[1].status, 0);
}

TEST(TieWindows, EndEarlyWhenNoMoreMayWait) {
  TieShop shop(10, 100, 3);
  for (std::uint64_t person = 1; person <= 8; ++person) { shop.send(person, person); }
  const auto said = shop.run();
  // Two are full; the last two wait for the end of theirs.
  EXPECT_EQ(said.size(), 6U);
  shop.clock.now_ms += 100;
  EXPECT_EQ(shop.run().size(), 2U);
  EXPECT_EQ(shop.totals().windows, 3);
}

TEST(TieWindows, WhatStaffDoMeanwhileCounts) {
  TieShop shop;
  shop.send(1, 1);
  (void)shop.run();
  EXPECT_EQ(shop.ask(PauseDrop{{1}}).status, 0);
  // It came behind one that waits, and does not overtake it.
  shop.send(2, 2);
  EXPECT_TRUE(shop.run().empty());
  shop.clock.now_ms += 100;
  const auto said = shop.run();
  ASSERT_EQ(said.size(), 2U);
  for (const Said& one : said) {
    EXPECT_EQ(one.status, static_cast<std::uint8_t>(PlaceOrderStatus::paused));
  }
}

// Waiting for a window's end must not carry a purchase out of the head start.
TEST(TieWindows, WhoBringsNoProofIsRefusedAtOnceInTheHeadStart) {
  TieShop shop(3, 100, 1'000, 8);
  shop.send(1, 1, 0, OrderProof::good);
  EXPECT_TRUE(shop.run().empty()) << "it waits for its window";
  shop.send(2, 2);
  const auto refused = shop.run();
  ASSERT_EQ(tokens_of(refused), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(refused[0].status, static_cast<std::uint8_t>(PlaceOrderStatus::proof_wanted));
  shop.clock.now_ms += 100;
  EXPECT_EQ(tokens_of(shop.run()), (std::vector<std::uint64_t>{1}));
}

TEST(TieWindows, SumsOutliveARestartAndThoseWhoWaitDoNot) {
  TieShop shop;
  shop.send(1, 1);
  (void)shop.run();
  shop.clock.now_ms += 100;
  EXPECT_EQ(shop.run().size(), 1U);
  (void)shop.node().sequencer().record_last_refusals();  // If they wait yet.
  shop.send(2, 2);
  EXPECT_TRUE(shop.run().empty());
  shop.open();
  EXPECT_EQ(shop.drop().ties, (TieTotals{.windows = 1, .decided = 1, .inversions = 0}));
  EXPECT_EQ(shop.drop().orders.placed, 1);
  shop.send(2, 2);
  (void)shop.run();
  shop.clock.now_ms += 100;
  EXPECT_EQ(shop.run().size(), 1U);
  EXPECT_EQ(shop.drop().orders.placed, 2);
}

TEST(TieWindows, EndWhenTheKeyIsPublic) {
  TieShop shop(1);
  shop.send(1, 1);
  (void)shop.run();
  shop.clock.now_ms += 100;
  (void)shop.run();
  EXPECT_EQ(shop.ask(RevealTieKey{{1}, some_key()}).status,
            static_cast<std::uint8_t>(RevealTieKeyStatus::drop_not_over));
  EXPECT_EQ(shop.ask(CancelDrop{{1}}).status, 0);
  EXPECT_EQ(shop.ask(RevealTieKey{{1}, some_key()}).status, 0);
  shop.send(2, 2);
  EXPECT_EQ(shop.run().size(), 1U);
}

TEST(TieWindows, WithoutOneEverybodyIsDecidedAtOnceAndStillCounted) {
  TieShop shop(10, 0);
  shop.send(1, 1, 500);
  shop.send(2, 2, 400);
  shop.send(3, 3, 450);
  shop.send(4, 4, 600);
  EXPECT_EQ(tokens_of(shop.run()), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(shop.totals(), (TieTotals{.windows = 0, .decided = 0, .inversions = 2}));
}

// Refused purchases make no pairs, nor do those of which nobody knows when they came.
RC_GTEST_PROP(TieWindowsProperty, InversionsAreCountedExactly, ()) {
  const auto count = *rc::gen::inRange<std::uint64_t>(1, 60);
  const auto units = *rc::gen::inRange<std::int64_t>(1, 60);
  TieShop shop(units);
  std::vector<std::uint64_t> received;
  for (std::uint64_t person = 1; person <= count; ++person) {
    received.push_back(*rc::gen::inRange<std::uint64_t>(0, 30));
    shop.send(person, person, received.back());
    if (*rc::gen::inRange(0, 9) == 0) {
      (void)shop.run();
      shop.clock.now_ms += *rc::gen::inRange<std::int64_t>(0, 110);
    }
  }
  (void)shop.run();
  shop.clock.now_ms += 100;
  (void)shop.run();
  std::vector<std::uint64_t> accepted;  // By the numbers of the orders: as they were decided.
  const auto& orders = shop.node().engine().state().orders;
  for (std::uint64_t id = 1;; ++id) {
    const Order* const order = orders.find({id});
    if (order == nullptr) { break; }
    accepted.push_back(received[order->person_id.value - 1]);
  }
  std::int64_t pairs = 0;
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (accepted[i] != 0 && accepted[j] > accepted[i]) { ++pairs; }
    }
  }
  RC_ASSERT(shop.totals().inversions == pairs);
}

/// Who buys, if these persons ask in this order within one window.
std::set<std::uint64_t> buyers(const std::vector<std::uint64_t>& persons, std::int64_t units) {
  TieShop shop(units);
  for (const std::uint64_t person : persons) { shop.send(person, person); }
  (void)shop.run();
  shop.clock.now_ms += 100;
  std::set<std::uint64_t> accepted;
  for (const Said& one : shop.run()) {
    if (one.status == 0) { accepted.insert(one.token); }
  }
  return accepted;
}

RC_GTEST_PROP(TieWindowsProperty, WhoBuysDoesNotDependOnTheOrderOfArrival, ()) {
  std::vector<std::uint64_t> persons(*rc::gen::inRange<std::size_t>(1, 40));
  std::iota(persons.begin(), persons.end(), 1U);
  const auto units = *rc::gen::inRange<std::int64_t>(1, 40);
  const auto first = buyers(persons, units);
  RC_ASSERT(first.size() == std::min(persons.size(), static_cast<std::size_t>(units)));
  for (std::size_t i = persons.size(); i > 1; --i) {
    std::swap(persons[i - 1], persons[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  RC_ASSERT(buyers(persons, units) == first);
}

}  // namespace
}  // namespace firebrand
