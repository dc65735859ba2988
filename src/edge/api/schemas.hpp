#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json_schema.hpp"
#include "edge/api/route.hpp"

namespace firebrand {

/// For Route::request_schema: what a body may hold.
template <Described T>
BodySchema body_schema_of() {
  const bool required = std::ranges::any_of(struct_table<T>().fields(), [](const auto& field) {
    return field.from == From::body && field.rule.presence == Presence::required;
  });
  return {json_schema<T>(SchemaFor::input), required};
}

/// For Route::response_schema: all fields.
template <Described T>
std::string answer_schema_of() {
  return json_schema<T>(SchemaFor::output);
}

/// Of one value, such as a query parameter.
template <class V>
std::string value_schema_of() {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  write_json_schema_of_value<V>(Rule{}, SchemaFor::input, json);
  return text;
}

/// What a list rests on: what comes from the log says how far.
enum class ListOf : std::uint8_t { records, other };

/// {"data":[...],"next_cursor":...,"has_more":...,"log_position":...}; the last of records only.
[[nodiscard]] inline std::string page_schema(std::string_view entry,
                                             ListOf list = ListOf::records) {
  const bool has_position = list == ListOf::records;
  std::string schema = R"({"type":"object","required":["data","next_cursor","has_more")";
  if (has_position) { schema += R"(,"log_position")"; }
  schema.append(R"(],"properties":{"data":{"type":"array","items":)").append(entry);
  schema += R"(},"next_cursor":{"type":["string","null"],)"
            R"("description":"Pass it as `cursor` for what follows."},)"
            R"("has_more":{"type":"boolean"})";
  if (has_position) {
    schema += R"(,"log_position":{"type":"string",)"
              R"("description":"The list shows all up to this log offset at least."})";
  }
  return schema + "}}";
}
/// The same of one entry as JSON.
[[nodiscard]] inline std::string page_example(std::string_view entry) {
  return std::string(R"({"data":[)")
      .append(entry)
      .append(R"(],"next_cursor":null,"has_more":false,"log_position":"1234"})");
}
template <Described T>
std::string page_schema_of() {
  return page_schema(answer_schema_of<T>());
}

}  // namespace firebrand
