#pragma once

#include <cstdint>
#include <string>

namespace firebrand {

struct SnapshotBenchOptions {
  std::uint64_t accounts = 1'000'000;  ///< In the ledger before, and in every snapshot.
  std::uint32_t rate = 20'000;         ///< Purchases a second, evenly spaced.
  std::uint32_t seconds = 5;           ///< Of a round, before its snapshot begins.
  std::uint32_t rounds = 3;            ///< One snapshot each; the medians count.
  std::string data = "bench-data";
  bool json = false;
};

/// How long purchases wait for their commit while a snapshot is made beside them, and while none
/// is: from the moment each was due until its answer may leave. @return the exit code.
[[nodiscard]] int bench_snapshot(const SnapshotBenchOptions& options);

}  // namespace firebrand
