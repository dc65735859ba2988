#include "core/launch/refunds.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr std::int64_t kMonth = Millis(kOrderRetention).count();

/// Drop 1 with 50 units at CNY 1.00, limit 2; orders 1 to `orders` of two units, paid by "p-<n>".
void sell(Shop& shop, std::uint64_t orders) {
  shop.stock_up(100);
  (void)shop.add_drop(Shop::plan("a", {Shop::wave(1'000, 50)}));
  shop.run_due(1'000);
  for (std::uint64_t id = 1; id <= orders; ++id) {
    (void)shop.apply(PlaceOrder{{1}, {id}, 2}, 1'000);
    const std::string payment_id = "p-" + std::to_string(id);
    ASSERT_EQ(
        shop.apply(ConfirmPayment{{id}, std::string_view(payment_id), Money{200, kCny}}, 1'000)
            .status,
        ConfirmPaymentStatus::paid);
  }
}

std::int64_t money_of(const Shop& shop, Holder holder) {
  return shop.ledger.balance({holder, Asset::money(kCny)}).available;
}

TEST(ReturnUnits, FirstFailedCheckWins) {
  using enum ReturnUnitsStatus;
  Shop shop;
  sell(shop, 2);
  (void)shop.apply(PlaceOrder{{1}, {9}}, 1'000);   // Order 3 waits for payment.
  (void)shop.apply(PlaceOrder{{1}, {10}}, 1'000);  // Order 4 is given up.
  (void)shop.apply(CancelOrder{{4}, {10}}, 1'000);
  const struct {
    ReturnUnits command;
    ReturnUnitsStatus want;
  } rows[] = {
      {{{9}, 0}, quantity_out_of_range},
      {{{9}, -1}, quantity_out_of_range},
      {{{9}, 1'001}, quantity_out_of_range},
      {{{9}, 3}, order_not_found},
      {{{0}, 3}, order_not_found},
      {{{3}, 3}, order_not_paid},
      {{{4}, 3}, order_not_paid},
      {{{1}, 3}, quantity_exceeds_order},
      {{{1}, 1}, returned},
      {{{1}, 2}, quantity_exceeds_order},
      {{{1}, 1}, returned},
      {{{2}, 2, ReturnTo::returned}, returned},
  };
  expect_first_failed_check(shop, rows, 2'000);
  EXPECT_EQ(shop.apply(ReturnUnits{{1}, 1}, 2'000).status, order_not_paid) << "all came back";
  EXPECT_EQ(shop.orders.find({1})->state, OrderState::returned);
  const DropUnits units = shop.drops.units({1});
  EXPECT_EQ(units.sold, 0);
  EXPECT_EQ(units.returned, 2);
  EXPECT_EQ(units.available, 47);
  EXPECT_EQ(money_of(shop, Holder::revenue()), 0);
  EXPECT_EQ(money_of(shop, Holder::refunds_due()), 400);
}

TEST(ReturnUnits, GivesTheRightAndThePriceOfEachUnitBack) {
  Shop shop;
  sell(shop, 1);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}}, 2'000).status, PlaceOrderStatus::purchase_limit);
  const ReturnUnitsResult result = shop.apply(ReturnUnits{{1}, 1}, 2'000);
  EXPECT_EQ(result.units_left, 1);
  EXPECT_EQ(result.owed, (Money{100, kCny}));
  EXPECT_EQ(shop.orders.find({1})->state, OrderState::paid);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}}, 2'000).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}}, 2'000).status, PlaceOrderStatus::purchase_limit);
  // Paid once more for what was given back: owed back.
  EXPECT_EQ(shop.apply(ConfirmPayment{{1}, "again", Money{200, kCny}}, 2'000).status,
            ConfirmPaymentStatus::refund_due);
  shop.check_invariants();
}

TEST(ReturnUnits, OfACancelledDropGoToFreeStock) {
  Shop shop;
  sell(shop, 1);
  (void)shop.apply(CancelDrop{{1}}, 2'000);
  const std::int64_t free = shop.stock.on_hand({1});
  EXPECT_EQ(shop.apply(ReturnUnits{{1}, 2}, 2 * kMonth).status, ReturnUnitsStatus::returned);
  EXPECT_EQ(shop.stock.on_hand({1}), free + 2);
  shop.check_invariants();
}

// The first order left with its right as everything was sold; the second was kept by a later
// payment. If its unit went on sale again, the first buyer could buy beyond the limit.
TEST(ReturnUnits, DoNotBringADropBackWhoseRightsHaveEnded) {
  Shop shop;
  shop.stock_up(2);
  CreateDrop plan = Shop::plan("a", {Shop::wave(1'000, 2)});
  plan.per_person_limit = 1;
  plan.payment_window_seconds = kPaymentWindowSecondsMax;
  (void)shop.add_drop(plan);
  shop.run_due(1'000);
  (void)shop.apply(PlaceOrder{{1}, {1}}, 1'000);
  (void)shop.apply(ConfirmPayment{{1}, "p-1", Money{100, kCny}}, 1'000);
  (void)shop.apply(PlaceOrder{{1}, {2}}, 2'000);
  (void)shop.apply(ConfirmPayment{{2}, "p-2", Money{100, kCny}}, 3'000);
  shop.run_due(1'000 + kMonth);
  ASSERT_TRUE(shop.orders.was_archived({1}));
  const std::uint64_t before = shop.digest();
  EXPECT_EQ(shop.apply(ReturnUnits{{2}, 1}, 1'000 + kMonth).status, ReturnUnitsStatus::drop_over);
  EXPECT_EQ(shop.digest(), before);
  EXPECT_EQ(shop.apply(ReturnUnits{{1}, 1}, 1'000 + kMonth).status,
            ReturnUnitsStatus::order_archived);
  EXPECT_EQ(shop.apply(ReturnUnits{{2}, 1, ReturnTo::returned}, 1'000 + kMonth).status,
            ReturnUnitsStatus::returned);
  // It stays for thirty days after this change.
  shop.run_due(3'000 + kMonth);
  EXPECT_FALSE(shop.orders.was_archived({2}));
  shop.run_due(1'000 + 2 * kMonth);
  EXPECT_TRUE(shop.orders.was_archived({2}));
  shop.check_invariants();
}

TEST(RequestRefund, FirstFailedCheckWins) {
  using enum RequestRefundStatus;
  Shop shop;
  sell(shop, 1);
  (void)shop.apply(ConfirmPayment{{1}, "late", Money{200, kCny}}, 2'000);
  (void)shop.apply(ReturnUnits{{1}, 1}, 2'000);
  const struct {
    RequestRefund command;
    RequestRefundStatus want;
  } rows[] = {
      {{"", "", Money{0, kEur}}, refund_id_must_not_be_empty},
      {{"r-1", "", Money{0, kEur}}, payment_id_must_not_be_empty},
      {{"r-1", "nobody", Money{0, kEur}}, amount_must_be_positive},
      {{"r-1", "nobody", Money{kAmountMax + 1, kEur}}, amount_must_be_positive},
      {{"r-1", "nobody", Money{500, kEur}}, payment_not_found},
      {{"r-1", "late", Money{500, kEur}}, currency_mismatch},
      {{"r-1", "late", Money{201, kCny}}, refund_exceeds_due},
      {{"r-1", "p-1", Money{101, kCny}}, refund_exceeds_due},
      {{"r-1", "p-1", Money{100, kCny}}, requested},
      {{"r-2", "late", Money{150, kCny}}, requested},
  };
  expect_first_failed_check(shop, rows, 2'000);
  const struct {
    RequestRefund command;
    RequestRefundStatus want;
  } again[] = {
      {{"r-1", "p-1", Money{100, kCny}}, exists},
      {{"r-1", "p-1", Money{99, kCny}}, exists_with_different_fields},
      {{"r-1", "p-1", Money{100, kEur}}, exists_with_different_fields},
      {{"r-1", "late", Money{100, kCny}}, exists_with_different_fields},
      {{"r-1", "nobody", Money{100, kCny}}, exists_with_different_fields},
      {{"r-3", "late", Money{51, kCny}}, refund_exceeds_due},
  };
  expect_first_failed_check(shop, again, 2'000);
  EXPECT_EQ(money_of(shop, Holder::refunds_sent()), 250);
  EXPECT_EQ(money_of(shop, Holder::refunds_due()), 50);
}

TEST(ConfirmRefund, FirstFailedCheckWins) {
  using enum ConfirmRefundStatus;
  constexpr RefundState kFailed = RefundState::failed;
  Shop shop;
  sell(shop, 2);
  (void)shop.apply(ReturnUnits{{1}, 2}, 2'000);
  for (const std::string_view id : {"r-1", "r-2"}) {
    ASSERT_EQ(shop.apply(RequestRefund{id, "p-1", Money{50, kCny}}, 2'000).status,
              RequestRefundStatus::requested);
  }
  const struct {
    ConfirmRefund command;
    ConfirmRefundStatus want;
  } rows[] = {
      {{"", "", Money{-1, kEur}, RefundState::requested}, refund_id_must_not_be_empty},
      {{"r", "", Money{-1, kEur}, RefundState::requested}, payment_id_must_not_be_empty},
      {{"r", "x", Money{-1, kEur}, RefundState::requested}, amount_must_not_be_negative},
      {{"r", "x", Money{500, kEur}, RefundState::requested}, outcome_must_be_final},
      {{"r-1", "p-2", Money{50, kCny}}, exists_with_different_fields},
      {{"r-1", "p-1", Money{51, kCny}}, exists_with_different_fields},
      {{"r-1", "p-1", Money{50, kEur}}, exists_with_different_fields},
      {{"r", "x", Money{500, kEur}}, payment_not_found},
      {{"r", "p-2", Money{0, kEur}}, refund_not_found},
      {{"r", "p-2", Money{500, kEur}, kFailed}, refund_not_found},
      {{"r", "p-2", Money{500, kEur}}, currency_mismatch},
      {{"r", "p-2", Money{201, kCny}}, refund_exceeds_payment},
      {{"r-1", "p-1", Money{50, kCny}}, confirmed},
      {{"r", "p-2", Money{100, kCny}}, booked},
      {{"r-2", "p-1", Money{0, {}}, kFailed}, failed},
  };
  expect_first_failed_check(shop, rows, 2'000);
  EXPECT_EQ(shop.apply(ConfirmRefund{"r-1", "p-1", Money{50, kCny}}, 2'000).status, exists);
  EXPECT_EQ(shop.apply(ConfirmRefund{"r-1", "p-1", Money{}, kFailed}, 2'000).status, refund_done);
  EXPECT_EQ(shop.apply(ConfirmRefund{"r-2", "p-1", Money{}, kFailed}, 2'000).status, exists);
  // It had failed, and went through all the same.
  EXPECT_EQ(shop.apply(ConfirmRefund{"r-2", "p-1"}, 2'000).status, booked);
  EXPECT_EQ(money_of(shop, Holder::refunded()), 200);
  EXPECT_EQ(money_of(shop, Holder::revenue()), 100);
  EXPECT_EQ(money_of(shop, Holder::refunds_due()), 100);
  // The unit that was paid back by hand comes back after it: nothing more is owed.
  EXPECT_EQ(shop.apply(ReturnUnits{{2}, 1}, 2'000).owed, (Money{0, kCny}));
  EXPECT_EQ(shop.apply(ReturnUnits{{2}, 1}, 2'000).owed, (Money{100, kCny}));
  shop.check_invariants();
}

TEST(Refunds, AreInTheSnapshotOfTheSale) {
  Shop shop;
  sell(shop, 2);
  (void)shop.apply(ReturnUnits{{1}, 2}, 2'000);
  (void)shop.apply(RequestRefund{"r-1", "p-1", Money{50, kCny}}, 2'000);
  Payments payments;
  Sale loaded(shop.ledger, shop.catalogue, shop.orders, shop.drops, shop.reservations, shop.codes,
              shop.rooms, shop.buyer_keys, payments);
  reload(shop.sale, loaded);
  expect_no_prefix_loads(shop.sale, loaded);
  reload(shop.sale, loaded);
  EXPECT_EQ(loaded.payments().units_returned({1}), 2);
  EXPECT_EQ(loaded.payments().payment(loaded.payments().find("p-1")).due(), 150);
  EXPECT_NE(loaded.payments().find_refund("r-1"), 0U);
}

// What a piece of version 1 holds: payments alone, of four fields.
TEST(Refunds, ASnapshotFromBeforeThemLoads) {
  MemorySink sink;
  put_u64(sink, 1);
  put_u32(sink, 35);
  for (int i = 0; i < 16; ++i) { sink.write(std::as_bytes(std::span("x", 1))); }
  put_u64(sink, 7);
  put_u64(sink, 199'900);
  const auto put_byte = [&](unsigned byte) {
    const std::byte one{static_cast<unsigned char>(byte)};
    sink.write(std::span(&one, 1));
  };
  put_byte(kCny.value & 0xFFU);
  put_byte(kCny.value >> 8U);
  put_byte(1);  // refund_due
  MemorySource source(sink.bytes());
  Payments payments;
  ASSERT_TRUE(payments.load(source, 1));
  EXPECT_EQ(source.bytes_left(), 0U);
  EXPECT_EQ(payments.payment(1).due(), 199'900);
  EXPECT_EQ(payments.payment(1).order_id, OrderId{7});
}

// Whatever comes, goes back and is returned in whatever order, no money is made or lost.
RC_GTEST_PROP(RefundsProperty, MoneyIsNeverMadeOrLost, ()) {
  Shop shop;
  sell(shop, 3);
  const auto some_id = [](std::string_view what, int count) {
    return std::string(what) + std::to_string(*rc::gen::inRange(1, count + 1));
  };
  std::int64_t came = 600;
  for (int steps = *rc::gen::inRange(1, 60); steps > 0; --steps) {
    const std::string payment_id = some_id("p-", 6);
    const std::string refund_id = some_id("r-", 5);
    const Money amount{*rc::gen::inRange<std::int64_t>(0, 220),
                       *rc::gen::inRange(0, 10) == 0 ? kUsd : kCny};
    const OrderId order{*rc::gen::inRange<std::uint64_t>(1, 5)};
    switch (*rc::gen::inRange(0, 5)) {
      case 0: {
        const auto result =
            shop.apply(ConfirmPayment{order, std::string_view(payment_id), amount}, 2'000);
        const bool done = status_band(static_cast<std::uint8_t>(result.status)) == StatusBand::done;
        if (done && amount.currency == kCny) { came += amount.minor; }
        break;
      }
      case 1:
        (void)shop.apply(ReturnUnits{order, *rc::gen::inRange(0, 3),
                                     *rc::gen::element(ReturnTo::on_sale, ReturnTo::returned)},
                         2'000);
        break;
      case 2:
        (void)shop.apply(
            RequestRefund{std::string_view(refund_id), std::string_view(payment_id), amount},
            2'000);
        break;
      default:
        (void)shop.apply(
            ConfirmRefund{std::string_view(refund_id), std::string_view(payment_id), amount,
                          *rc::gen::element(RefundState::done, RefundState::failed)},
            2'000);
        break;
    }
    shop.check_invariants();
    std::int64_t sum = 0;
    for (const Holder holder : {Holder::revenue(), Holder::refunds_due(), Holder::unmatched(),
                                Holder::refunds_sent(), Holder::refunded()}) {
      RC_ASSERT(money_of(shop, holder) >= 0);
      sum += money_of(shop, holder);
    }
    RC_ASSERT(sum == came);
  }
}

}  // namespace
}  // namespace firebrand
