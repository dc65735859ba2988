#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "base/assert.hpp"
#include "edge/http/openssl_ptr.hpp"
#include "edge/http/test_certificate.hpp"
#include "edge/http/tls.hpp"

namespace firebrand {

/// Speaks TLS on 127.0.0.1 with a certificate that it signed itself, and answers 200 to whoever is
/// content with that. One connection at a time. For tests only.
class TlsTestServer {
 public:
  /// @param names  Whom the certificate is for: "IP:127.0.0.1" or "DNS:shop.example".
  explicit TlsTestServer(const char* names) {
    (void)std::signal(SIGPIPE, SIG_IGN);  // Who does not trust us hangs up.
    const TestCertificate made = TestCertificate::make(names);
    certificate_ = made.certificate;
    context_ = TlsContext::make(made.certificate, made.key).value();
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    FB_ASSERT(::bind(listener_, any, size) == 0 && ::listen(listener_, 8) == 0 &&
              ::getsockname(listener_, any, &size) == 0);
    url_ = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsTestServer() {
    (void)::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    (void)::close(listener_);
  }
  TlsTestServer(const TlsTestServer&) = delete;
  TlsTestServer& operator=(const TlsTestServer&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  /// PEM: for those who are to trust it.
  [[nodiscard]] const std::string& certificate() const { return certificate_; }

 private:
  void serve() {
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) { return; }
      const OpensslPtr<SSL> session(SSL_new(context_->get()));
      (void)SSL_set_fd(session.get(), socket);
      std::array<char, 65'536> request;
      if (SSL_accept(session.get()) == 1 &&
          SSL_read(session.get(), request.data(), static_cast<int>(request.size())) > 0) {
        (void)SSL_write(session.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
        (void)SSL_shutdown(session.get());
      }
      (void)::close(socket);
    }
  }

  TlsContextPtr context_;
  int listener_ = -1;
  std::string url_;
  std::string certificate_;
  std::thread thread_;
};

}  // namespace firebrand
