#pragma once

#include <cstdint>
#include <string>

namespace firebrand {

struct DrawBenchOptions {
  std::uint64_t entrants = 1'000'000;
  std::uint64_t units = 10'000;
  std::string data = "bench-data";
  bool json = false;
};

/// A draw from its durable entries to its verified record: how long the computation takes, and how
/// long the engine is held up by a step of applying it. @return the exit code.
[[nodiscard]] int bench_draw(const DrawBenchOptions& options);

}  // namespace firebrand
