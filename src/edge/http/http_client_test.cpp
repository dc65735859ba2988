#include "edge/http/http_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "edge/http/http_test_server.hpp"

namespace firebrand {
namespace {

/// Accepts one connection after the other and plays each its part: waits for a head, then sends the
/// pieces one by one, then closes unless told to go on with the next head.
class ScriptedServer {
 public:
  struct Part {
    std::vector<std::string> pieces;
    bool closes = true;
  };

  explicit ScriptedServer(std::vector<Part> parts) : parts_(std::move(parts)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    socklen_t length = sizeof address;
    FB_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    FB_ASSERT(::listen(listener_, 16) == 0);
    FB_ASSERT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    endpoint.port = ntohs(address.sin_port);
    thread_ = std::thread([this] { play(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  HttpEndpoint endpoint;
  std::atomic<int> requests{0};

 private:
  void play() {
    int fd = -1;
    for (const Part& part : parts_) {
      if (fd < 0) { fd = ::accept(listener_, nullptr, nullptr); }
      if (fd < 0) { return; }
      std::string head;
      char byte;
      while (!head.ends_with("\r\n\r\n") && ::recv(fd, &byte, 1, 0) == 1) { head += byte; }
      ++requests;
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      for (const std::string& piece : part.pieces) {
        (void)!::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
      }
      if (part.closes) {
        ::shutdown(fd, SHUT_WR);
        while (::recv(fd, &byte, 1, 0) == 1) {}
        ::close(fd);
        fd = -1;
      }
    }
    if (fd >= 0) {
      char byte;
      while (::recv(fd, &byte, 1, 0) == 1) {}
      ::close(fd);
    }
  }

  std::vector<Part> parts_;
  int listener_;
  std::thread thread_;
};

std::vector<std::string> bytes_of(std::string_view text) {
  std::vector<std::string> bytes;
  for (const char c : text) { bytes.emplace_back(1, c); }
  return bytes;
}

// ---- HttpEndpoint ----

TEST(HttpEndpoint, ReadsUrls) {
  const struct {
    std::string_view url;
    std::string_view host;
    std::uint16_t port;
  } rows[] = {
      {"http://127.0.0.1:8080", "127.0.0.1", 8080},
      {"http://shop.example/", "shop.example", 80},
      {"localhost:81", "localhost", 81},
      {"http://[::1]:8080", "::1", 8080},
  };
  for (const auto& row : rows) {
    const auto endpoint = HttpEndpoint::parse(row.url);
    ASSERT_TRUE(endpoint.has_value()) << row.url;
    EXPECT_EQ(endpoint->host, row.host);
    EXPECT_EQ(endpoint->port, row.port);
  }
  for (const std::string_view url : {"", "http://", "https://a", "a", "a:", "a:x", "a:70000",
                                     "a:80/b", "http://u@a:1", "[::1"}) {
    EXPECT_FALSE(HttpEndpoint::parse(url).has_value()) << url;
  }
}

// ---- HttpClient ----

TEST(HttpClient, SpeaksWithOurServerOverOneConnection) {
  TestServer server;
  HttpClient client({.port = server.port});
  const HttpField fields[] = {{"X-One", "1"}};
  for (int i = 0; i < 3; ++i) {
    const auto response = client.request(HttpMethod::post, "/echo?q", fields, "body");
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "POST /echo?q\nHost: 127.0.0.1:" + std::to_string(server.port) +
                                  "\r\nX-One: 1\r\nContent-Length: 4\r\n\nbody");
    EXPECT_EQ(response->header("content-type"), "text/plain");
  }
  EXPECT_EQ(client.request(HttpMethod::head, "/big?9")->header("Content-Length"), "9");
  EXPECT_EQ(client.request(HttpMethod::get, "/empty")->status, 204);
  EXPECT_EQ(client.request(HttpMethod::get, "/big?3000000")->body.size(), 3'000'000U);
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().connections_accepted; }), 1U);
}

TEST(HttpClient, ReadsEveryFramingInAnyPieces) {
  const struct {
    std::string text;
    int status;
    std::string_view body;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\ncontent-length:  4\r\n\r\nbody", 200, "body"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nbo\r\n002\r\ndy\r\n0\r\nT: "
       "x\r\n\r\n",
       200, "body"},
      {"HTTP/1.0 200 OK\r\n\r\nbody", 200, "body"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nbody", 201,
       "body"},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", 304, ""},
      {"HTTP/1.1 204 \r\n\r\n", 204, ""},
  };
  for (const auto& row : rows) {
    for (const auto& pieces : {bytes_of(row.text), std::vector<std::string>{row.text}}) {
      ScriptedServer server({{pieces}});
      HttpClient client(server.endpoint);
      const auto response = client.request(HttpMethod::get, "/");
      ASSERT_TRUE(response.has_value()) << row.text;
      EXPECT_EQ(response->status, row.status);
      EXPECT_EQ(response->body, row.body) << row.text;
    }
  }
}

TEST(HttpClient, NamesWhatWentWrong) {
  const auto error_of = [](std::string_view bytes, HttpClientOptions options = {}) {
    ScriptedServer server({{{std::string(bytes)}}});
    HttpClient client(server.endpoint, options);
    const auto response = client.request(HttpMethod::get, "/");
    return response.has_value() ? "none" : http_client_error_name(response.error());
  };
  EXPECT_EQ(error_of(""), "connection_closed");
  EXPECT_EQ(error_of("HTTP/1.1 200"), "connection_closed");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody"), "connection_closed");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n"),
            "connection_closed");
  EXPECT_EQ(error_of("SSH-2.0-OpenSSH_9\r\n\r\n"), "malformed_response");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "malformed_response");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
            "malformed_response");
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody!", {.body_bytes_max = 4}),
            "malformed_response");

  ScriptedServer silent({{{}, false}});
  HttpClient waiting(silent.endpoint, {.timeout = Millis{50}});
  EXPECT_EQ(waiting.request(HttpMethod::get, "/").error(), HttpClientError::timed_out);
  HttpEndpoint nobody;
  {
    TestServer server;
    nobody.port = server.port;
  }
  HttpClient refused(nobody);
  EXPECT_EQ(refused.request(HttpMethod::get, "/").error(), HttpClientError::connect_failed);
  HttpClient lost({.host = "no such host", .port = 1});
  EXPECT_EQ(lost.request(HttpMethod::get, "/").error(), HttpClientError::bad_address);
}

// A server may close a kept connection whenever it likes; what may be sent twice is.
TEST(HttpClient, TriesAgainOnlyWhatMayBeRepeated) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const auto script = [&] {
    // Answers and closes without saying so beforehand.
    return std::vector<ScriptedServer::Part>{{{answer}}, {{answer}}};
  };
  const HttpField key[] = {{"Idempotency-Key", "k"}};
  const struct {
    HttpMethod method;
    std::span<const HttpField> headers;
    bool want;
  } rows[] = {{HttpMethod::get, {}, true},
              {HttpMethod::del, {}, true},
              {HttpMethod::post, {}, false},
              {HttpMethod::post, key, true}};
  for (const auto& row : rows) {
    ScriptedServer server(script());
    HttpClient client(server.endpoint);
    ASSERT_TRUE(client.request(HttpMethod::get, "/").has_value());
    const auto second = client.request(row.method, "/", row.headers);
    EXPECT_EQ(second.has_value(), row.want);
    if (!row.want) { EXPECT_EQ(second.error(), HttpClientError::connection_closed); }
  }
}

// ---- SseReader ----

constexpr std::string_view kEventHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";

TEST(SseReader, CutsEventsAsTheStandardSays) {
  const std::string stream =
      ": a comment\n\n"
      "event: status\ndata: {\"a\":1}\n\n"
      "id: 7-1\nevent: drop_opened\r\ndata: one\r\ndata:two\r\ndata:  three\r\n\r\n"
      "data\r\rretry: 10\runknown: x\r\r"
      "event: lost\n\n"
      "data: last\n\n"
      "data: unfinished\n";
  for (const auto& pieces : {bytes_of(std::string(kEventHead) + stream),
                             std::vector<std::string>{std::string(kEventHead) + stream}}) {
    ScriptedServer server({{pieces}});
    SseReader reader(server.endpoint);
    ASSERT_EQ(*reader.open("/"), 200);
    const auto expect = [&](std::string_view event, std::string_view id, std::string_view data) {
      const auto next = reader.next(Millis{10'000});
      ASSERT_TRUE(next.has_value());
      EXPECT_EQ(next->event, event);
      EXPECT_EQ(next->id, id);
      EXPECT_EQ(next->data, data);
    };
    expect("status", "", "{\"a\":1}");
    expect("drop_opened", "7-1", "one\ntwo\n three");
    expect("message", "7-1", "");
    expect("message", "7-1", "last");
    EXPECT_EQ(reader.next(Millis{10'000}).error(), HttpClientError::connection_closed);
  }
}

TEST(SseReader, ReadsOurStreamsAndWaitsInBetween) {
  TestServer server;
  SseReader reader({.port = server.port});
  ASSERT_EQ(*reader.open("/stream"), 200);
  EXPECT_EQ(reader.header("Cache-Control"), "no-store");
  EXPECT_EQ(reader.next(Millis{10'000})->data, "hello");
  EXPECT_EQ(reader.next(Millis{20}).error(), HttpClientError::timed_out);
  server.on_io_thread([&] {
    server.server.send_stream(server.handler.streams.at(0), StreamChunk::make("data: a"));
    server.server.send_stream(server.handler.streams.at(0), StreamChunk::make("b\n\ndata: c\n\n"));
    server.server.end_stream(server.handler.streams.at(0));
    return 0;
  });
  EXPECT_EQ(reader.next(Millis{10'000})->data, "ab");
  EXPECT_EQ(reader.next(Millis{10'000})->data, "c");
  EXPECT_EQ(reader.next(Millis{10'000}).error(), HttpClientError::connection_closed);
}

TEST(SseReader, GivesTheBodyOfAnAnswerWithoutEvents) {
  TestServer server;
  SseReader reader({.port = server.port});
  EXPECT_EQ(*reader.open("/big?5"), 200);
  EXPECT_EQ(reader.body(), "bbbbb");
  EXPECT_EQ(reader.next(Millis{10}).error(), HttpClientError::connection_closed);
}

// ---- HttpSwarm ----

class Recorder final : public HttpSwarmListener {
 public:
  void on_response(SwarmConnection at, std::uint64_t tag, const HttpResponseView& view) override {
    responses.push_back({at, tag, std::string(view.body)});
    if (then) { then(at); }
    still_whole = still_whole && responses.back().body == view.body;
  }
  void on_error(SwarmConnection at, std::uint64_t tag, HttpClientError error) override {
    errors.push_back({at, tag, std::string(http_client_error_name(error))});
    if (then) { then(at); }
  }
  void on_event(SwarmConnection at, std::uint64_t tag, std::string_view event, std::string_view,
                std::string_view data) override {
    events.push_back({at, tag, std::string(event) + " " + std::string(data)});
    if (then) { then(at); }
  }

  struct Entry {
    SwarmConnection at;
    std::uint64_t tag;
    std::string body;
  };
  std::vector<Entry> responses;
  std::vector<Entry> errors;
  std::vector<Entry> events;
  std::function<void(SwarmConnection)> then;
  bool still_whole = true;
};

void poll_until_idle(HttpSwarm& swarm) {
  while (swarm.in_flight() != 0) { swarm.poll(std::chrono::seconds(1)); }
}

// The next request goes out from the callback of the last one, while the views are alive.
TEST(HttpSwarm, KeepsManyConnectionsBusy) {
  TestServer server;
  Recorder recorder;
  constexpr std::uint32_t kConnections = 200;
  constexpr std::uint64_t kRequests = 5'000;
  HttpSwarm swarm({.port = server.port}, kConnections, recorder);
  std::uint64_t sent = 0;
  const auto send_next = [&](SwarmConnection at) {
    if (sent == kRequests) { return; }
    ++sent;
    // Every tenth answer takes more than one read.
    const std::string target = sent % 10 == 0 ? "/big?100000" : "/echo?" + std::to_string(sent);
    swarm.send(at, sent, HttpMethod::post, target, "X-Tag: 1\r\n", "body");
  };
  recorder.then = send_next;
  for (SwarmConnection at = 0; at < kConnections; ++at) { send_next(at); }
  poll_until_idle(swarm);
  ASSERT_EQ(recorder.responses.size(), kRequests);
  EXPECT_TRUE(recorder.still_whole);
  EXPECT_EQ(recorder.errors.size(), 0U);
  for (const Recorder::Entry& entry : recorder.responses) {
    if (entry.tag % 10 == 0) {
      EXPECT_EQ(entry.body.size(), 100'000U);
    } else {
      EXPECT_TRUE(entry.body.starts_with("POST /echo?" + std::to_string(entry.tag) + "\n"));
      EXPECT_TRUE(entry.body.ends_with("\nbody"));
    }
  }
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().connections_accepted; }),
            kConnections);
}

TEST(HttpSwarm, ReportsErrorsAndOpensAnew) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  ScriptedServer server(
      {{{answer}},
       {{"HTTP/1.1 200 OK\r\nContent-"}},
       {{"nonsense\r\n\r\n"}},
       {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"}}});
  Recorder recorder;
  HttpSwarm swarm(server.endpoint, 1, recorder);
  for (std::uint64_t tag = 1; tag <= 4; ++tag) {
    ASSERT_TRUE(swarm.is_free(0));
    swarm.send(0, tag, HttpMethod::get, "/");
    EXPECT_FALSE(swarm.is_free(0));
    poll_until_idle(swarm);
    // The server closed the first connection: seen while nothing is in flight.
    swarm.poll(std::chrono::milliseconds(tag == 1 ? 1'000 : 0));
  }
  ASSERT_EQ(recorder.responses.size(), 2U);
  EXPECT_EQ(recorder.responses[0].tag, 1U);
  EXPECT_EQ(recorder.responses[1].tag, 4U);
  ASSERT_EQ(recorder.errors.size(), 2U);
  EXPECT_EQ(recorder.errors[0].body, "connection_closed");
  EXPECT_EQ(recorder.errors[1].body, "malformed_response");
}

TEST(HttpSwarm, ReportsAServerThatIsSilent) {
  ScriptedServer silent({{{}, false}});
  Recorder recorder;
  HttpSwarm swarm(silent.endpoint, 1, recorder, {.timeout = Millis{50}});
  swarm.send(0, 1, HttpMethod::get, "/");
  poll_until_idle(swarm);
  ASSERT_EQ(recorder.errors.size(), 1U);
  EXPECT_EQ(recorder.errors[0].body, "timed_out");
}

TEST(HttpSwarm, ReportsWhoCannotBeReachedFromPollOnly) {
  HttpEndpoint nobody;
  {
    TestServer server;
    nobody.port = server.port;
  }
  for (const HttpEndpoint& endpoint : {nobody, HttpEndpoint{.host = "no such host", .port = 1}}) {
    Recorder recorder;
    HttpSwarm swarm(endpoint, 2, recorder);
    swarm.send(0, 1, HttpMethod::get, "/");
    swarm.send(1, 2, HttpMethod::get, "/");
    EXPECT_TRUE(recorder.errors.empty());
    swarm.close(1);  // Forgotten: no word about it any more.
    poll_until_idle(swarm);
    swarm.poll(std::chrono::microseconds(0));
    ASSERT_EQ(recorder.errors.size(), 1U);
    EXPECT_EQ(recorder.errors[0].tag, 1U);
    EXPECT_EQ(recorder.errors[0].body, "connect_failed");
  }
}

TEST(HttpSwarm, ReadsStreamsAndMayCloseThemFromAnEvent) {
  ScriptedServer server({{{std::string(kEventHead), "data: a\n\ndata: b\n\n", "data: c\n\n"}},
                         {{std::string(kEventHead), "data: d\n\n"}}});
  Recorder recorder;
  HttpSwarm swarm(server.endpoint, 1, recorder);
  recorder.then = [&](SwarmConnection at) {
    if (recorder.events.size() == 1) { swarm.close(at); }
  };
  swarm.subscribe(0, 1, "/");
  poll_until_idle(swarm);
  ASSERT_EQ(recorder.events.size(), 1U);
  EXPECT_EQ(recorder.events[0].body, "message a");
  EXPECT_TRUE(recorder.errors.empty());
  swarm.subscribe(0, 2, "/");
  poll_until_idle(swarm);
  ASSERT_EQ(recorder.events.size(), 2U);
  EXPECT_EQ(recorder.events[1].tag, 2U);
  ASSERT_EQ(recorder.errors.size(), 1U) << "the end of a stream is an error: it should not end";
  EXPECT_EQ(recorder.errors[0].body, "connection_closed");
}

TEST(HttpSwarm, GivesAnAnswerWithoutEventsAsAnAnswer) {
  TestServer server;
  Recorder recorder;
  HttpSwarm swarm({.port = server.port}, 1, recorder);
  swarm.subscribe(0, 1, "/big?70000");
  poll_until_idle(swarm);
  ASSERT_EQ(recorder.responses.size(), 1U);
  EXPECT_EQ(recorder.responses[0].body.size(), 70'000U);
}

// The body is larger than the socket takes at once.
TEST(HttpSwarm, SendsLargeBodies) {
  TestServer server({.body_bytes_max = 4'000'000});
  Recorder recorder;
  HttpSwarm swarm({.port = server.port}, 2, recorder);
  const std::string body(4'000'000, 'x');
  for (int round = 0; round < 2; ++round) {
    for (SwarmConnection at = 0; at < 2; ++at) {
      swarm.send(at, 1, HttpMethod::put, "/echo", {}, body);
    }
    poll_until_idle(swarm);
  }
  ASSERT_EQ(recorder.responses.size(), 4U);
  for (const Recorder::Entry& entry : recorder.responses) {
    EXPECT_GT(entry.body.size(), body.size());
  }
}

}  // namespace
}  // namespace firebrand
