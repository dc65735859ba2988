#pragma once

#include <cstdint>
#include <string>

#include "base/describe.hpp"
#include "base/expected.hpp"
#include "base/merkle_proof.hpp"
#include "base/text.hpp"
#include "log/file_system.hpp"
#include "views/proof/proof_log.hpp"

/// Copies of the public log, up to a head of it: docs/formats/backup.md.
namespace firebrand {

/// A log as a copy holds it.
struct ProofCopy {
  static constexpr std::string_view kName = "proof_copy";
  static constexpr std::string_view kDoc = "A public log, up to one of its heads.";
  std::uint64_t number = 0;
  std::uint64_t size = 0;
  Hash256 root{};
  Hash256 index{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "number", self.number, From::body, {.min = 1}, "Which log of its directory.");
    field(2, "size", self.size, From::body, {}, "Leaves.");
    field(3, "root", self.root, From::body, {}, "Root over them.");
    field(4, "index", self.index, From::body, {}, "Hash over where its orders stand.");
  }

  friend bool operator==(const ProofCopy&, const ProofCopy&) = default;
};

/// The newest logs of a directory, the one that goes on last.
inline constexpr std::size_t kProofCopiesMax = 64;
using ProofCopies = List<ProofCopy, kProofCopiesMax>;

/// Copies the logs of a data directory, each up to its newest head, or brings the copies there up
/// to date; a projector may be at work meanwhile. Leaves that are new are checked against their
/// nodes, places and the head's root. What they tell stands in log/ by now: copy that afterwards.
/// An interrupted call leaves all that was there before.
/// @param to  The directory of the backup. Another log there is refused.
/// @return nothing in it if the data directory has no public log.
[[nodiscard]] Expected<ProofCopies, ProofError> copy_proof(log::FileSystem& files,
                                                           const std::string& data,
                                                           const std::string& to);

/// Puts `copies` of a backup into a data directory that has no public log: each cut to what it says
/// and checked whole.
/// @param goes_on  Nothing was published behind them: the newest goes on under its name. Else
///                 another one begins at the next start, with a signed statement.
[[nodiscard]] Expected<void, ProofError> restore_proof(log::FileSystem& files,
                                                       const std::string& from,
                                                       const std::string& data,
                                                       const ProofCopies& copies, bool goes_on);

}  // namespace firebrand
