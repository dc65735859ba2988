#include "base/json_schema.hpp"

#include <limits>
#include <string>
#include <string_view>

namespace firebrand {
namespace {

/// What is said of a field beside the form of its value.
struct Notes {
  std::string_view doc{};
  bool or_null = false;
  const FieldTable* with_default = nullptr;
  const void* defaults = nullptr;
};

class SchemaWriter {
 public:
  SchemaWriter(SchemaFor use, JsonWriter& json) : use_(use), json_(json) {}

  void object(const StructTable& table, const Notes& notes) {
    json_.begin_object();
    type("object", notes);
    key_string("description", notes.doc.empty() ? table.doc() : notes.doc);
    json_.key("properties");
    json_.begin_object();
    for (const FieldTable& field : table.fields()) {
      if (!is_shown(field)) { continue; }
      json_.key(field.name);
      const bool has_default = use_ == SchemaFor::input &&
                               field.rule.presence == Presence::optional && !field.default_is_none;
      value(*field.type, field.rule,
            {field.doc, field.default_is_none, has_default ? &field : nullptr, table.defaults()});
    }
    json_.end_object();
    required(table);
    if (use_ == SchemaFor::input) { json_.field("additionalProperties", false); }
    json_.end_object();
  }

  void value(const TypeTable& type, const Rule& rule, const Notes& notes) {
    if (type.kind == FieldKind::nested) { return object(type.nested(), notes); }
    json_.begin_object();
    form(type, rule, notes);
    description(type, rule, notes.doc);
    if (notes.with_default != nullptr) {
      json_.key("default");
      json_.write(type, notes.with_default->in(notes.defaults));
    }
    json_.end_object();
  }

 private:
  [[nodiscard]] bool is_shown(const FieldTable& field) const {
    return use_ == SchemaFor::output || field.from == From::body;
  }

  void required(const StructTable& table) {
    bool is_first = true;
    for (const FieldTable& field : table.fields()) {
      if (!is_shown(field)) { continue; }
      if (use_ == SchemaFor::input && field.rule.presence == Presence::optional) { continue; }
      if (is_first) {
        json_.key("required");
        json_.begin_array();
        is_first = false;
      }
      json_.string(field.name);
    }
    if (!is_first) { json_.end_array(); }
  }

  void type(std::string_view name, const Notes& notes) {
    json_.key("type");
    if (!notes.or_null) { return json_.string(name); }
    json_.begin_array();
    json_.string(name);
    json_.string("null");
    json_.end_array();
  }

  void key_string(std::string_view key, std::string_view text) {
    json_.key(key);
    json_.string(text);
  }

  void integer(const TypeTable& integer_type, const Rule& rule, const Notes& notes) {
    type("integer", notes);
    const bool is_unsigned = integer_type.width != 0 && !integer_type.is_signed;
    if (!is_unsigned) { key_string("format", integer_type.width == 4 ? "int32" : "int64"); }
    const WideRange range = number_range(integer_type, rule);
    if (range.min != std::numeric_limits<std::int64_t>::min()) {
      json_.field("minimum", static_cast<std::int64_t>(range.min));
    }
    if (range.max < std::numeric_limits<std::int64_t>::max()) {
      json_.field("maximum", static_cast<std::int64_t>(range.max));
    }
  }

  void pattern(std::string_view regex, const Notes& notes) {
    type("string", notes);
    key_string("pattern", regex);
  }

  void form(const TypeTable& of, const Rule& rule, const Notes& notes) {
    switch (of.kind) {
      case FieldKind::boolean:
        return type("boolean", notes);
      case FieldKind::integer:
      case FieldKind::millis:
        return integer(of, rule, notes);
      case FieldKind::enumerator:
        type("string", notes);
        json_.key("enum");
        json_.begin_array();
        of.enum_names.for_each([&](std::uint64_t, std::string_view name) { json_.string(name); });
        if (notes.or_null) { json_.null(); }
        return json_.end_array();
      case FieldKind::strong:
        if (of.is_log_offset) { return pattern("^(0|[1-9][0-9]*)$", notes); }
        if (of.prefix == nullptr) { return integer(of, rule, notes); }
        return pattern("^" + std::string(of.prefix) + "_[1-9][0-9]*$", notes);
      case FieldKind::timestamp:
        type("string", notes);
        return key_string("format", "date-time");
      case FieldKind::currency:
        return pattern("^[A-Z]{3}$", notes);
      case FieldKind::money:
        return money(of, rule, notes);
      case FieldKind::text: {
        type("string", notes);
        // A character takes one to four bytes.
        const WideRange sizes = size_range(of, rule);
        if (sizes.min > 0) {
          json_.field("minLength", static_cast<std::int64_t>((sizes.min + 3) / 4));
        }
        return json_.field("maxLength", static_cast<std::int64_t>(sizes.max));
      }
      case FieldKind::bytes:
        return pattern("^[0-9a-fA-F]{" + std::to_string(2 * of.size_max) + "}$", notes);
      case FieldKind::list: {
        type("array", notes);
        json_.key("items");
        value(*of.entry, Rule{}, {});
        const WideRange sizes = size_range(of, rule);
        if (sizes.min > 0) { json_.field("minItems", static_cast<std::int64_t>(sizes.min)); }
        return json_.field("maxItems", static_cast<std::int64_t>(sizes.max));
      }
      case FieldKind::nested:
        return;  // value() took it.
    }
  }

  void money(const TypeTable& of, const Rule& rule, const Notes& notes) {
    type("object", notes);
    json_.key("properties");
    json_.begin_object();
    json_.key("amount");
    json_.begin_object();
    integer(of, rule, {});
    key_string("description", "Minor units of the currency, such as fen or cents.");
    json_.end_object();
    json_.key("currency");
    json_.begin_object();
    pattern("^[A-Z]{3}$", {});
    key_string("description", "ISO 4217 code.");
    json_.end_object();
    json_.end_object();
    json_.key("required");
    json_.raw(R"(["amount","currency"])");
    if (use_ == SchemaFor::input) { json_.field("additionalProperties", false); }
  }

  void description(const TypeTable& of, const Rule& rule, std::string_view doc) {
    std::string text(doc);
    if (of.kind == FieldKind::text) {
      if (!text.empty()) { text += ' '; }
      text += "Bytes of UTF-8: " + range_text(size_range(of, rule)) + '.';
    }
    if (!text.empty()) { key_string("description", text); }
  }

  SchemaFor use_;
  JsonWriter& json_;
};

}  // namespace

void write_json_schema(const StructTable& table, SchemaFor use, JsonWriter& json) {
  SchemaWriter(use, json).object(table, {});
}

std::string json_schema(const StructTable& table, SchemaFor use) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  write_json_schema(table, use, json);
  return text;
}

void write_json_schema_of_type(const TypeTable& type, const Rule& rule, SchemaFor use,
                               JsonWriter& json) {
  SchemaWriter(use, json).value(type, rule, {});
}

}  // namespace firebrand
