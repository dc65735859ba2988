#include "base/wave_moment.hpp"

#include <array>
#include <span>
#include <string_view>

#include "base/big_endian.hpp"
#include "base/draw.hpp"

namespace firebrand {

Hash256 hash_secret(Hash256 secret, std::uint16_t times) {
  for (; times > 0; --times) { secret = draw_commitment(secret); }
  return secret;
}

Timestamp wave_moment(DropId id, std::uint16_t wave, Timestamp opens_at,
                      std::int32_t window_seconds, const Hash256& secret) {
  constexpr std::string_view kFormat{"firebrand-wave/1\0", 17};
  std::array<std::byte, 10> numbers;
  put_be(std::span(numbers).first(8), id.value);
  put_be(std::span(numbers).subspan(8, 2), wave);
  const Hash256 hash = sha256({bytes_of(kFormat), numbers, bytes_of(secret)});
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) { word = word << 8U | hash.data[i]; }
  const std::uint64_t window_ms = static_cast<std::uint64_t>(window_seconds) * 1'000;
  return opens_at + Millis{static_cast<std::int64_t>(word % window_ms)};
}

}  // namespace firebrand
