#include "edge/http/http_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>
#include <vector>

#include "edge/http/client_socket.hpp"
#include "edge/http/response_parser.hpp"

namespace firebrand {
namespace {

std::string join(std::span<const HttpField> headers) {
  std::string lines;
  for (const HttpField& field : headers) {
    lines.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return lines;
}

/// A blocking connection with deadlines.
class Channel {
 public:
  Channel(HttpEndpoint endpoint, HttpClientOptions options)
      : endpoint_(std::move(endpoint)), options_(options), host_line_(host_line(endpoint_)) {}
  ~Channel() { close(); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  bool is_open() const { return fd_ >= 0; }
  std::string_view host_header() const { return host_line_; }
  const HttpClientOptions& options() const { return options_; }
  std::uint64_t deadline() const { return deadline_of(options_.timeout); }
  static std::uint64_t deadline_of(Millis timeout) {
    return timeout.count() <= 0 ? 0
                                : client_clock_ms() + static_cast<std::uint64_t>(timeout.count());
  }

  void close() noexcept {
    if (fd_ >= 0) { ::close(fd_); }
    fd_ = -1;
  }

  Expected<void, HttpClientError> open(std::uint64_t deadline) {
    const std::optional<HttpSocketAddress> address = resolve(endpoint_);
    if (!address.has_value()) { return Unexpected(HttpClientError::bad_address); }
    fd_ = start_connect(*address);
    if (fd_ < 0) { return Unexpected(HttpClientError::connect_failed); }
    if (!wait(POLLOUT, deadline)) {
      close();
      return Unexpected(HttpClientError::timed_out);
    }
    if (!is_socket_connected(fd_)) {
      close();
      return Unexpected(HttpClientError::connect_failed);
    }
    return {};
  }

  Expected<void, HttpClientError> send(std::string_view bytes, std::uint64_t deadline) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (!wait(POLLOUT, deadline)) { return Unexpected(HttpClientError::timed_out); }
      } else if (errno != EINTR) {
        return Unexpected(HttpClientError::connection_closed);
      }
    }
    return {};
  }

  /// Appends what there is to `bytes`. @return how much; zero at the end of the stream.
  Expected<std::size_t, HttpClientError> receive(std::string& bytes, std::uint64_t deadline) {
    const std::size_t old_size = bytes.size();
    bytes.resize(old_size + 16 * 1024);
    for (;;) {
      const ssize_t received = ::recv(fd_, bytes.data() + old_size, bytes.size() - old_size, 0);
      if (received >= 0) {
        bytes.resize(old_size + static_cast<std::size_t>(received));
        return static_cast<std::size_t>(received);
      }
      if (errno == EINTR) { continue; }
      const bool is_empty = errno == EAGAIN || errno == EWOULDBLOCK;
      if (is_empty && wait(POLLIN, deadline)) { continue; }
      bytes.resize(old_size);
      return Unexpected(is_empty ? HttpClientError::timed_out : HttpClientError::connection_closed);
    }
  }

 private:
  /// @param deadline  Monotonic milliseconds; zero: none.
  bool wait(short events, std::uint64_t deadline) const {
    for (;;) {
      const std::uint64_t now = client_clock_ms();
      if (deadline != 0 && now >= deadline) { return false; }
      pollfd waited{fd_, events, 0};
      const int ready = ::poll(&waited, 1, deadline == 0 ? -1 : static_cast<int>(deadline - now));
      if (ready > 0) { return true; }
    }
  }

  HttpEndpoint endpoint_;
  HttpClientOptions options_;
  std::string host_line_;
  int fd_ = -1;
};

}  // namespace

std::string_view http_client_error_name(HttpClientError error) noexcept {
  switch (error) {
    case HttpClientError::bad_address:
      return "bad_address";
    case HttpClientError::connect_failed:
      return "connect_failed";
    case HttpClientError::connection_closed:
      return "connection_closed";
    case HttpClientError::timed_out:
      return "timed_out";
    case HttpClientError::malformed_response:
      return "malformed_response";
  }
  return "unknown";
}

std::optional<HttpEndpoint> HttpEndpoint::parse(std::string_view url) {
  std::uint16_t port = 0;
  if (url.starts_with("http://")) {
    url.remove_prefix(7);
    port = 80;
  }
  if (url.ends_with('/')) { url.remove_suffix(1); }
  if (url.find_first_of("/?#@") != std::string_view::npos) { return std::nullopt; }
  HttpEndpoint endpoint;
  if (url.starts_with('[')) {
    const std::size_t close = url.find(']');
    if (close == std::string_view::npos) { return std::nullopt; }
    endpoint.host = url.substr(1, close - 1);
    url.remove_prefix(close + 1);
  } else {
    const std::size_t colon = std::min(url.find(':'), url.size());
    endpoint.host = url.substr(0, colon);
    url.remove_prefix(colon);
  }
  if (!url.empty()) {
    const char* const end = url.data() + url.size();
    const auto read = std::from_chars(url.data() + 1, end, port);
    if (url.front() != ':' || read.ec != std::errc{} || read.ptr != end) { return std::nullopt; }
  }
  if (endpoint.host.empty() || port == 0) { return std::nullopt; }
  endpoint.port = port;
  return endpoint;
}

std::string_view HttpResponseView::header(std::string_view name) const noexcept {
  return find_header(header_lines, name);
}

std::string_view HttpClient::Response::header(std::string_view name) const noexcept {
  return find_header(header_lines, name);
}

// ---- HttpClient ----

struct HttpClient::Impl {
  Channel channel;
  std::string received;

  Impl(HttpEndpoint endpoint, HttpClientOptions options) : channel(std::move(endpoint), options) {}

  /// @param answered  Set when a byte of the answer has come: sending again would be a second try.
  Expected<Response, HttpClientError> exchange(std::string_view request, bool is_head,
                                               std::uint64_t deadline, bool& answered) {
    const auto sent = channel.send(request, deadline);
    if (!sent.has_value() && sent.error() != HttpClientError::connection_closed) {
      return Unexpected(sent.error());
    }
    // A server that refuses a request early may answer and close before it has read all of it.
    received.clear();
    HttpResponseParser parser;
    parser.reset(is_head);
    for (;;) {
      const auto got = channel.receive(received, deadline);
      if (!got.has_value()) { return Unexpected(got.error()); }
      answered = answered || *got != 0;
      if (received.empty()) { return Unexpected(HttpClientError::connection_closed); }
      for (;;) {
        std::size_t size = received.size();
        const HttpResponseParser::Result parsed =
            parser.parse(received.data(), size, channel.options().body_bytes_max, *got == 0);
        received.resize(size);
        if (parsed == HttpResponseParser::Result::malformed) {
          return Unexpected(*got == 0 ? HttpClientError::connection_closed
                                      : HttpClientError::malformed_response);
        }
        if (parsed == HttpResponseParser::Result::need_more) { break; }
        if (parser.status() / 100 != 1) {
          const HttpResponseView view = parser.view(received.data());
          Response response{view.status, std::string(view.body), std::string(view.header_lines)};
          if (!parser.keep_alive() || *got == 0) { channel.close(); }
          return response;
        }
        received.erase(0, parser.consumed());
        parser.reset(is_head);
      }
    }
  }
};

HttpClient::HttpClient(HttpEndpoint endpoint, HttpClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(endpoint), options)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Expected<HttpClient::Response, HttpClientError> HttpClient::request(
    HttpMethod method, std::string_view target, std::span<const HttpField> headers,
    std::string_view body) {
  std::string request;
  const std::string lines = join(headers);
  append_request(request, method, target, impl_->channel.host_header(), lines, body);
  const bool is_repeatable = (method != HttpMethod::post && method != HttpMethod::patch) ||
                             !find_header(lines, "Idempotency-Key").empty();
  const std::uint64_t deadline = impl_->channel.deadline();
  for (;;) {
    const bool is_kept = impl_->channel.is_open();
    if (!is_kept) {
      const auto opened = impl_->channel.open(deadline);
      if (!opened.has_value()) { return Unexpected(opened.error()); }
    }
    bool answered = false;
    auto response = impl_->exchange(request, method == HttpMethod::head, deadline, answered);
    if (response.has_value()) { return response; }
    impl_->channel.close();
    const bool was_stale =
        is_kept && !answered && response.error() == HttpClientError::connection_closed;
    if (!was_stale || !is_repeatable) { return response; }
  }
}

void HttpClient::close() noexcept { impl_->channel.close(); }

// ---- SseReader ----

struct SseReader::Impl {
  Channel channel;
  std::string received;
  std::string header_lines;
  std::string body;
  SseBody stream;
  std::vector<SseEvent> events;
  std::size_t next_event = 0;
  SseBody::Result state = SseBody::Result::ended;

  Impl(HttpEndpoint endpoint, HttpClientOptions options) : channel(std::move(endpoint), options) {}

  void take(std::string_view bytes) {
    state = stream.feed(
        bytes, [this](std::string_view event, std::string_view id, std::string_view data) {
          events.push_back({std::string(event), std::string(id), std::string(data)});
        });
  }
};

SseReader::SseReader(HttpEndpoint endpoint, HttpClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(endpoint), options)) {}
SseReader::~SseReader() = default;
SseReader::SseReader(SseReader&&) noexcept = default;
SseReader& SseReader::operator=(SseReader&&) noexcept = default;

Expected<int, HttpClientError> SseReader::open(std::string_view target,
                                               std::span<const HttpField> headers) {
  Impl& impl = *impl_;
  impl.channel.close();
  impl.received.clear();
  impl.events.clear();
  impl.next_event = 0;
  impl.stream = {};
  impl.body.clear();
  impl.state = SseBody::Result::ended;
  const std::uint64_t deadline = impl.channel.deadline();
  const auto opened = impl.channel.open(deadline);
  if (!opened.has_value()) { return Unexpected(opened.error()); }
  std::string request;
  const std::string lines = "Accept: text/event-stream\r\n" + join(headers);
  append_request(request, HttpMethod::get, target, impl.channel.host_header(), lines, {});
  const auto sent = impl.channel.send(request, deadline);
  if (!sent.has_value()) { return Unexpected(sent.error()); }
  HttpResponseParser parser;
  for (;;) {
    const auto got = impl.channel.receive(impl.received, deadline);
    if (!got.has_value()) { return Unexpected(got.error()); }
    (void)parser.parse_head(impl.received, *got == 0);
    if (parser.is_event_stream()) {
      impl.header_lines = parser.header_lines(impl.received.data());
      impl.stream.chunked = parser.is_chunked();
      impl.take(std::string_view(impl.received).substr(parser.head_size()));
      return parser.status();
    }
    std::size_t size = impl.received.size();
    const HttpResponseParser::Result parsed =
        parser.parse(impl.received.data(), size, impl.channel.options().body_bytes_max, *got == 0);
    impl.received.resize(size);
    if (parsed == HttpResponseParser::Result::malformed) {
      return Unexpected(HttpClientError::malformed_response);
    }
    if (parsed == HttpResponseParser::Result::complete) {
      const HttpResponseView view = parser.view(impl.received.data());
      impl.header_lines = view.header_lines;
      impl.body = view.body;
      impl.channel.close();
      return view.status;
    }
  }
}

Expected<SseEvent, HttpClientError> SseReader::next(Millis timeout) {
  Impl& impl = *impl_;
  const std::uint64_t deadline = Channel::deadline_of(std::max(timeout, Millis{1}));
  while (impl.next_event == impl.events.size()) {
    impl.events.clear();
    impl.next_event = 0;
    if (impl.state == SseBody::Result::malformed) {
      return Unexpected(HttpClientError::malformed_response);
    }
    if (impl.state == SseBody::Result::ended) {
      return Unexpected(HttpClientError::connection_closed);
    }
    impl.received.clear();
    const auto got = impl.channel.receive(impl.received, deadline);
    if (!got.has_value()) { return Unexpected(got.error()); }
    if (*got == 0) {
      impl.state = SseBody::Result::ended;
    } else {
      impl.take(impl.received);
    }
  }
  return std::move(impl.events[impl.next_event++]);
}

std::string_view SseReader::header(std::string_view name) const noexcept {
  return find_header(impl_->header_lines, name);
}

std::string_view SseReader::body() const noexcept { return impl_->body; }

}  // namespace firebrand
