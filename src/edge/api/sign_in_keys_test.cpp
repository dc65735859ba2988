#include "edge/api/sign_in_keys.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "edge/protocols/jwt_testing.hpp"

namespace firebrand {
namespace {

class SignInKeysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("sign_in_keys_" + std::to_string(::getpid()) + ".json");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write(std::string_view keys) const {
    std::ofstream(path_) << R"({"keys":[)" << keys << "]}";
  }
  [[nodiscard]] SignInOptions options(std::chrono::seconds refresh = std::chrono::hours{1}) const {
    return {.jwks = path_.string(), .rules = token_rules(), .refresh = refresh};
  }

  std::filesystem::path path_;
  std::vector<std::string> said_;
  SignatureKey first_ = SignatureKey::make(SignatureAlgorithm::eddsa);
  SignatureKey second_ = SignatureKey::make(SignatureAlgorithm::eddsa);
};

TEST_F(SignInKeysTest, AreReadAtTheFirstStep) {
  write(first_.jwk("k1"));
  SignInKeys keys(options(), [this](const std::string& line) { said_.push_back(line); });
  EXPECT_EQ(keys.check(), std::nullopt);
  EXPECT_EQ(keys.keys(), nullptr);
  keys.step();
  ASSERT_NE(keys.keys(), nullptr);
  EXPECT_EQ((*keys.keys())[0].kid, "k1");
  EXPECT_TRUE(said_.empty());
}

TEST_F(SignInKeysTest, AreNotReadAgainAtOnceWhoeverAsks) {
  write(first_.jwk("k1"));
  SignInKeys keys(options(), [](const std::string&) {});
  keys.step();
  EXPECT_FALSE(keys.refresh([] { FAIL(); }));
}

TEST_F(SignInKeysTest, ThatAreGoneAreBelievedNoMoreOnceTheSetIsReadAgain) {
  write(first_.jwk("k1"));
  SignInKeys keys(options(std::chrono::seconds{0}), [](const std::string&) {});
  keys.step();
  write(second_.jwk("k2"));
  int told = 0;
  ASSERT_TRUE(keys.refresh([&told] { ++told; }));
  ASSERT_TRUE(keys.refresh([&told] { ++told; }));
  keys.step();
  EXPECT_EQ(told, 2);
  ASSERT_EQ(keys.keys()->size(), 1U);
  EXPECT_EQ((*keys.keys())[0].kid, "k2");
}

TEST_F(SignInKeysTest, StayWhenTheSetCannotBeReadAndThatIsSaidOnce) {
  write(first_.jwk("k1"));
  SignInKeys keys(options(std::chrono::seconds{0}),
                  [this](const std::string& line) { said_.push_back(line); });
  keys.step();
  write("");
  EXPECT_NE(keys.check(), std::nullopt);
  keys.step();
  keys.step();
  ASSERT_NE(keys.keys(), nullptr);
  EXPECT_EQ((*keys.keys())[0].kid, "k1");
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find(path_.string()), std::string::npos);
  write(first_.jwk("k1"));
  keys.step();
  EXPECT_EQ(said_.size(), 2U);
}

TEST_F(SignInKeysTest, AreLookedForSoonWhileThereAreNone) {
  write("");
  SignInOptions impatient = options();
  impatient.again = std::chrono::seconds{0};
  SignInKeys keys(std::move(impatient), [](const std::string&) {});
  keys.step();
  EXPECT_EQ(keys.keys(), nullptr);
  write(first_.jwk("k1"));
  keys.step();
  EXPECT_NE(keys.keys(), nullptr) << "not only after an hour";
}

TEST_F(SignInKeysTest, ComeFromNoPlainOrPrivateAddress) {
  for (const std::string& url :
       {std::string("http://id.shop.example/jwks"), std::string("https://127.0.0.1/jwks")}) {
    SignInOptions outside = options();
    outside.jwks = url;
    SignInKeys keys(std::move(outside), [](const std::string&) {});
    EXPECT_NE(keys.check(), std::nullopt) << url;
  }
}

}  // namespace
}  // namespace firebrand
