#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "core/engine/engine.hpp"
#include "log/file_system.hpp"
#include "log/writer.hpp"
#include "runtime/byte_ring.hpp"
#include "runtime/committer.hpp"
#include "runtime/live_board.hpp"
#include "runtime/projector.hpp"
#include "runtime/replay.hpp"
#include "runtime/sequencer.hpp"
#include "runtime/space_keeper.hpp"
#include "runtime/stamper.hpp"

namespace firebrand {

struct NodeOptions {
  SequencerOptions sequencer{};
  // Performance: sizes of the rings, powers of two. What is cycled through stays in the cache if it
  // is small: a ring need only hold what comes while a batch is synced.
  std::size_t request_ring_bytes = 4U << 20;
  std::size_t answer_ring_bytes = 4U << 20;
  std::size_t commit_ring_bytes = 16U << 20;
  std::size_t fact_ring_bytes = 32U << 20;
  std::uint64_t segment_bytes = 64U << 20;
  std::uint32_t segments_ahead = 2;
  std::uint64_t batch_bytes_max = log::kBatchBytesMax;

  Committer::FailStop fail_stop = nullptr;  ///< Null: print and abort.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  /// What a start may do side by side.
  RunBoth run_both = run_in_turn;
};

/// What opening a data directory found.
struct NodeStart {
  LogOffset snapshot_offset{};   ///< Zero: folded from the beginning of the log.
  std::uint64_t replayed = 0;    ///< Records behind the snapshot.
  std::uint64_t torn_bytes = 0;  ///< Cut from the tail of the log.
  std::string torn_file;         ///< From this file; empty if nothing was cut.
};

/// One engine with its log: everything between the ingress ring and the answer ring. Opening it
/// recovers the data directory; then its parts are stepped, each by a thread of its own (server)
/// or in seeded order by one (simulation).
class Node {
 public:
  [[nodiscard]] static Expected<std::unique_ptr<Node>, ReplayError> open(log::FileSystem& files,
                                                                         const std::string& data,
                                                                         Clock& clock,
                                                                         NodeOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] ByteRing& requests() noexcept { return requests_; }
  [[nodiscard]] ByteRing& answers() noexcept { return answers_; }
  [[nodiscard]] LiveBoard& board() noexcept { return board_; }
  /// Any thread: bytes of facts that are not stored yet, about.
  [[nodiscard]] std::size_t facts_backlog() const noexcept { return facts_.backlog(); }
  [[nodiscard]] Sequencer& sequencer() noexcept { return *sequencer_; }
  [[nodiscard]] Committer& committer() noexcept { return *committer_; }
  [[nodiscard]] Projector& projector() noexcept { return *projector_; }
  [[nodiscard]] SpaceKeeper& space_keeper() noexcept { return *space_keeper_; }
  [[nodiscard]] const Engine& engine() const noexcept { return *state_.engine; }
  [[nodiscard]] const NodeStart& start() const noexcept { return start_; }
  /// What open() folded. REQUIRES: the sequencer was not stepped.
  [[nodiscard]] const FoldedState& folded() const noexcept { return state_; }
  [[nodiscard]] const std::string& data() const noexcept { return data_; }
  [[nodiscard]] log::FileSystem& files() noexcept { return files_; }

  /// The first answer whose offset is durable, if there is one; pop_answer() passes it.
  [[nodiscard]] const AnswerHead* ready_answer();
  void pop_answer(const AnswerHead& answer) { answers_.consume(answer.size); }

 private:
  Node(log::FileSystem& files, std::string data, const NodeOptions& options);

  log::FileSystem& files_;
  std::string data_;
  std::unique_ptr<log::FileLock> lock_;
  FoldedState state_;
  NodeStart start_;
  ByteRing requests_;
  ByteRing answers_;
  ByteRing commits_;
  ByteRing facts_;
  LiveBoard board_;
  std::unique_ptr<log::Writer> log_writer_;
  std::unique_ptr<log::Writer> facts_writer_;
  std::unique_ptr<LogSpace> log_space_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<SpaceKeeper> space_keeper_;
  std::unique_ptr<Sequencer> sequencer_;
};

}  // namespace firebrand
