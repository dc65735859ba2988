// The benchmarks of the program itself, small: that they run to their end and say what they should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "json.hpp"
#include "program.hpp"

namespace firebrand::e2e {
namespace {

/// The object that a benchmark printed; the test has failed if there is none.
Json bench(std::vector<std::string> arguments) {
  const TemporaryDirectory work;
  arguments.insert(arguments.begin(), "bench");
  arguments.insert(arguments.end(), {"--json", "--data", work.path("data")});
  const Finished finished = run_program(arguments);
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_FALSE(std::filesystem::exists(work.path("data"))) << "it leaves nothing behind";
  return Json::parse(finished.output);
}

TEST(Bench, DropSellsInEachRound) {
  const Json result =
      bench({"drop", "--units", "100", "--fans", "1000", "--accounts", "500", "--rounds", "3"});
  EXPECT_EQ(result["contenders"].number(), 1'000);
  EXPECT_EQ(result["accounts"].number(), 500);
  EXPECT_EQ(result["sold"].number(), 100);
  EXPECT_EQ(result["rounds"].number(), 3);
  EXPECT_GT(result["commits"].number(), 0);
}

TEST(Bench, RestartReplaysWhatIsBehindTheSnapshot) {
  const Json result = bench({"restart", "--accounts", "500", "--records", "300", "--rounds", "2"});
  EXPECT_EQ(result["replayed"].number(), 300);
  EXPECT_GT(result["snapshot_offset"].number(), 500);
}

TEST(Bench, SnapshotTellsCommitsDuringASnapshotFromOthers) {
  const Json result = bench(
      {"snapshot", "--accounts", "20000", "--rate", "2000", "--seconds", "1", "--rounds", "2"});
  EXPECT_GT(result["snapshot_bytes"].number(), 20'000);
  EXPECT_GE(result["without_snapshot"]["commits"].number(), 2 * 2'000);
  EXPECT_GT(result["during_snapshot"]["commits"].number(), 0);
}

}  // namespace
}  // namespace firebrand::e2e
