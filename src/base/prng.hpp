#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/assert.hpp"

namespace firebrand {

/// The chance of simulations, tests and draws: integers in and out, the same sequence for a seed
/// on every machine and in every release. Not for secrets.
///
/// xoshiro256**, seeded by SplitMix64. Source: Blackman and Vigna, "Scrambled Linear Pseudorandom
/// Number Generators", 2021; Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014.
class Prng {
 public:
  /// Any seed is good, zero and neighbours included.
  constexpr explicit Prng(std::uint64_t seed) {
    for (std::uint64_t& word : state_) { word = split_mix(seed); }
  }

  /// All 2^64 values are equally likely.
  constexpr std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// 0 to bound - 1, exactly even. REQUIRES: bound > 0.
  /// Source: Lemire, "Fast Random Integer Generation in an Interval", 2019.
  constexpr std::uint64_t below(std::uint64_t bound) {
    FB_ASSERT(bound > 0);
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * bound;
    auto low = static_cast<std::uint64_t>(product);
    if (low < bound) {
      const std::uint64_t surplus = (0 - bound) % bound;  // 2^64 modulo bound.
      while (low < surplus) {
        product = static_cast<Wide>(next()) * bound;
        low = static_cast<std::uint64_t>(product);
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// Both ends included. REQUIRES: min <= max.
  constexpr std::int64_t between(std::int64_t min, std::int64_t max) {
    FB_ASSERT(min <= max);
    const std::uint64_t width = static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min);
    const std::uint64_t step = width == ~std::uint64_t{0} ? next() : below(width + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(min) + step);
  }

  /// True `ppm` times in a million: 0 never, 1'000'000 always.
  constexpr bool chance_ppm(std::uint32_t ppm) { return below(1'000'000) < ppm; }

  /// Every order is equally likely (Fisher and Yates). Arrays, vectors, spans, lists of ours.
  template <class Container>
  constexpr void shuffle(Container&& entries) {
    for (std::size_t left = entries.size(); left > 1; --left) {
      using std::swap;
      swap(entries[left - 1], entries[static_cast<std::size_t>(below(left))]);
    }
  }

  /// Another sequence, for a part of a simulation that must not disturb its neighbours.
  constexpr Prng fork() { return Prng(next()); }

  /// One step of SplitMix64, which moves `state` on.
  static constexpr std::uint64_t split_mix(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return mixed ^ mixed >> 31;
  }

 private:
  friend struct PrngTestAccess;
  static constexpr std::uint64_t rotate(std::uint64_t word, int left) {
    return word << left | word >> (64 - left);
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace firebrand
