#include "edge/crowd/waitlist_check.hpp"

#include <gtest/gtest.h>

#include <map>

namespace firebrand {
namespace {

using std::chrono::seconds;

/// Three fans in a waitlist: the first was served, the second gave up, the third waits.
class WaitlistCheckTest : public ::testing::Test {
 protected:
  WaitlistCheckTest() {
    findings.person_ids = person_ids;
    findings.drop_id = "drop_1";
    findings.is_complete = true;
    findings.started_at = from_unix_ms(1'000'000'000);
    findings.listings_read_from = findings.started_at + seconds{50};
    findings.orders_read_at = findings.drop_read_at = findings.started_at + seconds{60};
    DropStatusView& drop = findings.drop.emplace();
    drop.drop_id = "drop_1";
    drop.state = "open";
    drop.waitlist = WaitlistView{.is_open = true,
                                 .ends_at = findings.started_at + seconds{3'600},
                                 .waiting = 1,
                                 .served = 1};
    for (std::uint32_t fan = 0; fan < 3; ++fan) {
      claim(CrowdClaimKind::waitlisted, fan);
      findings.listings[fan] = {FoundOrder::Kind::found,
                                {.place = fan + 1, .state = WaitlistStateView::waiting}};
    }
    claim(CrowdClaimKind::waitlist_served, 0, "ord_1");
    serve(0, "ord_1");
    claim(CrowdClaimKind::leave_waitlist_asked, 1);
    claim(CrowdClaimKind::waitlist_left, 1);
    now(1).state = WaitlistStateView::left;
  }

  void claim(CrowdClaimKind kind, std::uint32_t fan, const std::string& note = {}) {
    claims.push_back({.kind = kind, .fan = fan, .id = std::to_string(fan + 1), .note = note});
  }
  WaitlistPlaceView& now(std::uint32_t fan) { return findings.listings[fan].place; }
  void serve(std::uint32_t fan, const std::string& order_id) {
    now(fan).state = WaitlistStateView::served;
    now(fan).order_id = order_id;
    FoundOrder& found = findings.orders[order_id];
    found.kind = FoundOrder::Kind::found;
    found.order.order_id = order_id;
    found.order.person_id = person_ids[fan];
    found.order.created_at = findings.started_at + seconds{10};
  }
  void expect_violated(const std::map<CrowdCheck, std::uint64_t>& want) {
    findings.claims = claims;
    findings.journal = journal;
    CrowdCheckResult result;
    check_waitlist(findings, result);
    EXPECT_EQ(result.waitlist_places_checked, 3U);
    for (std::size_t i = 0; i < kCrowdChecks; ++i) {
      const auto check = static_cast<CrowdCheck>(i);
      const auto at = want.find(check);
      EXPECT_EQ(result.counts[i], at == want.end() ? 0 : at->second) << crowd_check_name(check);
    }
  }

  std::vector<std::string> person_ids = {"per_1", "per_2", "per_3"};
  std::vector<JournalEntry> journal;
  std::vector<ClaimEntry> claims;
  CrowdFindings findings;
};

TEST_F(WaitlistCheckTest, AGoodListPasses) { expect_violated({}); }

TEST_F(WaitlistCheckTest, APlaceIsKept) {
  findings.listings[2].kind = FoundOrder::Kind::not_found;
  expect_violated({{CrowdCheck::waitlist_lost, 1}});
  findings.drop->waitlist->is_open = false;
  expect_violated({});
  findings.listings[2].kind = FoundOrder::Kind::unreadable;
  expect_violated({{CrowdCheck::unreadable, 1}});
  findings.listings[2].kind = FoundOrder::Kind::found;
  now(2).place = 9;
  expect_violated({{CrowdCheck::waitlist_lost, 1}});
  now(2).place = 3;
  claims.push_back({.kind = CrowdClaimKind::waitlisted_again, .fan = 2, .id = "4"});
  expect_violated({{CrowdCheck::waitlist_lost, 1}});
}

TEST_F(WaitlistCheckTest, APlaceEndsForAReason) {
  now(2).state = WaitlistStateView::left;
  expect_violated({{CrowdCheck::waitlist_state, 1}});
  now(2).state = WaitlistStateView::passed_over;
  expect_violated({{CrowdCheck::waitlist_state, 1}});
  journal.push_back({.kind = JournalKind::ordered, .fan = 2, .order = {}, .note = {}});
  expect_violated({});
  now(1).state = WaitlistStateView::waiting;
  expect_violated({{CrowdCheck::waitlist_state, 1}});
}

TEST_F(WaitlistCheckTest, WhoWasServedHasTheOrder) {
  findings.orders["ord_1"].order.person_id = "per_2";
  expect_violated({{CrowdCheck::waitlist_state, 1}});
  findings.orders["ord_1"].order.person_id = "per_1";
  now(0).order_id = "ord_2";
  expect_violated({{CrowdCheck::waitlist_state, 1}});
  now(0).order_id = "ord_1";
  findings.drop->waitlist->served = 0;
  expect_violated({{CrowdCheck::waitlist_state, 1}});
}

TEST_F(WaitlistCheckTest, NobodyIsServedBeforeOneInFront) {
  now(2).place = 3;
  claims.clear();
  for (std::uint32_t fan = 0; fan < 3; ++fan) { claim(CrowdClaimKind::waitlisted, fan); }
  claim(CrowdClaimKind::leave_waitlist_asked, 1);
  serve(2, "ord_3");
  findings.drop->waitlist->served = 2;
  now(1).state = WaitlistStateView::waiting;
  expect_violated({{CrowdCheck::waitlist_order, 1}});
  // Served while the places were read: who is read first may still have waited.
  findings.orders["ord_3"].order.created_at = findings.listings_read_from;
  expect_violated({});
}

}  // namespace
}  // namespace firebrand
