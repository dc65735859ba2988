// What a start must cope with: lists that are gone, half a snapshot, rivals for the directory, and
// watchers who were cut off by a SIGKILL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>

#include "data_checks.hpp"
#include "errands.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

/// A server that comes back under the same address, with a shop that goes on.
class Recovery : public ::testing::Test {
 protected:
  void SetUp() override {
    start();
    shop_ = std::make_unique<Shop>(server().endpoint());
    shop_->set_up(server().setup_token());
  }

  void start() {
    server_ = std::make_unique<ServerProcess>(options_);
    server_->wait_until_ready();
    if (shop_ != nullptr) { shop_->hang_up(); }
  }
  void kill_and_start() {
    server_->kill();
    start();
  }
  /// It must stop cleanly, and leave a directory in which everything holds.
  void stop_and_check() {
    EXPECT_EQ(server().stop(), 0) << server().process().output();
    (void)check_directory(data());
  }

  [[nodiscard]] ServerProcess& server() { return *server_; }
  [[nodiscard]] Shop& shop() { return *shop_; }
  [[nodiscard]] ServerOptions& options() { return options_; }
  [[nodiscard]] const std::string& data() const { return options_.data; }

  /// Snapshots and unfinished ones, by what their names end with.
  [[nodiscard]] std::vector<std::string> snapshot_files(std::string_view ending) const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(data() + "/snapshots", none)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(ending)) { names.push_back(name); }
    }
    return names;
  }

 private:
  TemporaryDirectory work_;
  ServerOptions options_{.data = work_.path("data"), .port = lasting_port(), .flags = {}};
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Shop> shop_;
};

// ---- Lists -------------------------------------------------------------------------------------

class RecoveryOfLists : public Recovery {
 protected:
  void SetUp() override {
    Recovery::SetUp();
    drop_ = shop().plan({.waves = {{10}, {5, true}}, .limit = 5});
    fan_ = shop().fan("keeps-a-list");
    for (int i = 0; i < 3; ++i) {
      const Answer order = shop().order(drop_, fan_, Shop::unique("listed"));
      if (order.status != 201) { throw std::runtime_error("order: " + order.body); }
      if (i == 0) {
        (void)shop().send(payment(order.json()["order_id"].text(), Shop::unique("pay-listed")));
      }
    }
    (void)shop().staff(post(drop_.path("/waves/2/release")));
    lists_ = lists();
  }

  /// What stands in a list, without how far the log was.
  [[nodiscard]] std::string entries(Request request) {
    const std::string body = shop().send(request).body;
    return body.substr(0, body.find(R"(,"log_position":)"));
  }
  [[nodiscard]] std::string order_list() { return entries(get("/v1/orders").bearer(fan_.token)); }
  [[nodiscard]] std::vector<std::string> lists() {
    shop().sign_in();
    std::vector<std::string> bodies = {order_list()};
    for (const char* const path : {"/v1/orders", "/v1/skus", "/v1/launches", "/v1/api-keys"}) {
      bodies.push_back(entries(get(path).cookie(shop().session())));
    }
    SseReader stream(server().endpoint());
    EXPECT_EQ(stream.open(drop_.path("/events"), {{{"Last-Event-ID", "0-0"}}}).value(), 200);
    std::string events;
    for (auto event = stream.next(Millis{5'000}); event && event->event != "status";
         event = stream.next(Millis{5'000})) {
      events += event->id + " " + event->event + " " + event->data + "\n";
    }
    bodies.push_back(events);
    return bodies;
  }
  void expect_the_same_lists() {
    EXPECT_TRUE(eventually([&] { return lists() == lists_; }, Millis{20'000}));
    EXPECT_EQ(lists(), lists_);
    EXPECT_THAT(lists_.back(), HasSubstr("wave_released"));
    stop_and_check();
  }

 private:
  Drop drop_;
  Fan fan_;
  std::vector<std::string> lists_;
};

TEST_F(RecoveryOfLists, WhoseDatabaseWasDeleted) {
  server().kill();
  for (const char* const ending : {"", "-wal", "-shm"}) {
    std::filesystem::remove(data() + "/records.db" + ending);
  }
  start();
  expect_the_same_lists();
}

TEST_F(RecoveryOfLists, WhoseDatabaseIsNoDatabase) {
  server().kill();
  std::ofstream(data() + "/records.db", std::ios::trunc) << std::string(20'000, '?');
  start();
  expect_the_same_lists();
}

TEST_F(RecoveryOfLists, WhoseDatabaseIsEmpty) {
  ASSERT_EQ(server().stop(), 0);
  std::filesystem::resize_file(data() + "/records.db", 0);
  start();
  expect_the_same_lists();
}

// ---- Snapshots ---------------------------------------------------------------------------------

class RecoveryOfSnapshots : public Recovery {
 protected:
  void SetUp() override {
    options().flags = {"--snapshots.records", "60", "--snapshots.kept", "2"};
    Recovery::SetUp();
    drop_ = shop().plan({.waves = {{100'000}}});
  }

  void TearDown() override {
    if (stopped_ != 0) { ::kill(stopped_, SIGKILL); }
  }

  /// Sells until a process writes a snapshot, and stops that process where it is.
  [[nodiscard]] pid_t writer_stopped_in_the_middle() {
    for (int attempt = 0; attempt < 40; ++attempt) {
      Rush(server().endpoint(), shop().key().secret, new_errands()).join();
      const auto writer = server().process().wait_for_child("snapshot", Millis{1'000});
      if (!writer) { continue; }
      ::kill(*writer, SIGSTOP);
      // It may just have ended.
      if (server().process().child("snapshot") == writer) { return stopped_ = *writer; }
    }
    throw std::runtime_error("no snapshot is written: " + server().process().output());
  }
  [[nodiscard]] bool sell_until_one_is_written() {
    const std::vector<std::string> before = snapshot_files(".snapshot");
    return eventually([&] {
      Rush(server().endpoint(), shop().key().secret, new_errands()).join();
      return snapshot_files(".snapshot") != before;
    });
  }
  /// Every order that was promised is there, and its key is known.
  void check_orders() {
    for (Errand& errand : errands_) {
      ASSERT_TRUE(run(shop(), errand, shop().key().secret));
      ASSERT_EQ(shop().read_order(errand.fan, errand.order_id).body, errand.order_now());
      ASSERT_EQ(shop().send(errand.purchase()).body, errand.order);
    }
  }

 private:
  std::vector<Errand*> new_errands() {
    std::vector<Errand*> errands;
    for (int i = 0; i < 50; ++i) {
      Errand errand;
      errand.drop = drop_;
      errand.name = Shop::unique("collector");
      errand.key = Shop::unique("key");
      errands.push_back(&errands_.emplace_back(std::move(errand)));
    }
    return errands;
  }

  Drop drop_;
  std::deque<Errand> errands_;
  pid_t stopped_ = 0;
};

TEST_F(RecoveryOfSnapshots, KilledWithTheServerInTheMiddle) {
  for (int round = 0; round < 3; ++round) {
    const pid_t writer = writer_stopped_in_the_middle();
    ::kill(writer, SIGKILL);
    server().kill();
    (void)check_directory(data());
    start();
    check_orders();
    ASSERT_TRUE(sell_until_one_is_written());
  }
  EXPECT_LE(snapshot_files(".snapshot").size(), 3U);
  stop_and_check();
}

TEST_F(RecoveryOfSnapshots, WhoseWriterAloneIsKilled) {
  ::kill(writer_stopped_in_the_middle(), SIGKILL);
  // Sales go on, it is said, and the next attempt succeeds.
  EXPECT_TRUE(eventually([&] {
    return server().process().output().find("the snapshot at offset") != std::string::npos;
  }));
  EXPECT_THAT(shop().send(get("/metrics")).body, HasSubstr("firebrand_snapshots_failed_total 1\n"));
  ASSERT_TRUE(sell_until_one_is_written());
  check_orders();
  stop_and_check();
}

TEST_F(RecoveryOfSnapshots, WhoseWriterOutlivesItsServer) {
  const pid_t writer = writer_stopped_in_the_middle();
  kill_and_start();
  check_orders();
  ASSERT_TRUE(sell_until_one_is_written());
  ::kill(writer, SIGCONT);
  ASSERT_TRUE(eventually([&] { return ::kill(writer, 0) != 0; }));
  check_orders();
  kill_and_start();
  EXPECT_THAT(server().process().output(), Not(HasSubstr("is passed over")));
  check_orders();
  stop_and_check();
}

TEST_F(RecoveryOfSnapshots, ThatAreDamagedAreDoneWithout) {
  ASSERT_TRUE(sell_until_one_is_written());
  server().kill();
  for (const std::string& name : snapshot_files(".snapshot")) {
    const std::string path = data() + "/snapshots/" + name;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
    file << '\xA5' << '\x5A';
  }
  start();
  EXPECT_THAT(server().process().output(), HasSubstr("is passed over"));
  EXPECT_THAT(server().process().output(), HasSubstr("snapshot at offset 0,"));
  check_orders();
  stop_and_check();
}

// ---- The key -----------------------------------------------------------------------------------

TEST_F(Recovery, WithoutTheKeyOfTheInstallationIsRefused) {
  const std::string key = data() + "/installation.key";
  ASSERT_EQ(server().stop(), 0);
  std::filesystem::rename(key, key + ".away");
  const Finished refused = run_program({"serve", "--data", data(), "--port", "0"});
  EXPECT_EQ(refused.status, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr(key + " is missing, but the log holds records"));
  EXPECT_FALSE(std::filesystem::exists(key)) << "none was made instead";
  std::filesystem::rename(key + ".away", key);
  start();
  stop_and_check();
}

TEST(Key, IsThereBeforeTheFirstRecordOfCall) {
  TemporaryDirectory work;
  const std::string data = work.path("data");
  std::filesystem::create_directory(data);
  const Finished call =
      run_program({"call", "--data", data, R"(create_launch code="a" name={zh="新" en="new"})"});
  EXPECT_TRUE(std::filesystem::exists(data + "/installation.key")) << call.output;
  ServerProcess server({.data = data, .flags = {}});
  server.wait_until_ready();
  EXPECT_EQ(server.stop(), 0);
}

// ---- The log -----------------------------------------------------------------------------------

TEST_F(Recovery, OfATornTailSaysWhatWasCut) {
  EXPECT_THAT(server().process().output(), Not(HasSubstr("torn tail")));
  const Drop drop = shop().plan({.waves = {{10}}});
  const Fan fan = shop().fan("before-the-cut");
  const Answer order = shop().order(drop, fan, "before");
  ASSERT_EQ(order.status, 201);
  server().kill();
  // As a crash in the middle of a write leaves it: some bytes behind the last batch.
  // Its segment has its final name by now, or not yet.
  std::string path = data() + "/log/00000000000000000001.seg";
  if (!std::filesystem::exists(path)) { path = data() + "/log/next-1.seg"; }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes(std::filesystem::file_size(path), '\0');
  ASSERT_TRUE(file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())));
  const std::size_t end = bytes.find_last_not_of('\0') + 1;
  file.seekp(static_cast<std::streamoff>((end / 4096 + 1) * 4096));
  file << "half a batch";
  file.close();
  start();
  // From the end of the last batch on, zeros before what was written included.
  EXPECT_THAT(server().process().output(),
              ContainsRegex("torn tail  [0-9]+ bytes of a batch that was never acknowledged, cut "
                            "from .*/log/.*seg"));
  EXPECT_EQ(shop().read_order(fan, order.json()["order_id"].text()).body, order.body);
  kill_and_start();
  EXPECT_THAT(server().process().output(), Not(HasSubstr("torn tail"))) << "it is said once";
  stop_and_check();
}

// ---- Rivals ------------------------------------------------------------------------------------

TEST(Rivals, OneOfThemGetsTheDirectory) {
  TemporaryDirectory work;
  const ServerOptions options = {.data = work.path("data"), .flags = {}};
  for (int round = 0; round < 6; ++round) {
    // In the first round there is no directory yet; in every one the winner is killed.
    std::vector<std::unique_ptr<ServerProcess>> rivals;
    for (int i = 0; i < 4; ++i) { rivals.push_back(std::make_unique<ServerProcess>(options)); }
    std::size_t losers = 0;
    ServerProcess* winner = nullptr;
    for (const auto& rival : rivals) {
      if (rival->process().wait_for_output("/docs\n", Millis{30'000})) {
        EXPECT_EQ(winner, nullptr) << "two serve one directory";
        winner = rival.get();
        continue;
      }
      ++losers;
      EXPECT_EQ(rival->process().wait(Millis{10'000}), 1);
      EXPECT_THAT(rival->process().output(), HasSubstr("another process"));
    }
    EXPECT_EQ(losers, rivals.size() - 1);
    ASSERT_NE(winner, nullptr);
    winner->wait_until_ready();
    winner->kill();
  }
  ServerProcess last(options);
  last.wait_until_ready();
  EXPECT_EQ(last.stop(), 0);
}

// ---- Watchers ----------------------------------------------------------------------------------

TEST_F(Recovery, OfAStreamMissesNothingAndRepeatsNothing) {
  const Drop drop = shop().plan({.waves = {{10}}});
  std::string last_id = "0-0";
  std::vector<std::string> seen;      // drop_paused, drop_resumed, ... over all lives.
  std::vector<std::string> answered;  // The same, as staff were told.
  for (int life = 0; life < 5; ++life) {
    shop().sign_in();
    SseReader stream(server().endpoint());
    ASSERT_EQ(stream.open(drop.path("/events"), {{{"Last-Event-ID", last_id}}}).value(), 200);
    // The SIGKILL falls between any two steps of the last command.
    std::thread staff([&, endpoint = server().endpoint()] {
      Caller caller(endpoint);
      for (;;) {
        const bool pause = answered.empty() || answered.back() == "drop_resumed";
        const auto answer =
            caller.try_send(post(drop.path(pause ? "/pause" : "/resume")).cookie(shop().session()));
        if (!answer) { return; }
        // What had no answer before the last death may have been done all the same.
        EXPECT_THAT(answer->status, AnyOf(200, 409)) << answer->body;
        if (answer->status != 200 && answer->status != 409) { return; }
        answered.emplace_back(pause ? "drop_paused" : "drop_resumed");
      }
    });
    const std::size_t enough = seen.size() + 20;
    for (bool alive = true;;) {
      const auto event = stream.next(Millis{5'000});
      if (!event && !alive) { break; }
      if (!event) {
        // Many events at once are too much for one stream: it is cut off, and comes back.
        const auto again = stream.open(drop.path("/events"), {{{"Last-Event-ID", last_id}}});
        EXPECT_TRUE(again && *again == 200) << server().process().output();
        if (HasFailure()) { break; }
        continue;
      }
      if (event->event == "status") { continue; }
      EXPECT_NE(event->id, last_id);
      last_id = event->id;
      if (event->event == "drop_paused" || event->event == "drop_resumed") {
        seen.push_back(event->event);
      }
      if (alive && seen.size() >= enough) {
        server().process().signal(SIGKILL);
        alive = false;
      }
    }
    server().kill();
    staff.join();
    start();
  }
  SseReader stream(server().endpoint());
  ASSERT_EQ(stream.open(drop.path("/events"), {{{"Last-Event-ID", last_id}}}).value(), 200);
  // The newest may be stored only now: they come after the status, or when the stream, cut off for
  // them, is opened again. Then no more may come.
  for (;;) {
    const auto event = stream.next(Millis{seen.size() < answered.size() ? 5'000 : 300});
    if (event) {
      if (event->event == "status") { continue; }
      last_id = event->id;
      seen.push_back(event->event);
    } else if (event.error() == HttpClientError::connection_closed) {
      ASSERT_EQ(stream.open(drop.path("/events"), {{{"Last-Event-ID", last_id}}}).value(), 200);
    } else {
      break;
    }
  }
  // Pause and resume take turns, so one that was missed or came twice would show; and what was
  // answered has happened. One more may have happened at the end.
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_EQ(seen[i], i % 2 == 0 ? "drop_paused" : "drop_resumed") << i;
  }
  EXPECT_GE(seen.size(), answered.size());
  EXPECT_LE(seen.size(), answered.size() + 1);
  stop_and_check();
}

TEST_F(Recovery, OfAStreamThatIsOpenedAgainAllTheTime) {
  constexpr std::size_t kEvents = 400;
  const Drop drop = shop().plan({.waves = {{10}}});
  std::thread staff([&, endpoint = server().endpoint(), session = shop().session()] {
    Caller caller(endpoint);
    for (std::size_t i = 0; i < kEvents; ++i) {
      const Request request = post(drop.path(i % 2 == 0 ? "/pause" : "/resume")).cookie(session);
      EXPECT_EQ(caller.send(request).status, 200);
    }
  });
  std::string last_id = "0-0";
  std::vector<std::string> seen;
  bool is_there = true;
  while (seen.size() < kEvents && is_there) {
    SseReader stream(server().endpoint());
    const auto status = stream.open(drop.path("/events"), {{{"Last-Event-ID", last_id}}});
    EXPECT_TRUE(status && *status == 200);
    // Behind the status comes what happens now; after the first of that, once more from there.
    for (bool missed = true, again = false; !again && seen.size() < kEvents;) {
      const auto event = stream.next(Millis{5'000});
      // Cut off, because many events at once were too much: comes back too.
      is_there = event.has_value() || event.error() == HttpClientError::connection_closed;
      if (!event) { break; }
      if (event->event == "status") {
        missed = false;
        continue;
      }
      last_id = event->id;
      if (event->event != "drop_paused" && event->event != "drop_resumed") { continue; }
      seen.push_back(event->event);
      again = !missed;
    }
  }
  staff.join();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_EQ(seen[i], i % 2 == 0 ? "drop_paused" : "drop_resumed") << i;
  }
  EXPECT_EQ(seen.size(), kEvents);
  stop_and_check();
}

}  // namespace
}  // namespace firebrand::e2e
