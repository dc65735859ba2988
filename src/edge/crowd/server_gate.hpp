#pragma once

#include <chrono>
#include <cstdint>

#include "base/prng.hpp"

namespace firebrand {

/// Keeps a crowd from a server that is not there. Without it, each of 100,000 fans would knock at a
/// closed door on its own; with it one request at a time finds out whether the server is back.
/// Times are since some start of the caller's.
class ServerGate {
 public:
  using Time = std::chrono::microseconds;

  explicit ServerGate(std::uint64_t seed) : prng_(seed) {}

  /// May a request be sent now? While the server is away: one, from time to time.
  [[nodiscard]] bool may_send(Time now) const noexcept {
    return !is_down_ || (!is_probing_ && now >= probe_at_);
  }
  /// Call it for each request that is sent.
  void sent() noexcept { is_probing_ = is_down_; }
  /// Any answer at all.
  void answered(Time now) noexcept;
  /// The server could not be connected to.
  void unreachable(Time now) noexcept;
  /// The request came to nothing for another reason, or was given up.
  void lost() noexcept { is_probing_ = false; }

  [[nodiscard]] bool is_down() const noexcept { return is_down_; }
  /// When may_send() may become true again. REQUIRES: is_down().
  [[nodiscard]] Time probe_at() const noexcept { return probe_at_; }
  /// How often the server went away and came back.
  [[nodiscard]] std::uint32_t outages_over() const noexcept { return outages_over_; }
  /// How long it was away in all, and is by now.
  [[nodiscard]] Time time_down(Time now) const noexcept;
  /// How long it has been away this time; zero if it is there.
  [[nodiscard]] Time down_for(Time now) const noexcept {
    return is_down_ ? now - down_since_ : Time{0};
  }

 private:
  Prng prng_;
  bool is_down_ = false;
  bool is_probing_ = false;
  std::uint32_t attempts_ = 0;
  std::uint32_t outages_over_ = 0;
  Time down_since_{0};
  Time probe_at_{0};
  Time time_down_{0};
};

}  // namespace firebrand
