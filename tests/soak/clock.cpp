// Loaded before the C library (LD_PRELOAD) into a server: its wall clock is the machine's and as
// many seconds more as stand in the file that FIREBRAND_SOAK_CLOCK names, 8 bytes, while it runs.
// Every other clock stays what it is, as when an operator or NTP sets the time.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const std::int64_t* offset = nullptr;

__attribute__((constructor)) void open_offset() {
  const char* const path = std::getenv("FIREBRAND_SOAK_CLOCK");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) { return; }
  void* const mapped = ::mmap(nullptr, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped != MAP_FAILED) { offset = static_cast<const std::int64_t*>(mapped); }
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto status = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (status == 0 && clock == CLOCK_REALTIME && offset != nullptr) {
    time->tv_sec += __atomic_load_n(offset, __ATOMIC_RELAXED);
  }
  return status;
}
