#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/little_endian.hpp"
#include "log/record.hpp"
#include "log/writer.hpp"

namespace firebrand {

/// Whole records at the beginning of some bytes, with what the log writer must know of them.
struct RecordBatch {
  std::span<const std::byte> bytes{};
  log::BatchInfo info{};  ///< count 0: there is no record.
};

/// Of the first record, if there is one. REQUIRES: as for first_batch().
[[nodiscard]] inline std::optional<log::Position> first_position(std::span<const std::byte> bytes) {
  if (bytes.empty()) { return std::nullopt; }
  // See docs/formats/log.md: index at 14, offset at 16.
  return log::Position{{load_le<std::uint64_t>(bytes.data() + 16)},
                       load_le<std::uint16_t>(bytes.data() + 14)};
}

/// Puts the checksums into whole records that were laid in a ring: the thread that writes them has
/// the time, the engine's has not.
inline void seal_records(std::span<std::byte> records) {
  while (!records.empty()) {
    log::seal_record(records.data());
    const std::size_t length = load_le<std::uint32_t>(records.data());
    records = records.subspan(log::record_size(length - log::kRecordHeaderBytes));
  }
}

/// As many records as fit into `bytes_max` and stand at offsets up to `limit`.
/// REQUIRES: `bytes` are whole records that we encoded ourselves.
[[nodiscard]] inline RecordBatch first_batch(std::span<const std::byte> bytes,
                                             std::size_t bytes_max,
                                             LogOffset limit = {UINT64_MAX}) {
  RecordBatch batch;
  std::size_t end = 0;
  while (end < bytes.size()) {
    // See docs/formats/log.md: length at 0, term at 32.
    const std::byte* const record = bytes.data() + end;
    const std::size_t size =
        log::record_size(load_le<std::uint32_t>(record) - log::kRecordHeaderBytes);
    const log::Position position = *first_position(bytes.subspan(end));
    if (end + size > bytes_max || position.offset > limit) { break; }
    if (batch.info.count == 0) { batch.info.first = position; }
    batch.info.last = position;
    batch.info.term = load_le<std::uint64_t>(record + 32);
    ++batch.info.count;
    end += size;
  }
  batch.bytes = bytes.first(end);
  return batch;
}

}  // namespace firebrand
