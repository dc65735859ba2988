#include "edge/server/system_clock.hpp"

#include <ctime>

namespace firebrand {

namespace {

std::int64_t read_ms(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000 + now.tv_nsec / 1'000'000;
}

}  // namespace

Timestamp SystemClock::wall() { return from_unix_ms(read_ms(CLOCK_REALTIME)); }

std::int64_t SystemClock::monotonic_ms() { return read_ms(CLOCK_MONOTONIC); }

}  // namespace firebrand
