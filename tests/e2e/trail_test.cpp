// The audit trail: who of the staff, and which server, did what, for the owner alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AuditTrail : public ServerTest {
 protected:
  static Json trail(const std::string& query) {
    return shop().staff(get("/v1/audit-trail?" + query))["data"];
  }
  static Answer ask(const std::string& query) {
    return shop().send(get("/v1/audit-trail?" + query).cookie(shop().session()));
  }
  /// A member of staff who is signed in. @return their id.
  static std::string hire(Shop& member, const std::string& login) {
    const std::string password = "the password of " + login;
    const Json made = shop().staff(
        post("/v1/staff",
             R"({"login":")" + login + R"(","role":"marketer","password":")" + password + R"("})"),
        201);
    member.sign_in(login, password);
    return made["staff_id"].text();
  }
};

TEST_F(AuditTrail, TellsWhoPausedASaleAndWhen) {
  const Drop drop = shop().plan({});
  Shop wang(server().endpoint());
  const std::string id = hire(wang, "wang");
  const std::int64_t before = unix_ms(shop().send(get("/v1/time")).json()["server_time"].text());
  (void)wang.staff(post(drop.path("/pause")));

  const Json paused = trail("operation=pause_drop&limit=1")[0];
  EXPECT_EQ(paused["actor"]["kind"].text(), "staff");
  EXPECT_EQ(paused["actor"]["id"].text(), id);
  EXPECT_EQ(paused["actor"]["name"].text(), "wang");
  EXPECT_EQ(paused["subject"].text(), drop.id);
  EXPECT_EQ(paused["fields"]["drop_id"].text(), drop.id);
  EXPECT_GE(unix_ms(paused["at"].text()), before);

  EXPECT_EQ(ask("").status, 200);
  EXPECT_EQ(wang.send(get("/v1/audit-trail").cookie(wang.session())).code(), "forbidden");
  (void)wang.staff(post("/v1/staff/sign-out"));
  const Json theirs = trail("staff_id=" + id);
  ASSERT_EQ(theirs.size(), 3U);
  EXPECT_EQ(theirs[0]["operation"].text(), "close_session");
  EXPECT_EQ(theirs[1]["operation"].text(), "pause_drop");
  EXPECT_EQ(theirs[2]["operation"].text(), "open_session");
  EXPECT_EQ(trail("operation=add_staff")[0]["fields"]["login"].text(), "wang");
}

TEST_F(AuditTrail, TellsWhatAServerDidButNotForItsFans) {
  const ApiKey key = shop().make_key("till");
  const Fan fan = shop().fan(Shop::unique("kept-out"));
  const Drop later = shop().plan({.opens_in = Millis{3'600'000}});
  const Drop open = shop().plan({});
  ASSERT_EQ(shop()
                .send(post(later.path("/exclusions"),
                           R"({"person_id":")" + fan.person_id + R"(","reason":"reseller"})")
                          .bearer(key.secret))
                .status,
            200);
  ASSERT_EQ(shop()
                .send(post(open.path("/orders"), "{}")
                          .bearer(key.secret)
                          .with("Firebrand-Person", "buys by the till")
                          .key(Shop::unique("key")))
                .status,
            201);
  ASSERT_EQ(shop().order(open, fan, Shop::unique("key")).status, 201);
  const Json done = trail("api_key_id=" + key.id);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0]["operation"].text(), "exclude_from_drop");
  EXPECT_EQ(done[0]["actor"]["kind"].text(), "api_key");
  EXPECT_EQ(done[0]["actor"]["name"].text(), "till");
  EXPECT_EQ(done[0]["fields"]["person_id"].text(), fan.person_id);
  EXPECT_EQ(trail("operation=place_order").size(), 0U);
}

TEST_F(AuditTrail, HoldsNoSecret) {
  const ApiKey key = shop().make_key("secretive");
  (void)shop().staff(post("/v1/api-keys/" + key.id + "/rotate", "{}"));
  std::string all;
  for (std::string target = "/v1/audit-trail?limit=3"; !target.empty();) {
    const Answer page = shop().send(get(target).cookie(shop().session()));
    ASSERT_EQ(page.status, 200) << page.body;
    all += page.body;
    const std::string link = page.header("Link");
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  EXPECT_THAT(all, HasSubstr(R"("operation":"rotate_api_key")"));
  EXPECT_THAT(all, HasSubstr(R"("operation":"add_staff")"));
  for (const std::string& secret :
       {std::string("argon2"), std::string("hash"), std::string("password"), shop().session(),
        key.secret, key.secret.substr(key.secret.size() - 32), std::string(Shop::kPassword)}) {
    EXPECT_THAT(all, Not(HasSubstr(secret)));
  }
}

TEST_F(AuditTrail, IsFilteredByTimeAndSaysWhatItCannotRead) {
  (void)shop().make_key("first");
  (void)shop().make_key("second");
  const Json keys = trail("operation=add_api_key&limit=2");
  EXPECT_EQ(keys[0]["subject"].text(), "second");
  const std::string at = keys[0]["at"].text();
  std::string coded = at;
  for (std::size_t i = 0; (i = coded.find(':', i)) != std::string::npos;) {
    coded.replace(i, 1, "%3A");
  }
  const std::string position = keys[0]["position"].text();
  EXPECT_EQ(trail("from=" + at)[0]["position"].text(), position);
  EXPECT_EQ(trail("from=" + coded)[0]["position"].text(), position);
  EXPECT_NE(trail("until=" + coded)[0]["position"].text(), position);
  EXPECT_EQ(trail("from=2099-01-01T00:00:00Z").size(), 0U);
  for (const char* const query :
       {"from=yesterday", "until=2026-11-21", "operation=nothing", "staff_id=2",
        "api_key_id=staff_1", "limit=0", "staff_id=staff_1&api_key_id=key_1"}) {
    const Answer refused = ask(query);
    EXPECT_EQ(refused.status, 422) << query;
    EXPECT_EQ(refused.code(), "validation") << query;
  }
}

TEST(AuditTrailThroughAKill, IsWhole) {
  TemporaryDirectory work;
  const std::string data = work.path("data");
  std::string drop_id;
  {
    ServerProcess server({.data = data, .flags = {}});
    server.wait_until_ready();
    Shop shop(server.endpoint());
    shop.set_up(server.setup_token());
    const Drop drop = shop.plan({});
    drop_id = drop.id;
    (void)shop.staff(post(drop.path("/pause")));
    server.kill();
  }
  ServerProcess server({.data = data, .flags = {}});
  server.wait_until_ready();
  Shop shop(server.endpoint());
  shop.sign_in();
  const Json entries = shop.staff(get("/v1/audit-trail"))["data"];
  EXPECT_EQ(entries[0]["operation"].text(), "open_session");
  EXPECT_EQ(entries[1]["operation"].text(), "pause_drop");
  EXPECT_EQ(entries[1]["subject"].text(), drop_id);
  EXPECT_EQ(entries[1]["actor"]["name"].text(), Shop::kOwner);
  EXPECT_EQ(entries[entries.size() - 1]["operation"].text(), "add_staff");
  EXPECT_EQ(entries[entries.size() - 1]["actor"]["kind"].text(), "system");
  EXPECT_EQ(server.stop(), 0) << server.process().output();
}

}  // namespace
}  // namespace firebrand::e2e
