#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/assert.hpp"
#include "edge/http/http_server_impl.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kAcceptsMax = 64;                // Per listener and round.
constexpr std::size_t kPipelinedBytesMax = 16 * 1024;  // Kept while a request waits for its answer.

/// What the per-address limit counts: an IPv4 address, or a whole IPv6 /64.
std::array<std::uint8_t, 16> counted_address(const PeerAddress& peer) {
  std::array<std::uint8_t, 16> bytes = peer.bytes;
  if (!peer.is_v4()) { std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0}); }
  return bytes;
}

}  // namespace

PeerAddress peer_address(const sockaddr_storage& from) {
  PeerAddress peer;
  if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    std::memcpy(peer.bytes.data(), &v6.sin6_addr, 16);
    peer.port = ntohs(v6.sin6_port);
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    peer.bytes[10] = peer.bytes[11] = 0xFF;
    std::memcpy(peer.bytes.data() + 12, &v4.sin_addr, 4);
    peer.port = ntohs(v4.sin_port);
  }
  return peer;
}

void HttpServer::Impl::accept_some(const Listener& listener) {
  for (std::size_t i = 0; i < kAcceptsMax; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const int fd = ::accept4(listener.fd, reinterpret_cast<sockaddr*>(&from), &length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      admit(fd, peer_address(from), listener.wire);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      set_accepting(false);  // Until the next sweep: else the loop spins on what it cannot take.
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) { return; }
    // The rest are connections that broke while they waited (accept(2)): on to the next.
  }
}

void HttpServer::Impl::admit(int fd, const PeerAddress& peer, HttpWire wire) {
  ++stats_.connections_accepted;
  bool counted = false;
  const bool has_room = stats_.connections_open - refusals_open_ < limits_.connections_max;
  const bool is_welcome = has_room && take_address(peer, counted);
  if (!is_welcome) {
    ++stats_.connections_refused;
    // A handshake, to say no behind it, costs more than the request would.
    if (refusals_open_ >= kRefusalsMax || wire == HttpWire::tls) {
      ::close(fd);
      return;
    }
    ++refusals_open_;
  }
  HttpConnection& c = new_connection();
  c.fd = fd;
  c.peer = peer;
  if (wire == HttpWire::tls) { c.tls = std::make_unique<TlsSession>(*tls_, fd); }
  c.counted = counted;
  c.refused = !is_welcome;
  c.state = State::reading;
  c.phase = HttpReadPhase::idle;
  c.deadline_ms = after(limits_.header_timeout);
  ++stats_.connections_open;
  epoll_event event{};
  event.events = c.registered_events = wanted_events(c);
  event.data.u64 = c.slot;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) { return drop(c); }
  if (!is_welcome) { refuse(c, kOverloaded, "Too many connections; try again in a second."); }
}

/// @return false if this address has as many connections as it may have.
bool HttpServer::Impl::take_address(const PeerAddress& peer, bool& counted) {
  if (peer.is_loopback() && !limits_.limit_loopback) { return true; }
  for (const PeerAddress& unlimited : limits_.unlimited_addresses) {
    if (unlimited.bytes == peer.bytes) { return true; }
  }
  std::uint32_t& count = address_counts_[counted_address(peer)];
  if (count >= limits_.connections_per_address_max) { return false; }
  ++count;
  counted = true;
  return true;
}

HttpConnection& HttpServer::Impl::new_connection() {
  if (free_slots_.empty()) {
    const auto slot = static_cast<std::uint32_t>(connections_.size());
    FB_ASSERT(slot < (1U << kSlotBits));
    connections_.push_back(std::make_unique<HttpConnection>(request_limits_, slot));
    return *connections_.back();
  }
  HttpConnection& c = *connections_[free_slots_.back()];
  free_slots_.pop_back();
  return c;
}

void HttpServer::Impl::drop(HttpConnection& c) {
  if (c.state == State::awaiting) { losses_.push_back({token_of(c), LossKind::request}); }
  if (c.state == State::streaming) {
    losses_.push_back({token_of(c), LossKind::stream});
    --stats_.streams_open;
  }
  if (c.counted) {
    const auto found = address_counts_.find(counted_address(c.peer));
    FB_ASSERT(found != address_counts_.end());
    if (--found->second == 0) { address_counts_.erase(found); }
  }
  if (c.tls != nullptr && !c.tls->is_established()) { ++stats_.tls_handshakes_failed; }
  c.tls.reset();
  ::close(c.fd);  // Takes it out of the epoll set as well.
  --stats_.connections_open;
  ++c.generation;
  c.fd = -1;
  c.state = State::free;
  c.deadline_ms = 0;
  if (c.refused) { --refusals_open_; }
  c.counted = c.refused = c.peer_ended = c.blocked = c.continue_sent = false;
  c.in_flush_list = c.in_resume_list = false;
  c.parser.reset();
  c.release_input();
  c.output.reset();
  graveyard_.push_back(c.slot);
}

/// A close with unread bytes in the socket would be a reset, and the peer might lose our answer.
void HttpServer::Impl::linger(HttpConnection& c) {
  if (c.tls != nullptr) { c.tls->end(); }
  if (c.peer_ended || ::shutdown(c.fd, SHUT_WR) != 0) { return drop(c); }
  c.state = State::lingering;
  c.deadline_ms = after(limits_.linger_timeout);
  c.parser.reset();
  c.release_input();
  update_events(c);
}

void HttpServer::Impl::on_deadline(HttpConnection& c) {
  switch (c.state) {
    case State::free:
      return;
    case State::awaiting:
    case State::streaming:
    case State::closing:
      ++stats_.timeouts_write;
      return drop(c);
    case State::lingering:
      return drop(c);
    case State::reading:
      break;
  }
  if (c.output != nullptr) {
    ++stats_.timeouts_write;
    return drop(c);
  }
  if (c.phase == HttpReadPhase::idle) { return drop(c); }
  ++stats_.timeouts_request;
  refuse(c, kRequestTimeout,
         c.phase == HttpReadPhase::head ? "The headers took too long." : "The body took too long.");
}

std::uint32_t HttpServer::Impl::wanted_events(const HttpConnection& c) const {
  bool wants_bytes = false;
  switch (c.state) {
    case State::free:
    case State::closing:
      break;
    case State::reading:
      wants_bytes = c.output == nullptr;
      break;
    case State::awaiting:
      wants_bytes = c.input_size < kPipelinedBytesMax;
      break;
    case State::streaming:
    case State::lingering:
      wants_bytes = true;
      break;
  }
  return (wants_bytes && !c.peer_ended ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
         (c.blocked ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
}

void HttpServer::Impl::update_events(HttpConnection& c) {
  const std::uint32_t wanted = wanted_events(c);
  if (wanted == c.registered_events) { return; }
  epoll_event event{};
  event.events = c.registered_events = wanted;
  event.data.u64 = c.slot;
  FB_ASSERT(epoll_ctl(epoll_, EPOLL_CTL_MOD, c.fd, &event) == 0);
}

void HttpServer::Impl::set_accepting(bool accepting) {
  if (accepting == accepting_) { return; }
  accepting_ = accepting;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    epoll_event event{};
    event.events = accepting ? static_cast<std::uint32_t>(EPOLLIN) : 0U;
    event.data.u64 = kListenerMark | i;
    FB_ASSERT(epoll_ctl(epoll_, EPOLL_CTL_MOD, listeners_[i].fd, &event) == 0);
  }
}

HttpConnection* HttpServer::Impl::find(std::uint64_t token, State state) noexcept {
  const std::size_t slot = token & ((1U << kSlotBits) - 1);
  if (slot >= connections_.size()) { return nullptr; }
  HttpConnection& c = *connections_[slot];
  return c.state == state && token_of(c) == token ? &c : nullptr;
}

}  // namespace firebrand
