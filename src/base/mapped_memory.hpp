#pragma once

#include <cstddef>
#include <utility>

namespace firebrand {

inline constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

/// Whether the kernel may back the memory with 2 MiB pages: faster to walk and to look up, but the
/// first byte touched costs a whole page.
enum class PageHint : unsigned char { small, huge };

/// Zeroed pages straight from the kernel. Nothing is resident until it is touched, so that even a
/// large one is made in microseconds. Move-only; given back on destruction.
class MappedMemory {
 public:
  MappedMemory() = default;
  /// Aligned to 2 MiB when `bytes` is at least that. Running out of memory aborts: the core cannot
  /// go on without, and a restart replays.
  MappedMemory(std::size_t bytes, PageHint hint);
  MappedMemory(MappedMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MappedMemory& operator=(MappedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedMemory();

  [[nodiscard]] void* data() const { return data_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// Gives the pages of a part back to the kernel; they read as zero from then on.
  /// REQUIRES: offset and bytes are multiples of 4096 and inside the mapping.
  void discard(std::size_t offset, std::size_t bytes);

  /// Makes a part resident, so that the first touch of it does not wait for the kernel to clear its
  /// pages. Contents stay. REQUIRES: offset and bytes are inside the mapping.
  void populate(std::size_t offset, std::size_t bytes);

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace firebrand
