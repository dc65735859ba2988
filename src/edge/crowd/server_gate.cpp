#include "edge/crowd/server_gate.hpp"

#include <algorithm>

#include "edge/crowd/fan_behaviour.hpp"

namespace firebrand {

namespace {

// A server that restarts in a second should not be found out two seconds later.
constexpr ServerGate::Time kProbeDelayMax = std::chrono::milliseconds{500};

}  // namespace

void ServerGate::answered(Time now) noexcept {
  is_probing_ = false;
  if (!is_down_) { return; }
  is_down_ = false;
  attempts_ = 0;
  ++outages_over_;
  time_down_ += now - down_since_;
}

void ServerGate::unreachable(Time now) noexcept {
  is_probing_ = false;
  if (!is_down_) {
    is_down_ = true;
    down_since_ = now;
  } else if (now < probe_at_) {
    return;  // Sent before the server went away: says nothing new.
  }
  ++attempts_;
  probe_at_ = now + std::min<Time>(retry_delay(attempts_, Millis{0}, prng_), kProbeDelayMax);
}

ServerGate::Time ServerGate::time_down(Time now) const noexcept {
  return time_down_ + down_for(now);
}

}  // namespace firebrand
