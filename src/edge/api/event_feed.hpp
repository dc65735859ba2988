#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/types.hpp"
#include "edge/api/route.hpp"
#include "edge/http/http.hpp"
#include "log/record.hpp"
#include "views/events/event_reader.hpp"

namespace firebrand {

class Api;

/// Who follows the facts: requests that wait for events (long polls) and event streams of staff.
/// None holds a thread: each has a cursor, and is read for when facts are stored behind it, some at
/// a time in the pool. I/O thread only.
///
/// A follower (about 300 bytes, kPollsMax and kStreamsMax at most) ends with its answer, its
/// deadline or its stream.
class EventFeed {
 public:
  static constexpr std::size_t kPollsMax = 256;
  static constexpr std::size_t kStreamsMax = 64;
  /// Reads in the pool at a time: lists need it too.
  static constexpr std::size_t kReadingMax = 4;
  static constexpr std::uint32_t kStreamEventsPerRead = 100;

  EventFeed(Api& api, std::unique_ptr<EventReader> reader);
  ~EventFeed();

  /// Answers with a page: at once if there are events or `wait` is zero, else when there are, at
  /// the latest after `wait`.
  void poll(const Asker& asker, EventQuery query, Millis wait);
  /// Starts a stream of what follows. @return zero if there is none.
  [[nodiscard]] StreamToken stream(const Asker& asker, EventQuery query);

  /// Every some milliseconds: begins what can be read, ends what has waited long enough.
  void tick(Timestamp now);
  /// Whoever waited has gone.
  void closed(ResponseToken token);
  /// Whoever waits may have gone: it is answered as it stands.
  void peer_ended(ResponseToken token);
  void stream_closed(StreamToken token);
  /// Answers all polls as they stand and ends all streams.
  void close_all();
  [[nodiscard]] std::size_t followers() const { return followers_.size(); }

 private:
  struct Follower {
    Asker asker{};
    EventQuery query{};
    Timestamp deadline{};
    StreamToken stream{};  ///< Zero: a poll.
    bool reading = false;
  };
  using Result = Expected<EventPage, EventReadError>;

  using Followers = std::map<std::uint64_t, Follower>;

  [[nodiscard]] Followers::iterator find_poll(ResponseToken token);
  void begin_reads(log::Position stored);
  [[nodiscard]] bool begin_read(std::uint64_t id, Follower& follower, log::Position stored);
  void take(std::uint64_t id, const Result& result);
  void take_poll(std::uint64_t id, const EventPage& page);
  void refuse(const Asker& asker, const EventReadError& error);
  void answer(const Asker& asker, const EventPage& page, log::Position stored);

  Api& api_;
  std::unique_ptr<EventReader> reader_;
  Followers followers_;
  std::uint64_t last_id_ = 0;
  std::uint64_t read_last_ = 0;  ///< Whose turn it was: each gets one.
  std::size_t reading_ = 0;
  std::size_t streams_ = 0;
  Timestamp heartbeat_at_{};
};

}  // namespace firebrand
