#include "edge/server/wakeup.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace firebrand {

void Wakeup::notify() noexcept {
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  if (sleeping_.load(std::memory_order_seq_cst) == 0) { return; }
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&epoch_), FUTEX_WAKE_PRIVATE, 1, nullptr,
            nullptr, 0);
}

void Wakeup::wait(std::uint32_t seen, Millis timeout) noexcept {
  sleeping_.store(1, std::memory_order_seq_cst);
  if (epoch_.load(std::memory_order_seq_cst) == seen) {
    const std::int64_t ms = std::max<std::int64_t>(timeout.count(), 0);
    const timespec limit{.tv_sec = ms / 1'000, .tv_nsec = ms % 1'000 * 1'000'000};
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&epoch_), FUTEX_WAIT_PRIVATE, seen,
              &limit, nullptr, 0);
  }
  sleeping_.store(0, std::memory_order_seq_cst);
}

}  // namespace firebrand
