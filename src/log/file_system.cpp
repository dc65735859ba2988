#include "log/file_system.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace firebrand::log {

Expected<void, FileError> write_fully(File& file,
                                      std::span<const std::span<const std::byte>> pieces,
                                      std::uint64_t position) {
  std::size_t written_of_first = 0;  // A short write may end inside a piece.
  while (!pieces.empty()) {
    if (written_of_first == pieces.front().size()) {
      pieces = pieces.subspan(1);
      written_of_first = 0;
      continue;
    }
    std::size_t written = 0;
    if (written_of_first == 0) {
      const auto result = file.pwritev(pieces, position);
      if (!result) { return Unexpected(result.error()); }
      written = *result;
    } else {
      const std::array rest = {pieces.front().subspan(written_of_first)};
      const auto result = file.pwritev(rest, position);
      if (!result) { return Unexpected(result.error()); }
      written = *result;
    }
    position += written;
    while (written > 0) {
      FB_ASSERT(!pieces.empty());
      const std::size_t rest_of_first = pieces.front().size() - written_of_first;
      if (written < rest_of_first) {
        written_of_first += written;
        break;
      }
      written -= rest_of_first;
      pieces = pieces.subspan(1);
      written_of_first = 0;
    }
  }
  return {};
}

Expected<void, FileError> write_fully(File& file, std::span<const std::byte> bytes,
                                      std::uint64_t position) {
  const std::array pieces = {bytes};
  return write_fully(file, pieces, position);
}

Expected<void, FileError> replace_file(FileSystem& files, const std::string& directory,
                                       std::string_view name, std::span<const std::byte> bytes) {
  const std::string path = join_path(directory, name);
  const std::string temporary = path + ".new";
  (void)files.remove(temporary);  // Of an interrupted call.
  const auto file = files.open(temporary, OpenMode::create_new);
  if (!file) { return Unexpected(file.error()); }
  if (auto done = write_fully(**file, bytes, 0); !done) { return done; }
  if (auto done = (*file)->sync(); !done) { return done; }
  if (auto done = files.rename(temporary, path); !done) { return done; }
  return files.sync_directory(directory);
}

Expected<std::string, FileError> read_file(FileSystem& files, const std::string& path,
                                           std::uint64_t bytes_max) {
  const auto file = files.open(path, OpenMode::read);
  if (!file) { return Unexpected(file.error()); }
  const auto size = (*file)->size();
  if (!size) { return Unexpected(size.error()); }
  std::string text(std::min(*size, bytes_max), '\0');
  const auto count = (*file)->pread(std::as_writable_bytes(std::span(text)), 0);
  if (!count) { return Unexpected(count.error()); }
  text.resize(*count);
  return text;
}

Expected<std::unique_ptr<FileLock>, FileError> lock_directory(FileSystem& files,
                                                              const std::string& directory) {
  auto lock = files.lock(join_path(directory, "lock"));
  if (!lock && lock.error().code == FileErrorCode::locked) {
    return Unexpected(FileError{FileErrorCode::locked,
                                "the data directory " + directory +
                                    " is in use by another process: stop that process, or give "
                                    "this one a directory of its own"});
  }
  return lock;
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') { path += '/'; }
  path += name;
  return path;
}

}  // namespace firebrand::log
