#include "edge/http/request_parser.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "edge/http/request_head.hpp"

namespace firebrand {
namespace {

/// A chunk-size line or the line end behind a chunk: more than this is no honest client.
constexpr std::size_t kChunkLineBytesMax = 256;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') { return c - '0'; }
  if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
  if (c >= 'A' && c <= 'F') { return c - 'A' + 10; }
  return -1;
}

}  // namespace

HttpRequestParse HttpRequestParser::parse(char* data, std::size_t& size, HttpRequest& out) {
  const bool head_is_new = !head_done();
  if (head_is_new) {
    const HttpRequestParse found = find_head(data, size);
    if (found != HttpRequestParse::complete) { return found; }
    const HttpRequestParse read = read_head(data, out);
    if (read != HttpRequestParse::complete) { return read; }
    read_end_ = head_size_;
  }
  if (chunked_) {
    const HttpRequestParse read = read_chunks(data, size);
    if (read != HttpRequestParse::complete) { return read; }
  } else {
    if (size - head_size_ < body_size_) { return HttpRequestParse::need_more; }
    read_end_ = head_size_ + body_size_;
  }
  // The body came in pieces: the bytes may have moved since the views were made.
  if (!head_is_new) { FB_ASSERT(read_head(data, out) == HttpRequestParse::complete); }
  out.body = {data + head_size_, body_size_};
  return HttpRequestParse::complete;
}

/// Looks at line ends only: a head is read when it is whole, so that no view of a part of it has to
/// survive the bytes being moved.
HttpRequestParse HttpRequestParser::find_head(const char* data, std::size_t size) {
  for (;;) {
    const bool is_request_line = line_begin_ == head_begin_;
    if (is_request_line && size > line_begin_) {
      const auto first = static_cast<unsigned char>(data[line_begin_]);
      if ((first <= ' ' && first != '\r') || first >= 0x7F) {
        return fail(HttpRequestParse::malformed, "This is not an HTTP request.");
      }
    }
    const void* const found = std::memchr(data + scan_, '\n', size - scan_);
    if (found == nullptr) {
      // One more: the line may be as long as it may be, with only the LF still to come.
      if (is_request_line && size - line_begin_ > limits_.request_line_bytes_max + 1) {
        return fail(HttpRequestParse::uri_too_long, "The request line is too long.");
      }
      if (size > limits_.header_bytes_max) {
        return fail(HttpRequestParse::headers_too_large, "The headers are too large.");
      }
      scan_ = static_cast<std::uint32_t>(size);
      return HttpRequestParse::need_more;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - data) + 1;
    const std::size_t line_size = end - line_begin_;  // With its line end.
    if (line_size < 2 || data[end - 2] != '\r') {
      return fail(HttpRequestParse::malformed, "Lines must end with CR LF.");
    }
    if (is_request_line && line_size - 2 > limits_.request_line_bytes_max) {
      return fail(HttpRequestParse::uri_too_long, "The request line is too long.");
    }
    if (end > limits_.header_bytes_max) {
      return fail(HttpRequestParse::headers_too_large, "The headers are too large.");
    }
    const std::uint32_t begin = line_begin_;
    line_begin_ = scan_ = static_cast<std::uint32_t>(end);
    if (line_size == 2) {
      if (!is_request_line) {
        head_size_ = static_cast<std::uint32_t>(end);
        return HttpRequestParse::complete;
      }
      // One empty line before the request is what old clients send behind a body.
      if (head_begin_ != 0) {
        return fail(HttpRequestParse::malformed, "The request line is empty.");
      }
      head_begin_ = 2;
    } else if (!is_request_line) {
      if (data[begin] == ' ' || data[begin] == '\t') {
        return fail(HttpRequestParse::malformed, "Folded header lines are not supported.");
      }
      if (++fields_ > limits_.header_fields_max) {
        return fail(HttpRequestParse::headers_too_large, "There are too many headers.");
      }
    }
  }
}

HttpRequestParse HttpRequestParser::read_head(const char* data, HttpRequest& out) {
  HttpRequestHead head;
  const char* const why =
      read_request_head({data + head_begin_, head_size_ - head_begin_}, out, head);
  if (why != nullptr) { return fail(HttpRequestParse::malformed, why); }
  http11_ = head.http11;
  keep_alive_ = head.keep_alive;
  expects_continue_ = head.expects_continue;
  chunked_ = head.chunked;
  if (chunked_) { return HttpRequestParse::complete; }
  if (head.content_length > limits_.body_bytes_max) {
    return fail(HttpRequestParse::payload_too_large, "The body is too large.");
  }
  body_size_ = static_cast<std::uint32_t>(head.content_length);
  return HttpRequestParse::complete;
}

/// RFC 9112 section 7.1. Moves the data of the chunks together behind the head.
HttpRequestParse HttpRequestParser::read_chunks(char* data, std::size_t& size) {
  for (;;) {
    const std::size_t left = size - read_end_;
    char* const raw = data + read_end_;
    switch (chunk_state_) {
      case ChunkState::size_line: {
        const void* const found = std::memchr(raw, '\n', std::min(left, kChunkLineBytesMax));
        if (found == nullptr) {
          if (left >= kChunkLineBytesMax) {
            return fail(HttpRequestParse::malformed, "A chunk size line is too long.");
          }
          return wait_for_chunk(data, size);
        }
        const std::string_view line(
            raw, static_cast<std::size_t>(static_cast<const char*>(found) - raw) + 1);
        const HttpRequestParse read = read_chunk_size(line);
        if (read != HttpRequestParse::complete) { return read; }
        read_end_ += line.size();
        chunk_state_ = chunk_left_ == 0 ? ChunkState::trailer : ChunkState::data;
        break;
      }
      case ChunkState::data: {
        const std::size_t taken = std::min<std::size_t>(left, chunk_left_);
        std::memmove(data + head_size_ + body_size_, raw, taken);
        body_size_ += static_cast<std::uint32_t>(taken);
        chunk_left_ -= static_cast<std::uint32_t>(taken);
        read_end_ += taken;
        if (chunk_left_ != 0) { return wait_for_chunk(data, size); }
        chunk_state_ = ChunkState::data_end;
        break;
      }
      case ChunkState::data_end: {
        if ((left >= 1 && raw[0] != '\r') || (left >= 2 && raw[1] != '\n')) {
          return fail(HttpRequestParse::malformed, "A chunk is longer than its size says.");
        }
        if (left < 2) { return wait_for_chunk(data, size); }
        read_end_ += 2;
        chunk_state_ = ChunkState::size_line;
        break;
      }
      case ChunkState::trailer: {
        const void* const found = std::memchr(raw, '\n', left);
        if (found == nullptr && trailer_bytes_ + left > limits_.header_bytes_max + 1) {
          return fail(HttpRequestParse::headers_too_large, "The trailers are too large.");
        }
        if (found == nullptr) { return wait_for_chunk(data, size); }
        const std::string_view line(
            raw, static_cast<std::size_t>(static_cast<const char*>(found) - raw) + 1);
        if (line.size() < 2 || line[line.size() - 2] != '\r') {
          return fail(HttpRequestParse::malformed, "Lines must end with CR LF.");
        }
        read_end_ += line.size();
        if (line.size() == 2) { return HttpRequestParse::complete; }
        // Trailers are read over: no header of ours may come after the body.
        if (line[0] == ' ' || line[0] == '\t' || line.find(':') == std::string_view::npos) {
          return fail(HttpRequestParse::malformed, "A trailer is not valid.");
        }
        trailer_bytes_ += static_cast<std::uint32_t>(line.size());
        if (trailer_bytes_ > limits_.header_bytes_max || ++fields_ > limits_.header_fields_max) {
          return fail(HttpRequestParse::headers_too_large, "The trailers are too large.");
        }
        break;
      }
    }
  }
}

/// @param line  chunk-size [ chunk-ext ] CRLF. Extensions are read over.
HttpRequestParse HttpRequestParser::read_chunk_size(std::string_view line) {
  if (line.size() < 3 || line[line.size() - 2] != '\r') {
    return fail(HttpRequestParse::malformed, "A chunk size line is not valid.");
  }
  line.remove_suffix(2);
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < line.size() && hex_digit(line[digits]) >= 0; ++digits) {
    value = value * 16 + static_cast<std::uint64_t>(hex_digit(line[digits]));
    if (value > limits_.body_bytes_max) {
      return fail(HttpRequestParse::payload_too_large, "The body is too large.");
    }
  }
  if (digits == 0) { return fail(HttpRequestParse::malformed, "A chunk size is no number."); }
  line.remove_prefix(digits);
  const std::size_t text = line.find_first_not_of(" \t");
  if (!line.empty() && (text == std::string_view::npos || line[text] != ';')) {
    return fail(HttpRequestParse::malformed, "A chunk size line is not valid.");
  }
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < ' ' && byte != '\t') || byte == 0x7F) {
      return fail(HttpRequestParse::malformed, "A chunk extension is not valid.");
    }
  }
  if (body_size_ + value > limits_.body_bytes_max) {
    return fail(HttpRequestParse::payload_too_large, "The body is too large.");
  }
  chunk_left_ = static_cast<std::uint32_t>(value);
  return HttpRequestParse::complete;
}

/// Closes the gap that framing has left, so that memory is bounded by the body's own limit.
HttpRequestParse HttpRequestParser::wait_for_chunk(char* data, std::size_t& size) noexcept {
  const std::size_t gathered = head_size_ + body_size_;
  const std::size_t left = size - read_end_;
  if (read_end_ != gathered) { std::memmove(data + gathered, data + read_end_, left); }
  read_end_ = gathered;
  size = gathered + left;
  return HttpRequestParse::need_more;
}

}  // namespace firebrand
