#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "edge/http/http_server.hpp"

/// For tests only: a server with a few routes in its own thread, and a socket without manners.
namespace firebrand {

/// GET or POST /echo     answers "METHOD path?query\n<header lines>\n<body>"
/// any      /later       waits for release()
/// GET      /big?N       answers N bytes
/// GET      /prepared    answers a prepared response with the ETag "v1"
/// GET      /shared?N    answers N bytes that are prepared and shared
/// GET      /stream      starts a stream with the first bytes "hello\n"
/// GET      /instant     a stream that is over before handle() returns
/// GET      /empty       204
/// GET      /evil        reflects what must not start a header of its own
class TestHandler final : public HttpHandler {
 public:
  explicit TestHandler(HttpServer& server) : server_(server) {}

  void handle(const HttpRequest& request, ResponseToken token) override {
    last_token = token;
    last_was_tls = request.is_tls;
    ++requests;
    if (request.path == "/later") {
      waiting.push_back(token);
    } else if (request.path == "/big" || request.path == "/shared") {
      std::size_t size = 0;
      std::from_chars(request.query.data(), request.query.data() + request.query.size(), size);
      const std::string body(size, 'b');
      const HttpResponse response{.content_type = "text/plain", .body = body};
      if (request.path == "/big") {
        server_.respond(token, response);
      } else {
        server_.respond_prepared(token, PreparedResponse::make(response));
      }
    } else if (request.path == "/prepared") {
      static constexpr HttpField kFields[] = {{"Cache-Control", "max-age=1"}, {"X-Kept", "no"}};
      static const PreparedResponsePtr prepared = PreparedResponse::make(
          {.content_type = "application/json", .headers = kFields, .body = "{}"}, "\"v1\"");
      const HttpField id[] = {{"X-Request-Id", request.header(HttpHeader::x_request_id)}};
      server_.respond_prepared(token, prepared, request.header(HttpHeader::if_none_match), id);
    } else if (request.path == "/stream") {
      static constexpr HttpField kFields[] = {{"Cache-Control", "no-store"}};
      const StreamToken stream = server_.start_stream(
          token,
          {.content_type = "text/event-stream", .headers = kFields, .body = "data: hello\n\n"});
      if (stream != StreamToken{}) { streams.push_back(stream); }
    } else if (request.path == "/instant") {
      const StreamToken stream =
          server_.start_stream(token, {.content_type = "text/plain", .body = "a"});
      server_.send_stream(stream, StreamChunk::make("b"));
      server_.end_stream(stream);
    } else if (request.path == "/empty") {
      server_.respond(token, {.status = 204});
    } else if (request.path == "/evil") {
      const HttpField fields[] = {{"X-Evil", "a\r\nSet-Cookie: b"}};
      server_.respond(token, {.headers = fields, .body = "x"});
    } else {
      std::string body(http_method_name(request.method));
      body.append(" ").append(request.path).append("?").append(request.query).append("\n");
      body.append(request.header_lines).append("\n").append(request.body);
      server_.respond(token, {.content_type = "text/plain", .body = body});
    }
  }
  void batch_end() override { ++batches; }
  void wake() override { ++wakes; }
  void closed(ResponseToken token) override { lost.push_back(token); }
  void peer_ended(ResponseToken token) override { ended.push_back(token); }
  void stream_closed(StreamToken token) override {
    std::erase(streams, token);
    ++streams_lost;
  }
  void stopping() override {
    for (const StreamToken stream : streams) {
      server_.send_stream(stream, StreamChunk::make("data: bye\n\n"));
    }
  }

  /// Answers what waits at /later, the oldest first.
  void release() {
    for (const ResponseToken token : std::exchange(waiting, {})) {
      const std::string body = "late " + std::to_string(++released);
      server_.respond(token, {.content_type = "text/plain", .body = body});
    }
  }

  // I/O thread only: see TestServer::on_io_thread().
  std::vector<ResponseToken> waiting;
  std::vector<ResponseToken> lost;
  std::vector<ResponseToken> ended;
  std::vector<StreamToken> streams;
  ResponseToken last_token;
  bool last_was_tls = false;
  int requests = 0;
  int batches = 0;
  int wakes = 0;
  int released = 0;
  int streams_lost = 0;

 private:
  HttpServer& server_;
};

inline constexpr std::uint32_t kTestHstsSeconds = 86'400;

class TestServer {
 public:
  /// @param tls  Null: no TLS.
  explicit TestServer(HttpLimits limits = {}, const TlsContextPtr& tls = nullptr)
      : server(std::move(limits)), handler(server) {
    if (tls != nullptr) { server.use_tls(tls, kTestHstsSeconds); }
    const auto bound =
        server.listen("127.0.0.1", 0, tls != nullptr ? HttpWire::tls : HttpWire::plain);
    FB_ASSERT(bound.has_value());
    port = *bound;
    thread_ = std::thread([this] { server.run(handler); });
  }
  ~TestServer() { stop(Millis{0}); }

  void stop(Millis grace) {
    server.stop(grace);
    join();
  }
  void join() {
    if (thread_.joinable()) { thread_.join(); }
  }

  /// Runs `work` between two rounds of the server and gives back what it gives.
  template <class Work>
  auto on_io_thread(Work work) {
    decltype(work()) result;
    run_there([&] { result = work(); });
    return result;
  }

  /// Blocks until `condition`, asked on the I/O thread after each of its rounds, holds.
  /// @return false after a minute.
  bool until(std::function<bool()> condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!on_io_thread(condition)) {
      if (std::chrono::steady_clock::now() > deadline) { return false; }
      std::this_thread::yield();
    }
    return true;
  }

  HttpServer server;
  TestHandler handler;
  std::uint16_t port = 0;

 private:
  void run_there(const std::function<void()>& work) {
    std::promise<void> done;
    server.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::thread thread_;
};

inline constexpr std::string_view kGet = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

inline std::string get(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

/// Short enough to wait for, long enough for a test on a busy machine to say what it has to say.
inline HttpLimits quick_limits() {
  return {.header_timeout = Millis{500},
          .body_timeout = Millis{300},
          .idle_timeout = Millis{300},
          .write_timeout = Millis{300},
          .linger_timeout = Millis{1'000},
          .sweep_period = Millis{20}};
}

struct RawAnswer {
  int status = 0;  ///< Zero: none came.
  std::string head;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(find_header(std::string_view(head).substr(head.find('\n') + 1), name));
  }
};

/// A socket that sends what it is told, in the pieces it is told.
class RawClient {
 public:
  /// @param receive_bytes  Size of the receive buffer; zero: as the system likes.
  explicit RawClient(std::uint16_t port, int receive_bytes = 0,
                     std::string_view from = "127.0.0.1") {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FB_ASSERT(fd_ >= 0);
    if (receive_bytes != 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, std::string(from).c_str(), &address.sin_addr);
    FB_ASSERT(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    address.sin_port = htons(port);
    FB_ASSERT(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void close() {
    if (fd_ >= 0) { ::close(fd_); }
    fd_ = -1;
  }
  /// Closes with a reset instead of an orderly end.
  void reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  /// @return false if the server has closed meanwhile.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) { return false; }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Waits until all that was sent lies at the server's socket, where its next read finds it.
  void wait_until_delivered() {
    int on_its_way = 0;
    while (::ioctl(fd_, SIOCOUTQ, &on_its_way) == 0 && on_its_way > 0) {
      std::this_thread::yield();
    }
  }

  /// The next whole answer, by its Content-Length.
  RawAnswer answer(bool is_head_request = false) {
    RawAnswer answer;
    std::size_t end;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) { return answer; }
    }
    answer.head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    FB_ASSERT(answer.head.starts_with("HTTP/1.1 "));
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    std::size_t size = 0;
    const std::string length = answer.header("Content-Length");
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (is_head_request) { size = 0; }
    while (pending_.size() < size) {
      if (!receive()) { break; }
    }
    answer.body = pending_.substr(0, size);
    pending_.erase(0, size);
    return answer;
  }

  /// Everything until the server closes.
  std::string rest() {
    while (receive()) {}
    return std::exchange(pending_, {});
  }

  /// Waits until the bytes have come. @return false if the server closed before.
  bool wait_for(std::string_view bytes) {
    while (pending_.find(bytes) == std::string::npos) {
      if (!receive()) { return false; }
    }
    pending_.erase(0, pending_.find(bytes) + bytes.size());
    return true;
  }

  /// Reads on to the end. @return false if that is a reset.
  bool ends_in_order() {
    while (receive()) {}
    return !was_reset_;
  }

  /// True if the end of the connection, and nothing else, comes.
  bool is_closed() { return !receive() && pending_.empty(); }

 private:
  /// @return false at the end, on a reset, or if nothing comes for a minute.
  bool receive() {
    pollfd waited{fd_, POLLIN, 0};
    if (::poll(&waited, 1, 60'000) != 1) {
      ADD_FAILURE() << "the server is silent";
      return false;
    }
    char bytes[16 * 1024];
    const ssize_t received = ::recv(fd_, bytes, sizeof bytes, 0);
    was_reset_ = received < 0;
    if (received <= 0) { return false; }
    pending_.append(bytes, static_cast<std::size_t>(received));
    return true;
  }

  int fd_ = -1;
  bool was_reset_ = false;
  std::string pending_;
};

}  // namespace firebrand
