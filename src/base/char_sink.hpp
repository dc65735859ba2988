#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace firebrand {

/// Where text is written: a string that grows, or room that does not. A string with enough
/// capacity is filled without allocation. Too little room is remembered, not reported at each
/// call: ask overflowed() at the end.
class CharSink {
 public:
  /// Appends to `out`, which must outlive the sink.
  explicit CharSink(std::string& out) : string_(&out) {}
  explicit CharSink(std::span<char> room) : room_(room) {}

  void put(char c) {
    if (string_ != nullptr) {
      string_->push_back(c);
    } else {
      put(std::string_view(&c, 1));
    }
  }
  void put(std::string_view text) {
    if (string_ != nullptr) {
      string_->append(text);
    } else if (text.size() <= room_.size() - used_ && !overflowed_) {
      std::memcpy(room_.data() + used_, text.data(), text.size());
      used_ += text.size();
    } else {
      overflowed_ = true;
    }
  }
  template <std::integral Integer>
  void put_decimal(Integer number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    put(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
  }

  /// Some text did not fit. What was written before it still stands.
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  /// What was written into fixed room.
  [[nodiscard]] std::string_view view() const { return {room_.data(), used_}; }

 private:
  std::string* string_ = nullptr;
  std::span<char> room_{};
  std::size_t used_ = 0;
  bool overflowed_ = false;
};

}  // namespace firebrand
