#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "edge/http/client_socket.hpp"
#include "edge/http/http_client.hpp"
#include "edge/http/response_parser.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kReceiveBytesMax = 64 * 1024;
constexpr std::size_t kEventsMax = 512;
constexpr std::uint64_t kSweepMs = 100;

std::uint64_t deadline_of(Millis timeout) {
  return timeout.count() <= 0 ? 0 : client_clock_ms() + static_cast<std::uint64_t>(timeout.count());
}

enum class SwarmState : std::uint8_t {
  closed,
  connecting,
  idle,       // Connected, nothing in flight.
  waiting,    // For an answer.
  streaming,  // Events come.
};

struct SwarmEntry {
  int fd = -1;
  SwarmState state = SwarmState::closed;
  bool is_head = false;
  bool is_subscription = false;
  bool wants_out = false;  // EPOLLOUT is armed.
  std::uint32_t requests = 0;
  std::uint64_t tag = 0;
  std::uint64_t deadline_ms = 0;
  HttpResponseParser parser;
  std::string unsent;
  std::string partial;  // From the first byte of an answer that is not whole yet.
  std::unique_ptr<SseBody> stream;
};

}  // namespace

struct HttpSwarm::Impl {
  Impl(const HttpEndpoint& endpoint, std::uint32_t connections, HttpSwarmListener& its_listener,
       HttpClientOptions its_options)
      : listener(its_listener),
        options(its_options),
        address(resolve(endpoint)),
        host_header(host_line(endpoint)),
        entries(connections),
        received(std::make_unique<char[]>(kReceiveBytesMax)),
        epoll(epoll_create1(EPOLL_CLOEXEC)) {
    FB_ASSERT(epoll >= 0);
  }
  ~Impl() {
    for (const SwarmEntry& entry : entries) {
      if (entry.fd >= 0) { ::close(entry.fd); }
    }
    ::close(epoll);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start(SwarmConnection at, std::uint64_t tag, bool is_head, bool is_subscription) {
    SwarmEntry& entry = entries[at];
    FB_ASSERT(entry.state == SwarmState::closed || entry.state == SwarmState::idle);
    ++entry.requests;
    entry.tag = tag;
    entry.is_head = is_head;
    entry.is_subscription = is_subscription;
    entry.parser.reset(is_head);
    entry.deadline_ms = deadline_of(options.timeout);
    ++in_flight;
    if (entry.state == SwarmState::closed) {
      entry.unsent = request;
      if (!connect(at)) { fail_later(at, HttpClientError::connect_failed); }
      return;
    }
    entry.state = SwarmState::waiting;
    send_some(at, request);
  }

  bool connect(SwarmConnection at) {
    SwarmEntry& entry = entries[at];
    entry.state = SwarmState::connecting;
    if (!address.has_value()) { return false; }
    entry.fd = start_connect(*address);
    if (entry.fd < 0) { return false; }
    entry.wants_out = true;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.u32 = at;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, entry.fd, &event) == 0;
  }

  /// Sends what the socket takes and keeps the rest. `bytes` may be the rest of before.
  void send_some(SwarmConnection at, std::string_view bytes) {
    SwarmEntry& entry = entries[at];
    const ssize_t sent = ::send(entry.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      // The answer to a request the server refused early may still be there to read.
      entry.unsent.clear();
      return watch_out(at, false);
    }
    if (sent > 0) { bytes.remove_prefix(static_cast<std::size_t>(sent)); }
    if (bytes.empty()) {
      entry.unsent.clear();
    } else {
      entry.unsent = std::string(bytes);
    }
    watch_out(at, !entry.unsent.empty());
  }

  void watch_out(SwarmConnection at, bool wanted) {
    SwarmEntry& entry = entries[at];
    if (entry.wants_out == wanted) { return; }
    entry.wants_out = wanted;
    epoll_event event{};
    event.events = EPOLLIN | (wanted ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.u32 = at;
    FB_ASSERT(epoll_ctl(epoll, EPOLL_CTL_MOD, entry.fd, &event) == 0);
  }

  void close(SwarmConnection at) noexcept {
    SwarmEntry& entry = entries[at];
    if (is_busy(entry)) { --in_flight; }
    if (entry.fd >= 0) { ::close(entry.fd); }
    entry.fd = -1;
    entry.state = SwarmState::closed;
    entry.deadline_ms = 0;
    entry.wants_out = false;
    entry.unsent.clear();
    entry.partial.clear();
    entry.partial.shrink_to_fit();
    entry.stream.reset();
  }

  static bool is_busy(const SwarmEntry& entry) {
    return entry.state != SwarmState::closed && entry.state != SwarmState::idle;
  }

  void fail(SwarmConnection at, HttpClientError error) {
    const bool was_busy = is_busy(entries[at]);
    const std::uint64_t tag = entries[at].tag;
    close(at);
    if (!was_busy) { return; }
    ++callbacks;
    listener.on_error(at, tag, error);
  }

  /// Never from inside send(): the caller is not ready to hear of it.
  void fail_later(SwarmConnection at, HttpClientError error) {
    failed.push_back({at, entries[at].requests, error});
  }

  void on_event(const epoll_event& event) {
    const SwarmConnection at = event.data.u32;
    SwarmEntry& entry = entries[at];
    if (entry.fd < 0) { return; }
    if (entry.state == SwarmState::connecting) {
      if (!is_socket_connected(entry.fd)) { return fail(at, HttpClientError::connect_failed); }
      entry.state = SwarmState::waiting;
    }
    if ((event.events & EPOLLOUT) != 0) { send_some(at, std::exchange(entry.unsent, {})); }
    if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) { receive(at); }
  }

  void receive(SwarmConnection at) {
    SwarmEntry& entry = entries[at];
    const ssize_t got = ::recv(entry.fd, received.get(), kReceiveBytesMax, 0);
    if (got < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) { return; }
      return fail(at, HttpClientError::connection_closed);
    }
    const auto size = static_cast<std::size_t>(got);
    if (entry.state == SwarmState::streaming) {
      if (size == 0) { return fail(at, HttpClientError::connection_closed); }
      return take_events(at, {received.get(), size});
    }
    if (entry.state == SwarmState::idle) {
      return close(at);  // The server has ended it, or speaks unasked.
    }
    if (entry.partial.empty()) { return take_answer(at, received.get(), size, size == 0, nullptr); }
    entry.partial.append(received.get(), size);
    // Out of the entry: the listener may use the connection again while the views are alive.
    std::string whole = std::exchange(entry.partial, {});
    take_answer(at, whole.data(), whole.size(), size == 0, &whole);
  }

  /// @param whole  What holds the bytes, if it is not `received`: given back to the entry if more
  ///               has to come, so that a large answer is not copied for each of its pieces.
  void take_answer(SwarmConnection at, char* bytes, std::size_t size, bool at_end,
                   std::string* whole) {
    SwarmEntry& entry = entries[at];
    if (at_end && size == 0) { return fail(at, HttpClientError::connection_closed); }
    for (;;) {
      if (entry.is_subscription) {
        (void)entry.parser.parse_head({bytes, size}, at_end);
        if (entry.parser.is_event_stream()) {
          entry.state = SwarmState::streaming;
          entry.deadline_ms = 0;
          entry.stream = std::make_unique<SseBody>();
          entry.stream->chunked = entry.parser.is_chunked();
          const std::size_t head_size = entry.parser.head_size();
          return take_events(at, {bytes + head_size, size - head_size});
        }
      }
      const HttpResponseParser::Result parsed =
          entry.parser.parse(bytes, size, options.body_bytes_max, at_end);
      if (parsed == HttpResponseParser::Result::need_more) {
        if (whole == nullptr) {
          entry.partial.assign(bytes, size);
        } else {
          whole->resize(static_cast<std::size_t>(bytes - whole->data()) + size);
          whole->erase(0, whole->size() - size);
          entry.partial = std::move(*whole);
        }
        return;
      }
      if (parsed == HttpResponseParser::Result::malformed) {
        return fail(
            at, at_end ? HttpClientError::connection_closed : HttpClientError::malformed_response);
      }
      if (entry.parser.status() / 100 != 1) { break; }
      bytes += entry.parser.consumed();
      size -= entry.parser.consumed();
      entry.parser.reset(entry.is_head);
      if (size == 0) { return; }
    }
    const HttpResponseView view = entry.parser.view(bytes);
    // One request, one answer: more bytes than that, or an answer before the request was out, and
    // what comes next on this connection could not be told apart.
    const bool is_reusable = entry.parser.keep_alive() && !at_end && entry.unsent.empty() &&
                             entry.parser.consumed() == size;
    --in_flight;
    entry.state = SwarmState::idle;
    entry.deadline_ms = 0;
    if (!is_reusable) { close(at); }
    ++callbacks;
    listener.on_response(at, entry.tag, view);
  }

  void take_events(SwarmConnection at, std::string_view bytes) {
    SwarmEntry& entry = entries[at];
    const std::uint64_t tag = entry.tag;
    // Held here: a listener that closes the connection from its event takes the stream with it.
    std::unique_ptr<SseBody> stream = std::move(entry.stream);
    bool is_ours = true;
    const SseBody::Result result = stream->feed(
        bytes, [&](std::string_view event, std::string_view id, std::string_view data) {
          if (!is_ours) { return; }
          ++callbacks;
          listener.on_event(at, tag, event, id, data);
          is_ours = entry.state == SwarmState::streaming && entry.stream == nullptr;
        });
    if (!is_ours) { return; }
    entry.stream = std::move(stream);
    if (result == SseBody::Result::malformed) { fail(at, HttpClientError::malformed_response); }
    if (result == SseBody::Result::ended) { fail(at, HttpClientError::connection_closed); }
  }

  void sweep() {
    const std::uint64_t now = client_clock_ms();
    if (now < sweep_due_ms) { return; }
    sweep_due_ms = now + kSweepMs;
    for (SwarmConnection at = 0; at < entries.size(); ++at) {
      const std::uint64_t deadline = entries[at].deadline_ms;
      if (deadline != 0 && deadline <= now) { fail(at, HttpClientError::timed_out); }
    }
  }

  std::uint32_t poll(std::chrono::microseconds wait) {
    callbacks = 0;
    if (!failed.empty()) {
      for (const Failure& failure : std::exchange(failed, {})) {
        if (entries[failure.at].requests == failure.request) { fail(failure.at, failure.error); }
      }
      wait = std::chrono::microseconds{0};
    }
    if (in_flight != 0) { wait = std::min(wait, std::chrono::microseconds{kSweepMs * 1'000}); }
    const timespec timeout{static_cast<time_t>(wait.count() / 1'000'000),
                           static_cast<long>(wait.count() % 1'000'000 * 1'000)};
    epoll_event events[kEventsMax];
    const int count = epoll_pwait2(epoll, events, static_cast<int>(kEventsMax), &timeout, nullptr);
    for (int i = 0; i < count; ++i) { on_event(events[i]); }
    sweep();
    return callbacks;
  }

  struct Failure {
    SwarmConnection at;
    std::uint32_t request;  // Which of the connection's.
    HttpClientError error;
  };

  HttpSwarmListener& listener;
  HttpClientOptions options;
  std::optional<HttpSocketAddress> address;
  std::string host_header;
  std::vector<SwarmEntry> entries;
  std::vector<Failure> failed;
  std::unique_ptr<char[]> received;
  std::string request;  // Under construction; keeps its memory.
  int epoll;
  std::uint32_t in_flight = 0;
  std::uint32_t callbacks = 0;
  std::uint64_t sweep_due_ms = 0;
};

HttpSwarm::HttpSwarm(const HttpEndpoint& endpoint, std::uint32_t connections,
                     HttpSwarmListener& listener, HttpClientOptions options)
    : impl_(std::make_unique<Impl>(endpoint, connections, listener, options)) {}
HttpSwarm::~HttpSwarm() = default;

std::uint32_t HttpSwarm::connections() const noexcept {
  return static_cast<std::uint32_t>(impl_->entries.size());
}

void HttpSwarm::send(SwarmConnection at, std::uint64_t tag, HttpMethod method,
                     std::string_view target, std::string_view headers, std::string_view body) {
  impl_->request.clear();
  append_request(impl_->request, method, target, impl_->host_header, headers, body);
  impl_->start(at, tag, method == HttpMethod::head, false);
}

void HttpSwarm::subscribe(SwarmConnection at, std::uint64_t tag, std::string_view target,
                          std::string_view headers) {
  impl_->request.clear();
  std::string lines = "Accept: text/event-stream\r\n";
  lines += headers;
  append_request(impl_->request, HttpMethod::get, target, impl_->host_header, lines, {});
  impl_->start(at, tag, false, true);
}

void HttpSwarm::close(SwarmConnection at) noexcept { impl_->close(at); }

bool HttpSwarm::is_free(SwarmConnection at) const noexcept {
  return !Impl::is_busy(impl_->entries[at]);
}

std::uint32_t HttpSwarm::in_flight() const noexcept { return impl_->in_flight; }

std::uint32_t HttpSwarm::poll(std::chrono::microseconds wait) { return impl_->poll(wait); }

}  // namespace firebrand
