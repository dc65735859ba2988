#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"

namespace firebrand::log {

/// Where a log without any record begins: after nothing, or after a restored snapshot.
struct LogStart {
  Position last{};  ///< The first record must follow this.
  std::uint64_t term = 0;
  BatchHash chain{};
};

struct WriterOptions {
  // Behaviour. `numbering` never changes during a log's life.
  Numbering numbering = Numbering::dense;
  LogStart start{};  ///< Used only when the directory holds no record.
  /// Told the last whole record before anything is changed. A text, for the operator, refuses: then
  /// what stands behind it was no torn tail.
  std::function<std::string(Position)> refuse_end{};
  // Performance.
  /// Bytes of a new segment file, at least kSegmentHeaderBytes + kBatchHeaderBytes +
  /// batch_bytes_max.
  std::uint64_t segment_bytes = 64U << 20;
  std::uint32_t segments_ahead = 2;  ///< Ready, zeroed segments that prepare() keeps, from 1.
  /// Largest batch, records and padding, at most kBatchBytesMax. Smaller ones are for tests.
  std::uint64_t batch_bytes_max = kBatchBytesMax;
};

enum class OpenErrorCode : std::uint8_t {
  damaged,       ///< Bytes before the tail are not what was written: an operator decides.
  newer_format,  ///< Written by a newer program.
  wrong_log,     ///< Other numbering, or files that are not what their names say.
  trimmed,       ///< Readers only: the position is older than what is kept.
  io_failed,
};

struct OpenError {
  OpenErrorCode code = OpenErrorCode::io_failed;
  std::string message;  ///< For the operator: file, byte, offsets, and what can be done.
};

enum class WriteErrorCode : std::uint8_t {
  no_room,    ///< Nothing written: more was appended than space_left() promised.
  io_failed,  ///< The batch is in doubt. Stop the process; the next start finds out.
};

struct WriteError {
  WriteErrorCode code = WriteErrorCode::io_failed;
  std::string message;
};

enum class PrepareErrorCode : std::uint8_t {
  no_space,   ///< The disk is full: try again later.
  io_failed,  ///< Anything else: try again later, and tell somebody.
};

struct PrepareError {
  PrepareErrorCode code = PrepareErrorCode::io_failed;
  std::string message;
};

struct BatchInfo {
  std::uint32_t count = 0;  ///< Records, from 1.
  Position first{};
  Position last{};
  std::uint64_t term = 0;  ///< Never smaller than that of the batch before.
};

/// What open() found and did.
struct Recovery {
  std::uint64_t torn_bytes = 0;  ///< Bytes of the torn tail, first to last that was not zero.
  std::string torn_file;         ///< Where; empty if nothing was torn.
  std::uint64_t torn_at = 0;     ///< Byte position in that file.
};

/// Appends batches to a directory of segments. One batch = one write and one sync.
///
/// Threads: append_batch(), last(), term() and chain_hash() from one thread; prepare() from one
/// thread, which may be another one, at the same time; space_left() from any.
/// Only one Writer per directory: the caller holds lock_directory() of the data directory.
class Writer {
 public:
  /// Finds the end of the log, cuts the torn tail durably, refuses damage before it. Makes the
  /// directory if missing. Makes no segment: call prepare() until it answers false.
  /// Reads the last segment with records; older ones are checked by whoever reads them.
  [[nodiscard]] static Expected<Writer, OpenError> open(FileSystem& files,
                                                        const std::string& directory,
                                                        const WriterOptions& options);

  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  /// Writes and syncs one batch; on success its records are durable. Pieces, joined, are whole
  /// encoded records. Every error is final: the caller stops the process, nothing is retried.
  /// REQUIRES: 72 <= total bytes <= batch_bytes_max; positions and term follow the last batch.
  [[nodiscard]] Expected<void, WriteError> append_batch(
      std::span<const std::span<const std::byte>> pieces, const BatchInfo& info);

  /// Record bytes that surely fit into the space already taken, however they are cut into
  /// batches. An append of n bytes lowers it by n at most. To admit a record, read first how many
  /// bytes were appended, then this, and compare with what waits between the two.
  [[nodiscard]] std::uint64_t space_left() const noexcept;

  /// Does one piece of work off the commit path: makes one segment, or gives one that became
  /// active its final name. An error leaves everything as it was: try again later.
  /// @return true if something was done: call again; false if nothing is left to do.
  [[nodiscard]] Expected<bool, PrepareError> prepare();

  /// Of the last durable record; WriterOptions::start where there is none.
  [[nodiscard]] Position last() const noexcept;
  [[nodiscard]] std::uint64_t term() const noexcept;
  [[nodiscard]] BatchHash chain_hash() const noexcept;

  [[nodiscard]] const Recovery& recovery() const noexcept;

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firebrand::log
