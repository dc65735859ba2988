#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/describe.hpp"
#include "base/enum_name.hpp"
#include "base/expected.hpp"
#include "base/field_kind.hpp"
#include "base/little_endian.hpp"
#include "base/utf8.hpp"

/// The binary form of a described struct: what stands in log records and rings. With examples:
/// docs/formats/payload.md.
///
/// Fields follow each other in the order of their numbers, little-endian, fixed width, no tags:
///
///     bool                1 byte, 0 or 1
///     integer, enum, id   as wide as the type
///     Timestamp, Millis   8 bytes: milliseconds, since 1970 for the former
///     Currency            2 bytes, packed letters; 0 for none
///     Money               8 bytes of minor units, then its Currency
///     Text                2 bytes of length, then that many bytes of UTF-8
///     Bytes<N>            N bytes
///     List                2 bytes of count, then that many entries
///     described struct    its fields, in place
///
/// A struct may grow at its end, under a new version: bytes that stop before a field of the
/// outermost struct leave it, and all after it, at their defaults. A nested struct and a list's
/// entry have no length of their own: what they hold follows from the version of the outermost
/// struct (Rule::since), so whoever decodes older bytes says which version wrote them.
namespace firebrand {

enum class DecodeErrorCode : std::uint8_t {
  truncated_field = 1,  ///< The bytes end inside of a field.
  trailing_bytes = 2,   ///< Bytes are left over: written by a newer program, or damaged.
  out_of_range = 3,     ///< A number outside of its rule.
  too_short = 4,        ///< A text or list below its rule.
  too_long = 5,         ///< A text or list beyond its rule or room.
  not_utf8 = 6,
  not_an_enumerator = 7,
  unknown_currency = 8,
};

struct DecodeError {
  DecodeErrorCode code{};
  std::string_view field{};  ///< Innermost described field; "" for trailing_bytes.

  friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

namespace binary_detail {

/// The newest `since` of a struct and all within it.
struct VersionVisitor {
  std::uint16_t version = 1;

  template <class V>
  constexpr void operator()(std::uint16_t, std::string_view, const V&, From, const Rule& rule,
                            std::string_view) {
    version = std::max(version, rule.since);
    look_into<V>();
  }

  template <class V>
  constexpr void look_into() {
    if constexpr (kFieldKind<V> == FieldKind::list) {
      look_into<typename V::Entry>();
    } else if constexpr (kFieldKind<V> == FieldKind::nested) {
      const V value{};
      V::describe(value, *this);
    }
  }
};

template <class V>
constexpr std::size_t size_max();

struct SizeVisitor {
  std::size_t size = 0;
  template <class V>
  constexpr void operator()(std::uint16_t, std::string_view, const V&, From, Rule,
                            std::string_view) {
    size += size_max<V>();
  }
};

template <class V>
constexpr std::size_t size_max() {
  constexpr FieldKind kKind = kFieldKind<V>;
  if constexpr (kKind == FieldKind::money) {
    return sizeof(std::int64_t) + sizeof(std::uint16_t);
  } else if constexpr (kKind == FieldKind::text) {
    return sizeof(std::uint16_t) + V::kMax;
  } else if constexpr (kKind == FieldKind::list) {
    static_assert(V::kMax <= std::numeric_limits<std::uint16_t>::max());
    return sizeof(std::uint16_t) + V::kMax * size_max<typename V::Entry>();
  } else if constexpr (kKind == FieldKind::nested) {
    SizeVisitor visitor;
    const V value{};
    V::describe(value, visitor);
    return visitor.size;
  } else {
    return sizeof(V);
  }
}

/// Appends without looking for room: the caller brought encoded_size_max bytes.
struct Encoder {
  std::byte* next;

  template <class V>
  void operator()(std::uint16_t, std::string_view, const V& value, From, const Rule&,
                  std::string_view) {
    put(value);
  }

  template <class V>
  void put(const V& value) {
    constexpr FieldKind kKind = kFieldKind<V>;
    if constexpr (kKind == FieldKind::boolean) {
      put_integer(static_cast<std::uint8_t>(value ? 1 : 0));
    } else if constexpr (kKind == FieldKind::integer) {
      put_integer(value);
    } else if constexpr (kKind == FieldKind::enumerator) {
      put_integer(static_cast<std::underlying_type_t<V>>(value));
    } else if constexpr (kKind == FieldKind::strong || kKind == FieldKind::currency) {
      put_integer(value.value);
    } else if constexpr (kKind == FieldKind::timestamp) {
      put_integer(to_unix_ms(value));
    } else if constexpr (kKind == FieldKind::millis) {
      put_integer(std::int64_t{value.count()});
    } else if constexpr (kKind == FieldKind::money) {
      put_integer(value.minor);
      put_integer(value.currency.value);
    } else if constexpr (kKind == FieldKind::text) {
      put_integer(static_cast<std::uint16_t>(value.size()));
      put_bytes(value.view().data(), value.size());
    } else if constexpr (kKind == FieldKind::bytes) {
      put_bytes(value.data.data(), V::kSize);
    } else if constexpr (kKind == FieldKind::list) {
      put_integer(static_cast<std::uint16_t>(value.size()));
      for (const auto& entry : value) { put(entry); }
    } else {
      V::describe(value, *this);
    }
  }

  template <class Integer>
  void put_integer(Integer value) {
    store_le(next, value);
    next += sizeof value;
  }
  void put_bytes(const void* bytes, std::size_t size) {
    std::memcpy(next, bytes, size);
    next += size;
  }
};

template <class Integer>
constexpr bool in_range(Integer value, const Rule& rule) {
  return !std::cmp_less(value, rule.min) &&
         // The largest bound means none, so that ids may use all of 64 bits.
         (rule.max == std::numeric_limits<std::int64_t>::max() ||
          !std::cmp_greater(value, rule.max));
}

/// Reads field after field. After a failure `end` is moved to `next`, so that the one comparison
/// each field makes anyway also skips all that follow.
struct Decoder {
  const std::byte* next;
  const std::byte* end;
  DecodeError error{};
  std::uint32_t depth = 0;  ///< 0: fields may be missing; within nested structs none may.
  std::uint16_t version = kNewestVersion;

  template <class V>
  void operator()(std::uint16_t, std::string_view name, V& value, From, const Rule& rule,
                  std::string_view) {
    if (rule.since > version) { return; }
    take(name, value, rule);
  }

  template <class V>
  void take(std::string_view name, V& value, const Rule& rule) {
    constexpr FieldKind kKind = kFieldKind<V>;
    using enum DecodeErrorCode;
    if constexpr (kKind == FieldKind::boolean) {
      std::uint8_t byte = 0;
      if (!take_integer(name, byte)) { return; }
      if (byte > 1) { return fail(out_of_range, name); }
      value = byte == 1;
    } else if constexpr (kKind == FieldKind::integer) {
      take_number(name, value, rule);
    } else if constexpr (kKind == FieldKind::enumerator) {
      std::underlying_type_t<V> number = 0;
      if (!take_integer(name, number)) { return; }
      const auto read = static_cast<V>(number);
      if (!is_enumerator(read) && !is_absent(rule, read == value)) {
        return fail(not_an_enumerator, name);
      }
      value = read;
    } else if constexpr (kKind == FieldKind::strong) {
      take_number(name, value.value, rule);
    } else if constexpr (kKind == FieldKind::timestamp) {
      std::int64_t ms = to_unix_ms(value);
      take_number(name, ms, rule);
      if (ms < to_unix_ms(kTimestampMin) || ms > to_unix_ms(kTimestampMax)) {
        return fail(out_of_range, name);
      }
      value = from_unix_ms(ms);
    } else if constexpr (kKind == FieldKind::millis) {
      std::int64_t ms = value.count();
      take_number(name, ms, rule);
      value = Millis{ms};
    } else if constexpr (kKind == FieldKind::currency) {
      take_currency(name, value);
    } else if constexpr (kKind == FieldKind::money) {
      if (end - next < 10) { return stop_short(name); }
      take_number(name, value.minor, rule);
      take_currency(name, value.currency);
    } else if constexpr (kKind == FieldKind::text) {
      take_text(name, value, rule);
    } else if constexpr (kKind == FieldKind::bytes) {
      if (end - next < static_cast<std::ptrdiff_t>(V::kSize)) { return stop_short(name); }
      std::memcpy(value.data.data(), next, V::kSize);
      next += V::kSize;
    } else if constexpr (kKind == FieldKind::list) {
      take_list(name, value, rule);
    } else {
      take_nested(name, value, rule);
    }
  }

  /// An optional field may hold its default even where the rule forbids that as input.
  static constexpr bool is_absent(const Rule& rule, bool equals_default) {
    return rule.presence == Presence::optional && equals_default;
  }

  template <class Integer>
  void take_number(std::string_view name, Integer& value, const Rule& rule) {
    Integer read = 0;
    if (!take_integer(name, read)) { return; }
    if (!in_range(read, rule) && !is_absent(rule, read == value)) {
      return fail(DecodeErrorCode::out_of_range, name);
    }
    value = read;
  }

  void take_currency(std::string_view name, Currency& value) {
    Currency read;
    if (!take_integer(name, read.value)) { return; }
    if (!read.is_none() && !read.is_known()) {
      return fail(DecodeErrorCode::unknown_currency, name);
    }
    value = read;
  }

  template <class V>
  void take_text(std::string_view name, V& value, const Rule& rule) {
    using enum DecodeErrorCode;
    std::uint16_t size = 0;
    if (!take_integer(name, size)) { return; }
    if (size > V::kMax || std::cmp_greater(size, rule.max)) { return fail(too_long, name); }
    if (std::cmp_less(size, rule.min) && !is_absent(rule, size == 0 && value.empty())) {
      return fail(too_short, name);
    }
    if (end - next < size) { return fail(truncated_field, name); }
    const std::string_view text(reinterpret_cast<const char*>(next), size);
    if (!is_utf8(text)) { return fail(not_utf8, name); }
    value.assign(text);
    next += size;
  }

  template <class V>
  void take_list(std::string_view name, V& value, const Rule& rule) {
    using enum DecodeErrorCode;
    std::uint16_t count = 0;
    if (!take_integer(name, count)) { return; }
    if (count > V::kMax || std::cmp_greater(count, rule.max)) { return fail(too_long, name); }
    if (std::cmp_less(count, rule.min) && !is_absent(rule, count == 0 && value.empty())) {
      return fail(too_short, name);
    }
    value.clear();
    ++depth;
    for (std::size_t i = 0; i < count && error.code == DecodeErrorCode{}; ++i) {
      value.push_back({});
      take(name, value[i], Rule{});
    }
    --depth;
  }

  template <class V>
  void take_nested(std::string_view name, V& value, const Rule& rule) {
    if (next == end && depth == 0) { return; }
    const std::byte* const start = next;
    const std::byte* const whole = end;
    ++depth;
    V::describe(value, *this);
    --depth;
    if (error.code != DecodeErrorCode{} && rule.presence == Presence::optional) {
      skip_default(name, value, start, whole);
    }
  }

  /// An optional struct that was absent is stored as its default, which may break its own rules.
  template <class V>
  [[gnu::cold]] void skip_default(std::string_view name, V& value, const std::byte* start,
                                  const std::byte* whole) {
    std::array<std::byte, size_max<V>()> bytes;
    Encoder encoder{bytes.data()};
    const V fresh{};
    V::describe(fresh, encoder);
    const auto size = encoder.next - bytes.data();
    const auto left = std::min(size, whole - start);
    if (std::memcmp(start, bytes.data(), static_cast<std::size_t>(left)) != 0) { return; }
    if (left < size) {
      error = {DecodeErrorCode::truncated_field, name};
      return;
    }
    value = fresh;
    next = start + size;
    end = whole;
    error = {};
  }

  template <class Integer>
  bool take_integer(std::string_view name, Integer& value) {
    if (end - next < static_cast<std::ptrdiff_t>(sizeof value)) [[unlikely]] {
      stop_short(name);
      return false;
    }
    value = load_le<Integer>(next);
    next += sizeof value;
    return true;
  }

  /// Nothing left at the start of a field of the outermost struct is an older, shorter record.
  [[gnu::cold, gnu::noinline]] void stop_short(std::string_view name) {
    if (next == end && depth == 0) { return; }
    fail(DecodeErrorCode::truncated_field, name);
  }

  [[gnu::cold, gnu::noinline]] void fail(DecodeErrorCode code, std::string_view name) {
    if (error.code == DecodeErrorCode{}) { error = {code, name}; }
    end = next;
  }
};

/// REQUIRES: `out` holds its defaults.
template <class T>
std::optional<DecodeError> decode_over_defaults(T& out, std::span<const std::byte> bytes,
                                                std::uint16_t version) {
  Decoder decoder{.next = bytes.data(), .end = bytes.data() + bytes.size(), .version = version};
  T::describe(out, decoder);
  if (decoder.error.code != DecodeErrorCode{}) { return decoder.error; }
  if (decoder.next != decoder.end) { return DecodeError{DecodeErrorCode::trailing_bytes, {}}; }
  return std::nullopt;
}

}  // namespace binary_detail

/// Bytes that hold any value of T.
template <Described T>
[[nodiscard]] constexpr std::size_t encoded_size_max() {
  return binary_detail::size_max<T>();
}

/// The version that T has by its fields: the newest `since` of them and of what they hold.
template <Described T>
[[nodiscard]] constexpr std::uint16_t version_of() {
  binary_detail::VersionVisitor visitor;
  visitor.template look_into<T>();
  return visitor.version;
}

/// Writes `value` and returns how many bytes it took. Rules are not checked here: a value that
/// breaks one is refused when it is decoded.
/// REQUIRES: encoded_size_max<T>() writable bytes at `out`.
template <Described T>
[[nodiscard]] std::size_t encode(const T& value, std::byte* out) {
  binary_detail::Encoder encoder{out};
  T::describe(value, encoder);
  return static_cast<std::size_t>(encoder.next - out);
}

/// Overwrites `out` with what the bytes say; on an error it holds a part of it. Every rule is
/// checked, except that an optional field may hold its default. For large structs on a hot path;
/// decode() is the same with a value to return.
/// @param version  Of the program's struct that wrote the bytes: fields that came later keep their
///                 defaults.
/// @return nothing, or the first error in the order of the fields.
template <Described T>
[[nodiscard]] std::optional<DecodeError> decode_into(T& out, std::span<const std::byte> bytes,
                                                     std::uint16_t version = kNewestVersion) {
  // In place: an assignment would make the defaults elsewhere and copy them, as large as they are.
  static_assert(std::is_trivially_destructible_v<T>);
  std::construct_at(&out);
  return binary_detail::decode_over_defaults(out, bytes, version);
}

template <Described T>
[[nodiscard]] Expected<T, DecodeError> decode(std::span<const std::byte> bytes,
                                              std::uint16_t version = kNewestVersion) {
  T value{};
  if (const auto error = binary_detail::decode_over_defaults(value, bytes, version)) {
    return Unexpected(*error);
  }
  return value;
}

}  // namespace firebrand
