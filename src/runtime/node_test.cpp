#include "runtime/node.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/engine/state.hpp"
#include "log/faulty_file_system.hpp"
#include "log/snapshot_file.hpp"
#include "runtime/submit.hpp"

namespace firebrand {
namespace {

class TestClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(now_ms); }
  std::int64_t monotonic_ms() override { return now_ms; }
  std::int64_t now_ms = 1'800'000'000'000;
};

RequestKey key_of(std::uint8_t n) {
  RequestKey key;
  key.data.fill(n);
  return key;
}

/// A node over a real directory, stepped by hand.
class NodeTest : public testing::Test {
 protected:
  void SetUp() override {
    data_ = std::filesystem::path(testing::TempDir()) /
            ("firebrand-node-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(data_);
    open();
  }
  void TearDown() override {
    node_.reset();
    std::filesystem::remove_all(data_);
  }

  void open() {
    node_.reset();
    auto node = Node::open(files_, data_.string(), clock_, options_);
    ASSERT_TRUE(node.has_value()) << node.error().message;
    node_ = std::move(*node);
    while (node_->space_keeper().step()) {}
  }

  void run() {
    while (node_->sequencer().step() || node_->committer().step() || node_->projector().step()) {}
  }

  /// Sends one command, steps until its answer may leave, and decodes it.
  template <class Result, class C>
  Result ask(const C& command, Actor actor = {}, const RequestKey& key = {},
             AnswerKind want = AnswerKind::result) {
    EXPECT_TRUE(submit(node_->requests(), command, ++token_, actor, key));
    node_->requests().publish();
    run();
    const auto answer = node_->ready_answer();
    if (!answer) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    EXPECT_EQ(answer->token, token_);
    EXPECT_EQ(answer->kind, want);
    const auto result = decode<Result>(answer->result());
    node_->pop_answer(*answer);
    return result ? *result : Result{};
  }

  DropId make_drop(std::int64_t units) {
    const Currency cny = Currency::of("CNY");
    const auto sku = ask<AddSkuResult>(
        AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{199'900, cny}}});
    EXPECT_EQ(sku.status, AddSkuStatus::created);
    EXPECT_EQ(ask<ReceiveStockResult>(ReceiveStock{sku.sku_id, units}).on_hand, units);
    const auto launch =
        ask<CreateLaunchResult>(CreateLaunch{.code = "first", .name = {"首发", "First"}});
    const Timestamp opens = from_unix_ms(clock_.now_ms + 1'000);
    const auto drop = ask<CreateDropResult>(CreateDrop{.launch_id = launch.launch_id,
                                                       .code = "drop",
                                                       .sku_id = sku.sku_id,
                                                       .currency = cny,
                                                       .opens_at = opens,
                                                       .waves = {WavePlan{opens, units}}});
    EXPECT_EQ(drop.status, CreateDropStatus::created);
    return drop.drop_id;
  }

  log::PosixFileSystem files_;
  std::filesystem::path data_;
  NodeOptions options_{.segment_bytes = 16U << 20};
  TestClock clock_;
  std::unique_ptr<Node> node_;
  std::uint64_t token_ = 0;
};

TEST_F(NodeTest, PurchaseIsDurableAndReplaysToTheSameState) {
  const DropId drop = make_drop(2);
  const PlaceOrder order{.drop_id = drop, .person_id = PersonId{7}};
  const Actor fan{ActorKind::fan, 7};
  EXPECT_EQ(ask<PlaceOrderResult>(order, fan, key_of(1)).status, PlaceOrderStatus::not_open);
  clock_.now_ms += 1'000;
  const auto placed = ask<PlaceOrderResult>(order, fan, key_of(1));
  EXPECT_EQ(placed.status, PlaceOrderStatus::created);
  EXPECT_EQ(placed.order_id, OrderId{1});
  EXPECT_EQ(placed.total.minor, 199'900);
  EXPECT_EQ(placed.expires_at, placed.created_at + std::chrono::minutes{15});

  const std::uint64_t digest = node_->engine().digest();
  const LogOffset last = node_->sequencer().last_offset();
  open();
  EXPECT_EQ(node_->engine().digest(), digest);
  EXPECT_EQ(node_->sequencer().last_offset(), last);

  // A repeat after the restart gets the first answer, with the same key and body only.
  const auto again = ask<PlaceOrderResult>(order, fan, key_of(1), AnswerKind::replayed);
  EXPECT_EQ(again.order_id, placed.order_id);
  EXPECT_EQ(again.expires_at, placed.expires_at);
  (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{7}, .quantity = 2},
                              fan, key_of(1), AnswerKind::request_key_reused);
  EXPECT_EQ(ask<PlaceOrderResult>(order, fan, key_of(2)).status, PlaceOrderStatus::purchase_limit);
  node_->engine().check_invariants();
}

TEST_F(NodeTest, UnpaidOrderExpiresAndItsUnitIsSoldAgain) {
  const DropId drop = make_drop(1);
  clock_.now_ms += 1'000;
  ASSERT_EQ(ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{1}}).status,
            PlaceOrderStatus::created);
  EXPECT_EQ(ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{2}}).status,
            PlaceOrderStatus::sold_out);
  clock_.now_ms += 15 * 60 * 1'000 - 1;
  EXPECT_EQ(ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{2}}).status,
            PlaceOrderStatus::sold_out);
  clock_.now_ms += 1;
  EXPECT_EQ(ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{2}}).status,
            PlaceOrderStatus::created);
  const auto first = ask<FindOrderResult>(FindOrder{OrderId{1}});
  EXPECT_EQ(first.order.state, OrderState::expired);
  node_->engine().check_invariants();
  const DropUnits units = node_->engine().state().drops.units(drop);
  EXPECT_EQ(units.held, 1);
  EXPECT_EQ(units.available, 0);
}

TEST_F(NodeTest, RefusalsThatWaitForTheirPeriodAreRecordedAtTheEnd) {
  const DropId drop = make_drop(1);
  clock_.now_ms += 1'000;
  for (std::uint64_t person = 1; person <= 4; ++person) {
    (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{person}});
  }
  const auto total = [&] {
    std::int64_t sum = 0;
    for (const RefusalTotal& refusal : node_->engine().state().drops.drop(drop).refusals) {
      sum += refusal.count;
    }
    return sum;
  };
  // The first was recorded at once, which began a period; the others wait for its end.
  const std::int64_t recorded = total();
  EXPECT_LT(recorded, 3);
  EXPECT_TRUE(node_->sequencer().record_last_refusals());
  EXPECT_FALSE(node_->sequencer().record_last_refusals()) << "nothing waits any more";
  run();
  open();
  EXPECT_EQ(total(), 3);
}

TEST_F(NodeTest, RefusalsBeyondTheSumsAreCounted) {
  constexpr std::size_t kDrops = kRefusalsPerRecordMax + 2;
  const auto plan = node_->engine().state().drops.drop(make_drop(1)).plan;
  (void)ask<ReceiveStockResult>(ReceiveStock{plan.sku_id, kDrops});
  std::vector<DropId> drops;
  for (std::size_t i = 0; i < kDrops; ++i) {
    const std::string code = "more-" + std::to_string(i);
    CreateDrop more{.launch_id = plan.launch_id,
                    .code = std::string_view(code),
                    .sku_id = plan.sku_id,
                    .currency = plan.currency,
                    .opens_at = plan.opens_at,
                    .waves = {WavePlan{plan.opens_at, 1}}};
    drops.push_back(ask<CreateDropResult>(more).drop_id);
  }
  ASSERT_EQ(node_->sequencer().stats().refusals_not_recorded.get(), 0U);
  for (int round = 0; round < 2; ++round) {
    for (const DropId one : drops) {
      EXPECT_EQ(ask<PlaceOrderResult>(PlaceOrder{.drop_id = one, .person_id = PersonId{1}}).status,
                PlaceOrderStatus::not_open);
    }
  }
  // The first is recorded at once and begins a period: one pair too many, and then two.
  EXPECT_EQ(node_->sequencer().stats().refusals_not_recorded.get(), 3U);
}

// A snapshot waits for complete(): a sale without a pause must not hold it up.
TEST_F(NodeTest, FactsAreCompleteUpToTheDurableOffsetWhileSalesGoOn) {
  const DropId drop = make_drop(100);
  clock_.now_ms += 1'000;
  run();
  for (std::uint64_t person = 1; person <= 5; ++person) {
    EXPECT_TRUE(submit(node_->requests(),
                       PlaceOrder{.drop_id = drop, .person_id = PersonId{person}}, person, {}));
    node_->requests().publish();
    EXPECT_TRUE(node_->sequencer().step());
    EXPECT_TRUE(node_->committer().step());
    EXPECT_TRUE(submit(node_->requests(),
                       PlaceOrder{.drop_id = drop, .person_id = PersonId{100 + person}}, person,
                       {}));
    node_->requests().publish();
    EXPECT_TRUE(node_->sequencer().step());
    EXPECT_TRUE(node_->projector().step());
    EXPECT_EQ(node_->projector().complete(), node_->committer().durable());
    EXPECT_LT(node_->projector().complete(), node_->sequencer().last_offset())
        << "a fact waits whose record is not durable";
  }
}

// A drop can be read by whoever has the answer that it was made.
TEST_F(NodeTest, WhatStaffChangeIsPublishedBeforeItsAnswer) {
  const DropId drop = make_drop(10);
  (void)node_->board().take(node_->committer().durable());
  EXPECT_TRUE(submit(node_->requests(), PauseDrop{drop}, ++token_, {ActorKind::staff, 1}));
  node_->requests().publish();
  (void)node_->sequencer().step();  // The clock stands: no period of the board has passed.
  (void)node_->committer().step();
  const auto answer = node_->ready_answer();
  ASSERT_NE(answer, nullptr);
  ASSERT_TRUE(node_->board().has_page_until(answer->wait_offset));
  const auto pages = node_->board().take(node_->committer().durable());
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].drops.at(0).drop.pausing, Pausing::paused);
  EXPECT_FALSE(node_->board().has_page_until(answer->wait_offset));
  node_->pop_answer(*answer);
}

TEST_F(NodeTest, SnapshotLoadsIntoTheSameState) {
  const DropId drop = make_drop(5);
  clock_.now_ms += 1'000;
  for (std::uint64_t person = 1; person <= 4; ++person) {
    (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{person}},
                                {ActorKind::fan, person},
                                key_of(static_cast<std::uint8_t>(person)));
  }
  EXPECT_EQ(ask<ConfirmPaymentResult>(
                ConfirmPayment{OrderId{2}, "pay-1", Money{199'900, Currency::of("CNY")}})
                .status,
            ConfirmPaymentStatus::paid);
  const LogOffset at = node_->sequencer().last_offset();
  const auto folded = fold_snapshot(files_, data_.string(), at, node_->engine().digest());
  ASSERT_TRUE(folded.has_value()) << folded.error().message;
  EXPECT_FALSE(fold_snapshot(files_, data_.string(), at, 1).has_value());
  (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{9}});
  const std::uint64_t digest = node_->engine().digest();
  const auto side_by_side = [](const auto& one, const auto& other) {
    std::thread thread(other);
    one();
    thread.join();
  };
  for (const RunBoth& run_both : {RunBoth(run_in_turn), RunBoth(side_by_side)}) {
    options_.run_both = run_both;
    open();
    EXPECT_EQ(node_->start().snapshot_offset, at);
    EXPECT_EQ(node_->start().replayed, 1U);
    EXPECT_EQ(node_->engine().digest(), digest);
    node_->engine().check_invariants();
  }
}

TEST_F(NodeTest, ALogThatHasLostItsEndIsNotStartedFrom) {
  (void)make_drop(5);
  const LogOffset last = node_->sequencer().last_offset();
  const auto folded = fold_snapshot(files_, data_.string(), last, node_->engine().digest());
  ASSERT_TRUE(folded.has_value()) << folded.error().message;
  node_.reset();
  const std::string knows = " knows of record " + std::to_string(last.value);
  const auto refusal = [&] {
    const auto node = Node::open(files_, data_.string(), clock_, {.segment_bytes = 16U << 20});
    return node ? std::string() : node.error().message;
  };
  std::filesystem::remove_all(data_ / "log");
  EXPECT_NE(refusal().find("facts/" + knows), std::string::npos) << refusal();
  // The facts lost too, the snapshot is the last that knows.
  std::filesystem::remove_all(data_ / "facts");
  EXPECT_NE(refusal().find(log::snapshot_name(last) + knows), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("but the log ends at 0"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("Restore log/ and facts/ from a backup"), std::string::npos);
  std::filesystem::remove_all(data_ / "snapshots");
  EXPECT_EQ(refusal(), "") << "an empty directory is a new installation";
}

// A disk that is failing is looked for where the message says.
TEST(NodeFailStop, NamesTheDirectoryThatCouldNotBeWritten) {
  struct Stopped {
    std::string message;
  };
  for (const bool facts : {false, true}) {
    log::FaultyFileSystem files(1);
    TestClock clock;
    auto node =
        Node::open(files, "data", clock,
                   {.segment_bytes = 16U << 20,
                    .fail_stop = [](const std::string& message) { throw Stopped{message}; }});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    while ((*node)->space_keeper().step()) {}
    EXPECT_TRUE(
        submit((*node)->requests(), CreateLaunch{.code = "a", .name = {"新", "new"}}, 1, {}));
    (*node)->requests().publish();
    while ((*node)->sequencer().step()) {}
    if (facts) { ASSERT_TRUE((*node)->committer().step()); }
    files.fail_sync(1);
    std::string said;
    try {
      (void)(facts ? (*node)->projector().step() : (*node)->committer().step());
    } catch (const Stopped& stop) { said = stop.message; }
    const std::string want = facts ? "a write to facts/ failed: " : "a write to log/ failed: ";
    EXPECT_EQ(said.substr(0, want.size()), want) << said;
  }
}

TEST_F(NodeTest, SegmentsBehindASnapshotAreCompressedAndStillReplay) {
  options_.segment_bytes = 64U << 10;
  options_.batch_bytes_max = 32U << 10;
  node_.reset();
  std::filesystem::remove_all(data_);  // The first one was made with large segments.
  open();
  const DropId drop = make_drop(2'000);
  clock_.now_ms += 1'000;
  std::uint64_t person = 0;
  const auto buy = [&](int count) {
    for (int i = 0; i < count; ++i) {
      (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{++person}});
      while (node_->space_keeper().step()) {}
    }
  };
  buy(900);
  const LogOffset at = node_->sequencer().last_offset();
  ASSERT_TRUE(fold_snapshot(files_, data_.string(), at, node_->engine().digest()).has_value());
  const auto archived = archive_behind(files_, data_.string(), at);
  ASSERT_TRUE(archived.has_value()) << archived.error().message;
  for (const char* const directory : {"log", "facts"}) {
    std::size_t packed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(data_ / directory)) {
      packed += entry.path().extension() == ".zst" ? 1 : 0;
    }
    EXPECT_GE(packed, 1U) << directory;
  }
  buy(100);  // The writers did not notice.
  const std::uint64_t digest = node_->engine().digest();
  const LogOffset end = node_->sequencer().last_offset();
  open();
  EXPECT_EQ(node_->start().snapshot_offset, at);
  EXPECT_EQ(node_->engine().digest(), digest);
  FoldedState from_zero;
  const auto replayed = replay_log(files_, data_.string(), from_zero, end);
  ASSERT_TRUE(replayed.has_value()) << replayed.error().message;
  EXPECT_EQ(from_zero.engine->digest(), digest);
}

// A flipped bit in the last batch looks like a batch that a crash tore; the facts know better.
TEST_F(NodeTest, WhatTheFactsKnowOfIsNotCutAwayAsATornTail) {
  (void)make_drop(2);
  while (node_->space_keeper().step()) {}
  const std::filesystem::path path = data_ / "log" / "00000000000000000001.seg";
  node_.reset();
  const auto bytes_of = [&] {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::string bytes = bytes_of();
  bytes[bytes.find_last_not_of('\0')] ^= 1;
  std::ofstream(path, std::ios::binary) << bytes;
  const auto refused = Node::open(files_, data_.string(), clock_, options_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("facts/ knows of record"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(bytes_of(), bytes) << "nothing is changed before an operator has decided";
}

TEST_F(NodeTest, OldSnapshotsLeaveAndWhatWasNeverFinished) {
  const auto path = [&](std::uint64_t offset, std::string_view suffix) {
    return data_ / "snapshots" / (log::snapshot_name({offset}) + std::string(suffix));
  };
  (void)make_drop(5);
  for (int i = 0; i < 2; ++i) {
    const auto done = fold_snapshot(files_, data_.string(), node_->sequencer().last_offset(),
                                    node_->engine().digest());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    if (i == 0) { clock_.now_ms += 1'000, run(); }
  }
  const std::uint64_t newest = node_->sequencer().last_offset().value;
  for (const std::uint64_t offset : {newest - 1, newest + 1}) {
    std::ofstream(path(offset, log::kSnapshotTemporarySuffix)) << "cut short";
  }
  remove_old_snapshots(files_, data_.string(), 1);
  EXPECT_EQ(log::list_snapshots(files_, (data_ / "snapshots").string())->size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(path(newest, "")));
  EXPECT_FALSE(std::filesystem::exists(path(newest - 1, log::kSnapshotTemporarySuffix)));
  EXPECT_TRUE(std::filesystem::exists(path(newest + 1, log::kSnapshotTemporarySuffix)));
}

TEST_F(NodeTest, EveryFactIsStoredOnceAcrossRestarts) {
  const DropId drop = make_drop(2);
  clock_.now_ms += 1'000;
  (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{1}});
  open();
  (void)ask<PlaceOrderResult>(PlaceOrder{.drop_id = drop, .person_id = PersonId{2}});
  auto reader = log::Reader::open(files_, facts_directory(data_.string()), {});
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  std::vector<std::uint16_t> types;
  log::Position last;
  for (auto record = reader->next(); record; record = reader->next()) {
    EXPECT_GT(record->header.position(), last);
    EXPECT_EQ(record->header.cause, record->header.offset.value);
    last = record->header.position();
    types.push_back(record->header.type);
  }
  const std::vector<std::uint16_t> want = {
      kNumberOf<SkuAdded>,    kNumberOf<StockReceived>, kNumberOf<LaunchCreated>,
      kNumberOf<DropCreated>, kNumberOf<DropOpened>,    kNumberOf<WaveReleased>,
      kNumberOf<OrderPlaced>, kNumberOf<OrderPlaced>,   kNumberOf<WaveSoldOut>};
  EXPECT_EQ(types, want);
}

}  // namespace
}  // namespace firebrand
