#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/types.hpp"

/// What routes see of HTTP: requests come in, answers go out. No sockets and no library here.
namespace firebrand {

enum class HttpMethod : std::uint8_t { get, head, post, put, patch, del, options, other };

/// "GET"; "OTHER" for `other`.
[[nodiscard]] std::string_view http_method_name(HttpMethod) noexcept;

/// "Not Found" for 404; empty for a status we do not use.
[[nodiscard]] std::string_view http_reason(int status) noexcept;

/// The first header of that name in "name: value\r\n" lines, without the blanks around it; empty if
/// absent. Names are compared without case.
[[nodiscard]] std::string_view find_header(std::string_view lines, std::string_view name) noexcept;

/// The request headers we read often: found while parsing, looked up without a search.
enum class HttpHeader : std::uint8_t {
  accept_encoding,
  accept_language,
  authorization,
  content_type,
  cookie,
  firebrand_person,
  firebrand_signature,
  firebrand_timestamp,
  host,
  idempotency_key,
  if_none_match,
  last_event_id,
  sec_fetch_site,
  x_request_id,
};
inline constexpr std::size_t kHttpHeaderCount = 14;

/// Bytes that may be read (not used) behind HttpRequest::body: what simdjson asks for.
inline constexpr std::size_t kHttpBodyPadding = 64;

/// Who is at the other end of the connection. Behind a proxy this is the proxy.
struct PeerAddress {
  std::array<std::uint8_t, 16> bytes{};  ///< IPv6; IPv4 as ::ffff:a.b.c.d.
  std::uint16_t port = 0;                ///< Not part of the comparison of hosts.

  /// "192.0.2.7" or "2001:db8::1". Nothing if the text is neither.
  [[nodiscard]] static std::optional<PeerAddress> parse(std::string_view text,
                                                        std::uint16_t port = 0);
  /// As a proxy writes it into X-Forwarded-For: plain or with a port, which is not kept. One of
  /// IPv6 stands in brackets then, and may do so without a port too.
  [[nodiscard]] static std::optional<PeerAddress> parse_forwarded(std::string_view text);
  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;  ///< 127.0.0.0/8 or ::1.
  [[nodiscard]] std::string text() const;           ///< Without the port.

  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

/// One whole request. All views end with HttpHandler::handle(): what must outlive it is copied.
struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  std::string_view path;   ///< Starts with '/', still percent-encoded; "*" for OPTIONS *.
  std::string_view query;  ///< Behind '?', without it, still percent-encoded. May be empty.
  std::string_view body;   ///< kHttpBodyPadding more bytes behind it are readable.
  PeerAddress peer;
  bool is_tls = false;  ///< Came encrypted to this server itself; a proxy's word does not count.
  std::uint64_t received_ns = 0;  ///< Monotonic clock when the I/O thread read its last byte.

  /// Value without the blanks around it; empty if absent or empty. A header that means one thing
  /// (authorization, host, ...) never comes twice: such a request is refused as malformed. Of a
  /// repeated list header (accept_language, cookie, ...) the last line counts.
  [[nodiscard]] std::string_view header(HttpHeader header) const noexcept {
    return has(header) ? values_[static_cast<std::size_t>(header)] : std::string_view{};
  }
  [[nodiscard]] bool has(HttpHeader header) const noexcept {
    return ((present_ >> static_cast<unsigned>(header)) & 1U) != 0;
  }
  /// Any other header, by name in any case: the first line of that name, empty if absent.
  /// O(bytes of all headers).
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    return find_header(header_lines, name);
  }

  /// For the server and for tests of routes.
  void set_header(HttpHeader header, std::string_view value) noexcept {
    present_ |= 1U << static_cast<unsigned>(header);
    values_[static_cast<std::size_t>(header)] = value;
  }
  void clear_headers() noexcept { present_ = 0; }
  std::string_view header_lines;  ///< As received, "name: value\r\n" each.

 private:
  static_assert(kHttpHeaderCount <= 32);
  std::uint32_t present_ = 0;
  std::array<std::string_view, kHttpHeaderCount> values_;
};

/// Names one request that waits for its answer: connection and how often it was used. Answering a
/// token whose connection is gone, or a second time, does nothing. Zero: no request.
struct ResponseToken {
  std::uint64_t value = 0;
  friend bool operator==(ResponseToken, ResponseToken) = default;
};

/// Names one open stream; has the value of the ResponseToken it was started with. Zero: none.
struct StreamToken {
  std::uint64_t value = 0;
  friend bool operator==(StreamToken, StreamToken) = default;
};

/// One response header. CR, LF and NUL in a value become blanks.
struct HttpField {
  std::string_view name;
  std::string_view value;
};

/// Views need to live only until the call returns. The server adds Content-Length, Date and, where
/// it is due, Connection. A body for HEAD, 204 and 304 is not sent.
struct HttpResponse {
  int status = 200;                 ///< 200 to 599.
  std::string_view content_type{};  ///< Empty: no such header.
  std::span<const HttpField> headers{};
  std::string_view body{};
};

/// A response whose bytes are made once and shared by thousands of answers.
class PreparedResponse {
 public:
  /// @param response  As for respond(); an ETag goes into `etag`, not into the headers.
  /// @param etag      With its quotes: "\"abc\"" or "W/\"abc\"". Empty: never answered by 304.
  ///
  /// The 304 carries the ETag and of the headers Cache-Control, Content-Location, Expires and Vary.
  [[nodiscard]] static std::shared_ptr<const PreparedResponse> make(const HttpResponse& response,
                                                                    std::string_view etag = {});

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] std::string_view etag() const noexcept { return etag_; }
  [[nodiscard]] std::string_view body() const noexcept {
    return std::string_view(bytes_).substr(head_size_);
  }
  /// Status line and headers with their line ends; neither Date nor the empty line.
  [[nodiscard]] std::string_view head() const noexcept {
    return std::string_view(bytes_).substr(0, head_size_);
  }
  [[nodiscard]] std::string_view head_not_modified() const noexcept { return not_modified_; }

 private:
  int status_ = 0;
  std::size_t head_size_ = 0;
  std::string bytes_;  // Head, then body.
  std::string not_modified_;
  std::string etag_;
};
using PreparedResponsePtr = std::shared_ptr<const PreparedResponse>;

/// True if the condition names the tag (weak comparison, RFC 9110 section 13.1.2) or is "*".
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag) noexcept;

/// Bytes for any number of streams, framed once.
class StreamChunk {
 public:
  /// REQUIRES: not empty (an empty chunk would end the stream; see end_stream()).
  [[nodiscard]] static std::shared_ptr<const StreamChunk> make(std::string_view data);

  [[nodiscard]] std::string_view data() const noexcept {
    return std::string_view(framed_).substr(data_begin_, data_size_);
  }
  /// With the size before and the line end behind it (RFC 9112 section 7.1).
  [[nodiscard]] std::string_view framed() const noexcept { return framed_; }

 private:
  std::size_t data_begin_ = 0;
  std::size_t data_size_ = 0;
  std::string framed_;
};
using StreamChunkPtr = std::shared_ptr<const StreamChunk>;

/// Where answers go. I/O thread only. Routes are tested against an implementation without sockets.
class HttpResponder {
 public:
  virtual ~HttpResponder() = default;

  /// Copies what it is given; no allocation for an answer of ordinary size.
  virtual void respond(ResponseToken, const HttpResponse&) = 0;

  /// `if_none_match` decides between the whole response and its 304: pass the request's header, or
  /// nothing. `headers` come on top of the prepared ones (request id, rate limits).
  virtual void respond_prepared(ResponseToken, const PreparedResponsePtr&,
                                std::string_view if_none_match = {},
                                std::span<const HttpField> headers = {}) = 0;

  /// Starts an answer without an end (server-sent events). The body of `head` is its first bytes.
  /// For HEAD the head alone is sent and there is no stream.
  /// @return zero if there is no such request any more or nothing to stream.
  [[nodiscard]] virtual StreamToken start_stream(ResponseToken, const HttpResponse& head) = 0;

  /// Queues the chunk; it leaves in this round of the I/O thread or in one of the next, so that a
  /// chunk for 10,000 streams does not hold up purchases. A stream that does not keep up (see
  /// HttpLimits) is dropped and reported by stream_closed().
  virtual void send_stream(StreamToken, const StreamChunkPtr&) = 0;

  /// Ends the stream in order; what is queued is still sent. No stream_closed() follows.
  virtual void end_stream(StreamToken) = 0;
};

/// What the server calls, always on the I/O thread.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  /// Answers now or later by the token. The next request of the same connection is not shown
  /// before this one is answered.
  virtual void handle(const HttpRequest&, ResponseToken) = 0;

  /// After the last handle() of a poll round, if there was any: the moment to wake the engine.
  virtual void batch_end() {}

  /// Some time after HttpServer::wake(), once for many calls: answers have become ready.
  virtual void wake() {}

  /// The connection was lost before the answer: forget the token. Answering it is still harmless.
  virtual void closed(ResponseToken) {}

  /// The peer sends no more. It may still read its answer, or be gone, which only an answer tells:
  /// what would wait long is better answered now. The token may have been answered meanwhile.
  virtual void peer_ended(ResponseToken) {}

  /// The peer went away or was too slow. Not called for end_stream().
  virtual void stream_closed(StreamToken) {}

  /// The server is going to stop: last events may be sent, then all streams are ended.
  virtual void stopping() {}
};

}  // namespace firebrand
