#pragma once

#include <exception>
#include <functional>
#include <thread>

namespace firebrand {

/// A RunBoth (runtime/replay.hpp) with a thread to give.
inline void run_side_by_side(const std::function<void()>& one, const std::function<void()>& other) {
  std::exception_ptr failed_one;
  std::exception_ptr failed_other;
  const auto caught = [](const std::function<void()>& work, std::exception_ptr& failed) {
    try {
      work();
    } catch (...) { failed = std::current_exception(); }
  };
  std::thread thread([&] { caught(other, failed_other); });
  caught(one, failed_one);
  thread.join();
  if (failed_one) { std::rethrow_exception(failed_one); }
  if (failed_other) { std::rethrow_exception(failed_other); }
}

}  // namespace firebrand
