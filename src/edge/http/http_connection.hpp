#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "edge/http/request_parser.hpp"
#include "edge/http/tls.hpp"

/// What HttpServer keeps for each connection, and what it builds answers in.
namespace firebrand {

inline constexpr std::size_t kAnswerBytesKept = 256 * 1024;  // By a buffer that is empty again.

/// Bytes under construction. Keeps its memory from answer to answer.
class AnswerBuffer {
 public:
  /// Room for `size` more bytes; append() does not check again.
  void reserve(std::size_t size) {
    if (size <= capacity_ - size_) { return; }
    const std::size_t capacity = std::max(capacity_ * 2, size_ + size);
    auto data = std::make_unique<char[]>(capacity);
    if (size_ != 0) { std::memcpy(data.get(), data_.get(), size_); }
    data_ = std::move(data);
    capacity_ = capacity;
  }
  void append(std::string_view text) noexcept {
    if (text.empty()) { return; }
    std::memcpy(data_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append_number(std::uint64_t value) noexcept {
    size_ = static_cast<std::size_t>(
        std::to_chars(data_.get() + size_, data_.get() + capacity_, value).ptr - data_.get());
  }
  /// A value from outside must not start a header of its own.
  void append_value(std::string_view value) noexcept {
    char* const begin = data_.get() + size_;
    append(value);
    std::replace_if(
        begin, begin + value.size(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; },
        ' ');
  }
  void clear() noexcept {
    size_ = 0;
    if (capacity_ > kAnswerBytesKept) {
      data_.reset();
      capacity_ = 0;
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view view() const noexcept { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", made once a second.
class HttpDateLine {
 public:
  std::string_view at(std::int64_t unix_seconds) noexcept {
    if (unix_seconds != seconds_) {
      seconds_ = unix_seconds;
      print();
    }
    return {text_, sizeof text_};
  }

 private:
  void print() noexcept {
    using namespace std::chrono;
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_seconds time{seconds{seconds_}};
    const sys_days day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    char* out = text_;
    const auto put = [&out](std::string_view piece) {
      std::memcpy(out, piece.data(), piece.size());
      out += piece.size();
    };
    const auto put_two = [&out](std::int64_t value) {
      *out++ = static_cast<char>('0' + value / 10 % 10);
      *out++ = static_cast<char>('0' + value % 10);
    };
    put("Date: ");
    put(kDays[weekday{day}.c_encoding()]);
    put(", ");
    put_two(static_cast<unsigned>(date.day()));
    put(" ");
    put(kMonths[static_cast<unsigned>(date.month()) - 1]);
    put(" ");
    put_two(static_cast<int>(date.year()) / 100);
    put_two(static_cast<int>(date.year()) % 100);
    put(" ");
    put_two(clock.hours().count());
    put(":");
    put_two(clock.minutes().count());
    put(":");
    put_two(clock.seconds().count());
    put(" GMT\r\n");
    FB_ASSERT(out == text_ + sizeof text_);
  }

  std::int64_t seconds_ = -1;
  char text_[37] = {};
};

/// What could not be sent at once.
struct HttpOutput {
  struct Segment {
    std::shared_ptr<const void> owner;
    std::string_view bytes;
  };
  std::vector<Segment> segments;
  std::size_t first = 0;  // Of the segments not yet sent.
  std::size_t bytes = 0;

  [[nodiscard]] std::size_t count() const noexcept { return segments.size() - first; }
};

enum class HttpConnectionState : std::uint8_t {
  free,
  reading,    // Waits for a request, or for the rest of one.
  awaiting,   // The handler has the request.
  streaming,  // The answer has no end yet.
  closing,    // The last answer is on its way out.
  lingering,  // It is out; what the peer still sends is thrown away until it closes.
};

enum class HttpReadPhase : std::uint8_t { idle, head, body };

/// A few hundred bytes. Buffers hang on it only while bytes are underway.
struct HttpConnection {
  explicit HttpConnection(const HttpRequestLimits& limits, std::uint32_t at)
      : slot(at), parser(limits) {}

  int fd = -1;
  std::uint32_t slot;
  std::uint64_t generation = 0;   // Counts requests and closings.
  std::uint64_t deadline_ms = 0;  // Monotonic; zero: none.
  std::uint32_t registered_events = 0;
  HttpConnectionState state = HttpConnectionState::free;
  HttpReadPhase phase = HttpReadPhase::idle;
  bool keep_alive = false;
  bool http11 = false;
  bool head_only = false;
  bool peer_ended = false;  // It has sent its last byte.
  bool blocked = false;     // The socket takes nothing at the moment.
  bool in_flush_list = false;
  bool in_resume_list = false;
  bool continue_sent = false;
  bool counted = false;  // In the per-address table.
  bool refused = false;  // Over a connection limit, here only to read its 503.
  PeerAddress peer;
  std::unique_ptr<TlsSession> tls;  // Null: bytes go as they are.
  HttpRequestParser parser;
  std::unique_ptr<char[]> input;  // From the first byte of a request that is not whole yet.
  std::uint32_t input_size = 0;
  std::uint32_t input_capacity = 0;
  std::unique_ptr<HttpOutput> output;

  void release_input() noexcept {
    input.reset();
    input_size = 0;
    input_capacity = 0;
  }
};

}  // namespace firebrand
