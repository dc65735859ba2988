#pragma once

#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "base/assert.hpp"

namespace firebrand {

/// Speaks TLS on 127.0.0.1 with a certificate that it signed itself, and answers 200 to whoever is
/// content with that. One connection at a time. For tests only.
class TlsTestServer {
 public:
  /// @param names  Whom the certificate is for: "IP:127.0.0.1" or "DNS:shop.example".
  explicit TlsTestServer(const char* names) {
    (void)std::signal(SIGPIPE, SIG_IGN);  // Who does not trust us hangs up.
    make_certificate(names);
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
  template <auto kFree>
  struct Free {
    template <class T>
    void operator()(T* owned) const {
      kFree(owned);
    }
  };

  void make_certificate(const char* names) {
    const std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, Free<&X509_free>> made(X509_new());
    (void)X509_set_version(made.get(), X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(made.get()), -3'600);
    (void)X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
    (void)X509_set_pubkey(made.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(made.get());
    const auto* const text = reinterpret_cast<const unsigned char*>("a test");
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    (void)X509_set_issuer_name(made.get(), name);
    const std::unique_ptr<X509_EXTENSION, Free<&X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names));
    (void)X509_add_ext(made.get(), extension.get(), -1);
    FB_ASSERT(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
    context_.reset(SSL_CTX_new(TLS_server_method()));
    FB_ASSERT(SSL_CTX_use_certificate(context_.get(), made.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
    const std::unique_ptr<BIO, Free<&BIO_free>> memory(BIO_new(BIO_s_mem()));
    (void)PEM_write_bio_X509(memory.get(), made.get());
    std::array<char, 4096> pem;
    const int bytes = BIO_read(memory.get(), pem.data(), static_cast<int>(pem.size()));
    certificate_.assign(pem.data(), static_cast<std::size_t>(bytes));
  }

  void serve() {
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) { return; }
      const std::unique_ptr<SSL, Free<&SSL_free>> session(SSL_new(context_.get()));
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

  std::unique_ptr<SSL_CTX, Free<&SSL_CTX_free>> context_;
  int listener_ = -1;
  std::string url_;
  std::string certificate_;
  std::thread thread_;
};

}  // namespace firebrand
