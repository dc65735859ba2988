#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/enum_name.hpp"
#include "base/mapped_memory.hpp"
#include "base/types.hpp"
#include "edge/http/http.hpp"

namespace firebrand {

/// Whose requests are counted together.
enum class RateOf : std::uint8_t { address, api_key, person };
inline constexpr std::size_t kRatesOf = enum_values<RateOf>().size();

/// So many requests at once, and as many in each window from then on. Zero: any number.
struct Rate {
  std::uint32_t requests = 0;
  std::uint32_t window_seconds = 1;

  friend bool operator==(const Rate&, const Rate&) = default;
};
using Rates = std::array<Rate, kRatesOf>;  ///< By RateOf.

inline constexpr std::uint32_t kRateRequestsMax = 1'000'000;
inline constexpr std::uint32_t kRateWindowSecondsMax = 3'600;

/// Token buckets of those who ask, each as the one moment at which it is full again. I/O thread
/// only, so that nothing is locked.
///
/// A bucket is 16 bytes, ends by being full, and there are at most kBuckets, 16 MiB that are
/// resident only where somebody asked. Beyond that the bucket of four that is full first is
/// forgotten: who would have had it is let through, and nobody is refused for another.
class RateLimits {
 public:
  static constexpr std::size_t kBuckets = std::size_t{1} << 20U;

  /// @param seed  Random: nobody can choose who shares a place with whom.
  RateLimits(const Rates& rates, std::uint64_t seed);

  [[nodiscard]] bool limits(RateOf of) const { return rate(of).requests != 0; }
  [[nodiscard]] const Rate& rate(RateOf of) const { return rates_[static_cast<std::size_t>(of)]; }

  /// Takes a token of that bucket if there is one. O(1), one cache line.
  /// @param now_us  Microseconds of any clock that does not go back.
  /// @return zero if there was one; else how long until there is. REQUIRES: limits(of).
  [[nodiscard]] std::int64_t take(RateOf of, std::uint64_t who, std::int64_t now_us);

 private:
  struct Bucket {
    std::uint64_t key = 0;
    std::int64_t full_at_us = 0;
  };
  static constexpr std::size_t kBucketsOfSet = 4;

  Rates rates_;
  std::uint64_t seed_;
  MappedMemory memory_;
};

/// Who sends, as far as that can be known: the other end of the connection, or behind proxies of
/// ours the last address of X-Forwarded-For that is none of them; nothing if they do not say.
[[nodiscard]] std::optional<PeerAddress> client_address(const HttpRequest&,
                                                        std::span<const PeerAddress> proxies);

/// An address as one that asks: of IPv6 the network of 64 bits, for a home or a server has a whole
/// one.
[[nodiscard]] std::uint64_t number_of(const PeerAddress&);

}  // namespace firebrand
