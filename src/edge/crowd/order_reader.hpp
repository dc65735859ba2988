#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "edge/bench/latency.hpp"
#include "edge/crowd/crowd_check.hpp"
#include "edge/http/http_client.hpp"

namespace firebrand {

struct OrderToRead {
  std::string order_id;
  std::string token;  ///< Of the fan who placed it.
};

struct OrderReading {
  std::unordered_map<std::string, FoundOrder> orders;
  std::uint64_t requests = 0;
  LatencyHistogram latency;
};

/// Reads every order as its fan, over as many connections as given. What fails is asked again, up
/// to `patience` without any answer and 20 times in all; then the order stays unreadable.
[[nodiscard]] OrderReading read_orders(const HttpEndpoint& endpoint, std::uint32_t connections,
                                       const std::vector<OrderToRead>& orders, Millis timeout,
                                       Millis patience);

}  // namespace firebrand
