#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"

namespace firebrand::log {

/// What a caller can act on; everything else is `io_failed`.
enum class FileErrorCode : std::uint8_t {
  not_found,
  already_exists,
  no_space,  ///< ENOSPC or a quota.
  locked,    ///< Another process holds the lock.
  permission_denied,
  io_failed,
};

struct FileError {
  FileErrorCode code = FileErrorCode::io_failed;
  std::string message;  ///< For humans: operation, path, reason.
};

/// An open file. Positions and sizes in bytes. One thread at a time per file.
class File {
 public:
  virtual ~File() = default;
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// @return how many bytes were read; fewer than asked only at the end of the file.
  [[nodiscard]] virtual Expected<std::size_t, FileError> pread(std::span<std::byte> out,
                                                               std::uint64_t position) = 0;
  /// May write less than asked, at least one byte; write_fully() goes on until all is written.
  [[nodiscard]] virtual Expected<std::size_t, FileError> pwritev(
      std::span<const std::span<const std::byte>> pieces, std::uint64_t position) = 0;
  /// Makes the content durable (fdatasync). After a failure the content is in doubt for good.
  [[nodiscard]] virtual Expected<void, FileError> sync_data() = 0;
  /// As sync_data(), and all metadata (fsync).
  [[nodiscard]] virtual Expected<void, FileError> sync() = 0;
  /// Takes disk space for [0, bytes) and makes the file at least so long.
  [[nodiscard]] virtual Expected<void, FileError> allocate(std::uint64_t bytes) = 0;
  [[nodiscard]] virtual Expected<std::uint64_t, FileError> size() = 0;
};

/// Held until destroyed or until the process ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
  FileLock() = default;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
};

enum class OpenMode : std::uint8_t {
  read,
  read_write,
  create_new,  ///< Refused with `already_exists` if the name is taken. Read and write.
};

/// The disk, passed in, so that a test can lose every unsynced byte. Paths use '/'.
/// Names (create, rename, remove) are durable only after sync_directory() of their directory.
/// May be used from several threads.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  [[nodiscard]] virtual Expected<std::unique_ptr<File>, FileError> open(const std::string& path,
                                                                        OpenMode mode) = 0;
  /// Replaces `to` if it exists. Within one directory.
  [[nodiscard]] virtual Expected<void, FileError> rename(const std::string& from,
                                                         const std::string& to) = 0;
  [[nodiscard]] virtual Expected<void, FileError> remove(const std::string& path) = 0;
  /// Names of the files in a directory (not of directories), sorted.
  [[nodiscard]] virtual Expected<std::vector<std::string>, FileError> list(
      const std::string& directory) = 0;
  /// Makes a directory, durably. No error if it is there. The parent must exist.
  [[nodiscard]] virtual Expected<void, FileError> create_directory(const std::string& path) = 0;
  [[nodiscard]] virtual Expected<void, FileError> sync_directory(const std::string& path) = 0;
  /// Takes the exclusive lock of a file, which is made if missing; `locked` if another has it.
  [[nodiscard]] virtual Expected<std::unique_ptr<FileLock>, FileError> lock(
      const std::string& path) = 0;
};

/// The real disk.
class PosixFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Expected<std::unique_ptr<File>, FileError> open(const std::string& path,
                                                                OpenMode mode) override;
  [[nodiscard]] Expected<void, FileError> rename(const std::string& from,
                                                 const std::string& to) override;
  [[nodiscard]] Expected<void, FileError> remove(const std::string& path) override;
  [[nodiscard]] Expected<std::vector<std::string>, FileError> list(
      const std::string& directory) override;
  [[nodiscard]] Expected<void, FileError> create_directory(const std::string& path) override;
  [[nodiscard]] Expected<void, FileError> sync_directory(const std::string& path) override;
  [[nodiscard]] Expected<std::unique_ptr<FileLock>, FileError> lock(
      const std::string& path) override;
};

/// Writes all bytes of all pieces, one after the other, from `position` on.
[[nodiscard]] Expected<void, FileError> write_fully(
    File& file, std::span<const std::span<const std::byte>> pieces, std::uint64_t position);
[[nodiscard]] Expected<void, FileError> write_fully(File& file, std::span<const std::byte> bytes,
                                                    std::uint64_t position);

/// Replaces a file of a directory by `bytes`: after a crash it has the old content or the new,
/// whole and durable once this has returned. One at a time per name.
[[nodiscard]] Expected<void, FileError> replace_file(FileSystem& files,
                                                     const std::string& directory,
                                                     std::string_view name,
                                                     std::span<const std::byte> bytes);

/// What stands in a file of a data directory or a backup.
/// @param bytes_max  Of what is longer, its first so many bytes.
[[nodiscard]] Expected<std::string, FileError> read_file(FileSystem& files, const std::string& path,
                                                         std::uint64_t bytes_max = UINT64_MAX);

/// Keeps a second process out of a data directory: holds the lock of `directory`/lock.
/// `locked` comes with a message that names the directory.
[[nodiscard]] Expected<std::unique_ptr<FileLock>, FileError> lock_directory(
    FileSystem& files, const std::string& directory);

/// "log" and "a.seg" to "log/a.seg".
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

}  // namespace firebrand::log
