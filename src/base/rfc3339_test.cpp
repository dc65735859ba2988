#include "base/rfc3339.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "base/codec_test_generators.hpp"

namespace firebrand {
namespace {

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  const std::pair<std::int64_t, const char*> rows[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {1, "1970-01-01T00:00:00.001Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {951'782'400'000, "2000-02-29T00:00:00.000Z"},
      {1'795'291'200'000, "2026-11-21T20:00:00.000Z"},
      {to_unix_ms(kTimestampMin), "0000-01-01T00:00:00.000Z"},
      {to_unix_ms(kTimestampMax), "9999-12-31T23:59:59.999Z"},
  };
  for (const auto& [ms, text] : rows) {
    EXPECT_EQ(format_rfc3339(from_unix_ms(ms)).view(), text);
    EXPECT_EQ(parse_rfc3339(text), from_unix_ms(ms)) << text;
  }
  EXPECT_EQ(format_rfc3339(from_unix_ms(std::numeric_limits<std::int64_t>::max())).view(),
            "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(from_unix_ms(std::numeric_limits<std::int64_t>::min())).view(),
            "0000-01-01T00:00:00.000Z");
}

TEST(Rfc3339, ReadsOffsetsAndDecimals) {
  const Timestamp want = *parse_rfc3339("2026-11-21T20:00:00.120Z");
  for (const char* text :
       {"2026-11-22T04:00:00.12+08:00", "2026-11-21T14:30:00.1209-05:30",
        "2026-11-21T20:00:00.120999999999+00:00", "2026-11-21T20:00:00.12-00:00"}) {
    EXPECT_EQ(parse_rfc3339(text), want) << text;
  }
  EXPECT_EQ(parse_rfc3339("1900-02-28T23:59:59Z"),
            *parse_rfc3339("1900-03-01T00:00:00Z") - std::chrono::seconds{1});
}

TEST(Rfc3339, RefusesTheRest) {
  for (const char* text : {"",
                           "2026-11-21",
                           "2026-11-21T20:00:00",
                           "2026-11-21T20:00Z",
                           "2026-11-21 20:00:00Z",
                           "2026-11-21t20:00:00z",
                           "2026-11-21T20:00:00.Z",
                           "2026-11-21T20:00:00,5Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T20:60:00Z",
                           "2026-12-31T23:59:60Z",
                           "2026-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "26-01-01T00:00:00Z",
                           "02026-01-01T00:00:00Z",
                           "-001-01-01T00:00:00Z",
                           "2026-11-21T20:00:00Z ",
                           " 2026-11-21T20:00:00Z",
                           "2026-11-21T20:00:00ZZ",
                           "2026-11-21T20:00:00+8:00",
                           "2026-11-21T20:00:00+08",
                           "2026-11-21T20:00:00+24:00",
                           "2026-11-21T20:00:00+08:60",
                           "2026-11-21T20:00:00+-8:00",
                           "2026-11-21T+2:00:00Z",
                           "0000-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Rfc3339Property, RoundTrips, ()) {
  const Timestamp time = codec_test::any_timestamp();
  RC_ASSERT(parse_rfc3339(format_rfc3339(time).view()) == time);
}

}  // namespace
}  // namespace firebrand
