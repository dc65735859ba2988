#include "base/codec_binary.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/codec_test_generators.hpp"

namespace firebrand {
namespace {

using namespace codec_test;
using enum DecodeErrorCode;

template <Described T>
std::vector<std::byte> encoded(const T& value) {
  std::vector<std::byte> bytes(encoded_size_max<T>());
  bytes.resize(encode(value, bytes.data()));
  return bytes;
}

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (hex[i] == ' ') { ++i; }
    const std::string pair(hex.substr(i, 2));
    bytes.push_back(static_cast<std::byte>(std::stoi(pair, nullptr, 16)));
  }
  return bytes;
}

const PlaceOrder kOrder{.drop_id = {7},
                        .person_id = {0x0102030405060708},
                        .quantity = 2,
                        .currency = Currency::of("CNY"),
                        .key_hash = 0xFFFFFFFFFFFFFFFF};

Everything small_everything() {
  Everything value;
  value.release = Release::manual;
  value.sku_id = {1};
  value.ttl = Millis{1};
  value.note = "ok";
  value.numbers.push_back(-1);
  value.name = {"名", "n"};
  return value;
}

/// A wave and a plan as they were, and as they are two versions later.
struct WaveBefore {
  [[maybe_unused]] static constexpr std::string_view kName = "wave";
  [[maybe_unused]] static constexpr std::string_view kDoc = "A wave.";
  std::int32_t units = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "units", self.units, From::body, {}, "Units.");
  }
};

struct WaveNow {
  [[maybe_unused]] static constexpr std::string_view kName = "wave";
  [[maybe_unused]] static constexpr std::string_view kDoc = "A wave.";
  std::int32_t units = 0;
  bool for_members = false;
  std::int32_t minutes = 60;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "units", self.units, From::body, {}, "Units.");
    field(2, "for_members", self.for_members, From::body, {.since = 2}, "Who.");
    field(3, "minutes", self.minutes, From::body, {.min = 1, .since = 3}, "How long.");
  }
  friend bool operator==(const WaveNow&, const WaveNow&) = default;
};

template <class Wave>
struct Plan {
  [[maybe_unused]] static constexpr std::string_view kName = "plan";
  [[maybe_unused]] static constexpr std::string_view kDoc = "A plan.";
  List<Wave, 4> waves{};
  Wave last{};
  std::int32_t limit = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "waves", self.waves, From::body, {}, "Waves.");
    field(2, "last", self.last, From::body, {}, "The last.");
    field(3, "limit", self.limit, From::body, {}, "Limit.");
  }
  friend bool operator==(const Plan&, const Plan&) = default;
};

TEST(BinaryCodec, ReadsWhatOlderVersionsOfNestedStructsWrote) {
  static_assert(version_of<Plan<WaveBefore>>() == 1);
  static_assert(version_of<WaveNow>() == 3);
  static_assert(version_of<Plan<WaveNow>>() == 3);
  const auto old = encoded(Plan<WaveBefore>{.waves = {{5}, {6}}, .last = {7}, .limit = 8});
  const auto read = decode<Plan<WaveNow>>(old, 1);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, (Plan<WaveNow>{
                       .waves = {{.units = 5}, {.units = 6}}, .last = {.units = 7}, .limit = 8}));
  // As if it were new, it does not fit.
  EXPECT_FALSE(decode<Plan<WaveNow>>(old).has_value());
  EXPECT_FALSE(decode<Plan<WaveNow>>(old, 2).has_value());

  const Plan<WaveNow> now{.waves = {{5, true, 30}}, .last = {6, true, 20}, .limit = 9};
  EXPECT_EQ(*decode<Plan<WaveNow>>(encoded(now)), now);
  EXPECT_EQ(*decode<Plan<WaveNow>>(encoded(now), 3), now);
}

// The bytes are a stored format: this test says what they are.
TEST(BinaryCodec, WritesFieldsInOrderAtFixedWidth) {
  EXPECT_EQ(encoded(kOrder), from_hex("0700000000000000 0807060504030201 0200000000000000 "
                                      "D90D FFFFFFFFFFFFFFFF"));
  static_assert(encoded_size_max<PlaceOrder>() == 34);
  EXPECT_EQ(encoded(small_everything()),
            from_hex("00 00 5000 00000000 0000000000000000 0000000000000000 02 "
                     "0100000000000000 0000000000000000 0000000000000000 0000000000000000 "
                     "0100000000000000 0000 0000000000000000 0000 "
                     "0200 6F6B 00000000 0100 FFFFFFFF 0000 0300 E5908D 0100 6E 0000 "
                     "0000 0000 0000000000000000 0000"));
}

TEST(BinaryCodec, ReadsBackWhatItWrote) {
  EXPECT_EQ(*decode<PlaceOrder>(encoded(kOrder)), kOrder);
  EXPECT_EQ(*decode<Everything>(encoded(small_everything())), small_everything());
}

RC_GTEST_PROP(BinaryCodecProperty, RoundTripsEveryType, ()) {
  const Everything value = any_everything();
  const auto bytes = encoded(value);
  RC_ASSERT(bytes.size() <= encoded_size_max<Everything>());
  const auto read = decode<Everything>(bytes);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == value);
}

TEST(BinaryCodec, FieldsMissingAtTheEndKeepTheirDefaults) {
  const auto bytes = encoded(kOrder);
  PlaceOrder want;
  EXPECT_EQ(*decode<PlaceOrder>({}), want);
  want.drop_id = kOrder.drop_id;
  EXPECT_EQ(*decode<PlaceOrder>(std::span(bytes).first(8)), want);
  want.person_id = kOrder.person_id;
  EXPECT_EQ(*decode<PlaceOrder>(std::span(bytes).first(16)), want);
  want.quantity = kOrder.quantity;
  EXPECT_EQ(*decode<PlaceOrder>(std::span(bytes).first(24)), want);
}

// Every prefix is either a whole number of outer fields or names the field that was cut.
RC_GTEST_PROP(BinaryCodecProperty, ACutInsideOfAFieldIsNamed, ()) {
  const Everything value = any_everything();
  const auto bytes = encoded(value);
  std::size_t whole = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto read = decode<Everything>(std::span(bytes).first(size));
    if (read.has_value()) {
      ++whole;
    } else {
      RC_ASSERT(read.error().code == truncated_field);
      RC_ASSERT(!read.error().field.empty());
    }
  }
  RC_ASSERT(whole == 24U);  // After none, one, ... all of the 23 fields.
}

TEST(BinaryCodec, RefusesBytesLeftOver) {
  auto bytes = encoded(kOrder);
  bytes.push_back(std::byte{0});
  EXPECT_EQ(decode<PlaceOrder>(bytes).error(), (DecodeError{trailing_bytes, ""}));
}

TEST(BinaryCodec, ChecksEveryRule) {
  struct Row {
    const char* what;
    void (*spoil)(Everything&);
    DecodeError want;
  };
  const Row rows[] = {
      {"below", [](Everything& v) { v.tiny = -6; }, {out_of_range, "tiny"}},
      {"above", [](Everything& v) { v.tiny = 6; }, {out_of_range, "tiny"}},
      {"enum", [](Everything& v) { v.release = Release{}; }, {not_an_enumerator, "release"}},
      {"enum", [](Everything& v) { v.release = Release{200}; }, {not_an_enumerator, "release"}},
      {"id", [](Everything& v) { v.sku_id = {0}; }, {out_of_range, "sku_id"}},
      {"micros", [](Everything& v) { v.budget = {-1}; }, {out_of_range, "budget"}},
      {"time",
       [](Everything& v) { v.opens_at = kTimestampMax + Millis{1}; },
       {out_of_range, "opens_at"}},
      {"time",
       [](Everything& v) { v.opens_at = kTimestampMin - Millis{1}; },
       {out_of_range, "opens_at"}},
      {"millis", [](Everything& v) { v.ttl = Millis{0}; }, {out_of_range, "ttl_ms"}},
      {"currency", [](Everything& v) { v.currency = {1}; }, {unknown_currency, "currency"}},
      {"money", [](Everything& v) { v.price.minor = -1; }, {out_of_range, "price"}},
      {"money", [](Everything& v) { v.price.currency = {0xFFFF}; }, {unknown_currency, "price"}},
      {"short", [](Everything& v) { v.note = "1"; }, {too_short, "note"}},
      {"empty", [](Everything& v) { v.note = ""; }, {too_short, "note"}},
      {"long",
       [](Everything& v) { v.note = "1234567890123456789012345678901"; },
       {too_long, "note"}},
      {"utf-8", [](Everything& v) { v.note = "ab\xFF"; }, {not_utf8, "note"}},
      {"empty list", [](Everything& v) { v.numbers.clear(); }, {too_short, "numbers"}},
      {"long list",
       [](Everything& v) {
         v.numbers = {1, 2, 3, 4, 5};
       },
       {too_long, "numbers"}},
      {"text in list", [](Everything& v) { v.tags.push_back("\x80"); }, {not_utf8, "tags"}},
      {"nested", [](Everything& v) { v.name.en = ""; }, {too_short, "en"}},
      {"optional nested", [](Everything& v) { v.alias.en = "x"; }, {too_short, "zh"}},
      {"in list", [](Everything& v) { v.waves.push_back({}); }, {out_of_range, "units"}},
      {"in list of money",
       [](Everything& v) {
         v.extra.push_back({1, {7}});
       },
       {unknown_currency, "extra"}},
  };
  for (const Row& row : rows) {
    Everything value = small_everything();
    row.spoil(value);
    const auto read = decode<Everything>(encoded(value));
    ASSERT_FALSE(read.has_value()) << row.what;
    EXPECT_EQ(read.error().code, row.want.code) << row.what << " " << row.want.field;
    EXPECT_EQ(read.error().field, row.want.field) << row.what;
  }
}

TEST(BinaryCodec, RefusesWhatNoValueCanHold) {
  auto bytes = encoded(small_everything());
  bytes[0] = std::byte{2};
  EXPECT_EQ(decode<Everything>(bytes).error(), (DecodeError{out_of_range, "flag"}));
  bytes = encoded(kOrder);
  bytes[24] = std::byte{1};  // No such letters.
  EXPECT_EQ(decode<PlaceOrder>(bytes).error(), (DecodeError{unknown_currency, "currency"}));
}

// A number that no rule binds may use all bits, also where the rule's own type is too narrow.
TEST(BinaryCodec, UnboundIdsUseAll64Bits) {
  PlaceOrder order = kOrder;
  order.person_id = {std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(*decode<PlaceOrder>(encoded(order)), order);
}

// Arbitrary bytes: refused or read, and what was read writes itself again.
RC_GTEST_PROP(BinaryCodecProperty, AnyBytesAreRefusedOrRead, (std::vector<std::uint8_t> noise)) {
  auto bytes = encoded(any_everything());
  for (const std::uint8_t byte : noise) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = static_cast<std::byte>(byte);
  }
  const auto read = decode<Everything>(bytes);
  if (read.has_value()) { RC_ASSERT(*decode<Everything>(encoded(*read)) == *read); }
}

}  // namespace
}  // namespace firebrand
