#include "edge/api/work_pool.hpp"

#include <utility>

#include "base/assert.hpp"

namespace firebrand {

WorkPool::WorkPool(unsigned threads, std::size_t reads_waiting_max)
    : reads_waiting_max_(reads_waiting_max) {
  FB_ASSERT(threads >= 2);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { serve(); });
  }
}

WorkPool::~WorkPool() { stop(); }

void WorkPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) { thread.join(); }
  threads_.clear();
}

bool WorkPool::run(WorkKind kind, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    auto& queue = kind == WorkKind::password ? passwords_ : reads_;
    const std::size_t waiting_max =
        kind == WorkKind::password ? kPasswordsWaitingMax : reads_waiting_max_;
    if (stopping_ || queue.size() >= waiting_max) { return false; }
    queue.push_back(std::move(work));
  }
  ready_.notify_one();
  return true;
}

void WorkPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return stopping_ || !reads_.empty() || may_hash(); });
    if (stopping_) { return; }
    const bool hash = may_hash();
    auto& queue = hash ? passwords_ : reads_;
    std::function<void()> work = std::move(queue.front());
    queue.pop_front();
    if (hash) { hashing_ = true; }
    lock.unlock();
    work();
    work = nullptr;  // What it holds goes outside of the lock.
    lock.lock();
    if (hash) { hashing_ = false; }
  }
}

}  // namespace firebrand
