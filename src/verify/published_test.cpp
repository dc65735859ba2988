// Files of a small sale that another program made, with another library: tests/published/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "verify/draw_check.hpp"
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
  EXPECT_EQ(book.report().at(0).en, "drop_1: 20 units were announced, 11 put on sale, 2 sold.");
}

TEST_F(PublishedFiles, OfTheQueueAreTrue) {
  const auto checked = check_queues(log);
  ASSERT_TRUE(checked.has_value()) << checked.error().en;
  EXPECT_THAT(checked->at(0).en, HasSubstr("drop_1, wave 2: 4 places, 2 let in"));
}

TEST_F(PublishedFiles, OfTheDrawAreTrue) {
  const std::string record = published("draw.record");
  const auto verified = verify_draw_record(record);
  ASSERT_TRUE(verified.has_value()) << verified.error().en;
  EXPECT_EQ(verified->winners, 2U);
  EXPECT_FALSE(verified->root_late);
  const auto logged = check_draw_in_log(record, log);
  EXPECT_TRUE(logged.has_value()) << logged.error().en;
}

TEST_F(PublishedFiles, OfAReceiptAreTrue) {
  const auto checked = check_receipt(published("ord_7.receipt"), keys);
  ASSERT_TRUE(checked.has_value()) << checked.error().en;
  EXPECT_THAT(checked->at(1).en, HasSubstr("2 ordered in drop_1, wave 1"));
}

}  // namespace
}  // namespace firebrand
