#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "base/assert.hpp"
#include "edge/crowd/fake_shop.hpp"
#include "edge/http/http_client.hpp"
#include "edge/http/http_server.hpp"

namespace firebrand {

/// For tests only: serves a shop on a thread until the end of the block, over and over if it
/// crashes.
class FakeShopServing final : public HttpHandler {
 public:
  explicit FakeShopServing(FakeShop& shop) : shop_(shop) {
    std::atomic<std::uint16_t> port{0};
    thread_ = std::thread([this, &port] { serve(port); });
    port.wait(0);
    endpoint_.port = port;
    url_ = "http://127.0.0.1:" + std::to_string(endpoint_.port);
  }
  ~FakeShopServing() override { stop(); }
  FakeShopServing(const FakeShopServing&) = delete;
  FakeShopServing& operator=(const FakeShopServing&) = delete;

  void stop() {
    if (!thread_.joinable()) { return; }
    is_over_ = true;
    {
      const std::lock_guard lock(server_mutex_);
      if (server_ != nullptr) { server_->stop(Millis{1'000}); }
    }
    thread_.join();
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint32_t crashes() const { return crashes_; }

  void handle(const HttpRequest& request, ResponseToken token) override {
    const FakeShop::Answer answer = shop_.handle(request);
    if (answer.act == FakeShop::Answer::Act::stay_silent) { return; }
    if (answer.act == FakeShop::Answer::Act::crash) {
      ++crashes_;
      return server_->stop(Millis{0});
    }
    const HttpField replayed[] = {{"Idempotency-Replayed", "true"}};
    server_->respond(token, {.status = answer.status,
                             .content_type = "application/json",
                             .headers = std::span(replayed, answer.replayed ? 1U : 0U),
                             .body = answer.body});
  }

 private:
  void serve(std::atomic<std::uint16_t>& port) {
    std::uint16_t bound = 0;
    while (!is_over_) {
      HttpServer server(HttpLimits{});
      const auto listening = server.listen("127.0.0.1", bound);
      FB_ASSERT(listening.has_value());
      {
        const std::lock_guard lock(server_mutex_);
        server_ = &server;
      }
      if (std::exchange(bound, *listening) == 0) {
        port = bound;
        port.notify_one();
      }
      if (!is_over_) { server.run(*this); }
      {
        const std::lock_guard lock(server_mutex_);
        server_ = nullptr;
      }
      wait_until(std::chrono::steady_clock::now() + shop_.options().away);
    }
  }

  void wait_until(std::chrono::steady_clock::time_point end) const {
    while (!is_over_ && std::chrono::steady_clock::now() < end) { std::this_thread::yield(); }
  }

  FakeShop& shop_;
  HttpServer* server_ = nullptr;
  std::mutex server_mutex_;
  std::thread thread_;
  std::atomic<bool> is_over_{false};
  std::atomic<std::uint32_t> crashes_{0};
  HttpEndpoint endpoint_;
  std::string url_;
};

}  // namespace firebrand
