// Tie windows over HTTP: who comes at the same time is put in an order that a stranger computes
// again.
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <thread>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using Bytes32 = std::array<unsigned char, 32>;

template <class Bytes>
Bytes bytes_of_hex(const std::string& hex) {
  Bytes bytes{};
  EXPECT_EQ(
      sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, nullptr, nullptr),
      0);
  return bytes;
}

Bytes32 commitment_to(const Bytes32& key) {
  constexpr std::string_view kCommit{"firebrand-commit/1\0", 19};
  std::string message(kCommit);
  message.append(key.begin(), key.end());
  Bytes32 hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(message.data()),
                     message.size());
  return hash;
}

Bytes32 rank_of(const std::string& tie_id, const Bytes32& key) {
  const auto id = bytes_of_hex<std::array<unsigned char, 16>>(tie_id);
  Bytes32 rank{};
  crypto_auth_hmacsha256(rank.data(), id.data(), id.size(), key.data());
  return rank;
}

class Ties : public ServerTest {
 protected:
  /// All of them at once.
  static std::vector<Answer> all_order(const Drop& drop, const std::vector<Fan>& fans) {
    std::vector<Answer> answers(fans.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < fans.size(); ++i) {
      threads.emplace_back([&, i, endpoint = server().endpoint()] {
        answers[i] = Caller(endpoint).send(
            post(drop.path("/orders"), "{}").bearer(fans[i].token).key("tie"));
      });
    }
    for (std::thread& thread : threads) { thread.join(); }
    return answers;
  }
};

TEST_F(Ties, AreOrderedByAKeyThatEverybodyGetsToKnow) {
  constexpr std::int64_t kUnits = 5;
  const Drop drop = shop().plan({.waves = {{.units = kUnits, .tie_batch_ms = 500}}});
  const std::string commitment = shop().status(drop)["ties"]["commitment"].text();
  std::vector<Fan> fans;
  for (int i = 0; i < 9; ++i) { fans.push_back(shop().fan(Shop::unique("tie"))); }
  const std::vector<Answer> answers = all_order(drop, fans);

  struct Order {
    std::uint64_t number = 0;
    std::string tie_id;
  };
  std::map<std::string, std::vector<Order>> by_moment;  // A window has one; several may be needed.
  std::int64_t accepted = 0;
  for (const Answer& answer : answers) {
    if (answer.status != 201) {
      EXPECT_EQ(answer.code(), "sold_out") << answer.body;
      continue;
    }
    ++accepted;
    const std::string id = answer.json()["order_id"].text();
    by_moment[answer.json()["created_at"].text()].push_back(
        {std::stoull(id.substr(id.find('_') + 1)), std::string(answer.header("Firebrand-Tie-Id"))});
    EXPECT_EQ(shop().send(payment(id, Shop::unique("pay"))).status, 200);
  }
  EXPECT_EQ(accepted, kUnits);

  // All are paid, and nobody can buy any more.
  std::string key;
  ASSERT_TRUE(eventually([&] {
    const Json ties = shop().status(drop)["ties"];
    if (ties.names().back() != "key") { return false; }
    key = ties["key"].text();
    return true;
  }));
  const auto key_bytes = bytes_of_hex<Bytes32>(key);
  EXPECT_EQ(commitment_to(key_bytes), bytes_of_hex<Bytes32>(commitment));
  for (auto& [moment, orders] : by_moment) {
    std::ranges::sort(orders, {}, &Order::number);
    EXPECT_TRUE(std::ranges::is_sorted(
        orders, {}, [&](const Order& order) { return rank_of(order.tie_id, key_bytes); }));
  }
  ASSERT_TRUE(
      eventually([&] { return shop().status(drop)["ties"]["decided"].number() >= kUnits; }));
  EXPECT_GE(shop().status(drop)["ties"]["windows"].number(), 1);
}

TEST_F(Ties, ARepeatAfterTheWindowIsARepeat) {
  const Drop drop = shop().plan({.waves = {{.units = 2, .tie_batch_ms = 50}}});
  const Fan fan = shop().fan(Shop::unique("tie"));
  const Answer first = shop().order(drop, fan, "again");
  ASSERT_EQ(first.status, 201) << first.body;
  const Answer second = shop().order(drop, fan, "again");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(second.header("Firebrand-Tie-Id"), first.header("Firebrand-Tie-Id"));
}

}  // namespace
}  // namespace firebrand::e2e
