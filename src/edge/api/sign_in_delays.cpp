#include "edge/api/sign_in_delays.hpp"

#include <algorithm>

namespace firebrand {

Millis SignInDelays::remaining(std::string_view login, Timestamp now) const {
  const auto found = by_name_.find(login);
  return found == by_name_.end() ? Millis{0} : found->second->next_try - now;
}

void SignInDelays::tried(std::string_view login, Timestamp now) {
  const auto found = by_name_.find(login);
  if (found != by_name_.end()) {
    logins_.splice(logins_.begin(), logins_, found->second);
  } else {
    logins_.push_front({.name = std::string(login)});
    by_name_.emplace(logins_.front().name, logins_.begin());
    if (logins_.size() > kLoginsMax) {
      by_name_.erase(logins_.back().name);
      logins_.pop_back();
    }
  }
  Login& entry = logins_.front();
  ++entry.failures;
  if (entry.failures < kFreeFailures) { return; }
  // Beyond this many doublings the longest delay is reached.
  const std::uint32_t doublings = std::min(entry.failures - kFreeFailures, 16U);
  entry.next_try = now + std::min(kFirstDelay * (1U << doublings), kLongestDelay);
}

void SignInDelays::succeeded(std::string_view login) {
  const auto found = by_name_.find(login);
  if (found == by_name_.end()) { return; }
  const auto entry = found->second;
  by_name_.erase(found);
  logins_.erase(entry);
}

}  // namespace firebrand
