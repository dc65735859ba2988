#include "core/launch/reservations.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

using State = ReservationState;

constexpr std::int64_t kOpens = 1'000;  // Of the drop.
constexpr std::int64_t kDue = 100'000;  // Of the balance.
constexpr std::int64_t kDeposit = 20;   // The price of a unit is 100.

/// Reserving from 100 to 50,000, ten places, 10 s to pay the deposit, 30 s to pay the balance.
OpenReservations terms(DepositKind kind = DepositKind::binding) {
  return {.drop_id = {1},
          .opens_at = from_unix_ms(100),
          .closes_at = from_unix_ms(50'000),
          .cap = 10,
          .deposit_kind = kind,
          .deposit_minor = kind == DepositKind::none ? 0 : kDeposit,
          .deposit_window_seconds = 10,
          .balance_due_at = from_unix_ms(kDue),
          .balance_window_seconds = 30,
          .reminder_seconds = 0};
}

/// A shop with one drop: a wave for holders, as many units as it is given, at its opening.
struct Reserving : Shop {
  explicit Reserving(const OpenReservations& opened, std::int64_t units = 5,
                     WaveRelease release = WaveRelease::automatic,
                     WaveDecision decision = WaveDecision::first_come)
      : Reserving(opened, for_holders(units, release, decision)) {}
  Reserving(const OpenReservations& opened, const WavePlan& only) {
    stock_up(100);
    (void)add_drop(plan("a", {only}));
    EXPECT_EQ(apply(opened, 0).status, OpenReservationsStatus::opened);
  }
  static WavePlan for_holders(std::int64_t units, WaveRelease release, WaveDecision decision) {
    WavePlan only = wave(kOpens, units, release);
    only.audience = WaveAudience::reservation_holders;
    only.decision = decision;
    return only;
  }
  /// A reservation with its deposit paid, if it takes one.
  ReservationId reserve(std::uint64_t person, std::int64_t ms = 200) {
    const ReserveResult made = apply(Reserve{{1}, {person}}, ms);
    EXPECT_EQ(made.status, ReserveStatus::created);
    if (made.state == State::pending_deposit) {
      const std::string id = "d-" + std::to_string(person);
      EXPECT_EQ(
          apply(ConfirmDeposit{made.reservation_id, std::string_view(id), made.deposit}, ms).status,
          ConfirmDepositStatus::reserved);
    }
    return made.reservation_id;
  }
  [[nodiscard]] State state_of(std::uint64_t person) const {
    return reservations.find({1}, {person})->state;
  }
  [[nodiscard]] std::int64_t at(Holder holder) const {
    return ledger.balance({holder, Asset::money(kCny)}).available;
  }
  /// Deposits, revenue, refunds due, forfeits, penalties.
  [[nodiscard]] std::vector<std::int64_t> money() const {
    return {at(Holder::deposits({1})), at(Holder::revenue()), at(Holder::refunds_due()),
            at(Holder::forfeits()), -at(Holder::penalties())};
  }
};
using Amounts = std::vector<std::int64_t>;

TEST(ReservationsOpen, FirstFailedCheckWins) {
  using enum OpenReservationsStatus;
  Shop shop;
  shop.stock_up(100);
  (void)shop.add_drop(Shop::plan("a", {Shop::wave(kOpens, 5)}));
  (void)shop.add_drop(Shop::plan("b", {Shop::wave(kOpens, 5)}));
  (void)shop.apply(CancelDrop{{2}}, 0);
  const auto with = [](auto change) {
    OpenReservations command = terms();
    change(command);
    return command;
  };
  const auto of_drop = [&](std::uint64_t drop, auto change) {
    return with([&](OpenReservations& command) {
      command.drop_id = {drop};
      change(command);
    });
  };
  const struct {
    OpenReservations command;
    OpenReservationsStatus want;
  } rows[] = {
      {with([](auto& c) { c.closes_at = c.opens_at, c.cap = 0; }), reservation_times_out_of_order},
      {with([](auto& c) { c.balance_due_at = c.closes_at - Millis{1}; }),
       reservation_times_out_of_order},
      {with([](auto& c) { c.cap = 0, c.deposit_minor = 0; }), reservation_cap_out_of_range},
      {with([](auto& c) { c.deposit_minor = 0, c.deposit_window_seconds = 0; }),
       deposit_kind_without_amount},
      {with([](auto& c) { c.deposit_kind = DepositKind::none; }), deposit_kind_without_amount},
      {with([](auto& c) { c.deposit_window_seconds = 0, c.reminder_seconds = -1; }),
       payment_window_out_of_range},
      {with([](auto& c) { c.balance_window_seconds = kPaymentWindowSecondsMax + 1; }),
       payment_window_out_of_range},
      {of_drop(9, [](auto& c) { c.reminder_seconds = -1; }), reminder_out_of_range},
      {of_drop(9, [](auto&) {}), drop_not_found},
      {of_drop(2, [](auto& c) { c.deposit_minor = 100; }), drop_cancelled},
      {with([](auto& c) {
         c.closes_at = c.balance_due_at = from_unix_ms(kOpens);
         c.deposit_minor = 100;
       }),
       balance_due_before_opening},
      {with([](auto& c) { c.deposit_minor = 100; }), deposit_not_below_price},
      {with([](auto& c) { c.deposit_minor = 21; }), deposit_too_high},
      {terms(), opened},
      {terms(), exists},
  };
  expect_first_failed_check(shop, rows, 10);
  EXPECT_EQ(shop.apply(with([](auto& c) { c.cap = 11; }), 10).status, exists_with_different_fields);
}

TEST(ReservationsOpen, AFifthOfThePriceIsTheMostThatBindsInChina) {
  const struct {
    DepositKind kind;
    DepositPolicy policy;
    std::int64_t minor;
    OpenReservationsStatus want;
  } rows[] = {
      {DepositKind::binding, DepositPolicy::cn, 20, OpenReservationsStatus::opened},
      {DepositKind::binding, DepositPolicy::cn, 21, OpenReservationsStatus::deposit_too_high},
      {DepositKind::refundable, DepositPolicy::cn, 99, OpenReservationsStatus::opened},
      {DepositKind::binding, DepositPolicy::none, 99, OpenReservationsStatus::opened},
      {DepositKind::binding, DepositPolicy::none, 100,
       OpenReservationsStatus::deposit_not_below_price},
  };
  for (const auto& row : rows) {
    Shop shop;
    shop.stock_up(100);
    (void)shop.add_drop(Shop::plan("a", {Shop::wave(kOpens, 5)}));
    OpenReservations command = terms(row.kind);
    command.policy = row.policy;
    command.deposit_minor = row.minor;
    EXPECT_EQ(shop.apply(command, 0).status, row.want) << row.minor;
  }
}

TEST(ReservationsReserve, FirstFailedCheckWins) {
  using enum ReserveStatus;
  OpenReservations few = terms(DepositKind::none);
  few.cap = 1;
  Reserving shop(few);
  (void)shop.add_drop(Shop::plan("b", {Shop::wave(kOpens, 5)}));
  const struct {
    Reserve command;
    ReserveStatus want;
  } early[] = {{{{9}, {0}}, person_out_of_range},
               {{{9}, {1}}, drop_not_found},
               {{{2}, {1}}, reservations_not_offered},
               {{{1}, {1}}, reservations_not_open}};
  expect_first_failed_check(shop, early, 99);
  const struct {
    Reserve command;
    ReserveStatus want;
  } open[] = {{{{1}, {1}}, created}, {{{1}, {1}}, exists}, {{{1}, {2}}, reservations_full}};
  expect_first_failed_check(shop, open, 100);
  EXPECT_EQ(shop.apply(Reserve{{1}, {2}}, 50'000).status, reservations_closed);
  (void)shop.apply(CancelDrop{{1}}, 200);
  EXPECT_EQ(shop.apply(Reserve{{1}, {2}}, 50'000).status, drop_cancelled);
  EXPECT_EQ(shop.apply(Reserve{{1}, {1}}, 200).status, exists);
}

TEST(ReservationsReserve, APlaceWhoseDepositIsLateIsFreeAtOnce) {
  OpenReservations one = terms();
  one.cap = 1;
  Reserving shop(one);
  const ReserveResult made = shop.apply(Reserve{{1}, {1}}, 200);
  EXPECT_EQ(made.deposit, (Money{kDeposit, kCny}));
  EXPECT_EQ(made.deposit_due_at, from_unix_ms(10'200));
  EXPECT_EQ(shop.apply(Reserve{{1}, {1}}, 10'199).status, ReserveStatus::exists);
  // Before run_due has come: the same person may, on the same number, with more time.
  const ReserveResult again = shop.apply(Reserve{{1}, {1}}, 10'200);
  EXPECT_EQ(again.status, ReserveStatus::created);
  EXPECT_EQ(again.reservation_id, made.reservation_id);
  shop.run_due(10'200);
  EXPECT_EQ(shop.state_of(1), State::pending_deposit) << "the first deadline is none any more";
  EXPECT_EQ(shop.apply(Reserve{{1}, {2}}, 20'199).status, ReserveStatus::reservations_full);
  shop.run_due(20'200);
  EXPECT_EQ(shop.state_of(1), State::lapsed);
  EXPECT_EQ(shop.apply(Reserve{{1}, {2}}, 20'200).status, ReserveStatus::created);
  EXPECT_EQ(shop.reservations.book({1})->counts.taken(), 1);
  shop.check_invariants();
}

TEST(ReservationsConfirmDeposit, FirstFailedCheckWins) {
  using enum ConfirmDepositStatus;
  Reserving shop(terms());
  const ReservationId id = shop.apply(Reserve{{1}, {1}}, 200).reservation_id;
  const Money right{kDeposit, kCny};
  const struct {
    ConfirmDeposit command;
    ConfirmDepositStatus want;
  } rows[] = {
      {{{9}, "", Money{0, kEur}}, payment_id_must_not_be_empty},
      {{{9}, "p", Money{0, kEur}}, amount_must_be_positive},
      {{{9}, "p", Money{1, {}}}, currency_must_not_be_none},
      {{id, "p", right}, reserved},
      {{id, "p", right}, exists},
      {{id, "p2", right}, refund_due},
  };
  expect_first_failed_check(shop, rows, 300);
  EXPECT_EQ(shop.apply(ConfirmDeposit{id, "p", Money{19, kCny}}, 300).status,
            exists_with_different_fields);
  EXPECT_EQ(shop.apply(ConfirmDeposit{id, "p2", right}, 300).outcome, DepositOutcome::refund_due);
  EXPECT_EQ(shop.money(), (Amounts{kDeposit, 0, kDeposit, 0, 0}));
}

// The reservation goes on waiting for its deposit.
TEST(ReservationsConfirmDeposit, MoneyThatFitsNoReservationIsOwedBack) {
  Reserving shop(terms());
  const ReservationId id = shop.apply(Reserve{{1}, {1}}, 200).reservation_id;
  const ConfirmDeposit misfits[] = {{{9}, "of-nobody", Money{7, kCny}},
                                    {id, "of-another-amount", Money{kDeposit - 1, kCny}},
                                    {id, "of-another-currency", Money{kDeposit, kEur}}};
  for (const ConfirmDeposit& misfit : misfits) {
    EXPECT_EQ(shop.apply(misfit, 300).status, ConfirmDepositStatus::refund_due);
    EXPECT_EQ(shop.apply(misfit, 300).status, ConfirmDepositStatus::exists);
  }
  EXPECT_EQ(shop.money(), (Amounts{0, 0, kDeposit + 6, 0, 0})) << "of the drop's currency";
  EXPECT_EQ(shop.apply(ConfirmDeposit{id, "p", Money{kDeposit, kCny}}, 300).status,
            ConfirmDepositStatus::reserved);
  shop.check_invariants();
}

TEST(ReservationsConfirmDeposit, IsTooLateAtTheVeryInstant) {
  Reserving shop(terms());
  const ReservationId id = shop.apply(Reserve{{1}, {1}}, 200).reservation_id;
  const Money right{kDeposit, kCny};
  EXPECT_EQ(shop.apply(ConfirmDeposit{id, "p", right}, 10'200).status,
            ConfirmDepositStatus::refund_due);
  shop.run_due(10'200);
  EXPECT_EQ(shop.state_of(1), State::lapsed);
  EXPECT_EQ(shop.money(), (Amounts{0, 0, kDeposit, 0, 0}));
}

// ---- Every end of a deposit, and where its money goes ------------------------------------------

enum class End { withdraws, buys, does_not_buy, drop_cancelled, no_unit };

struct Outcome {
  std::string_view name;
  DepositKind kind;
  End end;
  State state;
  Amounts money;  ///< Deposits, revenue, refunds due, forfeits, penalties.
};

void live_through(Reserving& shop, End end) {
  (void)shop.reserve(1);
  switch (end) {
    case End::withdraws:
      EXPECT_EQ(shop.apply(WithdrawReservation{{1}, {1}}, 300).status,
                WithdrawReservationStatus::withdrawn);
      break;
    case End::drop_cancelled:
      (void)shop.apply(CancelDrop{{1}}, 300);
      shop.run_due(300);
      break;
    case End::buys: {
      shop.run_due(kOpens);
      const PlaceOrderResult placed = shop.apply(PlaceOrder{{1}, {1}}, kDue - 1);
      EXPECT_EQ(placed.status, PlaceOrderStatus::created);
      EXPECT_EQ(placed.expires_at, from_unix_ms(kDue - 1 + 30'000)) << "its own window";
      EXPECT_EQ(shop.apply(ConfirmPayment{placed.order_id, "p", placed.total}, kDue + 5).status,
                ConfirmPaymentStatus::paid);
      break;
    }
    case End::does_not_buy:
      break;
    case End::no_unit:
      // Another one with a reservation took the only unit.
      (void)shop.reserve(2);
      shop.run_due(kOpens);
      EXPECT_EQ(shop.apply(PlaceOrder{{1}, {2}}, kDue - 1).status, PlaceOrderStatus::created);
      break;
  }
  shop.run_due(kDue + 29'998);
  shop.check_invariants();
}

TEST(Reservations, EveryEndPutsTheDepositWhereItBelongs) {
  const std::int64_t d = kDeposit;
  const Outcome rows[] = {
      {"withdrawn", DepositKind::binding, End::withdraws, State::withdrawn, {0, 0, 0, d, 0}},
      {"withdrawn", DepositKind::refundable, End::withdraws, State::withdrawn, {0, 0, d, 0, 0}},
      {"withdrawn", DepositKind::none, End::withdraws, State::withdrawn, {0, 0, 0, 0, 0}},
      {"bought", DepositKind::binding, End::buys, State::used, {0, 100, 0, 0, 0}},
      {"bought", DepositKind::refundable, End::buys, State::used, {0, 100, 0, 0, 0}},
      {"bought", DepositKind::none, End::buys, State::used, {0, 100, 0, 0, 0}},
      {"not bought", DepositKind::binding, End::does_not_buy, State::defaulted, {0, 0, 0, d, 0}},
      {"not bought", DepositKind::refundable, End::does_not_buy, State::defaulted, {0, 0, d, 0, 0}},
      {"cancelled",
       DepositKind::binding,
       End::drop_cancelled,
       State::returned,
       {0, 0, 2 * d, 0, d}},
      {"cancelled", DepositKind::refundable, End::drop_cancelled, State::returned, {0, 0, d, 0, 0}},
      // The other's deposit waits for their order.
      {"no unit", DepositKind::binding, End::no_unit, State::returned, {d, 0, 2 * d, 0, d}},
      {"no unit", DepositKind::refundable, End::no_unit, State::returned, {d, 0, d, 0, 0}},
      {"no unit", DepositKind::none, End::no_unit, State::returned, {0, 0, 0, 0, 0}},
  };
  for (const Outcome& row : rows) {
    SCOPED_TRACE(std::string(row.name) + " " + std::string(enum_name(row.kind)));
    Reserving shop(terms(row.kind), row.end == End::no_unit ? 1 : 5);
    live_through(shop, row.end);
    EXPECT_EQ(enum_name(shop.state_of(1)), enum_name(row.state));
    EXPECT_EQ(shop.money(), row.money);
    const std::int64_t came = -shop.at(Holder::payments()) - shop.at(Holder::penalties());
    std::int64_t is = 0;
    for (const Holder holder :
         {Holder::deposits({1}), Holder::revenue(), Holder::refunds_due(), Holder::forfeits()}) {
      is += shop.at(holder);
    }
    EXPECT_EQ(is, came) << "every minor unit is somewhere";
  }
}

TEST(Reservations, AnOrderThatEndsUnpaidGivesItBackWhileThereIsTime) {
  Reserving shop(terms());
  (void)shop.reserve(1);
  shop.run_due(kOpens);
  const PlaceOrderResult placed = shop.apply(PlaceOrder{{1}, {1}}, kOpens);
  EXPECT_EQ(placed.total, (Money{100 - kDeposit, kCny}));
  EXPECT_EQ(shop.state_of(1), State::ordered);
  EXPECT_EQ(shop.apply(WithdrawReservation{{1}, {1}}, kOpens).status,
            WithdrawReservationStatus::reservation_ordered);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}}, kOpens).status,
            PlaceOrderStatus::reservation_required);
  (void)shop.apply(CancelOrder{placed.order_id, {1}}, kOpens + 1);
  EXPECT_EQ(shop.state_of(1), State::reserved);
  const PlaceOrderResult again = shop.apply(PlaceOrder{{1}, {1}}, kOpens + 2);
  EXPECT_EQ(again.status, PlaceOrderStatus::created);
  shop.run_due(kOpens + 2 + 30'000);
  EXPECT_EQ(shop.state_of(1), State::reserved);
  // Offered until the end, and let go: the buyer's default.
  (void)shop.apply(PlaceOrder{{1}, {1}}, kDue - 1);
  shop.run_due(kDue);
  EXPECT_EQ(shop.state_of(1), State::ordered);
  shop.run_due(kDue - 1 + 30'000);
  EXPECT_EQ(shop.state_of(1), State::defaulted);
  EXPECT_EQ(shop.money(), (Amounts{0, 0, 0, kDeposit, 0}));
  shop.check_invariants();
}

// Of the rest an odd minor unit comes back with the last unit.
TEST(Reservations, UnitsThatAreReturnedLeaveTheDepositInRevenue) {
  OpenReservations odd = terms();
  odd.deposit_minor = 15;
  Reserving shop(odd);
  (void)shop.reserve(1);
  shop.run_due(kOpens);
  const PlaceOrderResult placed = shop.apply(PlaceOrder{{1}, {1}, 2}, kOpens);
  EXPECT_EQ(placed.total, (Money{185, kCny}));
  EXPECT_EQ(shop.apply(ConfirmPayment{placed.order_id, "p", placed.total}, kOpens).status,
            ConfirmPaymentStatus::paid);
  EXPECT_EQ(shop.apply(ReturnUnits{placed.order_id, 1}, kOpens).owed, (Money{92, kCny}));
  EXPECT_EQ(shop.apply(ReturnUnits{placed.order_id, 1}, kOpens).owed, (Money{93, kCny}));
  EXPECT_EQ(shop.money(), (Amounts{0, 15, 185, 0, 0}));
  EXPECT_EQ(shop.state_of(1), State::used);
  shop.check_invariants();
}

TEST(Reservations, AnOrderThatEndsUnpaidInACancelledDropIsTheSellersDefault) {
  Reserving shop(terms());
  (void)shop.reserve(1);
  shop.run_due(kOpens);
  (void)shop.apply(PlaceOrder{{1}, {1}}, kOpens);
  (void)shop.apply(CancelDrop{{1}}, kOpens + 1);
  shop.run_due(kOpens + 1);
  EXPECT_EQ(shop.state_of(1), State::ordered) << "it may still be paid";
  shop.run_due(kOpens + 30'000);
  EXPECT_EQ(shop.state_of(1), State::returned);
  EXPECT_EQ(shop.money(), (Amounts{0, 0, 2 * kDeposit, 0, kDeposit}));
}

TEST(Reservations, WhatIsNotSoldAtTheEndIsTheSellersDefault) {
  for (const bool paused : {false, true}) {
    Reserving shop(terms(), 5, paused ? WaveRelease::automatic : WaveRelease::manual);
    (void)shop.reserve(1);
    shop.run_due(kOpens);
    if (paused) { (void)shop.apply(PauseDrop{{1}}, kOpens); }
    shop.run_due(kDue);
    EXPECT_EQ(shop.state_of(1), State::returned);
  }
}

TEST(Reservations, WhatIsDrawnIsNotOffered) {
  Reserving shop(terms(), 5, WaveRelease::automatic, WaveDecision::draw);
  (void)shop.reserve(1);
  shop.run_due(kOpens);
  shop.run_due(kDue);
  EXPECT_EQ(shop.state_of(1), State::returned);
}

// Who reserved was not asked where they live: in doubt it is the seller who did not sell.
TEST(Reservations, AWaveWithConditionsIsNoOffer) {
  for (const bool asks : {false, true}) {
    WavePlan only = Reserving::for_holders(5, WaveRelease::automatic, WaveDecision::first_come);
    if (asks) { only.region = "north"; }
    Reserving shop(terms(), only);
    (void)shop.reserve(1);
    shop.run_due(kOpens);
    shop.run_due(kDue);
    EXPECT_EQ(shop.state_of(1), asks ? State::returned : State::defaulted);
  }
}

// The unit comes back at the very moment of settling, and is for somebody who waits, if one does.
TEST(Reservations, WhatIsKeptForAWaitlistIsNoOffer) {
  for (const bool waits : {false, true}) {
    Reserving shop(terms(), Shop::wave(kOpens, 1));
    (void)shop.reserve(1);
    const OpenWaitlist list{.drop_id = {1}, .ends_at = from_unix_ms(2 * kDue), .places_max = 10};
    EXPECT_EQ(shop.apply(list, 300).status, OpenWaitlistStatus::opened);
    shop.run_due(kOpens);
    const auto bought = shop.apply(PlaceOrder{.drop_id = {1}, .person_id = {2}}, kDue - 10'000);
    ASSERT_EQ(bought.status, PlaceOrderStatus::created);
    if (waits) {
      EXPECT_EQ(shop.apply(JoinWaitlist{{1}, {3}}, kDue - 9'000).status,
                JoinWaitlistStatus::joined);
    }
    EXPECT_EQ(shop.apply(CancelOrder{bought.order_id, {2}}, kDue).status,
              CancelOrderStatus::cancelled);
    shop.run_due(kDue);
    EXPECT_EQ(shop.state_of(1), waits ? State::returned : State::defaulted);
    shop.check_invariants();
  }
}

TEST(Reservations, AWaveWhoseWaitingRoomWasNeverOpenedIsNoOffer) {
  for (const bool opened : {false, true}) {
    Reserving shop(terms(), 5, WaveRelease::automatic, WaveDecision::waiting_room);
    (void)shop.reserve(1);
    const OpenWaitingRoom room{
        .drop_id = {1}, .wave = 1, .joins_from = from_unix_ms(0), .ends_at = from_unix_ms(kDue)};
    if (opened) { EXPECT_EQ(shop.apply(room, 300).status, OpenWaitingRoomStatus::opened); }
    shop.run_due(kOpens);
    shop.run_due(kDue);
    EXPECT_EQ(shop.state_of(1), opened ? State::defaulted : State::returned);
  }
}

TEST(Reservations, AnOrderThatEndedInTimeIsNoDefaultHoweverLateItIsSeen) {
  Reserving shop(terms());
  (void)shop.reserve(1);
  shop.run_due(kOpens);
  (void)shop.apply(PlaceOrder{{1}, {1}}, kOpens);
  (void)shop.apply(PauseDrop{{1}}, kOpens + 1);
  shop.run_due(kDue + 1);
  EXPECT_EQ(shop.state_of(1), State::returned);
}

TEST(Reservations, WhatIsSettledIsNotWithdrawn) {
  Reserving shop(terms());
  (void)shop.reserve(1);
  EXPECT_EQ(shop.apply(WithdrawReservation{{1}, {1}}, kDue).status,
            WithdrawReservationStatus::reservation_ended);
  (void)shop.apply(CancelDrop{{1}}, 300);
  EXPECT_EQ(shop.apply(WithdrawReservation{{1}, {1}}, 300).status,
            WithdrawReservationStatus::reservation_ended);
}

// ---- Who may buy -------------------------------------------------------------------------------

TEST(ReservationsAudience, AWaveForHoldersIsPassedOverByOthers) {
  Shop shop;
  shop.stock_up(100);
  WavePlan first = Shop::wave(kOpens, 1);
  first.audience = WaveAudience::reservation_holders;
  (void)shop.add_drop(Shop::plan("a", {first, Shop::wave(2'000, 1)}));
  ASSERT_EQ(shop.apply(terms(DepositKind::none), 0).status, OpenReservationsStatus::opened);
  for (const std::uint64_t person : {1U, 2U}) {
    EXPECT_EQ(shop.apply(Reserve{{1}, {person}}, 200).status, ReserveStatus::created);
  }
  shop.run_due(kOpens);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {9}}, kOpens).status,
            PlaceOrderStatus::reservation_required);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}}, kOpens).wave, 1);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {2}}, kOpens).status, PlaceOrderStatus::wave_sold_out);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {9}}, kOpens).status, PlaceOrderStatus::wave_sold_out);
  // Who reserved buys in the wave for everyone, too, and uses the reservation.
  shop.run_due(2'000);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {2}}, 2'000).wave, 2);
  EXPECT_EQ(shop.reservations.find({1}, {2})->state, State::ordered);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {9}}, 2'000).status, PlaceOrderStatus::sold_out);
  shop.check_invariants();
}

TEST(ReservationsAudience, TheRestIsPaidInTheCurrencyOfTheDeposit) {
  Reserving shop(terms());
  (void)shop.reserve(1);
  shop.run_due(kOpens);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}, 1, kUsd}, kOpens).status,
            PlaceOrderStatus::currency_not_offered);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}, 2, kCny}, kOpens).total, (Money{200 - kDeposit, kCny}));
}

// ---- Many --------------------------------------------------------------------------------------

// Goal: no command goes over all reservations of a drop, however many they are.
TEST(ReservationsSteps, GoOverAllInBoundedSteps) {
  constexpr std::uint64_t kPersons = 2 * kEntriesPerStep + 7;
  OpenReservations many = terms(DepositKind::none);
  many.cap = kPersons;
  many.reminder_seconds = 1;
  Reserving shop(many);
  for (std::uint64_t person = 1; person <= kPersons; ++person) { (void)shop.reserve(person); }
  const auto steps = [&](std::int64_t ms) {
    std::vector<std::size_t> facts;
    for (; shop.schedule.next() && *shop.schedule.next() <= from_unix_ms(ms + 2); ++ms) {
      const CommandContext now = shop.context.at(ms);
      while (const auto deadline = shop.schedule.pop_due(now.timestamp)) {
        if (deadline->kind != DeadlineKind::audience_step) { continue; }
        shop.reservations.step_due({step_number(deadline->id)}, step_kind(deadline->id), now);
      }
      facts.push_back(shop.context.facts());
    }
    return facts;
  };
  EXPECT_EQ(steps(200), (std::vector<std::size_t>{kEntriesPerStep, kEntriesPerStep, 7}))
      << "reminders, a second before the opening";
  EXPECT_EQ(steps(kDue), (std::vector<std::size_t>{kEntriesPerStep, kEntriesPerStep, 7}));
  EXPECT_EQ(shop.reservations.book({1})->counts.returned, static_cast<std::int64_t>(kPersons));
  shop.check_invariants();
  shop.run_due(kDue + 2 + Millis(kOrderRetention).count());
  EXPECT_NE(shop.reservations.find({1}, {1}), nullptr) << "the last step is to come";
  shop.check_invariants();
  for (int step = 3; step < 6; ++step) {
    shop.run_due(kDue + step + Millis(kOrderRetention).count());
  }
  EXPECT_EQ(shop.reservations.find({1}, {1}), nullptr);
  EXPECT_EQ(shop.schedule.size(), 0U);
  shop.check_invariants();
}

TEST(Reservations, AreTheSameWhenLoaded) {
  Reserving shop(terms());
  for (const std::uint64_t person : {1U, 2U, 3U}) { (void)shop.reserve(person); }
  (void)shop.apply(Reserve{{1}, {4}}, 300);
  (void)shop.apply(WithdrawReservation{{1}, {2}}, 300);
  shop.run_due(kOpens);
  (void)shop.apply(PlaceOrder{{1}, {1}}, kOpens);
  Reservations loaded(shop.ledger, shop.schedule, shop.catalogue, shop.drops, shop.rooms,
                      shop.payments);
  reload(shop.reservations, loaded);
  expect_no_prefix_loads(shop.reservations, loaded);
  reload(shop.reservations, loaded);
  EXPECT_EQ(loaded.apply(Reserve{{1}, {3}}, shop.context.at(2'000)).status, ReserveStatus::exists);
  EXPECT_EQ(loaded.apply(ConfirmDeposit{{1}, "d-1", Money{kDeposit, kCny}}, shop.context.at(2'000))
                .status,
            ConfirmDepositStatus::exists);
}

TEST(Reservations, EndTheirLastStateByTheTable) {
  // Only who gave up or was late comes back; nothing leaves an end.
  for (const State end : {State::used, State::defaulted, State::returned}) {
    for (std::size_t to = 0; to < kReservationStates; ++to) {
      EXPECT_FALSE(reservation_may_become(end, static_cast<State>(to)));
    }
  }
}

}  // namespace
}  // namespace firebrand
