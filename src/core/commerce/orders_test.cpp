#include "core/commerce/orders.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "core/core_testing.hpp"
#include "core/piece.hpp"

namespace firebrand {
namespace {

Timestamp at(std::int64_t ms) { return from_unix_ms(ms); }

void place_and_archive(Orders& orders, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const OrderId id = orders.next_id();
    orders.place({.order_id = id, .person_id = {7}, .hold_id = {id.value}, .quantity = 1});
    orders.close(id, OrderState::paid, at(5));
    orders.archive(id);
  }
}

std::vector<std::uint64_t> walk(const Orders& orders) {
  std::vector<std::uint64_t> ids;
  orders.for_each([&](const Order& order) { ids.push_back(order.order_id.value); });
  return ids;
}

Order order(std::uint64_t id) {
  return {.order_id = {id},
          .person_id = {7},
          .created_at = at(10),
          .expires_at = at(100),
          .hold_id = {id},
          .quantity = 1};
}

TEST(OrdersArchive, LoadsAndWalksWhenEveryOrderHasLeft) {
  Schedule schedule;
  Orders orders(schedule);
  place_and_archive(orders, 3);
  EXPECT_TRUE(walk(orders).empty());

  Orders loaded(schedule);
  reload(orders, loaded);
  EXPECT_TRUE(walk(loaded).empty());
  EXPECT_TRUE(loaded.was_archived({3}));
  EXPECT_EQ(loaded.next_id().value, 4u);

  // Saved once more, as the next snapshot does, and with an order behind those that left.
  loaded.place({.order_id = {4}, .person_id = {7}, .hold_id = {4}, .quantity = 1});
  Orders again(schedule);
  reload(loaded, again);
  EXPECT_EQ(walk(again), (std::vector<std::uint64_t>{4}));
}

TEST(OrdersArchive, StepsOverWholeChunksThatAreGone) {
  Schedule schedule;
  Orders orders(schedule);
  orders.place({.order_id = {1}, .person_id = {7}, .hold_id = {1}, .quantity = 1});
  place_and_archive(orders, 3 * DenseArray<Order>::kChunkEntries);
  const OrderId last = orders.next_id();
  orders.place({.order_id = last, .person_id = {7}, .hold_id = {last.value}, .quantity = 1});
  EXPECT_EQ(walk(orders), (std::vector<std::uint64_t>{1, last.value}));
  orders.check_invariants();

  Orders loaded(schedule);
  reload(orders, loaded);
  EXPECT_EQ(walk(loaded), (std::vector<std::uint64_t>{1, last.value}));
}

TEST(Orders, EveryChangeIsLegalOrAborts) {
  using enum OrderState;
  const std::array states = {pending_payment, paid, expired, cancelled, returned};
  for (const OrderState from : states) {
    for (const OrderState to : states) {
      const bool ends = from == pending_payment && to != pending_payment && to != returned;
      EXPECT_EQ(order_may_become(from, to), ends || (from == paid && to == returned));
    }
  }
  Schedule schedule;
  Orders orders(schedule);
  for (const OrderState to : {paid, expired, cancelled}) {
    const OrderId id = orders.next_id();
    orders.place(order(id.value));
    orders.close(id, to, at(50));
    EXPECT_EQ(orders.find(id)->state, to);
    EXPECT_EQ(orders.find(id)->closed_at, at(50));
    EXPECT_EQ(orders.find(id)->hold_id, HoldId{});
    EXPECT_DEATH(orders.close(id, cancelled, at(60)), "order_may_become");
  }
  orders.check_invariants();
}

TEST(Orders, AnOrderSetsItsDeadlinesItself) {
  Schedule schedule;
  Orders orders(schedule);
  orders.place(order(1));
  EXPECT_EQ(schedule.pop_due(at(100)), (Deadline{at(100), DeadlineKind::order_expires, 1}));
  orders.close({1}, OrderState::expired, at(100));
  EXPECT_EQ(schedule.next(), at(100) + kOrderRetention);
  EXPECT_EQ(schedule.pop_due(at(100) + kOrderRetention)->kind, DeadlineKind::order_archives);
  EXPECT_EQ(schedule.size(), 0U);
}

TEST(Orders, AreFoundUntilTheyLeaveAndKnownForGood) {
  Schedule schedule;
  Orders orders(schedule);
  orders.place(order(1));
  orders.place(order(2));
  EXPECT_EQ(orders.live(), 2U);
  orders.close({1}, OrderState::paid, at(50));
  orders.archive({1});
  EXPECT_EQ(orders.live(), 1U);
  EXPECT_EQ(orders.find({0}), nullptr);
  EXPECT_EQ(orders.find({1}), nullptr);
  EXPECT_EQ(orders.find({2})->order_id, OrderId{2});
  EXPECT_EQ(orders.find({3}), nullptr);
  EXPECT_FALSE(orders.was_archived({0}));
  EXPECT_TRUE(orders.was_archived({1}));
  EXPECT_FALSE(orders.was_archived({2}));
  EXPECT_FALSE(orders.was_archived({3}));
  EXPECT_EQ(orders.next_id(), OrderId{3});
  EXPECT_DEATH(orders.archive({2}), "pending_payment");
}

TEST(OrdersDigest, TellsEveryFieldAndHowManyThereWereApart) {
  Schedule schedule;
  const auto digest_of = [&](const Order& one) {
    Orders orders(schedule);
    orders.place(one);
    return orders.digest();
  };
  const std::uint64_t plain = digest_of(order(1));
  const auto changed = [&](auto change) {
    Order one = order(1);
    change(one);
    return digest_of(one);
  };
  EXPECT_NE(plain, changed([](Order& o) { o.person_id = {8}; }));
  EXPECT_NE(plain, changed([](Order& o) { o.drop_id = {8}; }));
  EXPECT_NE(plain, changed([](Order& o) { o.total.minor = 8; }));
  EXPECT_NE(plain, changed([](Order& o) { o.total.currency = Currency::of("CNY"); }));
  EXPECT_NE(plain, changed([](Order& o) { o.created_at = at(8); }));
  EXPECT_NE(plain, changed([](Order& o) { o.expires_at = at(8); }));
  EXPECT_NE(plain, changed([](Order& o) { o.hold_id = {8}; }));
  EXPECT_NE(plain, changed([](Order& o) { o.quantity = 8; }));
  EXPECT_NE(plain, changed([](Order& o) { o.wave = 8; }));
  Orders emptied(schedule);
  place_and_archive(emptied, 1);
  EXPECT_NE(emptied.digest(), Orders(schedule).digest());
}

TEST(OrdersLoad, RefusesPartsAndNumbersOutOfOrder) {
  Schedule schedule;
  Orders orders(schedule);
  for (std::uint64_t id = 1; id <= 3; ++id) { orders.place(order(id)); }
  Orders loaded(schedule);
  reload(orders, loaded);
  expect_no_prefix_loads(orders, loaded);

  const auto load = [&](std::uint64_t size, std::uint64_t live, std::initializer_list<int> ids) {
    MemorySink sink;
    put_u64(sink, size);
    put_u64(sink, live);
    for (const int id : ids) { save_entry(sink, order(static_cast<std::uint64_t>(id))); }
    MemorySource source(sink.bytes());
    return loaded.load(source);
  };
  EXPECT_TRUE(load(4, 2, {2, 4}));
  EXPECT_FALSE(load(4, 2, {4, 2}));
  EXPECT_FALSE(load(4, 2, {2, 2}));
  EXPECT_FALSE(load(4, 2, {0, 2}));
  EXPECT_FALSE(load(4, 2, {2, 5}));
  EXPECT_FALSE(load(1, 2, {1, 2}));
}

}  // namespace
}  // namespace firebrand
