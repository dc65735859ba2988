// Facts out: the feed page by page, the long poll, the stream for the console, and who may read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <set>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class Events : public ServerTest {
 protected:
  static Answer feed(const std::string& query) {
    return shop().send(get("/v1/events" + query).bearer(shop().key().secret));
  }
  static std::vector<std::string> values(const Json& page, const std::string& name) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < page["data"].size(); ++i) {
      found.push_back(page["data"][i][name].text());
    }
    return found;
  }
  /// Reads from there to the end, at most `limit` at a time.
  static std::vector<std::string> walk(std::string after, int limit,
                                       const std::string& filter = {}) {
    std::vector<std::string> ids;
    for (bool more = true; more;) {
      const Json page = feed("?limit=" + std::to_string(limit) + "&wait=1" + filter +
                             (after.empty() ? "" : "&after=" + after))
                            .json();
      for (std::string& id : values(page, "id")) { ids.push_back(std::move(id)); }
      after = page["next_after"].text();
      more = page["has_more"].boolean();
    }
    return ids;
  }
  static std::string latest() { return feed("?after=latest").json()["next_after"].text(); }
};

TEST_F(Events, TellEverythingOnceInOrder) {
  const Drop drop = shop().plan({.waves = {{5}}});
  const Fan fan = shop().fan("buys");
  const std::string before = latest();
  const std::string order_id = shop().order(drop, fan, Shop::unique("o")).json()["order_id"].text();
  EXPECT_EQ(shop().send(payment(order_id, Shop::unique("pay"))).status, 200);

  const Json page = feed("?wait=10&limit=1&after=" + before).json();
  ASSERT_EQ(page["data"].size(), 1U);
  const Json placed = page["data"][0];
  EXPECT_EQ(placed["specversion"].text(), "1.0");
  EXPECT_EQ(placed["type"].text(), "org.firebrand.order_placed");
  EXPECT_EQ(placed["subject"].text(), order_id);
  EXPECT_EQ(placed["data"]["order_id"].text(), order_id);
  EXPECT_EQ(placed["data"]["drop_id"].text(), drop.id);
  EXPECT_EQ(placed["id"].text(), page["next_after"].text());

  const Json paid =
      feed("?wait=10&type=org.firebrand.order_paid&after=" + page["next_after"].text()).json();
  ASSERT_EQ(paid["data"].size(), 1U);
  EXPECT_EQ(paid["data"][0]["subject"].text(), order_id);

  const auto all = walk({}, 1'000);
  EXPECT_EQ(walk({}, 3), all);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  EXPECT_THAT(walk({}, 2, "&type=org.firebrand.order_placed&type=org.firebrand.order_paid"),
              Contains(placed["id"].text()));
}

TEST_F(Events, WaitUntilSomethingHappens) {
  const std::string after = latest();
  auto waiting = std::async(std::launch::async, [&] {
    Caller caller(server().endpoint());
    return caller.send(get("/v1/events?wait=30&type=org.firebrand.api_key_added&after=" + after)
                           .bearer(shop().key().secret));
  });
  // What is not asked for does not end the wait.
  Shop other(server().endpoint());
  other.sign_in();
  (void)other.staff(post("/v1/launches", R"({"code":")" + Shop::unique("waits") +
                                             R"(","name":{"zh":"首发","en":"First"}})"),
                    201);
  (void)other.make_key("wanted");
  const Answer answer = waiting.get();
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(values(answer.json(), "type"),
            (std::vector<std::string>{"org.firebrand.api_key_added"}));
  // Nothing more: an empty page in the end, and the place stays.
  const std::string last = latest();
  const Json nothing = feed("?wait=1&after=" + last).json();
  EXPECT_EQ(nothing["data"].size(), 0U);
  EXPECT_EQ(nothing["next_after"].text(), last);
}

TEST_F(Events, ForgetWhoeverStopsWaiting) {
  // More than may wait at a time, one after the other: each hangs up long before its time is over.
  constexpr int kThreads = 4;
  constexpr int kPollsEach = 70;
  const std::string target = "/v1/events?wait=30&after=" + latest();
  const std::string bearer = "Bearer " + shop().key().secret;
  std::vector<std::future<int>> impatient;
  for (int i = 0; i < kThreads; ++i) {
    impatient.push_back(std::async(std::launch::async, [&] {
      int hung_up = 0;
      for (int poll = 0; poll < kPollsEach; ++poll) {
        HttpClient client(server().endpoint(), {.timeout = Millis{50}});
        const std::array headers = {HttpField{"Authorization", bearer}};
        const auto answer = client.request(HttpMethod::get, target, headers);
        if (!answer && answer.error() == HttpClientError::timed_out) { ++hung_up; }
      }
      return hung_up;
    }));
  }
  for (std::future<int>& one : impatient) { EXPECT_EQ(one.get(), kPollsEach); }
  EXPECT_EQ(feed("?wait=1&after=latest").status, 200);
}

TEST_F(Events, StreamToTheConsole) {
  const auto open = [&](SseReader& stream, const std::string& last) {
    const std::string cookie = "firebrand_session=" + shop().session();
    const std::array headers = {HttpField{"Cookie", cookie}, HttpField{"Last-Event-ID", last}};
    return stream.open("/v1/events/stream?type=org.firebrand.api_key_added", headers);
  };
  const std::string before = latest();
  SseReader stream(server().endpoint());
  ASSERT_EQ(open(stream, before).value(), 200);
  (void)shop().make_key("streamed");
  const auto event = stream.next(Millis{10'000});
  ASSERT_TRUE(event.has_value());
  const Json data = Json::parse(event->data);
  EXPECT_EQ(data["type"].text(), "org.firebrand.api_key_added");
  EXPECT_EQ(data["id"].text(), event->id);
  // Cut off, it comes again from there.
  (void)shop().make_key("missed");
  SseReader again(server().endpoint());
  ASSERT_EQ(open(again, event->id).value(), 200);
  const auto missed = again.next(Millis{10'000});
  ASSERT_TRUE(missed.has_value());
  EXPECT_THAT(missed->data, HasSubstr("missed"));
}

TEST_F(Events, AreForServersAndStaffOnly) {
  EXPECT_EQ(shop().send(get("/v1/events")).status, 401);
  EXPECT_EQ(shop().send(get("/v1/events").bearer(shop().fan("curious").token)).status, 401);
  EXPECT_EQ(shop().send(get("/v1/events").cookie(shop().session())).status, 200);
  EXPECT_EQ(shop().send(get("/v1/events/stream")).status, 401);
  EXPECT_EQ(shop().send(get("/v1/event-types")).status, 200);
}

TEST_F(Events, RefuseWhatNamesNothing) {
  const auto code = [](const std::string& query) { return feed(query).json()["code"].text(); };
  EXPECT_EQ(code("?after=evt_281474976710655-0"), "event_not_found");
  EXPECT_EQ(code("?after=17"), "validation");
  EXPECT_EQ(code("?limit=0"), "validation");
  EXPECT_EQ(code("?limit=1001"), "validation");
  EXPECT_EQ(code("?wait=31"), "validation");
  EXPECT_EQ(code("?type=order_placed"), "validation");
}

TEST_F(Events, SayTheirTypes) {
  const Json types = shop().send(get("/v1/event-types")).json();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < types["data"].size(); ++i) {
    names.push_back(types["data"][i]["type"].text());
    EXPECT_TRUE(types["data"][i]["schema"].has("properties"));
  }
  EXPECT_THAT(names, Contains("org.firebrand.order_paid"));
}

}  // namespace
}  // namespace firebrand::e2e
