#include "edge/http/request_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace firebrand {
namespace {

/// What a connection does with bytes that come in pieces, in a buffer of exactly the promised size,
/// so that a sanitizer sees a read beyond it.
class Feeder {
 public:
  explicit Feeder(HttpRequestLimits limits = {}) : limits_(limits), parser_(limits_) {}

  HttpRequestParse feed(std::string_view piece) {
    pending_.append(piece);
    exact_.assign(pending_.begin(), pending_.end());
    exact_.resize(pending_.size() + kHttpBodyPadding);
    std::size_t size = pending_.size();
    result_ = parser_.parse(exact_.data(), size, request_);
    pending_.assign(exact_.data(), size);
    return result_;
  }

  const HttpRequest& request() const { return request_; }
  const HttpRequestParser& parser() const { return parser_; }
  std::string_view rest() const { return std::string_view(pending_).substr(parser_.consumed()); }

 private:
  HttpRequestLimits limits_;
  HttpRequestParser parser_;
  HttpRequestParse result_ = HttpRequestParse::need_more;
  HttpRequest request_;
  std::string pending_;
  std::vector<char> exact_;
};

HttpRequestParse parse(std::string_view text, HttpRequestLimits limits = {}) {
  return Feeder(limits).feed(text);
}

constexpr std::string_view kOrder =
    "POST /v1/drops/drop_1/orders?dry=1 HTTP/1.1\r\nHost: shop.example:8080\r\n"
    "Authorization:  Bearer fbs_1.2 \t\r\nIDEMPOTENCY-KEY: k-1\r\nX-Unknown: some: thing\r\n"
    "Accept-Language: en\r\nAccept-Language: zh\r\nContent-Length: 14\r\n\r\n"
    "{\"quantity\":1}";

TEST(HttpRequestParser, ReadsARequest) {
  Feeder feeder;
  ASSERT_EQ(feeder.feed(std::string(kOrder) + "GET"), HttpRequestParse::complete);
  const HttpRequest& request = feeder.request();
  EXPECT_EQ(request.method, HttpMethod::post);
  EXPECT_EQ(request.path, "/v1/drops/drop_1/orders");
  EXPECT_EQ(request.query, "dry=1");
  EXPECT_EQ(request.body, "{\"quantity\":1}");
  EXPECT_EQ(request.header(HttpHeader::host), "shop.example:8080");
  EXPECT_EQ(request.header(HttpHeader::authorization), "Bearer fbs_1.2");
  EXPECT_EQ(request.header(HttpHeader::idempotency_key), "k-1");
  EXPECT_EQ(request.header(HttpHeader::accept_language), "zh") << "the last line counts";
  EXPECT_FALSE(request.has(HttpHeader::cookie));
  EXPECT_EQ(request.header("x-unknown"), "some: thing");
  EXPECT_EQ(request.header("accept-language"), "en") << "the first line of that name";
  EXPECT_EQ(request.header("x-absent"), "");
  EXPECT_TRUE(feeder.parser().keep_alive());
  EXPECT_EQ(feeder.rest(), "GET");
}

// Every header of the enum is found, whatever its case, and by its own name.
TEST(HttpRequestParser, FindsEveryKnownHeader) {
  static constexpr std::string_view kNames[] = {"Accept-Encoding",
                                                "Accept-Language",
                                                "Authorization",
                                                "Content-Type",
                                                "Cookie",
                                                "Firebrand-Person",
                                                "Firebrand-Signature",
                                                "Firebrand-Timestamp",
                                                "Host",
                                                "Idempotency-Key",
                                                "If-None-Match",
                                                "Last-Event-ID",
                                                "Sec-Fetch-Site",
                                                "X-Request-Id"};
  static_assert(std::size(kNames) == kHttpHeaderCount);
  std::string text = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kHttpHeaderCount; ++i) {
    text.append(kNames[i]).append(": v").append(std::to_string(i)).append("\r\n");
  }
  Feeder feeder;
  ASSERT_EQ(feeder.feed(text + "\r\n"), HttpRequestParse::complete);
  for (std::size_t i = 0; i < kHttpHeaderCount; ++i) {
    EXPECT_EQ(feeder.request().header(static_cast<HttpHeader>(i)), "v" + std::to_string(i))
        << kNames[i];
  }
}

TEST(HttpRequestParser, CutsTargetsIntoPathAndQuery) {
  const struct {
    std::string_view line;
    std::string_view path;
    std::string_view query;
  } rows[] = {
      {"GET / HTTP/1.1", "/", ""},
      {"GET /a?b=c?d HTTP/1.1", "/a", "b=c?d"},
      {"GET /%2e%2E/%00?%20 HTTP/1.1", "/%2e%2E/%00", "%20"},
      {"GET http://shop.example/a?b HTTP/1.1", "/a", "b"},
      {"GET HTTPS://shop.example HTTP/1.1", "/", ""},
      {"OPTIONS * HTTP/1.1", "*", ""},
  };
  for (const auto& row : rows) {
    Feeder feeder;
    ASSERT_EQ(feeder.feed(std::string(row.line) + "\r\nHost: a\r\n\r\n"),
              HttpRequestParse::complete)
        << row.line;
    EXPECT_EQ(feeder.request().path, row.path);
    EXPECT_EQ(feeder.request().query, row.query);
  }
}

TEST(HttpRequestParser, KeepsTheConnectionAsTheVersionAndTheHeaderSay) {
  const struct {
    std::string_view text;
    bool want;
  } rows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& row : rows) {
    Feeder feeder;
    ASSERT_EQ(feeder.feed(row.text), HttpRequestParse::complete) << row.text;
    EXPECT_EQ(feeder.parser().keep_alive(), row.want) << row.text;
  }
}

// What another parser on the way could read as two requests, or as one more than we see.
TEST(HttpRequestParser, RefusesWhatCouldBeReadInTwoWays) {
  static constexpr std::string_view kHeads[] = {
      // Two lengths.
      "Content-Length: 3\r\nContent-Length: 4\r\n",
      "Content-Length: 3\r\nContent-Length: 3\r\n",
      "Content-Length: 3, 3\r\n",
      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
      // Codings of which the end is not known, or that someone else would not see as chunked.
      "Transfer-Encoding: gzip\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, gzip\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: chunked;q=1\r\n",
      "Transfer-Encoding:\r\n",
      "Transfer-Encoding: \vchunked\r\n",
      // Numbers that are not.
      "Content-Length: +3\r\n",
      "Content-Length: -1\r\n",
      "Content-Length: 0x3\r\n",
      "Content-Length: 3 3\r\n",
      "Content-Length: 3.0\r\n",
      "Content-Length:\r\n",
      "Content-Length: 18446744073709551619\r\n",
      "Content-Length: 99999999999999999999999\r\n",
      // Names.
      "Content-Length : 3\r\n",
      "Content-Length\t: 3\r\n",
      " Content-Length: 3\r\n",
      "Content Length: 3\r\n",
      "X: y\r\n Content-Length: 3\r\n",
      "X: y\r\n\tfolded\r\n",
      "X:\r\n folded\r\n",
      ": nameless\r\n",
      "nocolon\r\n",
      "X\xC3\xA9: y\r\n",
      // Line ends.
      "X: y\nContent-Length: 3\r\n",
      "X: y\rContent-Length: 3\r\n",
      "X: y\r\r\n",
      "If\rMatch: y\r\n",
      "Content\rLength: 3\r\n",
      "Idempotency\x0DKey: 3\r\n",
      "X: y\x7F\r\n",
      "\nX: y\r\n",
      "\rX: y\r\n",
      // Who is meant.
      "Host: b\r\n",
      "Host: a/b\r\n",
      "Authorization: Bearer 1\r\nAuthorization: Bearer 2\r\n",
      "Idempotency-Key: 1\r\nIdempotency-Key: 1\r\n",
      "Firebrand-Person: 1\r\nfirebrand-person: 2\r\n",
  };
  for (const std::string_view head : kHeads) {
    std::string text = "POST / HTTP/1.1\r\n";
    if (head != "Host: a/b\r\n") { text += "Host: a\r\n"; }
    text.append(head).append("\r\nabc");
    EXPECT_EQ(parse(text), HttpRequestParse::malformed) << testing::PrintToString(text);
  }
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nX: \0y\r\n\r\n"sv), HttpRequestParse::malformed);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nX\0: y\r\n\r\n"sv), HttpRequestParse::malformed);
}

TEST(HttpRequestParser, RefusesBadRequestLines) {
  using std::string_view_literals::operator""sv;
  static constexpr std::string_view kLines[] = {
      "GET /",
      "GET / HTTP/1.1 ",
      "GET  / HTTP/1.1",
      "GET /  HTTP/1.1",
      "GET\t/ HTTP/1.1",
      " GET / HTTP/1.1",
      "GET / HTTP/2.0",
      "GET / HTTP/1.2",
      "GET / HTTP/0.9",
      "GET / http/1.1",
      "GET / HTTP/11",
      "GET / HTTP/1.10",
      "G(T / HTTP/1.1",
      "GET a HTTP/1.1",
      "GET * HTTP/1.1",
      "GET /a#b HTTP/1.1",
      "GET /a\x01 HTTP/1.1",
      "GET /a\0b HTTP/1.1"sv,
      "CONNECT shop.example:443 HTTP/1.1",
      "PRI * HTTP/2.0",
      "\x16\x03\x01\x02",
      "HTTP/1.1 200 OK",
  };
  for (const std::string_view line : kLines) {
    EXPECT_EQ(parse(std::string(line) + "\r\nHost: a\r\n\r\n"), HttpRequestParse::malformed)
        << testing::PrintToString(line);
  }
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n"), HttpRequestParse::malformed) << "no Host";
  EXPECT_EQ(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), HttpRequestParse::malformed);
  EXPECT_EQ(parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), HttpRequestParse::complete);
}

// A peer that will never send a whole head is told at once, not when its time is up.
TEST(HttpRequestParser, RefusesBadLinesBeforeTheHeadIsWhole) {
  EXPECT_EQ(parse("GET / HTTP/1.1\n"), HttpRequestParse::malformed);
  EXPECT_EQ(parse("\n"), HttpRequestParse::malformed);
  EXPECT_EQ(parse("\r\n\r\n"), HttpRequestParse::malformed);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nX: y\r\n z\r\n"), HttpRequestParse::malformed);
  EXPECT_EQ(parse("\x80"), HttpRequestParse::malformed);
  EXPECT_EQ(parse(""), HttpRequestParse::need_more);
}

TEST(HttpRequestParser, KeepsItsLimits) {
  const HttpRequestLimits limits{.request_line_bytes_max = 40,
                                 .header_bytes_max = 100,
                                 .header_fields_max = 3,
                                 .body_bytes_max = 10};
  const auto padded = [](std::string_view before, std::size_t size, std::string_view behind) {
    std::string text(before);
    text.append(size - before.size() - behind.size(), 'x');
    return text.append(behind);
  };
  // The request line, without its line end.
  const std::string host = "\r\nHost: a\r\n\r\n";
  EXPECT_EQ(parse(padded("GET /", 40, " HTTP/1.1") + host, limits), HttpRequestParse::complete);
  EXPECT_EQ(parse(padded("GET /", 41, " HTTP/1.1") + host, limits), HttpRequestParse::uri_too_long);
  EXPECT_EQ(parse(padded("GET /", 42, ""), limits), HttpRequestParse::uri_too_long);
  EXPECT_EQ(parse(padded("GET /", 41, "\r"), limits), HttpRequestParse::need_more) << "LF to come";
  // The whole head.
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  EXPECT_EQ(parse(padded(begin, 100, "\r\n\r\n"), limits), HttpRequestParse::complete);
  EXPECT_EQ(parse(padded(begin, 101, "\r\n\r\n"), limits), HttpRequestParse::headers_too_large);
  EXPECT_EQ(parse(padded(begin, 101, ""), limits), HttpRequestParse::headers_too_large);
  // The number of headers.
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n", limits),
            HttpRequestParse::complete);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\n\r\n", limits),
            HttpRequestParse::headers_too_large);
  // The body, told beforehand or not.
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(parse(post + "Content-Length: 10\r\n\r\n0123456789", limits),
            HttpRequestParse::complete);
  EXPECT_EQ(parse(post + "Content-Length: 11\r\n\r\n", limits),
            HttpRequestParse::payload_too_large);
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parse(chunked + "6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n", limits),
            HttpRequestParse::complete);
  EXPECT_EQ(parse(chunked + "6\r\n012345\r\n5\r\n", limits), HttpRequestParse::payload_too_large);
  EXPECT_EQ(parse(chunked + "ffffffffffffffffffff\r\n", limits),
            HttpRequestParse::payload_too_large);
  EXPECT_EQ(parse(chunked + "0\r\n" + padded("A: ", 101, "\r\n"), limits),
            HttpRequestParse::headers_too_large);
  EXPECT_EQ(parse(chunked + "0\r\n" + padded("A: ", 102, ""), limits),
            HttpRequestParse::headers_too_large);
}

TEST(HttpRequestParser, TakesTheFramingOffChunks) {
  Feeder feeder;
  ASSERT_EQ(feeder.feed("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n"
                        "3\r\nabc\r\n00A;name=\"va;l\" ; other\r\n0123456789\r\n0\r\n"
                        "Trailer: x\r\nContent-Length: 5\r\n\r\nGET / "),
            HttpRequestParse::complete);
  EXPECT_EQ(feeder.request().body, "abc0123456789");
  EXPECT_EQ(feeder.rest(), "GET / ");
}

TEST(HttpRequestParser, RefusesBadChunks) {
  static constexpr std::string_view kBodies[] = {
      "x\r\n",
      "\r\n",
      "-1\r\n",
      "+1\r\na\r\n",
      " 1\r\na\r\n",
      "1 \r\na\r\n",
      "0x1\r\na\r\n",
      "1\na\r\n",
      "1\r\nab\r\n",
      "1\r\na\n",
      "1\r\na\r0\r\n",
      "1;a\rb\r\na\r\n",
      "1;a\x01\r\n",
      "1 a\r\n",
      "0\r\n folded: x\r\n\r\n",
      "0\r\nnot a trailer\r\n\r\n",
      "0\r\nA: b\n\r\n",
      "0\r\n\n",
  };
  for (const std::string_view body : kBodies) {
    EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    std::string(body)),
              HttpRequestParse::malformed)
        << testing::PrintToString(body);
  }
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                  std::string(300, 'x')),
            HttpRequestParse::malformed);
  EXPECT_EQ(parse("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            HttpRequestParse::malformed)
      << "HTTP/1.0 has no chunks";
}

TEST(HttpRequestParser, SaysWhoWaitsForContinue) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n";
  Feeder waiting;
  ASSERT_EQ(waiting.feed(head + "Expect: 100-Continue\r\n\r\n"), HttpRequestParse::need_more);
  EXPECT_TRUE(waiting.parser().expects_continue());
  Feeder plain;
  ASSERT_EQ(plain.feed(head + "\r\n"), HttpRequestParse::need_more);
  EXPECT_FALSE(plain.parser().expects_continue());
  Feeder old;
  ASSERT_EQ(old.feed("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"),
            HttpRequestParse::need_more);
  EXPECT_FALSE(old.parser().expects_continue());
}

constexpr std::string_view kChunkedOrder =
    "\r\nPOST /a?b HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n10\r\n0123456789abcdef\r\n0\r\nT: u\r\n\r\n";

// The same request, whatever the pieces: all single cuts, then byte by byte.
TEST(HttpRequestParser, ReadsPiecesAsItReadsTheWhole) {
  for (const std::string_view text : {kOrder, kChunkedOrder}) {
    Feeder whole;
    ASSERT_EQ(whole.feed(text), HttpRequestParse::complete);
    const auto expect_same = [&](const Feeder& pieces) {
      EXPECT_EQ(pieces.request().method, whole.request().method);
      EXPECT_EQ(pieces.request().path, whole.request().path);
      EXPECT_EQ(pieces.request().query, whole.request().query);
      EXPECT_EQ(pieces.request().body, whole.request().body);
      EXPECT_EQ(pieces.request().header_lines, whole.request().header_lines);
      EXPECT_EQ(pieces.request().header(HttpHeader::host),
                whole.request().header(HttpHeader::host));
      EXPECT_EQ(pieces.rest(), "");
    };
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      Feeder pieces;
      ASSERT_EQ(pieces.feed(text.substr(0, cut)), HttpRequestParse::need_more) << cut;
      ASSERT_EQ(pieces.feed(text.substr(cut)), HttpRequestParse::complete) << cut;
      expect_same(pieces);
    }
    Feeder bytes;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      ASSERT_EQ(bytes.feed(text.substr(i, 1)), HttpRequestParse::need_more) << i;
    }
    ASSERT_EQ(bytes.feed(text.substr(text.size() - 1)), HttpRequestParse::complete);
    expect_same(bytes);
  }
}

// A chunked body of any size in any pieces needs no more memory than the body and one line.
RC_GTEST_PROP(RequestParserProperty, ChunksOfAnySizeGiveTheBody, ()) {
  const auto chunks = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
  std::string body;
  std::string text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::size_t head_size = text.size();
  for (const std::string& chunk : chunks) {
    if (chunk.empty()) { continue; }
    body += chunk;
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    text.append(size).append(chunk).append("\r\n");
  }
  text += "0\r\n\r\n";
  HttpRequestParser parser{HttpRequestLimits{}};
  HttpRequest request;
  std::string pending;
  HttpRequestParse result = HttpRequestParse::need_more;
  for (std::size_t at = 0; at < text.size();) {
    const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
    pending.append(text, at, piece);
    at += piece;
    std::size_t size = pending.size();
    pending.resize(size + kHttpBodyPadding);
    result = parser.parse(pending.data(), size, request);
    if (result != HttpRequestParse::complete) { pending.resize(size); }
    RC_ASSERT(size <= head_size + body.size() + 40 + 16);
  }
  RC_ASSERT(result == HttpRequestParse::complete);
  RC_ASSERT(request.body == body);
}

}  // namespace
}  // namespace firebrand
