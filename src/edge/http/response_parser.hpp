#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "edge/http/http_client.hpp"

/// How the clients cut answers and events out of bytes. No sockets.
namespace firebrand {

inline constexpr std::size_t kHeadBytesMax = 64 * 1024;
inline constexpr std::size_t kEventBytesMax = 1024 * 1024;

/// Takes the framing off a chunked body, in whatever pieces it comes.
class HttpChunkReader {
 public:
  enum class Result : std::uint8_t { need_more, complete, malformed };

  /// Calls `sink(string_view)` for pieces of data. `used` says how much of `bytes` was read: all
  /// of it, or up to the end of the body.
  template <class Sink>
  Result feed(std::string_view bytes, std::size_t& used, Sink&& sink) {
    for (used = 0; used < bytes.size();) {
      if (state_ == State::data) {
        const std::size_t taken = std::min<std::size_t>(left_, bytes.size() - used);
        sink(bytes.substr(used, taken));
        used += taken;
        left_ -= taken;
        if (left_ == 0) { state_ = State::data_end; }
        continue;
      }
      const char c = bytes[used++];
      switch (state_) {
        case State::size:
          if (c == '\n') {
            if (digits_ == 0) { return Result::malformed; }
            state_ = left_ == 0 ? State::trailer_begin : State::data;
            digits_ = 0;
          } else if (!in_extension_ && hex(c) >= 0 && digits_ < 15) {
            left_ = left_ * 16 + static_cast<std::uint64_t>(hex(c));
            ++digits_;
          } else {
            if (c != ';' && c != '\r' && !in_extension_) { return Result::malformed; }
            in_extension_ = true;
          }
          break;
        case State::data:
          break;
        case State::data_end:
          if (c == '\n') {
            state_ = State::size;
            in_extension_ = false;
            left_ = 0;
          } else if (c != '\r') {
            return Result::malformed;
          }
          break;
        case State::trailer_begin:
          if (c == '\n') { return Result::complete; }
          if (c != '\r') { state_ = State::trailer; }
          break;
        case State::trailer:
          if (c == '\n') { state_ = State::trailer_begin; }
          break;
      }
    }
    return Result::need_more;
  }

 private:
  enum class State : std::uint8_t { size, data, data_end, trailer_begin, trailer };

  static int hex(char c) {
    if (c >= '0' && c <= '9') { return c - '0'; }
    if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }

  std::uint64_t left_ = 0;
  std::uint32_t digits_ = 0;
  State state_ = State::size;
  bool in_extension_ = false;
};

/// Cuts answers out of the bytes of one connection, as HttpRequestParser does for requests. The
/// server is ours or one we chose: the grammar is not policed further than is needed to find the
/// end.
class HttpResponseParser {
 public:
  enum class Result : std::uint8_t { need_more, complete, malformed };

  void reset(bool is_head_request) {
    *this = HttpResponseParser();
    is_head_request_ = is_head_request;
  }

  /// @param data, size  From the first byte of the answer on; taking framing out makes it less.
  /// @param at_end      The server has closed: what is there is all there will be.
  Result parse(char* data, std::size_t& size, std::size_t body_bytes_max, bool at_end);

  /// @return complete once the head is whole, also when called again.
  Result parse_head(std::string_view text, bool at_end);

  bool head_done() const { return head_size_ != 0; }
  int status() const { return status_; }
  std::size_t head_size() const { return head_size_; }
  std::size_t consumed() const { return raw_begin_; }
  bool keep_alive() const { return keep_alive_ && framing_ != Framing::until_close; }
  bool is_event_stream() const { return head_done() && status_ == 200 && is_event_stream_; }
  bool is_chunked() const { return framing_ == Framing::chunked; }

  HttpResponseView view(const char* data) const {
    return {status_, {data + head_size_, body_size_}, header_lines(data)};
  }
  std::string_view header_lines(const char* data) const {
    return {data + status_line_size_, head_size_ - status_line_size_ - 2};
  }

 private:
  enum class Framing : std::uint8_t { length, chunked, until_close };

  Result parse_body(char* data, std::size_t& size, std::size_t body_bytes_max, bool at_end);
  bool read_head(std::string_view head);

  std::size_t scan_ = 0;
  std::size_t head_size_ = 0;
  std::size_t status_line_size_ = 0;
  std::size_t body_size_ = 0;
  std::size_t raw_begin_ = 0;
  HttpChunkReader chunks_;
  int status_ = 0;
  Framing framing_ = Framing::length;
  bool is_head_request_ = false;
  bool keep_alive_ = false;
  bool is_event_stream_ = false;
};

/// Cuts events out of a stream: HTML standard, section 9.2.6 "Interpreting an event stream".
class SseCutter {
 public:
  /// Calls `sink(event, id, data)` for each whole event.
  /// @return false if a line or an event is absurdly long.
  template <class Sink>
  bool feed(std::string_view bytes, Sink&& sink) {
    for (const char c : bytes) {
      if (std::exchange(after_cr_, false) && c == '\n') { continue; }
      if (c != '\n' && c != '\r') {
        if (line_.size() >= kEventBytesMax) { return false; }
        line_ += c;
        continue;
      }
      after_cr_ = c == '\r';
      if (line_.empty()) {
        if (has_data_) { sink(event_.empty() ? "message" : event_, id_, data_); }
        event_.clear();
        data_.clear();
        has_data_ = false;
        continue;
      }
      if (!take_line(line_)) { return false; }
      line_.clear();
    }
    return true;
  }

 private:
  bool take_line(std::string_view line);

  std::string line_;
  std::string event_;
  std::string id_;
  std::string data_;
  bool has_data_ = false;
  bool after_cr_ = false;
};

/// Event stream behind a head: framing off, events out.
struct SseBody {
  SseCutter events;
  HttpChunkReader chunks;
  bool chunked = false;

  enum class Result : std::uint8_t { open, ended, malformed };

  template <class Sink>
  Result feed(std::string_view bytes, Sink&& sink) {
    if (!chunked) { return events.feed(bytes, sink) ? Result::open : Result::malformed; }
    std::size_t used = 0;
    bool is_sane = true;
    const HttpChunkReader::Result read = chunks.feed(bytes, used, [&](std::string_view piece) {
      is_sane = is_sane && events.feed(piece, sink);
    });
    if (!is_sane || read == HttpChunkReader::Result::malformed) { return Result::malformed; }
    return read == HttpChunkReader::Result::complete ? Result::ended : Result::open;
  }
};

}  // namespace firebrand
