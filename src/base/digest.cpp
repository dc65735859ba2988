#include "base/digest.hpp"

#include "base/little_endian.hpp"

namespace firebrand {

std::uint64_t hash_bytes(std::span<const std::byte> bytes) noexcept {
  const std::size_t whole = bytes.size() / 8;
  const std::size_t rest = bytes.size() % 8;
  return digest_detail::hash(whole + (rest != 0 ? 1 : 0), bytes.size(), [&](std::size_t i) {
    if (i < whole) { return load_le<std::uint64_t>(bytes.data() + 8 * i); }
    // The rest of a long text is read with bytes before it: a word that is put together byte by
    // byte in memory has to wait for its own stores.
    if (whole > 0) {
      return load_le<std::uint64_t>(bytes.data() + bytes.size() - 8) >> (64 - 8 * rest);
    }
    std::uint64_t last = 0;
    for (std::size_t at = rest; at-- > 0;) {
      last = last << 8U | std::to_integer<std::uint64_t>(bytes[at]);
    }
    return last;
  });
}

}  // namespace firebrand
