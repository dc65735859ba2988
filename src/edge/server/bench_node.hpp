#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "core/launch/sale.hpp"
#include "edge/bench/latency.hpp"
#include "edge/server/bench_directory.hpp"
#include "edge/server/system_clock.hpp"
#include "log/file_system.hpp"
#include "runtime/node.hpp"

namespace firebrand {

/// What each benchmark in this process needs: a node with space for its log from the start, open
/// drops, accounts, and a run at full speed.
class BenchNode {
 public:
  /// @param directory  Emptied before; outlives the node.
  /// @param purchases  In all: so much log space is made ahead.
  /// Null, and why on stderr, if it cannot be opened.
  [[nodiscard]] static std::unique_ptr<BenchNode> open(BenchDirectory& directory,
                                                       std::uint64_t purchases);

  /// A drop that is open, with so many units.
  [[nodiscard]] DropId make_drop(const char* code, std::uint64_t units,
                                 std::int32_t per_person_limit = 1);

  /// Puts so many accounts into the ledger: one purchase each in a drop of its own.
  void fill_accounts(std::uint64_t accounts, Prng& prng);

  /// Ring entries of purchases by these persons, ready to be copied into the ring.
  [[nodiscard]] static std::vector<std::byte> encode_purchases(DropId drop,
                                                               std::span<const PersonId> persons,
                                                               Prng* keys);

  struct Run {
    double seconds = 0;
    std::uint64_t answers = 0;
    LatencyHistogram commits;  ///< Of one batch: write and sync.
  };

  /// Sends all entries and waits for the last durable answer: this thread makes requests, sequences
  /// and takes answers, another one commits and projects.
  Run run(std::span<const std::byte> entries, std::uint64_t count);

  [[nodiscard]] std::uint64_t answers_with(PlaceOrderStatus status) const {
    return answers_[static_cast<std::size_t>(status)];
  }
  [[nodiscard]] Node& node() { return *node_; }
  [[nodiscard]] log::FileSystem& files() { return files_; }

 private:
  BenchNode() = default;

  std::size_t feed(std::span<const std::byte> entries);
  std::uint64_t take_answers();

  SystemClock clock_;
  log::PosixFileSystem files_;
  std::unique_ptr<Node> node_;
  std::vector<std::uint64_t> answers_;  // By status.
};

/// The persons from `first` on, in random order.
[[nodiscard]] std::vector<PersonId> shuffled_persons(std::uint64_t first, std::uint64_t count,
                                                     Prng& prng);

[[nodiscard]] inline double seconds_between(std::chrono::steady_clock::time_point from,
                                            std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace firebrand
