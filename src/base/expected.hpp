#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace firebrand {

template <class E>
class Unexpected {
 public:
  constexpr explicit Unexpected(E error) : error_(std::move(error)) {}
  [[nodiscard]] constexpr E& error() noexcept { return error_; }

 private:
  E error_;
};

/// A value or the reason why there is none. Names follow std::expected (C++23), so that a later
/// move is a one-line alias. Reading the absent side is a bug and aborts.
template <class T, class E>
class [[nodiscard]] Expected {
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  constexpr Expected() requires std::is_void_v<T>
  = default;
  template <class U = Stored>
  requires(std::is_convertible_v<U, Stored> && !std::is_void_v<T>) constexpr Expected(U&& value)
      : data_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <class G>
  requires std::is_convertible_v<G, E>
  constexpr Expected(Unexpected<G> unexpected)
      : data_(std::in_place_index<1>, std::move(unexpected.error())) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return data_.index() == 0; }
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] constexpr Stored& value() & {
    FB_ASSERT(has_value());
    return *std::get_if<0>(&data_);
  }
  [[nodiscard]] constexpr const Stored& value() const& {
    FB_ASSERT(has_value());
    return *std::get_if<0>(&data_);
  }
  [[nodiscard]] constexpr Stored&& value() && {
    FB_ASSERT(has_value());
    return std::move(*std::get_if<0>(&data_));
  }
  [[nodiscard]] constexpr Stored& operator*() & { return value(); }
  [[nodiscard]] constexpr const Stored& operator*() const& { return value(); }
  [[nodiscard]] constexpr Stored&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] constexpr Stored* operator->() { return &value(); }
  [[nodiscard]] constexpr const Stored* operator->() const { return &value(); }

  [[nodiscard]] constexpr E& error() {
    FB_ASSERT(!has_value());
    return *std::get_if<1>(&data_);
  }
  [[nodiscard]] constexpr const E& error() const {
    FB_ASSERT(!has_value());
    return *std::get_if<1>(&data_);
  }

 private:
  std::variant<Stored, E> data_;
};

}  // namespace firebrand
