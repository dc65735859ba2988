#include <gtest/gtest.h>

#include <string>

#include "base/codec_json.hpp"
#include "base/counted_allocations.hpp"
#include "core/launch/sale.hpp"

namespace firebrand {
namespace {

TEST(PlaceOrderJson, IsReadWithoutAllocation) {
  PlaceOrder order;
  const PaddedJson bodies[] = {PaddedJson(R"({"quantity":2,"currency":"CNY"})"),
                               PaddedJson(R"({"currency":null})"), PaddedJson("{}"),
                               PaddedJson("")};
  // The parser of this thread is made at first use.
  ASSERT_FALSE(read_json_into(order, bodies[0].view()).has_value());
  for (const PaddedJson& body : bodies) {
    const std::uint64_t before = allocations;
    const bool failed = read_json_into(order, body.view()).has_value();
    EXPECT_EQ(allocations, before) << body.view();
    EXPECT_FALSE(failed) << body.view();
  }
  ASSERT_FALSE(read_json_into(order, bodies[0].view()).has_value());
  EXPECT_EQ(order.quantity, 2);
  EXPECT_EQ(order.currency, Currency::of("CNY"));
  if (FIREBRAND_COUNTS_ALLOCATIONS != 0) {
    const std::uint64_t before = allocations;
    const std::string long_text(100, 'x');
    EXPECT_GT(allocations, before) << "they are not counted";
  }
}

}  // namespace
}  // namespace firebrand
