#include "core/engine/repeats.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "base/prng.hpp"
#include "core/core_testing.hpp"

namespace firebrand {
namespace {

constexpr std::int64_t kDay = Millis(kRepeatWindow).count();

RequestKey key_of(std::uint64_t n) {
  // Spread over the index as a keyed hash would be; the low word is what the index sees.
  RequestKey key;
  auto* const bytes = reinterpret_cast<std::byte*>(key.data.data());
  store_le(bytes, hash_words(n));
  store_le(bytes + 8, n);
  return key;
}

Repeat repeat(std::uint64_t key, std::int64_t ms, std::uint64_t fingerprint = 5) {
  Repeat repeat{.key = key_of(key),
                .fingerprint = fingerprint,
                .remembered_at = from_unix_ms(ms),
                .command = 0x0620,
                .result_size = 9};
  repeat.result[0] = std::byte{0};
  repeat.result[8] = static_cast<std::byte>(key);
  return repeat;
}

enum class RepeatKind { fresh, same, different };

RepeatKind find(const Repeats& repeats, std::uint64_t key, std::int64_t ms,
                std::uint64_t fingerprint = 5) {
  const Repeat* const found = repeats.find(key_of(key), from_unix_ms(ms));
  if (found == nullptr) { return RepeatKind::fresh; }
  return found->fingerprint == fingerprint ? RepeatKind::same : RepeatKind::different;
}

TEST(Repeats, KnowsTheKeyWithItsCommandForOneDay) {
  Repeats repeats;
  EXPECT_EQ(find(repeats, 1, 100), RepeatKind::fresh);
  repeats.remember(repeat(1, 100));
  EXPECT_EQ(find(repeats, 1, 100), RepeatKind::same);
  EXPECT_EQ(find(repeats, 1, 100, 6), RepeatKind::different);
  EXPECT_EQ(find(repeats, 2, 100), RepeatKind::fresh);
  EXPECT_EQ(find(repeats, 1, 100 + kDay - 1), RepeatKind::same);
  EXPECT_EQ(find(repeats, 1, 100 + kDay), RepeatKind::fresh);
  EXPECT_EQ(find(repeats, 1, 100 + kDay, 6), RepeatKind::fresh);
  EXPECT_EQ(repeats.find(key_of(1), from_unix_ms(100))->result[8], std::byte{1});
}

TEST(Repeats, TheSameKeyMayComeAgainAfterItsTime) {
  Repeats repeats;
  for (std::uint64_t key = 1; key <= 5; ++key) { repeats.remember(repeat(key, 100)); }
  // The fourth still waits to be forgotten when it comes again.
  repeats.remember(repeat(4, 100 + kDay, 6));
  EXPECT_EQ(find(repeats, 4, 100 + kDay, 6), RepeatKind::same);
  EXPECT_EQ(find(repeats, 4, 100 + kDay, 5), RepeatKind::different);
  repeats.check_invariants();
  EXPECT_EQ(repeats.size(), 3U);  // Two of the old ones left for it, and its own first entry.
  repeats.remember(repeat(3, 100 + kDay, 7));
  repeats.check_invariants();
  EXPECT_EQ(repeats.size(), 2U);
}

TEST(Repeats, WhatIsOverLeavesTwoByTwo) {
  Repeats repeats;
  for (std::uint64_t key = 1; key <= 6; ++key) { repeats.remember(repeat(key, 0)); }
  EXPECT_EQ(repeats.size(), 6U);
  const std::uint64_t sizes[] = {5, 4, 3, 4};
  for (std::uint64_t i = 0; i < 4; ++i) {
    repeats.remember(repeat(10 + i, kDay));
    EXPECT_EQ(repeats.size(), sizes[i]);
    repeats.check_invariants();
  }
}

TEST(Repeats, TheOldestLeavesAtTheBound) {
  Repeats repeats(3);
  for (std::uint64_t key = 1; key <= 5; ++key) {
    repeats.remember(repeat(key, static_cast<std::int64_t>(key)));
    EXPECT_LE(repeats.size(), 3U);
    repeats.check_invariants();
  }
  EXPECT_EQ(find(repeats, 2, 6), RepeatKind::fresh);
  EXPECT_EQ(find(repeats, 3, 6), RepeatKind::same);
  EXPECT_EQ(find(repeats, 5, 6), RepeatKind::same);
}

TEST(Repeats, LoadRefusesWhatWasNeverSaved) {
  Repeats repeats;
  for (std::uint64_t key = 1; key <= 3; ++key) { repeats.remember(repeat(key, 9)); }
  Repeats loaded;
  expect_no_prefix_loads(repeats, loaded);
  std::vector<std::byte> twice = saved(repeats);
  // Entries are 45 bytes behind the bound and the count: the first key once more as the second.
  std::copy_n(twice.begin() + 16, 16, twice.begin() + 16 + 45);
  MemorySource source(twice);
  EXPECT_FALSE(loaded.load(source));
  for (const std::uint64_t bound : {std::uint64_t{0}, std::uint64_t{2}, kRepeatsMax + 1}) {
    std::vector<std::byte> bounded = saved(repeats);
    store_le(bounded.data(), bound);
    MemorySource with_bound(bounded);
    EXPECT_FALSE(loaded.load(with_bound)) << "three entries, bound " << bound;
  }
}

TEST(Repeats, TheBoundComesWithWhatWasSaved) {
  Repeats three(3);
  EXPECT_NE(three.digest(), Repeats().digest());
  for (std::uint64_t key = 1; key <= 3; ++key) { three.remember(repeat(key, 9)); }
  Repeats loaded(100);
  loaded.remember(repeat(7, 9));
  reload(three, loaded);
  for (Repeats* const repeats : {&three, &loaded}) { repeats->remember(repeat(4, 9)); }
  EXPECT_EQ(find(loaded, 1, 9), RepeatKind::fresh);
  EXPECT_EQ(loaded.size(), 3U);
  EXPECT_EQ(loaded.digest(), three.digest());
}

/// The same rules over a plain list.
class NaiveRepeats {
 public:
  explicit NaiveRepeats(std::uint64_t entries_max) : entries_max_(entries_max) {}

  RepeatKind find(const RequestKey& key, std::uint64_t fingerprint, Timestamp now) const {
    for (const Repeat& entry : entries_) {
      if (entry.key != key || now >= entry.remembered_at + kRepeatWindow) { continue; }
      return entry.fingerprint == fingerprint ? RepeatKind::same : RepeatKind::different;
    }
    return RepeatKind::fresh;
  }
  void remember(const Repeat& repeat) {
    for (int i = 0; i < 2 && !entries_.empty(); ++i) {
      const bool over = repeat.remembered_at >= entries_.front().remembered_at + kRepeatWindow;
      if (over || entries_.size() >= entries_max_) { entries_.erase(entries_.begin()); }
    }
    std::erase_if(entries_, [&](const Repeat& entry) { return entry.key == repeat.key; });
    entries_.push_back(repeat);
  }
  const std::vector<Repeat>& entries() const { return entries_; }

 private:
  std::uint64_t entries_max_;
  std::vector<Repeat> entries_;
};

// Few keys, so that they come again before, at and after their time; steps of hours.
RC_GTEST_PROP(RepeatsProperty, AgreesWithAPlainList, (std::uint64_t seed)) {
  Prng prng(seed);
  const std::uint64_t bound = 1 + prng.below(12);
  Repeats repeats(bound);
  NaiveRepeats naive(bound);
  std::int64_t now = 0;
  for (int step = 0; step < 200; ++step) {
    now += prng.between(0, 3) * kDay / 8;
    const std::uint64_t key = prng.below(16);
    const std::uint64_t fingerprint = prng.below(2);
    const RepeatKind want = naive.find(key_of(key), fingerprint, from_unix_ms(now));
    RC_ASSERT(find(repeats, key, now, fingerprint) == want);
    if (want == RepeatKind::fresh) {
      repeats.remember(repeat(key, now, fingerprint));
      naive.remember(repeat(key, now, fingerprint));
    }
    RC_ASSERT(repeats.size() == naive.entries().size());
    if (step % 50 == 0) {
      repeats.check_invariants();
      // The digest says what is remembered, not how it came about.
      Repeats fresh(bound);
      for (const Repeat& entry : naive.entries()) { fresh.remember(entry); }
      if (fresh.size() == repeats.size()) { RC_ASSERT(fresh.digest() == repeats.digest()); }
      Repeats loaded;
      reload(repeats, loaded);
      repeats = std::move(loaded);  // It must go on alike.
    }
  }
}

}  // namespace
}  // namespace firebrand
