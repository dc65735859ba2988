#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/char_sink.hpp"
#include "base/expected.hpp"
#include "base/struct_table.hpp"

/// The text line of a described struct, for golden scripts, the command line and error reports:
///
///     place_order drop_id=1 person_id=3 quantity=1
///
/// A name, then `field=value` in any order, wherever the field comes from. Values:
///
///     integers, Millis    42
///     booleans, enums     true, sold_out
///     ids                 7, or with their prefix: sku_7
///     Timestamp           milliseconds since 1970, or RFC 3339
///     Currency, Money     CNY, CNY:199900 (minor units)
///     Text                "quoted" with the escapes of JSON; a bare word will do on reading
///     Bytes               hexadecimal: 00ff
///     List                [a, b]
///     described struct    {field=value field=value}
///     none                no value, where the default means that; no currency
///
/// A field that is left out keeps its default. That must obey its rule if the field is required.
namespace firebrand {

enum class TextErrorCode : std::uint8_t {
  malformed_line = 1,
  wrong_name = 2,  ///< The first word is not the struct's name.
  unknown_field = 3,
  duplicate_field = 4,
  missing_field = 5,  ///< Required, and its default breaks its rule.
  malformed_value = 6,
  unknown_value = 7,  ///< No such enumerator or currency.
  out_of_range = 8,
  wrong_length = 9,  ///< A text or list outside of its rule.
};

struct TextError {
  TextErrorCode code{};
  std::size_t position = 0;  ///< Bytes from the start of the line.
  std::string field{};       ///< "waves[0].units"; "" if it is about the line.
  std::string expected{};
  std::string came{};

  /// "column 13: quantity: expected integer, 1 to 100; came 0". Columns count from 1.
  [[nodiscard]] std::string message() const;
  friend bool operator==(const TextError&, const TextError&) = default;
};

enum class TextFields : std::uint8_t { changed, all };
enum class TextTimes : std::uint8_t { unix_ms, rfc3339 };
struct TextStyle {
  TextFields fields =
      TextFields::changed;  ///< `changed`: only those that are not at their default.
  TextTimes times = TextTimes::unix_ms;
};

/// `name field=value field=value`, in the order of the fields.
void write_text(const StructTable& table, const void* object, TextStyle style, CharSink& sink);
/// The same without the name.
void write_text_fields(const StructTable& table, const void* object, TextStyle style,
                       CharSink& sink);

[[nodiscard]] std::string to_text(const StructTable& table, const void* object, TextStyle style);
template <Described T>
[[nodiscard]] std::string to_text(const T& value, TextStyle style = {}) {
  return to_text(struct_table<T>(), &value, style);
}

/// The first word of a line: which struct it is about.
[[nodiscard]] std::string_view text_line_name(std::string_view line);

/// REQUIRES: `object` is what `table` describes, at its defaults.
[[nodiscard]] std::optional<TextError> read_text(const StructTable& table, void* object,
                                                 std::string_view line);

template <Described T>
[[nodiscard]] Expected<T, TextError> read_text(std::string_view line) {
  T value{};
  if (auto error = read_text(struct_table<T>(), &value, line)) { return Unexpected(*error); }
  return value;
}

}  // namespace firebrand
