// What everybody sees of a drop: the cacheable status, and the stream of what happens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Status : public ServerTest {};

TEST_F(Status, SaysEverythingThatMayBeKnown) {
  const Drop drop = shop().plan(
      {.opens_in = Millis{60'000}, .waves = {{7}, {3, true}}, .limit = 2, .window_seconds = 300});
  const Json status = shop().status(drop);
  EXPECT_THAT(status.names(), ElementsAre("drop_id", "code", "launch_id", "launch_name", "sku_id",
                                          "sku_name", "prices", "currency", "state", "pausing",
                                          "opens_at", "per_person_limit", "payment_window_seconds",
                                          "pickup", "units", "waves", "ties", "log_position"));
  EXPECT_EQ(status["drop_id"].text(), drop.id);
  EXPECT_EQ(status["sku_name"]["zh"].text(), "火种手机");
  EXPECT_EQ(status["prices"][0]["amount"].number(), 199'900);
  EXPECT_EQ(status["state"].text(), "scheduled");
  EXPECT_EQ(status["opens_at"].text(), drop.opens_at);
  EXPECT_EQ(status["per_person_limit"].number(), 2);
  EXPECT_EQ(status["payment_window_seconds"].number(), 300);
  EXPECT_EQ(status["units"]["total"].number(), 10);
  EXPECT_EQ(status["units"]["unreleased"].number(), 10);
  EXPECT_EQ(status["waves"].size(), 2U);
  EXPECT_EQ(status["waves"][1]["wave"].number(), 2);
  EXPECT_EQ(status["waves"][1]["release"].text(), "manual");
  EXPECT_EQ(status["waves"][1]["state"].text(), "scheduled");
  EXPECT_EQ(status["waves"][1]["tie_batch_ms"].number(), 0);
  EXPECT_EQ(status["ties"].names(), (std::vector<std::string>{"windows", "decided", "inversions"}));
  const Json list = shop().send(get("/v1/drops")).json();
  EXPECT_EQ(list["data"][0]["drop_id"].text(), drop.id) << "the newest comes first";
}

TEST_F(Status, ShowsWhatWavesHaveOnceUnitsWereMoved) {
  const Drop drop = shop().plan({.waves = {{7}, {3, true}}});
  ASSERT_TRUE(eventually([&] { return shop().status(drop)["state"].text() == "open"; }));
  const auto move = [&](const char* body) { return shop().staff(post(drop.path("/moves"), body)); };
  EXPECT_EQ(move(R"({"from_wave":1,"to_wave":2,"units":4})")["drop_id"].text(), drop.id);
  ASSERT_TRUE(eventually([&] { return shop().status(drop)["waves"][0]["units"].number() == 3; }));
  const Json status = shop().status(drop);
  EXPECT_EQ(status["waves"][0]["available"].number(), 3);
  EXPECT_EQ(status["waves"][1]["units"].number(), 7);
  EXPECT_EQ(status["waves"][1]["leftovers"].text(), "stay");
  EXPECT_EQ(status["units"]["unreleased"].number(), 7);
  EXPECT_EQ(status["units"]["total"].number(), 10);
  const Answer refused =
      shop().send(post(drop.path("/moves"), R"({"from_wave":1,"to_wave":2,"units":4})")
                      .cookie(shop().session()));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "not_enough_units");
}

TEST_F(Status, IsCacheableAndKnowsWhenNothingIsNew) {
  const Drop drop = shop().plan({});
  ASSERT_TRUE(eventually([&] { return shop().status(drop)["state"].text() == "open"; }));
  const Answer first = shop().send(get(drop.path()));
  const std::string etag = first.header("ETag");
  EXPECT_THAT(first.header("Cache-Control"), StartsWith("public, max-age=1"));
  ASSERT_THAT(etag, StartsWith("\""));

  const auto if_none_match = [&](const std::string& condition) {
    return shop().send(get(drop.path()).with("If-None-Match", condition));
  };
  for (const std::string& condition : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const Answer same = if_none_match(condition);
    EXPECT_EQ(same.status, 304) << condition;
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.header("ETag"), etag);
    EXPECT_THAT(same.header("Cache-Control"), StartsWith("public, max-age=1"));
  }
  EXPECT_EQ(if_none_match("\"other\"").status, 200);

  ASSERT_EQ(shop().order(drop, shop().fan("changes-it"), "etag").status, 201);
  Answer changed;
  ASSERT_TRUE(eventually([&] {
    changed = if_none_match(etag);
    return changed.status == 200;
  }));
  EXPECT_NE(changed.header("ETag"), etag);
  EXPECT_EQ(changed.json()["units"]["held"].number(), 1);
  EXPECT_GT(std::stoll(changed.json()["log_position"].text()),
            std::stoll(first.json()["log_position"].text()));

  Request head = get(drop.path());
  head.method = HttpMethod::head;
  const Answer only_head = shop().send(head);
  EXPECT_EQ(only_head.status, 200);
  EXPECT_EQ(only_head.body, "");
  EXPECT_EQ(only_head.header("Content-Length"), std::to_string(changed.body.size()));
  // Lists are cached the same way.
  const Answer list = shop().send(get("/v1/drops"));
  EXPECT_EQ(shop().send(get("/v1/drops").with("If-None-Match", list.header("ETag"))).status, 304);
}

/// Reads a stream until an event of that name comes; other names on the way go to `seen`.
class Watcher {
 public:
  Watcher(const HttpEndpoint& endpoint, const std::string& target,
          const std::vector<HttpField>& headers = {})
      : reader_(endpoint) {
    const auto status = reader_.open(target, headers);
    if (!status || *status != 200) {
      throw std::runtime_error("no stream: " + std::string(reader_.body()));
    }
  }
  std::optional<SseEvent> next(Millis time = Millis{10'000}) {
    const auto event = reader_.next(time);
    return event ? std::optional<SseEvent>(*event) : std::nullopt;
  }
  /// The next event that is no plain status.
  std::optional<SseEvent> next_named() {
    for (;;) {
      auto event = next();
      if (!event || event->event != "status") { return event; }
    }
  }
  /// The first status for which `holds`; null if there is none in time.
  template <class Condition>
  std::optional<Json> status_when(Condition holds) {
    for (;;) {
      const auto event = next();
      if (!event) { return std::nullopt; }
      if (event->event != "status" && event->event != "live") { continue; }
      Json json = Json::parse(event->data);
      if (holds(json)) { return json; }
    }
  }
  SseReader& reader() { return reader_; }

 private:
  SseReader reader_;
};

TEST_F(Status, StreamsTheStatusAndItsChanges) {
  const Drop drop = shop().plan({.opens_in = Millis{800}, .waves = {{2}}});
  Watcher watcher(server().endpoint(), drop.path("/events"));
  EXPECT_EQ(watcher.reader().header("Content-Type"), "text/event-stream");
  EXPECT_EQ(watcher.reader().header("Cache-Control"), "no-store");
  const auto first = watcher.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->event, "status") << "what stands comes at once";
  EXPECT_EQ(first->id, "");
  EXPECT_EQ(Json::parse(first->data)["state"].text(), "scheduled");
  EXPECT_EQ(first->data, shop().send(get(drop.path())).body);

  ASSERT_TRUE(watcher.status_when([](const Json& json) { return json["state"].text() == "open"; }));
  ASSERT_EQ(shop().order(drop, shop().fan("seen"), "seen").status, 201);
  ASSERT_TRUE(
      watcher.status_when([](const Json& json) { return json["units"]["held"].number() == 1; }));
}

/// Everything that has a name and an id, by hand.
std::vector<std::string> act(Shop& shop, const Drop& drop) {
  (void)shop.staff(post(drop.path("/pause")));
  (void)shop.staff(post(drop.path("/resume")));
  (void)shop.staff(post(drop.path("/waves/2/release")));
  if (shop.order(drop, shop.fan(Shop::unique("buyer")), "act", R"({"quantity":2})").status != 201) {
    throw std::runtime_error("no order");
  }
  (void)shop.staff(post(drop.path("/cancel")));
  return {"drop_paused", "drop_resumed", "wave_released", "wave_sold_out", "drop_cancelled"};
}

TEST_F(Status, NamesWhatHappensAndGoesOnWhereAWatcherWasCutOff) {
  const Drop drop = shop().plan({.opens_in = Millis{500}, .waves = {{2}, {1, true}}, .limit = 5});
  Watcher watcher(server().endpoint(), drop.path("/events"));
  std::vector<SseEvent> events;
  for (const char* const name : {"wave_released", "drop_opened"}) {
    const auto event = watcher.next_named();
    ASSERT_TRUE(event) << name;
    events.push_back(*event);
  }
  for (const std::string& name : act(shop(), drop)) {
    const auto event = watcher.next_named();
    ASSERT_TRUE(event) << name;
    EXPECT_EQ(event->event, name);
    EXPECT_EQ(Json::parse(event->data)["drop_id"].text(), drop.id);
    events.push_back(*event);
  }
  std::set<std::string> ids;
  for (const SseEvent& event : events) {
    EXPECT_TRUE(ids.insert(event.id).second) << event.id << " comes twice";
  }

  // From each of them on, the rest and nothing else, in order.
  for (std::size_t from = 0; from < events.size(); ++from) {
    Watcher again(server().endpoint(), drop.path("/events"), {{"Last-Event-ID", events[from].id}});
    for (std::size_t i = from + 1; i < events.size(); ++i) {
      const auto event = again.next();
      ASSERT_TRUE(event);
      EXPECT_EQ(event->event, events[i].event);
      EXPECT_EQ(event->id, events[i].id);
      EXPECT_EQ(event->data, events[i].data);
    }
    const auto status = again.next();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->event, "status");
  }
  // Nobody else's events.
  const Drop other = shop().plan({});
  Watcher elsewhere(server().endpoint(), other.path("/events"), {{"Last-Event-ID", "0-0"}});
  for (auto event = elsewhere.next(); event && event->event != "status"; event = elsewhere.next()) {
    EXPECT_EQ(Json::parse(event->data)["drop_id"].text(), other.id);
  }
  EXPECT_EQ(shop().send(get("/v1/drops/drop_9999/events")).code(), "drop_not_found");
}

TEST_F(Status, ShowsStaffOrdersAndRefusals) {
  const Drop drop = shop().plan({.waves = {{3}}});
  const Fan fan = shop().fan("refused");
  Request live = get(drop.path("/live")).cookie(shop().session());
  Watcher watcher(server().endpoint(), drop.path("/live/events"),
                  {{"Cookie", live.headers[0].second}});
  ASSERT_EQ(shop().order(drop, fan, "live").status, 201);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(shop().order(drop, fan, Shop::unique("over")).code(), "purchase_limit");
  }
  const auto seen = watcher.status_when([](const Json& json) {
    return json["refusals"].has("purchase_limit") &&
           json["refusals"]["purchase_limit"].number() == 5;
  });
  ASSERT_TRUE(seen) << "refusals are summed at most once a second";
  EXPECT_EQ((*seen)["orders"]["placed"].number(), 1);
  EXPECT_EQ(shop().send(live).json()["refusals"]["purchase_limit"].number(), 5);
}

TEST_F(Status, EndsTheStreamsOfAStaffSessionWithIt) {
  const Drop drop = shop().plan({});
  Shop member(server().endpoint());
  member.sign_in();
  const auto cookie = [](const std::string& session) {
    return std::string("firebrand_session=") + session;
  };
  const std::string mine = cookie(member.session());
  const std::string other = cookie(shop().session());
  Watcher first(server().endpoint(), drop.path("/live/events"), {{"Cookie", mine}});
  Watcher second(server().endpoint(), drop.path("/live/events"), {{"Cookie", mine}});
  Watcher goes_on(server().endpoint(), drop.path("/live/events"), {{"Cookie", other}});
  Watcher fan(server().endpoint(), drop.path("/events"));
  for (Watcher* const watcher : {&first, &second, &goes_on, &fan}) { ASSERT_TRUE(watcher->next()); }

  ASSERT_EQ(member.send(post("/v1/staff/sign-out").cookie(member.session())).status, 200);
  for (Watcher* const watcher : {&first, &second}) {
    auto event = watcher->reader().next(Millis{10'000});
    while (event) { event = watcher->reader().next(Millis{10'000}); }
    EXPECT_NE(event.error(), HttpClientError::timed_out) << "it still goes on";
  }
  // Longer than it takes to ask whether the sessions still stand: those that do go on.
  pass(Millis{3'000});
  ASSERT_EQ(shop().order(drop, shop().fan("still-seen"), "still-seen").status, 201);
  EXPECT_TRUE(
      goes_on.status_when([](const Json& json) { return json["units"]["held"].number() == 1; }));
  EXPECT_TRUE(
      fan.status_when([](const Json& json) { return json["units"]["held"].number() == 1; }));
}

TEST(StatusAfterRestart, GoesOnFromTheLastEvent) {
  TemporaryDirectory work;
  const std::string data = work.path("data");
  auto server = std::make_unique<ServerProcess>(ServerOptions{.data = data, .flags = {}});
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{2}, {1, true}}, .limit = 5});
  ASSERT_TRUE(eventually([&] { return shop.status(drop)["state"].text() == "open"; }));
  std::vector<SseEvent> events;
  std::vector<std::string> names;
  {
    Watcher watcher(server->endpoint(), drop.path("/events"), {{"Last-Event-ID", "0-0"}});
    names = act(shop, drop);
    while (events.empty() || events.back().event != "drop_cancelled") {
      const auto event = watcher.next_named();
      ASSERT_TRUE(event);
      events.push_back(*event);
    }
  }
  // All of it acknowledged and stored: the same ids and words after a death and a new start.
  const std::string before = shop.send(get(drop.path())).body;
  server->kill();
  server = std::make_unique<ServerProcess>(ServerOptions{.data = data, .flags = {}});
  server->wait_until_ready();
  for (const std::size_t from : {std::size_t{0}, events.size() - 2}) {
    Watcher again(server->endpoint(), drop.path("/events"), {{"Last-Event-ID", events[from].id}});
    for (std::size_t i = from + 1; i < events.size(); ++i) {
      const auto event = again.next();
      ASSERT_TRUE(event);
      EXPECT_EQ(event->event, events[i].event);
      EXPECT_EQ(event->id, events[i].id);
      EXPECT_EQ(event->data, events[i].data);
    }
    const auto status = again.next();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->event, "status");
    Json now = Json::parse(status->data);
    EXPECT_EQ(now["state"].text(), Json::parse(before)["state"].text());
    EXPECT_EQ(now["units"]["held"].number(), 2);
  }
  EXPECT_EQ(server->stop(), 0);
}

}  // namespace
}  // namespace firebrand::e2e
