#include "base/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <set>
#include <string>

namespace firebrand {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr Currency kCny = Currency::of("CNY");
constexpr Currency kJpy = Currency::of("JPY");
constexpr Currency kKwd = Currency::of("KWD");

TEST(Currency, KnowsWhatPeoplePayWith) {
  const std::pair<const char*, int> rows[] = {
      {"CNY", 2}, {"USD", 2}, {"EUR", 2}, {"AED", 2}, {"ZWG", 2}, {"MGA", 2}, {"XCG", 2},
      {"JPY", 0}, {"KRW", 0}, {"BIF", 0}, {"XPF", 0}, {"VND", 0}, {"ISK", 0}, {"UGX", 0},
      {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3}, {"LYD", 3}, {"OMR", 3}, {"TND", 3}};
  for (const auto& [code, exponent] : rows) {
    const auto currency = Currency::parse(code);
    ASSERT_TRUE(currency) << code;
    EXPECT_EQ(currency->exponent(), exponent) << code;
    EXPECT_EQ(currency->code(), code);
    EXPECT_EQ(Currency::of(code), *currency);
  }
}

TEST(Currency, RefusesTheRest) {
  for (const char* code : {"", "C", "CN", "CNYX", "cny", "CNy", "C Y", "ABC", "ZZZ", "CLF", "UYW",
                           "XAU", "XXX", "XTS", "HRK", "NY ", "Y C", "人"}) {
    EXPECT_FALSE(Currency::parse(code)) << code;
  }
  EXPECT_FALSE(Currency{}.is_known());
  EXPECT_FALSE(Currency{0xFFFF}.is_known());
  EXPECT_EQ(Currency{}.code(), "");
}

TEST(Currency, EveryKnownOneIsItsCode) {
  std::set<std::string> codes;
  for (std::uint32_t value = 0; value <= 0xFFFF; ++value) {
    const Currency currency{static_cast<std::uint16_t>(value)};
    if (!currency.is_known()) { continue; }
    EXPECT_EQ(Currency::parse(currency.code()), currency);
    codes.emplace(currency.code());
  }
  EXPECT_EQ(codes.size(), 155U);
}

TEST(MoneyArithmetic, IsCheckedInAmountAndCurrency) {
  EXPECT_EQ(*checked_mul(Money{199900, kCny}, 3), (Money{599700, kCny}));
  EXPECT_EQ(*checked_add(Money{1, kCny}, Money{-2, kCny}), (Money{-1, kCny}));
  EXPECT_EQ(*checked_sub(Money{1, kCny}, Money{2, kCny}), (Money{-1, kCny}));
  EXPECT_EQ(checked_add(Money{1, kCny}, Money{1, kJpy}).error(), MoneyError::currency_mismatch);
  EXPECT_EQ(checked_sub(Money{1, kCny}, Money{1, kJpy}).error(), MoneyError::currency_mismatch);
  EXPECT_EQ(checked_add(Money{kMax, kCny}, Money{1, kCny}).error(), MoneyError::overflow);
  EXPECT_EQ(checked_sub(Money{kMin, kCny}, Money{1, kCny}).error(), MoneyError::overflow);
  EXPECT_EQ(checked_mul(Money{kMax / 2 + 1, kCny}, 2).error(), MoneyError::overflow);
  EXPECT_EQ(checked_mul(kMin, std::int64_t{-1}), std::nullopt);
  EXPECT_EQ(checked_mul(kMax, std::int64_t{1}), kMax);
}

TEST(Division, RoundsAsItsNameSays) {
  struct Row {
    std::int64_t a, b, floor, nearest;
  };
  const Row rows[] = {{7, 2, 3, 4},
                      {5, 2, 2, 2},
                      {-5, 2, -3, -2},
                      {-7, 2, -4, -4},
                      {-1, 2, -1, 0},
                      {1, 2, 0, 0},
                      {3, 2, 1, 2},
                      {-1, 3, -1, 0},
                      {-2, 3, -1, -1},
                      {0, 9, 0, 0},
                      {6, 3, 2, 2},
                      {-6, 3, -2, -2},
                      {kMax, 1, kMax, kMax},
                      {kMin, 1, kMin, kMin},
                      {kMin, kMax, -2, -1},
                      {kMin, 3, kMin / 3 - 1, kMin / 3 - 1},
                      {kMax, 2, kMax / 2, kMax / 2 + 1},
                      {kMin, 2, kMin / 2, kMin / 2}};
  for (const Row& row : rows) {
    EXPECT_EQ(div_floor(row.a, row.b), row.floor) << row.a << " / " << row.b;
    EXPECT_EQ(div_nearest(row.a, row.b), row.nearest) << row.a << " / " << row.b;
  }
}

TEST(RoundMicros, GivesTheRemainderBack) {
  using enum Rounding;
  EXPECT_EQ(round_micros({1'999'005'000}, kCny, floor), (RoundedMoney{{199900, kCny}, {5'000}}));
  EXPECT_EQ(round_micros({1'999'005'000}, kCny, nearest_half_even),
            (RoundedMoney{{199900, kCny}, {5'000}}));
  EXPECT_EQ(round_micros({1'999'015'000}, kCny, nearest_half_even),
            (RoundedMoney{{199902, kCny}, {-5'000}}));
  EXPECT_EQ(round_micros({-1}, kJpy, floor), (RoundedMoney{{-1, kJpy}, {999'999}}));
  EXPECT_EQ(round_micros({-1}, kJpy, nearest_half_even), (RoundedMoney{{0, kJpy}, {-1}}));
  EXPECT_EQ(round_micros({1'500}, kKwd, nearest_half_even), (RoundedMoney{{2, kKwd}, {-500}}));
  EXPECT_EQ(to_micros({2, kKwd}), Micros{2'000});
  EXPECT_EQ(to_micros({kMax / 1'000'000 + 1, kJpy}), std::nullopt);
}

RC_GTEST_PROP(RoundMicrosProperty, MoneyAndRemainderAreTheAmount, (std::int64_t micros)) {
  for (const Currency currency : {kJpy, kCny, kKwd}) {
    const Micros unit = *to_micros({1, currency});
    for (const Rounding rounding : {Rounding::floor, Rounding::nearest_half_even}) {
      const RoundedMoney rounded = round_micros({micros}, currency, rounding);
      const auto whole = to_micros(rounded.money);
      if (!whole) { continue; }  // Rounded outwards at the very end of the range.
      RC_ASSERT(whole->value + rounded.remainder.value == micros);
      const std::int64_t left = rounded.remainder.value;
      if (rounding == Rounding::floor) { RC_ASSERT(left >= 0 && left < unit.value); }
      if (rounding == Rounding::nearest_half_even) { RC_ASSERT(2 * std::abs(left) <= unit.value); }
    }
  }
}

TEST(AmountText, IsExact) {
  struct Row {
    Money money;
    const char* text;
  };
  const Row rows[] = {{{199900, kCny}, "1999.00"},
                      {{0, kCny}, "0.00"},
                      {{5, kCny}, "0.05"},
                      {{-5, kCny}, "-0.05"},
                      {{-100, kCny}, "-1.00"},
                      {{199900, kJpy}, "199900"},
                      {{0, kJpy}, "0"},
                      {{1, kKwd}, "0.001"},
                      {{kMax, kKwd}, "9223372036854775.807"},
                      {{kMin, kKwd}, "-9223372036854775.808"},
                      {{kMin, kJpy}, "-9223372036854775808"},
                      {{kMax, kCny}, "92233720368547758.07"}};
  for (const Row& row : rows) {
    EXPECT_EQ(format_amount(row.money).view(), row.text);
    EXPECT_EQ(parse_amount(row.text, row.money.currency), row.money);
  }
}

TEST(AmountText, ReadsFewerDecimalsAndNothingElse) {
  EXPECT_EQ(parse_amount("1999", kCny), (Money{199900, kCny}));
  EXPECT_EQ(parse_amount("1999.5", kCny), (Money{199950, kCny}));
  EXPECT_EQ(parse_amount("-0.5", kCny), (Money{-50, kCny}));
  for (const char* text : {"",
                           "-",
                           ".",
                           "1.",
                           ".5",
                           "+1",
                           " 1",
                           "1 ",
                           "1,000",
                           "1.001",
                           "1.000",
                           "01",
                           "00",
                           "1e3",
                           "0x1",
                           "--1",
                           "1-",
                           "1.2.3",
                           "92233720368547758.08",
                           "99999999999999999999999",
                           "999999999999999999999999999"}) {
    EXPECT_EQ(parse_amount(text, kCny), std::nullopt) << text;
  }
  EXPECT_EQ(parse_amount("1.0", kJpy), std::nullopt);
}

RC_GTEST_PROP(AmountTextProperty, RoundTrips, (std::int64_t minor)) {
  for (const Currency currency : {kJpy, kCny, kKwd}) {
    const Money money{minor, currency};
    RC_ASSERT(parse_amount(format_amount(money).view(), currency) == money);
  }
}

}  // namespace
}  // namespace firebrand
