// Data directories of older programs (tests/compat) open with this one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data_checks.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// run.sh runs the tests in the checkout.
constexpr char kFirstSale[] = "tests/compat/first-sale";

TEST(Compat, DirectoryOfTheFirstSaleOpens) {
  for (const bool with_snapshot : {true, false}) {
    SCOPED_TRACE(with_snapshot ? "with its snapshot" : "from its log alone");
    TemporaryDirectory work;
    const ServerOptions options = {.data = work.path("data"), .flags = {}};
    fs::copy(kFirstSale, options.data, fs::copy_options::recursive);
    if (!with_snapshot) { fs::remove_all(options.data + "/snapshots"); }
    const Audited before = check_directory(options.data);
    EXPECT_EQ(before.sold, 58);
    EXPECT_EQ(before.given_back, 5);

    ServerProcess server(options);
    server.wait_until_ready();
    EXPECT_THAT(server.process().output(),
                HasSubstr(with_snapshot ? "snapshot at offset 149" : "snapshot at offset 0"));
    Shop shop(server.endpoint());
    const Json units = shop.status(Drop{.id = "drop_1", .opens_at = {}})["units"];
    EXPECT_EQ(units["sold"].number(), 58);
    // And a new sale can be made on it.
    shop.set_up(server.setup_token());
    const Drop drop = shop.plan({.waves = {{5}}});
    EXPECT_EQ(shop.order(drop, shop.fan("of-today"), "first").status, 201);
    EXPECT_EQ(server.stop(), 0) << server.process().output();
    (void)check_directory(options.data);
  }
}

}  // namespace
}  // namespace firebrand::e2e
