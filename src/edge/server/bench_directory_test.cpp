#include "edge/server/bench_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace firebrand {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BenchDirectoryTest : public testing::Test {
 protected:
  BenchDirectoryTest()
      : root_(fs::path(testing::TempDir()) / ("firebrand-bench-" + std::to_string(::getpid()))),
        path_((root_ / "data").string()) {
    fs::create_directories(root_);
  }
  ~BenchDirectoryTest() override { fs::remove_all(root_); }
  void put(const std::string& name) const {
    fs::create_directories(path_);
    std::ofstream(fs::path(path_) / name) << "something";
  }

  fs::path root_;
  std::string path_;
};

TEST_F(BenchDirectoryTest, IsMadeEmptiedAndRemoved) {
  {
    BenchDirectory directory(path_);
    EXPECT_THAT(directory.error(), IsEmpty());
    put("log");
    directory.clear();
    EXPECT_FALSE(fs::exists(fs::path(path_) / "log"));
    put("log");
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(BenchDirectoryTest, TakesAnEmptyOneAndWhatABenchmarkLeftBehind) {
  fs::create_directories(path_);
  EXPECT_THAT(BenchDirectory(path_).error(), IsEmpty());
  {
    BenchDirectory directory(path_);
    put("log");
    fs::copy(path_, root_ / "killed", fs::copy_options::recursive);
  }
  fs::rename(root_ / "killed", path_);
  BenchDirectory directory(path_);
  EXPECT_THAT(directory.error(), IsEmpty());
  EXPECT_FALSE(fs::exists(fs::path(path_) / "log"));
}

TEST_F(BenchDirectoryTest, LeavesOtherDirectoriesAlone) {
  put("records.db");
  { EXPECT_THAT(BenchDirectory(path_).error(), HasSubstr("was not made by a benchmark")); }
  EXPECT_TRUE(fs::exists(fs::path(path_) / "records.db"));
  const std::string file = path_ + "/records.db";
  { EXPECT_THAT(BenchDirectory(file).error(), HasSubstr("is not a directory")); }
  EXPECT_TRUE(fs::exists(file));
}

}  // namespace
}  // namespace firebrand
