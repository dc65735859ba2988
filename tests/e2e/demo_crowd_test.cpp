// Stopping a demo in the middle of its crowd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <set>

#include "program.hpp"
#include "shop.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

constexpr char kLaunch[] = R"(
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 100
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+0s"
per_person_limit = 1
payment_window = "15m"
[[drop.wave]]
opens = "+0s"
units = 100
)";

TEST(DemoCrowd, ComesWithinTheLengthThatWasAskedFor) {
  TemporaryDirectory work;
  const std::string launch = work.path("launch.toml");
  std::ofstream(launch) << kLaunch;
  ServerProcess server({.data = work.path("data"), .flags = {"--demo", launch}});
  server.wait_until_ready();
  Caller fan(server.endpoint());
  for (const char* const body : {R"({"drop_id":"drop_1","fans":1,"duration_seconds":0})",
                                 R"({"drop_id":"drop_1","fans":1,"duration_seconds":601})"}) {
    EXPECT_EQ(fan.send(post("/demo/crowd", body)).status, 422) << body;
  }
  std::set<std::int64_t> seeds;
  for (int i = 0; i < 2; ++i) {
    const Request request =
        post("/demo/crowd", R"({"drop_id":"drop_1","fans":40,"duration_seconds":1})");
    ASSERT_EQ(fan.send(request).status, 202);
    const auto show = [&] { return fan.send(get("/demo/crowd")).json(); };
    ASSERT_TRUE(eventually([&] { return !show()["running"].boolean(); }));
    const Json report = show()["report"];
    EXPECT_TRUE(report["passed"].boolean()) << report.dump();
    EXPECT_EQ(report["fans"].number(), 40);
    // Without a length they arrive within 20 s, the last of them at its end.
    EXPECT_LT(std::stod(report["wall_seconds"].dump()), 15) << report.dump();
    seeds.insert(report["seed"].number());
  }
  EXPECT_EQ(seeds.size(), 2U) << "the second crowd decides for itself";
}

TEST(DemoCrowd, IsEndedByTheStopOfItsServer) {
  TemporaryDirectory work;
  const std::string launch = work.path("launch.toml");
  std::ofstream(launch) << kLaunch;
  ServerProcess server({.data = work.path("data"), .flags = {"--demo", launch}});
  server.wait_until_ready();
  Caller fan(server.endpoint());
  ASSERT_EQ(fan.send(post("/demo/crowd", R"({"drop_id":"drop_1","fans":5000})")).status, 202);
  const auto crowd = server.process().wait_for_child("crowd", Millis{10'000});
  ASSERT_TRUE(crowd.has_value());
  // In the middle of it: all is sold, and most fans are still to come. One that loses its server
  // among its first requests would end by itself.
  ASSERT_TRUE(eventually([&] {
    return fan.send(get("/v1/drops/drop_1")).json()["units"]["available"].number() == 0;
  })) << server.process().output();

  ASSERT_EQ(::kill(*crowd, 0), 0);

  server.process().signal(SIGTERM);
  // The grace for open connections is five seconds; alone, the crowd would look for its server for
  // two minutes.
  EXPECT_EQ(server.process().wait(Millis{20'000}), 0) << server.process().output();
  EXPECT_THAT(server.process().output(), HasSubstr("everything acknowledged is on disk"));
  EXPECT_NE(::kill(*crowd, 0), 0) << "the crowd has ended with it";
}

}  // namespace
}  // namespace firebrand::e2e
