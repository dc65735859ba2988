#include "edge/server/snapshotter.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <functional>
#include <vector>

extern char** environ;

namespace firebrand {

namespace {

constexpr Millis kPollPeriod{200};
constexpr Millis kWorkingPollPeriod{10};

/// Starts ourselves in another role with the lowest priority; 0 if that cannot be done.
pid_t spawn(std::vector<std::string> texts) {
  std::vector<char*> arguments;
  for (std::string& text : texts) { arguments.push_back(text.data()); }
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawn(&child, texts.front().c_str(), nullptr, nullptr, arguments.data(), environ) !=
      0) {
    return 0;
  }
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(child), 19);
  return child;
}

}  // namespace

Snapshotter::Snapshotter(Node& node, Wakeup& engine_wakeup, SnapshotterOptions options)
    : node_(node),
      engine_wakeup_(engine_wakeup),
      options_(std::move(options)),
      last_offset_(node.start().snapshot_offset.value),
      newest_(node.start().snapshot_offset.value) {
  if (options_.records > 0) {
    thread_ = std::thread([this] { run(); });
  }
}

Snapshotter::~Snapshotter() {
  stop();
  if (thread_.joinable()) { thread_.join(); }
}

void Snapshotter::stop() noexcept {
  stopping_.store(true);
  wakeup_.notify();
}

bool Snapshotter::wait_for(const std::function<bool()>& condition, Millis period) {
  while (!stopping_.load()) {
    const std::uint32_t seen = wakeup_.seen();
    if (condition()) { return true; }
    wakeup_.wait(seen, period);
  }
  return false;
}

void Snapshotter::run() {
  const auto due = [this] {
    return node_.committer().durable().value >= last_offset_.load() + options_.records;
  };
  while (wait_for(due, kPollPeriod)) {
    working_.store(true);
    make_one();
    working_.store(false);
  }
}

void Snapshotter::make_one() {
  node_.sequencer().request_digest_note();
  engine_wakeup_.notify();
  std::optional<DigestNote> note;
  if (!wait_for([&] { return (note = node_.sequencer().take_digest_note()).has_value(); },
                kWorkingPollPeriod)) {
    return;
  }
  // A snapshot counts only when every fact before it is stored: replay will not return them again.
  if (!wait_for([&] { return node_.projector().complete() >= note->offset; }, kWorkingPollPeriod)) {
    return;
  }
  const std::string offset = std::to_string(note->offset.value);
  const bool made = run_child({options_.program, "snapshot", "--data", node_.data(), "--offset",
                               offset, "--digest", std::to_string(note->digest)});
  if (stopping_.load()) { return; }
  // Without it the last good snapshot stays; the next try comes after as many records again.
  last_offset_.store(note->offset.value);
  if (!made) {
    ++failed_;
    std::fprintf(stderr, "firebrand: the snapshot at offset %s failed; see the lines before\n",
                 offset.c_str());
    return;
  }
  ++written_;
  newest_.store(note->offset.value);
  remove_old_snapshots(node_.files(), node_.data(), options_.kept);
  if (options_.archive &&
      !run_child({options_.program, "archive", "--data", node_.data(), "--offset", offset}) &&
      !stopping_.load()) {
    std::fprintf(stderr,
                 "firebrand: segments behind offset %s stay as they are until the next snapshot; "
                 "see the lines before\n",
                 offset.c_str());
  }
  if (options_.keep_days > 0 &&
      !run_child({options_.program, "trim", "--data", node_.data(), "--keep-days",
                  std::to_string(options_.keep_days), "--offset",
                  std::to_string(options_.read().value)}) &&
      !stopping_.load()) {
    std::fprintf(stderr, "firebrand: the log was not trimmed; see the lines before\n");
  }
}

bool Snapshotter::run_child(std::vector<std::string> arguments) {
  const pid_t child = spawn(std::move(arguments));
  if (child == 0) {
    std::fprintf(stderr, "firebrand: a process for snapshots cannot be started\n");
    return false;
  }
  int status = 1;
  if (!wait_for([&] { return ::waitpid(child, &status, WNOHANG) == child; }, kWorkingPollPeriod)) {
    ::kill(child, SIGTERM);
    (void)::waitpid(child, &status, 0);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace firebrand
