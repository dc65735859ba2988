#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/sha256.hpp"

/// Merkle trees of RFC 6962, section 2.1: a hash that stands for a list, of which anybody can check
/// that it holds an entry, or that it only grew, without having all of it.
namespace firebrand {

/// SHA-256 over a zero byte and the entry.
[[nodiscard]] Hash256 merkle_leaf(std::span<const std::byte> entry);
/// SHA-256 over a byte of value one and both children.
[[nodiscard]] Hash256 merkle_node(const Hash256& left, const Hash256& right);

/// Takes leaves in order and knows the root at any size. Holds one hash for each whole subtree: at
/// most 64. O(1) for a leaf on average.
class MerkleRoot {
 public:
  MerkleRoot() = default;
  /// Goes on behind `size` leaves. @param subtrees  The whole ones, from the largest to the
  /// smallest.
  MerkleRoot(std::uint64_t size, std::vector<Hash256> subtrees);

  void append(const Hash256& leaf) {
    append(leaf, [](const Hash256&) {});
  }
  /// The same; `take` gets the leaf and each node that it makes whole, in the order in which
  /// merkle_proof.hpp counts them.
  template <class Take>
  void append(const Hash256& leaf, Take&& take) {
    Hash256 subtree = leaf;
    take(subtree);
    // Each one at the end of the size in binary is a subtree that is as large as the new one by
    // now.
    for (std::uint64_t joined = size_; (joined & 1U) != 0; joined >>= 1U) {
      subtree = merkle_node(subtrees_.back(), subtree);
      subtrees_.pop_back();
      take(subtree);
    }
    subtrees_.push_back(subtree);
    ++size_;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Of no leaf at all: SHA-256 of nothing.
  [[nodiscard]] Hash256 root() const;

 private:
  std::vector<Hash256> subtrees_;  // Whole ones, from the largest to the smallest.
  std::uint64_t size_ = 0;
};

}  // namespace firebrand
