#include "edge/http/tls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "edge/http/http_test_server.hpp"
#include "edge/http/openssl_ptr.hpp"
#include "edge/http/test_certificate.hpp"

namespace firebrand {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const TestCertificate& certificate() {
  static const TestCertificate kMade = TestCertificate::make("IP:127.0.0.1");
  return kMade;
}

TlsContextPtr context() {
  return TlsContext::make(certificate().certificate, certificate().key).value();
}

struct ClientOptions {
  std::string trusted = certificate().certificate;  ///< PEM
  int newest_version = 0;                           ///< Of TLS; zero: the newest there is.
  std::string protocols = "\x08http/1.1";           ///< For ALPN; empty: nothing is said.
  SSL_SESSION* before = nullptr;                    ///< To come back by.
  int receive_bytes = 0;                            ///< Of the socket; zero: as the system likes.
};

/// A client of OpenSSL's own, that trusts one certificate.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const ClientOptions& options = {}) {
    (void)std::signal(SIGPIPE, SIG_IGN);
    const OpensslPtr<BIO> pem(
        BIO_new_mem_buf(options.trusted.data(), static_cast<int>(options.trusted.size())));
    const OpensslPtr<X509> trusted(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    FB_ASSERT(X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), trusted.get()) == 1);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (options.newest_version != 0) {
      SSL_CTX_set_min_proto_version(context_.get(), 0);
      SSL_CTX_set_max_proto_version(context_.get(), options.newest_version);
      SSL_CTX_set_security_level(context_.get(), 0);
      SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    }
    session_.reset(SSL_new(context_.get()));
    SSL_set_alpn_protos(session_.get(),
                        reinterpret_cast<const unsigned char*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
    if (options.before != nullptr) { SSL_set_session(session_.get(), options.before); }
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (options.receive_bytes != 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &options.receive_bytes, sizeof(int));
    }
    const timeval patience{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    FB_ASSERT(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    SSL_set_fd(session_.get(), fd_);
    is_greeted_ = SSL_connect(session_.get()) == 1;
  }
  ~TlsClient() {
    if (is_greeted_) { SSL_shutdown(session_.get()); }  // Else nobody may come back by it.
    session_.reset();
    ::close(fd_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  [[nodiscard]] bool is_greeted() const { return is_greeted_; }
  [[nodiscard]] SSL* session() const { return session_.get(); }

  void send(std::string_view bytes) {
    FB_ASSERT(SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0);
  }
  /// What has come, once the text is in it or the server has closed.
  std::string until(std::string_view text) {
    std::string come;
    while (come.find(text) == std::string::npos) {
      char bytes[16 * 1024];
      const int size = SSL_read(session_.get(), bytes, sizeof bytes);
      if (size <= 0) { break; }
      come.append(bytes, static_cast<std::size_t>(size));
    }
    return come;
  }
  /// All until the server closes.
  std::string rest() { return until("no answer has this"); }

 private:
  OpensslPtr<SSL_CTX> context_{SSL_CTX_new(TLS_client_method())};
  OpensslPtr<SSL> session_;
  int fd_ = -1;
  bool is_greeted_ = false;
};

std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

TEST(Tls, AnswersOneRequestAfterAnother) {
  TestServer server({}, context());
  TlsClient client(server.port);
  ASSERT_TRUE(client.is_greeted());
  EXPECT_STREQ(SSL_get_version(client.session()), "TLSv1.3");
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.session(), &protocol, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(protocol), size), "http/1.1");
  for (int i = 0; i < 3; ++i) {
    client.send(get("/echo?x=1"));
    const std::string answer = client.until("Host: a\r\n\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(body_of(answer), "GET /echo?x=1\nHost: a\r\n\n");
  }
  EXPECT_TRUE(server.on_io_thread([&] { return server.handler.last_was_tls; }));
}

TEST(Tls, SpeaksTheVersionBeforeAndNoneOlder) {
  TestServer server({}, context());
  TlsClient before(server.port, {.newest_version = TLS1_2_VERSION});
  ASSERT_TRUE(before.is_greeted());
  EXPECT_STREQ(SSL_get_version(before.session()), "TLSv1.2");
  before.send(kGet);
  EXPECT_THAT(before.until("\n\n"), HasSubstr("200 OK"));
  EXPECT_FALSE(TlsClient(server.port, {.newest_version = TLS1_1_VERSION}).is_greeted());
}

TEST(Tls, SpeaksNoOtherProtocolInside) {
  TestServer server({}, context());
  EXPECT_FALSE(TlsClient(server.port, {.protocols = "\x02h2"}).is_greeted());
  const std::string both = std::string("\x02h2") + "\x08http/1.1";
  EXPECT_TRUE(TlsClient(server.port, {.protocols = both}).is_greeted());
  EXPECT_TRUE(TlsClient(server.port, {.protocols = ""}).is_greeted());
}

// A reader that takes little at a time leaves records half sent: they must go on where they
// stopped.
TEST(Tls, AnswersOfAnySizeComeWhole) {
  TestServer server({}, context());
  for (const std::string_view path : {"/big?", "/shared?"}) {
    for (const std::size_t size : {0UL, 1UL, 16'383UL, 16'384UL, 70'000UL, 5'000'000UL}) {
      TlsClient client(server.port, {.receive_bytes = size < 100'000 ? 16'384 : 0});
      client.send(std::string(kGet) + get(std::string(path) + std::to_string(size)) +
                  get("/echo?end", "Connection: close\r\n"));
      const std::string answers = client.rest();
      const auto count = static_cast<std::size_t>(std::count(answers.begin(), answers.end(), 'b'));
      EXPECT_GE(count, size) << path << size;
      EXPECT_NE(answers.find("Content-Length: " + std::to_string(size) + "\r\n"),
                std::string::npos);
      EXPECT_THAT(answers, HasSubstr(std::string(size, 'b') + "HTTP/1.1 200 OK")) << path << size;
      EXPECT_THAT(answers, EndsWith("Connection: close\r\n\n")) << path << size;
    }
  }
}

TEST(Tls, TakesRequestsInAnyPieces) {
  TestServer server({}, context());
  TlsClient client(server.port);
  const std::string body(60'000, 'x');
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + body;
  client.send(request);
  EXPECT_THAT(client.until(body), HasSubstr("200 OK"));
  for (const char& c : std::string(kGet)) { client.send({&c, 1}); }
  EXPECT_THAT(client.until("Host: a\r\n\n"), HasSubstr("200 OK"));
}

TEST(Tls, CarriesStreams) {
  TestServer server({}, context());
  TlsClient client(server.port);
  client.send(get("/stream"));
  const std::string head = client.until("data: hello");
  EXPECT_THAT(head, HasSubstr("text/event-stream"));
  EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  for (int i = 0; i < 3; ++i) {
    const std::string text = "data: " + std::to_string(i) + "\n\n";
    (void)server.on_io_thread([&] {
      server.server.send_stream(server.handler.streams.at(0), StreamChunk::make(text));
      return true;
    });
    EXPECT_THAT(client.until(text), HasSubstr(text));
  }
  (void)server.on_io_thread([&] {
    server.server.end_stream(server.handler.streams.at(0));
    return true;
  });
  EXPECT_THAT(client.rest(), EndsWith("0\r\n\r\n"));
}

TEST(Tls, TellsBrowsersToComeBackEncrypted) {
  TestServer plain;
  RawClient open(plain.port);
  open.send(kGet);
  const RawAnswer answer = open.answer();
  EXPECT_EQ(answer.header("Strict-Transport-Security"), "");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_FALSE(plain.on_io_thread([&] { return plain.handler.last_was_tls; }));
  TestServer server({}, context());
  TlsClient client(server.port);
  for (const char* const path : {"/echo", "/prepared", "/stream"}) {
    client.send(get(path));
    EXPECT_THAT(client.until("\r\n\r\n"), HasSubstr("Strict-Transport-Security: max-age=86400\r\n"))
        << path;
  }
}

TEST(Tls, EndsWhoDoesNotGreetInTime) {
  TestServer server(quick_limits(), context());
  RawClient silent(server.port);
  RawClient slow(server.port);
  slow.send("\x16\x03\x01");  // A record of which no more comes.
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(slow.is_closed());
  EXPECT_TRUE(server.until([&] { return server.server.stats().tls_handshakes_failed == 2; }));
}

TEST(Tls, EndsWhoSpeaksPlainly) {
  TestServer server({}, context());
  RawClient client(server.port);
  client.send(kGet);
  EXPECT_THAT(client.rest(), testing::Not(HasSubstr("HTTP/1.1")));
  EXPECT_TRUE(server.until([&] { return server.server.stats().tls_handshakes_failed == 1; }));
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.requests; }), 0);
}

TEST(Tls, ShutsTheDoorOverALimit) {
  TestServer server({.connections_max = 1}, context());
  TlsClient first(server.port);
  ASSERT_TRUE(first.is_greeted());
  EXPECT_FALSE(TlsClient(server.port).is_greeted());
  first.send(kGet);
  EXPECT_THAT(first.until("\n\n"), HasSubstr("200 OK"));
}

/// Records that bring no byte, so many in a row; whether a request after them is answered.
bool is_answered_after_key_updates(std::uint16_t port, int count) {
  TlsClient client(port);
  for (int i = 0; i < count; ++i) {
    if (SSL_key_update(client.session(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
        SSL_do_handshake(client.session()) != 1) {
      return false;
    }
  }
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  return SSL_write(client.session(), kRequest.data(), static_cast<int>(kRequest.size())) > 0 &&
         client.until("200").find("200") != std::string::npos;
}

TEST(Tls, EndsWhoSendsRecordsWithoutAByteForEver) {
  TestServer server({}, context());
  EXPECT_TRUE(is_answered_after_key_updates(server.port, 3));
  EXPECT_FALSE(is_answered_after_key_updates(server.port, 2'000));
}

TEST(Tls, TakesANewCertificateWithoutEndingConnections) {
  TestServer server({}, context());
  TlsClient before(server.port);
  ASSERT_TRUE(before.is_greeted());
  const TestCertificate next = TestCertificate::make("IP:127.0.0.1");
  (void)server.on_io_thread([&] {
    server.server.use_tls(TlsContext::make(next.certificate, next.key).value());
    return true;
  });
  before.send(kGet);
  EXPECT_THAT(before.until("\n\n"), HasSubstr("200 OK"));
  EXPECT_FALSE(TlsClient(server.port).is_greeted());
  EXPECT_TRUE(TlsClient(server.port, {.trusted = next.certificate}).is_greeted());
}

TEST(Tls, KnowsWhoComesBack) {
  TestServer server({}, context());
  for (const int version : {TLS1_2_VERSION, 0}) {
    OpensslPtr<SSL_SESSION> session;
    {
      TlsClient first(server.port, {.newest_version = version});
      first.send(kGet);
      (void)first.until("\n\n");  // Tickets of TLS 1.3 come with the answer.
      session.reset(SSL_get1_session(first.session()));
    }
    TlsClient again(server.port, {.newest_version = version, .before = session.get()});
    EXPECT_TRUE(again.is_greeted());
    EXPECT_EQ(SSL_session_reused(again.session()), 1);
  }
}

TEST(Tls, SaysWhatIsWrongWithAPair) {
  const TestCertificate other = TestCertificate::make("IP:127.0.0.1");
  const auto error = [](std::string_view certificate, std::string_view key) {
    const auto made = TlsContext::make(certificate, key);
    return made ? std::string() : made.error();
  };
  const std::string& own = certificate().certificate;
  EXPECT_EQ(error(own, certificate().key), "");
  EXPECT_EQ(error(own + other.certificate, certificate().key), "") << "a chain";
  const TestCertificate weak = TestCertificate::make("IP:127.0.0.1", 512);
  EXPECT_THAT(error(own + weak.certificate, certificate().key),
              StartsWith("a certificate of the chain cannot be used"));
  EXPECT_THAT(error(own, other.key), StartsWith("the key does not belong to the certificate"));
  EXPECT_THAT(error("", certificate().key), StartsWith("the certificate is no PEM"));
  EXPECT_THAT(error(own.substr(0, own.size() / 2), certificate().key),
              StartsWith("the certificate is no PEM"));
  EXPECT_THAT(error(own, own), StartsWith("the key is no PEM private key"));
  const std::int64_t left = context()->expires_at() - std::int64_t{std::time(nullptr)};
  EXPECT_GT(left, 1'800);
  EXPECT_LE(left, 3'600);
}

}  // namespace
}  // namespace firebrand
