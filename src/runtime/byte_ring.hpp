#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.hpp"
#include "base/prefetch.hpp"

namespace firebrand {

/// Bytes from one thread to another, in order, without a lock. The memory is mapped twice in a
/// row, so that whatever is readable or writable is one contiguous span, around the end too.
///
/// One producer: has_room() → write at end() → push() any number of times → publish().
/// One consumer: readable() → consume(). Bytes are zero or old before they are written.
class ByteRing {
 public:
  /// @param capacity  Bytes, a power of two, at least 4 KiB. Resident from the start.
  /// Throws std::system_error if there is no memory: rings are made at the start.
  explicit ByteRing(std::size_t capacity);
  ~ByteRing();
  ByteRing(const ByteRing&) = delete;
  ByteRing& operator=(const ByteRing&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Producer: whether so many bytes may be written at end(). Looks at what the consumer gave back
  /// only if what was seen before is not enough.
  [[nodiscard]] bool has_room(std::size_t bytes) noexcept {
    if (capacity_ - static_cast<std::size_t>(written_ - consumed_seen_) >= bytes) { return true; }
    consumed_seen_ = consumed_.load(std::memory_order_acquire);
    return capacity_ - static_cast<std::size_t>(written_ - consumed_seen_) >= bytes;
  }
  /// Producer: where the next bytes go.
  [[nodiscard]] std::byte* end() noexcept { return memory_ + (written_ & (capacity_ - 1)); }
  /// Producer: the next `bytes` bytes at end() are written. Not yet visible.
  void push(std::size_t bytes) noexcept {
    // The other thread has had these lines: a store that waits for its line holds up those behind.
    const std::byte* const ahead = end() + kPrefetchBytes;
    for (std::size_t line = 0; line < bytes; line += 64) { prefetch_line(ahead + line); }
    written_ += bytes;
  }
  /// Producer: everything pushed becomes readable.
  void publish() noexcept { published_.store(written_, std::memory_order_release); }

  /// Consumer: all published bytes that are not consumed.
  [[nodiscard]] std::span<std::byte> readable() noexcept {
    const std::uint64_t published = published_.load(std::memory_order_acquire);
    const std::uint64_t consumed = consumed_.load(std::memory_order_relaxed);
    return {memory_ + (consumed & (capacity_ - 1)), static_cast<std::size_t>(published - consumed)};
  }
  /// Consumer: gives `bytes` of readable() back.
  void consume(std::size_t bytes) noexcept {
    consumed_.store(consumed_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
  }

  /// Any thread: bytes published and not consumed, about.
  [[nodiscard]] std::size_t backlog() const noexcept {
    const std::uint64_t consumed = consumed_.load(std::memory_order_acquire);
    return static_cast<std::size_t>(published_.load(std::memory_order_acquire) - consumed);
  }

 private:
  static constexpr std::size_t kPrefetchBytes = 1024;

  std::byte* memory_ = nullptr;
  std::size_t capacity_ = 0;
  alignas(64) std::uint64_t written_ = 0;  // Producer only.
  std::uint64_t consumed_seen_ = 0;        // Producer only.
  alignas(64) std::atomic<std::uint64_t> published_{0};
  alignas(64) std::atomic<std::uint64_t> consumed_{0};
};

}  // namespace firebrand
