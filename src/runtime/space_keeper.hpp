#pragma once

#include <atomic>
#include <string>

#include "log/writer.hpp"

namespace firebrand {

/// Keeps zeroed segments ready ahead of the log and of facts/, off the commit path. While the disk
/// is full it says so, and tries again each time it is stepped.
class SpaceKeeper {
 public:
  SpaceKeeper(log::Writer& log, log::Writer& facts) : writers_{&log, &facts} {}

  /// Makes at most one segment. @return true: step again; false: wait a while.
  bool step() {
    bool worked = false;
    bool failed = false;
    for (log::Writer* const writer : writers_) {
      const auto prepared = writer->prepare();
      if (!prepared) {
        message_ = prepared.error().message;
        failed = true;
      } else if (*prepared) {
        worked = true;
      }
    }
    failing_.store(failed, std::memory_order_relaxed);
    return worked;
  }

  /// Any thread.
  [[nodiscard]] bool failing() const noexcept { return failing_.load(std::memory_order_relaxed); }
  /// Why the last step failed. The stepping thread only.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

 private:
  log::Writer* writers_[2];
  std::string message_;
  std::atomic<bool> failing_{false};
};

}  // namespace firebrand
