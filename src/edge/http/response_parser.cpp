#include "edge/http/response_parser.hpp"

namespace firebrand {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// `lowercase` is in lower case already.
bool starts_with_ignoring_case(std::string_view text, std::string_view lowercase) {
  if (text.size() < lowercase.size()) { return false; }
  for (std::size_t i = 0; i < lowercase.size(); ++i) {
    if (lower(text[i]) != lowercase[i]) { return false; }
  }
  return true;
}

bool contains_ignoring_case(std::string_view text, std::string_view lowercase) {
  for (; text.size() >= lowercase.size(); text.remove_prefix(1)) {
    if (starts_with_ignoring_case(text, lowercase)) { return true; }
  }
  return false;
}

}  // namespace

HttpResponseParser::Result HttpResponseParser::parse(char* data, std::size_t& size,
                                                     std::size_t body_bytes_max, bool at_end) {
  const Result head = parse_head({data, size}, at_end);
  return head == Result::complete ? parse_body(data, size, body_bytes_max, at_end) : head;
}

HttpResponseParser::Result HttpResponseParser::parse_head(std::string_view text, bool at_end) {
  if (head_done()) { return Result::complete; }
  const std::size_t end = text.find("\r\n\r\n", scan_ > 3 ? scan_ - 3 : 0);
  if (end == std::string_view::npos) {
    scan_ = text.size();
    return at_end || text.size() > kHeadBytesMax ? Result::malformed : Result::need_more;
  }
  return read_head(text.substr(0, end + 4)) ? Result::complete : Result::malformed;
}

// REQUIRES: head_done().
HttpResponseParser::Result HttpResponseParser::parse_body(char* data, std::size_t& size,
                                                          std::size_t body_bytes_max, bool at_end) {
  if (framing_ == Framing::chunked) {
    std::size_t used = 0;
    char* body_end = data + head_size_ + body_size_;
    const HttpChunkReader::Result read =
        chunks_.feed({data + raw_begin_, size - raw_begin_}, used, [&](std::string_view piece) {
          std::memmove(body_end, piece.data(), piece.size());
          body_end += piece.size();
        });
    body_size_ = static_cast<std::size_t>(body_end - data) - head_size_;
    if (read == HttpChunkReader::Result::malformed || body_size_ > body_bytes_max) {
      return Result::malformed;
    }
    raw_begin_ += used;
    if (read == HttpChunkReader::Result::complete) { return Result::complete; }
    raw_begin_ = size = head_size_ + body_size_;
    return at_end ? Result::malformed : Result::need_more;
  }
  if (framing_ == Framing::until_close) {
    body_size_ = size - head_size_;
    raw_begin_ = size;
    if (body_size_ > body_bytes_max) { return Result::malformed; }
    return at_end ? Result::complete : Result::need_more;
  }
  if (body_size_ > body_bytes_max) { return Result::malformed; }
  if (size - head_size_ < body_size_) { return at_end ? Result::malformed : Result::need_more; }
  raw_begin_ = head_size_ + body_size_;
  return Result::complete;
}

bool HttpResponseParser::read_head(std::string_view head) {
  // "HTTP/1.1 200 OK\r\n"
  if (head.size() < 17 || !head.starts_with("HTTP/1.") || head[8] != ' ') { return false; }
  for (int i = 9; i < 12; ++i) {
    const char c = head[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') { return false; }
    status_ = status_ * 10 + (c - '0');
  }
  keep_alive_ = head[7] == '1';
  status_line_size_ = head.find('\n') + 1;
  bool has_length = false;
  for (std::size_t at = status_line_size_; at + 2 < head.size();) {
    const std::size_t end = head.find('\n', at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 1;
    switch (lower(line.front())) {
      case 'c':
        if (starts_with_ignoring_case(line, "content-length:")) {
          std::string_view value = line.substr(15);
          while (value.starts_with(' ')) { value.remove_prefix(1); }
          const char* const value_end = value.data() + value.size();
          const auto read = std::from_chars(value.data(), value_end, body_size_);
          if (read.ec != std::errc{}) { return false; }
          has_length = true;
        } else if (starts_with_ignoring_case(line, "content-type:")) {
          is_event_stream_ = contains_ignoring_case(line, "text/event-stream");
        } else if (starts_with_ignoring_case(line, "connection:")) {
          if (contains_ignoring_case(line, "close")) { keep_alive_ = false; }
          if (contains_ignoring_case(line, "keep-alive")) { keep_alive_ = true; }
        }
        break;
      case 't':
        if (starts_with_ignoring_case(line, "transfer-encoding:")) {
          if (!contains_ignoring_case(line, "chunked")) { return false; }
          framing_ = Framing::chunked;
        }
        break;
      default:
        break;
    }
  }
  head_size_ = raw_begin_ = head.size();
  if (is_head_request_ || status_ / 100 == 1 || status_ == 204 || status_ == 304) {
    framing_ = Framing::length;
    body_size_ = 0;
  } else if (framing_ == Framing::chunked) {
    body_size_ = 0;
  } else if (!has_length) {
    framing_ = Framing::until_close;
  }
  return true;
}

bool SseCutter::take_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) { value.remove_prefix(1); }
  if (name == "data") {
    if (data_.size() + value.size() > kEventBytesMax) { return false; }
    if (has_data_) { data_ += '\n'; }
    data_ += value;
    has_data_ = true;
  } else if (name == "event") {
    event_ = value;
  } else if (name == "id") {
    id_ = value;
  }
  return true;  // A name we do not know, or a comment.
}

}  // namespace firebrand
