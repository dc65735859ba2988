#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "log/faulty_file_system.hpp"
#include "log/reader.hpp"
#include "log/record.hpp"
#include "log/writer.hpp"

/// What the tests of this folder share: a log whose every record can be told from its position.
namespace firebrand::log::testing {

inline constexpr const char* kDir = "log";

/// Small enough that a few batches fill a segment.
inline WriterOptions small_options() {
  return {
      .segment_bytes = kSegmentHeaderBytes + 4096, .segments_ahead = 2, .batch_bytes_max = 1024};
}

/// Opens, or fails the test with the message for the operator.
inline Writer open_writer(FileSystem& files, const WriterOptions& options = small_options()) {
  auto writer = Writer::open(files, kDir, options);
  if (!writer) { ADD_FAILURE() << writer.error().message; }
  return std::move(*writer);
}

/// @return the first error, if any.
inline std::string prepare_all(Writer& writer) {
  for (;;) {
    const auto done = writer.prepare();
    if (!done) { return done.error().message; }
    if (!*done) { return {}; }
  }
}

inline std::vector<std::byte> payload_of(Position position, std::size_t bytes) {
  std::vector<std::byte> payload(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    payload[i] = static_cast<std::byte>(position.offset.value * 31 + position.index * 7 + i);
  }
  return payload;
}

inline RecordHeader header_of(Position position) {
  RecordHeader header{.actor_kind = 2,
                      .type = 17,
                      .version = 1,
                      .index = position.index,
                      .offset = position.offset,
                      .timestamp = from_unix_ms(1'795'000'000'000 +
                                                static_cast<std::int64_t>(position.offset.value)),
                      .term = 1,
                      .actor_id = 1234,
                      .cause = position.offset.value / 2};
  for (std::size_t i = 0; i < 16; ++i) { header.request_id.data[i] = static_cast<std::uint8_t>(i); }
  return header;
}

struct Batch {
  std::vector<std::byte> bytes;
  BatchInfo info;
};

/// One record per payload size, from `first` on.
inline Batch make_batch(Position first, const std::vector<std::size_t>& payload_sizes,
                        std::uint64_t term = 1) {
  Batch batch;
  Position position = first;
  for (const std::size_t size : payload_sizes) {
    const std::size_t begin = batch.bytes.size();
    batch.bytes.resize(begin + record_size(size));
    encode_record(header_of(position), payload_of(position, size), batch.bytes.data() + begin);
    batch.info.last = position;
    ++position.offset.value;
  }
  batch.info.count = static_cast<std::uint32_t>(payload_sizes.size());
  batch.info.first = first;
  batch.info.term = term;
  return batch;
}

inline Expected<void, WriteError> append(Writer& writer, const Batch& batch) {
  const std::span<const std::byte> piece(batch.bytes);
  return writer.append_batch({&piece, 1}, batch.info);
}

/// The next batch of a command log.
inline Expected<void, WriteError> append(Writer& writer,
                                         const std::vector<std::size_t>& payload_sizes) {
  return append(writer, make_batch({{writer.last().offset.value + 1}, 0}, payload_sizes));
}

struct ReadResult {
  std::vector<Position> positions{};
  ReadError error = ReadError::end_of_log;
  std::string message{};
  BatchHash hash{};
};

/// Reads to the end and checks that every record is the one that its position asks for.
inline ReadResult read_on(Reader& reader) {
  ReadResult result;
  for (;;) {
    const auto record = reader.next();
    if (!record) {
      result.error = record.error();
      result.message = reader.message();
      result.hash = reader.batch_hash();
      return result;
    }
    const Position position = record->header.position();
    EXPECT_EQ(record->header, header_of(position));
    const auto want = payload_of(position, record->payload.size());
    EXPECT_TRUE(std::equal(want.begin(), want.end(), record->payload.begin()));
    EXPECT_EQ(reader.position(), position);
    result.positions.push_back(position);
  }
}

inline ReadResult read_all(FileSystem& files, Position from = {}) {
  auto reader = Reader::open(files, kDir, from);
  if (!reader) {
    const bool damaged = reader.error().code == OpenErrorCode::damaged ||
                         reader.error().code == OpenErrorCode::wrong_log;
    return {.error = damaged ? ReadError::checksum_mismatch : ReadError::io_failed,
            .message = reader.error().message};
  }
  return read_on(*reader);
}

/// Positions first to last of a command log.
inline std::vector<Position> dense(std::uint64_t first, std::uint64_t last) {
  std::vector<Position> positions;
  for (std::uint64_t offset = first; offset <= last; ++offset) {
    positions.push_back({{offset}, 0});
  }
  return positions;
}

inline std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte b : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[std::to_integer<unsigned>(b) >> 4];
    text += kDigits[std::to_integer<unsigned>(b) & 15U];
  }
  return text;
}

}  // namespace firebrand::log::testing

namespace firebrand::log {
/// So that a failed expectation shows "17-3".
inline void PrintTo(Position position, std::ostream* out) { *out << to_string(position); }
}  // namespace firebrand::log
