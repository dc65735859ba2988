// The body of a purchase, read into the very command that the server reads it into.
#include <benchmark/benchmark.h>

#include "base/codec_json.hpp"
#include "base/counted_allocations.hpp"
#include "core/launch/sale.hpp"

namespace firebrand {
namespace {

void read_place_order(benchmark::State& state, const char* text) {
  const PaddedJson body(text);
  PlaceOrder order;
  (void)read_json_into(order, body.view());  // The parser of this thread is made at first use.
  std::uint64_t allocated = 0;
  for (auto _ : state) {
    const std::uint64_t before = allocations;
    benchmark::DoNotOptimize(read_json_into(order, body.view()));
    benchmark::DoNotOptimize(order);
    allocated += allocations - before;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["allocations"] = static_cast<double>(allocated);
}

// 31 bytes, the hot path of the server. Goal: at most 1 us, nothing allocated.
void BM_ReadPlaceOrder(benchmark::State& state) {
  read_place_order(state, R"({"quantity":1,"currency":"CNY"})");
}
BENCHMARK(BM_ReadPlaceOrder);

void BM_ReadEmptyPlaceOrder(benchmark::State& state) { read_place_order(state, "{}"); }
BENCHMARK(BM_ReadEmptyPlaceOrder);

void BM_WritePlaceOrderResult(benchmark::State& state) {
  const PlaceOrderResult result{.status = PlaceOrderStatus::created,
                                .wave = 1,
                                .order_id = {123'456},
                                .created_at = from_unix_ms(1'795'291'200'000),
                                .expires_at = from_unix_ms(1'795'292'100'000),
                                .total = {199'900, Currency::of("CNY")}};
  std::string text;
  for (auto _ : state) {
    text.clear();
    CharSink sink(text);
    write_json(result, sink);
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(BM_WritePlaceOrderResult);

}  // namespace
}  // namespace firebrand
