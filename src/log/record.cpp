#include "log/record.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"

namespace firebrand::log {
namespace {

// Bytes 0xFB and 0xFF never stand in UTF-8, so no text inside a payload looks like a batch.
constexpr std::uint32_t kBatchMagic = 0x0AFF42FB;  // fb 42 ff 0a
// As in PNG, the line ends show a file that went through a text conversion.
constexpr std::array<std::uint8_t, 8> kSegmentMagic = {0xFB, 'L', 'O', 'G', '\r', '\n', 0x1A, 0xFF};

/// Where the checksum of a record or a batch header begins: after length or magic, and itself.
constexpr std::size_t kChecksumFrom = 8;
constexpr std::size_t kSegmentChecksumFrom = 12;

template <std::size_t Size>
void store(std::byte* out, const Bytes<Size>& bytes) {
  std::memcpy(out, bytes.data.data(), Size);
}
template <std::size_t Size>
Bytes<Size> load_bytes(const std::byte* from) {
  Bytes<Size> bytes;
  std::memcpy(bytes.data.data(), from, Size);
  return bytes;
}

RecordHeader load_record_header(const std::byte* from) {
  return {
      .actor_kind = load_le<std::uint8_t>(from + 9),
      .type = load_le<std::uint16_t>(from + 10),
      .version = load_le<std::uint16_t>(from + 12),
      .index = load_le<std::uint16_t>(from + 14),
      .offset = {load_le<std::uint64_t>(from + 16)},
      .timestamp = from_unix_ms(load_le<std::int64_t>(from + 24)),
      .term = load_le<std::uint64_t>(from + 32),
      .actor_id = load_le<std::uint64_t>(from + 40),
      .request_id = load_bytes<16>(from + 48),
      .cause = load_le<std::uint64_t>(from + 64),
  };
}

}  // namespace

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

std::string to_string(Position position) {
  std::string text = std::to_string(position.offset.value);
  if (position.index != 0) { text += "-" + std::to_string(position.index); }
  return text;
}

std::size_t lay_record(const RecordHeader& header, std::span<const std::byte> payload,
                       std::byte* out) {
  FB_ASSERT(payload.size() <= kPayloadBytesMax);
  if (!payload.empty()) { std::memcpy(out + kRecordHeaderBytes, payload.data(), payload.size()); }
  const std::size_t length = kRecordHeaderBytes + payload.size();
  const std::size_t size = record_size(payload.size());
  store_le(out, static_cast<std::uint32_t>(length));
  store_le(out + 8, kFormatVersion);
  store_le(out + 9, header.actor_kind);
  store_le(out + 10, header.type);
  store_le(out + 12, header.version);
  store_le(out + 14, header.index);
  store_le(out + 16, header.offset.value);
  store_le(out + 24, to_unix_ms(header.timestamp));
  store_le(out + 32, header.term);
  store_le(out + 40, header.actor_id);
  store(out + 48, header.request_id);
  store_le(out + 64, header.cause);
  std::memset(out + length, 0, size - length);
  return size;
}

void seal_record(std::byte* record) {
  const std::size_t length = load_le<std::uint32_t>(record);
  store_le(record + 4, crc32c({record + kChecksumFrom, length - kChecksumFrom}));
}

std::size_t encode_record(const RecordHeader& header, std::span<const std::byte> payload,
                          std::byte* out) {
  const std::size_t size = lay_record(header, payload, out);
  seal_record(out);
  return size;
}

Expected<RecordView, FormatError> decode_record(std::span<const std::byte> bytes) {
  if (bytes.size() < kRecordHeaderBytes) { return Unexpected(FormatError::truncated); }
  const std::size_t length = load_le<std::uint32_t>(bytes.data());
  if (length < kRecordHeaderBytes || length > kRecordBytesMax) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  const std::size_t size = record_size(length - kRecordHeaderBytes);
  if (size > bytes.size()) { return Unexpected(FormatError::truncated); }
  const auto checked = bytes.subspan(kChecksumFrom, length - kChecksumFrom);
  if (load_le<std::uint32_t>(bytes.data() + 4) != crc32c(checked)) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  // Place and reach of length and checksum are the same in every format version, so damage is
  // never taken for a newer program.
  const auto version = load_le<std::uint8_t>(bytes.data() + 8);
  if (version > kFormatVersion) { return Unexpected(FormatError::newer_format); }
  if (version == 0) { return Unexpected(FormatError::checksum_mismatch); }
  if (!all_zero(bytes.subspan(length, size - length))) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  return RecordView{load_record_header(bytes.data()),
                    bytes.subspan(kRecordHeaderBytes, length - kRecordHeaderBytes)};
}

RecordView view_record(const std::byte* record) {
  const std::size_t length = load_le<std::uint32_t>(record);
  return {load_record_header(record), {record + kRecordHeaderBytes, length - kRecordHeaderBytes}};
}

void encode_batch_header(const BatchHeader& header, std::span<std::byte, kBatchHeaderBytes> out) {
  FB_ASSERT(header.count > 0);
  FB_ASSERT(header.bytes >= kRecordHeaderBytes && header.bytes <= kBatchBytesMax);
  FB_ASSERT(header.bytes % kRecordAlignment == 0);
  std::byte* const at = out.data();
  std::memset(at, 0, kBatchHeaderBytes);
  store_le(at, kBatchMagic);
  store_le(at + 8, kFormatVersion);
  store_le(at + 10, header.first.index);
  store_le(at + 12, header.last.index);
  store_le(at + 16, header.bytes);
  store_le(at + 20, header.count);
  store_le(at + 24, header.first.offset.value);
  store_le(at + 32, header.last.offset.value);
  store_le(at + 40, header.term);
  store(at + 48, header.previous);
  store_le(at + 4, crc32c({at + kChecksumFrom, kBatchHeaderBytes - kChecksumFrom}));
}

Expected<BatchHeader, FormatError> decode_batch_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kBatchHeaderBytes) { return Unexpected(FormatError::truncated); }
  const std::byte* const at = bytes.data();
  if (load_le<std::uint32_t>(at) != kBatchMagic) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  if (load_le<std::uint32_t>(at + 4) !=
      crc32c({at + kChecksumFrom, kBatchHeaderBytes - kChecksumFrom})) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  const auto version = load_le<std::uint8_t>(at + 8);
  if (version > kFormatVersion) { return Unexpected(FormatError::newer_format); }
  const BatchHeader header{
      .bytes = load_le<std::uint32_t>(at + 16),
      .count = load_le<std::uint32_t>(at + 20),
      .first = {{load_le<std::uint64_t>(at + 24)}, load_le<std::uint16_t>(at + 10)},
      .last = {{load_le<std::uint64_t>(at + 32)}, load_le<std::uint16_t>(at + 12)},
      .term = load_le<std::uint64_t>(at + 40),
      .previous = load_bytes<16>(at + 48),
  };
  const bool sound = version != 0 && header.count > 0 && header.first.offset.value > 0 &&
                     header.bytes >= kRecordHeaderBytes && header.bytes <= kBatchBytesMax &&
                     header.bytes % kRecordAlignment == 0 && header.first <= header.last &&
                     load_le<std::uint8_t>(at + 9) == 0 && load_le<std::uint16_t>(at + 14) == 0;
  if (!sound) { return Unexpected(FormatError::checksum_mismatch); }
  return header;
}

Expected<void, FormatError> check_batch_records(const BatchHeader& header, Numbering numbering,
                                                std::span<const std::byte> records) {
  FB_ASSERT(records.size() == header.bytes);
  Position previous{};
  std::uint32_t count = 0;
  while (!records.empty()) {
    const auto record = decode_record(records);
    if (!record) { return Unexpected(record.error()); }
    const Position position = record->header.position();
    const bool in_order =
        count == 0 ? position == header.first : follows(numbering, previous, position);
    if (!in_order) { return Unexpected(FormatError::checksum_mismatch); }
    previous = position;
    ++count;
    records = records.subspan(record_size(record->payload.size()));
  }
  if (previous != header.last || count != header.count) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  return {};
}

void encode_segment_header(const SegmentHeader& header,
                           std::span<std::byte, kSegmentHeaderBytes> out) {
  std::byte* const at = out.data();
  std::memset(at, 0, kSegmentHeaderBytes);
  std::memcpy(at, kSegmentMagic.data(), kSegmentMagic.size());
  store_le(at + 12, kFormatVersion);
  store_le(at + 13, static_cast<std::uint8_t>(header.numbering));
  store_le(at + 14, header.first.index);
  store_le(at + 16, header.first.offset.value);
  store_le(at + 24, header.previous.offset.value);
  store_le(at + 32, header.previous.index);
  store_le(at + 40, to_unix_ms(header.created));
  store(at + 48, header.chain);
  store_le(at + 8, crc32c({at + kSegmentChecksumFrom, kSegmentHeaderBytes - kSegmentChecksumFrom}));
}

Expected<SegmentHeader, FormatError> decode_segment_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) { return Unexpected(FormatError::truncated); }
  const std::byte* const at = bytes.data();
  if (std::memcmp(at, kSegmentMagic.data(), kSegmentMagic.size()) != 0) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  if (load_le<std::uint32_t>(at + 8) !=
      crc32c({at + kSegmentChecksumFrom, kSegmentHeaderBytes - kSegmentChecksumFrom})) {
    return Unexpected(FormatError::checksum_mismatch);
  }
  const auto version = load_le<std::uint8_t>(at + 12);
  if (version > kFormatVersion) { return Unexpected(FormatError::newer_format); }
  const auto numbering = load_le<std::uint8_t>(at + 13);
  const SegmentHeader header{
      .numbering = static_cast<Numbering>(numbering),
      .first = {{load_le<std::uint64_t>(at + 16)}, load_le<std::uint16_t>(at + 14)},
      .previous = {{load_le<std::uint64_t>(at + 24)}, load_le<std::uint16_t>(at + 32)},
      .chain = load_bytes<16>(at + 48),
      .created = from_unix_ms(load_le<std::int64_t>(at + 40)),
  };
  const bool sound = version != 0 && (numbering == 1 || numbering == 2) &&
                     follows(header.numbering, header.previous, header.first);
  if (!sound) { return Unexpected(FormatError::checksum_mismatch); }
  return header;
}

}  // namespace firebrand::log
