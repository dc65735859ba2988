#include "edge/delivery/endpoint_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
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

/// Of a batch of these events: "batch_481-0_5f2b8d0e7c9a4163".
std::string batch_id(const std::vector<log::Position>& positions) {
  std::string text;
  for (const log::Position position : positions) { text.append(format_event_id(position)) += ' '; }
  std::string id = "batch_" + log::to_string(positions.front()) + "_";
  const Hash256 hash = sha256({bytes_of(text)});
  return id += to_hex(std::span(hash.data).first(8));
}

std::string reason_of(const DeliveryOutcome& outcome) {
  return outcome.status == 0 ? outcome.reason : "HTTP " + std::to_string(outcome.status);
}

}  // namespace

EndpointQueue::EndpointQueue(WebhookId id, log::Position cursor, const DeliveryOptions& options)
    : id_(id), options_(options), cursor_(cursor), read_to_(cursor) {}

void EndpointQueue::restore(Item item) {
  item.kept = true;
  item.call = 0;
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
    dissolve(std::string(head.batch));
  }
  of_key.insert(position);
  Item& placed = items_.emplace(position, std::move(item)).first->second;
  if (!placed.batch.empty()) { batches_[placed.batch].insert(position); }
  if (*of_key.begin() == position) {
    make_ready(placed);
  } else {
    dissolve(std::string(placed.batch));
  }
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

/// Those of the next call: a batch that failed before, as it was, or else what is due alike.
std::vector<log::Position> EndpointQueue::choose(Timestamp now, std::size_t most) {
  const Item& first = items_.at(ready_.begin()->second);
  if (const auto failed = batches_.find(first.batch); failed != batches_.end()) {
    std::vector<log::Position> whole(failed->second.begin(), failed->second.end());
    if (whole.size() <= most) {
      batches_.erase(failed);
      return whole;
    }
    dissolve(std::string(first.batch));
  }
  std::vector<log::Position> chosen;
  std::size_t bytes = 0;
  for (const auto& [due, position] : ready_) {
    if (due > now || chosen.size() == most) { break; }
    const Item& item = items_.at(position);
    // A batch has one number of tries, and what failed with others goes again with them.
    if (item.attempts != first.attempts || batches_.contains(item.batch)) { continue; }
    bytes += item.body.size();
    if (!chosen.empty() && bytes > kBatchBytesMax) { break; }
    chosen.push_back(position);
  }
  std::ranges::sort(chosen);
  return chosen;
}

EndpointQueue::Sending EndpointQueue::next(Timestamp now, const CallLimits& limits) {
  // One that fails is asked with one call at a time.
  calls_full_ = calls_.size() >= static_cast<std::size_t>(failures_ > 0 ? 1 : limits.concurrency);
  second_full_ = false;
  if (now < rests_until_ || ready_.empty() || ready_.begin()->first > now) { return {}; }
  if (calls_full_) { return {}; }
  if (now >= second_ + Millis{1'000} || now < second_) {
    second_ = now;
    sent_in_second_ = 0;
  }
  second_full_ = sent_in_second_ >= limits.per_second;
  if (second_full_) { return {}; }
  ++sent_in_second_;
  const bool is_batch = limits.batch_events > 0;
  const auto chosen = choose(now, std::max<std::size_t>(limits.batch_events, 1));
  Sending sending{.call = ++last_call_,
                  .id = is_batch ? batch_id(chosen) : format_event_id(chosen.front()),
                  .items = {}};
  for (const log::Position position : chosen) {
    Item& item = items_.at(position);
    ready_.erase({item.due, position});
    item.call = sending.call;
    sending.items.push_back(&item);
  }
  calls_[sending.call] = {.positions = std::set<log::Position>(chosen.begin(), chosen.end()),
                          .is_batch = is_batch};
  return sending;
}

std::optional<Timestamp> EndpointQueue::next_at() const {
  if (ready_.empty() || calls_full_) { return std::nullopt; }
  const Timestamp at = std::max(ready_.begin()->first, rests_until_);
  return second_full_ ? std::max(at, second_ + Millis{1'000}) : at;
}

std::optional<WebhookPause> EndpointQueue::settle(std::uint64_t call,
                                                  const DeliveryOutcome& outcome, Timestamp now,
                                                  Prng& prng, DeliveryChanges& changes) {
  const auto found = calls_.find(call);
  // All of it was forgotten by a replay, which reads it again.
  if (found == calls_.end()) { return std::nullopt; }
  const UnderWay ended = std::move(found->second);
  calls_.erase(found);
  calls_full_ = false;
  std::uint32_t attempts = 0;
  for (const log::Position position : ended.positions) {
    Item& item = items_.at(position);
    item.call = 0;
    attempts = ++item.attempts;
  }
  if (outcome.good()) {
    failures_ = 0;
    rests_until_ = {};
    note_failing({}, changes);
    for (const log::Position position : ended.positions) {
      changes.settled.push_back({id_, position});
      remove(position);
    }
    move_cursor(changes);
    return std::nullopt;
  }
  if (failing_since_ == Timestamp{}) { note_failing(now, changes); }
  if (outcome.slows_down()) { slow_down(outcome, now, prng); }
  if (attempts > options_.retries.size()) {
    for (const log::Position position : ended.positions) {
      give_up(items_.at(position), outcome, now, changes);
      remove(position);
    }
  } else {
    try_later(ended, outcome, now, prng, changes);
  }
  move_cursor(changes);
  if (outcome.status == 410) { return WebhookPause::gone; }
  if (now >= failing_since_ + options_.give_up_after) { return WebhookPause::failing; }
  return std::nullopt;
}

void EndpointQueue::give_up(const Item& item, const DeliveryOutcome& outcome, Timestamp now,
                            DeliveryChanges& changes) {
  changes.dead.push_back({.webhook_id = id_,
                          .position = item.position,
                          .type = item.type,
                          .key = item.key,
                          .body = item.body,
                          .attempts = item.attempts,
                          .at = now,
                          .reason = reason_of(outcome),
                          .batch = {}});
}

void EndpointQueue::try_later(const UnderWay& call, const DeliveryOutcome& outcome, Timestamp now,
                              Prng& prng, DeliveryChanges& changes) {
  Millis wait = jittered(options_.retries[items_.at(*call.positions.begin()).attempts - 1], prng);
  if (outcome.retry_after) {
    wait = std::max(wait, std::min(*outcome.retry_after, kRetryAfterMax));
  }
  const auto is_head = [&](log::Position position) {
    return *by_key_.at(items_.at(position).key).begin() == position;
  };
  // One that has to wait for an event before it must not hold up the others of its batch.
  const bool together = call.is_batch && std::ranges::all_of(call.positions, is_head);
  const std::string batch =
      together ? batch_id(std::vector<log::Position>(call.positions.begin(), call.positions.end()))
               : std::string();
  if (together) { batches_[batch] = call.positions; }
  for (const log::Position position : call.positions) {
    Item& item = items_.at(position);
    item.due = now + wait;
    item.batch = batch;
    keep(item, changes);
    keep_all_of(item.key, changes);
    if (is_head(position)) { make_ready(item); }
  }
}

/// Its events go with whatever is due when they are.
void EndpointQueue::dissolve(const std::string& batch) {
  const auto found = batches_.find(batch);
  if (found == batches_.end()) { return; }
  for (const log::Position position : found->second) { items_.at(position).batch.clear(); }
  batches_.erase(found);
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
  if (const auto call = calls_.find(item.call); call != calls_.end()) {
    call->second.positions.erase(position);
    if (call->second.positions.empty()) { calls_.erase(call); }
  }
  ready_.erase({item.due, position});
  unkept_.erase(position);
  const auto of_key = by_key_.find(item.key);
  const bool was_head = *of_key->second.begin() == position;
  of_key->second.erase(position);
  if (of_key->second.empty()) {
    by_key_.erase(of_key);
  } else if (was_head) {
    // One that is under way came before its head did (a dead letter again, a replay).
    const Item& head = items_.at(*of_key->second.begin());
    if (head.call == 0) { make_ready(head); }
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
                          .reason = {},
                          .batch = item.batch});
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
