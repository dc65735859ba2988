#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"
#include "log/writer.hpp"

namespace firebrand::log {

enum class ReadError : std::uint8_t {
  end_of_log,         ///< Nothing more up to the limit. Ask again after the log has grown.
  torn_tail,          ///< A batch was cut by a crash; Writer::open() cuts it away.
  checksum_mismatch,  ///< Damage before the tail: stop, an operator decides.
  gap,                ///< A segment is missing, or does not continue the one before it.
  newer_format,       ///< Written by a newer program.
  io_failed,
};

/// The batch that the last record came from. Views live until the next call of next().
struct BatchView {
  BatchHeader header;
  BatchHash hash{};                  ///< What the next batch must carry.
  std::span<const std::byte> bytes;  ///< Header and records, as stored.
};

/// Reads a log record by record, archives included, and checks everything on the way: checksums,
/// order, and the chain of batches from the beginning of the first segment it opens.
///
/// It can follow a log while a Writer appends to it: give it the durable position as limit, and it
/// never looks at a batch that may not be whole. One thread.
class Reader {
 public:
  /// The first record will be the first one at or after `from`; Position{} means the oldest kept.
  /// Starts at the beginning of the segment that holds it: up to one segment is read and checked.
  [[nodiscard]] static Expected<Reader, OpenError> open(FileSystem& files,
                                                        const std::string& directory,
                                                        Position from);

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// The payload lives until the next call. After any error but `end_of_log` the reader is done,
  /// and every further call repeats the error.
  [[nodiscard]] Expected<RecordView, ReadError> next();

  /// A record that stands later in the batch, for whoever wants to fetch ahead of time what it
  /// needs: each is shown once, at most `distance` before its turn, and none before its batch was
  /// checked. next() may pass it over or stop before it.
  [[nodiscard]] std::optional<RecordView> look_ahead(std::size_t distance);

  /// No record after `limit` will be returned. Must be durable when the log is being written.
  /// At first kPositionMax: read to the end of a log that nobody writes to.
  void set_limit(Position limit) noexcept;

  /// What the last error means, for the operator: file, byte, offsets, and what can be done.
  [[nodiscard]] std::string_view message() const noexcept;

  /// Of the last record returned, or the one before the first that will be.
  [[nodiscard]] Position position() const noexcept;
  /// REQUIRES: next() has returned a record.
  [[nodiscard]] const BatchView& batch() const noexcept;
  /// Chain hash after the batch of the last record; before that, at the place where reading starts.
  [[nodiscard]] BatchHash batch_hash() const noexcept;
  /// Was the last record the last of its batch?
  [[nodiscard]] bool at_batch_end() const noexcept;

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firebrand::log
