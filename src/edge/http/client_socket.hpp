#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "edge/http/http_client.hpp"

/// What the blocking and the many-connection client share.
namespace firebrand {

struct HttpSocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

[[nodiscard]] std::uint64_t client_clock_ms() noexcept;

/// The first address of the host. Blocks if it is a name.
[[nodiscard]] std::optional<HttpSocketAddress> resolve(const HttpEndpoint& endpoint);

/// A non-blocking socket on its way to the server; -1 if that has failed already.
[[nodiscard]] int start_connect(const HttpSocketAddress& address);

/// Once the socket is writable: has the way led there?
[[nodiscard]] bool is_socket_connected(int fd);

/// "Host: name:port\r\n"
[[nodiscard]] std::string host_line(const HttpEndpoint& endpoint);

void append_request(std::string& out, HttpMethod method, std::string_view target,
                    std::string_view host_header, std::string_view header_lines,
                    std::string_view body);

}  // namespace firebrand
