#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace firebrand {

/// Where a field's value comes from. Only `body` fields are public input.
enum class From : std::uint8_t {
  body,     ///< The JSON body.
  path,     ///< The request's path, by name.
  caller,   ///< Who asks: the session or the key.
  stamped,  ///< Made by us at the edge (hashes, keys, defaults).
};

enum class Presence : std::uint8_t { required, optional };

/// The version of a struct's bytes that this program itself writes.
inline constexpr std::uint16_t kNewestVersion = std::numeric_limits<std::uint16_t>::max();

/// What a value must obey: numbers by value, texts by bytes, lists by entries.
struct Rule {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  Presence presence = Presence::required;  ///< `optional`: an absent field keeps its default.
  /// The version of the outermost struct that the field came with: older bytes do not hold it.
  std::uint16_t since = 1;
};

/// A described struct says each field once; JSON, schema, record bytes and text line follow:
///
///     struct ReceiveStock {
///       static constexpr std::string_view kName = "receive_stock";
///       static constexpr std::string_view kDoc = "Adds units that arrived to a SKU's stock.";
///       SkuId sku_id{};
///       std::int64_t quantity = 0;
///
///       template <class Self, class Visitor>
///       static constexpr void describe(Self& self, Visitor&& field) {
///         field(1, "sku_id", self.sku_id, From::path, {}, "The SKU.");
///         field(2, "quantity", self.quantity, From::body, {.min = 1, .max = 1'000'000}, "Units.");
///       }
///     };
///
/// Fields stand in the order of their numbers. They are only ever appended, each with the version
/// it came with (`since`); numbers are never reused. A visitor is called as `field(std::uint16_t
/// number, std::string_view name, T& value, From, Rule, std::string_view doc)`.
template <class T>
concept Described = requires {
  { T::kName } -> std::convertible_to<std::string_view>;
};

}  // namespace firebrand
