#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

/// The words of an enumeration, read from the compiler: the word in the code is the word in the
/// log, the API and the console. Enumerators lie in 0 to 127 and have distinct values; the
/// underlying type is fixed (every `enum class`).
namespace firebrand {

namespace enum_detail {

inline constexpr std::size_t kValuesMax = 128;

/// One instantiation per enumeration names all 128 values, with g++ and clang alike, apart from
/// what stands around the list: "ns::Colour::red, (ns::Colour)1, ns::Colour::blue, ...".
template <auto... kValues>
constexpr std::string_view pretty_names() {
  return __PRETTY_FUNCTION__;
}

#if defined(__clang__)
inline constexpr std::string_view kListStart = "kValues = <";
inline constexpr char kListEnd = '>';
#else
inline constexpr std::string_view kListStart = "kValues = {";
inline constexpr char kListEnd = '}';
#endif

/// Where each value's name stands in a text. No name: size 0.
struct Places {
  std::array<std::uint16_t, kValuesMax> start{};
  std::array<std::uint8_t, kValuesMax> size{};
  std::array<std::uint64_t, 2> bits{};  ///< Bit v of word v / 64: value v is an enumerator.
  std::size_t count = 0;
  std::size_t chars = 0;  ///< All names together.
};

/// Reads the type's name once and steps over it from then on, by plain pointer: the compiler runs
/// this for every enumeration, and its interpreter takes about a microsecond a step.
constexpr Places find_names(const char* const pretty, std::size_t next) {
  std::size_t type_size = 0;  // Of "ns::Colour"; brackets and commas may be part of it.
  const bool starts_without_name = pretty[next] == '(';
  int depth = 0;
  for (std::size_t i = next;; ++i) {
    const char c = pretty[i];
    if (depth == 0 && (c == ',' || c == kListEnd)) { break; }
    if (c == '<' || c == '(' || c == '{') { ++depth; }
    if (c == '>' || c == ')' || c == '}') { --depth; }
    if (depth != 0) { continue; }
    if (c == ')' && starts_without_name) {
      type_size = i - next - 1;
      break;
    }
    if (c == ':' && pretty[i + 1] == ':') { type_size = i - next; }
  }

  Places places;
  for (std::size_t value = 0; value < kValuesMax; ++value) {
    const bool has_name = pretty[next] != '(';
    next += type_size + 3;  // "(" and ")" and a digit, or "::" and a letter.
    const std::size_t start = next - 1;
    while (pretty[next] != ',' && pretty[next] != kListEnd) { ++next; }
    if (has_name) {
      places.start[value] = static_cast<std::uint16_t>(start);
      places.size[value] = static_cast<std::uint8_t>(next - start);
      places.bits[value / 64] |= std::uint64_t{1} << value % 64;
      ++places.count;
      places.chars += next - start;
    }
    next += 2;  // ", "
  }
  return places;
}

template <class Enum, std::size_t... kIndex>
constexpr std::string_view pretty(std::index_sequence<kIndex...>) {
  return pretty_names<static_cast<Enum>(kIndex)...>();
}
template <class Enum>
inline constexpr std::string_view kPretty = pretty<Enum>(std::make_index_sequence<kValuesMax>());
template <class Enum>
inline constexpr Places kPrettyPlaces = find_names(kPretty<Enum>.data(),
                                                   kPretty<Enum>.find(kListStart) +
                                                       kListStart.size());

/// The names alone, so that the long text above stays in the compiler.
template <std::size_t kChars>
struct Names {
  Places places;
  std::array<char, kChars> chars{};
};
template <class Enum>
inline constexpr auto kNames = [] {
  static_assert(std::is_enum_v<Enum> && !std::is_convertible_v<Enum, int>, "enum class only");
  Names<kPrettyPlaces<Enum>.chars> names{kPrettyPlaces<Enum>};
  const char* const text = kPretty<Enum>.data();
  std::size_t next = 0;
  for (std::size_t value = 0; value < kValuesMax; ++value) {
    const std::size_t size = names.places.size[value];
    if (size == 0) { continue; }
    const std::size_t from = names.places.start[value];
    names.places.start[value] = static_cast<std::uint16_t>(next);
    for (std::size_t i = 0; i < size; ++i) { names.chars[next++] = text[from + i]; }
  }
  return names;
}();

}  // namespace enum_detail

/// Whether the number is one of the enumerators. A few instructions, no table walk.
template <class Enum>
[[nodiscard]] constexpr bool is_enumerator(Enum value) {
  const auto number = static_cast<std::uint64_t>(value);  // Negative ones become huge.
  return number < enum_detail::kValuesMax &&
         (enum_detail::kNames<Enum>.places.bits[number / 64] >> number % 64 & 1) != 0;
}

/// "sold_out"; "" if the value is not an enumerator.
template <class Enum>
[[nodiscard]] constexpr std::string_view enum_name(Enum value) {
  if (!is_enumerator(value)) { return {}; }
  const auto& names = enum_detail::kNames<Enum>;
  const auto number = static_cast<std::size_t>(value);
  return {names.chars.data() + names.places.start[number], names.places.size[number]};
}

/// All enumerators in the order of their values.
template <class Enum>
[[nodiscard]] constexpr auto enum_values() {
  std::array<Enum, enum_detail::kNames<Enum>.places.count> values{};
  std::size_t next = 0;
  for (std::size_t number = 0; number < enum_detail::kValuesMax; ++number) {
    const auto value = static_cast<Enum>(number);
    if (is_enumerator(value)) { values[next++] = value; }
  }
  return values;
}

template <class Enum>
[[nodiscard]] constexpr std::optional<Enum> enum_from_name(std::string_view name) {
  for (std::size_t number = 0; number < enum_detail::kValuesMax; ++number) {
    const auto value = static_cast<Enum>(number);
    if (is_enumerator(value) && enum_name(value) == name) { return value; }
  }
  return std::nullopt;
}

/// The words of an enumeration without its type, for code that is not a template.
class EnumNames {
 public:
  constexpr EnumNames() = default;
  template <class Enum>
  [[nodiscard]] static constexpr EnumNames of() {
    const auto& names = enum_detail::kNames<Enum>;
    return {&names.places, names.chars.data()};
  }

  /// "" if the number is not an enumerator.
  [[nodiscard]] constexpr std::string_view name(std::uint64_t number) const {
    if (number >= enum_detail::kValuesMax) { return {}; }
    return {chars_ + places_->start[number], places_->size[number]};
  }
  [[nodiscard]] constexpr std::optional<std::uint64_t> find(std::string_view name_sought) const {
    for (std::uint64_t number = 0; number < enum_detail::kValuesMax; ++number) {
      if (!name_sought.empty() && name(number) == name_sought) { return number; }
    }
    return std::nullopt;
  }
  /// Calls `visit(number, name)` for each enumerator in the order of the numbers.
  template <class Visit>
  constexpr void for_each(Visit visit) const {
    for (std::uint64_t number = 0; number < enum_detail::kValuesMax; ++number) {
      if (!name(number).empty()) { visit(number, name(number)); }
    }
  }

 private:
  constexpr EnumNames(const enum_detail::Places* places, const char* chars)
      : places_(places), chars_(chars) {}

  const enum_detail::Places* places_ = nullptr;
  const char* chars_ = nullptr;
};

}  // namespace firebrand
