#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/little_endian.hpp"
#include "base/sha256.hpp"
#include "log/file_system.hpp"
#include "views/proof/head_record.hpp"

namespace firebrand {

inline constexpr std::string_view kProofFormat = "firebrand-proof-log/1";
/// The file that says which log it is.
inline constexpr std::string_view kProofNameFile = "log";
/// Made by a restore: heads may have been published that are not here, so another log begins.
inline constexpr std::string_view kProofRestoredFile = "restored";

/// What the name file says.
struct ProofName {
  std::uint64_t number = 0;
  std::string origin;
  std::string restart;  ///< Statement of its beginning; empty for the first log.
};

/// Nothing if the text does not say which log it is.
[[nodiscard]] std::optional<ProofName> parse_proof_name(std::string_view text);
/// A file that holds one.
[[nodiscard]] Expected<std::string, log::FileError> read_proof_name(log::FileSystem& files,
                                                                    const std::string& path);

struct KeptHead {
  HeadRecord head{};
  std::uint64_t count = 0;  ///< Heads up to it; zero: none, and `head` is of no leaf.
};
/// The newest whole head, which only one that was torn may follow; nothing if there is damage.
[[nodiscard]] std::optional<KeptHead> read_newest_head(log::File& heads);

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

  static constexpr std::array<const char*, 6> kNames = {"leaves", "places", "nodes",
                                                        "placed", "ended",  "next"};
  [[nodiscard]] std::array<std::unique_ptr<log::File>*, 6> all() {
    return {&leaves, &places, &nodes, &placed, &ended, &next};
  }

  [[nodiscard]] Expected<void, log::FileError> open(log::FileSystem& files,
                                                    const std::string& prefix, log::OpenMode mode) {
    const auto slots = all();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      auto opened = files.open(prefix + kNames[i], mode);
      if (!opened) { return Unexpected(opened.error()); }
      *slots[i] = std::move(*opened);
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
