#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "edge/http/http_client.hpp"
#include "json.hpp"
#include "program.hpp"

namespace firebrand::e2e {

/// A request as a test writes it: post("/v1/orders/ord_1/cancel").bearer(fan.token).key("k-1").
/// Each step gives a new value, so that `request = std::move(request).key("k-1")` is no move of an
/// object onto itself.
struct Request {
  HttpMethod method = HttpMethod::get;
  std::string target{};
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};

  Request with(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Request bearer(std::string_view token) && {
    return std::move(*this).with("Authorization", "Bearer " + std::string(token));
  }
  Request cookie(std::string_view session) && {
    return std::move(*this).with("Cookie", "firebrand_session=" + std::string(session));
  }
  Request key(std::string_view key) && {
    return std::move(*this).with("Idempotency-Key", std::string(key));
  }
};
[[nodiscard]] Request get(std::string target);
[[nodiscard]] Request post(std::string target, std::string body = {});

struct Answer {
  int status = 0;
  std::string body{};
  std::string header_lines;

  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(find_header(header_lines, name));
  }
  [[nodiscard]] Json json() const { return Json::parse(body); }
  /// Of a problem; the status and the whole body if it is none.
  [[nodiscard]] std::string code() const;
  [[nodiscard]] bool replayed() const { return header("Idempotency-Replayed") == "true"; }
};

/// One connection to the server.
class Caller {
 public:
  /// Patient: the machine may be busy with other things.
  explicit Caller(const HttpEndpoint& endpoint) : client_(endpoint, {.timeout = Millis{60'000}}) {}
  /// Throws if there is no answer.
  Answer send(const Request& request);
  /// Nothing if there is no answer.
  std::optional<Answer> try_send(const Request& request);
  /// From now on every answer to every Caller must be one that this document promises.
  static void hold_to(const Json& openapi);
  /// Forgets its connection, because the server has died.
  void hang_up() { client_.close(); }

 private:
  HttpClient client_;
};

struct WavePlan {
  std::int64_t units = 0;
  bool manual = false;
  std::string audience = "everyone";
  std::string decision = "first_come";
  int window_seconds = 0;  ///< Released at random within it, if it is one.
  int tie_batch_ms = 0;
  std::string more{};  ///< Further members, as JSON: R"(,"group":"club")".
};
struct DropPlan {
  Millis opens_in{0};
  std::vector<WavePlan> waves = {{100}};
  int limit = 1;
  int window_seconds = 900;
  std::string more{};  ///< As of a wave.
};
struct Drop {
  std::string id;
  std::string opens_at;
  [[nodiscard]] std::string path(std::string_view rest = {}) const {
    return "/v1/drops/" + id + std::string(rest);
  }
};
struct Fan {
  std::string token;
  std::string person_id;
};
struct ApiKey {
  std::string id;
  std::string secret;
};

/// What a test needs before its subject: an owner, a key of a server, drops, fans.
class Shop : public Caller {
 public:
  static constexpr std::string_view kOwner = "owner";
  static constexpr std::string_view kPassword = "a sentence to remember";

  explicit Shop(const HttpEndpoint& endpoint) : Caller(endpoint) {}

  /// Makes the owner by the one-time link, and an API key. Throws if it is refused.
  void set_up(std::string_view token);
  void sign_in(std::string_view login = kOwner, std::string_view password = kPassword);

  /// Sends as the owner, and throws unless the status is the expected one.
  Json staff(Request request, int status = 200);

  /// A drop that is to open now has opened when this returns.
  Drop plan(const DropPlan& plan);
  /// A fan by a name of the brand's own system; the same name is the same person.
  /// @param claims  What the shop says of the person, as JSON: R"(,"groups":["club"])".
  Fan fan(std::string_view name, std::string_view claims = {});
  ApiKey make_key(std::string_view name);

  /// The drop's public status.
  Json status(const Drop& drop) { return send(get(drop.path())).json(); }
  Answer order(const Drop& drop, const Fan& fan, std::string_view key,
               std::string_view body = "{}") {
    return send(post(drop.path("/orders"), std::string(body)).bearer(fan.token).key(key));
  }
  Answer read_order(const Fan& fan, std::string_view order_id) {
    return send(get("/v1/orders/" + std::string(order_id)).bearer(fan.token));
  }

  [[nodiscard]] const std::string& session() const { return session_; }
  [[nodiscard]] const ApiKey& key() const { return key_; }

  /// Different in each call of the process.
  static std::string unique(std::string_view word);

 private:
  std::string session_;
  ApiKey key_;
};

/// The notice of a payment provider, signed now.
[[nodiscard]] Request payment(std::string_view order_id, std::string_view payment_id,
                              std::int64_t amount = 199'900, std::string_view currency = "CNY");
/// The notice of a deposit, signed now.
[[nodiscard]] Request deposit(std::string_view reservation_id, std::string_view payment_id,
                              std::int64_t amount, std::string_view currency = "CNY");
/// The same with the signature of another secret or moment.
[[nodiscard]] Request signed_payment(std::string body, std::int64_t unix_seconds,
                                     std::string_view secret);
[[nodiscard]] std::int64_t unix_seconds_now();
/// Milliseconds since 1970 of "2026-11-21T20:00:00.000Z".
[[nodiscard]] std::int64_t unix_ms(std::string_view time);
[[nodiscard]] std::string rfc3339(std::int64_t unix_ms);

}  // namespace firebrand::e2e
