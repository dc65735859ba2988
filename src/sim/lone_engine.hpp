#pragma once

#include <array>
#include <cstdint>

#include "core/engine/engine.hpp"
#include "core/facts.hpp"
#include "sim/model_common.hpp"
#include "sim/request.hpp"

namespace firebrand {

/// An engine without log and rings: stamps, offsets and what is due, and nothing else.
class LoneEngine {
 public:
  explicit LoneEngine(Timestamp now) : now_(now) {}

  void pass(Millis time) { now_ += time; }
  [[nodiscard]] Timestamp now() const { return now_; }
  [[nodiscard]] std::uint64_t applied() const { return applied_; }
  [[nodiscard]] const Engine& engine() const { return engine_; }
  /// Of the last command, if it was applied.
  [[nodiscard]] const FactBuffer& facts() const { return facts_; }

  Outcome apply(const SimRequest& request) {
    CommandContext context{
        .offset = {applied_ + 1}, .timestamp = now_, .actor = request.actor, .facts = &facts_};
    const Outcome outcome = engine_.apply({request.number, request.payload}, request.key, context);
    if (outcome.kind == Outcome::Kind::applied) { ++applied_; }
    return outcome;
  }

  /// What the sequencer would do before the next request.
  void run_due() {
    if (engine_.rules_version() < kRulesVersion) {
      (void)apply(request_of(AdoptRules{kRulesVersion}));
    }
    while (engine_.next_due() && *engine_.next_due() <= now_) {
      (void)apply(request_of(RunDue{kRunDueLimitMax}));
    }
  }

 private:
  Engine engine_;
  FactBuffer facts_;
  Timestamp now_;
  std::uint64_t applied_ = 0;
};

/// How an outcome of the engine stands in an answer.
[[nodiscard]] inline AnswerKind answer_kind(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::applied:
    case Outcome::Kind::not_applied:
      return AnswerKind::result;
    case Outcome::Kind::replayed:
      return AnswerKind::replayed;
    case Outcome::Kind::request_key_reused:
      return AnswerKind::request_key_reused;
    case Outcome::Kind::undecodable:
      break;
  }
  return AnswerKind::undecodable;
}

}  // namespace firebrand
