#pragma once

#include <atomic>
#include <cstdint>

#include "base/types.hpp"
#include "log/writer.hpp"
#include "runtime/byte_ring.hpp"
#include "runtime/committer.hpp"

namespace firebrand {

/// Stores the facts of durable records in facts/: the same segment code as the log, id = log
/// offset and index. Everything that looks at what happened reads there, each with its own cursor.
class Projector {
 public:
  Projector(log::Writer& writer, ByteRing& facts, const Committer& committer, LogSpace& log_space,
            std::uint64_t batch_bytes_max, Committer::FailStop fail_stop);

  /// Stores one batch of facts whose records are durable. @return whether it did.
  bool step();

  /// Any thread: the newest fact that can be read in facts/.
  [[nodiscard]] log::Position stored() const noexcept {
    return log::unpack(stored_.load(std::memory_order_acquire));
  }
  /// Any thread: every fact of every record up to here is in facts/.
  [[nodiscard]] LogOffset complete() const noexcept {
    return {complete_.load(std::memory_order_acquire)};
  }

 private:
  log::Writer& writer_;
  ByteRing& facts_;
  const Committer& committer_;
  LogSpace& log_space_;
  std::uint64_t batch_bytes_max_;
  Committer::FailStop fail_stop_;
  std::atomic<std::uint64_t> stored_;  ///< log::pack() of the position.
  std::atomic<std::uint64_t> complete_;
};

}  // namespace firebrand
