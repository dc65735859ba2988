#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

/// What a described field may be. Every form (binary, JSON, schema, text line) knows these.
enum class FieldKind : std::uint8_t {
  boolean,
  integer,     ///< Signed or unsigned, 8 to 64 bits.
  enumerator,  ///< `enum class`, enumerators 0 to 127.
  strong,      ///< Strong<Tag, Rep>: ids, offsets, micros.
  timestamp,
  millis,
  currency,
  money,
  text,
  bytes,
  list,
  nested,  ///< A described struct.
};

namespace field_detail {

template <class V>
inline constexpr bool kIsStrong = false;
template <class Tag, class Rep>
inline constexpr bool kIsStrong<Strong<Tag, Rep>> = true;
template <class V>
inline constexpr bool kIsText = false;
template <std::size_t kMax>
inline constexpr bool kIsText<Text<kMax>> = true;
template <class V>
inline constexpr bool kIsBytes = false;
template <std::size_t kSize>
inline constexpr bool kIsBytes<Bytes<kSize>> = true;
template <class V>
inline constexpr bool kIsList = false;
template <class T, std::size_t kMax>
inline constexpr bool kIsList<List<T, kMax>> = true;

template <class V>
consteval FieldKind kind_of() {
  if constexpr (std::is_same_v<V, bool>) {
    return FieldKind::boolean;
  } else if constexpr (std::is_integral_v<V>) {
    return FieldKind::integer;
  } else if constexpr (std::is_enum_v<V>) {
    return FieldKind::enumerator;
  } else if constexpr (kIsStrong<V>) {
    return FieldKind::strong;
  } else if constexpr (std::is_same_v<V, Timestamp>) {
    return FieldKind::timestamp;
  } else if constexpr (std::is_same_v<V, Millis>) {
    return FieldKind::millis;
  } else if constexpr (std::is_same_v<V, Currency>) {
    return FieldKind::currency;
  } else if constexpr (std::is_same_v<V, Money>) {
    return FieldKind::money;
  } else if constexpr (kIsText<V>) {
    return FieldKind::text;
  } else if constexpr (kIsBytes<V>) {
    return FieldKind::bytes;
  } else if constexpr (kIsList<V>) {
    return FieldKind::list;
  } else {
    static_assert(Described<V>, "no codec knows this field type");
    return FieldKind::nested;
  }
}

}  // namespace field_detail

template <class V>
inline constexpr FieldKind kFieldKind = field_detail::kind_of<V>();

/// Instants with a year of four digits, so that each has an RFC 3339 form.
inline constexpr Timestamp kTimestampMin = from_unix_ms(-62'167'219'200'000);  // 0000-01-01
inline constexpr Timestamp kTimestampMax = from_unix_ms(253'402'300'799'999);  // 9999-12-31

}  // namespace firebrand
