#include "edge/api/event_feed.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "edge/api/api.hpp"
#include "edge/api/pages.hpp"

namespace firebrand {

EventFeed::EventFeed(Api& api, std::unique_ptr<EventReader> reader)
    : api_(api), reader_(std::move(reader)) {}

EventFeed::~EventFeed() = default;

void EventFeed::poll(const Asker& asker, EventQuery query, Millis wait) {
  if (followers_.size() - streams_ >= kPollsMax) { return api_.refuse(asker, "overloaded"); }
  Follower follower{.asker = asker, .query = std::move(query), .deadline = api_.now() + wait};
  const log::Position stored = api_.node().projector().stored();
  if (wait == Millis{0} && stored <= follower.query.after) {
    return answer(asker, {.events = {}, .next = follower.query.after}, stored);
  }
  followers_.emplace(++last_id_, std::move(follower));
  begin_reads(stored);
}

StreamToken EventFeed::stream(const Asker& asker, EventQuery query) {
  if (streams_ >= kStreamsMax) {
    api_.refuse(asker, "overloaded");
    return {};
  }
  const std::array headers = {kNoStore, HttpField{"X-Accel-Buffering", "no"}};
  const StreamToken stream =
      api_.responder().start_stream(asker.token, {.status = 200,
                                                  .content_type = "text/event-stream",
                                                  .headers = headers,
                                                  .body = "retry: 1000\n\n"});
  if (stream == StreamToken{}) { return stream; }
  query.limit = kStreamEventsPerRead;
  followers_.emplace(++last_id_,
                     Follower{.asker = asker, .query = std::move(query), .stream = stream});
  ++streams_;
  return stream;
}

void EventFeed::tick(Timestamp now) {
  if (followers_.empty()) { return; }
  const log::Position stored = api_.node().projector().stored();
  begin_reads(stored);
  for (auto it = followers_.begin(); it != followers_.end();) {
    const Follower& follower = it->second;
    const bool over =
        follower.stream == StreamToken{} && !follower.reading && now >= follower.deadline;
    if (over) { answer(follower.asker, {.events = {}, .next = follower.query.after}, stored); }
    it = over ? followers_.erase(it) : std::next(it);
  }
  if (streams_ == 0 || now < heartbeat_at_ + kHeartbeatPeriod) { return; }
  heartbeat_at_ = now;
  const auto chunk = StreamChunk::make(": still here\n\n");
  for (const auto& [id, follower] : followers_) {
    if (follower.stream != StreamToken{}) { api_.responder().send_stream(follower.stream, chunk); }
  }
}

/// In turn, from the one behind whoever was read for last.
void EventFeed::begin_reads(log::Position stored) {
  auto it = followers_.upper_bound(read_last_);
  for (std::size_t seen = 0; seen < followers_.size() && reading_ < kReadingMax; ++seen) {
    if (it == followers_.end()) { it = followers_.begin(); }
    Follower& follower = it->second;
    if (!follower.reading && follower.query.after < stored) {
      if (!begin_read(it->first, follower, stored)) { return; }
      read_last_ = it->first;
    }
    ++it;
  }
}

bool EventFeed::begin_read(std::uint64_t id, Follower& follower, log::Position stored) {
  follower.reading = api_.try_work(
      WorkKind::read,
      [this, query = follower.query, stored] { return reader_->read(query, stored); },
      [this, id](const Result& result) { take(id, result); });
  if (follower.reading) { ++reading_; }
  return follower.reading;
}

void EventFeed::take(std::uint64_t id, const Result& result) {
  --reading_;
  const auto found = followers_.find(id);
  if (found == followers_.end()) { return; }
  Follower& follower = found->second;
  follower.reading = false;
  const bool is_stream = follower.stream != StreamToken{};
  if (!result) {
    if (is_stream) {
      // Whoever watches comes again from where the stream ends.
      const StreamToken stream = follower.stream;
      api_.responder().end_stream(stream);
      return api_.stream_closed(stream);
    }
    refuse(follower.asker, result.error());
    followers_.erase(found);
    return;
  }
  follower.query.after = result->next;
  if (!is_stream) { return take_poll(id, *result); }
  if (result->events.empty()) { return; }
  std::string text;
  for (const Event& event : result->events) {
    text.append("id: ").append(format_event_id(event.position));
    text.append("\ndata: ").append(event.json).append("\n\n");
  }
  api_.responder().send_stream(follower.stream, StreamChunk::make(text));
}

void EventFeed::take_poll(std::uint64_t id, const EventPage& page) {
  const auto found = followers_.find(id);
  const log::Position stored = api_.node().projector().stored();
  if (page.events.empty() && api_.now() < found->second.deadline) { return; }
  answer(found->second.asker, page, stored);
  followers_.erase(found);
}

void EventFeed::refuse(const Asker& asker, const EventReadError& error) {
  api_.refuse(asker, error.code == EventReadErrorCode::trimmed ? "events_trimmed" : "internal");
}

void EventFeed::answer(const Asker& asker, const EventPage& page, log::Position stored) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (const Event& event : page.events) { json.raw(event.json); }
  json.end_array();
  json.key("next_after");
  json.string(format_event_id(page.next));
  json.key("has_more");
  json.boolean(page.next < stored);
  json.end_object();
  api_.respond_json(asker, 200, body);
}

EventFeed::Followers::iterator EventFeed::find_poll(ResponseToken token) {
  return std::ranges::find_if(followers_, [&](const auto& entry) {
    return entry.second.stream == StreamToken{} && entry.second.asker.token == token;
  });
}

void EventFeed::closed(ResponseToken token) {
  if (const auto found = find_poll(token); found != followers_.end()) { followers_.erase(found); }
}

void EventFeed::peer_ended(ResponseToken token) {
  const auto found = find_poll(token);
  if (found == followers_.end()) { return; }
  const Follower& follower = found->second;
  answer(follower.asker, {.events = {}, .next = follower.query.after},
         api_.node().projector().stored());
  followers_.erase(found);
}

void EventFeed::stream_closed(StreamToken token) {
  streams_ -=
      std::erase_if(followers_, [&](const auto& entry) { return entry.second.stream == token; });
}

void EventFeed::close_all() {
  const log::Position stored = api_.node().projector().stored();
  for (const auto& [id, follower] : followers_) {
    if (follower.stream != StreamToken{}) {
      api_.responder().end_stream(follower.stream);
    } else {
      answer(follower.asker, {.events = {}, .next = follower.query.after}, stored);
    }
  }
  followers_.clear();
  streams_ = 0;
}

}  // namespace firebrand
