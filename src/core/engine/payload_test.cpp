// The bytes of the examples in docs/formats/payload.md and snapshot-pieces.md. They are stored:
// they never change.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/codec_binary.hpp"
#include "base/hex.hpp"
#include "core/engine/registry.hpp"

namespace firebrand {
namespace {

std::string hex_of_bytes(std::span<const std::byte> bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

template <class T>
std::string hex_of(const T& value) {
  std::vector<std::byte> bytes(encoded_size_max<T>());
  bytes.resize(encode(value, bytes.data()));
  const auto decoded = decode<T>(bytes);
  EXPECT_TRUE(decoded.has_value());
  return hex_of_bytes(bytes);
}

const Currency kCny = Currency::of("CNY");

TEST(Payload, GoldenBytesOfACommand) {
  EXPECT_EQ(hex_of(PlaceOrder{.drop_id = {1}, .person_id = {42}, .quantity = 1}),
            "0100000000000000"
            "2a00000000000000"
            "01000000"
            "0000"
            "0000000000000000"
            "00000000"
            "0000"
            "0000");
  const PlaceOrder with_claim{.person_id = {1}, .standing = {{ClaimKind::risk, 7}}};
  EXPECT_EQ(hex_of(with_claim).substr(68), "01000707000000000000000000");
  // As written before codes: what is not there keeps its default.
  std::array<std::uint8_t, 22> old{};
  ASSERT_TRUE(from_hex("01000000000000002a00000000000000010000000000", old));
  const auto decoded = decode<PlaceOrder>(std::as_bytes(std::span(old)));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->code_batch_id, CodeBatchId{});
  EXPECT_EQ(
      hex_of(AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{199'900, kCny}}}),
      "050070686f6e65"
      "0600e6898be69cba"
      "050050686f6e65"
      "0100"
      "dc0c030000000000d90d");
}

// A drop as version 1 wrote it, in the log and, inside of a `Drop`, in snapshots: its waves end
// with `release`.
constexpr std::string_view kCreateDropOfVersion1 =
    "0100000000000000"  // launch_id
    "040064726f70"      // code
    "0200000000000000"  // sku_id
    "d90d"              // currency
    "00bab1ffa1010000"  // opens_at
    "01000000"          // per_person_limit
    "84030000"          // payment_window_seconds
    "0200"              // two waves
    "00bab1ffa1010000"
    "0500000000000000"
    "00"
    "a075bfffa1010000"
    "0700000000000000"
    "01";

TEST(Payload, ReadsDropsOfVersion1) {
  std::array<std::uint8_t, kCreateDropOfVersion1.size() / 2> bytes;
  ASSERT_TRUE(from_hex(kCreateDropOfVersion1, bytes));
  const auto old = std::as_bytes(std::span(bytes));
  const auto plan = decode<CreateDrop>(old, 1);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(*plan,
            (CreateDrop{.launch_id = {1},
                        .code = "drop",
                        .sku_id = {2},
                        .currency = kCny,
                        .opens_at = from_unix_ms(1'795'291'200'000),
                        .waves = {{from_unix_ms(1'795'291'200'000), 5},
                                  {from_unix_ms(1'795'292'100'000), 7, WaveRelease::manual}}}));
  EXPECT_FALSE(decode<CreateDrop>(old).has_value());

  // Version 2: a wave ends with who may buy, and how that is decided.
  const std::string_view hex = kCreateDropOfVersion1;
  const std::size_t after_first = hex.size() - 2 * (8 + 8 + 1);
  std::array<std::uint8_t, bytes.size() + 4> newer;
  ASSERT_TRUE(from_hex(std::string(hex.substr(0, after_first)) + "0102" +
                           std::string(hex.substr(after_first)) + "0000",
                       newer));
  const auto second = decode<CreateDrop>(std::as_bytes(std::span(newer)), 2);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->waves[0].audience, WaveAudience::reservation_holders);
  EXPECT_EQ(second->waves[0].decision, WaveDecision::draw);
  EXPECT_EQ(second->waves[1].release, WaveRelease::manual);
  EXPECT_EQ(second->waves[1].leftovers, WaveLeftovers::stay);
  EXPECT_FALSE(decode<CreateDrop>(std::as_bytes(std::span(newer))).has_value());

  // The same in a snapshot's piece, whose newest form is longer.
  std::vector<std::byte> entry(old.begin(), old.end());
  const std::array<std::byte, 1 + 1 + 4 + 8 + 4 * 8 + 2> stands{};
  entry.insert(entry.end(), stands.begin(), stands.end());
  const auto drop = decode<Drop>(entry, 1);
  ASSERT_TRUE(drop.has_value());
  EXPECT_EQ(drop->plan, *plan);
}

TEST(Payload, ADropKeepsTheUnitsThatWereMoved) {
  Drop drop;
  drop.plan = {.launch_id = {1},
               .code = "drop",
               .sku_id = {2},
               .currency = kCny,
               .opens_at = from_unix_ms(0),
               .waves = {{from_unix_ms(0), 5}, {from_unix_ms(0), 7}}};
  drop.moved = {-2, 2};
  const std::string hex = hex_of(drop);
  const std::string no_secret(2 * (2 + 32), '0');
  const std::string no_ties(2 * (3 * 8 + 32), '0');
  EXPECT_TRUE(hex.ends_with("0200feffffffffffffff0200000000000000" + no_secret + no_ties)) << hex;
}

TEST(Payload, GoldenBytesOfStaffAndWhatTheyHave) {
  EXPECT_EQ(hex_of(Staff{.login = "bo",
                         .role = StaffRole::analyst,
                         .password_hash = "h",
                         .state = StaffState::gone,
                         .joined_at = from_unix_ms(1'000),
                         .left_at = from_unix_ms(2'000)}),
            "0200626f"
            "04"
            "010068"
            "01"
            "e803000000000000"
            "d007000000000000");
  EXPECT_EQ(hex_of(Session{.session_id = {1},
                           .staff_id = {2},
                           .expires_at = from_unix_ms(3'000),
                           .opened_at = from_unix_ms(1'000),
                           .agent = "x"}),
            "0100000000000000"
            "0200000000000000" +
                std::string(64, '0') +
                "b80b000000000000"
                "e803000000000000"
                "010078");
  EXPECT_EQ(hex_of(SecondFactor{.staff_id = {3},
                                .version = 2,
                                .active = true,
                                .last_step = 258,
                                .used_recovery_codes = 5}),
            "0300000000000000"
            "02000000"
            "01"
            "0201000000000000"
            "05000000");
}

TEST(Payload, GoldenBytesOfAFact) {
  EXPECT_EQ(hex_of(OrderPlaced{.order_id = {7},
                               .person_id = {42},
                               .drop_id = {1},
                               .wave = 1,
                               .quantity = 1,
                               .total = {199'900, kCny},
                               .expires_at = from_unix_ms(1'795'292'100'000)}),
            "0700000000000000"
            "2a00000000000000"
            "0100000000000000"
            "0100"
            "01000000"
            "dc0c030000000000d90d"
            "a075bfffa1010000");
}

TEST(Payload, GoldenBytesOfAResult) {
  EXPECT_EQ(hex_of(PlaceOrderResult{.status = PlaceOrderStatus::created,
                                    .wave = 1,
                                    .order_id = {7},
                                    .created_at = from_unix_ms(1'795'291'200'000),
                                    .expires_at = from_unix_ms(1'795'292'100'000),
                                    .total = {199'900, kCny}}),
            "00"
            "0100"
            "0700000000000000"
            "00bab1ffa1010000"
            "a075bfffa1010000"
            "dc0c030000000000d90d"
            "00000000");
}

TEST(SnapshotPiece, GoldenBytesOfOrders) {
  Schedule schedule;
  Orders orders(schedule);
  for (std::uint64_t id = 1; id <= 2; ++id) {
    orders.place({.order_id = {id},
                  .person_id = {42},
                  .drop_id = {1},
                  .total = {199'900, kCny},
                  .created_at = from_unix_ms(1'795'291'200'000),
                  .expires_at = from_unix_ms(1'795'292'100'000),
                  .hold_id = {id},
                  .quantity = 1,
                  .wave = 1});
  }
  orders.close({1}, OrderState::cancelled, from_unix_ms(1'795'291'300'000));
  orders.archive({1});
  MemorySink sink;
  orders.save(sink);
  EXPECT_EQ(hex_of_bytes(sink.bytes()),
            "0200000000000000"
            "0100000000000000"
            "49000000"
            "0200000000000000"
            "2a00000000000000"
            "0100000000000000"
            "0100"
            "01000000"
            "dc0c030000000000d90d"
            "00"
            "00bab1ffa1010000"
            "a075bfffa1010000"
            "0000000000000000"
            "0200000000000000");
}

TEST(SnapshotPiece, GoldenBytesOfASchedule) {
  Schedule schedule;
  schedule.push({from_unix_ms(1'795'292'100'000), DeadlineKind::order_expires, 7});
  MemorySink sink;
  schedule.save(sink);
  EXPECT_EQ(hex_of_bytes(sink.bytes()),
            "0100000000000000"
            "a075bfffa1010000"
            "03"
            "0700000000000000");
}

}  // namespace
}  // namespace firebrand
