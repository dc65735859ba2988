#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace firebrand {

enum class WorkKind : std::uint8_t {
  read,      ///< Of the records: about a millisecond.
  password,  ///< A hash: tens of milliseconds of a core, and 64 MiB.
};

/// A few threads for slow work. Each kind has a bounded queue of its own, and one password at most
/// is hashed at a time, before any read that waits: neither kind starves the other.
class WorkPool {
 public:
  static constexpr std::size_t kPasswordsWaitingMax = 16;

  /// REQUIRES: threads >= 2; one would do nothing but passwords when many come.
  WorkPool(unsigned threads, std::size_t reads_waiting_max);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// Ends what is at work and forgets what waits. run() takes nothing any more.
  void stop();
  /// @return false if too much of the kind waits already: refuse the request.
  [[nodiscard]] bool run(WorkKind kind, std::function<void()> work);

 private:
  void serve();
  [[nodiscard]] bool may_hash() const { return !passwords_.empty() && !hashing_; }

  std::size_t reads_waiting_max_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> reads_;
  std::deque<std::function<void()>> passwords_;
  bool hashing_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace firebrand
