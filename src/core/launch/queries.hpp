#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "core/commerce/orders.hpp"

namespace firebrand {

enum class FindOrderStatus : std::uint8_t { found = 0, order_not_found = 50, order_archived = 51 };

/// Where does an order stand now?
struct FindOrder {
  static constexpr std::string_view kName = "find_order";
  static constexpr std::string_view kDoc = "Where does an order stand now?";
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::path, Rule{}, "The order.");
  }
};

struct FindOrderResult {
  static constexpr std::string_view kName = "find_order_result";
  static constexpr std::string_view kDoc = "Answer to find_order.";
  FindOrderStatus status{};
  Order order{};
  std::int32_t units_returned = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "order", self.order, From::body, Rule{}, "As it stands.");
    field(3, "units_returned", self.units_returned, From::body, Rule{}, "Units that came back.");
  }
};

}  // namespace firebrand
