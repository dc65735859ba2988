#pragma once

#include <atomic>
#include <cstdint>

#include "base/types.hpp"

namespace firebrand {

/// Lets one thread sleep until another has made work for it; a system call only if it sleeps.
///
///     for (;;) {
///       const std::uint32_t seen = wakeup.seen();
///       if (part.step()) { continue; }
///       wakeup.wait(seen, timeout);   // Returns at once if notify() came since seen().
///     }
class Wakeup {
 public:
  [[nodiscard]] std::uint32_t seen() const noexcept {
    return epoch_.load(std::memory_order_seq_cst);
  }
  /// Any thread.
  void notify() noexcept;
  /// The one sleeping thread. Returns on notify() since `seen`, or after the timeout.
  void wait(std::uint32_t seen, Millis timeout) noexcept;

 private:
  std::atomic<std::uint32_t> epoch_{0};
  std::atomic<std::uint32_t> sleeping_{0};
};

}  // namespace firebrand
