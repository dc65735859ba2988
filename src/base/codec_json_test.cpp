#include "base/codec_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/codec_test_generators.hpp"
#include "base/counted_allocations.hpp"

namespace firebrand {
namespace {

using namespace codec_test;
using enum JsonErrorCode;

template <Described T>
Expected<T, JsonError> read(std::string_view text) {
  const PaddedJson padded(text);
  return read_json<T>(padded.view());
}

/// One required field of the type under test.
template <class V>
struct One {
  static constexpr std::string_view kName = "one";
  static constexpr std::string_view kDoc = "A single field.";
  V value{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, std::is_same_v<V, Millis> ? "value_ms" : "value", self.value, From::body, {}, "It.");
  }
  friend bool operator==(const One&, const One&) = default;
};

template <class V>
void expect_value(std::string_view json, const V& want) {
  const std::string name = std::is_same_v<V, Millis> ? "value_ms" : "value";
  const auto got = read<One<V>>("{\"" + name + "\":" + std::string(json) + "}");
  ASSERT_TRUE(got.has_value()) << json << " " << got.error().message();
  EXPECT_EQ(got->value, want) << json;
}

template <class V>
void expect_refused(std::string_view json, JsonErrorCode want) {
  const std::string name = std::is_same_v<V, Millis> ? "value_ms" : "value";
  const auto got = read<One<V>>("{\"" + name + "\":" + std::string(json) + "}");
  ASSERT_FALSE(got.has_value()) << json;
  EXPECT_EQ(got.error().code, want) << json << " " << got.error().message();
  if (want != malformed_json) { EXPECT_TRUE(got.error().pointer.starts_with("/value")) << json; }
}

TEST(JsonReader, ReadsTheHotCommand) {
  const auto order = read<PlaceOrder>(R"({"quantity":3,"currency":"CNY"})");
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(*order, (PlaceOrder{.drop_id = {},
                                .person_id = {},
                                .quantity = 3,
                                .currency = Currency::of("CNY"),
                                .key_hash = 0}));
}

TEST(JsonReader, AbsentOptionalFieldsKeepTheirDefaults) {
  for (const char* body :
       {"", " \n", "{}", " { } ", R"({"quantity":1})", R"({"currency":null,"quantity":1})"}) {
    const auto order = read<PlaceOrder>(body);
    ASSERT_TRUE(order.has_value()) << body << order.error().message();
    EXPECT_EQ(*order, PlaceOrder{}) << body;
  }
}

TEST(JsonReader, ReadsEachTypeInItsForm) {
  constexpr char kWithNul[] = "第一\n\"\\/\b\f\r\té🔥\0";
  const std::string_view escaped(kWithNul, sizeof kWithNul - 1);
  expect_value("true", true);
  expect_value("false", false);
  expect_value("-128", std::int8_t{-128});
  expect_value("255", std::uint8_t{255});
  expect_value("-0", std::int32_t{0});
  expect_value("-9223372036854775808", std::numeric_limits<std::int64_t>::min());
  expect_value("18446744073709551615", std::numeric_limits<std::uint64_t>::max());
  expect_value("\"manual\"", Release::manual);
  expect_value(R"("\u006danual")", Release::manual);
  expect_value("\"sku_7\"", SkuId{7});
  expect_value("\"123\"", LogOffset{123});
  expect_value("123", LogOffset{123});
  expect_value("\"0\"", LogOffset{0});
  expect_value("-5", Micros{-5});
  expect_value("\"2026-11-21T20:00:00Z\"", from_unix_ms(1'795'291'200'000));
  expect_value("60000", Millis{60'000});
  expect_value("\"JPY\"", Currency::of("JPY"));
  expect_value(R"({"currency":"CNY","amount":199900})", Money{199'900, Currency::of("CNY")});
  expect_value(R"("第一\n\"\\\/\b\f\r\t\u00e9\ud83d\udd25\u0000")", Text<40>(escaped));
  expect_value("\"00fFA0\"", Bytes<3>{{0x00, 0xFF, 0xA0}});
  expect_value("[]", List<std::int32_t, 3>{});
  expect_value(" [ 1 , -2 ] ", List<std::int32_t, 3>{1, -2});
  expect_value(R"({"en":"n","zh":"名"})", Name{"名", "n"});
}

TEST(JsonReader, RefusesWhatIsOfAnotherType) {
  expect_refused<bool>("1", wrong_type);
  expect_refused<bool>("\"true\"", wrong_type);
  expect_refused<bool>("null", wrong_type);
  expect_refused<std::int64_t>("\"1\"", wrong_type);
  expect_refused<std::int64_t>("1.0", wrong_type);
  expect_refused<std::int64_t>("1e3", wrong_type);
  expect_refused<std::int64_t>("null", wrong_type);
  expect_refused<std::int64_t>("[1]", wrong_type);
  expect_refused<std::int64_t>("{}", wrong_type);
  expect_refused<Micros>("\"1\"", wrong_type);
  expect_refused<Release>("1", wrong_type);
  expect_refused<SkuId>("7", wrong_type);
  expect_refused<Timestamp>("1795291200000", wrong_type);
  expect_refused<Text<9>>("7", wrong_type);
  expect_refused<Text<9>>("[]", wrong_type);
  expect_refused<Money>("199900", wrong_type);
  expect_refused<Money>("\"CNY:1\"", wrong_type);
  expect_refused<List<std::int32_t, 3>>("1", wrong_type);
  expect_refused<List<std::int32_t, 3>>("{}", wrong_type);
  expect_refused<List<std::int32_t, 3>>("[1,\"2\"]", wrong_type);
  expect_refused<Name>("[]", wrong_type);
  expect_refused<Name>("\"n\"", wrong_type);
}

TEST(JsonReader, RefusesValuesOutsideOfTheirTypeOrForm) {
  expect_refused<std::int8_t>("128", out_of_range);
  expect_refused<std::int8_t>("-129", out_of_range);
  expect_refused<std::uint16_t>("-1", out_of_range);
  expect_refused<std::uint16_t>("65536", out_of_range);
  expect_refused<std::int64_t>("9223372036854775808", out_of_range);
  expect_refused<std::int64_t>("-9223372036854775809", out_of_range);
  expect_refused<std::uint64_t>("18446744073709551616", out_of_range);
  expect_refused<std::uint64_t>("-1", out_of_range);
  expect_refused<Release>("\"Manual\"", unknown_value);
  expect_refused<Release>("\"\"", unknown_value);
  expect_refused<SkuId>("\"sku_0\"", malformed_value);
  expect_refused<SkuId>("\"drop_7\"", malformed_value);
  expect_refused<SkuId>("\"7\"", malformed_value);
  expect_refused<LogOffset>("\"-1\"", malformed_value);
  expect_refused<LogOffset>("\"01\"", malformed_value);
  expect_refused<LogOffset>("\"\"", malformed_value);
  expect_refused<LogOffset>("-1", out_of_range);
  expect_refused<Timestamp>("\"2026-02-29T00:00:00Z\"", malformed_value);
  expect_refused<Timestamp>("\"now\"", malformed_value);
  expect_refused<Currency>("\"cny\"", unknown_value);
  expect_refused<Currency>("\"XXX\"", unknown_value);
  expect_refused<Bytes<3>>("\"00ff\"", malformed_value);
  expect_refused<Bytes<3>>("\"00ffzz\"", malformed_value);
  expect_refused<Text<3>>("\"1234\"", wrong_length);
  expect_refused<Text<3>>("\"第一\"", wrong_length);
  expect_refused<List<std::int32_t, 2>>("[1,2,3]", wrong_length);
  expect_refused<Text<9>>(R"("\ud83d")", malformed_json);
  expect_refused<Text<9>>(R"("\udd25")", malformed_json);
  expect_refused<Text<9>>(R"("\ud83d\ud83d")", malformed_json);
  expect_refused<Text<9>>(R"("\x")", malformed_json);
  expect_refused<Text<9>>(R"("\u12g4")", malformed_json);
}

TEST(JsonReader, SaysWhichFieldWhatWasExpectedAndWhatCame) {
  struct Row {
    const char* body;
    JsonError want;
  };
  const Row rows[] = {
      {R"({"quantity":101})", {out_of_range, "/quantity", "integer, 1 to 100", "101"}},
      {R"({"quantity":0})", {out_of_range, "/quantity", "integer, 1 to 100", "0"}},
      {R"({"quantity":"2"})", {wrong_type, "/quantity", "integer, 1 to 100", "\"2\""}},
      {R"({"quantity":null})", {wrong_type, "/quantity", "integer, 1 to 100", "null"}},
      {R"({"quantity":1.5 })", {wrong_type, "/quantity", "integer, 1 to 100", "1.5"}},
      {R"({"quantity":{"x":1}})", {wrong_type, "/quantity", "integer, 1 to 100", "object"}},
      {R"({"quantity":99999999999999999999})",
       {out_of_range, "/quantity", "integer, 1 to 100", "99999999999999999999"}},
      {R"({"currency":"RMB"})",
       {unknown_value, "/currency", "ISO 4217 code such as \"CNY\"", "\"RMB\""}},
      {R"({"qty":1})", {unknown_field, "/qty", "one of quantity, currency", "\"qty\""}},
      {R"({"drop_id":"drop_1"})",
       {unknown_field, "/drop_id", "one of quantity, currency", "\"drop_id\""}},
      {R"({"key_hash":1})",
       {unknown_field, "/key_hash", "one of quantity, currency", "\"key_hash\""}},
      {R"({"a/b~":1})", {unknown_field, "/a~1b~0", "one of quantity, currency", "\"a/b~\""}},
      {R"({"quantity":1,"quantity":1})",
       {duplicate_field, "/quantity", "the field once", "the field again"}},
      {R"({"quantity":1,"qu\u0061ntity":1})",
       {duplicate_field, "/quantity", "the field once", "the field again"}},
      {R"([])", {wrong_type, "", "object", "[]"}},
      {R"(7)", {wrong_type, "", "object", "7"}},
      {R"(null)", {wrong_type, "", "object", "null"}},
  };
  for (const Row& row : rows) {
    const auto order = read<PlaceOrder>(row.body);
    ASSERT_FALSE(order.has_value()) << row.body;
    EXPECT_EQ(order.error(), row.want) << row.body << "\n" << order.error().message();
  }
  EXPECT_EQ(read<PlaceOrder>(R"({"quantity":0})").error().message(),
            "/quantity: expected integer, 1 to 100; came 0");
}

TEST(JsonReader, SaysItInChineseToo) {
  const auto refused = [](auto out, std::string_view body) {
    const auto read_out = read<decltype(out)>(body);
    EXPECT_FALSE(read_out.has_value()) << body;
    return read_out.error().message_zh();
  };
  EXPECT_EQ(refused(PlaceOrder{}, R"({"quantity":0})"), "/quantity 要求：整数，1 至 100；实际：0");
  EXPECT_EQ(refused(PlaceOrder{}, R"({"quantity":{}})"),
            "/quantity 要求：整数，1 至 100；实际：对象");
  EXPECT_EQ(refused(PlaceOrder{}, R"({"qty":1})"),
            "/qty 要求：下列之一：quantity、currency；实际：\"qty\"");
  EXPECT_EQ(refused(PlaceOrder{}, R"({"currency":"RMB"})"),
            "/currency 要求：ISO 4217 币种代码，例如 \"CNY\"；实际：\"RMB\"");
  EXPECT_EQ(refused(PlaceOrder{}, "[]"), "请求体要求：对象；实际：[]");
  EXPECT_EQ(refused(PlaceOrder{}, "{"),
            "请求体要求：JSON（RFC 8259）；实际：没有结尾的对象，或其后的多余内容");
  EXPECT_EQ(refused(One<List<Wave, 3>>{}, R"({"value":[{"release":"later"}]})"),
            "/value/0/release 要求：下列之一：\"automatic\"、\"manual\"、\"after_draw\"；实际："
            "\"later\"");
  EXPECT_EQ(refused(One<Money>{}, R"({"value":{"amount":1}})"),
            "/value/currency 要求：ISO 4217 币种代码，例如 \"CNY\"；实际：空");
  // No word of English is left where the English text has one.
  EXPECT_EQ(refused(One<Text<4>>{}, R"({"value":"too long"})"),
            "/value 要求：字符串，0 至 4 字节（UTF-8）；实际：8 字节");
}

TEST(JsonReader, PointsIntoNestedStructsAndLists) {
  using Waves = One<List<Wave, 3>>;
  const auto expect = [](std::string_view body, const JsonError& want) {
    const auto got = read<Waves>(body);
    ASSERT_FALSE(got.has_value()) << body;
    EXPECT_EQ(got.error(), want) << body << "\n" << got.error().message();
  };
  const std::string good = R"({"opens_at":"2026-11-21T20:00:00Z","units":1})";
  expect(R"({"value":[)" + good + R"(,{"units":1}]})",
         {missing_field, "/value/1/opens_at", "RFC 3339 time such as \"2026-11-21T20:00:00.000Z\"",
          "nothing"});
  expect(R"({"value":[{"units":0}]})",
         {out_of_range, "/value/0/units", "integer, 1 to 1000000", "0"});
  expect(R"({"value":[{"release":"later"}]})",
         {unknown_value, "/value/0/release", R"(one of "automatic", "manual", "after_draw")",
          "\"later\""});
  expect(R"({"value":[{"x":0}]})",
         {unknown_field, "/value/0/x", "one of opens_at, units, release", "\"x\""});
  expect(R"({"value":[7]})", {wrong_type, "/value/0", "object", "7"});
  const auto money = read<One<Money>>(R"({"value":{"amount":1}})");
  EXPECT_EQ(money.error(), (JsonError{missing_field, "/value/currency",
                                      "ISO 4217 code such as \"CNY\"", "nothing"}));
  EXPECT_EQ(read<Everything>(R"({"price":{"amount":-1,"currency":"CNY"}})").error(),
            (JsonError{out_of_range, "/price/amount", "integer, at least 0", "-1"}));
}

TEST(JsonReader, RefusesMalformedDocuments) {
  for (const char* body : {"{",
                           "}",
                           "{}}",
                           "{}{}",
                           "{} x",
                           "{} {\"quantity\":1}",
                           "{,}",
                           "{\"quantity\"}",
                           "{\"quantity\":}",
                           "{\"quantity\":1,}",
                           "{\"quantity\":1 \"currency\":\"CNY\"}",
                           "{\"quantity\" 1}",
                           "{'quantity':1}",
                           "{quantity:1}",
                           "{\"quantity\":1]",
                           "{\"quantity\":1",
                           "{\"quantity\":1}\x01",
                           "{\"quantity\":1}garbage",
                           "{\"quantity\":01}",
                           "{\"quantity\":+1}",
                           "{\"quantity\":1x}",
                           "{\"currency\":\"CNY}",
                           "{\"currency\":\"C\nNY\"}",
                           "{\"currency\":\"\xFF\"}",
                           "\xEF\xBB\xBF{}",
                           "{\"quantity\":1}\xFF",
                           "nul",
                           "{\"\xC0\":1}",
                           "// {}\n",
                           "{/**/}",
                           "{\"currency\":tru}",
                           "{\"currency\":nul}",
                           "{\"currency\":nul]}",
                           "{\"currency\":\"CNY\" , }"}) {
    const auto order = read<PlaceOrder>(body);
    EXPECT_FALSE(order.has_value()) << body;
  }
  for (const char* body : {"{", "{}}", "{} x", "{\"quantity\":1,}", "{\"quantity\":}",
                           "{quantity:1}", "{\"currency\":\"\xFF\"}", "{\"quantity\":1}garbage"}) {
    const auto order = read<PlaceOrder>(body);
    ASSERT_FALSE(order.has_value()) << body;
    EXPECT_EQ(order.error().code, malformed_json) << body << " " << order.error().message();
  }
}

// Nothing in the padding may be read as if it belonged to the body.
TEST(JsonReader, EndsWhereTheBodyEnds) {
  std::string buffer = R"({"quantity":12)";
  const std::size_t size = buffer.size();
  buffer += R"(3,"currency":"CNY"}                                                             )";
  EXPECT_FALSE(read_json<PlaceOrder>(std::string_view(buffer).substr(0, size)).has_value());
}

TEST(JsonReader, TheHotCommandAllocatesNothing) {
  const PaddedJson body(R"({"quantity":1,"currency":"CNY"})");
  PlaceOrder order;
  ASSERT_FALSE(read_json_into(order, body.view()).has_value());  // The thread's parser is made.
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) { ASSERT_FALSE(read_json_into(order, body.view()).has_value()); }
  EXPECT_EQ(allocations, before);
}

TEST(JsonWriter, WritesAllFieldsInTheirForms) {
  EXPECT_EQ(to_json(PlaceOrder{.drop_id = {7},
                               .person_id = {},
                               .quantity = 1,
                               .currency = {},
                               .key_hash = ~std::uint64_t{0}}),
            R"({"drop_id":"drop_7","person_id":null,"quantity":1,"currency":null,)"
            R"("key_hash":18446744073709551615})");
  Everything value;
  value.release = Release::after_draw;
  value.sku_id = {1};
  value.offset = {123};
  value.opens_at = from_unix_ms(1);
  value.price = {5, Currency::of("JPY")};
  value.note = "a\"\\\n\x01/é";
  value.key = {{0, 1, 0xAB, 0xFF}};
  value.numbers = {1, -2};
  value.waves.push_back({from_unix_ms(0), 1, Release::manual});
  EXPECT_EQ(
      to_json(value),
      R"({"flag":false,"tiny":0,"port":80,"change":0,"large":0,"hash":0,"release":"after_draw",)"
      R"("sku_id":"sku_1","offset":"123","budget":0,"opens_at":"1970-01-01T00:00:00.001Z",)"
      R"("ttl_ms":0,"currency":null,"price":{"amount":5,"currency":"JPY"},)"
      R"("note":"a\"\\\n\u0001/é","key":"0001abff","numbers":[1,-2],"tags":[],)"
      R"("name":{"zh":"","en":""},"waves":[{"opens_at":"1970-01-01T00:00:00.000Z","units":1,)"
      R"("release":"manual"}],"alias":null,"gift_sku_id":null,"extra":[]})");
}

TEST(JsonWriter, EscapesExactlyWhatRfc8259Wants) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text(1, static_cast<char>(c));
    std::string json;
    CharSink sink(json);
    put_json_string(sink, text);
    const bool is_escaped = c < 0x20 || c == '"' || c == '\\';
    EXPECT_EQ(json.size() > 3, is_escaped) << c;
    const auto got = read<One<Text<4>>>("{\"value\":" + json + "}");
    ASSERT_TRUE(got.has_value()) << json;
    EXPECT_EQ(got->value.view(), text) << json;
  }
}

TEST(JsonWriter, BuildsAnswersThatAreNotOneStruct) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  json.begin_object();
  json.field("order_id", OrderId{1});
  json.key("data");
  json.begin_array();
  json.value(Name{"名", "n"});
  json.boolean(true);
  json.null();
  json.raw("{}");
  json.begin_object();
  json.end_object();
  json.end_array();
  json.field("n", std::int64_t{-1});
  json.key("s");
  json.string("x\xFFy\xE2\x82");
  json.end_object();
  EXPECT_EQ(text,
            "{\"order_id\":\"ord_1\",\"data\":[{\"zh\":\"名\",\"en\":\"n\"},true,null,{},{}],"
            "\"n\":-1,\"s\":\"x\uFFFDy\uFFFD\uFFFD\"}");
}

TEST(JsonWriter, FixedRoomIsNeverOverrun) {
  const std::string want = to_json(PlaceOrder{.drop_id = {7},
                                              .person_id = {8},
                                              .quantity = 1,
                                              .currency = Currency::of("CNY"),
                                              .key_hash = 5});
  for (std::size_t room = 0; room <= want.size(); ++room) {
    std::string buffer(want.size() + 8, '#');
    CharSink sink(std::span<char>(buffer.data(), room));
    write_json(PlaceOrder{.drop_id = {7},
                          .person_id = {8},
                          .quantity = 1,
                          .currency = Currency::of("CNY"),
                          .key_hash = 5},
               sink);
    EXPECT_EQ(sink.overflowed(), room < want.size());
    EXPECT_EQ(buffer.substr(room), std::string(buffer.size() - room, '#'));
    if (!sink.overflowed()) { EXPECT_EQ(sink.view(), want); }
  }
}

TEST(JsonWriter, AllocatesNothingWhenThereIsRoom) {
  std::string text;
  text.reserve(512);
  const PlaceOrder order{.drop_id = {7},
                         .person_id = {8},
                         .quantity = 1,
                         .currency = Currency::of("CNY"),
                         .key_hash = 5};
  CharSink sink(text);
  write_json(order, sink);
  const std::uint64_t before = allocations;
  text.clear();
  write_json(order, sink);
  EXPECT_EQ(allocations, before);
  EXPECT_FALSE(text.empty());
}

RC_GTEST_PROP(JsonProperty, RoundTripsEveryType, ()) {
  const Everything value = any_everything();
  const std::string text = to_json(value);
  const auto got = read<Everything>(text);
  if (!got.has_value()) { RC_LOG() << text << "\n" << got.error().message(); }
  RC_ASSERT(got.has_value());
  RC_ASSERT(*got == value);
}

RC_GTEST_PROP(JsonProperty, DamagedTextIsRefusedOrRead, (std::vector<std::uint8_t> noise)) {
  std::string text = to_json(any_everything());
  for (const std::uint8_t byte : noise) {
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = static_cast<char>(byte);
  }
  const auto got = read<Everything>(text);
  if (got.has_value()) { RC_ASSERT(*read<Everything>(to_json(*got)) == *got); }
}

TEST(JsonPathField, TakesTheStringFormWithoutQuotes) {
  PlaceOrder order;
  EXPECT_FALSE(read_path_field(order, "drop_id", "drop_7").has_value());
  EXPECT_EQ(order.drop_id, DropId{7});
  EXPECT_EQ(read_path_field(order, "drop_id", "7")->code, malformed_value);
  EXPECT_EQ(read_path_field(order, "drop_id", "sku_7")->message(),
            "/drop_id: expected id such as \"drop_7\"; came sku_7");
}

}  // namespace
}  // namespace firebrand
