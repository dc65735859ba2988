#include "edge/api/session_streams.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace firebrand {
namespace {

using Streams = std::vector<StreamToken>;
using Sessions = std::vector<SecretHash>;

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
  EXPECT_EQ(streams.take(kFirst), (Streams{{11}, {13}}));
  EXPECT_EQ(streams.take(kFirst), Streams());
  EXPECT_EQ(streams.take(kSecond), (Streams{{21}}));
}

TEST(SessionStreams, AskForEachSessionOnceInAWhile) {
  SessionStreams streams;
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  EXPECT_EQ(streams.due(now), Sessions());
  streams.add(kFirst, {11});
  streams.add(kFirst, {12});
  streams.add(kSecond, {21});
  EXPECT_EQ(streams.due(now), (Sessions{kFirst, kSecond}));
  EXPECT_EQ(streams.sessions(), (Sessions{kFirst, kSecond}));
  EXPECT_EQ(streams.due(now + kSessionCheckPeriod - Millis{1}), Sessions());
  streams.remove({21});
  EXPECT_EQ(streams.due(now + kSessionCheckPeriod), (Sessions{kFirst}));
  streams.clear();
  EXPECT_EQ(streams.due(now + 2 * kSessionCheckPeriod), Sessions());
}

}  // namespace
}  // namespace firebrand
