#include "shop.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>

#include "contract.hpp"

namespace firebrand::e2e {

namespace {

std::string describe(const Request& request, const Answer& answer) {
  return std::string(http_method_name(request.method)) + " " + request.target + " " + request.body +
         ": " + std::to_string(answer.status) + " " + answer.body;
}

/// Null until somebody says what to hold the server to; set before there are threads.
std::unique_ptr<Contract>& contract() {
  static std::unique_ptr<Contract> contract;
  return contract;
}

}  // namespace

Request get(std::string target) { return {.method = HttpMethod::get, .target = std::move(target)}; }

Request post(std::string target, std::string body) {
  return {.method = HttpMethod::post, .target = std::move(target), .body = std::move(body)};
}

std::string Answer::code() const {
  if (header("Content-Type") != "application/problem+json") {
    return std::to_string(status) + " " + body;
  }
  return json()["code"].text();
}

void Caller::hold_to(const Json& openapi) { contract() = std::make_unique<Contract>(openapi); }

std::optional<Answer> Caller::try_send(const Request& request) {
  std::vector<HttpField> fields;
  for (const auto& [name, value] : request.headers) { fields.push_back({name, value}); }
  auto response = client_.request(request.method, request.target, fields, request.body);
  if (!response) { return std::nullopt; }
  Answer answer{response->status, std::move(response->body), std::move(response->header_lines)};
  if (contract() != nullptr) {
    const std::string objection = contract()->objection(request, answer);
    EXPECT_EQ(objection, "");
  }
  return answer;
}

Answer Caller::send(const Request& request) {
  auto answer = try_send(request);
  if (!answer) { throw std::runtime_error("no answer to " + request.target); }
  return std::move(*answer);
}

void Shop::set_up(std::string_view token) {
  const std::string body = R"({"token":")" + std::string(token) + R"(","login":")" +
                           std::string(kOwner) + R"(","password":")" + std::string(kPassword) +
                           R"("})";
  const Answer answer = send(post("/v1/staff/setup", body));
  if (answer.status != 200) { throw std::runtime_error("set-up: " + answer.body); }
  sign_in();
  key_ = make_key("shop");
}

void Shop::sign_in(std::string_view login, std::string_view password) {
  const Answer answer =
      send(post("/v1/staff/sign-in", R"({"login":")" + std::string(login) + R"(","password":")" +
                                         std::string(password) + R"("})"));
  if (answer.status != 200) { throw std::runtime_error("sign-in: " + answer.body); }
  const std::string cookie = answer.header("Set-Cookie");
  const std::size_t begin = cookie.find('=') + 1;
  session_ = cookie.substr(begin, cookie.find(';') - begin);
}

Json Shop::staff(Request request, int status) {
  const Answer answer = send(std::move(request).cookie(session_));
  if (answer.status != status) { throw std::runtime_error(describe(request, answer)); }
  return answer.json();
}

Drop Shop::plan(const DropPlan& plan) {
  std::int64_t units = 0;
  for (const WavePlan& wave : plan.waves) { units += wave.units; }
  const std::string sku =
      staff(post("/v1/skus", R"({"code":")" + unique("phone") +
                                 R"(","name":{"zh":"火种手机","en":"Firebrand Phone"},)"
                                 R"("prices":[{"amount":199900,"currency":"CNY"},)"
                                 R"({"amount":29900,"currency":"USD"}]})"),
            201)["sku_id"]
          .text();
  staff(post("/v1/skus/" + sku + "/stock", R"({"quantity":)" + std::to_string(units) + "}")
            .key(unique("stock")));
  const std::string launch =
      staff(post("/v1/launches",
                 R"({"code":")" + unique("launch") + R"(","name":{"zh":"首发","en":"Launch"}})"),
            201)["launch_id"]
          .text();
  const std::int64_t now = unix_ms(send(get("/v1/time")).json()["server_time"].text());
  const std::string opens_at = rfc3339(now + plan.opens_in.count());
  std::string waves;
  for (const WavePlan& wave : plan.waves) {
    const bool is_random = wave.window_seconds > 0;
    waves += (waves.empty() ? "" : ",") + (R"({"opens_at":")" + opens_at) + R"(","units":)" +
             std::to_string(wave.units) + R"(,"release":")" +
             (is_random     ? "random"
              : wave.manual ? "manual"
                            : "automatic") +
             R"(","audience":")" + wave.audience + R"(","decision":")" + wave.decision +
             R"(","tie_batch_ms":)" + std::to_string(wave.tie_batch_ms) +
             (is_random ? R"(,"window_seconds":)" + std::to_string(wave.window_seconds) : "") +
             wave.more + "}";
  }
  const Json drop = staff(
      post("/v1/launches/" + launch + "/drops",
           R"({"code":")" + unique("drop") + R"(","sku_id":")" + sku +
               R"(","currency":"CNY","opens_at":")" + opens_at + R"(","per_person_limit":)" +
               std::to_string(plan.limit) + R"(,"payment_window_seconds":)" +
               std::to_string(plan.window_seconds) + plan.more + R"(,"waves":[)" + waves + "]}"),
      201);
  const Drop planned{drop["drop_id"].text(), opens_at};
  if (plan.opens_in.count() == 0 &&
      !eventually([&] { return status(planned)["state"].text() == "open"; })) {
    throw std::runtime_error(planned.id + " does not open");
  }
  return planned;
}

Fan Shop::fan(std::string_view name, std::string_view claims) {
  const Answer answer = send(post("/v1/fan-sessions", R"({"person":")" + std::string(name) +
                                                          R"(")" + std::string(claims) + "}")
                                 .bearer(key_.secret));
  if (answer.status != 201) { throw std::runtime_error("fan session: " + answer.body); }
  return {answer.json()["token"].text(), answer.json()["person_id"].text()};
}

ApiKey Shop::make_key(std::string_view name) {
  const Json key = staff(post("/v1/api-keys", R"({"name":")" + std::string(name) + R"("})"), 201);
  return {key["api_key_id"].text(), key["key"].text()};
}

std::string Shop::unique(std::string_view word) {
  static std::atomic<int> count{0};
  return std::string(word) + "-" + std::to_string(++count);
}

std::int64_t unix_seconds_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

Request payment(std::string_view order_id, std::string_view payment_id, std::int64_t amount,
                std::string_view currency) {
  return signed_payment(R"({"order_id":")" + std::string(order_id) + R"(","payment_id":")" +
                            std::string(payment_id) + R"(","amount":{"amount":)" +
                            std::to_string(amount) + R"(,"currency":")" + std::string(currency) +
                            R"("}})",
                        unix_seconds_now(), kPaymentSecret);
}

Request deposit(std::string_view reservation_id, std::string_view payment_id, std::int64_t amount,
                std::string_view currency) {
  Request request = signed_payment(R"({"reservation_id":")" + std::string(reservation_id) +
                                       R"(","payment_id":")" + std::string(payment_id) +
                                       R"(","amount":{"amount":)" + std::to_string(amount) +
                                       R"(,"currency":")" + std::string(currency) + R"("}})",
                                   unix_seconds_now(), kPaymentSecret);
  request.target = "/v1/deposits/callback";
  return request;
}

Request signed_payment(std::string body, std::int64_t unix_seconds, std::string_view secret) {
  const std::string timestamp = std::to_string(unix_seconds);
  const std::string message = timestamp + "." + body;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> tag{};
  crypto_auth_hmacsha256_final(&state, tag.data());
  std::array<char, 2 * crypto_auth_hmacsha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), tag.data(), tag.size());
  return post("/v1/payments/callback", std::move(body))
      .with("Firebrand-Timestamp", timestamp)
      .with("Firebrand-Signature", std::string("v1=") + hex.data());
}

std::int64_t unix_ms(std::string_view time) {
  std::tm parts{};
  int ms = 0;
  const int read =
      std::sscanf(std::string(time).c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &parts.tm_year,
                  &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &ms);
  if (read != 7) { throw std::runtime_error("not a time: " + std::string(time)); }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return std::int64_t{::timegm(&parts)} * 1'000 + ms;
}

std::string rfc3339(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(unix_ms % 1'000));
  return text.data();
}

}  // namespace firebrand::e2e
