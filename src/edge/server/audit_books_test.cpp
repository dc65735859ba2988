#include "edge/server/audit_books.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/codec_binary.hpp"
#include "core/engine/engine_testing.hpp"
#include "core/facts.hpp"

namespace firebrand {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Currency kCny = Currency::of("CNY");
const Timestamp kOpens = from_unix_ms(1'000'000);

/// A real engine with books beside it; what the books are told may be changed on the way.
class AuditBooksTest : public testing::Test {
 protected:
  AuditBooksTest() : books_([this](const std::string& what) { problems_.push_back(what); }) {
    (void)apply(AdoptRules{kRulesVersion});
    for (const char* code : {"phone", "case"}) {
      (void)apply(AddSku{.code = code, .name = {"手机", "Phone"}, .prices = {Money{100, kCny}}});
    }
    (void)apply(ReceiveStock{{1}, 50});
    (void)apply(ReceiveStock{{2}, 50});
    (void)apply(CreateLaunch{.code = "first", .name = {"首发", "First"}});
    for (const std::uint64_t sku : {1, 2}) {
      (void)apply(CreateDrop{
          .launch_id = {1},
          .code = Code("drop-" + std::to_string(sku)),
          .sku_id = {sku},
          .currency = kCny,
          .opens_at = kOpens,
          .per_person_limit = 2,
          .payment_window_seconds = 60,
          .waves = {WavePlan{.opens_at = kOpens, .units = 10},
                    WavePlan{.opens_at = kOpens, .units = 5, .release = WaveRelease::manual}}});
    }
    now_ = kOpens;
    (void)apply(RunDue{kRunDueLimitMax});
    EXPECT_THAT(problems_, IsEmpty());
  }

  /// The status of the answer.
  template <class C>
  std::uint8_t apply(const C& command) {
    return apply_altered(command, command);
  }
  /// The engine gets one command, the books are told of another.
  template <class C>
  std::uint8_t apply_altered(const C& command, const C& told) {
    const TestCommand given = test_command(command, now_);
    const Outcome outcome = firebrand::apply(engine_, given, facts_);
    if (outcome.kind != Outcome::Kind::applied) { return outcome.status; }
    books_.take_command(kNumberOf<C>, kNewestVersion, test_command(told).bytes);
    for (const FactBuffer::Entry& fact : facts_.entries()) {
      if (left_out_ && fact.type == *left_out_) { continue; }
      books_.take_fact(fact.type, facts_.payload(fact));
    }
    books_.check(engine_.state(), engine_.take_touched_drops());
    return outcome.status;
  }
  template <class F>
  void tell(const F& fact) {
    std::vector<std::byte> bytes(encoded_size_max<F>());
    bytes.resize(encode(fact, bytes.data()));
    books_.take_fact(kNumberOf<F>, bytes);
    books_.check(engine_.state(), {});
  }
  void order(std::uint64_t drop, std::uint64_t person, std::int32_t quantity = 1) {
    EXPECT_EQ(apply(PlaceOrder{{drop}, {person}, quantity}), 0);
  }
  void pay(std::uint64_t order, std::int64_t minor) {
    const std::string id = "pay-" + std::to_string(order);
    (void)apply(ConfirmPayment{{order}, Text<kPaymentIdBytesMax>(id), Money{minor, kCny}});
  }

  Engine engine_;
  FactBuffer facts_;
  Timestamp now_ = from_unix_ms(1);
  std::optional<std::uint16_t> left_out_;
  std::vector<std::string> problems_;
  AuditBooks books_;
};

TEST_F(AuditBooksTest, AgreesWithAWholeSale) {
  order(1, 1, 2);
  order(1, 2);
  order(2, 1);
  order(2, 3);
  pay(1, 200);
  (void)apply(CancelOrder{{2}, {2}});
  (void)apply(MoveUnits{{1}, 1, 2, 3});
  (void)apply(ReleaseWave{{1}, 2});
  (void)apply(MoveUnits{{1}, 2, 1, 5});
  (void)apply(MoveUnits{{2}, 2, 1, 5});
  (void)apply(CancelDrop{{2}});
  now_ += std::chrono::minutes{2};
  (void)apply(RunDue{kRunDueLimitMax});  // The orders of the drop that is cancelled.
  pay(3, 100);                           // Too late: owed back.
  books_.check_all(engine_.state());
  EXPECT_THAT(problems_, IsEmpty());
  const AuditTotals& totals = books_.totals();
  EXPECT_EQ(totals.received, 100);
  EXPECT_EQ(totals.free, 35 + 50);
  EXPECT_EQ(totals.available, 13);
  EXPECT_EQ(totals.sold, 2);
  EXPECT_EQ(totals.held, 0);
  EXPECT_EQ(totals.ordered, 5);
  EXPECT_EQ(totals.given_back, 3);
}

// Many short histories: in a long one every drop is cancelled sooner or later.
TEST_F(AuditBooksTest, RandomCommandsNeverDisagree) {
  std::int64_t sold_max = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Engine engine;
    FactBuffer facts;
    RandomCommands commands(seed);
    AuditBooks books([this](const std::string& what) { problems_.push_back(what); });
    for (int i = 0; i < 1'000; ++i) {
      const TestCommand command = commands.next(engine);
      if (firebrand::apply(engine, command, facts).kind != Outcome::Kind::applied) { continue; }
      books.take_command(command.number, kNewestVersion, command.bytes);
      for (const FactBuffer::Entry& fact : facts.entries()) {
        books.take_fact(fact.type, facts.payload(fact));
      }
      books.check(engine.state(), engine.take_touched_drops());
      ASSERT_THAT(problems_, IsEmpty()) << "seed " << seed << ", command " << i;
      sold_max = std::max(sold_max, books.totals().sold);
    }
    books.check_all(engine.state());
    ASSERT_THAT(problems_, IsEmpty()) << "seed " << seed;
  }
  EXPECT_GT(sold_max, 0);
}

TEST_F(AuditBooksTest, UnitsOfOneSkuDoNotMakeUpForAnother) {
  // Seven units too many of one, seven too few of the other: the sum over both is right.
  (void)apply_altered(ReceiveStock{{1}, 10}, ReceiveStock{{1}, 17});
  (void)apply_altered(ReceiveStock{{2}, 10}, ReceiveStock{{2}, 3});
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("units of SKU sku_1 are not those received"),
                                     HasSubstr("units of SKU sku_2 are not those received")));
}

TEST_F(AuditBooksTest, EveryFactOfADropIsMissedAtOnce) {
  const struct {
    std::uint16_t fact;
    std::function<void()> act;
    const char* want;
  } rows[] = {
      {kNumberOf<WaveReleased>,
       [&] {
         (void)apply(ReleaseWave{{1}, 2});
       },
       "unreleased 0"},
      {kNumberOf<UnitsMoved>,
       [&] {
         (void)apply(MoveUnits{{2}, 1, 2, 4});
       },
       "unreleased 9"},
      {kNumberOf<OrderPlaced>, [&] { order(1, 1); }, "records asked for 1"},
      {kNumberOf<StockReceived>,
       [&] {
         (void)apply(ReceiveStock{{2}, 1});
       },
       "free units of SKU"},
      {kNumberOf<DropCancelled>, [&] { (void)apply(CancelDrop{{2}}); }, "withdrawn 15"},
  };
  for (const auto& row : rows) {
    problems_.clear();
    left_out_ = row.fact;
    row.act();
    left_out_.reset();
    EXPECT_THAT(problems_, testing::Contains(HasSubstr(row.want))) << row.want;
  }
}

TEST_F(AuditBooksTest, LeftoversAreFollowed) {
  CreateDrop plan{
      .launch_id = {1},
      .code = "leaves",
      .sku_id = {1},
      .currency = kCny,
      .opens_at = now_,
      .per_person_limit = 1,
      .payment_window_seconds = 60,
      .waves = {WavePlan{.opens_at = now_, .units = 3},
                WavePlan{.opens_at = now_, .units = 2, .release = WaveRelease::manual},
                WavePlan{.opens_at = now_, .units = 1, .release = WaveRelease::manual}}};
  plan.waves[0].leftovers = WaveLeftovers::roll_on;
  plan.waves[1].leftovers = WaveLeftovers::withdraw;
  EXPECT_EQ(apply(plan), 0);
  EXPECT_EQ(apply(RunDue{kRunDueLimitMax}), 0);
  EXPECT_EQ(apply(ReleaseWave{{3}, 2}), 0);
  EXPECT_EQ(apply(ReleaseWave{{3}, 3}), 0);
  books_.check_all(engine_.state());
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_EQ(books_.totals().free, 50 - 15 - 6 + 5 + 50 - 15);
}

TEST_F(AuditBooksTest, ADropWithoutItsFactIsMissed) {
  left_out_ = kNumberOf<DropCreated>;
  (void)apply(
      CreateDrop{.launch_id = {1},
                 .code = "third",
                 .sku_id = {1},
                 .currency = kCny,
                 .opens_at = kOpens + std::chrono::hours{1},
                 .per_person_limit = 1,
                 .payment_window_seconds = 60,
                 .waves = {WavePlan{.opens_at = kOpens + std::chrono::hours{1}, .units = 3}}});
  EXPECT_THAT(problems_, testing::Contains(HasSubstr("units of drop drop_3")));
}

TEST_F(AuditBooksTest, MoneyMustBeWhatPaymentsBrought) {
  order(1, 1);
  order(1, 2);
  left_out_ = kNumberOf<OrderPaid>;
  pay(1, 100);
  EXPECT_THAT(problems_,
              testing::Contains(HasSubstr(
                  "money in CNY is payments 100, revenue 100, refunds due 0, unmatched 0, "
                  "sent back 0, refunded 0; by "
                  "records and facts it would be payments 100, revenue 0")));
  left_out_.reset();
  problems_.clear();
  tell(RefundDue{{1}, "pay-9", Money{100, kCny}});
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("refunds due 100")));
}

TEST_F(AuditBooksTest, OrdersBeginAndEndOnceAndWithinTheLimit) {
  order(1, 1, 2);
  const OrderPlaced again{.order_id = {1}, .person_id = {1}, .drop_id = {1}, .quantity = 1};
  tell(again);
  EXPECT_THAT(problems_, testing::Contains(HasSubstr("order ord_1 begins twice")));
  EXPECT_THAT(problems_, testing::Contains(HasSubstr("person per_1 has 3 units of drop drop_1")));
  (void)apply(CancelOrder{{1}, {1}});
  problems_.clear();
  tell(OrderExpired{{1}, {1}});
  EXPECT_THAT(problems_, testing::Contains(HasSubstr("order ord_1 ends twice, or never began")));
  order(1, 2);
  problems_.clear();
  tell(OrderCancelled{{2}, {2}});
  EXPECT_THAT(problems_, testing::Contains(HasSubstr("began in drop drop_1 and ends in drop_2")));
}

TEST_F(AuditBooksTest, LimitsThatPeopleShareAreKept) {
  CreateDrop plan{.launch_id = {1},
                  .code = "shared",
                  .sku_id = {1},
                  .currency = kCny,
                  .opens_at = now_,
                  .per_person_limit = 5,
                  .payment_window_seconds = 60,
                  .waves = {WavePlan{.opens_at = now_, .units = 9}}};
  plan.waves[0].per_person_limit = 2;
  plan.per_household_limit = 2;
  plan.per_address_limit = 3;
  EXPECT_EQ(apply(plan), 0);
  EXPECT_EQ(apply(RunDue{kRunDueLimitMax}), 0);
  const auto of = [](std::uint64_t person, std::uint64_t household) {
    return PlaceOrder{.drop_id = {3},
                      .person_id = {person},
                      .standing = {{ClaimKind::household, household}, {ClaimKind::address, 7}}};
  };
  EXPECT_EQ(apply(of(1, 1)), 0);
  EXPECT_EQ(apply(of(2, 1)), 0);
  EXPECT_EQ(apply(of(3, 2)), 0);
  EXPECT_THAT(problems_, IsEmpty());
  // The engine is told of another household and address, or of none.
  EXPECT_EQ(apply_altered(PlaceOrder{.drop_id = {3}, .person_id = {4}}, of(4, 1)), 0);
  EXPECT_THAT(problems_,
              ElementsAre(HasSubstr("the household of person per_4 has 3 units of drop drop_3"),
                          HasSubstr("the address of person per_4 has 4 units of drop drop_3")));
  problems_.clear();
  (void)apply(CancelOrder{{1}, {1}});
  tell(OrderPlaced{.order_id = {9}, .person_id = {3}, .drop_id = {3}, .wave = 1, .quantity = 2});
  EXPECT_THAT(problems_,
              testing::Contains(HasSubstr("person per_3 in wave 1 has 3 units of drop drop_3")));
}

TEST_F(AuditBooksTest, FollowDepositsToTheirEnds) {
  const auto reserve = [&](std::uint64_t drop, std::uint64_t person, std::uint64_t number) {
    EXPECT_EQ(apply(Reserve{{drop}, {person}}), 0);
    const std::string id = "d-" + std::to_string(number);
    EXPECT_EQ(apply(ConfirmDeposit{{number}, std::string_view(id), Money{20, kCny}}), 0);
  };
  for (const std::uint64_t drop : {1U, 2U}) {
    EXPECT_EQ(apply(OpenReservations{.drop_id = {drop},
                                     .opens_at = kOpens,
                                     .closes_at = kOpens + Millis{10},
                                     .cap = 5,
                                     .deposit_kind = DepositKind::binding,
                                     .deposit_minor = 20,
                                     .balance_due_at = kOpens + Millis{20}}),
              0);
  }
  reserve(1, 1, 1);
  reserve(1, 2, 2);
  reserve(2, 3, 3);
  EXPECT_EQ(apply(ConfirmDeposit{{3}, "late", Money{20, kCny}}), 1);
  order(1, 1);
  pay(1, 80);
  EXPECT_EQ(apply(CancelDrop{{2}}), 0);
  now_ = kOpens + Millis{20};
  EXPECT_EQ(apply(RunDue{kRunDueLimitMax}), 0);
  EXPECT_THAT(problems_, IsEmpty());
  left_out_ = kNumberOf<DepositRefundDue>;
  EXPECT_EQ(apply(ConfirmDeposit{{1}, "later", Money{20, kCny}}), 1);
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("money in CNY")));
}

}  // namespace
}  // namespace firebrand
