#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "log/file_system.hpp"

namespace firebrand::log {

/// A disk in memory that may lose everything that was not synced. Deterministic by seed.
///
/// What survives a crash: any subset of the unsynced 512-byte sectors of a file, either its old or
/// its new length, and any subset of the unsynced creates, renames and removes of a directory (each
/// of them whole). A sector is old or new, never a mixture: the log relies on that.
///
/// After a failed sync each unsynced sector is either on the disk or never will be, unless it is
/// written again, while reads go on to show it: what Linux does.
class FaultyFileSystem final : public FileSystem {
 public:
  static constexpr std::uint64_t kSectorBytes = 512;

  explicit FaultyFileSystem(std::uint64_t seed);
  ~FaultyFileSystem() override;

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

  /// Power loss. Open files and locks are dead from now on; set faults stay as they are, but a
  /// stop (stop_after) is over.
  void crash();
  /// The process alone is gone: nothing is lost, open files and locks are dead. Ends a stop.
  void restart_process();

  /// Operations that change something (write, sync, allocate, create, rename, remove) so far.
  [[nodiscard]] std::uint64_t operations() const;
  /// Lets `operations` more through; from then on each fails, as if the process had stopped there.
  void stop_after(std::uint64_t operations);
  /// The nth sync from now on (1: the next), of a file or a directory, fails once; 0: none.
  void fail_sync(std::uint64_t nth);
  /// Each write ends early at a random byte, at least one.
  void set_short_writes(bool on);
  /// Sum of the lengths of all files; growing beyond answers `no_space`. None: no limit.
  void set_space_limit(std::optional<std::uint64_t> bytes);
  /// Reads that touch [begin, end) of the file answer `io_failed`, until clear_read_faults().
  void fail_reads(const std::string& path, std::uint64_t begin, std::uint64_t end);
  void clear_read_faults();
  /// Damages what is stored, synced or not. REQUIRES: the file reaches there.
  void flip_bits(const std::string& path, std::uint64_t position, std::uint8_t mask);

  /// What reads see now. REQUIRES: the file exists.
  [[nodiscard]] std::vector<std::byte> content(const std::string& path) const;
  /// Makes or replaces a file, durably. REQUIRES: its directory exists.
  void put(const std::string& path, std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t bytes_used() const;

 private:
  friend class FaultyFile;
  friend class FaultyLock;

  struct Inode {
    std::vector<std::byte> current;
    std::vector<std::byte> durable;
    std::set<std::uint64_t> dirty;  ///< Sectors written since the last sync.
    struct Range {
      std::uint64_t begin;
      std::uint64_t end;
    };
    std::vector<Range> unreadable;
  };
  using Entries = std::map<std::string, std::shared_ptr<Inode>>;

  /// One change of a directory; a create has no `from`, a remove no `to`.
  struct Change {
    std::string from;
    std::string to;
    std::shared_ptr<Inode> inode;
  };
  struct Directory {
    Entries current;
    Entries durable;
    std::vector<Change> unsynced;
  };

  /// How much of what was in flight a crash leaves: all kinds, so that each is met often.
  enum class Survival : std::uint8_t { nothing, everything, prefix, any };

  std::vector<bool> survivors(std::size_t count);
  void apply(Entries& entries, const Change& change);
  [[nodiscard]] Expected<void, FileError> begin_change(const std::string& what);
  [[nodiscard]] bool sync_fails();
  [[nodiscard]] Directory* directory_of(const std::string& path);
  [[nodiscard]] std::shared_ptr<Inode> find(const std::string& path) const;
  [[nodiscard]] std::uint64_t used() const;
  void forget_handles();

  mutable std::mutex mutex_;
  Prng prng_;
  std::map<std::string, Directory> directories_;
  std::set<std::string> locks_;
  std::uint64_t epoch_ = 0;  ///< Of the living process; handles of older ones are dead.
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> stop_at_;
  std::optional<std::uint64_t> syncs_until_failure_;
  std::optional<std::uint64_t> space_limit_;
  bool short_writes_ = false;
};

}  // namespace firebrand::log
