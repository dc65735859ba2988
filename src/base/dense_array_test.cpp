#include "base/dense_array.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace firebrand {
namespace {

// Large, so that a few dozen entries fill chunks.
struct Block {
  std::uint64_t number = 0;
  std::array<std::byte, (64 << 10) - 8> rest{};
};
using Blocks = DenseArray<Block>;
static_assert(Blocks::kChunkEntries == 32);

static_assert(DenseArray<std::uint64_t>::kChunkEntries * 8 == kHugePageBytes);
static_assert(DenseArray<std::array<std::uint64_t, 5>>::kChunkEntries * 40 == 5 * kHugePageBytes);

void push(Blocks& blocks, std::uint64_t number) { blocks.push_back(Block{.number = number}); }

TEST(DenseArray, EntriesStayWhereTheyAreWhileItGrows) {
  DenseArray<std::uint64_t> array;
  const std::uint64_t* const first = &array.push_back(7);
  for (std::uint64_t i = 1; i < 3 * DenseArray<std::uint64_t>::kChunkEntries; ++i) {
    array.push_back(i);
  }
  EXPECT_EQ(&array[0], first);
  EXPECT_EQ(array[0], 7U);
  EXPECT_EQ(array[array.size() - 1], array.size() - 1);
}

TEST(DenseArray, GivesBackAChunkWhenItsLastEntryIsRetired) {
  Blocks blocks;
  for (std::uint64_t i = 0; i < 100; ++i) { push(blocks, i); }
  const std::uint64_t mapped = blocks.bytes_mapped();
  for (std::uint64_t i = 32; i < 63; ++i) { blocks.retire(i); }
  EXPECT_EQ(blocks.bytes_mapped(), mapped);
  EXPECT_TRUE(blocks.resident(40));  // Retired, but its chunk has one entry left.
  blocks.retire(63);
  EXPECT_LT(blocks.bytes_mapped(), mapped);
  EXPECT_FALSE(blocks.resident(40));
  EXPECT_EQ(blocks.first(), 0U);  // In the middle: the front is still there.
  for (std::uint64_t i = 0; i < 32; ++i) { blocks.retire(i); }
  EXPECT_EQ(blocks.first(), 64U);
  EXPECT_EQ(blocks[64].number, 64U);
  EXPECT_EQ(blocks.size(), 100U);
}

// The last chunk is not full: its number of entries is not known yet.
TEST(DenseArray, KeepsTheLastChunkUntilItIsFull) {
  Blocks blocks;
  for (std::uint64_t i = 0; i < 31; ++i) {
    push(blocks, i);
    blocks.retire(i);
  }
  EXPECT_GT(blocks.bytes_mapped(), 0U);
  push(blocks, 31);
  blocks.retire(31);
  EXPECT_EQ(blocks.bytes_mapped(), 0U);
  EXPECT_EQ(blocks.first(), 32U);
  push(blocks, 32);
  EXPECT_EQ(blocks[32].number, 32U);
}

TEST(DenseArray, SkipsNumbersWithoutTakingMemoryForThem) {
  Blocks blocks;
  blocks.skip_to(1'000'000'000'005);
  EXPECT_EQ(blocks.bytes_mapped(), 0U);
  push(blocks, 5);
  EXPECT_EQ(blocks.size(), 1'000'000'000'006U);
  EXPECT_FALSE(blocks.resident(4));
  blocks.skip_to(1'000'000'000'400);
  push(blocks, 400);
  EXPECT_EQ(blocks.bytes_mapped(), 2 * kHugePageBytes);
  EXPECT_EQ(blocks[1'000'000'000'005].number, 5U);
  EXPECT_EQ(blocks[1'000'000'000'400].number, 400U);
  EXPECT_FALSE(blocks.resident(1'000'000'000'200));
  EXPECT_EQ(blocks.next_resident(0), blocks.first());
  EXPECT_EQ(blocks.next_resident(1'000'000'000'200), 1'000'000'000'384U);
  EXPECT_EQ(blocks.next_resident(blocks.size()), blocks.size());
}

TEST(DenseArray, MakesMemoryReadyAheadAndOnlyOnce) {
  Blocks blocks;
  push(blocks, 0);
  int steps = 0;
  while (blocks.make_ready(100)) { ++steps; }
  EXPECT_EQ(steps, 4);  // One for each chunk of 32.
  const std::uint64_t mapped = blocks.bytes_mapped();
  EXPECT_EQ(mapped, 4 * kHugePageBytes);
  for (std::uint64_t i = 1; i <= 100; ++i) { push(blocks, i); }
  EXPECT_EQ(blocks.bytes_mapped(), mapped);
  EXPECT_EQ(blocks[100].number, 100U);
  EXPECT_FALSE(blocks.make_ready(0));
}

TEST(DenseArray, AMovedFromArrayIsEmpty) {
  Blocks blocks;
  push(blocks, 3);
  Blocks moved(std::move(blocks));
  EXPECT_EQ(moved[0].number, 3U);
  blocks = Blocks();
  EXPECT_TRUE(blocks.empty());
  push(blocks, 4);
  EXPECT_EQ(blocks[0].number, 4U);
}

TEST(DenseArrayDeathTest, ReadingWhatWasGivenBackAborts) {
  Blocks blocks;
  for (std::uint64_t i = 0; i < 33; ++i) { push(blocks, i); }
  for (std::uint64_t i = 0; i < 32; ++i) { blocks.retire(i); }
  EXPECT_DEATH((void)blocks[3], "resident");
  EXPECT_DEATH((void)blocks[33], "resident");
}

// Against a map from number to value, with skips and retirements in any order.
RC_GTEST_PROP(DenseArrayProperty, KeepsExactlyWhatIsNotRetired, ()) {
  Blocks blocks;
  std::map<std::uint64_t, std::uint64_t> model;
  std::uint64_t size = 0;
  std::uint64_t ahead = 0;  // What was asked to be ready.
  for (int steps = *rc::gen::inRange(1, 150); steps > 0; --steps) {
    const int choice = *rc::gen::inRange(0, 12);
    if (choice < 5) {
      push(blocks, size * 3);
      model[size] = size * 3;
      ++size;
    } else if (choice < 9 && !model.empty()) {
      // Mostly the oldest, so that chunks at the front do go.
      auto entry = model.begin();
      std::advance(entry,
                   *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(model.size(), 4)));
      blocks.retire(entry->first);
      model.erase(entry);
    } else if (choice == 9) {
      size += *rc::gen::inRange<std::uint64_t>(0, 80);
      blocks.skip_to(size);
      ahead = size;
    } else if (choice > 9) {
      const std::uint64_t entries = *rc::gen::inRange<std::uint64_t>(0, 80);
      while (blocks.make_ready(entries)) {}
      ahead = std::max(ahead, size + entries);
    }
    RC_ASSERT(blocks.size() == size);
    RC_ASSERT(blocks.first() <= (model.empty() ? size : model.begin()->first));
    for (const auto& [number, value] : model) {
      RC_ASSERT(blocks.resident(number));
      RC_ASSERT(blocks[number].number == value);
    }
    std::size_t walked = 0;
    for (std::uint64_t i = blocks.next_resident(0); i < size; i = blocks.next_resident(i + 1)) {
      RC_ASSERT(blocks.resident(i));
      walked += model.contains(i) ? 1 : 0;
    }
    RC_ASSERT(walked == model.size());
    // Nothing is kept for chunks without a live entry, but the one that is being filled and those
    // that were made ready.
    std::set<std::uint64_t> chunks;
    if (size % Blocks::kChunkEntries != 0) { chunks.insert(size / Blocks::kChunkEntries); }
    for (const auto& [number, value] : model) { chunks.insert(number / Blocks::kChunkEntries); }
    for (std::uint64_t i = size; i < ahead; ++i) { chunks.insert(i / Blocks::kChunkEntries); }
    RC_ASSERT(blocks.bytes_mapped() <= chunks.size() * kHugePageBytes);
  }
}

}  // namespace
}  // namespace firebrand
