// Staff who come, change and leave; their sessions; a second factor from its first code to its
// loss.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "hashing.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kPassword = Shop::kPassword;

std::string json(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    text +=
        (text.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":\"" + std::string(value) + "\"";
  }
  return text + "}";
}

/// The authenticator app of somebody.
class App {
 public:
  App(Caller& caller, std::string secret) : caller_(caller), secret_(std::move(secret)) {}
  /// One that the server must take: of no step that was used before, and good for some seconds.
  std::string code() {
    constexpr std::int64_t kStepMs = 30'000;
    constexpr std::int64_t kLateMs = 15'000;
    std::int64_t step = 0;
    const bool there = eventually(
        [&] {
          const std::int64_t now =
              unix_ms(caller_.send(get("/v1/time")).json()["server_time"].text());
          const std::int64_t oldest = now / kStepMs - (now % kStepMs < kLateMs ? 1 : 0);
          step = std::max(last_ + 1, oldest);
          return step <= now / kStepMs + 1;
        },
        Millis{90'000});
    EXPECT_TRUE(there);
    last_ = step;
    return totp(secret_, static_cast<std::uint64_t>(step));
  }
  /// The one before.
  [[nodiscard]] std::string used_code() const {
    return totp(secret_, static_cast<std::uint64_t>(last_));
  }

 private:
  Caller& caller_;
  std::string secret_;
  std::int64_t last_ = 0;
};

Answer sign_in(Caller& caller, std::string_view login, std::string_view password,
               std::string_view code = {}) {
  return caller.send(post("/v1/staff/sign-in",
                          code.empty()
                              ? json({{"login", login}, {"password", password}})
                              : json({{"login", login}, {"password", password}, {"code", code}})));
}

std::string session_in(const Answer& answer) {
  const std::string cookie = answer.header("Set-Cookie");
  const std::size_t begin = cookie.find('=') + 1;
  return cookie.substr(begin, cookie.find(';') - begin);
}

class Staff : public ServerTest {
 protected:
  struct Member {
    std::string id;
    std::string login;
    std::string session;
  };
  static Member add(std::string_view role) {
    Member member;
    member.login = Shop::unique(role);
    member.id =
        shop()
            .staff(post("/v1/staff",
                        json({{"login", member.login}, {"role", role}, {"password", kPassword}})),
                   201)["staff_id"]
            .text();
    member.session = session_in(sign_in(shop(), member.login, kPassword));
    return member;
  }
  static Answer as(const Member& member, Request request) {
    return shop().send(std::move(request).cookie(member.session));
  }
  static Answer as_owner(Request request) {
    return shop().send(std::move(request).cookie(shop().session()));
  }
  static std::string me_of(const std::string& session, const char* what) {
    return shop().send(get("/v1/staff/me").cookie(session)).json()[what].text();
  }
  static bool is_in(const std::string& session) {
    return shop().send(get("/v1/staff/me").cookie(session)).status == 200;
  }
  /// Turns it on. @param codes  Gets the recovery codes.
  static App enrol(const Member& member, std::vector<std::string>* codes = nullptr) {
    const Answer prepared = as(member, post("/v1/staff/me/second-factor"));
    EXPECT_EQ(prepared.status, 200) << prepared.body;
    App app(shop(), prepared.json()["secret"].text());
    const Answer confirmed =
        as(member, post("/v1/staff/me/second-factor/confirm", json({{"code", app.code()}})));
    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
    const Json list = confirmed.json()["recovery_codes"];
    for (std::size_t i = 0; codes != nullptr && i < list.size(); ++i) {
      codes->push_back(list[i].text());
    }
    return app;
  }
};

TEST_F(Staff, SignInWithACodeOnceASecondFactorIsOn) {
  const Member member = add("analyst");
  EXPECT_EQ(me_of(member.session, "second_factor"), "off");
  const auto confirm = [&](std::string_view code) {
    return as(member, post("/v1/staff/me/second-factor/confirm", json({{"code", code}}))).code();
  };
  EXPECT_EQ(confirm("123456"), "version_stale") << "nothing was begun";
  const Json prepared = as(member, post("/v1/staff/me/second-factor")).json();
  EXPECT_EQ(prepared["secret"].text().size(), 32U);
  EXPECT_EQ(prepared["uri"].text(), "otpauth://totp/" + member.login + "?secret=" +
                                        prepared["secret"].text() + "&issuer=firebrand");
  EXPECT_EQ(confirm("12345"), "second_factor_wrong");
  EXPECT_EQ(sign_in(shop(), member.login, kPassword).status, 200) << "it is not on yet";

  // Who begins again gets another secret, and the one before makes no codes any more.
  App old(shop(), prepared["secret"].text());
  std::vector<std::string> codes;
  App app = enrol(member, &codes);
  EXPECT_EQ(confirm(old.code()), "second_factor_active");
  EXPECT_EQ(me_of(member.session, "second_factor"), "on");
  ASSERT_EQ(codes.size(), 10U);
  EXPECT_EQ(as(member, post("/v1/staff/me/second-factor")).code(), "second_factor_active");

  const Answer needed = sign_in(shop(), member.login, kPassword);
  EXPECT_EQ(needed.status, 401);
  EXPECT_EQ(needed.code(), "second_factor_needed");
  EXPECT_EQ(needed.header("Set-Cookie"), "");
  EXPECT_EQ(sign_in(shop(), member.login, kPassword, old.used_code()).code(),
            "second_factor_wrong");
  EXPECT_EQ(sign_in(shop(), member.login, kPassword, app.used_code()).code(), "second_factor_used");
  const Answer in = sign_in(shop(), member.login, kPassword, app.code());
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(in.json()["second_factor"].text(), "on");
  EXPECT_TRUE(is_in(session_in(in)));
  EXPECT_EQ(sign_in(shop(), member.login, kPassword, app.used_code()).code(), "second_factor_used")
      << "a code that was seen is worth nothing";

  std::string typed = codes[3];
  std::ranges::transform(typed, typed.begin(),
                         [](char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_EQ(sign_in(shop(), member.login, kPassword, typed).status, 200);
  EXPECT_EQ(sign_in(shop(), member.login, kPassword, codes[3]).code(), "second_factor_used");
  EXPECT_EQ(sign_in(shop(), member.login, "not the password", codes[4]).code(),
            "wrong_login_or_password");
  EXPECT_EQ(sign_in(shop(), member.login, kPassword, codes[4]).status, 200)
      << "a wrong password uses no code up";
}

TEST_F(Staff, WaitWhenCodesAreGuessedThoughThePasswordFits) {
  const Member member = add("analyst");
  std::vector<std::string> codes;
  (void)enrol(member, &codes);
  const auto is_slowed = [&](std::string_view code) {
    const Answer answer = sign_in(shop(), member.login, kPassword, code);
    const bool slowed = answer.code() == "too_many_sign_ins";
    EXPECT_TRUE(slowed ||
                answer.code() == (code.empty() ? "second_factor_needed" : "second_factor_wrong"))
        << answer.body;
    return slowed;
  };
  // The password alone, which fits, forgives no failure.
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(is_slowed("12345"));
    EXPECT_FALSE(is_slowed({}));
  }
  ASSERT_TRUE(eventually([&] { return is_slowed({}) && is_slowed("12345"); }, Millis{30'000}));
  // A code that comes too early is not used up.
  ASSERT_TRUE(
      eventually([&] { return sign_in(shop(), member.login, kPassword, codes[0]).status == 200; },
                 Millis{60'000}));
}

TEST_F(Staff, TurnTheirSecondFactorOffWithPasswordAndCode) {
  const Member member = add("analyst");
  const auto turn_off = [&](std::string_view password, std::string_view code) {
    return as(member, post("/v1/staff/me/second-factor/remove",
                           json({{"password", password}, {"code", code}})));
  };
  EXPECT_EQ(turn_off(kPassword, "12345").code(), "no_second_factor");
  std::vector<std::string> codes;
  App app = enrol(member, &codes);
  EXPECT_EQ(turn_off("not the password", codes[0]).code(), "password_wrong");
  EXPECT_EQ(turn_off(kPassword, "12345").code(), "second_factor_wrong");
  EXPECT_EQ(turn_off(kPassword, app.used_code()).code(), "second_factor_used");
  EXPECT_EQ(turn_off(kPassword, codes[0]).status, 200);
  EXPECT_EQ(me_of(member.session, "second_factor"), "off");
  EXPECT_EQ(sign_in(shop(), member.login, kPassword).status, 200);
}

TEST_F(Staff, AreHelpedByAnOwnerWhenTheDeviceIsLost) {
  const Member member = add("store");
  (void)enrol(member);
  const auto help = [](const std::string& id) {
    return as_owner(post("/v1/staff/" + id + "/remove-second-factor"));
  };
  EXPECT_EQ(as(member, post("/v1/staff/" + member.id + "/remove-second-factor")).code(),
            "forbidden");
  EXPECT_EQ(help(member.id).status, 200);
  EXPECT_EQ(sign_in(shop(), member.login, kPassword).status, 200);
  EXPECT_EQ(help(member.id).code(), "no_second_factor");
  EXPECT_EQ(help("staff_4444").code(), "staff_not_found");
  EXPECT_EQ(help(me_of(shop().session(), "staff_id")).code(), "forbidden")
      << "one's own asks for password and code";
}

/// Of a drop, in a member's name, until it ends.
class Watching {
 public:
  Watching(const HttpEndpoint& endpoint, const Drop& drop, const std::string& session)
      : reader_(endpoint) {
    const std::string cookie = "firebrand_session=" + session;
    const std::vector<HttpField> headers = {{"Cookie", cookie}};
    const auto status = reader_.open(drop.path("/live/events"), headers);
    EXPECT_TRUE(status && *status == 200);
    EXPECT_TRUE(reader_.next(Millis{10'000}));
  }
  bool ends() {
    auto event = reader_.next(Millis{10'000});
    while (event) { event = reader_.next(Millis{10'000}); }
    return event.error() != HttpClientError::timed_out;
  }

 private:
  SseReader reader_;
};

TEST_F(Staff, WhoAreRemovedAreOutAtOnce) {
  const Drop drop = shop().plan({});
  const Member member = add("analyst");
  Watching watching(server().endpoint(), drop, member.session);
  EXPECT_EQ(as_owner(post("/v1/staff/" + member.id + "/remove")).status, 200);
  EXPECT_EQ(as(member, get("/v1/staff/me")).code(), "unauthenticated");
  EXPECT_TRUE(watching.ends());
  EXPECT_EQ(sign_in(shop(), member.login, kPassword).code(), "wrong_login_or_password");
  EXPECT_EQ(as_owner(post("/v1/staff/" + member.id + "/remove")).status, 200) << "it is so already";
  EXPECT_EQ(as_owner(post("/v1/staff/staff_4444/remove")).code(), "staff_not_found");

  // The login is free for somebody else, who is somebody else.
  const std::string next =
      shop()
          .staff(post("/v1/staff",
                      json({{"login", member.login}, {"role", "store"}, {"password", kPassword}})),
                 201)["staff_id"]
          .text();
  EXPECT_NE(next, member.id);
  std::vector<std::string> states;
  const Json list = shop().staff(get("/v1/staff?limit=200"))["data"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i]["login"].text() != member.login) { continue; }
    states.push_back(list[i]["staff_id"].text() + " " + list[i]["state"].text());
    EXPECT_EQ(list[i]["left_at"].is_null(), list[i]["staff_id"].text() == next);
    EXPECT_FALSE(list[i]["joined_at"].is_null());
  }
  EXPECT_EQ(states, (std::vector<std::string>{member.id + " gone", next + " active"}));
}

TEST_F(Staff, WhoAreGivenAnotherRoleMayDoThatAndNoMore) {
  const Drop drop = shop().plan({});
  const Member member = add("marketer");
  Watching watching(server().endpoint(), drop, member.session);
  EXPECT_EQ(as(member, post("/v1/launches", "{}")).code(), "validation");
  const auto make = [&](const std::string& id, std::string_view role) {
    return as_owner(post("/v1/staff/" + id + "/role", json({{"role", role}})));
  };
  EXPECT_EQ(make(member.id, "community").status, 200);
  EXPECT_EQ(make(member.id, "community").status, 200) << "it is so already";
  EXPECT_EQ(as(member, post("/v1/launches", "{}")).code(), "forbidden");
  EXPECT_EQ(me_of(member.session, "role"), "community");
  EXPECT_TRUE(watching.ends()) << "what the role may not see";
  EXPECT_EQ(make("staff_4444", "store").code(), "staff_not_found");
  EXPECT_EQ(make(member.id, "king").code(), "validation");

  const std::string owner = me_of(shop().session(), "staff_id");
  EXPECT_EQ(make(owner, "analyst").code(), "last_owner");
  EXPECT_EQ(as_owner(post("/v1/staff/" + owner + "/remove")).code(), "last_owner");
  EXPECT_EQ(make(member.id, "owner").status, 200);
  EXPECT_EQ(as(member, post("/v1/staff/" + member.id + "/remove")).status, 200)
      << "one of two may go, also of their own accord";
}

TEST_F(Staff, SetAPasswordThatEndsTheirOtherSessions) {
  const Member member = add("analyst");
  const std::string other = session_in(sign_in(shop(), member.login, kPassword));
  const auto change = [&](std::string_view from, std::string_view to) {
    return as(member,
              post("/v1/staff/me/password", json({{"password", from}, {"new_password", to}})));
  };
  EXPECT_EQ(change("not the password", "another long sentence").code(), "password_wrong");
  EXPECT_EQ(change(kPassword, "short").code(), "password_too_short");
  EXPECT_TRUE(is_in(other));
  const Answer changed = change(kPassword, "another long sentence");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_FALSE(is_in(other));
  EXPECT_TRUE(is_in(member.session));
  EXPECT_EQ(sign_in(shop(), member.login, kPassword).code(), "wrong_login_or_password");
  EXPECT_EQ(sign_in(shop(), member.login, "another long sentence").status, 200);
}

TEST_F(Staff, SeeAndEndTheirSessions) {
  const Member member = add("analyst");
  const std::string phone = session_in(shop().send(
      post("/v1/staff/sign-in", json({{"login", member.login}, {"password", kPassword}}))
          .with("User-Agent",
                "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0")));
  const auto list = [&](const std::string& query = {}) {
    return as(member, get("/v1/staff/sessions" + query));
  };
  const Json mine = list().json()["data"];
  ASSERT_EQ(mine.size(), 2U);
  EXPECT_TRUE(mine[0]["current"].boolean());
  EXPECT_FALSE(mine[1]["current"].boolean());
  EXPECT_EQ(mine[0]["agent"].text(), "");
  EXPECT_EQ(mine[1]["agent"].text(), "Firefox, Android");
  EXPECT_EQ(mine[1]["login"].text(), member.login);
  EXPECT_FALSE(mine[1]["opened_at"].is_null());
  const Json page = list("?limit=1").json();
  EXPECT_EQ(page["data"].size(), 1U);
  const Json next = list("?limit=1&cursor=" + page["next_cursor"].text()).json();
  EXPECT_EQ(next["data"][0]["session_id"].text(), mine[1]["session_id"].text());
  EXPECT_FALSE(next["has_more"].boolean());

  // Those of others are for owners.
  EXPECT_EQ(list("?all=true").code(), "forbidden");
  EXPECT_EQ(list("?staff_id=staff_1").code(), "forbidden");
  EXPECT_EQ(list("?staff_id=" + member.id).json()["data"].size(), 2U);
  EXPECT_EQ(list("?staff_id=me").code(), "validation");
  EXPECT_EQ(list("?all=yes").code(), "validation");
  EXPECT_EQ(as_owner(get("/v1/staff/sessions?staff_id=" + member.id)).json()["data"].size(), 2U);
  for (int i = 0; i < 30; ++i) {  // More than the engine tells at once.
    ASSERT_EQ(sign_in(shop(), Shop::kOwner, kPassword).status, 200);
  }
  EXPECT_GT(as_owner(get("/v1/staff/sessions?all=true&limit=200")).json()["data"].size(), 30U);

  const Json own = as_owner(get("/v1/staff/sessions")).json()["data"];
  const auto revoke = [&](const Json& session) {
    return post("/v1/staff/sessions/" + session["session_id"].text() + "/revoke");
  };
  EXPECT_EQ(as(member, revoke(own[0])).code(), "staff_session_not_found") << "somebody else's";
  EXPECT_TRUE(is_in(phone));
  EXPECT_EQ(as(member, revoke(mine[1])).status, 200);
  EXPECT_FALSE(is_in(phone));
  EXPECT_EQ(as(member, revoke(mine[1])).code(), "staff_session_not_found");
  const Drop drop = shop().plan({});
  Watching watching(server().endpoint(), drop, member.session);
  EXPECT_EQ(as_owner(revoke(mine[0])).status, 200);
  EXPECT_FALSE(is_in(member.session));
  EXPECT_TRUE(watching.ends());
}

TEST(SecondFactorRequired, OpensNothingElseUntilThereIsOne) {
  TemporaryDirectory work;
  ServerProcess server(
      {.data = work.path("data"), .flags = {"--access.second_factor", "required"}});
  server.wait_until_ready();
  Caller caller(server.endpoint());
  Caller::hold_to(caller.send(get("/openapi.json")).json());
  const Answer made = caller.send(
      post("/v1/staff/setup",
           json({{"token", server.setup_token()}, {"login", "owner"}, {"password", kPassword}})));
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string session = session_in(made);
  const auto ask = [&](Request request) { return caller.send(std::move(request).cookie(session)); };
  EXPECT_EQ(made.json()["second_factor"].text(), "required");
  EXPECT_EQ(ask(get("/v1/staff/me")).json()["second_factor"].text(), "required");
  EXPECT_EQ(ask(get("/v1/skus")).code(), "second_factor_required");
  EXPECT_EQ(ask(get("/v1/staff")).code(), "second_factor_required");
  EXPECT_EQ(ask(get("/v1/orders")).code(), "second_factor_required");
  // By somebody who knows the password, before there is a factor.
  const std::string earlier = session_in(sign_in(caller, "owner", kPassword));
  App app(caller, ask(post("/v1/staff/me/second-factor")).json()["secret"].text());
  const Answer confirmed =
      ask(post("/v1/staff/me/second-factor/confirm", json({{"code", app.code()}})));
  ASSERT_EQ(confirmed.status, 200) << confirmed.body;
  const std::string code = confirmed.json()["recovery_codes"][0].text();
  EXPECT_EQ(ask(get("/v1/skus")).status, 200);
  EXPECT_EQ(caller.send(get("/v1/staff/me").cookie(earlier)).status, 401);
  EXPECT_EQ(sign_in(caller, "owner", kPassword, app.code()).status, 200);
  EXPECT_EQ(ask(post("/v1/staff/me/second-factor/remove",
                     json({{"password", kPassword}, {"code", code}})))
                .status,
            200);
  EXPECT_EQ(ask(get("/v1/skus")).code(), "second_factor_required");
}

}  // namespace
}  // namespace firebrand::e2e
