#include "edge/crowd/server_gate.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

using std::chrono::milliseconds;

TEST(ServerGate, OneRequestAtATimeWhileTheServerIsAway) {
  ServerGate gate(1);
  EXPECT_TRUE(gate.may_send(milliseconds{0}));
  gate.sent();
  EXPECT_TRUE(gate.may_send(milliseconds{0}));
  gate.unreachable(milliseconds{10});
  EXPECT_TRUE(gate.is_down());
  EXPECT_FALSE(gate.may_send(milliseconds{10}));
  // Others that were on their way tell nothing new.
  const auto probe_at = gate.probe_at();
  gate.unreachable(milliseconds{11});
  EXPECT_EQ(gate.probe_at(), probe_at);

  EXPECT_TRUE(gate.may_send(probe_at));
  gate.sent();
  EXPECT_FALSE(gate.may_send(probe_at + milliseconds{1}));
  gate.unreachable(probe_at + milliseconds{1});
  EXPECT_GT(gate.probe_at(), probe_at + milliseconds{1});
  EXPECT_LE(gate.probe_at(), probe_at + milliseconds{1} + milliseconds{500});

  gate.answered(milliseconds{300});
  EXPECT_FALSE(gate.is_down());
  EXPECT_TRUE(gate.may_send(milliseconds{300}));
  EXPECT_EQ(gate.outages_over(), 1U);
  EXPECT_EQ(gate.time_down(milliseconds{999}), milliseconds{290});
}

TEST(ServerGate, AProbeThatIsLostMakesRoomForTheNext) {
  ServerGate gate(1);
  gate.unreachable(milliseconds{0});
  gate.sent();
  EXPECT_FALSE(gate.may_send(milliseconds{600}));
  gate.lost();
  EXPECT_TRUE(gate.may_send(milliseconds{600}));
  EXPECT_EQ(gate.down_for(milliseconds{600}), milliseconds{600});
}

}  // namespace
}  // namespace firebrand
