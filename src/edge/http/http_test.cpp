#include "edge/http/http.hpp"

#include <gtest/gtest.h>

#include <string>

namespace firebrand {
namespace {

TEST(Http, MatchesEntityTagsWeakly) {
  const struct {
    std::string_view condition;
    std::string_view etag;
    bool want;
  } rows[] = {
      {"\"a\"", "\"a\"", true},
      {"\"a\"", "\"b\"", false},
      {"W/\"a\"", "\"a\"", true},
      {"\"a\"", "W/\"a\"", true},
      {"\"x\", \"a\" ,W/\"y\"", "\"a\"", true},
      {"\"x,\"a\"", "\"a\"", false},  // The quotes pair up otherwise: "x," a "".
      {"\"x, y\"", "\"x, y\"", true},
      {"*", "\"a\"", true},
      {" * ", "\"a\"", true},
      {"", "\"a\"", false},
      {"a", "\"a\"", false},
      {"\"a", "\"a\"", false},
      {"*", "", false},
      {"\"\"", "\"\"", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(etag_matches(row.condition, row.etag), row.want) << row.condition << " " << row.etag;
  }
}

TEST(Http, FindsHeadersInLines) {
  constexpr std::string_view kLines =
      "A: 1\r\nContent-Type:text/html\r\nB:\r\nA: 2\r\nLast:  x \t\r\n";
  EXPECT_EQ(find_header(kLines, "a"), "1");
  EXPECT_EQ(find_header(kLines, "content-TYPE"), "text/html");
  EXPECT_EQ(find_header(kLines, "B"), "");
  EXPECT_EQ(find_header(kLines, "last"), "x");
  EXPECT_EQ(find_header(kLines, "Content"), "");
  EXPECT_EQ(find_header("", "a"), "");
  EXPECT_EQ(find_header("A: no line end", "a"), "no line end");
}

TEST(Http, ReadsAndPrintsAddresses) {
  for (const std::string_view text : {"127.0.0.1", "192.0.2.7", "::1", "2001:db8::1", "0.0.0.0"}) {
    const auto address = PeerAddress::parse(text, 80);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->text(), text);
    EXPECT_EQ(address->port, 80);
  }
  for (const std::string_view text : {"", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.4 ", ":::"}) {
    EXPECT_FALSE(PeerAddress::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(PeerAddress::parse(std::string(100, '1')).has_value());
  EXPECT_TRUE(PeerAddress::parse("127.9.0.1")->is_loopback());
  EXPECT_TRUE(PeerAddress::parse("::1")->is_loopback());
  EXPECT_TRUE(PeerAddress::parse("::ffff:127.0.0.1")->is_v4());
  EXPECT_FALSE(PeerAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(PeerAddress::parse("::2")->is_loopback());
}

TEST(Http, PreparesResponses) {
  const HttpField fields[] = {{"Vary", "Accept"}, {"X", "a\r\nb"}};
  const auto prepared = PreparedResponse::make(
      {.status = 404, .content_type = "text/plain", .headers = fields, .body = "gone"}, "\"e\"");
  EXPECT_EQ(prepared->status(), 404);
  EXPECT_EQ(prepared->head(),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nVary: Accept\r\nX: a  b\r\n"
            "ETag: \"e\"\r\nContent-Length: 4\r\n");
  EXPECT_EQ(prepared->body(), "gone");
  EXPECT_EQ(prepared->head_not_modified(),
            "HTTP/1.1 304 Not Modified\r\nVary: Accept\r\nETag: \"e\"\r\n");
}

TEST(Http, FramesStreamChunks) {
  const auto chunk = StreamChunk::make("data: 0123456789\n\n");
  EXPECT_EQ(chunk->framed(), "12\r\ndata: 0123456789\n\n\r\n");
  EXPECT_EQ(chunk->data(), "data: 0123456789\n\n");
}

}  // namespace
}  // namespace firebrand
