#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace firebrand {

void assert_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "firebrand: assertion failed at %s:%d: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace firebrand
