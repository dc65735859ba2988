#include "edge/protocols/notice.hpp"

#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kOrderPrefix = "ord_";
constexpr std::string_view kReservationPrefix = "rsv_";
constexpr std::size_t kDigitsMin = 8;

/// Zero if the text does not begin so, or is no number behind it.
std::uint64_t number_behind(std::string_view prefix, std::string_view text) {
  std::uint64_t number = 0;
  return text.starts_with(prefix) && read_whole_number(text.substr(prefix.size()), number) ? number
                                                                                           : 0;
}

std::string with_zeros(std::string_view prefix, std::uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigitsMin) { digits.insert(0, kDigitsMin - digits.size(), '0'); }
  return std::string(prefix) + digits;
}

}  // namespace

bool read_notice_time(std::string_view text, Timestamp now, NoticeError& error) {
  std::int64_t seconds = 0;
  error = NoticeError::header_missing;
  if (text.empty()) { return false; }
  error = NoticeError::timestamp_malformed;
  // Twelve digits reach the year 33658, and nothing overflows.
  if (text.size() > 12 || text[0] == '-' || !read_whole_number(text, seconds)) { return false; }
  error = NoticeError::timestamp_outside_window;
  const std::int64_t off = to_unix_ms(now) - seconds * 1'000;
  return std::abs(off) <= Millis(kNoticeWindow).count();
}

void read_merchant_number(std::string_view text, PaymentNotice& notice) {
  notice.order_id = {number_behind(kOrderPrefix, text)};
  // Behind a hyphen stands when it was made: a reservation may ask for a deposit more than once.
  notice.reservation_id = {number_behind(kReservationPrefix, text.substr(0, text.find('-')))};
}

std::string merchant_number_of(OrderId id) { return with_zeros(kOrderPrefix, id.value); }
std::string merchant_number_of(ReservationId id) {
  return with_zeros(kReservationPrefix, id.value);
}

}  // namespace firebrand
