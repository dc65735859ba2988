#include <benchmark/benchmark.h>

#include <string>

#include "base/codec_json.hpp"
#include "base/codec_test_types.hpp"

namespace firebrand {
namespace {

using codec_test::Everything;

Everything example() {
  Everything value;
  value.release = codec_test::Release::manual;
  value.sku_id = {7};
  value.ttl = Millis{60'000};
  value.currency = Currency::of("CNY");
  value.price = {199'900, Currency::of("CNY")};
  value.note = "First batch, black";
  value.numbers = {1, 2, 3};
  value.name = {"第一批", "First batch"};
  value.waves = {{from_unix_ms(1'795'291'200'000), 100'000, codec_test::Release::automatic},
                 {from_unix_ms(1'795'294'800'000), 200'000, codec_test::Release::manual}};
  return value;
}

// 23 fields with lists and nested structs, about 700 bytes.
void BM_ReadEverything(benchmark::State& state) {
  const PaddedJson body(to_json(example()));
  for (auto _ : state) {
    Everything value;
    benchmark::DoNotOptimize(read_json_into(value, body.view()));
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.view().size()));
}
BENCHMARK(BM_ReadEverything);

void BM_WriteEverything(benchmark::State& state) {
  const Everything value = example();
  std::string text;
  for (auto _ : state) {
    text.clear();
    CharSink sink(text);
    write_json(value, sink);
    benchmark::DoNotOptimize(text);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_WriteEverything);

}  // namespace
}  // namespace firebrand
