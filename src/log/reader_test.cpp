#include "log/reader.hpp"

#include <gtest/gtest.h>

#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "base/prng.hpp"
#include "log/archive.hpp"
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
using testing::read_on;
using testing::small_options;

TEST(Reader, DirectoryMustExist) {
  FaultyFileSystem files(1);
  const auto reader = Reader::open(files, "nowhere", {});
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().code, OpenErrorCode::io_failed);
  EXPECT_NE(reader.error().message.find("nowhere"), std::string::npos);
}

TEST(Reader, BatchesAndTheirHashesCanBeSeen) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {10, 20}).has_value());
  const BatchHash first = writer.chain_hash();
  ASSERT_TRUE(append(writer, {30}).has_value());
  auto reader = Reader::open(files, kDir, {});
  EXPECT_EQ(reader->position(), Position{});
  EXPECT_EQ(reader->batch_hash(), BatchHash{});
  ASSERT_TRUE(reader->next().has_value());
  EXPECT_FALSE(reader->at_batch_end());
  EXPECT_EQ(reader->batch_hash(), first);
  EXPECT_EQ(reader->batch().header.count, 2U);
  EXPECT_EQ(reader->batch().header.last, (Position{{2}, 0}));
  EXPECT_EQ(reader->batch().bytes.size(), kBatchHeaderBytes + record_size(10) + record_size(20));
  EXPECT_EQ(hash_batch(reader->batch().bytes), first);
  ASSERT_TRUE(reader->next().has_value());
  EXPECT_TRUE(reader->at_batch_end());
  ASSERT_TRUE(reader->next().has_value());
  EXPECT_EQ(reader->batch().header.previous, first);
  EXPECT_EQ(reader->batch_hash(), writer.chain_hash());
  EXPECT_EQ(reader->next().error(), ReadError::end_of_log);
  EXPECT_EQ(reader->message(), "end of the log after record 3");
}

TEST(Reader, StopsAtTheLimitEvenInsideABatch) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {10, 20, 30, 40}).has_value());
  ASSERT_TRUE(append(writer, {50}).has_value());
  auto reader = Reader::open(files, kDir, {});
  for (std::uint64_t limit = 0; limit <= 5; ++limit) {
    reader->set_limit({{limit}, 0});
    EXPECT_EQ(read_on(*reader).positions,
              limit == 0 ? std::vector<Position>{} : dense(limit, limit));
  }
}

TEST(Reader, ShowsEachRecordOnceAheadOfItsTurn) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {10, 20, 30, 40}).has_value());
  ASSERT_TRUE(append(writer, {50, 60}).has_value());
  auto reader = Reader::open(files, kDir, {});
  EXPECT_FALSE(reader->look_ahead(2).has_value()) << "no batch was checked yet";
  std::vector<std::uint64_t> shown;
  for (std::uint64_t offset = 1; offset <= 6; ++offset) {
    ASSERT_EQ(reader->next()->header.offset.value, offset);
    while (const auto ahead = reader->look_ahead(2)) {
      shown.push_back(ahead->header.offset.value);
      EXPECT_LE(shown.back(), offset + 2);
    }
  }
  // The first of a batch is given out when the batch is checked: there is no time to show it.
  EXPECT_EQ(shown, (std::vector<std::uint64_t>{2, 3, 4, 6}));
}

// A reader that waits at the durable position must not take a batch in flight for a torn one.
TEST(ReaderFollowing, HalfWrittenBatchBehindTheLimitIsNotLookedAt) {
  FaultyFileSystem source(1);
  Writer writer = open_writer(source);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {100}).has_value());
  const std::size_t first_end = kSegmentHeaderBytes + kBatchHeaderBytes + record_size(100);
  ASSERT_TRUE(append(writer, {200, 50}).has_value());
  EXPECT_EQ(prepare_all(writer), "");
  const std::string path = join_path(kDir, segment_name({{1}, 0}));
  const auto whole = source.content(path);
  const std::size_t second_end = first_end + kBatchHeaderBytes + record_size(200) + record_size(50);

  for (std::size_t half = first_end; half < second_end; half += 4) {
    FaultyFileSystem files(1);
    ASSERT_TRUE(files.create_directory(kDir).has_value());
    auto begun = whole;
    std::fill(begun.begin() + static_cast<std::ptrdiff_t>(half), begun.end(), std::byte{0});
    files.put(path, begun);
    auto reader = Reader::open(files, kDir, {});
    reader->set_limit({{1}, 0});
    auto result = read_on(*reader);
    EXPECT_EQ(result.positions, dense(1, 1)) << half;
    EXPECT_EQ(result.error, ReadError::end_of_log) << half << result.message;
    // The rest arrives, and the position becomes durable.
    auto file = files.open(path, OpenMode::read_write);
    ASSERT_TRUE(write_fully(**file, whole, 0).has_value());
    reader->set_limit({{3}, 0});
    result = read_on(*reader);
    EXPECT_EQ(result.positions, dense(2, 3)) << half << result.message;
  }
}

// Goal: a reader sees every durable record once and in order, while segments are begun, named,
// archived and trimmed under it. Method: seeded steps of writer and readers in one thread.
TEST(ReaderFollowing, SeesEveryDurableRecordWhateverHappensToTheFiles) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Prng prng(seed);
    FaultyFileSystem files(seed);
    Writer writer = open_writer(files);
    auto slow = Reader::open(files, kDir, {});
    auto quick = Reader::open(files, kDir, {});
    std::vector<Position> slow_seen;
    std::vector<Position> quick_seen;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t choice = prng.below(10);
      const std::uint64_t durable = writer.last().offset.value;
      if (choice < 3) {
        (void)writer.prepare();
      } else if (choice < 6) {
        const std::size_t size = prng.below(600);
        if (writer.space_left() >= 2 * record_size(size)) {
          ASSERT_TRUE(
              append(writer, size < 300 ? std::vector{size, size} : std::vector{size}).has_value());
        }
      } else if (choice == 6) {
        const auto archived = archive(files, kDir, {{prng.below(durable + 1)}, 0});
        ASSERT_TRUE(archived.has_value()) << archived.error().message;
      } else if (choice == 7) {
        // Only what every reader is past, as the caller promises.
        const std::uint64_t past = std::min(slow->position().offset.value, durable);
        ASSERT_TRUE(trim(files, kDir, {{past / 2}, 0}).has_value());
      } else {
        Reader& reader = choice == 8 ? *slow : *quick;
        auto& seen = choice == 8 ? slow_seen : quick_seen;
        const std::uint64_t limit = choice == 8 ? prng.below(durable + 1) : durable;
        reader.set_limit({{limit}, 0});
        const auto result = read_on(reader);
        ASSERT_EQ(result.error, ReadError::end_of_log) << "seed " << seed << result.message;
        seen.insert(seen.end(), result.positions.begin(), result.positions.end());
        if (choice == 9) {
          ASSERT_EQ(seen.size(), durable) << "seed " << seed;
          ASSERT_EQ(reader.batch_hash(), writer.chain_hash()) << "seed " << seed;
        }
      }
    }
    EXPECT_EQ(slow_seen, dense(1, slow_seen.size()));
    EXPECT_EQ(quick_seen, dense(1, quick_seen.size()));
    EXPECT_GT(quick_seen.size(), 50U);
  }
}

TEST(ReaderFollowing, WaitsInAnEmptyDirectory) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  auto reader = Reader::open(files, kDir, {{2}, 0});
  EXPECT_EQ(reader->next().error(), ReadError::end_of_log);
  EXPECT_EQ(prepare_all(writer), "");
  EXPECT_EQ(reader->next().error(), ReadError::end_of_log);
  ASSERT_TRUE(append(writer, {1, 2, 3}).has_value());
  EXPECT_EQ(read_on(*reader).positions, dense(2, 3));
}

TEST(Reader, TrimmedPositionIsRefusedByName) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {800}).has_value());
  }
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_GT(*trim(files, kDir, {{10}, 0}), 0U);
  const std::uint64_t oldest = list_segments(files, kDir)->segments.front().first.offset.value;
  EXPECT_LE(oldest, 10U);
  const auto refused = Reader::open(files, kDir, {{1}, 0});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, OpenErrorCode::trimmed);
  EXPECT_EQ(refused.error().message,
            "record 1 is no longer in log: the oldest one kept is " + std::to_string(oldest));
  EXPECT_EQ(testing::read_all(files, {{oldest}, 0}).positions, dense(oldest, 20));
  EXPECT_EQ(testing::read_all(files).positions, dense(oldest, 20));
}

TEST(Reader, NewerFormatIsNamed) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {10}).has_value());
  EXPECT_EQ(prepare_all(writer), "");
  const std::string path = join_path(kDir, segment_name({{1}, 0}));
  const auto whole = files.content(path);
  const auto with_version = [&](std::size_t checksum_at, std::size_t from, std::size_t bytes,
                                std::size_t version_at) {
    auto content = whole;
    content[version_at] = std::byte{2};
    store_le(content.data() + checksum_at, crc32c(std::span(content).subspan(from, bytes)));
    files.put(path, content);
  };
  const std::size_t batch = kSegmentHeaderBytes;
  const std::size_t record = batch + kBatchHeaderBytes;

  with_version(8, 12, kSegmentHeaderBytes - 12, 12);
  EXPECT_EQ(Reader::open(files, kDir, {}).error().code, OpenErrorCode::newer_format);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::newer_format);
  with_version(batch + 4, batch + 8, kBatchHeaderBytes - 8, batch + 8);
  EXPECT_EQ(Reader::open(files, kDir, {})->next().error(), ReadError::newer_format);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::newer_format);
  with_version(record + 4, record + 8, kRecordHeaderBytes + 10 - 8, record + 8);
  auto reader = Reader::open(files, kDir, {});
  EXPECT_EQ(reader->next().error(), ReadError::newer_format);
  EXPECT_EQ(reader->message(),
            "log/00000000000000000001.seg was written by a newer version of firebrand. Start that "
            "version or a newer one; nothing was changed.");
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::newer_format);
}

TEST(Reader, ErrorsStay) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {10}).has_value());
  ASSERT_TRUE(append(writer, {10}).has_value());
  EXPECT_EQ(prepare_all(writer), "");
  files.flip_bits(join_path(kDir, segment_name({{1}, 0})), kSegmentHeaderBytes + 70, 1);
  auto reader = Reader::open(files, kDir, {});
  EXPECT_EQ(reader->next().error(), ReadError::checksum_mismatch);
  const std::string message(reader->message());
  EXPECT_EQ(reader->next().error(), ReadError::checksum_mismatch);
  EXPECT_EQ(reader->message(), message);
}

// Batches near the largest, so that blocks of every size meet every edge.
TEST(Reader, LargeBatches) {
  FaultyFileSystem files(1);
  const WriterOptions options{.segment_bytes = 16U << 20, .segments_ahead = 1};
  Writer writer = open_writer(files, options);
  std::uint64_t count = 0;
  const std::vector<std::vector<std::size_t>> shapes = {
      {kPayloadBytesMax, kPayloadBytesMax, kPayloadBytesMax, kPayloadBytesMax},
      {1},
      {700'000, 700'001},
      {kPayloadBytesMax},
      {3, 3, 3},
      {kPayloadBytesMax, kPayloadBytesMax, kPayloadBytesMax, kPayloadBytesMax},
      {kPayloadBytesMax, kPayloadBytesMax, kPayloadBytesMax, kPayloadBytesMax}};
  for (const auto& shape : shapes) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, shape).has_value());
    count += shape.size();
  }
  EXPECT_EQ(testing::read_all(files).positions, dense(1, count));
}

}  // namespace
}  // namespace firebrand::log
