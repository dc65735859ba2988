#include "base/merkle_proof.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/assert.hpp"

namespace firebrand {

namespace {

/// Leaves `begin` to `end` - 1 of a list. REQUIRES: begin is a multiple of each whole subtree in
/// it.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  /// Where it is split: the largest power of two below its size, from its begin.
  [[nodiscard]] std::uint64_t split() const { return begin + std::bit_floor(size() - 1); }
};

/// The whole subtrees of a range, from the largest to the smallest.
std::optional<std::vector<Hash256>> subtrees_of(const MerkleNodeReader& read, Range range) {
  std::vector<Hash256> subtrees;
  while (range.size() > 0) {
    const std::uint64_t size = std::bit_floor(range.size());
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    if (!read(merkle_node_place(level, range.begin >> level), subtrees.emplace_back())) {
      return std::nullopt;
    }
    range.begin += size;
  }
  return subtrees;
}

bool append_root(const MerkleNodeReader& read, Range range, std::vector<Hash256>& proof) {
  auto subtrees = subtrees_of(read, range);
  if (!subtrees) { return false; }
  proof.push_back(MerkleRoot(range.size(), std::move(*subtrees)).root());
  return true;
}

}  // namespace

std::uint64_t merkle_node_count(std::uint64_t leaves) {
  return 2 * leaves - static_cast<std::uint64_t>(std::popcount(leaves));
}

std::uint64_t merkle_node_place(unsigned level, std::uint64_t index) {
  // It is made by the last of its leaves, which comes first, and then its subtrees by their size.
  const std::uint64_t last = ((index + 1) << level) - 1;
  return merkle_node_count(last) + level;
}

std::optional<MerkleRoot> load_merkle_root(const MerkleNodeReader& read, std::uint64_t size) {
  auto subtrees = subtrees_of(read, {0, size});
  if (!subtrees) { return std::nullopt; }
  return MerkleRoot(size, std::move(*subtrees));
}

std::optional<std::vector<Hash256>> inclusion_proof(const MerkleNodeReader& read,
                                                    std::uint64_t leaf, std::uint64_t size) {
  FB_ASSERT(leaf < size);
  std::vector<Hash256> proof;  // From the root down, and turned around at the end.
  Range range{0, size};
  while (range.size() > 1) {
    const std::uint64_t split = range.split();
    const bool is_left = leaf < split;
    if (!append_root(read, is_left ? Range{split, range.end} : Range{range.begin, split}, proof)) {
      return std::nullopt;
    }
    range = is_left ? Range{range.begin, split} : Range{split, range.end};
  }
  std::ranges::reverse(proof);
  return proof;
}

std::optional<std::vector<Hash256>> consistency_proof(const MerkleNodeReader& read,
                                                      std::uint64_t from, std::uint64_t to) {
  FB_ASSERT(from <= to);
  std::vector<Hash256> proof;
  if (from == 0 || from == to) { return proof; }
  Range range{0, to};
  while (range.end != from) {
    const std::uint64_t split = range.split();
    const bool is_left = from <= split;
    if (!append_root(read, is_left ? Range{split, range.end} : Range{range.begin, split}, proof)) {
      return std::nullopt;
    }
    range = is_left ? Range{range.begin, split} : Range{split, range.end};
  }
  // Of a subtree from the very first leaf the verifier has the root: it is the older one.
  if (range.begin != 0 && !append_root(read, range, proof)) { return std::nullopt; }
  std::ranges::reverse(proof);
  return proof;
}

bool verify_inclusion(const Hash256& leaf_hash, std::uint64_t leaf, std::span<const Hash256> proof,
                      const MerkleHead& head) {
  if (leaf >= head.size) { return false; }
  std::uint64_t place = leaf;
  std::uint64_t last = head.size - 1;
  Hash256 root = leaf_hash;
  for (const Hash256& node : proof) {
    if (last == 0) { return false; }
    if ((place & 1U) != 0 || place == last) {
      root = merkle_node(node, root);
      while ((place & 1U) == 0 && place != 0) {
        place >>= 1U;
        last >>= 1U;
      }
    } else {
      root = merkle_node(root, node);
    }
    place >>= 1U;
    last >>= 1U;
  }
  return last == 0 && root == head.root;
}

bool verify_consistency(const MerkleHead& older, const MerkleHead& newer,
                        std::span<const Hash256> proof) {
  if (older.size > newer.size) { return false; }
  if (older.size == newer.size) { return proof.empty() && older == newer; }
  if (older.size == 0) { return proof.empty() && older.root == MerkleRoot().root(); }
  std::uint64_t place = older.size - 1;
  std::uint64_t last = newer.size - 1;
  while ((place & 1U) != 0) {
    place >>= 1U;
    last >>= 1U;
  }
  // The older list is one whole subtree: its root is where both begin.
  const bool is_whole = std::has_single_bit(older.size);
  if (!is_whole && proof.empty()) { return false; }
  Hash256 older_root = is_whole ? older.root : proof.front();
  Hash256 newer_root = older_root;
  for (const Hash256& node : is_whole ? proof : proof.subspan(1)) {
    if (last == 0) { return false; }
    if ((place & 1U) != 0 || place == last) {
      older_root = merkle_node(node, older_root);
      newer_root = merkle_node(node, newer_root);
      while ((place & 1U) == 0 && place != 0) {
        place >>= 1U;
        last >>= 1U;
      }
    } else {
      newer_root = merkle_node(newer_root, node);
    }
    place >>= 1U;
    last >>= 1U;
  }
  return last == 0 && older_root == older.root && newer_root == newer.root;
}

}  // namespace firebrand
