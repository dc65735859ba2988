#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"

/// The format firebrand-draw/1: winners that nobody could choose and everybody can compute again.
///
/// The operator publishes `draw_commitment(reveal)` before entries close, then the list's root and
/// count, then the reveal, before a public beacon of a round fixed in advance is known. Neither the
/// operator, who fixed the reveal before the list, nor an entrant, who did not know it, nor the
/// beacon has a say in the outcome alone. docs/formats/draw-record.md has the whole, with worked
/// examples.
namespace firebrand {

/// SHA-256 over "firebrand-commit/1", a zero byte and the reveal.
[[nodiscard]] Hash256 draw_commitment(const Hash256& reveal);

/// Sorts the ids by their bytes and takes out what stands twice.
void sort_entrants(std::vector<std::string>& entrants);
/// Root of the Merkle tree over the entrants. REQUIRES: sort_entrants() order.
[[nodiscard]] Hash256 entrants_root(std::span<const std::string> entrants);

/// SHA-256 over "firebrand-draw/1", a zero byte, the draw's id, a zero byte, root, reveal, beacon.
[[nodiscard]] Hash256 draw_seed(std::string_view draw_id, const Hash256& root,
                                const Hash256& reveal, const Hash256& beacon);

/// Numbers from a seed: SHA-256 over the seed and a counter (8 bytes, big-endian, from zero), cut
/// into words of 8 bytes, big-endian.
class DrawStream {
 public:
  explicit DrawStream(const Hash256& seed) : seed_(seed) {}
  [[nodiscard]] std::uint64_t next();
  /// Uniform in 0 to bound - 1: words from the largest multiple of `bound` on are passed over.
  /// REQUIRES: bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);

 private:
  static constexpr std::size_t kWords = 4;

  Hash256 seed_;
  std::uint64_t counter_ = 0;
  std::size_t used_ = kWords;  // Of block_.
  Hash256 block_{};
};

/// The first `picks` places of a random order of 0 to count - 1 (Fisher and Yates, from the front);
/// all of them if there are fewer. What a longer draw picks begins with what a shorter one picks,
/// so a reserve list is the same draw taken further. 4 bytes an entrant; 0.1 µs a pick. REQUIRES:
/// count <= 2^32 - 1.
[[nodiscard]] std::vector<std::uint32_t> draw_order(const Hash256& seed, std::uint64_t count,
                                                    std::uint64_t picks);

}  // namespace firebrand
