// Files of a small sale that another program made, with another library: tests/published/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "verify/draw_check.hpp"
#include "verify/plan_book.hpp"
#include "verify/public_log.hpp"
#include "verify/queue_check.hpp"
#include "verify/receipt_check.hpp"
#include "verify/stock_book.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

std::string published(const std::string& name) {
  std::ifstream file(std::string(FIREBRAND_SOURCE_DIR) + "/tests/published/" + name,
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PublishedFiles : public testing::Test {
 protected:
  void SetUp() override {
    auto read = read_keys(published("log.keys"));
    ASSERT_TRUE(read.has_value()) << read.error().en;
    keys = std::move(*read);
    auto opened = open_log(leaves, published("log.head"), keys);
    ASSERT_TRUE(opened.has_value()) << opened.error().en;
    log = std::move(*opened);
  }
  std::string leaves = published("log.leaves");
  std::vector<NoteKey> keys;
  PublicLog log;
};

TEST_F(PublishedFiles, OfTheStockAreTrue) {
  EXPECT_TRUE(check_older_head(log, published("older.head"), keys).has_value());
  StockBook book;
  const auto read = for_each_leaf(log, [&](const ProofLeaf& leaf) { return book.take(leaf); });
  ASSERT_TRUE(read.has_value()) << read.error().en;
  const Report report = book.report();
  EXPECT_EQ(report.at(0).en, "drop_1: 20 units were announced, 14 put on sale, 6 sold.");
  EXPECT_THAT(report.at(1).en, HasSubstr("1 came back, 1 were withdrawn: nothing is missing"));
  EXPECT_EQ(report.at(4).en, "drop_2: 10 units were announced, 6 put on sale, 0 sold.");
}

TEST_F(PublishedFiles, OfWhatWasFixedBeforehandAreTrue) {
  PlanBook book;
  const auto read = for_each_leaf(log, [&](const ProofLeaf& leaf) { return book.take(leaf); });
  ASSERT_TRUE(read.has_value()) << read.error().en;
  const Report report = book.report();
  EXPECT_EQ(report.at(0).en,
            "  drop_1, wave 4, at random: released 250 ms after its moment "
            "2026-11-21T20:00:22.810Z, which was fixed beforehand.");
  EXPECT_THAT(report.at(2).en, HasSubstr("1 kept out before the opening (reseller)"));
}

TEST_F(PublishedFiles, OfTheQueuesAreTrue) {
  const auto checked = check_queues(log);
  ASSERT_TRUE(checked.has_value()) << checked.error().en;
  EXPECT_THAT(checked->at(0).en, HasSubstr("drop_1, wave 2: 7 places, 5 let in"));
  EXPECT_THAT(checked->at(1).en, HasSubstr("drop_1, waitlist: 3 places, 1 served"));
  EXPECT_THAT(checked->at(2).en, HasSubstr("3 tie windows with 7 purchases; 3 pairs"));
  EXPECT_THAT(checked->at(3).en, HasSubstr("is the one that was fixed beforehand"));
}

TEST_F(PublishedFiles, OfTheDrawAreTrue) {
  const std::string record = published("draw.record");
  const auto verified = verify_draw_record(record);
  ASSERT_TRUE(verified.has_value()) << verified.error().en;
  EXPECT_EQ(verified->winners, 3U);
  EXPECT_FALSE(verified->root_late);
  const auto logged = check_draw_in_log(record, log);
  EXPECT_TRUE(logged.has_value()) << logged.error().en;
}

TEST_F(PublishedFiles, OfAReceiptAreTrue) {
  const auto checked = check_receipt(published("ord_7.receipt"), keys);
  ASSERT_TRUE(checked.has_value()) << checked.error().en;
  EXPECT_THAT(checked->at(1).en, HasSubstr("2 ordered in drop_1, wave 1"));
  EXPECT_EQ(checked->at(4).en, "  Paid and kept, as far as this receipt goes: 1.");
}

}  // namespace
}  // namespace firebrand
