#include "edge/delivery/endpoint_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "views/events/events.hpp"

namespace firebrand {

namespace {

constexpr Millis kRestFirst{1'000};
constexpr Millis kRestMax{60'000};
constexpr Millis kRetryAfterMax = std::chrono::hours{24};

/// 80 to 120 %.
Millis jittered(Millis wait, Prng& prng) {
  return Millis{wait.count() * prng.between(80, 120) / 100};
}

std::string reason_of(const DeliveryOutcome& outcome) {
  return outcome.status == 0 ? outcome.reason : "HTTP " + std::to_string(outcome.status);
}

}  // namespace

EndpointQueue::EndpointQueue(WebhookId id, log::Position cursor, const DeliveryOptions& options)
    : id_(id), options_(options), cursor_(cursor), read_to_(cursor) {}

void EndpointQueue::restore(Item item) {
  item.kept = true;
  item.in_flight = false;
  skipped_.erase(item.position);
  if (!items_.contains(item.position)) { (void)place(std::move(item)); }
}

/// Gives it its place among those of its key.
EndpointQueue::Item& EndpointQueue::place(Item item) {
  const log::Position position = item.position;
  auto& of_key = by_key_[item.key];
  if (!of_key.empty() && position < *of_key.begin()) {
    // One that was the head so far stands behind it.
    const Item& head = items_.at(*of_key.begin());
    ready_.erase({head.due, head.position});
  }
  of_key.insert(position);
  Item& placed = items_.emplace(position, std::move(item)).first->second;
  if (*of_key.begin() == position) { make_ready(placed); }
  return placed;
}

std::size_t EndpointQueue::room() const {
  const std::size_t kept = items_.size() - unkept_.size();
  if (kept >= kKeptMax || unkept_.size() >= kWindowMax) { return 0; }
  return std::min(kWindowMax - unkept_.size(), kKeptMax - kept);
}

void EndpointQueue::add(Item item, DeliveryChanges& changes) {
  const log::Position position = item.position;
  FB_ASSERT(position > read_to_);
  read_to_ = position;
  if (items_.contains(position) || skipped_.erase(position) > 0) { return; }
  const auto of_key = by_key_.find(item.key);
  const bool behind_kept = of_key != by_key_.end() && items_.at(*of_key->second.begin()).kept;
  Item& placed = place(std::move(item));
  unkept_.insert(position);
  if (behind_kept) { keep(placed, changes); }
}

void EndpointQueue::passed(log::Position read_to, DeliveryChanges& changes) {
  read_to_ = std::max(read_to_, read_to);
  move_cursor(changes);
}

void EndpointQueue::replay(log::Position after, DeliveryChanges& changes) {
  for (const log::Position position : std::set<log::Position>(unkept_)) { remove(position); }
  skipped_.clear();
  read_to_ = after;
  cursor_ = after;
  changes.cursors[id_] = after;
}

const EndpointQueue::Item* EndpointQueue::next(Timestamp now, std::int32_t concurrency,
                                               std::int32_t per_second) {
  // One that fails is asked with one call at a time.
  calls_full_ = in_flight_ >= static_cast<std::size_t>(failures_ > 0 ? 1 : concurrency);
  second_full_ = false;
  if (now < rests_until_ || ready_.empty() || ready_.begin()->first > now) { return nullptr; }
  if (calls_full_) { return nullptr; }
  if (now >= second_ + Millis{1'000} || now < second_) {
    second_ = now;
    sent_in_second_ = 0;
  }
  second_full_ = sent_in_second_ >= per_second;
  if (second_full_) { return nullptr; }
  ++sent_in_second_;
  ++in_flight_;
  Item& item = items_.at(ready_.begin()->second);
  ready_.erase(ready_.begin());
  item.in_flight = true;
  return &item;
}

std::optional<Timestamp> EndpointQueue::next_at() const {
  if (ready_.empty() || calls_full_) { return std::nullopt; }
  const Timestamp at = std::max(ready_.begin()->first, rests_until_);
  return second_full_ ? std::max(at, second_ + Millis{1'000}) : at;
}

std::optional<WebhookPause> EndpointQueue::settle(log::Position position,
                                                  const DeliveryOutcome& outcome, Timestamp now,
                                                  Prng& prng, DeliveryChanges& changes) {
  const auto found = items_.find(position);
  // Forgotten by a replay, which reads it again; its place among the calls is free already.
  if (found == items_.end() || !found->second.in_flight) { return std::nullopt; }
  Item& item = found->second;
  item.in_flight = false;
  --in_flight_;
  calls_full_ = false;
  ++item.attempts;
  if (outcome.good()) {
    failures_ = 0;
    rests_until_ = {};
    note_failing({}, changes);
    changes.settled.push_back({id_, position});
    remove(position);
    move_cursor(changes);
    return std::nullopt;
  }
  if (failing_since_ == Timestamp{}) { note_failing(now, changes); }
  if (outcome.slows_down()) { slow_down(outcome, now, prng); }
  if (item.attempts > options_.retries.size()) {
    changes.dead.push_back({.webhook_id = id_,
                            .position = position,
                            .type = item.type,
                            .key = item.key,
                            .body = item.body,
                            .attempts = item.attempts,
                            .at = now,
                            .reason = reason_of(outcome)});
    remove(position);
    move_cursor(changes);
  } else {
    Millis wait = jittered(options_.retries[item.attempts - 1], prng);
    if (outcome.retry_after) {
      wait = std::max(wait, std::min(*outcome.retry_after, kRetryAfterMax));
    }
    item.due = now + wait;
    keep(item, changes);
    keep_all_of(item.key, changes);
    if (*by_key_.at(item.key).begin() == position) { make_ready(item); }
    move_cursor(changes);
  }
  if (outcome.status == 410) { return WebhookPause::gone; }
  if (now >= failing_since_ + options_.give_up_after) { return WebhookPause::failing; }
  return std::nullopt;
}

void EndpointQueue::go_on(DeliveryChanges& changes) {
  failures_ = 0;
  rests_until_ = {};
  note_failing({}, changes);
  std::set<std::pair<Timestamp, log::Position>> ready;
  for (const auto& [due, position] : ready_) {
    items_.at(position).due = {};
    ready.emplace(Timestamp{}, position);
  }
  ready_ = std::move(ready);
}

void EndpointQueue::make_ready(const Item& item) { ready_.emplace(item.due, item.position); }

void EndpointQueue::remove(log::Position position) {
  const auto found = items_.find(position);
  const Item& item = found->second;
  if (item.in_flight) { --in_flight_; }
  ready_.erase({item.due, position});
  unkept_.erase(position);
  const auto of_key = by_key_.find(item.key);
  const bool was_head = *of_key->second.begin() == position;
  of_key->second.erase(position);
  if (of_key->second.empty()) {
    by_key_.erase(of_key);
  } else if (was_head) {
    make_ready(items_.at(*of_key->second.begin()));
  }
  items_.erase(found);
}

void EndpointQueue::keep(Item& item, DeliveryChanges& changes) {
  item.kept = true;
  unkept_.erase(item.position);
  changes.kept.push_back({.webhook_id = id_,
                          .position = item.position,
                          .type = item.type,
                          .key = item.key,
                          .body = item.body,
                          .attempts = item.attempts,
                          .at = item.due,
                          .reason = {}});
}

void EndpointQueue::keep_all_of(const std::string& key, DeliveryChanges& changes) {
  for (const log::Position position : by_key_.at(key)) {
    Item& item = items_.at(position);
    if (!item.kept) { keep(item, changes); }
  }
}

/// All before the oldest event that has no row and no good answer yet.
void EndpointQueue::move_cursor(DeliveryChanges& changes) {
  log::Position to = read_to_;
  if (!unkept_.empty()) {
    to = *unkept_.begin();
    // Just before it; what lies between is no event.
    to = to.index > 0 ? log::Position{to.offset, static_cast<std::uint16_t>(to.index - 1)}
                      : log::Position{{to.offset.value - 1}, UINT16_MAX};
  }
  if (to <= cursor_) { return; }
  cursor_ = to;
  changes.cursors[id_] = to;
}

void EndpointQueue::note_failing(Timestamp since, DeliveryChanges& changes) {
  if (failing_since_ == since) { return; }
  failing_since_ = since;
  changes.failing[id_] = since;
}

void EndpointQueue::slow_down(const DeliveryOutcome& outcome, Timestamp now, Prng& prng) {
  const auto doublings = std::min<std::uint32_t>(failures_, 6);
  ++failures_;
  Millis rest = jittered(std::min(kRestFirst * (1 << doublings), kRestMax), prng);
  if (outcome.retry_after) {
    rest = std::max(rest, std::min(*outcome.retry_after, kRetryAfterMax));
  }
  rests_until_ = now + rest;
}

}  // namespace firebrand
