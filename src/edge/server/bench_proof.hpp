#pragma once

#include <cstdint>
#include <string>

namespace firebrand {

struct ProofBenchOptions {
  std::uint64_t units = 1'000'000;  ///< Sold one by one: a leaf each.
  std::uint32_t proofs = 10'000;    ///< Asked for one after another.
  std::string data = "bench-data";
  bool json = false;
};

/// The public log: a full sale with and without it, how far its head is behind meanwhile, leaves a
/// second by itself, size and time of a proof, how long it takes to verify all of it, and how far
/// the head is behind while 10,000 leaves come a second.
/// @return the exit code.
[[nodiscard]] int bench_proof(const ProofBenchOptions& options);

}  // namespace firebrand
