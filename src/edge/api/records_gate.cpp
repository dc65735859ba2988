#include "edge/api/records_gate.hpp"

#include <utility>

namespace firebrand {

bool RecordsGate::pass(LogOffset until, Clock::time_point now, Begin begin) {
  if (waiting_.size() >= kWaitingMax) { return false; }
  waiting_.push_back({until, now + kPatience, std::move(begin)});
  any_wait_.store(true);
  step(now);
  return true;
}

void RecordsGate::step(Clock::time_point now) {
  const LogOffset position{position_.load()};
  // Both bounds grow from entry to entry: the first one is always due first.
  while (!waiting_.empty() &&
         (waiting_.front().until <= position || waiting_.front().deadline <= now)) {
    if (!waiting_.front().begin(position)) { break; }
    waiting_.pop_front();
  }
  if (waiting_.empty()) { any_wait_.store(false); }
}

bool RecordsGate::reached(LogOffset position) noexcept {
  return position_.exchange(position.value) != position.value && any_wait_.load();
}

}  // namespace firebrand
