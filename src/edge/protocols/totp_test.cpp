#include "edge/protocols/totp.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace firebrand {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";

Timestamp at_second(std::int64_t seconds) { return from_unix_ms(seconds * 1'000); }

// RFC 4226, appendix D.
TEST(Totp, CodesAreThoseOfTheRfcOfCounters) {
  constexpr std::array<std::string_view, 10> kCodes = {"755224", "287082", "359152", "969429",
                                                       "338314", "254676", "287922", "162583",
                                                       "399871", "520489"};
  for (std::size_t i = 0; i < kCodes.size(); ++i) { EXPECT_EQ(totp_code(kSecret, i), kCodes[i]); }
}

// RFC 6238, appendix B, the last six of eight digits.
TEST(Totp, CodesAreThoseOfTheRfcOfTimes) {
  constexpr std::pair<std::int64_t, std::string_view> kTimes[] = {{59, "287082"},
                                                                  {1'111'111'109, "081804"},
                                                                  {1'111'111'111, "050471"},
                                                                  {1'234'567'890, "005924"},
                                                                  {2'000'000'000, "279037"},
                                                                  {20'000'000'000, "353130"}};
  for (const auto& [seconds, code] : kTimes) {
    EXPECT_EQ(totp_code(kSecret, totp_step(at_second(seconds))), code) << seconds;
  }
}

TEST(Totp, ACodeIsGoodOneStepEarlierAndLater) {
  const std::uint64_t step = 1'000;
  const std::string code = totp_code(kSecret, step);
  const auto found = [&](std::int64_t second) {
    return find_totp_step(kSecret, code, at_second(second));
  };
  EXPECT_EQ(found(998 * 30 + 29), std::nullopt);
  for (const std::int64_t second : {999 * 30, 1'000 * 30, 1'001 * 30 + 29}) {
    EXPECT_EQ(found(second), step) << second;
  }
  EXPECT_EQ(found(1'002 * 30), std::nullopt);
  EXPECT_EQ(find_totp_step(kSecret, totp_code(kSecret, 0), at_second(0)), 0U);
  for (const std::string_view wrong : {"", "0", "00000a", "0000000"}) {
    EXPECT_EQ(find_totp_step(kSecret, wrong, at_second(30'000)), std::nullopt) << wrong;
  }
  EXPECT_EQ(find_totp_step("another secret", code, at_second(30'000)), std::nullopt);
}

// RFC 4648, section 10, without the padding.
TEST(Totp, Base32IsThatOfTheRfc) {
  constexpr std::pair<std::string_view, std::string_view> kTexts[] = {{"", ""},
                                                                      {"f", "MY"},
                                                                      {"fo", "MZXQ"},
                                                                      {"foo", "MZXW6"},
                                                                      {"foob", "MZXW6YQ"},
                                                                      {"fooba", "MZXW6YTB"},
                                                                      {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : kTexts) { EXPECT_EQ(to_base32(bytes), text); }
}

TEST(Totp, TheAddressForAppsIsEscaped) {
  EXPECT_EQ(totp_uri("firebrand", "wang", kSecret),
            "otpauth://totp/wang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=firebrand");
  EXPECT_EQ(totp_uri("a&b", "王/?", "f"), "otpauth://totp/%E7%8E%8B%2F%3F?secret=MY&issuer=a%26b");
}

}  // namespace
}  // namespace firebrand
