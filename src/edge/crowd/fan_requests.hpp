#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/types.hpp"
#include "edge/crowd/fan_answers.hpp"
#include "edge/http/http.hpp"

/// What a crowd sends: HTTP requests from what a fan does.
namespace firebrand {

/// How fans prove who they are, and how payments are reported.
struct CrowdAccess {
  std::string api_key;         ///< Empty: demo sign-in by name.
  std::string payment_secret;  ///< Empty: demo payments.
};

/// What the shop says of a fan; empty: nothing.
struct FanSaid {
  std::string group{};
  std::string household{};
  std::string address{};
};

struct FanRequest {
  HttpMethod method = HttpMethod::get;
  std::string target;
  std::string headers;  ///< Whole lines.
  std::string body;
};

/// Fills `request` with the fan's request; its memory is used again.
/// @param said  Not said in the demo's own way of signing in.
void write_sign_in(FanRequest& request, const CrowdAccess& access, std::string_view name,
                   const FanSaid& said = {});
void write_look(FanRequest& request, std::string_view drop_id);
void write_order(FanRequest& request, std::string_view drop_id, std::string_view token,
                 std::string_view key, std::int32_t quantity, std::string_view code = {});
void write_cancel(FanRequest& request, std::string_view order_id, std::string_view token,
                  std::string_view key);
void write_reserve(FanRequest& request, std::string_view drop_id, std::string_view token,
                   std::string_view key);
void write_withdraw(FanRequest& request, std::string_view drop_id, std::string_view token,
                    std::string_view key);
/// Takes a place in the waiting room of a wave.
void write_join(FanRequest& request, std::string_view drop_id, std::int32_t wave,
                std::string_view token);
/// Whoever has its token may ask for a place, which is its heartbeat, and give it up.
void write_ask_place(FanRequest& request, std::string_view place_token);
void write_leave_place(FanRequest& request, std::string_view place_token);
void write_enter(FanRequest& request, std::string_view draw_id, std::string_view token);
void write_leave_draw(FanRequest& request, std::string_view draw_id, std::string_view token);
void write_join_waitlist(FanRequest& request, std::string_view drop_id, std::string_view token);
void write_leave_waitlist(FanRequest& request, std::string_view drop_id, std::string_view token);
/// @param token  Empty: as somebody who has not signed in.
void write_read(FanRequest& request, std::string_view target, std::string_view token);

/// @param payment_id  The provider's; a demo server makes one itself and ignores this.
/// @param now         Server time: the signature is only good around it.
void write_payment(FanRequest& request, const CrowdAccess& access, const OrderView& order,
                   std::string_view token, std::string_view payment_id, Timestamp now);

/// The same of a reservation's deposit; without a secret it is paid as its fan, in the demo's way.
void write_deposit(FanRequest& request, const CrowdAccess& access,
                   const ReservationView& reservation, std::string_view token,
                   std::string_view payment_id, Timestamp now);

/// "v1=" and the hexadecimal HMAC-SHA-256 of "<timestamp>.<body>" under the secret: the value of
/// Firebrand-Signature.
[[nodiscard]] std::string payment_signature(std::string_view secret, std::int64_t unix_seconds,
                                            std::string_view body);

}  // namespace firebrand
