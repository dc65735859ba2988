#include "base/money.hpp"

#include <algorithm>
#include <charconv>

namespace firebrand {
namespace money_detail {

constexpr std::size_t count(std::string_view codes) { return (codes.size() + 1) / 4; }

constexpr std::size_t kLastWithoutDecimals = count(kCodesWithoutDecimals);
constexpr std::size_t kLastWithTwoDecimals = kLastWithoutDecimals + count(kCodesWithTwoDecimals);
static_assert(kLastWithTwoDecimals + count(kCodesWithThreeDecimals) <= 255);

constinit const std::array<std::uint8_t, 1 << 15> kPlaces = [] {
  std::array<std::uint8_t, 1 << 15> places{};
  std::uint8_t place = 0;
  for (const std::string_view codes :
       {kCodesWithoutDecimals, kCodesWithTwoDecimals, kCodesWithThreeDecimals}) {
    for (std::size_t i = 0; i < codes.size(); i += 4) {
      places[pack(codes.substr(i, 3))] = ++place;
    }
  }
  return places;
}();

}  // namespace money_detail

namespace {

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) { power *= 10; }
  return power;
}

std::int64_t micros_per_minor(Currency currency) { return power_of_ten(6 - currency.exponent()); }

Expected<Money, MoneyError> in_currency(std::optional<std::int64_t> minor, Currency currency) {
  if (!minor) { return Unexpected(MoneyError::overflow); }
  return Money{*minor, currency};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Currency> Currency::parse(std::string_view code) noexcept {
  const Currency currency{money_detail::pack(code)};
  if (!currency.is_known()) { return std::nullopt; }
  return currency;
}

int Currency::exponent() const noexcept {
  FB_ASSERT(is_known());
  const std::size_t place = money_detail::kPlaces[value];
  if (place <= money_detail::kLastWithoutDecimals) { return 0; }
  return place <= money_detail::kLastWithTwoDecimals ? 2 : 3;
}

std::string_view Currency::code() const noexcept {
  if (is_none()) { return {}; }
  FB_ASSERT(is_known());
  using namespace money_detail;
  const std::size_t place = kPlaces[value];
  if (place <= kLastWithoutDecimals) { return kCodesWithoutDecimals.substr(4 * (place - 1), 3); }
  if (place <= kLastWithTwoDecimals) {
    return kCodesWithTwoDecimals.substr(4 * (place - 1 - kLastWithoutDecimals), 3);
  }
  return kCodesWithThreeDecimals.substr(4 * (place - 1 - kLastWithTwoDecimals), 3);
}

Expected<Money, MoneyError> checked_add(Money a, Money b) {
  if (a.currency != b.currency) { return Unexpected(MoneyError::currency_mismatch); }
  return in_currency(checked_add(a.minor, b.minor), a.currency);
}

Expected<Money, MoneyError> checked_sub(Money a, Money b) {
  if (a.currency != b.currency) { return Unexpected(MoneyError::currency_mismatch); }
  return in_currency(checked_sub(a.minor, b.minor), a.currency);
}

Expected<Money, MoneyError> checked_mul(Money price, std::int64_t quantity) {
  return in_currency(checked_mul(price.minor, quantity), price.currency);
}

RoundedMoney round_micros(Micros amount, Currency currency, Rounding rounding) {
  const std::int64_t unit = micros_per_minor(currency);
  std::int64_t minor = 0;
  switch (rounding) {
    case Rounding::floor:
      minor = div_floor(amount.value, unit);
      break;
    case Rounding::nearest_half_even:
      minor = div_nearest(amount.value, unit);
      break;
  }
  // In 128 bits: at the ends of the range the rounded amount may lie outside of 64.
  __extension__ using Wide = __int128;
  const Wide remainder = static_cast<Wide>(amount.value) - static_cast<Wide>(minor) * unit;
  return {{minor, currency}, {static_cast<std::int64_t>(remainder)}};
}

std::optional<Micros> to_micros(Money money) {
  const auto micros = checked_mul(money.minor, micros_per_minor(money.currency));
  if (!micros) { return std::nullopt; }
  return Micros{*micros};
}

Text<24> format_amount(Money money) {
  const auto exponent = static_cast<std::size_t>(money.currency.exponent());
  // The magnitude, also of the smallest number, which has no positive counterpart.
  const std::uint64_t minor = money.minor < 0 ? ~static_cast<std::uint64_t>(money.minor) + 1
                                              : static_cast<std::uint64_t>(money.minor);
  std::array<char, 24> reversed{};  // 20 digits, sign, point.
  std::size_t size = 0;
  std::uint64_t left = minor;
  for (std::size_t digits = 0; left != 0 || digits <= exponent; ++digits) {
    if (digits == exponent && exponent != 0) { reversed[size++] = '.'; }
    reversed[size++] = static_cast<char>('0' + left % 10);
    left /= 10;
  }
  if (money.minor < 0) { reversed[size++] = '-'; }
  std::reverse(reversed.begin(), reversed.begin() + static_cast<std::ptrdiff_t>(size));
  return {std::string_view(reversed.data(), size)};
}

std::optional<Money> parse_amount(std::string_view text, Currency currency) {
  const auto exponent = static_cast<std::size_t>(currency.exponent());
  std::array<char, 24> digits{};  // Sign, whole part and decimals, without the point.
  std::size_t size = 0;
  std::size_t next = 0;
  const auto copy_digits = [&] {
    const std::size_t first = next;
    for (; next < text.size() && is_digit(text[next]) && size < digits.size(); ++next) {
      digits[size++] = text[next];
    }
    return next - first;
  };
  if (!text.empty() && text[0] == '-') { digits[size++] = text[next++]; }
  const std::size_t whole_start = next;
  const std::size_t whole = copy_digits();
  if (whole == 0 || (whole > 1 && text[whole_start] == '0')) { return std::nullopt; }
  std::size_t decimals = 0;
  if (next < text.size() && text[next] == '.') {
    ++next;
    decimals = copy_digits();
    if (decimals == 0) { return std::nullopt; }
  }
  if (next != text.size() || decimals > exponent) { return std::nullopt; }
  for (; decimals < exponent; ++decimals) {
    if (size == digits.size()) { return std::nullopt; }
    digits[size++] = '0';
  }
  std::int64_t minor = 0;
  const char* const end = digits.data() + size;
  const auto [stopped, error] = std::from_chars(digits.data(), end, minor);
  if (error != std::errc() || stopped != end) { return std::nullopt; }
  return Money{minor, currency};
}

}  // namespace firebrand
