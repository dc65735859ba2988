#include "base/digest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace firebrand {
namespace {

// The values are part of the stored format: every compiler at every level must find these, at
// compile time and at run time.
static_assert(hash_words(1, 2, 3, 4, 5) == 0xED171B8F3931BCDC);
static_assert(hash_words(-1) == 0xA5C83C3024A0A80A);
static_assert(hash_words(std::span<const std::uint64_t>()) == 0x3B61393D49F9B66A);
static_assert(hash_words(SkuId{7}, from_unix_ms(3)) == hash_words(7, 3));

TEST(HashWords, IsTheSameAtRunTime) {
  const std::vector<std::uint64_t> words = {1, 2, 3, 4, 5};
  EXPECT_EQ(hash_words(words), 0xED171B8F3931BCDC);
}

TEST(HashWords, LengthCounts) {
  std::set<std::uint64_t> hashes;
  std::vector<std::uint64_t> zeros;
  for (int length = 0; length < 40; ++length) {
    hashes.insert(hash_words(zeros));
    zeros.push_back(0);
  }
  EXPECT_EQ(hashes.size(), 40U);
}

TEST(HashWords, SmallNeighboursNeverCollide) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t a = 0; a < 200; ++a) {
    for (std::uint64_t b = 0; b < 200; ++b) {
      hashes.insert(hash_words(a, b));
      hashes.insert(hash_words(std::uint64_t{3}, a, b));
    }
  }
  EXPECT_EQ(hashes.size(), 2U * 200 * 200);
}

// Goal: one changed bit anywhere changes about half of the hash, so that sums do not cancel.
TEST(HashWords, OneBitChangesHalfOfTheHash) {
  for (std::size_t length = 1; length <= 17; ++length) {
    int flipped = 0;
    int trials = 0;
    for (std::uint64_t round = 0; round < 8; ++round) {
      std::vector<std::uint64_t> words(length);
      for (std::size_t i = 0; i < length; ++i) { words[i] = hash_words(round, i); }
      const std::uint64_t before = hash_words(words);
      for (std::uint64_t& word : words) {
        for (int bit = 0; bit < 64; ++bit) {
          word ^= std::uint64_t{1} << bit;
          const int changed = std::popcount(before ^ hash_words(words));
          EXPECT_GT(changed, 8) << "length " << length << " bit " << bit;
          flipped += changed;
          ++trials;
          word ^= std::uint64_t{1} << bit;
        }
      }
    }
    EXPECT_NEAR(flipped / static_cast<double>(trials), 32.0, 0.75) << "length " << length;
  }
}

TEST(HashBytes, KnownValuesAndLength) {
  const std::string_view text("firebrand\0", 10);
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(hash_bytes(bytes.first(9)), 0xA80C51D0FA6E4BB0);
  std::set<std::uint64_t> hashes;
  for (std::size_t length = 0; length <= 10; ++length) {
    hashes.insert(hash_bytes(bytes.first(length)));
  }
  EXPECT_EQ(hashes.size(), 11U);  // A zero byte at the end counts as well.
}

TEST(HashBytes, ReadsLittleEndianWordsAtAnyAlignment) {
  std::vector<std::byte> bytes(8 * 20 + 7);
  for (std::size_t i = 0; i < bytes.size(); ++i) { bytes[i] = static_cast<std::byte>(i * 37 + 1); }
  const std::uint64_t want = hash_bytes(bytes);
  std::vector<std::byte> shifted(1, std::byte{0});
  shifted.insert(shifted.end(), bytes.begin(), bytes.end());
  EXPECT_EQ(hash_bytes(std::span(shifted).subspan(1)), want);
}

RC_GTEST_PROP(DigestProperty, DependsOnTheEntriesAndNotOnTheirOrder,
              (std::vector<std::uint64_t> entries, const std::vector<std::uint64_t>& gone)) {
  Digest forward;
  for (const std::uint64_t entry : entries) { forward.add(hash_words(entry)); }
  Digest mixed;
  for (const std::uint64_t entry : gone) { mixed.add(hash_words(entry)); }
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    mixed.add(hash_words(*entry + 1));
    mixed.replace(hash_words(*entry + 1), hash_words(*entry));
  }
  for (const std::uint64_t entry : gone) { mixed.remove(hash_words(entry)); }
  RC_ASSERT(mixed == forward);
  forward.add(hash_words(0));
  RC_ASSERT(mixed.value() != forward.value());
}

}  // namespace
}  // namespace firebrand
