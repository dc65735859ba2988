#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

/// What the kernel says of a process. Linux only; nothing where /proc does not tell.
namespace firebrand {

/// User and system time of all its threads so far, in clock ticks (10 ms).
[[nodiscard]] std::optional<std::chrono::microseconds> process_cpu_time(pid_t pid);

/// Memory of the process that is in RAM.
[[nodiscard]] std::optional<std::uint64_t> process_resident_bytes(pid_t pid);

/// Memory of all sockets of the machine: their buffers, and their objects if /proc/slabinfo may be
/// read (root). Both ends of a connection over loopback count.
[[nodiscard]] std::optional<std::uint64_t> kernel_socket_bytes();

/// CPU time of the calling thread.
[[nodiscard]] std::chrono::nanoseconds thread_cpu_time() noexcept;

/// Binds all present threads of a process to one core. @return false if the kernel refused.
[[nodiscard]] bool pin_process(pid_t pid, int cpu);

/// Binds the calling thread to one core for its lifetime; does nothing without a core.
class PinnedThread {
 public:
  explicit PinnedThread(std::optional<int> cpu);
  ~PinnedThread();
  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;

 private:
  struct Before;
  std::unique_ptr<Before> before_;
};

/// Raises the limit of open files as far as it goes. @return the limit now.
std::uint64_t raise_open_files_limit(std::uint64_t wanted);

}  // namespace firebrand
