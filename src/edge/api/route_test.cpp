#include "edge/api/route.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "core/engine/results.hpp"
#include "edge/api/openapi.hpp"
#include "edge/api/problem.hpp"
#include "edge/api/routes.hpp"

namespace firebrand {
namespace {

Router router() {
  Router router;
  add_routes(router, true);
  return router;
}

TEST(Router, FindsRoutesAndTheirParameters) {
  const Router routes = router();
  const auto match = routes.match(HttpMethod::post, "/v1/drops/drop_7/waves/2/release");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->operation_id, "releaseWave");
  EXPECT_EQ(match.path[0], "drop_7");
  EXPECT_EQ(match.path[1], "2");
  EXPECT_EQ(routes.match(HttpMethod::head, "/v1/drops/drop_7").route->operation_id, "getDrop");
  EXPECT_EQ(routes.match(HttpMethod::get, "/v1/drops/drop_7/").route, nullptr);
  EXPECT_EQ(routes.match(HttpMethod::get, "/v1/drops//events").route, nullptr);
  EXPECT_EQ(routes.match(HttpMethod::get, "").route, nullptr);
  EXPECT_EQ(routes.match(HttpMethod::put, "/v1/orders").allowed, "GET");
  EXPECT_TRUE(routes.match(HttpMethod::get, "/nothing").allowed.empty());
}

TEST(Routes, OperationIdsAreUniqueAndEveryProblemIsKnown) {
  const Router routes = router();
  std::set<std::string_view> ids;
  for (const Route& route : routes.routes()) {
    EXPECT_NE(route.handle, nullptr) << route.pattern;
    if (!route.operation_id.empty()) {
      EXPECT_TRUE(ids.insert(route.operation_id).second) << route.operation_id;
    }
    for (const std::string_view code : route.problems) {
      EXPECT_NE(find_problem_kind(code), nullptr) << code;
    }
  }
}

template <class... Entries>
void expect_refusals(const Route& route, std::tuple<Entries...>*) {
  const std::set<std::string_view> documented = problem_codes(route);
  const auto check = [&]<class Entry>(Entry*) {
    if (Entry::kNumber != route.operation) { return; }
    for (const std::string_view code : outcomes_of<StatusOf<Entry>>().refusals) {
      EXPECT_TRUE(documented.contains(code)) << route.operation_id << ": " << code;
    }
  };
  (check(static_cast<Entries*>(nullptr)), ...);
}

TEST(Routes, DocumentWhateverTheyCanBeRefusedBy) {
  const Router routes = router();
  for (const Route& route : routes.routes()) {
    if (route.operation_id.empty()) { continue; }
    const std::set<std::string_view> documented = problem_codes(route);
    for (const std::string_view code : documented) {
      EXPECT_NE(find_problem_kind(code), nullptr) << route.operation_id << ": " << code;
    }
    // Whoever can repeat a request has something to repeat, and reading changes nothing.
    if (route.operation != 0) { EXPECT_EQ(route.reach, Reach::change) << route.operation_id; }
    if (route.repeatable != Repeatable::not_needed) {
      EXPECT_NE(route.operation, 0) << route.operation_id;
    }
    if (route.method == HttpMethod::get) { EXPECT_NE(route.reach, Reach::change); }
    EXPECT_EQ(documented.contains("internal"), route.reach != Reach::memory) << route.operation_id;
    EXPECT_EQ(documented.contains("log_full"), route.reach == Reach::change) << route.operation_id;
    EXPECT_TRUE(documented.contains("overloaded")) << route.operation_id;
    expect_refusals(route, static_cast<Commands*>(nullptr));
  }
}

TEST(Routes, ThatTakeKeysSayWhatTheKeyMustBeFor) {
  std::map<ApiScope, std::set<std::string_view>> found;
  const Router routes = router();
  for (const Route& route : routes.routes()) {
    EXPECT_EQ(problem_codes(route).contains("scope_missing"), takes_keys(route.auth));
    if (takes_keys(route.auth)) { found[scope_of(route)].insert(route.operation_id); }
  }
  EXPECT_TRUE(found[ApiScope::buying].contains("placeOrder"));
  EXPECT_EQ(found[ApiScope::sessions], (std::set<std::string_view>{"makeFanSession"}));
  EXPECT_TRUE(found[ApiScope::events].contains("listEvents"));
  EXPECT_FALSE(found[ApiScope::draws].empty());
}

// A site that the owner of a demo visits could else spend her units.
TEST(Routes, OfTheDemoAreForOurOwnPages) {
  const Router routes = router();
  std::size_t found = 0;
  for (const Route& route : routes.routes()) {
    if (!route.pattern.starts_with("/demo") || route.method == HttpMethod::get) { continue; }
    EXPECT_TRUE(route.own_pages_only) << route.pattern;
    EXPECT_TRUE(problem_codes(route).contains("forbidden")) << route.pattern;
    ++found;
  }
  EXPECT_EQ(found, 4U);
}

TEST(Problems, TextsAreThereInBothLanguages) {
  for (const ProblemKind& kind : problem_kinds()) {
    EXPECT_GE(kind.status, 400) << kind.code;
    for (const std::string_view text :
         {kind.title_en, kind.title_zh, kind.advice_en, kind.advice_zh}) {
      EXPECT_FALSE(text.empty()) << kind.code;
    }
  }
}

}  // namespace
}  // namespace firebrand
