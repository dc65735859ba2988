#include "base/shuffled_order.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstddef>

#include "base/assert.hpp"
#include "base/little_endian.hpp"

namespace firebrand {

namespace {

static_assert(crypto_shorthash_siphash24_KEYBYTES == 16);
static_assert(crypto_shorthash_siphash24_BYTES == 8);

std::uint64_t first_word(const Hash256& hash) {
  return load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(hash.data.data()));
}

Hash256 round_hash(const Hash256& seed, unsigned round) {
  const std::array<std::byte, 1> number = {static_cast<std::byte>(round)};
  return sha256({bytes_of(seed), number});
}

}  // namespace

ShuffledOrder::ShuffledOrder(const Hash256& seed, std::uint64_t size) : size_(size) {
  if (size_ == 0) { return; }
  for (unsigned round = 0; round < kRounds; ++round) {
    pivots_[round] = first_word(round_hash(seed, round)) % size_;
  }
  const Hash256 key = round_hash(seed, 0xFF);
  std::copy_n(key.data.begin(), key_.size(), key_.begin());
}

std::uint64_t ShuffledOrder::swapped(unsigned round, std::uint64_t index) const {
  const std::uint64_t pivot = pivots_[round];
  const std::uint64_t partner = pivot >= index ? pivot - index : pivot + size_ - index;
  std::array<std::byte, 16> message;
  store_le(message.data(), std::uint64_t{round});
  store_le(message.data() + 8, std::max(index, partner));
  std::array<unsigned char, 8> hash;
  crypto_shorthash_siphash24(hash.data(), reinterpret_cast<const unsigned char*>(message.data()),
                             message.size(), key_.data());
  return (hash[0] & 1U) != 0 ? partner : index;
}

std::uint64_t ShuffledOrder::position_of(std::uint64_t entry) const {
  FB_ASSERT(entry < size_);
  for (unsigned round = 0; round < kRounds; ++round) { entry = swapped(round, entry); }
  return entry;
}

std::uint64_t ShuffledOrder::entry_at(std::uint64_t position) const {
  FB_ASSERT(position < size_);
  // A round swaps the same two again: the rounds backwards undo the shuffle.
  for (unsigned round = kRounds; round-- > 0;) { position = swapped(round, position); }
  return position;
}

}  // namespace firebrand
