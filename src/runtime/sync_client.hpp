#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/assert.hpp"
#include "runtime/node.hpp"
#include "runtime/submit.hpp"

namespace firebrand {

/// Sends one command after the other to a node that no thread steps, and steps it until the answer
/// is durable. For loaders, the command line, and tests.
class SyncClient {
 public:
  explicit SyncClient(Node& node) : node_(node) {}
  /// Leaves no answer behind for whoever reads the ring next.
  ~SyncClient() { pop(); }
  SyncClient(const SyncClient&) = delete;
  SyncClient& operator=(const SyncClient&) = delete;

  /// The data directory of its node.
  [[nodiscard]] const std::string& data() const noexcept { return node_.data(); }

  /// @return record bytes of the answer with its head; valid until the next call.
  [[nodiscard]] const AnswerHead& send(const CommandBytes& command, Actor actor,
                                       const RequestKey& key = {}) {
    pop();
    const bool taken = push_request(
        node_.requests(), {.number = command.number, .actor = actor, .key = key}, command.payload);
    FB_ASSERT(taken);
    node_.requests().publish();
    while (!(pending_ = node_.ready_answer())) { step(); }
    return *pending_;
  }

  /// The Result of a command or query; nothing if there is no space to log it.
  template <class Result, class C>
  [[nodiscard]] std::optional<Result> try_ask(const C& command, Actor actor = {},
                                              const RequestKey& key = {}) {
    std::array<std::byte, encoded_size_max<C>()> bytes;
    const std::size_t size = encode(command, bytes.data());
    const AnswerHead& answer = send({kNumberOf<C>, std::span(bytes).first(size)}, actor, key);
    if (answer.kind == AnswerKind::log_full) { return std::nullopt; }
    const auto result = decode<Result>(answer.result());
    FB_ASSERT(result.has_value());
    return *result;
  }
  /// The same. REQUIRES: there is space to log.
  template <class Result, class C>
  [[nodiscard]] Result ask(const C& command, Actor actor = {}, const RequestKey& key = {}) {
    const std::optional<Result> result = try_ask<Result>(command, actor, key);
    FB_ASSERT(result.has_value());
    return *result;
  }

  /// Steps until nothing is left to do now and the live board shows it.
  void settle() {
    node_.sequencer().publish_board();
    while (node_.sequencer().step() || node_.committer().step() || node_.projector().step()) {}
  }

 private:
  void pop() {
    if (pending_) { node_.pop_answer(*pending_); }
    pending_ = nullptr;
  }
  void step() {
    (void)node_.sequencer().step();
    (void)node_.committer().step();
    (void)node_.projector().step();
    (void)node_.space_keeper().step();
  }

  Node& node_;
  const AnswerHead* pending_ = nullptr;
};

}  // namespace firebrand
