#include "edge/api/session_streams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebrand {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr SecretHash kFirst{{1}};
constexpr SecretHash kSecond{{2}};

TEST(SessionStreams, EndWithTheirSessionAndNoOther) {
  SessionStreams streams;
  streams.add(kFirst, {11});
  streams.add(kSecond, {21});
  streams.add(kFirst, {12});
  streams.add(kFirst, {13});
  streams.remove({12});
  streams.remove({99});
  EXPECT_THAT(streams.take(kFirst), UnorderedElementsAre(StreamToken{11}, StreamToken{13}));
  EXPECT_THAT(streams.take(kFirst), ElementsAre());
  EXPECT_THAT(streams.take(kSecond), ElementsAre(StreamToken{21}));
}

TEST(SessionStreams, AskForEachSessionOnceInAWhile) {
  SessionStreams streams;
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  EXPECT_THAT(streams.due(now), ElementsAre());
  streams.add(kFirst, {11});
  streams.add(kFirst, {12});
  streams.add(kSecond, {21});
  EXPECT_THAT(streams.due(now), ElementsAre(kFirst, kSecond));
  EXPECT_THAT(streams.due(now + kSessionCheckPeriod - Millis{1}), ElementsAre());
  streams.remove({21});
  EXPECT_THAT(streams.due(now + kSessionCheckPeriod), ElementsAre(kFirst));
  streams.clear();
  EXPECT_THAT(streams.due(now + 2 * kSessionCheckPeriod), ElementsAre());
}

}  // namespace
}  // namespace firebrand
