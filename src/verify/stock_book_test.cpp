#include "verify/stock_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/public_log.hpp"
#include "verify/verify_testing.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

TestLog sale() {
  TestLog log;
  log.add("stock_received sku=sku_1 units=100")
      .add("drop_created drop=drop_1 sku=sku_1 units=50 per_person_limit=2")
      .add("wave_released drop=drop_1 wave=1 units=30")
      .add("order_placed order=a buyer=x drop=drop_1 wave=1 units=2")
      .add("order_placed order=b buyer=y drop=drop_1 wave=1 units=1")
      .add("order_paid order=a")
      .add("order_expired order=b")
      .add("draw_opened draw=draw_1");
  return log;
}

Expected<void, Words> follow(const TestLog& log, StockBook& book) {
  static std::string leaves;
  leaves = log.leaves();
  const auto opened = open_log(leaves, log.head(), log.keys());
  if (!opened) { return Unexpected(opened.error()); }
  return for_each_leaf(*opened, [&](const ProofLeaf& leaf) { return book.take(leaf); });
}

TEST(StockBook, SaysWhatWasAnnouncedOfferedAndSold) {
  StockBook book;
  const auto followed = follow(sale(), book);
  ASSERT_TRUE(followed.has_value()) << followed.error().en;
  const Report report = book.report();
  EXPECT_EQ(report.at(0).en, "drop_1: 50 units were announced, 30 put on sale, 2 sold.");
  EXPECT_EQ(report.at(0).zh, "drop_1：宣布 50 件，开售 30 件，售出 2 件。");
  EXPECT_EQ(report.at(3).en, "  20 of the announced units were never put on sale.");
}

TEST(StockBook, FollowsUnitsBackAndAway) {
  TestLog log = sale();
  log.add("wave_released drop=drop_1 wave=2 units=5")
      .add("units_moved drop=drop_1 from_wave=1 to_wave=2 units=4")
      .add("units_returned order=a units=1 to=on_sale")
      .add("units_returned order=a units=1 to=returned")
      .add("units_withdrawn drop=drop_1 wave=2 units=9")
      .add("order_placed order=c buyer=x drop=drop_1 wave=1 units=2")
      .add("drop_cancelled drop=drop_1 withdrawn=38")
      .add("order_cancelled order=c");
  StockBook book;
  const auto followed = follow(log, book);
  ASSERT_TRUE(followed.has_value()) << followed.error().en;
  const DropStock& drop = book.drops().at("drop_1");
  EXPECT_EQ(drop.announced, 50);
  EXPECT_EQ(drop.offered, 35);
  EXPECT_EQ(drop.sold, 0);
  EXPECT_EQ(drop.returned, 1);
  EXPECT_EQ(drop.withdrawn, 49);
}

// What an operator could wish to sign.
TEST(StockBook, DoesNotAcceptWhatUnitsCannotDo) {
  const struct {
    const char* leaf;
    const char* says;
  } rows[] = {
      {"drop_created drop=drop_2 sku=sku_1 units=51 per_person_limit=1",
       "announced than there are"},
      {"drop_created drop=drop_1 sku=sku_1 units=1 per_person_limit=1", "there already"},
      {"wave_released drop=drop_1 wave=2 units=21", "go on sale than were announced"},
      {"wave_released drop=drop_1 wave=1 units=1", "cannot be put on sale"},
      {"order_placed order=c buyer=z drop=drop_1 wave=2 units=1", "that are not on sale"},
      {"order_placed order=c buyer=z drop=drop_1 wave=1 units=29", "bought than are on sale"},
      {"order_placed order=c buyer=x drop=drop_1 wave=1 units=1", "more units than anybody"},
      {"order_placed order=a buyer=z drop=drop_1 wave=1 units=1", "there already"},
      {"order_paid order=b", "does not wait for it"},
      {"order_paid order=nobody", "does not wait for it"},
      {"order_expired order=a", "does not wait for its payment"},
      {"units_returned order=b units=1 to=on_sale", "were not sold"},
      {"units_returned order=a units=3 to=on_sale", "were not sold"},
      {"units_moved drop=drop_1 from_wave=1 to_wave=2 units=29", "that are not there"},
      {"units_withdrawn drop=drop_1 wave=1 units=5", "other units are withdrawn"},
      {"drop_cancelled drop=drop_1 withdrawn=5", "other units are withdrawn"},
      {"stock_received sku=sku_1 units=-1", "missing or malformed"},
      {"stock_received sku=sku_1", "missing or malformed"},
  };
  for (const auto& row : rows) {
    StockBook book;
    const auto followed = follow(sale().add(row.leaf), book);
    ASSERT_FALSE(followed.has_value()) << row.leaf;
    EXPECT_THAT(followed.error().en, HasSubstr(row.says)) << row.leaf;
    EXPECT_THAT(followed.error().en, HasSubstr("leaf 8: "));
    EXPECT_FALSE(followed.error().zh.empty());
  }
}

}  // namespace
}  // namespace firebrand
