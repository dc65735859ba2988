#include "edge/server/bench_proof.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "edge/bench/latency.hpp"
#include "edge/server/bench_node.hpp"
#include "edge/server/proof_options.hpp"
#include "verify/public_log.hpp"
#include "verify/stock_book.hpp"

namespace firebrand {

namespace {

using Number = unsigned long long;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kHeadPause{500};  ///< As a server has.
constexpr int kNiceness = 10;
constexpr double kSteadyLeavesPerSecond = 10'000;
constexpr std::chrono::seconds kSteadyTime{10};

bool fail(const std::string& what) {
  std::fprintf(stderr, "firebrand: %s\n", what.c_str());
  return false;
}

double since(SteadyClock::time_point start) { return seconds_between(start, SteadyClock::now()); }

/// Feeds the log beside a sale, as a server's thread does.
class HeadKeeper {
 public:
  HeadKeeper(Node& node, ProofProjector& projector)
      : node_(node), projector_(projector), thread_([this] { run(); }) {}
  ~HeadKeeper() {
    done_.store(true);
    thread_.join();
  }
  HeadKeeper(const HeadKeeper&) = delete;
  HeadKeeper& operator=(const HeadKeeper&) = delete;

  /// Seconds for which there were facts without a head, at most.
  [[nodiscard]] double lag_max() const { return lag_max_.load(); }
  [[nodiscard]] bool failed() const { return failed_.load(); }
  [[nodiscard]] bool is_at(log::Position stored) const {
    return failed_.load() || projector_.published() >= stored;
  }

 private:
  void run() {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    auto all_told = SteadyClock::now();
    while (!done_.load()) {
      const auto begin = SteadyClock::now();
      const log::Position stored = node_.projector().stored();
      auto more = projector_.step(stored);
      while (more && *more && SteadyClock::now() < begin + kHeadPause) {
        more = projector_.step(stored);
      }
      if (!more || !projector_.publish()) {
        failed_.store(true);
        return;
      }
      lag_max_.store(std::max(lag_max_.load(), since(all_told)));
      if (projector_.published() >= stored) { all_told = begin; }
      while (!*more && !done_.load() && SteadyClock::now() < begin + kHeadPause) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
      }
    }
  }

  Node& node_;
  ProofProjector& projector_;
  std::atomic<bool> done_{false};
  std::atomic<bool> failed_{false};
  std::atomic<double> lag_max_{0};
  std::thread thread_;
};

class ProofBench {
 public:
  explicit ProofBench(const ProofBenchOptions& options) : options_(options) {}

  [[nodiscard]] bool run() {
    return sell(false) && sell(true) && feed() && prove() && verify() && keep_up();
  }
  void print() const {
    std::printf(
        options_.json
            ? "{\"leaves\":%llu,\"leaf_bytes\":%llu,\"sale_alone_per_second\":%.0f,"
              "\"sale_per_second\":%.0f,\"lag_seconds_max\":%.3f,\"backlog_seconds\":%.3f,"
              "\"leaves_per_second\":%.0f,\"proof_hashes_max\":%llu,\"inclusion_us_p50\":%.0f,"
              "\"inclusion_us_p99\":%.0f,\"consistency_us_p50\":%.0f,\"consistency_us_p99\":%.0f,"
              "\"verify_seconds\":%.3f,\"head_lag_steady_ms_p50\":%.0f,"
              "\"head_lag_steady_ms_p99\":%.0f}\n"
            : "leaves %llu, %llu bytes  sale alone %.0f/s  with the log %.0f/s  head behind at "
              "most %.3f s  backlog after the sale %.3f s  leaves/s %.0f  a proof at most %llu "
              "hashes  inclusion p50 %.0f us  p99 %.0f us  consistency p50 %.0f us  p99 %.0f us  "
              "verified in %.3f s  steadily behind p50 %.0f ms  p99 %.0f ms\n",
        Number{leaves_}, Number{leaf_bytes_}, sale_alone_, sale_, lag_max_, backlog_, fed_,
        Number{hashes_max_}, us(inclusion_, 500'000), us(inclusion_, 990'000),
        us(consistency_, 500'000), us(consistency_, 990'000), verify_seconds_,
        to_ms(steady_.quantile(500'000)), to_ms(steady_.quantile(990'000)));
  }

 private:
  static double us(const LatencyHistogram& times, std::uint32_t ppm) {
    return static_cast<double>(times.quantile(ppm).count());
  }
  [[nodiscard]] std::unique_ptr<ProofProjector> open_log() {
    auto opened =
        ProofProjector::open(files_, options_.data, proof_options(credentials_, 1), reader_);
    if (!opened) {
      (void)fail(opened.error().message);
      return nullptr;
    }
    return std::move(*opened);
  }

  [[nodiscard]] bool sell(bool with_log);
  [[nodiscard]] bool feed();
  [[nodiscard]] bool prove();
  [[nodiscard]] bool verify();
  [[nodiscard]] bool keep_up();

  ProofBenchOptions options_;
  log::PosixFileSystem files_;
  Credentials credentials_{InstallationKey{}};
  ProofReader reader_{files_};
  BenchDirectory directory_{options_.data};
  log::Position stored_{};
  LatencyHistogram inclusion_;
  LatencyHistogram consistency_;
  LatencyHistogram steady_;
  std::uint64_t leaves_ = 0;
  std::uint64_t leaf_bytes_ = 0;
  std::size_t hashes_max_ = 0;
  double sale_alone_ = 0;
  double sale_ = 0;
  double lag_max_ = 0;
  double backlog_ = 0;
  double fed_ = 0;
  double verify_seconds_ = 0;
};

bool ProofBench::sell(bool with_log) {
  const auto bench = BenchNode::open(directory_, options_.units);
  if (bench == nullptr) { return false; }
  Prng prng(1);
  const DropId drop = bench->make_drop("bench", options_.units);
  const auto entries =
      BenchNode::encode_purchases(drop, shuffled_persons(1, options_.units, prng), &prng);
  const auto projector = with_log ? open_log() : nullptr;
  if (with_log && projector == nullptr) { return false; }
  std::optional<HeadKeeper> keeper;
  if (with_log) { keeper.emplace(bench->node(), *projector); }
  const double seconds = bench->run(entries, options_.units).seconds;
  (with_log ? sale_ : sale_alone_) = static_cast<double>(options_.units) / seconds;
  stored_ = bench->node().projector().stored();
  if (!with_log) { return true; }
  const auto ended = SteadyClock::now();
  while (!keeper->is_at(stored_)) { std::this_thread::sleep_for(std::chrono::milliseconds{1}); }
  backlog_ = since(ended);
  lag_max_ = keeper->lag_max();
  return !keeper->failed() || fail("the public log could not be written");
}

/// The same facts once more, by a log that has nothing else to do.
bool ProofBench::feed() {
  std::error_code error;
  std::filesystem::remove_all(std::filesystem::path(options_.data) / "proof", error);
  const auto projector = open_log();
  if (projector == nullptr) { return false; }
  const auto start = SteadyClock::now();
  auto more = projector->step(stored_);
  while (more && *more) { more = projector->step(stored_); }
  if (!more || !projector->publish()) { return fail("the public log could not be written"); }
  const double seconds = since(start);
  leaves_ = reader_.head()->head.head.size;
  leaf_bytes_ = reader_.head()->leaf_bytes;
  fed_ = static_cast<double>(leaves_) / seconds;
  return true;
}

bool ProofBench::prove() {
  const auto head = reader_.head();
  Prng prng(2);
  for (std::uint32_t i = 0; i < options_.proofs; ++i) {
    const std::uint64_t leaf = prng.below(leaves_);
    auto start = SteadyClock::now();
    const auto inclusion = reader_.inclusion(*head, leaf, leaves_);
    inclusion_.record(SteadyClock::now() - start);
    start = SteadyClock::now();
    const auto consistency = reader_.consistency(*head, leaf + 1, leaves_);
    consistency_.record(SteadyClock::now() - start);
    if (!inclusion || !consistency) { return fail("a proof could not be read"); }
    hashes_max_ = std::max({hashes_max_, inclusion->size(), consistency->size()});
  }
  return true;
}

/// What `firebrand-verify stock` does with the published files.
bool ProofBench::verify() {
  const auto head = reader_.head();
  std::string leaves;
  for (std::uint64_t next = 0; next < leaves_;) {
    const auto some = reader_.entries(*head, next, leaves_);
    if (!some) { return fail("the leaves could not be read"); }
    leaves += *some;
    next += static_cast<std::uint64_t>(std::ranges::count(*some, '\n'));
  }
  const auto start = SteadyClock::now();
  const auto log = firebrand::open_log(leaves, head->note, head->keys);
  if (!log) { return fail(log.error().en); }
  StockBook book;
  const auto read = for_each_leaf(*log, [&](const ProofLeaf& leaf) { return book.take(leaf); });
  if (!read) { return fail(read.error().en); }
  verify_seconds_ = since(start);
  return true;
}

/// The same facts once more, as many a second as a quiet sale brings: for how long each waits for
/// its head.
bool ProofBench::keep_up() {
  std::error_code error;
  std::filesystem::remove_all(std::filesystem::path(options_.data) / "proof", error);
  const auto projector = open_log();
  if (projector == nullptr) { return false; }
  const double per_second = kSteadyLeavesPerSecond * static_cast<double>(stored_.offset.value) /
                            static_cast<double>(leaves_);
  const auto start = SteadyClock::now();
  std::uint64_t told = 0;
  while (told < stored_.offset.value && SteadyClock::now() < start + kSteadyTime) {
    const auto begin = SteadyClock::now();
    const auto came = static_cast<std::uint64_t>(seconds_between(start, begin) * per_second);
    const log::Position there =
        came < stored_.offset.value ? log::Position{{came}, UINT16_MAX} : stored_;
    auto more = projector->step(there);
    while (more && *more) { more = projector->step(there); }
    if (!more || !projector->publish()) { return fail("the public log could not be written"); }
    const double now = since(start);
    for (; told < there.offset.value; ++told) {
      const double waited = now - static_cast<double>(told + 1) / per_second;
      steady_.record(std::chrono::nanoseconds{static_cast<std::int64_t>(waited * 1e9)});
    }
    std::this_thread::sleep_until(begin + kHeadPause);
  }
  return true;
}

}  // namespace

int bench_proof(const ProofBenchOptions& options) {
  ProofBench bench(options);
  if (!bench.run()) { return 1; }
  bench.print();
  return 0;
}

}  // namespace firebrand
