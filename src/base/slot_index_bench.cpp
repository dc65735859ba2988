#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "base/dense_array.hpp"
#include "base/digest.hpp"
#include "base/slot_index.hpp"

namespace firebrand {
namespace {

double thread_cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// An array of 8-byte keys with its index, filled from empty. `slowest_us` is the CPU time of the
// slowest 32 inserts in a row, growth and new pages included: the most that a command could stall.
void BM_FillFromEmpty(benchmark::State& state) {
  const auto entries = static_cast<std::uint32_t>(state.range(0));
  double slowest_us = 0;
  double bytes_per_entry = 0;
  for (auto _ : state) {
    DenseArray<std::uint64_t> keys;
    SlotIndex index;
    double before_us = thread_cpu_us();
    for (std::uint32_t key = 0; key < entries; ++key) {
      keys.push_back(key);
      index.insert(hash_words(key), key);
      if (key % 32 != 31) { continue; }
      const double now_us = thread_cpu_us();
      slowest_us = std::max(slowest_us, now_us - before_us);
      before_us = now_us;
    }
    bytes_per_entry = static_cast<double>(index.bytes_mapped()) / entries;
  }
  state.SetItemsProcessed(state.iterations() * entries);
  state.counters["slowest_us"] = slowest_us;
  state.counters["index_bytes_per_entry"] = bytes_per_entry;
}
BENCHMARK(BM_FillFromEmpty)->Arg(100'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// Look-ups in no order, prefetched eight ahead; half of the keys are there. Range: entries.
void BM_Find(benchmark::State& state) {
  const auto entries = static_cast<std::uint32_t>(state.range(0));
  DenseArray<std::uint64_t> keys;
  SlotIndex index;
  for (std::uint32_t key = 0; key < entries; ++key) {
    keys.push_back(key);
    index.insert(hash_words(key), key);
  }
  const auto key_at = [&](std::uint64_t i) { return hash_words(i, i) % (2ULL * entries); };
  std::uint64_t i = 0;
  for (auto _ : state) {
    index.prefetch(hash_words(key_at(i + 8)));
    const std::uint64_t key = key_at(i++);
    benchmark::DoNotOptimize(
        index.find(hash_words(key), [&](std::uint32_t slot) { return keys[slot] == key; }));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Find)->Arg(100'000)->Arg(10'000'000);

}  // namespace
}  // namespace firebrand
