// The house test is tested: every violation is planted in a small tree and must be found, and what
// merely looks like one must not.
#include "rules.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <ostream>
#include <set>

namespace firebrand::tidy {
namespace {

namespace fs = std::filesystem;

/// A checkout that breaks no rule, gone with the object.
class PlantedTree {
 public:
  PlantedTree() {
    std::string pattern = (fs::temp_directory_path() / "tidy_test_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) { throw std::runtime_error("mkdtemp failed"); }
    root_ = pattern;
    plant("src/CMakeLists.txt",
          "set(FIREBRAND_FOLDERS base log core runtime sim edge/http edge)\n");
  }
  ~PlantedTree() { fs::remove_all(root_); }
  PlantedTree(const PlantedTree&) = delete;
  PlantedTree& operator=(const PlantedTree&) = delete;

  /// Writes the file, and the README that its folder needs.
  void plant(const std::string& path, const std::string& text) {
    const fs::path file = root_ / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
    if (path.starts_with("src/")) { std::ofstream(file.parent_path() / "README.md") << "What.\n"; }
  }
  void remove(const std::string& path) { fs::remove(root_ / path); }

  /// "path:line rule" of each hit.
  [[nodiscard]] std::vector<std::string> hits() const {
    std::vector<std::string> lines;
    for (const Hit& hit : check_tree(load_tree(root_))) {
      lines.push_back(hit.path + ':' + std::to_string(hit.line) + ' ' + std::string(hit.rule));
    }
    return lines;
  }

  [[nodiscard]] const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

struct Planted {
  std::string path;
  std::string text;
  std::size_t line = 0;
  std::string rule;  ///< Empty: must not be found.
};

// Words that this file must not hold itself.
std::string glue(const char* a, const char* b) { return std::string(a) + b; }

const std::vector<Planted>& violations() {
  static const std::vector<Planted> rows = {
      {"docs/security.md", "# Threats\n| a | b | `Some.Thing` |\n", 2, "named_test"},
      {"src/core/ledger/a.cpp", "int x;\nauto t = std::chrono::steady_clock::now();\n", 2, "clock"},
      {"src/runtime/a.cpp", "auto t = Clock::now();\n", 1, "clock"},
      {"src/log/a.cpp", "\n\nlong t = time(nullptr);\n", 3, "clock"},
      {"src/sim/a.cpp", "clock_gettime(CLOCK_REALTIME, &t);\n", 1, "clock"},
      {"src/base/a_test.cpp", "TEST(A, B) { system_clock::now(); }\n", 1, "clock"},
      {"src/edge/a.cpp", "int x = std::rand();\n", 1, "random"},
      {"src/base/a.cpp", "#include <random>\n", 1, "random"},
      {"src/base/a.cpp", "  #  include <random>\n", 1, "random"},
      {"src/sim/a.cpp", "std::mt19937 engine;\n", 1, "random"},
      {"src/core/ledger/a.cpp", "std::shuffle(a, b, c);\n", 1, "random"},
      {"src/runtime/a.cpp", "std::this_thread::sleep_for(1ms);\n", 1, "sleep"},
      {"src/edge/http/a_test.cpp", "TEST(A, B) { ::usleep(1); }\n", 1, "sleep"},
      {"src/core/ledger/a.cpp",
       "std::unordered_map<int, std::vector<int>> index_;\nvoid f() {\n"
       "  for (const auto& [k, v] : index_) {}\n}\n",
       3, "hash_walk"},
      {"src/core/ledger/a.cpp",
       "absl::flat_hash_set<int> seen;\nvoid f() { for (int x : this->seen) {} }\n", 2,
       "hash_walk"},
      {"src/sim/a.cpp",
       "using Index = absl::flat_hash_map<int, int>;\nIndex by_id;\n"
       "auto i = by_id.begin();\n",
       3, "hash_walk"},
      {"src/base/a.cpp",
       "const std::unordered_set<int>& all();\nvoid f() { for (int x : all()) {} }\n", 2,
       "hash_walk"},
      {"src/core/ledger/a.cpp", "double price = 0;\n", 1, "floating_point"},
      {"src/core/ledger/a_test.cpp", "TEST(A, B) {\n  float x;\n}\n", 2, "floating_point"},
      {"src/log/a.hpp", "auto x = 1.5;\n", 1, "floating_point"},
      {"src/base/money.hpp", "constexpr auto kRate = 1e-2;\n", 1, "floating_point"},
      {"src/base/a.hpp", "#include \"core/ledger/ledger.hpp\"\n", 1, "layers"},
      {"src/core/ledger/a.cpp", "#include \"core/launch/drop.hpp\"\n", 1, "layers"},
      {"src/core/a.hpp", "#include \"core/ledger/ledger.hpp\"\n", 1, "layers"},
      {"src/runtime/a.cpp", "#include \"models/bid.hpp\"\n", 1, "layers"},
      {"src/edge/http/a.cpp", "#include \"edge/api/routes.hpp\"\n", 1, "layers"},
      {"src/edge/http/a.cpp", "#include \"edge/main.hpp\"\n", 1, "layers"},
      {"src/models/a.cpp", "int x;\n", 0, "layers"},
      {"src/core/prices/a.cpp", "int x;\n", 0, "layers"},
      {"src/base/a.cpp", "#include \"b.hpp\"\n", 1, "include_path"},
      {"src/base/a.cpp", "#include \"base/../log/b.hpp\"\n", 1, "include_path"},
      {"src/edge/server/a.cpp", "#include <boost/asio.hpp>\n", 1, "http_library"},
      {"tests/e2e/a.cpp", "#include <boost/beast/http.hpp>\n", 1, "http_library"},
      {"src/edge/http/a.cpp", "#include <boost/beast.hpp>\n", 1, "http_library"},
      {"src/base/a.cpp", std::string(801, '\n'), 0, "file_length"},
      {"web/fan/a.svelte", std::string(801, '\n'), 0, "file_length"},
      {"dev", "#!/usr/bin/env bash\n" + std::string(800, '\n'), 0, "file_length"},
      {"docs/a.md", "one\n" + glue("TO", "DO") + ": more\n", 2, "unfinished"},
      {"web/fan/a.ts", "// " + glue("FIX", "ME") + "\n", 1, "unfinished"},
      {"tools/a.sh", "curl https://" + glue("registry.", "npmjs") + ".org/x\n", 1, "registry_host"},
      {"docs/a.md", "deb http://" + glue("deb.debian", ".org") + "/debian\n", 1, "registry_host"},
      {"docs/a.md", "run " + glue("/ho", "me/li/firebrand") + "/up\n", 1, "private_path"},
      {"CMakeLists.txt", "set(X \"" + glue("/ro", "ot/x") + "\")\n", 1, "private_path"},
      {"web/package-lock.json", "{\n  \"resolved\": \"x\"\n}\n", 2, "lock_file"},
      {"src/base/a_test.cpp", "#include <gtest/gtest.h>\n// TEST(A, B)\n", 0, "empty_test"},
      {"tests/x_test.cpp", "int main() {}\n", 0, "empty_test"},
      {"src/core/ledger/a.cpp", "// house: allow clock, \nauto t = X::now();\n", 2, "clock"},
      {"src/core/ledger/a.cpp", "auto t = X::now();  // house: allow random, measured\n", 1,
       "clock"},
  };
  return rows;
}

const std::vector<Planted>& lookalikes() {
  static const std::vector<Planted> rows = {
      {"src/core/ledger/a.cpp", "// system_clock::now() is not for here\n", 0, ""},
      {"src/core/ledger/a.cpp", "const char* s = \"double ::now( std::rand 1.5\";\n", 0, ""},
      {"src/core/ledger/a.cpp", "const char* s = R\"x(a \" double ::now()x\";\n", 0, ""},
      {"src/core/ledger/a.cpp", "/* double\n 1.5 */ auto x = 1'000'000 + 0x1e5 + 'e';\n", 0, ""},
      {"src/core/ledger/a.cpp", "int doubled = double_count;\n", 0, ""},
      {"src/core/ledger/a_bench.cpp", "double x = 1.5; auto t = C::now();\n", 0, ""},
      {"src/core/ledger/a.cpp",
       "absl::flat_hash_map<int, int> index_;\nstd::vector<int> rows_;\nvoid f() {\n"
       "  for (int x : rows_) { index_.find(x); }\n  for (int i = 0; i < 3; ++i) {}\n}\n",
       0, ""},
      {"src/edge/server/a.cpp", "auto t = std::chrono::system_clock::now();\n", 0, ""},
      {"src/edge/http/a_fuzz.cpp", "#include <boost/beast.hpp>\n", 0, ""},
      {"src/core/engine/a.cpp", "#include \"core/ledger/b.hpp\"\n#include \"base/b.hpp\"\n", 0, ""},
      {"src/core/ledger/a.cpp", "#include \"core/context.hpp\"\n", 0, ""},
      {"src/edge/api/a.cpp", "#include \"edge/http/b.hpp\"\n#include \"core/reach/b.hpp\"\n", 0,
       ""},
      {"src/base/a.cpp", "#include <filesystem>\n", 0, ""},
      {"src/base/a.cpp", std::string(800, '\n'), 0, ""},
      {"web/package-lock.json", std::string(900, '\n'), 0, ""},
      {"src/base/a_test.cpp", "RC_GTEST_PROP(A, B, ()) {}\n", 0, ""},
      {"docs/a.md", "See https://example.org" + glue("/ho", "me/x") + " and a dash — too.\n", 0,
       ""},
      {"build/a.cpp", "double x = std::rand();\n", 0, ""},
      {"web/node_modules/x/a.js", glue("TO", "DO") + "\n", 0, ""},
      {"src/runtime/a.cpp",
       "// house: allow clock, the one place that reads it\nauto t = C::now();\n", 0, ""},
      {"src/runtime/a.cpp", "auto t = C::now();  // house: allow clock, start-up only\n", 0, ""},
  };
  return rows;
}

TEST(HouseRules, ACleanTreeHasNoHit) {
  const PlantedTree tree;
  EXPECT_EQ(tree.hits(), std::vector<std::string>{});
}

TEST(HouseRules, EveryViolationIsFoundWhereItStands) {
  for (const Planted& row : violations()) {
    PlantedTree tree;
    tree.plant(row.path, row.text);
    const std::vector<std::string> want = {row.path + ':' + std::to_string(row.line) + ' ' +
                                           row.rule};
    EXPECT_EQ(tree.hits(), want) << row.path << "\n" << row.text.substr(0, 200);
  }
}

TEST(HouseRules, EveryRuleIsPlanted) {
  std::set<std::string_view> planted = {"folder_readme"};  // Below: it needs a file taken away.
  for (const Planted& row : violations()) { planted.insert(row.rule); }
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(planted.contains(rule.name)) << rule.name;
    EXPECT_FALSE(rule.instead.empty()) << rule.name;
  }
}

TEST(HouseRules, LookalikesAreLeftAlone) {
  for (const Planted& row : lookalikes()) {
    PlantedTree tree;
    tree.plant(row.path, row.text);
    EXPECT_EQ(tree.hits(), std::vector<std::string>{}) << row.path << "\n"
                                                       << row.text.substr(0, 200);
  }
}

TEST(HouseRules, AFolderWithSourcesNeedsAReadme) {
  PlantedTree tree;
  tree.plant("src/base/a.cpp", "int x;\n");
  tree.remove("src/base/README.md");
  EXPECT_EQ(tree.hits(), std::vector<std::string>{"src/base:0 folder_readme"});
}

TEST(HouseRules, AHashMapOfTheHeaderIsFoundInTheSource) {
  PlantedTree tree;
  tree.plant("src/core/ledger/a.hpp",
             "struct A {\n  absl::flat_hash_map<int,\n      int> index_;\n};\n");
  tree.plant("src/core/ledger/a.cpp",
             "#include \"core/ledger/a.hpp\"\nvoid f(A& a) { for (auto& x : a.index_) {} }\n");
  EXPECT_EQ(tree.hits(), std::vector<std::string>{"src/core/ledger/a.cpp:2 hash_walk"});
}

TEST(HouseRules, ThePathOfThisVeryCheckoutIsPrivate) {
  PlantedTree tree;
  tree.plant("docs/a.md", "cd " + fs::canonical(tree.root()).string() + " && ./up\n");
  EXPECT_EQ(tree.hits(), std::vector<std::string>{"docs/a.md:1 private_path"});
}

TEST(HouseRules, AThreatNamesTestsThatExist) {
  PlantedTree tree;
  tree.plant("src/base/a_test.cpp", "TEST(Some, Thing) {}\nTEST_F(Some,\n       Longer) {}\n");
  tree.plant("docs/security.md",
             "`Suite.Name` is a test.\n| a | b | `Some.Thing`, `.Longer`, `Some.*` |\n"
             "| c | `server.port`, `raw.test.ts`, `default-src 'none'` | `.Gone` |\n");
  EXPECT_EQ(tree.hits(), std::vector<std::string>{"docs/security.md:3 named_test"});
}

TEST(HouseRules, WhatIsNoCheckoutIsRefused) {
  PlantedTree tree;
  tree.remove("src/CMakeLists.txt");
  EXPECT_THROW((void)load_tree(tree.root()), std::runtime_error);
}

}  // namespace
}  // namespace firebrand::tidy
