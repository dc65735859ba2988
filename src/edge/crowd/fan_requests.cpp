#include "edge/crowd/fan_requests.hpp"

#include <sodium.h>

#include <array>

#include "base/char_sink.hpp"
#include "base/hex.hpp"
#include "base/json_writer.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kJsonType = "Content-Type: application/json\r\n";

void start(FanRequest& request, HttpMethod method) {
  request.method = method;
  request.target.clear();
  request.headers.clear();
  request.body.clear();
}

void put_bearer(FanRequest& request, std::string_view token) {
  request.headers.append("Authorization: Bearer ").append(token).append("\r\n");
}

void put_key(FanRequest& request, std::string_view key) {
  request.headers.append("Idempotency-Key: ").append(key).append("\r\n");
}

/// A body of one member.
void put_member(FanRequest& request, std::string_view name, std::string_view value) {
  CharSink sink(request.body);
  JsonWriter json(sink);
  json.begin_object();
  json.key(name);
  json.string(value);
  json.end_object();
}

/// What a payment provider says of a payment for the thing of that name and id.
void put_notice(FanRequest& request, std::string_view name, std::string_view id,
                std::string_view payment_id, std::int64_t minor, std::string_view currency) {
  CharSink sink(request.body);
  JsonWriter json(sink);
  json.begin_object();
  json.key(name);
  json.string(id);
  json.key("payment_id");
  json.string(payment_id);
  json.key("amount");
  json.begin_object();
  json.key("amount");
  json.number(minor);
  json.key("currency");
  json.string(currency);
  json.end_object();
  json.end_object();
}

void put_signature(FanRequest& request, std::string_view secret, Timestamp now) {
  const std::int64_t seconds = to_unix_ms(now) / 1'000;
  request.headers.append("Firebrand-Timestamp: ").append(std::to_string(seconds)).append("\r\n");
  request.headers.append("Firebrand-Signature: ")
      .append(payment_signature(secret, seconds, request.body))
      .append("\r\n");
}

}  // namespace

void write_sign_in(FanRequest& request, const CrowdAccess& access, std::string_view name,
                   const FanSaid& said) {
  start(request, HttpMethod::post);
  const bool is_demo = access.api_key.empty();
  request.target = is_demo ? "/demo/sign-in" : "/v1/fan-sessions";
  request.headers = kJsonType;
  if (is_demo) { return put_member(request, "name", name); }
  put_bearer(request, access.api_key);
  CharSink sink(request.body);
  JsonWriter json(sink);
  const auto text = [&](std::string_view key, std::string_view value) {
    if (value.empty()) { return; }
    json.key(key);
    json.string(value);
  };
  json.begin_object();
  text("person", name);
  if (!said.group.empty()) {
    json.key("groups");
    json.begin_array();
    json.string(said.group);
    json.end_array();
  }
  text("household", said.household);
  text("address", said.address);
  json.end_object();
}

void write_look(FanRequest& request, std::string_view drop_id) {
  start(request, HttpMethod::get);
  request.target.append("/v1/drops/").append(drop_id);
}

void write_order(FanRequest& request, std::string_view drop_id, std::string_view token,
                 std::string_view key, std::int32_t quantity, std::string_view code) {
  start(request, HttpMethod::post);
  request.target.append("/v1/drops/").append(drop_id).append("/orders");
  request.headers = kJsonType;
  put_bearer(request, token);
  put_key(request, key);
  request.body.append("{\"quantity\":").append(std::to_string(quantity));
  if (!code.empty()) { request.body.append(",\"code\":\"").append(code).append("\""); }
  request.body.append("}");
}

void write_reserve(FanRequest& request, std::string_view drop_id, std::string_view token,
                   std::string_view key) {
  start(request, HttpMethod::post);
  request.target.append("/v1/drops/").append(drop_id).append("/reservations");
  put_bearer(request, token);
  put_key(request, key);
}

void write_withdraw(FanRequest& request, std::string_view drop_id, std::string_view token,
                    std::string_view key) {
  start(request, HttpMethod::post);
  request.target.append("/v1/drops/").append(drop_id).append("/reservation/withdraw");
  put_bearer(request, token);
  put_key(request, key);
}

void write_cancel(FanRequest& request, std::string_view order_id, std::string_view token,
                  std::string_view key) {
  start(request, HttpMethod::post);
  request.target.append("/v1/orders/").append(order_id).append("/cancel");
  put_bearer(request, token);
  put_key(request, key);
}

void write_join(FanRequest& request, std::string_view drop_id, std::int32_t wave,
                std::string_view token) {
  start(request, HttpMethod::post);
  request.target.append("/v1/drops/").append(drop_id).append("/waves/");
  request.target.append(std::to_string(wave)).append("/waiting-room/places");
  put_bearer(request, token);
}

void write_ask_place(FanRequest& request, std::string_view place_token) {
  start(request, HttpMethod::get);
  request.target.append("/v1/places/").append(place_token);
}

void write_leave_place(FanRequest& request, std::string_view place_token) {
  start(request, HttpMethod::post);
  request.target.append("/v1/places/").append(place_token).append("/leave");
}

void write_enter(FanRequest& request, std::string_view draw_id, std::string_view token) {
  start(request, HttpMethod::post);
  request.target.append("/v1/draws/").append(draw_id).append("/entry");
  put_bearer(request, token);
}

void write_leave_draw(FanRequest& request, std::string_view draw_id, std::string_view token) {
  start(request, HttpMethod::post);
  request.target.append("/v1/draws/").append(draw_id).append("/leave");
  put_bearer(request, token);
}

void write_join_waitlist(FanRequest& request, std::string_view drop_id, std::string_view token) {
  start(request, HttpMethod::post);
  request.target.append("/v1/drops/").append(drop_id).append("/waitlist");
  put_bearer(request, token);
}

void write_leave_waitlist(FanRequest& request, std::string_view drop_id, std::string_view token) {
  start(request, HttpMethod::post);
  request.target.append("/v1/drops/").append(drop_id).append("/waitlist/leave");
  put_bearer(request, token);
}

void write_read(FanRequest& request, std::string_view target, std::string_view token) {
  start(request, HttpMethod::get);
  request.target = target;
  if (!token.empty()) { put_bearer(request, token); }
}

void write_payment(FanRequest& request, const CrowdAccess& access, const OrderView& order,
                   std::string_view token, std::string_view payment_id, Timestamp now) {
  start(request, HttpMethod::post);
  request.headers = kJsonType;
  if (access.payment_secret.empty()) {
    request.target = "/demo/pay";
    put_member(request, "order_id", order.order_id);
    return put_bearer(request, token);
  }
  request.target = "/v1/payments/callback";
  put_notice(request, "order_id", order.order_id, payment_id, order.total_minor, order.currency);
  put_signature(request, access.payment_secret, now);
}

void write_deposit(FanRequest& request, const CrowdAccess& access,
                   const ReservationView& reservation, std::string_view token,
                   std::string_view payment_id, Timestamp now) {
  start(request, HttpMethod::post);
  request.headers = kJsonType;
  if (access.payment_secret.empty()) {
    request.target = "/demo/pay-deposit";
    put_member(request, "drop_id", reservation.drop_id);
    return put_bearer(request, token);
  }
  request.target = "/v1/deposits/callback";
  put_notice(request, "reservation_id", reservation.reservation_id, payment_id,
             reservation.deposit_minor, reservation.currency);
  put_signature(request, access.payment_secret, now);
}

std::string payment_signature(std::string_view secret, std::int64_t unix_seconds,
                              std::string_view body) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const std::string before = std::to_string(unix_seconds) + ".";
  crypto_auth_hmacsha256_state state;
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes(before), before.size());
  crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return "v1=" + to_hex(mac);
}

}  // namespace firebrand
