// HTTPS by the program itself: its certificate, a new one while it runs, and who comes without TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "edge/http/outgoing.hpp"
#include "edge/http/test_certificate.hpp"
#include "program.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

class TlsServer : public ::testing::Test {
 protected:
  TlsServer() {
    write(path("cert.pem"), first_.certificate);
    write(path("key.pem"), first_.key);
    write(path("first.pem"), first_.certificate);
    write(path("second.pem"), second_.certificate);
  }

  void start() {
    server_.emplace(
        ServerOptions{.data = path("data"),
                      .port = port_,
                      .flags = {"--tls.certificate", path("cert.pem"), "--tls.key", path("key.pem"),
                                "--tls.redirect_port", std::to_string(plain_port_)}});
    ASSERT_TRUE(
        eventually([&] { return call("first.pem", "/readyz").status == 200; }, Millis{60'000}))
        << server_->process().output();
  }

  [[nodiscard]] std::string path(std::string_view name) const { return work_.path(name); }

  /// On a connection of its own. Status 0: no answer, for which the certificate is one reason.
  [[nodiscard]] OutgoingAnswer call(std::string_view trusted, const std::string& target,
                                    const std::string& body = {}) const {
    OutgoingClient client({.private_addresses = true, .ca_file = path(trusted)});
    auto answer = client.send({.method = body.empty() ? HttpMethod::get : HttpMethod::post,
                               .url = "https://127.0.0.1:" + std::to_string(port_) + target,
                               .headers = {"Content-Type: application/json"},
                               .body = body});
    return answer ? std::move(*answer) : OutgoingAnswer{};
  }

  TemporaryDirectory work_;
  const TestCertificate first_ = TestCertificate::make("IP:127.0.0.1");
  const TestCertificate second_ = TestCertificate::make("IP:127.0.0.1");
  const std::uint16_t port_ = lasting_port();
  const std::uint16_t plain_port_ = lasting_port();
  std::optional<ServerProcess> server_;
};

TEST_F(TlsServer, ServesHttpsAndSendsTheRestThere) {
  start();
  const std::string base = "https://127.0.0.1:" + std::to_string(port_);
  EXPECT_THAT(server_->process().output(), HasSubstr("firebrand serves " + base + " from"));
  const OutgoingAnswer page = call("first.pem", "/console/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(find_header(page.headers, "Strict-Transport-Security"), "max-age=86400");
  const OutgoingAnswer owner = call(
      "first.pem", "/v1/staff/setup",
      R"({"token":")" + server_->setup_token() + R"(","login":"owner","password":"long enough"})");
  ASSERT_EQ(owner.status, 200) << owner.body;
  EXPECT_THAT(std::string(find_header(owner.headers, "Set-Cookie")), HasSubstr("; Secure"));

  HttpClient plain({.port = plain_port_});
  const auto link = plain.request(HttpMethod::get, "/d/drop_1?from=poster");
  ASSERT_TRUE(link.has_value());
  EXPECT_EQ(link->status, 308);
  EXPECT_EQ(link->header("Location"), base + "/d/drop_1?from=poster");
  EXPECT_EQ(link->header("Strict-Transport-Security"), "");
  // A path that looks like another host stays a path.
  const auto slashes = plain.request(HttpMethod::get, "//evil.example/");
  ASSERT_TRUE(slashes.has_value());
  EXPECT_EQ(slashes->header("Location"), base + "//evil.example/");
  const auto secret = plain.request(HttpMethod::post, "/v1/staff/sign-in", {}, "{}");
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->status, 403);
  EXPECT_THAT(std::string(secret->body), HasSubstr("https_required"));

  const std::string metrics = call("first.pem", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("firebrand_tls_certificate_expires_seconds"));
  EXPECT_THAT(metrics, HasSubstr("firebrand_tls_handshakes_failed_total"));
  EXPECT_EQ(server_->stop(), 0) << server_->process().output();
}

TEST_F(TlsServer, TakesANewCertificateWhileItRuns) {
  start();
  EXPECT_EQ(call("second.pem", "/healthz").status, 0);
  write(path("cert.pem"), second_.certificate);
  write(path("key.pem"), second_.key);
  server_->process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return call("second.pem", "/healthz").status == 200; }));
  EXPECT_EQ(call("first.pem", "/healthz").status, 0);
  // A pair that is none is said, and the one before serves on.
  write(path("key.pem"), first_.key);
  ASSERT_TRUE(server_->process().wait_for_output("the key does not belong", Millis{30'000}));
  EXPECT_EQ(call("second.pem", "/healthz").status, 200);
  // The files alone are enough.
  write(path("cert.pem"), first_.certificate);
  EXPECT_TRUE(
      eventually([&] { return call("first.pem", "/healthz").status == 200; }, Millis{30'000}));
  EXPECT_EQ(server_->stop(), 0) << server_->process().output();
}

TEST_F(TlsServer, DoesNotStartWithABrokenPair) {
  write(path("key.pem"), second_.key);
  const std::vector<std::string> arguments = {"serve",          "--data",    path("data"),
                                              "--port",         "0",         "--tls.certificate",
                                              path("cert.pem"), "--tls.key", path("key.pem")};
  const Finished broken = run_program(arguments);
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.output, HasSubstr("the key does not belong to the certificate"));
  EXPECT_THAT(broken.output, Not(HasSubstr("PRIVATE KEY")));
}

}  // namespace
}  // namespace firebrand::e2e
