#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>

#include "core/engine/registry.hpp"

namespace firebrand {

namespace numbers_detail {

template <class T, class... Entries>
constexpr std::uint16_t number_in(std::tuple<Entries...>*) {
  std::uint16_t number = 0;
  ((std::is_same_v<T, typename Entries::Type> ? void(number = Entries::kNumber) : void()), ...);
  return number;
}

template <class T>
constexpr std::uint16_t number_of() {
  constexpr std::uint16_t kNumber = number_in<T>(static_cast<Commands*>(nullptr)) |
                                    number_in<T>(static_cast<Queries*>(nullptr)) |
                                    number_in<T>(static_cast<Facts*>(nullptr));
  static_assert(kNumber != 0, "register the struct in engine/registry.hpp");
  return kNumber;
}

}  // namespace numbers_detail

/// The registered number of a command, query or fact.
template <class T>
inline constexpr std::uint16_t kNumberOf = numbers_detail::number_of<T>();

}  // namespace firebrand
