#include "edge/delivery/delivery_store.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

namespace firebrand {
namespace {

namespace fs = std::filesystem;

constexpr WebhookId kId{1};
constexpr WebhookId kOther{2};

class DeliveryStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::path(testing::TempDir()) /
            ("firebrand-deliveries-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name() + ".db");
    remove_files();
    open();
  }
  void TearDown() override {
    store_.reset();
    remove_files();
  }
  void remove_files() {
    for (const char* const end : {"", "-wal", "-shm"}) { fs::remove(path_.string() + end); }
  }
  void open() {
    store_.reset();
    auto store = DeliveryStore::open(path_.string());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    store_ = std::move(*store);
  }
  void write(const DeliveryChanges& changes) {
    const auto done = store_->write(changes);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  static KeptDelivery delivery(std::uint64_t offset, WebhookId id = kId) {
    return {.webhook_id = id,
            .position = {{offset}, 1},
            .type = "org.firebrand.order_paid",
            .key = "ord_7",
            .body = R"({"a":"b"})",
            .attempts = 2,
            .at = from_unix_ms(5'000),
            .reason = "HTTP 400",
            .batch = "batch_11_a"};
  }
  static DeliveryAttempt attempt(const std::string& event_id) {
    return {.webhook_id = kId,
            .event_id = event_id,
            .type = "t",
            .at = from_unix_ms(1'000),
            .took = Millis{7},
            .status = 200,
            .reason = "",
            .answer = "ok"};
  }

  fs::path path_;
  std::unique_ptr<DeliveryStore> store_;
};

TEST_F(DeliveryStoreTest, KeepsWhatIsOwedOverARestart) {
  DeliveryChanges changes;
  changes.cursors[kId] = {{17}, UINT16_MAX};
  changes.failing[kId] = from_unix_ms(9'000);
  changes.kept = {delivery(12), delivery(11), delivery(3, kOther)};
  write(changes);
  open();
  const auto endpoints = store_->endpoints();
  ASSERT_TRUE(endpoints.has_value());
  ASSERT_EQ(endpoints->size(), 1U);
  EXPECT_EQ((*endpoints)[0].cursor, (log::Position{{17}, UINT16_MAX}));
  EXPECT_EQ((*endpoints)[0].failing_since, from_unix_ms(9'000));
  const auto owed = store_->owed(kId);
  ASSERT_TRUE(owed.has_value());
  ASSERT_EQ(owed->size(), 2U);
  EXPECT_EQ((*owed)[0].position, (log::Position{{11}, 1})) << "in the order of the log";
  EXPECT_EQ((*owed)[0].body, R"({"a":"b"})");
  EXPECT_EQ((*owed)[0].attempts, 2U);
  EXPECT_EQ((*owed)[0].at, from_unix_ms(5'000));
  EXPECT_EQ((*owed)[0].batch, "batch_11_a");
}

TEST_F(DeliveryStoreTest, ForgetsWhatWasTaken) {
  DeliveryChanges changes;
  changes.kept = {delivery(11), delivery(12)};
  changes.settled = {{kId, {{11}, 1}}, {kId, {{99}, 0}}};
  write(changes);
  EXPECT_EQ(store_->owed(kId)->size(), 1U);
}

TEST_F(DeliveryStoreTest, KeepsDeadLettersUntilTheyAreRevived) {
  DeliveryChanges changes;
  changes.kept = {delivery(11), delivery(12), delivery(13)};
  write(changes);
  changes = {};
  changes.dead = {delivery(11), delivery(12)};
  write(changes);
  EXPECT_EQ(store_->owed(kId)->size(), 1U);
  EXPECT_EQ(*store_->count_dead(kId), 2U);
  EXPECT_EQ(store_->dead(kId)->size(), 2U);
  const auto letters = store_->dead_letters(kId, 0, 10);
  ASSERT_TRUE(letters.has_value());
  ASSERT_EQ(letters->size(), 2U);
  EXPECT_EQ((*letters)[0].event_id, "evt_12-1") << "newest first";
  EXPECT_EQ((*letters)[0].reason, "HTTP 400");
  const auto next = store_->dead_letters(kId, (*letters)[0].number, 10);
  EXPECT_EQ(next->size(), 1U);

  const auto one = store_->revive(kId, log::Position{{12}, 1});
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->size(), 2U);
  EXPECT_EQ((*one)[0].attempts, 0U);
  EXPECT_EQ((*one)[0].batch, "");
  EXPECT_EQ(*store_->count_dead(kId), 1U);
  EXPECT_EQ(store_->revive(kId, std::nullopt)->size(), 3U);
  EXPECT_EQ(*store_->count_dead(kId), 0U);
}

TEST_F(DeliveryStoreTest, RemembersTheLastCalls) {
  DeliveryChanges changes;
  for (int i = 0; i < 5; ++i) { changes.attempts.push_back(attempt("evt_" + std::to_string(i))); }
  write(changes);
  const auto newest = store_->attempts(kId, 0, 3);
  ASSERT_TRUE(newest.has_value());
  ASSERT_EQ(newest->size(), 3U);
  EXPECT_EQ((*newest)[0].attempt.event_id, "evt_4");
  EXPECT_EQ((*newest)[0].attempt.took, Millis{7});
  EXPECT_EQ(store_->attempts(kId, (*newest)[2].number, 10)->size(), 2U);
  EXPECT_TRUE(store_->attempts(kOther, 0, 10)->empty());
}

TEST_F(DeliveryStoreTest, ForgetsAnEndpointThatWasRemoved) {
  DeliveryChanges changes;
  changes.cursors = {{kId, {{1}, 0}}, {kOther, {{1}, 0}}};
  changes.kept = {delivery(11), delivery(12, kOther)};
  changes.dead = {delivery(13)};
  changes.attempts = {attempt("evt_11-1")};
  write(changes);
  changes = {};
  changes.removed = {kId};
  write(changes);
  EXPECT_EQ(store_->endpoints()->size(), 1U);
  EXPECT_TRUE(store_->owed(kId)->empty());
  EXPECT_EQ(*store_->count_dead(kId), 0U);
  EXPECT_TRUE(store_->attempts(kId, 0, 10)->empty());
  EXPECT_EQ(store_->owed(kOther)->size(), 1U);
}

TEST_F(DeliveryStoreTest, OpensWhatVersion1Wrote) {
  DeliveryChanges changes;
  changes.kept = {delivery(11)};
  write(changes);
  store_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(database, "ALTER TABLE deliveries DROP COLUMN batch; PRAGMA user_version = 1",
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(database);
  open();
  ASSERT_EQ(store_->owed(kId)->size(), 1U);
  EXPECT_EQ((*store_->owed(kId))[0].batch, "");
  changes.kept[0].batch = "batch_11_b";
  write(changes);
  open();
  EXPECT_EQ((*store_->owed(kId))[0].batch, "batch_11_b");
}

TEST_F(DeliveryStoreTest, RefusesWhatANewerProgramWrote) {
  store_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 3", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  EXPECT_FALSE(DeliveryStore::open(path_.string()).has_value());
}

}  // namespace
}  // namespace firebrand
