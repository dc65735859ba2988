#include <benchmark/benchmark.h>

#include <array>

#include "base/codec_binary.hpp"
#include "base/codec_test_types.hpp"

namespace firebrand {
namespace {

using codec_test::PlaceOrder;

void BM_EncodeHotCommand(benchmark::State& state) {
  PlaceOrder order{.drop_id = {1}, .person_id = {3}, .quantity = 1, .currency = {}, .key_hash = 5};
  std::array<std::byte, encoded_size_max<PlaceOrder>()> bytes;
  for (auto _ : state) {
    benchmark::DoNotOptimize(order);
    benchmark::DoNotOptimize(encode(order, bytes.data()));
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodeHotCommand);

void BM_DecodeHotCommand(benchmark::State& state) {
  const PlaceOrder order{.drop_id = {1},
                         .person_id = {3},
                         .quantity = 1,
                         .currency = Currency::of("CNY"),
                         .key_hash = 5};
  std::array<std::byte, encoded_size_max<PlaceOrder>()> bytes;
  const std::size_t size = encode(order, bytes.data());
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes);
    PlaceOrder read;
    benchmark::DoNotOptimize(decode_into(read, std::span(bytes).first(size)));
    benchmark::DoNotOptimize(read);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeHotCommand);

}  // namespace
}  // namespace firebrand
