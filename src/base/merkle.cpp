#include "base/merkle.hpp"

#include <array>

namespace firebrand {

namespace {

// A leaf is never taken for a node: they begin with different bytes.
constexpr std::array kLeafMark = {std::byte{0}};
constexpr std::array kNodeMark = {std::byte{1}};

}  // namespace

Hash256 merkle_leaf(std::span<const std::byte> entry) { return sha256({kLeafMark, entry}); }

Hash256 merkle_node(const Hash256& left, const Hash256& right) {
  return sha256({kNodeMark, bytes_of(left), bytes_of(right)});
}

void MerkleRoot::append(const Hash256& leaf) {
  Hash256 subtree = leaf;
  // Each one at the end of the size in binary is a subtree that is as large as the new one by now.
  for (std::uint64_t joined = size_; (joined & 1U) != 0; joined >>= 1U) {
    subtree = merkle_node(subtrees_.back(), subtree);
    subtrees_.pop_back();
  }
  subtrees_.push_back(subtree);
  ++size_;
}

Hash256 MerkleRoot::root() const {
  if (subtrees_.empty()) { return sha256({}); }
  Hash256 root = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) { root = merkle_node(subtrees_[i], root); }
  return root;
}

}  // namespace firebrand
