#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "edge/http/http_server_impl.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kShareBytesMin = 16 * 1024;  // Prepared bodies from here on: not copied.
constexpr std::size_t kSegmentsMax = 16;           // Per system call.
constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// @param detail  Our own words: nothing in it needs escaping.
std::string problem_json(const HttpRefusal& refusal, std::string_view detail,
                         std::string_view request_id) {
  std::string json;
  json.append(R"({"type":"/problems/)").append(refusal.code);
  json.append(R"(","title":")").append(refusal.title);
  json.append(R"(","status":)").append(std::to_string(refusal.status));
  json.append(R"(,"detail":")").append(detail);
  json.append(R"(","instance":"urn:firebrand:req:)").append(request_id);
  json.append(R"(","code":")").append(refusal.code).append("\"}");
  return json;
}

/// As many as one system call takes.
ssize_t send_segments(int fd, const HttpOutput& output) {
  iovec pieces[kSegmentsMax];
  msghdr message{};
  message.msg_iov = pieces;
  for (std::size_t i = output.first;
       i < output.segments.size() && message.msg_iovlen < kSegmentsMax; ++i) {
    const std::string_view bytes = output.segments[i].bytes;
    pieces[message.msg_iovlen++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

}  // namespace

/// Answers of the connection that is just being read leave together; others leave at once.
AnswerBuffer& HttpServer::Impl::answer_buffer(const HttpConnection& c) {
  if (&c == current_) { return cork_; }
  answer_.clear();
  return answer_;
}

/// The whole head, with the empty line; reserves room for the body as well.
void HttpServer::Impl::append_head(AnswerBuffer& out, const HttpConnection& c,
                                   const HttpResponse& response) {
  FB_ASSERT(response.status >= 200 && response.status <= 599);
  const std::string_view reason = http_reason(response.status);
  out.reserve(head_bytes_max() + reason.size() + response.content_type.size() +
              response.body.size());
  out.append("HTTP/1.1 ");
  out.append_number(static_cast<std::uint64_t>(response.status));
  out.append(" ");
  out.append(reason);
  out.append("\r\n");
  out.append(date_.at(unix_seconds_));
  if (!response.content_type.empty()) {
    out.append("Content-Type: ");
    out.append(response.content_type);
    out.append("\r\n");
  }
  append_connection(out, c);
  if (response.status != 204 && response.status != 304) {
    out.append("Content-Length: ");
    out.append_number(response.body.size());
    out.append("\r\n");
  }
  append_fields(out, response.headers);
  out.reserve(2 + response.body.size());
  out.append("\r\n");
}

void HttpServer::Impl::append_fields(AnswerBuffer& out, std::span<const HttpField> fields) {
  for (const HttpField& field : fields) {
    out.reserve(field.name.size() + field.value.size() + 4);
    out.append(field.name);
    out.append(": ");
    out.append_value(field.value);
    out.append("\r\n");
  }
}

/// With every answer: no browser guesses a type, none comes back without TLS.
void HttpServer::Impl::append_safety(AnswerBuffer& out, const HttpConnection& c) {
  out.append("X-Content-Type-Options: nosniff\r\n");
  if (c.tls != nullptr) { out.append(hsts_line_); }
}

void HttpServer::Impl::append_connection(AnswerBuffer& out, const HttpConnection& c) {
  append_safety(out, c);
  if (!c.keep_alive || stopping_) {
    out.append("Connection: close\r\n");
  } else if (!c.http11) {
    out.append("Connection: keep-alive\r\n");
  }
}

void HttpServer::Impl::finish_answer(HttpConnection& c) {
  if (!c.keep_alive || stopping_) {
    c.state = State::closing;
    return;
  }
  c.state = State::reading;
  c.phase = HttpReadPhase::idle;
  c.deadline_ms = after(limits_.idle_timeout);
  if (&c != current_) { resume_later(c); }
}

void HttpServer::Impl::finish_answer_and_send(HttpConnection& c) {
  finish_answer(c);
  if (&c == current_) { return; }
  transmit(c, answer_.view());
  settle(c);
}

void HttpServer::Impl::uncork(HttpConnection& c) {
  if (cork_.size() == 0) { return; }
  transmit(c, cork_.view());
  cork_.clear();
}

void HttpServer::Impl::respond(ResponseToken token, const HttpResponse& response) {
  HttpConnection* const c = find(token.value, State::awaiting);
  if (c == nullptr) { return; }
  AnswerBuffer& out = answer_buffer(*c);
  append_head(out, *c, response);
  const bool has_body = !c->head_only && response.status != 204 && response.status != 304;
  if (has_body) { out.append(response.body); }
  finish_answer_and_send(*c);
}

void HttpServer::Impl::respond_prepared(ResponseToken token, const PreparedResponsePtr& prepared,
                                        std::string_view if_none_match,
                                        std::span<const HttpField> headers) {
  FB_ASSERT(prepared != nullptr);
  HttpConnection* const c = find(token.value, State::awaiting);
  if (c == nullptr) { return; }
  const bool is_unchanged = !if_none_match.empty() && prepared->status() == 200 &&
                            etag_matches(if_none_match, prepared->etag());
  const std::string_view head = is_unchanged ? prepared->head_not_modified() : prepared->head();
  const bool has_body =
      !c->head_only && !is_unchanged && prepared->status() != 204 && prepared->status() != 304;
  const std::string_view body = has_body ? prepared->body() : std::string_view{};
  const bool is_shared = body.size() >= kShareBytesMin;

  AnswerBuffer& out = answer_buffer(*c);
  out.reserve(head.size() + head_bytes_max());
  out.append(head);
  out.append(date_.at(unix_seconds_));
  append_connection(out, *c);
  append_fields(out, headers);
  out.reserve(2 + body.size());
  out.append("\r\n");
  if (!is_shared) {
    out.append(body);
    return finish_answer_and_send(*c);
  }
  finish_answer(*c);
  if (c == current_) {
    uncork(*c);
  } else {
    transmit(*c, out.view());
  }
  if (c->state == State::free) { return; }
  transmit(*c, body, prepared);
  if (c != current_) { settle(*c); }
}

StreamToken HttpServer::Impl::start_stream(ResponseToken token, const HttpResponse& head) {
  HttpConnection* const c = find(token.value, State::awaiting);
  if (c == nullptr) { return {}; }
  c->keep_alive = false;  // Ends with the stream.
  AnswerBuffer& out = answer_buffer(*c);
  const std::string_view reason = http_reason(head.status);
  out.reserve(head_bytes_max() + reason.size() + head.content_type.size());
  out.append("HTTP/1.1 ");
  out.append_number(static_cast<std::uint64_t>(head.status));
  out.append(" ");
  out.append(reason);
  out.append("\r\n");
  out.append(date_.at(unix_seconds_));
  out.append("Content-Type: ");
  out.append(head.content_type);
  out.append("\r\nConnection: close\r\n");
  if (c->http11) { out.append("Transfer-Encoding: chunked\r\n"); }
  append_safety(out, *c);
  append_fields(out, head.headers);
  out.reserve(2);
  out.append("\r\n");
  if (c->head_only) {
    finish_answer_and_send(*c);
    return {};
  }
  if (!head.body.empty()) {
    const StreamChunkPtr first = StreamChunk::make(head.body);
    const std::string_view bytes = c->http11 ? first->framed() : first->data();
    out.reserve(bytes.size());
    out.append(bytes);
  }
  c->state = State::streaming;
  c->deadline_ms = 0;
  ++stats_.streams_open;
  const StreamToken stream{token_of(*c)};
  if (c != current_) {
    transmit(*c, out.view());
    if (c->state != State::free) {
      c->release_input();
      settle(*c);
    }
  }
  return stream;
}

void HttpServer::Impl::send_stream(StreamToken token, const StreamChunkPtr& chunk) {
  FB_ASSERT(chunk != nullptr);
  HttpConnection* const c = find(token.value, State::streaming);
  if (c == nullptr) { return; }
  if (c == current_) {
    uncork(*c);
    if (c->state == State::free) { return; }
  }
  queue(*c, c->http11 ? chunk->framed() : chunk->data(), chunk);
  if (c->output->count() > limits_.stream_queue_chunks_max ||
      c->output->bytes > limits_.stream_queue_bytes_max) {
    ++stats_.streams_dropped;
    return drop(*c);
  }
  if (!c->blocked && !std::exchange(c->in_flush_list, true)) { flush_list_.push_back(c->slot); }
}

void HttpServer::Impl::end_stream(StreamToken token) {
  HttpConnection* const c = find(token.value, State::streaming);
  if (c == nullptr) { return; }
  if (c == current_) {
    uncork(*c);
    if (c->state == State::free) { return; }
  }
  --stats_.streams_open;
  c->state = State::closing;
  if (c->http11) { queue(*c, kLastChunk, nullptr); }
  if (c->blocked) {
    c->deadline_ms = std::max(c->deadline_ms, after(limits_.write_timeout));
  } else if (!std::exchange(c->in_flush_list, true)) {
    flush_list_.push_back(c->slot);
  }
}

/// Sends now what the socket takes. Without an owner the rest is copied.
void HttpServer::Impl::transmit(HttpConnection& c, std::string_view bytes,
                                std::shared_ptr<const void> owner) {
  if (c.output == nullptr) {
    const ssize_t sent = c.tls != nullptr ? c.tls->write(bytes)
                                          : ::send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) { return drop(c); }
    if (sent > 0) {
      stats_.bytes_sent += static_cast<std::uint64_t>(sent);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (bytes.empty()) { return; }
  }
  if (owner == nullptr) {
    auto copy = std::make_shared<const std::string>(bytes);
    bytes = *copy;
    owner = std::move(copy);
  }
  queue(c, bytes, std::move(owner));
  mark_blocked(c);
}

void HttpServer::Impl::queue(HttpConnection& c, std::string_view bytes,
                             std::shared_ptr<const void> owner) {
  if (c.output == nullptr) { c.output = std::make_unique<HttpOutput>(); }
  // A stream that is never quite empty would otherwise keep a place for each chunk it ever had.
  HttpOutput& output = *c.output;
  if (output.first > kSegmentsMax && output.first > output.count()) {
    output.segments.erase(output.segments.begin(),
                          output.segments.begin() + static_cast<std::ptrdiff_t>(output.first));
    output.first = 0;
  }
  output.segments.push_back({std::move(owner), bytes});
  output.bytes += bytes.size();
}

void HttpServer::Impl::mark_blocked(HttpConnection& c) {
  c.blocked = true;
  c.deadline_ms =
      after(limits_.write_timeout) + c.output->bytes * 1'000 / limits_.write_bytes_per_second_min;
}

void HttpServer::Impl::flush(HttpConnection& c) {
  HttpOutput* const output = c.output.get();
  while (output != nullptr && output->count() != 0) {
    const ssize_t sent = c.tls != nullptr ? c.tls->write(output->segments[output->first].bytes)
                                          : send_segments(c.fd, *output);
    if (sent < 0) {
      if (errno == EINTR) { continue; }
      if (errno != EAGAIN && errno != EWOULDBLOCK) { return drop(c); }
      c.blocked = true;
      if (c.deadline_ms == 0) { mark_blocked(c); }
      break;
    }
    auto left = static_cast<std::size_t>(sent);
    stats_.bytes_sent += left;
    output->bytes -= left;
    while (left != 0) {
      HttpOutput::Segment& segment = output->segments[output->first];
      const std::size_t taken = std::min(left, segment.bytes.size());
      segment.bytes.remove_prefix(taken);
      left -= taken;
      if (segment.bytes.empty()) {
        segment.owner.reset();
        ++output->first;
      }
    }
    // An answer's time runs from its start; a stream has to move on, no more.
    if (c.state == State::streaming) { c.deadline_ms = 0; }
  }
  if (output != nullptr && output->count() == 0) {
    c.output.reset();
    c.blocked = false;
    c.deadline_ms = c.state == State::reading ? after(limits_.idle_timeout) : 0;
    if (c.state == State::reading) { resume_later(c); }
  }
  settle(c);
}

/// After bytes went in or out: what follows from the state the connection is in now.
void HttpServer::Impl::settle(HttpConnection& c) {
  if (c.state == State::free) { return; }
  if (c.state == State::reading && c.peer_ended && c.output == nullptr && !c.in_resume_list) {
    return drop(c);  // Nobody is there to complete a request.
  }
  if (c.state == State::closing && c.output == nullptr) { return linger(c); }
  update_events(c);
}

void HttpServer::Impl::refuse(HttpConnection& c, const HttpRefusal& refusal,
                              std::string_view detail) {
  const Text<40> id = refusal_ids_.next();
  const HttpField fields[] = {{"X-Request-Id", id.view()},
                              {"Cache-Control", "no-store"},
                              {"Content-Language", "en"},
                              {"Retry-After", "1"}};
  const std::string body = problem_json(refusal, detail, id.view());
  const HttpResponse response{.status = refusal.status,
                              .content_type = "application/problem+json",
                              .headers = std::span(fields).first(refusal.status == 503 ? 4 : 3),
                              .body = body};
  c.keep_alive = false;
  c.http11 = true;
  AnswerBuffer& out = answer_buffer(c);
  append_head(out, c, response);
  out.append(body);
  finish_answer_and_send(c);
}

}  // namespace firebrand
