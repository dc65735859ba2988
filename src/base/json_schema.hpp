#pragma once

#include <cstdint>
#include <string>

#include "base/json_writer.hpp"
#include "base/struct_table.hpp"

namespace firebrand {

enum class SchemaFor : std::uint8_t {
  input,   ///< What read_json() takes: body fields, nothing else, ranges and defaults.
  output,  ///< What JsonWriter writes: all fields, always present; more may come in later versions.
};

/// A JSON Schema (2020-12, as OpenAPI 3.1 embeds it) of a described struct, with everything nested
/// in place. A text's maxLength counts characters where the rule counts bytes: it is what holds
/// for certain, and the description says the bytes.
void write_json_schema(const StructTable& table, SchemaFor use, JsonWriter& json);

template <Described T>
void write_json_schema(SchemaFor use, JsonWriter& json) {
  write_json_schema(struct_table<T>(), use, json);
}
[[nodiscard]] std::string json_schema(const StructTable& table, SchemaFor use);
template <Described T>
[[nodiscard]] std::string json_schema(SchemaFor use) {
  return json_schema(struct_table<T>(), use);
}

void write_json_schema_of_type(const TypeTable& type, const Rule& rule, SchemaFor use,
                               JsonWriter& json);
/// The schema of one value of any type that a described field may have, such as a path parameter.
template <class V>
void write_json_schema_of_value(const Rule& rule, SchemaFor use, JsonWriter& json) {
  write_json_schema_of_type(table_detail::kType<V>, rule, use, json);
}

}  // namespace firebrand
