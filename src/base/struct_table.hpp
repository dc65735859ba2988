#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/describe.hpp"
#include "base/enum_name.hpp"
#include "base/field_kind.hpp"

/// A described struct as data, for the codecs that are not templates: JSON, its schema and the
/// text line. describe() is compiled once per struct into a table; the codecs walk the table.
/// With 150 structs that is what keeps builds short and programs small.
namespace firebrand {

class StructTable;

/// What a codec must know of a field's type. Which members are set depends on `kind`.
struct TypeTable {
  FieldKind kind{};

  // integer, enumerator, strong
  std::uint8_t width = 0;  ///< Bytes.
  bool is_signed = false;
  bool is_log_offset = false;    ///< Written as a decimal string in JSON.
  const char* prefix = nullptr;  ///< strong: "sku"; nullptr for plain numbers.
  EnumNames enum_names{};

  // text (bytes), bytes (bytes), list (entries)
  std::size_t size_max = 0;
  void (*assign_text)(void* text, std::string_view value) = nullptr;
  std::string_view (*view_text)(const void* text) = nullptr;

  // list
  const TypeTable* entry = nullptr;
  std::size_t (*list_size)(const void* list) = nullptr;
  const void* (*list_at)(const void* list, std::size_t i) = nullptr;
  void (*list_clear)(void* list) = nullptr;
  void* (*list_append)(void* list) = nullptr;  ///< A default entry. REQUIRES: room for it.

  const StructTable& (*nested)() = nullptr;
};

struct FieldTable {
  std::uint16_t number = 0;
  From from = From::body;
  /// Optional, and its default could not be given (or is a whole struct): the default means
  /// "none", JSON null.
  bool default_is_none = false;
  std::uint32_t offset = 0;  ///< Bytes from the start of the struct.
  std::string_view name{};
  std::string json_key{};  ///< "name": with quotes and colon.
  Rule rule{};
  std::string_view doc{};
  const TypeTable* type = nullptr;

  [[nodiscard]] const void* in(const void* object) const {
    return static_cast<const std::byte*>(object) + offset;
  }
  [[nodiscard]] void* in(void* object) const { return static_cast<std::byte*>(object) + offset; }
};

/// No struct has more fields, so that a reader can mark the ones it saw in one word.
inline constexpr std::size_t kFieldsMax = 64;

class StructTable {
 public:
  /// An empty table that lives for ever. REQUIRES: `defaults` does so too.
  [[nodiscard]] static StructTable& make(std::string_view name, std::string_view doc,
                                         const void* defaults);
  /// Aborts on a description that breaks a house rule: numbers out of order, a name used twice,
  /// a duration whose name does not end in "_ms".
  void add(std::uint16_t number, std::string_view name, const void* in_defaults, From from,
           const Rule& rule, std::string_view doc, const TypeTable& type);

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::string_view doc() const { return doc_; }
  [[nodiscard]] const std::vector<FieldTable>& fields() const { return fields_; }
  /// A T with all fields at their defaults.
  [[nodiscard]] const void* defaults() const { return defaults_; }
  /// Index in fields(), or fields().size() if there is none. Looks at `likely` first, then at what
  /// follows: input mostly comes in the order of the fields.
  [[nodiscard]] std::size_t find(std::string_view name, std::size_t likely = 0) const {
    const std::size_t count = fields_.size();
    for (std::size_t i = likely; i < count; ++i) {
      if (fields_[i].name == name) { return i; }
    }
    for (std::size_t i = 0; i < likely && i < count; ++i) {
      if (fields_[i].name == name) { return i; }
    }
    return count;
  }

 private:
  std::string_view name_{};
  std::string_view doc_{};
  const void* defaults_ = nullptr;
  std::vector<FieldTable> fields_{};
};

/// Built at first use, then the same object for ever.
template <Described T>
[[nodiscard]] const StructTable& struct_table();

// ---- what the walking codecs share ----

/// Numbers of every width and sign.
__extension__ using WideInteger = __int128;

struct WideRange {
  WideInteger min = 0;
  WideInteger max = 0;
  [[nodiscard]] bool contains(WideInteger number) const { return number >= min && number <= max; }
};

/// Kinds held as one number: integer, enumerator, strong, timestamp and millis (milliseconds),
/// money (its minor units).
[[nodiscard]] WideInteger load_number(const TypeTable& type, const void* value);
/// REQUIRES: the number fits the type.
void store_number(const TypeTable& type, void* value, WideInteger number);
/// What both the rule and the type allow.
[[nodiscard]] WideRange number_range(const TypeTable& type, const Rule& rule);
/// The same for the bytes of a text or the entries of a list.
[[nodiscard]] WideRange size_range(const TypeTable& type, const Rule& rule);

/// Whether "none" passes: the id zero and no currency. Records may hold them where the rule allows
/// the number; JSON cannot say them.
enum class Nones : std::uint8_t { refused, accepted };

/// Whether a value could have been given as input.
[[nodiscard]] bool obeys(const TypeTable& type, const Rule& rule, const void* value, Nones nones);
[[nodiscard]] bool equal_values(const TypeTable& type, const void* a, const void* b);

/// "1 to 100", "at least 1", "" if neither end is bound more than by 64 bits.
[[nodiscard]] std::string range_text(const WideRange& range);
/// The same in Chinese.
[[nodiscard]] std::string range_text_zh(const WideRange& range);

// ---- details ----

namespace table_detail {

template <class V>
constexpr TypeTable make_type();

/// One object per type; the tables of all structs point to it.
template <class V>
inline constexpr TypeTable kType = make_type<V>();

template <class V>
constexpr TypeTable make_type() {
  TypeTable type;
  type.kind = kFieldKind<V>;
  const auto set_integer = [&]<class Integer>(Integer) {
    type.width = sizeof(Integer);
    type.is_signed = std::is_signed_v<Integer>;
  };
  if constexpr (kFieldKind<V> == FieldKind::integer) {
    set_integer(V{});
  } else if constexpr (kFieldKind<V> == FieldKind::enumerator) {
    set_integer(std::underlying_type_t<V>{});
    type.enum_names = EnumNames::of<V>();
  } else if constexpr (kFieldKind<V> == FieldKind::strong) {
    set_integer(typename V::RepType{});
    type.is_log_offset = std::is_same_v<V, LogOffset>;
    if constexpr (requires { V::TagType::prefix; }) { type.prefix = V::TagType::prefix; }
  } else if constexpr (kFieldKind<V> == FieldKind::text) {
    type.size_max = V::kMax;
    type.assign_text = [](void* text, std::string_view value) {
      static_cast<V*>(text)->assign(value);
    };
    type.view_text = [](const void* text) { return static_cast<const V*>(text)->view(); };
  } else if constexpr (kFieldKind<V> == FieldKind::bytes) {
    type.size_max = V::kSize;
  } else if constexpr (kFieldKind<V> == FieldKind::list) {
    type.size_max = V::kMax;
    type.entry = &kType<typename V::Entry>;
    type.list_size = [](const void* list) { return static_cast<const V*>(list)->size(); };
    type.list_at = [](const void* list, std::size_t i) -> const void* {
      return &(*static_cast<const V*>(list))[i];
    };
    type.list_clear = [](void* list) { static_cast<V*>(list)->clear(); };
    type.list_append = [](void* list) -> void* {
      V& entries = *static_cast<V*>(list);
      entries.push_back({});
      return &entries[entries.size() - 1];
    };
  } else if constexpr (kFieldKind<V> == FieldKind::nested) {
    type.nested = &struct_table<V>;
  }
  return type;
}

/// As little as possible is compiled per struct: the work is in add().
struct TableVisitor {
  StructTable& table;
  template <class V>
  void operator()(std::uint16_t number, std::string_view name, const V& value, From from,
                  const Rule& rule, std::string_view doc) {
    table.add(number, name, &value, from, rule, doc, kType<V>);
  }
};

}  // namespace table_detail

template <Described T>
const StructTable& struct_table() {
  static const StructTable& table = []() -> const StructTable& {
    static const T defaults{};
    StructTable& made = StructTable::make(T::kName, T::kDoc, &defaults);
    T::describe(defaults, table_detail::TableVisitor{made});
    return made;
  }();
  return table;
}

}  // namespace firebrand
