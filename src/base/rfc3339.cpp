#include "base/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/field_kind.hpp"

namespace firebrand {
namespace {

/// Reads from the front of a text; after the first mismatch it stays failed.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : left_(text) {}

  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }

  void expect(char c) {
    if (!accept(c)) { failed_ = true; }
  }
  bool accept(char c) {
    if (left_.empty() || left_.front() != c) { return false; }
    left_.remove_prefix(1);
    return true;
  }
  std::optional<int> digit() {
    if (left_.empty() || left_.front() < '0' || left_.front() > '9') { return std::nullopt; }
    const int value = left_.front() - '0';
    left_.remove_prefix(1);
    return value;
  }
  /// Exactly so many digits, at most `max`.
  int number(int digits, int max) {
    int value = 0;
    for (; digits > 0; --digits) {
      const auto next = digit();
      if (!next) {
        failed_ = true;
        return 0;
      }
      value = 10 * value + *next;
    }
    if (value > max) { failed_ = true; }
    return value;
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

}  // namespace

Text<24> format_rfc3339(Timestamp time) {
  time = std::clamp(time, kTimestampMin, kTimestampMax);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto ms_of_day = static_cast<unsigned>((time - day).count());
  std::array<char, 24> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                            '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
  const auto put = [&](std::size_t end, unsigned value) {
    for (; value != 0; value /= 10) { text[--end] = static_cast<char>('0' + value % 10); }
  };
  put(4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, ms_of_day / 3'600'000);
  put(16, ms_of_day / 60'000 % 60);
  put(19, ms_of_day / 1'000 % 60);
  put(23, ms_of_day % 1'000);
  return {std::string_view(text.data(), text.size())};
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  const int year = scan.number(4, 9999);
  scan.expect('-');
  const auto month = static_cast<unsigned>(scan.number(2, 12));
  scan.expect('-');
  const auto day = static_cast<unsigned>(scan.number(2, 31));
  scan.expect('T');
  const int hour = scan.number(2, 23);
  scan.expect(':');
  const int minute = scan.number(2, 59);
  scan.expect(':');
  const int second = scan.number(2, 59);
  int ms = 0;
  if (scan.accept('.')) {
    int weight = 100;
    auto digit = scan.digit();
    if (!digit) { return std::nullopt; }
    for (; digit; digit = scan.digit(), weight /= 10) { ms += weight * *digit; }
  }
  int offset_minutes = 0;
  if (!scan.accept('Z')) {
    const bool is_west = scan.accept('-');
    if (!is_west) { scan.expect('+'); }
    const int offset_hours = scan.number(2, 23);
    scan.expect(':');
    offset_minutes = 60 * offset_hours + scan.number(2, 59);
    if (is_west) { offset_minutes = -offset_minutes; }
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (scan.failed() || !scan.at_end() || !date.ok()) { return std::nullopt; }
  const std::chrono::minutes local{60 * hour + minute - offset_minutes};
  const Timestamp time =
      std::chrono::sys_days(date) + local + std::chrono::seconds{second} + Millis{ms};
  if (time < kTimestampMin || time > kTimestampMax) { return std::nullopt; }
  return time;
}

}  // namespace firebrand
