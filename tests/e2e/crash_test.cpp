// SIGKILL at random moments of a sale: nothing that was answered is lost, nothing is sold twice.
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/prng.hpp"
#include "data_checks.hpp"
#include "errands.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

/// FIREBRAND_E2E_SEED, or a new one; printed, because the plan of the kills follows from it.
std::uint64_t chosen_seed() {
  const char* const named = std::getenv("FIREBRAND_E2E_SEED");
  const std::uint64_t seed =
      named != nullptr ? std::strtoull(named, nullptr, 10) : randombytes_uniform(1'000'000);
  std::printf("kills by FIREBRAND_E2E_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

std::int64_t taken_units(Caller& caller, const Drop& drop) {
  const Json units = caller.send(get(drop.path())).json()["units"];
  return units["held"].number() + units["sold"].number();
}

// ---- Many kills in one sale --------------------------------------------------------------------

enum class Moment { before_opening, rush, payments, snapshot, start_up };
constexpr std::array<const char*, 5> kMomentNames = {
    "before the opening", "in the rush", "during payments", "during a snapshot", "at the start"};
constexpr int kKillsPerMoment = 5;

constexpr int kLimit = 2;
constexpr std::int64_t kUnits = 4'000;
constexpr int kFansPerRush = 120;
constexpr int kSnapshotRecords = 150;

class SaleWithKills : public ::testing::Test {
 protected:
  SaleWithKills() : seed_(chosen_seed()), chance_(seed_) {
    options_ = {.data = work_.path("data"),
                .port = lasting_port(),
                .flags = {"--snapshots.records", std::to_string(kSnapshotRecords),
                          "--snapshots.kept", "2"}};
  }

  void SetUp() override {
    start();
    shop_ = std::make_unique<Shop>(server_->endpoint());
    shop_->set_up(server_->setup_token());
    drop_ = shop_->plan({.waves = {{kUnits}}, .limit = kLimit});
    drops_.push_back({drop_, kUnits});
  }

  [[nodiscard]] std::int64_t random(std::int64_t min, std::int64_t max) {
    return chance_.between(min, max);
  }

  // The kills, each at a moment of its kind. At the end of each the server is dead.

  void kill_before_opening() {
    const Millis opens_in{random(200, 500)};
    const auto planned_at = std::chrono::steady_clock::now();
    shop_->sign_in();
    const Drop drop = shop_->plan({.opens_in = opens_in, .waves = {{5}}});
    drops_.push_back({drop, 5});
    std::vector<Errand*> errands;
    for (int i = 0; i < 12; ++i) {
      errands.push_back(&new_errand(drop, Shop::unique("early"), 1, Errand::Then::pays));
    }
    const auto kill_at =
        planned_at + std::chrono::milliseconds{random(0, opens_in.count() * 9 / 10)};
    Rush rush(server_->endpoint(), api_key(), errands);
    pass(std::chrono::duration_cast<std::chrono::microseconds>(
        std::max(kill_at - std::chrono::steady_clock::now(), {})));
    server_->kill();
    rush.join();
  }

  void kill_in_the_rush() {
    Rush rush(server_->endpoint(), api_key(), new_rush());
    rush.wait_for_answers(static_cast<int>(random(0, 3 * kFansPerRush)));
    kill_soon();
    rush.join();
  }

  void kill_during_payments() {
    const std::vector<Errand*> errands = send_waiting_on();
    Rush rush(server_->endpoint(), api_key(), errands);
    rush.wait_for_answers(static_cast<int>(random(0, static_cast<std::int64_t>(errands.size()))));
    kill_soon();
    rush.join();
  }

  /// The process that writes the snapshot dies with the server, or before it, or is left alone.
  void kill_during_a_snapshot() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    std::optional<pid_t> writer;
    while (!writer) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no snapshot is ever written";
      Rush rush(server_->endpoint(), api_key(), new_rush());
      writer = server_->process().wait_for_child("snapshot", Millis{1'000});
      if (!writer) { continue; }
      pass(std::chrono::microseconds{random(0, 4'000)});
      const std::int64_t which = random(0, 2);
      if (which < 2) { ::kill(*writer, SIGKILL); }
      if (which == 0) { kill_soon(); }
      if (which > 0) { server_->kill(); }
      rush.join();
    }
  }

  void kill_at_the_start() {
    ASSERT_EQ(server_->stop(), 0) << server_->process().output();
    server_ = std::make_unique<ServerProcess>(options_);
    pass(std::chrono::microseconds{random(0, 1'200 * start_time_.count())});
    server_->kill();
  }

  // What must hold after each of them.

  void start() {
    const auto before = std::chrono::steady_clock::now();
    server_ = std::make_unique<ServerProcess>(options_);
    server_->wait_until_ready();
    if (shop_ != nullptr) { shop_->hang_up(); }
    start_time_ = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - before);
  }

  /// What was asked and not answered counts as neither done nor undone: the units of a drop lie
  /// between. Then everybody asks again, with the same key, and knows.
  void check_what_is_there() {
    for (const auto& [drop, total] : drops_) {
      std::int64_t surely = 0;
      std::int64_t perhaps = 0;
      for (const Errand& errand : errands_) {
        if (errand.drop.id != drop.id) { continue; }
        const bool may_end = errand.unanswered && errand.state == "pending_payment" &&
                             errand.then == Errand::Then::cancels;
        const bool may_begin = errand.unanswered && errand.state.empty();
        if (errand.is_live() && !may_end) { surely += errand.quantity; }
        if (errand.is_live() || may_begin) { perhaps += errand.quantity; }
      }
      const std::int64_t taken = taken_units(*shop_, drop);
      EXPECT_LE(surely, taken) << drop.id << " has lost orders";
      EXPECT_GE(perhaps, taken) << drop.id << " has orders that nobody asked for";
    }
    check_orders(false);
    for (Errand& errand : errands_) {
      if (!errand.unanswered) { continue; }
      const std::string before = errand.order;
      ASSERT_EQ(advance(*shop_, errand, api_key()), Step::answered) << "the server is alive";
      if (!errand.order.empty() && before.empty()) { ++asked_again_; }
    }
    check_units();
    check_limits();
  }

  /// Each promised order as it was promised, and again under its key.
  /// @param all  Not only the newest and some of the others.
  void check_orders(bool all) {
    const std::size_t newest = errands_.size() - std::min<std::size_t>(errands_.size(), 400);
    for (std::size_t i = 0; i < errands_.size(); ++i) {
      const Errand& errand = errands_[i];
      if (errand.order.empty() || (!all && i < newest && random(0, 9) > 0)) { continue; }
      if (!errand.unanswered) {
        const Answer read = shop_->read_order(errand.fan, errand.order_id);
        ASSERT_EQ(read.body, errand.order_now());
      }
      const Answer again = shop_->send(errand.purchase());
      ASSERT_EQ(again.status, 201) << again.body;
      ASSERT_EQ(again.body, errand.order);
      ASSERT_TRUE(again.replayed());
    }
  }

  /// Every unit is where the fans know it to be.
  void check_units() {
    for (const auto& [drop, total] : drops_) {
      std::map<std::string, std::int64_t> in_state;
      for (const Errand& errand : errands_) {
        if (errand.drop.id == drop.id) { in_state[errand.state] += errand.quantity; }
      }
      // The status is published a moment after the answers.
      Json units = shop_->status(drop)["units"];
      (void)eventually(
          [&] {
            units = shop_->status(drop)["units"];
            return units["held"].number() == in_state["pending_payment"] &&
                   units["sold"].number() == in_state["paid"];
          },
          Millis{3'000});
      EXPECT_EQ(units["held"].number(), in_state["pending_payment"]) << drop.id;
      EXPECT_EQ(units["sold"].number(), in_state["paid"]) << drop.id;
      EXPECT_EQ(units["total"].number(), total) << drop.id;
      EXPECT_EQ(units["unreleased"].number() + units["available"].number() +
                    units["held"].number() + units["sold"].number() + units["withdrawn"].number(),
                total)
          << drop.id;
    }
  }

  void check_limits() {
    std::map<std::string, std::int64_t> owned;  // By drop and person.
    std::map<std::string, std::string> person_of;
    std::set<std::string> order_ids;
    for (const Errand& errand : errands_) {
      if (errand.fan.token.empty()) { continue; }
      const auto [known, is_new] = person_of.emplace(errand.name, errand.fan.person_id);
      EXPECT_EQ(known->second, errand.fan.person_id) << errand.name << " became another person";
      if (errand.order.empty()) { continue; }
      EXPECT_TRUE(order_ids.insert(errand.order_id).second) << errand.order_id << " given twice";
      if (errand.is_live()) {
        owned[errand.drop.id + " " + errand.fan.person_id] += errand.quantity;
      }
    }
    for (const auto& [who, quantity] : owned) { EXPECT_LE(quantity, kLimit) << who; }
  }

  /// Sells what is left, pays all of it, and looks at the whole.
  void sell_out() {
    for (int round = 0; shop_->status(drop_)["units"]["available"].number() > 0; ++round) {
      ASSERT_LT(round, 100) << "units are left that nobody can buy";
      std::vector<Errand*> errands;
      for (int i = 0; i < 500; ++i) {
        const int quantity =
            shop_->status(drop_)["units"]["available"].number() > 1'000 ? kLimit : 1;
        errands.push_back(&new_errand(drop_, Shop::unique("late"), quantity, Errand::Then::pays));
      }
      Rush(server_->endpoint(), api_key(), errands).join();
      Rush(server_->endpoint(), api_key(), send_waiting_on()).join();
      check_units();  // Also waits until the status shows it.
    }
    for (Errand& errand : errands_) {
      if (errand.then == Errand::Then::waits) { errand.then = Errand::Then::pays; }
      ASSERT_TRUE(run(*shop_, errand, api_key()));
    }
    for (const auto& [drop, total] : drops_) {
      Json units = shop_->status(drop)["units"];
      EXPECT_TRUE(eventually([&] {
        units = shop_->status(drop)["units"];
        return units["sold"].number() == total;
      })) << drop.id
          << " has sold " << units["sold"].number() << " of " << total;
    }
  }

  /// The lists know the very same orders, by way of facts and records.
  void check_lists() {
    shop_->sign_in();
    std::map<std::string, std::string> promised;
    for (const Errand& errand : errands_) {
      if (!errand.order.empty()) { promised[errand.order_id] = errand.state; }
    }
    std::map<std::string, std::string> listed;
    const auto read_list = [&] {
      listed.clear();
      std::string query = "limit=200";
      for (;;) {
        const Json page = shop_->staff(get("/v1/orders?" + query));
        for (std::size_t i = 0; i < page["data"].size(); ++i) {
          const Json order = page["data"][i];
          EXPECT_TRUE(listed.emplace(order["order_id"].text(), order["state"].text()).second);
        }
        if (!page["has_more"].boolean()) { return; }
        query = "limit=200&cursor=" + page["next_cursor"].text();
      }
    };
    // The records may have to be read from facts/ once more: that takes longer than a list waits.
    EXPECT_TRUE(eventually([&] {
      read_list();
      return listed == promised;
    })) << listed.size()
        << " orders are listed, " << promised.size() << " were promised";
  }

  [[nodiscard]] const std::string& api_key() const { return shop_->key().secret; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] const ServerOptions& options() const { return options_; }
  [[nodiscard]] ServerProcess& server() { return *server_; }
  [[nodiscard]] Prng& chance() { return chance_; }
  [[nodiscard]] int asked_again() const { return asked_again_; }
  [[nodiscard]] std::size_t orders() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        errands_, [](const Errand& errand) { return !errand.order.empty(); }));
  }
  [[nodiscard]] std::int64_t units_of_all_drops() const {
    std::int64_t units = 0;
    for (const auto& [drop, total] : drops_) { units += total; }
    return units;
  }

 private:
  Errand& new_errand(const Drop& drop, const std::string& name, int quantity, Errand::Then then) {
    Errand errand;
    errand.drop = drop;
    errand.name = name;
    errand.key = Shop::unique("key");
    errand.quantity = quantity;
    errand.then = then;
    return errands_.emplace_back(std::move(errand));
  }

  /// Fans who buy, some of them more than they may; half of them decide about payment later.
  std::vector<Errand*> new_rush() {
    std::vector<Errand*> errands;
    while (errands.size() < kFansPerRush) {
      const std::string name = Shop::unique("fan");
      for (std::int64_t orders = random(0, 3) == 0 ? 3 : 1; orders > 0; --orders) {
        const std::int64_t then = random(0, 9);
        errands.push_back(&new_errand(drop_, name, static_cast<int>(random(1, kLimit)),
                                      then < 6   ? Errand::Then::waits
                                      : then < 8 ? Errand::Then::pays
                                                 : Errand::Then::cancels));
      }
    }
    chance_.shuffle(errands);
    return errands;
  }

  /// Everybody who holds an unpaid order goes and pays it, or gives it up.
  std::vector<Errand*> send_waiting_on() {
    std::vector<Errand*> errands;
    for (Errand& errand : errands_) {
      if (errand.state != "pending_payment" && !errand.unanswered) { continue; }
      if (errand.then == Errand::Then::waits) {
        errand.then = random(0, 4) == 0 ? Errand::Then::cancels : Errand::Then::pays;
      }
      errands.push_back(&errand);
    }
    return errands;
  }

  /// Within the next milliseconds.
  void kill_soon() {
    pass(std::chrono::microseconds{random(0, 3'000)});
    server_->kill();
  }

  std::uint64_t seed_;
  Prng chance_;
  TemporaryDirectory work_;
  ServerOptions options_;
  Millis start_time_{0};
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Shop> shop_;
  Drop drop_;
  std::vector<std::pair<Drop, std::int64_t>> drops_;  ///< With the units of each.
  std::deque<Errand> errands_;
  int asked_again_ = 0;  ///< Orders that only a repeat of their key brought to light.
};

TEST_F(SaleWithKills, KeepsEveryPromiseAndSellsEveryUnitOnce) {
  std::vector<Moment> plan;
  for (int i = 0; i < kKillsPerMoment; ++i) {
    plan.insert(plan.end(), {Moment::before_opening, Moment::rush, Moment::payments,
                             Moment::snapshot, Moment::start_up});
  }
  chance().shuffle(plan);
  ASSERT_GE(plan.size(), 20U);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed()) + ", kill " + std::to_string(i + 1) + " " +
                 kMomentNames[static_cast<std::size_t>(plan[i])]);
    switch (plan[i]) {
      case Moment::before_opening:
        kill_before_opening();
        break;
      case Moment::rush:
        kill_in_the_rush();
        break;
      case Moment::payments:
        kill_during_payments();
        break;
      case Moment::snapshot:
        kill_during_a_snapshot();
        break;
      case Moment::start_up:
        kill_at_the_start();
        break;
    }
    (void)check_directory(options().data);
    start();
    check_what_is_there();
    if (HasFailure()) { return; }
  }
  SCOPED_TRACE("seed " + std::to_string(seed()) + ", after all kills");
  sell_out();
  check_orders(true);
  check_limits();
  check_lists();
  EXPECT_EQ(server().stop(), 0) << server().process().output();
  const Audited audited = check_directory(options().data);
  EXPECT_EQ(audited.sold, units_of_all_drops());
  EXPECT_EQ(audited.held, 0);
  std::printf("%zu kills; %zu orders; %d orders only found by asking again\n", plan.size(),
              orders(), asked_again());
}

// ---- The program's own crowd -------------------------------------------------------------------

TEST(CrowdWithKills, AgreesWithTheAudit) {
  const std::uint64_t seed = chosen_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Prng chance(seed);
  TemporaryDirectory work;
  const std::string launch = work.path("launch.toml");
  std::ofstream(launch) << R"(
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 100_000
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+2s"
per_person_limit = 2
payment_window = "15m"
[[drop.wave]]
opens = "+2s"
units = 1_500
)";
  const ServerOptions options = {
      .data = work.path("data"),
      .port = lasting_port(),
      .flags = {"--demo", launch, "--snapshots.records", "500", "--snapshots.kept", "2"}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  const std::string report_file = work.path("report.json");
  Process crowd({"crowd", "--server", server->url(), "--drop", "drop_1", "--fans", "3000",
                 "--duration", "4", "--connections", "48", "--seed", std::to_string(seed),
                 "--report", report_file, "--journal", work.path("journal")});

  // Each start plans one more drop, as `up` does; the crowd keeps to the first one.
  const Drop drop{.id = "drop_1", .opens_at = {}};
  for (const std::int64_t enough :
       {chance.between(50, 350), chance.between(450, 750), chance.between(850, 1'150)}) {
    // And more than at the start: the crowd has found the server again.
    Caller caller(server->endpoint());
    const std::int64_t before = taken_units(caller, drop);
    std::int64_t taken = before;
    ASSERT_TRUE(eventually(
        [&] {
          taken = taken_units(caller, drop);
          return taken >= enough && taken > before;
        },
        Millis{30'000}))
        << taken << " units taken\n"
        << crowd.output();
    server->kill();
    (void)check_directory(options.data);
    server = std::make_unique<ServerProcess>(options);
    server->wait_until_ready();
  }
  ASSERT_EQ(crowd.wait(Millis{60'000}), 0) << crowd.output();

  std::stringstream text;
  text << std::ifstream(report_file).rdbuf();
  const Json report = Json::parse(text.str());
  EXPECT_TRUE(report["passed"].boolean()) << text.str();
  EXPECT_EQ(report["outages"].number(), 3) << text.str();
  EXPECT_EQ(report["fans_finished"].number(), 3'000);
  const Json units = report["units_of_drop"];
  EXPECT_EQ(units["total"].number(), 1'500);
  EXPECT_TRUE(report["refused"].has("sold_out")) << "there were more fans than units";
  EXPECT_EQ(report["check"]["units_paid"].number(), units["sold"].number());
  EXPECT_EQ(report["check"]["units_pending"].number(), units["held"].number());
  EXPECT_EQ(report["check"]["units_of_others"].number(), 0);
  EXPECT_EQ(server->stop(), 0) << server->process().output();
  const Audited audited = check_directory(options.data);
  EXPECT_EQ(audited.sold, units["sold"].number());
  EXPECT_EQ(audited.held, units["held"].number());
}

}  // namespace
}  // namespace firebrand::e2e
