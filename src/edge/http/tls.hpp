#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/expected.hpp"

struct ssl_ctx_st;
struct ssl_st;

/// TLS for HttpServer, by OpenSSL: its names stay in tls.cpp.
namespace firebrand {

/// A certificate with its key, ready to greet clients: TLS 1.2 and 1.3, HTTP/1.1 by ALPN, tickets
/// to come back by. Never changes: a new certificate is a new context, and connections keep the one
/// they began with.
class TlsContext {
 public:
  /// @param certificate  PEM: the server's own, then those between it and its authority.
  /// @param key          PEM, without a password.
  /// @return what is wrong with them, in words, where they do not make a pair.
  [[nodiscard]] static Expected<std::shared_ptr<const TlsContext>, std::string> make(
      std::string_view certificate, std::string_view key);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// Seconds of Unix time: the last one for which the certificate is good.
  [[nodiscard]] std::int64_t expires_at() const noexcept { return expires_at_; }
  [[nodiscard]] ssl_ctx_st* get() const noexcept { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
  std::int64_t expires_at_ = 0;
};
using TlsContextPtr = std::shared_ptr<const TlsContext>;

/// The server's side of one connection: plain bytes here, records on a socket that does not block.
/// The handshake is done by the first reads. Costs some 10 KB while idle, and up to 34 KB more
/// while a record is underway.
class TlsSession {
 public:
  /// @param fd  Stays the caller's, who closes it after this is gone.
  TlsSession(const TlsContext& context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// As recv(): the bytes of one record, 0 at the end, -1 with errno; EAGAIN while the handshake or
  /// a record is not whole. Nothing readable is kept back, so what epoll says of the socket is
  /// true.
  /// @param size  At least one record's 16 KiB.
  [[nodiscard]] ssize_t read(char* to, std::size_t size);
  /// Whether the last read() waits for the socket to take bytes.
  [[nodiscard]] bool read_wants_room() const noexcept { return read_wants_room_; }
  /// As send(), but to the end or until the socket takes no more. What was not taken comes first in
  /// the next call, at any address and no shorter.
  [[nodiscard]] ssize_t write(std::string_view bytes);
  /// Tells the peer that nothing follows, if the socket takes it.
  void end();
  [[nodiscard]] bool is_established() const noexcept;

 private:
  ssl_st* session_;
  bool read_wants_room_ = false;
  int empty_reads_ = 0;  ///< In a row, after the handshake.
};

}  // namespace firebrand
