#include "edge/crowd/draw_check.hpp"

#include <gtest/gtest.h>

#include <map>

namespace firebrand {
namespace {

/// Two fans in a draw of which the first won: tests spoil one thing each.
class DrawCheckTest : public ::testing::Test {
 protected:
  DrawCheckTest() {
    findings.person_ids = person_ids;
    findings.draw = DrawPageView{.draw_id = "draw_1", .wave = 3, .state = "completed"};
    findings.draw->entrants = 2;
    findings.record = read_draw_record(
        "firebrand-draw/1\ndraw draw_1\nunits 1\npassed cc purchase_limit\nwinner aa\n"
        "reserve dd\nentries 4\naa#1\nbb#1\ncc#1\ndd#1\n");
    entered(0, "aa", ReceiptStateView::won, "ord_9");
    entered(1, "bb", ReceiptStateView::entered);
    FoundOrder& order = findings.orders["ord_9"];
    order.kind = FoundOrder::Kind::found;
    order.order.person_id = "per_1";
    order.order.wave = 3;
  }

  void claim(CrowdClaimKind kind, std::uint32_t fan, const std::string& id) {
    claims.push_back({.kind = kind, .fan = fan, .id = id});
  }

  /// Acknowledged, and the receipt says so now.
  void entered(std::uint32_t fan, const std::string& entrant, ReceiptStateView state,
               const std::string& order_id = {}) {
    claim(CrowdClaimKind::entered, fan, entrant);
    findings.entries[fan] = {FoundOrder::Kind::found, {entrant, state, order_id}};
  }

  void expect_violated(const std::map<CrowdCheck, std::uint64_t>& want) {
    findings.claims = claims;
    CrowdCheckResult result;
    check_draw(findings, result);
    for (std::size_t i = 0; i < kCrowdChecks; ++i) {
      const auto check = static_cast<CrowdCheck>(i);
      const auto at = want.find(check);
      EXPECT_EQ(result.counts[i], at == want.end() ? 0 : at->second) << crowd_check_name(check);
    }
  }

  std::vector<std::string> person_ids = {"per_1", "per_2"};
  std::vector<ClaimEntry> claims;
  CrowdFindings findings;
};

TEST_F(DrawCheckTest, AGoodDrawPasses) { expect_violated({}); }

TEST_F(DrawCheckTest, ARecordIsRead) {
  EXPECT_EQ(findings.record->entrants.size(), 4U);
  EXPECT_TRUE(findings.record->winners.contains("aa"));
  EXPECT_TRUE(findings.record->reserve.contains("dd"));
  EXPECT_TRUE(read_draw_record("<html>").entrants.empty());
}

TEST_F(DrawCheckTest, AnEntryIsInTheDrawAndInItsRecord) {
  findings.record->entrants.erase("bb");
  expect_violated({{CrowdCheck::entry_lost, 1}});
  findings.entries[1].kind = FoundOrder::Kind::not_found;
  expect_violated({{CrowdCheck::entry_lost, 1}});
  findings.entries[1].kind = FoundOrder::Kind::unreadable;
  expect_violated({{CrowdCheck::unreadable, 1}});
}

TEST_F(DrawCheckTest, OnlyItsFanTakesAnEntryBack) {
  findings.entries[1].receipt.state = ReceiptStateView::left;
  findings.record->entrants.erase("bb");
  expect_violated({{CrowdCheck::entry_lost, 1}});
  claim(CrowdClaimKind::leave_draw_asked, 1, "bb");
  expect_violated({});
  findings.record->entrants.insert("bb");
  expect_violated({{CrowdCheck::draw_wrong, 1}});
  claim(CrowdClaimKind::left_draw, 1, "bb");
  findings.entries[1].receipt.state = ReceiptStateView::entered;
  expect_violated({{CrowdCheck::draw_wrong, 1}});
}

TEST_F(DrawCheckTest, ReceiptsSayWhatTheRecordSays) {
  findings.record->winners = {"bb"};
  // The one is no winner of it, the other one is without knowing.
  expect_violated({{CrowdCheck::draw_wrong, 2}});
  findings.record->winners = {"aa"};
  findings.record->fault = "the winners are others";
  expect_violated({{CrowdCheck::draw_wrong, 1}});
  findings.record->fault.clear();
  findings.draw->entrants = 1;
  expect_violated({{CrowdCheck::draw_wrong, 1}});
}

TEST_F(DrawCheckTest, AUnitThatCameBackGoesToTheReserve) {
  findings.record->winners = {"dd"};
  findings.record->reserve = {"aa"};
  expect_violated({});
}

TEST_F(DrawCheckTest, WhoWonHasTheOrder) {
  findings.orders["ord_9"].order.wave = 1;
  expect_violated({{CrowdCheck::prize_lost, 1}});
  findings.orders["ord_9"].order.wave = 3;
  findings.orders["ord_9"].order.person_id = "per_2";
  expect_violated({{CrowdCheck::prize_lost, 1}});
  findings.orders["ord_9"].kind = FoundOrder::Kind::not_found;
  expect_violated({{CrowdCheck::prize_lost, 1}});
  findings.orders.erase("ord_9");
  expect_violated({{CrowdCheck::unreadable, 1}});
}

TEST_F(DrawCheckTest, WhatWasWonStaysSo) {
  claim(CrowdClaimKind::won, 0, "aa");
  claims.back().note = "ord_8";
  expect_violated({{CrowdCheck::prize_lost, 1}});
}

TEST_F(DrawCheckTest, WithoutARecordThereIsStillTheDraw) {
  findings.record.reset();
  expect_violated({});
  findings.draw.reset();
  expect_violated({{CrowdCheck::unreadable, 1}});
}

}  // namespace
}  // namespace firebrand
