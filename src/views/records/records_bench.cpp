// What the records cost and how long lists take, over the facts of 200,000 orders of different
// people, three of four paid some time later.
#include <benchmark/benchmark.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "base/codec_binary.hpp"
#include "base/prng.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/registry.hpp"
#include "log/writer.hpp"
#include "runtime/replay.hpp"
#include "views/records/records.hpp"

namespace firebrand {
namespace {

constexpr std::uint64_t kOrders = 200'000;
constexpr std::uint64_t kSaleFacts = 40'000;  ///< Of each BM_Sale, behind those of kOrders.
constexpr std::uint64_t kSales = 3;
constexpr std::uint64_t kPeople = 1'000'000;
constexpr std::uint64_t kPaidAfter = 1'000;  ///< Orders that come in between.
constexpr std::uint64_t kFactsPerBatch = 512;

const Currency kCny = Currency::of("CNY");
log::PosixFileSystem files;

/// facts/ as a sale leaves it, and records.db beside it; removed at the end.
class SaleFacts {
 public:
  SaleFacts() {
    std::filesystem::remove_all(data());
    std::filesystem::create_directories(data());
    auto writer =
        log::Writer::open(files, facts_directory(data()), {.numbering = log::Numbering::sparse});
    FB_ASSERT(writer.has_value());
    Prng prng(7);
    while (positions_.size() < kOrders * 7 / 4 + kSales * kSaleFacts) {
      const std::uint64_t order = ++orders_;
      add(OrderPlaced{.order_id = {order},
                      .person_id = {1 + prng.below(kPeople)},
                      .drop_id = {1 + prng.below(2)},
                      .wave = 1,
                      .quantity = 1,
                      .total = Money{199'900, kCny},
                      .expires_at = now() + std::chrono::minutes{15}});
      if (order > kPaidAfter && order % 4 != 0) {
        const OrderId paid{order - kPaidAfter};
        add(OrderPaid{.order_id = paid,
                      .drop_id = {1},
                      .payment_id = std::string_view("pay-" + std::to_string(paid.value)),
                      .amount = Money{199'900, kCny}});
      }
      if (count_ >= kFactsPerBatch) { flush(*writer); }
    }
    flush(*writer);
    open();
  }
  ~SaleFacts() {
    projector_.reset();
    std::filesystem::remove_all(data());
  }
  SaleFacts(const SaleFacts&) = delete;
  SaleFacts& operator=(const SaleFacts&) = delete;

  static std::string data() { return "build/bench-records"; }
  static std::string path() { return data() + "/records.db"; }

  /// Starts with an empty database.
  void forget() {
    projector_.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) { std::filesystem::remove(path() + suffix); }
    open();
    done_ = 0;
  }
  /// Bytes of the database when all is in the one file.
  [[nodiscard]] std::uint64_t size() {
    projector_.reset();
    const std::uint64_t bytes = std::filesystem::file_size(path());
    open();
    return bytes;
  }
  /// Takes the next facts, as if no more were stored yet.
  void step(std::size_t facts) {
    done_ = std::min(done_ + facts, positions_.size());
    const log::Position stored = positions_[done_ - 1];
    while (projector_->cursor() != stored) { FB_ASSERT(projector_->step(stored).has_value()); }
  }
  [[nodiscard]] std::size_t done() const { return done_; }

 private:
  void open() {
    auto projector = RecordsProjector::open(files, data(), path());
    FB_ASSERT(projector.has_value());
    projector_ = std::move(*projector);
  }
  Timestamp now() const {
    return from_unix_ms(1'800'000'000'000 + static_cast<std::int64_t>(orders_ / 10));
  }
  template <class F>
  void add(const F& fact) {
    std::array<std::byte, encoded_size_max<F>()> payload;
    const std::size_t size = encode(fact, payload.data());
    const log::Position position{{positions_.size() + 1}, 0};
    const std::size_t at = batch_.size();
    batch_.resize(at + log::record_size(size));
    (void)log::encode_record({.type = kNumberOf<F>,
                              .version = 1,
                              .offset = position.offset,
                              .timestamp = now(),
                              .term = 1},
                             std::span(payload).first(size), batch_.data() + at);
    positions_.push_back(position);
    ++count_;
  }
  void flush(log::Writer& writer) {
    if (count_ == 0) { return; }
    while (*writer.prepare()) {}
    const std::array<std::span<const std::byte>, 1> pieces = {batch_};
    const log::BatchInfo info{count_, positions_[positions_.size() - count_], positions_.back(), 1};
    FB_ASSERT(writer.append_batch(pieces, info).has_value());
    batch_.clear();
    count_ = 0;
  }

  std::vector<std::byte> batch_;
  std::uint32_t count_ = 0;  ///< Records in `batch_`.
  std::uint64_t orders_ = 0;
  std::vector<log::Position> positions_;
  std::size_t done_ = 0;  ///< Facts that the records have.
  std::unique_ptr<RecordsProjector> projector_;
};

SaleFacts& sale() {
  static SaleFacts one;
  return one;
}

/// A sale with the facts of all kOrders in its records.
SaleFacts& sold() {
  constexpr std::size_t kFacts = kOrders * 7 / 4;
  if (sale().done() < kFacts) { sale().step(kFacts - sale().done()); }
  return sale();
}

/// All facts at once, as after the database was deleted.
void BM_Rebuild(benchmark::State& state) {
  std::size_t facts = 0;
  sale();
  for (auto _ : state) {
    sale().forget();
    sold();
    facts += sale().done();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(facts));
  state.counters["bytes/order"] = static_cast<double>(sale().size()) / kOrders;
}
BENCHMARK(BM_Rebuild)->Unit(benchmark::kMillisecond)->Iterations(1);

/// So many facts a transaction, as they come in a sale. Items per second of processor time.
void BM_Sale(benchmark::State& state) {
  SaleFacts& facts = sold();
  for (auto _ : state) { facts.step(static_cast<std::size_t>(state.range(0))); }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Sale)->Arg(8)->Iterations(kSaleFacts / 8);
BENCHMARK(BM_Sale)->Arg(64)->Iterations(kSaleFacts / 64);
BENCHMARK(BM_Sale)->Arg(512)->Iterations(kSaleFacts / 512);

void list(benchmark::State& state, const OrderFilter& filter) {
  sold();
  const auto reader = RecordsReader::open(SaleFacts::path());
  FB_ASSERT(reader.has_value());
  for (auto _ : state) {
    const auto page = (*reader)->orders(filter);
    FB_ASSERT(page.has_value());
    benchmark::DoNotOptimize(page->size());
  }
}
using enum OrderState;
BENCHMARK_CAPTURE(list, all, {});
BENCHMARK_CAPTURE(list, all_deep, {.before = {kOrders / 2}});
BENCHMARK_CAPTURE(list, of_a_person, {.person_id = {4'711}});
BENCHMARK_CAPTURE(list, of_a_drop, {.drop_id = {1}});
BENCHMARK_CAPTURE(list, pending_of_a_drop_deep,
                  {.drop_id = {1}, .state = pending_payment, .before = {kOrders / 2}});
BENCHMARK_CAPTURE(list, pending_deep, {.state = pending_payment, .before = {kOrders / 2}});
BENCHMARK_CAPTURE(list, cancelled_none, {.state = cancelled});

}  // namespace
}  // namespace firebrand
