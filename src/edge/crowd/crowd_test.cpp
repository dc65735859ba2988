#include "edge/crowd/crowd.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "edge/crowd/fake_shop_serving.hpp"

namespace firebrand {
namespace {

/// Small and quick; every habit is common, so that 300 fans show all of them.
CrowdOptions options_for(const FakeShopServing& serving) {
  CrowdOptions options;
  options.server = serving.url();
  options.fans = 300;
  options.connections = 32;
  options.duration = Millis{250};
  options.timeout = Millis{300};
  options.patience = Millis{5'000};
  options.progress_period = Millis{0};
  for (const FanMix::Field& field : FanMix::kFields) { options.mix.*field.ppm = 200'000; }
  options.mix.pays = 500'000;
  options.mix.think_max = Millis{150};
  return options;
}

CrowdReport send(const CrowdOptions& options) {
  std::ostringstream out;
  const auto report = send_crowd(options, out);
  EXPECT_TRUE(report.has_value()) << report.error().message;
  return report.has_value() ? *report : CrowdReport{};
}

std::uint64_t count(const CrowdReport& report, CrowdCheck check) {
  return report.check.counts[static_cast<std::size_t>(check)];
}

/// Violations of all checks but these.
std::uint64_t others(const CrowdReport& report, std::initializer_list<CrowdCheck> checks) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kCrowdChecks; ++i) { sum += report.check.counts[i]; }
  for (const CrowdCheck check : checks) { sum -= count(report, check); }
  return sum;
}

TEST(Crowd, AFaithfulShopPasses) {
  FakeShop shop({.units = 120});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_EQ(report.fans_signed_in, 300U);
  EXPECT_EQ(report.fans_finished, 300U);
  EXPECT_EQ(shop.persons.size(), 300U);
  EXPECT_GE(report.orders, 120U);
  EXPECT_EQ(report.check.orders_checked, report.orders);
  EXPECT_EQ(shop.orders.size(), report.orders);
  EXPECT_GT(report.payments, 30U);
  EXPECT_GT(report.cancellations, 10U);
  EXPECT_GT(report.payments_late, 0U);
  EXPECT_GT(report.replays, 10U);
  EXPECT_GT(report.hang_ups, 10U);
  EXPECT_GT(report.refused.at("sold_out"), 50U);
  EXPECT_GT(report.refused.at("purchase_limit"), 5U);
  EXPECT_GT(report.refused.at("idempotency_key_reused"), 5U);
  EXPECT_EQ(report.check.units_of_others, 0);
  EXPECT_EQ(report.requests, report.answers + report.hang_ups);
  EXPECT_EQ(report.latency[static_cast<std::size_t>(CrowdRequest::sign_in)].count(), 300U);
  EXPECT_EQ(report.latency[static_cast<std::size_t>(CrowdRequest::read)].count(), report.orders);
  EXPECT_GT(report.answers_per_second_max, 100U);
}

TEST(Crowd, FansWithoutDemoComeThroughTheShopAndPayBySignature) {
  FakeShop shop({.units = 120, .is_demo = false});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  std::ostringstream out;
  const auto refused = send_crowd(options, out);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("API key"), std::string::npos);
  options.api_key = "fbk_1_secret";
  options.payment_secret = "whsec";
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.payments, 30U);
  EXPECT_EQ(shop.signatures_missing, 0U);
}

TEST(Crowd, NobodyPaysWithoutAWayTo) {
  FakeShop shop({.units = 120, .is_demo = false});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.api_key = "fbk_1_secret";
  const CrowdReport report = send(options);
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_EQ(report.payments + report.payments_late, 0U);
  EXPECT_GT(report.cancellations, 10U);
}

TEST(Crowd, WhoIsEarlyBuysAtTheOpening) {
  FakeShop shop({.units = 1'000, .opens_in = Millis{400}});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.early = 1'000'000;
  const CrowdReport report = send(options);
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.refused.at("not_open"), 100U);
  EXPECT_GE(report.orders, 300U);
}

TEST(Crowd, TheAnswerKnowsTheOpeningBetterThanTheStatus) {
  FakeShop shop({.units = 1'000, .opens_in = Millis{1'000}, .announced_early = Millis{1'000}});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.double_click = 0;
  options.mix.greedy = 0;
  const CrowdReport report = send(options);
  EXPECT_TRUE(report.passed()) << to_text(report);
  // Told once, maybe twice, then they came at the right time.
  EXPECT_GT(report.refused.at("not_open"), 200U);
  EXPECT_LT(report.refused.at("not_open"), 450U);
  EXPECT_GE(report.orders, 300U);
}

TEST(Crowd, LimitsAboveOneAreTried) {
  FakeShop shop({.units = 2'000, .limit = 3});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.units, static_cast<std::int64_t>(report.orders));
  EXPECT_GT(report.orders, 310U);
}

TEST(Crowd, BusyAnswersAndSilenceAreGotThrough) {
  FakeShop shop({.units = 150, .busy_every = 7, .silent_every = 10});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.refused.at("overloaded"), 20U);
  EXPECT_GE(report.errors.at("timed_out"), 5U);
  EXPECT_EQ(shop.orders.size(), report.orders);  // Every one was asked for until it was heard of.
}

TEST(Crowd, CrashesAndRestartsAreGotThrough) {
  FakeShop shop({.units = 150, .crash_every = 30});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GE(serving.crashes(), 4U);
  EXPECT_GE(report.outages, 1U);
  EXPECT_GT(report.time_down.count(), 0);
  EXPECT_GT(report.errors.at("connection_closed"), 3U);
  EXPECT_EQ(shop.orders.size(), report.orders);
}

TEST(Crowd, AServerThatStaysAwayEndsTheRun) {
  FakeShop shop({.units = 150, .crash_every = 50, .away = Millis{60'000}});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.patience = Millis{300};
  const CrowdReport report = send(options);
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.cut_short, "the server did not come back");
  EXPECT_GT(count(report, CrowdCheck::unreadable), 0U);
}

TEST(Crowd, StoppedCrowdsAreCheckedAllTheSame) {
  FakeShop shop({.units = 150});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  const std::atomic<bool> stop{true};
  options.stop = &stop;
  const CrowdReport report = send(options);
  EXPECT_EQ(report.cut_short, "stopped");
  EXPECT_FALSE(report.passed());
  EXPECT_TRUE(report.check.passed());
}

// ---- Reservations and codes ----

FakeShopOptions shop_for_those_who_reserved() {
  return {
      .units = 400, .audience = "reservation_holders", .takes_reservations = true, .deposit = 30};
}

TEST(Crowd, ReservesPaysTheDepositAndBuys) {
  FakeShop shop(shop_for_those_who_reserved());
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.reserves = 800'000;
  options.mix.pays_deposit = 900'000;
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_EQ(report.fans_finished, 300U);
  EXPECT_EQ(report.reservations, shop.reservations.size());
  EXPECT_EQ(report.check.reservations_checked, report.reservations);
  EXPECT_GT(report.reservations, 150U);
  EXPECT_GT(report.deposits, 80U);
  EXPECT_GT(report.deposits_late, 0U);
  EXPECT_GT(report.withdrawals, 10U);
  EXPECT_GT(report.orders, 50U);
  EXPECT_GT(report.refused.at("reservation_required"), 30U);
}

TEST(Crowd, ADepositIsPaidAfterItsTimeToo) {
  FakeShopOptions late = shop_for_those_who_reserved();
  late.deposit_window = Millis{500};
  FakeShop shop(late);
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.fans = 50;
  options.mix.cheats = 0;
  options.mix.reserves = 1'000'000;
  options.mix.withdraws = 0;
  options.mix.pays_deposit = 1'000'000;
  options.mix.deposit_late = 1'000'000;
  options.mix.deposit_twice = 0;
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.deposits_late, 30U);
  EXPECT_EQ(report.deposits, 0U);
  EXPECT_EQ(report.orders, 0U);
}

TEST(Crowd, DepositsComeBySignatureWithoutADemo) {
  FakeShopOptions shop_options = shop_for_those_who_reserved();
  shop_options.is_demo = false;
  FakeShop shop(shop_options);
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.api_key = "fbk_1_secret";
  options.payment_secret = "whsec";
  options.mix.reserves = 600'000;
  options.mix.pays_deposit = 900'000;
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.deposits, 20U);
}

/// A file of codes as they are exported, gone at the end of the block.
class CodesFile {
 public:
  explicit CodesFile(const std::set<std::string>& codes) {
    std::ofstream file(path_);
    file << "index,code\n";
    int place = 0;
    for (const std::string& code : codes) { file << place++ << "," << code << "\n"; }
  }
  ~CodesFile() { std::filesystem::remove(path_); }
  CodesFile(const CodesFile&) = delete;
  CodesFile& operator=(const CodesFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ =
      (std::filesystem::temp_directory_path() / ("firebrand-codes-" + std::to_string(getpid())))
          .string();
};

FakeShopOptions shop_for_codes() {
  FakeShopOptions options{.units = 400, .audience = "code_holders"};
  for (int i = 100; i < 180; ++i) {
    options.codes.insert("000020-00000" + std::to_string(i) + "X");
  }
  return options;
}

TEST(Crowd, UsesCodesOnceTwiceAndMistyped) {
  FakeShop shop(shop_for_codes());
  FakeShopServing serving(shop);
  const CodesFile codes(shop.options().codes);
  CrowdOptions options = options_for(serving);
  options.codes = codes.path();
  options.mix.has_code = 500'000;
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_GT(report.code_orders, 40U);
  EXPECT_EQ(report.code_orders, report.orders);
  EXPECT_GT(report.refused.at("code_not_usable"), 20U);
  EXPECT_GT(report.refused.at("code_required"), 100U);
}

// ---- The waiting room ----

TEST(Crowd, WaitsAsksAndBuysWhenLetIn) {
  FakeShop shop({.units = 400, .has_room = true});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.queues = 800'000;
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_EQ(report.fans_finished, 300U);
  // Who came back after the opening has another place.
  std::set<std::string> persons;
  for (const auto& place : shop.places) { persons.insert(place.person); }
  EXPECT_EQ(report.places, persons.size());
  EXPECT_EQ(report.check.places_checked, report.places);
  EXPECT_GT(report.places, 150U);
  EXPECT_GT(report.admissions, 80U);
  EXPECT_GT(report.places_left, 10U);
  EXPECT_GT(report.orders, 80U);
  EXPECT_GT(report.refused.at("not_in_waiting_room"), 30U);
}

TEST(Crowd, NobodyWaitsForEver) {
  // The room lets nobody in before its time, which is announced too early.
  FakeShop shop({.units = 400,
                 .opens_in = Millis{60'000},
                 .announced_early = Millis{60'000},
                 .has_room = true});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.fans = 40;
  options.queue_patience = Millis{500};
  options.mix.queues = 1'000'000;
  options.mix.cheats = 0;
  options.mix.leaves_room = 0;
  options.mix.stops_asking = 0;
  options.mix.joins_early = 1'000'000;
  const CrowdReport report = send(options);
  serving.stop();
  EXPECT_EQ(report.places, 40U);
  EXPECT_EQ(report.places_left, 40U);
  EXPECT_EQ(report.admissions, 0U);
}

// ---- The draw ----

FakeShopOptions shop_with_a_draw() { return {.units = 60, .draw_units = 40}; }

CrowdOptions options_for_a_draw(const FakeShopServing& serving) {
  CrowdOptions options = options_for(serving);
  options.mix.enters = 800'000;
  options.queue_patience = Millis{5'000};
  options.verify_draw = [](std::string_view record) {
    return record.starts_with("firebrand-draw/1\n") ? std::string{} : "this is no draw record";
  };
  return options;
}

TEST(Crowd, EntersTheDrawAndPaysForWhatIsWon) {
  FakeShop shop(shop_with_a_draw());
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for_a_draw(serving));
  serving.stop();
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_EQ(report.fans_finished, 300U);
  EXPECT_EQ(report.entries, shop.entries.size());
  EXPECT_EQ(report.check.entries_checked, report.entries);
  EXPECT_GT(report.entries, 150U);
  EXPECT_GT(report.entries_left, 10U);
  EXPECT_GT(report.receipts, 100U);
  EXPECT_EQ(report.prizes, 40U);
  EXPECT_EQ(shop.orders.size(), report.orders);
}

TEST(Crowd, ADrawThatIsNotDecidedIsNotWaitedForForEver) {
  FakeShopOptions slow = shop_with_a_draw();
  slow.draw_closes_in = std::chrono::hours{1};
  FakeShop shop(slow);
  FakeShopServing serving(shop);
  CrowdOptions options = options_for_a_draw(serving);
  options.queue_patience = Millis{300};
  const CrowdReport report = send(options);
  EXPECT_TRUE(report.passed()) << to_text(report);
  EXPECT_EQ(report.fans_finished, 300U);
  EXPECT_EQ(report.prizes, 0U);
  EXPECT_GT(report.receipts, 100U);
}

// ---- Planted faults: each must be found, and nothing else claimed. ----

TEST(CrowdFinds, UnitsSoldTwice) {
  FakeShop shop({.units = 40, .oversells = true});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(count(report, CrowdCheck::oversold), 1U) << to_text(report);
  // The drop's counters cannot hold what was sold on top.
  EXPECT_EQ(others(report, {CrowdCheck::oversold, CrowdCheck::sold_short}), 0U) << to_text(report);
}

TEST(CrowdFinds, FansOverTheLimit) {
  FakeShop shop({.units = 2'000, .ignores_limit = true});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::limit_exceeded), 20U);
  EXPECT_EQ(others(report, {CrowdCheck::limit_exceeded}), 0U) << to_text(report);
}

TEST(CrowdFinds, LostOrders) {
  FakeShop shop({.units = 2'000, .loses_every = 50});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::order_lost), 3U);
  EXPECT_EQ(others(report, {CrowdCheck::order_lost}), 0U) << to_text(report);
}

TEST(CrowdFinds, OneKeyForTwoOrders) {
  FakeShop shop({.units = 2'000, .ignores_limit = true, .forgets_keys = true});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::key_with_two_orders), 20U);
  EXPECT_EQ(others(report, {CrowdCheck::key_with_two_orders, CrowdCheck::other_body_accepted,
                            CrowdCheck::limit_exceeded}),
            0U)
      << to_text(report);
}

TEST(CrowdFinds, RepeatsThatAreRefused) {
  FakeShop shop({.units = 2'000, .forgets_keys = true});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::repeat_refused), 20U) << to_text(report);
}

TEST(CrowdFinds, KeysTakenForAnotherPurchase) {
  FakeShop shop({.units = 2'000, .takes_other_body = true});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::other_body_accepted), 20U);
  EXPECT_EQ(others(report, {CrowdCheck::other_body_accepted}), 0U) << to_text(report);
}

TEST(CrowdFinds, PaymentsThatWereNotKept) {
  FakeShop shop({.units = 2'000, .unpays_every = 10});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.pay_twice = 0;
  const CrowdReport report = send(options);
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::state_lost), 5U);
  EXPECT_EQ(others(report, {CrowdCheck::state_lost}), 0U) << to_text(report);
}

TEST(CrowdFinds, OneOrderForTwoFans) {
  FakeShop shop({.units = 2'000, .shares_every = 40});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::order_of_two_fans), 2U) << to_text(report);
}

TEST(CrowdFinds, UnitsThatDoNotAddUp) {
  FakeShop shop({.units = 120, .units_off_by = 1});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(count(report, CrowdCheck::units_mismatch), 1U);
  EXPECT_EQ(others(report, {CrowdCheck::units_mismatch}), 0U) << to_text(report);
}

TEST(CrowdFinds, PurchasesWithoutAReservation) {
  FakeShopOptions faulty = shop_for_those_who_reserved();
  faulty.ignores_audience = true;
  FakeShop shop(faulty);
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::wrong_audience), 50U);
  EXPECT_EQ(others(report, {CrowdCheck::wrong_audience}), 0U) << to_text(report);
}

TEST(CrowdFinds, LostReservationsAndDeposits) {
  FakeShopOptions faulty = shop_for_those_who_reserved();
  faulty.loses_reservation_every = 10;
  faulty.unpays_deposit_every = 7;
  FakeShop shop(faulty);
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.reserves = 1'000'000;
  options.mix.reserve_twice = 0;
  options.mix.pays_deposit = 1'000'000;
  options.mix.deposit_twice = 0;
  options.mix.withdraws = 0;
  const CrowdReport report = send(options);
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::reservation_lost), 5U);
  EXPECT_GT(count(report, CrowdCheck::deposit_lost), 5U);
  // What was lost is missing in the drop's counts too.
  EXPECT_EQ(others(report, {CrowdCheck::reservation_lost, CrowdCheck::deposit_lost}), 0U)
      << to_text(report);
}

TEST(CrowdFinds, PurchasesWithoutAPlace) {
  FakeShop shop({.units = 400, .has_room = true, .ignores_room = true});
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::wrong_audience), 50U);
  EXPECT_EQ(others(report, {CrowdCheck::wrong_audience}), 0U) << to_text(report);
}

TEST(CrowdFinds, LostPlaces) {
  FakeShop shop({.units = 400, .has_room = true, .loses_place_every = 10, .lapses_place_every = 7});
  FakeShopServing serving(shop);
  CrowdOptions options = options_for(serving);
  options.mix.queues = 1'000'000;
  options.mix.leaves_room = 0;
  options.mix.stops_asking = 0;
  const CrowdReport report = send(options);
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::place_lost), 20U);
  EXPECT_EQ(others(report, {CrowdCheck::place_lost}), 0U) << to_text(report);
}

TEST(CrowdFinds, LostEntries) {
  FakeShopOptions faulty = shop_with_a_draw();
  faulty.loses_entry_every = 10;
  FakeShop shop(faulty);
  FakeShopServing serving(shop);
  CrowdOptions options = options_for_a_draw(serving);
  options.mix.enters_twice = 0;
  options.mix.leaves_draw = 0;
  const CrowdReport report = send(options);
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::entry_lost), 10U);
  EXPECT_EQ(others(report, {CrowdCheck::entry_lost, CrowdCheck::draw_wrong}), 0U)
      << to_text(report);
}

TEST(CrowdFinds, ARecordThatNamesOthers) {
  FakeShopOptions faulty = shop_with_a_draw();
  faulty.record_names_others = true;
  FakeShop shop(faulty);
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for_a_draw(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::draw_wrong), 40U);
  EXPECT_EQ(others(report, {CrowdCheck::draw_wrong}), 0U) << to_text(report);
}

TEST(CrowdFinds, ARecordThatDoesNotCompute) {
  FakeShop shop(shop_with_a_draw());
  FakeShopServing serving(shop);
  CrowdOptions options = options_for_a_draw(serving);
  options.verify_draw = [](std::string_view) { return std::string("the winners are others"); };
  const CrowdReport report = send(options);
  EXPECT_EQ(count(report, CrowdCheck::draw_wrong), 1U);
  EXPECT_EQ(others(report, {CrowdCheck::draw_wrong}), 0U) << to_text(report);
}

TEST(CrowdFinds, PrizesWithoutAnOrder) {
  FakeShopOptions faulty = shop_with_a_draw();
  faulty.loses_prizes = true;
  FakeShop shop(faulty);
  FakeShopServing serving(shop);
  const CrowdReport report = send(options_for_a_draw(serving));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(count(report, CrowdCheck::prize_lost), 40U);
  EXPECT_EQ(others(report, {CrowdCheck::prize_lost}), 0U) << to_text(report);
}

TEST(CrowdFinds, CodesThatAreGoodTwice) {
  FakeShopOptions faulty = shop_for_codes();
  faulty.ignores_code_uses = true;
  FakeShop shop(faulty);
  FakeShopServing serving(shop);
  const CodesFile codes(shop.options().codes);
  CrowdOptions options = options_for(serving);
  options.codes = codes.path();
  options.mix.has_code = 500'000;
  options.mix.shares_code = 500'000;
  const CrowdReport report = send(options);
  EXPECT_FALSE(report.passed());
  EXPECT_GT(count(report, CrowdCheck::code_used_twice), 5U);
  EXPECT_EQ(others(report, {CrowdCheck::code_used_twice}), 0U) << to_text(report);
}

// ---- The command ----

TEST(RunCrowd, WritesReportAndJournalAndSaysHowItWent) {
  FakeShop shop({.units = 120});
  FakeShopServing serving(shop);
  const std::string base =
      (std::filesystem::temp_directory_path() / ("firebrand-crowd-" + std::to_string(getpid())))
          .string();
  CrowdOptions options = options_for(serving);
  options.report = base + ".json";
  options.journal = base + ".jsonl";
  options.run = "test";
  std::ostringstream out;
  EXPECT_EQ(run_crowd(options, out), 0) << out.str();
  EXPECT_NE(out.str().find("passed: nothing acknowledged was lost"), std::string::npos);

  std::ifstream report_file(options.report);
  const std::string report{std::istreambuf_iterator<char>(report_file), {}};
  EXPECT_EQ(report.substr(0, 16), "{\"passed\":true,\"");
  std::ifstream journal_file(options.journal);
  std::size_t orders = 0;
  for (std::string line; std::getline(journal_file, line);) {
    EXPECT_TRUE(line.starts_with("{\"at_us\":") && line.ends_with("}")) << line;
    orders += line.find("\"kind\":\"ordered\"") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(orders, shop.orders.size());
  EXPECT_TRUE(shop.persons.contains("fbs_crowd-test-299"));

  std::filesystem::remove(options.report);
  std::filesystem::remove(options.journal);
}

TEST(RunCrowd, WhatCannotStartIsSaid) {
  FakeShop shop({.units = 120});
  FakeShopServing serving(shop);
  const auto expect_fault = [](const CrowdOptions& options, std::string_view part) {
    std::ostringstream out;
    EXPECT_EQ(run_crowd(options, out), 2);
    EXPECT_NE(out.str().find(part), std::string::npos) << out.str();
  };
  CrowdOptions options = options_for(serving);
  options.server = "http://127.0.0.1:1";
  expect_fault(options, "no answer from http://127.0.0.1:1/v1/time");
  options = options_for(serving);
  options.server = "ftp:/x/y";
  expect_fault(options, "expected http://HOST:PORT");
  options = options_for(serving);
  options.fans = 0;
  expect_fault(options, "fans: 1 to");
  options = options_for(serving);
  options.run = "A b";
  expect_fault(options, "run: up to 32");
  options = options_for(serving);
  options.drop = "drop_9";
  expect_fault(options, "has no drop drop_9");
  options = options_for(serving);
  options.arrivals = "nowhere.txt";
  expect_fault(options, "nowhere.txt: ");
  options = options_for(serving);
  options.journal = "no/such/folder/journal";
  expect_fault(options, "no/such/folder/journal: ");
  options = options_for(serving);
  options.codes = "no-codes.csv";
  expect_fault(options, "no-codes.csv: cannot be read");
}

}  // namespace
}  // namespace firebrand
