#include "edge/payments/statement.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/enum_name.hpp"

namespace firebrand {
namespace {

constexpr Currency kCny = Currency::of("CNY");
constexpr std::string_view kHeader = "kind,payment_id,refund_id,amount,currency\n";

Money cny(std::int64_t minor) { return {minor, kCny}; }

TEST(Statement, IsReadByTheNamesOfItsColumns) {
  const auto lines = read_statement(
      "\xEF\xBB\xBF"
      "currency,note,amount,kind,payment_id,refund_id\r\n"
      "CNY,\"a, \"\"quoted\"\"\nnote\",1999.00,payment,42,\r\n"
      "\r\n"
      "JPY,,500,refund,wechat:43,r-1\r\n",
      "wechat");
  ASSERT_TRUE(lines.has_value()) << lines.error();
  ASSERT_EQ(lines->size(), 2U);
  EXPECT_EQ((*lines)[0].payment_id, "wechat:42");
  EXPECT_EQ((*lines)[0].amount, cny(199'900));
  EXPECT_EQ((*lines)[1].line, 5U);
  EXPECT_EQ((*lines)[1].payment_id, "wechat:43");
  EXPECT_EQ((*lines)[1].refund_id, "r-1");
  EXPECT_EQ((*lines)[1].amount, (Money{500, Currency::of("JPY")}));
}

TEST(Statement, WhatIsNotUnderstoodIsNamedWithItsLine) {
  const auto error_of = [](std::string_view body) {
    const auto lines = read_statement(std::string(kHeader).append(body), "");
    return lines ? std::string() : lines.error();
  };
  EXPECT_EQ(read_statement("kind,payment_id,amount\n", "").error(),
            "line 1: there is no column currency");
  EXPECT_EQ(error_of("payment,p-1,,1.00,CNY\nfee,p-1,,1.00,CNY\n"),
            "line 3: kind must be payment or refund");
  EXPECT_EQ(error_of("payment,,,1.00,CNY\n"), "line 2: payment_id is missing");
  EXPECT_EQ(error_of("refund,p-1,,1.00,CNY\n"), "line 2: refund_id is missing");
  EXPECT_EQ(error_of("payment,p-1,,1.00,RMB\n"), "line 2: currency is not known");
  for (const std::string_view amount : {"", "1.001", "-1.00", "0", "1e3", "\"1,000.00\""}) {
    EXPECT_NE(error_of(std::string("payment,p-1,,").append(amount).append(",CNY\n")), "") << amount;
  }
  EXPECT_NE(error_of("payment,\"p-1,,1.00,CNY\n"), "");
  EXPECT_NE(error_of("payment,\"p\"-1,,1.00,CNY\n"), "");
}

class Reconcile : public testing::Test {
 protected:
  [[nodiscard]] static std::vector<std::string> differences(std::string_view body,
                                                            const StatementBooks& books) {
    std::vector<std::string> said;
    const auto lines = read_statement(std::string(kHeader).append(body), "");
    EXPECT_TRUE(lines.has_value());
    for (const Difference& one : reconcile(*lines, books)) {
      said.push_back(std::string(enum_name(one.kind)) + " " + one.id);
    }
    return said;
  }
  StatementBooks books_{
      .payments = {{"p-1", {cny(100), true}}, {"p-2", {cny(100), true}}, {"p-0", {cny(1), false}}},
      .refunds = {{"r-1", {"p-1", cny(50), RefundState::done, true}},
                  {"r-2", {"p-1", cny(50), RefundState::requested, true}},
                  {"r-0", {"p-1", cny(50), RefundState::done, false}}}};
};

TEST_F(Reconcile, SaysNothingWhereBothAgree) {
  EXPECT_EQ(differences("payment,p-1,,1.00,CNY\npayment,p-2,,1.00,CNY\nrefund,p-1,r-1,0.50,CNY\n",
                        books_),
            std::vector<std::string>());
}

TEST_F(Reconcile, KnowsARefundByTheProvidersOwnId) {
  const StatementBooks books{
      .payments = {{"stripe:pi_1", {cny(100), true}}},
      .refunds = {{"stripe:re_1", {"stripe:pi_1", cny(20), RefundState::done, true}},
                  {"r-1", {"stripe:pi_1", cny(30), RefundState::done, true}}}};
  EXPECT_EQ(differences("payment,stripe:pi_1,,1.00,CNY\nrefund,stripe:pi_1,re_1,0.20,CNY\n"
                        "refund,stripe:pi_1,r-1,0.30,CNY\n",
                        books),
            std::vector<std::string>());
}

// Each difference alone, and then all of them at once.
TEST_F(Reconcile, FindsEveryDifference) {
  using Said = std::vector<std::string>;
  const std::string good =
      "payment,p-1,,1.00,CNY\npayment,p-2,,1.00,CNY\nrefund,p-1,r-1,0.50,CNY\n";
  const struct {
    std::string_view more;
    Said want;
  } rows[] = {
      {"payment,p-9,,1.00,CNY\n", {"payment_not_booked p-9"}},
      {"payment,p-0,,0.02,CNY\n", {"amount_differs p-0"}},
      {"payment,p-0,,1.00,USD\n", {"amount_differs p-0"}},
      {"refund,p-1,r-9,0.50,CNY\n", {"refund_not_booked r-9"}},
      {"refund,p-2,r-0,0.50,CNY\n", {"refund_of_another_payment r-0"}},
      {"refund,p-1,r-0,0.51,CNY\n", {"amount_differs r-0"}},
      {"refund,p-1,r-2,0.50,CNY\n", {"refund_not_done r-2"}},
      {"payment,p-1,,1.00,CNY\n", {"line_repeated p-1"}},
      {"payment,p-0,,0.01,CNY\nrefund,p-1,r-0,0.50,CNY\n", {}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(differences(good + std::string(row.more), books_), row.want);
  }
  EXPECT_EQ(differences("", books_),
            (Said{"payment_not_on_statement p-1", "payment_not_on_statement p-2",
                  "refund_not_on_statement r-1"}));
}

}  // namespace
}  // namespace firebrand
