#include "views/records/records.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/prng.hpp"
#include "log/reader.hpp"
#include "log/writer.hpp"
#include "runtime/sync_client.hpp"
#include "views/records/schema.hpp"

namespace firebrand {
namespace {

namespace fs = std::filesystem;

const Currency kCny = Currency::of("CNY");

class TestClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(now_ms); }
  std::int64_t monotonic_ms() override { return now_ms; }
  std::int64_t now_ms = 1'800'000'000'000;
};

/// A connection of the test's own.
class Sql {
 public:
  explicit Sql(const std::string& path) {
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  }
  ~Sql() { sqlite3_close(handle_); }
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;

  /// All rows, columns joined by '|'.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> found;
    const auto take = [](void* out, int columns, char** values, char**) {
      std::string row;
      for (int i = 0; i < columns; ++i) {
        if (i != 0) { row += '|'; }
        row += values[i] == nullptr ? "NULL" : values[i];
      }
      static_cast<std::vector<std::string>*>(out)->push_back(row);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), take, &found, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_) << ": " << sql;
    return found;
  }

 private:
  sqlite3* handle_ = nullptr;
};

/// A node over a real directory and the records of its facts.
class RecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    data_ = fs::path(testing::TempDir()) /
            ("firebrand-records-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(data_);
    open_node();
    open_records();
  }
  void TearDown() override {
    close_records();
    close_node();
    fs::remove_all(data_);
  }

  void open_node() {
    close_node();
    auto node = Node::open(files_, data_.string(), clock_, {.segment_bytes = 16U << 20});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    node_ = std::move(*node);
    while (node_->space_keeper().step()) {}
    client_ = std::make_unique<SyncClient>(*node_);
  }
  void close_node() {
    client_.reset();
    node_.reset();
  }
  void open_records() {
    close_records();
    auto projector = RecordsProjector::open(files_, data_.string(), path());
    ASSERT_TRUE(projector.has_value()) << projector.error().message;
    projector_ = std::move(*projector);
    auto reader = RecordsReader::open(path());
    ASSERT_TRUE(reader.has_value()) << reader.error().message;
    reader_ = std::move(*reader);
  }
  void close_records() {
    reader_.reset();
    projector_.reset();
  }
  std::string path() const { return (data_ / "records.db").string(); }

  template <class Result, class C>
  Result ask(const C& command) {
    return client_->ask<Result>(command);
  }
  /// Until the records know all that the node has stored.
  void catch_up() {
    client_->settle();
    for (;;) {
      const auto stepped =
          projector_->step(node_->projector().stored(), node_->projector().complete());
      ASSERT_TRUE(stepped.has_value()) << stepped.error().message;
      if (!*stepped) { break; }
    }
    EXPECT_EQ(projector_->cursor(), node_->projector().stored());
    EXPECT_EQ(projector_->complete(), node_->committer().durable());
  }

  void open_shop(std::int64_t units) {
    (void)ask<AddSkuResult>(
        AddSku{.code = "phone",
               .name = {"手机", "Phone"},
               .prices = {Money{199'900, kCny}, Money{29'900, Currency::of("USD")}}});
    (void)ask<ReceiveStockResult>(ReceiveStock{{1}, units});
    (void)ask<CreateLaunchResult>(CreateLaunch{.code = "first", .name = {"首发", "First"}});
  }
  DropId open_drop(std::string_view code, std::int64_t units) {
    const Timestamp now = from_unix_ms(clock_.now_ms);
    const auto drop = ask<CreateDropResult>(CreateDrop{.launch_id = {1},
                                                       .code = code,
                                                       .sku_id = {1},
                                                       .currency = kCny,
                                                       .opens_at = now,
                                                       .per_person_limit = 50,
                                                       .payment_window_seconds = 60,
                                                       .waves = {WavePlan{now, units}}});
    EXPECT_EQ(drop.status, CreateDropStatus::created);
    return drop.drop_id;
  }
  OrderId order(DropId drop, std::uint64_t person, std::int32_t quantity = 1) {
    return ask<PlaceOrderResult>(PlaceOrder{drop, {person}, quantity}).order_id;
  }
  ConfirmPaymentStatus pay(OrderId id, std::string_view payment_id, std::int32_t quantity = 1) {
    return ask<ConfirmPaymentResult>(
               ConfirmPayment{id, payment_id, Money{199'900 * quantity, kCny}})
        .status;
  }
  /// Four orders, one for each end, and one payment too many; some keys.
  void live_a_little() {
    open_shop(100);
    const DropId drop = open_drop("a", 6);
    for (std::uint64_t person = 1; person <= 4; ++person) { (void)order(drop, person); }
    EXPECT_EQ(pay({1}, "p-1"), ConfirmPaymentStatus::paid);
    EXPECT_EQ(pay({1}, "p-2"), ConfirmPaymentStatus::refund_due);
    (void)ask<CancelOrderResult>(CancelOrder{{2}, {2}});
    (void)ask<PauseDropResult>(PauseDrop{drop});
    (void)ask<ResumeDropResult>(ResumeDrop{drop});
    SecretHash secret;
    secret.data.fill(1);
    (void)ask<AddApiKeyResult>(AddApiKey{"shop", secret});
    (void)ask<AddApiKeyResult>(AddApiKey{"till", secret});
    (void)ask<RevokeApiKeyResult>(RevokeApiKey{{1}});
    clock_.now_ms += 60'000;  // Orders 3 and 4 run out of time.
    (void)order(drop, 5, 5);  // All that is left.
    (void)ask<CancelDropResult>(CancelDrop{drop});
  }

  /// Every row of every table.
  std::vector<std::string> dump() {
    Sql sql(path());
    std::vector<std::string> all;
    for (const std::string& table :
         sql.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
      for (const std::string& row : sql.rows("SELECT * FROM " + table + " ORDER BY 1, 2, 3")) {
        all.push_back(table + ": " + row);
      }
    }
    return all;
  }
  std::vector<log::Position> positions_of_facts() {
    auto reader = log::Reader::open(files_, facts_directory(data_.string()), {});
    EXPECT_TRUE(reader.has_value());
    std::vector<log::Position> positions;
    reader->set_limit(node_->projector().stored());
    for (auto record = reader->next(); record; record = reader->next()) {
      positions.push_back(record->header.position());
    }
    return positions;
  }

  log::PosixFileSystem files_;
  fs::path data_;
  TestClock clock_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<SyncClient> client_;
  std::unique_ptr<RecordsProjector> projector_;
  std::unique_ptr<RecordsReader> reader_;
};

// ---- What is there -----------------------------------------------------------------------------

TEST_F(RecordsTest, OrdersThroughTheirLives) {
  const Timestamp start = from_unix_ms(clock_.now_ms);
  live_a_little();
  catch_up();
  const auto orders = reader_->orders({});
  ASSERT_TRUE(orders.has_value()) << orders.error().message;
  ASSERT_EQ(orders->size(), 5U);
  using enum OrderState;
  const OrderState states[] = {pending_payment, expired, expired, cancelled, paid};
  for (std::size_t i = 0; i < 5; ++i) {
    const OrderRecord& one = (*orders)[i];
    EXPECT_EQ(one.order_id, OrderId{5 - i});
    EXPECT_EQ(one.person_id, PersonId{5 - i});
    EXPECT_EQ(one.drop_id, DropId{1});
    EXPECT_EQ(one.wave, 1);
    EXPECT_EQ(one.state, states[i]) << 5 - i;
    EXPECT_EQ(one.quantity, i == 0 ? 5 : 1);
    EXPECT_EQ(one.total, (Money{199'900 * one.quantity, kCny}));
    const Timestamp created = i == 0 ? start + std::chrono::seconds{60} : start;
    EXPECT_EQ(one.created_at, created);
    EXPECT_EQ(one.expires_at, created + std::chrono::seconds{60});
  }
  EXPECT_EQ((**reader_->order({2})).state, cancelled);
  EXPECT_FALSE(reader_->order({6})->has_value());
  EXPECT_FALSE(reader_->order({0})->has_value());
  const auto owed = reader_->payments(PaymentChoice::owed, 0, 10);
  ASSERT_EQ(owed->size(), 1U);
  EXPECT_EQ(owed->front().payment_id.view(), "p-2");
  EXPECT_EQ(owed->front().outcome, PaymentOutcome::refund_due);
  EXPECT_EQ(owed->front().order_id, OrderId{1});
  EXPECT_EQ(owed->front().owed_back, 199'900);
  EXPECT_EQ(owed->front().created_at, start);
  EXPECT_EQ(reader_->payments(PaymentChoice::all, owed->front().number, 10)->size(),
            owed->front().number - 1);
}

TEST_F(RecordsTest, AnArchivedOrderStaysInTheRecords) {
  open_shop(1);
  const DropId drop = open_drop("a", 1);
  (void)order(drop, 1);
  (void)pay({1}, "p-1");
  clock_.now_ms += Millis(kOrderRetention).count();
  EXPECT_EQ(ask<FindOrderResult>(FindOrder{{1}}).status, FindOrderStatus::order_archived);
  catch_up();
  EXPECT_EQ((**reader_->order({1})).state, OrderState::paid);
}

TEST_F(RecordsTest, SkusLaunchesAndKeys) {
  live_a_little();
  (void)ask<AddSkuResult>(
      AddSku{.code = "watch", .name = {"手表", "Watch"}, .prices = {Money{1, kCny}}});
  (void)ask<ReceiveStockResult>(ReceiveStock{{1}, 11});
  (void)ask<CreateLaunchResult>(CreateLaunch{.code = "second", .name = {"二", "Second"}});
  catch_up();
  const auto skus = reader_->skus({}, 50);
  ASSERT_TRUE(skus.has_value());
  ASSERT_EQ(skus->size(), 2U);
  EXPECT_EQ((*skus)[0].sku_id, SkuId{2});
  EXPECT_EQ((*skus)[0].received, 0);
  EXPECT_EQ((*skus)[1].code, Code("phone"));
  EXPECT_EQ((*skus)[1].name, (LocalizedName{"手机", "Phone"}));
  EXPECT_EQ((*skus)[1].prices,
            (List<Money, kPricesMax>{Money{199'900, kCny}, Money{29'900, Currency::of("USD")}}));
  EXPECT_EQ((*skus)[1].received, 111);
  EXPECT_EQ(reader_->skus({}, 1)->size(), 1U);
  EXPECT_EQ(reader_->skus({2}, 50)->front().sku_id, SkuId{1});
  EXPECT_TRUE(reader_->skus({1}, 50)->empty());

  const auto launches = reader_->launches({}, 50);
  ASSERT_EQ(launches->size(), 2U);
  EXPECT_EQ((*launches)[0].code, Code("second"));
  EXPECT_EQ((*launches)[1].name, (LocalizedName{"首发", "First"}));
  EXPECT_EQ(reader_->launches({2}, 50)->front().launch_id, LaunchId{1});

  const auto keys = reader_->api_keys({}, 200);
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ((*keys)[0].name.view(), "till");
  EXPECT_EQ((*keys)[0].state, ApiKeyState::active);
  EXPECT_EQ((*keys)[1].name.view(), "shop");
  EXPECT_EQ((*keys)[1].state, ApiKeyState::revoked);
  EXPECT_EQ((*keys)[1].created_at, from_unix_ms(1'800'000'000'000));
}

TEST_F(RecordsTest, PublicEventsInTheOrderOfTheFacts) {
  live_a_little();
  const DropId other = open_drop("b", 1);
  (void)order(other, 1);
  EXPECT_TRUE(projector_->take_events().empty());
  catch_up();
  const auto taken = projector_->take_events();
  EXPECT_TRUE(projector_->take_events().empty());
  EXPECT_TRUE(std::ranges::is_sorted(taken, {}, &DropEvent::position));

  std::vector<std::string> names;
  const auto events = reader_->drop_events({1}, {}, 50);
  ASSERT_TRUE(events.has_value()) << events.error().message;
  for (const DropEvent& event : *events) { names.push_back(event.name); }
  EXPECT_EQ(names, (std::vector<std::string>{"drop_opened", "wave_released", "drop_paused",
                                             "drop_resumed", "wave_sold_out", "drop_cancelled"}));
  EXPECT_EQ((*events)[1].data, R"({"drop_id":"drop_1","wave":1,"units":6})");
  EXPECT_EQ(reader_->drop_events(other, {}, 50)->size(), 3U);
  EXPECT_EQ(taken.size(), events->size() + 3);

  // Opened and released stand at one offset: what follows an event begins behind its index.
  EXPECT_EQ((*events)[0].position.offset, (*events)[1].position.offset);
  for (std::size_t i = 0; i < events->size(); ++i) {
    const auto rest = reader_->drop_events({1}, (*events)[i].position, 50);
    ASSERT_EQ(rest->size(), events->size() - i - 1);
    if (!rest->empty()) { EXPECT_EQ(rest->front().position, (*events)[i + 1].position); }
  }
  EXPECT_EQ(reader_->drop_events({1}, {}, 2)->size(), 2U);
  EXPECT_TRUE(reader_->drop_events({3}, {}, 2)->empty());
}

// ---- Lists -------------------------------------------------------------------------------------

// Goal: every filter finds what a walk over all orders finds, page by page.
TEST_F(RecordsTest, PagesOfEveryFilterAddUp) {
  open_shop(100);
  const DropId drops[] = {open_drop("a", 30), open_drop("b", 30)};
  Prng prng(5);
  for (std::uint64_t i = 1; i <= 30; ++i) {
    const OrderId id = order(drops[prng.below(2)], 1 + prng.below(3));
    if (prng.below(3) == 0) { (void)pay(id, "p-" + std::to_string(i)); }
    if (prng.below(4) == 0) { clock_.now_ms += 20'000; }
  }
  catch_up();
  const auto all = reader_->orders({.limit = 200});
  ASSERT_EQ(all->size(), 30U);
  std::set<OrderState> states;
  for (const OrderRecord& one : *all) { states.insert(one.state); }
  ASSERT_EQ(states.size(), 3U) << "the orders must be of several kinds";

  using State = std::optional<OrderState>;
  const State all_states[] = {State(), State(OrderState::paid), State(OrderState::expired),
                              State(OrderState::pending_payment), State(OrderState::cancelled)};
  for (const std::uint64_t person : {0U, 1U, 2U, 9U}) {
    for (const std::uint64_t drop : {0U, 1U, 2U, 9U}) {
      for (const State state : all_states) {
        std::vector<OrderId> want;
        for (const OrderRecord& one : *all) {
          if ((person == 0 || one.person_id.value == person) &&
              (drop == 0 || one.drop_id.value == drop) && (!state || one.state == *state)) {
            want.push_back(one.order_id);
          }
        }
        std::vector<OrderId> got;
        OrderFilter filter{.person_id = {person}, .drop_id = {drop}, .state = state, .limit = 4};
        for (;;) {
          const auto page = reader_->orders(filter);
          ASSERT_TRUE(page.has_value()) << page.error().message;
          ASSERT_LE(page->size(), 4U);
          for (const OrderRecord& one : *page) { got.push_back(one.order_id); }
          if (page->size() < 4) { break; }
          filter.before = got.back();
        }
        EXPECT_EQ(got, want) << "person " << person << ", drop " << drop;
      }
    }
  }
}

/// Every statement that connections opened meanwhile run.
class StatementTrace {
 public:
  StatementTrace() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&opened)); }
  ~StatementTrace() {
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&opened));
    statements().clear();
  }
  StatementTrace(const StatementTrace&) = delete;
  StatementTrace& operator=(const StatementTrace&) = delete;

  static std::vector<std::string> take() { return std::exchange(statements(), {}); }

 private:
  static std::vector<std::string>& statements() {
    static std::vector<std::string> all;
    return all;
  }
  static int opened(sqlite3* database, char**, const void*) {
    const auto run = [](unsigned, void*, void* statement, void*) {
      statements().emplace_back(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
      return 0;
    };
    return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, run, nullptr);
  }
};

// Goal: no list ever walks what it does not show. The statements themselves are asked, as the
// reader runs them, so that a new filter cannot be forgotten here.
TEST_F(RecordsTest, EveryListIsReadFromTheIndexOfItsNarrowestFilter) {
  live_a_little();
  catch_up();
  const StatementTrace trace;
  auto opened = RecordsReader::open(path());
  ASSERT_TRUE(opened.has_value());
  const RecordsReader& reader = **opened;
  const auto plan = [&] {
    Sql sql(path());
    std::string plans;
    std::set<std::string> seen;
    for (const std::string& statement : StatementTrace::take()) {
      if (!seen.insert(statement).second || statement.starts_with("PRAGMA")) { continue; }
      for (const std::string& row : sql.rows("EXPLAIN QUERY PLAN " + statement)) {
        if (!plans.empty()) { plans += "; "; }
        plans += row.substr(row.rfind('|') + 1);
      }
    }
    return plans;
  };
  (void)plan();
  const struct {
    OrderFilter filter;
    std::string_view want;
  } rows[] = {
      {{}, "USING INTEGER PRIMARY KEY (rowid<?)"},
      {{.state = OrderState::paid}, "USING INDEX orders_in_state (state=? AND rowid<?)"},
      {{.drop_id = {1}}, "USING INDEX orders_of_drop (drop_id=? AND rowid<?)"},
      {{.drop_id = {1}, .state = OrderState::paid},
       "USING INDEX orders_of_drop_in_state (drop_id=? AND state=? AND rowid<?)"},
      {{.person_id = {1}}, "USING INDEX orders_of_person (person_id=? AND rowid<?)"},
      {{.person_id = {1}, .state = OrderState::paid},
       "USING INDEX orders_of_person (person_id=? AND rowid<?)"},
      {{.person_id = {1}, .drop_id = {1}},
       "USING INDEX orders_of_person (person_id=? AND rowid<?)"},
      {{.person_id = {1}, .drop_id = {1}, .state = OrderState::paid},
       "USING INDEX orders_of_person (person_id=? AND rowid<?)"},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(reader.orders(row.filter).has_value());
    EXPECT_EQ(plan(), "SEARCH orders " + std::string(row.want));
  }
  (void)reader.order({1});
  EXPECT_EQ(plan(), "SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)");
  (void)reader.skus({}, 10);
  EXPECT_EQ(plan(),
            "SEARCH skus USING INTEGER PRIMARY KEY (rowid<?); "
            "SEARCH prices USING PRIMARY KEY (sku_id=?)");
  (void)reader.launches({}, 10);
  EXPECT_EQ(plan(), "SEARCH launches USING INTEGER PRIMARY KEY (rowid<?)");
  (void)reader.api_keys({}, 200);
  EXPECT_EQ(plan(), "SEARCH api_keys USING INTEGER PRIMARY KEY (rowid<?)");
  (void)reader.drop_events({1}, {}, 10);
  EXPECT_EQ(plan(),
            "SEARCH drop_events USING PRIMARY KEY (drop_id=? AND (fact_offset,fact_index)>(?,?))");
}

// ---- Restart and rebuild -----------------------------------------------------------------------

TEST_F(RecordsTest, GoesOnWhereItStoppedAtEveryFact) {
  live_a_little();
  catch_up();
  const std::vector<std::string> want = dump();
  const std::vector<log::Position> positions = positions_of_facts();
  ASSERT_GT(positions.size(), 20U);
  for (const log::Position position : positions) {
    close_records();
    fs::remove(path());
    open_records();
    // Stopped behind this fact, and started again.
    ASSERT_TRUE(projector_->step(position).has_value());
    EXPECT_EQ(projector_->cursor(), position);
    open_records();
    EXPECT_EQ(projector_->cursor(), position);
    EXPECT_FALSE(*projector_->step(position)) << "nothing is taken twice";
    // More facts of the same record may follow.
    EXPECT_EQ(projector_->complete().value, position.offset.value - 1);
    catch_up();
    EXPECT_EQ(dump(), want) << "stopped at " << log::to_string(position);
  }
}

TEST_F(RecordsTest, ARestartOfAllInTheMiddleLosesNothing) {
  open_shop(10);
  const DropId drop = open_drop("a", 10);
  (void)order(drop, 1);
  catch_up();
  (void)order(drop, 2);
  client_->settle();
  close_records();
  open_node();
  open_records();
  (void)order(drop, 3);
  catch_up();
  EXPECT_EQ(reader_->orders({})->size(), 3U);
  EXPECT_EQ(reader_->skus({}, 9)->front().received, 10);
}

TEST_F(RecordsTest, ADeletedDatabaseIsBuiltAgain) {
  live_a_little();
  catch_up();
  const std::vector<std::string> want = dump();
  close_records();
  fs::remove(path());
  open_records();
  EXPECT_EQ(projector_->cursor(), log::Position{});
  EXPECT_TRUE(reader_->orders({})->empty());
  catch_up();
  EXPECT_EQ(dump(), want);
}

TEST_F(RecordsTest, AnotherSchemaIsBuiltAgain) {
  live_a_little();
  catch_up();
  const std::vector<std::string> want = dump();
  for (const int schema : {kRecordsSchema - 1, kRecordsSchema + 1}) {
    close_records();
    Sql(path()).rows("DROP TABLE orders; PRAGMA user_version = " + std::to_string(schema));
    open_records();
    EXPECT_EQ(projector_->cursor(), log::Position{});
    catch_up();
    EXPECT_EQ(dump(), want);
  }
}

TEST_F(RecordsTest, ADamagedDatabaseIsBuiltAgain) {
  live_a_little();
  catch_up();
  const std::vector<std::string> want = dump();
  const auto overwrite = [&](std::streamoff at, std::size_t bytes) {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(bytes, 'x');
  };
  const auto expect_rebuilt = [&](std::string_view what) {
    open_records();
    EXPECT_EQ(projector_->cursor(), log::Position{}) << what;
    catch_up();
    EXPECT_EQ(dump(), want) << what;
    close_records();
  };
  close_records();
  overwrite(0, 100);
  expect_rebuilt("no database at all");
  overwrite(100, 3'000);
  expect_rebuilt("its tables cannot be read");
  fs::resize_file(path(), 4'096);
  expect_rebuilt("cut off");
  fs::resize_file(path(), 0);
  expect_rebuilt("empty");
}

TEST_F(RecordsTest, TablesThatAreGoneAreAnErrorOfTheListAndBuiltAgainUnderTheReader) {
  live_a_little();
  catch_up();
  ASSERT_EQ(reader_->orders({})->size(), 5U);
  Sql(path()).rows("DROP TABLE orders; DROP TABLE cursor");
  EXPECT_FALSE(reader_->orders({}).has_value());
  auto again = RecordsProjector::open(files_, data_.string(), path());
  ASSERT_TRUE(again.has_value()) << again.error().message;
  projector_ = std::move(*again);
  EXPECT_TRUE(reader_->orders({})->empty());
  catch_up();
  EXPECT_EQ(reader_->orders({})->size(), 5U);
}

// facts/ was restored from an older backup: what the records know may never have happened. Those
// who read must see it, on whatever connection.
TEST_F(RecordsTest, RecordsAheadOfTheFactsAreBuiltAgainUnderTheReader) {
  open_shop(10);
  const DropId drop = open_drop("a", 10);
  (void)order(drop, 1);
  client_->settle();
  close_node();
  const fs::path backup = data_.string() + "-backup";
  fs::remove_all(backup);
  fs::create_directory(backup);
  for (const char* directory : {"log", "facts"}) {
    fs::copy(data_ / directory, backup / directory, fs::copy_options::recursive);
  }
  open_node();
  (void)order(drop, 2);
  (void)order(drop, 3);
  catch_up();
  close_records();
  close_node();
  for (const char* directory : {"log", "facts"}) {
    fs::remove_all(data_ / directory);
    fs::rename(backup / directory, data_ / directory);
  }
  fs::remove_all(backup);
  open_node();
  open_records();
  EXPECT_EQ(reader_->orders({})->size(), 3U);
  catch_up();
  ASSERT_EQ(reader_->orders({})->size(), 1U);
  (void)order(drop, 7);
  catch_up();
  EXPECT_EQ(reader_->orders({})->front().person_id, PersonId{7});
}

TEST_F(RecordsTest, AFactOfANewerProgramIsRefusedByNameAndForGood) {
  open_shop(10);
  catch_up();
  (void)ask<CreateLaunchResult>(CreateLaunch{.code = "second", .name = {"二", "Second"}});
  client_->settle();
  close_records();
  close_node();
  auto writer =
      log::Writer::open(files_, facts_directory(data_.string()),
                        {.numbering = log::Numbering::sparse, .segment_bytes = 16U << 20});
  ASSERT_TRUE(writer.has_value()) << writer.error().message;
  const log::Position newer{{writer->last().offset.value + 1}, 0};
  std::array<std::byte, log::record_size(0)> record;
  (void)log::encode_record({.type = 0x7777,
                            .version = 1,
                            .offset = newer.offset,
                            .timestamp = from_unix_ms(clock_.now_ms),
                            .term = writer->term()},
                           {}, record.data());
  while (*writer->prepare()) {}
  const std::array<std::span<const std::byte>, 1> pieces = {record};
  ASSERT_TRUE(writer->append_batch(pieces, {1, newer, newer, writer->term()}).has_value());

  open_records();
  const log::Position before = projector_->cursor();
  for (int i = 0; i < 2; ++i) {
    const auto stepped = projector_->step(newer);
    ASSERT_FALSE(stepped.has_value());
    EXPECT_EQ(stepped.error().message,
              "records: fact " + log::to_string(newer) + " is of a newer program");
  }
  EXPECT_EQ(projector_->cursor(), before);
  EXPECT_EQ(reader_->launches({}, 9)->size(), 1U) << "all facts of a step or none";
  Sql(path()).rows("BEGIN IMMEDIATE; ROLLBACK");  // A projector that stopped locks nobody out.
}

TEST_F(RecordsTest, ListReservationsAndWhatTheyCameTo) {
  open_shop(10);
  const DropId drop = open_drop("a", 5);
  const Timestamp now = from_unix_ms(clock_.now_ms);
  ASSERT_EQ(ask<OpenReservationsResult>(OpenReservations{.drop_id = drop,
                                                         .opens_at = now,
                                                         .closes_at = now + Millis{60'000},
                                                         .cap = 5,
                                                         .deposit_kind = DepositKind::binding,
                                                         .deposit_minor = 100,
                                                         .balance_due_at = now + Millis{60'000}})
                .status,
            OpenReservationsStatus::opened);
  for (const std::uint64_t person : {1U, 2U, 3U}) {
    const auto made = ask<ReserveResult>(Reserve{drop, {person}});
    const std::string id = "d-" + std::to_string(person);
    (void)ask<ConfirmDepositResult>(
        ConfirmDeposit{made.reservation_id, std::string_view(id), made.deposit});
  }
  (void)ask<WithdrawReservationResult>(WithdrawReservation{drop, {2}});
  const OrderId bought = order(drop, 3);
  ASSERT_EQ(ask<ConfirmPaymentResult>(ConfirmPayment{bought, "p", Money{199'800, kCny}}).status,
            ConfirmPaymentStatus::paid);
  catch_up();
  const auto all = reader_->reservations(drop, {}, 10);
  ASSERT_TRUE(all.has_value()) << all.error().message;
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].state, ReservationState::used);
  EXPECT_EQ((*all)[1].state, ReservationState::withdrawn);
  EXPECT_EQ((*all)[1].kept, (Money{100, kCny}));
  EXPECT_EQ((*all)[1].owed, (Money{0, kCny}));
  EXPECT_EQ((*all)[2].state, ReservationState::reserved);
  EXPECT_EQ((*all)[2].person_id, PersonId{1});
  // Once more under the same number.
  (void)ask<ReserveResult>(Reserve{drop, {2}});
  catch_up();
  const auto page = reader_->reservations(drop, {3}, 1);
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ((*page)[0].state, ReservationState::pending_deposit);
  EXPECT_EQ((*page)[0].kept, (Money{0, kCny}));
  EXPECT_TRUE(reader_->reservations({9}, {}, 10)->empty());
}

TEST_F(RecordsTest, ListBatchesOfCodesByDrop) {
  open_shop(10);
  const DropId drop = open_drop("a", 5);
  const DropId other = open_drop("b", 5);
  const Timestamp now = from_unix_ms(clock_.now_ms);
  const auto make = [&](DropId id, std::int64_t count, CodeKind kind) {
    return ask<CreateCodeBatchResult>(CreateCodeBatch{id, count, kind, now, now + Millis{60'000}})
        .code_batch_id;
  };
  const CodeBatchId first = make(drop, 7, CodeKind::transferable);
  (void)make(other, 8, CodeKind::transferable);
  const CodeBatchId last = make(drop, 9, CodeKind::bound);
  catch_up();
  const auto all = reader_->code_batches(drop, {}, 10);
  ASSERT_TRUE(all.has_value()) << all.error().message;
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].code_batch_id, last);
  EXPECT_EQ((*all)[0].count, 9);
  EXPECT_EQ((*all)[0].kind, CodeKind::bound);
  EXPECT_EQ((*all)[0].valid_from, now);
  EXPECT_EQ((*all)[0].valid_until, now + Millis{60'000});
  EXPECT_EQ((*all)[1].code_batch_id, first);
  const auto page = reader_->code_batches(drop, last, 1);
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ((*page)[0].code_batch_id, first);
  EXPECT_TRUE(reader_->code_batches({9}, {}, 10)->empty());
}

}  // namespace
}  // namespace firebrand
