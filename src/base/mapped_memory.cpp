#include "base/mapped_memory.hpp"

#include <sys/mman.h>

#include <cstdint>

#include "base/assert.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kPageBytes = 4096;

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

MappedMemory::MappedMemory(std::size_t bytes, PageHint hint) {
  FB_ASSERT(bytes > 0);
  bytes_ = round_up(bytes, kPageBytes);
  // The kernel aligns to 4 KiB only: ask for more, then give back what sticks out.
  const std::size_t slack = bytes_ >= kHugePageBytes ? kHugePageBytes : 0;
  void* const raw = mmap(nullptr, bytes_ + slack, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  const bool out_of_memory = raw == MAP_FAILED;
  FB_ASSERT(!out_of_memory);
  auto* const begin = static_cast<std::byte*>(raw);
  std::size_t front = 0;
  if (slack > 0) {
    const auto address = reinterpret_cast<std::uintptr_t>(raw);
    front = round_up(address, kHugePageBytes) - address;
    if (front > 0) { FB_ASSERT(munmap(begin, front) == 0); }
    if (front < slack) { FB_ASSERT(munmap(begin + front + bytes_, slack - front) == 0); }
  }
  data_ = begin + front;
  // Advice only: a kernel without huge pages serves small ones.
  if (hint == PageHint::huge && slack > 0) { (void)madvise(data_, bytes_, MADV_HUGEPAGE); }
}

MappedMemory::~MappedMemory() {
  if (data_ != nullptr) { FB_ASSERT(munmap(data_, bytes_) == 0); }
}

void MappedMemory::discard(std::size_t offset, std::size_t bytes) {
  FB_ASSERT(offset % kPageBytes == 0 && bytes % kPageBytes == 0);
  FB_ASSERT(offset <= bytes_ && bytes <= bytes_ - offset);
  FB_ASSERT(madvise(static_cast<std::byte*>(data_) + offset, bytes, MADV_DONTNEED) == 0);
}

void MappedMemory::populate(std::size_t offset, std::size_t bytes) {
  FB_ASSERT(offset <= bytes_ && bytes <= bytes_ - offset);
  auto* const begin = static_cast<std::byte*>(data_) + offset / kPageBytes * kPageBytes;
  auto* const end = static_cast<std::byte*>(data_) + offset + bytes;
#ifdef MADV_POPULATE_WRITE
  if (madvise(begin, static_cast<std::size_t>(end - begin), MADV_POPULATE_WRITE) == 0) { return; }
#endif
  // A kernel before 5.14, or one that has no memory left: then the touch itself says so.
  for (std::byte* page = begin; page < end; page += kPageBytes) {
    volatile std::byte& byte = *page;
    byte = byte;
  }
}

}  // namespace firebrand
