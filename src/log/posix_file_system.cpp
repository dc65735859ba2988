#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "log/file_system.hpp"

namespace firebrand::log {
namespace {

/// Pieces handed to the kernel at once; Linux takes 1024 at most.
constexpr std::size_t kPiecesMax = 64;

FileError last_error(std::string_view operation, const std::string& path) {
  const int number = errno;
  FileErrorCode code = FileErrorCode::io_failed;
  if (number == ENOENT) { code = FileErrorCode::not_found; }
  if (number == EEXIST) { code = FileErrorCode::already_exists; }
  if (number == ENOSPC || number == EDQUOT) { code = FileErrorCode::no_space; }
  if (number == EWOULDBLOCK) { code = FileErrorCode::locked; }  // From flock only.
  if (number == EACCES || number == EPERM || number == EROFS) {
    code = FileErrorCode::permission_denied;
  }
  return {code,
          std::string(operation) + " " + path + ": " + std::generic_category().message(number)};
}

/// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) { return result; }
  }
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) { ::close(fd_); }
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Expected<std::size_t, FileError> pread(std::span<std::byte> out,
                                         std::uint64_t position) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto got = uninterrupted([&] {
        return ::pread(fd_.get(), out.data() + done, out.size() - done,
                       static_cast<off_t>(position + done));
      });
      if (got < 0) { return Unexpected(last_error("read", path_)); }
      if (got == 0) { break; }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Expected<std::size_t, FileError> pwritev(std::span<const std::span<const std::byte>> pieces,
                                           std::uint64_t position) override {
    std::array<iovec, kPiecesMax> vectors{};
    const std::size_t count = std::min(pieces.size(), kPiecesMax);
    for (std::size_t i = 0; i < count; ++i) {
      // The kernel only reads from here; iovec is shared with the reading calls.
      vectors[i].iov_base = const_cast<std::byte*>(pieces[i].data());
      vectors[i].iov_len = pieces[i].size();
    }
    const auto written = uninterrupted([&] {
      return ::pwritev(fd_.get(), vectors.data(), static_cast<int>(count),
                       static_cast<off_t>(position));
    });
    if (written < 0) { return Unexpected(last_error("write", path_)); }
    if (written == 0) {
      return Unexpected(
          FileError{FileErrorCode::io_failed, "write " + path_ + ": nothing written"});
    }
    return static_cast<std::size_t>(written);
  }

  // A sync is never repeated, not even after a signal: the kernel may have dropped what it could
  // not write and would answer "done" the second time.
  Expected<void, FileError> sync_data() override {
    if (::fdatasync(fd_.get()) != 0) { return Unexpected(last_error("sync", path_)); }
    return {};
  }
  Expected<void, FileError> sync() override {
    if (::fsync(fd_.get()) != 0) { return Unexpected(last_error("sync", path_)); }
    return {};
  }

  Expected<void, FileError> allocate(std::uint64_t bytes) override {
    if (uninterrupted([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(bytes)); }) ==
        0) {
      return {};
    }
    if (errno != EOPNOTSUPP && errno != ENOSYS) {
      return Unexpected(last_error("allocate space for", path_));
    }
    // A file system without allocation: the length alone, and writing zeros takes the space.
    const auto now = size();
    if (!now) { return Unexpected(now.error()); }
    if (*now >= bytes) { return {}; }
    if (uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(bytes)); }) != 0) {
      return Unexpected(last_error("allocate space for", path_));
    }
    return {};
  }

  Expected<std::uint64_t, FileError> size() override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) { return Unexpected(last_error("look at", path_)); }
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

}  // namespace

Expected<std::unique_ptr<File>, FileError> PosixFileSystem::open(const std::string& path,
                                                                 OpenMode mode) {
  int flags = O_CLOEXEC;
  switch (mode) {
    case OpenMode::read:
      flags |= O_RDONLY;
      break;
    case OpenMode::read_write:
      flags |= O_RDWR;
      break;
    case OpenMode::create_new:
      flags |= O_RDWR | O_CREAT | O_EXCL;
      break;
  }
  const int fd = uninterrupted([&] { return ::open(path.c_str(), flags, 0600); });
  if (fd < 0) { return Unexpected(last_error("open", path)); }
  return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, path));
}

Expected<void, FileError> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) { return Unexpected(last_error("rename", from)); }
  return {};
}

Expected<void, FileError> PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) { return Unexpected(last_error("remove", path)); }
  return {};
}

Expected<std::vector<std::string>, FileError> PosixFileSystem::list(const std::string& directory) {
  DIR* const handle = ::opendir(directory.c_str());
  if (handle == nullptr) { return Unexpected(last_error("list", directory)); }
  const std::unique_ptr<DIR, int (*)(DIR*)> closer(handle, &::closedir);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(handle);
    if (entry == nullptr) { break; }
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat status {};
      is_directory =
          ::fstatat(::dirfd(handle), entry->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
    }
    if (!is_directory) { names.emplace_back(entry->d_name); }
  }
  if (errno != 0) { return Unexpected(last_error("list", directory)); }
  std::sort(names.begin(), names.end());
  return names;
}

Expected<void, FileError> PosixFileSystem::create_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) != 0) {
    if (errno != EEXIST) { return Unexpected(last_error("make directory", path)); }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) { return Unexpected(last_error("look at", path)); }
    if (!S_ISDIR(status.st_mode)) {
      return Unexpected(
          FileError{FileErrorCode::already_exists, "make directory " + path + ": a file is there"});
    }
  }
  // Also when it was there: the crash may have come between making and syncing.
  const std::size_t slash = path.find_last_not_of('/');
  const std::size_t end = slash == std::string::npos ? 0 : path.rfind('/', slash);
  const std::string parent =
      end == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(end, 1));
  return sync_directory(parent);
}

Expected<void, FileError> PosixFileSystem::sync_directory(const std::string& path) {
  const Descriptor directory(
      uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (directory.get() < 0) { return Unexpected(last_error("open directory", path)); }
  if (::fsync(directory.get()) != 0) { return Unexpected(last_error("sync directory", path)); }
  return {};
}

Expected<std::unique_ptr<FileLock>, FileError> PosixFileSystem::lock(const std::string& path) {
  const int fd =
      uninterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); });
  if (fd < 0) { return Unexpected(last_error("open", path)); }
  auto lock = std::make_unique<PosixLock>(fd);
  // flock belongs to the open file, so it also keeps out a second opening in this process.
  if (uninterrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
    return Unexpected(last_error("lock", path));
  }
  return std::unique_ptr<FileLock>(std::move(lock));
}

}  // namespace firebrand::log
