#pragma once

#include <cstddef>
#include <cstdint>

#include "edge/http/http.hpp"

namespace firebrand {

/// See HttpLimits.
struct HttpRequestLimits {
  std::uint32_t request_line_bytes_max = 8 * 1024;
  std::uint32_t header_bytes_max = 16 * 1024;
  std::uint32_t header_fields_max = 100;
  std::uint32_t body_bytes_max = 64 * 1024;
};

enum class HttpRequestParse : std::uint8_t {
  need_more,  ///< Valid so far.
  complete,
  malformed,          ///< 400: not HTTP, or HTTP that two readers could read in two ways.
  uri_too_long,       ///< 414
  headers_too_large,  ///< 431
  payload_too_large,  ///< 413
};

/// Cuts requests out of the bytes of one connection. No socket, no allocation, no pointer kept
/// between calls: the caller may move the bytes.
///
/// Stricter than RFC 9112 allows wherever front and back could disagree on where a request ends:
/// bare LF, obs-fold, a second Content-Length (even the same), Content-Length next to
/// Transfer-Encoding, any coding but a single "chunked", blanks before the colon, no or two Hosts.
class HttpRequestParser {
 public:
  explicit HttpRequestParser(const HttpRequestLimits& limits) noexcept : limits_(limits) {}

  /// @param data  The bytes from the first one of the request on, all that came so far; writable,
  ///              because chunks are moved together. kHttpBodyPadding more must be readable.
  /// @param size  In and out: taking the framing out of an incomplete chunked body makes it less.
  /// @param out   Filled if `complete`; method, path, query, body and headers only.
  ///
  /// After `need_more`: call again with more bytes. After `complete`: reset(), go on behind
  /// consumed(). After an error: never call again, see detail().
  [[nodiscard]] HttpRequestParse parse(char* data, std::size_t& size, HttpRequest& out);

  void reset() noexcept { *this = HttpRequestParser(limits_); }

  /// Bytes of the request in `data`. Valid after `complete`.
  [[nodiscard]] std::size_t consumed() const noexcept { return read_end_; }
  /// True once the whole head is there; the rest of these are valid from then on.
  [[nodiscard]] bool head_done() const noexcept { return head_size_ != 0; }
  /// False: the connection ends after the answer.
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
  [[nodiscard]] bool is_http11() const noexcept { return http11_; }
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }
  /// Why it is an error, for people.
  [[nodiscard]] const char* detail() const noexcept { return detail_; }

 private:
  enum class ChunkState : std::uint8_t { size_line, data, data_end, trailer };

  HttpRequestParse find_head(const char* data, std::size_t size);
  HttpRequestParse read_head(const char* data, HttpRequest& out);
  HttpRequestParse read_chunks(char* data, std::size_t& size);
  HttpRequestParse read_chunk_size(std::string_view line);
  HttpRequestParse wait_for_chunk(char* data, std::size_t& size) noexcept;
  HttpRequestParse fail(HttpRequestParse error, const char* detail) noexcept {
    detail_ = detail;
    return error;
  }

  HttpRequestLimits limits_;
  std::uint32_t scan_ = 0;        // Head: where the search for the next line end goes on.
  std::uint32_t line_begin_ = 0;  // Head: start of the line under way.
  std::uint32_t head_begin_ = 0;  // Two if an empty line came first.
  std::uint32_t fields_ = 0;
  std::uint32_t head_size_ = 0;  // Zero until the head is whole.
  std::uint32_t body_size_ = 0;  // Expected by Content-Length, or gathered from chunks.
  std::uint32_t chunk_left_ = 0;
  std::uint32_t trailer_bytes_ = 0;
  std::size_t read_end_ = 0;  // Chunked: where the raw bytes go on.
  const char* detail_ = "";
  ChunkState chunk_state_ = ChunkState::size_line;
  bool chunked_ = false;
  bool http11_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace firebrand
