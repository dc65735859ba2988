#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace firebrand {

/// Fields of a provider's JSON, which may hold more than we know. Included by bodies only.

/// Whole bytes as JSON; the parser owns what the views show.
[[nodiscard]] inline std::optional<simdjson::dom::object> json_object(simdjson::dom::parser& parser,
                                                                      std::string_view text) {
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size(), true).get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return object;
}

[[nodiscard]] inline std::optional<simdjson::dom::object> object_at(
    const simdjson::dom::object& from, std::string_view key) {
  simdjson::dom::object object;
  if (from[key].get_object().get(object) != simdjson::SUCCESS) { return std::nullopt; }
  return object;
}

/// Empty if it is not there or no text.
[[nodiscard]] inline std::string_view text_at(const simdjson::dom::object& from,
                                              std::string_view key) {
  std::string_view text;
  if (from[key].get_string().get(text) != simdjson::SUCCESS) { return {}; }
  return text;
}

[[nodiscard]] inline std::optional<std::int64_t> integer_at(const simdjson::dom::object& from,
                                                            std::string_view key) {
  std::int64_t number = 0;
  if (from[key].get_int64().get(number) != simdjson::SUCCESS) { return std::nullopt; }
  return number;
}

}  // namespace firebrand
