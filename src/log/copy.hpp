#pragma once

#include <cstdint>
#include <string>

#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"
#include "log/writer.hpp"

namespace firebrand::log {

/// What a copy of a log holds, and what it took.
struct LogCopy {
  Position last{};             ///< Of its last record; zero if there is none.
  BatchHash chain{};           ///< Of the batch that holds it.
  std::uint32_t segments = 0;  ///< Files that were written.
  std::uint64_t bytes = 0;     ///< In them.
};

/// Copies a log, up to the record at `until`, into the directory `to`, which is made if missing
/// (its parent must be there). Where a copy of the same log is there already, only segments that
/// are new or have grown are written; one of another log is refused and stays as it is, and so is
/// one that ends before a log begins that was trimmed.
///
/// A Writer may append and archive() may compress meanwhile: what is copied is a prefix of the log,
/// and durable where it came from. All that is written is checked, batch by batch, and durable when
/// this returns. An interrupted call leaves a copy that holds at least what it held before; the
/// next one goes on from there. Segments are as long as what is in them; archives stay archives.
[[nodiscard]] Expected<LogCopy, OpenError> copy_log(FileSystem& files, const std::string& from,
                                                    const std::string& to, Position until);

}  // namespace firebrand::log
