// The benchmarks of the program itself, small: that they run to their end and say what they should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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
  EXPECT_EQ(result["units"].number(), 100);
  EXPECT_EQ(result["contenders"].number(), 1'000);
  EXPECT_EQ(result["accounts"].number(), 500);
  EXPECT_EQ(result["sold"].number(), 100);
  EXPECT_EQ(result["rounds"].number(), 3);
  EXPECT_GT(result["commits"].number(), 0);
  EXPECT_GT(result["seconds"].real(), 0);
  EXPECT_GE(result["seconds"].real(), result["seconds_min"].real());
  EXPECT_LE(result["seconds"].real(), result["seconds_max"].real());
  EXPECT_GT(result["commands_per_second"].real(), 0);
  EXPECT_GT(result["commit_ms_p50"].real(), 0);
  EXPECT_GE(result["commit_ms_p99"].real(), result["commit_ms_p50"].real());
}

TEST(Bench, DrawIsVerified) {
  const Json result = bench({"draw", "--entrants", "5000", "--units", "300"});
  EXPECT_EQ(result["entrants"].number(), 5'000);
  EXPECT_EQ(result["winners"].number(), 300);
  EXPECT_GT(result["seconds"].real(), 0);
  EXPECT_GE(result["steps"].number(), 6);
  EXPECT_GE(result["step_ms_max"].real(), result["step_ms_p99"].real());
}

TEST(Bench, QueueCountsBytesAndJoins) {
  const Json result = bench({"queue", "--places", "20000", "--joins", "1000"});
  EXPECT_EQ(result["places"].number(), 20'000);
  EXPECT_EQ(result["joins"].number(), 1'000);
  EXPECT_GT(result["engine_joins_per_second"].real(), 0);
  EXPECT_GT(result["durable_joins_per_second"].real(), 0);
  EXPECT_GT(result["core_bytes_per_place"].real(), 24);
  EXPECT_GT(result["admit_256_ms_max"].real(), 0);
  EXPECT_GT(result["polls_per_second"].real(), 0);
}

TEST(Bench, HttpSellsInBothPhasesAndSaysThatItIsDurable) {
  const Json result = bench({"http", "--connections", "4", "--requests", "200"});
  EXPECT_EQ(result["phase"].text(), "all");
  EXPECT_EQ(result["connections"].number(), 4);
  EXPECT_EQ(result["sold"].number(), 200 + 20);
  EXPECT_EQ(result["refused"].number(), 180);
  EXPECT_EQ(result["refused_by_status"]["409"].number(), 180);
  EXPECT_EQ(result["errors"].number(), 0);
  EXPECT_TRUE(result["durable"].boolean());
  ASSERT_EQ(result["phases"].size(), 2U);
  EXPECT_EQ(result["phases"][0]["phase"].text(), "in_stock");
  EXPECT_EQ(result["phases"][1]["phase"].text(), "sold_out_90");
  for (const Json& figures : {result, result["phases"][0], result["phases"][1]}) {
    EXPECT_GT(figures["answers_per_second"].real(), 0);
    EXPECT_GT(figures["p50_ms"].real(), 0);
    EXPECT_GE(figures["p99_ms"].real(), figures["p50_ms"].real());
    EXPECT_GE(figures["max_ms"].real(), figures["p99_ms"].real());
    EXPECT_GT(figures["seconds"].real(), 0);
    EXPECT_GT(figures["driver_cpu_us_per_answer"].real(), 0);
    EXPECT_FALSE(figures["server_cpu_us_per_answer"].is_null());
  }
  const Json one = bench({"http", "--requests", "50", "--phase", "in_stock"});
  ASSERT_EQ(one["phases"].size(), 1U);
  EXPECT_EQ(one["sold"].number(), 50);
}

TEST(Bench, SseShowsEveryChangeToEveryWatcher) {
  const Json result = bench({"sse", "--watchers", "20"});
  EXPECT_EQ(result["watchers"].number(), 20);
  EXPECT_GT(result["rounds"].number(), 0);
  EXPECT_EQ(result["missed"].number(), 0);
  EXPECT_EQ(result["dropped"].number(), 0);
  EXPECT_GT(result["p50_ms"].real(), 0);
  EXPECT_GE(result["p99_ms"].real(), result["p50_ms"].real());
  EXPECT_FALSE(result["server_bytes_per_watcher"].is_null());
}

TEST(Bench, RefusesWhatItCannotMeasure) {
  const struct {
    std::vector<std::string> arguments;
    const char* want;
  } rows[] = {
      {{"http", "--phase", "sold_out"}, "--phase"},
      {{"http", "--connections", "0"}, "--connections"},
      {{"http", "--requests", "0"}, "--requests"},
      {{"sse", "--watchers", "0"}, "--watchers"},
      {{"drop", "--fans", "0"}, "--fans"},
      {{"drop", "--units", "0"}, "--units"},
      {{"restart", "--records", "0"}, "--records"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> arguments = row.arguments;
    arguments.insert(arguments.begin(), "bench");
    const Finished finished = run_program(arguments);
    EXPECT_GT(finished.status, 0) << finished.output;  // A signal would be below zero.
    EXPECT_THAT(finished.output, testing::HasSubstr(row.want));
  }
}

TEST(Bench, LeavesDataOfOthersAlone) {
  const TemporaryDirectory work;
  const std::string data = work.path("data");
  std::filesystem::create_directories(data);
  const std::string file = data + "/records.db";
  std::ofstream(file) << "mine";
  for (const char* command : {"drop", "restart", "snapshot", "http", "sse"}) {
    const Finished finished = run_program({"bench", command, "--data", data});
    EXPECT_EQ(finished.status, 1) << command;
    EXPECT_THAT(finished.output, testing::HasSubstr("was not made by a benchmark")) << command;
    EXPECT_TRUE(std::filesystem::exists(file)) << command;
  }
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
