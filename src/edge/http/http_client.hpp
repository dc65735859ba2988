#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/http/http.hpp"

/// Clients for our own use: tests, crowd, bench. HTTP/1.1 without TLS, to one server each.
namespace firebrand {

enum class HttpClientError : std::uint8_t {
  bad_address,         ///< Not an address we can resolve.
  connect_failed,      ///< Refused, unreachable, or out of file descriptors.
  connection_closed,   ///< Ended before the answer was complete; it may have been acted on.
  timed_out,           ///< See HttpClientOptions::timeout.
  malformed_response,  ///< Not HTTP, or larger than the limits.
};
[[nodiscard]] std::string_view http_client_error_name(HttpClientError) noexcept;

struct HttpEndpoint {
  std::string host = "127.0.0.1";  ///< Name or address.
  std::uint16_t port = 8080;

  /// "http://host:port", "http://host" or "host:port"; a path behind it is refused.
  [[nodiscard]] static std::optional<HttpEndpoint> parse(std::string_view url);
};

struct HttpClientOptions {
  Millis timeout{10'000};  ///< For connecting and for one whole answer. Zero: none.
  std::uint32_t body_bytes_max = 64 * 1024 * 1024;
};

/// An answer as views; they end with the callback.
struct HttpResponseView {
  int status = 0;
  std::string_view body;
  std::string_view header_lines;  ///< As received, "name: value\r\n" each.

  /// First header of that name, in any case; empty if absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// One event of a text/event-stream, as the WHATWG standard cuts them.
struct SseEvent {
  std::string event = "message";
  std::string id;  ///< The last one seen on this stream, as EventSource keeps it.
  std::string data;
};

/// Blocking: one connection, kept alive and opened again when the server has closed it.
class HttpClient {
 public:
  struct Response {
    int status = 0;
    std::string body;
    std::string header_lines;
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  };

  explicit HttpClient(HttpEndpoint endpoint, HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// @param target  Path with query, percent-encoded.
  /// Host, Content-Length and nothing else is added. A kept connection that turns out to be closed
  /// before any byte of the answer is opened once more for GET, HEAD, PUT, DELETE and OPTIONS and
  /// for a POST with an Idempotency-Key.
  [[nodiscard]] Expected<Response, HttpClientError> request(HttpMethod method,
                                                            std::string_view target,
                                                            std::span<const HttpField> headers = {},
                                                            std::string_view body = {});

  /// Drops the connection; the next request opens a new one.
  void close() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Blocking reader of one event stream on a connection of its own.
class SseReader {
 public:
  explicit SseReader(HttpEndpoint endpoint, HttpClientOptions options = {});
  ~SseReader();
  SseReader(SseReader&&) noexcept;
  SseReader& operator=(SseReader&&) noexcept;

  /// Sends the GET and reads the head of the answer.
  /// @return the status; anything but a 200 text/event-stream has no events, see body().
  [[nodiscard]] Expected<int, HttpClientError> open(std::string_view target,
                                                    std::span<const HttpField> headers = {});

  /// The next event; comments are skipped. `timed_out` leaves the stream usable.
  [[nodiscard]] Expected<SseEvent, HttpClientError> next(Millis timeout);

  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  /// Of an answer that has no events.
  [[nodiscard]] std::string_view body() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Index of a connection of HttpSwarm; never reused for another one.
using SwarmConnection = std::uint32_t;

/// What HttpSwarm calls, inside poll(). `tag` is the caller's own.
class HttpSwarmListener {
 public:
  virtual ~HttpSwarmListener() = default;
  /// The connection is free again: send() may be called from here.
  virtual void on_response(SwarmConnection, std::uint64_t tag, const HttpResponseView&) = 0;
  /// The request has failed; the connection is free and opened anew by the next send(). Also for a
  /// kept connection that the server closed meanwhile: whether to send again is the caller's word.
  virtual void on_error(SwarmConnection, std::uint64_t tag, HttpClientError) = 0;
  /// One event of a stream opened by subscribe(). Views end with the call.
  virtual void on_event(SwarmConnection, std::uint64_t /*tag*/, std::string_view /*event*/,
                        std::string_view /*id*/, std::string_view /*data*/) {}
};

/// Thousands of keep-alive connections to one server on one thread, one request in flight on each.
/// Made to cost little, because it shares the machine with the server it measures.
class HttpSwarm {
 public:
  /// Resolves the host; opens nothing yet. A host that is not found fails each request.
  HttpSwarm(const HttpEndpoint& endpoint, std::uint32_t connections, HttpSwarmListener& listener,
            HttpClientOptions options = {});
  ~HttpSwarm();
  HttpSwarm(const HttpSwarm&) = delete;
  HttpSwarm& operator=(const HttpSwarm&) = delete;

  [[nodiscard]] std::uint32_t connections() const noexcept;

  /// Connects if needed and sends. The answer comes by on_response() or on_error().
  /// @param headers  Whole lines, "Name: value\r\n" each; Host and Content-Length are added.
  /// REQUIRES: the connection is free.
  void send(SwarmConnection, std::uint64_t tag, HttpMethod method, std::string_view target,
            std::string_view headers = {}, std::string_view body = {});

  /// A GET whose answer is an event stream: on_event() for each event until on_error() or close().
  /// An answer that is no event stream comes by on_response().
  void subscribe(SwarmConnection, std::uint64_t tag, std::string_view target,
                 std::string_view headers = {});

  /// Forgets what is in flight, without a callback. How a fan leaves.
  void close(SwarmConnection) noexcept;

  [[nodiscard]] bool is_free(SwarmConnection) const noexcept;
  [[nodiscard]] std::uint32_t in_flight() const noexcept;

  /// Waits at most `wait` for something to happen, then handles what has.
  /// @return callbacks made.
  std::uint32_t poll(std::chrono::microseconds wait);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firebrand
