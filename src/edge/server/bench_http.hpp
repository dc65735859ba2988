#pragma once

#include <cstdint>
#include <string>

namespace firebrand {

struct HttpBenchArguments {
  std::uint32_t connections = 64;
  std::uint64_t requests = 200'000;
  std::string phase = "both";
  std::string data = "bench-data";
  bool pin = false;
  bool json = false;
};
[[nodiscard]] int bench_http(const HttpBenchArguments& arguments);

struct SseBenchArguments {
  std::uint32_t watchers = 10'000;
  std::string data = "bench-data";
  bool json = false;
};
[[nodiscard]] int bench_sse(const SseBenchArguments& arguments);

struct TokenArguments {
  std::string data;
  std::uint64_t count = 100'000;
};
/// Fans 1 to count of an installation, valid for a day.
[[nodiscard]] int print_tokens(const TokenArguments& arguments);

}  // namespace firebrand
