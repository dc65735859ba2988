// What somebody tries who means no good; the list with all other tests of it is docs/security.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/http/http_test_server.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Attack : public ServerTest {
 protected:
  static Request order(const Drop& drop, const Fan& fan, std::string body) {
    return post(drop.path("/orders"), std::move(body)).bearer(fan.token).key("attack");
  }
};

TEST_F(Attack, NoHeaderMakesAnotherMethodOfARequest) {
  const Drop drop = shop().plan({});
  for (const char* const name : {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}) {
    EXPECT_EQ(shop().send(post(drop.path() + "?_method=GET").with(name, "GET")).code(),
              "method_not_allowed");
    EXPECT_EQ(shop().send(get(drop.path()).with(name, "DELETE")).status, 200);
  }
}

TEST_F(Attack, TheHostThatIsAskedForAppearsNowhere) {
  (void)shop().plan({});
  for (const char* const path : {"/", "/console/", "/v1/drops", "/v1/nothing", "/openapi.json"}) {
    RawClient client(server().endpoint().port);
    client.send("GET " + std::string(path) +
                " HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
                "Forwarded: host=evil.example;proto=https\r\n\r\n");
    const RawAnswer answer = client.answer();
    EXPECT_GE(answer.status, 200) << path;
    EXPECT_THAT(answer.head, Not(HasSubstr("evil.example"))) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("evil.example"))) << path;
  }
}

TEST_F(Attack, ASessionCannotBeChosenBeforeItBegins) {
  const std::string chosen(64, 'a');
  const Answer signed_in =
      shop().send(post("/v1/staff/sign-in",
                       R"({"login":"owner","password":")" + std::string(Shop::kPassword) + R"("})")
                      .cookie(chosen));
  ASSERT_EQ(signed_in.status, 200);
  EXPECT_THAT(signed_in.header("Set-Cookie"), Not(HasSubstr(chosen)));
  EXPECT_EQ(shop().send(get("/v1/staff/me").cookie(chosen)).code(), "unauthenticated");
}

TEST_F(Attack, OtherSitesReadWhatIsPublicAndNothingElse) {
  const Drop drop = shop().plan({});
  const Fan fan = shop().fan("read");
  const auto allowed = [](Request request) {
    return shop()
        .send(std::move(request).with("Origin", "https://evil.example"))
        .header("Access-Control-Allow-Origin");
  };
  EXPECT_EQ(allowed(get(drop.path())), "*");
  EXPECT_EQ(allowed(get("/v1/orders").bearer(fan.token)), "");
  EXPECT_EQ(allowed(get("/v1/staff/me").cookie(shop().session())), "");
  EXPECT_EQ(allowed(get("/v1/nothing")), "");
}

TEST_F(Attack, AFanSetsNothingButWhatAnOrderAsks) {
  const Drop drop = shop().plan({});
  const Fan fan = shop().fan("greedy");
  for (const char* const field :
       {"price", "total", "person_id", "state", "order_id", "__proto__"}) {
    const Answer answer =
        shop().send(order(drop, fan, R"({"quantity":1,")" + std::string(field) + R"(":1})"));
    EXPECT_EQ(answer.code(), "validation") << field;
    EXPECT_THAT(answer.body, HasSubstr("unknown_field")) << field;
  }
  for (const char* const quantity :
       {"-1", "4294967297", "18446744073709551617", "1e3", "1.0", "9999999999999999999999"}) {
    EXPECT_EQ(shop().send(order(drop, fan, R"({"quantity":)" + std::string(quantity) + "}")).code(),
              "validation")
        << quantity;
  }
}

TEST_F(Attack, BodiesThatGrowAreNotUnpacked) {
  const Drop drop = shop().plan({});
  const Fan fan = shop().fan("bomb");
  const std::string packed("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", 12);
  EXPECT_EQ(shop().send(order(drop, fan, packed).with("Content-Encoding", "gzip")).code(),
            "malformed");
  for (const char* const open : {"[", "{\"a\":"}) {
    std::string deep = R"({"quantity":)";
    while (deep.size() < 60'000) { deep += open; }
    EXPECT_THAT(shop().send(order(drop, fan, deep)).status, AnyOf(400, 422));
  }
  EXPECT_EQ(shop().send(get("/healthz")).status, 200);
}

TEST_F(Attack, WhatIsAskedForIsNotShownAsAPage) {
  for (const char* const path : {"/problems/%3Cscript%3Ealert(1)%3C/script%3E",
                                 "/v1/orders?state=%3Cscript%3E", "/%22%3E%3Cscript%3E"}) {
    const Answer answer = shop().send(get(path));
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("<script>"))) << path;
  }
}

}  // namespace
}  // namespace firebrand::e2e
