#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/http/http.hpp"
#include "edge/http/tls.hpp"

namespace firebrand {

/// What one peer may take from the others. Exceeding a limit of the request is answered by a
/// problem body and ends the connection.
struct HttpLimits {
  // Connections. One too many is answered 503 with Retry-After.
  std::uint32_t connections_max = 20'000;
  std::uint32_t connections_per_address_max = 1'024;  ///< Per IPv4 address or IPv6 /64 network.
  bool limit_loopback = false;  ///< Also count 127.0.0.0/8 and ::1 per address.
  /// Proxies in front of us: not limited per address. The port is ignored.
  std::vector<PeerAddress> unlimited_addresses{};

  // One request.
  std::uint32_t request_line_bytes_max = 8 * 1024;  ///< 414
  std::uint32_t header_bytes_max = 16 * 1024;       ///< 431; request line included.
  std::uint32_t header_fields_max = 100;            ///< 431
  std::uint32_t body_bytes_max = 64 * 1024;         ///< 413; after removal of chunk framing.

  // Times. Checked every `sweep_period`, so they end up to that much late.
  Millis header_timeout{10'000};  ///< First to last byte of the head, or from accept: 408.
  Millis body_timeout{20'000};    ///< End of the head to end of the body: 408.
  Millis idle_timeout{75'000};    ///< Between two requests of a connection: closed.
  Millis write_timeout{20'000};   ///< For an answer, on top of its size at the speed below.
  Millis linger_timeout{2'000};   ///< How long a refused peer may read its refusal.
  Millis sweep_period{1'000};
  std::uint32_t write_bytes_per_second_min = 16 * 1024;  ///< Readers may be this slow.

  // One stream. It is dropped when more than this waits for a slow reader.
  std::uint32_t stream_queue_chunks_max = 64;
  std::uint32_t stream_queue_bytes_max = 128 * 1024;
};

/// Counts since the start, for /metrics. I/O thread only.
struct HttpServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t streams_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< Over a connection limit.
  std::uint64_t requests = 0;             ///< Handed to the handler.
  std::uint64_t refused_malformed = 0;    ///< 400, 414, 431, 501, 505.
  std::uint64_t refused_too_large = 0;    ///< 413.
  std::uint64_t timeouts_request = 0;     ///< 408.
  std::uint64_t timeouts_write = 0;
  std::uint64_t streams_dropped = 0;        ///< Too slow.
  std::uint64_t tls_handshakes_failed = 0;  ///< Refused, given up, or too slow.
  std::uint64_t bytes_received = 0;         ///< Within TLS, if there is TLS.
  std::uint64_t bytes_sent = 0;
};

/// How bytes travel on the connections of a listener.
enum class HttpWire : std::uint8_t { plain, tls };

struct HttpListenError {
  std::string message;  ///< Names the address and the reason.
};

/// HTTP/1.1 and 1.0 on one thread: the one that calls run(). Knows no routes. The handler and the
/// answers live on that thread; only stop(), post() and wake() may be called from others.
class HttpServer final : public HttpResponder {
 public:
  explicit HttpServer(HttpLimits limits);
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Before run(); may be called for several addresses. Port 0 takes a free one.
  /// @param address  "127.0.0.1", "0.0.0.0", "::1", "::" (IPv6 only).
  /// @param wire     REQUIRES for tls: use_tls() was called.
  /// @return the port.
  [[nodiscard]] Expected<std::uint16_t, HttpListenError> listen(std::string_view address,
                                                                std::uint16_t port,
                                                                HttpWire wire = HttpWire::plain);

  /// What connections to listeners with TLS begin with from now on; those that are open keep what
  /// they have. A handshake has as long as a request's head (HttpLimits::header_timeout); one that
  /// is over a connection limit is closed without a word. Before run() or on the I/O thread.
  /// @param hsts_seconds  Sent in Strict-Transport-Security with answers over TLS; zero: not sent.
  void use_tls(TlsContextPtr context, std::uint32_t hsts_seconds = 0);

  /// Serves until stop() has done its work. REQUIRES: not running already.
  void run(HttpHandler& handler);

  /// Stops accepting, lets requests in flight finish, ends streams; what is left after `grace` is
  /// cut off. run() returns then. Any thread, any number of times.
  void stop(Millis grace);

  /// Runs `work` on the I/O thread soon. Any thread. Work that comes after the end of run() is
  /// dropped.
  void post(std::function<void()> work);

  /// Makes the I/O thread call HttpHandler::wake() soon; many calls become one. Any thread, and
  /// cheap: a system call only if the I/O thread sleeps.
  void wake() noexcept;

  /// Before run() or on the I/O thread. The first call comes after one period.
  void call_every(Millis period, std::function<void()> work);

  [[nodiscard]] const HttpServerStats& stats() const noexcept;

  void respond(ResponseToken, const HttpResponse&) override;
  void respond_prepared(ResponseToken, const PreparedResponsePtr&,
                        std::string_view if_none_match = {},
                        std::span<const HttpField> headers = {}) override;
  [[nodiscard]] StreamToken start_stream(ResponseToken, const HttpResponse& head) override;
  void send_stream(StreamToken, const StreamChunkPtr&) override;
  void end_stream(StreamToken) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firebrand
