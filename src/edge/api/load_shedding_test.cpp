#include "edge/api/load_shedding.hpp"

#include <gtest/gtest.h>

#include "edge/api/route.hpp"
#include "edge/api/routes.hpp"

namespace firebrand {
namespace {

TEST(LoadShedding, LooksGiveWayFirstAndPurchasesLast) {
  constexpr std::size_t kCapacity = 64 * 1024;
  ByteRing ring(kCapacity);
  const struct {
    std::size_t filled;
    bool look, join, sale;
  } rows[] = {{0, true, true, true},
              {kCapacity / 2, true, true, true},
              {kCapacity / 2 + 8, false, true, true},
              {kCapacity / 4 * 3, false, true, true},
              {kCapacity / 4 * 3 + 8, false, false, true},
              {kCapacity, false, false, true}};  // Whether it fits is asked when it is written.
  std::size_t filled = 0;
  for (const auto& row : rows) {
    ring.push(row.filled - filled);
    ring.publish();
    filled = row.filled;
    EXPECT_EQ(may_enter(ring, Urgency::look), row.look) << filled;
    EXPECT_EQ(may_enter(ring, Urgency::join), row.join) << filled;
    EXPECT_EQ(may_enter(ring, Urgency::sale), row.sale) << filled;
  }
  ring.consume(kCapacity / 2);
  EXPECT_TRUE(may_enter(ring, Urgency::look)) << "the engine has caught up";
}

TEST(LoadShedding, IsByRoute) {
  Router router;
  add_routes(router, false);
  const auto urgency = [&](HttpMethod method, std::string_view path) {
    return urgency_of(*router.match(method, path).route);
  };
  EXPECT_EQ(urgency(HttpMethod::get, "/v1/orders/ord_1"), Urgency::look);
  EXPECT_EQ(urgency(HttpMethod::get, "/v1/drops/drop_1"), Urgency::look);
  EXPECT_EQ(urgency(HttpMethod::post, "/v1/drops/drop_1/waves/1/waiting-room/places"),
            Urgency::join);
  EXPECT_EQ(urgency(HttpMethod::post, "/v1/drops/drop_1/orders"), Urgency::sale);
  EXPECT_EQ(urgency(HttpMethod::post, "/v1/orders/ord_1/cancel"), Urgency::sale);
  EXPECT_EQ(urgency(HttpMethod::post, "/v1/payments/callback"), Urgency::sale);
  EXPECT_EQ(urgency(HttpMethod::get, "/v1/staff/me"), Urgency::sale) << "staff can always act";
  std::size_t joins = 0;
  for (const Route& route : router.routes()) {
    if (urgency_of(route) != Urgency::join) { continue; }
    EXPECT_TRUE(route.method == HttpMethod::post && route.auth == Auth::fan) << route.pattern;
    ++joins;
  }
  EXPECT_EQ(joins, 4U);
}

}  // namespace
}  // namespace firebrand
