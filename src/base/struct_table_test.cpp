#include "base/struct_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "base/codec_test_generators.hpp"

namespace firebrand {
namespace {

using namespace codec_test;

TEST(StructTable, HoldsEachFieldOnce) {
  const StructTable& table = struct_table<PlaceOrder>();
  EXPECT_EQ(table.name(), "place_order");
  EXPECT_EQ(table.doc(), PlaceOrder::kDoc);
  ASSERT_EQ(table.fields().size(), 5U);
  EXPECT_EQ(&table, &struct_table<PlaceOrder>());
  EXPECT_EQ(table.find("quantity"), 2U);
  EXPECT_EQ(table.find("none"), 5U);
  for (std::size_t likely = 0; likely < 8; ++likely) {
    EXPECT_EQ(table.find("quantity", likely), 2U);
    EXPECT_EQ(table.find("none", likely), 5U);
  }
  const FieldTable& quantity = table.fields()[2];
  EXPECT_EQ(quantity.number, 3);
  EXPECT_EQ(quantity.from, From::body);
  PlaceOrder order;
  EXPECT_EQ(quantity.in(static_cast<void*>(&order)), &order.quantity);
  EXPECT_EQ(load_number(*quantity.type, quantity.in(table.defaults())), 1);
}

TEST(StructTable, KnowsWhichDefaultsMeanNone) {
  const StructTable& table = struct_table<Everything>();
  for (const FieldTable& field : table.fields()) {
    const bool want = field.name == "alias" || field.name == "gift_sku_id";
    EXPECT_EQ(field.default_is_none, want) << field.name;
  }
}

TEST(StructTable, NoneIsAValueInRecordsAndNoneInJson) {
  const PersonId nobody{};
  const Money nothing{};
  const Currency no_currency{};
  const auto passes = [](const auto& value, const Rule& rule, Nones nones) {
    return obeys(table_detail::kType<std::remove_cvref_t<decltype(value)>>, rule, &value, nones);
  };
  EXPECT_FALSE(passes(nobody, {}, Nones::refused));
  EXPECT_TRUE(passes(nobody, {}, Nones::accepted));
  EXPECT_FALSE(passes(nobody, {.min = 1}, Nones::accepted));
  EXPECT_FALSE(passes(nothing, {}, Nones::refused));
  EXPECT_TRUE(passes(nothing, {}, Nones::accepted));
  EXPECT_FALSE(passes(no_currency, {}, Nones::refused));
  EXPECT_TRUE(passes(no_currency, {}, Nones::accepted));
}

enum class Signed : std::int16_t { zero = 0, one = 1 };

TEST(StructTable, LoadsAndStoresNumbersOfEveryWidth) {
  const auto expect = [](auto value, WideInteger want) {
    using V = decltype(value);
    const TypeTable& type = table_detail::kType<V>;
    EXPECT_TRUE(load_number(type, &value) == want);
    V copy{};
    store_number(type, &copy, want);
    EXPECT_TRUE(equal_values(type, &copy, &value));
  };
  expect(std::int8_t{-128}, -128);
  expect(std::uint8_t{255}, 255);
  expect(std::int16_t{-2}, -2);
  expect(std::uint32_t{0xFFFFFFFF}, 0xFFFFFFFF);
  expect(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min());
  expect(std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint64_t>::max());
  expect(Signed{-1}, -1);
  expect(SkuId{7}, 7);
  expect(Micros{-7}, -7);
  expect(from_unix_ms(-1), -1);
  expect(Millis{5}, 5);
}

TEST(StructTable, RangesAreWhatRuleAndTypeAllow) {
  const auto text = [](const TypeTable& type, const Rule& rule) {
    return range_text(number_range(type, rule));
  };
  EXPECT_EQ(text(table_detail::kType<std::int64_t>, {}), "");
  EXPECT_EQ(text(table_detail::kType<std::uint64_t>, {}), "at least 0");
  EXPECT_EQ(text(table_detail::kType<std::uint8_t>, {}), "0 to 255");
  EXPECT_EQ(text(table_detail::kType<std::int8_t>, {.min = -5, .max = 500}), "-5 to 127");
  EXPECT_EQ(text(table_detail::kType<std::int64_t>, {.max = 9}), "at most 9");
  EXPECT_EQ(range_text(size_range(table_detail::kType<Text<40>>, {})), "0 to 40");
  EXPECT_EQ(range_text(size_range(table_detail::kType<Text<40>>, {.min = 1, .max = 30})),
            "1 to 30");
  EXPECT_TRUE(number_range(table_detail::kType<std::uint64_t>, {})
                  .contains(std::numeric_limits<std::uint64_t>::max()));
}

RC_GTEST_PROP(StructTableProperty, EqualityAndRulesAgreeWithTheStruct, ()) {
  const TypeTable& type = table_detail::kType<Everything>;
  const Everything a = any_everything();
  const Everything b = any_everything();
  RC_ASSERT(equal_values(type, &a, &a));
  RC_ASSERT(equal_values(type, &a, &b) == (a == b));
  RC_ASSERT(obeys(type, {}, &a, Nones::refused));
  Everything spoiled = a;
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      spoiled.tiny = 6;
      break;
    case 1:
      spoiled.release = {};
      break;
    case 2:
      spoiled.sku_id = {};
      break;
    case 3:
      spoiled.price.currency = {};
      break;
    case 4:
      spoiled.note = "1";
      break;
    case 5:
      spoiled.numbers.clear();
      break;
    case 6:
      spoiled.tags = {Text<8>("\xFF")};
      break;
    default:
      spoiled.name.en = "";
      break;
  }
  RC_ASSERT(!obeys(type, {}, &spoiled, Nones::refused));
  RC_ASSERT(!equal_values(type, &a, &spoiled));
}

struct OutOfOrder {
  static constexpr std::string_view kName = "out_of_order";
  static constexpr std::string_view kDoc = "Broken.";
  int a = 0;
  int b = 0;
  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(2, "a", self.a, From::body, {}, "");
    field(2, "b", self.b, From::body, {}, "");
  }
};

struct NamelessUnit {
  static constexpr std::string_view kName = "nameless_unit";
  static constexpr std::string_view kDoc = "Broken.";
  Millis ttl{};
  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "ttl", self.ttl, From::body, {}, "");
  }
};

TEST(StructTableDeathTest, BrokenDescriptionsStopTheProgram) {
  EXPECT_DEATH((void)struct_table<OutOfOrder>(), "number");
  EXPECT_DEATH((void)struct_table<NamelessUnit>(), "_ms");
}

}  // namespace
}  // namespace firebrand
