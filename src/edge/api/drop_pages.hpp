#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "edge/http/http.hpp"
#include "runtime/live_board.hpp"
#include "views/records/records.hpp"

namespace firebrand {

/// At most one status event in this time for each drop.
inline constexpr Millis kStatusPeriod{100};
/// A comment line on a quiet stream, so that proxies keep it open.
inline constexpr Millis kHeartbeatPeriod{15'000};

/// What everybody reads of the drops: prepared answers and event streams, made from the pages of
/// the live board and from public events. I/O thread only; never asks the engine.
class DropPages {
 public:
  explicit DropPages(HttpResponder& responder) : responder_(responder) {}

  enum class Audience : std::uint8_t {
    everyone,  ///< `status` events and the named events of facts.
    staff,     ///< `live` events: the status with orders and refusals.
  };

  /// Takes over newer views; streams hear of it within kStatusPeriod.
  void publish(const LiveBoardPage& page, Timestamp now);
  /// Facts that everybody may see, in the order of the log.
  void publish_events(std::span<const DropEvent> events);
  /// Sends what is due to the streams.
  void tick(Timestamp now);

  [[nodiscard]] bool has(DropId id) const { return drops_.contains(id); }
  [[nodiscard]] std::size_t size() const { return drops_.size(); }
  /// Whether purchases of the drop are decided in tie windows.
  [[nodiscard]] bool has_ties(DropId id) const {
    return any_ties_ && has(id) && !view(id).drop.plan.tie_commitment.is_zero();
  }
  /// REQUIRES: has(id).
  [[nodiscard]] const PreparedResponsePtr& status(DropId id) const;
  [[nodiscard]] const DropView& view(DropId id) const;
  /// The status with orders and refusals, as JSON. REQUIRES: has(id).
  [[nodiscard]] std::string live_json(DropId id) const;
  /// What the drop's view rests on. REQUIRES: has(id).
  [[nodiscard]] LogOffset offset(DropId id) const { return drops_.at(id).offset; }
  /// The public list of whom it keeps out, kept until that changes; null: to be made. REQUIRES:
  /// has(id).
  [[nodiscard]] const PreparedResponsePtr& exclusions(DropId id) const {
    return drops_.at(id).exclusions;
  }
  void keep_exclusions(DropId id, std::string_view body) {
    drops_.at(id).exclusions = prepare(body, offset(id));
  }
  /// A page of the drops: newest first, numbers smaller than `before` (zero: all).
  struct List {
    std::vector<const std::string*> drops;  ///< Statuses as JSON, until the next publish().
    DropId last{};
    bool has_more = false;
    LogOffset newest{};  ///< Of what is on the page.
  };
  [[nodiscard]] List list(DropId before, std::size_t limit) const;
  /// The list as most ask for it, without a query: kept until a drop changes. Null if it is not.
  [[nodiscard]] const PreparedResponsePtr& first_page() const { return first_page_; }
  void keep_first_page(PreparedResponsePtr page) { first_page_ = std::move(page); }
  /// An answer that anybody may keep for a second.
  /// @param offset  What it rests on.  @param link  Empty: none.
  [[nodiscard]] static PreparedResponsePtr prepare(std::string_view body, LogOffset offset,
                                                   std::string_view link = {});
  /// The drop made last; zero if there is none.
  [[nodiscard]] DropId newest() const;

  /// Starts a stream with the events that its watcher missed, oldest first; it has `seen` all up to
  /// there then. What is published from now on and was not among them follows. REQUIRES: has(id).
  /// @return what end() ends.
  StreamToken watch(ResponseToken token, DropId id, Audience audience, log::Position seen = {},
                    std::span<const DropEvent> missed = {});
  /// Ends a stream in order, so that its watcher comes again.
  void end(StreamToken token);
  /// The last event of the drop that was published. REQUIRES: has(id).
  [[nodiscard]] log::Position newest_event(DropId id) const;
  void stream_closed(StreamToken token);
  /// Ends all streams.
  void close_all();
  [[nodiscard]] std::size_t watchers() const { return streams_.size(); }

 private:
  struct Watcher {
    StreamToken stream{};
    log::Position seen{};  ///< Events up to here came when it began.
  };
  struct Shown {
    DropView view;
    LogOffset offset{};
    std::string json;
    PreparedResponsePtr status;
    PreparedResponsePtr exclusions;
    std::vector<Watcher> watchers;
    std::vector<Watcher> staff_watchers;
    log::Position newest_event{};
    bool changed = false;  ///< Since the last event to the streams.
    Timestamp sent_at{};
  };
  struct Watch {
    DropId drop_id{};
    Audience audience{};
  };
  void send_changes(Shown& shown, Timestamp now);
  void publish_events_of(Shown& shown, std::span<const DropEvent> events);

  HttpResponder& responder_;
  bool any_ties_ = false;
  std::map<DropId, Shown> drops_;
  std::map<std::uint64_t, Watch> streams_;
  PreparedResponsePtr first_page_;
  Timestamp heartbeat_at_{};
};

/// "17-2": what stands in `id:` of an event and in Last-Event-ID.
[[nodiscard]] std::string event_id(log::Position position);
[[nodiscard]] log::Position read_event_id(std::string_view text);

}  // namespace firebrand
