#include "base/draw.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "base/assert.hpp"
#include "base/merkle.hpp"

namespace firebrand {

namespace {

constexpr std::array kZero = {std::byte{0}};

std::array<std::byte, 8> big_endian(std::uint64_t value) {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8U) {
    bytes[i] = static_cast<std::byte>(value & 0xFFU);
  }
  return bytes;
}

}  // namespace

Hash256 draw_commitment(const Hash256& reveal) {
  return sha256({bytes_of("firebrand-commit/1"), kZero, bytes_of(reveal)});
}

void sort_entrants(std::vector<std::string>& entrants) {
  // std::string compares its characters as unsigned ones: as bytes.
  std::ranges::sort(entrants);
  entrants.erase(std::unique(entrants.begin(), entrants.end()), entrants.end());
}

Hash256 entrants_root(std::span<const std::string> entrants) {
  MerkleRoot tree;
  for (const std::string& entrant : entrants) { tree.append(merkle_leaf(bytes_of(entrant))); }
  return tree.root();
}

Hash256 draw_seed(std::string_view draw_id, const Hash256& root, const Hash256& reveal,
                  const Hash256& beacon) {
  return sha256({bytes_of("firebrand-draw/1"), kZero, bytes_of(draw_id), kZero, bytes_of(root),
                 bytes_of(reveal), bytes_of(beacon)});
}

std::uint64_t DrawStream::next() {
  if (used_ == kWords) {
    const auto counter = big_endian(counter_++);
    block_ = sha256({bytes_of(seed_), counter});
    used_ = 0;
  }
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) { word = word << 8U | block_.data[used_ * 8 + i]; }
  ++used_;
  return word;
}

std::uint64_t DrawStream::below(std::uint64_t bound) {
  FB_ASSERT(bound > 0);
  // 2^64 mod bound: so many words at the top belong to no whole round of `bound`.
  const std::uint64_t over = (std::numeric_limits<std::uint64_t>::max() % bound + 1) % bound;
  for (;;) {
    const std::uint64_t word = next();
    if (over == 0 || word < 0 - over) { return word % bound; }
  }
}

std::vector<std::uint32_t> draw_order(const Hash256& seed, std::uint64_t count,
                                      std::uint64_t picks) {
  FB_ASSERT(count <= std::numeric_limits<std::uint32_t>::max());
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  DrawStream stream(seed);
  picks = std::min(picks, count);
  for (std::uint64_t i = 0; i < picks; ++i) {
    std::swap(order[i], order[i + stream.below(count - i)]);
  }
  order.resize(picks);
  return order;
}

}  // namespace firebrand
