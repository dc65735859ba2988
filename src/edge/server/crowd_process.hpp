#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "edge/api/demo_crowd.hpp"

namespace firebrand {

/// `firebrand crowd` against a server, as a process of its own; one at a time. start() and stop()
/// from one thread.
class CrowdProcess {
 public:
  CrowdProcess() = default;
  ~CrowdProcess();
  CrowdProcess(const CrowdProcess&) = delete;
  CrowdProcess& operator=(const CrowdProcess&) = delete;

  /// REQUIRES: the one before has reported.
  /// @param scratch  A directory for its report.
  /// @param then     Gets the report as JSON, {"error":"..."} if there is none, on any thread.
  void start(const std::string& url, const DemoCrowd& crowd, const std::string& scratch,
             std::function<void(std::string)> then);
  /// Ends it, by force if it does not end by itself within a moment. Returns when it has ended and
  /// has reported.
  void stop();

 private:
  [[nodiscard]] std::string wait_for_report(const std::string& report);

  std::thread waiter_;
  std::mutex mutex_;
  std::condition_variable ended_;
  pid_t child_ = 0;  ///< Zero: none runs.
};

}  // namespace firebrand
