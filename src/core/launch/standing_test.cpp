#include "core/launch/standing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/draw.hpp"
#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr std::int64_t kMonth = Millis(kOrderRetention).count();

Claim named(ClaimKind kind, std::string_view name) { return {kind, name_hash(name)}; }
Standing of_household(std::uint64_t key) { return {{ClaimKind::household, key}}; }

/// Somebody whom every condition of `strict()` lets buy.
Standing fitting() {
  return {named(ClaimKind::group, "press"),  named(ClaimKind::group, "club"),
          named(ClaimKind::region, "north"), named(ClaimKind::channel, "app"),
          {ClaimKind::member_since, 499},    {ClaimKind::risk, 50}};
}

WavePlan strict() {
  WavePlan wave = Shop::wave(1'000, 10);
  wave.group = "club";
  wave.members_before = from_unix_ms(500);
  wave.region = "north";
  wave.channel = "app";
  wave.risk_max = 50;
  return wave;
}

Standing without(const Standing& from, ClaimKind kind) {
  Standing left;
  for (const Claim& claim : from) {
    if (claim.kind != kind) { left.push_back(claim); }
  }
  return left;
}

/// One drop of one wave, in which each household may have 2 units and each address 3.
struct SharedShop : Shop {
  SharedShop() {
    stock_up(100);
    CreateDrop plan = Shop::plan("shared", {Shop::wave(1'000, 10)});
    plan.per_household_limit = 2;
    plan.per_address_limit = 3;
    (void)add_drop(plan);
    run_due(1'000);
  }
  PlaceOrderResult buy(std::uint64_t person, const Standing& standing, std::int64_t ms = 1'000) {
    return apply(PlaceOrder{.drop_id = {1}, .person_id = {person}, .standing = standing}, ms);
  }
  void pay(OrderId id, std::int64_t ms) {
    const std::string payment_id = "p-" + std::to_string(id.value);
    EXPECT_EQ(apply(ConfirmPayment{id, std::string_view(payment_id), Money{100, kCny}}, ms).status,
              ConfirmPaymentStatus::paid);
  }
};

TEST(Standing, HashesOfNamesNeverChange) {
  EXPECT_EQ(name_hash("club"), 34734529438944142U);
  EXPECT_EQ(name_hash(""), 27366008137823850U);
}

TEST(Standing, AllThatAWaveAsksMustBeTrueTogether) {
  EXPECT_EQ(bar_of(strict(), fitting()), Bar::none);
  EXPECT_EQ(bar_of(Shop::wave(1'000, 1), {}), Bar::none);
  EXPECT_EQ(bar_of(strict(), {}), Bar::group_required);
  EXPECT_EQ(bar_of(strict(), without(fitting(), ClaimKind::member_since)), Bar::member_too_new);
  EXPECT_EQ(bar_of(strict(), without(fitting(), ClaimKind::region)), Bar::region_not_served);
  EXPECT_EQ(bar_of(strict(), without(fitting(), ClaimKind::channel)), Bar::channel_not_served);
  // Whom the shop gives no score it has nothing against.
  EXPECT_EQ(bar_of(strict(), without(fitting(), ClaimKind::risk)), Bar::none);
  Standing doubtful = without(fitting(), ClaimKind::risk);
  doubtful.push_back({ClaimKind::risk, 51});
  EXPECT_EQ(bar_of(strict(), doubtful), Bar::risk_too_high);
  Standing newer = without(fitting(), ClaimKind::member_since);
  newer.push_back({ClaimKind::member_since, 500});
  EXPECT_EQ(bar_of(strict(), newer), Bar::member_too_new);
  // A group of that name is not a region of that name.
  WavePlan elsewhere = Shop::wave(1'000, 1);
  elsewhere.region = "club";
  EXPECT_EQ(bar_of(elsewhere, fitting()), Bar::region_not_served);
}

TEST(StandingPurchase, PassesOverWavesForOthers) {
  using enum PlaceOrderStatus;
  Shop shop;
  shop.stock_up(100);
  WavePlan first = strict();
  first.units = 1;
  (void)shop.add_drop(Shop::plan("two", {first, Shop::wave(5'000, 1)}));
  shop.run_due(1'000);
  const auto buy = [&](std::uint64_t person, const Standing& standing, std::int64_t ms) {
    return shop.apply(PlaceOrder{.drop_id = {1}, .person_id = {person}, .standing = standing}, ms);
  };
  EXPECT_EQ(buy(1, {}, 1'000).status, group_required);
  EXPECT_EQ(buy(1, without(fitting(), ClaimKind::region), 1'000).status, region_not_served);
  EXPECT_EQ(buy(1, fitting(), 1'000).status, created);
  // Nothing is left for anybody, so that what the wave asked for is no reason any more.
  EXPECT_EQ(buy(2, {}, 1'000).status, wave_sold_out);
  shop.run_due(5'000);
  EXPECT_EQ(buy(2, {}, 5'000).wave, 2);
  shop.check_invariants();
}

TEST(StandingPurchase, CountsUnitsInAWaveWithALimit) {
  using enum PlaceOrderStatus;
  Shop shop;
  shop.stock_up(100);
  WavePlan first = Shop::wave(1'000, 5);
  first.per_person_limit = 1;
  (void)shop.add_drop(Shop::plan("two", {first, Shop::wave(1'000, 1)}));
  shop.run_due(1'000);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {7}}, 1'000).wave, 1);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {7}}, 1'000).wave, 2);  // The next one has no limit.
  const PlaceOrderResult refused = shop.apply(PlaceOrder{{1}, {7}}, 1'000);
  EXPECT_EQ(refused.status, purchase_limit);
  EXPECT_EQ(refused.wave, 1);
  EXPECT_EQ(refused.owned, 1);
  (void)shop.apply(CancelOrder{{1}, {7}}, 1'000);
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {7}}, 1'000).wave, 1);
  shop.check_invariants();
}

TEST(StandingPurchase, CountsHouseholdsAndAddressesTogether) {
  using enum PlaceOrderStatus;
  SharedShop shop;
  const Standing home = {{ClaimKind::household, 5}, {ClaimKind::address, 5}};
  EXPECT_EQ(shop.buy(1, home).status, created);
  EXPECT_EQ(shop.buy(2, home).status, created);
  const PlaceOrderResult third = shop.buy(3, home);
  EXPECT_EQ(third.status, household_limit);
  EXPECT_EQ(third.owned, 2);
  const Standing neighbour = {{ClaimKind::household, 6}, {ClaimKind::address, 5}};
  EXPECT_EQ(shop.buy(4, neighbour).status, created);
  EXPECT_EQ(shop.buy(5, neighbour).status, address_limit);
  EXPECT_EQ(shop.buy(6, {}).status, created);  // Of whom the shop says nothing.
  shop.check_invariants();
  BuyerKeys loaded;
  reload(shop.buyer_keys, loaded);
  expect_no_prefix_loads(shop.buyer_keys, loaded);
}

TEST(StandingPurchase, GivesSharedRightsBackInEveryWay) {
  using enum PlaceOrderStatus;
  SharedShop shop;
  const Standing home = of_household(5);
  const auto full = [&](std::int64_t ms) {
    return shop.buy(9, home, ms).status == household_limit;
  };
  const OrderId cancelled = shop.buy(1, home).order_id;
  const OrderId expired = shop.buy(2, home).order_id;
  ASSERT_TRUE(full(1'000));
  (void)shop.apply(CancelOrder{cancelled, {1}}, 2'000);
  const OrderId returned = shop.buy(3, home, 2'000).order_id;
  ASSERT_TRUE(full(2'000));
  shop.pay(returned, 2'000);
  shop.run_due(61'000);
  EXPECT_EQ(shop.orders.find(expired)->state, OrderState::expired);
  const OrderId archived = shop.buy(4, home, 61'000).order_id;
  shop.pay(archived, 61'000);
  ASSERT_TRUE(full(61'000));
  EXPECT_EQ(shop.apply(ReturnUnits{.order_id = returned, .quantity = 1}, 62'000).status,
            ReturnUnitsStatus::returned);
  EXPECT_EQ(shop.buyer_keys.orders(), 1U);
  shop.check_invariants();
  (void)shop.apply(CancelDrop{{1}}, 63'000);
  shop.run_due(61'000 + 2 * kMonth);
  ASSERT_TRUE(shop.orders.was_archived(archived));
  EXPECT_EQ(shop.buyer_keys.orders(), 0U);
  shop.check_invariants();
}

TEST(StandingDraw, LetsOnlyThoseInWhomItsWaveIsFor) {
  using enum EnterDrawStatus;
  Shop shop;
  shop.stock_up(100);
  WavePlan drawn = strict();
  drawn.decision = WaveDecision::draw;
  drawn.audience = WaveAudience::reservation_holders;
  CreateDrop plan = Shop::plan("drawn", {drawn});
  plan.per_household_limit = 1;
  const DropId drop = shop.add_drop(plan);
  ASSERT_EQ(shop.apply(OpenReservations{.drop_id = drop,
                                        .opens_at = from_unix_ms(0),
                                        .closes_at = from_unix_ms(900),
                                        .cap = 10,
                                        .balance_due_at = from_unix_ms(900'000),
                                        .balance_window_seconds = 60},
                       0)
                .status,
            OpenReservationsStatus::opened);
  ASSERT_EQ(shop.apply(OpenDraw{.drop_id = drop,
                                .wave = 1,
                                .closes_at = from_unix_ms(2'000),
                                .reveal_due_at = from_unix_ms(3'000),
                                .beacon_at = from_unix_ms(4'000),
                                .beacon_source = "drand",
                                .commit = draw_commitment(sha256({bytes_of("secret")}))},
                       0)
                .status,
            OpenDrawStatus::opened);
  const auto enter = [&](std::uint64_t person, const Standing& standing) {
    return shop.apply(EnterDraw{{1}, {person}, standing}, 1'000).status;
  };
  EXPECT_EQ(enter(1, fitting()), reservation_required);
  for (const std::uint64_t person : {1U, 2U}) {
    ASSERT_EQ(shop.apply(Reserve{drop, {person}}, 100).status, ReserveStatus::created);
  }
  EXPECT_EQ(enter(1, {}), group_required);
  EXPECT_EQ(enter(1, without(fitting(), ClaimKind::channel)), channel_not_served);
  // Both of one household, which may have one unit.
  Standing home = fitting();
  home.push_back({ClaimKind::household, 5});
  EXPECT_EQ(enter(1, home), entered);
  EXPECT_EQ(enter(2, home), entered);
  shop.run_due(2'000);
  ASSERT_EQ(shop.apply(PublishDrawRoot{{1}, sha256({bytes_of("root")}), 2}, 2'000).status,
            PublishDrawRootStatus::published);
  ASSERT_EQ(shop.apply(PostBeacon{{1}, sha256({bytes_of("beacon")})}, 4'000).status,
            PostBeaconStatus::posted);
  ASSERT_EQ(shop.apply(ApplyDrawResults{{1}, 0, true, {{1}, {2}}}, 5'000).status,
            ApplyDrawResultsStatus::completed);
  EXPECT_EQ(shop.draws.find_entry({1}, {1})->state, DrawEntryState::won);
  EXPECT_EQ(shop.draws.find_entry({1}, {2})->state, DrawEntryState::passed_over);
  shop.check_invariants();
}

TEST(StandingDraw, AsksForNothingUnderOlderRules) {
  Shop shop;
  shop.stock_up(100);
  CommandContext old = shop.context.at(0);
  old.rules_version = kRulesDrawsAsk - 1;
  WavePlan drawn = Shop::wave(1'000, 1);
  drawn.decision = WaveDecision::draw;
  drawn.audience = WaveAudience::code_holders;
  const CreateDrop plan = Shop::plan("drawn", {drawn});
  EXPECT_EQ(shop.drops.apply(plan, shop.context.at(0)).status,
            CreateDropStatus::drawn_wave_must_not_ask_code);
  old.facts = shop.context.at(0).facts;
  ASSERT_EQ(shop.drops.apply(plan, old).status, CreateDropStatus::created);
  ASSERT_EQ(shop.apply(OpenDraw{.drop_id = {1},
                                .wave = 1,
                                .closes_at = from_unix_ms(2'000),
                                .reveal_due_at = from_unix_ms(3'000),
                                .beacon_at = from_unix_ms(4'000),
                                .beacon_source = "drand",
                                .commit = draw_commitment(sha256({bytes_of("secret")}))},
                       0)
                .status,
            OpenDrawStatus::opened);
  EXPECT_EQ(shop.apply(EnterDraw{{1}, {1}}, 0).status, EnterDrawStatus::code_required);
  EXPECT_EQ(shop.draws.apply(EnterDraw{{1}, {1}}, old).status, EnterDrawStatus::entered);
}

TEST(StandingRoom, LetsOnlyThoseInWhomItsWaveIsFor) {
  using enum JoinWaitingRoomStatus;
  Shop shop;
  shop.stock_up(100);
  WavePlan wave = strict();
  wave.decision = WaveDecision::waiting_room;
  (void)shop.add_drop(Shop::plan("room", {wave}));
  ASSERT_EQ(shop.apply(OpenWaitingRoom{.drop_id = {1},
                                       .wave = 1,
                                       .joins_from = from_unix_ms(100),
                                       .ends_at = from_unix_ms(9'000)},
                       0)
                .status,
            OpenWaitingRoomStatus::opened);
  EXPECT_EQ(shop.apply(JoinWaitingRoom{{1}, 1, {1}}, 200).status, group_required);
  EXPECT_EQ(shop.apply(JoinWaitingRoom{{1}, 1, {1}, fitting()}, 200).status, joined);
  EXPECT_EQ(shop.apply(JoinWaitingRoom{{1}, 1, {1}}, 200).status, exists);
}

TEST(StandingCreateDrop, ConditionsHaveBounds) {
  using enum CreateDropStatus;
  Shop shop;
  shop.stock_up(100);
  const auto with = [](auto&& change) {
    CreateDrop plan = Shop::plan("a", {Shop::wave(1'000, 1)});
    change(plan);
    return plan;
  };
  const auto status = [&](const CreateDrop& plan) { return shop.apply(plan, 0).status; };
  EXPECT_EQ(status(with([](CreateDrop& p) { p.waves[0].risk_max = 101; })), condition_out_of_range);
  EXPECT_EQ(status(with([](CreateDrop& p) { p.waves[0].per_person_limit = -1; })),
            condition_out_of_range);
  EXPECT_EQ(status(with([](CreateDrop& p) { p.per_household_limit = 1'001; })),
            shared_limit_out_of_range);
  EXPECT_EQ(status(with([](CreateDrop& p) { p.per_address_limit = -1; })),
            shared_limit_out_of_range);
}

RC_GTEST_PROP(StandingPurchase, NobodyEverOwnsMoreThanALimitSays, ()) {
  SharedShop shop;
  std::int64_t now = 1'000;
  for (int i = 0; i < 60; ++i) {
    now += *rc::gen::inRange(0, 30'000);
    shop.run_due(now);
    const auto person = *rc::gen::inRange<std::uint64_t>(1, 5);
    const OrderId order{*rc::gen::inRange<std::uint64_t>(1, 12)};
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        (void)shop.apply(CancelOrder{order, {person}}, now);
        break;
      case 1:
        (void)shop.apply(ReturnUnits{.order_id = order, .quantity = 1}, now);
        break;
      case 2:
        if (const Order* const found = shop.orders.find(order)) {
          const std::string payment_id = "p-" + std::to_string(i);
          (void)shop.apply(ConfirmPayment{order, std::string_view(payment_id), found->total}, now);
        }
        break;
      default:
        (void)shop.buy(person,
                       {{ClaimKind::household, *rc::gen::inRange<std::uint64_t>(1, 3)},
                        {ClaimKind::address, *rc::gen::inRange<std::uint64_t>(1, 3)}},
                       now);
        break;
    }
    shop.check_invariants();  // Walks the limits.
  }
}

}  // namespace
}  // namespace firebrand
