#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/digest.hpp"
#include "base/slot_index.hpp"
#include "base/types.hpp"
#include "core/context.hpp"

namespace firebrand {

inline constexpr std::size_t kResultBytesMax = 64;
/// How long a request key is remembered, by log time.
inline constexpr Millis kRepeatWindow = std::chrono::hours{24};
inline constexpr std::uint64_t kRepeatsMax = 16'000'000;

/// The first answer to a request key: what a repeat gets again.
struct Repeat {
  RequestKey key{};
  std::uint64_t fingerprint = 0;  ///< Of the command that came with the key.
  Timestamp remembered_at{};
  std::uint16_t command = 0;
  std::uint16_t result_size = 0;
  std::array<std::byte, kResultBytesMax> result{};  ///< Record bytes of the Result.
};

/// Requests by their key, so that a click that comes twice buys once.
///
/// Only what changed state is remembered: a refusal is decided anew. An entry is 104 bytes and an
/// index slot; it ends after kRepeatWindow of log time, or earlier at the bound of entries; after
/// it, the business id (code, payment id) still answers `exists`.
/// Invariants: entries stand in the order of their time; an entry is in the index until it is
/// forgotten, which zeroes its key.
class Repeats {
 public:
  /// @param entries_max  Most that are remembered, 1 to kRepeatsMax. Part of the state: a snapshot
  ///                     brings its own, so that who loads it forgets what its writer forgets.
  explicit Repeats(std::uint64_t entries_max = kRepeatsMax) : entries_max_(entries_max) {}

  /// What was answered to the key in the time before `now`, or null; its fingerprint tells whether
  /// it came with the same command. Valid until the next remember().
  [[nodiscard]] const Repeat* find(const RequestKey&, Timestamp now) const noexcept;
  /// REQUIRES: find() found nothing. Forgets at most two entries whose time is over.
  void remember(const Repeat&) noexcept;
  void prefetch(const RequestKey&) const noexcept;
  /// One bounded step towards memory for so many more (DenseArray::make_ready).
  /// @return whether it did anything: call again.
  bool make_ready(std::uint64_t entries);

  /// Entries that are remembered, those over but not yet forgotten included.
  [[nodiscard]] std::uint64_t size() const noexcept { return by_key_.size(); }
  [[nodiscard]] std::uint64_t digest() const noexcept {
    return hash_words(digest_.value(), entries_max_);
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  [[nodiscard]] const Repeat* lookup(const RequestKey&) const noexcept;
  static constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};
  [[nodiscard]] std::uint64_t number_of(const RequestKey&) const noexcept;
  void forget(std::uint64_t number) noexcept;
  void pass_forgotten() noexcept;

  std::uint64_t entries_max_;
  DenseArray<Repeat> entries_;
  std::uint64_t oldest_ = 0;  ///< The first entry that is still remembered.
  SlotIndex by_key_;
  Digest digest_;
};

}  // namespace firebrand
