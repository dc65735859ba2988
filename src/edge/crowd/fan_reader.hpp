#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"
#include "edge/bench/latency.hpp"
#include "edge/http/http_client.hpp"

namespace firebrand {

/// Something to be read after the sale.
struct FanRead {
  std::string target;
  std::string token;  ///< Of the fan who may read it; empty: everybody may.
};

/// Gets the answer to the read of that index. @return false: it says nothing, ask again.
using TakeRead = std::function<bool(std::size_t index, int status, std::string_view body)>;

/// Reads all of it, over as many connections as given. What fails is asked again, up to `patience`
/// without any answer and 20 times in all; then it stays unread.
/// @return how long the answers took.
LatencyHistogram read_as_fans(const HttpEndpoint& endpoint, std::uint32_t connections,
                              const std::vector<FanRead>& reads, Millis timeout, Millis patience,
                              const TakeRead& take);

}  // namespace firebrand
