#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "core/engine/engine.hpp"
#include "log/file_system.hpp"
#include "runtime/live_board.hpp"
#include "runtime/node.hpp"
#include "sim/model.hpp"
#include "sim/probes.hpp"
#include "sim/request.hpp"
#include "sim/tie_model.hpp"
#include "sim/trace.hpp"

namespace firebrand {

/// One step of the sequencer, as seen from outside.
struct StepSeen {
  Timestamp now{};
  std::size_t requests = 0;       ///< Taken from the ring.
  std::uint64_t log_full = 0;     ///< Of those that were answered, answered so.
  std::uint64_t tie_waited = 0;   ///< Of them, waiting for the end of a tie window.
  std::uint64_t tie_decided = 0;  ///< Of those that waited, answered.
  LogOffset offset{};             ///< After the step.
};

/// A command that changed the state, and what it caused.
struct HistoryEntry {
  SimRequest request{};
  Timestamp at{};
  std::vector<ModelFact> facts{};
};

/// What a live page shows of a drop.
struct ShownDrop {
  DropUnits units{};
  OrderCounts orders{};
  DropPhase phase{};
  bool paused = false;
  std::vector<std::int64_t> available{};
  std::vector<RefusalTotal> refusals{};
  std::vector<std::int64_t> given{};  ///< Units by wave.
  TieTotals ties{};
  bool tie_key_public = false;

  friend bool operator==(const ShownDrop&, const ShownDrop&);
};

/// Knows what every answer must be before it leaves, and after a crash what must still be true.
///
/// It feeds the model what the sequencer took, in the same order and under the same stamps, and
/// keeps what changed the state by offset. After a crash that history is cut to what the disk kept:
/// everything that any answer, page or fact that left has promised must be in it.
class Auditor {
 public:
  Auditor(const SequencerOptions& options, Probes& probes, Trace& trace)
      : refusals_period_(options.refusals_period),
        probes_(probes),
        trace_(trace),
        ties_(options.tie_entries_max) {}

  /// A request was put into the ring.
  void sent(SimRequest request) { waiting_.push_back(std::move(request)); }
  [[nodiscard]] const std::deque<SimRequest>& waiting() const { return waiting_; }
  void stepped(const StepSeen& seen, const Engine& engine);
  /// An answer left. `durable`: what the committer says.
  void departed(const SimAnswer& answer, LogOffset durable);
  void page_left(const LiveBoardPage& page, LogOffset durable);
  void became_durable(LogOffset durable);

  /// The process is gone; what it had in memory is too.
  void crashed();
  /// The next one has found its end of the log. Checks what it may have lost.
  void recovered(LogOffset offset);

  /// No request waits and no answer is owed.
  void check_quiet() const;
  /// Whoever kept the pages that left sees what is.
  void check_board() const;
  [[nodiscard]] LogOffset offset() const { return {history_.size()}; }
  [[nodiscard]] LogOffset durable() const { return durable_offset_; }
  [[nodiscard]] const Model& live() const { return live_; }
  /// REQUIRES: 1 <= offset <= offset().
  [[nodiscard]] const HistoryEntry& entry(LogOffset offset) const {
    return history_[offset.value - 1];
  }
  /// The digest seen live at that offset, if a step ended there.
  [[nodiscard]] const std::uint64_t* digest_at(LogOffset offset) const {
    const auto found = digests_.find(offset);
    return found == digests_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::uint64_t answers() const { return answers_; }
  [[nodiscard]] std::uint64_t answers_log_full() const { return answers_log_full_; }

 private:
  struct Owed {
    std::uint64_t token = 0;
    std::uint16_t number = 0;
    ModelReply reply{};
    LogOffset wait_offset{};
    Timestamp at{};
  };
  struct Shown {
    std::vector<ShownDrop> drops{};
    std::vector<bool> api_key_revoked{};
    std::vector<ModelWebhook> webhooks{};
  };

  /// @return whether something is still due, so that nothing else may happen in this step.
  bool predict_own(const StepSeen& seen, std::uint64_t own_max);
  /// @return whether it changes the state.
  bool predict(const SimRequest& request, Timestamp now, bool log_full);
  void apply_own(SimRequest request, Timestamp now);
  void remember(const SimRequest& request, Timestamp now, ModelReply& reply);
  void probe_release(const ModelFact& fact);
  void probe_facts(const std::vector<ModelFact>& facts);
  void count_refusal(const SimRequest& request, const ModelReply& reply);
  void probe_standing(const SimRequest&, const ModelReply&);
  void probe(const SimRequest& request, const ModelReply& reply, Timestamp now);
  void probe_refunds(const SimRequest& request, const ModelReply& reply);
  [[nodiscard]] Shown show() const;

  const Millis refusals_period_;
  Probes& probes_;
  Trace& trace_;

  Model live_;
  std::deque<SimRequest> waiting_;
  std::deque<Owed> owed_;
  std::vector<RefusalCount> refusals_;
  Timestamp refusals_recorded_at_{};
  TieModel ties_;
  Timestamp ties_recorded_at_{};

  std::vector<HistoryEntry> history_;  ///< Offset n is entry n - 1.
  Model durable_model_;
  LogOffset durable_offset_{};
  LogOffset promised_{};  ///< The newest offset that something which left rests on.
  std::map<LogOffset, std::uint64_t> digests_;
  std::map<LogOffset, Shown>
      shown_;  ///< By the end of a step, or of a staff command; until a page is past it.
  std::map<DropId, ShownDrop> board_drops_;  ///< Put together from pages that left.
  std::vector<bool> board_api_keys_;
  std::vector<ModelWebhook> board_webhooks_;
  std::uint64_t answers_ = 0;
  std::uint64_t answers_log_full_ = 0;
  bool was_full_ = false;
};

}  // namespace firebrand
