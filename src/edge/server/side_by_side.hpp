#pragma once

#include <functional>
#include <thread>

namespace firebrand {

/// A RunBoth (runtime/replay.hpp) with a thread to give.
inline void run_side_by_side(const std::function<void()>& one, const std::function<void()>& other) {
  std::thread thread(other);
  one();
  thread.join();
}

}  // namespace firebrand
