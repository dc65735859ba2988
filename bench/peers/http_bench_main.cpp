// The driver of `firebrand bench http` against any server that answers POST: what is left when the
// server does nothing. Prints the same JSON.
//   peer_http PORT CONNECTIONS REQUESTS [PID]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "edge/bench/http_load.hpp"

int main(int argc, char** argv) {
  using namespace firebrand;
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: peer_http PORT CONNECTIONS REQUESTS [PID]\n");
    return 2;
  }
  HttpBenchOptions options;
  options.endpoint.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.connections = static_cast<std::uint32_t>(std::atoi(argv[2]));
  options.phases = {
      {"fixed_answer", "/v1/drops/drop_1/orders", std::strtoull(argv[3], nullptr, 10)}};
  options.server_pid = argc == 5 ? std::atoi(argv[4]) : 0;
  // As long as a fan's own token, 47 characters, and another one for each request.
  const std::string before = "Authorization: Bearer fbs_";
  std::string line = before + std::string(43, 'x') + "\r\n";
  options.fan_headers = [&](std::uint64_t index) -> std::string_view {
    for (std::size_t i = 0; i < 16; ++i, index >>= 4) {
      line[before.size() + 15 - i] = "0123456789abcdef"[index & 15];
    }
    return line;
  };
  const auto result = run_http_bench(options);
  if (!result.has_value()) {
    std::fprintf(stderr, "peer_http: %s\n", result.error().message.c_str());
    return 1;
  }
  std::printf("%s\n", to_json(*result).c_str());
  return 0;
}
