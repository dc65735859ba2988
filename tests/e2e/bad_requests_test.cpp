// What cannot be accepted, and how exactly it is refused: a table of requests and problems.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

enum class Who { nobody, fan, staff };

struct Row {
  const char* name;
  Who who = Who::nobody;
  HttpMethod method = HttpMethod::post;
  std::string target{};
  std::string body{};
  int status = 422;
  const char* code = "validation";
  const char* pointer = nullptr;     ///< Of the one entry of `errors`.
  const char* error_code = nullptr;  ///< Of the same.
  std::vector<std::pair<std::string, std::string>> headers = {{"Idempotency-Key", "bad"}};
};

constexpr const char* kOrders = "/v1/drops/drop_1/orders";
constexpr const char* kSku = "/v1/skus";
constexpr const char* kDrops = "/v1/launches/launch_1/drops";
const std::string kFormed = R"("code":"c","sku_id":"sku_1","currency":"CNY",)"
                            R"("opens_at":"2026-11-21T20:00:00.000Z",)"
                            R"("per_person_limit":1,"payment_window_seconds":900)";

const Row kRows[] = {
    // A purchase: the body.
    {"unknown_field", Who::fan, HttpMethod::post, kOrders, R"({"quantty":1})", 422, "validation",
     "#/quantty", "unknown_field"},
    {"field_of_the_path", Who::fan, HttpMethod::post, kOrders, R"({"drop_id":"drop_2"})", 422,
     "validation", "#/drop_id", "unknown_field"},
    {"field_of_the_caller", Who::fan, HttpMethod::post, kOrders, R"({"person_id":"per_1"})", 422,
     "validation", "#/person_id", "unknown_field"},
    {"text_for_a_number", Who::fan, HttpMethod::post, kOrders, R"({"quantity":"1"})", 422,
     "validation", "#/quantity", "wrong_type"},
    {"fraction_for_a_number", Who::fan, HttpMethod::post, kOrders, R"({"quantity":1.5})", 422,
     "validation", "#/quantity", "wrong_type"},
    {"null_for_a_number", Who::fan, HttpMethod::post, kOrders, R"({"quantity":null})", 422,
     "validation", "#/quantity", "wrong_type"},
    {"too_small", Who::fan, HttpMethod::post, kOrders, R"({"quantity":0})", 422, "validation",
     "#/quantity", "out_of_range"},
    {"too_large", Who::fan, HttpMethod::post, kOrders, R"({"quantity":1001})", 422, "validation",
     "#/quantity", "out_of_range"},
    {"far_too_large", Who::fan, HttpMethod::post, kOrders, R"({"quantity":99999999999999999999})",
     422, "validation", "#/quantity", "out_of_range"},
    {"twice", Who::fan, HttpMethod::post, kOrders, R"({"quantity":1,"quantity":1})", 422,
     "validation", "#/quantity", "duplicate_field"},
    {"no_such_currency", Who::fan, HttpMethod::post, kOrders, R"({"currency":"RMB"})", 422,
     "validation", "#/currency", "unknown_value"},
    {"an_array", Who::fan, HttpMethod::post, kOrders, "[]", 422, "validation", "#", "wrong_type"},
    {"cut_short", Who::fan, HttpMethod::post, kOrders, R"({"quantity":1)", 400, "malformed"},
    {"two_documents", Who::fan, HttpMethod::post, kOrders, "{}{}", 400, "malformed"},
    {"no_json", Who::fan, HttpMethod::post, kOrders, "quantity=1", 400, "malformed"},
    {"no_utf8", Who::fan, HttpMethod::post, kOrders, "{\"currency\":\"\xFF\xFE\"}", 400,
     "malformed"},
    {"a_form",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "quantity=1",
     415,
     "unsupported_media_type",
     nullptr,
     nullptr,
     {{"Idempotency-Key", "bad"}, {"Content-Type", "application/x-www-form-urlencoded"}}},
    {"json_said_to_be_text",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     415,
     "unsupported_media_type",
     nullptr,
     nullptr,
     {{"Idempotency-Key", "bad"}, {"Content-Type", "text/plain;charset=UTF-8"}}},
    {"oversized", Who::fan, HttpMethod::post, kOrders, std::string(64 * 1024 + 1, ' '), 413,
     "payload_too_large"},
    // A purchase: the headers.
    {"without_a_key",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     400,
     "idempotency_key_missing",
     nullptr,
     nullptr,
     {}},
    {"with_an_empty_key",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     400,
     "idempotency_key_missing",
     nullptr,
     nullptr,
     {{"Idempotency-Key", ""}}},
    {"with_a_quoted_nothing",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     400,
     "idempotency_key_missing",
     nullptr,
     nullptr,
     {{"Idempotency-Key", "\"\""}}},
    {"with_a_key_too_long",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     400,
     "idempotency_key_malformed",
     nullptr,
     nullptr,
     {{"Idempotency-Key", std::string(256, 'k')}}},
    {"with_a_key_of_two_words",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     400,
     "idempotency_key_malformed",
     nullptr,
     nullptr,
     {{"Idempotency-Key", "two words"}}},
    {"with_a_key_beyond_ascii",
     Who::fan,
     HttpMethod::post,
     kOrders,
     "{}",
     400,
     "idempotency_key_malformed",
     nullptr,
     nullptr,
     {{"Idempotency-Key", "钥匙"}}},
    // Addresses.
    {"no_such_address", Who::nobody, HttpMethod::get, "/v1/nothing", "", 404, "not_found"},
    {"below_an_address", Who::nobody, HttpMethod::get, "/v1/time/now", "", 404, "not_found"},
    {"another_method", Who::nobody, HttpMethod::del, "/v1/drops/drop_1", "", 405,
     "method_not_allowed"},
    {"no_drop_id", Who::nobody, HttpMethod::get, "/v1/drops/first", "", 404, "drop_not_found"},
    {"another_kind_of_id", Who::fan, HttpMethod::post, "/v1/drops/ord_1/orders", "{}", 404,
     "drop_not_found"},
    {"an_id_below_one", Who::fan, HttpMethod::get, "/v1/orders/ord_0", "", 404, "order_not_found"},
    {"no_id_at_all", Who::fan, HttpMethod::get, "/v1/orders/ord_1x", "", 404, "order_not_found"},
    {"no_wave_number", Who::staff, HttpMethod::post, "/v1/drops/drop_1/waves/two/release", "", 404,
     "wave_not_found"},
    {"no_such_wave", Who::staff, HttpMethod::post, "/v1/drops/drop_1/waves/9/release", "", 404,
     "wave_not_found"},
    {"an_address_too_long", Who::nobody, HttpMethod::get, "/" + std::string(9'000, 'a'), "", 414,
     "uri_too_long"},
    {"headers_too_large",
     Who::nobody,
     HttpMethod::get,
     "/v1/time",
     "",
     431,
     "headers_too_large",
     nullptr,
     nullptr,
     {{"X-Long", std::string(17'000, 'a')}}},
    // Queries.
    {"limit_zero", Who::fan, HttpMethod::get, "/v1/orders?limit=0", "", 422, "validation", nullptr,
     "out_of_range"},
    {"limit_too_large", Who::fan, HttpMethod::get, "/v1/orders?limit=201", "", 422, "validation",
     nullptr, "out_of_range"},
    {"limit_no_number", Who::fan, HttpMethod::get, "/v1/orders?limit=ten", "", 422, "validation",
     nullptr, "malformed_value"},
    {"another_cursor", Who::fan, HttpMethod::get, "/v1/orders?cursor=zzz", "", 400, "malformed"},
    {"no_such_state", Who::fan, HttpMethod::get, "/v1/orders?state=lost", "", 422, "validation",
     nullptr, "unknown_value"},
    {"no_such_drop_id", Who::fan, HttpMethod::get, "/v1/orders?drop_id=first", "", 422,
     "validation", nullptr, "malformed_value"},
    {"no_such_person_id", Who::staff, HttpMethod::get, "/v1/orders?person_id=me", "", 422,
     "validation", nullptr, "malformed_value"},
    // What staff plan.
    {"missing_field", Who::staff, HttpMethod::post, kSku, R"({"code":"x"})", 422, "validation",
     "#/name", "missing_field"},
    {"empty_text", Who::staff, HttpMethod::post, "/v1/launches",
     R"({"code":"","name":{"zh":"首","en":"L"}})", 422, "validation", "#/code", "wrong_length"},
    {"text_too_long", Who::staff, HttpMethod::post, "/v1/launches",
     R"({"code":")" + std::string(65, 'c') + R"(","name":{"zh":"首","en":"L"}})", 422, "validation",
     "#/code", "wrong_length"},
    {"half_a_name", Who::staff, HttpMethod::post, "/v1/launches",
     R"({"code":"c","name":{"zh":"首"}})", 422, "validation", "#/name/en", "missing_field"},
    {"no_price", Who::staff, HttpMethod::post, kSku,
     R"({"code":"c","name":{"zh":"首","en":"L"},"prices":[]})", 422, "validation", "#/prices",
     "wrong_length"},
    {"a_price_without_currency", Who::staff, HttpMethod::post, kSku,
     R"({"code":"c","name":{"zh":"首","en":"L"},"prices":[{"amount":1}]})", 422, "validation",
     "#/prices/0/currency", "missing_field"},
    {"one_currency_twice", Who::staff, HttpMethod::post, kSku,
     R"({"code":"c","name":{"zh":"首","en":"L"},"prices":[{"amount":1,"currency":"CNY"},)"
     R"({"amount":2,"currency":"CNY"}]})",
     422, "currency_repeated"},
    {"no_units", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed + R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":0}]})", 422,
     "validation", "#/waves/0/units", "out_of_range"},
    {"no_time", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed + R"(,"waves":[{"opens_at":"tomorrow","units":1}]})", 422, "validation",
     "#/waves/0/opens_at", "malformed_value"},
    {"no_release", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed +
         R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1,"release":"soon"}]})",
     422, "validation", "#/waves/0/release", "unknown_value"},
    {"a_first_wave_that_follows", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed +
         R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1,"release":"on_sold_out"}]})",
     422, "first_wave_must_not_follow"},
    {"a_tie_window_too_long", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed +
         R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1,"tie_batch_ms":501}]})",
     422, "validation", "#/waves/0/tie_batch_ms", "out_of_range"},
    {"a_tie_window_of_a_draw", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed + R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1,)" +
         R"("decision":"draw","tie_batch_ms":1}]})",
     422, "tie_window_out_of_range"},
    {"leftovers_for_nobody", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed +
         R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1,"leftovers":"roll_on"}]})",
     422, "last_wave_must_keep_units"},
    {"a_wave_before_the_opening", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed + R"(,"waves":[{"opens_at":"2026-11-21T19:00:00Z","units":1}]})", 422,
     "wave_before_opening"},
    {"no_units_moved", Who::staff, HttpMethod::post, "/v1/drops/drop_1/moves",
     R"({"from_wave":1,"to_wave":2,"units":0})", 422, "validation", "#/units", "out_of_range"},
    {"moved_to_itself", Who::staff, HttpMethod::post, "/v1/drops/drop_1/moves",
     R"({"from_wave":1,"to_wave":1,"units":1})", 422, "waves_must_differ"},
    {"moved_to_no_wave", Who::staff, HttpMethod::post, "/v1/drops/drop_1/moves",
     R"({"from_wave":1,"to_wave":9,"units":1})", 404, "wave_not_found"},
    {"no_such_launch", Who::staff, HttpMethod::post, "/v1/launches/launch_99/drops",
     "{" + kFormed + R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1}]})", 404,
     "launch_not_found"},
    {"more_than_there_is", Who::staff, HttpMethod::post, kDrops,
     "{" + kFormed + R"(,"waves":[{"opens_at":"2026-11-21T20:00:00Z","units":1000000}]})", 409,
     "insufficient_stock"},
    {"stock_of_nothing", Who::staff, HttpMethod::post, "/v1/skus/sku_99/stock", R"({"quantity":1})",
     404, "sku_not_found"},
    {"less_stock", Who::staff, HttpMethod::post, "/v1/skus/sku_1/stock", R"({"quantity":-1})", 422,
     "validation", "#/quantity", "out_of_range"},
    {"no_such_role", Who::staff, HttpMethod::post, "/v1/staff",
     R"({"login":"x","role":"king","password":"long enough for all"})", 422, "validation", "#/role",
     "unknown_value"},
};

/// Has a Chinese character, and none of the words that English details are made of.
bool is_chinese(const std::string& text) {
  for (const char* const word : {"expected", "came", " such as", "bytes", "entries", "nothing"}) {
    if (text.find(word) != std::string::npos) { return false; }
  }
  // 一 to 龥 in UTF-8: E4 B8 80 to E9 BE A5.
  return text.find_first_of("\xE4\xE5\xE6\xE7\xE8\xE9") != std::string::npos;
}

class BadRequest : public ServerTest {
 public:
  static void SetUpTestSuite() {
    ServerTest::SetUpTestSuite();
    (void)shop().plan({});
    fan_ = shop().fan("careless");
  }

 protected:
  static Answer send(const Row& row, const char* language = nullptr) {
    Request request{.method = row.method, .target = row.target, .body = row.body, .headers = {}};
    request.headers = row.headers;
    if (row.who == Who::fan) { request = std::move(request).bearer(fan_.token); }
    if (row.who == Who::staff) { request = std::move(request).cookie(shop().session()); }
    if (language != nullptr) { request = std::move(request).with("Accept-Language", language); }
    return shop().send(request);
  }
  static inline Fan fan_;
};

TEST_F(BadRequest, IsRefusedByNameAndPlace) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const Answer answer = send(row);
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << answer.body;
    EXPECT_EQ(answer.status, row.status) << answer.body;
    const Json problem = answer.json();
    EXPECT_EQ(problem["code"].text(), row.code) << answer.body;
    EXPECT_EQ(problem["type"].text(), std::string("/problems/") + row.code);
    EXPECT_EQ(problem["status"].number(), row.status);
    EXPECT_FALSE(answer.header("X-Request-Id").empty());
    EXPECT_EQ(problem["instance"].text(), "urn:firebrand:req:" + answer.header("X-Request-Id"));
    EXPECT_EQ(answer.header("Content-Language"), "en");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_FALSE(problem["detail"].text().empty());
    ASSERT_EQ(problem.has("errors"), std::string_view(row.code) == "validation") << answer.body;
    if (problem.has("errors")) {
      ASSERT_EQ(problem["errors"].size(), 1U);
      const Json error = problem["errors"][0];
      EXPECT_EQ(error["code"].text(), row.error_code);
      EXPECT_THAT(error["detail"].text(), StartsWith("expected "));
      if (row.pointer != nullptr) {
        EXPECT_EQ(error["pointer"].text(), row.pointer);
      } else {
        const std::size_t begin = row.target.find('?') + 1;
        EXPECT_EQ(error["parameter"].text(),
                  row.target.substr(begin, row.target.find('=') - begin));
      }
    }
    // The type is a page that says what it means and what to do.
    const Answer page = shop().send(get(problem["type"].text()));
    EXPECT_EQ(page.status, 200) << problem["type"].text();
    EXPECT_THAT(page.body, HasSubstr(row.code));
    EXPECT_THAT(page.body, HasSubstr("<h1>" + problem["title"].text() + "</h1>"));
  }
}

TEST_F(BadRequest, IsExplainedInTheLanguageOfWhoAsks) {
  const Row& row = kRows[0];
  const Answer en = send(row, "en-GB,en;q=0.9,zh;q=0.1");
  const Answer zh = send(row, "zh-CN,zh;q=0.9,en;q=0.8");
  EXPECT_EQ(en.header("Content-Language"), "en");
  EXPECT_EQ(zh.header("Content-Language"), "zh");
  EXPECT_EQ(en.json()["title"].text(), "The request is not valid");
  EXPECT_EQ(zh.json()["title"].text(), "请求内容无效");
  EXPECT_EQ(zh.code(), en.code());
  EXPECT_THAT(en.json()["detail"].text(), StartsWith("/quantty: expected one of "));
  EXPECT_THAT(zh.json()["detail"].text(), StartsWith("/quantty 要求：下列之一："));
  // Every word of it, of all rows: a title, a detail, and what is wrong with each part.
  for (const Row& each : kRows) {
    SCOPED_TRACE(each.name);
    const Answer answer = send(each, "zh");
    if (answer.header("Content-Language") == "en") {
      // The server itself, before it has read the language.
      EXPECT_TRUE(answer.status == 413 || answer.status == 414 || answer.status == 431);
      continue;
    }
    const Json problem = answer.json();
    EXPECT_TRUE(is_chinese(problem["title"].text())) << answer.body;
    EXPECT_TRUE(is_chinese(problem["detail"].text())) << answer.body;
    if (problem.has("errors")) {
      EXPECT_TRUE(is_chinese(problem["errors"][0]["detail"].text())) << answer.body;
      EXPECT_EQ(problem["errors"][0]["code"].text(), each.error_code);
    }
  }
  const Row missing = {.name = "", .target = "/v1/nothing", .body = {}, .headers = {}};
  EXPECT_EQ(send(missing, "zh").json()["detail"].text(), "请核对链接。");
  EXPECT_EQ(send(missing, "fr").json()["detail"].text(), "Check the address.");
}

TEST_F(BadRequest, CanBeFoundAgainByItsId) {
  const Answer named = shop().send(get("/v1/nothing").with("X-Request-Id", "shop-4711"));
  EXPECT_EQ(named.header("X-Request-Id"), "shop-4711");
  EXPECT_EQ(named.json()["instance"].text(), "urn:firebrand:req:shop-4711");
  const Answer first = shop().send(get("/v1/nothing"));
  const Answer second = shop().send(get("/v1/nothing"));
  EXPECT_NE(first.header("X-Request-Id"), second.header("X-Request-Id"));
  // One that could confuse a log line is replaced.
  EXPECT_NE(shop().send(get("/v1/nothing").with("X-Request-Id", "a b")).header("X-Request-Id"),
            "a b");
}

TEST_F(BadRequest, SaysWhichMethodsThereAre) {
  const Answer answer =
      shop().send({.method = HttpMethod::put, .target = "/v1/skus", .body = {}, .headers = {}});
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "POST, GET");
}

TEST_F(BadRequest, ChangesNothing) {
  // After all of the above the drop is as it was planned.
  const Json units = shop().send(get("/v1/drops/drop_1")).json()["units"];
  EXPECT_EQ(units["total"].number(), 100);
  EXPECT_EQ(units["held"].number() + units["sold"].number() + units["withdrawn"].number(), 0);
}

}  // namespace
}  // namespace firebrand::e2e
