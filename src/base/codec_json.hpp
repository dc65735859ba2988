#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/json_writer.hpp"
#include "base/struct_table.hpp"

/// JSON input for described structs. Only fields with From::body are public: the others keep their
/// defaults and are unknown by name. Forms of the values are those of JsonWriter::value; beyond
/// them a LogOffset may be a number, a Timestamp may carry any offset, and hexadecimal digits may
/// be capitals.
namespace firebrand {

enum class JsonErrorCode : std::uint8_t {
  malformed_json = 1,  ///< Not RFC 8259, not UTF-8, or text after the document.
  unknown_field = 2,   ///< No body field has this name.
  duplicate_field = 3,
  missing_field = 4,    ///< A required field is absent.
  wrong_type = 5,       ///< Another JSON type than expected; numbers with decimals too.
  out_of_range = 6,     ///< A number or time outside of its rule or type.
  wrong_length = 7,     ///< A text or list outside of its rule.
  malformed_value = 8,  ///< A string that is no such id, time, hexadecimal text or Unicode.
  unknown_value = 9,    ///< No such enumerator or currency.
};

/// What is wrong with a body, in words for its author.
struct JsonError {
  JsonErrorCode code{};
  std::string pointer{};      ///< JSON pointer (RFC 6901) of the culprit: "/waves/0/units".
  std::string expected{};     ///< "integer, 1 to 100"
  std::string came{};         ///< The start of what stood there: "\"abc\"", "nothing", "object".
  std::string expected_zh{};  ///< The same in Chinese: "整数，1 至 100".
  std::string came_zh{};

  /// "/quantity: expected integer, 1 to 100; came \"abc\""
  [[nodiscard]] std::string message() const;
  [[nodiscard]] std::string message_zh() const;
  /// "expected integer, 1 to 100; came \"abc\"", for who shows the place by other means.
  [[nodiscard]] std::string detail() const;
  [[nodiscard]] std::string detail_zh() const;
  /// The Chinese words say what the English ones say.
  friend bool operator==(const JsonError& a, const JsonError& b) {
    return a.code == b.code && a.pointer == b.pointer && a.expected == b.expected &&
           a.came == b.came;
  }
};

/// Bytes that must be readable after the end of a body, whatever they hold.
inline constexpr std::size_t kJsonPadding = 64;

/// A copy of a text with that padding, for callers whose buffer has none.
class PaddedJson {
 public:
  explicit PaddedJson(std::string_view text) : size_(text.size()) {
    text_.reserve(size_ + kJsonPadding);
    text_.assign(text);
    text_.append(kJsonPadding, ' ');
  }
  [[nodiscard]] std::string_view view() const { return std::string_view(text_).substr(0, size_); }

 private:
  std::string text_{};
  std::size_t size_;
};

/// The non-template part. REQUIRES: `object` is what `table` describes, at its defaults.
[[nodiscard]] std::optional<JsonError> read_json(const StructTable& table, void* object,
                                                 std::string_view body);

/// Overwrites `out`; on an error it holds a part of it. An empty body counts as {}. null counts as
/// absent where the default means "none" (FieldTable::default_is_none). Allocates nothing unless
/// there is an error or the body is longer than any this thread has read. REQUIRES: kJsonPadding
/// readable bytes after `body`.
template <Described T>
[[nodiscard]] std::optional<JsonError> read_json_into(T& out, std::string_view body) {
  out = T{};
  return read_json(struct_table<T>(), &out, body);
}

/// The same with a value to return.
template <Described T>
[[nodiscard]] Expected<T, JsonError> read_json(std::string_view body) {
  T value{};
  if (auto error = read_json(struct_table<T>(), &value, body)) { return Unexpected(*error); }
  return value;
}

/// The non-template part of read_path_field().
[[nodiscard]] std::optional<JsonError> read_path_field(const StructTable& table, void* object,
                                                       std::string_view name,
                                                       std::string_view segment);

/// Sets the field of that name, which must be From::path, from a segment of the request's path:
/// the text of an id, integer, enumerator, time or Bytes without quotes ("drop_7", "2").
template <Described T>
[[nodiscard]] std::optional<JsonError> read_path_field(T& object, std::string_view name,
                                                       std::string_view segment) {
  return read_path_field(struct_table<T>(), &object, name, segment);
}

}  // namespace firebrand
