#pragma once

#include <cstdint>
#include <thread>

#include "base/assert.hpp"
#include "edge/http/http_client.hpp"
#include "edge/http/http_server.hpp"

namespace firebrand {

/// For tests only: a handler served on a thread of its own, on a free port of 127.0.0.1, until the
/// end of the block. `Handler` is made from the HttpServer; look at it after stop().
template <class Handler>
class TestServing {
 public:
  template <class... Arguments>
  explicit TestServing(Arguments&&... arguments)
      : server_(HttpLimits{}), handler_(server_, std::forward<Arguments>(arguments)...) {
    const auto port = server_.listen("127.0.0.1", 0);
    FB_ASSERT(port.has_value());
    endpoint_.port = *port;
    thread_ = std::thread([this] { server_.run(handler_); });
  }
  ~TestServing() { stop(); }
  TestServing(const TestServing&) = delete;
  TestServing& operator=(const TestServing&) = delete;

  void stop() {
    if (!thread_.joinable()) { return; }
    server_.stop(Millis{2'000});
    thread_.join();
  }

  [[nodiscard]] const HttpEndpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] Handler& handler() { return handler_; }

 private:
  HttpServer server_;
  Handler handler_;
  HttpEndpoint endpoint_;
  std::thread thread_;
};

}  // namespace firebrand
