#include "core/launch/exclusions.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/draw.hpp"
#include "base/little_endian.hpp"
#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr DropId kDrop{1};

/// One drop that opens at 1,000, of one wave that is first come.
struct ExclusionShop : Shop {
  ExclusionShop() {
    stock_up(1'000);
    EXPECT_EQ(add_drop(plan("drop", {wave(1'000, 1)})), kDrop);
  }
  ExcludeFromDropStatus exclude(std::uint64_t person, std::int64_t ms = 500) {
    return apply(ExcludeFromDrop{kDrop, {person}, ExclusionReason::reseller}, ms).status;
  }
  PlaceOrderStatus buy(std::uint64_t person, std::int64_t ms = 1'000) {
    return apply(PlaceOrder{.drop_id = kDrop, .person_id = {person}}, ms).status;
  }
};

TEST(Exclusions, TheFirstFailedCheckWins) {
  ExclusionShop shop;
  struct Row {
    ExcludeFromDrop command;
    ExcludeFromDropStatus want;
  };
  using enum ExcludeFromDropStatus;
  const std::vector<Row> rows = {
      {{{9}, {0}, {}}, person_out_of_range},
      {{{9}, {1}, {}}, drop_not_found},
      {{kDrop, {1}, ExclusionReason::automated}, excluded},
      {{kDrop, {1}, ExclusionReason::reseller}, already_excluded},
  };
  expect_first_failed_check(shop, rows, 999);
  EXPECT_EQ(shop.exclude(2, 1'000), drop_has_opened);
  EXPECT_EQ(shop.exclude(1, 1'000), already_excluded);
  (void)shop.apply(CancelDrop{kDrop}, 999);
  EXPECT_EQ(shop.exclude(2, 999), drop_cancelled);
  EXPECT_EQ(shop.drops.exclusions().of(kDrop)[0].reason, ExclusionReason::automated);
}

TEST(Exclusions, KeepAPersonFromBuyingWhateverIsLeft) {
  ExclusionShop shop;
  ASSERT_EQ(shop.exclude(5), ExcludeFromDropStatus::excluded);
  EXPECT_EQ(shop.buy(5, 999), PlaceOrderStatus::not_open);
  shop.run_due(1'000);
  EXPECT_EQ(shop.buy(5), PlaceOrderStatus::excluded_from_drop);
  EXPECT_EQ(shop.buy(6), PlaceOrderStatus::created);
  EXPECT_EQ(shop.buy(5), PlaceOrderStatus::excluded_from_drop);
  EXPECT_EQ(shop.buy(7), PlaceOrderStatus::sold_out);
  shop.check_invariants();
}

TEST(Exclusions, AreOfOneDropAlone) {
  ExclusionShop shop;
  const DropId other = shop.add_drop(Shop::plan("other", {Shop::wave(1'000, 1)}));
  ASSERT_EQ(shop.exclude(5), ExcludeFromDropStatus::excluded);
  shop.run_due(1'000);
  EXPECT_EQ(shop.apply(PlaceOrder{.drop_id = other, .person_id = {5}}, 1'000).status,
            PlaceOrderStatus::created);
}

TEST(Exclusions, EndThePlaceInAWaitingRoom) {
  Shop shop;
  shop.stock_up(10);
  CreateDrop plan = Shop::plan("room", {Shop::wave(1'000, 5)});
  plan.waves[0].decision = WaveDecision::waiting_room;
  (void)shop.add_drop(plan);
  ASSERT_EQ(shop.apply(OpenWaitingRoom{.drop_id = kDrop,
                                       .wave = 1,
                                       .joins_from = from_unix_ms(100),
                                       .ends_at = from_unix_ms(9'000),
                                       .commitment = draw_commitment(Hash256{})},
                       0)
                .status,
            OpenWaitingRoomStatus::opened);
  ASSERT_EQ(shop.apply(JoinWaitingRoom{kDrop, 1, {5}}, 100).status, JoinWaitingRoomStatus::joined);
  ASSERT_EQ(shop.apply(ExcludeFromDrop{kDrop, {5}, {}}, 200).status,
            ExcludeFromDropStatus::excluded);
  EXPECT_EQ(shop.rooms.place(kDrop, 1, 1)->state, PlaceState::left);
  EXPECT_EQ(shop.apply(JoinWaitingRoom{kDrop, 1, {5}}, 300).status,
            JoinWaitingRoomStatus::excluded_from_drop);
  shop.check_invariants();
}

TEST(Exclusions, GiveABindingDepositBackTwice) {
  ExclusionShop shop;
  ASSERT_EQ(shop.apply(OpenReservations{.drop_id = kDrop,
                                        .opens_at = from_unix_ms(100),
                                        .closes_at = from_unix_ms(900),
                                        .cap = 10,
                                        .deposit_kind = DepositKind::binding,
                                        .deposit_minor = 20,
                                        .deposit_window_seconds = 10,
                                        .balance_due_at = from_unix_ms(100'000),
                                        .balance_window_seconds = 30,
                                        .reminder_seconds = 0},
                       0)
                .status,
            OpenReservationsStatus::opened);
  const ReserveResult paid = shop.apply(Reserve{kDrop, {5}}, 200);
  ASSERT_EQ(shop.apply(ConfirmDeposit{paid.reservation_id, "d-5", paid.deposit}, 200).status,
            ConfirmDepositStatus::reserved);
  const ReserveResult unpaid = shop.apply(Reserve{kDrop, {6}}, 200);
  ASSERT_EQ(shop.exclude(5), ExcludeFromDropStatus::excluded);
  ASSERT_EQ(shop.exclude(6), ExcludeFromDropStatus::excluded);
  EXPECT_EQ(shop.reservations.find(kDrop, {5})->state, ReservationState::returned);
  EXPECT_EQ(shop.reservations.find(kDrop, {6})->state, ReservationState::lapsed);
  const AccountKey owed{Holder::refunds_due(), Asset::money(kCny)};
  EXPECT_EQ(shop.ledger.balance(owed).available, 40);
  // What comes too late is owed back as it came.
  EXPECT_EQ(shop.apply(ConfirmDeposit{unpaid.reservation_id, "d-6", unpaid.deposit}, 600).status,
            ConfirmDepositStatus::refund_due);
  EXPECT_EQ(shop.ledger.balance(owed).available, 60);
  for (const std::uint64_t person : {5U, 6U}) {
    EXPECT_EQ(shop.apply(Reserve{kDrop, {person}}, 600).status, ReserveStatus::excluded_from_drop);
  }
  shop.run_due(100'000);
  EXPECT_EQ(shop.reservations.find(kDrop, {5})->state, ReservationState::returned);
  shop.check_invariants();
}

TEST(Exclusions, KeepAPersonOutOfAWaitlist) {
  ExclusionShop shop;
  ASSERT_EQ(shop.apply(OpenWaitlist{kDrop, from_unix_ms(9'000), 10}, 0).status,
            OpenWaitlistStatus::opened);
  ASSERT_EQ(shop.exclude(5), ExcludeFromDropStatus::excluded);
  shop.run_due(1'000);
  ASSERT_EQ(shop.buy(6), PlaceOrderStatus::created);
  EXPECT_EQ(shop.apply(JoinWaitlist{kDrop, {5}}, 1'001).status,
            JoinWaitlistStatus::excluded_from_drop);
  EXPECT_EQ(shop.apply(JoinWaitlist{kDrop, {7}}, 1'001).status, JoinWaitlistStatus::joined);
}

TEST(Exclusions, HaveABoundADrop) {
  ExclusionShop shop;
  for (std::uint64_t person = 1; person <= kDropExclusionsMax; ++person) {
    ASSERT_EQ(shop.exclude(person), ExcludeFromDropStatus::excluded);
  }
  EXPECT_EQ(shop.exclude(kDropExclusionsMax + 1), ExcludeFromDropStatus::drop_exclusions_full);
  EXPECT_EQ(shop.exclude(1), ExcludeFromDropStatus::already_excluded);
  shop.check_invariants();
}

TEST(Exclusions, AreSavedWithTheirDropsAndStandByPerson) {
  ExclusionShop shop;
  const std::uint64_t before = shop.drops.digest();
  for (const std::uint64_t person : {9U, 3U, 7U}) {
    ASSERT_EQ(shop.exclude(person), ExcludeFromDropStatus::excluded);
  }
  EXPECT_NE(shop.drops.digest(), before);
  Drops loaded(shop.ledger, shop.schedule, shop.catalogue, shop.launches);
  reload(shop.drops, loaded);
  ASSERT_EQ(loaded.exclusions().of(kDrop).size(), 3U);
  EXPECT_EQ(loaded.exclusions().of(kDrop), shop.drops.exclusions().of(kDrop));
  EXPECT_EQ(loaded.exclusions().of(kDrop)[0].person_id, PersonId{3});
  EXPECT_TRUE(loaded.exclusions().has(kDrop, {7}));
  EXPECT_FALSE(loaded.exclusions().has(kDrop, {8}));
  EXPECT_FALSE(loaded.exclusions().has({2}, {7}));
  expect_no_prefix_loads(shop.drops, loaded);
}

// A piece that names a drop which is not there, or a person twice, is damage.
TEST(Exclusions, RefuseDamagedPieces) {
  Exclusions from;
  from.add({kDrop, {3}, ExclusionReason::other});
  Exclusions to;
  const std::vector<std::byte> bytes = saved(from);
  MemorySource source(bytes);
  EXPECT_FALSE(to.load(source, 0));
  MemorySource again(bytes);
  EXPECT_TRUE(to.load(again, 1));
  EXPECT_EQ(to.digest(), from.digest());
}

// Before version 5 of the piece nobody was kept out of anything.
TEST(Exclusions, AnOlderPieceHasNone) {
  ExclusionShop shop;
  std::vector<std::byte> bytes = saved(shop.drops);
  // Without the count of exclusions, and without the last field of the only drop, which came later:
  // the count of drops stands first, then the drop's size.
  bytes.resize(bytes.size() - sizeof(std::uint64_t) - sizeof(Drop::early));
  store_le(bytes.data() + 8, load_le<std::uint32_t>(bytes.data() + 8) -
                                 static_cast<std::uint32_t>(sizeof(Drop::early)));
  MemorySource source{bytes};
  Drops loaded(shop.ledger, shop.schedule, shop.catalogue, shop.launches);
  ASSERT_TRUE(loaded.load(source, 4));
  EXPECT_EQ(source.bytes_left(), 0U);
  EXPECT_EQ(loaded.digest(), shop.drops.digest());
}

}  // namespace
}  // namespace firebrand
