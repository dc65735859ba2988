#include "base/codec_json.hpp"

// Its conversions that throw do not compile then: every error is a value.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <charconv>
#include <span>

#include "base/hex.hpp"
#include "base/id_text.hpp"
#include "base/money.hpp"
#include "base/rfc3339.hpp"
#include "base/utf8.hpp"
#include "base/value_place.hpp"

namespace firebrand {
namespace {

namespace ondemand = simdjson::ondemand;
using enum JsonErrorCode;

static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kCameMax = 64;  // Bytes of the input that an error repeats.

/// What Money looks like from outside; the range of the amount is that of the field.
struct JsonMoney {
  static constexpr std::string_view kName = "money";
  static constexpr std::string_view kDoc = "An amount of a currency.";
  std::int64_t amount = 0;
  Currency currency{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "amount", self.amount, From::body, {}, "Minor units.");
    field(2, "currency", self.currency, From::body, {}, "ISO 4217 code.");
  }
};

// ---- words for errors ----

/// What is said of one thing in both languages that people read.
struct Words {
  std::string en;
  std::string zh;
};

/// What is written the same everywhere: numbers, excerpts.
Words as_it_is(std::string text) { return {text, text}; }

Words with_range(Words words, const WideRange& range, std::string_view unit = {},
                 std::string_view unit_zh = {}) {
  const std::string limits = range_text(range);
  if (!limits.empty()) {
    words.en.append(", ").append(limits).append(unit);
    words.zh.append("，").append(range_text_zh(range)).append(unit_zh);
  }
  return words;
}

Words such_as(std::string_view en, std::string_view zh, std::string_view example) {
  return {std::string(en).append(" such as ").append(example),
          std::string(zh).append("，例如 ").append(example)};
}

Words integer_words(const TypeTable& type, const Rule& rule) {
  return with_range({"integer", "整数"}, number_range(type, rule));
}

Words one_of(const EnumNames& names) {
  Words words{"one of ", "下列之一："};
  bool is_first = true;
  names.for_each([&](std::uint64_t, std::string_view name) {
    const std::string quoted = '"' + std::string(name) + '"';
    words.en.append(is_first ? "" : ", ").append(quoted);
    words.zh.append(is_first ? "" : "、").append(quoted);
    is_first = false;
  });
  return words;
}

Words expected_words(const TypeTable& type, const Rule& rule) {
  switch (type.kind) {
    case FieldKind::boolean:
      return {"true or false", "true 或 false"};
    case FieldKind::integer:
      return integer_words(type, rule);
    case FieldKind::millis:
      return with_range({"integer", "整数"}, number_range(type, rule), " milliseconds", " 毫秒");
    case FieldKind::enumerator:
      return one_of(type.enum_names);
    case FieldKind::strong:
      if (type.is_log_offset) { return such_as("log position", "日志位置", "\"123\""); }
      if (type.prefix == nullptr) { return integer_words(type, rule); }
      return such_as("id", "编号", std::string("\"") + type.prefix + "_7\"");
    case FieldKind::timestamp:
      return such_as("RFC 3339 time", "RFC 3339 时间", "\"2026-11-21T20:00:00.000Z\"");
    case FieldKind::currency:
      return such_as("ISO 4217 code", "ISO 4217 币种代码", "\"CNY\"");
    case FieldKind::money:
      return such_as("money", "金额", R"({"amount":199900,"currency":"CNY"})");
    case FieldKind::text:
      return with_range({"string", "字符串"}, size_range(type, rule), " bytes of UTF-8",
                        " 字节（UTF-8）");
    case FieldKind::bytes: {
      const std::string digits = std::to_string(2 * type.size_max);
      return {"string of " + digits + " hexadecimal digits", digits + " 位十六进制字符串"};
    }
    case FieldKind::list:
      return with_range({"array", "数组"}, size_range(type, rule), " entries", " 项");
    case FieldKind::nested:
      return {"object", "对象"};
  }
  return {};
}

Words not_utf8() { return {"bytes that are not UTF-8", "不是 UTF-8 的字节"}; }

/// At most kCameMax bytes, cut between characters.
Words excerpt(std::string_view text) {
  const bool is_cut = text.size() > kCameMax;
  std::size_t size = is_cut ? kCameMax : text.size();
  while (is_cut && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) { --size; }
  std::string repaired(text.substr(0, size));
  if (!is_utf8(repaired)) { return not_utf8(); }
  if (is_cut) { repaired += "..."; }
  return as_it_is(std::move(repaired));
}

Words quoted(std::string_view text) {
  Words words = excerpt(text);
  return {'"' + words.en + '"', '"' + words.zh + '"'};
}

Words counted(std::size_t count, std::string_view unit, std::string_view unit_zh) {
  const std::string number = std::to_string(count);
  return {number + std::string(unit), number + std::string(unit_zh)};
}

Words one_of_fields(const StructTable& table) {
  Words words;
  for (const FieldTable& field : table.fields()) {
    if (field.from != From::body) { continue; }
    words.en.append(words.en.empty() ? "one of " : ", ").append(field.name);
    words.zh.append(words.zh.empty() ? "下列之一：" : "、").append(field.name);
  }
  return words.en.empty() ? Words{"no fields", "没有字段"} : words;
}

/// RFC 6901.
std::string pointer_to(const ValuePlace& place) {
  if (place.parent == nullptr) { return {}; }
  std::string text = pointer_to(*place.parent) + '/';
  if (place.is_entry) { return text + std::to_string(place.index); }
  for (const char c : excerpt(place.name).en) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

struct Target {
  const TypeTable& type;
  const Rule& rule;
  void* value;
  const ValuePlace& place;
};

enum class Fit : std::uint8_t { fits, out_of_range, malformed, unknown };

/// The string forms, shared by JSON strings and path segments.
Fit read_string_form(const TypeTable& type, const Rule& rule, void* value, std::string_view text) {
  switch (type.kind) {
    case FieldKind::enumerator: {
      const auto number = type.enum_names.find(text);
      if (!number) { return Fit::unknown; }
      store_number(type, value, *number);
      return Fit::fits;
    }
    case FieldKind::strong: {
      std::optional<std::uint64_t> number;
      if (type.prefix != nullptr) {
        number = parse_id_number(text, type.prefix);
      } else if (text == "0") {
        number = 0;
      } else if (text.starts_with('0')) {
        number = std::nullopt;
      } else {
        std::uint64_t read = 0;
        const char* const end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, read);
        if (error == std::errc() && stopped == end) { number = read; }
      }
      if (!number) { return Fit::malformed; }
      if (!number_range(type, rule).contains(*number)) { return Fit::out_of_range; }
      store_number(type, value, *number);
      return Fit::fits;
    }
    case FieldKind::timestamp: {
      const auto time = parse_rfc3339(text);
      if (!time) { return Fit::malformed; }
      if (!number_range(type, rule).contains(to_unix_ms(*time))) { return Fit::out_of_range; }
      *static_cast<Timestamp*>(value) = *time;
      return Fit::fits;
    }
    case FieldKind::currency: {
      const auto currency = Currency::parse(text);
      if (!currency) { return Fit::unknown; }
      *static_cast<Currency*>(value) = *currency;
      return Fit::fits;
    }
    case FieldKind::bytes:
      return from_hex(text, std::span(static_cast<std::uint8_t*>(value), type.size_max))
                 ? Fit::fits
                 : Fit::malformed;
    case FieldKind::boolean:
    case FieldKind::integer:
    case FieldKind::millis:
    case FieldKind::money:
    case FieldKind::text:
    case FieldKind::list:
    case FieldKind::nested:
      break;
  }
  return Fit::malformed;
}

JsonErrorCode code_of(Fit fit) {
  switch (fit) {
    case Fit::fits:
    case Fit::malformed:
      return malformed_value;
    case Fit::out_of_range:
      return out_of_range;
    case Fit::unknown:
      return unknown_value;
  }
  return malformed_value;
}

// ---- reading ----

class Reader {
 public:
  explicit Reader(std::string_view body) : body_(body) {}

  std::optional<JsonError> take_error() { return std::move(error_); }

  bool read_document(const StructTable& table, void* object);

 private:
  bool read_object(ondemand::object object, const StructTable& table, void* out,
                   const ValuePlace& place);
  bool read_value(ondemand::value& json, const Target& target);
  bool read_integer(ondemand::value& json, const Target& target);
  bool read_string(ondemand::value& json, const Target& target);
  bool read_money(ondemand::value& json, const Target& target);
  bool read_list(ondemand::value& json, const Target& target);

  [[gnu::cold]] bool fail(JsonErrorCode code, const ValuePlace& place, Words expected, Words came) {
    error_ = JsonError{code,
                       pointer_to(place),
                       std::move(expected.en),
                       std::move(came.en),
                       std::move(expected.zh),
                       std::move(came.zh)};
    return false;
  }
  [[gnu::cold]] bool fail(JsonErrorCode code, const Target& target, Words came) {
    return fail(code, target.place, expected_words(target.type, target.rule), std::move(came));
  }
  /// The value is not of the JSON type we want, or no JSON at all.
  [[gnu::cold]] bool fail_type(ondemand::value& json, const Target& target) {
    const auto type = json.type();
    if (type.error() != simdjson::SUCCESS) { return fail_malformed(target.place, type.error()); }
    return fail(wrong_type, target, came_words(json));
  }
  [[gnu::cold]] bool fail_malformed(const ValuePlace& place, simdjson::error_code reason);
  [[gnu::cold]] static Words came_words(ondemand::value& json);
  [[gnu::cold]] static bool is_beyond_64_bits(ondemand::value& json);

  std::string_view body_;
  std::optional<JsonError> error_{};
};

Words Reader::came_words(ondemand::value& json) {
  ondemand::json_type type{};
  if (json.type().get(type) == simdjson::SUCCESS) {
    if (type == ondemand::json_type::object) { return {"object", "对象"}; }
    if (type == ondemand::json_type::array) { return {"array", "数组"}; }
  }
  std::string_view token = json.raw_json_token();
  while (!token.empty() &&
         std::string_view(" \t\r\n").find(token.back()) != std::string_view::npos) {
    token.remove_suffix(1);
  }
  return excerpt(token);
}

bool Reader::fail_malformed(const ValuePlace& place, simdjson::error_code reason) {
  Words came{"text that is not JSON", "不是 JSON 的文本"};
  switch (static_cast<int>(reason)) {
    case simdjson::UTF8_ERROR:
      came = not_utf8();
      break;
    case simdjson::UNCLOSED_STRING:
      came = {"a string without end", "没有结尾的字符串"};
      break;
    case simdjson::UNESCAPED_CHARS:
      came = {"a control character within a string", "字符串中的控制字符"};
      break;
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      came = {"an object without end, or more after it", "没有结尾的对象，或其后的多余内容"};
      break;
    case simdjson::STRING_ERROR:
      came = {"a string with a malformed escape", "含有错误转义的字符串"};
      break;
    case simdjson::CAPACITY:
      came = {"a document that is too large", "过大的文档"};
      break;
    default:
      break;
  }
  return fail(malformed_json, place, {"JSON (RFC 8259)", "JSON（RFC 8259）"}, std::move(came));
}

bool Reader::read_document(const StructTable& table, void* out) {
  const ValuePlace root;
  static constexpr char kEmptyObject[2 + kJsonPadding] = "{}";
  if (body_.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    body_ = std::string_view(kEmptyObject, 2);
  }
  // One per thread: it keeps its buffers, which grow to the longest body.
  thread_local ondemand::parser parser;
  ondemand::document document;
  const simdjson::padded_string_view padded(body_, body_.size() + simdjson::SIMDJSON_PADDING);
  if (const auto error = parser.iterate(padded).get(document)) {
    return fail_malformed(root, error);
  }
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) {
    ondemand::json_type type{};
    if (error == simdjson::INCORRECT_TYPE && document.type().get(type) == simdjson::SUCCESS) {
      return fail(wrong_type, root, {"object", "对象"}, excerpt(body_));
    }
    return fail_malformed(root, error);
  }
  if (!read_object(object, table, out, root)) { return false; }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return fail(malformed_json, root, {"nothing after the object", "对象之后没有内容"},
                {"more text", "多余的文本"});
  }
  return true;
}

bool Reader::read_object(ondemand::object object, const StructTable& table, void* out,
                         const ValuePlace& place) {
  const auto& fields = table.fields();
  std::uint64_t seen = 0;
  std::size_t likely = 0;
  for (auto read : object) {
    ondemand::field pair;
    if (const auto error = std::move(read).get(pair)) { return fail_malformed(place, error); }
    std::string_view name;
    if (const auto error = pair.unescaped_key().get(name)) { return fail_malformed(place, error); }
    const ValuePlace here = place.field(name);
    const std::size_t i = table.find(name, likely);
    likely = i + 1;
    if (i == fields.size() || fields[i].from != From::body) {
      return fail(unknown_field, here, one_of_fields(table), quoted(name));
    }
    if ((seen >> i & 1) != 0) {
      return fail(duplicate_field, here, {"the field once", "该字段只出现一次"},
                  {"the field again", "重复的字段"});
    }
    seen |= std::uint64_t{1} << i;
    const FieldTable& field = fields[i];
    ondemand::value& json = pair.value();
    if (field.default_is_none) {
      bool is_none = false;
      if (json.is_null().get(is_none) != simdjson::SUCCESS) {
        return fail_type(json, {*field.type, field.rule, field.in(out), here});
      }
      if (is_none) { continue; }
    }
    if (!read_value(json, {*field.type, field.rule, field.in(out), here})) { return false; }
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldTable& field = fields[i];
    if (field.from == From::body && field.rule.presence == Presence::required &&
        (seen >> i & 1) == 0) {
      return fail(missing_field, place.field(field.name), expected_words(*field.type, field.rule),
                  {"nothing", "空"});
    }
  }
  return true;
}

bool Reader::read_value(ondemand::value& json, const Target& target) {
  switch (target.type.kind) {
    case FieldKind::boolean: {
      bool read = false;
      if (json.get_bool().get(read) != simdjson::SUCCESS) { return fail_type(json, target); }
      *static_cast<bool*>(target.value) = read;
      return true;
    }
    case FieldKind::integer:
    case FieldKind::millis:
      return read_integer(json, target);
    case FieldKind::strong: {
      ondemand::json_type type{};
      const bool is_string =
          json.type().get(type) == simdjson::SUCCESS && type == ondemand::json_type::string;
      const bool wants_number =
          target.type.prefix == nullptr && !(target.type.is_log_offset && is_string);
      return wants_number ? read_integer(json, target) : read_string(json, target);
    }
    case FieldKind::enumerator:
    case FieldKind::timestamp:
    case FieldKind::currency:
    case FieldKind::bytes:
    case FieldKind::text:
      return read_string(json, target);
    case FieldKind::money:
      return read_money(json, target);
    case FieldKind::list:
      return read_list(json, target);
    case FieldKind::nested: {
      ondemand::object object;
      if (json.get_object().get(object) != simdjson::SUCCESS) { return fail_type(json, target); }
      return read_object(object, target.type.nested(), target.value, target.place);
    }
  }
  return false;
}

bool Reader::is_beyond_64_bits(ondemand::value& json) {
  std::string digits = came_words(json).en;
  if (digits.starts_with('-')) { digits.erase(0, 1); }
  return digits.size() >= 19 && !digits.starts_with('0') &&
         digits.find_first_not_of("0123456789") == std::string::npos;
}

bool Reader::read_integer(ondemand::value& json, const Target& target) {
  WideInteger number = 0;
  std::int64_t narrow = 0;
  if (json.get_int64().get(narrow) == simdjson::SUCCESS) {
    number = narrow;
  } else {
    std::uint64_t wide = 0;
    if (json.get_uint64().get(wide) != simdjson::SUCCESS) {
      return is_beyond_64_bits(json) ? fail(out_of_range, target, came_words(json))
                                     : fail_type(json, target);
    }
    number = wide;
  }
  if (!number_range(target.type, target.rule).contains(number)) {
    return fail(out_of_range, target,
                as_it_is(number < 0 ? std::to_string(narrow)
                                    : std::to_string(static_cast<std::uint64_t>(number))));
  }
  store_number(target.type, target.value, number);
  return true;
}

bool Reader::read_string(ondemand::value& json, const Target& target) {
  const std::string_view token = json.raw_json_token();
  if (!token.starts_with('"')) { return fail_type(json, target); }
  std::string_view text;
  if (const auto error = json.get_string().get(text)) {
    return fail_malformed(target.place, error);
  }
  if (target.type.kind == FieldKind::text) {
    const WideRange sizes = size_range(target.type, target.rule);
    if (!sizes.contains(static_cast<WideInteger>(text.size()))) {
      return fail(wrong_length, target, counted(text.size(), " bytes", " 字节"));
    }
    target.type.assign_text(target.value, text);
    return true;
  }
  const Fit fit = read_string_form(target.type, target.rule, target.value, text);
  return fit == Fit::fits || fail(code_of(fit), target, quoted(text));
}

bool Reader::read_money(ondemand::value& json, const Target& target) {
  ondemand::object object;
  if (json.get_object().get(object) != simdjson::SUCCESS) { return fail_type(json, target); }
  JsonMoney read;
  if (!read_object(object, struct_table<JsonMoney>(), &read, target.place)) { return false; }
  if (!number_range(target.type, target.rule).contains(read.amount)) {
    return fail(out_of_range, target.place.field("amount"), integer_words(target.type, target.rule),
                as_it_is(std::to_string(read.amount)));
  }
  *static_cast<Money*>(target.value) = {read.amount, read.currency};
  return true;
}

bool Reader::read_list(ondemand::value& json, const Target& target) {
  ondemand::array array;
  if (json.get_array().get(array) != simdjson::SUCCESS) { return fail_type(json, target); }
  const WideRange sizes = size_range(target.type, target.rule);
  target.type.list_clear(target.value);
  std::size_t size = 0;
  const Rule no_rule;
  for (auto entry : array) {
    ondemand::value read;
    // NOLINTNEXTLINE(performance-move-const-arg): get() wants an rvalue.
    if (const auto error = std::move(entry).get(read)) {
      return fail_malformed(target.place, error);
    }
    if (static_cast<WideInteger>(size) >= sizes.max) {
      return fail(wrong_length, target, {"more entries", "更多项"});
    }
    const ValuePlace here = target.place.entry(size);
    if (!read_value(read,
                    {*target.type.entry, no_rule, target.type.list_append(target.value), here})) {
      return false;
    }
    ++size;
  }
  if (static_cast<WideInteger>(size) < sizes.min) {
    return fail(wrong_length, target, counted(size, " entries", " 项"));
  }
  return true;
}

}  // namespace

std::string JsonError::detail() const { return "expected " + expected + "; came " + came; }

std::string JsonError::detail_zh() const { return "要求：" + expected_zh + "；实际：" + came_zh; }

std::string JsonError::message() const {
  return (pointer.empty() ? std::string("the body") : pointer) + ": " + detail();
}

std::string JsonError::message_zh() const {
  return (pointer.empty() ? "请求体" : pointer + " ") + detail_zh();
}

std::optional<JsonError> read_json(const StructTable& table, void* object, std::string_view body) {
  Reader reader(body);
  if (reader.read_document(table, object)) { return std::nullopt; }
  return reader.take_error();
}

std::optional<JsonError> read_path_field(const StructTable& table, void* object,
                                         std::string_view name, std::string_view segment) {
  const std::size_t i = table.find(name);
  FB_ASSERT(i < table.fields().size() && table.fields()[i].from == From::path);
  const FieldTable& field = table.fields()[i];
  const TypeTable& type = *field.type;
  const ValuePlace root;
  const auto error = [&](JsonErrorCode code) {
    const Words expected = expected_words(type, field.rule);
    const Words came = excerpt(segment);
    return JsonError{code,   pointer_to(root.field(name)), expected.en, came.en, expected.zh,
                     came.zh};
  };
  if (type.kind != FieldKind::integer && type.kind != FieldKind::millis) {
    const Fit fit = read_string_form(type, field.rule, field.in(object), segment);
    if (fit == Fit::fits) { return std::nullopt; }
    return error(code_of(fit));
  }
  std::int64_t number = 0;
  const char* const end = segment.data() + segment.size();
  const auto [stopped, failed] = std::from_chars(segment.data(), end, number);
  if (failed != std::errc() || stopped != end) { return error(malformed_value); }
  if (!number_range(type, field.rule).contains(number)) { return error(out_of_range); }
  store_number(type, field.in(object), number);
  return std::nullopt;
}

}  // namespace firebrand
