#include "base/merkle_proof.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/hex.hpp"

namespace firebrand {
namespace {

/// A list with all its nodes, as a log stores them.
struct List {
  std::vector<Hash256> leaves;
  std::vector<Hash256> nodes;
  std::vector<MerkleHead> heads{{0, MerkleRoot().root()}};
  MerkleRoot tree;
  MerkleNodeReader read = [this](std::uint64_t place, Hash256& node) {
    if (place >= nodes.size()) { return false; }
    node = nodes[place];
    return true;
  };

  explicit List(std::size_t size) {
    while (leaves.size() < size) { append("entry " + std::to_string(leaves.size())); }
  }
  void append(std::string_view entry) {
    leaves.push_back(merkle_leaf(bytes_of(entry)));
    tree.append(leaves.back(), [this](const Hash256& node) { nodes.push_back(node); });
    heads.push_back({tree.size(), tree.root()});
  }
};

Hash256 flipped(Hash256 hash, std::size_t bit) {
  hash.data[bit / 8] = static_cast<std::uint8_t>(hash.data[bit / 8] ^ 1U << bit % 8);
  return hash;
}

/// The definitions as they stand in RFC 6962, section 2.1, 2.1.1 and 2.1.2.
Hash256 root_of(std::span<const Hash256> leaves) {
  if (leaves.empty()) { return sha256({}); }
  if (leaves.size() == 1) { return leaves.front(); }
  std::size_t split = 1;
  while (split * 2 < leaves.size()) { split *= 2; }
  return merkle_node(root_of(leaves.first(split)), root_of(leaves.subspan(split)));
}
std::vector<Hash256> path_of(std::size_t leaf, std::span<const Hash256> leaves) {
  if (leaves.size() == 1) { return {}; }
  std::size_t split = 1;
  while (split * 2 < leaves.size()) { split *= 2; }
  const bool is_left = leaf < split;
  auto path =
      is_left ? path_of(leaf, leaves.first(split)) : path_of(leaf - split, leaves.subspan(split));
  path.push_back(root_of(is_left ? leaves.subspan(split) : leaves.first(split)));
  return path;
}
std::vector<Hash256> subproof_of(std::size_t size, std::span<const Hash256> leaves, bool known) {
  if (size == leaves.size()) {
    return known ? std::vector<Hash256>{} : std::vector<Hash256>{root_of(leaves)};
  }
  std::size_t split = 1;
  while (split * 2 < leaves.size()) { split *= 2; }
  const bool is_left = size <= split;
  auto proof = is_left ? subproof_of(size, leaves.first(split), known)
                       : subproof_of(size - split, leaves.subspan(split), false);
  proof.push_back(root_of(is_left ? leaves.subspan(split) : leaves.first(split)));
  return proof;
}

constexpr std::size_t kSizes = 64;

TEST(MerkleProof, ReproducesThePublishedRootsAtEverySize) {
  constexpr std::array<std::string_view, 8> kEntries = {"",
                                                        "00",
                                                        "10",
                                                        "2021",
                                                        "3031",
                                                        "40414243",
                                                        "5051525354555657",
                                                        "606162636465666768696a6b6c6d6e6f"};
  constexpr std::array<std::string_view, 8> kRoots = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  List list(0);
  for (const std::string_view hex : kEntries) {
    std::string entry(hex.size() / 2, '\0');
    ASSERT_TRUE(
        from_hex(hex, std::span(reinterpret_cast<std::uint8_t*>(entry.data()), entry.size())));
    list.append(entry);
  }
  for (std::size_t size = 1; size <= kRoots.size(); ++size) {
    const auto tree = load_merkle_root(list.read, size);
    ASSERT_TRUE(tree.has_value());
    EXPECT_EQ(to_hex(tree->root().data), kRoots[size - 1]);
  }
}

TEST(MerkleProof, RootOfEveryEarlierSizeIsReadFromTheNodes) {
  const List list(kSizes);
  EXPECT_EQ(list.nodes.size(), merkle_node_count(kSizes));
  for (std::size_t size = 0; size <= kSizes; ++size) {
    const auto tree = load_merkle_root(list.read, size);
    ASSERT_TRUE(tree.has_value()) << size;
    EXPECT_EQ(tree->root(), list.heads[size].root) << size;
  }
}

TEST(MerkleProof, EveryInclusionProofVerifiesAndIsTheOneOfTheDefinition) {
  const List list(kSizes);
  for (std::size_t size = 1; size <= kSizes; ++size) {
    for (std::size_t leaf = 0; leaf < size; ++leaf) {
      const auto proof = inclusion_proof(list.read, leaf, size);
      ASSERT_TRUE(proof.has_value());
      ASSERT_EQ(*proof, path_of(leaf, std::span(list.leaves).first(size)));
      ASSERT_TRUE(verify_inclusion(list.leaves[leaf], leaf, *proof, list.heads[size]));
    }
  }
}

TEST(MerkleProof, EveryConsistencyProofVerifiesAndIsTheOneOfTheDefinition) {
  const List list(kSizes);
  for (std::size_t to = 0; to <= kSizes; ++to) {
    for (std::size_t from = 0; from <= to; ++from) {
      const auto proof = consistency_proof(list.read, from, to);
      ASSERT_TRUE(proof.has_value());
      if (from > 0) {
        ASSERT_EQ(*proof, subproof_of(from, std::span(list.leaves).first(to), true));
      }
      ASSERT_TRUE(verify_consistency(list.heads[from], list.heads[to], *proof))
          << from << " " << to;
    }
  }
}

TEST(MerkleProof, EveryChangeOfOneBitFails) {
  const List list(kSizes);
  for (std::size_t size = 1; size <= 16; ++size) {
    for (std::size_t leaf = 0; leaf < size; ++leaf) {
      auto proof = *inclusion_proof(list.read, leaf, size);
      const MerkleHead& head = list.heads[size];
      for (std::size_t bit = 0; bit < 256; ++bit) {
        ASSERT_FALSE(verify_inclusion(flipped(list.leaves[leaf], bit), leaf, proof, head));
        ASSERT_FALSE(
            verify_inclusion(list.leaves[leaf], leaf, proof, {head.size, flipped(head.root, bit)}));
        for (Hash256& node : proof) {
          node = flipped(node, bit);
          ASSERT_FALSE(verify_inclusion(list.leaves[leaf], leaf, proof, head));
          node = flipped(node, bit);
        }
      }
    }
  }
  for (std::size_t to = 2; to <= 16; ++to) {
    for (std::size_t from = 1; from < to; ++from) {
      auto proof = *consistency_proof(list.read, from, to);
      const MerkleHead& older = list.heads[from];
      const MerkleHead& newer = list.heads[to];
      for (std::size_t bit = 0; bit < 256; ++bit) {
        ASSERT_FALSE(verify_consistency({from, flipped(older.root, bit)}, newer, proof));
        ASSERT_FALSE(verify_consistency(older, {to, flipped(newer.root, bit)}, proof));
        for (Hash256& node : proof) {
          node = flipped(node, bit);
          ASSERT_FALSE(verify_consistency(older, newer, proof));
          node = flipped(node, bit);
        }
      }
    }
  }
}

// A proof shows the place too: of the list's other places, and with a hash more or less, it fails.
TEST(MerkleProof, AnotherPlaceOrLengthFails) {
  const List list(kSizes);
  for (std::size_t size = 1; size <= kSizes; ++size) {
    for (std::size_t leaf = 0; leaf < size; ++leaf) {
      auto proof = *inclusion_proof(list.read, leaf, size);
      const MerkleHead& head = list.heads[size];
      for (std::size_t other = 0; other <= size; ++other) {
        if (other == leaf) { continue; }
        ASSERT_FALSE(verify_inclusion(list.leaves[leaf], other, proof, head));
      }
      proof.push_back(list.leaves[leaf]);
      ASSERT_FALSE(verify_inclusion(list.leaves[leaf], leaf, proof, head));
      proof.pop_back();
      if (proof.empty()) { continue; }
      proof.pop_back();
      ASSERT_FALSE(verify_inclusion(list.leaves[leaf], leaf, proof, head));
    }
  }
  EXPECT_FALSE(verify_consistency(list.heads[3], list.heads[2], {}));
  EXPECT_FALSE(verify_consistency(list.heads[3], list.heads[8], {}));
  EXPECT_FALSE(verify_consistency({0, list.heads[1].root}, list.heads[8], {}));
}

RC_GTEST_PROP(MerkleProofProperty, ALargerListIsReadAndProvenAtAnySize, ()) {
  static const List list(5'000);
  const auto to = *rc::gen::inRange<std::size_t>(1, list.leaves.size() + 1);
  const auto from = *rc::gen::inRange<std::size_t>(0, to + 1);
  const auto leaf = *rc::gen::inRange<std::size_t>(0, to);
  RC_ASSERT(load_merkle_root(list.read, to)->root() == list.heads[to].root);
  RC_ASSERT(verify_inclusion(list.leaves[leaf], leaf, *inclusion_proof(list.read, leaf, to),
                             list.heads[to]));
  RC_ASSERT(verify_consistency(list.heads[from], list.heads[to],
                               *consistency_proof(list.read, from, to)));
}

TEST(MerkleProof, ANodeThatCannotBeReadIsNoProof) {
  const List list(5);
  EXPECT_FALSE(load_merkle_root(list.read, 6).has_value());
  EXPECT_FALSE(inclusion_proof(list.read, 0, 6).has_value());
  EXPECT_FALSE(consistency_proof(list.read, 3, 6).has_value());
}

}  // namespace
}  // namespace firebrand
