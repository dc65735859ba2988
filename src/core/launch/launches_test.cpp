#include "core/launch/launches.hpp"

#include <gtest/gtest.h>

#include "core/core_testing.hpp"

namespace firebrand {
namespace {

CreateLaunch launch(std::string_view code, std::string_view en) {
  return {.code = code, .name = {"首发", en}};
}

TEST(LaunchesCreate, FirstFailedCheckWins) {
  using enum CreateLaunchStatus;
  const struct {
    CreateLaunch command;
    CreateLaunchStatus want;
    std::uint64_t launch_id = 0;
  } rows[] = {
      {launch("", "First"), code_must_not_be_empty},
      {launch("first", "First"), created, 1},
      {launch("first", "First"), exists, 1},
      {launch("first", "Second"), exists_with_different_fields},
      {launch("second", "First"), created, 2},
      {launch("first", "First"), exists, 1},
  };
  Launches launches;
  TestContext context;
  for (const auto& row : rows) {
    const std::uint64_t before = launches.digest();
    const CreateLaunchResult result = launches.apply(row.command, context.at(10));
    EXPECT_EQ(result.status, row.want);
    EXPECT_EQ(result.launch_id, LaunchId{row.launch_id});
    EXPECT_EQ(launches.digest() != before, row.want == created);
    EXPECT_EQ(context.facts(), row.want == created ? 1U : 0U);
  }
  launches.check_invariants();
  EXPECT_FALSE(launches.has({0}));
  EXPECT_TRUE(launches.has({2}));
  EXPECT_FALSE(launches.has({3}));
}

TEST(Launches, LoadedKnowsItsCodes) {
  Launches launches;
  TestContext context;
  (void)launches.apply(launch("first", "First"), context.at(0));
  (void)launches.apply(launch("second", "Second"), context.at(0));
  Launches loaded;
  (void)loaded.apply(launch("old", "Old"), context.at(0));
  reload(launches, loaded);
  EXPECT_EQ(loaded.apply(launch("second", "Second"), context.at(0)).launch_id, LaunchId{2});
  EXPECT_EQ(loaded.apply(launch("old", "Old"), context.at(0)).launch_id, LaunchId{3});
  expect_no_prefix_loads(launches, loaded);
}

}  // namespace
}  // namespace firebrand
