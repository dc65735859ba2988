// Who may buy, by what the shop says of people, over HTTP.
#include <gtest/gtest.h>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

class Audiences : public ServerTest {
 protected:
  static Answer buy(const Drop& drop, const Fan& fan) {
    return shop().order(drop, fan, Shop::unique("key"));
  }
};

TEST_F(Audiences, AWaveIsForThoseOfWhomTheShopSaysSo) {
  const Drop drop = shop().plan(
      {.waves = {{.units = 5,
                  .more = R"(,"group":"club","members_before":"2025-01-01T00:00:00.000Z",)"
                          R"("region":"上海","channel":"app","risk_max":50,"per_person_limit":1)"}},
       .limit = 3});
  const Json wave = shop().status(drop)["waves"][0];
  EXPECT_EQ(wave["group"].text(), "club");
  EXPECT_EQ(wave["members_before"].text(), "2025-01-01T00:00:00.000Z");
  EXPECT_EQ(wave["region"].text(), "上海");
  EXPECT_EQ(wave["risk_max"].number(), 50);
  const std::string groups = R"(,"groups":["press","club"])";
  const std::string since = R"(,"member_since":"2024-12-31T23:59:59.999Z")";
  const std::string region = R"(,"region":"上海")";
  const std::string channel = R"(,"channel":"app")";
  const auto code = [&](std::string_view claims) {
    return buy(drop, shop().fan(Shop::unique("fan"), claims)).code();
  };
  EXPECT_EQ(code(""), "group_required");
  EXPECT_EQ(code(groups), "member_too_new");
  EXPECT_EQ(code(groups + R"(,"member_since":"2025-01-01T00:00:00.000Z")"), "member_too_new");
  EXPECT_EQ(code(groups + since), "region_not_served");
  EXPECT_EQ(code(groups + since + region), "channel_not_served");
  EXPECT_EQ(code(groups + since + region + channel + R"(,"risk":51)"), "risk_too_high");
  const Fan fan = shop().fan("member", groups + since + region + channel + R"(,"risk":50)");
  EXPECT_EQ(buy(drop, fan).status, 201);
  const Answer second = buy(drop, fan);
  EXPECT_EQ(second.code(), "purchase_limit");  // Of the wave: the drop's is 3.
  EXPECT_EQ(second.json()["limit"].number(), 1);
  EXPECT_EQ(second.json()["owned"].number(), 1);
}

TEST_F(Audiences, HouseholdsAndAddressesHaveLimitsTogether) {
  const Drop drop = shop().plan(
      {.waves = {{.units = 9}}, .more = R"(,"per_household_limit":2,"per_address_limit":3)"});
  EXPECT_EQ(shop().status(drop)["per_household_limit"].number(), 2);
  EXPECT_EQ(shop().status(drop)["per_address_limit"].number(), 3);
  const auto member = [&](std::string_view name, std::string_view household) {
    return shop().fan(
        name, R"(,"address":"1 Long Street","household":")" + std::string(household) + R"(")");
  };
  const Fan first = member("h-1", "h");
  const Answer order = buy(drop, first);
  ASSERT_EQ(order.status, 201) << order.body;
  EXPECT_EQ(buy(drop, member("h-2", "h")).status, 201);
  const Answer third = buy(drop, member("h-3", "h"));
  EXPECT_EQ(third.code(), "household_limit");
  EXPECT_EQ(third.json()["limit"].number(), 2);
  EXPECT_EQ(third.json()["owned"].number(), 2);
  EXPECT_EQ(buy(drop, member("g-1", "g")).status, 201);
  EXPECT_EQ(buy(drop, member("g-2", "g")).code(), "address_limit");
  // Whoever gives an order up makes room for another of the household.
  EXPECT_EQ(
      shop()
          .send(
              post("/v1/orders/" + order.json()["order_id"].text() + "/cancel").bearer(first.token))
          .status,
      200);
  EXPECT_EQ(buy(drop, member("h-3", "h")).status, 201);
  EXPECT_EQ(buy(drop, shop().fan("of-no-address")).status, 201);
}

TEST_F(Audiences, ADrawAndAWaitingRoomAskToo) {
  const Drop drop = shop().plan(
      {.opens_in = Millis{60'000},
       .waves = {{.units = 1, .decision = "draw", .more = R"(,"group":"club")"},
                 {.units = 1, .decision = "waiting_room", .more = R"(,"region":"north")"}}});
  const std::int64_t now = unix_ms(shop().send(get("/v1/time")).json()["server_time"].text());
  const auto in = [&](std::int64_t seconds) { return rfc3339(now + seconds * 1'000); };
  const std::string draw =
      shop()
          .staff(post(drop.path("/waves/1/draw"),
                      R"({"closes_at":")" + in(30) + R"(","reveal_due_at":")" + in(40) +
                          R"(","beacon_at":")" + in(50) +
                          R"(","beacon_round":1,"beacon_source":"drand","commit":")" +
                          "6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2" +
                          R"("})"),
                 201)["draw_id"]
          .text();
  shop().staff(post(drop.path("/waves/2/waiting-room"),
                    R"({"joins_from":")" + in(-1) + R"(","ends_at":")" + in(900) + R"("})"),
               201);
  const auto enter = [&](const Fan& fan) {
    return shop().send(post("/v1/draws/" + draw + "/entry").bearer(fan.token));
  };
  const auto join = [&](const Fan& fan) {
    return shop().send(post(drop.path("/waves/2/waiting-room/places")).bearer(fan.token));
  };
  const Fan nobody = shop().fan("nobody");
  const Fan member = shop().fan("of-the-club", R"(,"groups":["club"],"region":"north")");
  EXPECT_EQ(enter(nobody).code(), "group_required");
  EXPECT_EQ(enter(member).status, 201);
  EXPECT_EQ(join(nobody).code(), "region_not_served");
  EXPECT_EQ(join(member).status, 201);
}

TEST_F(Audiences, WhoIsKeptOutBuysNothingAndFindsThemselvesInTheList) {
  const Drop drop = shop().plan({.opens_in = Millis{4'000}, .waves = {{.units = 5}}});
  const Fan reseller = shop().fan(Shop::unique("reseller"));
  const Fan other = shop().fan(Shop::unique("other"));
  const auto exclude = [&](const Fan& fan) {
    return shop().send(post(drop.path("/exclusions"),
                            R"({"person_id":")" + fan.person_id + R"(","reason":"reseller"})")
                           .cookie(shop().session()));
  };
  EXPECT_EQ(exclude(reseller).status, 200);
  EXPECT_EQ(exclude(reseller).status, 200) << "the same again is harmless";
  const auto own = [&](const Fan& fan) {
    return shop().send(get(drop.path("/exclusion")).bearer(fan.token)).json();
  };
  ASSERT_TRUE(eventually([&] { return own(reseller)["excluded"].boolean(); }));
  EXPECT_EQ(own(reseller)["reason"].text(), "reseller");
  EXPECT_FALSE(own(other)["excluded"].boolean());
  const Answer list = shop().send(get(drop.path("/exclusions")));
  ASSERT_EQ(list.json()["data"].size(), 1U);
  EXPECT_EQ(list.json()["data"][0]["exclusion_hash"].text(),
            own(reseller)["exclusion_hash"].text());
  EXPECT_EQ(list.body.find(reseller.person_id), std::string::npos);
  EXPECT_EQ(shop().send(get("/v1/drops/drop_999/exclusions")).code(), "drop_not_found");
  ASSERT_TRUE(eventually([&] { return buy(drop, other).status == 201; }));
  EXPECT_EQ(buy(drop, reseller).code(), "excluded_from_drop");
  EXPECT_EQ(exclude(other).code(), "drop_has_opened");
}

TEST_F(Audiences, BadClaimsAndBadPlansAreRefused) {
  const auto session = [&](std::string_view claims) {
    return shop()
        .send(post("/v1/fan-sessions", R"({"person":"x")" + std::string(claims) + "}")
                  .bearer(shop().key().secret))
        .code();
  };
  EXPECT_EQ(session(R"(,"risk":101)"), "validation");
  EXPECT_EQ(session(R"(,"region":")" + std::string(21, 'x') + R"(")"), "validation");
  EXPECT_EQ(session(R"(,"groups":["1","2","3","4","5","6","7","8","9"])"), "validation");
  EXPECT_EQ(session(R"(,"member_since":"yesterday")"), "validation");
  try {
    (void)shop().plan({.waves = {{.units = 1, .audience = "code_holders", .decision = "draw"}}});
    FAIL() << "a draw took codes";
  } catch (const std::exception& refused) {
    EXPECT_NE(std::string(refused.what()).find("drawn_wave_must_not_ask_code"), std::string::npos)
        << refused.what();
  }
}

}  // namespace
}  // namespace firebrand::e2e
