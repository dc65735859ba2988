#include "base/struct_table.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.hpp"
#include "base/money.hpp"
#include "base/utf8.hpp"

namespace firebrand {
namespace {

constexpr WideInteger kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr WideInteger kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr WideInteger kUint64Max = std::numeric_limits<std::uint64_t>::max();

template <class Integer>
Integer load(const void* value) {
  Integer number;
  std::memcpy(&number, value, sizeof number);
  return number;
}

std::int64_t load_signed(std::uint8_t width, const void* value) {
  switch (width) {
    case 1:
      return load<std::int8_t>(value);
    case 2:
      return load<std::int16_t>(value);
    case 4:
      return load<std::int32_t>(value);
    default:
      return load<std::int64_t>(value);
  }
}

std::uint64_t load_unsigned(std::uint8_t width, const void* value) {
  switch (width) {
    case 1:
      return load<std::uint8_t>(value);
    case 2:
      return load<std::uint16_t>(value);
    case 4:
      return load<std::uint32_t>(value);
    default:
      return load<std::uint64_t>(value);
  }
}

/// The rule's largest bound means none, so that ids may use all of 64 bits.
WideInteger bound_of(const Rule& rule) {
  return rule.max == kInt64Max ? kUint64Max : WideInteger{rule.max};
}

bool is_currency(Currency currency, Nones nones) {
  return currency.is_known() || (nones == Nones::accepted && currency.is_none());
}

std::string decimal(WideInteger number) {
  return number < 0 ? std::to_string(static_cast<std::int64_t>(number))
                    : std::to_string(static_cast<std::uint64_t>(number));
}

}  // namespace

StructTable& StructTable::make(std::string_view name, std::string_view doc, const void* defaults) {
  StructTable& table = *new StructTable();
  table.name_ = name;
  table.doc_ = doc;
  table.defaults_ = defaults;
  return table;
}

void StructTable::add(std::uint16_t number, std::string_view name, const void* in_defaults,
                      From from, const Rule& rule, std::string_view doc, const TypeTable& type) {
  FB_ASSERT(fields_.size() < kFieldsMax);
  FB_ASSERT(number > (fields_.empty() ? 0 : fields_.back().number));
  FB_ASSERT(find(name) == fields_.size());
  FB_ASSERT(type.kind != FieldKind::millis || name.ends_with("_ms"));
  const auto offset =
      static_cast<const std::byte*>(in_defaults) - static_cast<const std::byte*>(defaults_);
  const bool default_is_none =
      rule.presence == Presence::optional &&
      (type.kind == FieldKind::nested || !obeys(type, rule, in_defaults, Nones::refused));
  fields_.push_back({.number = number,
                     .from = from,
                     .default_is_none = default_is_none,
                     .offset = static_cast<std::uint32_t>(offset),
                     .name = name,
                     .json_key = '"' + std::string(name) + "\":",
                     .rule = rule,
                     .doc = doc,
                     .type = &type});
}

WideInteger load_number(const TypeTable& type, const void* value) {
  switch (type.kind) {
    case FieldKind::integer:
    case FieldKind::enumerator:
    case FieldKind::strong:
      return type.is_signed ? WideInteger{load_signed(type.width, value)}
                            : WideInteger{load_unsigned(type.width, value)};
    case FieldKind::timestamp:
      return to_unix_ms(*static_cast<const Timestamp*>(value));
    case FieldKind::millis:
      return static_cast<const Millis*>(value)->count();
    case FieldKind::money:
      return static_cast<const Money*>(value)->minor;
    case FieldKind::boolean:
    case FieldKind::currency:
    case FieldKind::text:
    case FieldKind::bytes:
    case FieldKind::list:
    case FieldKind::nested:
      break;
  }
  assert_failed("the kind is held as one number", __FILE__, __LINE__);
}

void store_number(const TypeTable& type, void* value, WideInteger number) {
  switch (type.kind) {
    case FieldKind::integer:
    case FieldKind::enumerator:
    case FieldKind::strong: {
      const auto bits = static_cast<std::uint64_t>(number);
      std::memcpy(value, &bits, type.width);
      return;
    }
    case FieldKind::timestamp:
      *static_cast<Timestamp*>(value) = from_unix_ms(static_cast<std::int64_t>(number));
      return;
    case FieldKind::millis:
      *static_cast<Millis*>(value) = Millis{static_cast<std::int64_t>(number)};
      return;
    case FieldKind::money:
      static_cast<Money*>(value)->minor = static_cast<std::int64_t>(number);
      return;
    case FieldKind::boolean:
    case FieldKind::currency:
    case FieldKind::text:
    case FieldKind::bytes:
    case FieldKind::list:
    case FieldKind::nested:
      break;
  }
  assert_failed("the kind is held as one number", __FILE__, __LINE__);
}

WideRange number_range(const TypeTable& type, const Rule& rule) {
  WideRange range{kInt64Min, kInt64Max};
  if (type.width != 0) {
    const int bits = 8 * type.width - (type.is_signed ? 1 : 0);
    range.max = (WideInteger{1} << bits) - 1;
    range.min = type.is_signed ? -range.max - 1 : WideInteger{0};
  }
  if (type.kind == FieldKind::timestamp) {
    range = {to_unix_ms(kTimestampMin), to_unix_ms(kTimestampMax)};
  }
  return {std::max(range.min, WideInteger{rule.min}), std::min(range.max, bound_of(rule))};
}

WideRange size_range(const TypeTable& type, const Rule& rule) {
  return {std::max(WideInteger{0}, WideInteger{rule.min}),
          std::min(static_cast<WideInteger>(type.size_max), bound_of(rule))};
}

bool obeys(const TypeTable& type, const Rule& rule, const void* value, Nones nones) {
  switch (type.kind) {
    case FieldKind::boolean:
    case FieldKind::bytes:
      return true;
    case FieldKind::strong:
      // Ids with a prefix start at 1 outside, whatever the rule says.
      if (nones == Nones::refused && type.prefix != nullptr && load_number(type, value) == 0) {
        return false;
      }
      [[fallthrough]];
    case FieldKind::integer:
    case FieldKind::timestamp:
    case FieldKind::millis:
      return number_range(type, rule).contains(load_number(type, value));
    case FieldKind::enumerator: {
      const WideInteger number = load_number(type, value);
      return number >= 0 && !type.enum_names.name(static_cast<std::uint64_t>(number)).empty();
    }
    case FieldKind::currency:
      return is_currency(*static_cast<const Currency*>(value), nones);
    case FieldKind::money:
      return is_currency(static_cast<const Money*>(value)->currency, nones) &&
             number_range(type, rule).contains(load_number(type, value));
    case FieldKind::text: {
      const std::string_view text = type.view_text(value);
      return size_range(type, rule).contains(static_cast<WideInteger>(text.size())) &&
             is_utf8(text);
    }
    case FieldKind::list: {
      const std::size_t size = type.list_size(value);
      if (!size_range(type, rule).contains(static_cast<WideInteger>(size))) { return false; }
      for (std::size_t i = 0; i < size; ++i) {
        if (!obeys(*type.entry, Rule{}, type.list_at(value, i), nones)) { return false; }
      }
      return true;
    }
    case FieldKind::nested:
      return std::ranges::all_of(type.nested().fields(), [&](const FieldTable& field) {
        return obeys(*field.type, field.rule, field.in(value), nones) ||
               (field.rule.presence == Presence::optional &&
                equal_values(*field.type, field.in(value), field.in(type.nested().defaults())));
      });
  }
  return false;
}

bool equal_values(const TypeTable& type, const void* a, const void* b) {
  switch (type.kind) {
    case FieldKind::boolean:
      return *static_cast<const bool*>(a) == *static_cast<const bool*>(b);
    case FieldKind::integer:
    case FieldKind::enumerator:
    case FieldKind::strong:
    case FieldKind::timestamp:
    case FieldKind::millis:
      return load_number(type, a) == load_number(type, b);
    case FieldKind::currency:
      return *static_cast<const Currency*>(a) == *static_cast<const Currency*>(b);
    case FieldKind::money:
      return *static_cast<const Money*>(a) == *static_cast<const Money*>(b);
    case FieldKind::text:
      return type.view_text(a) == type.view_text(b);
    case FieldKind::bytes:
      return std::memcmp(a, b, type.size_max) == 0;
    case FieldKind::list: {
      const std::size_t size = type.list_size(a);
      if (size != type.list_size(b)) { return false; }
      for (std::size_t i = 0; i < size; ++i) {
        if (!equal_values(*type.entry, type.list_at(a, i), type.list_at(b, i))) { return false; }
      }
      return true;
    }
    case FieldKind::nested:
      return std::ranges::all_of(type.nested().fields(), [&](const FieldTable& field) {
        return equal_values(*field.type, field.in(a), field.in(b));
      });
  }
  return false;
}

namespace {

struct RangeWords {
  std::string_view between;
  std::string_view from;
  std::string_view up_to;
};

std::string range_in_words(const WideRange& range, const RangeWords& words) {
  const bool has_min = range.min != kInt64Min;
  const bool has_max = range.max != kInt64Max && range.max != kUint64Max;
  if (has_min && has_max) {
    return decimal(range.min) + std::string(words.between) + decimal(range.max);
  }
  if (has_min) { return std::string(words.from) + decimal(range.min); }
  if (has_max) { return std::string(words.up_to) + decimal(range.max); }
  return {};
}

}  // namespace

std::string range_text(const WideRange& range) {
  return range_in_words(range, {" to ", "at least ", "at most "});
}

std::string range_text_zh(const WideRange& range) {
  return range_in_words(range, {" 至 ", "至少 ", "至多 "});
}

}  // namespace firebrand
