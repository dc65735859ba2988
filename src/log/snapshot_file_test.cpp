#include "log/snapshot_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/prng.hpp"
#include "log/faulty_file_system.hpp"
#include "log/log_testing.hpp"

namespace firebrand::log {
namespace {

using testing::payload_of;
using testing::to_hex;

constexpr const char* kDirectory = "snapshots";

SnapshotHeader header_at(std::uint64_t offset) {
  return {.offset = {offset},
          .term = 3,
          .timestamp = from_unix_ms(1'795'000'000'000),
          .rules_version = 7,
          .state_digest = 0x1112131415161718,
          .chain = {{0xC0, 0xC1}}};
}

std::string path_at(std::uint64_t offset) { return join_path(kDirectory, snapshot_name({offset})); }

using Pieces = std::map<std::uint16_t, std::vector<std::byte>>;

Expected<void, FileError> write(FileSystem& files, std::uint64_t offset, const Pieces& pieces,
                                std::size_t step) {
  if (auto made = files.create_directory(kDirectory); !made) { return made; }
  auto writer = SnapshotWriter::create(files, kDirectory, header_at(offset));
  if (!writer) { return Unexpected(writer.error()); }
  for (const auto& [module, content] : pieces) {
    writer->begin_piece({.module = module, .version = 5, .compat_version = 4});
    for (std::span<const std::byte> rest = content; !rest.empty();) {
      const std::size_t count = std::min(step, rest.size());
      writer->write(rest.first(count));
      rest = rest.subspan(count);
    }
    writer->end_piece();
  }
  return writer->finish();
}

struct Result {
  Pieces pieces;
  std::string error;
};

Result read(FileSystem& files, const std::string& path, std::size_t step) {
  auto reader = SnapshotReader::open(files, path);
  if (!reader) { return {{}, reader.error().message}; }
  Result result;
  for (;;) {
    const auto piece = reader->next_piece();
    if (!piece) { return {result.pieces, piece.error().message}; }
    if (!*piece) { return result; }
    EXPECT_EQ((*piece)->version, 5);
    EXPECT_EQ((*piece)->compat_version, 4);
    std::vector<std::byte>& content = result.pieces[(*piece)->module];
    content.resize((*piece)->bytes);
    for (std::span<std::byte> rest = content; !rest.empty();) {
      const std::size_t count = std::min(step, rest.size());
      if (!reader->read(rest.first(count))) { return {{}, reader->error()->message}; }
      rest = rest.subspan(count);
      EXPECT_EQ(reader->bytes_left(), rest.size());
    }
    std::byte more{};
    EXPECT_FALSE(reader->read({&more, 1}));
    EXPECT_FALSE(reader->error().has_value());
  }
}

Pieces some_pieces() {
  return {{1, payload_of({{1}, 0}, 100)}, {2, {}}, {9, payload_of({{9}, 0}, 600'000)}};
}

TEST(Snapshot, GoldenBytes) {
  FaultyFileSystem files(1);
  const std::string text = "stock=3";
  const auto bytes = std::as_bytes(std::span(text));
  ASSERT_TRUE(write(files, 17, {{6, {bytes.begin(), bytes.end()}}}, 3).has_value());
  const auto content = files.content("snapshots/00000000000000000017.snapshot");
  const auto hex = [&](std::size_t begin, std::size_t count) {
    return to_hex(std::span(content).subspan(begin, count));
  };
  ASSERT_EQ(content.size(), 128U + 32 + 16 + 7 + 64);
  EXPECT_EQ(hex(0, 128),
            "fb534e500d0a1aff"
            "4bf2d59d"
            "01000000"
            "1100000000000000"
            "0300000000000000"
            "005e56eea1010000"
            "07000000"
            "00000000"
            "1817161514131211"
            "0000000000000000"
            "c0c10000000000000000000000000000"
            "00000000000000000000000000000000"
            "00000000000000000000000000000000"
            "00000000000000000000000000000000");
  EXPECT_EQ(hex(128, 32),
            "fb50ff0a"
            "a0c83236"
            "0600"
            "0500"
            "0400"
            "0000"
            "0700000000000000"
            "0000000000000000");
  EXPECT_EQ(hex(160, 23),
            "07000000"
            "d19a63c1"
            "00000000"
            "00000000"
            "73746f636b3d33");
  EXPECT_EQ(hex(183, 64),
            "fb454e440d0a1aff"
            "1bead016"
            "01000000"
            "f700000000000000"
            "4bf2d59d"
            "00000000"
            "00000000000000000000000000000000"
            "00000000000000000000000000000000");
}

TEST(Snapshot, PiecesComeBack) {
  FaultyFileSystem files(1);
  for (const std::size_t step : {1'000'000U, 262'144U, 70'001U}) {
    ASSERT_TRUE(write(files, step, some_pieces(), step).has_value());
    const auto result = read(files, path_at(step), 99'999);
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.pieces, some_pieces());
  }
  EXPECT_EQ(SnapshotReader::open(files, path_at(70'001))->header(), header_at(70'001));
  EXPECT_EQ(*list_snapshots(files, kDirectory),
            (std::vector<LogOffset>{{1'000'000}, {262'144}, {70'001}}));
}

TEST(Snapshot, PiecesMayBePassedOver) {
  FaultyFileSystem files(1);
  ASSERT_TRUE(write(files, 1, some_pieces(), 1000).has_value());
  auto reader = SnapshotReader::open(files, path_at(1));
  EXPECT_EQ((*reader->next_piece())->module, 1);
  EXPECT_EQ((*reader->next_piece())->module, 2);
  EXPECT_EQ((*reader->next_piece())->module, 9);
  std::vector<std::byte> front(10);
  EXPECT_TRUE(reader->read(front));
  EXPECT_FALSE(reader->next_piece()->has_value());
  EXPECT_FALSE(reader->next_piece()->has_value());
}

TEST(Snapshot, UnfinishedLeavesNothing) {
  FaultyFileSystem files(1);
  ASSERT_TRUE(files.create_directory(kDirectory).has_value());
  {
    auto writer = SnapshotWriter::create(files, kDirectory, header_at(1));
    writer->begin_piece({.module = 1});
    writer->write(payload_of({{1}, 0}, 300'000));
  }
  EXPECT_TRUE(files.list(kDirectory)->empty());
}

TEST(SnapshotFaults, FullDiskIsReportedOnce) {
  FaultyFileSystem files(1);
  files.set_space_limit(300'000);
  const auto full = write(files, 1, some_pieces(), 1000);
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, FileErrorCode::no_space);
  EXPECT_TRUE(files.list(kDirectory)->empty());
}

// Goal: a snapshot that has its name is whole, at whatever operation the power went.
TEST(SnapshotCrash, NamedMeansWhole) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (std::uint64_t stop = 0;; ++stop) {
      FaultyFileSystem files(seed);
      files.set_short_writes(seed % 2 == 0);
      ASSERT_TRUE(write(files, 1, {{1, payload_of({{1}, 0}, 50)}}, 50).has_value());
      files.stop_after(stop);
      const bool done = write(files, 2, some_pieces(), 100'000).has_value();
      files.crash();
      const auto list = list_snapshots(files, kDirectory);
      if (done) { ASSERT_EQ(list->size(), 2U); }
      for (const LogOffset offset : *list) {
        const auto result = read(files, path_at(offset.value), 100'000);
        EXPECT_EQ(result.error, "") << "seed " << seed << ", stop " << stop;
        if (offset.value == 2) { EXPECT_EQ(result.pieces, some_pieces()); }
      }
      if (done) { break; }
      ASSERT_TRUE(write(files, 2, some_pieces(), 100'000).has_value());  // A second attempt.
    }
  }
}

TEST(SnapshotDamage, EveryFlippedByteIsRefused) {
  FaultyFileSystem files(1);
  ASSERT_TRUE(
      write(files, 1, {{1, payload_of({{1}, 0}, 300)}, {2, {}}, {3, payload_of({{2}, 0}, 40)}}, 99)
          .has_value());
  Prng prng(1);
  const std::size_t size = files.content(path_at(1)).size();
  for (std::size_t at = 0; at < size; ++at) {
    const auto mask = static_cast<std::uint8_t>(1U << prng.below(8));
    files.flip_bits(path_at(1), at, mask);
    const auto result = read(files, path_at(1), 50);
    EXPECT_NE(result.error.find("is damaged at byte"), std::string::npos) << at << result.error;
    files.flip_bits(path_at(1), at, mask);
  }
  EXPECT_EQ(read(files, path_at(1), 50).error, "");
}

TEST(SnapshotDamage, EveryCutAndEveryGrowthIsRefused) {
  FaultyFileSystem files(1);
  ASSERT_TRUE(write(files, 1, {{1, payload_of({{1}, 0}, 300)}}, 99).has_value());
  const auto whole = files.content(path_at(1));
  for (std::size_t size = 0; size <= whole.size() + 70; ++size) {
    if (size == whole.size()) { continue; }
    auto changed = whole;
    changed.resize(size);
    files.put(path_at(1), changed);
    EXPECT_NE(read(files, path_at(1), 50).error, "") << size;
  }
}

TEST(SnapshotDamage, UnreadableSectorIsNoDamage) {
  FaultyFileSystem files(1);
  ASSERT_TRUE(write(files, 1, some_pieces(), 1000).has_value());
  files.fail_reads(path_at(1), 300'000, 300'001);
  auto reader = SnapshotReader::open(files, path_at(1));
  for (int i = 0; i < 3; ++i) { ASSERT_TRUE(reader->next_piece().has_value()); }
  std::vector<std::byte> content(600'000);
  EXPECT_FALSE(reader->read(content));
  EXPECT_EQ(reader->error()->code, SnapshotErrorCode::io_failed);
}

}  // namespace
}  // namespace firebrand::log
