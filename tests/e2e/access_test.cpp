// Who may do what: fans, servers, staff and strangers, over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <thread>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

class Access : public ServerTest {};

/// The routes that ask who you are, as somebody with every right would call them.
struct Guarded {
  HttpMethod method;
  const char* target;
  const char* body = "";
};
constexpr Guarded kFanRoutes[] = {
    {HttpMethod::post, "/v1/drops/drop_1/orders", "{}"},
    {HttpMethod::get, "/v1/orders"},
    {HttpMethod::get, "/v1/orders/ord_1"},
    {HttpMethod::post, "/v1/orders/ord_1/cancel"},
};
constexpr Guarded kStaffRoutes[] = {
    {HttpMethod::get, "/v1/staff/me"},
    {HttpMethod::post, "/v1/staff/sign-out"},
    {HttpMethod::post, "/v1/staff",
     R"({"login":"a","role":"owner","password":"long enough, it is"})"},
    {HttpMethod::get, "/v1/staff"},
    {HttpMethod::post, "/v1/staff/staff_1/role", R"({"role":"store"})"},
    {HttpMethod::post, "/v1/staff/staff_1/remove"},
    {HttpMethod::post, "/v1/staff/staff_1/remove-second-factor"},
    {HttpMethod::post, "/v1/staff/me/password", R"({"password":"a","new_password":"b"})"},
    {HttpMethod::post, "/v1/staff/me/second-factor"},
    {HttpMethod::post, "/v1/staff/me/second-factor/confirm", R"({"code":"123456"})"},
    {HttpMethod::post, "/v1/staff/me/second-factor/remove", R"({"password":"a","code":"1"})"},
    {HttpMethod::get, "/v1/staff/sessions"},
    {HttpMethod::post, "/v1/staff/sessions/session_1/revoke"},
    {HttpMethod::post, "/v1/skus", "{}"},
    {HttpMethod::get, "/v1/skus"},
    {HttpMethod::post, "/v1/skus/sku_1/stock", R"({"quantity":1})"},
    {HttpMethod::post, "/v1/launches", "{}"},
    {HttpMethod::get, "/v1/launches"},
    {HttpMethod::post, "/v1/launches/launch_1/drops", "{}"},
    {HttpMethod::post, "/v1/drops/drop_1/waves/1/release"},
    {HttpMethod::post, "/v1/drops/drop_1/moves", R"({"from_wave":1,"to_wave":2,"units":1})"},
    {HttpMethod::post, "/v1/drops/drop_1/pause"},
    {HttpMethod::post, "/v1/drops/drop_1/resume"},
    {HttpMethod::post, "/v1/drops/drop_1/cancel"},
    {HttpMethod::get, "/v1/drops/drop_1/live"},
    {HttpMethod::get, "/v1/drops/drop_1/live/events"},
    {HttpMethod::post, "/v1/api-keys", R"({"name":"a"})"},
    {HttpMethod::get, "/v1/api-keys"},
    {HttpMethod::post, "/v1/api-keys/key_1/revoke"},
    {HttpMethod::post, "/v1/api-keys/key_1/rotate", "{}"},
    {HttpMethod::get, "/v1/audit-trail"},
    {HttpMethod::get, "/v1/events/stream"},
    {HttpMethod::post, "/v1/webhooks", R"({"url":"https://shop.example/"})"},
    {HttpMethod::get, "/v1/webhooks"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/change", R"({"url":"https://shop.example/"})"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/pause"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/resume"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/rotate-secret", "{}"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/remove"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/test"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/replay", R"({"after":"evt_1-0"})"},
    {HttpMethod::get, "/v1/webhooks/webhook_1/attempts"},
    {HttpMethod::get, "/v1/webhooks/webhook_1/dead-letters"},
    {HttpMethod::post, "/v1/webhooks/webhook_1/dead-letters/retry", "{}"},
};

Request request_of(const Guarded& route) {
  Request request{.method = route.method, .target = route.target, .body = route.body};
  return std::move(request).key("access");
}

TEST_F(Access, NeedsAValidCredentialOfTheRightKind) {
  const Fan fan = shop().fan("kim");
  std::string forged = fan.token;
  forged[10] = forged[10] == 'A' ? 'B' : 'A';
  const std::map<std::string, std::vector<std::pair<std::string, std::string>>> strangers = {
      {"nothing", {}},
      {"an empty token", {{"Authorization", "Bearer "}}},
      {"no token of ours", {{"Authorization", "Bearer fbs_nothing"}}},
      {"a changed token", {{"Authorization", "Bearer " + forged}}},
      {"another scheme", {{"Authorization", "Basic " + fan.token}}},
      {"a key for nobody", {{"Authorization", "Bearer " + shop().key().secret}}},
      {"a key with another secret",
       {{"Authorization", "Bearer fbk_1_" + std::string(64, '0')}, {"Firebrand-Person", "kim"}}},
      {"a key that does not exist",
       {{"Authorization", "Bearer fbk_99_" + std::string(64, '0')}, {"Firebrand-Person", "kim"}}},
  };
  for (const Guarded& route : kFanRoutes) {
    for (const auto& [who, headers] : strangers) {
      Request request = request_of(route);
      request.headers.insert(request.headers.end(), headers.begin(), headers.end());
      const Answer answer = shop().send(request);
      EXPECT_EQ(answer.status, 401) << route.target << " with " << who;
      EXPECT_EQ(answer.code(), "unauthenticated") << route.target << " with " << who;
      EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer") << route.target;
    }
  }
  for (const Guarded& route : kStaffRoutes) {
    const Answer nobody = shop().send(request_of(route));
    EXPECT_EQ(nobody.code(), "unauthenticated") << route.target;
    EXPECT_EQ(nobody.header("WWW-Authenticate"), "") << route.target << ": no token opens it";
    EXPECT_EQ(shop().send(request_of(route).bearer(fan.token)).code(), "unauthenticated")
        << route.target;
    EXPECT_EQ(
        shop()
            .send(request_of(route).bearer(shop().key().secret).with("Firebrand-Person", "kim"))
            .code(),
        "unauthenticated")
        << route.target;
    EXPECT_EQ(shop().send(request_of(route).cookie(std::string(64, '0'))).code(), "unauthenticated")
        << route.target;
  }
  // A fan's token makes no sessions for others, and staff are no servers.
  const std::string body = R"({"person":"kim"})";
  const Answer no_server = shop().send(post("/v1/fan-sessions", body).bearer(fan.token));
  EXPECT_EQ(no_server.code(), "unauthenticated");
  EXPECT_EQ(no_server.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(shop().send(post("/v1/fan-sessions", body).cookie(shop().session())).code(),
            "unauthenticated");
  EXPECT_EQ(
      shop().send(post("/v1/drops/drop_1/orders", "{}").cookie(shop().session()).key("x")).code(),
      "unauthenticated");
}

TEST_F(Access, HidesOrdersFromEverybodyElse) {
  const Drop drop = shop().plan({});
  const Fan owner = shop().fan("has-one");
  const Fan other = shop().fan("has-none");
  const std::string order_id = shop().order(drop, owner, "mine").json()["order_id"].text();
  const Answer theirs = shop().read_order(other, order_id);
  EXPECT_EQ(theirs.status, 404);
  EXPECT_EQ(theirs.code(), "order_not_found");
  EXPECT_EQ(shop().send(post("/v1/orders/" + order_id + "/cancel").bearer(other.token)).code(),
            "order_not_found");
  // The same answer as for one that nobody has.
  EXPECT_EQ(shop().read_order(other, "ord_4444444").json()["detail"].text(),
            theirs.json()["detail"].text());
  EXPECT_EQ(shop().read_order(owner, order_id).json()["state"].text(), "pending_payment");
  EXPECT_EQ(shop().staff(get("/v1/orders/" + order_id))["person_id"].text(), owner.person_id);
}

TEST_F(Access, LetsAKeyActForAFanByName) {
  const Drop drop = shop().plan({});
  const ApiKey key = shop().make_key("backend");
  const auto as_key = [&](Request request, const std::string& person) {
    return shop().send(std::move(request).bearer(key.secret).with("Firebrand-Person", person));
  };
  const Answer order = as_key(post(drop.path("/orders"), "{}").key("for-lin"), "lin");
  ASSERT_EQ(order.status, 201) << order.body;
  const Fan lin = shop().fan("lin");
  EXPECT_EQ(order.json()["person_id"].text(), lin.person_id);
  const std::string order_id = order.json()["order_id"].text();
  EXPECT_EQ(shop().read_order(lin, order_id).body, order.body);
  EXPECT_EQ(as_key(get("/v1/orders/" + order_id), "lin").body, order.body);
  EXPECT_EQ(as_key(get("/v1/orders/" + order_id), "someone").code(), "order_not_found");
  // The limit is the person's, whoever asks.
  EXPECT_EQ(shop().order(drop, lin, "one-more").code(), "purchase_limit");
  // A key of the key: the same text for another person is another intent.
  const Answer other = as_key(post(drop.path("/orders"), "{}").key("for-lin"), "tao");
  EXPECT_EQ(other.status, 201);
  EXPECT_FALSE(other.replayed());
  EXPECT_TRUE(as_key(post(drop.path("/orders"), "{}").key("for-lin"), "lin").replayed());
}

TEST_F(Access, EndsWithTheKeyAtOnce) {
  for (int i = 0; i < 3; ++i) {
    const ApiKey key = shop().make_key("short-lived");
    const auto session = [&] {
      return shop().send(post("/v1/fan-sessions", R"({"person":"kim"})").bearer(key.secret));
    };
    EXPECT_EQ(session().status, 201) << "a new key opens doors at once";
    (void)shop().staff(post("/v1/api-keys/" + key.id + "/revoke"));
    EXPECT_EQ(session().code(), "unauthenticated") << "a revoked one opens none";
    (void)shop().staff(post("/v1/api-keys/" + key.id + "/revoke"));
  }
  EXPECT_EQ(shop().send(post("/v1/api-keys/key_999/revoke").cookie(shop().session())).code(),
            "api_key_not_found");
  EXPECT_EQ(shop().staff(get("/v1/api-keys"))["data"][0]["state"].text(), "revoked");
  EXPECT_THAT(shop().send(get("/v1/api-keys").cookie(shop().session())).body,
              ::testing::Not(HasSubstr("fbk_")))
      << "secrets are shown once";
}

TEST_F(Access, AKeyIsForWhatItWasMadeFor) {
  const Drop drop = shop().plan({});
  const auto key_for = [](const std::string& scopes) {
    return shop()
        .staff(post("/v1/api-keys", R"({"name":"one thing","scopes":[)" + scopes + "]}"),
               201)["key"]
        .text();
  };
  const auto codes = [&](const std::string& secret) {
    const auto code = [&](Request request) {
      const Answer answer =
          shop().send(std::move(request).bearer(secret).with("Firebrand-Person", "kim"));
      return answer.status < 300 ? std::string("good") : answer.code();
    };
    return std::vector<std::string>{
        code(post(drop.path("/orders"), "{}").key(Shop::unique("scope"))),
        code(post("/v1/fan-sessions", R"({"person":"kim"})")), code(get("/v1/events?limit=1"))};
  };
  const std::string no = "scope_missing";
  EXPECT_EQ(codes(key_for(R"("sessions")")), (std::vector<std::string>{no, "good", no}));
  EXPECT_EQ(codes(key_for(R"("events")")), (std::vector<std::string>{no, no, "good"}));
  EXPECT_EQ(codes(key_for(R"("draws")")), (std::vector<std::string>{no, no, no}));
  EXPECT_EQ(codes(key_for(R"("buying","events")")), (std::vector<std::string>{"good", no, "good"}));
  const Json listed = shop().staff(get("/v1/api-keys?limit=1"))["data"][0];
  EXPECT_EQ(listed["scopes"].size(), 2U);
  EXPECT_EQ(listed["scopes"][0].text(), "buying");
  EXPECT_EQ(listed["scopes"][1].text(), "events");
  EXPECT_EQ(
      shop()
          .send(post("/v1/api-keys", R"({"name":"x","scopes":["root"]})").cookie(shop().session()))
          .code(),
      "validation");
}

TEST_F(Access, ARotatedKeyOpensWithBothSecretsForAWhile) {
  const ApiKey key = shop().make_key("changing");
  const auto session = [](const std::string& secret) {
    return shop().send(post("/v1/fan-sessions", R"({"person":"kim"})").bearer(secret)).status;
  };
  const auto rotate = [&](const std::string& seconds) {
    return shop().send(
        post("/v1/api-keys/" + key.id + "/rotate", R"({"overlap_seconds":)" + seconds + "}")
            .cookie(shop().session()));
  };
  const auto listed = [] { return shop().staff(get("/v1/api-keys?limit=1"))["data"][0]; };
  EXPECT_EQ(listed()["scopes"].size(), 0U) << "for everything";
  const Answer first = rotate("0");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_TRUE(listed()["old_until"].is_null());
  const std::string second_secret = first.json()["key"].text();
  EXPECT_EQ(session(key.secret), 401) << "no overlap: the old one is gone at once";
  EXPECT_EQ(session(second_secret), 201);
  const Answer second = rotate("600");
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(session(second_secret), 201);
  EXPECT_EQ(session(second.json()["key"].text()), 201);
  EXPECT_EQ(session(key.secret), 401);
  EXPECT_EQ(listed()["old_until"].text(), second.json()["old_until"].text());
  EXPECT_EQ(rotate("600").code(), "api_key_rotating");
  EXPECT_EQ(rotate("-1").code(), "validation");
  (void)shop().staff(post("/v1/api-keys/" + key.id + "/revoke"));
  EXPECT_EQ(session(second_secret), 401);
  EXPECT_EQ(session(second.json()["key"].text()), 401);
  EXPECT_TRUE(listed()["old_until"].is_null()) << "neither secret opens anything";
  EXPECT_EQ(rotate("600").code(), "api_key_revoked");
  EXPECT_EQ(shop().send(post("/v1/api-keys/key_999/rotate", "{}").cookie(shop().session())).code(),
            "api_key_not_found");
}

// Each route says in the document which roles it is for; all others are refused, whatever they
// send.
TEST_F(Access, RefusesEveryRoleThatARouteIsNotFor) {
  const Json paths = shop().send(get("/openapi.json")).json()["paths"];
  std::size_t refused = 0;
  for (const std::string_view role : {"marketer", "community", "expert", "analyst", "store"}) {
    const std::string login = Shop::unique(role);
    shop().staff(post("/v1/staff", R"({"login":")" + login + R"(","role":")" + std::string(role) +
                                       R"(","password":"a sentence to remember"})"),
                 201);
    Shop member(server().endpoint());
    member.sign_in(login);
    for (const std::string& path : paths.names()) {
      const Json methods = paths[path];
      for (const std::string& method : methods.names()) {
        if (!methods[method].has("x-roles")) { continue; }
        const Json allowed = methods[method]["x-roles"];
        bool is_allowed = false;
        for (std::size_t i = 0; i < allowed.size(); ++i) {
          is_allowed = is_allowed || allowed[i].text() == role;
        }
        if (is_allowed) { continue; }
        std::string target = path;
        for (std::size_t at = target.find('{'); at != std::string::npos; at = target.find('{')) {
          target.replace(at, target.find('}') - at + 1, "1");
        }
        Request request = method == "get" ? get(target) : post(target, "{}");
        const Answer answer =
            member.send(std::move(request).cookie(member.session()).key(Shop::unique("role")));
        EXPECT_EQ(answer.code(), "forbidden") << method << " " << path << " as " << role;
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 50U);
}

TEST_F(Access, ShowsStaffWhatTheyHaveJustChanged) {
  const auto newest = [](const char* list) { return shop().staff(get(list))["data"][0]; };
  const std::string name = R"(","name":{"zh":"新","en":"New"})";
  for (int i = 0; i < 200; ++i) {
    const std::string code = Shop::unique("at-once");
    const std::string sku =
        shop()
            .staff(post("/v1/skus", R"({"code":")" + code + name +
                                        R"(,"prices":[{"amount":1,"currency":"CNY"}]})"),
                   201)["sku_id"]
            .text();
    ASSERT_EQ(newest("/v1/skus?limit=1")["code"].text(), code) << "after " << i;
    if (i % 10 != 0) { continue; }
    (void)shop().staff(post("/v1/skus/" + sku + "/stock", R"({"quantity":7})").key(code));
    ASSERT_EQ(newest("/v1/skus?limit=1")["received"].number(), 7) << "after " << i;
    (void)shop().staff(post("/v1/launches", R"({"code":")" + code + name + "}"), 201);
    ASSERT_EQ(newest("/v1/launches?limit=1")["code"].text(), code) << "after " << i;
    const ApiKey key = shop().make_key(code);
    ASSERT_EQ(newest("/v1/api-keys")["name"].text(), code) << "after " << i;
    (void)shop().staff(post("/v1/api-keys/" + key.id + "/revoke"));
    ASSERT_EQ(newest("/v1/api-keys")["state"].text(), "revoked") << "after " << i;
  }
}

TEST_F(Access, GivesEachRoleItsRoutesAndNoOthers) {
  const Drop drop = shop().plan({});
  // What nobody may is not there: the status of what is allowed does not matter, only that the
  // door opens.
  const std::map<std::string, std::set<std::string>> allowed = {
      {"POST /v1/staff", {}},
      {"GET /v1/staff", {}},
      {"POST /v1/staff/staff_4444/role", {}},
      {"POST /v1/staff/staff_4444/remove", {}},
      {"POST /v1/staff/staff_4444/remove-second-factor", {}},
      {"POST /v1/staff/me/second-factor", {"marketer", "community", "expert", "analyst", "store"}},
      {"GET /v1/staff/sessions", {"marketer", "community", "expert", "analyst", "store"}},
      {"GET /v1/api-keys", {}},
      {"POST /v1/api-keys", {}},
      {"GET /v1/audit-trail", {}},
      {"POST /v1/skus", {"marketer", "store"}},
      {"GET /v1/skus", {"marketer", "community", "expert", "analyst", "store"}},
      {"POST /v1/skus/sku_1/stock", {"marketer", "store"}},
      {"POST /v1/launches", {"marketer"}},
      {"POST /v1/launches/launch_1/drops", {"marketer"}},
      {"POST " + drop.path("/pause"), {"marketer"}},
      {"POST " + drop.path("/resume"), {"marketer"}},
      {"POST " + drop.path("/waves/9/release"), {"marketer"}},
      {"GET " + drop.path("/live"), {"marketer", "analyst", "store"}},
      {"GET /v1/orders", {"marketer", "analyst", "store"}},
      {"GET /v1/staff/me", {"marketer", "community", "expert", "analyst", "store"}},
  };
  for (const std::string role : {"marketer", "community", "expert", "analyst", "store"}) {
    const std::string password = "the password of " + role;
    (void)shop().staff(post("/v1/staff", R"({"login":")" + role + R"(","role":")" + role +
                                             R"(","password":")" + password + R"("})"),
                       201);
    Shop member(server().endpoint());
    member.sign_in(role, password);
    const Json me = member.send(get("/v1/staff/me").cookie(member.session())).json();
    EXPECT_EQ(me["role"].text(), role);
    EXPECT_EQ(me["login"].text(), role);
    for (const auto& [route, roles] : allowed) {
      const bool is_post = route.starts_with("POST");
      Request request{.method = is_post ? HttpMethod::post : HttpMethod::get,
                      .target = route.substr(is_post ? 5 : 4),
                      .body = is_post ? "{}" : ""};
      const Answer answer =
          member.send(std::move(request).cookie(member.session()).key(Shop::unique("role")));
      EXPECT_NE(answer.status, 401) << role << " " << route;
      EXPECT_EQ(answer.status == 403, !roles.contains(role)) << role << " " << route;
      if (answer.status == 403) { EXPECT_EQ(answer.code(), "forbidden"); }
    }
  }
  EXPECT_EQ(shop()
                .send(post("/v1/staff", R"({"login":"marketer","role":"expert",)"
                                        R"("password":"another long one"})")
                          .cookie(shop().session()))
                .code(),
            "login_taken");
}

TEST_F(Access, SlowsDownWhoGuessesPasswords) {
  (void)shop().staff(post("/v1/staff", R"({"login":"guessed","role":"analyst",)"
                                       R"("password":"not so easy to guess"})"),
                     201);
  const auto sign_in = [](const std::string& login, const std::string& password) {
    return shop().send(post("/v1/staff/sign-in",
                            R"({"login":")" + login + R"(","password":")" + password + R"("})"));
  };
  for (const std::string login : {"guessed", "nobody by this name"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(sign_in(login, "guess").code(), "wrong_login_or_password") << login << " " << i;
    }
    // On a busy machine a delay may be over before the next try; then the next one is longer.
    Answer slowed;
    const auto is_slowed = [&] {
      slowed = sign_in(login, "guess");
      return slowed.status == 429;
    };
    for (int round = 0; round < 2; ++round) {
      ASSERT_TRUE(eventually(is_slowed)) << login;
      EXPECT_EQ(slowed.code(), "too_many_sign_ins") << login;
      const int seconds = std::stoi(slowed.header("Retry-After"));
      EXPECT_GE(seconds, 1) << login;
      EXPECT_LE(seconds, 300) << login;
      ASSERT_TRUE(eventually([&] { return !is_slowed(); }, Millis{20'000})) << login;
      EXPECT_EQ(slowed.code(), "wrong_login_or_password") << login;
    }
  }
  // The right password waits like any other, and then ends it.
  ASSERT_TRUE(eventually([&] { return sign_in("guessed", "not so easy to guess").status == 200; },
                         Millis{20'000}));
  EXPECT_EQ(sign_in("guessed", "guess").code(), "wrong_login_or_password");
  EXPECT_EQ(sign_in("guessed", "not so easy to guess").status, 200);
  EXPECT_EQ(sign_in(std::string(Shop::kOwner), std::string(Shop::kPassword)).status, 200);
}

TEST_F(Access, KeepsTheSessionInACookieThatOnlyOurPagesCarry) {
  const Answer signed_in =
      shop().send(post("/v1/staff/sign-in", R"({"login":"owner","password":")" +
                                                std::string(Shop::kPassword) + R"("})"));
  ASSERT_EQ(signed_in.status, 200);
  const std::string cookie = signed_in.header("Set-Cookie");
  for (const char* const part : {"firebrand_session=", "HttpOnly", "SameSite=Strict", "Path=/"}) {
    EXPECT_THAT(cookie, HasSubstr(part));
  }
  const std::string session = cookie.substr(cookie.find('=') + 1, 64);
  EXPECT_EQ(shop().send(get("/v1/staff/me").cookie(session)).json()["login"].text(), "owner");
  // Another site may make a browser send the request, but not from our pages.
  const auto from = [&](const char* site) {
    return shop().send(post("/v1/launches", "{}").cookie(session).with("Sec-Fetch-Site", site));
  };
  EXPECT_EQ(from("cross-site").code(), "forbidden");
  EXPECT_EQ(from("same-site").code(), "forbidden");
  EXPECT_EQ(from("same-origin").code(), "validation");
  // Browsers that do not say so name the origin of the page.
  const auto of = [&](const std::string& origin) {
    return shop().send(post("/v1/launches", "{}").cookie(session).with("Origin", origin));
  };
  const std::string host = "127.0.0.1:" + std::to_string(server().endpoint().port);
  EXPECT_EQ(of("http://" + host).code(), "validation");
  for (const std::string& other :
       {std::string("http://evil.example"), "http://evil.example/" + host, "http://" + host + "0",
        std::string("null"), host}) {
    EXPECT_EQ(of(other).code(), "forbidden") << other;
  }
  EXPECT_EQ(
      shop().send(get("/v1/staff/me").cookie(session).with("Origin", "http://evil.example")).status,
      200)
      << "reading, which no other site can";

  const Answer signed_out = shop().send(post("/v1/staff/sign-out").cookie(session));
  EXPECT_EQ(signed_out.status, 200);
  EXPECT_THAT(signed_out.header("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(shop().send(get("/v1/staff/me").cookie(session)).code(), "unauthenticated");
  EXPECT_EQ(shop().send(get("/v1/staff/me").cookie(shop().session())).status, 200)
      << "other sessions go on";
}

TEST_F(Access, SaysTheSameOfAWrongLoginAndAWrongPassword) {
  const auto sign_in = [](const std::string& login, const std::string& password) {
    return shop().send(post("/v1/staff/sign-in",
                            R"({"login":")" + login + R"(","password":")" + password + R"("})"));
  };
  const Answer wrong = sign_in("owner", "not the password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.code(), "wrong_login_or_password");
  EXPECT_EQ(wrong.header("Set-Cookie"), "");
  EXPECT_EQ(wrong.header("WWW-Authenticate"), "");
  const Answer nobody = sign_in("nobody", "not the password");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(nobody.json()["detail"].text(), wrong.json()["detail"].text());
  EXPECT_EQ(sign_in("OWNER", std::string(Shop::kPassword)).code(), "wrong_login_or_password");
}

TEST(SetupLink, MakesOneOwnerAndThenNoMore) {
  TemporaryDirectory work;
  ServerProcess server({.data = work.path("data"), .flags = {}});
  server.wait_until_ready();
  const std::string token = server.setup_token();
  ASSERT_EQ(token.size(), 64U);
  Caller caller(server.endpoint());
  const auto set_up = [&](Caller& who, const std::string& with, const std::string& login,
                          const std::string& password) {
    return who.send(post("/v1/staff/setup", R"({"token":")" + with + R"(","login":")" + login +
                                                R"(","password":")" + password + R"("})"));
  };
  EXPECT_EQ(set_up(caller, std::string(64, '0'), "thief", "long enough for all").code(),
            "setup_token_wrong");
  EXPECT_EQ(set_up(caller, token, "owner", "short").code(), "password_too_short");
  EXPECT_EQ(
      caller.send(post("/v1/staff/sign-in", R"({"login":"owner","password":"owner"})")).code(),
      "wrong_login_or_password")
      << "nobody is there by default";

  // Several at the same time: one becomes the owner.
  std::array<Answer, 4> answers;
  std::array<std::thread, 4> threads;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i] = std::thread([&, i] {
      Caller mine(server.endpoint());
      answers[i] = set_up(mine, token, "owner-" + std::to_string(i), "long enough for all");
    });
  }
  for (std::thread& thread : threads) { thread.join(); }
  std::size_t owners = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].status == 200) { ++owners; }
    const Answer signed_in =
        caller.send(post("/v1/staff/sign-in", R"({"login":"owner-)" + std::to_string(i) +
                                                  R"(","password":"long enough for all"})"));
    EXPECT_EQ(signed_in.status, answers[i].status == 200 ? 200 : 401);
  }
  EXPECT_EQ(owners, 1U);
  EXPECT_EQ(set_up(caller, token, "late", "long enough for all").code(), "setup_done");

  EXPECT_EQ(server.stop(), 0);
  ServerProcess again({.data = work.path("data"), .flags = {}});
  again.wait_until_ready();
  EXPECT_EQ(again.setup_token(), "") << "an installation with an owner prints no link";
}

}  // namespace
}  // namespace firebrand::e2e
