#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/context.hpp"

namespace firebrand {

inline constexpr std::size_t kCodeBytesMax = 64;
inline constexpr std::size_t kNameBytesMax = 160;
inline constexpr std::size_t kPricesMax = 8;
inline constexpr std::size_t kSkusMax = 1'000'000;
/// Ten billion main units of a currency with two decimals.
inline constexpr std::int64_t kPriceMinorMax = 1'000'000'000'000;

/// The caller's own name for a thing: unique, stable, what plan files refer to.
using Code = Text<kCodeBytesMax>;

/// A name as people read it, per language.
struct LocalizedName {
  static constexpr std::string_view kName = "localized_name";
  static constexpr std::string_view kDoc = "A name in Chinese and English.";
  Text<kNameBytesMax> zh{};
  Text<kNameBytesMax> en{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "zh", self.zh, From::body, Rule{.min = 1}, "Chinese.");
    field(2, "en", self.en, From::body, Rule{.min = 1}, "English.");
  }
  friend bool operator==(const LocalizedName&, const LocalizedName&) = default;
};

/// Adds one sellable article. `code` is the caller's id, so sending it twice is harmless.
struct AddSku {
  static constexpr std::string_view kName = "add_sku";
  static constexpr std::string_view kDoc = "Adds one sellable article with a price per currency.";
  Code code{};
  LocalizedName name{};
  List<Money, kPricesMax> prices{};  ///< One per currency.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code", self.code, From::body, Rule{.min = 1}, "Your own unique name of the SKU.");
    field(2, "name", self.name, From::body, Rule{}, "What people read.");
    field(3, "prices", self.prices, From::body, Rule{.min = 1}, "One price per currency.");
  }
  friend bool operator==(const AddSku&, const AddSku&) = default;
};

enum class AddSkuStatus : std::uint8_t {
  created = 0,
  code_must_not_be_empty = 10,
  prices_must_not_be_empty = 11,
  price_out_of_range = 12,
  currency_repeated = 13,
  exists = 40,
  exists_with_different_fields = 50,
  skus_full = 51,
};

struct AddSkuResult {
  static constexpr std::string_view kName = "add_sku_result";
  static constexpr std::string_view kDoc = "Answer to add_sku.";
  AddSkuStatus status{};
  SkuId sku_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "sku_id", self.sku_id, From::body, Rule{}, "The SKU.");
  }
};

struct SkuAdded {
  static constexpr std::string_view kName = "sku_added";
  static constexpr std::string_view kDoc = "A SKU was added to the catalogue.";
  SkuId sku_id{};
  Code code{};
  LocalizedName name{};
  List<Money, kPricesMax> prices{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "sku_id", self.sku_id, From::body, Rule{}, "The SKU.");
    field(2, "code", self.code, From::body, Rule{}, "Its code.");
    field(3, "name", self.name, From::body, Rule{}, "Its names.");
    field(4, "prices", self.prices, From::body, Rule{}, "One price per currency.");
  }
};

/// What can be sold and at what price. SKUs are few and live for good (about 500 bytes each, at
/// most kSkusMax): a code once given is never free again.
class Catalogue {
 public:
  [[nodiscard]] AddSkuResult apply(const AddSku&, const CommandContext&) noexcept;

  [[nodiscard]] bool has(SkuId) const noexcept;
  /// The price of one unit, if the SKU is sold in that currency.
  [[nodiscard]] std::optional<Money> price(SkuId, Currency) const noexcept;
  /// REQUIRES: has(id).
  [[nodiscard]] const AddSku& sku(SkuId id) const;
  [[nodiscard]] std::size_t size() const noexcept { return skus_.size(); }

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  void remember(const AddSku&);

  std::vector<AddSku> skus_;  // SkuId n is entry n - 1.
  std::map<std::string, SkuId, std::less<>> by_code_;
  Digest digest_;
};

}  // namespace firebrand
