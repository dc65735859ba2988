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
#include <ctime>
#include <utility>

#include "base/assert.hpp"
#include "edge/http/http_server_impl.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kReceiveBytesMax = 64 * 1024;    // By one system call.
constexpr std::size_t kCorkBytesMax = 64 * 1024;       // Answers to pipelined requests in one send.
constexpr std::size_t kPipelinedBytesMax = 16 * 1024;  // Kept while a request waits for its answer.
constexpr std::size_t kEventsMax = 512;
constexpr std::size_t kAcceptsMax = 64;    // Per listener and round.
constexpr std::size_t kFlushesMax = 256;   // Streams served per round: about one millisecond.
constexpr std::size_t kRefusalsMax = 256;  // Connections over a limit that get to read their 503.
constexpr std::uint64_t kSweepParts = 8;
constexpr std::uint64_t kListenerMark = 1ULL << 40;
constexpr std::uint64_t kWakeMark = 1ULL << 41;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::uint64_t monotonic_ns() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

constexpr HttpRefusal kMalformed{400, "malformed", "Malformed request"};
constexpr HttpRefusal kRequestTimeout{408, "request_timeout", "Request timeout"};
constexpr HttpRefusal kPayloadTooLarge{413, "payload_too_large", "Payload too large"};
constexpr HttpRefusal kUriTooLong{414, "uri_too_long", "URI too long"};
constexpr HttpRefusal kHeadersTooLarge{431, "headers_too_large", "Headers too large"};
constexpr HttpRefusal kOverloaded{503, "overloaded", "Overloaded"};

/// What the per-address limit counts: an IPv4 address, or a whole IPv6 /64.
std::array<std::uint8_t, 16> counted_address(const PeerAddress& peer) {
  std::array<std::uint8_t, 16> bytes = peer.bytes;
  if (!peer.is_v4()) { std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0}); }
  return bytes;
}

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
  for (const int listener : listeners_) { ::close(listener); }
  for (const auto& connection : connections_) {
    if (connection->fd >= 0) { ::close(connection->fd); }
  }
  ::close(wake_fd_);
  ::close(epoll_);
}

Expected<std::uint16_t, HttpListenError> HttpServer::Impl::listen(std::string_view address,
                                                                  std::uint16_t port) {
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
  listeners_.push_back(fd);
  return peer_address(storage).port;
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

// ---- The loop ----

void HttpServer::Impl::run(HttpHandler& handler) {
  FB_ASSERT(handler_ == nullptr);
  handler_ = &handler;
  read_clocks();
  for (;;) {
    round();
    if (!stopping_) { continue; }
    if (stats_.connections_open == 0 || now_ms_ >= stop_deadline_ms_) { break; }
  }
  for (const auto& connection : connections_) {
    if (connection->state != State::free) { drop(*connection); }
  }
  report_losses();
  handler_ = nullptr;
}

void HttpServer::Impl::round() {
  asleep_.store(true);
  const bool has_work = wake_wanted_.load() || has_posted_.load() ||
                        stop_grace_ms_.load() != kNoStop || !resumable_.empty() ||
                        !flush_list_.empty() || !losses_.empty();
  epoll_event events[kEventsMax];
  const int count =
      epoll_wait(epoll_, events, static_cast<int>(kEventsMax), has_work ? 0 : wait_ms());
  asleep_.store(false);
  FB_ASSERT(count >= 0 || errno == EINTR);
  read_clocks();
  for (int i = 0; i < count; ++i) { on_event(events[i]); }
  if (std::exchange(handled_, false)) { handler_->batch_end(); }

  if (wake_wanted_.exchange(false)) { handler_->wake(); }
  if (has_posted_.exchange(false)) { run_posted(); }
  if (const std::int64_t grace_ms = stop_grace_ms_.exchange(kNoStop); grace_ms != kNoStop) {
    begin_stop(Millis{grace_ms});
  }
  run_timers();
  resume_pipelines();
  if (std::exchange(handled_, false)) { handler_->batch_end(); }
  flush_streams();
  sweep();
  report_losses();
  free_slots_.insert(free_slots_.end(), graveyard_.begin(), graveyard_.end());
  graveyard_.clear();
}

int HttpServer::Impl::wait_ms() const {
  std::uint64_t until_ms = ~std::uint64_t{0};
  for (const Timer& timer : timers_) {
    until_ms = std::min(until_ms, (timer.due_ns + 999'999) / 1'000'000);
  }
  if (stats_.connections_open != 0 || !accepting_) { until_ms = std::min(until_ms, sweep_due_ms_); }
  if (stopping_) { until_ms = std::min(until_ms, stop_deadline_ms_); }
  if (until_ms == ~std::uint64_t{0}) { return -1; }
  if (until_ms <= now_ms_) { return 0; }
  return static_cast<int>(std::min<std::uint64_t>(until_ms - now_ms_, 60'000));
}

void HttpServer::Impl::on_event(const epoll_event& event) {
  if (event.data.u64 == kWakeMark) { return; }  // What it was for is asked in every round.
  if ((event.data.u64 & kListenerMark) != 0) {
    const std::size_t index = event.data.u64 & ~kListenerMark;
    if (index < listeners_.size()) { accept_some(listeners_[index]); }
    return;
  }
  HttpConnection& c = *connections_[event.data.u64];
  if (c.state == State::free) { return; }
  if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) { return drop(c); }
  if ((event.events & EPOLLOUT) != 0) {
    c.blocked = false;
    flush(c);
  }
  if (c.state != State::free && (event.events & EPOLLIN) != 0) { (void)read(c); }
}

void HttpServer::Impl::run_posted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (const auto& one : work) { one(); }
}

void HttpServer::Impl::run_timers() {
  for (std::size_t i = 0; i < timers_.size(); ++i) {
    Timer& timer = timers_[i];  // Stays where it is when the work adds another one.
    if (timer.due_ns > now_ns_) { continue; }
    timer.due_ns += timer.period_ns;
    if (timer.due_ns <= now_ns_) { timer.due_ns = now_ns_ + timer.period_ns; }  // No piling up.
    timer.work();
  }
}

/// Requests that came while their predecessor was waiting for its answer. Not done at the answer
/// itself: a handler that answers at once would call itself as deep as the client likes.
void HttpServer::Impl::resume_pipelines() {
  for (std::size_t i = 0; i < resumable_.size(); ++i) {
    HttpConnection* const c = find(resumable_[i], State::reading);
    if (c == nullptr || !std::exchange(c->in_resume_list, false)) { continue; }
    if (c->output == nullptr) { process(*c, c->input.get(), c->input_size); }
  }
  resumable_.clear();
}

void HttpServer::Impl::resume_later(HttpConnection& c) {
  if (c.input_size == 0 && !c.peer_ended) { return; }
  if (!std::exchange(c.in_resume_list, true)) { resumable_.push_back(token_of(c)); }
}

void HttpServer::Impl::flush_streams() {
  for (std::size_t i = 0; i < kFlushesMax && !flush_list_.empty(); ++i) {
    HttpConnection& c = *connections_[flush_list_.front()];
    flush_list_.pop_front();
    if (!std::exchange(c.in_flush_list, false) || c.blocked) { continue; }
    flush(c);
  }
}

/// Looks at every connection once in a period, a part of them at a time: deadlines cost a store
/// when they change and nothing else.
void HttpServer::Impl::sweep() {
  if (now_ms_ < sweep_due_ms_) { return; }
  const auto period = static_cast<std::uint64_t>(limits_.sweep_period.count());
  sweep_due_ms_ = now_ms_ + std::max<std::uint64_t>(period / kSweepParts, 1);
  set_accepting(true);
  const std::size_t size = connections_.size();
  const std::size_t end = size * (sweep_part_ + 1) / kSweepParts;
  for (std::size_t i = size * sweep_part_ / kSweepParts; i < end; ++i) {
    HttpConnection& c = *connections_[i];
    if (c.deadline_ms != 0 && c.deadline_ms <= now_ms_) { on_deadline(c); }
  }
  sweep_part_ = (sweep_part_ + 1) % kSweepParts;
}

/// Always from the loop, never from inside an answer: a handler that walks its own list of streams
/// does not find it changed under its hands.
void HttpServer::Impl::report_losses() {
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    const Loss loss = losses_[i];
    if (loss.is_stream) {
      handler_->stream_closed(StreamToken{loss.token});
    } else {
      handler_->closed(ResponseToken{loss.token});
    }
  }
  losses_.clear();
}

void HttpServer::Impl::begin_stop(Millis grace) {
  if (stopping_) {
    stop_deadline_ms_ = std::min(stop_deadline_ms_, after(grace));
    return;
  }
  handler_->stopping();
  stopping_ = true;
  stop_deadline_ms_ = after(grace);
  for (const int listener : std::exchange(listeners_, {})) { ::close(listener); }
  for (const auto& connection : connections_) {
    HttpConnection& c = *connection;
    if (c.state == State::streaming) {
      end_stream(StreamToken{token_of(c)});
    } else if (c.state == State::reading && c.phase == HttpReadPhase::idle && c.output == nullptr) {
      // A request may be lying in the socket already: closing over it would reset the connection.
      if (!read(c)) { drop(c); }
    }
  }
}

/// Either the loop sees the flag before it sleeps, or we see that it sleeps.
void HttpServer::Impl::nudge() noexcept {
  if (!asleep_.load() || !asleep_.exchange(false)) { return; }
  const std::uint64_t one = 1;
  const ssize_t written = ::write(wake_fd_, &one, sizeof one);
  FB_ASSERT(written == sizeof one);
}

void HttpServer::Impl::read_clocks() noexcept {
  now_ns_ = monotonic_ns();
  now_ms_ = now_ns_ / 1'000'000;
  timespec wall;
  clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  unix_seconds_ = wall.tv_sec;
}

// ---- Connections ----

void HttpServer::Impl::accept_some(int listener) {
  for (std::size_t i = 0; i < kAcceptsMax; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const int fd = ::accept4(listener, reinterpret_cast<sockaddr*>(&from), &length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      admit(fd, peer_address(from));
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

void HttpServer::Impl::admit(int fd, const PeerAddress& peer) {
  ++stats_.connections_accepted;
  bool counted = false;
  const bool has_room = stats_.connections_open - refusals_open_ < limits_.connections_max;
  const bool is_welcome = has_room && take_address(peer, counted);
  if (!is_welcome) {
    ++stats_.connections_refused;
    if (refusals_open_ >= kRefusalsMax) {
      ::close(fd);
      return;
    }
    ++refusals_open_;
  }
  HttpConnection& c = new_connection();
  c.fd = fd;
  c.peer = peer;
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
  if (c.state == State::awaiting) { losses_.push_back({token_of(c), false}); }
  if (c.state == State::streaming) {
    losses_.push_back({token_of(c), true});
    --stats_.streams_open;
  }
  if (c.counted) {
    const auto found = address_counts_.find(counted_address(c.peer));
    FB_ASSERT(found != address_counts_.end());
    if (--found->second == 0) { address_counts_.erase(found); }
  }
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
    FB_ASSERT(epoll_ctl(epoll_, EPOLL_CTL_MOD, listeners_[i], &event) == 0);
  }
}

HttpConnection* HttpServer::Impl::find(std::uint64_t token, State state) noexcept {
  const std::size_t slot = token & ((1U << kSlotBits) - 1);
  if (slot >= connections_.size()) { return nullptr; }
  HttpConnection& c = *connections_[slot];
  return c.state == state && token_of(c) == token ? &c : nullptr;
}

// ---- Bytes in ----

/// @return false if there was nothing to read.
bool HttpServer::Impl::read(HttpConnection& c) {
  const ssize_t received = ::recv(c.fd, received_.get(), kReceiveBytesMax, 0);
  if (received < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) { return false; }
    drop(c);
    return true;
  }
  const auto size = static_cast<std::size_t>(received);
  stats_.bytes_received += size;
  switch (c.state) {
    case State::free:
    case State::closing:
      break;
    case State::reading:
      if (size == 0) {
        drop(c);  // Half a request has no answer.
      } else if (c.input_size == 0) {
        process(c, received_.get(), size);
      } else {
        append_input(c, size);
        process(c, c.input.get(), c.input_size);
      }
      break;
    case State::awaiting:
      // A peer that has ended its side may still read its answer.
      c.peer_ended = size == 0;
      append_input(c, size);
      update_events(c);
      break;
    case State::streaming:
    case State::lingering:
      if (size == 0) { drop(c); }
      break;
  }
  return true;
}

/// @param bytes  From the first byte of a request on: either `received_` or the connection's own.
void HttpServer::Impl::process(HttpConnection& c, char* bytes, std::size_t size) {
  current_ = &c;
  std::size_t begin = 0;
  while (c.state == State::reading && c.output == nullptr && begin < size) {
    std::size_t left = size - begin;
    const HttpRequestParse parsed = c.parser.parse(bytes + begin, left, request_);
    size = begin + left;
    if (parsed == HttpRequestParse::need_more) {
      wait_for_rest(c);
      break;
    }
    if (parsed != HttpRequestParse::complete) {
      refuse(c, parsed);
      break;
    }
    begin += c.parser.consumed();
    deliver(c);
    if (cork_.size() > kCorkBytesMax) { uncork(c); }
  }
  uncork(c);
  current_ = nullptr;
  if (c.state == State::reading || c.state == State::awaiting) {
    keep(c, bytes + begin, size - begin);
  } else if (c.state != State::free) {
    c.release_input();
  }
  settle(c);
}

void HttpServer::Impl::deliver(HttpConnection& c) {
  ++c.generation;
  c.state = State::awaiting;
  c.deadline_ms = 0;
  c.keep_alive = c.parser.keep_alive();
  c.http11 = c.parser.is_http11();
  c.head_only = request_.method == HttpMethod::head;
  c.continue_sent = false;
  c.parser.reset();
  request_.peer = c.peer;
  request_.received_ns = now_ns_;
  ++stats_.requests;
  handled_ = true;
  handler_->handle(request_, ResponseToken{token_of(c)});
}

void HttpServer::Impl::wait_for_rest(HttpConnection& c) {
  if (!c.parser.head_done()) {
    if (c.phase != HttpReadPhase::idle) { return; }
    c.phase = HttpReadPhase::head;
    c.deadline_ms = after(limits_.header_timeout);
    return;
  }
  if (c.phase != HttpReadPhase::body) {
    c.phase = HttpReadPhase::body;
    c.deadline_ms = after(limits_.body_timeout);
  }
  if (c.parser.expects_continue() && !std::exchange(c.continue_sent, true)) {
    cork_.reserve(kContinue.size());
    cork_.append(kContinue);
  }
}

/// Keeps what is left of the input. Most of the time that is nothing, and an idle connection has no
/// buffer at all.
void HttpServer::Impl::keep(HttpConnection& c, const char* bytes, std::size_t size) {
  if (size == 0) { return c.release_input(); }
  if (size + kHttpBodyPadding > c.input_capacity) {
    FB_ASSERT(bytes < c.input.get() || bytes >= c.input.get() + c.input_capacity);
    const std::size_t capacity = std::max<std::size_t>(size, 512) + kHttpBodyPadding;
    c.input.reset(new char[capacity]);  // Not make_unique: the zeroes would never be read.
    c.input_capacity = static_cast<std::uint32_t>(capacity);
  }
  if (bytes != c.input.get()) { std::memmove(c.input.get(), bytes, size); }
  c.input_size = static_cast<std::uint32_t>(size);
}

/// @param received  Bytes at the front of `received_`.
void HttpServer::Impl::append_input(HttpConnection& c, std::size_t received) {
  const std::size_t size = c.input_size + received;
  if (size + kHttpBodyPadding > c.input_capacity) {
    const std::size_t capacity =
        std::max<std::size_t>(size, 2 * c.input_capacity) + kHttpBodyPadding;
    std::unique_ptr<char[]> grown(new char[capacity]);
    if (c.input_size != 0) { std::memcpy(grown.get(), c.input.get(), c.input_size); }
    c.input = std::move(grown);
    c.input_capacity = static_cast<std::uint32_t>(capacity);
  }
  std::memcpy(c.input.get() + c.input_size, received_.get(), received);
  c.input_size = static_cast<std::uint32_t>(size);
}

void HttpServer::Impl::refuse(HttpConnection& c, HttpRequestParse reason) {
  const char* const detail = c.parser.detail();
  switch (reason) {
    case HttpRequestParse::need_more:
    case HttpRequestParse::complete:
      FB_ASSERT(false);
      return;
    case HttpRequestParse::malformed:
      ++stats_.refused_malformed;
      return refuse(c, kMalformed, detail);
    case HttpRequestParse::uri_too_long:
      ++stats_.refused_malformed;
      return refuse(c, kUriTooLong, detail);
    case HttpRequestParse::headers_too_large:
      ++stats_.refused_malformed;
      return refuse(c, kHeadersTooLarge, detail);
    case HttpRequestParse::payload_too_large:
      ++stats_.refused_too_large;
      return refuse(c, kPayloadTooLarge, detail);
  }
}

// ---- The public face ----

HttpServer::HttpServer(HttpLimits limits) : impl_(std::make_unique<Impl>(std::move(limits))) {}
HttpServer::~HttpServer() = default;

Expected<std::uint16_t, HttpListenError> HttpServer::listen(std::string_view address,
                                                            std::uint16_t port) {
  return impl_->listen(address, port);
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
