#include "edge/server/bench_snapshot.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "edge/bench/numbers.hpp"
#include "edge/server/bench_node.hpp"
#include "edge/server/program.hpp"
#include "edge/server/snapshotter.hpp"
#include "log/snapshot_file.hpp"
#include "runtime/submit.hpp"

namespace firebrand {

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr Millis kIdleWait{100};
constexpr Millis kFactsPause{5};  ///< As in the server.
constexpr std::chrono::milliseconds kSpacePeriod{20};
constexpr std::chrono::milliseconds kEnginePauseMax{1};

/// The server's threads without HTTP and lists: this one makes purchases at a steady rate and
/// sequences them, others commit, store facts and keep space; the snapshotter has a process of its
/// own as ever. One round lasts until one snapshot is there.
class SnapshotRound {
 public:
  SnapshotRound(Node& node, DropId drop, const SnapshotBenchOptions& options, Prng& prng)
      : node_(node), drop_(drop), options_(options), prng_(prng) {}

  /// @return false if the snapshot failed or a purchase was refused.
  [[nodiscard]] bool run() {
    // After so many records more, counted from the snapshot that the node was opened with.
    Snapshotter snapshotter(
        node_, engine_wakeup_,
        {.records = node_.sequencer().last_offset().value - node_.start().snapshot_offset.value +
                    std::uint64_t{options_.rate} * options_.seconds,
         .archive = false,
         .program = own_program()});
    std::array threads = {std::thread([&] { run_committer(snapshotter); }),
                          std::thread([this] { run_projector(); }),
                          std::thread([this] { run_space_keeper(); })};
    run_engine(snapshotter);
    ended_.store(true);
    committer_wakeup_.notify();
    projector_wakeup_.notify();
    for (std::thread& thread : threads) { thread.join(); }
    while (node_.projector().step()) {}
    return snapshotter.failed() == 0 && refused_ == 0;
  }

  [[nodiscard]] const LatencyHistogram& before() const { return before_; }
  [[nodiscard]] const LatencyHistogram& during() const { return during_; }
  [[nodiscard]] double snapshot_seconds() const { return snapshot_seconds_; }

 private:
  void run_engine(const Snapshotter& snapshotter) {
    start_ = SteadyClock::now();
    std::optional<SteadyClock::time_point> began;
    while (snapshotter.written() + snapshotter.failed() == 0) {
      if (!began && snapshotter.working()) { began = SteadyClock::now(); }
      step_engine(feed());
    }
    snapshot_seconds_ = began ? seconds_between(*began, SteadyClock::now()) : 0;
    while (answered_.load(std::memory_order_relaxed) < sent_) {
      step_engine(SteadyClock::now() + kEnginePauseMax);
    }
  }

  void step_engine(SteadyClock::time_point next_due) {
    if (node_.sequencer().step()) {
      committer_wakeup_.notify();
    } else {
      std::this_thread::sleep_until(std::min(next_due, SteadyClock::now() + kEnginePauseMax));
    }
  }

  /// Sends what is due by now. @return when the next one is.
  SteadyClock::time_point feed() {
    const auto now = SteadyClock::now();
    for (;;) {
      const auto due = start_ + nanoseconds{sent_ * 1'000'000'000 / options_.rate};
      if (due > now) { break; }
      const PersonId person{1 + prng_.below(std::max<std::uint64_t>(options_.accounts, 1))};
      RequestKey key;
      const std::uint64_t words[2] = {prng_.next(), prng_.next()};
      std::memcpy(key.data.data(), words, sizeof words);
      // The token tells since when it waits, whether or not there was room for it at once.
      const auto token = static_cast<std::uint64_t>(nanoseconds{due.time_since_epoch()}.count());
      if (!submit(node_.requests(), PlaceOrder{.drop_id = drop_, .person_id = person}, token,
                  Actor{ActorKind::fan, person.value}, key)) {
        break;
      }
      ++sent_;
    }
    node_.requests().publish();
    return start_ + nanoseconds{sent_ * 1'000'000'000 / options_.rate};
  }

  void run_committer(const Snapshotter& snapshotter) {
    for (;;) {
      const std::uint32_t seen = committer_wakeup_.seen();
      const bool last = ended_.load();
      const bool committed = node_.committer().step();
      take_answers(snapshotter.working() ? during_ : before_);
      if (committed) {
        projector_wakeup_.notify();
        continue;
      }
      if (last) { return; }
      committer_wakeup_.wait(seen, kIdleWait);
    }
  }

  void take_answers(LatencyHistogram& histogram) {
    const auto now = SteadyClock::now().time_since_epoch();
    std::uint64_t taken = 0;
    while (const auto answer = node_.ready_answer()) {
      histogram.record(now - nanoseconds{answer->token});
      if (answer->kind != AnswerKind::result ||
          answer->status != static_cast<std::uint8_t>(PlaceOrderStatus::created)) {
        ++refused_;
      }
      node_.pop_answer(*answer);
      ++taken;
    }
    if (taken > 0) { answered_.fetch_add(taken, std::memory_order_relaxed); }
  }

  void run_projector() {
    while (!ended_.load()) {
      const std::uint32_t seen = projector_wakeup_.seen();
      if (node_.projector().step()) {
        std::this_thread::sleep_for(kFactsPause);
      } else {
        projector_wakeup_.wait(seen, kIdleWait);
      }
    }
  }

  void run_space_keeper() {
    while (!ended_.load()) {
      if (!node_.space_keeper().step()) { std::this_thread::sleep_for(kSpacePeriod); }
    }
  }

  Node& node_;
  DropId drop_;
  const SnapshotBenchOptions& options_;
  Prng& prng_;
  SteadyClock::time_point start_;
  std::uint64_t sent_ = 0;
  double snapshot_seconds_ = 0;
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<bool> ended_{false};
  Wakeup engine_wakeup_;  // The engine here never sleeps long.
  Wakeup committer_wakeup_;
  Wakeup projector_wakeup_;
  // The committer's thread, until it has ended.
  LatencyHistogram before_;
  LatencyHistogram during_;
  std::uint64_t refused_ = 0;
};

/// The medians of one phase over the rounds.
struct PhaseFigures {
  std::uint64_t commits = 0;  ///< In all rounds.
  std::vector<double> p50;
  std::vector<double> p99;
  std::vector<double> p999;
  double most = 0;

  void add(const LatencyHistogram& histogram) {
    commits += histogram.count();
    p50.push_back(to_ms(histogram.quantile(500'000)));
    p99.push_back(to_ms(histogram.quantile(990'000)));
    p999.push_back(to_ms(histogram.quantile(999'000)));
    most = std::max(most, to_ms(histogram.max()));
  }
  [[nodiscard]] std::string text(bool json) const {
    const auto count = std::to_string(commits);
    if (json) {
      return "{\"commits\":" + count + ",\"commit_ms_p50\":" + decimal(median(p50), 3) +
             ",\"commit_ms_p99\":" + decimal(median(p99), 3) +
             ",\"commit_ms_p999\":" + decimal(median(p999), 3) +
             ",\"commit_ms_max\":" + decimal(most, 3) + "}";
    }
    return "commits " + count + "  p50 " + decimal(median(p50), 3) + " ms  p99 " +
           decimal(median(p99), 3) + " ms  p99.9 " + decimal(median(p999), 3) + " ms  max " +
           decimal(most, 3) + " ms";
  }
};

/// Of the newest snapshot; zero if there is none.
std::uint64_t snapshot_bytes(log::FileSystem& files, const std::string& data) {
  const std::string directory = snapshots_directory(data);
  const auto offsets = log::list_snapshots(files, directory);
  if (!offsets || offsets->empty()) { return 0; }
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(
      log::join_path(directory, log::snapshot_name(offsets->front())), failed);
  return failed ? 0 : bytes;
}

int fail(const std::string& message) {
  std::fprintf(stderr, "firebrand: %s\n", message.c_str());
  return 1;
}

}  // namespace

int bench_snapshot(const SnapshotBenchOptions& options) {
  constexpr std::uint64_t kUnits = 1'000'000'000;
  constexpr std::int32_t kPerPersonLimit = 1'000;
  Prng prng(1);
  BenchDirectory directory(options.data);
  auto bench = BenchNode::open(directory, options.accounts);
  if (bench == nullptr) { return 1; }
  bench->fill_accounts(options.accounts, prng);
  const DropId drop = bench->make_drop("bench", kUnits, kPerPersonLimit);
  // The snapshots that are measured begin with an older one, as those of a server that runs on.
  const auto folded =
      fold_snapshot(bench->files(), options.data, bench->node().sequencer().last_offset(),
                    bench->node().engine().digest());
  if (!folded) { return fail(folded.error().message); }

  PhaseFigures before;
  PhaseFigures during;
  std::vector<double> seconds;
  for (std::uint32_t i = 0; i < options.rounds; ++i) {
    SnapshotRound round(bench->node(), drop, options, prng);
    if (!round.run()) { return fail("a snapshot failed or a purchase was refused"); }
    before.add(round.before());
    during.add(round.during());
    seconds.push_back(round.snapshot_seconds());
  }
  const std::uint64_t bytes = snapshot_bytes(bench->files(), options.data);
  bench.reset();
  using Number = unsigned long long;
  std::printf(options.json
                  ? "{\"accounts\":%llu,\"rate\":%u,\"rounds\":%u,\"snapshot_seconds\":%.3f,"
                    "\"snapshot_bytes\":%llu,\"without_snapshot\":%s,\"during_snapshot\":%s}\n"
                  : "accounts %llu  purchases/s %u  rounds %u  snapshot %.3f s, %llu bytes\n"
                    "  without a snapshot  %s\n  during a snapshot   %s\n",
              Number{options.accounts}, options.rate, options.rounds, median(seconds),
              Number{bytes}, before.text(options.json).c_str(), during.text(options.json).c_str());
  return 0;
}

}  // namespace firebrand
