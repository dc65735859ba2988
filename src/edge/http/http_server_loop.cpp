#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "base/assert.hpp"
#include "edge/http/http_server_impl.hpp"

namespace firebrand {
namespace {

constexpr std::size_t kEventsMax = 512;
constexpr std::size_t kFlushesMax = 256;  // Streams served per round: about one millisecond.
constexpr std::uint64_t kSweepParts = 8;

}  // namespace

void HttpServer::Impl::run(HttpHandler& handler) {
  FB_ASSERT(handler_ == nullptr);
  handler_ = &handler;
  read_clocks();
  for (;;) {
    round();
    if (!stopping_) { continue; }
    if (stats_.connections_open == 0 || now_ms_ >= stop_deadline_ms_) { break; }
  }
  for (const auto& connection : connections_) {
    if (connection->state != State::free) { drop(*connection); }
  }
  report_losses();
  handler_ = nullptr;
}

void HttpServer::Impl::round() {
  asleep_.store(true);
  const bool has_work = wake_wanted_.load() || has_posted_.load() ||
                        stop_grace_ms_.load() != kNoStop || !resumable_.empty() ||
                        !flush_list_.empty() || !losses_.empty();
  epoll_event events[kEventsMax];
  const int count =
      epoll_wait(epoll_, events, static_cast<int>(kEventsMax), has_work ? 0 : wait_ms());
  asleep_.store(false);
  FB_ASSERT(count >= 0 || errno == EINTR);
  read_clocks();
  for (int i = 0; i < count; ++i) { on_event(events[i]); }
  if (std::exchange(handled_, false)) { handler_->batch_end(); }

  if (wake_wanted_.exchange(false)) { handler_->wake(); }
  if (has_posted_.exchange(false)) { run_posted(); }
  if (const std::int64_t grace_ms = stop_grace_ms_.exchange(kNoStop); grace_ms != kNoStop) {
    begin_stop(Millis{grace_ms});
  }
  run_timers();
  resume_pipelines();
  if (std::exchange(handled_, false)) { handler_->batch_end(); }
  flush_streams();
  sweep();
  report_losses();
  free_slots_.insert(free_slots_.end(), graveyard_.begin(), graveyard_.end());
  graveyard_.clear();
}

int HttpServer::Impl::wait_ms() const {
  std::uint64_t until_ms = ~std::uint64_t{0};
  for (const Timer& timer : timers_) {
    until_ms = std::min(until_ms, (timer.due_ns + 999'999) / 1'000'000);
  }
  if (stats_.connections_open != 0 || !accepting_) { until_ms = std::min(until_ms, sweep_due_ms_); }
  if (stopping_) { until_ms = std::min(until_ms, stop_deadline_ms_); }
  if (until_ms == ~std::uint64_t{0}) { return -1; }
  if (until_ms <= now_ms_) { return 0; }
  return static_cast<int>(std::min<std::uint64_t>(until_ms - now_ms_, 60'000));
}

void HttpServer::Impl::on_event(const epoll_event& event) {
  if (event.data.u64 == kWakeMark) { return; }  // What it was for is asked in every round.
  if ((event.data.u64 & kListenerMark) != 0) {
    const std::size_t index = event.data.u64 & ~kListenerMark;
    if (index < listeners_.size()) { accept_some(listeners_[index]); }
    return;
  }
  HttpConnection& c = *connections_[event.data.u64];
  if (c.state == State::free) { return; }
  if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) { return drop(c); }
  if ((event.events & EPOLLOUT) != 0) {
    c.blocked = false;
    flush(c);
  }
  if (c.state == State::free) { return; }
  if ((event.events & EPOLLIN) != 0 || (c.tls != nullptr && c.tls->read_wants_room())) {
    (void)read(c);
  }
}

void HttpServer::Impl::run_posted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (const auto& one : work) { one(); }
}

void HttpServer::Impl::run_timers() {
  for (std::size_t i = 0; i < timers_.size(); ++i) {
    Timer& timer = timers_[i];  // Stays where it is when the work adds another one.
    if (timer.due_ns > now_ns_) { continue; }
    timer.due_ns += timer.period_ns;
    if (timer.due_ns <= now_ns_) { timer.due_ns = now_ns_ + timer.period_ns; }  // No piling up.
    timer.work();
  }
}

/// Requests that came while their predecessor was waiting for its answer. Not done at the answer
/// itself: a handler that answers at once would call itself as deep as the client likes.
void HttpServer::Impl::resume_pipelines() {
  for (std::size_t i = 0; i < resumable_.size(); ++i) {
    HttpConnection* const c = find(resumable_[i], State::reading);
    if (c == nullptr || !std::exchange(c->in_resume_list, false)) { continue; }
    if (c->output == nullptr) { process(*c, c->input.get(), c->input_size); }
  }
  resumable_.clear();
}

void HttpServer::Impl::resume_later(HttpConnection& c) {
  if (c.input_size == 0 && !c.peer_ended) { return; }
  if (!std::exchange(c.in_resume_list, true)) { resumable_.push_back(token_of(c)); }
}

void HttpServer::Impl::flush_streams() {
  for (std::size_t i = 0; i < kFlushesMax && !flush_list_.empty(); ++i) {
    HttpConnection& c = *connections_[flush_list_.front()];
    flush_list_.pop_front();
    if (!std::exchange(c.in_flush_list, false) || c.blocked) { continue; }
    flush(c);
  }
}

/// Looks at every connection once in a period, a part of them at a time: deadlines cost a store
/// when they change and nothing else.
void HttpServer::Impl::sweep() {
  if (now_ms_ < sweep_due_ms_) { return; }
  const auto period = static_cast<std::uint64_t>(limits_.sweep_period.count());
  sweep_due_ms_ = now_ms_ + std::max<std::uint64_t>(period / kSweepParts, 1);
  set_accepting(true);
  const std::size_t size = connections_.size();
  const std::size_t end = size * (sweep_part_ + 1) / kSweepParts;
  for (std::size_t i = size * sweep_part_ / kSweepParts; i < end; ++i) {
    HttpConnection& c = *connections_[i];
    if (c.deadline_ms != 0 && c.deadline_ms <= now_ms_) { on_deadline(c); }
  }
  sweep_part_ = (sweep_part_ + 1) % kSweepParts;
}

/// Always from the loop, never from inside an answer: a handler that walks its own list of streams
/// does not find it changed under its hands.
void HttpServer::Impl::report_losses() {
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    const Loss loss = losses_[i];
    switch (loss.kind) {
      case LossKind::request:
        handler_->closed(ResponseToken{loss.token});
        break;
      case LossKind::stream:
        handler_->stream_closed(StreamToken{loss.token});
        break;
      case LossKind::senders_side:
        handler_->peer_ended(ResponseToken{loss.token});
        break;
    }
  }
  losses_.clear();
}

void HttpServer::Impl::begin_stop(Millis grace) {
  if (stopping_) {
    stop_deadline_ms_ = std::min(stop_deadline_ms_, after(grace));
    return;
  }
  handler_->stopping();
  stopping_ = true;
  stop_deadline_ms_ = after(grace);
  for (const Listener& listener : std::exchange(listeners_, {})) { ::close(listener.fd); }
  for (const auto& connection : connections_) {
    HttpConnection& c = *connection;
    if (c.state == State::streaming) {
      end_stream(StreamToken{token_of(c)});
    } else if (c.state == State::reading && c.phase == HttpReadPhase::idle && c.output == nullptr) {
      // A request may be lying in the socket already: closing over it would reset the connection.
      if (!read(c)) { drop(c); }
    }
  }
}

void HttpServer::Impl::read_clocks() noexcept {
  now_ns_ = monotonic_ns();
  now_ms_ = now_ns_ / 1'000'000;
  timespec wall;
  clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  unix_seconds_ = wall.tv_sec;
}

std::uint64_t HttpServer::Impl::monotonic_ns() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace firebrand
