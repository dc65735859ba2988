#include "edge/http/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "edge/http/http_server_impl.hpp"

namespace firebrand {
namespace {

void set_option(int fd, int level, int name, int value) {
  // Only tuning is set this way: a kernel that refuses serves all the same.
  (void)setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

HttpServer::Impl::Impl(HttpLimits limits)
    : limits_(std::move(limits)),
      request_limits_{limits_.request_line_bytes_max, limits_.header_bytes_max,
                      limits_.header_fields_max, limits_.body_bytes_max},
      received_(std::make_unique<char[]>(kReceiveBytesMax + kHttpBodyPadding)) {
  FB_ASSERT(limits_.connections_max > 0 &&
            limits_.connections_max + kRefusalsMax < (1U << kSlotBits));
  FB_ASSERT(limits_.sweep_period.count() > 0 && limits_.write_bytes_per_second_min > 0);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  FB_ASSERT(epoll_ >= 0 && wake_fd_ >= 0);
  // Edge-triggered: the counter never has to be read back.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = kWakeMark;
  FB_ASSERT(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event) == 0);
  read_clocks();
}

HttpServer::Impl::~Impl() {
  for (const Listener& listener : listeners_) { ::close(listener.fd); }
  for (const auto& connection : connections_) {
    if (connection->fd >= 0) { ::close(connection->fd); }
  }
  ::close(wake_fd_);
  ::close(epoll_);
}

Expected<std::uint16_t, HttpListenError> HttpServer::Impl::listen(std::string_view address,
                                                                  std::uint16_t port,
                                                                  HttpWire wire) {
  FB_ASSERT(wire == HttpWire::plain || tls_ != nullptr);
  const auto fail = [&](std::string_view why) {
    return Unexpected(HttpListenError{"cannot listen on " + std::string(address) + " port " +
                                      std::to_string(port) + ": " + std::string(why)});
  };
  const std::optional<PeerAddress> parsed = PeerAddress::parse(address, port);
  if (!parsed.has_value()) { return fail("not an IP address"); }
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (parsed->is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, parsed->bytes.data() + 12, 4);
    length = sizeof v4;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, parsed->bytes.data(), 16);
    length = sizeof v6;
  }
  const int fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) { return fail(std::strerror(errno)); }
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (storage.ss_family == AF_INET6) { set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1); }
  // Accepted sockets inherit all of these. A peer that vanished without a word is noticed after two
  // to three minutes, also on a stream that sends too little to fill its buffers.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 20);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
  auto* const generic = reinterpret_cast<sockaddr*>(&storage);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kListenerMark | listeners_.size();
  if (::bind(fd, generic, length) != 0 || ::listen(fd, SOMAXCONN) != 0 ||
      ::getsockname(fd, generic, &length) != 0 ||
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    const int error = errno;
    ::close(fd);
    return fail(std::strerror(error));
  }
  listeners_.push_back({fd, wire});
  return peer_address(storage).port;
}

void HttpServer::Impl::use_tls(TlsContextPtr context, std::uint32_t hsts_seconds) {
  FB_ASSERT(context != nullptr);
  tls_ = std::move(context);
  hsts_line_ = hsts_seconds == 0
                   ? std::string()
                   : "Strict-Transport-Security: max-age=" + std::to_string(hsts_seconds) + "\r\n";
}

void HttpServer::Impl::stop(Millis grace) {
  // From a signal handler: no lock, no memory.
  stop_grace_ms_.store(grace.count());
  nudge();
}

void HttpServer::Impl::post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  has_posted_.store(true);
  nudge();
}

void HttpServer::Impl::wake() noexcept {
  wake_wanted_.store(true);
  nudge();
}

void HttpServer::Impl::call_every(Millis period, std::function<void()> work) {
  FB_ASSERT(period.count() > 0);
  const auto period_ns = static_cast<std::uint64_t>(period.count()) * 1'000'000;
  timers_.push_back({period_ns, monotonic_ns() + period_ns, std::move(work)});
}

/// Either the loop sees the flag before it sleeps, or we see that it sleeps.
void HttpServer::Impl::nudge() noexcept {
  if (!asleep_.load() || !asleep_.exchange(false)) { return; }
  const std::uint64_t one = 1;
  const ssize_t written = ::write(wake_fd_, &one, sizeof one);
  FB_ASSERT(written == sizeof one);
}

HttpServer::HttpServer(HttpLimits limits) : impl_(std::make_unique<Impl>(std::move(limits))) {}
HttpServer::~HttpServer() = default;

Expected<std::uint16_t, HttpListenError> HttpServer::listen(std::string_view address,
                                                            std::uint16_t port, HttpWire wire) {
  return impl_->listen(address, port, wire);
}
void HttpServer::use_tls(TlsContextPtr context, std::uint32_t hsts_seconds) {
  impl_->use_tls(std::move(context), hsts_seconds);
}
void HttpServer::run(HttpHandler& handler) { impl_->run(handler); }
void HttpServer::stop(Millis grace) { impl_->stop(grace); }
void HttpServer::post(std::function<void()> work) { impl_->post(std::move(work)); }
void HttpServer::wake() noexcept { impl_->wake(); }
void HttpServer::call_every(Millis period, std::function<void()> work) {
  impl_->call_every(period, std::move(work));
}
const HttpServerStats& HttpServer::stats() const noexcept { return impl_->stats(); }

void HttpServer::respond(ResponseToken token, const HttpResponse& response) {
  impl_->respond(token, response);
}
void HttpServer::respond_prepared(ResponseToken token, const PreparedResponsePtr& prepared,
                                  std::string_view if_none_match,
                                  std::span<const HttpField> headers) {
  impl_->respond_prepared(token, prepared, if_none_match, headers);
}
StreamToken HttpServer::start_stream(ResponseToken token, const HttpResponse& head) {
  return impl_->start_stream(token, head);
}
void HttpServer::send_stream(StreamToken token, const StreamChunkPtr& chunk) {
  impl_->send_stream(token, chunk);
}
void HttpServer::end_stream(StreamToken token) { impl_->end_stream(token); }

}  // namespace firebrand
