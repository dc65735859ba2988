#pragma once

namespace firebrand {

/// Asks for the cache line at an address that will be read or written soon. Any address will do: a
/// wrong one costs a little time and nothing else.
inline void prefetch_line(const void* address) {
  __builtin_prefetch(address, 1);
  // g++ takes a function that only prefetches for one without effect and drops the calls to it;
  // an empty volatile instruction keeps them.
  asm volatile("" : : "r"(address));
}

}  // namespace firebrand
