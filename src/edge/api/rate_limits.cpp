#include "edge/api/rate_limits.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "base/digest.hpp"

namespace firebrand {

namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

/// Values of all X-Forwarded-For lines, in their order: a proxy adds to one, or adds one.
std::vector<std::string_view> forwarded_for(std::string_view lines) {
  std::vector<std::string_view> values;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    if (line.empty()) { break; }
    lines.remove_prefix(line.size());
    const std::string_view value = find_header(line, "X-Forwarded-For");
    if (!value.empty()) { values.push_back(value); }
  }
  return values;
}

}  // namespace

RateLimits::RateLimits(const Rates& rates, std::uint64_t seed) : rates_(rates), seed_(seed) {
  if (std::ranges::any_of(rates, [](const Rate& rate) { return rate.requests != 0; })) {
    memory_ = MappedMemory(kBuckets * sizeof(Bucket), PageHint::small);
  }
}

std::int64_t RateLimits::take(RateOf of, std::uint64_t who, std::int64_t now_us) {
  FB_ASSERT(limits(of));
  const std::int64_t window = rate(of).window_seconds * kMicrosPerSecond;
  const std::int64_t token = std::max<std::int64_t>(window / rate(of).requests, 1);
  const std::uint64_t key = hash_words(seed_, of, who) | 1U;  // An empty place has none.
  const std::span set(static_cast<Bucket*>(memory_.data()) +
                          (key >> 32U) % (kBuckets / kBucketsOfSet) * kBucketsOfSet,
                      kBucketsOfSet);
  Bucket* bucket = set.data();
  for (Bucket& known : set) {
    if (known.key == key) {
      bucket = &known;
      break;
    }
    if (known.full_at_us < bucket->full_at_us) { bucket = &known; }
  }
  if (bucket->key != key) { *bucket = {key, now_us}; }
  const std::int64_t full_at = std::max(bucket->full_at_us, now_us) + token;
  if (full_at > now_us + window) { return full_at - now_us - window; }
  bucket->full_at_us = full_at;
  return 0;
}

std::optional<PeerAddress> client_address(const HttpRequest& http,
                                          std::span<const PeerAddress> proxies) {
  const auto is_proxy = [&](const PeerAddress& address) {
    return std::ranges::any_of(
        proxies, [&](const PeerAddress& proxy) { return proxy.bytes == address.bytes; });
  };
  if (!is_proxy(http.peer)) { return http.peer; }
  // Whoever is behind the proxies may write what they like in front of what these add.
  std::vector<std::string_view> lines = forwarded_for(http.header_lines);
  for (; !lines.empty(); lines.pop_back()) {
    std::string_view list = lines.back();
    while (!list.empty()) {
      const std::size_t comma = list.rfind(',');
      std::string_view one = comma == std::string_view::npos ? list : list.substr(comma + 1);
      list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
      while (one.starts_with(' ') || one.starts_with('\t')) { one.remove_prefix(1); }
      while (one.ends_with(' ') || one.ends_with('\t')) { one.remove_suffix(1); }
      const auto address = PeerAddress::parse_forwarded(one);
      if (!address) { return std::nullopt; }
      if (!is_proxy(*address)) { return address; }
    }
  }
  return std::nullopt;
}

std::uint64_t number_of(const PeerAddress& address) {
  const std::size_t begin = address.is_v4() ? 8 : 0;  // ::ffff:a.b.c.d
  std::uint64_t number = 0;
  for (std::size_t i = begin; i < begin + 8; ++i) { number = number << 8U | address.bytes[i]; }
  return number;
}

}  // namespace firebrand
