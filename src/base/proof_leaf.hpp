#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "base/types.hpp"

/// Leaves of the public log: one line of text for each step of a unit, a draw or a queue, so that
/// it is read without a program. docs/formats/proof-leaf.md has the whole.
namespace firebrand {

inline constexpr std::string_view kProofLeafVersion = "1";

/// Writes a leaf: "1 17-2 2026-11-21T20:00:00.000Z order_paid order=...". Appends to `out`, without
/// a line feed.
class ProofLeafWriter {
 public:
  /// @param offset, index  Of the fact that it tells.
  ProofLeafWriter(std::string& out, LogOffset offset, std::uint16_t index, Timestamp at,
                  std::string_view kind);

  /// Bytes that are no plain visible ones, and '%', are written as '%' and two digits.
  ProofLeafWriter& text(std::string_view name, std::string_view value);
  ProofLeafWriter& bytes(std::string_view name, std::span<const std::uint8_t> value);
  ProofLeafWriter& time(std::string_view name, Timestamp value);
  ProofLeafWriter& number(std::string_view name, std::integral auto value) {
    return text(name, std::to_string(value));
  }

 private:
  std::string& out_;
};

/// A leaf as read: views into its line.
struct ProofLeaf {
  std::uint64_t offset = 0;
  std::uint64_t index = 0;
  std::string_view time;
  std::string_view kind;
  std::vector<std::pair<std::string_view, std::string_view>> fields;

  /// False if the line is no leaf of a version that is known.
  [[nodiscard]] bool read(std::string_view line);
  /// Empty if there is none.
  [[nodiscard]] std::string_view find(std::string_view name) const;
};

/// A value as it was before ProofLeafWriter::text().
[[nodiscard]] std::string proof_text(std::string_view value);

/// What a receipt shows and nobody can guess.
using ProofOpening = Bytes<16>;

/// What stands for an order or a buyer in leaves: SHA-256 over "firebrand-<what>/1", a zero byte,
/// whom it is about, a zero byte and the opening. With the opening anybody can tell that it is
/// they; without it nobody can, and nobody can be told that it is somebody else.
[[nodiscard]] Hash256 proof_name(std::string_view what, std::string_view about,
                                 const ProofOpening& opening);

}  // namespace firebrand
