#include "base/id_text.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

TEST(IdText, GoesBothWays) {
  EXPECT_EQ(format_id(SkuId{7}).view(), "sku_7");
  EXPECT_EQ(parse_id<SkuId>("sku_7"), SkuId{7});
  EXPECT_EQ(parse_id<OrderId>("ord_18446744073709551615"), OrderId{~std::uint64_t{0}});
  EXPECT_EQ(format_id(OrderId{~std::uint64_t{0}}).view(), "ord_18446744073709551615");
}

TEST(IdText, RefusesTheRest) {
  for (const char* text :
       {"", "sku", "sku_", "7", "sku_0", "sku_07", "sku_-7", "sku_+7", "sku_7 ", " sku_7", "sku_7x",
        "SKU_7", "sku7", "sku-7", "drop_7", "sku_sku_7", "sku_18446744073709551616"}) {
    EXPECT_EQ(parse_id<SkuId>(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace firebrand
