// Stopping a demo in the middle of its crowd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

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
