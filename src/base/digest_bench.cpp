#include <benchmark/benchmark.h>

#include <vector>

#include "base/digest.hpp"

namespace firebrand {
namespace {

// Five words: about one order or account. Entries are hashed one beside the other, as modules do.
void BM_HashFiveWords(benchmark::State& state) {
  std::uint64_t id = 1;
  Digest digest;
  for (auto _ : state) {
    benchmark::DoNotOptimize(++id);
    digest.add(hash_words(id, id, 3, 4, 5));
  }
  benchmark::DoNotOptimize(digest);
}
BENCHMARK(BM_HashFiveWords);

// Each hash waits for the one before: the latency.
void BM_HashFiveWordsInAChain(benchmark::State& state) {
  std::uint64_t id = 1;
  for (auto _ : state) { id = hash_words(id, 2, 3, 4, 5); }
  benchmark::DoNotOptimize(id);
}
BENCHMARK(BM_HashFiveWordsInAChain);

void BM_HashBytes(benchmark::State& state) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{42});
  for (auto _ : state) { benchmark::DoNotOptimize(hash_bytes(bytes)); }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_HashBytes)->Arg(40)->Arg(64 * 1024);

}  // namespace
}  // namespace firebrand
