#include "edge/crowd/arrivals.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

namespace firebrand {
namespace {

using std::chrono::microseconds;

std::string temporary_path(const std::string& name) {
  return (std::filesystem::temp_directory_path() /
          ("firebrand-arrivals-" + std::to_string(getpid()) + "-" + name))
      .string();
}

TEST(ArrivalTrace, OneCountALine) {
  const auto trace = parse_arrival_trace("1\n0\n\n# a note\n 20 \r\n7");
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(*trace, (ArrivalTrace{1, 0, 20, 7}));
}

TEST(ArrivalTrace, WhatIsNoCountIsNamedWithItsLine) {
  for (const char* text : {"1\n2\nx\n", "1\n2\n-3\n", "1\n2\n3.5\n", "1\n2\n1000000001\n",
                           "1\n2\n99999999999999\n", "1\n2\n3 4\n"}) {
    const auto trace = parse_arrival_trace(text);
    ASSERT_FALSE(trace.has_value()) << text;
    EXPECT_EQ(trace.error().message.substr(0, 8), "line 3: ") << trace.error().message;
  }
  EXPECT_FALSE(parse_arrival_trace("").has_value());
  EXPECT_FALSE(parse_arrival_trace("# nothing\n\n").has_value());
}

TEST(ArrivalTrace, FilesArePlainOrGzip) {
  const std::string plain = temporary_path("plain.txt");
  std::ofstream(plain) << "3\n4\n";
  const std::string packed = temporary_path("packed.txt.gz");
  const gzFile file = gzopen(packed.c_str(), "wb");
  const std::string text = "3\n4\n" + std::string(100'000, '\n') + "5\n";
  ASSERT_GT(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), 0);
  gzclose_w(file);
  EXPECT_EQ(*read_arrival_trace(plain), (ArrivalTrace{3, 4}));
  EXPECT_EQ(*read_arrival_trace(packed), (ArrivalTrace{3, 4, 5}));
  std::filesystem::resize_file(packed, std::filesystem::file_size(packed) - 9);
  EXPECT_FALSE(read_arrival_trace(packed).has_value());
  std::filesystem::remove(plain);
  std::filesystem::remove(packed);
  const auto missing = read_arrival_trace(plain);
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().message.find(plain), std::string::npos);
}

TEST(ArrivalWindow, TheBusiestSecondsInARow) {
  const ArrivalTrace trace = {1, 9, 0, 5, 5, 5, 0, 8, 7};
  EXPECT_EQ(busiest_window(trace, 1), 1U);
  EXPECT_EQ(busiest_window(trace, 2), 7U);
  EXPECT_EQ(busiest_window(trace, 3), 3U);
  EXPECT_EQ(busiest_window(trace, 9), 0U);
}

TEST(ArrivalPlan, KeepsTheShapeOfTheWindow) {
  // The window is 2, 6, 0, 8: of 1,600 fans 200, 600, 0 and 800.
  const ArrivalTrace trace = {1, 1, 2, 6, 0, 8, 1, 1};
  Prng prng(7);
  const auto arrivals = plan_arrivals(trace, {.fans = 1'600, .duration = Millis{4'000}}, prng);
  ASSERT_TRUE(arrivals.has_value());
  std::vector<int> per_second(4);
  for (const microseconds at : *arrivals) {
    ++per_second.at(static_cast<std::size_t>(at / std::chrono::seconds{1}));
  }
  EXPECT_EQ(per_second, (std::vector<int>{200, 600, 0, 800}));
}

TEST(ArrivalPlan, AWindowIsStretchedOrSqueezed) {
  const ArrivalTrace trace = {0, 3, 1, 0};
  Prng prng(7);
  const auto squeezed =
      plan_arrivals(trace, {.fans = 400, .duration = Millis{1'000}, .window_seconds = 2}, prng);
  ASSERT_TRUE(squeezed.has_value());
  EXPECT_EQ(std::count_if(squeezed->begin(), squeezed->end(),
                          [](microseconds at) { return at < microseconds{500'000}; }),
            300);
  // Shorter than the run: all four seconds take two and a half each.
  const auto stretched = plan_arrivals(trace, {.fans = 400, .duration = Millis{10'000}}, prng);
  ASSERT_TRUE(stretched.has_value());
  EXPECT_GE(stretched->front(), microseconds{2'500'000});
  EXPECT_LT(stretched->back(), microseconds{7'500'000});
}

TEST(ArrivalPlan, ATraceOfZerosIsAnError) {
  Prng prng(1);
  const ArrivalTrace zeros(100);
  EXPECT_FALSE(plan_arrivals(zeros, {.fans = 1}, prng).has_value());
}

TEST(ArrivalPlan, ALaunchComesAtOnceAndThenSlowly) {
  Prng prng(1);
  const ArrivalTrace profile = launch_profile();
  const auto arrivals =
      plan_arrivals(profile,
                    {.fans = 10'000,
                     .duration = Millis{20'000},
                     .window_seconds = static_cast<std::uint32_t>(profile.size())},
                    prng);
  ASSERT_TRUE(arrivals.has_value());
  const auto before = [&](microseconds limit) {
    return std::lower_bound(arrivals->begin(), arrivals->end(), limit) - arrivals->begin();
  };
  EXPECT_NEAR(static_cast<double>(before(microseconds{1'000'000})), 5'000, 500);
  EXPECT_GT(10'000 - before(microseconds{10'000'000}), 1'000);
}

// Exactly as many as asked for, in order, inside the time, the same for a seed; each second's share
// is right to within one.
RC_GTEST_PROP(ArrivalPlanProperty, TotalIsExactAndSharesAreFair, ()) {
  const auto trace =
      *rc::gen::nonEmpty(rc::gen::container<ArrivalTrace>(rc::gen::inRange<std::uint32_t>(0, 30)));
  RC_PRE(std::any_of(trace.begin(), trace.end(), [](std::uint32_t count) { return count > 0; }));
  const ArrivalPlan plan{
      .fans = *rc::gen::inRange<std::uint32_t>(0, 5'000),
      .duration = Millis{*rc::gen::inRange(1, 100'000)},
      .window_seconds = static_cast<std::uint32_t>(trace.size()),
  };
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Prng first(seed);
  Prng second(seed);
  const auto arrivals = plan_arrivals(trace, plan, first);
  RC_ASSERT(arrivals.has_value());
  RC_ASSERT(arrivals->size() == plan.fans);
  RC_ASSERT(std::is_sorted(arrivals->begin(), arrivals->end()));
  const bool is_inside = arrivals->empty() ||
                         (arrivals->front() >= microseconds{0} && arrivals->back() < plan.duration);
  RC_ASSERT(is_inside);
  const auto again = plan_arrivals(trace, plan, second);
  RC_ASSERT(*again == *arrivals);

  const double total = std::accumulate(trace.begin(), trace.end(), 0.0);
  const auto duration_us = static_cast<std::uint64_t>(plan.duration.count()) * 1'000;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const auto begin = microseconds{duration_us * i / trace.size()};
    const auto end = microseconds{duration_us * (i + 1) / trace.size()};
    const auto count =
        static_cast<double>(std::lower_bound(arrivals->begin(), arrivals->end(), end) -
                            std::lower_bound(arrivals->begin(), arrivals->end(), begin));
    const double share = plan.fans * (trace[i] / total);
    const bool is_fair = count > share - 1.001 && count < share + 1.001;
    RC_ASSERT(is_fair);
  }
}

}  // namespace
}  // namespace firebrand
