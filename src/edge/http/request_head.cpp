#include "edge/http/request_head.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/assert.hpp"

namespace firebrand {
namespace {

/// Characters of a token (RFC 9110 section 5.6.2) in lower case; zero for all others.
constexpr std::array<char, 256> kTokenLower = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = c;
  }
  for (char c = 'A'; c <= 'Z'; ++c) {
    table[static_cast<unsigned char>(c)] = static_cast<char>(c + ('a' - 'A'));
  }
  return table;
}();

/// Host and port: letters, digits and what else an authority may hold (RFC 3986 section 3.2).
constexpr std::array<bool, 256> kHostText = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view(".-_:[]%~!$&'()*+,;=0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

char token_lower(char c) { return kTokenLower[static_cast<unsigned char>(c)]; }

/// For tokens only. `lowercase` is in lower case already.
bool equals_ignoring_case(std::string_view token, std::string_view lowercase) {
  if (token.size() != lowercase.size()) { return false; }
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token_lower(token[i]) != lowercase[i]) { return false; }
  }
  return true;
}

/// Where the bytes that matter are in a block: bit i stands for byte i. What is read may lie behind
/// the text, see kHttpBodyPadding.
#if defined(__SSE2__)
constexpr std::ptrdiff_t kBlock = 16;

std::uint32_t colons(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(':'))));
}

/// Controls other than the tab.
std::uint32_t controls(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
  const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F));
  return static_cast<std::uint32_t>(
      _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, below), del)));
}
#else
constexpr std::ptrdiff_t kBlock = 8;

std::uint32_t colons(const char* at) {
  std::uint32_t found = 0;
  for (std::ptrdiff_t i = 0; i < kBlock; ++i) {
    found |= static_cast<std::uint32_t>(at[i] == ':') << i;
  }
  return found;
}

std::uint32_t controls(const char* at) {
  std::uint32_t found = 0;
  for (std::ptrdiff_t i = 0; i < kBlock; ++i) {
    const auto byte = static_cast<unsigned char>(at[i]);
    found |= static_cast<std::uint32_t>((byte < 0x20 && byte != '\t') || byte == 0x7F) << i;
  }
  return found;
}
#endif

/// The first control other than the tab. There is one before the text ends: its CR.
const char* find_control(const char* at) {
  for (;; at += kBlock) {
    const std::uint32_t found = controls(at);
    if (found != 0) { return at + std::countr_zero(found); }
  }
}

enum class Repeat : std::uint8_t {
  refused,     // It means one thing: two of them are two meanings.
  last_counts  // A list that may be spread over several lines (RFC 9110 section 5.3).
};

/// Headers that frame the message: not shown to routes.
enum class Framing : std::uint8_t { none, connection, content_length, expect, transfer_encoding };

struct Known {
  std::string_view name;  // In lower case.
  HttpHeader header{};
  Repeat repeat = Repeat::refused;
  Framing framing = Framing::none;
};

constexpr Known kKnown[] = {
    {"accept-encoding", HttpHeader::accept_encoding, Repeat::last_counts},
    {"accept-language", HttpHeader::accept_language, Repeat::last_counts},
    {"authorization", HttpHeader::authorization},
    {"content-type", HttpHeader::content_type},
    {"cookie", HttpHeader::cookie, Repeat::last_counts},
    {"firebrand-person", HttpHeader::firebrand_person},
    {"firebrand-signature", HttpHeader::firebrand_signature},
    {"firebrand-timestamp", HttpHeader::firebrand_timestamp},
    {"host", HttpHeader::host},
    {"idempotency-key", HttpHeader::idempotency_key},
    {"if-none-match", HttpHeader::if_none_match, Repeat::last_counts},
    {"last-event-id", HttpHeader::last_event_id},
    {"sec-fetch-site", HttpHeader::sec_fetch_site},
    {"x-request-id", HttpHeader::x_request_id},
    {"connection", {}, {}, Framing::connection},
    {"content-length", {}, {}, Framing::content_length},
    {"expect", {}, {}, Framing::expect},
    {"transfer-encoding", {}, {}, Framing::transfer_encoding},
};
static_assert(std::size(kKnown) == kHttpHeaderCount + 4);
constexpr std::size_t kKnownBytesMin = 4;
constexpr std::size_t kKnownBytesMax = 19;
static_assert(std::all_of(std::begin(kKnown), std::end(kKnown), [](const Known& known) {
  return known.name.size() >= kKnownBytesMin && known.name.size() <= kKnownBytesMax;
}));

/// Place of a name in kPlaces: told by its length, its first and its third-last byte, in any case.
/// The factors were searched so that no two names we know share a place.
constexpr std::size_t kPlaceCount = 128;
constexpr std::size_t place_of(std::string_view name) {
  const auto letter = [](char c) { return static_cast<std::size_t>(c & 0x1F); };
  return (name.size() + letter(name[0]) * 2 + letter(name[name.size() - 3]) * 45) % kPlaceCount;
}

constexpr std::uint8_t kNobody = 0xFF;
constexpr std::array<std::uint8_t, kPlaceCount> kPlaces = [] {
  std::array<std::uint8_t, kPlaceCount> places{};
  places.fill(kNobody);
  for (std::size_t i = 0; i < std::size(kKnown); ++i) {
    places[place_of(kKnown[i].name)] = static_cast<std::uint8_t>(i);
  }
  return places;
}();
static_assert([] {
  std::size_t placed = 0;
  for (const std::uint8_t place : kPlaces) { placed += place == kNobody ? 0 : 1; }
  return placed == std::size(kKnown);
}());

/// For each name: which bits tell the cases of its letters apart. A '-' must be one: with that bit
/// set a CR would be one too.
constexpr auto kCaseBits = [] {
  std::array<std::array<char, kKnownBytesMax>, std::size(kKnown)> bits{};
  for (std::size_t i = 0; i < std::size(kKnown); ++i) {
    for (std::size_t at = 0; at < kKnown[i].name.size(); ++at) {
      bits[i][at] = kKnown[i].name[at] == '-' ? '\0' : '\x20';
    }
  }
  return bits;
}();

template <class Word>
bool same_word(const char* text, const char* lowercase, const char* case_bits) {
  Word word;
  Word wanted;
  Word bits;
  std::memcpy(&word, text, sizeof word);
  std::memcpy(&wanted, lowercase, sizeof wanted);
  std::memcpy(&bits, case_bits, sizeof bits);
  return (word | bits) == wanted;
}

/// In words; the last one overlaps the one before it.
template <class Word>
bool same_name(std::string_view name, std::size_t known) {
  const std::size_t last = name.size() - sizeof(Word);
  for (std::size_t at = 0;; at = std::min(at + sizeof(Word), last)) {
    if (!same_word<Word>(name.data() + at, kKnown[known].name.data() + at,
                         kCaseBits[known].data() + at)) {
      return false;
    }
    if (at == last) { return true; }
  }
}

/// @param name  Of any bytes: it need not be a token yet.
const Known* find_known(std::string_view name) {
  if (name.size() < kKnownBytesMin || name.size() > kKnownBytesMax) { return nullptr; }
  const std::uint8_t place = kPlaces[place_of(name)];
  if (place == kNobody || kKnown[place].name.size() != name.size()) { return nullptr; }
  const bool is_same = name.size() < sizeof(std::uint64_t) ? same_name<std::uint32_t>(name, place)
                                                           : same_name<std::uint64_t>(name, place);
  return is_same ? &kKnown[place] : nullptr;
}

HttpMethod method_of(std::string_view token) {
  switch (token.size()) {
    case 3:
      if (token == "GET") { return HttpMethod::get; }
      if (token == "PUT") { return HttpMethod::put; }
      break;
    case 4:
      if (token == "POST") { return HttpMethod::post; }
      if (token == "HEAD") { return HttpMethod::head; }
      break;
    case 5:
      if (token == "PATCH") { return HttpMethod::patch; }
      break;
    case 6:
      if (token == "DELETE") { return HttpMethod::del; }
      break;
    case 7:
      if (token == "OPTIONS") { return HttpMethod::options; }
      break;
    default:
      break;
  }
  return HttpMethod::other;
}

class HeadReader {
 public:
  HeadReader(std::string_view text, HttpRequest& out, HttpRequestHead& head)
      : at_(text.data()), end_(text.data() + text.size()), out_(out), head_(head) {}

  const char* read() {
    head_ = {};
    out_.clear_headers();
    if (const char* const why = read_request_line()) { return why; }
    const char* const fields_begin = at_;
    while (*at_ != '\r') {
      if (const char* const why = read_field()) { return why; }
    }
    if (at_ + 2 != end_) { return "The headers end too early."; }
    out_.header_lines = {fields_begin, static_cast<std::size_t>(at_ - fields_begin)};
    if (head_.http11 && !out_.has(HttpHeader::host)) { return "There must be one Host header."; }
    head_.keep_alive = head_.http11 ? !says_close_ : says_keep_alive_ && !says_close_;
    return nullptr;
  }

 private:
  const char* read_request_line() {
    const char* const method = at_;
    while (token_lower(*at_) != 0) { ++at_; }
    if (at_ == method || *at_ != ' ') { return "The method is not a token."; }
    out_.method = method_of({method, static_cast<std::size_t>(at_ - method)});
    const char* const begin = ++at_;
    while (static_cast<unsigned char>(*at_) > ' ' && *at_ != '\x7F') { ++at_; }
    if (at_ == begin || *at_ != ' ') { return "The request target is not valid."; }
    const std::string_view target(begin, static_cast<std::size_t>(at_ - begin));
    ++at_;
    if (std::memcmp(at_, "HTTP/1.", 7) != 0 || (at_[7] != '1' && at_[7] != '0') || at_[8] != '\r' ||
        at_[9] != '\n') {
      return "The protocol must be HTTP/1.1 or HTTP/1.0.";
    }
    head_.http11 = at_[7] == '1';
    at_ += 10;
    return cut_target(target);
  }

  const char* cut_target(std::string_view target) {
    if (target.front() != '/') {
      // absolute-form (RFC 9112 section 3.2.2) must be understood; its path is what counts.
      for (const std::string_view scheme : {"http", "https"}) {
        const std::size_t size = scheme.size() + 3;
        if (target.size() > size && target.substr(scheme.size(), 3) == "://" &&
            equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
          const std::size_t path = target.find_first_of("/?", size);
          target = path == std::string_view::npos ? "/" : target.substr(path);
          break;
        }
      }
      const bool is_server_wide = target == "*" && out_.method == HttpMethod::options;
      if (target.front() != '/' && !is_server_wide) {
        return "The request target must start with '/'.";
      }
    }
    if (std::memchr(target.data(), '#', target.size()) != nullptr) {
      return "The request target must not have a fragment.";
    }
    const void* const question = std::memchr(target.data(), '?', target.size());
    if (question == nullptr) {
      out_.path = target;
      out_.query = {};
    } else {
      const auto path_size =
          static_cast<std::size_t>(static_cast<const char*>(question) - target.data());
      out_.path = target.substr(0, path_size);
      out_.query = target.substr(path_size + 1);
    }
    return nullptr;
  }

  const char* read_field() {
    // A name of more than a block, or none at all, ends at the byte that is not of a token.
    const char* const name_begin = at_;
    const std::uint32_t found = colons(at_);
    std::string_view name(at_, found == 0 ? 0 : static_cast<std::size_t>(std::countr_zero(found)));
    const Known* const known = find_known(name);
    if (known == nullptr) {
      while (token_lower(*at_) != 0) { ++at_; }
      if (at_ == name_begin || *at_ != ':') { return "A header name is not valid."; }
      name = {name_begin, static_cast<std::size_t>(at_ - name_begin)};
    } else {
      at_ += name.size();
    }
    ++at_;
    while (*at_ == ' ' || *at_ == '\t') { ++at_; }
    const char* const value_begin = at_;
    at_ = find_control(at_);
    if (at_[0] != '\r' || at_[1] != '\n') { return "A header value is not valid."; }
    const char* value_end = at_;
    at_ += 2;
    while (value_end != value_begin && (value_end[-1] == ' ' || value_end[-1] == '\t')) {
      --value_end;
    }
    const std::string_view value(value_begin, static_cast<std::size_t>(value_end - value_begin));
    if (known != nullptr) { return take(*known, value); }
    const Known* const long_name = name.size() < kBlock ? nullptr : find_known(name);
    return long_name == nullptr ? nullptr : take(*long_name, value);
  }

  const char* take(const Known& known, std::string_view value) {
    switch (known.framing) {
      case Framing::none:
        break;
      case Framing::connection:
        return take_connection(value);
      case Framing::content_length:
        return take_length(value);
      case Framing::expect:
        head_.expects_continue |= head_.http11 && equals_ignoring_case(value, "100-continue");
        return nullptr;
      case Framing::transfer_encoding:
        return take_coding(value);
    }
    if (known.repeat == Repeat::refused && out_.has(known.header)) {
      return known.header == HttpHeader::host ? "There must be one Host header."
                                              : "A header that may come once came twice.";
    }
    if (known.header == HttpHeader::host) {
      for (const char c : value) {
        if (!kHostText[static_cast<unsigned char>(c)]) { return "The Host header is no host."; }
      }
    }
    out_.set_header(known.header, value);
    return nullptr;
  }

  /// A list of tokens; empty elements are allowed (RFC 9110 section 5.6.1.2).
  const char* take_connection(std::string_view value) {
    while (!value.empty()) {
      const std::size_t comma = value.find(',');
      std::string_view option = value.substr(0, comma);
      value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
      while (!option.empty() && (option.front() == ' ' || option.front() == '\t')) {
        option.remove_prefix(1);
      }
      while (!option.empty() && (option.back() == ' ' || option.back() == '\t')) {
        option.remove_suffix(1);
      }
      for (const char c : option) {
        if (token_lower(c) == 0) { return "The Connection header is no list of tokens."; }
      }
      if (equals_ignoring_case(option, "close")) { says_close_ = true; }
      if (equals_ignoring_case(option, "keep-alive")) { says_keep_alive_ = true; }
    }
    return nullptr;
  }

  const char* take_length(std::string_view value) {
    if (has_length_) { return "There must be one Content-Length header."; }
    if (head_.chunked) { return "Content-Length must not come with Transfer-Encoding."; }
    has_length_ = true;
    // Not even a list of equal numbers, which RFC 9110 section 8.6 lets pass. 19 digits always fit.
    if (value.empty() || value.size() > 19) { return "Content-Length is no number."; }
    for (const char c : value) {
      if (c < '0' || c > '9') { return "Content-Length is no number."; }
      head_.content_length = head_.content_length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return nullptr;
  }

  const char* take_coding(std::string_view value) {
    if (head_.chunked || has_length_ || !head_.http11 || !equals_ignoring_case(value, "chunked")) {
      return "Transfer-Encoding must be one 'chunked', without Content-Length.";
    }
    head_.chunked = true;
    return nullptr;
  }

  const char* at_;
  const char* end_;
  HttpRequest& out_;
  HttpRequestHead& head_;
  bool has_length_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

}  // namespace

const char* read_request_head(std::string_view text, HttpRequest& out, HttpRequestHead& head) {
  FB_ASSERT(text.ends_with("\r\n\r\n"));  // Every scan stops at a CR.
  return HeadReader(text, out, head).read();
}

}  // namespace firebrand
