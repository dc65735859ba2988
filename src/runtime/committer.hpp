#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/types.hpp"
#include "log/writer.hpp"
#include "runtime/byte_ring.hpp"
#include "runtime/sequencer.hpp"

namespace firebrand {

/// Counters for /metrics; the committer writes, anybody reads.
struct CommitterStats {
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> bytes{0};
};

/// Makes records durable: everything that waits in the ring becomes one batch, one write, one
/// sync; then the durable offset moves and answers may leave. Group commit by itself: what comes
/// while a sync runs goes into the next batch.
///
/// A failed write or sync stops the process: some records are in doubt, and only a restart knows.
class Committer {
 public:
  /// What a broken log does to the process; the message says which directory. Live it never
  /// returns; a simulation throws its own.
  using FailStop = void (*)(const std::string& message);

  Committer(log::Writer& writer, ByteRing& records, LogSpace& log_space,
            std::uint64_t batch_bytes_max, FailStop fail_stop);

  /// Commits one batch if anything waits. @return whether it did.
  bool step();

  /// Any thread. Everything up to here survives a crash.
  [[nodiscard]] LogOffset durable() const noexcept {
    return {durable_.load(std::memory_order_acquire)};
  }
  [[nodiscard]] const CommitterStats& stats() const noexcept { return stats_; }

 private:
  log::Writer& writer_;
  ByteRing& records_;
  LogSpace& log_space_;
  std::uint64_t batch_bytes_max_;
  FailStop fail_stop_;
  std::uint64_t appended_bytes_ = 0;
  std::atomic<std::uint64_t> durable_;
  CommitterStats stats_;
};

}  // namespace firebrand
