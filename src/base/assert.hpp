#pragma once

namespace firebrand {

/// Prints the broken assertion to standard error and aborts. Never returns.
[[noreturn]] void assert_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace firebrand

/// Our own bug: on in every build. A restart replays the log. Never used on input from outside.
#define FB_ASSERT(condition) \
  ((condition) ? void() : ::firebrand::assert_failed(#condition, __FILE__, __LINE__))
