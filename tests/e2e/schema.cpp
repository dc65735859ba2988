#include "schema.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

namespace firebrand::e2e {

namespace {

class Checker {
 public:
  explicit Checker(const Json& document) : document_(document) {}

  std::string check(const Json& given, const Json& value, const std::string& at) const {
    const Json schema = resolved(given);
    if (schema.has("allOf")) {
      const Json parts = schema["allOf"];
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (auto wrong = check_own(resolved(parts[i]), value, at); !wrong.empty()) { return wrong; }
      }
    }
    if (auto wrong = check_own(schema, value, at); !wrong.empty()) { return wrong; }
    return check_names(schema, value, at);
  }

 private:
  [[nodiscard]] Json resolved(Json schema) const {
    while (schema.has("$ref")) {
      const std::string reference = schema["$ref"].text();
      constexpr std::string_view kSchemas = "#/components/schemas/";
      if (!reference.starts_with(kSchemas)) { throw std::runtime_error("strange " + reference); }
      schema = document_["components"]["schemas"][reference.substr(kSchemas.size())];
    }
    return schema;
  }

  static bool fits_type(const std::string& want, std::string_view came) {
    return want == came || (want == "number" && came == "integer");
  }

  static bool has_type(const Json& type, std::string_view came) {
    if (type.type() == "string") { return fits_type(type.text(), came); }
    for (std::size_t i = 0; i < type.size(); ++i) {
      if (fits_type(type[i].text(), came)) { return true; }
    }
    return false;
  }

  static bool has_value(const Json& list, const Json& value) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].dump() == value.dump()) { return true; }
    }
    return false;
  }

  std::string check_own(const Json& schema, const Json& value, const std::string& at) const {
    if (schema.has("type") && !has_type(schema["type"], value.type())) {
      return at + ": " + value.dump() + " is no " + schema["type"].dump();
    }
    if (schema.has("enum") && !has_value(schema["enum"], value)) {
      return at + ": " + value.dump() + " is none of " + schema["enum"].dump();
    }
    if (value.type() == "integer") {
      if (schema.has("minimum") && value.number() < schema["minimum"].number()) {
        return at + ": " + value.dump() + " is below " + schema["minimum"].dump();
      }
      if (schema.has("maximum") && value.number() > schema["maximum"].number()) {
        return at + ": " + value.dump() + " is above " + schema["maximum"].dump();
      }
    }
    if (value.type() == "array" && schema.has("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        auto wrong = check(schema["items"], value[i], at + "/" + std::to_string(i));
        if (!wrong.empty()) { return wrong; }
      }
    }
    return value.type() == "object" ? check_members(schema, value, at) : std::string();
  }

  std::string check_members(const Json& schema, const Json& value, const std::string& at) const {
    if (schema.has("required")) {
      for (std::size_t i = 0; i < schema["required"].size(); ++i) {
        const std::string name = schema["required"][i].text();
        if (!value.has(name)) { return at + "/" + name + ": is not there"; }
      }
    }
    for (const std::string& name : value.names()) {
      const bool is_named = schema.has("properties") && schema["properties"].has(name);
      const bool is_other = !is_named && schema.has("additionalProperties") &&
                            schema["additionalProperties"].type() == "object";
      if (!is_named && !is_other) { continue; }
      auto wrong = check(is_named ? schema["properties"][name] : schema["additionalProperties"],
                         value[name], at + "/" + name);
      if (!wrong.empty()) { return wrong; }
    }
    return {};
  }

  /// Names that the schema and its parts have for members; nothing if there may be others.
  [[nodiscard]] std::optional<std::set<std::string>> names_of(const Json& schema) const {
    if (schema.has("additionalProperties") && schema["additionalProperties"].dump() != "false") {
      return std::nullopt;
    }
    std::set<std::string> names;
    if (schema.has("allOf")) {
      for (std::size_t i = 0; i < schema["allOf"].size(); ++i) {
        const auto part = names_of(resolved(schema["allOf"][i]));
        if (!part) { return std::nullopt; }
        names.insert(part->begin(), part->end());
      }
    } else if (!schema.has("properties")) {
      return std::nullopt;
    }
    if (schema.has("properties")) {
      const std::vector<std::string> own = schema["properties"].names();
      names.insert(own.begin(), own.end());
    }
    return names;
  }

  std::string check_names(const Json& schema, const Json& value, const std::string& at) const {
    if (value.type() != "object") { return {}; }
    const auto names = names_of(schema);
    if (!names) { return {}; }
    for (const std::string& name : value.names()) {
      if (!names->contains(name)) { return at + "/" + name + ": nobody has described it"; }
    }
    return {};
  }

  const Json& document_;
};

}  // namespace

std::string schema_objection(const Json& document, const Json& schema, const Json& value) {
  return Checker(document).check(schema, value, "");
}

}  // namespace firebrand::e2e
