// Every command that takes an Idempotency-Key: an honest retry gets the first answer again and is
// told so, and the key is good for nothing else.
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

class Repeat : public ServerTest {};

/// One command, and the same with another meaning under the same key.
struct Command {
  std::string operation{};
  Request request{};
  int status = 200;
  std::string other_target{};  ///< Empty: the same.
  std::string other_body{};    ///< Empty: the same.
};

std::string named(std::string_view code, std::string_view rest = {}) {
  return R"({"code":")" + std::string(code) + R"(","name":{"zh":"新","en":"New"})" +
         std::string(rest) + "}";
}

std::string member(std::string_view login, std::string_view password) {
  return R"({"login":")" + std::string(login) + R"(","role":"store","password":")" +
         std::string(password) + R"("})";
}

/// Operations of the document that take an Idempotency-Key.
std::set<std::string> repeatable_operations(const Json& document) {
  std::set<std::string> operations;
  for (const std::string& path : document["paths"].names()) {
    for (const std::string& method : document["paths"][path].names()) {
      const Json operation = document["paths"][path][method];
      for (std::size_t i = 0; i < operation["parameters"].size(); ++i) {
        if (operation["parameters"][i]["name"].text() == "Idempotency-Key") {
          operations.insert(operation["operationId"].text());
        }
      }
    }
  }
  return operations;
}

TEST_F(Repeat, IsAnsweredAsTheFirstTimeAndSaysSo) {
  const Drop drop = shop().plan({.waves = {{5}, {5, true}}, .limit = 5});
  const Drop other = shop().plan({.waves = {{5}, {5, true}}, .limit = 5});
  const Fan fan = shop().fan("repeats-all");
  const std::string order_id = shop().order(drop, fan, "first").json()["order_id"].text();
  const std::string other_order = shop().order(other, fan, "second").json()["order_id"].text();
  const std::string paid_order =
      shop().order(drop, fan, "paid", R"({"quantity":2})").json()["order_id"].text();
  ASSERT_EQ(shop().send(payment(paid_order, "pay-repeats", 399'800)).status, 200);
  const auto refund = [](const char* id) {
    return R"({"refund_id":")" + std::string(id) +
           R"(","payment_id":"pay-repeats","amount":{"amount":100,"currency":"CNY"}})";
  };
  const auto sold_out = [&](const char* key) {
    const Drop gone = shop().plan({.waves = {{1}}});
    (void)shop().staff(post(gone.path("/waitlist/open"), R"({"ends_at":"2099-01-01T00:00:00Z"})"),
                       201);
    (void)shop().order(gone, shop().fan("takes-the-last"), key);
    return gone;
  };
  const Drop gone = sold_out("gone");
  const Drop other_gone = sold_out("other-gone");
  const ApiKey key = shop().make_key("repeated");
  const ApiKey other_key = shop().make_key("not repeated");
  const auto webhook = [](const char* name) {
    return R"({"url":"https://)" + std::string(name) + R"(.example/hooks"})";
  };
  const auto make_webhook = [&] {
    return "/v1/webhooks/" +
           shop().staff(post("/v1/webhooks", webhook("made")), 201)["webhook_id"].text();
  };
  const std::string hook = make_webhook();
  const std::string other_hook = make_webhook();
  const Json status = shop().status(drop);
  const std::string drops = "/v1/launches/" + status["launch_id"].text() + "/drops";
  const std::string sku_id = status["sku_id"].text();
  const std::string stock = "/v1/skus/" + sku_id + "/stock";
  const std::string prices = R"(,"prices":[{"amount":100,"currency":"CNY"}])";
  const auto plan = [&](const char* code) {
    return R"({"code":")" + std::string(code) + R"(","sku_id":")" + sku_id +
           R"(","currency":"CNY","opens_at":"2099-01-01T00:00:00Z","per_person_limit":1,)"
           R"("payment_window_seconds":60,"waves":[{"opens_at":"2099-01-01T00:00:00Z","units":1}]})";
  };
  (void)shop().staff(post(stock, R"({"quantity":2})").key("for-the-plan"));

  const std::string terms =
      R"({"opens_at":"2020-01-01T00:00:00Z","closes_at":"2098-01-01T00:00:00Z","cap":5,)"
      R"("balance_due_at":"2099-01-01T00:00:00Z"})";

  const auto codes = [](int count) {
    return R"({"count":)" + std::to_string(count) +
           R"(,"valid_from":"2020-01-01T00:00:00Z","valid_until":"2099-01-01T00:00:00Z"})";
  };
  const std::string batch =
      shop()
          .staff(post(drop.path("/code-batches"), codes(2)).key("codes"), 201)["code_batch_id"]
          .text();
  // "index,code", then lines of "0,", 27 characters of a code and a line end.
  const std::string exported =
      shop().send(get("/v1/code-batches/" + batch + "/codes").cookie(shop().session())).body;

  const Command commands[] = {
      {"placeOrder",
       post(drop.path("/orders"), "{}").bearer(fan.token),
       201,
       {},
       R"({"quantity":2})"},
      {"cancelOrder", post("/v1/orders/" + order_id + "/cancel").bearer(fan.token), 200,
       "/v1/orders/" + other_order + "/cancel"},
      {"returnUnits",
       post("/v1/orders/" + paid_order + "/returns", R"({"quantity":1})"),
       200,
       {},
       R"({"quantity":2})"},
      {"requestRefund", post("/v1/refunds", refund("r-a")), 201, {}, refund("r-b")},
      {"openReservations", post(drop.path("/reservations/open"), terms), 201,
       other.path("/reservations/open")},
      {"reserve", post(drop.path("/reservations")).bearer(fan.token), 201,
       other.path("/reservations")},
      {"withdrawReservation", post(drop.path("/reservation/withdraw")).bearer(fan.token), 200,
       other.path("/reservation/withdraw")},
      {"joinWaitlist", post(gone.path("/waitlist")).bearer(fan.token), 201,
       other_gone.path("/waitlist")},
      {"createCodeBatch", post(drop.path("/code-batches"), codes(5)), 201, {}, codes(6)},
      {"revokeCodeBatch", post("/v1/code-batches/" + batch + "/revoke"), 200,
       "/v1/code-batches/batch_2/revoke"},
      {"revokeCode",
       post("/v1/codes/revoke", R"({"code":")" + exported.substr(13, 27) + R"("})"),
       200,
       {},
       R"({"code":")" + exported.substr(43, 27) + R"("})"},
      {"addSku", post("/v1/skus", named("sku-a", prices)), 201, {}, named("sku-b", prices)},
      {"receiveStock", post(stock, R"({"quantity":7})"), 200, {}, R"({"quantity":8})"},
      {"createLaunch", post("/v1/launches", named("launch-a")), 201, {}, named("launch-b")},
      {"createDrop", post(drops, plan("drop-a")), 201, {}, plan("drop-b")},
      {"moveUnits",
       post(drop.path("/moves"), R"({"from_wave":2,"to_wave":1,"units":1})"),
       200,
       {},
       R"({"from_wave":2,"to_wave":1,"units":2})"},
      {"pauseDrop", post(drop.path("/pause")), 200, other.path("/pause")},
      {"resumeDrop", post(drop.path("/resume")), 200, other.path("/resume")},
      {"releaseWave", post(drop.path("/waves/2/release")), 200, other.path("/waves/2/release")},
      {"cancelDrop", post(drop.path("/cancel")), 200, other.path("/cancel")},
      {"addStaff",
       post("/v1/staff", member("new-one", "long enough for all")),
       201,
       {},
       member("new-one", "another long password")},
      {"revokeApiKey", post("/v1/api-keys/" + key.id + "/revoke"), 200,
       "/v1/api-keys/" + other_key.id + "/revoke"},
      {"addWebhook", post("/v1/webhooks", webhook("a")), 201, {}, webhook("b")},
      {"changeWebhook", post(hook + "/change", webhook("c")), 200, {}, webhook("d")},
      {"pauseWebhook", post(hook + "/pause"), 200, other_hook + "/pause"},
      {"resumeWebhook", post(hook + "/resume"), 200, other_hook + "/resume"},
      {"rotateWebhookSecret", post(hook + "/rotate-secret", "{}"), 200,
       other_hook + "/rotate-secret"},
      {"removeWebhook", post(hook + "/remove"), 200, other_hook + "/remove"},
  };
  std::set<std::string> tried;
  for (const Command& command : commands) {
    SCOPED_TRACE(command.operation);
    tried.insert(command.operation);
    const auto send = [&](Request request) {
      const bool has_token = !request.headers.empty();
      if (!has_token) { request = std::move(request).cookie(shop().session()); }
      return shop().send(std::move(request).key("key-of-" + command.operation));
    };
    const Answer first = send(command.request);
    ASSERT_EQ(first.status, command.status) << first.body;
    EXPECT_FALSE(first.replayed());
    for (int i = 0; i < 2; ++i) {
      const Answer again = send(command.request);
      EXPECT_EQ(again.status, command.status) << again.body;
      EXPECT_EQ(again.body, first.body);
      EXPECT_TRUE(again.replayed());
    }
    Request other_request = command.request;
    if (!command.other_target.empty()) { other_request.target = command.other_target; }
    if (!command.other_body.empty()) { other_request.body = command.other_body; }
    const Answer refused = send(other_request);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.code(), "idempotency_key_reused");
    EXPECT_FALSE(refused.replayed());
  }
  EXPECT_EQ(tried, repeatable_operations(shop().send(get("/openapi.json")).json()));
}

TEST_F(Repeat, OfANewMemberOfStaffKeepsTheFirstPassword) {
  const auto add = [](std::string_view body, const char* key) {
    return shop().send(post("/v1/staff", std::string(body)).cookie(shop().session()).key(key));
  };
  const std::string first = member("twice", "the first password");
  ASSERT_EQ(add(first, "twice").status, 201);
  // The same words in another order and spacing are the same request.
  EXPECT_TRUE(
      add(R"({ "role":"store", "password":"the first password", "login":"twice" })", "twice")
          .replayed());
  EXPECT_EQ(add(member("twice", "the second password"), "twice").code(), "idempotency_key_reused");
  EXPECT_EQ(add(first, "another-key").code(), "login_taken");
  Shop signed_in(server().endpoint());
  EXPECT_NO_THROW(signed_in.sign_in("twice", "the first password"));
  EXPECT_THROW(signed_in.sign_in("twice", "the second password"), std::runtime_error);
}

}  // namespace
}  // namespace firebrand::e2e
