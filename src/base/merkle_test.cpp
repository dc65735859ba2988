#include "base/merkle.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/hex.hpp"

namespace firebrand {
namespace {

/// The definition as it stands in RFC 6962, section 2.1: split at the largest power of two.
Hash256 by_definition(std::span<const std::string> entries) {
  if (entries.empty()) { return sha256({}); }
  if (entries.size() == 1) { return merkle_leaf(bytes_of(entries.front())); }
  std::size_t split = 1;
  while (split * 2 < entries.size()) { split *= 2; }
  return merkle_node(by_definition(entries.first(split)), by_definition(entries.subspan(split)));
}

// The eight entries and some of the roots that implementations of RFC 6962 are tested with.
TEST(Merkle, ReproducesThePublishedRoots) {
  constexpr std::array<std::string_view, 8> kEntries = {"",
                                                        "00",
                                                        "10",
                                                        "2021",
                                                        "3031",
                                                        "40414243",
                                                        "5051525354555657",
                                                        "606162636465666768696a6b6c6d6e6f"};
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kEnds = {{
      {"6e340b9c", "afa01d"},
      {"fac54203", "e3c125"},
      {"aeb6bcfe", "e06e77"},
      {"d37ee418", "9614b7"},
      {"4e3bbb1f", "6264d4"},
      {"76e67dad", "2087ef"},
      {"ddb89be4", "4c8c"},
      {"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", ""},
  }};
  MerkleRoot tree;
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    std::string entry(kEntries[i].size() / 2, '\0');
    ASSERT_TRUE(from_hex(kEntries[i],
                         std::span(reinterpret_cast<std::uint8_t*>(entry.data()), entry.size())));
    tree.append(merkle_leaf(bytes_of(entry)));
    const std::string root = to_hex(tree.root().data);
    EXPECT_TRUE(root.starts_with(kEnds[i].first)) << root;
    EXPECT_TRUE(root.ends_with(kEnds[i].second)) << root;
  }
}

TEST(Merkle, AgreesWithTheDefinitionAtEverySize) {
  std::vector<std::string> entries;
  MerkleRoot tree;
  EXPECT_EQ(tree.root(), by_definition(entries));
  for (int i = 0; i < 200; ++i) {
    entries.push_back("entry " + std::to_string(i));
    tree.append(merkle_leaf(bytes_of(entries.back())));
    ASSERT_EQ(tree.root(), by_definition(entries)) << entries.size();
  }
  EXPECT_EQ(tree.size(), 200U);
}

}  // namespace
}  // namespace firebrand
