#include "edge/bench/process_stats.hpp"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include "base/file_text.hpp"

namespace firebrand {

namespace {

std::string proc_path(pid_t pid, std::string_view file) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(file);
}

}  // namespace

std::optional<std::chrono::microseconds> process_cpu_time(pid_t pid) {
  const std::string text = file_text(proc_path(pid, "stat")).value_or("");
  // The name in the second field may hold blanks and brackets; its end is the last bracket.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) { return std::nullopt; }
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) { fields >> skipped; }
  std::int64_t user = 0;
  std::int64_t system = 0;
  if (!(fields >> user >> system)) { return std::nullopt; }
  return std::chrono::microseconds{(user + system) * 1'000'000 / sysconf(_SC_CLK_TCK)};
}

std::optional<std::uint64_t> process_resident_bytes(pid_t pid) {
  std::istringstream fields(file_text(proc_path(pid, "statm")).value_or(""));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(fields >> total >> resident)) { return std::nullopt; }
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> kernel_socket_bytes() {
  const std::string sockets = file_text("/proc/net/sockstat").value_or("");
  const std::size_t tcp = sockets.find("TCP:");
  const std::size_t mem = tcp == std::string::npos ? tcp : sockets.find(" mem ", tcp);
  if (mem == std::string::npos) { return std::nullopt; }
  std::uint64_t bytes = std::strtoull(sockets.c_str() + mem + 5, nullptr, 10) *
                        static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::istringstream slabs(file_text("/proc/slabinfo").value_or(""));
  for (std::string line; std::getline(slabs, line);) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t active = 0;
    std::uint64_t objects = 0;
    std::uint64_t object_bytes = 0;
    if (!(fields >> name >> active >> objects >> object_bytes)) { continue; }
    if (name == "TCP" || name == "TCPv6" || name == "sock_inode_cache" || name == "filp" ||
        name == "eventpoll_epi") {
      bytes += objects * object_bytes;
    }
  }
  return bytes;
}

std::chrono::nanoseconds thread_cpu_time() noexcept {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

bool pin_process(pid_t pid, int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) { return false; }
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  DIR* const tasks = opendir(proc_path(pid, "task").c_str());
  if (tasks == nullptr) { return false; }
  bool pinned = true;
  while (const dirent* const entry = readdir(tasks)) {
    const auto thread = static_cast<pid_t>(std::atoi(entry->d_name));
    if (thread > 0) { pinned = sched_setaffinity(thread, sizeof set, &set) == 0 && pinned; }
  }
  closedir(tasks);
  return pinned;
}

struct PinnedThread::Before {
  cpu_set_t set;
};

PinnedThread::PinnedThread(std::optional<int> cpu) {
  if (!cpu.has_value() || *cpu < 0 || *cpu >= CPU_SETSIZE) { return; }
  Before before{};
  if (sched_getaffinity(0, sizeof before.set, &before.set) != 0) { return; }
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(*cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) == 0) { before_ = std::make_unique<Before>(before); }
}

PinnedThread::~PinnedThread() {
  if (before_ != nullptr) { (void)sched_setaffinity(0, sizeof before_->set, &before_->set); }
}

std::uint64_t raise_open_files_limit(std::uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) { return 0; }
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) { limit = raised; }
  }
  return limit.rlim_cur;
}

}  // namespace firebrand
