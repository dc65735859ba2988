// The program's own crowd in a whole launch, with SIGKILLs in between: reservations, codes and a
// group, households with a limit, a waiting room, a draw; and in a small one with a waitlist.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "data_checks.hpp"
#include "program.hpp"
#include "shop.hpp"

namespace firebrand::e2e {
namespace {

constexpr char kLaunch[] = R"(
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 10_000
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+8s"
per_person_limit = 1
per_household_limit = 1
per_address_limit = 2
payment_window = "15m"
[drop.reservations]
opens = "+0s"
closes = "+1h"
balance_due = "+2h"
cap = 1_000
deposit = "CNY 100.00"
deposit_kind = "refundable"
deposit_window = "15s"
balance_window = "15m"
[[drop.codes]]
count = 40
from = "+0s"
until = "+1h"
[[drop.wave]]
opens = "+8s"
units = 60
audience = "reservation_holders"
[[drop.wave]]
opens = "+8s"
units = 30
audience = "code_holders"
[[drop.wave]]
opens = "+8s"
units = 30
group = "club"
[[drop.wave]]
opens = "+9s"
units = 80
decision = "waiting_room"
[drop.wave.waiting_room]
joins = "+0s"
ends = "+1h"
places_per_minute = 3_000
inside_max = 60
lease = "30s"
heartbeat = "40s"
latency_ms_max = 60_000
[[drop.wave]]
opens = "+10s"
units = 20
decision = "draw"
[drop.wave.draw]
closes = "+10s"
reveal_due = "+25s"
beacon_at = "+26s"
beacon_source = "demo"
)";

class LaunchWithKills : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(launch_) << kLaunch;
    start();
    Shop shop(server_->endpoint());
    shop.set_up(server_->setup_token());
    api_key_ = shop.key().secret;
    const Finished codes = run_program(
        {"codes", "export", "--data", options_.data, "--batch", "batch_1", "--count", "40"});
    ASSERT_EQ(codes.status, 0) << codes.output;
    std::ofstream(codes_) << codes.output;
  }

  void start() {
    server_ = std::make_unique<ServerProcess>(options_);
    server_->wait_until_ready();
  }

  /// Kills the server as soon as `holds` says so of the drop's status.
  template <class Condition>
  void kill_when(Condition holds, const Process& crowd) {
    // Each start plans one more drop; the crowd keeps to the first one.
    Caller caller(server_->endpoint());
    ASSERT_TRUE(eventually([&] { return holds(caller.send(get("/v1/drops/drop_1")).json()); },
                           Millis{60'000}))
        << crowd.output();
    server_->kill();
    (void)check_directory(options_.data);
    start();
  }

  [[nodiscard]] static std::int64_t taken(const Json& status) {
    return status["units"]["held"].number() + status["units"]["sold"].number();
  }

  [[nodiscard]] Json report() const {
    std::stringstream text;
    text << std::ifstream(report_).rdbuf();
    return Json::parse(text.str());
  }

  /// Orders of the second wave, which asks for a code, that the crowd was told are paid.
  [[nodiscard]] std::size_t paid_with_code() const {
    std::set<std::string> ordered;
    std::set<std::string> paid;
    std::ifstream journal(journal_);
    for (std::string line; std::getline(journal, line);) {
      const Json entry = Json::parse(line);
      if (!entry.has("order_id")) { continue; }
      const std::string kind = entry["kind"].text();
      const std::string order = entry["order_id"].text();
      if (kind == "ordered" && entry["wave"].number() == 2) { ordered.insert(order); }
      if (kind == "paid" && ordered.contains(order)) { paid.insert(order); }
    }
    return paid.size();
  }

  TemporaryDirectory work_;
  std::string api_key_;
  std::string journal_ = work_.path("journal");
  std::string launch_ = work_.path("launch.toml");
  std::string codes_ = work_.path("codes.csv");
  std::string report_ = work_.path("report.json");
  ServerOptions options_ = {
      .data = work_.path("data"),
      .port = lasting_port(),
      .flags = {"--demo", launch_, "--snapshots.records", "500", "--snapshots.kept", "2"}};
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(LaunchWithKills, KeepsEveryClaimOfTheCrowd) {
  Process crowd({"crowd",
                 "--server",
                 server_->url(),
                 "--drop",
                 "drop_1",
                 "--fans",
                 "400",
                 "--duration",
                 "3",
                 "--connections",
                 "32",
                 "--seed",
                 "5",
                 "--codes",
                 codes_,
                 "--api-key",
                 api_key_,
                 "--payment-secret",
                 std::string(kPaymentSecret),
                 "--queue-patience",
                 "20",
                 "--mix",
                 "cheats=10,has_code=30,mistypes_code=20,shares_code=20,withdraws=10,"
                 "leaves_draw=10",
                 "--report",
                 report_,
                 "--journal",
                 journal_});
  kill_when([](const Json& status) { return status["reservations"]["taken"].number() >= 20; },
            crowd);
  kill_when([](const Json& status) { return taken(status) >= 20; }, crowd);
  kill_when([](const Json& status) { return taken(status) >= 110; }, crowd);

  ASSERT_EQ(crowd.wait(Millis{150'000}), 0) << crowd.output();
  const Json report = this->report();
  EXPECT_TRUE(report["passed"].boolean()) << report.dump();
  EXPECT_EQ(report["outages"].number(), 3) << report.dump();
  EXPECT_EQ(report["fans_finished"].number(), 400);
  for (const char* const figure :
       {"reserved", "deposits_paid", "reservations_withdrawn", "sold_with_code", "sold_to_group",
        "places", "admitted", "entered", "entries_left", "receipts", "won", "paid"}) {
    EXPECT_GT(report[figure].number(), 0) << figure << " in " << report.dump();
  }
  EXPECT_TRUE(report["refused"].has("code_not_usable")) << report.dump();
  EXPECT_TRUE(report["refused"].has("household_limit")) << report.dump();
  const bool some_were_barred =
      report["refused"].has("reservation_required") || report["refused"].has("code_required") ||
      report["refused"].has("not_in_waiting_room") || report["refused"].has("wave_is_drawn");
  EXPECT_TRUE(some_were_barred) << report.dump();
  EXPECT_EQ(report["check"]["reservations_checked"].number(), report["reserved"].number());
  EXPECT_EQ(report["check"]["places_checked"].number(), report["places"].number());
  EXPECT_EQ(report["check"]["entries_checked"].number(), report["entered"].number());
  EXPECT_EQ(report["units_of_drop"]["total"].number(), 220);

  EXPECT_EQ(server_->stop(), 0) << server_->process().output();
  const Audited audited = check_directory(options_.data);
  EXPECT_EQ(audited.sold, report["units_of_drop"]["sold"].number());
  EXPECT_EQ(audited.held, report["units_of_drop"]["held"].number());
  // What the batch counts is what its buyers were told.
  const Finished batch =
      run_program({"call", "--data", options_.data, "find_code_batch code_batch_id=1"});
  EXPECT_NE(batch.output.find(" sold=" + std::to_string(paid_with_code()) + "}"), std::string::npos)
      << paid_with_code() << " paid with a code; " << batch.output;
}

constexpr char kSmallLaunch[] = R"(
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 10_000
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+4s"
per_person_limit = 1
payment_window = "5s"
[drop.waitlist]
ends = "+1h"
places_max = 1_000
[[drop.wave]]
opens = "+4s"
units = 40
)";

/// More fans than units, many of whom do not pay: what comes back goes to those who wait, in their
/// order, also when the server dies.
TEST(WaitlistWithAKill, ServesTheCrowdInItsOrder) {
  TemporaryDirectory work;
  const std::string launch = work.path("launch.toml");
  const std::string report_file = work.path("report.json");
  std::ofstream(launch) << kSmallLaunch;
  const ServerOptions options{
      .data = work.path("data"), .port = lasting_port(), .flags = {"--demo", launch}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Process crowd({"crowd",
                 "--server",
                 server->url(),
                 "--drop",
                 "drop_1",
                 "--fans",
                 "150",
                 "--duration",
                 "2",
                 "--connections",
                 "32",
                 "--seed",
                 "3",
                 "--payment-secret",
                 std::string(kPaymentSecret),
                 "--queue-patience",
                 "14",
                 "--mix",
                 "pays=40,cancels=20,waitlists=90,leaves_waitlist=10,cheats=0",
                 "--report",
                 report_file});
  {
    Caller caller(server->endpoint());
    ASSERT_TRUE(eventually(
        [&] {
          const Json status = caller.send(get("/v1/drops/drop_1")).json();
          return status["waitlist"]["served"].number() >= 3;
        },
        Millis{60'000}))
        << crowd.output();
  }
  server->kill();
  server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  ASSERT_EQ(crowd.wait(Millis{120'000}), 0) << crowd.output();
  std::stringstream text;
  text << std::ifstream(report_file).rdbuf();
  const Json report = Json::parse(text.str());
  EXPECT_TRUE(report["passed"].boolean()) << report.dump();
  for (const char* const figure : {"waitlisted", "waitlist_left", "waitlist_served", "paid"}) {
    EXPECT_GT(report[figure].number(), 0) << figure << " in " << report.dump();
  }
  EXPECT_EQ(report["check"]["waitlist_places_checked"].number(), report["waitlisted"].number());
  EXPECT_EQ(server->stop(), 0) << server->process().output();
  (void)check_directory(options.data);
}

}  // namespace
}  // namespace firebrand::e2e
