#pragma once

#include <cstdint>
#include <string>

#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"

/// What is done with old segments. Both may run while a Writer appends and Readers read: they
/// never touch the segment that is being written.
namespace firebrand::log {

struct ArchiveReport {
  std::uint32_t segments = 0;      ///< Compressed by this call.
  std::uint64_t bytes_before = 0;  ///< Size of the files that went.
  std::uint64_t bytes_after = 0;   ///< Size of the files that came.
};

enum class ArchiveErrorCode : std::uint8_t {
  damaged,   ///< A segment cannot be read: it stays as it is, an operator decides.
  no_space,  ///< Nothing is lost: try again later.
  io_failed,
};

struct ArchiveError {
  ArchiveErrorCode code = ArchiveErrorCode::io_failed;
  std::string message;
};

/// Replaces each segment whose records all stand before `before` by its compressed form. A segment
/// is checked first, and removed only when its compressed form is durable and was read back.
/// A crash at any point leaves one whole form of each segment; call again.
[[nodiscard]] Expected<ArchiveReport, ArchiveError> archive(FileSystem& files,
                                                            const std::string& directory,
                                                            Position before);

/// Removes each segment, compressed or not, whose records all stand before `before`, oldest first.
/// The newest segment with records stays. The caller knows that nobody needs them any more.
/// @return how many were removed.
[[nodiscard]] Expected<std::uint32_t, FileError> trim(FileSystem& files,
                                                      const std::string& directory,
                                                      Position before);

}  // namespace firebrand::log
