// Any text as an address of X-Forwarded-For: what is read is read the same when it is written
// again, plain, in brackets, and with a port.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "edge/http/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using firebrand::PeerAddress;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto found = PeerAddress::parse_forwarded(text);
  if (!found) { return 0; }
  FB_ASSERT(found->port == 0);
  const std::string plain = found->text();
  const bool is_v6 = plain.find(':') != std::string::npos;
  const std::string framed = is_v6 ? "[" + plain + "]" : plain;
  for (const std::string& again : {plain, framed, framed + ":80"}) {
    const auto read = PeerAddress::parse_forwarded(again);
    FB_ASSERT(read && *read == *found);
  }
  return 0;
}
