#pragma once

#include <cstdint>
#include <string>

namespace firebrand {

struct DropBenchOptions {
  std::uint64_t units = 300'000;
  std::uint64_t fans = 3'000'000;
  std::uint64_t accounts = 0;  ///< Right accounts that are in the ledger before the clock starts.
  std::uint32_t rounds = 1;    ///< Each with a node of its own; the medians count.
  std::string data = "bench-data";
  bool json = false;
};

/// From the first of `fans` decoded purchases to the last durable answer, refusals included.
/// @return the exit code.
[[nodiscard]] int bench_drop(const DropBenchOptions& options);

struct RestartBenchOptions {
  std::uint64_t accounts = 10'000'000;
  std::uint64_t records = 3'000'000;
  std::uint32_t rounds = 1;  ///< Starts from the same directory; the median counts.
  std::string data = "bench-data";
  bool json = false;
};

/// Makes a data directory with a snapshot and records behind it, and opens it.
[[nodiscard]] int bench_restart(const RestartBenchOptions& options);

}  // namespace firebrand
