#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/expected.hpp"
#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

/// An ISO 4217 currency, by its three letters in 5 bits each ('A' = 1). Zero: none.
///
/// Known are the currencies people pay with, of list one as published on 2026-01-01. Left out are
/// funds, metals and test codes, and the units with four decimals (CLF, UYW). Codes are only ever
/// added: one that ISO withdraws later still stands in old logs.
struct Currency {
  std::uint16_t value = 0;

  /// For constants of our own: `Currency::of("CNY")`. REQUIRES: a known code.
  static constexpr Currency of(std::string_view code);
  /// Input from outside: nothing unless it is a known code in capitals.
  [[nodiscard]] static std::optional<Currency> parse(std::string_view code) noexcept;

  [[nodiscard]] constexpr bool is_none() const { return value == 0; }
  [[nodiscard]] bool is_known() const noexcept;
  /// Decimals of the main unit: 0, 2 or 3. REQUIRES: is_known().
  [[nodiscard]] int exponent() const noexcept;
  /// "CNY"; "" for none. REQUIRES: known or none.
  [[nodiscard]] std::string_view code() const noexcept;

  friend constexpr auto operator<=>(const Currency&, const Currency&) = default;
};

/// Minor units (fen, cents) of a currency: what a person pays or is paid, in core, log and API.
struct Money {
  std::int64_t minor = 0;
  Currency currency{};

  friend constexpr bool operator==(const Money&, const Money&) = default;
};

struct MicrosTag {
  static constexpr const char* prefix = nullptr;
};
/// One millionth of a main unit: bids and media spend only, rounded into Money by a named rule.
using Micros = Strong<MicrosTag, std::int64_t>;

// ---- checked arithmetic: nothing on overflow ----

[[nodiscard]] constexpr std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) { return std::nullopt; }
  return sum;
}
[[nodiscard]] constexpr std::optional<std::int64_t> checked_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) { return std::nullopt; }
  return difference;
}
[[nodiscard]] constexpr std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) { return std::nullopt; }
  return product;
}

enum class MoneyError : std::uint8_t {
  overflow = 1,
  currency_mismatch = 2,
};
[[nodiscard]] Expected<Money, MoneyError> checked_add(Money a, Money b);
[[nodiscard]] Expected<Money, MoneyError> checked_sub(Money a, Money b);
/// A price times a quantity.
[[nodiscard]] Expected<Money, MoneyError> checked_mul(Money price, std::int64_t quantity);

// ---- named rounding ----

enum class Rounding : std::uint8_t {
  floor = 1,              ///< Towards minus infinity.
  nearest_half_even = 2,  ///< To the nearest; a half goes to the even neighbour, so that many
                          ///< halves do not add up to a bias.
};

/// a / b rounded towards minus infinity. REQUIRES: b > 0.
[[nodiscard]] constexpr std::int64_t div_floor(std::int64_t a, std::int64_t b) {
  FB_ASSERT(b > 0);
  return a / b - (a % b < 0 ? 1 : 0);
}

/// a / b by Rounding::nearest_half_even. REQUIRES: b > 0.
[[nodiscard]] constexpr std::int64_t div_nearest(std::int64_t a, std::int64_t b) {
  const std::int64_t below = div_floor(a, b);
  const std::int64_t rest = a % b < 0 ? a % b + b : a % b;
  const std::int64_t to_next = b - rest;
  if (rest < to_next) { return below; }
  if (rest > to_next) { return below + 1; }
  return below + (below & 1);
}

/// What rounding gives and what it leaves over: both are booked, nothing is dropped.
struct RoundedMoney {
  Money money{};
  Micros remainder{};  ///< Exact amount less `money`; negative if rounded up.

  friend constexpr bool operator==(const RoundedMoney&, const RoundedMoney&) = default;
};
/// REQUIRES: a known currency.
[[nodiscard]] RoundedMoney round_micros(Micros amount, Currency currency, Rounding rounding);
/// The other way is exact. Nothing on overflow. REQUIRES: a known currency.
[[nodiscard]] std::optional<Micros> to_micros(Money money);

// ---- decimal text of the main unit: {199900, CNY} <-> "1999.00" ----

/// With all decimals of the currency, '.' between, '-' before. REQUIRES: a known currency.
[[nodiscard]] Text<24> format_amount(Money money);
/// Exact, so at most the currency's decimals; fewer are filled with zeros. No spaces, '+',
/// grouping or leading zeros. Nothing if malformed or beyond 64 bits. REQUIRES: a known currency.
[[nodiscard]] std::optional<Money> parse_amount(std::string_view text, Currency currency);

// ---- details ----

namespace money_detail {

inline constexpr std::string_view kCodesWithoutDecimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
inline constexpr std::string_view kCodesWithTwoDecimals =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
    "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN "
    "QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
    "TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";
inline constexpr std::string_view kCodesWithThreeDecimals = "BHD IQD JOD KWD LYD OMR TND";

/// Zero unless three capital letters.
constexpr std::uint16_t pack(std::string_view code) {
  if (code.size() != 3) { return 0; }
  unsigned packed = 0;
  for (const char letter : code) {
    if (letter < 'A' || letter > 'Z') { return 0; }
    packed = packed << 5 | static_cast<unsigned>(letter - 'A' + 1);
  }
  return static_cast<std::uint16_t>(packed);
}

/// By packed code: its place in the lists above, taken one after the other and counted from 1;
/// 0 for unknown.
extern const std::array<std::uint8_t, 1 << 15> kPlaces;

}  // namespace money_detail

constexpr Currency Currency::of(std::string_view code) {
  using namespace money_detail;
  // No code straddles two others: there is a space between any two.
  FB_ASSERT(pack(code) != 0 && (kCodesWithTwoDecimals.find(code) != std::string_view::npos ||
                                kCodesWithoutDecimals.find(code) != std::string_view::npos ||
                                kCodesWithThreeDecimals.find(code) != std::string_view::npos));
  return {pack(code)};
}

inline bool Currency::is_known() const noexcept {
  return value < money_detail::kPlaces.size() && money_detail::kPlaces[value] != 0;
}

}  // namespace firebrand
