#include "runtime/refusal_sums.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

TEST(RefusalSums, SaysWhatItHasNoPlaceFor) {
  RefusalSums sums;
  EXPECT_TRUE(sums.empty());
  for (std::uint64_t drop = 1; drop <= kRefusalsPerRecordMax; ++drop) {
    EXPECT_TRUE(sums.add(DropId{drop}, 50));
  }
  EXPECT_FALSE(sums.add(DropId{1}, 51)) << "another reason is another pair";
  EXPECT_TRUE(sums.add(DropId{1}, 50)) << "a pair that has its place is summed on";
  const RecordRefusals taken = sums.take();
  ASSERT_EQ(taken.refusals.size(), kRefusalsPerRecordMax);
  EXPECT_EQ(taken.refusals[0].count, 2);
  EXPECT_TRUE(sums.empty());
  EXPECT_TRUE(sums.add(DropId{1}, 51)) << "after they were taken there is place again";
}

}  // namespace
}  // namespace firebrand
