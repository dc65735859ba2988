#include "edge/http/request_ids.hpp"

#include <sys/random.h>

#include <array>
#include <string_view>

#include "base/assert.hpp"

namespace firebrand {

RequestIds::RequestIds() {
  // So few bytes come whole or, before the machine has any chance at all, after a wait.
  FB_ASSERT(::getrandom(&newest_, sizeof newest_, 0) == sizeof newest_);
}

Text<40> RequestIds::next() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 20> id = {'r', 'e', 'q', '_'};
  std::uint64_t number = ++newest_;
  for (std::size_t i = id.size(); i-- > 4; number >>= 4U) { id[i] = kDigits[number & 0xFU]; }
  return std::string_view(id.data(), id.size());
}

}  // namespace firebrand
