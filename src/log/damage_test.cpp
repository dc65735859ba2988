// Torn tails are cut, everything else that is wrong is refused by name.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.hpp"
#include "log/log_testing.hpp"
#include "log/reader.hpp"
#include "log/segment.hpp"
#include "log/writer.hpp"

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

std::string path_of(const std::string& name) { return join_path(kDir, name); }

/// The file that holds the last batch of a log without spares in use.
std::string last_segment(FileSystem& files) {
  const auto list = list_segments(files, kDir);
  return path_of(list->segments.back().name);
}

/// Position after the last byte that is not zero.
std::size_t used_bytes(const std::vector<std::byte>& content) {
  std::size_t used = content.size();
  while (used > 0 && content[used - 1] == std::byte{0}) { --used; }
  return (used + 7) / 8 * 8;
}

// ---- Torn tails --------------------------------------------------------------------------------

/// A log with `before` batches in front of a last one, on a fresh disk.
struct WithLastBatch {
  explicit WithLastBatch(int before) : files(1) {
    Writer writer = open_writer(files);
    for (int i = 0; i < before; ++i) {
      EXPECT_EQ(prepare_all(writer), "");
      EXPECT_TRUE(append(writer, {90, 5}).has_value());
    }
    EXPECT_EQ(prepare_all(writer), "");
    last_before = writer.last();
    const auto list_before = list_segments(files, kDir);
    EXPECT_TRUE(append(writer, {20, 33, 70}).has_value());
    // Not prepared: a torn first batch is met under the name that the segment was made with.
    segment = last_segment(files);
    whole = files.content(segment);
    end = used_bytes(whole);
    const std::size_t bytes = kBatchHeaderBytes + make_batch({{1}, 0}, {20, 33, 70}).bytes.size();
    begin = end - bytes == kSegmentHeaderBytes ? 0 : end - bytes;
  }
  FaultyFileSystem files;
  Position last_before;
  std::string segment;
  std::vector<std::byte> whole;
  std::size_t begin = 0;  ///< Of what the last append wrote.
  std::size_t end = 0;
};

void expect_cut(WithLastBatch& log, const std::vector<std::byte>& torn, const std::string& what) {
  log.files.put(log.segment, torn);
  const auto before = read_all(log.files);
  EXPECT_EQ(before.positions, dense(1, log.last_before.offset.value)) << what;
  EXPECT_TRUE(before.error == ReadError::torn_tail || before.error == ReadError::end_of_log)
      << what << ": " << before.message;
  {
    Writer writer = open_writer(log.files);
    EXPECT_EQ(writer.last(), log.last_before) << what;
    EXPECT_EQ(!writer.recovery().torn_file.empty(), before.error == ReadError::torn_tail) << what;
  }
  log.files.crash();  // The cut is durable.
  EXPECT_EQ(read_all(log.files).error, ReadError::end_of_log) << what;
  Writer writer = open_writer(log.files);
  EXPECT_TRUE(writer.recovery().torn_file.empty()) << what;
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {1}).has_value()) << what;
  EXPECT_EQ(read_all(log.files).positions, dense(1, log.last_before.offset.value + 1)) << what;
}

// 0: the first batch of the log; 3: inside a segment; 11: the first batch of a later segment.
class TornTail : public ::testing::TestWithParam<int> {};

TEST_P(TornTail, CutAtEveryByte) {
  const WithLastBatch original(GetParam());
  for (std::size_t size = original.begin; size < original.end; ++size) {
    if (std::all_of(original.whole.begin() + static_cast<std::ptrdiff_t>(size),
                    original.whole.end(), [](std::byte b) { return b == std::byte{0}; })) {
      break;  // The rest is padding: nothing is missing.
    }
    // The header of a segment is 4 KiB of mostly zeros.
    if (original.begin == 0 && size > 100 && size < kSegmentHeaderBytes) { continue; }
    WithLastBatch log(GetParam());
    auto torn = log.whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(size), torn.end(), std::byte{0});
    expect_cut(log, torn, "cut at byte " + std::to_string(size));
  }
}

TEST_P(TornTail, FrontMissing) {
  const WithLastBatch original(GetParam());
  for (std::size_t from = original.begin + 8; from < original.end - 8; from += 8) {
    if (original.begin == 0 && from > 100 && from < kSegmentHeaderBytes) { continue; }
    WithLastBatch log(GetParam());
    auto torn = log.whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(log.begin),
              torn.begin() + static_cast<std::ptrdiff_t>(from), std::byte{0});
    expect_cut(log, torn, "nothing before byte " + std::to_string(from));
  }
}

INSTANTIATE_TEST_SUITE_P(Places, TornTail, ::testing::Values(0, 3, 11));

// ---- Damage before the tail --------------------------------------------------------------------

// Goal: no byte that was synced before the last batch can change unseen. Every byte is tried; what
// is read must be a prefix, and the refusal must name the file and what to do.
TEST(Damage, FlippedBitBeforeTheTailIsRefusedAndNamed) {
  FaultyFileSystem files(1);
  {
    Writer writer = open_writer(files);
    for (int i = 0; i < 16; ++i) {
      EXPECT_EQ(prepare_all(writer), "");
      ASSERT_TRUE(append(writer, {400, 11}).has_value());
    }
    EXPECT_EQ(prepare_all(writer), "");
  }
  Prng prng(3);
  const auto list = list_segments(files, kDir);
  ASSERT_GE(list->segments.size(), 3U);
  const std::size_t last_batch = kBatchHeaderBytes + make_batch({{1}, 0}, {400, 11}).bytes.size();
  for (const SegmentFile& segment : list->segments) {
    const std::string path = path_of(segment.name);
    const bool is_last = segment.name == list->segments.back().name;
    std::size_t end = used_bytes(files.content(path));
    if (is_last) { end -= last_batch; }
    for (std::size_t at = 0; at < end; ++at) {
      // The header of a segment is 4 KiB of mostly zeros.
      if (at > 64 && at < kSegmentHeaderBytes && at % 61 != 0) { continue; }
      const auto mask = static_cast<std::uint8_t>(1U << prng.below(8));
      files.flip_bits(path, at, mask);
      const auto result = read_all(files);
      EXPECT_TRUE(result.error == ReadError::checksum_mismatch || result.error == ReadError::gap)
          << path << " byte " << at << ": " << result.message;
      EXPECT_EQ(result.positions, dense(1, result.positions.size()));
      EXPECT_NE(result.message.find(path), std::string::npos) << result.message;
      EXPECT_NE(result.message.find("You can: (1)"), std::string::npos) << result.message;
      if (is_last && at % 7 == 0) {
        const auto writer = Writer::open(files, kDir, small_options());
        ASSERT_FALSE(writer.has_value()) << "byte " << at;
        EXPECT_EQ(writer.error().code, OpenErrorCode::damaged);
        EXPECT_NE(writer.error().message.find(path), std::string::npos);
      }
      files.flip_bits(path, at, mask);
    }
  }
  EXPECT_EQ(read_all(files).positions, dense(1, 32));
}

TEST(Damage, MessageTellsFileByteOffsetsAndChoices) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  for (int i = 0; i < 3; ++i) { ASSERT_TRUE(append(writer, {100, 100}).has_value()); }
  EXPECT_EQ(prepare_all(writer), "");
  files.flip_bits(path_of("00000000000000000001.seg"), 4096 + 64 + 352 + 64 + 80, 1);
  const auto refused = Writer::open(files, kDir, small_options());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(
      refused.error().message,
      "log/00000000000000000001.seg is damaged at byte 4512: a record of the batch there does "
      "not match its checksum. Records up to 2 are good. Records 3 to 4 cannot be read; "
      "record 5 and later ones stand behind the damage, so this is no torn tail. Nothing was "
      "changed. You can: (1) put back a good copy of this file from a backup or from another "
      "machine; (2) restore the whole data directory from the newest backup; (3) give up "
      "every record after 2: keep a copy of the directory, run 'truncate -s 4512 "
      "log/00000000000000000001.seg' and move the later segment files out of the directory. "
      "With (3), what was already answered about the lost records is no longer true.");
  EXPECT_EQ(read_all(files).message, refused.error().message);

  // The third choice works as said.
  auto content = files.content(path_of("00000000000000000001.seg"));
  content.resize(4512);
  files.put(path_of("00000000000000000001.seg"), content);
  Writer after = open_writer(files);
  EXPECT_EQ(after.last(), (Position{{2}, 0}));
  EXPECT_EQ(prepare_all(after), "");
  ASSERT_TRUE(append(after, {50}).has_value());
  EXPECT_EQ(read_all(files).positions, dense(1, 3));
}

TEST(Damage, ZeroedBatchIsNoEnd) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  for (int i = 0; i < 3; ++i) { ASSERT_TRUE(append(writer, {100}).has_value()); }
  EXPECT_EQ(prepare_all(writer), "");
  const std::string path = path_of("00000000000000000001.seg");
  auto content = files.content(path);
  const std::size_t batch = kBatchHeaderBytes + record_size(100);
  std::fill_n(content.begin() + kSegmentHeaderBytes + static_cast<std::ptrdiff_t>(batch), batch,
              std::byte{0});
  files.put(path, content);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::damaged);
  const auto result = read_all(files);
  EXPECT_EQ(result.error, ReadError::checksum_mismatch);
  EXPECT_NE(result.message.find("only zeros"), std::string::npos) << result.message;
}

// The last batch of a segment was synced if the next segment has been begun.
TEST(Damage, LostLastBatchOfAnEarlierSegmentIsNoTornTail) {
  for (const bool named : {true, false}) {
    FaultyFileSystem files(1);
    Writer writer = open_writer(files);
    EXPECT_EQ(prepare_all(writer), "");
    std::string first;
    while (list_segments(files, kDir)->segments.size() < 2) {
      ASSERT_TRUE(append(writer, {800}).has_value());
    }
    if (named) { EXPECT_EQ(prepare_all(writer), ""); }
    const auto list = list_segments(files, kDir);
    const std::string path = path_of(list->segments.front().name);
    auto content = files.content(path);
    const std::size_t end = used_bytes(content);
    std::fill(content.begin() + static_cast<std::ptrdiff_t>(end - 500), content.end(),
              std::byte{0});
    files.put(path, content);
    EXPECT_EQ(read_all(files).error, ReadError::checksum_mismatch);
    // If the second segment holds nothing but a torn batch, the start must see it too.
    const std::string second = path_of(list->segments.back().name);
    auto torn = files.content(second);
    std::fill(torn.begin() + kSegmentHeaderBytes + 100, torn.end(), std::byte{0});
    files.put(second, torn);
    EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::damaged);
  }
}

// The same positions and sound checksums, but from another history: only the chain tells.
TEST(Damage, BatchOfAnotherLogDoesNotFit) {
  const auto make = [](FaultyFileSystem& files, std::size_t first_payload) {
    Writer writer = open_writer(files);
    EXPECT_EQ(prepare_all(writer), "");
    EXPECT_TRUE(append(writer, {first_payload}).has_value());
    EXPECT_TRUE(append(writer, {50}).has_value());
    EXPECT_EQ(prepare_all(writer), "");
    return files.content(path_of("00000000000000000001.seg"));
  };
  FaultyFileSystem files(1);
  FaultyFileSystem other(1);
  auto content = make(files, 16);
  const auto foreign = make(other, 15);  // As long with its padding.
  const std::size_t second = kSegmentHeaderBytes + kBatchHeaderBytes + record_size(16);
  std::copy(foreign.begin() + static_cast<std::ptrdiff_t>(second), foreign.end(),
            content.begin() + static_cast<std::ptrdiff_t>(second));
  files.put(path_of("00000000000000000001.seg"), content);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::damaged);
  const auto result = read_all(files);
  EXPECT_EQ(result.error, ReadError::checksum_mismatch);
  EXPECT_NE(result.message.find("does not continue"), std::string::npos) << result.message;
}

// A segment that has no name yet looks like a spare when its header is damaged.
TEST(Damage, HeaderOfASegmentInUseUnderItsFirstName) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {100}).has_value());
  ASSERT_TRUE(append(writer, {100}).has_value());
  for (const std::uint64_t at : {0U, 20U, 4000U}) {
    files.flip_bits(path_of("next-1.seg"), at, 1);
    const auto refused = Writer::open(files, kDir, small_options());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, OpenErrorCode::damaged);
    const auto result = read_all(files);
    EXPECT_EQ(result.error, ReadError::checksum_mismatch) << result.message;
    EXPECT_NE(result.message.find("next-1.seg"), std::string::npos) << result.message;
    files.flip_bits(path_of("next-1.seg"), at, 1);
  }
  EXPECT_EQ(read_all(files).positions, dense(1, 2));
}

// What stands behind the damage is looked through in steps of 64 KiB: a header across the edge of
// one must be found. It is all that is left of the third batch.
TEST(Damage, LaterHeaderAcrossAReadingStep) {
  WriterOptions options = small_options();
  options.batch_bytes_max = 128U << 10;
  options.segment_bytes = 512U << 10;
  for (std::size_t shift = 0; shift <= 2 * kBatchHeaderBytes; shift += 8) {
    FaultyFileSystem files(1);
    Writer writer = open_writer(files, options);
    EXPECT_EQ(prepare_all(writer), "");
    const std::size_t overhead = kBatchHeaderBytes + kRecordHeaderBytes;
    const std::size_t second = kSegmentHeaderBytes + overhead;
    const std::size_t third = second + (64U << 10) - kBatchHeaderBytes + shift;
    ASSERT_TRUE(append(writer, {0}).has_value());
    ASSERT_TRUE(append(writer, {third - second - overhead}).has_value());
    ASSERT_TRUE(append(writer, {100}).has_value());
    EXPECT_EQ(prepare_all(writer), "");
    const std::string path = path_of("00000000000000000001.seg");
    auto content = files.content(path);
    const auto at = [&](std::size_t position) {
      return content.begin() + static_cast<std::ptrdiff_t>(position);
    };
    std::fill(at(second), at(third), std::byte{0});
    std::fill(at(third + kBatchHeaderBytes), content.end(), std::byte{0});
    files.put(path, content);
    EXPECT_FALSE(Writer::open(files, kDir, options).has_value()) << "shift " << shift;
    EXPECT_EQ(read_all(files).error, ReadError::checksum_mismatch) << "shift " << shift;
  }
}

// Its name says that its first batch was synced.
TEST(Damage, NamedSegmentWithoutItsFirstBatch) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  ASSERT_TRUE(append(writer, {100}).has_value());
  EXPECT_EQ(prepare_all(writer), "");
  const std::string path = path_of("00000000000000000001.seg");
  auto content = files.content(path);
  std::fill(content.begin() + kSegmentHeaderBytes, content.end(), std::byte{0});
  files.put(path, content);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::damaged);
  EXPECT_EQ(read_all(files).error, ReadError::checksum_mismatch);
}

TEST(Damage, MissingSegmentIsAGap) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {800}).has_value());
  }
  EXPECT_EQ(prepare_all(writer), "");
  const auto list = list_segments(files, kDir);
  ASSERT_GE(list->segments.size(), 4U);
  ASSERT_TRUE(files.remove(path_of(list->segments[1].name)).has_value());
  const auto result = read_all(files);
  EXPECT_EQ(result.error, ReadError::gap);
  const std::uint64_t lost_from = list->segments[1].first.offset.value;
  const std::uint64_t good_from = list->segments[2].first.offset.value;
  EXPECT_EQ(result.positions, dense(1, lost_from - 1));
  EXPECT_NE(result.message.find("Records " + std::to_string(lost_from) + " to " +
                                std::to_string(good_from - 1) + " cannot be read"),
            std::string::npos)
      << result.message;
}

TEST(Damage, ExchangedAndCopiedFilesAreRefused) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {800}).has_value());
  }
  EXPECT_EQ(prepare_all(writer), "");
  const auto list = list_segments(files, kDir);
  const std::string last = path_of(list->segments.back().name);
  const auto content = files.content(last);
  files.put(last, files.content(path_of(list->segments.front().name)));
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::wrong_log);
  files.put(last, content);
  files.put(path_of("next-900.seg"), content);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::wrong_log);
}

TEST(Damage, UnreadableSectorIsReportedNotSkipped) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  for (int i = 0; i < 3; ++i) { ASSERT_TRUE(append(writer, {100}).has_value()); }
  EXPECT_EQ(prepare_all(writer), "");
  files.fail_reads(path_of("00000000000000000001.seg"), 4600, 4700);
  EXPECT_EQ(Writer::open(files, kDir, small_options()).error().code, OpenErrorCode::io_failed);
  EXPECT_EQ(read_all(files).error, ReadError::io_failed);
  files.clear_read_faults();
  EXPECT_EQ(read_all(files).positions, dense(1, 3));
}

}  // namespace
}  // namespace firebrand::log
