#include "edge/server/tls_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "edge/http/test_certificate.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

class TlsFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::path(testing::TempDir()) / ("firebrand-tls-" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const char* name) const { return (directory_ / name).string(); }
  void write(const char* name, const std::string& text) const { std::ofstream(path(name)) << text; }
  void write(const TestCertificate& pair) const {
    write("cert.pem", pair.certificate);
    write("key.pem", pair.key);
  }

  const TestCertificate first_ = TestCertificate::make("IP:127.0.0.1");
  const TestCertificate second_ = TestCertificate::make("IP:127.0.0.1");
  TlsFiles::Clock::time_point now_{};
  std::filesystem::path directory_;
};

TEST_F(TlsFilesTest, TakesWhatChangedOnceItStands) {
  write(first_);
  TlsFiles files(path("cert.pem"), path("key.pem"));
  const TlsFiles::News begun = files.look(true, now_);
  EXPECT_NE(begun.context, nullptr);
  EXPECT_EQ(files.look(false, now_).context, nullptr);
  write(second_);
  EXPECT_EQ(files.look(false, now_).context, nullptr) << "seen once";
  const TlsFiles::News changed = files.look(false, now_);
  EXPECT_NE(changed.context, nullptr);
  EXPECT_THAT(changed.line, HasSubstr("took the certificate"));
  EXPECT_EQ(files.look(false, now_).line, "");
}

TEST_F(TlsFilesTest, KeepsWhatItHasWhenThePairIsBroken) {
  write(first_);
  TlsFiles files(path("cert.pem"), path("key.pem"));
  ASSERT_NE(files.look(true, now_).context, nullptr);
  write("cert.pem", second_.certificate);
  EXPECT_EQ(files.look(false, now_).line, "");
  const TlsFiles::News broken = files.look(false, now_);
  EXPECT_EQ(broken.context, nullptr);
  EXPECT_THAT(broken.line, HasSubstr("stays"));
  EXPECT_THAT(broken.line, HasSubstr("the key does not belong to the certificate"));
  EXPECT_EQ(files.look(false, now_).line, "") << "said once";
  std::filesystem::remove(path("key.pem"));
  EXPECT_EQ(files.look(false, now_).line, "");
  EXPECT_THAT(files.look(false, now_).line, HasSubstr("cannot read " + path("key.pem")));
  write(second_);
  EXPECT_NE(files.look(true, now_).context, nullptr) << "asked: at once";
}

TEST_F(TlsFilesTest, ChangesTheKeysOfTicketsEachDay) {
  write(first_);
  TlsFiles files(path("cert.pem"), path("key.pem"));
  ASSERT_NE(files.look(true, now_).context, nullptr);
  now_ += std::chrono::hours(23);
  EXPECT_EQ(files.look(false, now_).context, nullptr);
  now_ += std::chrono::hours(1);
  const TlsFiles::News again = files.look(false, now_);
  EXPECT_NE(again.context, nullptr);
  EXPECT_EQ(again.line, "");
  EXPECT_EQ(files.look(false, now_).context, nullptr);
}

}  // namespace
}  // namespace firebrand
