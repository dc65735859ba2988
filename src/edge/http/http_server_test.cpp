#include "edge/http/http_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "edge/http/http_client.hpp"
#include "edge/http/http_test_server.hpp"

namespace firebrand {
namespace {

constexpr std::string_view kGetLater = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(std::string_view body, std::string_view headers = {}) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

// ---- Answers ----

TEST(HttpServer, AnswersWithDateAndLengthAndNoServerName) {
  TestServer server;
  RawClient client(server.port);
  client.send(get("/echo?x=1"));
  const RawAnswer answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.head.substr(0, answer.head.find('\r')), "HTTP/1.1 200 OK");
  EXPECT_EQ(answer.body, "GET /echo?x=1\nHost: a\r\n\n");
  EXPECT_EQ(answer.header("Content-Type"), "text/plain");
  EXPECT_EQ(answer.header("Server"), "");
  EXPECT_EQ(answer.header("Connection"), "");
  const std::string date = answer.header("Date");  // "Sun, 06 Nov 1994 08:49:37 GMT"
  ASSERT_EQ(date.size(), 29U);
  tm parsed{};
  ASSERT_EQ(strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parsed), date.c_str() + 29);
  EXPECT_NEAR(static_cast<double>(timegm(&parsed)), static_cast<double>(time(nullptr)), 10);
  EXPECT_EQ(
      std::string("SunMonTueWedThuFriSat").substr(3U * static_cast<unsigned>(parsed.tm_wday), 3),
      date.substr(0, 3));
}

TEST(HttpServer, SendsNoBodyWhereThereMustBeNone) {
  TestServer server;
  RawClient client(server.port);
  client.send("HEAD /big?1000 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer(true).header("Content-Length"), "1000");
  client.send("HEAD /shared?50000 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer(true).header("Content-Length"), "50000");
  client.send(get("/empty"));
  const RawAnswer empty = client.answer();
  EXPECT_EQ(empty.status, 204);
  EXPECT_EQ(empty.header("Content-Length"), "");
  client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.answer(true).header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, KeepsOldClientsOnlyOnRequest) {
  TestServer server;
  RawClient plain(server.port);
  plain.send("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(plain.answer().header("Connection"), "close");
  EXPECT_TRUE(plain.is_closed());
  RawClient kept(server.port);
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.answer().header("Connection"), "keep-alive");
  }
  RawClient closing(server.port);
  closing.send(get("/echo", "Connection: close\r\n"));
  EXPECT_EQ(closing.answer().header("Connection"), "close");
  EXPECT_TRUE(closing.is_closed());
}

TEST(HttpServer, AsksForTheBodyThatWaitsForIt) {
  TestServer server;
  RawClient client(server.port);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send("bo");
  client.send("dy");
  const RawAnswer answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.ends_with("\nbody"));
}

TEST(HttpServer, TakesChunkedBodies) {
  TestServer server;
  RawClient client(server.port);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
  EXPECT_TRUE(client.answer().body.ends_with("\nbody"));
  client.send(kGet);
  EXPECT_EQ(client.answer().status, 200);
}

TEST(HttpServer, LetsNoValueStartAHeader) {
  TestServer server;
  RawClient client(server.port);
  client.send(get("/evil"));
  const RawAnswer answer = client.answer();
  EXPECT_EQ(answer.header("X-Evil"), "a  Set-Cookie: b");
  EXPECT_EQ(answer.header("Set-Cookie"), "");
}

TEST(HttpServer, AnswersPreparedResponsesAndTheir304) {
  TestServer server;
  RawClient client(server.port);
  client.send(get("/prepared", "X-Request-Id: r1\r\n"));
  const RawAnswer whole = client.answer();
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, "{}");
  EXPECT_EQ(whole.header("ETag"), "\"v1\"");
  EXPECT_EQ(whole.header("Cache-Control"), "max-age=1");
  EXPECT_EQ(whole.header("X-Request-Id"), "r1");
  EXPECT_EQ(whole.header("Date").size(), 29U);
  client.send(get("/prepared", "If-None-Match: \"v0\", W/\"v1\"\r\n"));
  const RawAnswer same = client.answer();
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), "\"v1\"");
  EXPECT_EQ(same.header("Cache-Control"), "max-age=1");
  EXPECT_EQ(same.header("X-Kept"), "");
  EXPECT_EQ(same.header("Content-Length"), "");
  client.send(get("/prepared", "If-None-Match: \"v0\"\r\n"));
  EXPECT_EQ(client.answer().body, "{}");
}

// Large answers take the way around the copy; they must come whole, before and behind others.
TEST(HttpServer, AnswersOfAnySizeComeWhole) {
  TestServer server;
  for (const std::string_view path : {"/big?", "/shared?"}) {
    for (const std::size_t size : {0UL, 1UL, 16'383UL, 16'384UL, 70'000UL, 5'000'000UL}) {
      RawClient client(server.port);
      client.send(std::string(kGet) + get(std::string(path) + std::to_string(size)) +
                  std::string(kGet));
      EXPECT_EQ(client.answer().status, 200);
      EXPECT_EQ(client.answer().body.size(), size);
      EXPECT_EQ(client.answer().status, 200);
    }
  }
}

TEST(HttpServer, ListensOnIpV6) {
  HttpServer server({});
  const auto port = server.listen("::1", 0);
  if (!port.has_value()) { GTEST_SKIP() << port.error().message; }
  TestHandler handler(server);
  std::thread thread([&] { server.run(handler); });
  HttpClient client({.host = "::1", .port = *port});
  const auto response = client.request(HttpMethod::get, "/echo");
  EXPECT_TRUE(response.has_value() && response->status == 200);
  server.stop(Millis{0});
  thread.join();
}

TEST(HttpServer, SaysWhyItCannotListen) {
  HttpServer server({});
  EXPECT_EQ(server.listen("localhost", 1).error().message,
            "cannot listen on localhost port 1: not an IP address");
  TestServer taken;
  EXPECT_NE(server.listen("127.0.0.1", taken.port).error().message.find("in use"),
            std::string::npos);
}

// ---- Order ----

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  RawClient client(server.port);
  std::string requests;
  for (int i = 0; i < 500; ++i) { requests += get("/echo?" + std::to_string(i)); }
  client.send(requests);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(client.answer().body.starts_with("GET /echo?" + std::to_string(i) + "\n")) << i;
  }
}

TEST(HttpServer, ShowsTheNextRequestOnlyAfterTheAnswer) {
  TestServer server;
  RawClient client(server.port);
  client.send(std::string(kGetLater) + std::string(kGetLater) + std::string(kGet));
  ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.requests; }), 1);
  server.server.post([&] { server.handler.release(); });
  EXPECT_EQ(client.answer().body, "late 1");
  ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
  server.server.post([&] { server.handler.release(); });
  EXPECT_EQ(client.answer().body, "late 2");
  EXPECT_TRUE(client.answer().body.starts_with("GET /echo"));
}

// More than is kept while an answer is waited for: it stays in the socket, and nothing is lost.
TEST(HttpServer, HoldsBackAFloodBehindAWaitingRequest) {
  TestServer server;
  RawClient client(server.port);
  client.send(kGetLater);
  ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
  constexpr int kCount = 20'000;
  std::thread sender([&] {
    std::string requests;
    for (int i = 0; i < kCount; ++i) { requests += get("/echo?" + std::to_string(i)); }
    client.send(requests);
  });
  ASSERT_TRUE(server.until([&] { return server.server.stats().bytes_received > 16'384; }));
  RawClient witness(server.port);
  for (int i = 0; i < 100; ++i) {
    witness.send(kGet);
    ASSERT_EQ(witness.answer().status, 200);
  }
  EXPECT_LT(server.on_io_thread([&] { return server.server.stats().bytes_received; }), 100'000U);
  server.server.post([&] { server.handler.release(); });
  EXPECT_EQ(client.answer().body, "late 1");
  for (int i = 0; i < kCount; ++i) {
    ASSERT_TRUE(client.answer().body.starts_with("GET /echo?" + std::to_string(i) + "\n")) << i;
  }
  sender.join();
}

// A cut at every byte. The round trip of a second client between the pieces makes sure that the
// server has seen the first piece alone.
TEST(HttpServer, ReadsARequestCutAnywhere) {
  TestServer server;
  RawClient witness(server.port);
  const std::string request = post("some body", "Connection: close\r\n");
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    RawClient client(server.port);
    client.send(request.substr(0, cut));
    witness.send(kGet);
    ASSERT_EQ(witness.answer().status, 200);
    client.send(request.substr(cut));
    const RawAnswer answer = client.answer();
    ASSERT_EQ(answer.status, 200) << cut;
    ASSERT_TRUE(answer.body.ends_with("\nsome body")) << cut;
  }
}

TEST(HttpServer, CallsBatchEndOncePerRound) {
  TestServer server;
  RawClient client(server.port);
  client.send(std::string(kGet) + std::string(kGet) + std::string(kGet));
  for (int i = 0; i < 3; ++i) { client.answer(); }
  ASSERT_TRUE(server.until([&] { return server.handler.batches > 0; }));
  EXPECT_LE(server.on_io_thread([&] { return server.handler.batches; }), 3);
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.requests; }), 3);
}

// ---- Tokens ----

TEST(HttpServer, IgnoresASecondAnswerAndAnswersToTheGone) {
  TestServer server;
  RawClient client(server.port);
  client.send(kGetLater);
  ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
  const ResponseToken first = server.on_io_thread([&] { return server.handler.waiting[0]; });
  const HttpResponse wrong{.status = 500, .body = "wrong"};
  server.on_io_thread([&] {
    server.handler.release();
    server.server.respond(first, wrong);
    return 0;
  });
  EXPECT_EQ(client.answer().body, "late 1");
  // The same connection, the next request: the old token is not its token.
  client.send(kGetLater);
  ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
  server.on_io_thread([&] {
    server.server.respond(first, wrong);
    server.server.respond({}, wrong);
    server.server.respond({~0ULL}, wrong);
    server.server.send_stream({first.value}, StreamChunk::make("x"));
    server.server.end_stream({first.value});
    EXPECT_EQ(server.server.start_stream(first, wrong), StreamToken{});
    server.handler.release();
    return 0;
  });
  EXPECT_EQ(client.answer().body, "late 2");
}

TEST(HttpServer, ReportsALostRequestAndSurvivesItsAnswer) {
  TestServer server;
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port);
    client.send(kGetLater);
    ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
    client.reset();
    ASSERT_TRUE(server.until([&] { return server.handler.lost.size() == 1; }));
    server.on_io_thread([&] {
      EXPECT_EQ(server.handler.lost, server.handler.waiting);
      server.handler.lost.clear();
      server.handler.release();
      return 0;
    });
  }
  ASSERT_TRUE(server.until([&] { return server.server.stats().connections_open == 0; }));
}

TEST(HttpServer, AnswersAPeerThatHasEndedItsSide) {
  TestServer server;
  RawClient client(server.port);
  client.send(std::string(kGetLater) + std::string(kGet));
  client.end_sending();
  ASSERT_TRUE(server.until([&] {
    return server.handler.waiting.size() == 1 && server.handler.ended == server.handler.waiting;
  }));
  server.server.post([&] { server.handler.release(); });
  EXPECT_EQ(client.answer().body, "late 1");
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, SurvivesResetsAtAnyMoment) {
  TestServer server;
  const std::string request = post("some body") + get("/big?100000") + get("/stream");
  for (std::size_t size = 0; size < request.size(); size += 3) {
    RawClient client(server.port);
    client.send(std::string_view(request).substr(0, size));
    client.reset();
  }
  ASSERT_TRUE(server.until([&] { return server.server.stats().connections_open == 0; }));
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().streams_open; }), 0U);
}

// ---- Limits ----

RawAnswer refusal(std::uint16_t port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  RawAnswer answer = client.answer();
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.header("Content-Language"), "en");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_EQ(answer.header("Retry-After"), "") << "the same again is refused again";
  const std::string id(answer.header("X-Request-Id"));
  EXPECT_EQ(id.size(), 20U);
  EXPECT_NE(answer.body.find(R"("instance":"urn:firebrand:req:)" + id + '"'), std::string::npos);
  EXPECT_TRUE(client.is_closed());
  return answer;
}

TEST(HttpServer, RefusesWithAProblemAndCloses) {
  TestServer server({.request_line_bytes_max = 100,
                     .header_bytes_max = 500,
                     .header_fields_max = 10,
                     .body_bytes_max = 1'000});
  RawAnswer answer = refusal(server.port, "nonsense\r\n\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"type":"/problems/malformed","title":"The request is malformed","status":400,)"
            R"("detail":"The method is not a token.","instance":"urn:firebrand:req:)" +
                std::string(answer.header("X-Request-Id")) + R"(","code":"malformed"})");
  EXPECT_NE(refusal(server.port, "nonsense\r\n\r\n").header("X-Request-Id"),
            answer.header("X-Request-Id"));
  answer = refusal(server.port, "GET /" + std::string(100, 'x'));
  EXPECT_EQ(answer.status, 414);
  answer = refusal(server.port, get("/", "X: " + std::string(500, 'x') + "\r\n"));
  EXPECT_EQ(answer.status, 431);
  EXPECT_NE(answer.body.find("\"code\":\"headers_too_large\""), std::string::npos);
  // Told beforehand, sent without telling, and more than the socket holds.
  answer = refusal(server.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("\"code\":\"payload_too_large\""), std::string::npos);
  answer = refusal(server.port,
                   "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.requests; }), 0);
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().refused_malformed; }), 4U);
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().refused_too_large; }), 2U);
}

// The refusal must not be lost in a reset because the peer is still sending: a system may throw
// away what was received before it.
TEST(HttpServer, RefusesABodyThatIsAlreadyOnItsWay) {
  TestServer server;
  for (int i = 0; i < 10; ++i) {
    RawClient client(server.port);
    client.send(post(std::string(1'000'000, 'x')));
    EXPECT_EQ(client.answer().status, 413);
    client.end_sending();
    EXPECT_TRUE(client.ends_in_order());
  }
}

// What stands behind a refused request is never taken for a request.
TEST(HttpServer, NeverServesWhatIsSmuggled) {
  TestServer server;
  static constexpr std::string_view kHeads[] = {
      "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: identity\r\nContent-Length: 0\r\n",
      "Content-Length: 0\r\nContent-Length: 30\r\n",
      "Content-Length: 0\r\nContent-Length: 0\r\n",
      "Content-Length: 0, 0\r\n",
      "Content-Length : 0\r\n",
      "X: y\r\n Content-Length: 0\r\n",
      "X: y\nContent-Length: 0\r\n",
      "X: y\rContent-Length: 0\r\n",
  };
  for (const std::string_view head : kHeads) {
    RawClient client(server.port);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(head) + "\r\n" + "0\r\n\r\n" +
                std::string(kGet));
    EXPECT_EQ(client.answer().status, 400) << head;
    EXPECT_EQ(client.rest(), "") << head;
  }
  EXPECT_EQ(server.on_io_thread([&] { return server.handler.requests; }), 0);
}

TEST(HttpServer, TurnsAwayOneConnectionTooMany) {
  TestServer server({.connections_max = 3});
  std::vector<std::unique_ptr<RawClient>> guests;
  for (int i = 0; i < 3; ++i) {
    guests.push_back(std::make_unique<RawClient>(server.port));
    guests.back()->send(kGet);
    EXPECT_EQ(guests.back()->answer().status, 200);
  }
  RawClient refused(server.port);
  refused.send(kGet);
  const RawAnswer answer = refused.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_NE(answer.body.find("\"code\":\"overloaded\""), std::string::npos);
  EXPECT_TRUE(refused.is_closed());
  // The refused one is still there to read its answer, and takes nobody's place.
  guests.pop_back();
  ASSERT_TRUE(server.until([&] { return server.server.stats().connections_open <= 3; }));
  RawClient welcome(server.port);
  welcome.send(kGet);
  EXPECT_EQ(welcome.answer().status, 200);
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().connections_refused; }), 1U);
}

TEST(HttpServer, CountsConnectionsPerAddress) {
  TestServer server({.connections_per_address_max = 2,
                     .limit_loopback = true,
                     .unlimited_addresses = {*PeerAddress::parse("127.0.0.9", 1)}});
  const auto status = [&](RawClient& client) {
    client.send(kGet);
    return client.answer().status;
  };
  RawClient first(server.port);
  RawClient second(server.port);
  EXPECT_EQ(status(first), 200);
  EXPECT_EQ(status(second), 200);
  {
    RawClient third(server.port);
    EXPECT_EQ(status(third), 503);
  }
  RawClient elsewhere(server.port, 0, "127.0.0.2");
  EXPECT_EQ(status(elsewhere), 200);
  for (int i = 0; i < 4; ++i) {
    RawClient proxy(server.port, 0, "127.0.0.9");
    EXPECT_EQ(status(proxy), 200);
  }
  first.close();
  ASSERT_TRUE(server.until([&] { return server.server.stats().connections_open <= 2; }));
  RawClient again(server.port);
  EXPECT_EQ(status(again), 200);
}

// ---- Time ----

TEST(HttpServer, EndsSlowHeadersWith408) {
  TestServer server(quick_limits());
  RawClient client(server.port);
  client.send("GET / HTTP/1.1\r\nX: ");
  // Each byte is progress, and none of it buys time. The server closes while bytes still come.
  std::thread dripping([&] {
    while (client.send("x")) {
      std::this_thread::sleep_for(Millis{10});  // house: allow sleep, a slow sender is the subject
    }
  });
  const RawAnswer answer = client.answer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_NE(answer.body.find("\"code\":\"request_timeout\""), std::string::npos);
  EXPECT_NE(answer.body.find("headers"), std::string::npos);
  EXPECT_TRUE(client.is_closed());
  dripping.join();
  EXPECT_EQ(server.on_io_thread([&] { return server.server.stats().timeouts_request; }), 1U);
}

TEST(HttpServer, EndsSlowBodiesWith408) {
  TestServer server(quick_limits());
  for (const std::string_view begin :
       {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}) {
    RawClient client(server.port);
    client.send(begin);
    const RawAnswer answer = client.answer();
    EXPECT_EQ(answer.status, 408);
    EXPECT_NE(answer.body.find("body"), std::string::npos);
    EXPECT_TRUE(client.is_closed());
  }
}

TEST(HttpServer, ClosesTheSilentAndTheIdleWithoutAWord) {
  TestServer server(quick_limits());
  RawClient silent(server.port);
  EXPECT_TRUE(silent.is_closed());
  RawClient idle(server.port);
  idle.send(kGet);
  EXPECT_EQ(idle.answer().status, 200);
  EXPECT_TRUE(idle.is_closed());
}

// An answer may take as long as it takes: the engine's durability is not the client's fault.
TEST(HttpServer, DoesNotHurryTheHandler) {
  TestServer server(quick_limits());
  RawClient client(server.port);
  client.send(kGetLater);
  RawClient other(server.port);
  EXPECT_TRUE(other.is_closed());  // Its timeout has passed, and so has that of the first one.
  RawClient another(server.port);
  EXPECT_TRUE(another.is_closed());
  server.server.post([&] { server.handler.release(); });
  EXPECT_EQ(client.answer().body, "late 1");
}

TEST(HttpServer, DropsReadersThatDoNotRead) {
  HttpLimits limits = quick_limits();
  limits.write_bytes_per_second_min = 1'000'000'000;
  TestServer server(limits);
  std::uint64_t dropped = 0;
  for (const std::string_view target : {"/big?20000000", "/shared?20000000"}) {
    RawClient client(server.port, 4'096);
    client.send(get(target));
    ++dropped;
    ASSERT_TRUE(server.until([&] { return server.server.stats().timeouts_write == dropped; }));
    EXPECT_LT(client.rest().size(), 20'000'000U);
  }
  // Small answers to a pipeline that is never read: the server stops reading and then gives up.
  RawClient client(server.port, 4'096);
  std::thread sender([&] {
    while (client.send(get("/big?2000"))) {}
  });
  ++dropped;
  ASSERT_TRUE(server.until([&] { return server.server.stats().timeouts_write == dropped; }));
  sender.join();
}

// Slow is not the same as stuck: the same answer at the same limits, to a reader that reads.
TEST(HttpServer, WaitsForReadersThatAreOnlySlow) {
  HttpLimits limits = quick_limits();
  limits.write_bytes_per_second_min = 1'000;
  TestServer server(limits);
  RawClient client(server.port, 4'096);
  client.send(get("/big?20000000"));
  RawClient other(server.port);
  EXPECT_TRUE(other.is_closed());  // The timeout has passed.
  EXPECT_EQ(client.answer().body.size(), 20'000'000U);
}

TEST(HttpServer, CallsTimers) {
  TestServer server;
  std::atomic<int> fast{0};
  std::atomic<int> slow{0};
  server.on_io_thread([&] {
    server.server.call_every(Millis{2}, [&] { ++fast; });
    server.server.call_every(Millis{3'600'000}, [&] { ++slow; });
    return 0;
  });
  ASSERT_TRUE(server.until([&] { return fast >= 10; }));
  EXPECT_EQ(slow, 0);
}

// ---- Other threads ----

TEST(HttpServer, WakesAtLeastOnceAfterEachCallAndSeldomMore) {
  TestServer server;
  constexpr int kCalls = 20'000;
  std::vector<std::thread> threads;
  threads.reserve(3);
  std::atomic<int> posted{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kCalls; ++i) {
        server.server.wake();
        if (i % 100 == 0) {
          server.server.post([&] { ++posted; });
        }
      }
    });
  }
  for (std::thread& thread : threads) { thread.join(); }
  ASSERT_TRUE(server.until([&] { return posted == 3 * kCalls / 100; }));
  const int wakes = server.on_io_thread([&] { return server.handler.wakes; });
  EXPECT_GE(wakes, 1);
  EXPECT_LE(wakes, 3 * kCalls);
  // And once the server sleeps again, one more call is one more wake.
  server.server.wake();
  ASSERT_TRUE(server.until([&] { return server.handler.wakes > wakes; }));
}

// A lost wake-up would leave an answer lying until the next request: ping-pong finds it.
TEST(HttpServer, LosesNoWakeUp) {
  TestServer server;
  RawClient client(server.port);
  for (int i = 0; i < 2'000; ++i) {
    client.send(kGetLater);
    ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
    server.server.post([&] { server.handler.release(); });
    ASSERT_EQ(client.answer().status, 200);
  }
}

// ---- Stop ----

TEST(HttpServer, StopsAfterTheRequestInFlight) {
  TestServer server;
  RawClient waiting(server.port);
  waiting.send(std::string(kGetLater) + std::string(kGet));
  RawClient idle(server.port);
  idle.send(kGet);
  EXPECT_EQ(idle.answer().status, 200);
  RawClient half(server.port);
  half.send("GET /echo HTTP/1.1\r\nHost");
  RawClient stream(server.port);
  stream.send(get("/stream"));
  ASSERT_TRUE(stream.wait_for("hello"));
  ASSERT_TRUE(server.until([&] {
    return server.handler.waiting.size() == 1 && server.server.stats().connections_open == 4;
  }));
  server.server.stop(Millis{10'000});
  EXPECT_TRUE(idle.is_closed());
  EXPECT_EQ(stream.rest(), "\n\n\r\nb\r\ndata: bye\n\n\r\n0\r\n\r\n");
  half.send(": a\r\n\r\n");
  EXPECT_EQ(half.answer().header("Connection"), "close");
  EXPECT_TRUE(half.is_closed());
  server.server.post([&] { server.handler.release(); });
  const RawAnswer late = waiting.answer();
  EXPECT_EQ(late.body, "late 1");
  EXPECT_EQ(late.header("Connection"), "close");
  EXPECT_TRUE(waiting.is_closed());
  half.close();
  waiting.close();
  stream.close();
  server.join();
  EXPECT_EQ(server.handler.lost.size(), 0U);
}

TEST(HttpServer, StopsAtTheLatestAfterTheGrace) {
  TestServer server;
  RawClient waiting(server.port);
  waiting.send(kGetLater);
  ASSERT_TRUE(server.until([&] { return server.handler.waiting.size() == 1; }));
  server.stop(Millis{50});
  EXPECT_EQ(server.handler.lost, server.handler.waiting);
  EXPECT_EQ(waiting.rest(), "");
}

// A request that came in the very round in which the server stops is answered, not reset.
TEST(HttpServer, StopsAfterRequestsItHadNotRead) {
  TestServer server;
  RawClient client(server.port);
  client.send(kGet);
  EXPECT_EQ(client.answer().status, 200);
  // On the I/O thread, behind the reading of its round.
  server.server.post([&] {
    client.send(kGet);
    client.wait_until_delivered();
    server.server.stop(Millis{5'000});
  });
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.is_closed());
  client.close();
  server.join();
}

TEST(HttpServer, StopsBeforeItHasStarted) {
  HttpServer server({});
  TestHandler handler(server);
  ASSERT_TRUE(server.listen("127.0.0.1", 0).has_value());
  server.stop(Millis{1'000});
  server.run(handler);
}

}  // namespace
}  // namespace firebrand
