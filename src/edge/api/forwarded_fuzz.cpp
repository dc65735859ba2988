// Any header lines behind a proxy of ours: whoever is found is none of the proxies, and is read the
// same when written again, alone, with a port and in brackets.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "edge/api/rate_limits.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  const std::array proxies = {*PeerAddress::parse("10.0.0.1"), *PeerAddress::parse("fd00::1")};
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)parse_forwarded_address(text);
  HttpRequest http;
  http.peer = proxies[0];
  http.header_lines = text;
  const auto found = client_address(http, proxies);
  if (!found) { return 0; }
  for (const PeerAddress& proxy : proxies) { FB_ASSERT(found->bytes != proxy.bytes); }
  const std::string plain = found->text();
  const bool is_v6 = plain.find(':') != std::string::npos;
  for (const std::string& again :
       {plain, is_v6 ? "[" + plain + "]" : plain, (is_v6 ? "[" + plain + "]" : plain) + ":80"}) {
    const auto read = parse_forwarded_address(again);
    FB_ASSERT(read && read->bytes == found->bytes);
  }
  return 0;
}
