#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/types.hpp"

namespace firebrand {

/// Slows down who guesses passwords: a login that failed some times in a row must wait before the
/// next try, each time twice as long. Known and unknown logins alike. In memory only: a restart
/// forgets. I/O thread.
///
/// Cost: about 200 bytes a login that failed; it ends with a sign-in, or when more than the bound
/// failed since.
class SignInDelays {
 public:
  static constexpr std::uint32_t kFreeFailures = 5;
  static constexpr Millis kFirstDelay{1'000};
  static constexpr Millis kLongestDelay{300'000};
  static constexpr std::size_t kLoginsMax = 10'000;

  /// How long this login must still wait; zero or less: it may try.
  [[nodiscard]] Millis remaining(std::string_view login, Timestamp now) const;
  /// A try counts as failed from its beginning, so that many at once gain nothing.
  void tried(std::string_view login, Timestamp now);
  void succeeded(std::string_view login);
  [[nodiscard]] std::size_t size() const { return logins_.size(); }

 private:
  struct Login {
    std::string name;
    std::uint32_t failures = 0;
    Timestamp next_try{};
  };
  std::list<Login> logins_;  ///< The newest try first.
  std::unordered_map<std::string_view, std::list<Login>::iterator> by_name_;
};

}  // namespace firebrand
