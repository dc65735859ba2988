#include "edge/crowd/crowd_check.hpp"

#include <gtest/gtest.h>

#include <map>

namespace firebrand {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// A crowd of three and a server that did everything right: the tests then spoil one thing each.
class CrowdCheckTest : public ::testing::Test {
 protected:
  CrowdCheckTest() {
    findings.person_ids = person_ids;
    findings.drop_id = "drop_1";
    findings.started_at = from_unix_ms(1'000'000'000);
    findings.orders_read_at = findings.started_at + seconds{60};
    findings.drop_read_at = findings.started_at + seconds{61};
    findings.drop = DropStatusView{
        .drop_id = "drop_1",
        .state = "open",
        .opens_at = findings.started_at,
        .per_person_limit = 2,
        .units = {.total = 10, .unreleased = 4, .available = 3, .held = 1, .sold = 2}};
  }

  OrderView order_of(std::uint32_t fan, const std::string& id, std::int32_t quantity = 1) {
    OrderView order;
    order.order_id = id;
    order.drop_id = "drop_1";
    order.person_id = person_ids[fan];
    order.currency = "CNY";
    order.total_minor = 100 * quantity;
    order.quantity = quantity;
    order.wave = 1;
    order.state = OrderStateView::pending_payment;
    order.created_at = findings.started_at + seconds{1};
    order.expires_at = order.created_at + std::chrono::minutes{15};
    return order;
  }

  /// Acknowledged a second after `at`, and found in that state.
  void ordered(std::uint32_t fan, const std::string& id, OrderStateView state,
               std::int32_t quantity = 1, std::uint8_t key = 0, seconds at = seconds{1}) {
    OrderView order = order_of(fan, id, quantity);
    note(JournalKind::ordered, order, fan, key, at);
    order.state = state;
    findings.orders[id] = {FoundOrder::Kind::found, order};
  }

  void note(JournalKind kind, const OrderView& order, std::uint32_t fan = 0, std::uint8_t key = 0,
            seconds at = seconds{5}) {
    journal.push_back({.kind = kind,
                       .key = key,
                       .fan = fan,
                       .quantity = order.quantity,
                       .at = at,
                       .order = order,
                       .note = {}});
  }

  void paid(const std::string& id) {
    note(JournalKind::pay_asked, findings.orders[id].order);
    note(JournalKind::paid, findings.orders[id].order);
  }

  void cancelled(const std::string& id, seconds at) {
    note(JournalKind::cancel_asked, findings.orders[id].order, 0, 0, at);
    note(JournalKind::cancelled, findings.orders[id].order, 0, 0, at);
  }

  /// Two paid, one pending, one cancelled: 3 units of 6 released ones.
  void good_sale() {
    ordered(0, "ord_1", OrderStateView::paid);
    paid("ord_1");
    ordered(1, "ord_2", OrderStateView::paid);
    paid("ord_2");
    ordered(2, "ord_3", OrderStateView::pending_payment);
    ordered(2, "ord_4", OrderStateView::cancelled, 1, 1);
    cancelled("ord_4", seconds{3});
  }

  CrowdCheckResult check() {
    findings.journal = journal;
    return check_crowd(findings);
  }

  /// Exactly these checks are violated, once each unless said.
  void expect_violated(const std::map<CrowdCheck, std::uint64_t>& want) {
    const CrowdCheckResult result = check();
    for (std::size_t i = 0; i < kCrowdChecks; ++i) {
      const auto check = static_cast<CrowdCheck>(i);
      const auto at = want.find(check);
      EXPECT_EQ(result.counts[i], at == want.end() ? 0 : at->second) << crowd_check_name(check);
    }
    EXPECT_EQ(result.passed(), want.empty());
  }

  std::vector<std::string> person_ids = {"per_1", "per_2", "per_3"};
  std::vector<JournalEntry> journal;
  CrowdFindings findings;
};

TEST_F(CrowdCheckTest, AGoodSalePasses) {
  good_sale();
  note(JournalKind::repeated, order_of(0, "ord_1"));
  note(JournalKind::refund_due, order_of(2, "ord_4"));
  expect_violated({});
  const CrowdCheckResult result = check();
  EXPECT_EQ(result.orders_checked, 4U);
  EXPECT_EQ(result.units_paid, 2);
  EXPECT_EQ(result.units_pending, 1);
  EXPECT_EQ(result.units_peak, 4);
  EXPECT_EQ(result.units_of_others, 0);
}

TEST_F(CrowdCheckTest, AHouseholdAndAnAddressHaveLimitsToo) {
  good_sale();
  const std::vector<FanSaid> said = {{.household = "a", .address = "x"},
                                     {.household = "b", .address = "x"},
                                     {.household = "a", .address = "x"}};
  findings.said = said;
  expect_violated({});
  // The third has had two at one time, one of them cancelled since.
  findings.drop->per_household_limit = 3;
  findings.drop->per_address_limit = 4;
  expect_violated({});
  findings.drop->per_household_limit = 2;
  expect_violated({{CrowdCheck::limit_exceeded, 1}});
  findings.drop->per_address_limit = 3;
  expect_violated({{CrowdCheck::limit_exceeded, 2}});
  findings.said = {};
  expect_violated({});
}

TEST_F(CrowdCheckTest, OtherBuyersAreCountedAndNoFault) {
  good_sale();
  findings.drop->units.available = 1;
  findings.drop->units.held = 3;
  expect_violated({});
  EXPECT_EQ(check().units_of_others, 2);
}

TEST_F(CrowdCheckTest, ALostOrderIsNamed) {
  good_sale();
  findings.orders["ord_3"].kind = FoundOrder::Kind::not_found;
  expect_violated({{CrowdCheck::order_lost, 1}});
  EXPECT_EQ(check().violations.at(0).order_id, "ord_3");
}

TEST_F(CrowdCheckTest, AnOrderThatCouldNotBeReadLeavesTheCheckOpen) {
  good_sale();
  findings.orders["ord_3"].kind = FoundOrder::Kind::unreadable;
  findings.orders.erase("ord_4");
  expect_violated({{CrowdCheck::unreadable, 2}});
}

TEST_F(CrowdCheckTest, ADropThatCouldNotBeReadLeavesTheCheckOpen) {
  good_sale();
  findings.drop.reset();
  expect_violated({{CrowdCheck::unreadable, 1}});
}

TEST_F(CrowdCheckTest, EveryFieldOfAnOrderMustStay) {
  good_sale();
  const OrderView good = findings.orders["ord_3"].order;
  const auto expect_changed = [&](auto change) {
    OrderView& order = findings.orders["ord_3"].order;
    order = good;
    change(order);
    expect_violated({{CrowdCheck::order_changed, 1}});
  };
  expect_changed([](OrderView& order) { order.person_id = "per_1"; });
  expect_changed([](OrderView& order) { order.drop_id = "drop_2"; });
  expect_changed([](OrderView& order) { order.total_minor += 1; });
  expect_changed([](OrderView& order) { order.currency = "USD"; });
  expect_changed([](OrderView& order) { order.wave = 2; });
  expect_changed([](OrderView& order) { order.created_at += Millis{1}; });
  expect_changed([](OrderView& order) { order.expires_at += Millis{1}; });
}

TEST_F(CrowdCheckTest, ARepeatMustGiveTheSameContent) {
  good_sale();
  OrderView changed = order_of(0, "ord_1");
  changed.expires_at += Millis{1};
  note(JournalKind::repeated, changed);
  expect_violated({{CrowdCheck::order_changed, 1}});
}

TEST_F(CrowdCheckTest, AStateThatWasAcknowledgedStays) {
  good_sale();
  findings.orders["ord_1"].order.state = OrderStateView::pending_payment;
  findings.orders["ord_4"].order.state = OrderStateView::pending_payment;
  expect_violated({{CrowdCheck::state_lost, 2}, {CrowdCheck::sold_short, 1}});
}

TEST_F(CrowdCheckTest, AStateNobodyAskedForIsAFault) {
  good_sale();
  for (const OrderStateView state :
       {OrderStateView::paid, OrderStateView::cancelled, OrderStateView::other}) {
    findings.orders["ord_3"].order.state = state;
    findings.drop->units.sold = state == OrderStateView::paid ? 3 : 2;
    findings.drop->units.held = state == OrderStateView::paid ? 0 : 1;
    expect_violated({{CrowdCheck::state_lost, 1}});
  }
}

TEST_F(CrowdCheckTest, WhatWasAskedButNotAnsweredMayHaveHappenedOrNot) {
  good_sale();
  findings.drop->units.available = 2;
  findings.drop->units.held = 2;
  ordered(0, "ord_5", OrderStateView::paid, 1, 1);
  note(JournalKind::pay_asked, order_of(0, "ord_5"));
  ordered(1, "ord_6", OrderStateView::pending_payment, 1, 1);
  note(JournalKind::cancel_asked, order_of(1, "ord_6"));
  findings.drop->units.available = 1;
  findings.drop->units.sold = 3;
  findings.drop->units.held = 2;
  expect_violated({});
}

TEST_F(CrowdCheckTest, AnOrderExpiresAtItsTimeAndNotBefore) {
  good_sale();
  findings.orders["ord_3"].order.state = OrderStateView::expired;
  expect_violated({{CrowdCheck::state_lost, 1}});
  findings.orders_read_at = findings.orders["ord_3"].order.expires_at;
  expect_violated({});
}

TEST_F(CrowdCheckTest, WhatWasAskedForIsWhatIsGot) {
  good_sale();
  journal[0].quantity = 2;
  expect_violated({{CrowdCheck::not_as_asked, 1}});
  journal[0].quantity = 1;
  journal[0].order.person_id = findings.orders["ord_1"].order.person_id = "per_2";
  expect_violated({{CrowdCheck::not_as_asked, 1}});
}

TEST_F(CrowdCheckTest, OneOrderForTwoFansIsAFault) {
  good_sale();
  note(JournalKind::ordered, order_of(0, "ord_1"), 1, 2);
  expect_violated({{CrowdCheck::order_of_two_fans, 1}});
}

TEST_F(CrowdCheckTest, OneKeyForTwoOrdersIsAFault) {
  good_sale();
  ordered(1, "ord_9", OrderStateView::pending_payment);
  journal.back().kind = JournalKind::repeated;
  findings.drop->units.available = 2;
  findings.drop->units.held = 2;
  expect_violated({{CrowdCheck::key_with_two_orders, 1}});
}

TEST_F(CrowdCheckTest, WhatTheFansSawGoWrongIsAFault) {
  good_sale();
  note(JournalKind::repeat_refused, order_of(0, "ord_1"));
  note(JournalKind::other_body_accepted, order_of(0, "ord_1"));
  expect_violated({{CrowdCheck::repeat_refused, 1}, {CrowdCheck::other_body_accepted, 1}});
}

TEST_F(CrowdCheckTest, OneUnitOverTheLimitIsAFault) {
  good_sale();
  ordered(0, "ord_5", OrderStateView::pending_payment, 1, 1);
  findings.drop->units.available = 2;
  findings.drop->units.held = 2;
  expect_violated({});  // Exactly the limit of two.
  ordered(0, "ord_6", OrderStateView::pending_payment, 1, 2);
  findings.drop->units.available = 1;
  findings.drop->units.held = 3;
  expect_violated({{CrowdCheck::limit_exceeded, 1}});
}

TEST_F(CrowdCheckTest, WhatWasCancelledBeforeIsNotOverTheLimit) {
  good_sale();
  ordered(0, "ord_5", OrderStateView::cancelled, 1, 1, seconds{2});
  cancelled("ord_5", seconds{4});
  ordered(0, "ord_6", OrderStateView::cancelled, 1, 2, seconds{6});
  cancelled("ord_6", seconds{7});
  expect_violated({});
  // Had it been cancelled a second too late, there would have been three at once.
  journal[journal.size() - 3].at = seconds{3};
  expect_violated({{CrowdCheck::limit_exceeded, 1}});
}

TEST_F(CrowdCheckTest, OneUnitTooManyIsOversold) {
  good_sale();
  findings.drop->units = {.total = 10, .unreleased = 6, .available = 1, .held = 1, .sold = 2};
  expect_violated({});  // Four at one time, four released: one was cancelled.
  findings.drop->units = {.total = 10, .unreleased = 7, .available = 0, .held = 1, .sold = 2};
  expect_violated({{CrowdCheck::oversold, 1}});
}

// The units look right at the end, but there was a moment when one of them had two owners.
TEST_F(CrowdCheckTest, OversellingForAMomentIsSeen) {
  findings.drop->units = {.total = 1, .unreleased = 0, .available = 0, .held = 0, .sold = 1};
  ordered(0, "ord_1", OrderStateView::paid, 1, 0, seconds{1});
  paid("ord_1");
  ordered(1, "ord_2", OrderStateView::cancelled, 1, 0, seconds{2});
  cancelled("ord_2", seconds{3});
  expect_violated({{CrowdCheck::oversold, 1}});
}

// An order that ran out gives its unit back at its time: a little before it, by our clock's slack,
// we do not count on it any more.
TEST_F(CrowdCheckTest, AnExpiredUnitMayBeSoldAgain) {
  findings.drop->units = {.total = 1, .unreleased = 0, .available = 0, .held = 0, .sold = 1};
  findings.orders_read_at = findings.drop_read_at = findings.started_at + seconds{2'000};
  ordered(0, "ord_1", OrderStateView::expired, 1, 0, seconds{1});
  ordered(1, "ord_2", OrderStateView::paid, 1, 0, seconds{901});
  findings.orders["ord_2"].order.expires_at = journal.back().order.expires_at += seconds{900};
  paid("ord_2");
  expect_violated({});
  journal[1].at = seconds{899};
  expect_violated({{CrowdCheck::oversold, 1}});
}

// An order whose acknowledgement came after its end tells nothing, and hides nothing.
TEST_F(CrowdCheckTest, ALateAcknowledgementDoesNotHideOverselling) {
  findings.drop->units = {.total = 1, .unreleased = 0, .available = 0, .held = 0, .sold = 1};
  findings.orders_read_at = findings.drop_read_at = findings.started_at + seconds{2'000};
  ordered(0, "ord_1", OrderStateView::expired, 1, 0, seconds{1'500});
  ordered(1, "ord_2", OrderStateView::paid, 1, 0, seconds{1'000});
  paid("ord_2");
  ordered(2, "ord_3", OrderStateView::cancelled, 1, 0, seconds{1'001});
  findings.orders["ord_3"].order.expires_at = journal.back().order.expires_at += seconds{900};
  cancelled("ord_3", seconds{1'200});
  expect_violated({{CrowdCheck::oversold, 1}});
}

TEST_F(CrowdCheckTest, UnitsMustAddUp) {
  good_sale();
  findings.drop->units.available -= 1;
  expect_violated({{CrowdCheck::units_mismatch, 1}});
  findings.drop->units.available += 1;
  findings.drop->units.unreleased += 4;
  findings.drop->units.available -= 4;
  expect_violated({{CrowdCheck::units_mismatch, 1}, {CrowdCheck::oversold, 1}});
}

TEST_F(CrowdCheckTest, TheDropMustCountOurUnits) {
  good_sale();
  findings.drop->units.sold = 1;
  findings.drop->units.available = 4;
  expect_violated({{CrowdCheck::sold_short, 1}});
  findings.drop->units.sold = 2;
  findings.drop->units.held = 0;
  expect_violated({{CrowdCheck::sold_short, 1}});
  // A pending order whose time was over when the drop was read may be counted no more.
  findings.drop_read_at = findings.orders["ord_3"].order.expires_at;
  expect_violated({});
}

TEST_F(CrowdCheckTest, ManyViolationsAreCountedAndTheFirstAreNamed) {
  for (int i = 0; i < 200; ++i) {
    const std::string id = "ord_" + std::to_string(i);
    ordered(0, id, OrderStateView::cancelled, 1, 0);
    cancelled(id, seconds{1});
    findings.orders[id].kind = FoundOrder::Kind::not_found;
  }
  const CrowdCheckResult result = check();
  EXPECT_EQ(result.counts[static_cast<std::size_t>(CrowdCheck::order_lost)], 200U);
  EXPECT_EQ(result.violations.size(), kCrowdViolationsMax);
}

}  // namespace
}  // namespace firebrand
