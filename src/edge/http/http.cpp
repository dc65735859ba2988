#include "edge/http/http.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/assert.hpp"

namespace firebrand {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) { text.remove_prefix(1); }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) { text.remove_suffix(1); }
  return text;
}

void append_value(std::string& out, std::string_view value) {
  for (const char c : value) { out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c; }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  append_value(out, value);
  out += "\r\n";
}

}  // namespace

std::string_view http_method_name(HttpMethod method) noexcept {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::head:
      return "HEAD";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::put:
      return "PUT";
    case HttpMethod::patch:
      return "PATCH";
    case HttpMethod::del:
      return "DELETE";
    case HttpMethod::options:
      return "OPTIONS";
    case HttpMethod::other:
      return "OTHER";
  }
  return "OTHER";
}

std::string_view http_reason(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return {};
  }
}

std::string_view find_header(std::string_view lines, std::string_view name) noexcept {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.size() <= name.size() || line[name.size()] != ':') { continue; }
    if (!equals_ignoring_case(line.substr(0, name.size()), name)) { continue; }
    line.remove_prefix(name.size() + 1);
    if (!line.empty() && line.back() == '\r') { line.remove_suffix(1); }
    return trim(line);
  }
  return {};
}

std::optional<PeerAddress> PeerAddress::parse(std::string_view text, std::uint16_t port) {
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy) { return std::nullopt; }
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  PeerAddress address;
  address.port = port;
  if (inet_pton(AF_INET6, copy, address.bytes.data()) == 1) { return address; }
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, copy, address.bytes.data() + kV4Prefix.size()) == 1) { return address; }
  return std::nullopt;
}

std::optional<PeerAddress> PeerAddress::parse_forwarded(std::string_view text) {
  const auto is_port = [](std::string_view digits) {
    return !digits.empty() && digits.size() <= 5 &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  std::string_view address = text;
  std::string_view behind;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) { return std::nullopt; }
    address = text.substr(1, end - 1);
    behind = text.substr(end + 1);
    if (address.find(':') == std::string_view::npos) { return std::nullopt; }
  } else if (const std::size_t colon = text.find(':'); colon == text.rfind(':')) {
    // More than one colon: an IPv6 address, which has no port without brackets.
    address = text.substr(0, colon);
    behind = text.substr(std::min(colon, text.size()));
  }
  if (!behind.empty() && (behind.front() != ':' || !is_port(behind.substr(1)))) {
    return std::nullopt;
  }
  return parse(address);
}

bool PeerAddress::is_v4() const noexcept {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin());
}

bool PeerAddress::is_loopback() const noexcept {
  if (is_v4()) { return bytes[12] == 127; }
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::string PeerAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  const char* const text =
      is_v4() ? inet_ntop(AF_INET, bytes.data() + kV4Prefix.size(), buffer, sizeof buffer)
              : inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
  FB_ASSERT(text != nullptr);
  return text;
}

std::shared_ptr<const PreparedResponse> PreparedResponse::make(const HttpResponse& response,
                                                               std::string_view etag) {
  FB_ASSERT(response.status >= 200 && response.status <= 599);
  auto prepared = std::make_shared<PreparedResponse>();
  prepared->status_ = response.status;
  prepared->etag_ = etag;
  std::string& whole = prepared->bytes_;
  whole.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  whole.append(http_reason(response.status)).append("\r\n");
  if (!response.content_type.empty()) {
    append_field(whole, "Content-Type", response.content_type);
  }
  for (const HttpField& field : response.headers) { append_field(whole, field.name, field.value); }
  if (!etag.empty()) { append_field(whole, "ETag", etag); }
  if (response.status != 204 && response.status != 304) {
    append_field(whole, "Content-Length", std::to_string(response.body.size()));
  }
  prepared->head_size_ = whole.size();
  whole.append(response.body);

  std::string& not_modified = prepared->not_modified_;
  not_modified = "HTTP/1.1 304 Not Modified\r\n";
  for (const HttpField& field : response.headers) {
    for (const std::string_view kept : {"Cache-Control", "Content-Location", "Expires", "Vary"}) {
      if (equals_ignoring_case(field.name, kept)) {
        append_field(not_modified, field.name, field.value);
      }
    }
  }
  if (!etag.empty()) { append_field(not_modified, "ETag", etag); }
  return prepared;
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) noexcept {
  if (etag.empty()) { return false; }
  if (trim(if_none_match) == "*") { return true; }
  const auto opaque = [](std::string_view tag) {
    return tag.substr(tag.starts_with("W/") ? 2 : 0);
  };
  const std::string_view wanted = opaque(etag);
  // Tags stand in quotes and may hold commas: walk quote by quote, not comma by comma.
  for (std::size_t open = if_none_match.find('"'); open != std::string_view::npos;) {
    const std::size_t close = if_none_match.find('"', open + 1);
    if (close == std::string_view::npos) { return false; }
    if (if_none_match.substr(open, close + 1 - open) == wanted) { return true; }
    open = if_none_match.find('"', close + 1);
  }
  return false;
}

std::shared_ptr<const StreamChunk> StreamChunk::make(std::string_view data) {
  FB_ASSERT(!data.empty());
  auto chunk = std::make_shared<StreamChunk>();
  char size[16];
  const auto printed = std::to_chars(size, size + sizeof size, data.size(), 16);
  std::string& framed = chunk->framed_;
  framed.reserve(data.size() + 24);
  framed.append(size, printed.ptr).append("\r\n");
  chunk->data_begin_ = framed.size();
  chunk->data_size_ = data.size();
  framed.append(data).append("\r\n");
  return chunk;
}

}  // namespace firebrand
