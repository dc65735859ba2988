// Deposits that are owed back, refunded as other payments are.
#include <gtest/gtest.h>

#include <string_view>

#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr Money kDeposit{20, kCny};  // The price of a unit is 100.

/// A drop with ten places, reserved by person 1, whose deposit "d-1" is paid.
struct Deposited : Shop {
  explicit Deposited(DepositKind kind) {
    stock_up(100);
    (void)add_drop(plan("a", {wave(1'000, 5)}));
    EXPECT_EQ(apply(OpenReservations{.drop_id = {1},
                                     .opens_at = from_unix_ms(100),
                                     .closes_at = from_unix_ms(50'000),
                                     .cap = 10,
                                     .deposit_kind = kind,
                                     .deposit_minor = kDeposit.minor,
                                     .balance_due_at = from_unix_ms(100'000),
                                     .reminder_seconds = 0},
                    0)
                  .status,
              OpenReservationsStatus::opened);
    pay(1, "d-1");
  }
  void pay(std::uint64_t person, std::string_view payment_id) {
    const ReserveResult made = apply(Reserve{{1}, {person}}, 200);
    EXPECT_EQ(apply(ConfirmDeposit{made.reservation_id, payment_id, kDeposit}, 200).status,
              ConfirmDepositStatus::reserved);
  }
  void cancel() {
    (void)apply(CancelDrop{{1}}, 300);
    run_due(300);
  }
  auto ask(std::string_view refund_id, std::string_view payment_id, Money amount) {
    return apply(RequestRefund{refund_id, payment_id, amount}, 400).status;
  }
  auto told(std::string_view refund_id, std::string_view payment_id, RefundState outcome) {
    return apply(ConfirmRefund{refund_id, payment_id, kDeposit, outcome}, 500).status;
  }
  [[nodiscard]] std::int64_t at(Holder holder) const {
    return ledger.balance({holder, Asset::money(kCny)}).available;
  }
};

TEST(DepositRefunds, WhatStandsIsNotRefundedAndWhatIsOwedIsOnce) {
  using enum RequestRefundStatus;
  Deposited shop(DepositKind::refundable);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), payment_not_found) << "the reservation stands";
  (void)shop.apply(WithdrawReservation{{1}, {1}}, 300);
  EXPECT_EQ(shop.context.facts(), 2U) << "reservation_ended, deposit_owed";
  EXPECT_EQ(shop.ask("r-1", "d-1", Money{21, kCny}), refund_exceeds_due);
  EXPECT_EQ(shop.ask("r-1", "d-1", Money{20, kEur}), currency_mismatch);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), requested);
  EXPECT_EQ(shop.ask("r-2", "d-1", Money{1, kCny}), refund_exceeds_due);
  EXPECT_EQ(shop.at(Holder::refunds_due()), 0);
  EXPECT_EQ(shop.at(Holder::refunds_sent()), 20);
  shop.check_invariants();
  EXPECT_EQ(shop.told("r-1", "d-1", RefundState::failed), ConfirmRefundStatus::failed);
  EXPECT_EQ(shop.at(Holder::refunds_due()), 20);
  EXPECT_EQ(shop.ask("r-3", "d-1", kDeposit), requested);
  EXPECT_EQ(shop.told("r-3", "d-1", RefundState::done), ConfirmRefundStatus::confirmed);
  EXPECT_EQ(shop.told("r-3", "d-1", RefundState::done), ConfirmRefundStatus::exists);
  EXPECT_EQ(shop.at(Holder::refunded()), 20);
  EXPECT_EQ(shop.at(Holder::refunds_due()), 0);
  shop.check_invariants();
}

TEST(DepositRefunds, TheProvidersOwnHandTakesWhatIsOwedAndNoMore) {
  Deposited shop(DepositKind::refundable);
  (void)shop.apply(WithdrawReservation{{1}, {1}}, 300);
  EXPECT_EQ(shop.apply(ConfirmRefund{"hand", "d-1", Money{21, kCny}}, 400).status,
            ConfirmRefundStatus::refund_exceeds_payment);
  EXPECT_EQ(shop.told("hand", "d-1", RefundState::done), ConfirmRefundStatus::booked);
  EXPECT_EQ(shop.at(Holder::revenue()), 0);
  EXPECT_EQ(shop.at(Holder::refunds_due()), 0);
  shop.check_invariants();
}

// Two halves, each with an id: the one that was paid, and what the seller owes on top.
TEST(DepositRefunds, TheSellersDefaultIsTwoRefunds) {
  using enum RequestRefundStatus;
  Deposited shop(DepositKind::binding);
  shop.cancel();
  EXPECT_EQ(shop.at(Holder::refunds_due()), 40);
  EXPECT_EQ(shop.ask("r-1", "d-1", Money{40, kCny}), refund_exceeds_due);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), requested);
  EXPECT_EQ(shop.ask("r-2", "penalty:rsv_1", kDeposit), requested);
  EXPECT_EQ(shop.told("r-1", "d-1", RefundState::done), ConfirmRefundStatus::confirmed);
  EXPECT_EQ(shop.told("r-2", "penalty:rsv_1", RefundState::done), ConfirmRefundStatus::confirmed);
  EXPECT_EQ(shop.at(Holder::refunds_due()), 0);
  EXPECT_EQ(shop.at(Holder::refunded()), 40);
  EXPECT_EQ(shop.at(Holder::penalties()), -20);
  shop.check_invariants();
}

TEST(DepositRefunds, ALostDepositIsNotRefunded) {
  Deposited shop(DepositKind::binding);
  (void)shop.apply(WithdrawReservation{{1}, {1}}, 300);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), RequestRefundStatus::payment_not_found);
}

TEST(DepositRefunds, ADepositThatFitsNothingIsRefunded) {
  Deposited shop(DepositKind::binding);
  EXPECT_EQ(shop.apply(ConfirmDeposit{{9}, "d-9", kDeposit}, 300).status,
            ConfirmDepositStatus::refund_due);
  EXPECT_EQ(shop.ask("r-9", "d-9", kDeposit), RequestRefundStatus::requested);
  shop.check_invariants();
}

// Who reserves again pays again: each time its own payment is owed.
TEST(DepositRefunds, TheNewestPaymentOfAReservationIsTheOneThatIsOwed) {
  Deposited shop(DepositKind::refundable);
  (void)shop.apply(WithdrawReservation{{1}, {1}}, 300);
  shop.pay(1, "d-1-again");
  EXPECT_EQ(shop.ask("r-2", "d-1-again", kDeposit), RequestRefundStatus::payment_not_found);
  // What knows it is not saved: it comes out of the payments.
  Reservations loaded(shop.ledger, shop.schedule, shop.catalogue, shop.drops, shop.rooms,
                      shop.payments);
  reload(shop.reservations, loaded);
  EXPECT_EQ(loaded.find({1}, {1})->paid_by, 2U);
  (void)shop.apply(WithdrawReservation{{1}, {1}}, 300);
  EXPECT_EQ(shop.ask("r-2", "d-1-again", kDeposit), RequestRefundStatus::requested);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), RequestRefundStatus::requested);
  shop.check_invariants();
}

TEST(DepositRefunds, AnIdThatAnOrderWasPaidWithStaysTheOrders) {
  Deposited shop(DepositKind::refundable);
  shop.run_due(1'000);
  const PlaceOrderResult placed = shop.apply(PlaceOrder{{1}, {2}}, 1'000);
  EXPECT_EQ(shop.apply(ConfirmPayment{placed.order_id, "d-1", placed.total}, 1'000).status,
            ConfirmPaymentStatus::paid);
  (void)shop.apply(WithdrawReservation{{1}, {1}}, 1'000);
  EXPECT_EQ(shop.context.facts(), 1U);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), RequestRefundStatus::refund_exceeds_due);
  EXPECT_EQ(shop.at(Holder::refunds_due()), 20);
  shop.check_invariants();
}

TEST(DepositRefunds, OlderRulesKeepDepositsApart) {
  Deposited shop(DepositKind::refundable);
  CommandContext old = shop.context.at(300);
  old.rules_version = kRulesDepositsRefunded - 1;
  (void)shop.reservations.apply(WithdrawReservation{{1}, {1}}, old);
  EXPECT_EQ(shop.context.facts(), 1U);
  EXPECT_EQ(shop.ask("r-1", "d-1", kDeposit), RequestRefundStatus::payment_not_found);
  shop.check_invariants();
}

}  // namespace
}  // namespace firebrand
