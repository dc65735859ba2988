#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>

/// Counts every allocation of a test or benchmark program by operators of its own. Include it in
/// one source of the program. The sanitizers bring their own operators: nothing is counted then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIREBRAND_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FIREBRAND_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef FIREBRAND_COUNTS_ALLOCATIONS
#define FIREBRAND_COUNTS_ALLOCATIONS 1
#endif

namespace firebrand {

/// By this thread so far.
inline thread_local std::uint64_t allocations = 0;

}  // namespace firebrand

#if FIREBRAND_COUNTS_ALLOCATIONS
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++firebrand::allocations;
  if (void* memory = std::malloc(size)) { return memory; }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
