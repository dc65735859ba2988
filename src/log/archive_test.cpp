#include "log/archive.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.hpp"
#include "log/log_testing.hpp"
#include "log/segment.hpp"

namespace firebrand::log {
namespace {

using testing::append;
using testing::dense;
using testing::kDir;
using testing::open_writer;
using testing::prepare_all;
using testing::read_all;

/// 20 records in at least four segments.
void fill(FaultyFileSystem& files) {
  Writer writer = open_writer(files);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {800}).has_value());
  }
  EXPECT_EQ(prepare_all(writer), "");
}

std::size_t archives(FileSystem& files) {
  const auto list = list_segments(files, kDir);
  return static_cast<std::size_t>(std::count_if(
      list->segments.begin(), list->segments.end(),
      [](const SegmentFile& segment) { return segment.kind == SegmentFile::Kind::archived; }));
}

TEST(Archive, WholeOldSegmentsAreReplacedAndReadAsBefore) {
  FaultyFileSystem files(1);
  fill(files);
  const auto before = read_all(files);
  const auto list = list_segments(files, kDir);
  ASSERT_GE(list->segments.size(), 4U);
  const Position third = list->segments[2].first;
  // One short of the third segment's beginning: the second still holds a wanted record.
  EXPECT_EQ(archive(files, kDir, {{third.offset.value - 1}, 0})->segments, 1U);
  const auto report = archive(files, kDir, third);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->segments, 1U);
  EXPECT_EQ(report->bytes_before, testing::small_options().segment_bytes);
  EXPECT_GT(report->bytes_after, 0U);
  EXPECT_LT(report->bytes_after, report->bytes_before);
  EXPECT_EQ(archives(files), 2U);
  const auto after = read_all(files);
  EXPECT_EQ(after.positions, before.positions);
  EXPECT_EQ(after.hash, before.hash);
  for (std::uint64_t from = 1; from <= 20; ++from) {
    EXPECT_EQ(read_all(files, {{from}, 0}).positions, dense(from, 20));
  }
}

TEST(Archive, NewestSegmentStays) {
  FaultyFileSystem files(1);
  fill(files);
  const auto list = list_segments(files, kDir);
  EXPECT_EQ(archive(files, kDir, kPositionMax)->segments, list->segments.size() - 1);
  Writer writer = open_writer(files);
  EXPECT_EQ(writer.last(), (Position{{20}, 0}));
  ASSERT_TRUE(append(writer, {5}).has_value());
  EXPECT_EQ(read_all(files).positions, dense(1, 21));
}

// Goal: at every point of archiving there is a whole form of each segment. Method: stop at each
// operation, lose power, read all, archive again.
TEST(ArchiveCrash, StopAtEveryOperation) {
  const Position second = [] {
    FaultyFileSystem files(1);
    fill(files);
    return list_segments(files, kDir)->segments[1].first;
  }();
  bool done = false;
  for (std::uint64_t stop = 0; !done; ++stop) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      FaultyFileSystem files(seed);
      fill(files);
      files.stop_after(stop);
      done = archive(files, kDir, second).has_value();
      files.crash();
      EXPECT_EQ(read_all(files).positions, dense(1, 20)) << "seed " << seed << ", stop " << stop;
      const auto again = archive(files, kDir, second);
      ASSERT_TRUE(again.has_value()) << again.error().message;
      EXPECT_EQ(read_all(files).positions, dense(1, 20)) << "seed " << seed << ", stop " << stop;
      EXPECT_EQ(archives(files), 1U);
      EXPECT_TRUE(list_segments(files, kDir)->leftovers.empty());
      EXPECT_TRUE(list_segments(files, kDir)->superseded.empty());
    }
    ASSERT_LT(stop, 20U);
  }
}

TEST(ArchiveFaults, FullDiskLosesNothing) {
  FaultyFileSystem files(1);
  fill(files);
  files.set_space_limit(files.bytes_used() + 100);
  const auto full = archive(files, kDir, kPositionMax);
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, ArchiveErrorCode::no_space);
  EXPECT_EQ(read_all(files).positions, dense(1, 20));
  EXPECT_TRUE(list_segments(files, kDir)->leftovers.empty());
  files.set_space_limit(std::nullopt);
  EXPECT_TRUE(archive(files, kDir, kPositionMax).has_value());
}

TEST(ArchiveFaults, DamagedSegmentIsNotArchived) {
  FaultyFileSystem files(1);
  fill(files);
  const auto list = list_segments(files, kDir);
  const std::string path = join_path(kDir, list->segments[1].name);
  files.flip_bits(path, kSegmentHeaderBytes + 300, 4);
  const auto refused = archive(files, kDir, kPositionMax);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ArchiveErrorCode::damaged);
  EXPECT_NE(refused.error().message.find(path), std::string::npos) << refused.error().message;
  EXPECT_EQ(archives(files), 1U);
}

// A flipped bit is found by zstd's own checksum or by ours, or it is one of the few that unpacking
// does not look at: then nothing is wrong with what is read.
TEST(ArchiveDamage, EveryFlippedByteIsRefusedAndNamed) {
  FaultyFileSystem files(1);
  fill(files);
  ASSERT_TRUE(archive(files, kDir, kPositionMax).has_value());
  const auto list = list_segments(files, kDir);
  const std::string path = join_path(kDir, list->segments[1].name);
  const std::size_t size = files.content(path).size();
  Prng prng(1);
  std::size_t harmless = 0;
  for (std::size_t at = 0; at < size; ++at) {
    const auto mask = static_cast<std::uint8_t>(1U << prng.below(8));
    files.flip_bits(path, at, mask);
    const auto result = read_all(files);
    files.flip_bits(path, at, mask);
    if (result.error == ReadError::end_of_log) {
      EXPECT_EQ(result.positions, dense(1, 20));
      ++harmless;
      continue;
    }
    EXPECT_EQ(result.error, ReadError::checksum_mismatch) << at;
    EXPECT_NE(result.message.find(path), std::string::npos) << result.message;
    EXPECT_NE(result.message.find("backup"), std::string::npos) << result.message;
  }
  EXPECT_LT(harmless, size / 50);
  EXPECT_EQ(read_all(files).positions, dense(1, 20));
}

TEST(ArchiveDamage, EveryCutIsRefused) {
  FaultyFileSystem files(1);
  fill(files);
  ASSERT_TRUE(archive(files, kDir, kPositionMax).has_value());
  const std::string path = join_path(kDir, list_segments(files, kDir)->segments[1].name);
  auto content = files.content(path);
  while (!content.empty()) {
    content.pop_back();
    files.put(path, content);
    EXPECT_EQ(read_all(files).error, ReadError::checksum_mismatch) << content.size();
  }
}

TEST(Trim, RemovesWholeSegmentsOnly) {
  FaultyFileSystem files(1);
  fill(files);
  const auto list = list_segments(files, kDir);
  const Position third = list->segments[2].first;
  ASSERT_TRUE(archive(files, kDir, list->segments[1].first).has_value());
  EXPECT_EQ(*trim(files, kDir, {{third.offset.value - 1}, 0}), 1U);  // An archive.
  EXPECT_EQ(*trim(files, kDir, {{third.offset.value - 1}, 0}), 0U);
  EXPECT_EQ(*trim(files, kDir, third), 1U);
  EXPECT_EQ(read_all(files).positions, dense(third.offset.value, 20));
  EXPECT_EQ(*trim(files, kDir, kPositionMax), list->segments.size() - 3);
  EXPECT_EQ(open_writer(files).last(), (Position{{20}, 0}));
}

// A crash leaves no hole: what remains is the newest part of the log, whole.
TEST(TrimCrash, StopAtEveryOperation) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (std::uint64_t stop = 0; stop < 6; ++stop) {
      FaultyFileSystem files(seed);
      fill(files);
      files.stop_after(stop);
      (void)trim(files, kDir, kPositionMax);
      files.crash();
      const auto result = read_all(files);
      EXPECT_EQ(result.error, ReadError::end_of_log) << result.message;
      ASSERT_FALSE(result.positions.empty());
      EXPECT_EQ(result.positions, dense(result.positions.front().offset.value, 20));
    }
  }
}

}  // namespace
}  // namespace firebrand::log
