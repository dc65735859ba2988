// Runs every *.script of this folder: golden_test. With --update the answers as they came are
// written into the scripts; read the diff before it is committed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "script.hpp"

namespace firebrand::golden {
namespace {

std::vector<std::filesystem::path> scripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(FIREBRAND_GOLDEN_DIR)) {
    if (file.path().extension() == ".script") { paths.push_back(file.path()); }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string say(const std::filesystem::path& path, const std::vector<ScriptError>& errors) {
  std::ostringstream out;
  for (const ScriptError& error : errors) {
    out << path.filename().string() << ':' << error.line << ": " << error.message << '\n';
  }
  return out.str();
}

int update() {
  bool failed = false;
  for (const std::filesystem::path& path : scripts()) {
    const std::string before = read(path);
    const ScriptReport report = run_script(before, Answers::are_new);
    std::cout << say(path, report.errors);
    failed = failed || !report.errors.empty();
    if (report.updated == before) { continue; }
    std::ofstream(path, std::ios::binary) << report.updated;
    std::cout << "updated " << path.filename().string() << '\n';
  }
  return failed ? 1 : 0;
}

class GoldenScript : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(GoldenScript, GetsItsAnswers) {
  const std::string text = read(GetParam());
  const ScriptReport report = run_script(text, Answers::must_agree);
  EXPECT_TRUE(report.errors.empty())
      << say(GetParam(), report.errors) << "If the new answers are right: ./dev golden --update";
  // A script without a trailing blank or a missing line end is what an update writes.
  if (report.errors.empty()) { EXPECT_EQ(report.updated, text); }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenScript, testing::ValuesIn(scripts()),
                         [](const auto& each) { return each.param.stem().string(); });

// ---- The runner must be able to fail -----------------------------------------------------------

std::vector<ScriptError> errors_of(std::string_view script) {
  return run_script(script, Answers::must_agree).errors;
}

TEST(GoldenRunner, SeesAWrongAnswer) {
  EXPECT_TRUE(errors_of("at 5 run_due limit=1 -> nothing_due\n").empty());
  const auto errors = errors_of("# first\nat 5 run_due limit=1 -> ran met=1\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].line, 2U);
  EXPECT_EQ(errors[0].message, "expected: ran met=1\n      came: nothing_due");
}

TEST(GoldenRunner, SeesAMissingAnswerAndOneTooMany) {
  EXPECT_EQ(errors_of("at 5 run_due limit=1\n").size(), 1U);
  EXPECT_EQ(errors_of("invariants -> fine\n").size(), 1U);
}

TEST(GoldenRunner, RefusesTimeThatGoesBackAndWordsItDoesNotKnow) {
  EXPECT_EQ(errors_of("at 5 run_due limit=1 -> nothing_due\nat 4 run_due limit=1\n").size(), 1U);
  EXPECT_EQ(errors_of("at soon run_due limit=1\n").size(), 1U);
  EXPECT_EQ(errors_of("after 5 run_due limit=1\n").size(), 1U);
  EXPECT_EQ(errors_of("digest of all\n").size(), 1U);
}

TEST(GoldenRunner, SaysWhichTextCannotBeRead) {
  const auto report = run_script("at 1 run_due limit=0\nat 1 run_doo\n", Answers::are_new);
  EXPECT_TRUE(report.errors.empty());
  EXPECT_TRUE(report.updated.starts_with(
      "at 1 run_due limit=0  -> unreadable: column 15: limit: expected integer, 1 to 256; came 0\n"
      "at 1 run_doo  -> unreadable: column 1: expected one of adopt_rules, "))
      << report.updated;
}

TEST(GoldenRunner, UpdatesAnswersAndNothingElse) {
  const std::string_view before =
      "# Kept ->  as it is.\n"
      "\n"
      "at 1   fan:3 key=a  run_due  limit=1     ->  ran\n"
      "at 2 \\\n"
      "  run_due \\\n"
      "  limit=1\n"
      "invariants\n"
      "facts ->\n";
  EXPECT_EQ(run_script(before, Answers::are_new).updated,
            "# Kept ->  as it is.\n"
            "\n"
            "at 1   fan:3 key=a  run_due  limit=1     -> nothing_due\n"
            "at 2 \\\n"
            "  run_due \\\n"
            "  limit=1  -> nothing_due\n"
            "invariants\n"
            "facts -> none\n");
}

}  // namespace
}  // namespace firebrand::golden

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 2 && std::string_view(argv[1]) == "--update") { return firebrand::golden::update(); }
  if (argc > 1) {
    std::cerr << "usage: golden_test [--update] [arguments of GoogleTest]\n";
    return 2;
  }
  return RUN_ALL_TESTS();
}
