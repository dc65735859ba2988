// A draw over HTTP: from its opening to a record that the program verifies from the file alone, and
// one whose server is killed while it hands the units out.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "data_checks.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

// A reveal and its commitment, as `firebrand draw commit` makes them, and a beacon's value.
constexpr char kReveal[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr char kCommit[] = "6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2";
constexpr char kBeacon[] = "1b3f93d9af328d51b52522b3cd20c626268f0c1984252f7f02ff16b4ebed7bf9";

struct DrawTimes {
  std::int64_t closes_in = 1'000;
  std::int64_t reveal_in = 1'000;  ///< Behind the close.
};

std::string draw_body(Shop& shop, const DrawTimes& times, int tickets_max, int reserve_max) {
  const std::int64_t now = unix_ms(shop.send(get("/v1/time")).json()["server_time"].text());
  const std::int64_t closes = now + times.closes_in;
  const std::int64_t due = closes + times.reveal_in;
  return R"({"closes_at":")" + rfc3339(closes) + R"(","reveal_due_at":")" + rfc3339(due) +
         R"(","beacon_at":")" + rfc3339(due + 1) +
         R"(","beacon_round":14300000,"beacon_source":"drand-quicknet","commit":")" + kCommit +
         R"(","tickets_max":)" + std::to_string(tickets_max) + R"(,"reserve_max":)" +
         std::to_string(reserve_max) + "}";
}

/// One draw as its organiser and its entrants see it.
class DrawCalls {
 public:
  DrawCalls(Shop& shop, std::string id) : shop_(shop), id_(std::move(id)) {}

  [[nodiscard]] std::string path(std::string_view rest = {}) const {
    return "/v1/draws/" + id_ + std::string(rest);
  }
  Json status() { return shop_.send(get(path())).json(); }
  Answer enter(const Fan& fan) { return shop_.send(post(path("/entry")).bearer(fan.token)); }
  Answer leave(const Fan& fan) { return shop_.send(post(path("/leave")).bearer(fan.token)); }
  Json receipt(const Fan& fan) { return shop_.send(get(path("/entry")).bearer(fan.token)).json(); }
  Answer staff(std::string_view rest, std::string body) {
    return shop_.send(post(path(rest), std::move(body)).cookie(shop_.session()));
  }
  Answer server(std::string_view rest, std::string body) {
    return shop_.send(post(path(rest), std::move(body)).bearer(shop_.key().secret));
  }
  Answer reveal() { return staff("/reveal", R"({"reveal":")" + std::string(kReveal) + R"("})"); }
  Answer beacon() { return server("/beacon", R"({"value":")" + std::string(kBeacon) + R"("})"); }
  /// Waits for its time; asks until it is taken.
  [[nodiscard]] bool post_beacon() {
    return eventually([&] { return beacon().status == 200; }, Millis{20'000});
  }
  [[nodiscard]] bool rooted() {
    return eventually([&] { return status()["root_published"].boolean(); });
  }
  [[nodiscard]] bool completed() {
    return eventually([&] { return status()["state"].text() == "completed"; }, Millis{20'000});
  }
  Answer record() { return shop_.send(get(path("/record"))); }

 private:
  Shop& shop_;
  std::string id_;
};

std::string open_draw(Shop& shop, const Drop& drop, const std::string& body) {
  return shop.staff(post(drop.path("/waves/1/draw"), body), 201)["draw_id"].text();
}

Finished verify(const std::string& record) {
  const TemporaryDirectory work;
  std::ofstream(work.path("draw.record"), std::ios::binary) << record;
  return run_program({"draw", "verify", work.path("draw.record")});
}

class DrawOverHttp : public ServerTest {};

TEST_F(DrawOverHttp, IsEnteredDrawnAndVerifiedByAStranger) {
  const Drop drop =
      shop().plan({.waves = {{.units = 3, .decision = "draw"}}, .window_seconds = 600});
  const std::string body = draw_body(shop(), {.closes_in = 3'000, .reveal_in = 3'000}, 3, 2);
  DrawCalls draw(shop(), open_draw(shop(), drop, body));
  EXPECT_EQ(shop().send(post(drop.path("/waves/1/draw"), body).cookie(shop().session())).status,
            200)
      << "the same again is harmless";
  EXPECT_EQ(shop().send(get(drop.path("/draws"))).json()["data"].size(), 1U);
  std::vector<Fan> fans;
  for (int i = 0; i < 9; ++i) { fans.push_back(shop().fan(Shop::unique("entrant"))); }
  for (const Fan& fan : fans) { ASSERT_EQ(draw.enter(fan).status, 201); }
  EXPECT_EQ(draw.enter(fans[0]).status, 200);
  EXPECT_EQ(shop().order(drop, fans[0], Shop::unique("key")).code(), "wave_is_drawn");
  EXPECT_EQ(
      draw.server("/tickets", R"({"person_id":")" + fans[1].person_id + R"(","tickets":3})").status,
      200);
  EXPECT_EQ(draw.leave(fans[8]).status, 200);
  EXPECT_EQ(draw.staff("/exclusions", R"({"person_id":")" + fans[7].person_id +
                                          R"(","reason":"several_accounts"})")
                .status,
            200);
  EXPECT_EQ(draw.enter(fans[7]).code(), "excluded_from_draw");
  EXPECT_EQ(draw.reveal().code(), "draw_still_open");
  EXPECT_EQ(draw.record().code(), "draw_not_completed");

  ASSERT_TRUE(draw.rooted());
  Json status = draw.status();
  EXPECT_EQ(status["entrants"].number(), 7);
  EXPECT_EQ(status["entries"].number(), 9);
  EXPECT_EQ(status["excluded"].number(), 1);
  EXPECT_EQ(draw.enter(fans[8]).code(), "draw_closed");
  EXPECT_EQ(draw.beacon().code(), "beacon_too_early");
  EXPECT_EQ(draw.reveal().status, 200);
  ASSERT_TRUE(draw.post_beacon());
  ASSERT_TRUE(draw.completed());

  // What the fans see is what the record says, and the record stands on its own; who read it at the
  // same time before it was ever made got the same.
  std::vector<std::string> read(4);
  std::vector<std::thread> readers;
  for (std::string& copy : read) {
    readers.emplace_back([&copy, target = draw.path("/record")] {
      Caller caller(server().endpoint());
      (void)eventually([&] {
        const Answer answer = caller.send(get(target));
        copy = answer.body;
        return answer.status == 200;
      });
    });
  }
  for (std::thread& reader : readers) { reader.join(); }
  const Answer record = draw.record();
  for (const std::string& copy : read) { EXPECT_EQ(copy, record.body); }
  ASSERT_EQ(record.status, 200);
  const Finished verified = verify(record.body);
  EXPECT_EQ(verified.status, 0) << verified.output;
  std::map<std::string, int> states;
  const Fan* winner = nullptr;
  for (const Fan& fan : fans) {
    const Json receipt = draw.receipt(fan);
    const std::string state = receipt["state"].text();
    const std::string entrant = receipt["entrant"].text();
    ++states[state];
    EXPECT_EQ(record.body.find("winner " + entrant) != std::string::npos, state == "won");
    EXPECT_EQ(record.body.find("reserve " + entrant) != std::string::npos, state == "reserve");
    EXPECT_EQ(record.body.find(receipt["exclusion_hash"].text()) != std::string::npos,
              state == "excluded");
    if (state != "won") { continue; }
    winner = &fan;
    EXPECT_EQ(shop().read_order(fan, receipt["order_id"].text()).status, 200);
  }
  EXPECT_EQ(states["won"], 3);
  EXPECT_EQ(states["reserve"], 2);
  EXPECT_EQ(states["excluded"], 1);

  // Any change of it is found.
  for (const std::string_view line : {"winner ", "reserve ", "root ", "reveal ", "beacon "}) {
    std::string other = record.body;
    char& digit = other[other.find("\n" + std::string(line)) + 1 + line.size()];
    digit = digit == '0' ? '1' : '0';
    EXPECT_EQ(verify(other).status, 1) << line;
  }

  // A winner gives up: the unit goes to the first of the reserve.
  const std::string order_id = draw.receipt(*winner)["order_id"].text();
  EXPECT_EQ(shop().send(post("/v1/orders/" + order_id + "/cancel").bearer(winner->token)).status,
            200);
  EXPECT_TRUE(eventually([&] { return draw.status()["promoted"].number() == 1; }));
  EXPECT_EQ(draw.record().body, record.body) << "what was drawn stays drawn";
}

TEST_F(DrawOverHttp, ShowsUnitsThatWereMovedToItsWave) {
  const Drop drop =
      shop().plan({.waves = {{.units = 3, .decision = "draw"}, {.units = 2, .manual = true}}});
  const std::string body = draw_body(shop(), {.closes_in = 600'000, .reveal_in = 1'000}, 1, 0);
  DrawCalls draw(shop(), open_draw(shop(), drop, body));
  const auto listed = [&] {
    return shop().send(get(drop.path("/draws"))).json()["data"][0]["units"].number();
  };
  ASSERT_TRUE(eventually([&] { return listed() == 3; }));
  shop().staff(post(drop.path("/moves"), R"({"from_wave":2,"to_wave":1,"units":1})"));
  EXPECT_TRUE(eventually([&] { return listed() == 4; }));
  EXPECT_EQ(draw.status()["units"].number(), 4);
}

TEST_F(DrawOverHttp, FallsBackWhereTheRevealIsWithheld) {
  const Drop drop = shop().plan({.waves = {{.units = 1, .decision = "draw"}}});
  const std::string body = draw_body(shop(), {.closes_in = 1'000, .reveal_in = 300}, 1, 0);
  DrawCalls draw(shop(), open_draw(shop(), drop, body));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(draw.enter(shop().fan(Shop::unique("withheld"))).status, 201);
  }
  ASSERT_TRUE(draw.rooted());
  ASSERT_TRUE(draw.post_beacon());
  ASSERT_TRUE(draw.completed());
  EXPECT_EQ(draw.status()["revealing"].text(), "withheld");
  EXPECT_EQ(draw.reveal().code(), "reveal_too_late");
  const Finished verified = verify(draw.record().body);
  EXPECT_EQ(verified.status, 0) << verified.output;
  EXPECT_NE(verified.output.find("reveal withheld"), std::string::npos);
}

// The server dies over and over while the units are handed out: nobody wins twice, nobody loses
// what they won, and what comes of it is what anybody computes.
TEST(DrawWithKills, ComesToWhatAnybodyComputes) {
  const TemporaryDirectory work;
  const ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  Caller::hold_to(shop.send(get("/openapi.json")).json());
  shop.set_up(server->setup_token());
  constexpr int kEntrants = 500;
  constexpr int kUnits = 300;
  const Drop drop = shop.plan({.waves = {{.units = kUnits, .decision = "draw"}}});
  std::vector<Fan> fans;
  for (int i = 0; i < kEntrants; ++i) { fans.push_back(shop.fan(Shop::unique("lucky"))); }
  const std::string body = draw_body(shop, {.closes_in = 5'000, .reveal_in = 3'000}, 1, 50);
  DrawCalls draw(shop, open_draw(shop, drop, body));
  for (const Fan& fan : fans) { ASSERT_EQ(draw.enter(fan).status, 201); }
  ASSERT_TRUE(draw.rooted());
  ASSERT_EQ(draw.reveal().status, 200);
  ASSERT_TRUE(draw.post_beacon());
  for (int kills = 0; kills < 5; ++kills) {
    pass(std::chrono::microseconds{500 * kills});
    server->kill();
    shop.hang_up();
    server = std::make_unique<ServerProcess>(options);
    server->wait_until_serving();
  }
  ASSERT_TRUE(draw.completed());
  const Answer record = draw.record();
  const Finished verified = verify(record.body);
  EXPECT_EQ(verified.status, 0) << verified.output;
  int won = 0;
  for (const Fan& fan : fans) {
    const Json receipt = draw.receipt(fan);
    const bool is_winner =
        record.body.find("winner " + receipt["entrant"].text()) != std::string::npos;
    EXPECT_EQ(receipt["state"].text() == "won", is_winner);
    won += is_winner ? 1 : 0;
  }
  EXPECT_EQ(won, kUnits);
  EXPECT_EQ(shop.status(drop)["units"]["held"].number(), kUnits);
  EXPECT_EQ(server->stop(), 0) << server->process().output();
  (void)check_directory(options.data);
}

}  // namespace
}  // namespace firebrand::e2e
