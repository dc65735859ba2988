#include "log/faulty_file_system.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace firebrand::log {
namespace {

std::string directory_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}
std::string file_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

FileError not_found(const std::string& path) {
  return {FileErrorCode::not_found, path + ": no such file or directory"};
}

}  // namespace

class FaultyFile final : public File {
 public:
  FaultyFile(FaultyFileSystem& files, std::shared_ptr<FaultyFileSystem::Inode> inode,
             std::string path, OpenMode mode)
      : files_(files),
        inode_(std::move(inode)),
        path_(std::move(path)),
        mode_(mode),
        epoch_(files.epoch_) {}

  Expected<std::size_t, FileError> pread(std::span<std::byte> out,
                                         std::uint64_t position) override {
    const std::lock_guard guard(files_.mutex_);
    if (epoch_ != files_.epoch_) { return Unexpected(dead()); }
    const std::uint64_t size = inode_->current.size();
    if (position >= size) { return std::size_t{0}; }
    const std::size_t count = std::min<std::uint64_t>(out.size(), size - position);
    for (const auto& range : inode_->unreadable) {
      if (position < range.end && position + count > range.begin) {
        return Unexpected(FileError{FileErrorCode::io_failed, "read " + path_ + ": I/O error"});
      }
    }
    if (count > 0) { std::memcpy(out.data(), inode_->current.data() + position, count); }
    return count;
  }

  Expected<std::size_t, FileError> pwritev(std::span<const std::span<const std::byte>> pieces,
                                           std::uint64_t position) override {
    const std::lock_guard guard(files_.mutex_);
    if (epoch_ != files_.epoch_) { return Unexpected(dead()); }
    if (mode_ == OpenMode::read) {
      return Unexpected(FileError{FileErrorCode::io_failed, "write " + path_ + ": read only"});
    }
    if (auto begun = files_.begin_change("write " + path_); !begun) {
      return Unexpected(begun.error());
    }
    std::size_t wanted = 0;
    for (const auto& piece : pieces) { wanted += piece.size(); }
    if (files_.short_writes_ && wanted > 1) { wanted = 1 + files_.prng_.below(wanted - 1); }
    if (auto grown = grow(position + wanted); !grown) { return Unexpected(grown.error()); }
    std::size_t written = 0;
    for (const auto& piece : pieces) {
      const std::size_t count = std::min(piece.size(), wanted - written);
      if (count == 0) { continue; }
      std::memcpy(inode_->current.data() + position + written, piece.data(), count);
      written += count;
    }
    for (std::uint64_t sector = position / FaultyFileSystem::kSectorBytes;
         sector * FaultyFileSystem::kSectorBytes < position + written; ++sector) {
      inode_->dirty.insert(sector);
    }
    return written;
  }

  Expected<void, FileError> sync_data() override { return sync(); }

  Expected<void, FileError> sync() override {
    const std::lock_guard guard(files_.mutex_);
    if (epoch_ != files_.epoch_) { return Unexpected(dead()); }
    if (auto begun = files_.begin_change("sync " + path_); !begun) { return begun; }
    if (files_.sync_fails()) {
      // The kernel forgets that these were dirty, whether or not they reached the disk.
      persist(files_.survivors(inode_->dirty.size()));
      inode_->dirty.clear();
      return Unexpected(FileError{FileErrorCode::io_failed, "sync " + path_ + ": I/O error"});
    }
    inode_->durable.resize(inode_->current.size());
    persist(std::vector<bool>(inode_->dirty.size(), true));
    inode_->dirty.clear();
    return {};
  }

  Expected<void, FileError> allocate(std::uint64_t bytes) override {
    const std::lock_guard guard(files_.mutex_);
    if (epoch_ != files_.epoch_) { return Unexpected(dead()); }
    if (auto begun = files_.begin_change("allocate space for " + path_); !begun) { return begun; }
    return grow(bytes);
  }

  Expected<std::uint64_t, FileError> size() override {
    const std::lock_guard guard(files_.mutex_);
    if (epoch_ != files_.epoch_) { return Unexpected(dead()); }
    return static_cast<std::uint64_t>(inode_->current.size());
  }

 private:
  friend class FaultyFileSystem;

  [[nodiscard]] FileError dead() const {
    return {FileErrorCode::io_failed, path_ + ": opened before the crash"};
  }

  Expected<void, FileError> grow(std::uint64_t bytes) {
    const std::uint64_t size = inode_->current.size();
    if (bytes <= size) { return {}; }
    if (files_.space_limit_ && files_.used() + (bytes - size) > *files_.space_limit_) {
      return Unexpected(FileError{FileErrorCode::no_space, path_ + ": no space left on device"});
    }
    inode_->current.resize(bytes);
    return {};
  }

  /// Copies the dirty sectors that are kept to the disk, as far as its length reaches.
  void persist(const std::vector<bool>& kept) {
    std::size_t i = 0;
    for (const std::uint64_t sector : inode_->dirty) {
      if (!kept[i++]) { continue; }
      const std::uint64_t begin = sector * FaultyFileSystem::kSectorBytes;
      const std::uint64_t end =
          std::min<std::uint64_t>(begin + FaultyFileSystem::kSectorBytes,
                                  std::min(inode_->durable.size(), inode_->current.size()));
      if (begin >= end) { continue; }
      std::memcpy(inode_->durable.data() + begin, inode_->current.data() + begin, end - begin);
    }
  }

  FaultyFileSystem& files_;
  std::shared_ptr<FaultyFileSystem::Inode> inode_;
  std::string path_;
  OpenMode mode_;
  std::uint64_t epoch_;
};

class FaultyLock final : public FileLock {
 public:
  FaultyLock(FaultyFileSystem& files, std::string path)
      : files_(files), path_(std::move(path)), epoch_(files.epoch_) {}
  ~FaultyLock() override {
    const std::lock_guard guard(files_.mutex_);
    if (epoch_ == files_.epoch_) { files_.locks_.erase(path_); }
  }

 private:
  FaultyFileSystem& files_;
  std::string path_;
  std::uint64_t epoch_;
};

FaultyFileSystem::FaultyFileSystem(std::uint64_t seed) : prng_(seed) { directories_["."]; }

FaultyFileSystem::~FaultyFileSystem() = default;

std::vector<bool> FaultyFileSystem::survivors(std::size_t count) {
  const auto survival = static_cast<Survival>(prng_.below(4));
  std::vector<bool> kept(count, survival == Survival::everything);
  if (survival == Survival::prefix) { std::fill_n(kept.begin(), prng_.below(count + 1), true); }
  if (survival == Survival::any) {
    for (std::size_t i = 0; i < count; ++i) { kept[i] = prng_.below(2) == 1; }
  }
  return kept;
}

Expected<void, FileError> FaultyFileSystem::begin_change(const std::string& what) {
  if (stop_at_ && operations_ >= *stop_at_) {
    return Unexpected(FileError{FileErrorCode::io_failed, what + ": stopped"});
  }
  ++operations_;
  return {};
}

bool FaultyFileSystem::sync_fails() {
  if (!syncs_until_failure_ || --*syncs_until_failure_ > 0) { return false; }
  syncs_until_failure_.reset();
  return true;
}

FaultyFileSystem::Directory* FaultyFileSystem::directory_of(const std::string& path) {
  const auto found = directories_.find(directory_name(path));
  return found == directories_.end() ? nullptr : &found->second;
}

std::shared_ptr<FaultyFileSystem::Inode> FaultyFileSystem::find(const std::string& path) const {
  const auto directory = directories_.find(directory_name(path));
  if (directory == directories_.end()) { return nullptr; }
  const auto entry = directory->second.current.find(file_name(path));
  return entry == directory->second.current.end() ? nullptr : entry->second;
}

std::uint64_t FaultyFileSystem::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, directory] : directories_) {
    for (const auto& [name, inode] : directory.current) { bytes += inode->current.size(); }
  }
  return bytes;
}

Expected<std::unique_ptr<File>, FileError> FaultyFileSystem::open(const std::string& path,
                                                                  OpenMode mode) {
  const std::lock_guard guard(mutex_);
  auto inode = find(path);
  if (mode == OpenMode::create_new) {
    Directory* const directory = directory_of(path);
    if (directory == nullptr) { return Unexpected(not_found(path)); }
    if (inode != nullptr) {
      return Unexpected(FileError{FileErrorCode::already_exists, path + ": file exists"});
    }
    if (auto begun = begin_change("create " + path); !begun) { return Unexpected(begun.error()); }
    inode = std::make_shared<Inode>();
    const Change change{.from = {}, .to = file_name(path), .inode = inode};
    apply(directory->current, change);
    directory->unsynced.push_back(change);
  }
  if (inode == nullptr) { return Unexpected(not_found(path)); }
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, std::move(inode), path, mode));
}

void FaultyFileSystem::apply(Entries& entries, const Change& change) {
  const auto from = entries.find(change.from);
  if (from != entries.end() && from->second == change.inode) { entries.erase(from); }
  if (!change.to.empty()) { entries[change.to] = change.inode; }
}

Expected<void, FileError> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(mutex_);
  FB_ASSERT(directory_name(from) == directory_name(to));
  auto inode = find(from);
  if (inode == nullptr) { return Unexpected(not_found(from)); }
  if (auto begun = begin_change("rename " + from); !begun) { return begun; }
  Directory* const directory = directory_of(from);
  const Change change{.from = file_name(from), .to = file_name(to), .inode = std::move(inode)};
  apply(directory->current, change);
  directory->unsynced.push_back(change);
  return {};
}

Expected<void, FileError> FaultyFileSystem::remove(const std::string& path) {
  const std::lock_guard guard(mutex_);
  auto inode = find(path);
  if (inode == nullptr) { return Unexpected(not_found(path)); }
  if (auto begun = begin_change("remove " + path); !begun) { return begun; }
  Directory* const directory = directory_of(path);
  const Change change{.from = file_name(path), .to = {}, .inode = std::move(inode)};
  apply(directory->current, change);
  directory->unsynced.push_back(change);
  return {};
}

Expected<std::vector<std::string>, FileError> FaultyFileSystem::list(const std::string& directory) {
  const std::lock_guard guard(mutex_);
  const auto found = directories_.find(directory);
  if (found == directories_.end()) { return Unexpected(not_found(directory)); }
  std::vector<std::string> names;
  for (const auto& [name, inode] : found->second.current) { names.push_back(name); }
  return names;
}

Expected<void, FileError> FaultyFileSystem::create_directory(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (directory_of(path) == nullptr) { return Unexpected(not_found(path)); }
  if (find(path) != nullptr) {
    return Unexpected(FileError{FileErrorCode::already_exists, path + ": a file is there"});
  }
  if (auto begun = begin_change("make directory " + path); !begun) { return begun; }
  directories_[path];
  return {};
}

Expected<void, FileError> FaultyFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const auto found = directories_.find(path);
  if (found == directories_.end()) { return Unexpected(not_found(path)); }
  if (auto begun = begin_change("sync directory " + path); !begun) { return begun; }
  if (sync_fails()) {
    return Unexpected(
        FileError{FileErrorCode::io_failed, "sync directory " + path + ": I/O error"});
  }
  Directory& directory = found->second;
  directory.durable = directory.current;
  directory.unsynced.clear();
  return {};
}

Expected<std::unique_ptr<FileLock>, FileError> FaultyFileSystem::lock(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (directory_of(path) == nullptr) { return Unexpected(not_found(path)); }
  if (!locks_.insert(path).second) {
    return Unexpected(FileError{FileErrorCode::locked, "lock " + path + ": held"});
  }
  return std::unique_ptr<FileLock>(std::make_unique<FaultyLock>(*this, path));
}

void FaultyFileSystem::forget_handles() {
  ++epoch_;
  locks_.clear();
  stop_at_.reset();
}

void FaultyFileSystem::restart_process() {
  const std::lock_guard guard(mutex_);
  forget_handles();
}

void FaultyFileSystem::crash() {
  const std::lock_guard guard(mutex_);
  for (auto& [path, directory] : directories_) {
    const std::vector<bool> kept = survivors(directory.unsynced.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i]) { apply(directory.durable, directory.unsynced[i]); }
    }
    directory.current = directory.durable;
    directory.unsynced.clear();
    for (const auto& [name, inode] : directory.current) {
      if (prng_.below(2) == 1) { inode->durable.resize(inode->current.size()); }
      FaultyFile(*this, inode, path, OpenMode::read).persist(survivors(inode->dirty.size()));
      inode->dirty.clear();
      inode->current = inode->durable;
    }
  }
  forget_handles();
}

std::uint64_t FaultyFileSystem::operations() const {
  const std::lock_guard guard(mutex_);
  return operations_;
}

void FaultyFileSystem::stop_after(std::uint64_t operations) {
  const std::lock_guard guard(mutex_);
  stop_at_ = operations_ + operations;
}

void FaultyFileSystem::fail_sync(std::uint64_t nth) {
  const std::lock_guard guard(mutex_);
  syncs_until_failure_.reset();
  if (nth > 0) { syncs_until_failure_ = nth; }
}

void FaultyFileSystem::set_short_writes(bool on) {
  const std::lock_guard guard(mutex_);
  short_writes_ = on;
}

void FaultyFileSystem::set_space_limit(std::optional<std::uint64_t> bytes) {
  const std::lock_guard guard(mutex_);
  space_limit_ = bytes;
}

void FaultyFileSystem::fail_reads(const std::string& path, std::uint64_t begin, std::uint64_t end) {
  const std::lock_guard guard(mutex_);
  const auto inode = find(path);
  FB_ASSERT(inode != nullptr);
  inode->unreadable.push_back({begin, end});
}

void FaultyFileSystem::clear_read_faults() {
  const std::lock_guard guard(mutex_);
  for (auto& [path, directory] : directories_) {
    for (auto& [name, inode] : directory.current) { inode->unreadable.clear(); }
  }
}

void FaultyFileSystem::flip_bits(const std::string& path, std::uint64_t position,
                                 std::uint8_t mask) {
  const std::lock_guard guard(mutex_);
  const auto inode = find(path);
  FB_ASSERT(inode != nullptr && position < inode->current.size());
  inode->current[position] ^= static_cast<std::byte>(mask);
  if (position < inode->durable.size()) {
    inode->durable[position] ^= static_cast<std::byte>(mask);
  }
}

std::vector<std::byte> FaultyFileSystem::content(const std::string& path) const {
  const std::lock_guard guard(mutex_);
  const auto inode = find(path);
  FB_ASSERT(inode != nullptr);
  return inode->current;
}

void FaultyFileSystem::put(const std::string& path, std::span<const std::byte> bytes) {
  const std::lock_guard guard(mutex_);
  Directory* const directory = directory_of(path);
  FB_ASSERT(directory != nullptr);
  auto inode = std::make_shared<Inode>();
  inode->current.assign(bytes.begin(), bytes.end());
  inode->durable = inode->current;
  directory->current[file_name(path)] = inode;
  directory->durable[file_name(path)] = inode;
}

std::uint64_t FaultyFileSystem::bytes_used() const {
  const std::lock_guard guard(mutex_);
  return used();
}

}  // namespace firebrand::log
