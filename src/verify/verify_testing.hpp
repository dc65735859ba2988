#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/merkle_proof.hpp"
#include "base/proof_leaf.hpp"
#include "base/signed_note.hpp"

namespace firebrand {

/// A public log that a test writes leaf by leaf.
class TestLog {
 public:
  /// "order_paid order=ab": a leaf of that kind with those fields.
  TestLog& add(std::string_view kind_and_fields) {
    const std::size_t blank = kind_and_fields.find(' ');
    std::string line;
    const auto number = static_cast<std::uint64_t>(lines.size()) + 1;
    ProofLeafWriter(line, LogOffset{number}, 0,
                    from_unix_ms(1'795'291'200'000 + static_cast<std::int64_t>(number)),
                    kind_and_fields.substr(0, blank));
    if (blank != std::string_view::npos) { line.append(kind_and_fields.substr(blank)); }
    lines.push_back(line);
    tree.append(merkle_leaf(bytes_of(std::string_view(line))),
                [this](const Hash256& node) { nodes.push_back(node); });
    return *this;
  }
  [[nodiscard]] std::string leaves() const {
    std::string text;
    for (const std::string& line : lines) { text += line + "\n"; }
    return text;
  }
  [[nodiscard]] std::string head() const {
    return signer.sign(TreeHead{kOrigin, {tree.size(), tree.root()}}.text());
  }
  [[nodiscard]] std::vector<NoteKey> keys() const { return {signer.key()}; }
  [[nodiscard]] std::vector<Hash256> path(std::uint64_t leaf) const {
    const MerkleNodeReader read = [this](std::uint64_t place, Hash256& node) {
      node = nodes.at(place);
      return true;
    };
    return *inclusion_proof(read, leaf, tree.size());
  }
  [[nodiscard]] std::string time_of(std::size_t leaf) const {
    ProofLeaf read;
    return read.read(lines[leaf]) ? std::string(read.time) : std::string();
  }

  static constexpr char kOrigin[] = "firebrand/test/1";
  std::vector<std::string> lines;
  std::vector<Hash256> nodes;
  MerkleRoot tree;
  NoteSigner signer{kOrigin, Bytes<32>{{7}}};
};

/// The text with one bit of one byte changed, for every bit.
inline void each_change(const std::string& text,
                        const std::function<void(const std::string& other)>& look) {
  std::string other = text;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      other[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << bit));
      look(other);
      other[at] = text[at];
    }
  }
}

}  // namespace firebrand
