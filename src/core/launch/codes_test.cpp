#include "core/launch/codes.hpp"

#include <gtest/gtest.h>

#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr std::int64_t kOpens = 1'000;
constexpr std::int64_t kUntil = 90'000;

CreateCodeBatch batch(CodeKind kind = CodeKind::transferable, std::int64_t count = 1'000'000) {
  return {.drop_id = {1},
          .count = count,
          .kind = kind,
          .valid_from = from_unix_ms(kOpens),
          .valid_until = from_unix_ms(kUntil)};
}

/// A drop with a wave for code holders, and a batch for it.
struct Coded : Shop {
  explicit Coded(CodeKind kind = CodeKind::transferable) {
    stock_up(100);
    WavePlan only = wave(kOpens, 5);
    only.audience = WaveAudience::code_holders;
    (void)add_drop(plan("a", {only}));
    (void)add_drop(plan("b", {wave(kOpens, 5)}));
    EXPECT_EQ(apply(batch(kind), 0).status, CreateCodeBatchStatus::created);
    run_due(kOpens);
  }
  PlaceOrderResult buy(std::uint64_t person, std::uint32_t index, std::int64_t ms = kOpens,
                       std::uint64_t batch_id = 1, std::uint64_t drop = 1) {
    return apply(PlaceOrder{.drop_id = {drop},
                            .person_id = {person},
                            .code_batch_id = {batch_id},
                            .code_index = index},
                 ms);
  }
};

TEST(CodesCreate, FirstFailedCheckWins) {
  using enum CreateCodeBatchStatus;
  Shop shop;
  shop.stock_up(100);
  (void)shop.add_drop(Shop::plan("a", {Shop::wave(kOpens, 5)}));
  (void)shop.add_drop(Shop::plan("b", {Shop::wave(kOpens, 5)}));
  (void)shop.apply(CancelDrop{{2}}, 0);
  const auto with = [](std::uint64_t drop, std::int64_t count, std::int64_t until) {
    CreateCodeBatch command = batch(CodeKind::bound, count);
    command.drop_id = {drop};
    command.valid_until = from_unix_ms(until);
    return command;
  };
  const struct {
    CreateCodeBatch command;
    CreateCodeBatchStatus want;
  } rows[] = {
      {with(9, 0, kOpens), code_count_out_of_range},
      {with(9, std::int64_t{kCodesPerBatchMax} + 1, kOpens), code_count_out_of_range},
      {with(9, 1, kOpens), code_times_out_of_order},
      {with(9, 1, kUntil), drop_not_found},
      {with(2, 1, kUntil), drop_cancelled},
      {with(1, kCodesPerBatchMax, kUntil), created},
  };
  expect_first_failed_check(shop, rows, 10);
}

TEST(Codes, OpenTheirWaveOnce) {
  using enum PlaceOrderStatus;
  Coded shop;
  EXPECT_EQ(shop.apply(PlaceOrder{{1}, {1}}, kOpens).status, code_required);
  EXPECT_EQ(shop.buy(1, 7).status, created);
  EXPECT_EQ(shop.buy(2, 7).status, code_not_usable) << "used";
  EXPECT_EQ(shop.buy(2, 1'000'000).status, code_not_usable) << "beyond the batch";
  EXPECT_EQ(shop.buy(2, 8, kOpens, 2).status, code_not_usable) << "no such batch";
  EXPECT_EQ(shop.buy(2, 8, kUntil).status, code_not_usable) << "too late";
  EXPECT_EQ(shop.buy(2, 8, kUntil - 1).status, created);
  EXPECT_EQ(shop.buy(3, 9, kOpens, 1, 2).status, code_not_usable) << "of another drop";
  EXPECT_EQ(shop.codes.batch({1})->used, 2);
  shop.check_invariants();
}

TEST(Codes, AreNotSpentWhereNoneIsAskedFor) {
  Coded shop;
  CreateCodeBatch other = batch();
  other.drop_id = {2};
  ASSERT_EQ(shop.apply(other, kOpens).status, CreateCodeBatchStatus::created);
  EXPECT_EQ(shop.buy(1, 0, kOpens, 2, 2).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.codes.batch({2})->used, 0);
  EXPECT_EQ(shop.codes.note({2}, 0), nullptr);
}

TEST(Codes, ComeBackWhenTheirOrderEndsUnpaid) {
  using enum PlaceOrderStatus;
  for (const CodeKind kind : {CodeKind::transferable, CodeKind::bound}) {
    Coded shop(kind);
    const PlaceOrderResult placed = shop.buy(1, 7);
    (void)shop.apply(CancelOrder{placed.order_id, {1}}, kOpens + 1);
    EXPECT_EQ(shop.codes.batch({1})->used, 0);
    const bool is_bound = kind == CodeKind::bound;
    EXPECT_EQ(shop.buy(2, 7, kOpens + 2).status, is_bound ? code_not_usable : created);
    shop.run_due(kOpens + 70'000);
    EXPECT_EQ(shop.buy(1, 7, kOpens + 70'000).status, created) << "the other one expired";
    shop.check_invariants();
  }
}

TEST(Codes, CountWhatTheyBrought) {
  Coded shop;
  const PlaceOrderResult placed = shop.buy(1, 7);
  (void)shop.apply(ConfirmPayment{placed.order_id, "p", placed.total}, kOpens);
  (void)shop.buy(2, 8);
  EXPECT_EQ(shop.codes.batch({1})->used, 2);
  EXPECT_EQ(shop.codes.batch({1})->sold, 1);
  shop.run_due(kOpens + 70'000);
  EXPECT_EQ(shop.codes.batch({1})->used, 1);
  EXPECT_EQ(shop.codes.batch({1})->sold, 1);
}

TEST(CodesRevoke, FirstFailedCheckWins) {
  using enum RevokeCodeStatus;
  Coded shop;
  (void)shop.buy(1, 7);
  const struct {
    RevokeCode command;
    RevokeCodeStatus want;
  } rows[] = {
      {{{9}, 0}, code_not_found}, {{{1}, 1'000'000}, code_not_found}, {{{1}, 7}, code_used},
      {{{1}, 8}, revoked},        {{{1}, 8}, already_revoked},
  };
  expect_first_failed_check(shop, rows, kOpens);
  EXPECT_EQ(shop.apply(RevokeCode{{1}, 7}, kUntil).status, code_over);
  EXPECT_EQ(shop.buy(2, 8).status, PlaceOrderStatus::code_not_usable);
  EXPECT_EQ(shop.buy(2, 9).status, PlaceOrderStatus::created);
  EXPECT_EQ(shop.apply(RevokeCodeBatch{{9}}, kOpens).status,
            RevokeCodeBatchStatus::code_batch_not_found);
  EXPECT_EQ(shop.apply(RevokeCodeBatch{{1}}, kOpens).status, RevokeCodeBatchStatus::revoked);
  EXPECT_EQ(shop.apply(RevokeCodeBatch{{1}}, kOpens).status,
            RevokeCodeBatchStatus::already_revoked);
  EXPECT_EQ(shop.buy(3, 10).status, PlaceOrderStatus::code_not_usable);
  shop.check_invariants();
}

// Goal: what was used does not stay for good, and no command goes over all of it.
TEST(Codes, LeaveInStepsWhenTheirBatchIsLongOver) {
  Coded shop;
  for (std::uint32_t index = 0; index < kEntriesPerStep + 1; ++index) {
    (void)shop.apply(RevokeCode{{1}, index}, kOpens);
  }
  shop.run_due(kUntil + Millis(kOrderRetention).count());
  EXPECT_NE(shop.codes.note({1}, 0), nullptr);
  EXPECT_EQ(shop.codes.note({1}, kEntriesPerStep), nullptr);
  shop.check_invariants();
  shop.run_due(kUntil + 1 + Millis(kOrderRetention).count());
  EXPECT_EQ(shop.codes.note({1}, 0), nullptr);
  EXPECT_EQ(shop.codes.batch({1})->revoked, kEntriesPerStep + 1);
  EXPECT_EQ(shop.schedule.size(), 0U);
  shop.check_invariants();
}

TEST(Codes, AreTheSameWhenLoaded) {
  Coded shop;
  const PlaceOrderResult placed = shop.buy(1, 7);
  (void)shop.apply(RevokeCode{{1}, 8}, kOpens);
  Codes loaded(shop.schedule, shop.drops);
  reload(shop.codes, loaded);
  expect_no_prefix_loads(shop.codes, loaded);
  reload(shop.codes, loaded);
  loaded.order_ended(placed.order_id, shop.context.at(kOpens));
  EXPECT_EQ(loaded.note({1}, 7)->state, CodeState::came_back);
  loaded.check_invariants();
}

}  // namespace
}  // namespace firebrand
