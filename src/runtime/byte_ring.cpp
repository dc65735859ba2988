#include "runtime/byte_ring.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <system_error>

namespace firebrand {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

ByteRing::ByteRing(std::size_t capacity) : capacity_(capacity) {
  FB_ASSERT(std::has_single_bit(capacity) && capacity >= 4096);
  const int file = ::memfd_create("firebrand-ring", MFD_CLOEXEC);
  if (file < 0) { fail("memfd_create for a ring"); }
  if (::ftruncate(file, static_cast<off_t>(capacity)) != 0) {
    ::close(file);
    fail("ftruncate for a ring");
  }
  // Take the addresses first, then put the same pages there twice.
  void* const place = ::mmap(nullptr, capacity * 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) {
    ::close(file);
    fail("mmap for a ring");
  }
  auto* const bytes = static_cast<std::byte*>(place);
  for (std::byte* half : {bytes, bytes + capacity}) {
    // Populated: a fault for each new page would cost a command more than its work.
    if (::mmap(half, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file,
               0) == MAP_FAILED) {
      ::munmap(place, capacity * 2);
      ::close(file);
      fail("mmap for a ring");
    }
  }
  ::close(file);
  memory_ = bytes;
}

ByteRing::~ByteRing() { ::munmap(memory_, capacity_ * 2); }

}  // namespace firebrand
