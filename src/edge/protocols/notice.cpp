#include "edge/protocols/notice.hpp"

#include <charconv>

namespace firebrand {

namespace {

constexpr std::string_view kOrderPrefix = "ord_";
constexpr std::size_t kOrderDigitsMin = 8;

template <class Number>
bool read_whole(std::string_view text, Number& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

}  // namespace

bool read_notice_time(std::string_view text, Timestamp now, NoticeError& error) {
  std::int64_t seconds = 0;
  error = NoticeError::header_missing;
  if (text.empty()) { return false; }
  error = NoticeError::timestamp_malformed;
  // Twelve digits reach the year 33658, and nothing overflows.
  if (text.size() > 12 || text[0] == '-' || !read_whole(text, seconds)) { return false; }
  error = NoticeError::timestamp_outside_window;
  const std::int64_t off = to_unix_ms(now) - seconds * 1'000;
  return std::abs(off) <= Millis(kNoticeWindow).count();
}

OrderId order_of_merchant_number(std::string_view text) {
  if (!text.starts_with(kOrderPrefix)) { return {}; }
  text.remove_prefix(kOrderPrefix.size());
  std::uint64_t number = 0;
  return read_whole(text, number) ? OrderId{number} : OrderId{};
}

std::string merchant_number_of(OrderId id) {
  std::string digits = std::to_string(id.value);
  if (digits.size() < kOrderDigitsMin) { digits.insert(0, kOrderDigitsMin - digits.size(), '0'); }
  return std::string(kOrderPrefix) + digits;
}

}  // namespace firebrand
