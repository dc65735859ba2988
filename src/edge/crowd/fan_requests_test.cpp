#include "edge/crowd/fan_requests.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

TEST(FanRequests, SignInByNameOrThroughTheShop) {
  FanRequest request;
  write_sign_in(request, {}, "crowd \"x\"");
  EXPECT_EQ(request.target, "/demo/sign-in");
  EXPECT_EQ(request.headers, "Content-Type: application/json\r\n");
  EXPECT_EQ(request.body, R"({"name":"crowd \"x\""})");
  write_sign_in(request, {.api_key = "fbk_1_s", .payment_secret = {}}, "a");
  EXPECT_EQ(request.target, "/v1/fan-sessions");
  EXPECT_EQ(request.headers, "Content-Type: application/json\r\nAuthorization: Bearer fbk_1_s\r\n");
  EXPECT_EQ(request.body, R"({"person":"a"})");
  const FanSaid said{.group = "club", .household = "h", .address = "b"};
  write_sign_in(request, {.api_key = "fbk_1_s", .payment_secret = {}}, "a", said);
  EXPECT_EQ(request.body, R"({"person":"a","groups":["club"],"household":"h","address":"b"})");
  write_sign_in(request, {}, "a", said);
  EXPECT_EQ(request.body, R"({"name":"a"})") << "the demo says nothing of anybody";
}

TEST(FanRequests, AnOrderHasAFanAKeyAndAQuantity) {
  FanRequest request;
  write_order(request, "drop_7", "fbs_t", "k-1", 2);
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.target, "/v1/drops/drop_7/orders");
  EXPECT_EQ(request.headers,
            "Content-Type: application/json\r\nAuthorization: Bearer fbs_t\r\n"
            "Idempotency-Key: k-1\r\n");
  EXPECT_EQ(request.body, R"({"quantity":2})");
  write_cancel(request, "ord_3", "fbs_t", "k-2");
  EXPECT_EQ(request.target, "/v1/orders/ord_3/cancel");
  EXPECT_EQ(request.headers, "Authorization: Bearer fbs_t\r\nIdempotency-Key: k-2\r\n");
  EXPECT_EQ(request.body, "");
  write_read(request, "/v1/orders/ord_3", "fbs_t");
  EXPECT_EQ(request.method, HttpMethod::get);
  EXPECT_EQ(request.target, "/v1/orders/ord_3");
  write_look(request, "drop_7");
  EXPECT_EQ(request.target, "/v1/drops/drop_7");
  EXPECT_EQ(request.headers, "");
}

TEST(FanRequests, ACodeGoesWithAnOrder) {
  FanRequest request;
  write_order(request, "drop_7", "fbs_t", "k-1", 1, "000100-00EFX2-MK5QZV-N8T3CW");
  EXPECT_EQ(request.body, R"({"quantity":1,"code":"000100-00EFX2-MK5QZV-N8T3CW"})");
}

TEST(FanRequests, AReservationIsMadeAndGivenUp) {
  FanRequest request;
  write_reserve(request, "drop_7", "fbs_t", "k-5");
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.target, "/v1/drops/drop_7/reservations");
  EXPECT_EQ(request.headers, "Authorization: Bearer fbs_t\r\nIdempotency-Key: k-5\r\n");
  write_withdraw(request, "drop_7", "fbs_t", "k-6");
  EXPECT_EQ(request.target, "/v1/drops/drop_7/reservation/withdraw");
  EXPECT_EQ(request.headers, "Authorization: Bearer fbs_t\r\nIdempotency-Key: k-6\r\n");
}

TEST(FanRequests, APlaceIsTakenAskedForAndGivenUp) {
  FanRequest request;
  write_join(request, "drop_7", 2, "fbs_t");
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.target, "/v1/drops/drop_7/waves/2/waiting-room/places");
  EXPECT_EQ(request.headers, "Authorization: Bearer fbs_t\r\n");
  write_ask_place(request, "fbq_x");
  EXPECT_EQ(request.method, HttpMethod::get);
  EXPECT_EQ(request.target, "/v1/places/fbq_x");
  EXPECT_EQ(request.headers, "");
  write_leave_place(request, "fbq_x");
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.target, "/v1/places/fbq_x/leave");
}

TEST(FanRequests, ADrawIsEnteredAndLeft) {
  FanRequest request;
  write_enter(request, "draw_1", "fbs_t");
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.target, "/v1/draws/draw_1/entry");
  EXPECT_EQ(request.headers, "Authorization: Bearer fbs_t\r\n");
  write_leave_draw(request, "draw_1", "fbs_t");
  EXPECT_EQ(request.target, "/v1/draws/draw_1/leave");
}

TEST(FanRequests, ADepositIsSigned) {
  FanRequest request;
  ReservationView reservation;
  reservation.reservation_id = "rsv_3";
  reservation.drop_id = "drop_7";
  reservation.deposit_minor = 30'000;
  reservation.currency = "CNY";
  write_deposit(request, {}, reservation, "fbs_t", "dep_1", from_unix_ms(1'700'000'000'999));
  EXPECT_EQ(request.target, "/demo/pay-deposit");
  EXPECT_EQ(request.body, R"({"drop_id":"drop_7"})");
  write_deposit(request, {.api_key = {}, .payment_secret = "s3cret"}, reservation, "fbs_t", "dep_1",
                from_unix_ms(1'700'000'000'999));
  EXPECT_EQ(request.target, "/v1/deposits/callback");
  EXPECT_EQ(request.body, R"({"reservation_id":"rsv_3","payment_id":"dep_1",)"
                          R"("amount":{"amount":30000,"currency":"CNY"}})");
  EXPECT_NE(request.headers.find(payment_signature("s3cret", 1'700'000'000, request.body)),
            std::string::npos);
}

TEST(FanRequests, APaymentIsSigned) {
  FanRequest request;
  OrderView order;
  order.order_id = "ord_3";
  order.total_minor = 199'900;
  order.currency = "CNY";
  write_payment(request, {}, order, "fbs_t", "pay_1", from_unix_ms(1'700'000'000'999));
  EXPECT_EQ(request.target, "/demo/pay");
  EXPECT_EQ(request.body, R"({"order_id":"ord_3"})");
  write_payment(request, {.api_key = {}, .payment_secret = "s3cret"}, order, "fbs_t", "pay_1",
                from_unix_ms(1'700'000'000'999));
  EXPECT_EQ(request.target, "/v1/payments/callback");
  EXPECT_EQ(request.body, R"({"order_id":"ord_3","payment_id":"pay_1",)"
                          R"("amount":{"amount":199900,"currency":"CNY"}})");
  EXPECT_EQ(request.headers,
            "Content-Type: application/json\r\nFirebrand-Timestamp: 1700000000\r\n"
            "Firebrand-Signature: " +
                payment_signature("s3cret", 1'700'000'000, request.body) + "\r\n");
}

// Computed with: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac SECRET
TEST(FanRequests, TheSignatureIsWhatOpensslSays) {
  EXPECT_EQ(payment_signature("whsec_0123456789", 1'700'000'000, R"({"a":1})"),
            "v1=c75d84a628205406f4ed4a2276b40fda417d7ffa69dc3886db7fb9bf0cbd7cc1");
  EXPECT_EQ(payment_signature(std::string(100, 'k'), 1'700'000'000, R"({"a":1})"),
            "v1=e0b419ce90349e7bf07569fb4c3e646db7042eb8c074a060f9d00f9df36890d1");
}

}  // namespace
}  // namespace firebrand
