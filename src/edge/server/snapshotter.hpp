#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "edge/server/wakeup.hpp"
#include "runtime/node.hpp"

namespace firebrand {

struct SnapshotterOptions {
  std::uint64_t records = 1'000'000;  ///< A snapshot each so many records; zero: none.
  std::uint32_t kept = 2;
  bool archive = true;                ///< Segments behind a new snapshot are compressed.
  std::uint32_t keep_days = 0;        ///< Older segments of log/ are deleted; zero: none.
  std::function<LogOffset()> read{};  ///< How far views have read log/ itself. Any thread.
  std::string program;  ///< Our own executable, started as `snapshot`, `archive` and `trim`.
};

/// Has a snapshot made now and then by a process of its own: it loads the last one, folds the log
/// up to an offset, and must reach the digest that the engine noted there. Sales go on meanwhile;
/// memory is needed twice while it runs.
class Snapshotter {
 public:
  Snapshotter(Node& node, Wakeup& engine_wakeup, SnapshotterOptions options);
  ~Snapshotter();
  Snapshotter(const Snapshotter&) = delete;
  Snapshotter& operator=(const Snapshotter&) = delete;

  /// Any thread.
  void stop() noexcept;

  /// Any thread: a snapshot is being made.
  [[nodiscard]] bool working() const noexcept { return working_.load(std::memory_order_relaxed); }
  /// For /metrics.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_.load(); }
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_.load(); }
  /// Of the newest snapshot; zero: none.
  [[nodiscard]] LogOffset newest() const noexcept { return {newest_.load()}; }

 private:
  void run();
  void make_one();
  /// Until it ends, or until stop() ends it. @return whether it did its work.
  [[nodiscard]] bool run_child(std::vector<std::string> arguments);
  [[nodiscard]] bool wait_for(const std::function<bool()>& condition, Millis period);

  Node& node_;
  Wakeup& engine_wakeup_;
  SnapshotterOptions options_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> working_{false};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> last_offset_;  ///< Of the newest try.
  std::atomic<std::uint64_t> newest_;
  Wakeup wakeup_;
  std::thread thread_;
};

}  // namespace firebrand
