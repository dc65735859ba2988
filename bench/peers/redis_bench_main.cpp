// The purchases of `firebrand bench http`, against Redis: place_order.redis.lua by EVALSHA over one
// epoll loop, each connection with one request in flight. Prints the same JSON.
//   peer_redis PORT CONNECTIONS REQUESTS SCRIPT.lua
// Half of the requests find stock for everyone, half find it for one in ten. At the end the
// counters in Redis must agree with what was answered.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "edge/bench/http_load.hpp"
#include "edge/bench/process_stats.hpp"

namespace firebrand {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "peer_redis: %s\n", what.c_str());
  std::exit(1);
}

int dial(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("nobody listens on port " + std::to_string(port));
  }
  return fd;
}

/// RESP: an array of bulk strings.
void put_bulk(std::string& out, std::string_view text) {
  out.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

std::string command(const std::vector<std::string_view>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) { put_bulk(out, word); }
  return out;
}

/// One whole reply at the start of `bytes`: its size, or zero if more is to come.
std::size_t reply_size(std::string_view bytes) {
  const std::size_t line_end = bytes.find("\r\n");
  if (line_end == std::string_view::npos) { return 0; }
  std::size_t size = line_end + 2;
  if (bytes.front() != '$' && bytes.front() != '*') { return size; }
  long count = 0;
  std::from_chars(bytes.data() + 1, bytes.data() + line_end, count);
  if (bytes.front() == '$') {
    size += count < 0 ? 0 : static_cast<std::size_t>(count) + 2;
    return bytes.size() < size ? 0 : size;
  }
  for (; count > 0; --count) {
    const std::size_t part = reply_size(bytes.substr(size));
    if (part == 0) { return 0; }
    size += part;
  }
  return size;
}

class Redis {
 public:
  explicit Redis(std::uint16_t port) : fd_(dial(port)) {}
  ~Redis() { close(fd_); }
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  /// The reply: a string without its framing, an array as it came.
  std::string call(const std::vector<std::string_view>& words) {
    const std::string request = command(words);
    if (write(fd_, request.data(), request.size()) != static_cast<ssize_t>(request.size())) {
      fail("cannot write");
    }
    std::string bytes;
    char buffer[4096];
    while (reply_size(bytes) == 0) {
      const ssize_t got = read(fd_, buffer, sizeof buffer);
      if (got <= 0) { fail("closed"); }
      bytes.append(buffer, static_cast<std::size_t>(got));
    }
    if (bytes.front() == '-') { fail(bytes); }
    if (bytes.front() == '*') { return bytes; }
    const std::size_t line_end = bytes.find("\r\n");
    return bytes.front() == '$' ? bytes.substr(line_end + 2, bytes.size() - line_end - 4)
                                : bytes.substr(1, line_end - 1);
  }

 private:
  int fd_;
};

/// Purchases of one drop, built without allocation: everything but person, key and time is fixed.
class Purchases {
 public:
  Purchases(std::string_view sha, std::string_view drop) {
    const std::string name(drop);
    head_ = "*11\r\n$7\r\nEVALSHA\r\n";
    put_bulk(head_, sha);
    put_bulk(head_, "4");
    for (const char* part : {"", ":owners", ":repeats", ":orders"}) {
      put_bulk(head_, "{" + name + "}" + part);
    }
  }

  void append_next(std::string& out, std::int64_t now_ms) {
    char text[96];
    const auto person = static_cast<unsigned long long>(next_++);
    out += head_;
    const int size = std::snprintf(
        text, sizeof text, "$13\r\nper_%09llu\r\n$20\r\n%020llu\r\n$1\r\n1\r\n$13\r\n%013lld\r\n",
        person, person, static_cast<long long>(now_ms));
    out.append(text, static_cast<std::size_t>(size));
  }

 private:
  std::string head_;
  std::uint64_t next_ = 0;
};

struct Connection {
  int fd = -1;
  std::string in;
  Clock::time_point sent_at;
};

HttpBenchPhaseResult run_phase(std::vector<Connection>& connections, int epoll, Purchases purchases,
                               std::string name, std::uint64_t requests) {
  HttpBenchPhaseResult result;
  result.name = std::move(name);
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count();
  std::uint64_t to_send = requests;
  std::string out;
  const auto send_next = [&](Connection& connection) {
    if (to_send == 0) { return; }
    --to_send;
    out.clear();
    purchases.append_next(out, now_ms);
    connection.sent_at = Clock::now();
    if (write(connection.fd, out.data(), out.size()) != static_cast<ssize_t>(out.size())) {
      fail("cannot write");
    }
  };
  const auto driver_before = thread_cpu_time();
  const auto start = Clock::now();
  for (Connection& connection : connections) { send_next(connection); }
  epoll_event events[512];
  char buffer[16 * 1024];
  while (result.answers < requests) {
    const int count = epoll_wait(epoll, events, 512, 30'000);
    if (count <= 0) { fail("no answer for 30 s"); }
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections[events[i].data.u32];
      const ssize_t got = read(connection.fd, buffer, sizeof buffer);
      if (got <= 0) { fail("closed"); }
      connection.in.append(buffer, static_cast<std::size_t>(got));
      if (reply_size(connection.in) == 0) { continue; }
      result.latency.record(Clock::now() - connection.sent_at);
      ++result.answers;
      const std::string_view reply = connection.in;
      if (reply.front() == '-') { fail(connection.in); }
      if (reply.front() == '$') {
        ++result.sold;
      } else {
        ++result.refused;
        ++result.refused_by_status[409];
      }
      connection.in.clear();
      send_next(connection);
    }
  }
  result.elapsed = Clock::now() - start;
  result.driver_cpu = thread_cpu_time() - driver_before;
  return result;
}

int run(std::uint16_t port, std::uint32_t count, std::uint64_t requests, const char* script_path) {
  std::ifstream file(script_path);
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  if (script.empty()) { fail(std::string(script_path) + " cannot be read"); }
  Redis redis(port);
  const std::string sha = redis.call({"SCRIPT", "LOAD", script});
  const std::string info = redis.call({"INFO", "server"});
  const std::size_t pid_at = info.find("process_id:");
  const pid_t server = pid_at == std::string::npos ? 0 : std::atoi(info.c_str() + pid_at + 11);

  const int epoll = epoll_create1(0);
  std::vector<Connection> connections(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    connections[i].fd = dial(port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
  }

  HttpBenchResult result;
  result.connections = count;
  const struct {
    const char* name;
    std::uint64_t requests;
    std::uint64_t units;
  } phases[] = {{"in_stock", requests, requests}, {"sold_out_90", requests, requests / 10}};
  for (const auto& phase : phases) {
    const std::string drop = "{" + std::string(phase.name) + "}";
    redis.call({"HSET", drop, "left", std::to_string(phase.units), "limit", "1", "price", "199900",
                "window_ms", "900000"});
    const auto before = process_cpu_time(server);
    result.phases.push_back(
        run_phase(connections, epoll, Purchases(sha, phase.name), phase.name, phase.requests));
    const auto after = process_cpu_time(server);
    if (before && after) { result.phases.back().server_cpu = *after - *before; }
    const std::string left = redis.call({"HGET", drop, "left"});
    const std::string orders = redis.call({"HLEN", drop + ":orders"});
    if (left != "0" || orders != std::to_string(phase.units) ||
        result.phases.back().sold != phase.units) {
      fail("sold " + std::to_string(result.phases.back().sold) + ", Redis counts " + orders +
           " orders and has " + left + " left of " + std::to_string(phase.units));
    }
  }
  const auto is_set = [&](std::string_view option, std::string_view value) {
    return redis.call({"CONFIG", "GET", option}).find(value) != std::string::npos;
  };
  result.durable = is_set("appendonly", "yes") && is_set("appendfsync", "always");
  std::printf("%s\n", to_json(result).c_str());
  return 0;
}

}  // namespace
}  // namespace firebrand

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: peer_redis PORT CONNECTIONS REQUESTS SCRIPT.lua\n");
    return 2;
  }
  return firebrand::run(static_cast<std::uint16_t>(std::atoi(argv[1])),
                        static_cast<std::uint32_t>(std::atoi(argv[2])),
                        std::strtoull(argv[3], nullptr, 10), argv[4]);
}
