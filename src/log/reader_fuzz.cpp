// Any bytes as a segment file: reading and starting never crash and agree with one another.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "log/faulty_file_system.hpp"
#include "log/reader.hpp"
#include "log/segment.hpp"
#include "log/writer.hpp"

namespace {

using namespace firebrand;
using namespace firebrand::log;

constexpr const char* kDir = "log";

struct Outcome {
  std::uint64_t records = 0;
  Position last{};
  ReadError error = ReadError::end_of_log;
};

Outcome read_all(FileSystem& files) {
  Outcome outcome;
  auto reader = Reader::open(files, kDir, {});
  if (!reader) {
    FB_ASSERT(!reader.error().message.empty());
    outcome.error = ReadError::checksum_mismatch;
    return outcome;
  }
  for (;;) {
    const auto record = reader->next();
    if (!record) {
      FB_ASSERT(!reader->message().empty());
      outcome.error = record.error();
      return outcome;
    }
    FB_ASSERT(outcome.records == 0 || record->header.position() > outcome.last);
    outcome.last = record->header.position();
    ++outcome.records;
  }
}

void check(const std::string& name, std::span<const std::byte> bytes) {
  FaultyFileSystem files(1);
  FB_ASSERT(files.create_directory(kDir).has_value());
  files.put(join_path(kDir, name), bytes);
  const Outcome before = read_all(files);

  for (const Numbering numbering : {Numbering::dense, Numbering::sparse}) {
    auto writer = Writer::open(files, kDir,
                               {.numbering = numbering,
                                .segment_bytes = kSegmentHeaderBytes + 4096,
                                .segments_ahead = 1,
                                .batch_bytes_max = 1024});
    if (!writer) {
      FB_ASSERT(!writer.error().message.empty());
      continue;
    }
    // What start accepts was readable to its end, and is so now.
    if (before.records > 0) { FB_ASSERT(writer->last() == before.last); }
    const Outcome after = read_all(files);
    FB_ASSERT(after.error == ReadError::end_of_log);
    FB_ASSERT(after.records == before.records);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  // Under the name its header asks for, so that the header does not end every try.
  const auto header = decode_segment_header(bytes);
  check(segment_name(header ? header->first : Position{{1}, 0}), bytes);
  check(numbered_name(7), bytes);
  check(segment_name({{1}, 0}) + std::string(kArchiveSuffix), bytes);
  return 0;
}

namespace {

/// Puts checksums and the chain right after a mutation, so that the search gets behind them.
void repair(std::span<std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) { return; }
  std::byte* const head = bytes.data();
  store_le(head + 8, crc32c(bytes.subspan(12, kSegmentHeaderBytes - 12)));
  BatchHash previous;
  std::memcpy(previous.data.data(), head + 48, previous.data.size());
  std::span<std::byte> rest = bytes.subspan(kSegmentHeaderBytes);
  while (rest.size() >= kBatchHeaderBytes) {
    std::byte* const batch = rest.data();
    const std::size_t length = load_le<std::uint32_t>(batch + 16);
    if (length > rest.size() - kBatchHeaderBytes) { return; }
    std::span<std::byte> records = rest.subspan(kBatchHeaderBytes, length);
    while (records.size() >= kRecordHeaderBytes) {
      const std::size_t record = load_le<std::uint32_t>(records.data());
      if (record < kRecordHeaderBytes || record > records.size()) { break; }
      store_le(records.data() + 4, crc32c(records.subspan(8, record - 8)));
      const std::size_t padded = (record + 7) / 8 * 8;
      records = records.subspan(std::min(padded, records.size()));
    }
    std::memcpy(batch + 48, previous.data.data(), previous.data.size());
    store_le(batch + 4, crc32c(rest.subspan(8, kBatchHeaderBytes - 8)));
    previous = hash_batch(rest.first(kBatchHeaderBytes + length));
    rest = rest.subspan(kBatchHeaderBytes + length);
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 4 != 0) { repair({reinterpret_cast<std::byte*>(data), mutated}); }
  return mutated;
}
