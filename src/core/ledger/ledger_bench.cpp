#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "core/ledger/ledger.hpp"

namespace firebrand {
namespace {

// The launch minute: one hot wave, and orders of people in no order. Everybody has a right of an
// earlier drop, so that the ledger is full of accounts that this drop never touches; the account of
// a right in this drop is made by the purchase. Times are per million orders.

constexpr std::uint64_t kOrders = 1'000'000;
constexpr std::uint64_t kLookAhead = 8;
constexpr Asset kUnits = Asset::stock(SkuId{7});
constexpr AccountKey kWorld{Holder::world(), kUnits};
constexpr AccountKey kWave{Holder::wave(DropId{1}, 1), kUnits};
constexpr AccountKey kSold{Holder::sold(DropId{1}), kUnits};
constexpr DropId kEarlierDrop{99};

AccountKey right_of(std::uint64_t person, DropId drop_id) {
  return {Holder::person(PersonId{person}), Asset::right(drop_id)};
}
AccountKey source_of(DropId drop_id) { return {Holder::rights_source(), Asset::right(drop_id)}; }

void post_or_abort(Ledger& ledger, const Op& op) {
  const bool posted = ledger.post(op).status == PostStatus::posted;
  FB_ASSERT(posted);
}

/// The wave has units for everybody. The index has to grow on the way unless room is reserved.
std::unique_ptr<Ledger> ledger_of(std::uint64_t people) {
  auto ledger = std::make_unique<Ledger>();
  for (std::uint64_t person = 1; person <= people; ++person) {
    post_or_abort(*ledger, TransferOp{.from = source_of(kEarlierDrop),
                                      .to = right_of(person, kEarlierDrop),
                                      .amount = 1,
                                      .to_ceiling = 1});
  }
  post_or_abort(*ledger, TransferOp{.from = kWorld, .to = kWave, .amount = 1'000'000'000});
  return ledger;
}

std::vector<AccountKey> rights_of_random_people(std::uint64_t people, DropId drop_id) {
  std::vector<AccountKey> rights;
  rights.reserve(kOrders);
  for (std::uint64_t i = 0; i < kOrders; ++i) {
    rights.push_back(right_of(1 + hash_words(i, drop_id) % people, drop_id));
  }
  return rights;
}

PostResult purchase(Ledger& ledger, const AccountKey& source, const AccountKey& right) {
  const Op ops[] = {
      HoldOp{.account = kWave, .amount = 1},
      TransferOp{.from = source, .to = right, .amount = 1, .to_ceiling = 1},
  };
  return ledger.post(ops);
}

void report(benchmark::State& state, const Ledger& ledger) {
  const LedgerBytes bytes = ledger.bytes_mapped();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kOrders));
  state.counters["accounts"] = static_cast<double>(ledger.accounts());
  state.counters["bytes_per_account"] =
      static_cast<double>(bytes.accounts + bytes.index) / static_cast<double>(ledger.accounts());
}

// Range: people. Over few people most orders are second ones and refused: see `refused_percent`.
void BM_Purchase(benchmark::State& state) {
  const auto people = static_cast<std::uint64_t>(state.range(0));
  const auto ledger = ledger_of(people);
  std::uint64_t refused = 0;
  DropId drop_id{100};
  for (auto _ : state) {
    state.PauseTiming();
    ++drop_id.value;
    const std::vector<AccountKey> rights = rights_of_random_people(people, drop_id);
    const AccountKey source = source_of(drop_id);
    state.ResumeTiming();
    for (std::uint64_t i = 0; i < kOrders; ++i) {
      if (i + 2 * kLookAhead < kOrders) { ledger->prefetch(rights[i + 2 * kLookAhead]); }
      if (i + kLookAhead < kOrders) { ledger->prefetch_account(rights[i + kLookAhead]); }
      const PostResult result = purchase(*ledger, source, rights[i]);
      refused += result.status == PostStatus::posted ? 0 : 1;
    }
  }
  report(state, *ledger);
  state.counters["refused_percent"] =
      static_cast<double>(100 * refused / kOrders) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_Purchase)->Arg(100'000)->Arg(10'000'000)->Iterations(2)->Unit(benchmark::kMillisecond);

// The other end of an order: the hold is released and the right goes back, which ends its account.
// Orders expire in the order in which they were placed, so that the accounts lie in a row.
// Range: people.
void BM_Expire(benchmark::State& state) {
  const auto people = static_cast<std::uint64_t>(state.range(0));
  const auto ledger = ledger_of(people);
  struct Order {
    AccountKey right;
    HoldId hold_id;
  };
  DropId drop_id{100};
  for (auto _ : state) {
    state.PauseTiming();
    ++drop_id.value;
    const AccountKey source = source_of(drop_id);
    std::vector<Order> orders;
    while (orders.size() < kOrders) {
      const AccountKey right = right_of(1 + orders.size() * 6'700'417 % people, drop_id);
      const HoldId hold_id = purchase(*ledger, source, right).first_hold_id;
      orders.push_back({hold_id == HoldId{} ? source : right, hold_id});
    }
    state.ResumeTiming();
    for (std::uint64_t i = 0; i < kOrders; ++i) {
      if (i + 2 * kLookAhead < kOrders) { ledger->prefetch(orders[i + 2 * kLookAhead].right); }
      if (i + kLookAhead < kOrders) { ledger->prefetch_account(orders[i + kLookAhead].right); }
      const Op ops[] = {ReleaseOp{.hold_id = orders[i].hold_id},
                        TransferOp{.from = orders[i].right, .to = source, .amount = 1}};
      benchmark::DoNotOptimize(ledger->post(ops));
    }
  }
  report(state, *ledger);
}
BENCHMARK(BM_Expire)->Arg(10'000'000)->Iterations(2)->Unit(benchmark::kMillisecond);

// Range: people.
void BM_Balance(benchmark::State& state) {
  const auto people = static_cast<std::uint64_t>(state.range(0));
  const auto ledger = ledger_of(people);
  const std::vector<AccountKey> rights = rights_of_random_people(people, kEarlierDrop);
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < kOrders; ++i) {
      if (i + 2 * kLookAhead < kOrders) { ledger->prefetch(rights[i + 2 * kLookAhead]); }
      if (i + kLookAhead < kOrders) { ledger->prefetch_account(rights[i + kLookAhead]); }
      benchmark::DoNotOptimize(ledger->balance(rights[i]));
    }
  }
  report(state, *ledger);
}
BENCHMARK(BM_Balance)->Arg(100'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// Range: people. The part of a restart that is not reading the disk.
void BM_Load(benchmark::State& state) {
  MemorySink sink;
  ledger_of(static_cast<std::uint64_t>(state.range(0)))->save(sink);
  for (auto _ : state) {
    Ledger ledger;
    MemorySource source(sink.bytes());
    const bool loaded = ledger.load(source).has_value();
    FB_ASSERT(loaded);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Load)->Arg(10'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace firebrand
