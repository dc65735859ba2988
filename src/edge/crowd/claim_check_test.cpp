#include "edge/crowd/claim_check.hpp"

#include <gtest/gtest.h>

#include <map>

namespace firebrand {
namespace {

using std::chrono::seconds;

/// Two fans who did everything right in a drop for those who reserved: tests spoil one thing each.
class ClaimCheckTest : public ::testing::Test {
 protected:
  ClaimCheckTest() {
    findings.person_ids = person_ids;
    findings.drop_id = "drop_1";
    findings.started_at = from_unix_ms(1'000'000'000);
    findings.orders_read_at = findings.drop_read_at = findings.started_at + seconds{60};
    DropStatusView& drop = findings.drop.emplace();
    drop.drop_id = "drop_1";
    drop.state = "open";
    drop.currency = "CNY";
    drop.price_minor = 100;
    drop.waves.push_back({.wave = 1,
                          .audience = AudienceView::reservation_holders,
                          .decision = DecisionView::first_come,
                          .units = 10});
    drop.waves.push_back({.wave = 2,
                          .audience = AudienceView::code_holders,
                          .decision = DecisionView::first_come,
                          .units = 10});
    drop.reserving = ReservingView{
        .balance_due_at = findings.started_at + seconds{3'600}, .cap = 5, .deposit_minor = 30};
    reserved(0, "rsv_1", ReservationStateView::used);
    claim(CrowdClaimKind::deposit_asked, 0, "rsv_1");
    claim(CrowdClaimKind::deposit_paid, 0, "rsv_1");
    ordered(0, "ord_1", 1, 70);
    journal.push_back({.kind = JournalKind::pay_asked, .fan = 0, .order = {}, .note = {}});
    reserved(1, "rsv_2", ReservationStateView::pending_deposit);
  }

  void claim(CrowdClaimKind kind, std::uint32_t fan, const std::string& id) {
    claims.push_back({.kind = kind,
                      .fan = fan,
                      .at = seconds{1},
                      .id = id,
                      .amount_minor = 30,
                      .until = findings.started_at + seconds{900}});
  }

  /// Acknowledged, and found in that state.
  void reserved(std::uint32_t fan, const std::string& id, ReservationStateView state) {
    claim(CrowdClaimKind::reserved, fan, id);
    FoundReservation& found = findings.reservations[fan];
    found.kind = FoundOrder::Kind::found;
    found.reservation.reservation_id = id;
    found.reservation.deposit_minor = 30;
    found.reservation.state = state;
    ++findings.drop->reserving->counts[static_cast<std::size_t>(state)];
  }

  void ordered(std::uint32_t fan, const std::string& id, std::int32_t wave, std::int64_t total,
               std::int32_t code = kNoCode) {
    OrderView order;
    order.order_id = id;
    order.currency = "CNY";
    order.created_at = findings.started_at + seconds{2};
    order.total_minor = total;
    order.quantity = 1;
    order.wave = wave;
    journal.push_back({.kind = JournalKind::ordered,
                       .fan = fan,
                       .quantity = 1,
                       .code = code,
                       .order = order,
                       .note = {}});
  }

  /// The other fan's reservation is found in another state.
  void stands(ReservationStateView state) {
    auto& counts = findings.drop->reserving->counts;
    ReservationStateView& now = findings.reservations[1].reservation.state;
    --counts[static_cast<std::size_t>(now)];
    now = state;
    ++counts[static_cast<std::size_t>(now)];
  }

  void expect_violated(const std::map<CrowdCheck, std::uint64_t>& want) {
    findings.journal = journal;
    findings.claims = claims;
    CrowdCheckResult result;
    check_claims(findings, result);
    for (std::size_t i = 0; i < kCrowdChecks; ++i) {
      const auto check = static_cast<CrowdCheck>(i);
      const auto at = want.find(check);
      EXPECT_EQ(result.counts[i], at == want.end() ? 0 : at->second) << crowd_check_name(check);
    }
  }

  std::vector<std::string> person_ids = {"per_1", "per_2"};
  std::vector<JournalEntry> journal;
  std::vector<ClaimEntry> claims;
  CrowdFindings findings;
};

TEST_F(ClaimCheckTest, AGoodLaunchPasses) { expect_violated({}); }

TEST_F(ClaimCheckTest, ALostReservationIsFound) {
  findings.reservations[0].kind = FoundOrder::Kind::not_found;
  expect_violated({{CrowdCheck::reservation_lost, 1}});
  findings.reservations[0].kind = FoundOrder::Kind::unreadable;
  expect_violated({{CrowdCheck::unreadable, 1}});
}

TEST_F(ClaimCheckTest, AnotherReservationInItsPlaceIsFound) {
  claim(CrowdClaimKind::reserved_again, 1, "rsv_3");
  expect_violated({{CrowdCheck::reservation_lost, 1}});
}

TEST_F(ClaimCheckTest, ADepositMustCount) {
  claim(CrowdClaimKind::deposit_asked, 1, "rsv_2");
  claim(CrowdClaimKind::deposit_paid, 1, "rsv_2");
  expect_violated({{CrowdCheck::deposit_lost, 1}});
  stands(ReservationStateView::reserved);
  expect_violated({});
}

TEST_F(ClaimCheckTest, AStateMustHaveAReason) {
  stands(ReservationStateView::reserved);  // Nobody paid the deposit.
  expect_violated({{CrowdCheck::reservation_state, 1}});
  stands(ReservationStateView::withdrawn);
  expect_violated({{CrowdCheck::reservation_state, 1}});
  claim(CrowdClaimKind::withdraw_asked, 1, "rsv_2");
  expect_violated({});
  stands(ReservationStateView::lapsed);  // It is not time yet.
  expect_violated({{CrowdCheck::reservation_state, 1}});
  findings.orders_read_at += seconds{840};
  expect_violated({});
  stands(ReservationStateView::defaulted);
  expect_violated({{CrowdCheck::reservation_state, 1}});
  findings.orders_read_at += seconds{3'600};
  expect_violated({});
}

TEST_F(ClaimCheckTest, WhatWasWithdrawnStaysSo) {
  claim(CrowdClaimKind::withdraw_asked, 1, "rsv_2");
  claim(CrowdClaimKind::withdrawn, 1, "rsv_2");
  expect_violated({{CrowdCheck::reservation_state, 1}});
}

TEST_F(ClaimCheckTest, TheDropMustCountThem) {
  findings.drop->reserving->counts[static_cast<std::size_t>(ReservationStateView::used)] = 0;
  // Missing among those used, and in all.
  expect_violated({{CrowdCheck::reservations_wrong, 2}});
  findings.drop->reserving->counts[static_cast<std::size_t>(ReservationStateView::used)] = 5;
  expect_violated({{CrowdCheck::reservations_wrong, 1}});  // Six of five places.
}

TEST_F(ClaimCheckTest, AGroupsWaveIsForItsPeople) {
  findings.drop->waves[1].audience = AudienceView::everyone;
  findings.drop->waves[1].group = "club";
  ordered(1, "ord_2", 2, 100);
  expect_violated({{CrowdCheck::wrong_audience, 1}});
  std::vector<FanSaid> said(2);
  findings.said = said;
  expect_violated({{CrowdCheck::wrong_audience, 1}});
  said[1].group = "club";
  expect_violated({});
}

TEST_F(ClaimCheckTest, AWaveIsForThoseItIsFor) {
  ordered(1, "ord_2", 1, 100);  // The deposit was never paid.
  expect_violated({{CrowdCheck::wrong_audience, 1}});
  journal.pop_back();
  ordered(1, "ord_2", 2, 100, kCodeMadeUp);
  expect_violated({{CrowdCheck::wrong_audience, 1}});
  journal.back().code = kNoCode;
  expect_violated({{CrowdCheck::wrong_audience, 1}});
  journal.back().code = 0;
  expect_violated({});
}

/// The second wave is sold in turn, and the second fan has a place.
class PlaceCheckTest : public ClaimCheckTest {
 protected:
  PlaceCheckTest() {
    WaveStatusView& wave = findings.drop->waves[1];
    wave.audience = AudienceView::everyone;
    wave.decision = DecisionView::waiting_room;
    findings.room = RoomPageView{.wave = 2,
                                 .opens_at = findings.started_at,
                                 .ends_at = findings.started_at + seconds{600},
                                 .joined = 1};
    findings.is_complete = true;
    claim(CrowdClaimKind::joined, 1, "1");
    FoundPlace& found = findings.places[1];
    found.kind = FoundOrder::Kind::found;
    found.place.place = 1;
    found.place.state = PlaceStateView::waiting;
  }
  void place_is(PlaceStateView state) { findings.places[1].place.state = state; }
};

TEST_F(PlaceCheckTest, APlaceIsKept) {
  expect_violated({});
  findings.places[1].place.place = 2;
  expect_violated({{CrowdCheck::place_lost, 1}});
  findings.places[1].kind = FoundOrder::Kind::not_found;
  expect_violated({{CrowdCheck::place_lost, 1}});
}

TEST_F(PlaceCheckTest, APlaceEndsForAReason) {
  place_is(PlaceStateView::left);
  expect_violated({{CrowdCheck::place_state, 1}});
  findings.room->is_closed = true;
  expect_violated({});
  findings.room->is_closed = false;
  claim(CrowdClaimKind::leave_room_asked, 1, "1");
  expect_violated({});
  claim(CrowdClaimKind::left_room, 1, "1");
  place_is(PlaceStateView::waiting);
  expect_violated({{CrowdCheck::place_state, 1}});
}

TEST_F(PlaceCheckTest, WhoComesBackEarlyHasTheSamePlaceAndLateAnotherOne) {
  const std::size_t before = claims.size();
  const auto comes_back = [&](const char* id, seconds opens_in) {
    claims.resize(before);
    findings.room->opens_at = findings.started_at + opens_in;
    claim(CrowdClaimKind::leave_room_asked, 1, "1");
    claim(CrowdClaimKind::left_room, 1, "1");
    claims.back().at = seconds{20};
    claim(CrowdClaimKind::rejoined, 1, id);
    claims.back().at = seconds{21};
    findings.places[1].place.place = std::stoi(id);
  };
  comes_back("1", seconds{30});
  expect_violated({});
  comes_back("2", seconds{30});
  expect_violated({{CrowdCheck::place_lost, 1}});
  comes_back("2", seconds{10});
  expect_violated({});
  comes_back("1", seconds{10});
  expect_violated({{CrowdCheck::place_order, 1}});
  comes_back("1", seconds{20});
  expect_violated({});  // Nobody can say which came first.
}

TEST_F(PlaceCheckTest, OnlyWhoStaysAwayLosesAPlace) {
  place_is(PlaceStateView::lapsed);
  expect_violated({});  // Its fan may have stayed away.
  claim(CrowdClaimKind::place_over, 1, "1");
  claims.back().note = "lapsed";
  expect_violated({});
  claims.back().kept_up = true;
  expect_violated({{CrowdCheck::place_lost, 1}});
}

TEST_F(PlaceCheckTest, ALeaseLastsUntilItsTime) {
  claim(CrowdClaimKind::admitted, 1, "1");
  claims.back().until = findings.orders_read_at + seconds{1};
  place_is(PlaceStateView::expired);
  expect_violated({{CrowdCheck::place_state, 1}});
  claims.back().until = findings.orders_read_at;
  expect_violated({});
  place_is(PlaceStateView::lapsed);
  expect_violated({{CrowdCheck::place_state, 1}});
}

TEST_F(PlaceCheckTest, APurchaseUsesThePlaceAndNothingElseDoes) {
  place_is(PlaceStateView::used);
  expect_violated({{CrowdCheck::place_state, 1}});
  ordered(1, "ord_2", 2, 100);
  expect_violated({});
  place_is(PlaceStateView::admitted);
  expect_violated({{CrowdCheck::place_state, 1}});
  journal.pop_back();
  ordered(0, "ord_3", 2, 100);  // Has never joined.
  expect_violated({{CrowdCheck::wrong_audience, 1}});
  journal.back().order.created_at = findings.room->ends_at;  // What is left is for everybody.
  expect_violated({});
}

TEST_F(ClaimCheckTest, AnOrderCostsItsPriceLessAPaidDeposit) {
  ordered(1, "ord_2", 2, 70, 0);
  expect_violated({{CrowdCheck::price_wrong, 1}});
  journal.back().order.total_minor = 100;
  expect_violated({});
}

}  // namespace
}  // namespace firebrand
