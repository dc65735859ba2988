#include "log/copy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "log/archive.hpp"
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
using testing::read_on;

constexpr const char* kCopy = "copy";

/// Batches of two records until the log ends at `last`.
void fill(FaultyFileSystem& files, std::uint64_t last) {
  Writer writer = open_writer(files);
  while (writer.last().offset.value < last) {
    EXPECT_EQ(prepare_all(writer), "");
    ASSERT_TRUE(append(writer, {400, 400}).has_value());
  }
  EXPECT_EQ(prepare_all(writer), "");
}

testing::ReadResult read_copy(FileSystem& files) {
  auto reader = Reader::open(files, kCopy, {});
  EXPECT_TRUE(reader.has_value());
  return read_on(*reader);
}

LogCopy copy_all(FileSystem& files) {
  const auto copy = copy_log(files, kDir, kCopy, kPositionMax);
  EXPECT_TRUE(copy.has_value()) << copy.error().message;
  return copy ? *copy : LogCopy{};
}

TEST(Copy, HoldsEveryRecordAndTheChain) {
  FaultyFileSystem files(1);
  fill(files, 20);
  const auto want = read_all(files);
  const LogCopy copy = copy_all(files);
  EXPECT_EQ(copy.last, (Position{{20}, 0}));
  EXPECT_EQ(copy.chain, want.hash);
  EXPECT_GE(copy.segments, 3U);
  const auto found = read_copy(files);
  EXPECT_EQ(found.positions, want.positions);
  EXPECT_EQ(found.hash, want.hash);
}

TEST(Copy, OfNoRecordIsEmpty) {
  FaultyFileSystem files(1);
  Writer writer = open_writer(files);
  EXPECT_EQ(prepare_all(writer), "");
  const LogCopy copy = copy_all(files);
  EXPECT_EQ(copy.last, Position{});
  EXPECT_EQ(copy.segments, 0U);
}

TEST(Copy, WritesOnlyWhatIsNewOrHasGrown) {
  FaultyFileSystem files(1);
  fill(files, 20);
  const LogCopy first = copy_all(files);
  EXPECT_EQ(copy_all(files).segments, 1U) << "the last one alone";
  fill(files, 40);
  const LogCopy second = copy_all(files);
  EXPECT_EQ(second.last, (Position{{40}, 0}));
  EXPECT_LE(second.segments, first.segments + 2);
  EXPECT_EQ(read_copy(files).positions, dense(1, 40));
}

TEST(Copy, GoesOnWithALogThatIsTrimmedAndKeepsWhatWent) {
  FaultyFileSystem files(1);
  fill(files, 20);
  (void)copy_all(files);
  ASSERT_TRUE(trim(files, kDir, kPositionMax).has_value());
  fill(files, 40);
  ASSERT_NE(read_all(files).positions, dense(1, 40));
  EXPECT_EQ(copy_all(files).last, (Position{{40}, 0}));
  EXPECT_EQ(read_copy(files).positions, dense(1, 40));
}

TEST(Copy, HasNoGapWhereALogWasTrimmedBehindIt) {
  FaultyFileSystem files(1);
  fill(files, 20);
  ASSERT_TRUE(copy_log(files, kDir, kCopy, {{3}, 0}).has_value());
  ASSERT_TRUE(trim(files, kDir, kPositionMax).has_value());
  const auto refused = copy_log(files, kDir, kCopy, kPositionMax);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, OpenErrorCode::trimmed) << refused.error().message;
  EXPECT_EQ(read_copy(files).positions, dense(1, 3));
}

TEST(Copy, ArchivesStayArchivesAndCountForTheSegmentsTheyWere) {
  FaultyFileSystem files(1);
  fill(files, 20);
  (void)copy_all(files);
  ASSERT_TRUE(archive(files, kDir, kPositionMax).has_value());
  EXPECT_EQ(copy_all(files).segments, 1U);
  EXPECT_EQ(read_copy(files).positions, dense(1, 20));

  const auto anew = copy_log(files, kDir, "anew", kPositionMax);
  ASSERT_TRUE(anew.has_value()) << anew.error().message;
  const auto list = list_segments(files, "anew");
  ASSERT_GE(list->segments.size(), 3U);
  EXPECT_EQ(list->segments.front().kind, SegmentFile::Kind::archived);
  EXPECT_EQ(list->segments.back().kind, SegmentFile::Kind::named);
  // A flipped bit in an archive is found, not handed on.
  files.flip_bits(join_path(kDir, list->segments.front().name), 40, 1);
  const auto damaged = copy_log(files, kDir, "third", kPositionMax);
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().code, OpenErrorCode::damaged) << damaged.error().message;
}

TEST(Copy, EndsAtTheRecordThatIsAskedFor) {
  FaultyFileSystem files(1);
  fill(files, 20);
  ASSERT_TRUE(archive(files, kDir, kPositionMax).has_value());
  for (std::uint64_t until = 1; until <= 20; ++until) {
    const std::string to = "until-" + std::to_string(until);
    const auto copy = copy_log(files, kDir, to, {{until}, 0});
    ASSERT_TRUE(copy.has_value()) << copy.error().message;
    EXPECT_EQ(copy->last, (Position{{until}, 0}));
    auto reader = Reader::open(files, to, {});
    ASSERT_TRUE(reader.has_value());
    const auto found = read_on(*reader);
    EXPECT_EQ(found.positions, dense(1, until));
    EXPECT_EQ(found.error, ReadError::end_of_log) << found.message;
    EXPECT_EQ(found.hash, copy->chain);
    // And it can be written on.
    auto writer = Writer::open(files, to, testing::small_options());
    ASSERT_TRUE(writer.has_value()) << writer.error().message;
    EXPECT_EQ(prepare_all(*writer), "");
    EXPECT_EQ(writer->last(), copy->last);
    ASSERT_TRUE(append(*writer, {5}).has_value());
  }
}

TEST(Copy, RefusesAnotherLogAndLeavesTheCopyAsItIs) {
  FaultyFileSystem files(1);
  fill(files, 20);
  (void)copy_all(files);
  const auto before = read_copy(files);
  // The log from an earlier record on, as after a restore, with other batches.
  ASSERT_TRUE(copy_log(files, kDir, "restored", {{19}, 0}).has_value());
  auto writer = Writer::open(files, "restored", testing::small_options());
  ASSERT_TRUE(writer.has_value());
  EXPECT_EQ(prepare_all(*writer), "");
  for (int round = 0; round < 2; ++round) {  // First shorter than the copy, then longer.
    const auto copy = copy_log(files, "restored", kCopy, kPositionMax);
    ASSERT_FALSE(copy.has_value());
    EXPECT_EQ(copy.error().code, OpenErrorCode::wrong_log) << copy.error().message;
    const auto after = read_copy(files);
    EXPECT_EQ(after.positions, before.positions);
    EXPECT_EQ(after.hash, before.hash);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(append(*writer, {200}).has_value());
      EXPECT_EQ(prepare_all(*writer), "");
    }
  }
}

TEST(Copy, TellsDamageFromATornTail) {
  FaultyFileSystem files(1);
  fill(files, 20);
  const auto list = list_segments(files, kDir);
  const std::string last = join_path(kDir, list->segments.back().name);
  const std::uint64_t first = list->segments.back().first.offset.value;
  ASSERT_LT(first, 19U) << "two batches in the last segment";
  auto torn = files.content(last);
  const auto used = static_cast<std::size_t>(
      torn.rend() - std::find_if(torn.rbegin(), torn.rend(),
                                 [](std::byte byte) { return byte != std::byte{0}; }));
  const auto whole = torn;
  torn[used - 300] ^= std::byte{1};
  files.put(last, torn);
  EXPECT_EQ(copy_all(files).last, (Position{{18}, 0}));

  torn = whole;
  torn[kSegmentHeaderBytes + kBatchHeaderBytes + 100] ^= std::byte{1};
  files.put(last, torn);
  const auto copy = copy_log(files, kDir, "another", kPositionMax);
  ASSERT_FALSE(copy.has_value());
  EXPECT_EQ(copy.error().code, OpenErrorCode::damaged) << copy.error().message;
}

// Goal: a copy that stops anywhere loses nothing of what was there, and the next one ends it.
TEST(CopyCrash, StopAtEveryOperation) {
  for (std::uint64_t stop = 0;; ++stop) {
    FaultyFileSystem files(stop);
    fill(files, 8);
    (void)copy_all(files);
    fill(files, 20);
    files.stop_after(stop);
    const bool done = copy_log(files, kDir, kCopy, kPositionMax).has_value();
    files.crash();
    const auto half = read_copy(files);
    EXPECT_EQ(half.error, ReadError::end_of_log) << half.message;
    EXPECT_GE(half.positions.size(), 8U);
    EXPECT_EQ(half.positions, dense(1, half.positions.size()));
    EXPECT_EQ(copy_all(files).last, (Position{{20}, 0}));
    EXPECT_EQ(read_copy(files).positions, dense(1, 20));
    if (done) { break; }
  }
}

// Goal: a copy of a log that grows and is archived is a prefix of it, never an error.
TEST(Copy, OfALogThatGrows) {
  FaultyFileSystem files(1);
  std::atomic<bool> stop{false};
  fill(files, 4);
  std::thread other([&] {
    Writer writer = open_writer(files);
    for (int i = 0; i < 400 && !stop.load(); ++i) {
      EXPECT_EQ(prepare_all(writer), "");
      if (!append(writer, {400, 400}).has_value()) { break; }
      if (i % 7 == 0) { EXPECT_TRUE(archive(files, kDir, writer.last()).has_value()); }
    }
  });
  std::uint64_t last = 4;
  for (int i = 0; i < 20; ++i) {
    const LogCopy copy = copy_all(files);
    EXPECT_GE(copy.last.offset.value, last);
    last = copy.last.offset.value;
    EXPECT_EQ(read_copy(files).positions, dense(1, last));
  }
  stop.store(true);
  other.join();
}

}  // namespace
}  // namespace firebrand::log
