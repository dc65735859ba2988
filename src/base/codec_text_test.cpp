#include "base/codec_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/codec_binary.hpp"
#include "base/codec_json.hpp"
#include "base/codec_test_generators.hpp"

namespace firebrand {
namespace {

using namespace codec_test;
using enum TextErrorCode;

constexpr TextStyle kAll{.fields = TextFields::all};

Everything small_everything() {
  Everything value;
  value.release = Release::manual;
  value.sku_id = {1};
  value.ttl = Millis{60'000};
  value.note = "ok";
  value.numbers.push_back(-1);
  value.name = {"名", "n"};
  return value;
}

TEST(TextLine, WritesOnlyWhatDiffersFromTheDefault) {
  EXPECT_EQ(to_text(PlaceOrder{}), "place_order");
  EXPECT_EQ(to_text(PlaceOrder{.drop_id = {1},
                               .person_id = {3},
                               .quantity = 2,
                               .currency = Currency::of("CNY"),
                               .key_hash = 0}),
            "place_order drop_id=1 person_id=3 quantity=2 currency=CNY");
}

TEST(TextLine, WritesEachTypeInItsForm) {
  EXPECT_EQ(to_text(PlaceOrder{}, kAll),
            "place_order drop_id=0 person_id=0 quantity=1 currency=none key_hash=0");
  Everything value = small_everything();
  value.flag = true;
  value.offset = {123};
  value.opens_at = from_unix_ms(60);
  value.currency = Currency::of("JPY");
  value.price = {199'900, Currency::of("CNY")};
  value.note = "a \"b\"\\\né";
  value.key = {{0, 0xFF, 1, 2}};
  value.numbers = {1, -2};
  value.tags = {"x", ""};
  value.waves = {{from_unix_ms(5), 7, Release::after_draw},
                 {from_unix_ms(0), 8, Release::automatic}};
  value.extra = {{-5, Currency::of("KWD")}, {}};
  EXPECT_EQ(to_text(value),
            R"(everything flag=true release=manual sku_id=1 offset=123 opens_at=60 ttl_ms=60000 )"
            R"(currency=JPY price=CNY:199900 note="a \"b\"\\\né" key=00ff0102 numbers=[1, -2] )"
            R"(tags=["x", ""] name={zh="名" en="n"} )"
            R"(waves=[{opens_at=5 units=7 release=after_draw}, {units=8}] extra=[KWD:-5, none:0])");
  EXPECT_EQ(to_text(small_everything(), kAll),
            R"(everything flag=false tiny=0 port=80 change=0 large=0 hash=0 release=manual )"
            R"(sku_id=1 offset=0 budget=0 opens_at=0 ttl_ms=60000 currency=none price=none:0 )"
            R"(note="ok" key=00000000 numbers=[-1] tags=[] name={zh="名" en="n"} waves=[] )"
            R"(alias=none gift_sku_id=none extra=[])");
  Wave wave{from_unix_ms(1'795'291'200'000), 1, Release::manual};
  EXPECT_EQ(to_text(wave, {.times = TextTimes::rfc3339}),
            "wave opens_at=2026-11-21T20:00:00.000Z units=1 release=manual");
}

TEST(TextLine, ReadsAnyOrderAndEveryForm) {
  const auto order = read_text<PlaceOrder>("  place_order\tquantity=2  person_id=per_3 drop_id=1 ");
  ASSERT_TRUE(order.has_value()) << order.error().message();
  EXPECT_EQ(
      *order,
      (PlaceOrder{.drop_id = {1}, .person_id = {3}, .quantity = 2, .currency = {}, .key_hash = 0}));
  const auto read = read_text<Everything>(
      R"(everything note=bare-word numbers=[ 1 ,2,  3 ] name={ zh=名  en="\u00e9\ud83d\udd25\t\/" } )"
      R"(sku_id=sku_7 release=manual ttl_ms=1 opens_at=2026-11-21T20:00:00+08:00 alias=none )"
      R"(gift_sku_id=none waves=[{units=1}] tags=[] key=00FFaa01 currency=none price=none:3)");
  ASSERT_TRUE(read.has_value()) << read.error().message();
  EXPECT_EQ(read->note, Text<40>("bare-word"));
  EXPECT_EQ(read->numbers, (List<std::int32_t, 5>{1, 2, 3}));
  EXPECT_EQ(read->name, (Name{"名", "é🔥\t/"}));
  EXPECT_EQ(read->sku_id, SkuId{7});
  EXPECT_EQ(read->opens_at, from_unix_ms(1'795'262'400'000));
  EXPECT_EQ(read->key, (Bytes<4>{{0x00, 0xFF, 0xAA, 0x01}}));
  EXPECT_EQ(read->waves, (List<Wave, 4>{{from_unix_ms(0), 1, Release::automatic}}));
  EXPECT_EQ(read->price, (Money{3, {}}));
}

TEST(TextLine, SaysWhereAndWhatIsWrong) {
  struct Row {
    const char* line;
    TextError want;
  };
  const std::string known = "one of drop_id, person_id, quantity, currency, key_hash";
  const Row rows[] = {
      {"place_orders", {wrong_name, 0, "", "place_order", "place_orders"}},
      {"", {wrong_name, 0, "", "place_order", "the end of the line"}},
      {"place_order qty=1", {unknown_field, 12, "qty", known, "qty"}},
      {"place_order quantity=1 quantity=1",
       {duplicate_field, 23, "quantity", "the field once", "the field again"}},
      {"place_order quantity=0", {out_of_range, 21, "quantity", "integer, 1 to 100", "0"}},
      {"place_order quantity=x", {malformed_value, 21, "quantity", "integer, 1 to 100", "x"}},
      {"place_order quantity=1.5", {malformed_value, 21, "quantity", "integer, 1 to 100", "1.5"}},
      {"place_order quantity=01", {malformed_value, 21, "quantity", "integer, 1 to 100", "01"}},
      {"place_order quantity=+1", {malformed_value, 21, "quantity", "integer, 1 to 100", "+1"}},
      {"place_order quantity=",
       {malformed_value, 21, "quantity", "integer, 1 to 100", "the end of the line"}},
      {"place_order quantity= 1", {malformed_value, 21, "quantity", "integer, 1 to 100", " "}},
      {"place_order quantity", {malformed_line, 12, "", "field=value", "quantity"}},
      {"place_order =1", {malformed_line, 12, "", "field=value", "=1"}},
      {"place_order quantity=1,", {malformed_line, 22, "", "a space between fields", ","}},
      {"place_order currency=RMB", {unknown_value, 21, "currency", "currency such as CNY", "RMB"}},
      {"place_order drop_id=sku_1",
       {malformed_value, 20, "drop_id", "drop_7 or integer, at least 1", "sku_1"}},
      {"place_order person_id=3",
       {missing_field, 23, "drop_id", "drop_7 or integer, at least 1", "nothing"}},
  };
  for (const Row& row : rows) {
    const auto order = read_text<PlaceOrder>(row.line);
    ASSERT_FALSE(order.has_value()) << row.line;
    EXPECT_EQ(order.error(), row.want) << row.line << "\n" << order.error().message();
  }
  EXPECT_EQ(read_text<PlaceOrder>("place_order quantity=0").error().message(),
            "column 22: quantity: expected integer, 1 to 100; came 0");
}

TEST(TextLine, RefusesBrokenValuesOfEveryType) {
  struct Row {
    const char* field;
    TextErrorCode want;
  };
  const Row rows[] = {
      {"flag=yes", malformed_value},
      {"flag=1", malformed_value},
      {"release=later", unknown_value},
      {"release=1", unknown_value},
      {"release=\"manual\"", unknown_value},
      {"tiny=128", out_of_range},
      {"hash=18446744073709551616", malformed_value},
      {"large=9223372036854775808", out_of_range},
      {"opens_at=tomorrow", malformed_value},
      {"opens_at=253402300800000", out_of_range},
      {"price=CNY", malformed_value},
      {"price=CNY:", malformed_value},
      {"price=RMB:1", unknown_value},
      {"price=CNY:-1", out_of_range},
      {"key=00", malformed_value},
      {"key=0011223g", malformed_value},
      {"note=\"", malformed_value},
      {"note=\"a", malformed_value},
      {"note=\"a\\", malformed_value},
      {"note=\"a\\x\"", malformed_value},
      {"note=\"a\\u12\"", malformed_value},
      {"note=\"a\\ud83d\"", malformed_value},
      {"note=\"a\\ud83d\\u0041\"", malformed_value},
      {"note=\"a\\udd25\"", malformed_value},
      {"note=\"a\tb\"", malformed_value},
      {"note=\"a\xFF\"", malformed_value},
      {"note=\"ab\"c", malformed_line},
      {"note=a\"b", malformed_value},
      {"note=x", wrong_length},
      {"note=\"1234567890123456789012345678901\"", wrong_length},
      {"numbers=1", malformed_value},
      {"numbers=[1 2]", malformed_value},
      {"numbers=[1,]", malformed_value},
      {"numbers=[1", malformed_value},
      {"numbers=[]", wrong_length},
      {"numbers=[1,2,3,4,5]", wrong_length},
      {"name=x", malformed_value},
      {"name={zh=x en=y", malformed_line},
      {"name={zh=x}", missing_field},
      {"name={zh=x en=y zh=z}", duplicate_field},
      {"name={zh=\"x\"en=y}", malformed_line},
      {"name={x=1}", unknown_field},
      {"waves=[{units=0}]", out_of_range},
      {"waves=[{}]", missing_field},
      {"sku_id=none", malformed_value},
  };
  for (const Row& row : rows) {
    const auto read = read_text<Everything>(std::string("everything ") + row.field);
    ASSERT_FALSE(read.has_value()) << row.field;
    EXPECT_EQ(read.error().code, row.want) << row.field << " " << read.error().message();
  }
  EXPECT_EQ(read_text<Everything>("everything waves=[{units=1}, {units=0}]").error().message(),
            "column 37: waves[1].units: expected integer, 1 to 1000000; came 0}]");
}

TEST(TextLine, TheFirstWordIsTheName) {
  EXPECT_EQ(text_line_name("  place_order drop_id=1"), "place_order");
  EXPECT_EQ(text_line_name("place_order"), "place_order");
  EXPECT_EQ(text_line_name(" "), "");
}

// One value, three forms: each gives it back, whole.
RC_GTEST_PROP(CodecProperty, EveryFormGivesTheSameValueBack, ()) {
  const Everything value = any_everything();
  for (const TextFields fields : {TextFields::changed, TextFields::all}) {
    for (const TextTimes times : {TextTimes::unix_ms, TextTimes::rfc3339}) {
      const std::string line = to_text(value, {fields, times});
      const auto read = read_text<Everything>(line);
      if (!read.has_value()) { RC_LOG() << line << "\n" << read.error().message(); }
      RC_ASSERT(read.has_value());
      RC_ASSERT(*read == value);
    }
  }
  std::vector<std::byte> bytes(encoded_size_max<Everything>());
  const std::size_t size = encode(value, bytes.data());
  RC_ASSERT(*decode<Everything>(std::span(bytes).first(size)) == value);
  RC_ASSERT(*read_json<Everything>(PaddedJson(to_json(value)).view()) == value);
}

RC_GTEST_PROP(CodecProperty, DamagedLinesAreRefusedOrRead, (std::vector<std::uint8_t> noise)) {
  std::string line = to_text(any_everything(), kAll);
  for (const std::uint8_t byte : noise) {
    line[*rc::gen::inRange<std::size_t>(0, line.size())] = static_cast<char>(byte);
  }
  const auto read = read_text<Everything>(line);
  if (read.has_value()) { RC_ASSERT(*read_text<Everything>(to_text(*read)) == *read); }
}

}  // namespace
}  // namespace firebrand
