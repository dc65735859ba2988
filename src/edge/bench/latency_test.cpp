#include "edge/bench/latency.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace firebrand {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST(Latency, AnEmptyHistogramIsAllZero) {
  const LatencyHistogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.max(), microseconds{0});
  EXPECT_EQ(empty.quantile(500'000), microseconds{0});
}

TEST(Latency, NearestRankOfAHundred) {
  LatencyHistogram histogram;
  for (int us = 1; us <= 100; ++us) { histogram.record(microseconds{us}); }
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.quantile(0), microseconds{1});
  EXPECT_EQ(histogram.quantile(10'000), microseconds{1});
  EXPECT_EQ(histogram.quantile(500'000), microseconds{50});
  EXPECT_EQ(histogram.quantile(900'000), microseconds{90});
  EXPECT_EQ(histogram.quantile(990'000), microseconds{99});
  EXPECT_EQ(histogram.quantile(990'001), microseconds{100});
  EXPECT_EQ(histogram.quantile(1'000'000), microseconds{100});
}

TEST(Latency, ExactBelow256MicrosecondsAndAtTheMaximum) {
  for (std::int64_t us : {0, 1, 127, 128, 129, 254, 255}) {
    LatencyHistogram histogram;
    histogram.record(microseconds{us});
    histogram.record(hours{1});
    EXPECT_EQ(histogram.quantile(500'000), microseconds{us});
    EXPECT_EQ(histogram.quantile(1'000'000), microseconds{hours{1}});
  }
}

TEST(Latency, WhatCannotBeIsHeldInside) {
  LatencyHistogram histogram;
  histogram.record(nanoseconds{-5});
  EXPECT_EQ(histogram.max(), microseconds{0});
  histogram.record(nanoseconds{1'999});
  EXPECT_EQ(histogram.max(), microseconds{1});
  histogram.record(hours{1'000});
  EXPECT_EQ(histogram.max(), microseconds{(std::int64_t{1} << 36) - 1});
  EXPECT_EQ(histogram.count(), 3U);
}

// Against the sorted list: never below the true value, and at most 1/128 above it.
RC_GTEST_PROP(LatencyProperty, QuantilesAreCloseToTheSortedList, ()) {
  auto values = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 90'000'000)));
  const auto ppm = *rc::gen::inRange<std::uint32_t>(1, 1'000'001);
  LatencyHistogram left;
  LatencyHistogram right;
  for (std::size_t i = 0; i < values.size(); ++i) {
    (i % 2 == 0 ? left : right).record(microseconds{values[i]});
  }
  left.merge(right);
  std::sort(values.begin(), values.end());
  RC_ASSERT(left.count() == values.size());
  RC_ASSERT(left.max() == microseconds{values.back()});
  const std::size_t rank = (values.size() * ppm + 999'999) / 1'000'000;
  const std::int64_t exact = values[rank - 1];
  const std::int64_t found = left.quantile(ppm).count();
  RC_ASSERT(found >= exact);
  RC_ASSERT(found <= exact + exact / 128);
}

}  // namespace
}  // namespace firebrand
