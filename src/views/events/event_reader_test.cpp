#include "views/events/event_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "log/archive.hpp"
#include "log/log_testing.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const Currency kCny = Currency::of("CNY");

class TestClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(now_ms); }
  std::int64_t monotonic_ms() override { return now_ms; }
  std::int64_t now_ms = 1'800'000'000'000;
};

/// A node over a real directory in which a few things have happened.
class EventReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    data_ = fs::path(testing::TempDir()) /
            ("firebrand-events-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(data_);
    auto node = Node::open(files_, data_.string(), clock_, {.segment_bytes = 16U << 20});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    node_ = std::move(*node);
    while (node_->space_keeper().step()) {}
    client_ = std::make_unique<SyncClient>(*node_);
    reader_ = std::make_unique<EventReader>(files_, data_.string(), "/firebrand/test");
    open_shop();
  }
  void TearDown() override {
    reader_.reset();
    client_.reset();
    node_.reset();
    fs::remove_all(data_);
  }

  void open_shop() {
    (void)client_->ask<AddSkuResult>(
        AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{199'900, kCny}}});
    (void)client_->ask<ReceiveStockResult>(ReceiveStock{{1}, 100});
    (void)client_->ask<CreateLaunchResult>(
        CreateLaunch{.code = "first", .name = {"首发", "First"}});
    const Timestamp now = from_unix_ms(clock_.now_ms);
    (void)client_->ask<CreateDropResult>(CreateDrop{.launch_id = {1},
                                                    .code = "first",
                                                    .sku_id = {1},
                                                    .currency = kCny,
                                                    .opens_at = now,
                                                    .per_person_limit = 50,
                                                    .payment_window_seconds = 60,
                                                    .waves = {WavePlan{now, 50}}});
    client_->settle();
  }
  void order(std::uint64_t person) {
    (void)client_->ask<PlaceOrderResult>(PlaceOrder{{1}, {person}, 1});
    client_->settle();
  }
  EventPage read(const EventQuery& query) {
    auto page = reader_->read(query, node_->projector().stored());
    EXPECT_TRUE(page.has_value()) << page.error().message;
    return std::move(*page);
  }
  /// All of them, read page by page.
  std::vector<Event> read_all(std::uint32_t limit, std::vector<std::uint16_t> types = {}) {
    std::vector<Event> all;
    EventQuery query{.types = std::move(types), .limit = limit};
    while (query.after < node_->projector().stored()) {
      EventPage page = read(query);
      EXPECT_GT(page.next, query.after);
      query.after = page.next;
      for (Event& event : page.events) { all.push_back(std::move(event)); }
    }
    return all;
  }
  static std::vector<std::string> names(const std::vector<Event>& events) {
    std::vector<std::string> names;
    for (const Event& event : events) { names.emplace_back(event.type->name); }
    return names;
  }

  log::PosixFileSystem files_;
  TestClock clock_;
  fs::path data_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<SyncClient> client_;
  std::unique_ptr<EventReader> reader_;
};

TEST_F(EventReaderTest, TellsFactsInTheOrderOfTheLog) {
  order(7);
  const std::vector<Event> events = read_all(100);
  EXPECT_EQ(names(events), (std::vector<std::string>{
                               "sku_added", "stock_received", "launch_created", "drop_created",
                               "drop_opened", "wave_released", "order_placed"}));
  for (std::size_t i = 1; i < events.size(); ++i) {
    EXPECT_LT(events[i - 1].position, events[i].position);
  }
  const Event& last = events.back();
  EXPECT_EQ(last.key, "ord_1");
  const std::string id = format_event_id(last.position);
  EXPECT_EQ(last.json,
            R"({"specversion":"1.0","id":")" + id +
                R"(","source":"/firebrand/test","type":"org.firebrand.order_placed",)"
                R"("subject":"ord_1","partitionkey":"ord_1","time":"2027-01-15T08:00:00.000Z",)"
                R"("datacontenttype":"application/json","data":{"order_id":"ord_1",)"
                R"("person_id":"per_7","drop_id":"drop_1","wave":1,"quantity":1,)"
                R"("total":{"amount":199900,"currency":"CNY"},)"
                R"("expires_at":"2027-01-15T08:01:00.000Z"}})");
}

TEST_F(EventReaderTest, SaysTheSameInPagesOfAnySize) {
  for (std::uint64_t person = 1; person <= 20; ++person) { order(person); }
  const std::vector<Event> all = read_all(1'000);
  for (const std::uint32_t limit : {1U, 2U, 7U}) {
    const std::vector<Event> paged = read_all(limit);
    ASSERT_EQ(paged.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) { EXPECT_EQ(paged[i].json, all[i].json); }
  }
}

TEST_F(EventReaderTest, PassesWhatIsNotAskedFor) {
  order(1);
  const EventType* const opened = find_event_type("org.firebrand.drop_opened");
  ASSERT_NE(opened, nullptr);
  EXPECT_EQ(names(read_all(1, {opened->number})), (std::vector<std::string>{"drop_opened"}));
  const EventPage page = read({.types = {opened->number}});
  EXPECT_EQ(page.next, node_->projector().stored());
}

TEST_F(EventReaderTest, GoesOnWhereTheLogHasGrown) {
  EventQuery query;
  query.after = read(query).next;
  EXPECT_TRUE(read(query).events.empty());
  EXPECT_EQ(read(query).next, query.after);
  order(1);
  order(2);
  EXPECT_EQ(names(read(query).events), (std::vector<std::string>{"order_placed", "order_placed"}));
  // From the end of a record, wherever that is.
  const log::Position record{query.after.offset, UINT16_MAX};
  EXPECT_EQ(read({.after = record}).events.size(), 2U);
  // Two who go on from the same place.
  EXPECT_EQ(read(query).events.size(), 2U);
  EXPECT_EQ(read(query).events.size(), 2U);
}

TEST(Events, HaveIdsThatAreTheirPlace) {
  EXPECT_EQ(format_event_id({{17}, 2}), "evt_17-2");
  EXPECT_EQ(parse_event_id("evt_17-2"), (log::Position{{17}, 2}));
  for (const char* const text : {"", "evt_", "evt_17", "evt_17-", "evt_-2", "evt_17-2x", "17-2",
                                 "evt_17-65536", "evt_281474976710656-0", "evt_+1-0", "evt_1--1"}) {
    EXPECT_FALSE(parse_event_id(text).has_value()) << text;
  }
}

TEST(Events, HaveATypeForEveryFact) {
  std::set<std::string> seen;
  for (const EventType& type : event_types()) {
    EXPECT_TRUE(seen.insert(type.text()).second) << type.text();
    EXPECT_EQ(find_event_type(type.number), &type);
    EXPECT_EQ(find_event_type(type.text()), &type);
    EXPECT_THAT(type.schema(), HasSubstr("\"properties\""));
  }
  EXPECT_EQ(seen.size(), std::tuple_size_v<Facts>);
  EXPECT_EQ(find_event_type("org.firebrand.nothing"), nullptr);
  EXPECT_EQ(find_event_type(std::uint16_t{1}), nullptr);
}

// The cursor of somebody who was away for longer than facts are kept.
TEST(EventReaderOfTrimmedFacts, SaysThatWhatFollowsIsNotKept) {
  log::FaultyFileSystem files(1);
  ASSERT_TRUE(files.create_directory("data").has_value());
  const std::string facts = facts_directory("data");
  auto writer = log::Writer::open(files, facts, log::testing::small_options());
  ASSERT_TRUE(writer.has_value()) << writer.error().message;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(log::testing::prepare_all(*writer), "");
    ASSERT_TRUE(log::testing::append(*writer, {800}).has_value());
  }
  EXPECT_EQ(log::testing::prepare_all(*writer), "");
  ASSERT_GT(*log::trim(files, facts, {{10}, 0}), 0U);
  EventReader reader(files, "data", "/firebrand/test");
  const auto page = reader.read({.after = {{1}, 0}}, {{20}, 0});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, EventReadErrorCode::trimmed);
}

}  // namespace
}  // namespace firebrand
