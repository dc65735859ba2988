#include "log/file_system.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "log/archive.hpp"
#include "log/faulty_file_system.hpp"
#include "log/log_testing.hpp"

namespace firebrand::log {
namespace {

using testing::append;
using testing::dense;
using testing::open_writer;
using testing::prepare_all;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(FileSystem& files, const std::string& path) {
  const auto text = read_file(files, path);
  return text ? *text : "(" + text.error().message + ")";
}

void put(FileSystem& files, const std::string& path, const std::string& text) {
  auto file = files.open(path, OpenMode::create_new);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_TRUE(write_fully(**file, bytes_of(text), 0).has_value());
  ASSERT_TRUE((*file)->sync().has_value());
}

/// A fresh directory on the real disk.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = ::testing::TempDir() + "/firebrand-log-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What both promise, as far as a test can see it without losing power.
void check_contract(FileSystem& files, const std::string& parent) {
  const std::string directory = join_path(parent, "data");
  ASSERT_TRUE(files.create_directory(directory).has_value());
  ASSERT_TRUE(files.create_directory(directory).has_value());
  EXPECT_EQ(files.create_directory(join_path(parent, "no/such")).error().code,
            FileErrorCode::not_found);
  const std::string a = join_path(directory, "a");
  const std::string b = join_path(directory, "b");
  EXPECT_EQ(files.open(a, OpenMode::read).error().code, FileErrorCode::not_found);
  put(files, a, "hello");
  EXPECT_EQ(files.open(a, OpenMode::create_new).error().code, FileErrorCode::already_exists);
  EXPECT_EQ(files.create_directory(a).error().code, FileErrorCode::already_exists);

  auto file = files.open(a, OpenMode::read_write);
  const std::string world = "wor";
  const std::string end = "ld";
  const std::array pieces = {bytes_of(world), std::span<const std::byte>{}, bytes_of(end)};
  ASSERT_TRUE(write_fully(**file, pieces, 7).has_value());
  ASSERT_TRUE((*file)->sync_data().has_value());
  EXPECT_EQ(text_of(files, a), std::string("hello\0\0world", 12));
  EXPECT_EQ(*(*file)->size(), 12U);
  ASSERT_TRUE((*file)->allocate(100).has_value());
  EXPECT_EQ(*(*file)->size(), 100U);
  ASSERT_TRUE((*file)->allocate(50).has_value());
  EXPECT_EQ(*(*file)->size(), 100U);
  std::array<std::byte, 20> tail{};
  EXPECT_EQ(*(*file)->pread(tail, 90), 10U);
  EXPECT_EQ(*(*file)->pread(tail, 100), 0U);

  put(files, b, "old");
  EXPECT_EQ(*files.list(directory), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(files.rename(a, b).has_value());
  ASSERT_TRUE(files.sync_directory(directory).has_value());
  EXPECT_EQ(*files.list(directory), (std::vector<std::string>{"b"}));
  EXPECT_EQ(files.rename(a, b).error().code, FileErrorCode::not_found);
  EXPECT_EQ(*(*file)->pread(tail, 90), 10U);  // An open file does not mind.
  ASSERT_TRUE(files.remove(b).has_value());
  EXPECT_EQ(files.remove(b).error().code, FileErrorCode::not_found);
  EXPECT_TRUE(files.list(directory)->empty());
  EXPECT_EQ(files.list(join_path(parent, "nowhere")).error().code, FileErrorCode::not_found);

  {
    const auto lock = lock_directory(files, directory);
    ASSERT_TRUE(lock.has_value());
    const auto second = lock_directory(files, directory);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, FileErrorCode::locked);
    EXPECT_EQ(second.error().message,
              "the data directory " + directory +
                  " is in use by another process: stop that process, or give this one a directory "
                  "of its own");
  }
  EXPECT_TRUE(lock_directory(files, directory).has_value());
}

TEST(FileSystems, KeepTheContract) {
  const TemporaryDirectory temporary;
  PosixFileSystem posix;
  check_contract(posix, temporary.path());
  FaultyFileSystem faulty(1);
  check_contract(faulty, ".");
  FaultyFileSystem short_writes(1);
  short_writes.set_short_writes(true);
  check_contract(short_writes, ".");
}

TEST(PosixFileSystem, MoreAndLargerPiecesThanTheKernelTakesAtOnce) {
  const TemporaryDirectory temporary;
  PosixFileSystem files;
  const std::string path = join_path(temporary.path(), "many");
  auto file = files.open(path, OpenMode::create_new);
  std::string want;
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    texts.push_back(std::string(static_cast<std::size_t>(i % 40), static_cast<char>('a' + i % 26)));
  }
  std::vector<std::span<const std::byte>> pieces;
  for (const std::string& text : texts) {
    want += text;
    pieces.push_back(bytes_of(text));
  }
  ASSERT_TRUE(write_fully(**file, pieces, 0).has_value());
  EXPECT_EQ(text_of(files, path), want);
}

// The log on the real disk: append, reopen, archive, read.
TEST(PosixFileSystem, CarriesALog) {
  const TemporaryDirectory temporary;
  PosixFileSystem files;
  const std::string directory = join_path(temporary.path(), "log");
  const WriterOptions options = testing::small_options();
  {
    auto writer = Writer::open(files, directory, options);
    ASSERT_TRUE(writer.has_value()) << writer.error().message;
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(prepare_all(*writer), "");
      ASSERT_TRUE(append(*writer, {300, 400}).has_value());
    }
  }
  auto writer = Writer::open(files, directory, options);
  EXPECT_EQ(writer->last(), (Position{{40}, 0}));
  EXPECT_GT(archive(files, directory, {{30}, 0})->segments, 0U);
  auto reader = Reader::open(files, directory, {});
  EXPECT_EQ(testing::read_on(*reader).positions, dense(1, 40));
}

// ---- What the faulty one loses -----------------------------------------------------------------

TEST(FaultyFileSystem, UnsyncedBytesAndNamesMayGoOrStay) {
  int names_kept = 0;
  int bytes_kept = 0;
  int torn = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    FaultyFileSystem files(seed);
    put(files, "synced", std::string(2048, 'a'));
    ASSERT_TRUE(files.sync_directory(".").has_value());
    put(files, "unsynced_name", "x");
    auto file = files.open("synced", OpenMode::read_write);
    ASSERT_TRUE(write_fully(**file, bytes_of(std::string(2048, 'b')), 0).has_value());
    files.crash();
    EXPECT_FALSE((*file)->sync().has_value());  // A dead handle.
    names_kept += files.list(".")->size() == 2 ? 1 : 0;
    const std::string text = text_of(files, "synced");
    ASSERT_EQ(text.size(), 2048U);
    for (std::size_t sector = 0; sector < 4; ++sector) {
      const std::string part = text.substr(sector * 512, 512);
      EXPECT_TRUE(part == std::string(512, 'a') || part == std::string(512, 'b'));
    }
    bytes_kept += text == std::string(2048, 'b') ? 1 : 0;
    torn += text.find('a') != std::string::npos && text.find('b') != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(names_kept, 20);
  EXPECT_LT(names_kept, 180);
  EXPECT_GT(bytes_kept, 20);
  EXPECT_GT(torn, 20);
}

// Cut off anywhere, it leaves the old content or the new; once it said yes, the new.
TEST(ReplaceFile, IsWholeAndDurable) {
  const std::string before(3'000, 'a');
  const std::string after(2'000, 'b');
  FaultyFileSystem undisturbed(0);
  undisturbed.put("f", bytes_of(before));
  const std::uint64_t operations_before = undisturbed.operations();
  ASSERT_TRUE(replace_file(undisturbed, ".", "f", bytes_of(after)).has_value());
  const std::uint64_t operations = undisturbed.operations() - operations_before;
  EXPECT_GE(operations, 5U) << "create, write, sync, rename, sync";
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    FaultyFileSystem files(seed);
    files.put("f", bytes_of(before));
    files.stop_after(seed % 10);
    const bool done = replace_file(files, ".", "f", bytes_of(after)).has_value();
    EXPECT_EQ(done, seed % 10 >= operations);
    files.crash();
    const std::string text = text_of(files, "f");
    EXPECT_TRUE(text == after || (text == before && !done)) << seed;
    EXPECT_TRUE(replace_file(files, ".", "f", bytes_of(before)).has_value()) << "leftovers go";
    EXPECT_EQ(text_of(files, "f"), before);
  }
}

TEST(FaultyFileSystem, SameSeedSameLosses) {
  const auto run = [](std::uint64_t seed) {
    FaultyFileSystem files(seed);
    for (int i = 0; i < 8; ++i) {
      put(files, "f" + std::to_string(i), "x");
      auto file = files.open("f" + std::to_string(i), OpenMode::read_write);
      (void)write_fully(**file, bytes_of(std::string(3000, 'y')), 0);
    }
    files.crash();
    std::string all;
    const auto names = files.list(".");
    for (const std::string& name : *names) { all += name + text_of(files, name); }
    return all;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(FaultyFileSystem, FailedSyncMayDropBytesForGood) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    FaultyFileSystem files(seed);
    put(files, "f", "old");
    ASSERT_TRUE(files.sync_directory(".").has_value());
    auto file = files.open("f", OpenMode::read_write);
    ASSERT_TRUE(write_fully(**file, bytes_of("new"), 0).has_value());
    files.fail_sync(1);
    EXPECT_FALSE((*file)->sync().has_value());
    EXPECT_TRUE((*file)->sync().has_value());  // As Linux: the second time it says yes.
    EXPECT_EQ(text_of(files, "f"), "new");
    files.crash();
    lost += text_of(files, "f") == "old" ? 1 : 0;
  }
  EXPECT_GT(lost, 10);
  EXPECT_LT(lost, 90);
}

}  // namespace
}  // namespace firebrand::log
