#pragma once

#include <cstdint>
#include <string>

namespace firebrand {

struct QueueBenchOptions {
  std::uint64_t places = 1'000'000;  ///< People who wait, in memory.
  std::uint64_t joins = 300'000;     ///< With a synced log, beside that.
  std::string data = "bench-data";
  bool json = false;
};

/// A waiting room: bytes a person, joins a second by the engine alone and with a synced log, what
/// an admission costs at most, and how fast a position is computed for a poll. @return the exit
/// code.
[[nodiscard]] int bench_queue(const QueueBenchOptions& options);

}  // namespace firebrand
