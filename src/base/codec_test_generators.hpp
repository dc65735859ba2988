#pragma once

#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/codec_test_types.hpp"
#include "base/enum_name.hpp"
#include "base/field_kind.hpp"

/// Values that obey the rules of codec_test_types.hpp, for property tests.
namespace firebrand::codec_test {

template <class Integer>
Integer between(Integer min, Integer max) {
  // Both ends and zero come up far more often than chance would have it.
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return min;
    case 1:
      return max;
    case 2:
      return min <= Integer{0} && Integer{0} <= max ? Integer{0} : min;
    default:
      break;
  }
  const auto width = static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min);
  const auto any = *rc::gen::arbitrary<std::uint64_t>();
  const std::uint64_t step = width == ~std::uint64_t{0} ? any : any % (width + 1);
  return static_cast<Integer>(static_cast<std::uint64_t>(min) + step);
}

template <class Integer>
Integer anything() {
  return between(std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max());
}

/// UTF-8 of `min` to `max` bytes, rich in what has to be escaped.
template <std::size_t kMax>
Text<kMax> any_text(std::size_t min, std::size_t max = kMax) {
  constexpr std::array<std::string_view, 14> kPieces = {"a",  "Z",    "7",    " ", "\"", "\\", "/",
                                                        "\n", "\x01", "\x7F", "é", "第", "🔥",  "="};
  std::string text;
  const std::size_t size = between(min, max);
  while (text.size() < size) {
    const std::string_view piece = kPieces[*rc::gen::inRange<std::size_t>(0, kPieces.size())];
    text += text.size() + piece.size() <= max ? piece : std::string_view("x");
  }
  return std::string_view(text);
}

inline Currency any_currency() {
  constexpr std::array<std::string_view, 4> kCodes = {"CNY", "JPY", "KWD", "USD"};
  return Currency::of(kCodes[*rc::gen::inRange<std::size_t>(0, kCodes.size())]);
}

inline Timestamp any_timestamp() {
  return from_unix_ms(between(to_unix_ms(kTimestampMin), to_unix_ms(kTimestampMax)));
}

inline Release any_release() {
  constexpr auto kValues = enum_values<Release>();
  return kValues[*rc::gen::inRange<std::size_t>(0, kValues.size())];
}

inline Name any_name() { return {.zh = any_text<60>(1), .en = any_text<60>(1, 50)}; }

inline Everything any_everything() {
  Everything value;
  value.flag = *rc::gen::arbitrary<bool>();
  value.tiny = between<std::int8_t>(-5, 5);
  value.port = anything<std::uint16_t>();
  value.change = anything<std::int32_t>();
  value.large = anything<std::int64_t>();
  value.hash = anything<std::uint64_t>();
  value.release = any_release();
  value.sku_id = {between<std::uint64_t>(1, std::numeric_limits<std::uint64_t>::max())};
  value.offset = {anything<std::uint64_t>()};
  value.budget = {between<std::int64_t>(0, std::numeric_limits<std::int64_t>::max())};
  value.opens_at = any_timestamp();
  value.ttl = Millis{between<std::int64_t>(1, 86'400'000)};
  value.currency = any_currency();
  value.price = {between<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()),
                 any_currency()};
  value.note = any_text<40>(2, 30);
  for (std::uint8_t& byte : value.key.data) { byte = anything<std::uint8_t>(); }
  for (auto n = between<std::size_t>(1, 4); n > 0; --n) {
    value.numbers.push_back(anything<std::int32_t>());
  }
  for (auto n = between<std::size_t>(0, 3); n > 0; --n) { value.tags.push_back(any_text<8>(0)); }
  value.name = any_name();
  for (auto n = between<std::size_t>(0, 3); n > 0; --n) {
    value.waves.push_back({any_timestamp(), between<std::int64_t>(1, 1'000'000), any_release()});
  }
  if (*rc::gen::arbitrary<bool>()) { value.alias = any_name(); }
  if (*rc::gen::arbitrary<bool>()) { value.gift_sku_id = {between<std::uint64_t>(1, 1'000)}; }
  for (auto n = between<std::size_t>(0, 2); n > 0; --n) {
    value.extra.push_back({anything<std::int64_t>(), any_currency()});
  }
  return value;
}

}  // namespace firebrand::codec_test
