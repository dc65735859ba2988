#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "edge/http/http_client.hpp"
#include "edge/http/http_server.hpp"
#include "edge/http/http_test_server.hpp"

namespace firebrand {
namespace {

TEST(HttpStream, StreamsInChunksOrPlainlyToOldClients) {
  TestServer server;
  RawClient modern(server.port);
  modern.send(get("/stream"));
  ASSERT_TRUE(modern.wait_for("Transfer-Encoding: chunked\r\n"));
  ASSERT_TRUE(modern.wait_for("\r\n\r\nd\r\ndata: hello\n\n\r\n"));
  RawClient old(server.port);
  old.send("GET /stream HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(old.wait_for("\r\n\r\ndata: hello\n\n"));
  server.on_io_thread([&] {
    for (const StreamToken stream : server.handler.streams) {
      server.server.send_stream(stream, StreamChunk::make("one"));
      server.server.send_stream(stream, StreamChunk::make("two"));
      server.server.end_stream(stream);
    }
    return 0;
  });
  EXPECT_EQ(modern.rest(), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  EXPECT_EQ(old.rest(), "onetwo");
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.streams_lost; }), 0)
      << "ended by us: nothing to report";
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().streams_open; }), 0U);
}

TEST(HttpStream, KeepsTheOrderOfAStreamBehindOtherAnswers) {
  TestServer server;
  RawClient client(server.port);
  client.send(std::string(kGet) + get("/instant") + std::string(kGet));
  EXPECT_EQ(client.answer().status, 200);
  ASSERT_TRUE(client.wait_for("\r\n\r\n"));
  EXPECT_EQ(client.rest(), "1\r\na\r\n1\r\nb\r\n0\r\n\r\n") << "and nothing behind a stream";
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.requests; }), 2);
}

TEST(HttpStream, ReportsStreamsThatPeersLeave) {
  TestServer server;
  RawClient leaving(server.port);
  leaving.send(get("/stream"));
  ASSERT_TRUE(leaving.wait_for("hello"));
  leaving.close();
  ASSERT_TRUE(server.until([&] { return server.handler.streams_lost == 1; }));
  RawClient breaking(server.port);
  breaking.send(get("/stream"));
  ASSERT_TRUE(breaking.wait_for("hello"));
  breaking.reset();
  ASSERT_TRUE(server.until([&] { return server.handler.streams_lost == 2; }));
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().streams_open; }), 0U);
}

// By the number of chunks or by their bytes, whichever is first; the others do not notice.
TEST(HttpStream, DropsStreamsThatDoNotKeepUp) {
  constexpr Millis kNever{3'600'000};
  for (const auto& limits : {HttpLimits{.write_timeout = kNever,
                            .stream_queue_chunks_max = 4,
                            .stream_queue_bytes_max = 1'000'000'000},
                             HttpLimits{.write_timeout = kNever,
                             .stream_queue_chunks_max = 1'000'000,
                             .stream_queue_bytes_max = 1'000'000}}) {
    TestServer server(limits);
    RawClient slow(server.port, 4'096);
    slow.send(get("/stream"));
    ASSERT_TRUE(slow.wait_for("hello"));
    RawClient good(server.port);
    good.send(get("/stream"));
    ASSERT_TRUE(good.wait_for("hello"));
    const StreamChunkPtr chunk = StreamChunk::make(std::string(60'000, 'x') + "end");
    int lost = 0;
    for (int i = 0; i < 500 && lost == 0; ++i) {
      lost = server.on_io_thread([&] {
        for (const StreamToken stream : server.handler.streams) {
          server.server.send_stream(stream, chunk);
        }
        return server.handler.streams_lost;
      });
      ASSERT_TRUE(good.wait_for("xend"));
    }
    EXPECT_EQ(lost, 1);
    EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().streams_dropped; }), 1U);
    EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().streams_open; }), 1U);
  }
}

TEST(HttpStream, DropsAStreamThatTakesNothingForTooLong) {
  HttpLimits limits = quick_limits();
  limits.stream_queue_bytes_max = 100'000'000;
  limits.write_bytes_per_second_min = 1'000'000'000;
  TestServer server(limits);
  RawClient slow(server.port, 4'096);
  slow.send(get("/stream"));
  ASSERT_TRUE(slow.wait_for("hello"));
  const StreamChunkPtr chunk = StreamChunk::make(std::string(8'000'000, 'x'));
  server.on_io_thread([&] {
    server.server.send_stream(server.handler.streams.at(0), chunk);
    return 0;
  });
  ASSERT_TRUE(server.until([&] { return server.handler.streams_lost == 1; }));
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().timeouts_write; }), 1U);
  // A stream without anything to send has no deadline at all.
  RawClient quiet(server.port);
  quiet.send(get("/stream"));
  ASSERT_TRUE(quiet.wait_for("hello"));
  RawClient other(server.port);
  EXPECT_TRUE(other.is_closed());
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().streams_open; }), 1U);
}

// A watcher on a thin line: what it takes is progress, however long the whole takes.
TEST(HttpStream, KeepsAStreamThatIsOnlySlow) {
  HttpLimits limits = quick_limits();
  limits.write_timeout = Millis{2'500};
  limits.stream_queue_bytes_max = 100'000'000;
  limits.write_bytes_per_second_min = 1'000'000'000;
  TestServer server(limits);
  RawClient slow(server.port, 65'536);
  slow.send(get("/stream"));
  ASSERT_TRUE(slow.wait_for("hello"));
  const StreamChunkPtr chunk = StreamChunk::make(std::string(2'000'000, 'x') + "end");
  const auto begin = std::chrono::steady_clock::now();
  server.on_io_thread([&] {
    for (int i = 0; i < 10; ++i) { server.server.send_stream(server.handler.streams.at(0), chunk); }
    return 0;
  });
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(slow.wait_for("end"));
    std::this_thread::sleep_for(Millis{300});  // house: allow sleep, a slow reader is the subject
  }
  EXPECT_GT(std::chrono::steady_clock::now() - begin, limits.write_timeout);
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.streams_lost; }), 0);
}

class Watchers final : public HttpSwarmListener {
 public:
  void on_response(SwarmConnection, std::uint64_t, const HttpResponseView&) override { ++errors; }
  void on_error(SwarmConnection, std::uint64_t, HttpClientError) override { ++ended; }
  void on_event(SwarmConnection at, std::uint64_t, std::string_view event, std::string_view id,
                std::string_view data) override {
    EXPECT_EQ(event, "message");
    EXPECT_EQ(id, "");
    if (data == "hello") {
      ++greeted;
    } else {
      received.resize(std::max<std::size_t>(received.size(), at + 1));
      received[at] += data;
      ++events;
    }
  }
  int errors = 0;
  int ended = 0;
  int greeted = 0;
  int events = 0;
  std::vector<std::string> received;
};

TEST(HttpStream, SendsEachOfAThousandStreamsEverythingInOrder) {
  TestServer server;
  constexpr std::uint32_t kStreams = 1'000;
  constexpr int kChunks = 20;
  Watchers watchers;
  HttpSwarm swarm({.port = server.port}, kStreams, watchers);
  for (std::uint32_t at = 0; at < kStreams; ++at) { swarm.subscribe(at, at, "/stream"); }
  while (watchers.greeted < static_cast<int>(kStreams) && watchers.ended == 0) {
    swarm.poll(std::chrono::seconds(1));
  }
  std::string want;
  for (int i = 0; i < kChunks; ++i) {
    const StreamChunkPtr chunk = StreamChunk::make("data: " + std::to_string(i) + "\n\n");
    want += std::to_string(i);
    server.on_io_thread([&] {
      for (const StreamToken stream : server.handler.streams) {
        server.server.send_stream(stream, chunk);
      }
      return 0;
    });
  }
  while (watchers.events < static_cast<int>(kStreams) * kChunks && watchers.ended == 0) {
    swarm.poll(std::chrono::seconds(1));
  }
  ASSERT_EQ(watchers.received.size(), kStreams);
  for (const std::string& received : watchers.received) { ASSERT_EQ(received, want); }
  EXPECT_EQ(watchers.errors + watchers.ended, 0);
  // All leave at once.
  for (std::uint32_t at = 0; at < kStreams; ++at) { swarm.close(at); }
  ASSERT_TRUE(server.until([&] { return server.handler.streams.empty(); }));
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().connections_open; }), 0U);
}

}  // namespace
}  // namespace firebrand
