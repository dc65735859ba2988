#include "edge/server/bench_drop.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "edge/bench/numbers.hpp"
#include "edge/server/bench_node.hpp"
#include "edge/server/side_by_side.hpp"

namespace firebrand {

namespace {

using Number = unsigned long long;

struct DropRound {
  std::uint64_t sold = 0;
  BenchNode::Run run;
};

/// Nothing if the node cannot be opened.
std::optional<DropRound> drop_round(const DropBenchOptions& options, BenchDirectory& directory) {
  Prng prng(1);
  const std::uint64_t purchases = std::min(options.units, options.fans);
  const auto bench = BenchNode::open(directory, options.accounts + purchases);
  if (bench == nullptr) { return std::nullopt; }
  bench->fill_accounts(options.accounts, prng);
  const DropId drop = bench->make_drop("bench", options.units);
  const std::uint64_t people = std::max(options.accounts, options.fans);
  auto persons = shuffled_persons(1, people, prng);
  persons.resize(options.fans);
  const auto entries = BenchNode::encode_purchases(drop, persons, &prng);
  DropRound round{.run = bench->run(entries, options.fans)};
  round.sold = bench->answers_with(PlaceOrderStatus::created);
  return round;
}

}  // namespace

int bench_drop(const DropBenchOptions& options) {
  BenchDirectory directory(options.data);
  std::vector<double> seconds;
  std::vector<double> p50;
  std::vector<double> p99;
  std::vector<double> commits;
  bool exact = true;
  for (std::uint32_t i = 0; i < options.rounds && exact; ++i) {
    const auto done = drop_round(options, directory);
    if (!done) { return 1; }
    const DropRound& round = *done;
    exact = round.sold == std::min(options.units, options.fans);
    seconds.push_back(round.run.seconds);
    p50.push_back(to_ms(round.run.commits.quantile(500'000)));
    p99.push_back(to_ms(round.run.commits.quantile(990'000)));
    commits.push_back(static_cast<double>(round.run.commits.count()));
  }
  if (!exact) {
    std::fprintf(stderr, "firebrand: not exactly the units were sold\n");
    return 1;
  }
  const auto [least, most] = std::ranges::minmax(seconds);
  const char* const format =
      options.json ? "{\"units\":%llu,\"contenders\":%llu,\"accounts\":%llu,\"sold\":%llu,"
                     "\"rounds\":%u,\"seconds\":%.4f,\"seconds_min\":%.4f,\"seconds_max\":%.4f,"
                     "\"commands_per_second\":%.0f,\"commits\":%.0f,\"commit_ms_p50\":%.3f,"
                     "\"commit_ms_p99\":%.3f}\n"
                   : "units %llu  contenders %llu  accounts %llu  sold %llu  rounds %u  seconds "
                     "%.4f (%.4f to %.4f)  "
                     "commands/s %.0f  commits %.0f  commit p50 %.3f ms  p99 %.3f ms\n";
  std::printf(format, Number{options.units}, Number{options.fans}, Number{options.accounts},
              Number{std::min(options.units, options.fans)}, options.rounds, median(seconds), least,
              most, static_cast<double>(options.fans) / median(seconds), median(commits),
              median(p50), median(p99));
  return 0;
}

int bench_restart(const RestartBenchOptions& options) {
  BenchDirectory directory(options.data);
  Prng prng(1);
  LogOffset snapshot;
  std::uint64_t digest = 0;
  {
    const auto bench = BenchNode::open(directory, options.accounts + options.records);
    if (bench == nullptr) { return 1; }
    bench->fill_accounts(options.accounts, prng);
    const DropId drop = bench->make_drop("bench", options.records);
    snapshot = bench->node().sequencer().last_offset();
    const auto folded =
        fold_snapshot(bench->files(), options.data, snapshot, bench->node().engine().digest());
    if (!folded) {
      std::fprintf(stderr, "firebrand: %s\n", folded.error().message.c_str());
      return 1;
    }
    const auto persons = shuffled_persons(1, options.records, prng);
    (void)bench->run(BenchNode::encode_purchases(drop, persons, &prng), options.records);
    digest = bench->node().engine().digest();
  }
  SystemClock clock;
  log::PosixFileSystem files;
  std::vector<double> seconds;
  std::uint64_t replayed = 0;
  for (std::uint32_t i = 0; i < options.rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto node = Node::open(files, options.data, clock, {.run_both = &run_side_by_side});
    seconds.push_back(seconds_between(start, std::chrono::steady_clock::now()));
    if (!node || (*node)->engine().digest() != digest) {
      std::fprintf(stderr, "firebrand: the start did not lead to the same state\n");
      return 1;
    }
    replayed = (*node)->start().replayed;
  }
  const auto [least, most] = std::ranges::minmax(seconds);
  std::printf(options.json
                  ? "{\"accounts\":%llu,\"records\":%llu,\"rounds\":%u,\"snapshot_offset\":%llu,"
                    "\"replayed\":%llu,\"seconds\":%.3f,\"seconds_min\":%.3f,"
                    "\"seconds_max\":%.3f}\n"
                  : "accounts %llu  records %llu  rounds %u  snapshot at %llu  replayed %llu  "
                    "seconds %.3f (%.3f to %.3f)\n",
              Number{options.accounts}, Number{options.records}, options.rounds,
              Number{snapshot.value}, Number{replayed}, median(seconds), least, most);
  return 0;
}

}  // namespace firebrand
