#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace firebrand {

/// Fields of the JSON of payment providers and sign-ins, which may hold more than we know. Included
/// by bodies only.

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

[[nodiscard]] inline bool has_member(const simdjson::dom::object& from, std::string_view key) {
  return from[key].error() == simdjson::SUCCESS;
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

/// Whether a member stands twice in one of the objects: readers may differ in which one counts.
[[nodiscard]] inline bool has_duplicate_keys(const simdjson::dom::element& from) {
  simdjson::dom::array list;
  if (from.get_array().get(list) == simdjson::SUCCESS) {
    for (const simdjson::dom::element entry : list) {
      if (has_duplicate_keys(entry)) { return true; }
    }
    return false;
  }
  simdjson::dom::object object;
  if (from.get_object().get(object) != simdjson::SUCCESS) { return false; }
  std::vector<std::string_view> names;
  for (const auto& [name, value] : object) {
    if (has_duplicate_keys(value)) { return true; }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// A whole document that is an object, with no member twice.
[[nodiscard]] inline std::optional<simdjson::dom::object> strict_json_object(
    simdjson::dom::parser& parser, std::string_view text) {
  simdjson::dom::element root;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size(), true).get(root) != simdjson::SUCCESS ||
      has_duplicate_keys(root) || root.get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return object;
}

}  // namespace firebrand
