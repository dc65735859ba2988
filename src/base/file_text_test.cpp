#include "base/file_text.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace firebrand {
namespace {

class FileTextTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("firebrand-file-text-" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string put(const std::string& text) const {
    const std::string path = (directory_ / "file").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path directory_;
};

TEST_F(FileTextTest, IsAllThatStandsInIt) {
  EXPECT_EQ(file_text(put("")), "");
  const std::string line("a\0b\r\n", 5);
  EXPECT_EQ(file_text(put(line)), line);
  std::string longer;  // Than what is read at a time.
  while (longer.size() < 100'000) { longer += line; }
  EXPECT_EQ(file_text(put(longer)), longer);
}

TEST_F(FileTextTest, IsNoMoreThanAskedFor) {
  const std::string path = put("0123456789");
  EXPECT_EQ(file_text(path, 4), "0123");
  EXPECT_EQ(file_text(path, 10), "0123456789");
  EXPECT_EQ(file_text(path, 11), "0123456789");
}

TEST_F(FileTextTest, IsNothingWhereNothingCanBeRead) {
  EXPECT_FALSE(file_text((directory_ / "none").string()));
  EXPECT_FALSE(file_text(directory_.string())) << "a directory";
}

}  // namespace
}  // namespace firebrand
