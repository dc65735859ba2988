#include "edge/http/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <cerrno>
#include <ctime>

#include "base/assert.hpp"
#include "edge/http/openssl_ptr.hpp"

namespace firebrand {

namespace {

constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";  // Of TLS 1.2; 1.3 has only good ones.
/// In a row: a record comes in a dozen pieces, and what brings no byte still costs its deciphering.
constexpr int kEmptyReadsMax = 256;
constexpr unsigned char kProtocol[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::string why() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "" : std::string(": ") + reason;
}

OpensslPtr<BIO> reader_of(std::string_view text) {
  return OpensslPtr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Instead of a question at the terminal.
int no_password(char*, int, int, void*) { return 0; }

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kProtocol, sizeof kProtocol, offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// ---- A socket for OpenSSL: its own would raise SIGPIPE ----------------------------------------

constexpr std::uintptr_t kEndSeen = std::uintptr_t{1} << 32U;  // Beside the socket's number.

std::uintptr_t state_of(BIO* bio) { return reinterpret_cast<std::uintptr_t>(BIO_get_data(bio)); }
void set_state(BIO* bio, std::uintptr_t state) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a place for a pointer.
  BIO_set_data(bio, reinterpret_cast<void*>(state));
}
int socket_of(BIO* bio) { return static_cast<int>(state_of(bio) & (kEndSeen - 1)); }

bool comes_later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int read_socket(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t received = ::recv(socket_of(bio), to, static_cast<std::size_t>(size), 0);
  if (received < 0 && comes_later()) { BIO_set_retry_read(bio); }
  if (received == 0) { set_state(bio, state_of(bio) | kEndSeen); }
  return static_cast<int>(received);
}

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && comes_later()) { BIO_set_retry_write(bio); }
  return static_cast<int>(sent);
}

long control_socket(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) { return (state_of(bio) & kEndSeen) != 0 ? 1 : 0; }
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* const method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "firebrand socket");
    FB_ASSERT(method != nullptr && BIO_meth_set_read(method, &read_socket) == 1 &&
              BIO_meth_set_write(method, &write_socket) == 1 &&
              BIO_meth_set_ctrl(method, &control_socket) == 1);
    return method;
  }();
  return kMethod;
}

}  // namespace

Expected<TlsContextPtr, std::string> TlsContext::make(std::string_view certificate,
                                                      std::string_view key) {
  ERR_clear_error();
  const std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* const context = made->context_;
  FB_ASSERT(context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
            SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  // An answer has its length: an end without a farewell cuts nothing off unseen.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Else one read() goes on for as long as a peer sends records without a byte (key updates).
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // Tickets need none.
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);

  const OpensslPtr<BIO> chain = reader_of(certificate);
  const OpensslPtr<X509> own(PEM_read_bio_X509(chain.get(), nullptr, &no_password, nullptr));
  if (own == nullptr) { return Unexpected("the certificate is no PEM certificate" + why()); }
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return Unexpected("the certificate cannot be used" + why());
  }
  while (X509* const next = PEM_read_bio_X509(chain.get(), nullptr, &no_password, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return Unexpected("a certificate of the chain cannot be used" + why());
    }
  }
  ERR_clear_error();  // There is always one that is the last.
  tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(own.get()), &end) != 1) {
    return Unexpected("the certificate does not say how long it is good" + why());
  }
  made->expires_at_ = timegm(&end);

  const OpensslPtr<EVP_PKEY> secret(
      PEM_read_bio_PrivateKey(reader_of(key).get(), nullptr, &no_password, nullptr));
  if (secret == nullptr) {
    return Unexpected("the key is no PEM private key without a password" + why());
  }
  if (SSL_CTX_use_PrivateKey(context, secret.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return Unexpected("the key does not belong to the certificate" + why());
  }
  return TlsContextPtr(made);
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsSession::TlsSession(const TlsContext& context, int fd) : session_(SSL_new(context.get())) {
  BIO* const socket = BIO_new(socket_method());
  FB_ASSERT(session_ != nullptr && socket != nullptr && fd >= 0);
  set_state(socket, static_cast<std::uintptr_t>(fd));
  BIO_set_init(socket, 1);
  SSL_set_bio(session_, socket, socket);
  SSL_set_accept_state(session_);
}

TlsSession::~TlsSession() { SSL_free(session_); }

ssize_t TlsSession::read(char* to, std::size_t size) {
  ERR_clear_error();
  std::size_t done = 0;
  const int result = SSL_read_ex(session_, to, size, &done);
  read_wants_room_ = false;
  if (result == 1) {
    empty_reads_ = 0;
    return static_cast<ssize_t>(done);
  }
  if (SSL_is_init_finished(session_) == 1 && ++empty_reads_ > kEmptyReadsMax) {
    errno = EPROTO;
    return -1;
  }
  switch (SSL_get_error(session_, result)) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_WRITE:
      read_wants_room_ = true;
      [[fallthrough]];
    case SSL_ERROR_WANT_READ:
      errno = EAGAIN;
      return -1;
    default:
      errno = EPROTO;
      return -1;
  }
}

ssize_t TlsSession::write(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    ERR_clear_error();
    std::size_t done = 0;
    const int result = SSL_write_ex(session_, bytes.data() + sent, bytes.size() - sent, &done);
    if (result == 1) {
      sent += done;
      continue;
    }
    const int error = SSL_get_error(session_, result);
    if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ) {
      errno = EPROTO;
      return -1;
    }
    if (sent != 0) { break; }
    errno = EAGAIN;
    return -1;
  }
  return static_cast<ssize_t>(sent);
}

void TlsSession::end() {
  if (!is_established()) { return; }
  ERR_clear_error();
  (void)SSL_shutdown(session_);
}

bool TlsSession::is_established() const noexcept { return SSL_is_init_finished(session_) == 1; }

}  // namespace firebrand
