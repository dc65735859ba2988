#include "core/engine/command_text.hpp"

#include <gtest/gtest.h>

#include "core/engine/engine_testing.hpp"

namespace firebrand {
namespace {

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  std::vector<std::byte> bytes(encoded_size_max<T>());
  bytes.resize(encode(value, bytes.data()));
  return bytes;
}

TEST(CommandText, ReadsCommandsAndQueriesByTheirNames) {
  const auto command = parse_command_text("place_order person_id=per_3 drop_id=1");
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->number, kNumberOf<PlaceOrder>);
  EXPECT_EQ(command->bytes, bytes_of(PlaceOrder{.drop_id = {1}, .person_id = {3}}));
  const auto query = parse_command_text("  find_order order_id=7");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->number, kNumberOf<FindOrder>);
  EXPECT_EQ(query->bytes, bytes_of(FindOrder{{7}}));
}

TEST(CommandText, SaysWhatIsWrong) {
  const auto field = parse_command_text("place_order drop_id=1 person_id=3 quantity=0");
  ASSERT_FALSE(field.has_value());
  EXPECT_EQ(field.error().message(), "column 44: quantity: expected integer, 1 to 1000; came 0");
  const auto name = parse_command_text("  place_ordre drop_id=1");
  ASSERT_FALSE(name.has_value());
  EXPECT_EQ(name.error().code, TextErrorCode::wrong_name);
  EXPECT_EQ(name.error().position, 2U);
  EXPECT_EQ(name.error().came, "place_ordre");
  EXPECT_NE(name.error().expected.find(", place_order, "), std::string::npos);
  EXPECT_NE(name.error().expected.find(", find_order"), std::string::npos);
  EXPECT_FALSE(parse_command_text("").has_value());
  EXPECT_FALSE(parse_command_text("order_paid order_id=1").has_value()) << "a fact is no command";
}

TEST(CommandText, PrintsTheStatusAndWhatIsNotAtItsDefault) {
  const PlaceOrderResult placed{.status = PlaceOrderStatus::created,
                                .wave = 2,
                                .order_id = {7},
                                .created_at = from_unix_ms(1'000),
                                .expires_at = from_unix_ms(61'000),
                                .total = {100, Currency::of("CNY")}};
  EXPECT_EQ(print_result(kNumberOf<PlaceOrder>, bytes_of(placed)),
            "created wave=2 order_id=7 created_at=1000 expires_at=61000 total=CNY:100");
  EXPECT_EQ(print_result(kNumberOf<OpenSession>,
                         bytes_of(OpenSessionResult{.expires_at = from_unix_ms(61'000)}),
                         TextTimes::rfc3339),
            "opened expires_at=1970-01-01T00:01:01.000Z");
  EXPECT_EQ(print_result(kNumberOf<PlaceOrder>,
                         bytes_of(PlaceOrderResult{.status = PlaceOrderStatus::sold_out})),
            "sold_out");
  EXPECT_EQ(print_result(kNumberOf<FindOrder>,
                         bytes_of(FindOrderResult{FindOrderStatus::found, {.order_id = {7}}})),
            "found order={order_id=7}");
}

TEST(CommandText, PrintsFacts) {
  EXPECT_EQ(print_fact(kNumberOf<OrderExpired>, bytes_of(OrderExpired{{7}, {1}})),
            "order_expired order_id=7 drop_id=1");
}

TEST(CommandText, PrintsNothingForWhatItIsNot) {
  const auto bytes = bytes_of(PauseDropResult{});
  EXPECT_EQ(print_result(kNumberOf<PauseDrop>, bytes), "paused");
  EXPECT_EQ(print_result(0x7777, bytes), "");
  EXPECT_EQ(print_result(kNumberOf<PlaceOrder>, std::vector(1, std::byte{1})), "");
  EXPECT_EQ(print_fact(0x7777, bytes), "");
  EXPECT_EQ(print_fact(kNumberOf<OrderExpired>, bytes), "");
}

}  // namespace
}  // namespace firebrand
