#include "edge/delivery/event_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebrand {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kPaid =
    R"({"specversion":"1.0","id":"evt_481-0","source":"/firebrand/5f2b","type":"org.firebrand.a",)"
    R"("subject":"ord_7","time":"2026-11-21T20:00:00.010Z","datacontenttype":"application/json",)"
    R"("data":{"order_id":"ord_7","note":"a \"b\"","list":[1, {"c":null}]}})";

EventMessage message(WebhookMode mode, const std::vector<std::string_view>& events) {
  return make_event_message(mode, events);
}

TEST(EventMessage, HoldsTheWholeEventIfStructured) {
  const EventMessage sent = message(WebhookMode::structured, {kPaid});
  EXPECT_THAT(sent.headers,
              ElementsAre("content-type: application/cloudevents+json; charset=utf-8"));
  EXPECT_EQ(sent.body, kPaid);
}

TEST(EventMessage, HoldsTheDataAloneIfBinary) {
  const EventMessage sent = message(WebhookMode::binary, {kPaid});
  EXPECT_THAT(sent.headers,
              ElementsAre("ce-specversion: 1.0", "ce-id: evt_481-0", "ce-source: /firebrand/5f2b",
                          "ce-type: org.firebrand.a", "ce-subject: ord_7",
                          "ce-time: 2026-11-21T20:00:00.010Z", "content-type: application/json"));
  EXPECT_EQ(sent.body, R"({"order_id":"ord_7","note":"a \"b\"","list":[1, {"c":null}]})");
}

TEST(EventMessage, EncodesWhatAHeaderCannotHold) {
  const EventMessage sent =
      message(WebhookMode::binary, {"{\"id\":\"a b\\\"%\\n\xE5\x93\x81~!\",\"data\":{}}"});
  EXPECT_THAT(sent.headers, ElementsAre("ce-id: a%20b%22%25%0A%E5%93%81~!"));
  EXPECT_EQ(sent.body, "{}");
}

TEST(EventMessage, SendsWhatIsNoEventAsItIs) {
  for (const std::string_view broken : {R"({"id":"a","data")", "[]", R"({"id":7})"}) {
    EXPECT_EQ(message(WebhookMode::binary, {broken}).body, broken);
  }
}

TEST(EventMessage, ListsTheEventsOfABatch) {
  const EventMessage one = message(WebhookMode::batch, {kPaid});
  EXPECT_THAT(one.headers,
              ElementsAre("content-type: application/cloudevents-batch+json; charset=utf-8"));
  EXPECT_EQ(one.body, "[" + std::string(kPaid) + "]");
  EXPECT_EQ(message(WebhookMode::batch, {R"({"a":1})", "{}"}).body, R"([{"a":1},{}])");
}

}  // namespace
}  // namespace firebrand
