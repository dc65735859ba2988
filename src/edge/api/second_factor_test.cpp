#include "edge/api/second_factor.hpp"

#include <gtest/gtest.h>

#include "edge/protocols/totp.hpp"

namespace firebrand {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'800'000'000'000);
const Credentials& credentials() {
  static const Credentials made(InstallationKey{{7}});
  return made;
}
SecondFactor factor() {
  return {.staff_id = StaffId{3}, .version = 2, .active = true, .last_step = 5};
}
std::string app_code(std::uint64_t step) {
  return totp_code(credentials().totp_secret(StaffId{3}, 2), step);
}

TEST(SecondFactor, TakesTheCodeThatTheAppShows) {
  const std::uint64_t step = totp_step(kNow);
  std::string code = app_code(step);
  code.insert(3, " ");
  const auto read = read_factor_code(credentials(), factor(), code, kNow);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->step, step);
  EXPECT_EQ(read->recovery_code, 0U);
  EXPECT_FALSE(read->is_used);
  EXPECT_FALSE(read_factor_code(credentials(), factor(), app_code(step - 2), kNow).has_value());
  SecondFactor other = factor();
  other.version = 3;
  EXPECT_FALSE(read_factor_code(credentials(), other, code, kNow).has_value());
}

TEST(SecondFactor, ACodeOpensOnceAndNoneBeforeItDoes) {
  const std::uint64_t step = totp_step(kNow);
  SecondFactor used = factor();
  used.last_step = step;
  for (const std::uint64_t each : {step - 1, step, step + 1}) {
    const auto read = read_factor_code(credentials(), used, app_code(each), kNow);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->is_used, each <= step);
  }
}

TEST(SecondFactor, TakesEachRecoveryCodeHoweverItIsTyped) {
  for (std::uint32_t number = 1; number <= kRecoveryCodes; ++number) {
    std::string typed(credentials().recovery_code(StaffId{3}, 2, number).view());
    for (char& c : typed) { c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
    const auto read = read_factor_code(credentials(), factor(), " " + typed, kNow);
    ASSERT_TRUE(read.has_value()) << typed;
    EXPECT_EQ(read->recovery_code, number);
    EXPECT_EQ(read->step, 0U);
    EXPECT_FALSE(read->is_used);
    SecondFactor used = factor();
    used.used_recovery_codes = 1U << (number - 1);
    EXPECT_TRUE(read_factor_code(credentials(), used, typed, kNow)->is_used);
  }
  for (const char* const wrong : {"", "-", "ABCDEFGHIJ", "ABCDE-FGHIJ"}) {
    EXPECT_FALSE(read_factor_code(credentials(), factor(), wrong, kNow).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace firebrand
