#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/char_sink.hpp"
#include "base/struct_table.hpp"

namespace firebrand {

/// Writes JSON straight into a sink: no tree, no allocation of its own. Commas are its business;
/// matching begin and end is the caller's. For answers that are not one described struct:
///
///     CharSink sink(body);
///     JsonWriter json(sink);
///     json.begin_object();
///     json.field("order_id", order.id);        // Any type that a described field may have.
///     json.key("data");
///     json.begin_array();
///     for (const Status& status : drops) { json.value(status); }
///     json.end_array();
///     json.end_object();
class JsonWriter {
 public:
  explicit JsonWriter(CharSink& sink) : sink_(sink) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void string(std::string_view text);
  template <std::integral Integer>
  void number(Integer value) {
    separate();
    sink_.put_decimal(value);
  }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  /// A JSON value that is already text.
  void raw(std::string_view json) {
    separate();
    sink_.put(json);
  }

  /// A value of any type that a described field may have, in its JSON form:
  ///
  ///     ids         "sku_7"; LogOffset "123"; other Strong types a number
  ///     Timestamp   "2026-11-21T20:00:00.000Z"; Millis a number
  ///     Money       {"amount":199900,"currency":"CNY"}
  ///     enums       "sold_out"
  ///     Bytes       "00ff" in hexadecimal
  ///
  /// `null` stands for "none": the id zero, no currency, a number that is no enumerator, and an
  /// optional field whose default could not be given (see FieldTable::default_is_none).
  template <class V>
  void value(const V& value) {
    write(table_detail::kType<V>, &value);
  }
  template <class V>
  void field(std::string_view name, const V& value) {
    key(name);
    this->value(value);
  }

  /// The same for a value whose type is known by its table alone.
  void write(const TypeTable& type, const void* value);

 private:
  void open(char bracket) {
    separate();
    sink_.put(bracket);
    needs_comma_ = false;
  }
  void close(char bracket) {
    sink_.put(bracket);
    needs_comma_ = true;
  }
  void separate() {
    if (needs_comma_) { sink_.put(','); }
    needs_comma_ = true;
  }
  void write_number(WideInteger number);
  void write_struct(const StructTable& table, const void* object);

  CharSink& sink_;
  bool needs_comma_ = false;
};

/// `"text"` with quotes and escapes (RFC 8259, section 7). Bytes that are not UTF-8 become U+FFFD,
/// so that the result always is.
void put_json_string(CharSink& sink, std::string_view text);

/// The non-template part of to_json().
[[nodiscard]] std::string to_json(const TypeTable& type, const void* value);

/// All fields of a described struct, wherever they come from, in their order.
template <Described T>
void write_json(const T& value, CharSink& sink) {
  JsonWriter(sink).value(value);
}
template <Described T>
[[nodiscard]] std::string to_json(const T& value) {
  return to_json(table_detail::kType<T>, &value);
}

}  // namespace firebrand
