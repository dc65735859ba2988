#include "edge/http/outgoing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "edge/http/http_test_server.hpp"
#include "edge/http/tls_test_server.hpp"

namespace firebrand {
namespace {

OutgoingOptions at_home() { return {.private_addresses = true, .timeout = Millis{5'000}}; }

std::string url_of(const TestServer& server, std::string_view path) {
  return "http://127.0.0.1:" + std::to_string(server.port) + std::string(path);
}

PeerAddress address(std::string_view text) { return PeerAddress::parse(text).value(); }

TEST(Outgoing, KnowsThePublicInternet) {
  for (const char* const text : {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.167.1.1",
                                 "2606:4700::1111", "2a00:1450:4001::1"}) {
    EXPECT_TRUE(is_public_address(address(text))) << text;
  }
  for (const char* const text : {"0.0.0.0",
                                 "10.1.2.3",
                                 "100.64.0.1",
                                 "127.0.0.1",
                                 "169.254.169.254",
                                 "172.16.0.1",
                                 "172.31.255.255",
                                 "192.168.0.1",
                                 "198.18.0.1",
                                 "224.0.0.1",
                                 "255.255.255.255",
                                 "::",
                                 "::1",
                                 "fe80::1",
                                 "fc00::1",
                                 "fd12::1",
                                 "ff02::1",
                                 "64:ff9b::7f00:1",
                                 "2002:7f00:1::",
                                 "2001:db8::1",
                                 "::ffff:10.0.0.1",
                                 "::ffff:127.0.0.1",
                                 "::7f00:1"}) {
    EXPECT_FALSE(is_public_address(address(text))) << text;
  }
}

TEST(Outgoing, RefusesUrlsThatLeadInside) {
  const auto code_of = [](const std::string& url, const OutgoingOptions& options) {
    const auto error = check_outgoing_url(url, options);
    return error ? std::optional(error->code) : std::nullopt;
  };
  using enum OutgoingErrorCode;
  EXPECT_EQ(code_of("https://shop.example/hooks?a=b", {}), std::nullopt);
  EXPECT_EQ(code_of("https://shop.example:8443/hooks", {}), std::nullopt);
  for (const char* const url : {"http://shop.example/", "ftp://shop.example/", "file:///etc/passwd",
                                "https://user:word@shop.example/", "https://", "", "shop",
                                "https://shop.example/#part", "https://shop example/"}) {
    EXPECT_EQ(code_of(url, {}), url_not_allowed) << url;
  }
  for (const char* const url :
       {"https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://10.0.0.1/",
        "https://[::ffff:169.254.169.254]/", "https://127.1/"}) {
    EXPECT_EQ(code_of(url, {}), address_not_allowed) << url;
  }
  EXPECT_EQ(code_of("http://127.0.0.1:8080/", at_home()), std::nullopt);
}

TEST(Outgoing, PostsBodyAndHeadersAsGiven) {
  TestServer server;
  OutgoingClient client(at_home());
  const auto answer = client.send({.url = url_of(server, "/echo?a=b"),
                                   .headers = {"content-type: application/json", "x-own: 1"},
                                   .body = R"({"a":1})"});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->body.starts_with("POST /echo?a=b\n")) << answer->body;
  EXPECT_TRUE(answer->body.ends_with("\n{\"a\":1}")) << answer->body;
  EXPECT_THAT(answer->body, testing::HasSubstr("content-type: application/json\r\n"));
  EXPECT_THAT(answer->body, testing::HasSubstr("x-own: 1\r\n"));
  EXPECT_EQ(answer->body.find("Expect"), std::string::npos);
  EXPECT_EQ(find_header(answer->headers, "content-type"), "text/plain");
}

TEST(Outgoing, KeepsItsConnectionAndOtherMethods) {
  TestServer server;
  OutgoingClient client(at_home());
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::put, HttpMethod::del}) {
    const auto answer = client.send({.method = method, .url = url_of(server, "/echo")});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_TRUE(answer->body.starts_with(http_method_name(method))) << answer->body;
  }
  EXPECT_EQ(server.server.stats().connections_accepted, 1U);
}

TEST(Outgoing, ReadsNoMoreThanItMay) {
  TestServer server;
  OutgoingOptions options = at_home();
  options.answer_bytes_max = 1'000;
  OutgoingClient client(options);
  const auto answer =
      client.send({.method = HttpMethod::get, .url = url_of(server, "/big?100000")});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_FALSE(answer->whole);
  EXPECT_EQ(answer->body.size(), 1'000U);
}

TEST(Outgoing, GivesUpInTime) {
  TestServer server;
  OutgoingOptions options = at_home();
  options.timeout = Millis{100};
  OutgoingClient client(options);
  const auto answer = client.send({.url = url_of(server, "/later")});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, OutgoingErrorCode::timed_out);
}

TEST(Outgoing, SaysWhyThereIsNoAnswer) {
  TestServer server;
  OutgoingClient client(at_home());
  // Plain text where TLS is expected, and a port where nobody listens.
  const auto tls = client.send({.url = "https://127.0.0.1:" + std::to_string(server.port) + "/"});
  ASSERT_FALSE(tls.has_value());
  EXPECT_EQ(tls.error().code, OutgoingErrorCode::tls_failed) << tls.error().message;
  server.stop(Millis{0});
  const auto nobody = client.send({.url = url_of(server, "/")});
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().code, OutgoingErrorCode::no_connection) << nobody.error().message;
}

TEST(Outgoing, ChecksTheCertificate) {
  const auto call = [](const TlsTestServer& server, bool is_trusted) {
    const std::string file = ::testing::TempDir() + "firebrand-authority.pem";
    std::ofstream(file) << server.certificate();
    OutgoingOptions options = at_home();
    if (is_trusted) { options.ca_file = file; }
    return OutgoingClient(options).send({.url = server.url()});
  };
  const TlsTestServer server("IP:127.0.0.1");
  const auto trusted = call(server, true);
  ASSERT_TRUE(trusted.has_value()) << trusted.error().message;
  EXPECT_EQ(trusted->status, 200);
  const auto unknown = call(server, false);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, OutgoingErrorCode::tls_failed) << unknown.error().message;
  const auto of_another = call(TlsTestServer("DNS:shop.example"), true);
  ASSERT_FALSE(of_another.has_value());
  EXPECT_EQ(of_another.error().code, OutgoingErrorCode::tls_failed) << of_another.error().message;
}

TEST(Outgoing, NeverConnectsToAPrivateAddress) {
  OutgoingClient client(OutgoingOptions{});
  // A name that leads here, which only the look-up tells.
  const auto answer = client.send({.url = "https://localhost.localdomain:1/"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().code, OutgoingErrorCode::no_connection) << answer.error().message;
}

TEST(Outgoing, HasManyCallsUnderWay) {
  TestServer server;
  OutgoingCalls calls(at_home());
  calls.start(1, {.url = url_of(server, "/later")});
  calls.start(2, {.url = url_of(server, "/echo")});
  calls.start(3, {.url = "ftp://127.0.0.1/"});
  EXPECT_EQ(calls.under_way(), 2U);
  std::map<std::uint64_t, OutgoingResult> results;
  const auto step_until = [&](std::size_t count) {
    for (int i = 0; i < 100 && results.size() < count; ++i) {
      for (auto& done : calls.step(Millis{100})) { results.emplace(done.id, done.result); }
    }
  };
  step_until(2);
  ASSERT_TRUE(results.contains(2) && results.contains(3));
  EXPECT_TRUE(results.at(2).has_value());
  EXPECT_EQ(results.at(3).error().code, OutgoingErrorCode::url_not_allowed);
  EXPECT_EQ(calls.under_way(), 1U);
  (void)server.on_io_thread([&] {
    server.handler.release();
    return true;
  });
  step_until(3);
  ASSERT_TRUE(results.contains(1));
  EXPECT_EQ(results.at(1)->body, "late 1");
  EXPECT_EQ(calls.under_way(), 0U);
}

TEST(Outgoing, WaitsNoLongerOnceItIsWoken) {
  OutgoingCalls calls(at_home());
  calls.wake();
  EXPECT_TRUE(calls.step(Millis{60'000}).empty());
}

}  // namespace
}  // namespace firebrand
