#include "base/codec_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "base/hex.hpp"
#include "base/id_text.hpp"
#include "base/json_writer.hpp"
#include "base/money.hpp"
#include "base/rfc3339.hpp"
#include "base/utf8.hpp"
#include "base/value_place.hpp"

namespace firebrand {
namespace {

std::string with_range(std::string words, const WideRange& range, std::string_view unit) {
  const std::string limits = range_text(range);
  if (!limits.empty()) {
    words += ", ";
    words += limits;
    words += unit;
  }
  return words;
}

std::string one_of_text(const EnumNames& names) {
  std::string text;
  names.for_each([&](std::uint64_t, std::string_view name) {
    text += text.empty() ? "one of " : ", ";
    text += name;
  });
  return text;
}

using enum TextErrorCode;

constexpr std::string_view kNone = "none";

// ---- writing ----

void put_number(CharSink& sink, WideInteger number) {
  if (number < 0) {
    sink.put_decimal(static_cast<std::int64_t>(number));
  } else {
    sink.put_decimal(static_cast<std::uint64_t>(number));
  }
}

void put_currency(CharSink& sink, Currency currency) {
  sink.put(currency.is_none() ? kNone : currency.code());
}

void put_fields(const StructTable& table, const void* object, TextStyle style,
                std::string_view before_first, CharSink& sink);

void put_value(const TypeTable& type, const void* value, TextStyle style, CharSink& sink) {
  switch (type.kind) {
    case FieldKind::boolean:
      return sink.put(*static_cast<const bool*>(value) ? "true" : "false");
    case FieldKind::integer:
    case FieldKind::millis:
    case FieldKind::strong:
      return put_number(sink, load_number(type, value));
    case FieldKind::enumerator: {
      const WideInteger number = load_number(type, value);
      const std::string_view name = number < 0
                                        ? std::string_view()
                                        : type.enum_names.name(static_cast<std::uint64_t>(number));
      return name.empty() ? put_number(sink, number) : sink.put(name);
    }
    case FieldKind::timestamp:
      if (style.times == TextTimes::unix_ms) { return put_number(sink, load_number(type, value)); }
      return sink.put(format_rfc3339(*static_cast<const Timestamp*>(value)).view());
    case FieldKind::currency:
      return put_currency(sink, *static_cast<const Currency*>(value));
    case FieldKind::money: {
      const Money& money = *static_cast<const Money*>(value);
      put_currency(sink, money.currency);
      sink.put(':');
      return sink.put_decimal(money.minor);
    }
    case FieldKind::text:
      return put_json_string(sink, type.view_text(value));
    case FieldKind::bytes:
      return put_hex(sink, std::span(static_cast<const std::uint8_t*>(value), type.size_max));
    case FieldKind::list: {
      sink.put('[');
      const std::size_t size = type.list_size(value);
      for (std::size_t i = 0; i < size; ++i) {
        if (i != 0) { sink.put(", "); }
        put_value(*type.entry, type.list_at(value, i), style, sink);
      }
      return sink.put(']');
    }
    case FieldKind::nested:
      sink.put('{');
      put_fields(type.nested(), value, style, {}, sink);
      return sink.put('}');
  }
}

void put_fields(const StructTable& table, const void* object, TextStyle style,
                std::string_view before_first, CharSink& sink) {
  std::string_view before = before_first;
  for (const FieldTable& field : table.fields()) {
    const bool is_default = equal_values(*field.type, field.in(object), field.in(table.defaults()));
    if (is_default && style.fields == TextFields::changed) { continue; }
    sink.put(std::exchange(before, " "));
    sink.put(field.name);
    sink.put('=');
    if (is_default && field.default_is_none) {
      sink.put(kNone);
    } else {
      put_value(*field.type, field.in(object), style, sink);
    }
  }
}

// ---- words for errors ----

std::string expected_text(const TypeTable& type, const Rule& rule) {
  switch (type.kind) {
    case FieldKind::boolean:
      return "true or false";
    case FieldKind::integer:
      return with_range("integer", number_range(type, rule), "");
    case FieldKind::millis:
      return with_range("integer", number_range(type, rule), " milliseconds");
    case FieldKind::enumerator:
      return one_of_text(type.enum_names);
    case FieldKind::strong: {
      const std::string prefix = type.prefix == nullptr ? "" : std::string(type.prefix) + "_7 or ";
      return with_range(prefix + "integer", number_range(type, rule), "");
    }
    case FieldKind::timestamp:
      return "milliseconds since 1970 or 2026-11-21T20:00:00.000Z";
    case FieldKind::currency:
      return "currency such as CNY";
    case FieldKind::money:
      return with_range("money such as CNY:199900", number_range(type, rule), "");
    case FieldKind::text:
      return with_range("\"text\"", size_range(type, rule), " bytes of UTF-8");
    case FieldKind::bytes:
      return std::to_string(2 * type.size_max) + " hexadecimal digits";
    case FieldKind::list:
      return with_range("[list]", size_range(type, rule), " entries");
    case FieldKind::nested:
      return "{fields}";
  }
  return {};
}

// ---- reading ----

bool is_space(char c) { return c == ' ' || c == '\t'; }

/// "waves[0].units"
std::string path_to(const ValuePlace& place) {
  if (place.parent == nullptr) { return {}; }
  const std::string before = path_to(*place.parent);
  if (place.is_entry) { return before + '[' + std::to_string(place.index) + ']'; }
  return before.empty() ? std::string(place.name) : before + '.' + std::string(place.name);
}

class Reader {
 public:
  explicit Reader(std::string_view line) : line_(line) {}

  bool read_line(const StructTable& table, void* object);
  std::optional<TextError> take_error() { return std::move(error_); }

 private:
  struct Target {
    const TypeTable& type;
    const Rule& rule;
    void* value;
    const ValuePlace& place;
    bool default_is_none = false;
    bool is_optional = false;
  };

  bool read_fields(const StructTable& table, void* object, const ValuePlace& place, bool is_nested);
  bool read_value(const Target& target);
  bool read_scalar(const Target& target);
  bool read_quoted(const Target& target);
  bool read_list(const Target& target);
  bool read_nested(const Target& target);
  bool store_text(const Target& target, std::string_view text, std::size_t start);
  bool check_number(const Target& target, WideInteger number, std::string_view word);

  void skip_spaces() {
    while (next_ < line_.size() && is_space(line_[next_])) { ++next_; }
  }
  [[nodiscard]] char peek() const { return next_ < line_.size() ? line_[next_] : '\0'; }
  bool accept(char c) {
    if (next_ == line_.size() || line_[next_] != c) { return false; }
    ++next_;
    return true;
  }
  /// Up to a space or what may follow a value.
  std::string_view take_word() {
    const std::size_t start = next_;
    while (next_ < line_.size() && !is_space(line_[next_]) && line_[next_] != ',' &&
           line_[next_] != ']' && line_[next_] != '}') {
      ++next_;
    }
    return line_.substr(start, next_ - start);
  }
  /// What stands at `position`, for an error.
  [[nodiscard]] std::string came_at(std::size_t position) const {
    if (position >= line_.size()) { return "the end of the line"; }
    const std::string_view rest = line_.substr(position);
    const std::size_t size = std::min({rest.size(), rest.find(' '), std::size_t{40}});
    return std::string(rest.substr(0, size == 0 ? 1 : size));
  }

  bool fail(TextErrorCode code, std::size_t position, const ValuePlace& place, std::string expected,
            std::string came) {
    error_ = TextError{code, position, path_to(place), std::move(expected), std::move(came)};
    return false;
  }
  bool fail(TextErrorCode code, std::size_t position, const Target& target) {
    return fail(code, position, target.place, expected_text(target.type, target.rule),
                came_at(position));
  }

  std::string_view line_;
  std::size_t next_ = 0;
  std::optional<TextError> error_{};
};

bool Reader::read_line(const StructTable& table, void* object) {
  skip_spaces();
  const ValuePlace root;
  const std::size_t start = next_;
  const std::string_view name = take_word();
  if (name != table.name()) {
    return fail(wrong_name, start, root, std::string(table.name()), came_at(start));
  }
  return read_fields(table, object, root, false);
}

/// Up to the end of the line, or of the braces.
bool Reader::read_fields(const StructTable& table, void* object, const ValuePlace& place,
                         bool is_nested) {
  const auto& fields = table.fields();
  std::uint64_t seen = 0;
  const std::size_t first = next_;
  while (true) {
    const std::size_t before_spaces = next_;
    skip_spaces();
    if (is_nested ? peek() == '}' : next_ == line_.size()) { break; }
    const bool needs_space = !is_nested || seen != 0;
    const std::size_t start = next_;
    if (needs_space && before_spaces == next_) {
      return fail(malformed_line, start, place, "a space between fields", came_at(start));
    }
    while (next_ < line_.size() && line_[next_] != '=' && !is_space(line_[next_]) &&
           line_[next_] != '}') {
      ++next_;
    }
    const std::string_view name = line_.substr(start, next_ - start);
    if (name.empty() || !accept('=')) {
      return fail(malformed_line, start, place, is_nested ? "field=value or }" : "field=value",
                  came_at(start));
    }
    const ValuePlace here = place.field(name);
    const std::size_t i = table.find(name);
    if (i == fields.size()) {
      std::string expected;
      for (const FieldTable& field : fields) {
        expected += expected.empty() ? "one of " : ", ";
        expected += field.name;
      }
      return fail(unknown_field, start, here, std::move(expected), std::string(name));
    }
    if ((seen >> i & 1) != 0) {
      return fail(duplicate_field, start, here, "the field once", "the field again");
    }
    seen |= std::uint64_t{1} << i;
    const FieldTable& field = fields[i];
    if (!read_value({*field.type, field.rule, field.in(object), here, field.default_is_none,
                     field.rule.presence == Presence::optional})) {
      return false;
    }
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldTable& field = fields[i];
    if ((seen >> i & 1) == 0 && field.rule.presence == Presence::required &&
        !obeys(*field.type, field.rule, field.in(object), Nones::accepted)) {
      return fail(missing_field, is_nested ? first : line_.size(), place.field(field.name),
                  expected_text(*field.type, field.rule), "nothing");
    }
  }
  return true;
}

bool Reader::read_value(const Target& target) {
  if (target.default_is_none && line_.substr(next_).starts_with(kNone)) {
    const std::size_t start = next_;
    const bool is_enumerator =
        target.type.kind == FieldKind::enumerator && target.type.enum_names.find(kNone).has_value();
    if (take_word() == kNone && !is_enumerator) { return true; }
    next_ = start;
  }
  switch (target.type.kind) {
    case FieldKind::text:
      if (peek() == '"') { return read_quoted(target); }
      break;
    case FieldKind::list:
      return read_list(target);
    case FieldKind::nested:
      return read_nested(target);
    case FieldKind::boolean:
    case FieldKind::integer:
    case FieldKind::enumerator:
    case FieldKind::strong:
    case FieldKind::timestamp:
    case FieldKind::millis:
    case FieldKind::currency:
    case FieldKind::money:
    case FieldKind::bytes:
      break;
  }
  return read_scalar(target);
}

/// A decimal integer of any type, without '+' or leading zeros.
std::optional<WideInteger> parse_integer(std::string_view word) {
  const std::string_view digits = word.starts_with('-') ? word.substr(1) : word;
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) { return std::nullopt; }
  const char* const end = word.data() + word.size();
  if (word.starts_with('-')) {
    std::int64_t number = 0;
    const auto [stopped, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc() || stopped != end) { return std::nullopt; }
    return number;
  }
  std::uint64_t number = 0;
  const auto [stopped, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stopped != end) { return std::nullopt; }
  return number;
}

std::optional<Currency> parse_currency(std::string_view word) {
  if (word == kNone) { return Currency{}; }
  return Currency::parse(word);
}

bool Reader::check_number(const Target& target, WideInteger number, std::string_view word) {
  const std::size_t start = next_ - word.size();
  const bool is_default = target.is_optional && number == load_number(target.type, target.value);
  if (!is_default && !number_range(target.type, target.rule).contains(number)) {
    return fail(out_of_range, start, target);
  }
  store_number(target.type, target.value, number);
  return true;
}

bool Reader::read_scalar(const Target& target) {
  const std::size_t start = next_;
  const std::string_view word = take_word();
  const TypeTable& type = target.type;
  if (word.empty()) { return fail(malformed_value, start, target); }
  switch (type.kind) {
    case FieldKind::boolean:
      if (word != "true" && word != "false") { return fail(malformed_value, start, target); }
      *static_cast<bool*>(target.value) = word == "true";
      return true;
    case FieldKind::enumerator: {
      const auto number = type.enum_names.find(word);
      if (!number) { return fail(unknown_value, start, target); }
      store_number(type, target.value, *number);
      return true;
    }
    case FieldKind::timestamp:
      if (const auto time = parse_rfc3339(word)) {
        return check_number(target, to_unix_ms(*time), word);
      }
      [[fallthrough]];
    case FieldKind::integer:
    case FieldKind::millis:
    case FieldKind::strong: {
      auto number = parse_integer(word);
      if (!number && type.prefix != nullptr) { number = parse_id_number(word, type.prefix); }
      return number ? check_number(target, *number, word) : fail(malformed_value, start, target);
    }
    case FieldKind::currency: {
      const auto currency = parse_currency(word);
      if (!currency) { return fail(unknown_value, start, target); }
      *static_cast<Currency*>(target.value) = *currency;
      return true;
    }
    case FieldKind::money: {
      const std::size_t colon = word.find(':');
      if (colon == std::string_view::npos) { return fail(malformed_value, start, target); }
      const auto currency = parse_currency(word.substr(0, colon));
      const auto minor = parse_integer(word.substr(colon + 1));
      if (!minor) { return fail(malformed_value, start, target); }
      if (!currency) { return fail(unknown_value, start, target); }
      static_cast<Money*>(target.value)->currency = *currency;
      return check_number(target, *minor, word);
    }
    case FieldKind::text:
      if (word.find_first_of("\"[{") != std::string_view::npos) {
        return fail(malformed_value, start, target);
      }
      return store_text(target, word, start);
    case FieldKind::bytes:
      return from_hex(word, std::span(static_cast<std::uint8_t*>(target.value), type.size_max)) ||
             fail(malformed_value, start, target);
    case FieldKind::list:
    case FieldKind::nested:
      break;
  }
  return fail(malformed_value, start, target);
}

bool Reader::store_text(const Target& target, std::string_view text, std::size_t start) {
  const bool is_absent = target.is_optional && text == target.type.view_text(target.value);
  const WideRange sizes = size_range(target.type, target.rule);
  if (!is_absent && !sizes.contains(static_cast<WideInteger>(text.size()))) {
    return fail(wrong_length, start, target.place, expected_text(target.type, target.rule),
                std::to_string(text.size()) + " bytes");
  }
  if (!is_utf8(text)) {
    return fail(malformed_value, start, target.place, expected_text(target.type, target.rule),
                "bytes that are not UTF-8");
  }
  target.type.assign_text(target.value, text);
  return true;
}

void append_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) { return put(point); }
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

/// The four digits after "\u".
std::optional<std::uint32_t> parse_code_unit(std::string_view digits) {
  std::array<std::uint8_t, 2> bytes{};
  if (!from_hex(digits.substr(0, 4), bytes)) { return std::nullopt; }
  return static_cast<std::uint32_t>(bytes[0] << 8 | bytes[1]);
}

bool Reader::read_quoted(const Target& target) {
  const std::size_t start = next_;
  std::string text;
  for (++next_; !accept('"'); ++next_) {
    const std::size_t here = next_;
    const char c = peek();
    if (static_cast<unsigned char>(c) < 0x20) {
      return fail(malformed_value, here, target.place, "a closing quote", came_at(here));
    }
    if (c != '\\') {
      text += c;
      continue;
    }
    ++next_;
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t escape = kEscapes.find(peek());
    if (next_ < line_.size() && escape != std::string_view::npos) {
      text += kMeanings[escape];
      continue;
    }
    auto point = peek() == 'u' ? parse_code_unit(line_.substr(next_ + 1)) : std::nullopt;
    if (point && *point >= 0xD800 && *point < 0xDC00 &&
        line_.substr(next_ + 5).starts_with("\\u")) {
      const auto low = parse_code_unit(line_.substr(next_ + 7));
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
        next_ += 6;
      }
    }
    if (!point || (*point >= 0xD800 && *point < 0xE000)) {
      return fail(malformed_value, here, target.place, "an escape of JSON", came_at(here));
    }
    append_utf8(text, *point);
    next_ += 4;
  }
  return store_text(target, text, start);
}

bool Reader::read_list(const Target& target) {
  const std::size_t start = next_;
  if (!accept('[')) { return fail(malformed_value, start, target); }
  const WideRange sizes = size_range(target.type, target.rule);
  const bool was_empty = target.type.list_size(target.value) == 0;
  target.type.list_clear(target.value);
  std::size_t size = 0;
  const Rule no_rule;
  skip_spaces();
  while (!accept(']')) {
    const std::size_t here = next_;
    if (size != 0) {
      if (!accept(',')) {
        return fail(malformed_value, here, target.place, ", or ]", came_at(here));
      }
      skip_spaces();
    }
    if (static_cast<WideInteger>(size) >= sizes.max) {
      return fail(wrong_length, here, target.place, expected_text(target.type, target.rule),
                  "more entries");
    }
    const ValuePlace place = target.place.entry(size);
    if (!read_value({*target.type.entry, no_rule, target.type.list_append(target.value), place})) {
      return false;
    }
    ++size;
    skip_spaces();
  }
  if (static_cast<WideInteger>(size) < sizes.min &&
      !(target.is_optional && was_empty && size == 0)) {
    return fail(wrong_length, start, target.place, expected_text(target.type, target.rule),
                std::to_string(size) + " entries");
  }
  return true;
}

bool Reader::read_nested(const Target& target) {
  const std::size_t start = next_;
  if (!accept('{')) { return fail(malformed_value, start, target); }
  if (!read_fields(target.type.nested(), target.value, target.place, true)) { return false; }
  return accept('}') || fail(malformed_value, next_, target.place, "}", came_at(next_));
}

}  // namespace

std::string TextError::message() const {
  return "column " + std::to_string(position + 1) + ": " + (field.empty() ? "" : field + ": ") +
         "expected " + expected + "; came " + came;
}

void write_text_fields(const StructTable& table, const void* object, TextStyle style,
                       CharSink& sink) {
  put_fields(table, object, style, {}, sink);
}

void write_text(const StructTable& table, const void* object, TextStyle style, CharSink& sink) {
  sink.put(table.name());
  put_fields(table, object, style, " ", sink);
}

std::string to_text(const StructTable& table, const void* object, TextStyle style) {
  std::string text;
  CharSink sink(text);
  write_text(table, object, style, sink);
  return text;
}

std::string_view text_line_name(std::string_view line) {
  std::size_t start = 0;
  while (start < line.size() && is_space(line[start])) { ++start; }
  std::size_t end = start;
  while (end < line.size() && !is_space(line[end])) { ++end; }
  return line.substr(start, end - start);
}

std::optional<TextError> read_text(const StructTable& table, void* object, std::string_view line) {
  Reader reader(line);
  if (reader.read_line(table, object)) { return std::nullopt; }
  return reader.take_error();
}

}  // namespace firebrand
