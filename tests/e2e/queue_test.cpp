// A waiting room over HTTP: who is let in and when, what a kill may not take, who loses a place.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "hashing.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

struct Room {
  Drop drop;
  [[nodiscard]] std::string path(std::string_view rest = {}) const {
    return drop.path("/waves/1/waiting-room") + std::string(rest);
  }
};

constexpr Millis kOpensIn{3'000};

/// A drop of one wave that is decided by a waiting room, which people may join from now on.
Room open_room(Shop& shop, std::int64_t units, std::string_view admission, int limit = 1) {
  const Drop drop = shop.plan({.opens_in = kOpensIn,
                               .waves = {{.units = units, .decision = "waiting_room"}},
                               .limit = limit});
  const Room room{drop};
  const std::int64_t opens = unix_ms(drop.opens_at);
  (void)shop.staff(post(room.path(), R"({"joins_from":")" + rfc3339(opens - 3'600'000) +
                                         R"(","ends_at":")" + rfc3339(opens + 3'600'000) +
                                         R"(","admission":)" + std::string(admission) + "}"),
                   201);
  return room;
}

struct Place {
  std::string token;
  std::int64_t number = 0;
};

Place join(Caller& caller, const Room& room, const Fan& fan, int status = 201) {
  const Answer answer = caller.send(post(room.path("/places")).bearer(fan.token));
  EXPECT_EQ(answer.status, status) << answer.body;
  return {answer.json()["place_token"].text(), answer.json()["place"].number()};
}

Json ask(Caller& caller, const Place& place) {
  return caller.send(get("/v1/places/" + place.token)).json();
}

std::string state_of(Caller& caller, const Place& place) {
  return ask(caller, place)["state"].text();
}

class WaitingRoom : public ServerTest {};

TEST_F(WaitingRoom, LetsPeopleInAndSellsToThem) {
  constexpr int kFans = 12;
  const Room room = open_room(
      shop(), kFans, R"({"places_per_minute":60000,"inside_max":3,"latency_ms_max":60000})");
  const std::string commitment = shop().send(get(room.path())).json()["commitment"].text();
  std::vector<Fan> fans;
  std::vector<Place> places;
  for (int i = 0; i < kFans; ++i) {
    fans.push_back(shop().fan("waits-" + std::to_string(i)));
    places.push_back(join(shop(), room, fans.back()));
    EXPECT_EQ(places.back().number, i + 1);
  }
  // A second click is the same place.
  EXPECT_EQ(join(shop(), room, fans[0], 200).number, 1);
  const Json early = ask(shop(), places[3]);
  EXPECT_EQ(early["state"].text(), "waiting");
  EXPECT_EQ(early["order"].text(), "pending");
  EXPECT_EQ(shop().order(room.drop, fans[0], "early").code(), "not_open");

  std::set<std::size_t> bought;
  ASSERT_TRUE(eventually([&] {
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (bought.contains(i)) { continue; }
      const Json place = ask(shop(), places[i]);
      if (place["state"].text() != "admitted") { continue; }
      EXPECT_GT(place["pass"].text().size(), 100U);
      EXPECT_EQ(shop().order(room.drop, fans[i], "buys-" + std::to_string(i)).status, 201);
      bought.insert(i);
    }
    return bought.size() == places.size();
  }));
  for (const Place& place : places) { EXPECT_EQ(state_of(shop(), place), "used"); }
  const Json page = shop().send(get(room.path())).json();
  EXPECT_EQ(page["commitment"].text(), commitment);
  EXPECT_EQ(to_hex(commitment_of(from_hex(page["secret"].text()))), commitment);
  EXPECT_EQ(page["early"].number(), kFans);
  // The figures for staff are a copy, some milliseconds old.
  EXPECT_TRUE(eventually(
      [&] { return shop().staff(get(room.path("/live")))["counts"]["used"].number() == kFans; }));
}

TEST_F(WaitingRoom, SellsToNobodyElse) {
  const Room room = open_room(shop(), 5, R"({"pacing":"held"})");
  const Fan waits = shop().fan("waits-for-nothing");
  const Fan stranger = shop().fan("never-came");
  const Place place = join(shop(), room, waits);
  ASSERT_TRUE(eventually([&] { return shop().status(room.drop)["state"].text() == "open"; }));
  EXPECT_EQ(shop().order(room.drop, stranger, "stranger").code(), "not_in_waiting_room");
  EXPECT_EQ(shop().order(room.drop, waits, "waits").code(), "waiting_turn");
  // Somebody who comes late stands behind.
  const Place late = join(shop(), room, stranger);
  ASSERT_TRUE(eventually([&] { return ask(shop(), late)["order"].text() == "revealed"; }));
  EXPECT_EQ(ask(shop(), late)["ahead"].number(), 1);
  // Who leaves frees the place.
  EXPECT_EQ(shop().send(post("/v1/places/" + place.token + "/leave")).status, 200);
  EXPECT_EQ(state_of(shop(), place), "left");
  EXPECT_EQ(shop().send(get("/v1/places/fbq_nonsense")).code(), "place_not_found");
  // Staff let the queue move, and at last end it.
  (void)shop().staff(post(room.path("/admission"), R"({"admission":{"inside_max":9}})"));
  ASSERT_TRUE(eventually([&] { return state_of(shop(), late) == "admitted"; }));
  (void)shop().staff(post(room.path("/close")));
  EXPECT_EQ(shop().order(room.drop, waits, "waits-2").status, 201);
  EXPECT_EQ(shop().send(post(room.path("/places")).bearer(waits.token)).code(),
            "waiting_room_closed");
}

TEST_F(WaitingRoom, EndsThePlaceOfWhoStaysAway) {
  const Room room = open_room(shop(), 5, R"({"heartbeat_seconds":1,"pacing":"held"})");
  const Place gone = join(shop(), room, shop().fan("stays-away"));
  ASSERT_TRUE(eventually(
      [&] { return shop().staff(get(room.path("/live")))["counts"]["lapsed"].number() == 1; }));
  EXPECT_EQ(state_of(shop(), gone), "lapsed");
  // Coming back after the opening is a new place, at the end.
  ASSERT_TRUE(eventually(
      [&] { return shop().send(get(room.path())).json()["order"].text() == "revealed"; }));
  EXPECT_EQ(join(shop(), room, shop().fan("stays-away")).number, 2);
}

TEST_F(WaitingRoom, IsRefusedWhereItCannotBe) {
  const Drop plain = shop().plan({.opens_in = Millis{60'000}});
  const std::string body =
      R"({"joins_from":"2020-01-01T00:00:00Z","ends_at":"2099-01-01T00:00:00Z"})";
  const auto open = [&](std::string path) {
    return shop().send(post(std::move(path), body).cookie(shop().session())).code();
  };
  EXPECT_EQ(open(plain.path("/waves/1/waiting-room")), "wave_has_no_waiting_room");
  EXPECT_EQ(open(plain.path("/waves/9/waiting-room")), "wave_not_found");
  EXPECT_EQ(open("/v1/drops/drop_999/waves/1/waiting-room"), "drop_not_found");
  EXPECT_EQ(shop().send(get(plain.path("/waves/1/waiting-room"))).code(), "waiting_room_not_found");
  const Drop open_now = shop().plan({.waves = {{.units = 5, .decision = "waiting_room"}}});
  EXPECT_EQ(open(open_now.path("/waves/1/waiting-room")), "joins_after_opening");
}

// SIGKILL while people wait and again while they are let in: everybody keeps the place.
TEST(WaitingRoomCrash, LosesNobodyToAKill) {
  constexpr int kFans = 40;
  TemporaryDirectory work;
  const ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Room room = open_room(
      shop, kFans, R"({"places_per_minute":1200,"inside_max":40,"latency_ms_max":60000})");
  std::vector<Place> places;
  std::vector<Fan> fans;
  for (int i = 0; i < kFans; ++i) {
    fans.push_back(shop.fan("kept-" + std::to_string(i)));
    places.push_back(join(shop, room, fans.back()));
  }
  const auto kill_and_restart = [&] {
    server->kill();
    shop.hang_up();
    server = std::make_unique<ServerProcess>(options);
    server->wait_until_ready();
  };
  kill_and_restart();
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(join(shop, room, fans[i], 200).number, places[i].number);
  }
  const auto admitted = [&] {
    int count = 0;
    for (const Place& place : places) { count += state_of(shop, place) == "admitted" ? 1 : 0; }
    return count;
  };
  ASSERT_TRUE(eventually([&] { return admitted() > 0; }));
  kill_and_restart();
  EXPECT_GT(admitted(), 0);
  ASSERT_TRUE(eventually([&] { return admitted() == kFans; }));
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(shop.order(room.drop, fans[i], "kept-" + std::to_string(i)).status, 201);
  }
  EXPECT_EQ(server->stop(), 0);
  const Finished audit = run_program({"audit", "--data", options.data});
  EXPECT_EQ(audit.status, 0) << audit.output;
}

}  // namespace
}  // namespace firebrand::e2e
