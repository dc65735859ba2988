#include <benchmark/benchmark.h>

#include <vector>

#include "base/crc32c.hpp"

namespace firebrand {
namespace {

// 128 bytes: one record. 256 KiB: one synced batch.
void BM_Crc32c(benchmark::State& state) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{42});
  for (auto _ : state) { benchmark::DoNotOptimize(crc32c(bytes)); }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Crc32c)->Arg(128)->Arg(256 * 1024);

void BM_Crc32cByTable(benchmark::State& state) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{42});
  for (auto _ : state) { benchmark::DoNotOptimize(crc32c_by_table(bytes)); }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Crc32cByTable)->Arg(128)->Arg(256 * 1024);

}  // namespace
}  // namespace firebrand
