// Lists: page after page until all was shown, and cursors that are good for nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

class Lists : public ServerTest {
 protected:
  static Answer staff_get(const std::string& target) {
    return shop().send(get(target).cookie(shop().session()));
  }
  /// Where the Link header of a page leads; empty if it has none.
  static std::string next_of(const Answer& page) {
    const std::string link = page.header("Link");
    if (link.empty()) { return {}; }
    EXPECT_TRUE(link.starts_with("<") && link.ends_with(R"(>; rel="next")")) << link;
    return link.substr(1, link.find('>') - 1);
  }
  /// Follows the Links from there on. @return the ids of all entries, in the order they came.
  static std::vector<std::string> walk(std::string target, const std::string& id) {
    std::vector<std::string> ids;
    while (!target.empty()) {
      const Answer page = staff_get(target);
      if (page.status != 200) { throw std::runtime_error(target + ": " + page.body); }
      const Json json = page.json();
      for (std::size_t i = 0; i < json["data"].size(); ++i) {
        ids.push_back(json["data"][i][id].text());
      }
      const std::string next = next_of(page);
      EXPECT_EQ(json["has_more"].boolean(), !next.empty()) << target;
      EXPECT_EQ(json["next_cursor"].is_null(), next.empty()) << target;
      if (!next.empty()) { EXPECT_THAT(next, HasSubstr(json["next_cursor"].text())); }
      target = next;
    }
    return ids;
  }
  static std::vector<std::string> numbered(const std::string& prefix, int from) {
    std::vector<std::string> ids;
    for (int i = from; i > 0; --i) { ids.push_back(prefix + std::to_string(i)); }
    return ids;
  }
};

TEST_F(Lists, ShowEverythingPageByPage) {
  constexpr int kDrops = 203;  // More than one page may hold.
  const Drop first = shop().plan({.waves = {{5}}, .limit = 5});
  const Json status = shop().status(first);
  const std::string sku_id = status["sku_id"].text();
  (void)shop().staff(post("/v1/skus/" + sku_id + "/stock", R"({"quantity":1000})").key("lists"));
  for (int i = 1; i < kDrops; ++i) {
    (void)shop().staff(
        post("/v1/launches/" + status["launch_id"].text() + "/drops",
             R"({"code":")" + Shop::unique("many") + R"(","sku_id":")" + sku_id +
                 R"(","currency":"CNY","opens_at":"2099-01-01T00:00:00Z","per_person_limit":1,)"
                 R"("payment_window_seconds":60,)"
                 R"("waves":[{"opens_at":"2099-01-01T00:00:00Z","units":1}]})"),
        201);
  }
  EXPECT_EQ(walk("/v1/drops", "drop_id"), numbered("drop_", kDrops));
  EXPECT_EQ(walk("/v1/drops?limit=200", "drop_id"), numbered("drop_", kDrops));
  EXPECT_EQ(walk("/v1/drops?limit=67", "drop_id"), numbered("drop_", kDrops));
  EXPECT_EQ(staff_get("/v1/drops").json()["data"].size(), 50U);

  for (int i = 0; i < 3; ++i) {
    (void)shop().make_key("listed");
    (void)shop().plan({});
  }
  EXPECT_EQ(walk("/v1/api-keys?limit=1", "api_key_id"), numbered("key_", 4));
  EXPECT_EQ(walk("/v1/api-keys?limit=3", "api_key_id"), numbered("key_", 4));
  EXPECT_EQ(staff_get("/v1/api-keys?limit=2").json()["data"].size(), 2U);
  EXPECT_EQ(walk("/v1/skus?limit=1", "sku_id"), numbered("sku_", 4));
  EXPECT_EQ(walk("/v1/launches?limit=1", "launch_id"), numbered("launch_", 4));
}

TEST_F(Lists, GoOnWithTheFiltersTheyBeganWith) {
  const Drop drop = shop().plan({.limit = 5});
  const Drop other = shop().plan({.limit = 5});
  const Fan fan = shop().fan("filters");
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    const Answer order = shop().order(drop, fan, Shop::unique("list"));
    ASSERT_EQ(order.status, 201) << order.body;
    ids.insert(ids.begin(), order.json()["order_id"].text());
    ASSERT_EQ(shop().order(other, fan, Shop::unique("list")).status, 201);
  }
  const std::string filtered = "/v1/orders?drop_id=" + drop.id + "&state=pending_payment";
  EXPECT_EQ(walk(filtered + "&limit=2", "order_id"), ids);
  EXPECT_EQ(walk("/v1/orders?limit=2&state=pending_payment&drop_id=" + drop.id, "order_id"), ids);

  const std::string cursor = staff_get(filtered + "&limit=2").json()["next_cursor"].text();
  // Another page size is the same list.
  EXPECT_EQ(staff_get(filtered + "&limit=1&cursor=" + cursor).status, 200);
  for (const std::string& elsewhere :
       {std::string("/v1/orders?limit=2"), "/v1/orders?drop_id=" + drop.id,
        "/v1/orders?state=pending_payment&drop_id=" + other.id,
        "/v1/orders?state=paid&drop_id=" + drop.id, std::string("/v1/skus?limit=2"),
        std::string("/v1/launches?limit=2"), std::string("/v1/api-keys?limit=2"),
        std::string("/v1/drops?limit=2")}) {
    const Answer refused = staff_get(elsewhere + "&cursor=" + cursor);
    EXPECT_EQ(refused.status, 400) << elsewhere;
    EXPECT_EQ(refused.code(), "malformed") << elsewhere;
    EXPECT_THAT(refused.json()["detail"].text(), HasSubstr("cursor")) << elsewhere;
  }
  const std::string number = cursor.substr(0, cursor.find('.'));
  for (const std::string& broken :
       {std::string("b"), std::string("."), number, number + ".", cursor + "0", cursor + ".1",
        "c" + cursor.substr(1), std::string("b-1") + cursor.substr(number.size())}) {
    EXPECT_EQ(staff_get(filtered + "&cursor=" + broken).code(), "malformed") << broken;
  }
}

TEST_F(Lists, OfDropsAreCachedPageByPage) {
  (void)shop().plan({});
  (void)shop().plan({});
  for (const std::string target : {"/v1/drops", "/v1/drops?limit=1"}) {
    const Answer page = shop().send(get(target));
    EXPECT_EQ(page.header("Access-Control-Allow-Origin"), "*");
    EXPECT_THAT(page.header("Cache-Control"), HasSubstr("public, max-age=1"));
    EXPECT_EQ(shop().send(get(target).with("If-None-Match", page.header("ETag"))).status, 304);
  }
  EXPECT_EQ(shop().send(get("/v1/drops?limit=0")).code(), "validation");
}

}  // namespace
}  // namespace firebrand::e2e
