#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/context.hpp"
#include "core/ledger/ledger.hpp"

namespace firebrand {

inline constexpr std::int64_t kReceiveQuantityMax = 1'000'000'000;

/// Units that arrived: minted into the SKU's warehouse account.
struct ReceiveStock {
  static constexpr std::string_view kName = "receive_stock";
  static constexpr std::string_view kDoc = "Adds units that arrived to the free stock of a SKU.";
  SkuId sku_id{};
  std::int64_t quantity = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "sku_id", self.sku_id, From::path, Rule{}, "The SKU.");
    field(2, "quantity", self.quantity, From::body, Rule{.min = 1, .max = kReceiveQuantityMax},
          "Units, 1 to 1,000,000,000.");
  }
};

enum class ReceiveStockStatus : std::uint8_t {
  received = 0,
  quantity_out_of_range = 10,
  sku_not_found = 50,
  stock_overflow = 52,
};

struct ReceiveStockResult {
  static constexpr std::string_view kName = "receive_stock_result";
  static constexpr std::string_view kDoc = "Answer to receive_stock.";
  ReceiveStockStatus status{};
  std::int64_t on_hand = 0;  ///< Free units of the SKU afterwards: in no drop.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "on_hand", self.on_hand, From::body, Rule{}, "Free units afterwards.");
  }
};

struct StockReceived {
  static constexpr std::string_view kName = "stock_received";
  static constexpr std::string_view kDoc = "Units of a SKU arrived.";
  SkuId sku_id{};
  std::int64_t quantity = 0;
  std::int64_t on_hand = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "sku_id", self.sku_id, From::body, Rule{}, "The SKU.");
    field(2, "quantity", self.quantity, From::body, Rule{}, "Units that arrived.");
    field(3, "on_hand", self.on_hand, From::body, Rule{}, "Free units afterwards.");
  }
};

/// Where units come from. It keeps nothing of its own: stock is accounts of the ledger, and
/// minted = free + unreleased + available + held + sold + returned at every offset.
class Stock {
 public:
  Stock(Ledger& ledger, const Catalogue& catalogue) : ledger_(ledger), catalogue_(catalogue) {}

  [[nodiscard]] ReceiveStockResult apply(const ReceiveStock&, const CommandContext&) noexcept;

  /// Units of the SKU that are in no drop.
  [[nodiscard]] std::int64_t on_hand(SkuId) const noexcept;

 private:
  Ledger& ledger_;
  const Catalogue& catalogue_;
};

}  // namespace firebrand
