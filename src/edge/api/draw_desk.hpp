#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "core/launch/draws.hpp"
#include "edge/api/draw_status.hpp"
#include "edge/api/route.hpp"
#include "edge/http/http.hpp"
#include "runtime/live_board.hpp"
#include "runtime/messages.hpp"

namespace firebrand {

class Api;

/// Shows how far draws are, and carries them on: computes root and order on a thread of its own,
/// from what is durable, and sends what they came to as commands. It keeps nothing that a restart
/// would miss: what is still to be done, the draws themselves say. I/O thread only.
class DrawDesk {
 public:
  explicit DrawDesk(Api& api) : api_(api) {}
  ~DrawDesk();
  DrawDesk(const DrawDesk&) = delete;
  DrawDesk& operator=(const DrawDesk&) = delete;

  /// Takes over newer draws.
  void publish(const LiveBoardPage& page);
  /// Begins what can be done now. Often, and cheap while there is nothing.
  void step();
  /// Begins nothing any more.
  void stop() { stopping_ = true; }

  [[nodiscard]] bool has(DrawId id) const { return shown_.contains(id); }
  /// REQUIRES: has(id).
  [[nodiscard]] const Draw& draw(DrawId id) const { return shown_.at(id).draw; }
  [[nodiscard]] const PreparedResponsePtr& status(DrawId id);
  /// The draws of a drop, by wave. REQUIRES: there is such a drop.
  [[nodiscard]] const PreparedResponsePtr& list(DropId id);
  /// The record of a completed draw, if it is one of the kRecordsKept that were made or read last;
  /// null if not. A record of a million entries has 40 MB.
  [[nodiscard]] PreparedResponsePtr record(DrawId id) const;
  void keep_record(DrawId id, PreparedResponsePtr record);
  /// Somebody reads a record that is not kept: all who do so at the same time get one copy.
  /// @return whether it is the first, who has it made.
  [[nodiscard]] bool add_reader(DrawId id, const Asker& asker);
  [[nodiscard]] std::vector<Asker> take_readers(DrawId id);
  /// Calls `look(const Draw&)` with each that is not completed.
  template <class Look>
  void for_each_pending(Look&& look) const {
    for (const DrawId id : pending_) { look(shown_.at(id).draw); }
  }
  /// Units of the drawn wave.
  [[nodiscard]] std::int64_t units_of(const Draw& draw) const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Shown {
    Draw draw{};
    LogOffset offset{};
    PreparedResponsePtr status;  ///< Null: to be made.
  };
  /// What a computation came to.
  struct Computed {
    DrawId draw_id{};
    std::string failed{};  ///< Why there is none; empty if there is.
    bool early = false;    ///< The facts are not stored yet.
    Hash256 root{};
    std::int64_t count = 0;
    std::vector<PersonId> order{};
  };
  /// The order of one draw while it is applied.
  struct Applying {
    DrawId draw_id{};
    std::vector<PersonId> order{};
  };
  [[nodiscard]] bool needs_root(const Draw&) const;
  [[nodiscard]] bool needs_results(const Draw&) const;
  void compute(const Draw& draw);
  void computed(const Computed& result);
  void send_root(const Computed& result);
  void send_results();
  void applied(DrawId id, const AnswerHead& answer);
  void wait(Millis time) { idle_until_ = Clock::now() + time; }

  static constexpr std::size_t kRecordsKept = 4;

  Api& api_;
  std::map<DrawId, Shown> shown_;
  std::map<DropId, PreparedResponsePtr> lists_;  ///< Null, or not there: to be made.
  std::vector<std::pair<DrawId, PreparedResponsePtr>> records_;  ///< The newest last.
  std::map<DrawId, std::vector<Asker>> readers_;  ///< Of records that are being made.
  std::set<DrawId> pending_;                      ///< Those that are not completed.
  std::optional<Applying> applying_;
  bool busy_ = false;  ///< Computing, or waiting for the engine's answer.
  bool stopping_ = false;
  Clock::time_point idle_until_{};
  std::thread worker_;
};

}  // namespace firebrand
