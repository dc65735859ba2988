#include "base/merkle.hpp"

#include <array>
#include <bit>
#include <utility>

#include "base/assert.hpp"

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

MerkleRoot::MerkleRoot(std::uint64_t size, std::vector<Hash256> subtrees)
    : subtrees_(std::move(subtrees)), size_(size) {
  FB_ASSERT(subtrees_.size() == static_cast<std::size_t>(std::popcount(size)));
}

Hash256 MerkleRoot::root() const {
  if (subtrees_.empty()) { return sha256({}); }
  Hash256 root = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) { root = merkle_node(subtrees_[i], root); }
  return root;
}

}  // namespace firebrand
