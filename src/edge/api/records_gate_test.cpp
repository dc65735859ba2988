#include "edge/api/records_gate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firebrand {
namespace {

class RecordsGateTest : public testing::Test {
 protected:
  /// A read by this name; what has begun stands in `begun`, with the position it was told.
  [[nodiscard]] bool ask(const std::string& name, std::uint64_t until) {
    return gate_.pass({until}, now_, [this, name](LogOffset position) {
      if (!room_) { return false; }
      begun_.push_back(name + "@" + std::to_string(position.value));
      return true;
    });
  }
  void after(std::chrono::milliseconds time) {
    now_ += time;
    gate_.step(now_);
  }

  using Names = std::vector<std::string>;
  RecordsGate gate_;
  RecordsGate::Clock::time_point now_{};
  bool room_ = true;
  Names begun_;
};

TEST_F(RecordsGateTest, LetsPassWhatTheRecordsHave) {
  EXPECT_FALSE(gate_.reached({7})) << "nobody waits";
  EXPECT_TRUE(ask("a", 7));
  EXPECT_EQ(begun_, Names{"a@7"});
  EXPECT_FALSE(gate_.reached({8}));
}

TEST_F(RecordsGateTest, HoldsBackUntilTheRecordsHaveIt) {
  EXPECT_TRUE(ask("a", 5));
  EXPECT_TRUE(ask("b", 9));
  EXPECT_TRUE(gate_.reached({4}));
  after(std::chrono::milliseconds(1));
  EXPECT_EQ(begun_, Names{});
  EXPECT_TRUE(gate_.reached({5}));
  EXPECT_FALSE(gate_.reached({5})) << "nothing new";
  after(std::chrono::milliseconds(1));
  EXPECT_EQ(begun_, Names{"a@5"});
  EXPECT_TRUE(gate_.reached({20}));
  after(std::chrono::milliseconds(1));
  EXPECT_EQ(begun_, (Names{"a@5", "b@20"}));
  EXPECT_FALSE(gate_.reached({21})) << "nobody waits any more";
}

TEST_F(RecordsGateTest, LosesItsPatience) {
  EXPECT_FALSE(gate_.reached({3}));
  EXPECT_TRUE(ask("a", 1'000));
  after(std::chrono::milliseconds(200));
  EXPECT_TRUE(ask("b", 1'000));
  after(std::chrono::milliseconds(299));
  EXPECT_EQ(begun_, Names{});
  after(std::chrono::milliseconds(1));
  EXPECT_EQ(begun_, Names{"a@3"});
  after(std::chrono::milliseconds(200));
  EXPECT_EQ(begun_, (Names{"a@3", "b@3"}));
}

TEST_F(RecordsGateTest, KeepsTheOrderWhileThereIsNoRoom) {
  EXPECT_FALSE(gate_.reached({5}));
  room_ = false;
  EXPECT_TRUE(ask("a", 1));
  EXPECT_TRUE(ask("b", 2));
  room_ = true;
  EXPECT_TRUE(ask("c", 3));
  EXPECT_EQ(begun_, (Names{"a@5", "b@5", "c@5"}));
}

TEST_F(RecordsGateTest, TakesNoMoreThanItsBound) {
  for (std::size_t i = 0; i < RecordsGate::kWaitingMax; ++i) { ASSERT_TRUE(ask("a", 1)); }
  EXPECT_FALSE(ask("b", 1));
  EXPECT_TRUE(gate_.reached({1}));
  after(std::chrono::milliseconds(0));
  EXPECT_EQ(begun_.size(), RecordsGate::kWaitingMax);
  EXPECT_TRUE(ask("b", 1));
}

}  // namespace
}  // namespace firebrand
