#include "edge/server/engine_wait.hpp"

#include <gtest/gtest.h>

#include <string>

#include "log/faulty_file_system.hpp"
#include "runtime/node.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {
namespace {

constexpr Timestamp kStart = from_unix_ms(1'800'000'000'000);

/// Time passes by hand, and the wall clock may jump.
class TestClock final : public Clock {
 public:
  Timestamp wall() override { return wall_; }
  std::int64_t monotonic_ms() override { return monotonic_ms_; }
  void advance(Millis time) {
    wall_ += time;
    monotonic_ms_ += time.count();
  }
  void jump_wall(Millis by) { wall_ += by; }

 private:
  Timestamp wall_ = kStart;
  std::int64_t monotonic_ms_ = 5'000;
};

TEST(EngineWait, EndsWhenSomethingIsDueOrRoomMayHaveBeenMade) {
  struct Row {
    const char* name;
    std::optional<Millis> due_in;
    bool blocked;
    Millis wait;
  };
  const Row rows[] = {
      {"idle", std::nullopt, false, kIdleWait},
      {"due soon", Millis{30}, false, Millis{30}},
      {"due late", Millis{60'000}, false, kIdleWait},
      {"due since the step", Millis{0}, false, Millis{0}},
      {"requests wait", std::nullopt, true, kSpaceRetry},
      {"requests wait, due soon", Millis{30}, true, Millis{30}},
      {"due, but without room", Millis{-5}, true, kSpaceRetry},
  };
  for (const Row& row : rows) {
    std::optional<Timestamp> wake_at;
    if (row.due_in) { wake_at = kStart + *row.due_in; }
    EXPECT_EQ(engine_wait(wake_at, kStart, row.blocked), row.wait) << row.name;
  }
}

/// A node on a disk in memory, and how long its engine thread would sleep.
class EngineSleep : public testing::Test {
 protected:
  void SetUp() override {
    auto node = Node::open(files_, "data", clock_,
                           {.segment_bytes = 32U << 10, .batch_bytes_max = 4U << 10});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    node_ = std::move(*node);
    while (node_->space_keeper().step()) {}
  }
  [[nodiscard]] Millis wait() {
    const Sequencer& sequencer = node_->sequencer();
    return engine_wait(sequencer.wake_at(), sequencer.stamper().current(), sequencer.blocked());
  }
  /// A drop of one unit that opens after that time.
  void make_drop(Millis opens_in) {
    SyncClient client(*node_);
    const Currency cny = Currency::of("CNY");
    const auto sku = client.ask<AddSkuResult>(
        AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{199'900, cny}}});
    (void)client.ask<ReceiveStockResult>(ReceiveStock{sku.sku_id, 1});
    const auto launch =
        client.ask<CreateLaunchResult>(CreateLaunch{.code = "first", .name = {"首发", "First"}});
    const Timestamp opens = clock_.wall() + opens_in;
    const auto drop = client.ask<CreateDropResult>(CreateDrop{.launch_id = launch.launch_id,
                                                              .code = "drop",
                                                              .sku_id = sku.sku_id,
                                                              .currency = cny,
                                                              .opens_at = opens,
                                                              .waves = {WavePlan{opens, 1}}});
    ASSERT_EQ(drop.status, CreateDropStatus::created);
    client.settle();
  }

  TestClock clock_;
  log::FaultyFileSystem files_{1};
  std::unique_ptr<Node> node_;
};

TEST_F(EngineSleep, IsNotMovedByAJumpOfTheWallClock) {
  make_drop(Millis{500});
  EXPECT_EQ(wait(), Millis{500});
  for (const Millis jump : {Millis{-3'600'000}, Millis{7'200'000}}) {
    clock_.jump_wall(jump);
    EXPECT_FALSE(node_->sequencer().step());
    EXPECT_EQ(wait(), Millis{500});
  }
  clock_.advance(Millis{500});
  EXPECT_EQ(wait(), Millis{0});
  EXPECT_TRUE(node_->sequencer().step()) << "the drop opens";
}

TEST_F(EngineSleep, LastsUntilSpaceIsTriedAgainWhileTheLogIsFull) {
  make_drop(Millis{500});
  files_.set_space_limit(files_.bytes_used());
  {
    SyncClient client(*node_);
    const auto fill = [&](int number) {
      return client.try_ask<CreateLaunchResult>(
          CreateLaunch{.code = Code(std::to_string(number)), .name = {"首发", "First"}});
    };
    int number = 0;
    while (fill(number)) { ASSERT_LT(++number, 10'000) << "it never fills up"; }
    client.settle();
  }
  clock_.advance(Millis{500});
  while (node_->sequencer().step()) {}
  EXPECT_EQ(wait(), kSpaceRetry) << "what is due waits, and nothing spins";

  files_.set_space_limit(std::nullopt);
  EXPECT_TRUE(node_->space_keeper().step());
  EXPECT_TRUE(node_->sequencer().blocked()) << "or nobody would wake the engine";
  EXPECT_TRUE(node_->sequencer().step()) << "the drop opens";
  while (node_->sequencer().step()) {}
  EXPECT_FALSE(node_->sequencer().blocked());
}

}  // namespace
}  // namespace firebrand
