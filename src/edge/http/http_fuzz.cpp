// Any bytes in any pieces through the request parser. What is checked besides memory: pieces give
// the same requests as the whole; every head that is accepted means the same to Boost.Beast; limits
// hold.
#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "edge/http/request_parser.hpp"

namespace firebrand {
namespace {

// Small, so that inputs reach them.
constexpr HttpRequestLimits kLimits{.request_line_bytes_max = 64,
                                    .header_bytes_max = 512,
                                    .header_fields_max = 12,
                                    .body_bytes_max = 128};

struct Seen {
  std::vector<std::string> requests;
  bool failed = false;
};

std::string describe(const HttpRequest& request, const HttpRequestParser& parser) {
  std::string text(http_method_name(request.method));
  text.append(" ").append(request.path).append("?").append(request.query).append("\n");
  for (std::size_t i = 0; i < kHttpHeaderCount; ++i) {
    const auto header = static_cast<HttpHeader>(i);
    if (request.has(header)) {
      text.append(std::to_string(i)).append("=").append(request.header(header)).append("\n");
    }
  }
  text.append(request.header_lines).append(parser.keep_alive() ? "keep\n" : "close\n");
  return text.append(request.body);
}

void check(const HttpRequest& request) {
  FB_ASSERT(!request.path.empty() && (request.path[0] == '/' || request.path == "*"));
  FB_ASSERT(request.path.find_first_of(" ?#\r\n") == std::string_view::npos);
  FB_ASSERT(request.query.find_first_of(" #\r\n") == std::string_view::npos);
  FB_ASSERT(request.body.size() <= kLimits.body_bytes_max);
  FB_ASSERT(request.header_lines.size() <= kLimits.header_bytes_max);
  for (std::size_t i = 0; i < kHttpHeaderCount; ++i) {
    const std::string_view value = request.header(static_cast<HttpHeader>(i));
    FB_ASSERT(std::none_of(value.begin(), value.end(),
                           [](char c) { return c == '\r' || c == '\n' || c == '\0'; }));
  }
  // The lookup by name must agree with what was found while parsing.
  FB_ASSERT(request.header("host") == request.header(HttpHeader::host));
  FB_ASSERT(request.header("Idempotency-Key") == request.header(HttpHeader::idempotency_key));
}

/// A head as Beast reads it, which takes more than we do but must take all that we do.
class BeastHead final : public boost::beast::http::basic_parser<true> {
 public:
  using View = boost::beast::string_view;
  using Error = boost::beast::error_code;

  std::string method;
  std::string target;
  std::string lines;

  explicit BeastHead(std::string_view text) {
    eager(false);
    header_limit(static_cast<std::uint32_t>(text.size()));
    Error error;
    const std::size_t used = put({text.data(), text.size()}, error);
    FB_ASSERT(!error && used == text.size() && is_header_done());
  }

 private:
  void on_request_impl(boost::beast::http::verb, View its_method, View its_target, int,
                       Error&) override {
    method = std::string(its_method.data(), its_method.size());
    target = std::string(its_target.data(), its_target.size());
  }
  void on_field_impl(boost::beast::http::field, View name, View value, Error&) override {
    lines.append(name.data(), name.size()).append(":");
    lines.append(value.data(), value.size()).append("\n");
  }
  void on_header_impl(Error&) override {}
  void on_response_impl(int, View, int, Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(View, Error&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, View, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View, Error&) override { return 0; }
  void on_finish_impl(Error&) override {}
};

/// "name:value\n" of each line.
std::string trimmed(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(':');
    text.append(line.substr(0, colon + 1));
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    if (begin != std::string_view::npos) {
      text.append(line.substr(begin, line.find_last_not_of(" \t") + 1 - begin));
    }
    text.append("\n");
    lines.remove_prefix(end + 2);
  }
  return text;
}

void compare_with_beast(const char* begin, const HttpRequest& request,
                        const HttpRequestParser& parser) {
  if (*begin == '\r') { begin += 2; }
  const char* const end = request.header_lines.data() + request.header_lines.size() + 2;
  const BeastHead beast({begin, static_cast<std::size_t>(end - begin)});
  FB_ASSERT(request.method == HttpMethod::other ||
            beast.method == http_method_name(request.method));
  std::string target(request.path);
  if (request.query.data() != nullptr) { target.append("?").append(request.query); }
  // In absolute-form the authority stands before it.
  FB_ASSERT(beast.target.ends_with(target) || request.path == "/");
  FB_ASSERT(beast.target == target || beast.target[0] != '/');
  FB_ASSERT(beast.lines == trimmed(request.header_lines));
  FB_ASSERT(beast.keep_alive() || !parser.keep_alive());
  if (!beast.chunked()) { FB_ASSERT(beast.content_length().value_or(0) == request.body.size()); }
}

/// As the server does with a connection: keeps what is not whole, goes on behind what is.
/// @param steps  Sizes of the pieces, used in turn; empty: all at once.
Seen read_all(std::string_view bytes, std::string_view steps) {
  Seen seen;
  HttpRequestParser parser(kLimits);
  HttpRequest request;
  std::string pending;
  std::vector<char> buffer;  // Exactly as large as promised, so that a read beyond it is seen.
  std::size_t step = 0;
  while (!bytes.empty()) {
    const std::size_t wanted =
        steps.empty() ? bytes.size() : 1 + static_cast<unsigned char>(steps[step++ % steps.size()]);
    const std::size_t piece = std::min(wanted, bytes.size());
    pending.append(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
    while (!pending.empty()) {
      buffer.assign(pending.begin(), pending.end());
      buffer.resize(pending.size() + kHttpBodyPadding, '\x55');
      std::size_t size = pending.size();
      const HttpRequestParse parsed = parser.parse(buffer.data(), size, request);
      FB_ASSERT(size <= pending.size());
      pending.assign(buffer.data(), size);
      if (parsed == HttpRequestParse::need_more) {
        // Whatever comes: a head, a body, and one line of chunk framing.
        FB_ASSERT(size <= kLimits.header_bytes_max + kLimits.body_bytes_max +
                              std::max<std::size_t>(kLimits.header_bytes_max, 256));
        break;
      }
      if (parsed != HttpRequestParse::complete) {
        FB_ASSERT(*parser.detail() != '\0');
        seen.failed = true;
        return seen;
      }
      FB_ASSERT(parser.consumed() != 0 && parser.consumed() <= size);
      check(request);
      compare_with_beast(buffer.data(), request, parser);
      seen.requests.push_back(describe(request, parser));
      pending.erase(0, parser.consumed());
      parser.reset();
    }
  }
  return seen;
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // The first bytes are the sizes of the pieces.
  const std::size_t steps = std::min<std::size_t>(size, 4);
  const std::string_view bytes = input.substr(steps);
  const Seen whole = read_all(bytes, {});
  const Seen pieces = read_all(bytes, input.substr(0, steps));
  FB_ASSERT(whole.requests == pieces.requests);
  FB_ASSERT(whole.failed == pieces.failed);
  (void)etag_matches(bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2));
  (void)find_header(bytes, "host");
  (void)PeerAddress::parse(bytes.substr(0, 50));
  return 0;
}
