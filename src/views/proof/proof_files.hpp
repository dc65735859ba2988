#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/little_endian.hpp"
#include "base/sha256.hpp"
#include "log/file_system.hpp"

namespace firebrand {

/// The files of one log that readers read. All but `leaves` are arrays of fixed entries.
struct ProofFiles {
  std::unique_ptr<log::File> leaves;  ///< Lines.
  std::unique_ptr<log::File> places;  ///< Where each leaf's line ends in `leaves`: 8 bytes.
  std::unique_ptr<log::File> nodes;   ///< Nodes by merkle_node_place(): 32 bytes.
  std::unique_ptr<log::File>
      placed;  ///< By order: 1 + its leaf "order_placed", 0 for none: 8 bytes.
  std::unique_ptr<log::File> ended;  ///< The same of the leaf that ended its wait for payment.
  /// By leaf: 1 + the order's next leaf "units_returned" behind it, 0 for none: 8 bytes. It begins
  /// at the leaf that `ended` names and is full of holes.
  std::unique_ptr<log::File> next;

  [[nodiscard]] Expected<void, log::FileError> open(log::FileSystem& files,
                                                    const std::string& prefix, log::OpenMode mode) {
    for (const auto& [file, name] :
         {std::pair{&leaves, "leaves"}, std::pair{&places, "places"}, std::pair{&nodes, "nodes"},
          std::pair{&placed, "placed"}, std::pair{&ended, "ended"}, std::pair{&next, "next"}}) {
      auto opened = files.open(prefix + name, mode);
      if (!opened) { return Unexpected(opened.error()); }
      *file = std::move(*opened);
    }
    return {};
  }
};

/// "<data>/proof/3." for the third log.
[[nodiscard]] inline std::string proof_prefix(const std::string& directory, std::uint64_t number) {
  return log::join_path(directory, std::to_string(number) + ".");
}

/// Reads exactly that; false at the end of the file, too.
[[nodiscard]] inline bool read_exactly(log::File& file, std::span<std::byte> out,
                                       std::uint64_t position) {
  const auto read = file.pread(out, position);
  return read && *read == out.size();
}

/// An entry of a file of 8 bytes each; 0, too, where the file ends before it.
[[nodiscard]] inline std::uint64_t read_entry(log::File& file, std::uint64_t place) {
  std::array<std::byte, 8> bytes{};
  return read_exactly(file, bytes, place * bytes.size()) ? load_le<std::uint64_t>(bytes.data()) : 0;
}

[[nodiscard]] inline bool read_node(log::File& nodes, std::uint64_t place, Hash256& node) {
  return read_exactly(nodes, std::as_writable_bytes(std::span(node.data)),
                      place * node.data.size());
}

}  // namespace firebrand
