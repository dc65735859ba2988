#include "edge/bench/sse_load.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <string>
#include <vector>

#include "edge/bench/test_serving.hpp"

namespace firebrand {
namespace {

/// One event for each watcher at once, and one for all at change().
class Board final : public HttpHandler {
 public:
  explicit Board(HttpServer& server) : server_(server) {}

  void handle(const HttpRequest& request, ResponseToken token) override {
    if (request.path != "/events") { return server_.respond(token, {.status = 404}); }
    const StreamToken stream = server_.start_stream(
        token, {.content_type = "text/event-stream", .body = "event: status\ndata: 0\n\n"});
    if (stream != StreamToken{}) { streams_.push_back(stream); }
  }

  /// From another thread. `left_out` watchers are not told.
  void change(std::size_t left_out) {
    std::promise<void> done;
    server_.post([&] {
      const auto other = StreamChunk::make("event: drop_paused\ndata: 1\n\n");
      const auto status = StreamChunk::make("event: status\ndata: 1\n\n");
      for (std::size_t i = 0; i < streams_.size(); ++i) {
        server_.send_stream(streams_[i], other);
        if (i >= left_out) { server_.send_stream(streams_[i], status); }
      }
      done.set_value();
    });
    done.get_future().wait();
  }

 private:
  HttpServer& server_;
  std::vector<StreamToken> streams_;
};

SseBenchOptions options_for(TestServing<Board>& serving) {
  SseBenchOptions options;
  options.endpoint = serving.endpoint();
  options.target = "/events";
  options.watchers = 300;
  options.server_pid = getpid();
  options.settle_time = Millis{10};
  options.rounds = 2;
  return options;
}

TEST(SseLoad, EveryWatcherSeesEachChangeOnce) {
  TestServing<Board> serving;
  SseBenchOptions options = options_for(serving);
  options.change = [&](std::uint32_t) {
    serving.handler().change(0);
    return true;
  };
  const auto result = run_sse_bench(options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->watchers, 300U);
  EXPECT_EQ(result->rounds, 2U);
  EXPECT_EQ(result->delay.count(), 600U);
  EXPECT_EQ(result->missed, 0U);
  EXPECT_EQ(result->dropped, 0U);
  EXPECT_TRUE(result->server_bytes.has_value());
  EXPECT_TRUE(result->kernel_bytes.has_value());
  EXPECT_GT(result->delay.max(), std::chrono::microseconds{0});
}

TEST(SseLoad, WatchersThatSeeNothingAreCountedAsMissed) {
  TestServing<Board> serving;
  SseBenchOptions options = options_for(serving);
  options.round_time_max = Millis{200};
  options.change = [&](std::uint32_t) {
    serving.handler().change(7);
    return true;
  };
  const auto result = run_sse_bench(options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->missed, 14U);
  EXPECT_EQ(result->delay.count(), 586U);
}

TEST(SseLoad, AnAnswerThatIsNoStreamIsAnError) {
  TestServing<Board> serving;
  SseBenchOptions options = options_for(serving);
  options.target = "/nowhere";
  options.change = [](std::uint32_t) { return true; };
  const auto result = run_sse_bench(options);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("status 404"), std::string::npos);
}

TEST(SseLoad, JsonNamesEveryFigure) {
  SseBenchResult result;
  result.watchers = 10;
  result.server_bytes = 10'240;
  result.kernel_bytes = 40'960;
  result.rounds = 1;
  result.delay.record(std::chrono::milliseconds{4});
  EXPECT_EQ(to_json(result),
            R"({"watchers":10,"connect_seconds":0.000,"server_bytes_per_watcher":1024,)"
            R"("kernel_bytes_per_watcher":2048,"rounds":1,"p50_ms":4.000,"p99_ms":4.000,)"
            R"("max_ms":4.000,"missed":0,"dropped":0})");
}

}  // namespace
}  // namespace firebrand
