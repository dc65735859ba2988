#include "edge/api/rate_limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace firebrand {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

Rates only(RateOf of, Rate rate) {
  Rates rates{};
  rates[static_cast<std::size_t>(of)] = rate;
  return rates;
}

TEST(RateLimits, LetABurstThroughAndThenAsManyInEachWindow) {
  RateLimits limits(only(RateOf::person, {4, 2}), 1);
  EXPECT_TRUE(limits.limits(RateOf::person));
  EXPECT_FALSE(limits.limits(RateOf::address));
  const auto take = [&](std::uint64_t who, std::int64_t now) {
    return limits.take(RateOf::person, who, now);
  };
  for (int i = 0; i < 4; ++i) { EXPECT_EQ(take(7, 10 * kSecond), 0) << i; }
  EXPECT_EQ(take(7, 10 * kSecond), kSecond / 2);
  EXPECT_EQ(take(7, 10 * kSecond + 1), kSecond / 2 - 1);  // What is refused costs nothing.
  EXPECT_EQ(take(8, 10 * kSecond), 0) << "another person";
  EXPECT_EQ(take(7, 10 * kSecond + kSecond / 2), 0);
  EXPECT_EQ(take(7, 10 * kSecond + kSecond / 2), kSecond / 2);
  // After a window without a request all of it is there again, and no more.
  for (int i = 0; i < 4; ++i) { EXPECT_EQ(take(7, 60 * kSecond), 0) << i; }
  EXPECT_GT(take(7, 60 * kSecond), 0);
}

TEST(RateLimits, RefuseNobodyForAnotherHoweverManyAsk) {
  RateLimits limits(only(RateOf::address, {1, 10}), 2);
  std::uint64_t refused = 0;
  for (std::uint64_t who = 0; who < 2 * RateLimits::kBuckets; ++who) {
    if (limits.take(RateOf::address, who, 1) != 0) { ++refused; }
  }
  EXPECT_EQ(refused, 0U);
  EXPECT_GT(limits.take(RateOf::address, 2 * RateLimits::kBuckets - 1, 1), 0) << "the newest";
}

TEST(ForwardedAddress, MayHaveAPortAndBrackets) {
  const auto parsed = [](std::string_view text) -> std::string {
    const auto found = PeerAddress::parse_forwarded(text);
    return found ? found->text() : "";
  };
  EXPECT_EQ(parsed("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(parsed("192.0.2.7:1"), "192.0.2.7");
  EXPECT_EQ(parsed("192.0.2.7:65535"), "192.0.2.7");
  EXPECT_EQ(parsed("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(parsed("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(parsed("[2001:db8::1]:443"), "2001:db8::1");
  for (const char* const bad :
       {"", ":", ":80", "192.0.2.7:", "192.0.2.7:a", "192.0.2.7:123456", "192.0.2.7:-1", "[", "]",
        "[]", "[192.0.2.7]", "[2001:db8::1", "2001:db8::1]", "[2001:db8::1]443",
        "[2001:db8::1]:", "[[2001:db8::1]]", "unknown", "_hidden:80", "192.0.2:80"}) {
    EXPECT_EQ(parsed(bad), "") << bad;
  }
}

TEST(ClientAddress, IsThatOfThePeerOrOfWhatItsOwnProxiesSay) {
  const auto address = [](std::string_view text) { return *PeerAddress::parse(text); };
  const std::array proxies = {address("10.0.0.1"), address("10.0.0.2")};
  const auto client = [&](std::string_view peer, const std::string& lines) -> std::string {
    HttpRequest http;
    http.peer = address(peer);
    http.header_lines = lines;
    const auto found = client_address(http, proxies);
    return found ? found->text() : "";
  };
  const std::string name = "x-forwarded-for: ";
  EXPECT_EQ(client("192.0.2.7", name + "198.51.100.1\r\n"), "192.0.2.7") << "anybody can write it";
  EXPECT_EQ(client("10.0.0.1", name + "198.51.100.1\r\n"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", name + "1.1.1.1, 198.51.100.1, 10.0.0.2\r\n"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", name + "1.1.1.1\r\nHost: a\r\n" + name + "198.51.100.1\r\n"),
            "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", name + "2001:db8::1\r\n" + name + "10.0.0.2\r\n"), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", name + "\r\n" + name + "198.51.100.1\r\n"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", name + "198.51.100.1:4711, 10.0.0.2:80\r\n"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", name + "[2001:db8::1]:4711\r\n"), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", ""), "");
  EXPECT_EQ(client("10.0.0.1", "Forwarded: for=198.51.100.1\r\nX-Real-IP: 198.51.100.1\r\n"), "")
      << "one header is believed, and no other";
  EXPECT_EQ(client("10.0.0.1", name + "198.51.100.1, unknown\r\n"), "");
  EXPECT_EQ(number_of(address("2001:db8::1")), number_of(address("2001:db8::2")));
  EXPECT_NE(number_of(address("2001:db8::1")), number_of(address("2001:db8:0:1::1")));
  EXPECT_NE(number_of(address("192.0.2.7")), number_of(address("192.0.2.8")));
}

}  // namespace
}  // namespace firebrand
