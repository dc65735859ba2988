#include "core/ledger/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ledger/naive_ledger.hpp"

namespace firebrand {
namespace {

constexpr DropId kDrop{1};
constexpr Asset kUnits = Asset::stock(SkuId{7});
constexpr Asset kRights = Asset::right(kDrop);
constexpr AccountKey kWorld{Holder::world(), kUnits};
constexpr AccountKey kWave{Holder::wave(kDrop, 1), kUnits};
constexpr AccountKey kSold{Holder::sold(kDrop), kUnits};
constexpr AccountKey kRightsSource{Holder::rights_source(), kRights};

AccountKey right_of(std::uint64_t person) { return {Holder::person(PersonId{person}), kRights}; }

PostStatus status_of(const PostResult& result) { return result.status; }

/// A wave with some units on sale.
Ledger wave_with(std::int64_t units, const LedgerOptions& options = {}) {
  Ledger ledger(options);
  EXPECT_EQ(status_of(ledger.post(TransferOp{.from = kWorld, .to = kWave, .amount = units})),
            PostStatus::posted);
  return ledger;
}

// ---- account keys ----

static_assert(Holder::wave(DropId{3}, 2).kind() == HolderKind::wave);
static_assert(Holder::wave(DropId{3}, 2).number() == 3 * 65536 + 2);
static_assert(Holder::wave(DropId{3}, 2) != Holder::wave(DropId{2}, 3));
static_assert(Asset::money(Currency::of("CNY")) != Asset::money(Currency::of("USD")));
static_assert(Asset::right(DropId{7}).kind() == AssetKind::right);
static_assert(is_source(HolderKind::world) && !is_source(HolderKind::wave));

// ---- a purchase, told once from end to end ----

TEST(Ledger, APurchaseTakesAUnitAndARightTogether) {
  Ledger ledger = wave_with(2);
  const auto purchase = [&](std::uint64_t person) {
    const Op ops[] = {
        HoldOp{.account = kWave, .amount = 1},
        TransferOp{.from = kRightsSource, .to = right_of(person), .amount = 1, .to_ceiling = 1}};
    return ledger.post(ops);
  };
  EXPECT_EQ(purchase(1), (PostResult{PostStatus::posted, 0, HoldId{1}}));
  EXPECT_EQ(purchase(1), (PostResult{PostStatus::ceiling_exceeded, 1}));
  EXPECT_EQ(ledger.balance(kWave), (Balance{1, 1}));  // The refused hold left nothing behind.
  EXPECT_EQ(purchase(2), (PostResult{PostStatus::posted, 0, HoldId{2}}));
  EXPECT_EQ(purchase(3), (PostResult{PostStatus::insufficient_available, 0}));
  EXPECT_EQ(ledger.balance(right_of(3)), Balance{});

  EXPECT_EQ(ledger.post(SettleOp{.hold_id = {1}, .to = kSold}).status, PostStatus::posted);
  const Op expiry[] = {ReleaseOp{.hold_id = {2}},
                       TransferOp{.from = right_of(2), .to = kRightsSource, .amount = 1}};
  EXPECT_EQ(ledger.post(expiry).status, PostStatus::posted);

  EXPECT_EQ(ledger.balance(kWave), (Balance{1, 0}));
  EXPECT_EQ(ledger.balance(kSold), (Balance{1, 0}));
  EXPECT_EQ(ledger.balance(kWorld), (Balance{-2, 0}));
  EXPECT_EQ(ledger.holds(), 0U);
  EXPECT_EQ(ledger.total(kUnits), 0);
  EXPECT_EQ(ledger.find_account(right_of(2)), std::nullopt);
  EXPECT_EQ(purchase(2), (PostResult{PostStatus::posted, 0, HoldId{3}}));  // Free to buy again.
  ledger.check_invariants();
}

// ---- answers ----

// Each refused row also breaks the checks that come later, so the table proves their order.
TEST(LedgerPost, FirstFailedCheckWins) {
  using enum PostStatus;
  Ledger ledger = wave_with(5, {.accounts_max = 3, .holds_max = 1});
  ASSERT_EQ(ledger.post(HoldOp{.account = kWave, .amount = 2}).first_hold_id, HoldId{1});
  const AccountKey none{};
  const AccountKey full{Holder::wave(kDrop, 7), kUnits};
  ASSERT_EQ(ledger.post(TransferOp{kWave, full, 1, 1}).status, posted);
  const AccountKey fourth{Holder::wave(kDrop, 8), kUnits};
  const struct {
    Op op;
    PostStatus want;
  } rows[] = {
      {TransferOp{none, none, 0, -1}, holder_must_not_be_none},
      {TransferOp{kWave, none, 0, -1}, holder_must_not_be_none},
      {TransferOp{kWave, kWave, 0, -1}, amount_out_of_range},
      {TransferOp{kWave, kWave, kAmountMax + 1, -1}, amount_out_of_range},
      {TransferOp{kWave, kWave, 9, -1}, ceiling_out_of_range},
      {TransferOp{kWave, kWave, 9, 0}, same_account},
      {TransferOp{kWave, right_of(1), 9, 0}, assets_differ},
      {TransferOp{kWave, full, 9, 0}, insufficient_available},
      {TransferOp{fourth, full, 1, 0}, insufficient_available},
      {TransferOp{kWave, full, 1}, ceiling_exceeded},  // Its ceiling was fixed when it was made.
      {TransferOp{kWave, fourth, 2, 1}, ceiling_exceeded},
      {TransferOp{kWave, fourth, 2, 2}, accounts_full},
      {HoldOp{none, 0}, holder_must_not_be_none},
      {HoldOp{kWave, 0}, amount_out_of_range},
      {HoldOp{kWave, 3}, insufficient_available},
      {HoldOp{kWave, 2}, holds_full},
      {HoldOp{kRightsSource, 1}, accounts_full},
      {SettleOp{{9}, none, 0, -1}, holder_must_not_be_none},
      {SettleOp{{9}, kWave, 0, -1}, amount_out_of_range},
      {SettleOp{{9}, kWave, 3, -1}, ceiling_out_of_range},
      {SettleOp{{9}, kWave, 3, 0}, hold_not_found},
      {SettleOp{{0}, kWave, 3, 0}, hold_not_found},
      {SettleOp{{1}, kWave, 3, 0}, same_account},
      {SettleOp{{1}, right_of(1), 3, 0}, assets_differ},
      {SettleOp{{1}, full, 3, 0}, amount_exceeds_hold},
      {SettleOp{{1}, full, 2, 0}, ceiling_exceeded},
      {SettleOp{{1}, fourth, 2, 2}, accounts_full},
      {ReleaseOp{{9}, 0}, amount_out_of_range},
      {ReleaseOp{{9}, 3}, hold_not_found},
      {ReleaseOp{{1}, 3}, amount_exceeds_hold},
      {ReleaseOp{{1}, 2}, posted},
      {ReleaseOp{{1}, 2}, hold_not_found},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ledger.post(row.op).status, row.want) << "row " << &row - rows;
    ledger.check_invariants();
  }
}

TEST(LedgerPost, AtMostEightOperations) {
  Ledger ledger = wave_with(9);
  const std::vector<Op> nine(9, HoldOp{.account = kWave, .amount = 1});
  EXPECT_EQ(ledger.post(nine).status, PostStatus::too_many_ops);
  EXPECT_EQ(ledger.post(std::span(nine).first(8)).status, PostStatus::posted);
  EXPECT_EQ(ledger.balance(kWave), (Balance{1, 8}));
  EXPECT_EQ(ledger.post(std::span<const Op>()), PostResult{});
}

// A slot goes from one account to the next; a hint of the first must not show the second.
TEST(LedgerBalance, AHintFindsTheSameAsASearch) {
  Ledger ledger = wave_with(3);
  std::uint32_t hint = 0;
  EXPECT_EQ(ledger.balance(kWave, hint), ledger.balance(kWave));
  EXPECT_EQ(ledger.balance(kWave, hint).available, 3);
  EXPECT_EQ(status_of(ledger.post(TransferOp{.from = kWave, .to = kSold, .amount = 3})),
            PostStatus::posted);
  EXPECT_EQ(ledger.balance(kWave, hint), Balance{});
  EXPECT_EQ(status_of(ledger.post(TransferOp{.from = kSold, .to = kWave, .amount = 2})),
            PostStatus::posted);
  EXPECT_EQ(ledger.balance(kWave, hint).available, 2);
  std::uint32_t far = 123'456;
  EXPECT_EQ(ledger.balance(kWave, far).available, 2);
  EXPECT_EQ(far, hint);
}

TEST(LedgerPost, TheFirstOperationThatFailsAnswers) {
  Ledger ledger = wave_with(1);
  const Op ops[] = {HoldOp{.account = kWave, .amount = 1}, HoldOp{.account = kWave, .amount = 1},
                    HoldOp{.account = kWave, .amount = 0}};
  EXPECT_EQ(ledger.post(ops), (PostResult{PostStatus::insufficient_available, 1}));
}

TEST(LedgerPost, OperationsOfABatchSeeEachOther) {
  Ledger ledger = wave_with(3);
  const Op too_much[] = {HoldOp{.account = kWave, .amount = 2},
                         HoldOp{.account = kWave, .amount = 2}};
  EXPECT_EQ(ledger.post(too_much), (PostResult{PostStatus::insufficient_available, 1}));
  const Op over_the_ceiling[] = {
      TransferOp{.from = kWave, .to = kSold, .amount = 1, .to_ceiling = 2},
      TransferOp{.from = kWave, .to = kSold, .amount = 2, .to_ceiling = 9}};
  EXPECT_EQ(ledger.post(over_the_ceiling), (PostResult{PostStatus::ceiling_exceeded, 1}));
  // The second operation spends what the first brought.
  const AccountKey warehouse{Holder::warehouse(), kUnits};
  const Op through[] = {TransferOp{.from = kWave, .to = warehouse, .amount = 3},
                        TransferOp{.from = warehouse, .to = kSold, .amount = 2},
                        HoldOp{.account = kSold, .amount = 1},
                        HoldOp{.account = kSold, .amount = 1}};
  EXPECT_EQ(ledger.post(through), (PostResult{PostStatus::posted, 0, HoldId{1}}));
  EXPECT_EQ(ledger.balance(kSold), (Balance{0, 2}));
  EXPECT_EQ(ledger.balance(warehouse), (Balance{1, 0}));
  EXPECT_EQ(ledger.find_hold(HoldId{2}), (HeldAmount{kSold, 1}));
  ledger.check_invariants();
}

TEST(LedgerPost, AHoldIsNotFoundByTheBatchThatPlacesIt) {
  Ledger ledger = wave_with(1);
  const Op ops[] = {HoldOp{.account = kWave, .amount = 1}, ReleaseOp{.hold_id = {1}}};
  EXPECT_EQ(ledger.post(ops), (PostResult{PostStatus::hold_not_found, 1}));
}

TEST(LedgerPost, AHoldMayEndInParts) {
  Ledger ledger = wave_with(10);
  ASSERT_EQ(ledger.post(HoldOp{.account = kWave, .amount = 10}).first_hold_id, HoldId{1});
  const Op ops[] = {SettleOp{.hold_id = {1}, .to = kSold, .amount = 4},
                    ReleaseOp{.hold_id = {1}, .amount = 3}, ReleaseOp{.hold_id = {1}, .amount = 4}};
  EXPECT_EQ(ledger.post(ops), (PostResult{PostStatus::amount_exceeds_hold, 2}));
  EXPECT_EQ(ledger.find_hold(HoldId{1}), (HeldAmount{kWave, 10}));
  EXPECT_EQ(ledger.post(std::span(ops).first(2)).status, PostStatus::posted);
  EXPECT_EQ(ledger.find_hold(HoldId{1}), (HeldAmount{kWave, 3}));
  EXPECT_EQ(ledger.balance(kWave), (Balance{3, 3}));
  EXPECT_EQ(ledger.post(ReleaseOp{.hold_id = {1}}).status, PostStatus::posted);
  EXPECT_EQ(ledger.find_hold(HoldId{1}), std::nullopt);
  EXPECT_EQ(ledger.holds(), 0U);
  ledger.check_invariants();
}

TEST(LedgerPost, BalancesStopBeforeTheyOverflow) {
  Ledger ledger;
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(ledger.post(TransferOp{kWorld, kWave, kAmountMax}).status, PostStatus::posted);
  }
  EXPECT_EQ(ledger.post(TransferOp{kWorld, kSold, kAmountMax}).status, PostStatus::overflow);
  EXPECT_EQ(ledger.post(HoldOp{kWorld, kAmountMax}).status, PostStatus::overflow);
  // To the very edge, and one more, from either side.
  const std::int64_t rest = kBalanceMax - 4 * kAmountMax;
  EXPECT_EQ(ledger.post(TransferOp{kWorld, kSold, rest + 1}).status, PostStatus::overflow);
  EXPECT_EQ(ledger.post(TransferOp{kWorld, kWave, rest}).status, PostStatus::posted);
  EXPECT_EQ(ledger.balance(kWorld).available, -kBalanceMax);
  EXPECT_EQ(ledger.balance(kWave).available, kBalanceMax);
  const AccountKey other_source{Holder::rights_source(), kUnits};
  EXPECT_EQ(ledger.post(TransferOp{other_source, kWave, 1}).status, PostStatus::overflow);
  EXPECT_EQ(ledger.post(TransferOp{kWorld, kSold, 1}).status, PostStatus::overflow);
  ledger.check_invariants();
}

// ---- lives ----

TEST(Ledger, AnAccountStaysWhileSomethingIsHeld) {
  Ledger ledger = wave_with(1);
  ASSERT_EQ(ledger.post(HoldOp{.account = kWave, .amount = 1}).status, PostStatus::posted);
  EXPECT_EQ(ledger.accounts(), 2U);
  ASSERT_EQ(ledger.post(ReleaseOp{.hold_id = {1}}).status, PostStatus::posted);
  EXPECT_EQ(ledger.balance(kWave), (Balance{1, 0}));
}

TEST(Ledger, SlotsOfEndedAccountsAreUsedAgain) {
  Ledger ledger;
  const auto there_and_back = [&](std::uint64_t person) {
    EXPECT_EQ(ledger.post(TransferOp{kRightsSource, right_of(person), 1}).status,
              PostStatus::posted);
    EXPECT_EQ(ledger.post(TransferOp{right_of(person), kRightsSource, 1}).status,
              PostStatus::posted);
  };
  there_and_back(1);
  const std::uint64_t digest = ledger.digest();
  const LedgerBytes bytes = ledger.bytes_mapped();
  for (std::uint64_t person = 2; person < 500'000; ++person) { there_and_back(person); }
  EXPECT_EQ(ledger.accounts(), 0U);
  EXPECT_EQ(ledger.bytes_mapped(), bytes);
  EXPECT_EQ(ledger.digest(), digest);
  ledger.check_invariants();
}

TEST(Ledger, MemoryOfEndedHoldsGoesBack) {
  Ledger ledger = wave_with(1'001);
  std::uint64_t bytes_max = 0;
  for (std::uint64_t hold = 1; hold <= 1'000'000; ++hold) {
    ASSERT_EQ(ledger.post(HoldOp{.account = kWave, .amount = 1}).first_hold_id, HoldId{hold});
    if (hold > 1'000) {
      ASSERT_EQ(ledger.post(ReleaseOp{.hold_id = {hold - 1'000}}).status, PostStatus::posted);
    }
    bytes_max = std::max(bytes_max, ledger.bytes_mapped().holds);
  }
  EXPECT_EQ(ledger.holds(), 1'000U);
  EXPECT_LE(bytes_max, 2 * kHugePageBytes);
  EXPECT_EQ(ledger.find_hold(HoldId{5}), std::nullopt);
  EXPECT_EQ(ledger.post(ReleaseOp{.hold_id = {5}}).status, PostStatus::hold_not_found);
  ledger.check_invariants();
}

// ---- against the naive ledger ----

/// Random batches over so few accounts, units and holds that everything collides.
class BatchSource {
 public:
  explicit BatchSource(std::uint64_t seed) : seed_(seed), rich_(seed % 4 == 0) {}

  std::vector<Op> next(std::uint64_t next_hold_id) {
    next_hold_id_ = next_hold_id;
    std::vector<Op> ops(below(40) == 0 ? below(11) : 1 + below(4));
    for (Op& op : ops) { op = next_op(); }
    return ops;
  }
  std::uint64_t below(std::uint64_t bound) { return hash_words(seed_, ++drawn_) % bound; }

 private:
  Op next_op() {
    switch (below(8)) {
      case 0:
      case 1:  // From a source, so that there is something to move.
        return TransferOp{{below(2) == 0 ? Holder::world() : Holder::rights_source(), asset()},
                          account(),
                          amount(),
                          ceiling()};
      case 2:
      case 3:
        return TransferOp{account(), account(), amount(), ceiling()};
      case 4:
      case 5:
        return HoldOp{account(), amount()};
      case 6:
        return SettleOp{hold_id(), account(), part(), ceiling()};
      default:
        return ReleaseOp{hold_id(), part()};
    }
  }
  Asset asset() { return below(8) == 0 ? kRights : kUnits; }
  AccountKey account() {
    switch (below(12)) {
      case 0:
        return {Holder::world(), asset()};
      case 1:
        return {Holder::rights_source(), asset()};
      case 2:
        return below(10) == 0 ? AccountKey{Holder{}, asset()} : kWave;
      case 3:
      case 4:
        return kWave;
      default:
        return {Holder::person(PersonId{1 + below(6)}), asset()};
    }
  }
  std::int64_t amount() {
    if (rich_ && below(2) == 0) { return kAmountMax - static_cast<std::int64_t>(below(3)); }
    switch (below(30)) {
      case 0:
        return static_cast<std::int64_t>(below(3)) - 1;
      case 1:
        return kAmountMax;
      case 2:
        return below(8) == 0 ? kAmountMax + 1 : kAmountMax / 2;
      default:
        return 1 + static_cast<std::int64_t>(below(6));
    }
  }
  std::int64_t part() { return below(2) == 0 ? kWholeHold : amount(); }
  std::int64_t ceiling() {
    if (below(3) != 0) { return kNoCeiling; }
    const auto ceiling = static_cast<std::int64_t>(below(12));
    return below(12) == 0 ? ceiling - 12 : ceiling;
  }
  HoldId hold_id() { return {next_hold_id_ + 1 - std::min(next_hold_id_ + 1, below(10))}; }

  std::uint64_t seed_;
  bool rich_;  ///< Amounts so large that balances overflow.
  std::uint64_t drawn_ = 0;
  std::uint64_t next_hold_id_ = 1;
};

/// Empty if both have the same accounts and holds.
std::string difference(const Ledger& ledger, const NaiveLedger& naive) {
  std::map<AccountKey, Account> accounts;
  ledger.for_each_account([&](const Account& account) { accounts[account.key] = account; });
  std::map<std::uint64_t, HeldAmount> holds;
  ledger.for_each_hold(
      [&](HoldId hold_id, const HeldAmount& hold) { holds[hold_id.value] = hold; });
  if (accounts != naive.accounts() || ledger.accounts() != accounts.size()) { return "accounts"; }
  if (holds != naive.holds() || ledger.holds() != holds.size()) { return "holds"; }
  if (ledger.next_hold_id().value != naive.next_hold_id()) { return "next hold"; }
  for (const auto& [key, account] : naive.accounts()) {
    if (ledger.find_account(key) != account) { return "index"; }
  }
  return "";
}

RC_GTEST_PROP(LedgerProperty, AnswersLikeTheNaiveLedger, ()) {
  const LedgerOptions options{.accounts_max = *rc::gen::inRange<std::uint64_t>(1, 14),
                              .holds_max = *rc::gen::inRange<std::uint64_t>(1, 9),
                              .index_seed = *rc::gen::arbitrary<std::uint64_t>()};
  Ledger ledger(options);
  NaiveLedger naive(options);
  BatchSource source(*rc::gen::arbitrary<std::uint64_t>());
  const int batches = *rc::gen::inRange(1, 300);
  for (int i = 0; i < batches; ++i) {
    const std::vector<Op> ops = source.next(naive.next_hold_id());
    const std::uint64_t digest = ledger.digest();
    const PostResult result = ledger.post(ops);
    RC_ASSERT(result == naive.post(ops));
    RC_ASSERT(difference(ledger, naive) == "");
    if (result.status != PostStatus::posted) { RC_ASSERT(ledger.digest() == digest); }
    ledger.check_invariants();
  }
}

// Proves that the batches above do reach every answer.
TEST(LedgerProperty, RandomBatchesReachEveryStatus) {
  const LedgerOptions options{.accounts_max = 10, .holds_max = 6};
  std::map<PostStatus, int> seen;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Ledger ledger(options);
    NaiveLedger naive(options);
    BatchSource source(seed);
    for (int i = 0; i < 500; ++i) {
      const std::vector<Op> ops = source.next(naive.next_hold_id());
      const PostResult result = ledger.post(ops);
      ASSERT_EQ(result, naive.post(ops)) << "seed " << seed << " batch " << i;
      ++seen[result.status];
    }
    ledger.check_invariants();
    ASSERT_EQ(difference(ledger, naive), "");
  }
  using enum PostStatus;
  for (const PostStatus status :
       {posted, too_many_ops, holder_must_not_be_none, amount_out_of_range, ceiling_out_of_range,
        same_account, assets_differ, hold_not_found, amount_exceeds_hold, insufficient_available,
        ceiling_exceeded, overflow, accounts_full, holds_full}) {
    EXPECT_GE(seen[status], 10) << "status " << static_cast<int>(status);
  }
  EXPECT_GE(seen[posted], 1'000);
}

// ---- snapshot ----

/// A ledger with a past: ended accounts and holds, live ones, sources below zero.
Ledger lived_in(std::uint64_t seed, const LedgerOptions& options = {}, int batches = 300) {
  Ledger ledger(options);
  BatchSource source(seed);
  for (int i = 0; i < batches; ++i) { (void)ledger.post(source.next(ledger.next_hold_id().value)); }
  return ledger;
}

std::vector<std::byte> saved(const Ledger& ledger) {
  MemorySink sink;
  ledger.save(sink);
  return sink.bytes();
}

RC_GTEST_PROP(LedgerSnapshot, ALoadedLedgerGoesOnAsTheSavedOne, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Ledger ledger = lived_in(seed);
  // Another index seed and another order of slots: neither is part of the state.
  LedgerOptions options;
  options.index_seed = seed;
  Ledger loaded = lived_in(seed + 1, options);
  const std::vector<std::byte> bytes = saved(ledger);
  MemorySource source(bytes);
  RC_ASSERT(loaded.load(source).has_value());
  RC_ASSERT(source.bytes_left() == 0U);
  loaded.check_invariants();
  RC_ASSERT(loaded.digest() == ledger.digest());
  BatchSource batches(seed + 2);
  for (int i = 0; i < 100; ++i) {
    const std::vector<Op> ops = batches.next(ledger.next_hold_id().value);
    RC_ASSERT(loaded.post(ops) == ledger.post(ops));
    RC_ASSERT(loaded.digest() == ledger.digest());
  }
  loaded.check_invariants();
}

TEST(LedgerSnapshot, AnEmptyLedgerComesBackEmpty) {
  Ledger ledger = lived_in(1);
  const std::vector<std::byte> bytes = saved(Ledger());
  MemorySource source(bytes);
  ASSERT_TRUE(ledger.load(source).has_value());
  EXPECT_EQ(ledger.accounts(), 0U);
  EXPECT_EQ(ledger.next_hold_id(), HoldId{1});
  EXPECT_EQ(ledger.digest(), Ledger().digest());
}

TEST(LedgerSnapshot, NumbersOfHoldsGoOnWhenAllHaveEnded) {
  Ledger ledger = wave_with(1);
  for (int i = 0; i < 300'000; ++i) {
    const HoldId hold_id = ledger.post(HoldOp{.account = kWave, .amount = 1}).first_hold_id;
    ASSERT_EQ(ledger.post(ReleaseOp{.hold_id = hold_id}).status, PostStatus::posted);
  }
  const std::vector<std::byte> bytes = saved(ledger);
  EXPECT_LT(bytes.size(), 200U);
  Ledger loaded;
  MemorySource source(bytes);
  ASSERT_TRUE(loaded.load(source).has_value());
  EXPECT_EQ(loaded.post(HoldOp{.account = kWave, .amount = 1}).first_hold_id, HoldId{300'001});
  loaded.check_invariants();
}

// Goal: no damaged byte is taken for a ledger, and none aborts. Method: every byte, every cut.
TEST(LedgerSnapshot, DamageIsAnErrorAndLeavesTheLedgerAsItWas) {
  const std::vector<std::byte> good = saved(lived_in(5));
  ASSERT_GT(good.size(), 500U);
  Ledger ledger = lived_in(6);
  const std::uint64_t digest = ledger.digest();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::byte flip : {std::byte{1}, std::byte{0x80}, std::byte{0xFF}}) {
      std::vector<std::byte> bytes = good;
      bytes[i] ^= flip;
      MemorySource source(bytes);
      ASSERT_FALSE(ledger.load(source).has_value()) << "byte " << i;
    }
    MemorySource source(std::span<const std::byte>(good).first(i));
    const auto cut = ledger.load(source);
    ASSERT_FALSE(cut.has_value()) << "cut at " << i;
    ASSERT_EQ(cut.error(), LedgerLoadError::cut_short) << "cut at " << i;
  }
  EXPECT_EQ(ledger.digest(), digest);
  ledger.check_invariants();
}

TEST(LedgerSnapshot, NamesWhatIsWrong) {
  using enum LedgerLoadError;
  Ledger ledger = wave_with(5);
  ASSERT_EQ(ledger.post(HoldOp{.account = kWave, .amount = 2}).first_hold_id, HoldId{1});
  const std::vector<std::byte> good = saved(ledger);
  constexpr std::size_t kCount = 20;  // Number of accounts.
  constexpr std::size_t kFirst = 28;  // world, then wave.
  constexpr std::size_t kNextHold = kFirst + 2 * 40;
  constexpr std::size_t kHold = kNextHold + 16;
  const struct {
    std::size_t at;
    std::int64_t value;
    LedgerLoadError want;
  } rows[] = {
      {0, 2, version_unknown},
      {4, 3, options_differ},
      {12, 3, options_differ},
      {kCount, -1, account_invalid},
      {kFirst, 0, account_invalid},             // No holder.
      {kFirst + 16, 0, account_invalid},        // Nothing in it.
      {kFirst + 40 + 16, -1, account_invalid},  // A wave below zero.
      {kFirst + 40 + 24, -1, account_invalid},  // Held below zero.
      {kFirst + 40 + 32, 4, account_invalid},   // Five of at most four.
      {kFirst + 40 + 32, -1, account_invalid},  // A ceiling below zero.
      {kFirst + 40, static_cast<std::int64_t>(kWorld.holder.value), account_repeated},
      {kFirst + 40 + 16, 4, asset_sum_not_zero},
      {kFirst + 40 + 24, 3, held_sum_differs},
      {kNextHold, 1, hold_invalid},  // Not after the last hold.
      {kNextHold, -1, hold_invalid},
      {kHold - 8, 0, held_sum_differs},  // No holds.
      {kHold - 8, -1, hold_invalid},
      {kHold, 0, hold_invalid},
      {kHold + 8, 9, hold_invalid},  // Of no account.
      {kHold + 24, 0, hold_invalid},
      {kHold + 24, 3, held_sum_differs},
      {kFirst + 40 + 32, 400, digest_differs},  // Another ceiling.
      {good.size() - 8, 1, digest_differs},
  };
  for (const auto& row : rows) {
    std::vector<std::byte> bytes = good;
    if (row.at == 0) {
      bytes[0] = static_cast<std::byte>(row.value);
    } else {
      store_le(bytes.data() + row.at, row.value);
    }
    MemorySource source(bytes);
    const auto loaded = ledger.load(source);
    ASSERT_FALSE(loaded.has_value()) << "row " << &row - rows;
    EXPECT_EQ(loaded.error(), row.want) << "row " << &row - rows;
  }
}

// ---- digest ----

TEST(LedgerDigest, IsTheSameOnEveryMachine) {
  EXPECT_EQ(lived_in(7).digest(), 16388379634664158832U);
}

TEST(LedgerDigest, DoesNotDependOnTheWayThere) {
  Ledger there;
  ASSERT_EQ(there.post(TransferOp{kWorld, kWave, 3}).status, PostStatus::posted);
  ASSERT_EQ(there.post(TransferOp{kRightsSource, right_of(1), 1}).status, PostStatus::posted);
  Ledger around;
  ASSERT_EQ(around.post(TransferOp{kRightsSource, right_of(1), 1}).status, PostStatus::posted);
  ASSERT_EQ(around.post(TransferOp{kWorld, kSold, 5}).status, PostStatus::posted);
  ASSERT_EQ(around.post(TransferOp{kSold, kWave, 3}).status, PostStatus::posted);
  EXPECT_NE(around.digest(), there.digest());
  ASSERT_EQ(around.post(TransferOp{kSold, kWorld, 2}).status, PostStatus::posted);
  EXPECT_EQ(around.digest(), there.digest());
}

TEST(LedgerDigest, SeesEveryField) {
  const auto digest_after = [](const Op& op) {
    Ledger ledger = wave_with(5);
    EXPECT_EQ(ledger.post(op).status, PostStatus::posted);
    return ledger.digest();
  };
  const std::array digests = {
      digest_after(TransferOp{kWave, kSold, 1}),
      digest_after(TransferOp{kWave, kSold, 2}),
      digest_after(TransferOp{kWave, kSold, 1, 9}),
      digest_after(TransferOp{kWave, {Holder::wave(kDrop, 7), kUnits}, 1}),
      digest_after(HoldOp{kWave, 1}),
      digest_after(HoldOp{kWave, 2}),
      wave_with(5).digest(),
      wave_with(5, {.accounts_max = 9}).digest(),
      wave_with(5, {.holds_max = 9}).digest(),
  };
  EXPECT_EQ(std::set<std::uint64_t>(digests.begin(), digests.end()).size(), digests.size());
}

}  // namespace
}  // namespace firebrand
