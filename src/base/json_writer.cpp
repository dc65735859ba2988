#include "base/json_writer.hpp"

#include <array>
#include <cstring>
#include <span>

#include "base/hex.hpp"
#include "base/money.hpp"
#include "base/rfc3339.hpp"
#include "base/utf8.hpp"

namespace firebrand {
namespace {

/// Quotes, backslash and what lies below the space: RFC 8259 wants these escaped.
bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

/// Printable ASCII that stands for itself: nearly every name and value. Eight bytes at a time, as
/// in "Bit Twiddling Hacks" (Anderson, 2005), "determine if a word has a byte less than n".
bool is_plain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x80 * kOnes;
  const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word; };
  const char* next = text.data();
  std::size_t left = text.size();
  std::uint64_t found = 0;
  for (; left >= 8; next += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, 8);
    found |=
        word | (word - 0x20 * kOnes) | has_zero(word ^ '"' * kOnes) | has_zero(word ^ '\\' * kOnes);
  }
  bool is_found = (found & kHighBits) != 0;
  for (; left > 0; ++next, --left) {
    is_found |= needs_escape(*next) || static_cast<unsigned char>(*next) >= 0x80;
  }
  return !is_found;
}

void put_escape(CharSink& sink, char c) {
  switch (c) {
    case '"':
      return sink.put("\\\"");
    case '\\':
      return sink.put("\\\\");
    case '\b':
      return sink.put("\\b");
    case '\f':
      return sink.put("\\f");
    case '\n':
      return sink.put("\\n");
    case '\r':
      return sink.put("\\r");
    case '\t':
      return sink.put("\\t");
    default:
      break;
  }
  const std::array<std::uint8_t, 1> byte = {static_cast<std::uint8_t>(c)};
  sink.put("\\u00");
  put_hex(sink, byte);
}

void put_escaped(CharSink& sink, std::string_view text) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) { continue; }
    sink.put(text.substr(done, i - done));
    put_escape(sink, text[i]);
    done = i + 1;
  }
  sink.put(text.substr(done));
}

/// One replacement for each byte that belongs to no character.
void put_repaired(CharSink& sink, std::string_view text) {
  while (!text.empty()) {
    std::size_t size = 1;
    while (size <= 4 && size <= text.size() && !is_utf8(text.substr(0, size))) { ++size; }
    if (size <= 4 && size <= text.size()) {
      put_escaped(sink, text.substr(0, size));
    } else {
      sink.put("\xEF\xBF\xBD");
      size = 1;
    }
    text.remove_prefix(size);
  }
}

}  // namespace

void put_json_string(CharSink& sink, std::string_view text) {
  sink.put('"');
  if (is_plain(text)) {
    sink.put(text);
  } else if (is_utf8(text)) {
    put_escaped(sink, text);
  } else {
    put_repaired(sink, text);
  }
  sink.put('"');
}

std::string to_json(const TypeTable& type, const void* value) {
  std::string text;
  CharSink sink(text);
  JsonWriter(sink).write(type, value);
  return text;
}

void JsonWriter::key(std::string_view name) {
  separate();
  put_json_string(sink_, name);
  sink_.put(':');
  needs_comma_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  put_json_string(sink_, text);
}

void JsonWriter::write_number(WideInteger value) {
  if (value < 0) {
    number(static_cast<std::int64_t>(value));
  } else {
    number(static_cast<std::uint64_t>(value));
  }
}

void JsonWriter::write(const TypeTable& type, const void* value) {
  switch (type.kind) {
    case FieldKind::boolean:
      return boolean(*static_cast<const bool*>(value));
    case FieldKind::integer:
    case FieldKind::millis:
      return write_number(load_number(type, value));
    case FieldKind::enumerator: {
      const WideInteger number = load_number(type, value);
      const std::string_view name = number < 0
                                        ? std::string_view()
                                        : type.enum_names.name(static_cast<std::uint64_t>(number));
      return name.empty() ? null() : string(name);
    }
    case FieldKind::strong: {
      const WideInteger number = load_number(type, value);
      if (type.is_log_offset) {
        separate();
        sink_.put('"');
        sink_.put_decimal(static_cast<std::uint64_t>(number));
        return sink_.put('"');
      }
      if (type.prefix == nullptr) { return write_number(number); }
      if (number == 0) { return null(); }
      separate();
      sink_.put('"');
      sink_.put(type.prefix);
      sink_.put('_');
      sink_.put_decimal(static_cast<std::uint64_t>(number));
      return sink_.put('"');
    }
    case FieldKind::timestamp:
      separate();
      sink_.put('"');
      sink_.put(format_rfc3339(*static_cast<const Timestamp*>(value)).view());
      return sink_.put('"');
    case FieldKind::currency: {
      const Currency currency = *static_cast<const Currency*>(value);
      return currency.is_none() ? null() : string(currency.code());
    }
    case FieldKind::money: {
      const Money& money = *static_cast<const Money*>(value);
      begin_object();
      field("amount", money.minor);
      field("currency", money.currency);
      return end_object();
    }
    case FieldKind::text:
      return string(type.view_text(value));
    case FieldKind::bytes:
      separate();
      sink_.put('"');
      put_hex(sink_, std::span(static_cast<const std::uint8_t*>(value), type.size_max));
      return sink_.put('"');
    case FieldKind::list: {
      begin_array();
      const std::size_t size = type.list_size(value);
      for (std::size_t i = 0; i < size; ++i) { write(*type.entry, type.list_at(value, i)); }
      return end_array();
    }
    case FieldKind::nested:
      return write_struct(type.nested(), value);
  }
}

void JsonWriter::write_struct(const StructTable& table, const void* object) {
  begin_object();
  for (const FieldTable& field : table.fields()) {
    separate();
    sink_.put(field.json_key);
    needs_comma_ = false;
    if (field.default_is_none &&
        equal_values(*field.type, field.in(object), field.in(table.defaults()))) {
      null();
    } else {
      write(*field.type, field.in(object));
    }
  }
  end_object();
}

}  // namespace firebrand
