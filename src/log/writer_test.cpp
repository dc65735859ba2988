#include "log/writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "log/log_testing.hpp"
#include "log/segment.hpp"

namespace firebrand::log {
namespace {

using testing::append;
using testing::dense;
using testing::kDir;
using testing::make_batch;
using testing::open_writer;
using testing::prepare_all;
using testing::read_all;
using testing::small_options;
using testing::to_hex;

std::string path_of(const std::string& name) { return join_path(kDir, name); }

/// Position after the last byte that is not zero.
std::size_t used_bytes(const std::vector<std::byte>& content) {
  std::size_t used = content.size();
  while (used > 0 && content[used - 1] == std::byte{0}) { --used; }
  return (used + 7) / 8 * 8;
}

// The whole file as written, so that no change of the code can change the format unseen.
TEST(WriterFormat, GoldenBytesOfASmallLog) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  const auto batch = [](std::uint64_t offset, std::vector<std::string> payloads) {
    testing::Batch result;
    result.info.first = {{offset}, 0};
    for (const std::string& payload : payloads) {
      const RecordHeader header{.actor_kind = 1,
                                .type = 300,
                                .version = 2,
                                .offset = {offset},
                                .timestamp = from_unix_ms(1'795'000'000'000),
                                .term = 3,
                                .actor_id = 77,
                                .request_id = {{0xA0, 0xA1}},
                                .cause = offset - 1};
      const std::size_t begin = result.bytes.size();
      result.bytes.resize(begin + record_size(payload.size()));
      encode_record(header, std::as_bytes(std::span(payload)), result.bytes.data() + begin);
      result.info.last = {{offset++}, 0};
    }
    result.info.count = static_cast<std::uint32_t>(payloads.size());
    result.info.term = 3;
    return result;
  };
  ASSERT_TRUE(append(writer, batch(1, {"buy", "pay 199900"})).has_value());
  ASSERT_TRUE(append(writer, batch(3, {""})).has_value());
  EXPECT_EQ(prepare_all(writer), "");

  const auto content = files.content(path_of("00000000000000000001.seg"));
  const auto hex = [&](std::size_t begin, std::size_t bytes) {
    return to_hex(std::span(content).subspan(begin, bytes));
  };
  EXPECT_EQ(content.size(), 8192U);
  EXPECT_EQ(hex(0, 64),
            "fb4c4f470d0a1aff"
            "7a08e56b"
            "01010000"
            "0100000000000000"
            "0000000000000000"
            "0000000000000000"
            "005e56eea1010000"
            "00000000000000000000000000000000");
  EXPECT_EQ(hex(4096, 64),
            "fb42ff0a"
            "db0ac56b"
            "01000000"
            "00000000"
            "a8000000"
            "02000000"
            "0100000000000000"
            "0200000000000000"
            "0300000000000000"
            "00000000000000000000000000000000");
  EXPECT_EQ(hex(4160, 80),
            "4b000000"
            "3687aa91"
            "01012c01"
            "02000000"
            "0100000000000000"
            "005e56eea1010000"
            "0300000000000000"
            "4d00000000000000"
            "a0a10000000000000000000000000000"
            "0000000000000000"
            "6275790000000000");
  EXPECT_EQ(hex(4240, 88),
            "52000000"
            "96c23cd5"
            "01012c01"
            "02000000"
            "0200000000000000"
            "005e56eea1010000"
            "0300000000000000"
            "4d00000000000000"
            "a0a10000000000000000000000000000"
            "0100000000000000"
            "70617920313939393030000000000000");
  EXPECT_EQ(hex(4328, 64),
            "fb42ff0a"
            "41573e36"
            "01000000"
            "00000000"
            "48000000"
            "01000000"
            "0300000000000000"
            "0300000000000000"
            "0300000000000000"
            "ac14cae696b36342c4cac5fa84a8b973");
  EXPECT_EQ(hex(4392, 72),
            "48000000"
            "2c988e2e"
            "01012c01"
            "02000000"
            "0300000000000000"
            "005e56eea1010000"
            "0300000000000000"
            "4d00000000000000"
            "a0a10000000000000000000000000000"
            "0200000000000000");
  EXPECT_EQ(used_bytes(content), 4464U);
}

TEST(Writer, EmptyLogHasNothingAndTakesSpaceOnlyWhenAsked) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(writer.last(), Position{});
  EXPECT_EQ(writer.space_left(), 0U);
  EXPECT_EQ(files.bytes_used(), 0U);
  EXPECT_EQ(append(writer, {10}).error().code, WriteErrorCode::no_room);
  EXPECT_EQ(read_all(files).error, ReadError::end_of_log);

  Writer again = open_writer(files);
  EXPECT_EQ(prepare_all(again), "");
  EXPECT_EQ(files.bytes_used(), 2 * small_options().segment_bytes);
  EXPECT_GT(again.space_left(), 1000U);
  EXPECT_TRUE(append(again, {10}).has_value());
}

TEST(Writer, BatchesComeBackInOrderAfterReopening) {
  FaultyFileSystem files(1);
  {
    Writer writer = open_writer(files);
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {10, 0, 33}).has_value());
    ASSERT_TRUE(append(writer, {500}).has_value());
  }
  files.restart_process();
  Writer writer = open_writer(files);
  EXPECT_EQ(writer.last(), (Position{{4}, 0}));
  EXPECT_EQ(writer.term(), 1U);
  EXPECT_TRUE(writer.recovery().torn_file.empty());
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, make_batch({{5}, 0}, {1}, 9)).has_value());
  EXPECT_EQ(writer.term(), 9U);
  // The term is in no record that the checks compare: only positions matter here.
  auto reader = Reader::open(files, kDir, {});
  std::uint64_t count = 0;
  while (reader->next()) { ++count; }
  EXPECT_EQ(count, 5U);
  EXPECT_EQ(reader->batch().header.term, 9U);
  EXPECT_EQ(reader->batch_hash(), writer.chain_hash());
}

TEST(Writer, PiecesMayBeCutAnywhere) {
  const auto batch = make_batch({{1}, 0}, {40, 3, 100});
  for (std::size_t cut = 0; cut <= batch.bytes.size(); cut += 5) {
    FaultyFileSystem files(1);
    Writer writer = open_writer(files);
    EXPECT_EQ(prepare_all(writer), "");
    const std::span bytes(batch.bytes);
    const std::array<std::span<const std::byte>, 3> pieces = {
        bytes.first(cut), std::span<const std::byte>{}, bytes.subspan(cut)};
    ASSERT_TRUE(writer.append_batch(pieces, batch.info).has_value());
    const auto result = read_all(files);
    EXPECT_EQ(result.positions, dense(1, 3));
    EXPECT_EQ(result.hash, writer.chain_hash());
  }
}

TEST(Writer, LogMayBeginAfterASnapshot) {
  FaultyFileSystem files(1);
  WriterOptions options = small_options();
  options.start = {.last = {{1000}, 0}, .term = 4, .chain = {{1, 2, 3}}};
  Writer writer = open_writer(files, options);
  EXPECT_EQ(writer.last(), (Position{{1000}, 0}));
  EXPECT_EQ(writer.chain_hash(), options.start.chain);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, make_batch({{1001}, 0}, {10, 20}, 4)).has_value());
  files.crash();
  Writer again = open_writer(files);  // The start is in the files by now.
  EXPECT_EQ(again.last(), (Position{{1002}, 0}));
  auto reader = Reader::open(files, kDir, {{1001}, 0});
  EXPECT_EQ(reader->batch_hash(), options.start.chain);
  EXPECT_EQ(Reader::open(files, kDir, {{1000}, 0}).error().code, OpenErrorCode::trimmed);
}

// Facts: several records of one offset, and offsets without any.
TEST(Writer, SparsePositions) {
  FaultyFileSystem files(1);
  WriterOptions options = small_options();
  options.numbering = Numbering::sparse;
  Writer writer = open_writer(files, options);
  EXPECT_EQ(prepare_all(writer), "");
  const auto put = [&](std::vector<Position> positions) {
    testing::Batch batch;
    for (const Position position : positions) {
      const auto one = make_batch(position, {200});
      batch.bytes.insert(batch.bytes.end(), one.bytes.begin(), one.bytes.end());
    }
    batch.info = {.count = static_cast<std::uint32_t>(positions.size()),
                  .first = positions.front(),
                  .last = positions.back(),
                  .term = 1};
    return append(writer, batch).has_value();
  };
  std::vector<Position> want;
  for (std::uint64_t offset = 3; offset < 60; offset += 4) {
    ASSERT_TRUE(put({{{offset}, 0}, {{offset}, 1}}));
    ASSERT_TRUE(put({{{offset}, 2}, {{offset + 1}, 7}}));  // One command's facts in two batches.
    EXPECT_EQ(prepare_all(writer), "");
    for (const Position position :
         std::vector<Position>{{{offset}, 0}, {{offset}, 1}, {{offset}, 2}, {{offset + 1}, 7}}) {
      want.push_back(position);
    }
  }
  EXPECT_GT(list_segments(files, kDir)->segments.size(), 2U);
  EXPECT_EQ(read_all(files).positions, want);
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(read_all(files, want[i]).positions,
              std::vector<Position>(want.begin() + static_cast<std::ptrdiff_t>(i), want.end()));
  }
  // From a position that holds no fact: the next one.
  EXPECT_EQ(read_all(files, {{5}, 0}).positions.front(), (Position{{7}, 0}));
  EXPECT_EQ(open_writer(files, options).last(), want.back());
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::wrong_log);
}

TEST(WriterRotation, SegmentsFollowOneAnother) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {300, 200}).has_value());
  }
  EXPECT_EQ(prepare_all(writer), "");
  const auto list = list_segments(files, kDir);
  EXPECT_GT(list->segments.size(), 5U);
  EXPECT_EQ(list->spares.size(), 2U);
  for (const SegmentFile& segment : list->segments) {
    EXPECT_EQ(segment.kind, SegmentFile::Kind::named);
  }
  EXPECT_EQ(read_all(files).positions, dense(1, 80));
  for (std::uint64_t from = 1; from <= 80; ++from) {
    EXPECT_EQ(read_all(files, {{from}, 0}).positions, dense(from, 80));
  }
}

// The commit that begins a segment makes one write and one sync, as every other.
TEST(WriterRotation, CostsNoDirectorySync) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  for (int i = 0; i < 7; ++i) {
    const std::uint64_t before = files.operations();
    ASSERT_TRUE(append(writer, {800}).has_value());
    EXPECT_EQ(files.operations() - before, 2U);
  }
  EXPECT_GT(list_segments(files, kDir)->segments.size(), 1U);
}

// Goal: appends that keep within the promise never run out of room, whatever their shapes.
RC_GTEST_PROP(WriterSpace, PromisedBytesFit, ()) {
  FaultyFileSystem files(1);
  WriterOptions options = small_options();
  options.segment_bytes = kSegmentHeaderBytes + *rc::gen::inRange<std::uint64_t>(140, 700) * 8;
  options.batch_bytes_max = 1024;
  options.segments_ahead = *rc::gen::inRange<std::uint32_t>(1, 5);
  Writer writer = open_writer(files, options);
  RC_ASSERT(prepare_all(writer).empty());
  const bool prepares = *rc::gen::arbitrary<bool>();
  // Many of one size, because the worst one leaves almost half of each segment empty.
  const auto usual = *rc::gen::inRange<std::size_t>(0, 1024 - kRecordHeaderBytes + 1);
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t before = writer.space_left();
    if (before < kRecordHeaderBytes) { break; }
    const std::uint64_t most = std::min<std::uint64_t>(before, 1024) - kRecordHeaderBytes;
    std::size_t payload = std::min<std::size_t>(usual, most);
    if (*rc::gen::inRange(0, 8) == 0) { payload = *rc::gen::inRange<std::size_t>(0, most + 1); }
    payload = payload / 8 * 8;
    RC_ASSERT(append(writer, {payload}).has_value());
    const std::uint64_t after = writer.space_left();
    RC_ASSERT(after + record_size(payload) >= before);
    if (prepares) {
      RC_ASSERT(prepare_all(writer).empty());
      RC_ASSERT(writer.space_left() >= after);
    }
  }
}

TEST(WriterSpace, FullDiskIsReportedAndHealsByItself) {
  FaultyFileSystem files(1);
  files.set_space_limit(small_options().segment_bytes + 5000);
  Writer writer = open_writer(files);
  EXPECT_EQ(*writer.prepare(), true);
  const auto full = writer.prepare();
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, PrepareErrorCode::no_space);
  EXPECT_NE(full.error().message.find("no space"), std::string::npos);
  EXPECT_EQ(files.bytes_used(), small_options().segment_bytes);  // What was begun is given back.

  while (writer.space_left() >= record_size(100)) {
    ASSERT_TRUE(append(writer, {100}).has_value());
  }
  const Position last = writer.last();
  EXPECT_GT(last.offset.value, 5U);
  files.set_space_limit(std::nullopt);
  EXPECT_EQ(prepare_all(writer), "");
  EXPECT_GT(writer.space_left(), 1000U);
  for (int i = 0; i < 10; ++i) { ASSERT_TRUE(append(writer, {100}).has_value()); }
  EXPECT_EQ(read_all(files).positions, dense(1, last.offset.value + 10));
}

// The whole life of a log on a disk that is full from some point on.
TEST(WriterSpace, FullDiskAtEveryByteLosesNothing) {
  const std::uint64_t segment = small_options().segment_bytes;
  for (std::uint64_t limit = 0; limit < 4 * segment; limit += 811) {
    FaultyFileSystem files(limit);
    files.set_space_limit(limit);
    std::uint64_t appended = 0;
    {
      Writer writer = open_writer(files);
      for (int i = 0; i < 20; ++i) {
        (void)prepare_all(writer);
        if (writer.space_left() >= record_size(600) && append(writer, {600}).has_value()) {
          ++appended;
        }
      }
    }
    files.crash();
    Writer writer = open_writer(files);
    EXPECT_EQ(writer.last().offset.value, appended);
    files.set_space_limit(std::nullopt);
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {600}).has_value());
    EXPECT_EQ(read_all(files).positions, dense(1, appended + 1));
  }
}

TEST(WriterFaults, ShortWritesAreFinished) {
  FaultyFileSystem files(7);
  files.set_short_writes(true);
  Writer writer = open_writer(files);
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {300, 7, 0}).has_value());
  }
  files.crash();
  EXPECT_EQ(read_all(files).positions, dense(1, 90));
}

// After a failed sync nothing is appended any more, and the next start finds what there is.
TEST(WriterFaults, FailedSyncIsFinal) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {10}).has_value());
  files.fail_sync(1);
  const auto failed = append(writer, {10});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, WriteErrorCode::io_failed);
  EXPECT_NE(failed.error().message.find("records 2 to 2"), std::string::npos);
  EXPECT_FALSE(append(writer, {10}).has_value());
  EXPECT_EQ(writer.last(), (Position{{1}, 0}));
}

// Goal: a batch that the kernel shows after a failed sync, but that may never reach the disk, is
// not built upon. Method: start again without losing the kernel's memory, append, lose power.
TEST(WriterFaults, BatchOfAFailedSyncIsWrittenAgainOrCut) {
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    FaultyFileSystem files(seed);
    std::uint64_t appended = 0;
    {
      Writer writer = open_writer(files);
      EXPECT_EQ(prepare_all(writer), "");
      const std::uint64_t good = seed % 9;
      for (; appended < good; ++appended) { ASSERT_TRUE(append(writer, {700}).has_value()); }
      EXPECT_EQ(prepare_all(writer), "");
      files.fail_sync(1);
      ASSERT_FALSE(append(writer, {700}).has_value());
    }
    files.restart_process();
    Writer writer = open_writer(files);
    ASSERT_GE(writer.last().offset.value, appended);
    appended = writer.last().offset.value;
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {30}).has_value());
    files.crash();
    EXPECT_EQ(open_writer(files).last().offset.value, appended + 1) << "seed " << seed;
    EXPECT_EQ(read_all(files).positions, dense(1, appended + 1)) << "seed " << seed;
  }
}

TEST(WriterFaults, FailedSyncOfAPreparedSegmentIsHarmless) {
  for (std::uint64_t nth = 1; nth <= 6; ++nth) {
    FaultyFileSystem files(nth);
    Writer writer = open_writer(files);
    files.fail_sync(nth);
    EXPECT_NE(prepare_all(writer), "");
    EXPECT_EQ(prepare_all(writer), "");
    for (int i = 0; i < 5; ++i) { ASSERT_TRUE(append(writer, {900}).has_value()); }
    (void)prepare_all(writer);
    files.crash();
    EXPECT_EQ(open_writer(files).last().offset.value, 5U);
    EXPECT_EQ(read_all(files).positions, dense(1, 5));
  }
}

// ---- Threads -----------------------------------------------------------------------------------

TEST(WriterThreads, PrepareRunsBesideAppend) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  std::atomic<bool> done{false};
  std::thread preparing([&] {
    while (!done.load()) { (void)writer.prepare(); }
  });
  std::uint64_t appended = 0;
  while (appended < 300) {
    if (writer.space_left() < record_size(900)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_TRUE(append(writer, {900}).has_value());
    ++appended;
  }
  done.store(true);
  preparing.join();
  EXPECT_EQ(read_all(files).positions, dense(1, appended));
}

}  // namespace
}  // namespace firebrand::log
