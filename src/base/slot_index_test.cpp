#include "base/slot_index.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/digest.hpp"

namespace firebrand {
namespace {

/// How well the keys are spread: the index must be right for all, though fast only for the first.
enum class Spread : std::uint8_t { even, crowded, around_the_end, all_equal };

std::uint64_t hash_of(std::uint64_t key, Spread spread) {
  const std::uint64_t even = hash_words(key);
  switch (spread) {
    case Spread::even:
      return even;
    case Spread::crowded:  // Sixteen homes, runs of dozens.
      return even & 0xF000'0000'FFFF'FFFF;
    case Spread::around_the_end:  // Runs that go on at the start of the table.
      return even | 0xFFC0'0000'0000'0000;
    case Spread::all_equal:
      return 0;
  }
  return 0;
}

/// Keys in a plain array, the index beside it, and a map as the second opinion.
class Checked {
 public:
  explicit Checked(Spread spread) : spread_(spread) {}

  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t key) const {
    return index_.find(hash_of(key, spread_),
                       [&](std::uint32_t slot) { return keys_[slot] == key; });
  }
  void insert(std::uint64_t key) {
    const auto slot = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(key);
    index_.insert(hash_of(key, spread_), slot);
    slots_[key] = slot;
  }
  void erase(std::uint64_t key) {
    index_.erase(hash_of(key, spread_), slots_.at(key));
    slots_.erase(key);
  }
  [[nodiscard]] bool has(std::uint64_t key) const { return slots_.contains(key); }
  [[nodiscard]] bool agrees_on(std::uint64_t key) const {
    const auto slot = slots_.find(key);
    return find(key) == (slot == slots_.end() ? std::nullopt : std::optional(slot->second));
  }
  [[nodiscard]] bool agrees() const {
    if (index_.size() != slots_.size()) { return false; }
    for (const auto& [key, slot] : slots_) {
      if (find(key) != slot) { return false; }
    }
    return true;
  }
  [[nodiscard]] std::vector<std::uint64_t> all_keys() const {
    std::vector<std::uint64_t> keys;
    for (const auto& [key, slot] : slots_) { keys.push_back(key); }
    return keys;
  }
  [[nodiscard]] SlotIndex& index() { return index_; }

 private:
  Spread spread_;
  SlotIndex index_;
  std::vector<std::uint64_t> keys_;
  std::map<std::uint64_t, std::uint32_t> slots_;
};

TEST(SlotIndex, FindsNothingInAnEmptyIndex) {
  const Checked checked(Spread::even);
  EXPECT_EQ(checked.find(1), std::nullopt);
}

TEST(SlotIndex, AnEntryIsFoundThroughoutAGrowth) {
  Checked checked(Spread::even);
  bool grew = false;
  for (std::uint64_t key = 0; key < 5'000; ++key) {
    checked.insert(key);
    grew = grew || checked.index().growing();
    if (checked.index().growing()) { ASSERT_TRUE(checked.agrees()) << "after key " << key; }
  }
  EXPECT_TRUE(grew);
  EXPECT_TRUE(checked.agrees());
  EXPECT_EQ(checked.find(5'000), std::nullopt);
}

TEST(SlotIndex, ReserveSparesTheGrowth) {
  Checked checked(Spread::even);
  checked.insert(1'000'000);
  checked.index().reserve(100'000);
  const std::uint64_t bytes = checked.index().bytes_mapped();
  for (std::uint64_t key = 0; key < 99'999; ++key) {
    checked.insert(key);
    ASSERT_FALSE(checked.index().growing());
  }
  EXPECT_EQ(checked.index().bytes_mapped(), bytes);
  EXPECT_TRUE(checked.agrees());
}

TEST(SlotIndex, ReserveFinishesAGrowthUnderWay) {
  Checked checked(Spread::even);
  for (std::uint64_t key = 0; !checked.index().growing(); ++key) { checked.insert(key); }
  checked.index().reserve(1);
  EXPECT_FALSE(checked.index().growing());
  EXPECT_TRUE(checked.agrees());
  checked.index().reserve(10'000);
  EXPECT_TRUE(checked.agrees());
}

// A run that goes around the end of the old table while it is swept: its entries lie on places that
// were swept before, and must be found all the same.
TEST(SlotIndex, RunsAroundTheEndSurviveAGrowth) {
  Checked checked(Spread::even);
  std::vector<std::uint64_t> low;
  std::vector<std::uint64_t> high;  // Homes at the very end of the table of 512 places.
  for (std::uint64_t key = 0; low.size() < 384 || high.size() < 30; ++key) {
    const std::uint64_t home = hash_words(key) >> 55U;
    if (home < 500 && low.size() < 384) { low.push_back(key); }
    if (home >= 508 && high.size() < 30) { high.push_back(key); }
  }
  std::uint64_t next_key = 1'000'000;
  for (const std::uint64_t key : low) { checked.insert(key); }
  for (const std::uint64_t key : high) {
    checked.insert(key);
    ASSERT_TRUE(checked.agrees()) << "after key " << key;
  }
  while (checked.index().growing()) { checked.insert(next_key++); }
  for (const std::uint64_t key : checked.all_keys()) {
    checked.erase(key);
    ASSERT_TRUE(checked.agrees_on(key)) << "key " << key;  // No second copy was left behind.
  }
}

// Large enough that swept pages of the old table are discarded on the way.
TEST(SlotIndex, GrowsPastManyHugePages) {
  SlotIndex index;
  constexpr std::uint32_t kEntries = 1'600'000;
  const auto find = [&](std::uint32_t key) {
    return index.find(hash_words(key), [&](std::uint32_t slot) { return slot == key; });
  };
  for (std::uint32_t key = 0; key < kEntries; ++key) {
    index.insert(hash_words(key), key);
    if (key % 7 == 0) { ASSERT_EQ(find(key / 2), key / 2); }
  }
  for (std::uint32_t key = 0; key < kEntries; ++key) { ASSERT_EQ(find(key), key); }
}

TEST(SlotIndex, WhatWasMadeReadyTakesTheInsertsWithoutGrowing) {
  SlotIndex index;
  for (std::uint32_t key = 0; key < 300; ++key) { index.insert(hash_words(key), key); }
  while (index.make_ready(100'000)) {}
  const std::uint64_t bytes = index.bytes_mapped();
  for (std::uint32_t key = 300; key < 100'300; ++key) {
    index.insert(hash_words(key), key);
    ASSERT_FALSE(index.growing());
  }
  EXPECT_EQ(index.bytes_mapped(), bytes);
  EXPECT_FALSE(index.make_ready(0));
}

TEST(SlotIndexDeathTest, ErasingWhatIsNotThereAborts) {
  SlotIndex index;
  index.insert(hash_words(1), 0);
  EXPECT_DEATH(index.erase(hash_words(2), 0), "assertion");
  EXPECT_DEATH(index.erase(hash_words(1), 1), "assertion");
}

// Inserts, erasures and re-insertions in waves, over keys that collide, across several growths.
RC_GTEST_PROP(SlotIndexProperty, AnswersLikeAMap, ()) {
  const auto spread =
      *rc::gen::element(Spread::even, Spread::crowded, Spread::around_the_end, Spread::all_equal);
  const std::uint64_t keys = *rc::gen::inRange<std::uint64_t>(1, 900);
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  Checked checked(spread);
  for (std::uint64_t step = 0; step < 3'000; ++step) {
    const std::uint64_t random = hash_words(seed, step);
    const std::uint64_t key = random % keys;
    // Mostly inserts, then mostly erasures, and so on.
    const bool insert = (random >> 32U) % 8 < (step / 700 % 2 == 0 ? 7 : 2);
    if (insert && !checked.has(key)) { checked.insert(key); }
    if (!insert && checked.has(key)) { checked.erase(key); }
    if ((random >> 48U) % 16 == 0) { checked.index().make_ready((random >> 52U) % 512); }
    RC_ASSERT(checked.agrees_on(key));
    RC_ASSERT(checked.agrees_on((random >> 40U) % keys));
    if (step % 64 == 0) { RC_ASSERT(checked.agrees()); }
  }
  RC_ASSERT(checked.agrees());
}

}  // namespace
}  // namespace firebrand
