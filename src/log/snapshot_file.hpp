#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"

/// The container of a snapshot: what a state was after one record, in pieces that each carry the
/// version of their module. Layout: docs/formats/snapshot.md.
namespace firebrand::log {

struct SnapshotHeader {
  LogOffset offset{};      ///< Last record that the state holds; zero: none.
  std::uint64_t term = 0;  ///< Of that record.
  Timestamp timestamp{};   ///< Of that record.
  std::uint32_t rules_version = 0;
  std::uint64_t state_digest = 0;
  BatchHash chain{};  ///< Hash of the batch that holds that record.

  friend bool operator==(const SnapshotHeader&, const SnapshotHeader&) = default;
};

struct PieceHeader {
  std::uint16_t module = 0;          ///< Number of the module, at most once per file.
  std::uint16_t version = 0;         ///< Of what is written.
  std::uint16_t compat_version = 0;  ///< Oldest reader that can read it.
  std::uint64_t bytes = 0;           ///< Of the content; SnapshotWriter counts them itself.

  friend bool operator==(const PieceHeader&, const PieceHeader&) = default;
};

/// Writes a snapshot into `directory` under a temporary name; finish() makes it appear, whole and
/// durable, as snapshot_name(header.offset). Destroyed without finish(), it leaves nothing.
/// Holds one block of 256 KiB. One thread.
class SnapshotWriter final : public ByteSink {
 public:
  [[nodiscard]] static Expected<SnapshotWriter, FileError> create(FileSystem& files,
                                                                  const std::string& directory,
                                                                  const SnapshotHeader& header);
  SnapshotWriter(SnapshotWriter&&) noexcept;
  SnapshotWriter& operator=(SnapshotWriter&&) noexcept;
  ~SnapshotWriter();

  /// REQUIRES: no piece is open. `piece.bytes` is ignored.
  void begin_piece(const PieceHeader& piece);
  /// Content of the open piece. The first failure is kept for finish(); the rest is ignored.
  void write(std::span<const std::byte> bytes) override;
  void end_piece();

  /// Anything that failed so far? A long write may stop early.
  [[nodiscard]] bool failed() const noexcept;
  /// Syncs, renames, syncs the directory. Call once, last.
  [[nodiscard]] Expected<void, FileError> finish();

 private:
  struct State;
  explicit SnapshotWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

enum class SnapshotErrorCode : std::uint8_t {
  damaged,       ///< Use an older snapshot.
  newer_format,  ///< Written by a newer program.
  io_failed,
};

struct SnapshotError {
  SnapshotErrorCode code = SnapshotErrorCode::io_failed;
  std::string message;
};

/// Reads a snapshot piece by piece. Every block is checked before its bytes are given out.
/// Holds one block of 256 KiB. One thread.
class SnapshotReader final : public ByteSource {
 public:
  /// Checks header and footer; the pieces are checked when they are read.
  [[nodiscard]] static Expected<SnapshotReader, SnapshotError> open(FileSystem& files,
                                                                    const std::string& path);
  SnapshotReader(SnapshotReader&&) noexcept;
  SnapshotReader& operator=(SnapshotReader&&) noexcept;
  ~SnapshotReader();

  [[nodiscard]] const SnapshotHeader& header() const noexcept;

  /// Goes to the next piece, passing over what is unread of the last one; none after the last.
  [[nodiscard]] Expected<std::optional<PieceHeader>, SnapshotError> next_piece();
  /// Content of the piece. False at its end, or on damage: then error() says what.
  [[nodiscard]] bool read(std::span<std::byte> bytes) override;
  /// Content of the piece that is not read yet.
  [[nodiscard]] std::uint64_t bytes_left() const noexcept;
  /// Why read() was false, if the file is to blame.
  [[nodiscard]] const std::optional<SnapshotError>& error() const noexcept;

 private:
  struct State;
  explicit SnapshotReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "00000000000000000017.snapshot"
[[nodiscard]] std::string snapshot_name(LogOffset offset);
/// Behind the name while it is written.
inline constexpr std::string_view kSnapshotTemporarySuffix = ".tmp";

/// Offsets of the finished snapshots in a directory, newest first. Whether they are whole, only
/// reading tells.
[[nodiscard]] Expected<std::vector<LogOffset>, FileError> list_snapshots(
    FileSystem& files, const std::string& directory);

}  // namespace firebrand::log
