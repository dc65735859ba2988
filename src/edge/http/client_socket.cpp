#include "edge/http/client_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

namespace firebrand {

std::uint64_t client_clock_ms() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

std::optional<HttpSocketAddress> resolve(const HttpEndpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint.port);
  if (getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found) != 0) {
    return std::nullopt;
  }
  HttpSocketAddress address;
  address.length = static_cast<socklen_t>(found->ai_addrlen);
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return address;
}

std::string host_line(const HttpEndpoint& endpoint) {
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return "Host: " + (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
         std::to_string(endpoint.port) + "\r\n";
}

int start_connect(const HttpSocketAddress& address) {
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) { return -1; }
  const int one = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd, to, address.length) == 0 || errno == EINPROGRESS) { return fd; }
  ::close(fd);
  return -1;
}

bool is_socket_connected(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

void append_request(std::string& out, HttpMethod method, std::string_view target,
                    std::string_view host_header, std::string_view header_lines,
                    std::string_view body) {
  out.append(http_method_name(method)).append(" ").append(target).append(" HTTP/1.1\r\n");
  out.append(host_header).append(header_lines);
  const bool may_have_body = method == HttpMethod::post || method == HttpMethod::put ||
                             method == HttpMethod::patch || !body.empty();
  if (may_have_body) {
    char number[20];
    const auto printed = std::to_chars(number, number + sizeof number, body.size());
    out.append("Content-Length: ").append(number, printed.ptr).append("\r\n");
  }
  out.append("\r\n").append(body);
}

}  // namespace firebrand
