#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

/// The number of an id as the outside sees it: "sku_7" with prefix "sku". Nothing for another
/// prefix, zero, leading zeros, or more than 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_id_number(std::string_view text,
                                                           std::string_view prefix);
[[nodiscard]] Text<48> format_id_number(std::uint64_t number, std::string_view prefix);

/// `parse_id<SkuId>("sku_7")`. Ids are opaque to those outside and start at 1.
template <class Id>
[[nodiscard]] std::optional<Id> parse_id(std::string_view text) {
  const auto number = parse_id_number(text, Id::TagType::prefix);
  if (!number) { return std::nullopt; }
  return Id{*number};
}

/// "sku_7"
template <class Id>
[[nodiscard]] Text<48> format_id(Id id) {
  return format_id_number(id.value, Id::TagType::prefix);
}

}  // namespace firebrand
