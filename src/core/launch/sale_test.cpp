#include "core/launch/sale.hpp"

#include <gtest/gtest.h>

#include "core/launch/headroom.hpp"
#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr auto kPersonMax = static_cast<std::uint64_t>(kPersonIdMax);

TEST(SalePlaceOrder, FirstFailedCheckWins) {
  using enum PlaceOrderStatus;
  Shop shop;
  shop.stock_up(100);
  const DropId open = shop.add_drop(Shop::plan("open", {Shop::wave(1'000, 3)}));
  const auto late = [](std::string_view code) {
    CreateDrop plan = Shop::plan(code, {Shop::wave(9'000, 1)});
    plan.opens_at = from_unix_ms(9'000);
    return plan;
  };
  const DropId cancelled = shop.add_drop(late("cancelled"));
  const DropId unopened = shop.add_drop(late("unopened"));
  const DropId stopped = shop.add_drop(Shop::plan("stopped", {Shop::wave(1'000, 1)}));
  const DropId empty = shop.add_drop(Shop::plan("empty", {Shop::wave(1'000, 1)}));
  const DropId waiting =
      shop.add_drop(Shop::plan("waiting", {Shop::wave(1'000, 1), Shop::wave(9'000, 1)}));
  shop.run_due(1'000);
  for (const DropId id : {cancelled, unopened, stopped}) { (void)shop.apply(PauseDrop{id}, 0); }
  (void)shop.apply(CancelDrop{cancelled}, 0);
  for (const DropId id : {stopped, empty, waiting}) {  // Sold out, by one unit of person 1.
    if (id == stopped) { (void)shop.apply(ResumeDrop{id}, 1'000); }
    ASSERT_EQ(shop.apply(PlaceOrder{id, {1}}, 1'000).status, created);
    if (id == stopped) { (void)shop.apply(PauseDrop{id}, 1'000); }
  }
  const struct {
    PlaceOrder command;
    PlaceOrderStatus want;
  } rows[] = {
      {{{9}, {0}, 0, kEur}, quantity_out_of_range},
      {{{9}, {0}, kOrderQuantityMax + 1, kEur}, quantity_out_of_range},
      {{{9}, {0}, kOrderQuantityMax, kEur}, person_out_of_range},
      {{{9}, {kPersonMax + 1}, 1, kEur}, person_out_of_range},
      {{{9}, {kPersonMax}, 3, kEur}, drop_not_found},
      {{{0}, {kPersonMax}, 3, kEur}, drop_not_found},
      {{cancelled, {1}, 3, kEur}, drop_cancelled},
      {{unopened, {1}, 3, kEur}, not_open},
      {{stopped, {1}, 3, kEur}, paused},
      {{empty, {1}, 3, kEur}, currency_not_offered},
      {{empty, {1}, 3, kUsd}, sold_out},
      {{waiting, {1}, 3, kUsd}, wave_sold_out},
      {{open, {1}, 4, kUsd}, quantity_not_available},
      {{open, {1}, 3, kUsd}, purchase_limit},
      {{open, {1}, 2, kUsd}, created},
      {{open, {1}, 1, kUsd}, purchase_limit},
      {{open, {kPersonMax}, 1, {}}, created},
  };
  expect_first_failed_check(shop, rows, 1'000);
  const Order& dollars = *shop.orders.find({4});
  EXPECT_EQ(dollars.total, (Money{30, kUsd}));
  EXPECT_EQ(dollars.expires_at, from_unix_ms(61'000));
  EXPECT_EQ(shop.orders.find({5})->total, (Money{100, kCny}));
  EXPECT_EQ(shop.context.facts(), 2U);  // The order, and that its wave is sold out.
}

TEST(SalePlaceOrder, ARefusalByTheLimitSaysWhatIsOwned) {
  Shop shop;
  shop.stock_up(100);
  CreateDrop plan = Shop::plan("a", {Shop::wave(1'000, 50)});
  plan.per_person_limit = 5;
  const DropId id = shop.add_drop(plan);
  shop.run_due(1'000);
  const auto refused_owning = [&](std::int32_t quantity) {
    const PlaceOrderResult result = shop.apply(PlaceOrder{id, {1}, quantity}, 1'000);
    EXPECT_EQ(result.status, PlaceOrderStatus::purchase_limit);
    return result.owned;
  };
  EXPECT_EQ(refused_owning(6), 0);
  const PlaceOrderResult paid = shop.apply(PlaceOrder{id, {1}, 3}, 1'000);
  EXPECT_EQ(paid.owned, 0) << "of a refusal only";
  (void)shop.apply(ConfirmPayment{paid.order_id, "p", Money{300, kCny}}, 1'000);
  EXPECT_EQ(refused_owning(3), 3);
  const PlaceOrderResult pending = shop.apply(PlaceOrder{id, {1}, 2}, 1'000);
  EXPECT_EQ(refused_owning(1), 5);
  (void)shop.apply(CancelOrder{pending.order_id, {1}}, 1'000);
  EXPECT_EQ(refused_owning(3), 3);
}

TEST(SalePlaceOrder, TheHeadStartOfAWaveIsForThoseWithAProof) {
  using enum PlaceOrderStatus;
  Shop shop;
  shop.stock_up(20);
  // Wave 1 has the drop's time, wave 2 its own, wave 3 none, and a draw asks for nothing.
  CreateDrop plan = Shop::plan("drop", {Shop::wave(1'000, 1), Shop::wave(9'000, 2),
                                        Shop::wave(1'000, 1, WaveRelease::manual)});
  plan.proof_bits = 16;
  plan.proof_head_start_ms = 500;
  const DropId id = shop.add_drop(plan);
  const auto buy = [&](std::uint64_t person, OrderProof proof, std::int64_t ms) {
    shop.run_due(ms);
    return shop.apply(PlaceOrder{.drop_id = id, .person_id = {person}, .proof = proof}, ms);
  };
  EXPECT_EQ(buy(1, OrderProof::none, 999).status, not_open);
  const PlaceOrderResult early = buy(1, OrderProof::none, 1'000);
  EXPECT_EQ(early.status, proof_wanted);
  EXPECT_EQ(early.wave, 1);
  EXPECT_EQ(head_start_ends(shop.drops.drop(id), early.wave), from_unix_ms(1'500));
  EXPECT_EQ(buy(1, OrderProof::none, 1'499).status, proof_wanted);
  EXPECT_EQ(buy(2, OrderProof::good, 1'499).status, created);
  // What is gone is gone: nobody is told to wait for it.
  EXPECT_EQ(buy(1, OrderProof::none, 1'499).status, wave_sold_out);
  EXPECT_EQ(shop.apply(ReleaseWave{id, 3}, 2'000).status, ReleaseWaveStatus::released);
  EXPECT_EQ(buy(1, OrderProof::none, 2'000).status, created);
  const PlaceOrderResult second = buy(3, OrderProof::none, 9'000);
  EXPECT_EQ(second.status, proof_wanted);
  EXPECT_EQ(second.wave, 2);
  EXPECT_EQ(buy(3, OrderProof::none, 9'500).status, created);
  shop.check_invariants();
}

/// A drop that opens at 1,000 and asks for a proof. Its second wave, planned for 9,000, is released
/// at 500.
struct EarlyShop : Shop {
  explicit EarlyShop(std::uint32_t rules_version) {
    stock_up(20);
    CreateDrop drop = plan("drop", {wave(1'000, 1), wave(9'000, 2)});
    drop.proof_bits = 16;
    drop.proof_head_start_ms = 500;
    id = add_drop(drop);
    CommandContext now = context.at(500);
    now.rules_version = rules_version;
    EXPECT_EQ(drops.apply(ReleaseWave{id, 2}, now).status, ReleaseWaveStatus::released);
    Drops loaded(ledger, schedule, catalogue, launches);
    reload(drops, loaded);
    EXPECT_EQ(loaded.drop(id).is_early(2), drops.drop(id).is_early(2));
    EXPECT_EQ(buy(9, OrderProof::good, 1'000).wave, 1);
  }
  PlaceOrderResult buy(std::uint64_t person, OrderProof proof, std::int64_t ms) {
    run_due(ms);
    return apply(PlaceOrder{.drop_id = id, .person_id = {person}, .proof = proof}, ms);
  }
  DropId id{};
};

TEST(SalePlaceOrder, AWaveReleasedBeforeItsTimeHasTheHeadStartOfTheOpeningAlone) {
  EarlyShop shop(kRulesEarlyWaves);
  EXPECT_EQ(shop.buy(1, OrderProof::none, 1'499).status, PlaceOrderStatus::proof_wanted);
  EXPECT_EQ(shop.buy(1, OrderProof::none, 1'500).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.buy(2, OrderProof::none, 9'000).status, PlaceOrderStatus::created);
  shop.check_invariants();
}

TEST(SalePlaceOrder, AWaveReleasedBeforeItsTimeHasAHeadStartThenUnderOlderRules) {
  EarlyShop shop(kRulesEarlyWaves - 1);
  EXPECT_EQ(shop.buy(1, OrderProof::none, 1'499).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.buy(2, OrderProof::none, 9'000).status, PlaceOrderStatus::proof_wanted);
  shop.check_invariants();
}

TEST(SalePlaceOrder, SaysWhenTheBooksAreFull) {
  // World, warehouse, wave, rights source and two persons; the second would be one too many.
  Shop shop({.accounts_max = kAccountsHeadroom + 5, .holds_max = 3});
  shop.stock_up(100);
  const DropId id = shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  EXPECT_EQ(shop.apply(PlaceOrder{id, {1}}, 1'000).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.apply(PlaceOrder{id, {2}}, 1'000).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.ledger.accounts(), 6U);
  const std::uint64_t before = shop.digest();
  EXPECT_EQ(shop.apply(PlaceOrder{id, {3}}, 1'000).status, PlaceOrderStatus::accounts_full);
  EXPECT_EQ(shop.digest(), before);
  (void)shop.apply(CancelOrder{{2}, {2}}, 1'000);
  EXPECT_EQ(shop.apply(PlaceOrder{id, {2}}, 1'000).status, PlaceOrderStatus::created);
  shop.check_invariants();

  Shop few({.holds_max = 1});
  few.stock_up(100);
  (void)few.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  few.run_due(1'000);
  EXPECT_EQ(few.apply(PlaceOrder{{1}, {1}}, 1'000).status, PlaceOrderStatus::created);
  EXPECT_EQ(few.apply(PlaceOrder{{1}, {1}, 2}, 1'000).status, PlaceOrderStatus::purchase_limit);
  EXPECT_EQ(few.apply(PlaceOrder{{1}, {1}}, 1'000).status, PlaceOrderStatus::orders_full);
  few.check_invariants();
}

// Goal: what comes by its time, when nobody is there to be refused, finds room in a ledger in which
// purchases take what they get. More waves than a fixed number of free accounts would carry.
TEST(Sale, FillsTheLedgerOnlySoFarThatEverythingElseFindsRoom) {
  constexpr std::uint64_t kDrops = 160;
  Shop shop({.accounts_max = kAccountsHeadroom + 20});
  shop.stock_up(kDrops * kWavesMax);
  CreateDrop plan = Shop::plan("", {});
  while (plan.waves.size() < kWavesMax) { plan.waves.push_back(Shop::wave(1'000, 1)); }
  std::uint64_t person = 0;
  for (std::uint64_t drop = 1; drop <= kDrops; ++drop) {
    const std::string code = "drop-" + std::to_string(drop);
    plan.code = std::string_view(code);
    plan.opens_at = from_unix_ms(static_cast<std::int64_t>(drop));
    ASSERT_EQ(shop.add_drop(plan).value, drop);
    (void)shop.apply(ReleaseWave{{drop}, 1}, 0);
    (void)shop.apply(PlaceOrder{{drop}, {++person}}, static_cast<std::int64_t>(drop));
  }
  EXPECT_EQ(shop.apply(PlaceOrder{{kDrops}, {++person}}, 999).status,
            PlaceOrderStatus::accounts_full);
  ASSERT_GT(shop.orders.live(), 2U);
  ASSERT_EQ(shop.apply(ConfirmPayment{{1}, "p-1", Money{100, kCny}}, 999).status,
            ConfirmPaymentStatus::paid);
  ASSERT_EQ(shop.apply(ConfirmPayment{{1}, "p-2", Money{100, kCny}}, 999).status,
            ConfirmPaymentStatus::refund_due);
  shop.run_due(1'000);
  EXPECT_GT(shop.ledger.accounts(), kDrops * kWavesMax);
  for (std::uint64_t drop = 1; drop <= kDrops; ++drop) {
    (void)shop.apply(CancelDrop{{drop}}, 1'000);
  }
  shop.run_due(61'000);
  EXPECT_EQ(shop.stock.on_hand({1}), static_cast<std::int64_t>(kDrops * kWavesMax) - 1);
  shop.check_invariants();
}

TEST(SaleCancelOrder, FirstFailedCheckWins) {
  using enum CancelOrderStatus;
  Shop shop;
  shop.stock_up(100);
  const DropId id = shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  const std::int64_t now = 1'000 + Millis(kOrderRetention).count();
  // Order 1 left; 2 to 4 are paid, expired, given up; 5 waits; 6 is over at this very instant.
  (void)shop.apply(PlaceOrder{id, {1}}, 1'000);
  (void)shop.apply(CancelOrder{{1}, {1}}, 1'000);
  for (const std::uint64_t person : {2U, 3U, 4U}) {
    (void)shop.apply(PlaceOrder{id, {person}}, 2'000);
  }
  (void)shop.apply(ConfirmPayment{{2}, "p-2", Money{100, kCny}}, 2'000);
  (void)shop.apply(CancelOrder{{4}, {4}}, 2'000);
  shop.run_due(now);
  (void)shop.apply(PlaceOrder{id, {5}}, now - 1);
  (void)shop.apply(PlaceOrder{id, {6}}, now - 60'000);
  const struct {
    CancelOrder command;
    CancelOrderStatus want;
  } rows[] = {
      {{{0}, {5}}, order_not_found},   {{{7}, {5}}, order_not_found},
      {{{2}, {3}}, order_not_found},   {{{5}, {0}}, order_not_found},
      {{{1}, {9}}, order_archived},    {{{2}, {2}}, order_paid},
      {{{3}, {3}}, order_expired},     {{{6}, {6}}, order_expired},
      {{{4}, {4}}, already_cancelled}, {{{5}, {5}}, cancelled},
      {{{5}, {5}}, already_cancelled},
  };
  expect_first_failed_check(shop, rows, now);
  EXPECT_EQ(shop.drops.drop(id).orders.cancelled, 3);
}

TEST(SaleConfirmPayment, FirstFailedCheckWins) {
  using enum ConfirmPaymentStatus;
  Shop shop;
  shop.stock_up(100);
  const DropId id = shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  (void)shop.apply(PlaceOrder{id, {1}}, 1'000);
  (void)shop.apply(CancelOrder{{1}, {1}}, 1'000);
  const std::int64_t now = 1'000 + Millis(kOrderRetention).count();
  shop.run_due(now);
  ASSERT_TRUE(shop.orders.was_archived({1}));
  (void)shop.apply(PlaceOrder{id, {2}}, now);
  (void)shop.apply(PlaceOrder{id, {3}}, now);
  ASSERT_EQ(shop.apply(ConfirmPayment{{3}, "known", Money{100, kCny}}, now).status, paid);
  const Money right{100, kCny};
  const struct {
    ConfirmPayment command;
    ConfirmPaymentStatus want;
  } rows[] = {
      {{{9}, "", Money{0, kEur}}, payment_id_must_not_be_empty},
      {{{9}, "known", Money{0, kEur}}, amount_must_be_positive},
      {{{9}, "known", Money{-5, kEur}}, amount_must_be_positive},
      {{{9}, "known", Money{kAmountMax + 1, kEur}}, amount_must_be_positive},
      {{{9}, "known", Money{kAmountMax, {}}}, currency_must_not_be_none},
      {{{3}, "known", right}, exists},
      {{{9}, "known", Money{kAmountMax, kEur}}, exists_with_different_fields},
      {{{3}, "known", Money{101, kCny}}, exists_with_different_fields},
      {{{3}, "known", Money{100, kUsd}}, exists_with_different_fields},
      {{{2}, "known", right}, exists_with_different_fields},
      {{{2}, "new", right}, paid},
      {{{2}, "newer", right}, refund_due},
      {{{1}, "archived", Money{1, kEur}}, refund_due},
      {{{9}, "nowhere", Money{1, kEur}}, unmatched},
      {{{0}, "none", Money{1, kEur}}, unmatched},
      {{{2}, "euros", Money{1, kEur}}, unmatched},
      {{{2}, "dollars", Money{15, kUsd}}, unmatched},
      {{{2}, "less", Money{99, kCny}}, unmatched},
      {{{2}, "more", Money{101, kCny}}, unmatched},
  };
  expect_first_failed_check(shop, rows, now);
  EXPECT_EQ(shop.drops.drop(id).orders.paid, 2);
  EXPECT_EQ(shop.drops.units(id).sold, 2);
  const Asset money = Asset::money(kCny);
  EXPECT_EQ(shop.ledger.balance({Holder::revenue(), money}).available, 200);
  EXPECT_EQ(shop.ledger.balance({Holder::refunds_due(), money}).available, 100);
  EXPECT_EQ(shop.ledger.balance({Holder::unmatched(), money}).available, 200);
  EXPECT_EQ(shop.ledger.balance({Holder::refunds_due(), Asset::money(kEur)}).available, 1);
  EXPECT_EQ(shop.ledger.balance({Holder::unmatched(), Asset::money(kEur)}).available, 3);
  EXPECT_EQ(shop.ledger.balance({Holder::unmatched(), Asset::money(kUsd)}).available, 15);
}

// An order that other money named can still be paid, and its own money is not taken twice.
TEST(SaleConfirmPayment, OtherMoneyLeavesTheOrderAsItWas) {
  Shop shop;
  shop.stock_up(100);
  (void)shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  (void)shop.apply(PlaceOrder{{1}, {1}}, 1'000);
  const ConfirmPayment less{{1}, "less", Money{99, kCny}};
  EXPECT_EQ(shop.apply(less, 2'000).outcome, PaymentOutcome::unmatched);
  EXPECT_EQ(shop.orders.find({1})->state, OrderState::pending_payment);
  const ConfirmPaymentResult again = shop.apply(less, 2'000);
  EXPECT_EQ(again.status, ConfirmPaymentStatus::exists);
  EXPECT_EQ(again.outcome, PaymentOutcome::unmatched);
  EXPECT_EQ(shop.apply(ConfirmPayment{{1}, "right", Money{100, kCny}}, 2'000).status,
            ConfirmPaymentStatus::paid);
  shop.check_invariants();
}

TEST(SaleConfirmPayment, SaysWhenTheBooksCannotHoldIt) {
  Shop rich;
  rich.stock_up(100);
  (void)rich.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  rich.run_due(1'000);
  (void)rich.apply(PlaceOrder{{1}, {1}}, 1'000);
  const Asset money = Asset::money(kCny);
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(
        rich.ledger
            .post(TransferOp{{Holder::world(), money}, {Holder::revenue(), money}, kAmountMax})
            .status,
        PostStatus::posted);
  }
  const std::int64_t room = kBalanceMax - 4 * kAmountMax - 99;
  ASSERT_EQ(rich.ledger.post(TransferOp{{Holder::world(), money}, {Holder::revenue(), money}, room})
                .status,
            PostStatus::posted);
  EXPECT_EQ(rich.apply(ConfirmPayment{{1}, "p", Money{100, kCny}}, 1'000).status,
            ConfirmPaymentStatus::money_overflow);
  EXPECT_EQ(rich.orders.find({1})->state, OrderState::pending_payment);
  rich.ledger.check_invariants();
  rich.orders.check_invariants();
}

TEST(Sale, ThePaymentIdIsKnownWholeAndForGood) {
  Shop shop;
  shop.stock_up(100);
  const DropId id = shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  // Ids that share a beginning, an end or a half.
  const std::string_view ids[] = {
      "a", "aa", "aaa", "ab", "ba", "a-0123456789", "b-0123456789", "0123456789-a", "0123456789-b"};
  std::uint64_t person = 0;
  for (const std::string_view payment_id : ids) {
    const OrderId order = shop.apply(PlaceOrder{id, {++person}}, 1'000).order_id;
    EXPECT_EQ(shop.apply(ConfirmPayment{order, payment_id, Money{100, kCny}}, 1'000).status,
              ConfirmPaymentStatus::paid)
        << payment_id;
  }
  Payments payments;
  Sale loaded(shop.ledger, shop.catalogue, shop.orders, shop.drops, shop.reservations, shop.codes,
              shop.rooms, shop.buyer_keys, payments);
  reload(shop.sale, loaded);
  expect_no_prefix_loads(shop.sale, loaded);
  reload(shop.sale, loaded);
  std::uint64_t order = 0;
  for (const std::string_view payment_id : ids) {
    EXPECT_EQ(loaded
                  .apply(ConfirmPayment{{++order}, payment_id, Money{100, kCny}},
                         shop.context.at(9'000'000))
                  .status,
              ConfirmPaymentStatus::exists);
  }
}

TEST(Sale, DeadlinesOfOrdersThatEndedOtherwiseChangeNothing) {
  Shop shop;
  shop.stock_up(100);
  const DropId id = shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  (void)shop.apply(PlaceOrder{id, {1}}, 1'000);
  (void)shop.apply(ConfirmPayment{{1}, "p", Money{100, kCny}}, 1'000);
  const std::uint64_t before = shop.digest();
  const CommandContext now = shop.context.at(61'000);
  shop.sale.expire_due({1}, now);
  shop.sale.expire_due({9}, now);
  shop.sale.archive_due({9}, now);
  EXPECT_EQ(shop.digest(), before);
  EXPECT_EQ(shop.context.facts(), 0U);
  (void)shop.apply(CancelDrop{id}, 61'000);
  // Too early, as the deadline of an order that has changed since is.
  shop.sale.archive_due({1}, shop.context.at(61'000));
  EXPECT_EQ(shop.context.facts(), 0U);
  const CommandContext later = shop.context.at(1'000 + Millis(kOrderRetention).count());
  shop.sale.archive_due({1}, later);
  shop.sale.archive_due({1}, later);
  EXPECT_EQ(shop.context.facts(), 1U);
  shop.check_invariants();
}

// ---- What becomes of rights --------------------------------------------------------------------

constexpr std::int64_t kMonth = Millis(kOrderRetention).count();

PlaceOrderStatus buy(Shop& shop, std::uint64_t person, std::int64_t ms) {
  const PlaceOrderResult placed = shop.apply(PlaceOrder{{1}, {person}}, ms);
  if (placed.status != PlaceOrderStatus::created) { return placed.status; }
  const std::string payment_id = "p-" + std::to_string(placed.order_id.value);
  EXPECT_EQ(
      shop.apply(ConfirmPayment{placed.order_id, std::string_view(payment_id), Money{100, kCny}},
                 ms)
          .status,
      ConfirmPaymentStatus::paid);
  return placed.status;
}

std::int64_t right_of(const Shop& shop, std::uint64_t person) {
  return shop.ledger.balance({Holder::person({person}), Asset::right({1})}).available;
}

TEST(SaleRights, APaidOrderStaysWhileItsDropMaySell) {
  // What the drop still has besides the unit that is sold.
  const struct {
    std::string_view name;
    WaveRelease second_wave;
    bool sold;
    bool held;
  } rows[] = {{"unreleased", WaveRelease::manual, false, false},
              {"available", WaveRelease::automatic, false, false},
              {"held", WaveRelease::automatic, false, true},
              {"nothing", WaveRelease::automatic, true, false}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Shop shop;
    shop.stock_up(100);
    CreateDrop plan =
        Shop::plan("a", {Shop::wave(1'000, 1), Shop::wave(1'000, 1, row.second_wave)});
    plan.per_person_limit = 1;
    (void)shop.add_drop(plan);
    shop.run_due(1'000);
    ASSERT_EQ(buy(shop, 1, 1'000), PlaceOrderStatus::created);
    if (row.sold) { ASSERT_EQ(buy(shop, 2, 2'000), PlaceOrderStatus::created); }
    if (row.held) { (void)shop.apply(PlaceOrder{{1}, {2}}, kMonth); }
    shop.run_due(1'000 + kMonth);
    EXPECT_EQ(shop.orders.was_archived({1}), row.sold);
    EXPECT_EQ(right_of(shop, 1), row.sold ? 0 : 1);
    shop.check_invariants();
    if (row.name == "available") {
      EXPECT_EQ(buy(shop, 1, 1'000 + kMonth), PlaceOrderStatus::purchase_limit);
    }
    if (row.sold) { continue; }
    EXPECT_EQ(shop.schedule.next(),
              row.held ? from_unix_ms(kMonth + 60'000) : from_unix_ms(1'000 + 2 * kMonth));
    // Cancelled in between, it leaves at its next deadline, and no deadline of it is left.
    (void)shop.apply(CancelDrop{{1}}, 2 * kMonth);
    shop.run_due(999 + 2 * kMonth);
    EXPECT_EQ(right_of(shop, 1), 1);
    shop.run_due(1'000 + 2 * kMonth);
    EXPECT_TRUE(shop.orders.was_archived({1}));
    EXPECT_EQ(right_of(shop, 1), 0);
    shop.check_invariants();
  }
}

TEST(SaleRights, LeaveNoAccountWhenADropIsOver) {
  Shop shop;
  shop.stock_up(3);
  (void)shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 3)}));
  shop.run_due(1'000);
  for (const std::uint64_t person : {1U, 2U, 2U}) {
    ASSERT_EQ(buy(shop, person, 1'000), PlaceOrderStatus::created);
  }
  const auto rights = [&] {
    std::uint64_t accounts = 0;
    shop.ledger.for_each_account([&](const Account& account) {
      if (account.key.asset == Asset::right({1})) { ++accounts; }
    });
    return accounts;
  };
  EXPECT_EQ(rights(), 3U);  // Two persons and the source.
  shop.run_due(1'000 + kMonth);
  EXPECT_EQ(rights(), 0U);
  EXPECT_EQ(shop.orders.live(), 0U);
  EXPECT_EQ(shop.schedule.size(), 0U);
  shop.check_invariants();
}

TEST(SaleRightsDeathTest, ARightWithoutAnOrderIsNoticed) {
  Shop shop;
  shop.stock_up(100);
  (void)shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  ASSERT_EQ(buy(shop, 1, 1'000), PlaceOrderStatus::created);
  shop.check_invariants();
  const Asset right = Asset::right({1});
  for (const std::uint64_t person : {1U, 2U}) {
    const TransferOp more{{Holder::rights_source(), right}, {Holder::person({person}), right}, 1};
    ASSERT_EQ(shop.ledger.post(more).status, PostStatus::posted);
    EXPECT_DEATH(shop.sale.check_invariants(), "assertion failed");
    const TransferOp back{more.to, more.from, 1};
    ASSERT_EQ(shop.ledger.post(back).status, PostStatus::posted);
  }
  shop.check_invariants();
}

}  // namespace
}  // namespace firebrand
