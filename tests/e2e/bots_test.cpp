// What keeps bots from coming first: proof of work and rates; and pick-up by name.
#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <cstdio>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

class Bots : public ServerTest {
 public:
  static void SetUpTestSuite() { start({"--rates.person", "20/3600s"}); }

 protected:
  static Answer task(const Drop& drop, const Fan& fan) {
    return shop().send(get(drop.path("/proof")).bearer(fan.token));
  }
  static void wait_until_open(const Drop& drop) {
    ASSERT_TRUE(eventually([&] { return shop().status(drop)["state"].text() == "open"; }));
  }
  static Answer buy(const Drop& drop, const Fan& fan, const std::string& proof) {
    return shop().order(drop, fan, Shop::unique("key"), R"({"proof":")" + proof + R"("})");
  }
};

/// As docs/proof-of-work.md says.
std::string work(const std::string& challenge, int bits) {
  std::array<unsigned char, 18 + 16 + 8> message{"firebrand-proof/1"};
  EXPECT_EQ(sodium_hex2bin(message.data() + 18, 16, challenge.data(), challenge.size(), nullptr,
                           nullptr, nullptr),
            0);
  for (std::uint64_t nonce = 1;; ++nonce) {
    for (std::size_t i = 0; i < 8; ++i) {
      message[34 + i] = static_cast<unsigned char>(nonce >> (56 - 8 * i));
    }
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), message.data(), message.size());
    const unsigned first = (unsigned{hash[0]} << 16U) | (unsigned{hash[1]} << 8U) | hash[2];
    if (first >> (24 - bits) != 0) { continue; }
    std::array<char, 17> hex{};
    (void)std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(nonce));
    return hex.data();
  }
}

TEST_F(Bots, WhoHasDoneTheWorkBuysFirst) {
  const Drop drop =
      shop().plan({.opens_in = Millis{1'000},
                   .more = R"(,"proof_bits":8,"proof_head_start_ms":30000,"pickup":"by_name")"});
  const Json status = shop().status(drop);
  EXPECT_EQ(status["pickup"].text(), "by_name");
  EXPECT_EQ(status["proof"]["bits"].number(), 8);
  EXPECT_EQ(status["proof"]["head_start_ms"].number(), 30'000);
  EXPECT_EQ(unix_ms(status["proof"]["from"].text()), unix_ms(drop.opens_at) - 600'000);

  const Fan mei = shop().fan("mei");
  const Fan other = shop().fan("other");
  const Json given = task(drop, mei).json();
  EXPECT_EQ(given["bits"].number(), 8);
  EXPECT_EQ(task(drop, mei).json()["challenge"].text(), given["challenge"].text());
  EXPECT_NE(task(drop, other).json()["challenge"].text(), given["challenge"].text());
  const std::string proof = work(given["challenge"].text(), 8);
  EXPECT_EQ(shop().send(get(drop.path("/proof"))).code(), "unauthenticated");

  wait_until_open(drop);
  const Answer refused = shop().order(drop, other, Shop::unique("key"));
  EXPECT_EQ(refused.code(), "proof_wanted");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(unix_ms(refused.json()["retry_at"].text()), unix_ms(drop.opens_at) + 30'000);
  const int seconds = std::stoi(refused.header("Retry-After"));
  EXPECT_TRUE(seconds >= 1 && seconds <= 30) << seconds;
  EXPECT_EQ(buy(drop, other, proof).code(), "proof_wanted") << "the work of another";
  EXPECT_EQ(buy(drop, mei, "0000000000000000").code(), "proof_wanted");

  const Answer order = buy(drop, mei, proof);
  ASSERT_EQ(order.status, 201) << order.body;
  EXPECT_EQ(order.json()["pickup"].text(), "by_name");
  const std::string id = order.json()["order_id"].text();
  EXPECT_EQ(shop().read_order(mei, id).json()["pickup"].text(), "by_name");
  const Json mine = shop().send(get("/v1/orders").bearer(mei.token)).json();
  EXPECT_EQ(mine["data"][0]["pickup"].text(), "by_name");
  EXPECT_EQ(shop().staff(get("/v1/orders/" + id))["pickup"].text(), "by_name");
}

TEST_F(Bots, AfterTheHeadStartEverybodyBuys) {
  const Drop drop = shop().plan({.more = R"(,"proof_bits":22,"proof_head_start_ms":1)"});
  const Answer order = shop().order(drop, shop().fan("late"), Shop::unique("key"));
  ASSERT_EQ(order.status, 201) << order.body;
  EXPECT_EQ(order.json()["pickup"].text(), "by_anyone");
}

TEST_F(Bots, TheWorkIsGivenOutShortlyBeforeTheOpening) {
  const Fan fan = shop().fan("early");
  const Drop later = shop().plan({.opens_in = Millis{3'600'000}, .more = R"(,"proof_bits":16)"});
  const Answer answer = task(later, fan);
  EXPECT_EQ(answer.code(), "proof_too_early");
  EXPECT_EQ(answer.json()["retry_at"].text(), shop().status(later)["proof"]["from"].text());
  EXPECT_GT(std::stoi(answer.header("Retry-After")), 2'000);
  EXPECT_EQ(task(shop().plan({}), fan).code(), "proof_not_asked");
  EXPECT_EQ(task({.id = "drop_999", .opens_at = {}}, fan).code(), "drop_not_found");
}

TEST_F(Bots, WhoAsksTooOftenIsToldToWait) {
  const Drop drop = shop().plan({});
  const Fan fast = shop().fan("fast");
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(shop().order(drop, fast, Shop::unique("key")).status, 429) << i;
  }
  const Answer refused = shop().order(drop, fast, Shop::unique("key"));
  EXPECT_EQ(refused.code(), "rate_limited");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("RateLimit-Policy"), "\"person\";q=20;w=3600");
  const std::string seconds = refused.header("Retry-After");
  EXPECT_EQ(refused.header("RateLimit"), "\"person\";r=0;t=" + seconds);
  EXPECT_LE(std::stoi(seconds), 180);
  EXPECT_EQ(shop().send(get("/v1/orders").bearer(fast.token)).status, 200) << "reading is free";
  EXPECT_EQ(shop().order(drop, shop().fan("slow"), Shop::unique("key")).status, 201);
}

}  // namespace
}  // namespace firebrand::e2e
