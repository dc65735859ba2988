#pragma once

#include <sodium.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "edge/http/http_server.hpp"
#include "json.hpp"
#include "program.hpp"

namespace firebrand::e2e {

/// An endpoint of the outside, as a shop would have it: it remembers what came, and checks each
/// signature by the words of the specification, sharing no code with whoever made it.
class Receiver final : public HttpHandler {
 public:
  /// An event that came; of a batch each is one.
  struct Got {
    std::string id{};    ///< Of the event.
    std::string call{};  ///< `webhook-id`: the event's, or the batch's.
    std::string type{};
    std::string subject{};
    std::string body{};
    std::vector<bool> good{};  ///< By secret: whether one of the signatures is by it.
  };
  /// What is answered: by the event, in a batch its first, and by how often its call came before.
  using Answer = std::function<int(const Got&, std::size_t earlier)>;

  /// @param port  Zero: a free one.
  explicit Receiver(Answer answer = {}, std::uint16_t port = 0)
      : server_(HttpLimits{}), answer_(std::move(answer)) {
    const auto bound = server_.listen("127.0.0.1", port);
    if (!bound) { throw std::runtime_error(bound.error().message); }
    port_ = *bound;
    thread_ = std::thread([this] { server_.run(*this); });
  }
  ~Receiver() override {
    server_.stop(Millis{0});
    thread_.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/hooks";
  }
  void know(std::string secret) {
    const std::lock_guard lock(mutex_);
    secrets_.push_back(std::move(secret));
  }
  [[nodiscard]] std::vector<Got> got() const {
    const std::lock_guard lock(mutex_);
    return got_;
  }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Got& one : got()) { ids.push_back(one.id); }
    return ids;
  }

  void handle(const HttpRequest& request, ResponseToken token) override {
    const std::string body(request.body);
    int status = 200;
    {
      const std::lock_guard lock(mutex_);
      std::vector<Got> events = events_of(request, body);
      for (Got& got : events) {
        got.call = request.header("webhook-id");
        for (const std::string& secret : secrets_) {
          got.good.push_back(is_signed(secret, request, body));
        }
      }
      std::set<std::size_t> calls;
      for (std::size_t i = 0; i < got_.size(); ++i) {
        if (got_[i].call == events[0].call) { calls.insert(call_of_[i]); }
      }
      const bool alone = !events[0].call.starts_with("batch_");
      if (alone && events[0].id != events[0].call) { status = 400; }
      if (answer_ && status == 200) { status = answer_(events[0], calls.size()); }
      ++calls_;
      for (Got& got : events) {
        got_.push_back(std::move(got));
        call_of_.push_back(calls_);
      }
    }
    server_.respond(token, {.status = status, .content_type = "text/plain", .body = "seen"});
  }

 private:
  /// By the content type: the modes of CloudEvents over HTTP.
  static std::vector<Got> events_of(const HttpRequest& request, const std::string& body) {
    const auto from = [](const Json& event) {
      return Got{.id = event["id"].text(),
                 .type = event["type"].text(),
                 .subject = event.has("subject") ? event["subject"].text() : "",
                 .body = event.dump()};
    };
    const std::string_view type = request.header("content-type");
    if (type.starts_with("application/cloudevents+json")) { return {from(Json::parse(body))}; }
    if (type.starts_with("application/cloudevents-batch+json")) {
      std::vector<Got> events;
      const Json list = Json::parse(body);
      for (std::size_t i = 0; i < list.size(); ++i) { events.push_back(from(list[i])); }
      return events;
    }
    return {{.id = std::string(request.header("ce-id")),
             .type = std::string(request.header("ce-type")),
             .subject = std::string(request.header("ce-subject")),
             .body = body}};
  }
  static std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string text(sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return text;
  }
  static bool is_signed(const std::string& secret, const HttpRequest& request,
                        const std::string& body) {
    unsigned char key[64];
    std::size_t size = 0;
    if (!secret.starts_with("whsec_") ||
        sodium_base642bin(key, sizeof key, secret.data() + 6, secret.size() - 6, nullptr, &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
      return false;
    }
    const std::string signed_text = std::string(request.header("webhook-id")) + "." +
                                    std::string(request.header("webhook-timestamp")) + "." + body;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, size);
    crypto_auth_hmacsha256_update(
        &state, reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size());
    crypto_auth_hmacsha256_final(&state, mac);
    const std::string wanted = " v1," + base64(mac, sizeof mac) + " ";
    const std::string came = " " + std::string(request.header("webhook-signature")) + " ";
    return came.find(wanted) != std::string::npos;
  }

  HttpServer server_;
  Answer answer_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> secrets_;
  std::vector<Got> got_;
  std::vector<std::size_t> call_of_;  ///< Which call each came with.
  std::size_t calls_ = 0;
  std::thread thread_;
};

}  // namespace firebrand::e2e
