#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/describe.hpp"
#include "base/expected.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "log/copy.hpp"
#include "log/file_system.hpp"
#include "runtime/stamper.hpp"
#include "views/proof/proof_copy.hpp"

/// Copies of a data directory that can be trusted, and the way back: docs/backup.md.
namespace firebrand {

/// Says what a backup holds. Written last: without it a directory is no backup.
struct BackupManifest {
  static constexpr std::string_view kName = "backup_manifest";
  static constexpr std::string_view kDoc = "What a backup holds, and what its log must lead to.";
  static constexpr std::uint32_t kFormat = 2;

  std::uint32_t format = kFormat;
  LogOffset offset{};
  Timestamp stamped_at{};
  std::uint32_t rules_version = 0;
  Bytes<8> digest{};
  log::BatchHash chain{};
  std::uint32_t pieces = 0;
  ProofCopies proof{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "format", self.format, From::body, {}, "Of the backup; this program knows 1 and 2.");
    field(2, "offset", self.offset, From::body, {.min = 1}, "The last record.");
    field(3, "stamped_at", self.stamped_at, From::body, {}, "Its time.");
    field(4, "rules_version", self.rules_version, From::body, {}, "Rules that the log obeys.");
    field(5, "digest", self.digest, From::body, {}, "Digest of the state there.");
    field(6, "chain", self.chain, From::body, {}, "Hash of the batch that holds the record.");
    field(
        7, "pieces", self.pieces, From::body, {},
        "Sum of the versions of the snapshot's pieces: a digest says something to the same ones.");
    field(8, "proof", self.proof, From::body, {.presence = Presence::optional},
          "Public logs, the one that goes on last; what they tell stands in the log.");
  }

  friend bool operator==(const BackupManifest&, const BackupManifest&) = default;
};

struct BackupDone {
  BackupManifest manifest;
  log::LogCopy copied;  ///< What this call wrote.
};

/// Backs a data directory up into `to`, or brings the backup there up to date; a server may be at
/// work meanwhile. The copied log is folded, behind the newest snapshot, to note its digest: takes
/// the memory of the state once more. The key is sealed with the passphrase, which must be the same
/// each time. An interrupted call leaves the backup that was there before.
/// @param warn  Told of snapshots that are passed over.
/// @return the message for the operator on failure.
[[nodiscard]] Expected<BackupDone, std::string> back_up(
    log::FileSystem& files, const std::string& data, const std::string& to,
    std::string_view passphrase, const std::function<void(const std::string&)>& warn);

/// @return the message for the operator if there is no whole backup.
[[nodiscard]] Expected<BackupManifest, std::string> read_manifest(log::FileSystem& files,
                                                                  const std::string& from);

/// The last record of a backup that was stamped at `time` or before; zero if there is none.
[[nodiscard]] Expected<LogOffset, std::string> offset_at(log::FileSystem& files,
                                                         const std::string& from,
                                                         const BackupManifest& manifest,
                                                         Timestamp time);

struct Restored {
  LogOffset offset{};
  Timestamp stamped_at{};
  std::uint64_t digest = 0;  ///< Of the state there.
  bool has_public_log = false;
};

/// Makes the data directory anew, which must not be there or be empty: the log up to `offset`, the
/// facts that it leads to, a snapshot. Then goes on from there to the end of the backup, where the
/// digest must be the manifest's. The key comes last: without it no server starts, so a directory
/// that was interrupted or that does not verify is never taken for a good one.
/// @param offset        1 to the manifest's.
/// @param nothing_lost  The whole backup is wanted, and nothing happened behind it: the public log
///                      goes on under its name. Else another one begins, with a signed statement.
/// @return the message for the operator on failure.
[[nodiscard]] Expected<Restored, std::string> restore(log::FileSystem& files,
                                                      const std::string& from,
                                                      const std::string& data, Clock& clock,
                                                      std::string_view passphrase, LogOffset offset,
                                                      bool nothing_lost = false);

}  // namespace firebrand
