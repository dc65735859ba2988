#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/mapped_memory.hpp"
#include "base/prefetch.hpp"

namespace firebrand {

/// Entries in creation order, numbered from 0 and never moved: a pointer to an entry is good until
/// the entry is retired. Growing never copies and costs one mapping a chunk, so that no command
/// stalls however large the array is.
///
/// Memory: chunks of a power of two entries, 2 MiB to 16 MiB of address space, resident only where
/// touched; all but the first ask for huge pages. Clearing a huge page takes the kernel longer than
/// most commands take: make_ready() does that ahead of time. An entry that will not be read again
/// is retired; a chunk whose entries are all retired goes back to the kernel, while numbers go on
/// counting.
/// One thread. Move-only.
template <class T>
class DenseArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  /// Entries a chunk: at least 2 MiB; up to 16 MiB if that makes whole huge pages.
  static constexpr std::uint64_t kChunkEntries = [] {
    std::uint64_t entries = std::bit_ceil((kHugePageBytes + sizeof(T) - 1) / sizeof(T));
    for (std::uint64_t more = entries; more * sizeof(T) <= 8 * kHugePageBytes; more *= 2) {
      if (more * sizeof(T) % kHugePageBytes == 0) { return more; }
    }
    return entries;
  }();

  DenseArray() = default;
  DenseArray(DenseArray&& other) noexcept { swap(other); }
  DenseArray& operator=(DenseArray&& other) noexcept {
    DenseArray moved(std::move(other));
    swap(moved);
    return *this;
  }

  /// Number of the first entry that may still be there: all before it are given back.
  [[nodiscard]] std::uint64_t first() const { return first_chunk_ << kShift; }
  /// Number of the next entry.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Whether entry i can be read: false when never pushed or when its chunk is given back. A
  /// retired entry whose chunk is still here keeps its last value.
  [[nodiscard]] bool resident(std::uint64_t i) const {
    return i >= first() && i < size_ && entries_of(i) != nullptr;
  }

  /// The first entry from i on that can be read, or size(). Steps over whole chunks, so that a walk
  /// costs what is there, not what was.
  [[nodiscard]] std::uint64_t next_resident(std::uint64_t i) const {
    if (i < first()) { i = first(); }
    while (i < size_ && entries_of(i) == nullptr) { i = (i | kMask) + 1; }
    return i < size_ ? i : size_;
  }

  /// REQUIRES: resident(i).
  [[nodiscard]] T& operator[](std::uint64_t i) {
    FB_ASSERT(resident(i));
    return entries_of(i)[i & kMask];
  }
  [[nodiscard]] const T& operator[](std::uint64_t i) const {
    FB_ASSERT(resident(i));
    return entries_of(i)[i & kMask];
  }

  /// O(1); touches at most one new page, or maps one new chunk.
  T& push_back(const T& entry) {
    Chunk& chunk = mapped_chunk(size_);
    T* const place = static_cast<T*>(chunk.memory.data()) + (size_ & kMask);
    *place = entry;
    // The lines after the end are in no cache, and a store that waits for its line holds up those
    // behind it. Past the last chunk this does nothing.
    prefetch_line(reinterpret_cast<const char*>(place) + kPrefetchBytes);
    ++chunk.live;
    ++size_;
    return *place;
  }

  /// Makes memory resident for the next `entries` entries, 2 MiB at a time.
  /// @return whether it did anything: call again. False: all of it is there.
  bool make_ready(std::uint64_t entries) {
    if (ready_ < size_) { ready_ = size_; }
    if (ready_ >= size_ + entries) { return false; }
    Chunk& chunk = mapped_chunk(ready_);
    const std::size_t from = (ready_ & kMask) * sizeof(T);
    const std::size_t until = std::min((from / kHugePageBytes + 1) * kHugePageBytes,
                                       static_cast<std::size_t>(kChunkEntries * sizeof(T)));
    chunk.memory.populate(from, until - from);
    // The entry that lies across the end is ready as well: its rest is populated next.
    ready_ = (ready_ & ~kMask) + (until + sizeof(T) - 1) / sizeof(T);
    return true;
  }

  /// Says that entry i will not be read again. Each entry at most once. REQUIRES: resident(i).
  void retire(std::uint64_t i) {
    FB_ASSERT(resident(i));
    Chunk& chunk = chunks_[(i >> kShift) - first_chunk_];
    FB_ASSERT(chunk.live > 0);
    --chunk.live;
    const bool full = (i >> kShift) < (size_ >> kShift);
    if (chunk.live == 0 && full) {
      chunk.memory = MappedMemory();
      drop_front();
    }
  }

  /// Forgets the entries of one chunk, the last: a large array ends in steps, because the kernel
  /// takes long to take much at once. @return whether it did anything: call again.
  bool give_back() {
    if (chunks_.empty()) { return false; }
    chunks_.pop_back();
    size_ = std::min(size_, (first_chunk_ + chunks_.size()) << kShift);
    ready_ = 0;
    return true;
  }

  /// Numbers the next entry `size`: those passed over count as retired, and whole chunks of them
  /// take no memory. O(chunks passed over). For loading. REQUIRES: size >= size().
  void skip_to(std::uint64_t size) {
    FB_ASSERT(size >= size_);
    forget_ready();
    if (chunks_.empty()) {
      first_chunk_ = size >> kShift;  // Nothing is here yet: start where the numbers start.
      if ((size & kMask) != 0) { chunks_.push_back(Chunk{}); }
      size_ = size;
      return;
    }
    Chunk& last = chunks_.back();
    const std::uint64_t last_chunk = first_chunk_ + chunks_.size() - 1;
    const std::uint64_t needed = (size + kMask) >> kShift;
    size_ = size;
    const bool passed = (size >> kShift) > last_chunk;
    if (passed && last.live == 0) { last.memory = MappedMemory(); }
    chunks_.resize(needed - first_chunk_);
    drop_front();
  }

  /// Brings the line of entry i into the cache, if it is there. For look-ahead; never wrong.
  void prefetch(std::uint64_t i) const {
    if (!resident(i)) { return; }
    const auto* const bytes = reinterpret_cast<const char*>(entries_of(i) + (i & kMask));
    prefetch_line(bytes);
    // An entry may lie across two lines.
    if constexpr (64 % sizeof(T) != 0) { prefetch_line(bytes + sizeof(T) - 1); }
  }

  /// Bytes mapped now: address space, an upper bound of what is resident.
  [[nodiscard]] std::uint64_t bytes_mapped() const {
    std::uint64_t bytes = 0;
    for (const Chunk& chunk : chunks_) { bytes += chunk.memory.bytes(); }
    return bytes;
  }

 private:
  static constexpr unsigned kShift = static_cast<unsigned>(std::countr_zero(kChunkEntries));
  static constexpr std::uint64_t kMask = kChunkEntries - 1;
  static constexpr std::size_t kPrefetchBytes = 512;

  struct Chunk {
    MappedMemory memory;
    std::uint64_t live = 0;  ///< Pushed and not retired.
  };

  [[nodiscard]] T* entries_of(std::uint64_t i) const {
    return static_cast<T*>(chunks_[(i >> kShift) - first_chunk_].memory.data());
  }

  /// The chunk of an entry from size() on, with memory.
  [[nodiscard]] Chunk& mapped_chunk(std::uint64_t i) {
    const std::uint64_t at = (i >> kShift) - first_chunk_;
    while (chunks_.size() <= at) { chunks_.push_back(Chunk{}); }
    Chunk& chunk = chunks_[at];
    if (chunk.memory.data() == nullptr) {
      // A small array does not cost a huge page: the first chunk grows by 4 KiB pages.
      chunk.memory = MappedMemory(kChunkEntries * sizeof(T),
                                  i < kChunkEntries ? PageHint::small : PageHint::huge);
    }
    return chunk;
  }

  /// Gives back the chunks that no entry has come to yet.
  void forget_ready() {
    const std::uint64_t used = ((size_ + kMask) >> kShift) - first_chunk_;
    if (chunks_.size() > used) { chunks_.resize(used); }
    ready_ = 0;
  }

  /// Forgets the chunks at the front that are full and given back.
  void drop_front() {
    std::size_t gone = 0;
    while (gone < chunks_.size() && chunks_[gone].memory.data() == nullptr &&
           ((first_chunk_ + gone + 1) << kShift) <= size_) {
      ++gone;
    }
    first_chunk_ += gone;
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(gone));
  }

  void swap(DenseArray& other) noexcept {
    std::swap(chunks_, other.chunks_);
    std::swap(first_chunk_, other.first_chunk_);
    std::swap(size_, other.size_);
    std::swap(ready_, other.ready_);
  }

  std::vector<Chunk> chunks_;      // Few: a pointer a chunk, moved only when the list doubles.
  std::uint64_t first_chunk_ = 0;  // Number of chunks_[0] when counted from entry 0.
  std::uint64_t size_ = 0;
  std::uint64_t ready_ = 0;  // Entries from size_ to here have resident memory.
};

}  // namespace firebrand
