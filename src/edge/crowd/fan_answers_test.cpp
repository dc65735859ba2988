#include "edge/crowd/fan_answers.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

constexpr std::string_view kOrder =
    R"({"order_id":"ord_123","drop_id":"drop_7","wave":2,"person_id":"per_9","quantity":3,)"
    R"("total":{"amount":599700,"currency":"CNY"},"state":"pending_payment",)"
    R"("created_at":"2026-11-21T20:00:00.250Z","expires_at":"2026-11-21T20:15:00.250Z",)"
    R"("log_position":"77","something_new":{"a":[1,2,{"b":null}]}})";

TEST(AnswerReader, ReadsAnOrder) {
  AnswerReader reader;
  const auto order = reader.order(kOrder);
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->order_id, "ord_123");
  EXPECT_EQ(order->drop_id, "drop_7");
  EXPECT_EQ(order->person_id, "per_9");
  EXPECT_EQ(order->wave, 2);
  EXPECT_EQ(order->quantity, 3);
  EXPECT_EQ(order->total_minor, 599'700);
  EXPECT_EQ(order->currency, "CNY");
  EXPECT_EQ(order->state, OrderStateView::pending_payment);
  EXPECT_EQ(order->expires_at - order->created_at, std::chrono::minutes{15});
  EXPECT_EQ(order_state_name(order->state), "pending_payment");
}

TEST(AnswerReader, MembersMayComeInAnyOrder) {
  AnswerReader reader;
  const auto order = reader.order(
      R"({"expires_at":"2026-11-21T20:15:00Z","state":"expired","created_at":"2026-11-21T20:00:00Z",)"
      R"("total":{"currency":"JPY","amount":5},"quantity":1,"person_id":"p","wave":1,)"
      R"("drop_id":"d","order_id":"o"})");
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->currency, "JPY");
  EXPECT_EQ(order->state, OrderStateView::expired);
}

// Every cut of a good order, and some whose members have the wrong form.
TEST(AnswerReader, WhatIsNoOrderIsNothing) {
  AnswerReader reader;
  for (std::size_t size = 0; size < kOrder.size(); ++size) {
    EXPECT_FALSE(reader.order(kOrder.substr(0, size)).has_value()) << size;
  }
  const auto with = [](std::string_view from, std::string_view to) {
    std::string text(kOrder);
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  EXPECT_TRUE(reader.order(with("\"wave\":2", "\"wave\":3")).has_value());
  EXPECT_FALSE(reader.order(with("\"wave\":2", "\"wave\":\"2\"")).has_value());
  EXPECT_FALSE(reader.order(with("\"quantity\":3", "\"quantity\":3000000000")).has_value());
  EXPECT_FALSE(reader.order(with("599700", "599700.5")).has_value());
  EXPECT_FALSE(reader.order(with("2026-11-21", "2026-11-31")).has_value());
  EXPECT_FALSE(reader.order(with("\"ord_123\"", "\"\"")).has_value());
  EXPECT_FALSE(reader.order(with("\"ord_123\"", "null")).has_value());
  EXPECT_EQ(reader.order(with("pending_payment", "returned"))->state, OrderStateView::other);
}

TEST(AnswerReader, ReadsADropWithItsUnits) {
  AnswerReader reader;
  const auto drop = reader.drop(
      R"({"drop_id":"drop_1","launch_id":"launch_1","launch_name":{"zh":"首发","en":"First"},)"
      R"("prices":[{"amount":199900,"currency":"CNY"}],"state":"open",)"
      R"("opens_at":"2026-11-21T20:00:00.000Z","per_person_limit":2,"payment_window_seconds":900,)"
      R"("units":{"total":100,"unreleased":40,"available":30,"held":20,"sold":8,"withdrawn":1,"returned":1},)"
      R"("waves":[{"wave":1,"opens_at":"2026-11-21T20:00:00.000Z","units":60,)"
      R"("audience":"everyone","decision":"first_come","available":30}],"log_position":"123"})");
  ASSERT_TRUE(drop.has_value());
  EXPECT_EQ(drop->drop_id, "drop_1");
  EXPECT_EQ(drop->state, "open");
  EXPECT_EQ(drop->per_person_limit, 2U);
  EXPECT_EQ(drop->units, (UnitsView{.total = 100,
                                    .unreleased = 40,
                                    .available = 30,
                                    .held = 20,
                                    .sold = 8,
                                    .withdrawn = 1,
                                    .returned = 1}));
  EXPECT_FALSE(reader.drop(R"({"drop_id":"drop_1"})").has_value());
}

TEST(AnswerReader, ReadsWavesPriceAndReservationsOfADrop) {
  AnswerReader reader;
  const auto drop = reader.drop(
      R"({"drop_id":"drop_1","prices":[{"amount":29900,"currency":"USD"},)"
      R"({"amount":199900,"currency":"CNY"}],"currency":"CNY","state":"open",)"
      R"("opens_at":"2026-11-21T20:00:00.000Z","per_person_limit":2,"payment_window_seconds":900,)"
      R"("units":{"total":100,"unreleased":40,"available":30,"held":20,"sold":9,"withdrawn":1,"returned":0},)"
      R"("waves":[{"wave":1,"opens_at":"2026-11-21T20:00:00.000Z","units":60,)"
      R"("release":"automatic","audience":"reservation_holders","decision":"first_come",)"
      R"("state":"released","available":30},{"wave":2,"opens_at":"2026-11-21T20:05:00.000Z",)"
      R"("units":40,"release":"manual","audience":"everyone","decision":"draw",)"
      R"("state":"scheduled","available":0}],"reservations":{)"
      R"("opens_at":"2026-11-20T20:00:00.000Z","closes_at":"2026-11-21T19:00:00.000Z",)"
      R"("balance_due_at":"2026-11-22T20:00:00.000Z","cap":50,"deposit_kind":"refundable",)"
      R"("deposit":{"amount":30000,"currency":"CNY"},"taken":7,"counts":{"pending_deposit":1,)"
      R"("reserved":2,"ordered":3,"used":1,"withdrawn":5,"lapsed":6,"defaulted":7,"returned":8}},)"
      R"("log_position":"123"})");
  ASSERT_TRUE(drop.has_value());
  EXPECT_EQ(drop->price_minor, 199'900);
  ASSERT_EQ(drop->waves.size(), 2U);
  EXPECT_EQ(drop->wave(1)->audience, AudienceView::reservation_holders);
  EXPECT_EQ(drop->wave(2)->decision, DecisionView::draw);
  EXPECT_EQ(drop->wave(2)->units, 40);
  EXPECT_EQ(drop->wave(3), nullptr);
  ASSERT_TRUE(drop->reserving.has_value());
  EXPECT_EQ(drop->reserving->cap, 50);
  EXPECT_EQ(drop->reserving->deposit_minor, 30'000);
  EXPECT_EQ(drop->reserving->counts,
            (std::array<std::int64_t, kReservationStateViews>{1, 2, 3, 1, 5, 6, 7, 8}));
}

TEST(AnswerReader, ReadsAReservationAndADeposit) {
  AnswerReader reader;
  const auto mine = reader.reservation(
      R"({"reservation_id":"rsv_7","drop_id":"drop_1","state":"pending_deposit",)"
      R"("deposit":{"amount":30000,"currency":"CNY"},"deposit_due_at":"2026-11-20T12:15:00Z"})");
  ASSERT_TRUE(mine.has_value());
  EXPECT_EQ(mine->reservation_id, "rsv_7");
  EXPECT_EQ(mine->deposit_minor, 30'000);
  EXPECT_EQ(mine->state, ReservationStateView::pending_deposit);
  EXPECT_EQ(reservation_state_name(mine->state), "pending_deposit");
  EXPECT_FALSE(reader.reservation(R"({"reservation_id":"rsv_7"})").has_value());
  EXPECT_EQ(reader.deposit(R"({"reservation_id":"rsv_7","payment_id":"d","outcome":"reserved"})")
                ->outcome,
            "reserved");
}

TEST(AnswerReader, ReadsPlacesAndTheirRoom) {
  AnswerReader reader;
  const auto ticket =
      reader.place_ticket(R"({"place_token":"fbq_x","drop_id":"drop_1","wave":2,"place":7})");
  ASSERT_TRUE(ticket.has_value());
  EXPECT_EQ(ticket->place_token, "fbq_x");
  EXPECT_EQ(ticket->place, 7);
  const auto place = reader.place(
      R"({"drop_id":"drop_1","wave":2,"place":7,"state":"admitted","order":"revealed","ahead":0,)"
      R"("waiting":3,"expected_wait_ms":0,"wait_low_ms":0,"wait_high_ms":0,"ask_again_ms":1500,)"
      R"("opens_at":"2026-11-21T20:00:00.000Z","until":"2026-11-21T20:05:00.000Z","pass":"p"})");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->state, PlaceStateView::admitted);
  EXPECT_EQ(place_state_name(place->state), "admitted");
  EXPECT_EQ(place->ask_again, Millis{1'500});
  const auto room = reader.room(
      R"({"drop_id":"drop_1","wave":2,"phase":"open","joins_from":"2026-11-21T19:30:00.000Z",)"
      R"("opens_at":"2026-11-21T20:00:00.000Z","ends_at":"2026-11-22T20:00:00.000Z",)"
      R"("commitment":"6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2",)"
      R"("order":"revealed",)"
      R"("secret":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",)"
      R"("joined":81230,"early":52000,)"
      R"("waiting":61230,"measured_per_minute":0,"log_position":"480123"})");
  ASSERT_TRUE(room.has_value());
  EXPECT_EQ(room->wave, 2);
  EXPECT_EQ(room->joined, 81'230);
  EXPECT_EQ(room->early, 52'000U);
  EXPECT_EQ(room->order, "revealed");
  EXPECT_EQ(room->secret.data[31], 31);
  EXPECT_EQ(room->commitment.data[0], 0x63);
  EXPECT_FALSE(room->is_over(room->opens_at));
  EXPECT_TRUE(room->is_over(room->ends_at));
}

TEST(AnswerReader, ReadsReceiptsAndDraws) {
  AnswerReader reader;
  const auto receipt = reader.receipt(
      R"({"draw_id":"draw_1","entrant":"5f2b","state":"entered","tickets":1,"place":0,)"
      R"("order_id":null,"reason":"automated","exclusion_hash":"bb8e"})");
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->entrant, "5f2b");
  EXPECT_EQ(receipt->state, ReceiptStateView::entered);
  EXPECT_EQ(receipt_state_name(receipt->state), "entered");
  EXPECT_EQ(receipt->order_id, "");
  EXPECT_EQ(reader.receipt(R"({"entrant":"5f2b","state":"won","order_id":"ord_7"})")->order_id,
            "ord_7");
  constexpr std::string_view kDraw =
      R"({"draw_id":"draw_1","drop_id":"drop_1","wave":3,"state":"open","units":1000,)"
      R"("entrants":48210,"entries":50112,"excluded":12,"closes_at":"2026-11-21T19:00:00.000Z",)"
      R"("reveal_due_at":"2026-11-21T19:30:00.000Z","beacon_at":"2026-11-21T19:31:00.000Z",)"
      R"("beacon_source":"drand-quicknet","beacon_round":14300000})";
  const auto draw = reader.draw(kDraw);
  ASSERT_TRUE(draw.has_value());
  EXPECT_EQ(draw->wave, 3);
  EXPECT_EQ(draw->state, "open");
  EXPECT_EQ(draw->entrants, 48'210);
  const std::string list = "{\"data\":[" + std::string(kDraw) + "],\"has_more\":false}";
  EXPECT_EQ(reader.draws(list).size(), 1U);
  EXPECT_TRUE(reader.draws("{\"data\":[]}").empty());
}

TEST(AnswerReader, ReadsTheSmallAnswers) {
  AnswerReader reader;
  EXPECT_EQ(reader.session(R"({"token":"fbs_x","person_id":"per_1"})")->token, "fbs_x");
  EXPECT_EQ(
      reader.payment(R"({"order_id":"ord_1","payment_id":"p1","outcome":"refund_due"})")->outcome,
      "refund_due");
  EXPECT_EQ(to_unix_ms(*reader.server_time(R"({"server_time":"1970-01-01T00:00:01.500Z"})")),
            1'500);
  EXPECT_EQ(reader.drop_id(R"({"demo":true,"drop_id":"drop_1"})"), "drop_1");
  EXPECT_FALSE(reader.drop_id("[]").has_value());
  EXPECT_FALSE(reader.server_time("").has_value());
}

TEST(AnswerReader, TheNewestDropOpensLast) {
  AnswerReader reader;
  EXPECT_EQ(reader.newest_drop_id(R"({"data":[{"drop_id":"a","opens_at":"2026-01-01T00:00:00Z"},)"
                                  R"({"drop_id":"b","opens_at":"2026-03-01T00:00:00Z"},)"
                                  R"({"drop_id":"c","opens_at":"2026-02-01T00:00:00Z"}]})"),
            "b");
  EXPECT_FALSE(reader.newest_drop_id(R"({"data":[]})").has_value());
  EXPECT_FALSE(reader.newest_drop_id(R"({"data":7})").has_value());
}

TEST(AnswerReader, AProblemMaySayWhenTheDropOpens) {
  AnswerReader reader;
  const auto not_open =
      reader.problem(R"({"type":"/problems/not_open","title":"x","status":409,"code":"not_open",)"
                     R"("opens_at":"1970-01-01T00:00:02Z","server_time":"1970-01-01T00:00:01Z"})");
  ASSERT_TRUE(not_open.has_value());
  EXPECT_EQ(not_open->code, "not_open");
  EXPECT_EQ(*not_open->opens_at - *not_open->server_time, Millis{1'000});
  const auto sold_out = reader.problem(R"({"code":"sold_out"})");
  EXPECT_EQ(sold_out->code, "sold_out");
  EXPECT_FALSE(sold_out->opens_at.has_value());
  EXPECT_FALSE(reader.problem("<html>").has_value());
}

}  // namespace
}  // namespace firebrand
