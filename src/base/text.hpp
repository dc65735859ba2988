#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/assert.hpp"

namespace firebrand {

/// UTF-8 of at most `Max` bytes, stored inline: a command never allocates.
template <std::size_t Max>
class Text {
 public:
  static constexpr std::size_t kMax = Max;
  static_assert(Max <= 0xFFFF);

  constexpr Text() = default;
  /// REQUIRES: text.size() <= Max. Input from outside is checked by the codecs before.
  constexpr Text(std::string_view text) { assign(text); }
  constexpr Text(const char* text) : Text(std::string_view(text)) {}

  constexpr void assign(std::string_view text) {
    FB_ASSERT(text.size() <= Max);
    std::copy(text.begin(), text.end(), bytes_.begin());
    size_ = static_cast<std::uint16_t>(text.size());
  }
  [[nodiscard]] constexpr std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }

  friend constexpr bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }

 private:
  std::uint16_t size_ = 0;
  std::array<char, Max> bytes_{};
};

/// Exactly `Size` bytes (hashes, keys), hexadecimal outside.
template <std::size_t Size>
struct Bytes {
  static constexpr std::size_t kSize = Size;
  std::array<std::uint8_t, Size> data{};

  [[nodiscard]] constexpr bool is_zero() const {
    return std::all_of(data.begin(), data.end(), [](std::uint8_t b) { return b == 0; });
  }
  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// At most `Max` entries, stored inline.
template <class T, std::size_t Max>
class List {
 public:
  using Entry = T;
  static constexpr std::size_t kMax = Max;

  constexpr List() = default;
  /// REQUIRES: entries.size() <= Max.
  constexpr List(std::initializer_list<T> entries) {
    for (const T& entry : entries) { push_back(entry); }
  }

  /// REQUIRES: size() < Max.
  constexpr void push_back(const T& entry) {
    FB_ASSERT(size_ < Max);
    entries_[size_++] = entry;
  }
  constexpr void clear() { size_ = 0; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) {
    FB_ASSERT(i < size_);
    return entries_[i];
  }
  [[nodiscard]] constexpr const T& operator[](std::size_t i) const {
    FB_ASSERT(i < size_);
    return entries_[i];
  }
  [[nodiscard]] constexpr T* begin() { return entries_.data(); }
  [[nodiscard]] constexpr T* end() { return entries_.data() + size_; }
  [[nodiscard]] constexpr const T* begin() const { return entries_.data(); }
  [[nodiscard]] constexpr const T* end() const { return entries_.data() + size_; }

  friend constexpr bool operator==(const List& a, const List& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::uint16_t size_ = 0;
  std::array<T, Max> entries_{};
};

}  // namespace firebrand
