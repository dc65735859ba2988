// The log through crashes: power lost at any operation, failed syncs, processes that just go.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/prng.hpp"
#include "log/archive.hpp"
#include "log/log_testing.hpp"
#include "log/reader.hpp"
#include "log/segment.hpp"
#include "log/writer.hpp"

namespace firebrand::log {
namespace {

using testing::append;
using testing::dense;
using testing::kDir;
using testing::open_writer;
using testing::prepare_all;
using testing::read_all;
using testing::small_options;

// ---- Crashes -----------------------------------------------------------------------------------

/// Appends, prepares, archives and trims in seeded order, until the disk stops answering.
struct Life {
  explicit Life(std::uint64_t seed) : prng(seed), files(seed) {}

  void run(int steps) {
    auto writer = Writer::open(files, kDir, small_options());
    if (!writer) {
      EXPECT_EQ(writer.error().code, OpenErrorCode::io_failed) << writer.error().message;
      return;
    }
    EXPECT_GE(writer->last().offset.value, acknowledged);
    EXPECT_LE(writer->last().offset.value, attempted);
    acknowledged = attempted = writer->last().offset.value;
    for (int i = 0; i < steps; ++i) {
      const std::uint64_t choice = prng.below(16);
      if (choice < 4) {
        (void)writer->prepare();
      } else if (choice == 4) {
        (void)archive(files, kDir, {{prng.below(acknowledged + 2)}, 0});
      } else if (choice == 5) {
        const Position before{{prng.below(acknowledged / 2 + 1)}, 0};
        const auto list = list_segments(files, kDir);
        if (list && !list->segments.empty() && trim(files, kDir, before)) {
          trimmed_before = std::max(trimmed_before, before.offset.value);
        }
        trim_attempted = std::max(trim_attempted, before.offset.value);
      } else {
        std::vector<std::size_t> sizes(1 + prng.below(3));
        std::uint64_t bytes = 0;
        for (std::size_t& size : sizes) {
          size = prng.below(250);
          bytes += record_size(size);
        }
        if (writer->space_left() < bytes) { continue; }
        attempted = acknowledged + sizes.size();
        if (!append(*writer, sizes).has_value()) { return; }
        acknowledged = attempted;
      }
    }
  }

  void check(const std::string& when) {
    Writer writer = open_writer(files);
    EXPECT_GE(writer.last().offset.value, acknowledged) << when;
    EXPECT_LE(writer.last().offset.value, attempted) << when;
    const auto result = read_all(files);
    EXPECT_EQ(result.error, ReadError::end_of_log) << when << ": " << result.message;
    if (result.positions.empty()) {
      EXPECT_EQ(writer.last(), Position{}) << when;
      return;
    }
    const std::uint64_t first = result.positions.front().offset.value;
    EXPECT_LE(first, std::max<std::uint64_t>(trim_attempted, 1)) << when;
    EXPECT_EQ(result.positions, dense(first, writer.last().offset.value)) << when;
    EXPECT_EQ(result.hash, writer.chain_hash()) << when;
  }

  Prng prng;
  FaultyFileSystem files;
  std::uint64_t acknowledged = 0;  ///< Appended and answered.
  std::uint64_t attempted = 0;     ///< The same, and what the last append tried.
  std::uint64_t trimmed_before = 0;
  std::uint64_t trim_attempted = 0;
};

// Goal: whatever was acknowledged survives, and what is read is a prefix of what was appended.
// Method: a log lives through several crashes, each at a random operation of the disk.
TEST(WriterCrash, AcknowledgedBatchesSurviveManyLives) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Life life(seed);
    if (seed % 4 == 0) { life.files.set_short_writes(true); }
    for (int round = 0; round < 6; ++round) {
      life.files.stop_after(life.prng.below(150));
      life.run(60);
      if (life.prng.below(5) == 0) {
        life.files.restart_process();
      } else {
        life.files.crash();
      }
      life.check("seed " + std::to_string(seed) + ", round " + std::to_string(round));
      if (::testing::Test::HasFailure()) { return; }
    }
  }
}

// The same with one life, stopped at each of its operations in turn.
TEST(WriterCrash, StopAtEveryOperation) {
  std::uint64_t operations = 0;
  {
    Life whole(5);
    whole.run(70);
    operations = whole.files.operations();
  }
  ASSERT_GT(operations, 100U);
  for (std::uint64_t stop = 0; stop < operations; ++stop) {
    for (std::uint64_t loss = 0; loss < 5; ++loss) {
      Life life(5);
      // Other losses for the same operations: the disk's chance is moved on by unused crashes.
      for (std::uint64_t i = 0; i < loss; ++i) {
        EXPECT_TRUE(life.files.create_directory("other").has_value());
        life.files.put("other/file", {});
        auto file = life.files.open("other/file", OpenMode::read_write);
        EXPECT_TRUE(write_fully(**file, std::as_bytes(std::span("abc")), 0).has_value());
        life.files.crash();
      }
      life.files.stop_after(stop);
      life.run(70);
      life.files.crash();
      life.check("stopped after operation " + std::to_string(stop) + ", loss " +
                 std::to_string(loss));
      if (::testing::Test::HasFailure()) { return; }
    }
  }
}

// A failed sync anywhere, a start without power loss, then power loss.
TEST(WriterCrash, FailedSyncAnywhere) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Life life(seed);
    for (int round = 0; round < 4; ++round) {
      life.files.fail_sync(1 + life.prng.below(60));
      life.run(60);
      if (life.prng.below(2) == 0) {
        life.files.restart_process();
      } else {
        life.files.crash();
      }
      life.files.fail_sync(0);
      life.check("seed " + std::to_string(seed) + ", round " + std::to_string(round));
      if (::testing::Test::HasFailure()) { return; }
    }
  }
}

// Goal: a batch never goes into a file whose name a power loss takes away. Method: the process is
// gone at each operation of preparing, the next one appends at once, and then the power is lost.
TEST(WriterCrash, NamesOfTheProcessBeforeAreMadeDurable) {
  for (std::uint64_t stop = 0; stop < 16; ++stop) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      FaultyFileSystem files(seed);
      {
        Writer writer = open_writer(files);
        EXPECT_TRUE(writer.prepare().has_value());
        ASSERT_TRUE(append(writer, {900}).has_value());
        files.stop_after(stop);
        (void)prepare_all(writer);
      }
      files.restart_process();
      std::uint64_t appended = 1;
      {
        Writer writer = open_writer(files);
        while (writer.space_left() > record_size(900)) {
          ASSERT_TRUE(append(writer, {900}).has_value());
          ++appended;
        }
      }
      files.crash();
      EXPECT_EQ(read_all(files).positions, dense(1, appended)) << "stop " << stop;
    }
  }
}

// Goal: a segment that has its name has its first batch on the disk. Method: the sync of that batch
// fails, the next process is gone at each operation of its start, and then the power is lost.
TEST(WriterCrash, AFirstBatchIsDurableBeforeItsSegmentHasAName) {
  for (std::uint64_t stop = 0; stop < 16; ++stop) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      FaultyFileSystem files(seed);
      constexpr std::uint64_t kInFirst = 3;  // Batches that fit into the first segment.
      {
        Writer writer = open_writer(files);
        ASSERT_EQ(prepare_all(writer), "");
        for (std::uint64_t i = 0; i < kInFirst; ++i) {
          ASSERT_TRUE(append(writer, {900}).has_value());
        }
        files.fail_sync(1);
        ASSERT_FALSE(append(writer, {900}).has_value());
      }
      files.restart_process();
      files.fail_sync(0);
      files.stop_after(stop);
      (void)Writer::open(files, kDir, small_options());
      files.crash();
      const auto writer = Writer::open(files, kDir, small_options());
      ASSERT_TRUE(writer.has_value()) << "stop " << stop << ": " << writer.error().message;
      EXPECT_GE(writer->last().offset.value, kInFirst);
    }
  }
}

}  // namespace
}  // namespace firebrand::log
