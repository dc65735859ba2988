#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "edge/http/http_server_impl.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kCorkBytesMax = 64 * 1024;  // Answers to pipelined requests in one send.
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

/// @return false if there was nothing to read.
bool HttpServer::Impl::read(HttpConnection& c) {
  // What is thrown away need not be decrypted.
  const bool decrypts = c.tls != nullptr && c.state != State::lingering;
  const ssize_t received = decrypts ? c.tls->read(received_.get(), kReceiveBytesMax)
                                    : ::recv(c.fd, received_.get(), kReceiveBytesMax, 0);
  if (received < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
      if (decrypts && c.tls->read_wants_room()) {
        c.blocked = true;
        update_events(c);
      }
      return false;
    }
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
      if (c.peer_ended) { losses_.push_back({token_of(c), LossKind::senders_side}); }
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
  request_.is_tls = c.tls != nullptr;
  request_.received_ns = now_ns_;
  ++stats_.requests;
  handled_ = true;
  if (c.peer_ended) { losses_.push_back({token_of(c), LossKind::senders_side}); }
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

}  // namespace firebrand
