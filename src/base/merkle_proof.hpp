#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/merkle.hpp"

/// Proofs over the trees of merkle.hpp: that a list holds an entry, and that a longer list begins
/// with a shorter one. RFC 6962, section 2.1.1 and 2.1.2; checked as in RFC 9162, section 2.1.3.2
/// and 2.1.4.2. A proof has at most 64 hashes, and one more of a list that grew.
namespace firebrand {

/// Nodes are stored in the order in which they become whole: a leaf, then each subtree that it
/// completes, from the smallest. Nothing stored ever changes, and a longer list only adds.
///
/// How many there are of so many leaves: 2 * leaves less the subtrees of MerkleRoot.
[[nodiscard]] std::uint64_t merkle_node_count(std::uint64_t leaves);
/// Where the node over leaves index * 2^level to (index + 1) * 2^level - 1 is stored, from 0.
[[nodiscard]] std::uint64_t merkle_node_place(unsigned level, std::uint64_t index);

/// Reads a stored node; false if it cannot.
using MerkleNodeReader = std::function<bool(std::uint64_t place, Hash256& node)>;

/// Each of these reads some 2 * log2(size) nodes, and is nothing if one cannot be read.
///
/// The first `size` leaves.
[[nodiscard]] std::optional<MerkleRoot> load_merkle_root(const MerkleNodeReader&,
                                                         std::uint64_t size);
/// REQUIRES: leaf < size.
[[nodiscard]] std::optional<std::vector<Hash256>> inclusion_proof(const MerkleNodeReader&,
                                                                  std::uint64_t leaf,
                                                                  std::uint64_t size);
/// Empty from nothing, and from a size to itself. REQUIRES: from <= to.
[[nodiscard]] std::optional<std::vector<Hash256>> consistency_proof(const MerkleNodeReader&,
                                                                    std::uint64_t from,
                                                                    std::uint64_t to);

/// A list at a size, as somebody published it.
struct MerkleHead {
  std::uint64_t size = 0;
  Hash256 root{};

  friend bool operator==(const MerkleHead&, const MerkleHead&) = default;
};

/// Whether `leaf_hash` (merkle_leaf()) stands at place `leaf`, from 0.
[[nodiscard]] bool verify_inclusion(const Hash256& leaf_hash, std::uint64_t leaf,
                                    std::span<const Hash256> proof, const MerkleHead& head);
/// Whether `newer` begins with all of `older`.
[[nodiscard]] bool verify_consistency(const MerkleHead& older, const MerkleHead& newer,
                                      std::span<const Hash256> proof);

}  // namespace firebrand
