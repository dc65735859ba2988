#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/assert.hpp"
#include "base/expected.hpp"
#include "base/text.hpp"
#include "base/types.hpp"

/// The stored bytes of a log: records, and the batches they are synced in.
/// The layout, with a worked example, is docs/formats/log.md. It is fixed for good.
namespace firebrand::log {

inline constexpr std::size_t kRecordHeaderBytes = 72;
inline constexpr std::size_t kRecordAlignment = 8;
inline constexpr std::size_t kBatchHeaderBytes = 64;
inline constexpr std::size_t kSegmentHeaderBytes = 4096;
inline constexpr std::size_t kRecordBytesMax = 1U << 20;  ///< Header, payload and padding.
inline constexpr std::size_t kBatchBytesMax = 4U
                                              << 20;  ///< Records of one batch, without its header.
inline constexpr std::uint8_t kFormatVersion = 1;

/// Place of a record. The command log uses index 0 only; facts number what one command caused.
struct Position {
  LogOffset offset{};  ///< From 1; zero: before everything.
  std::uint16_t index = 0;

  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

/// After every record a log can hold.
inline constexpr Position kPositionMax{LogOffset{UINT64_MAX}, UINT16_MAX};

/// A position in one word, so that threads can share it: the offset in the upper 48 bits, the index
/// below. REQUIRES: offset below 2^48.
[[nodiscard]] constexpr std::uint64_t pack(Position position) {
  FB_ASSERT(position.offset.value < std::uint64_t{1} << 48U);
  return position.offset.value << 16U | position.index;
}
[[nodiscard]] constexpr Position unpack(std::uint64_t packed) {
  return {{packed >> 16U}, static_cast<std::uint16_t>(packed)};
}

/// "17", or "17-3" where the index is not zero.
[[nodiscard]] std::string to_string(Position position);

/// XXH3 (128 bits, big-endian) over a batch's header and records. Zero: before the first batch.
/// It finds divergence and misplaced data; it is no defence against a forger.
using BatchHash = Bytes<16>;

/// What a record says about itself. Length and checksum are added when it is written.
struct RecordHeader {
  std::uint8_t actor_kind = 0;  ///< Fan, API key, staff, system, model: the log does not care.
  std::uint16_t type = 0;       ///< Number of the command or fact.
  std::uint16_t version = 0;    ///< Version of the command or fact.
  std::uint16_t index = 0;      ///< Among what one offset caused; 0 in the command log.
  LogOffset offset{};
  Timestamp timestamp{};
  std::uint64_t term = 0;
  std::uint64_t actor_id = 0;
  Bytes<16> request_id{};
  std::uint64_t cause = 0;  ///< Offset of the record that led to this one, zero if none.

  [[nodiscard]] constexpr Position position() const { return {offset, index}; }
  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

/// A record as read. The payload lives as long as its source says.
struct RecordView {
  RecordHeader header;
  std::span<const std::byte> payload;
};

/// Whether there is nothing here: no record was written over the zeros that a file begins with.
[[nodiscard]] bool all_zero(std::span<const std::byte> bytes);

/// Bytes that a record with this payload takes, padding included: a multiple of 8.
[[nodiscard]] constexpr std::size_t record_size(std::size_t payload_bytes) {
  return (kRecordHeaderBytes + payload_bytes + kRecordAlignment - 1) & ~(kRecordAlignment - 1);
}
inline constexpr std::size_t kPayloadBytesMax = kRecordBytesMax - kRecordHeaderBytes;

/// Writes header, payload and padding to `out`, all but the checksum: seal_record() adds it.
/// REQUIRES: payload.size() <= kPayloadBytesMax; record_size(payload.size()) bytes at `out`.
/// @return record_size(payload.size()).
std::size_t lay_record(const RecordHeader& header, std::span<const std::byte> payload,
                       std::byte* out);

/// Puts the checksum into a record that was laid: from here on none of its bytes may change.
void seal_record(std::byte* record);

/// Both in one.
std::size_t encode_record(const RecordHeader& header, std::span<const std::byte> payload,
                          std::byte* out);

/// What is wrong with the bytes of a record or a batch.
enum class FormatError : std::uint8_t {
  truncated,          ///< The bytes end too early.
  newer_format,       ///< Written by a newer program.
  checksum_mismatch,  ///< Any other damage: length, checksum, padding, order.
};

/// Reads the record at the beginning of `bytes` and checks all of it. The view points into `bytes`.
[[nodiscard]] Expected<RecordView, FormatError> decode_record(std::span<const std::byte> bytes);

/// As decode_record() for bytes that were checked before, or just written: nothing is checked.
[[nodiscard]] RecordView view_record(const std::byte* record);

/// What a batch header says: one synced unit of records.
struct BatchHeader {
  std::uint32_t bytes = 0;  ///< Of its records, 72 to kBatchBytesMax, a multiple of 8.
  std::uint32_t count = 0;  ///< Of its records, from 1.
  Position first{};
  Position last{};
  std::uint64_t term = 0;
  BatchHash previous{};  ///< Hash of the batch before this one.

  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

void encode_batch_header(const BatchHeader& header, std::span<std::byte, kBatchHeaderBytes> out);

/// Checks the header alone: magic, version, checksum, ranges.
[[nodiscard]] Expected<BatchHeader, FormatError> decode_batch_header(
    std::span<const std::byte> bytes);

/// How positions grow from record to record.
enum class Numbering : std::uint8_t {
  dense = 1,   ///< Offset by one, index always 0: commands.
  sparse = 2,  ///< Strictly upwards, holes allowed: facts.
};

/// May a record at `next` follow one at `previous`?
[[nodiscard]] constexpr bool follows(Numbering numbering, Position previous, Position next) {
  if (numbering == Numbering::sparse) { return next > previous; }
  return next.index == 0 && next.offset.value == previous.offset.value + 1;
}

/// Checks every record of a batch: checksums, padding, order, count, first and last.
/// `records` are exactly header.bytes bytes.
[[nodiscard]] Expected<void, FormatError> check_batch_records(const BatchHeader& header,
                                                              Numbering numbering,
                                                              std::span<const std::byte> records);

/// The first 4 KiB of a segment file, written together with its first batch.
struct SegmentHeader {
  Numbering numbering = Numbering::dense;
  Position first{};     ///< Of its first record; names the file.
  Position previous{};  ///< Last record of the segment before; zero if there was none.
  BatchHash chain{};    ///< Hash of the batch before its first one.
  Timestamp created{};  ///< Timestamp of its first record: the log has no clock.

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

void encode_segment_header(const SegmentHeader& header,
                           std::span<std::byte, kSegmentHeaderBytes> out);
[[nodiscard]] Expected<SegmentHeader, FormatError> decode_segment_header(
    std::span<const std::byte> bytes);

}  // namespace firebrand::log
