#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "edge/http/outgoing.hpp"
#include "edge/protocols/jwt.hpp"

namespace firebrand {

struct SignInOptions {
  std::string jwks{};  ///< Where the keys are: a path, or an https URL.
  JwtRules rules{};
  std::chrono::seconds refresh{300};  ///< How often the keys are read again.
  /// And how soon when there are none, or a token has a key that is not known: not more often, so
  /// that nobody makes us call the shop at will.
  std::chrono::seconds again{10};
  OutgoingOptions outgoing{};
};

/// The keys that the shop's sign-in signs with, read again now and then, and when a token has a key
/// that is not known. A key that is gone from the set is believed no more. When the set cannot be
/// read the last one stays in use for kKept.
///
/// One thread steps it; the network is waited for there alone.
class SignInKeys {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::hours kKept{24};
  static constexpr std::size_t kWaitingMax = 512;

  /// @param say  Tells whoever runs the server.
  SignInKeys(SignInOptions options, std::function<void(const std::string&)> say);
  ~SignInKeys();
  SignInKeys(const SignInKeys&) = delete;
  SignInKeys& operator=(const SignInKeys&) = delete;

  /// What is wrong with the source before anybody is called; a file is read.
  /// @return the message for the operator.
  [[nodiscard]] std::optional<std::string> check() const;
  /// One round: reads the keys if it is time, and waits, for a second at most.
  void step();

  // Any thread.
  [[nodiscard]] const JwtRules& rules() const { return options_.rules; }
  /// Null: there are none yet, or none any more.
  [[nodiscard]] std::shared_ptr<const Jwks> keys() const;
  /// Reads the keys again; `then` runs on the thread that steps.
  /// @return false if they were read just now, or too many wait: `then` never runs.
  [[nodiscard]] bool refresh(std::function<void()> then);
  /// Ends a wait of step(), and a call that is under way.
  void stop() noexcept;

 private:
  [[nodiscard]] bool is_url() const;
  [[nodiscard]] Expected<Jwks, std::string> load();
  [[nodiscard]] Expected<std::string, std::string> fetch();
  void take(Expected<Jwks, std::string> read, Clock::time_point now);

  const SignInOptions options_;
  const std::function<void(const std::string&)> say_;
  OutgoingCalls calls_;
  std::uint64_t last_call_ = 0;
  std::string told_{};
  Clock::time_point good_at_{};
  std::atomic<bool> stopping_{false};

  mutable std::mutex mutex_{};
  std::shared_ptr<const Jwks> keys_{};           ///< Under the mutex, as what follows.
  std::optional<Clock::time_point> tried_at_{};  ///< When they were read, or could not be.
  bool wanted_ = true;                           ///< To be read at the next step.
  std::vector<std::function<void()>> waiting_{};
};

}  // namespace firebrand
