#include "edge/api/queue_pages.hpp"

#include <algorithm>
#include <array>

#include "base/enum_name.hpp"
#include "base/json_writer.hpp"
#include "edge/api/metrics.hpp"

namespace firebrand {

namespace {

constexpr std::uint64_t kSweptPerStep = 50'000;
constexpr Millis kForecastPeriod{1'000};
constexpr std::int64_t kAskAgainMin = 1'000;
constexpr std::int64_t kAskAgainMax = 15'000;

void write_room(JsonWriter& json, const WaitingRoom& room, LogOffset offset) {
  json.field("drop_id", room.plan.drop_id);
  json.field("wave", room.plan.wave);
  json.field("phase", room.phase);
  json.field("joins_from", room.plan.joins_from);
  json.field("opens_at", room.opens_at);
  json.field("ends_at", room.plan.ends_at);
  json.field("commitment", room.plan.commitment);
  json.field("order", room.reveal);
  json.field("secret", room.secret);
  json.field("joined", room.counts.joined);
  json.field("early", room.counts.early);
  json.field("waiting", room.counts.waiting);
  json.field("measured_per_minute", room.measured_per_minute);
  json.field("log_position", offset);
}

PreparedResponsePtr prepare_room(const WaitingRoom& room, LogOffset offset) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  write_room(json, room, offset);
  json.end_object();
  return DropPages::prepare(body, offset);
}

}  // namespace

std::uint32_t QueuePages::second_of(Timestamp at) const {
  // From 1 on: zero says that the place has ended.
  return static_cast<std::uint32_t>(std::max<std::int64_t>((at - base_).count() / 1'000, 0) + 1);
}

void QueuePages::load(const WaitingRooms& rooms, Timestamp now) {
  base_ = now;
  std::vector<WaitingRoom> all;
  rooms.for_each([&](const WaitingRoom& room) { all.push_back(room); });
  publish(all, {}, now);
  for (const WaitingRoom& room : all) {
    Room& known = *rooms_.at({room.plan.drop_id, room.plan.wave});
    for (std::uint64_t i = 0; i < known.heard.size(); ++i) {
      const Place* const place = rooms.place(room.plan.drop_id, room.plan.wave, i + 1);
      if (place == nullptr || !is_live(place->state)) { known.heard[i] = 0; }
    }
  }
}

void QueuePages::publish(const std::vector<WaitingRoom>& rooms, LogOffset offset, Timestamp now) {
  for (const WaitingRoom& stands : rooms) {
    std::unique_ptr<Room>& known = rooms_[{stands.plan.drop_id, stands.plan.wave}];
    if (known == nullptr) { known = std::make_unique<Room>(); }
    Room& room = *known;
    if (stands.reveal != OrderReveal::pending && room.order.size() == 0) {
      const auto early = static_cast<std::uint64_t>(stands.counts.early);
      room.order = ShuffledOrder(
          room_order_seed(stands.plan.drop_id, stands.plan.wave, early, stands.secret), early);
    }
    room.stands = stands;
    room.offset = offset;
    room.page = prepare_room(stands, offset);
    if (stands.phase == RoomPhase::closed) {
      room.heard = {};
      continue;
    }
    while (room.heard.size() < static_cast<std::uint64_t>(stands.counts.joined)) {
      room.heard.push_back(second_of(now));
    }
    room.forecast.turn_came(stands.next, now);
  }
}

QueuePages::Wishes QueuePages::step(const DropPages& drops, const Credentials& credentials,
                                    Timestamp now) {
  Wishes wishes;
  for (const auto& [key, known] : rooms_) {
    Room& room = *known;
    const WaitingRoom& stands = room.stands;
    if (stands.phase == RoomPhase::closed || !drops.has(key.first)) { continue; }
    sweep(room, now, wishes.lapse);
    if (now < stands.opens_at) { continue; }
    if (stands.reveal == OrderReveal::pending) {
      if (room.revealing) { continue; }
      RevealWaitingRoom reveal{key.first, key.second, credentials.room_secret(stands.plan.nonce)};
      // Another installation key: the secret is lost, and the published fallback takes its place.
      if (room.reveal_failed) {
        if (now < stands.opens_at + kRevealGrace) { continue; }
        reveal.secret = {};
      }
      room.revealing = true;
      wishes.reveal.push_back(reveal);
      continue;
    }
    const DropView& drop = drops.view(key.first);
    if (room.admitting || room.offset < room.changed || !drop.drop.is_released(key.second) ||
        drop.drop.phase != DropPhase::open || drop.drop.pausing == Pausing::paused) {
      continue;
    }
    const std::int32_t count =
        room.control.step({.now = now,
                           .plan = stands.admission,
                           .waiting = stands.counts.waiting,
                           .inside = stands.counts.inside,
                           .units_available = drop.available_by_wave[key.second - 1U]});
    if (now >= room.noted_at + kForecastPeriod) { note_forecasts(room, now); }
    if (count == 0) { continue; }
    room.admitting = true;
    wishes.admit.push_back({key.first, key.second, count, room.control.measured_per_minute(now)});
  }
  return wishes;
}

void QueuePages::sweep(Room& room, Timestamp now, std::vector<LapsePlaces>& out) {
  if (room.lapsing) { return; }
  const std::uint32_t second = second_of(now);
  const auto patience = static_cast<std::uint32_t>(room.stands.admission.heartbeat_seconds);
  LapsePlaces lapse{.drop_id = room.stands.plan.drop_id, .wave = room.stands.plan.wave};
  if (room.swept >= room.heard.size()) { room.swept = 0; }
  const std::uint64_t end = std::min(room.heard.size(), room.swept + kSweptPerStep);
  while (room.swept < end && lapse.places.size() < kLapsedPlacesMax) {
    const std::uint32_t heard = room.heard[room.swept++];
    if (heard == 0 || second <= heard + patience) { continue; }
    lapse.places.push_back(static_cast<std::uint32_t>(room.swept));
  }
  if (lapse.places.empty()) { return; }
  room.lapsing = true;
  out.push_back(lapse);
}

void QueuePages::revealed(const RevealWaitingRoom& reveal, RevealWaitingRoomStatus status) {
  Room& room = *rooms_.at({reveal.drop_id, reveal.wave});
  room.revealing = false;
  if (status == RevealWaitingRoomStatus::reveal_wrong) { room.reveal_failed = true; }
}

void QueuePages::admitted(const AdmitPlaces& admit, const AdmitPlacesResult& result,
                          LogOffset offset, Millis latency, Timestamp now) {
  Room& room = *rooms_.at({admit.drop_id, admit.wave});
  room.admitting = false;
  room.control.saw_latency(latency);
  if (result.status != AdmitPlacesStatus::admitted) { return; }
  room.changed = offset;
  if (result.admitted > 0) { room.control.admitted(result.admitted, now); }
}

void QueuePages::lapsed(const LapsePlaces& lapse) {
  Room& room = *rooms_.at({lapse.drop_id, lapse.wave});
  room.lapsing = false;
  for (const std::uint32_t place : lapse.places) {
    if (place <= room.heard.size()) { room.heard[place - 1U] = 0; }
  }
}

void QueuePages::failed(const RevealWaitingRoom& reveal) {
  rooms_.at({reveal.drop_id, reveal.wave})->revealing = false;
}

void QueuePages::failed(const AdmitPlaces& admit) {
  rooms_.at({admit.drop_id, admit.wave})->admitting = false;
}

void QueuePages::failed(const LapsePlaces& lapse) {
  rooms_.at({lapse.drop_id, lapse.wave})->lapsing = false;
}

void QueuePages::heard(const PlaceToken& token, Timestamp now) {
  const auto found = rooms_.find({token.drop_id, token.wave});
  if (found == rooms_.end()) { return; }
  DenseArray<std::uint32_t>& heard = found->second->heard;
  if (found->second->stands.phase == RoomPhase::closed) { return; }
  // The answer to a join may come before the page that counts it.
  while (heard.size() < token.place) { heard.push_back(second_of(now)); }
  heard[token.place - 1U] = second_of(now);
}

void QueuePages::gone(const PlaceToken& token) {
  const auto found = rooms_.find({token.drop_id, token.wave});
  if (found == rooms_.end() || token.place > found->second->heard.size()) { return; }
  found->second->heard[token.place - 1U] = 0;
}

std::int64_t QueuePages::ahead_of(const Room& room, std::uint64_t position) const {
  const PlaceCounts& counts = room.stands.counts;
  if (position <= room.stands.next) { return 0; }
  // Of those behind `next`, this share still waits; where the others stood is not looked up.
  const auto behind =
      std::max<std::int64_t>(counts.joined - static_cast<std::int64_t>(room.stands.next), 1);
  const auto before = static_cast<std::int64_t>(position - room.stands.next);
  return before * std::min(counts.waiting, behind) / behind;
}

std::int32_t QueuePages::rate_of(const Room& room, Timestamp now) const {
  const std::int32_t measured = room.control.measured_per_minute(now);
  if (measured > 0) { return measured; }
  // After a restart what was measured before it, before the first admission the plan.
  if (room.stands.measured_per_minute > 0) { return room.stands.measured_per_minute; }
  return room.stands.admission.places_per_minute;
}

void QueuePages::note_forecasts(Room& room, Timestamp now) {
  room.noted_at = now;
  const PlaceCounts& counts = room.stands.counts;
  if (counts.waiting == 0) { return; }
  // One close by, one halfway, one at the end.
  const auto last = static_cast<std::uint64_t>(counts.joined) - 1;
  const std::uint64_t next = room.stands.next;
  if (last < next) { return; }
  for (const std::uint64_t position : {next + (last - next) / 16, next + (last - next) / 2, last}) {
    room.forecast.note(position, room.forecast.wait(ahead_of(room, position), rate_of(room, now)),
                       now);
  }
}

PlaceView QueuePages::head(const PlaceToken& token) const {
  const Room& room = *rooms_.at({token.drop_id, token.wave});
  const std::int64_t patience = room.stands.admission.heartbeat_seconds * 1'000LL;
  return {.drop_id = token.drop_id,
          .wave = token.wave,
          .place = token.place,
          .order = room.stands.reveal,
          .waiting = room.stands.counts.waiting,
          .ask_again_ms = std::clamp(patience / 4, kAskAgainMin, kAskAgainMax),
          .opens_at = room.stands.opens_at};
}

std::optional<PlaceView> QueuePages::view(const PlaceToken& token, Timestamp now) const {
  const auto found = rooms_.find({token.drop_id, token.wave});
  if (found == rooms_.end()) { return std::nullopt; }
  const Room& room = *found->second;
  const WaitingRoom& stands = room.stands;
  if (stands.phase == RoomPhase::closed || token.place > room.heard.size() ||
      room.heard[token.place - 1U] == 0) {
    return std::nullopt;
  }
  PlaceView view = head(token);
  view.state = PlaceState::waiting;
  std::int64_t until_opening = 0;
  if (stands.reveal == OrderReveal::pending) {
    // Any position is as likely: the middle is what to expect.
    view.ahead = 0;
    until_opening = std::max<std::int64_t>((stands.opens_at - now).count(), 0);
    const WaitForecast::Wait wait = room.forecast.wait(stands.counts.waiting, rate_of(room, now));
    view.expected_wait_ms = until_opening + wait.expected.count() / 2;
    view.wait_low_ms = until_opening + wait.expected.count() / 20;
    view.wait_high_ms = until_opening + wait.high.count() * 19 / 20;
    return view;
  }
  const std::uint64_t slot = token.place - 1U;
  const std::uint64_t position = slot < room.order.size() ? room.order.position_of(slot) : slot;
  if (position < stands.next) { return std::nullopt; }
  view.ahead = ahead_of(room, position);
  const WaitForecast::Wait wait = room.forecast.wait(view.ahead, rate_of(room, now));
  view.expected_wait_ms = wait.expected.count();
  view.wait_low_ms = wait.low.count();
  view.wait_high_ms = wait.high.count();
  // Whose turn comes soon asks more often.
  view.ask_again_ms = std::clamp(wait.low.count() / 2, kAskAgainMin, view.ask_again_ms);
  return view;
}

std::string QueuePages::live_json(Key key, Timestamp now) const {
  const Room& room = *rooms_.at(key);
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  write_room(json, room.stands, room.offset);
  json.field("admission", room.stands.admission);
  json.field("counts", room.stands.counts);
  json.field("next", room.stands.next);
  json.field("target_per_minute", room.control.target_per_minute());
  json.field("admitted_per_minute", room.control.measured_per_minute(now));
  json.field("latency_ms", room.control.latency());
  const WaitForecast::Outcomes& outcomes = room.forecast.outcomes();
  json.field("forecasts_within", outcomes.within);
  json.field("forecasts_sooner", outcomes.sooner);
  json.field("forecasts_later", outcomes.later);
  json.end_object();
  return body;
}

void QueuePages::append_metrics(std::string& text, Timestamp now) const {
  MetricsText metrics(text);
  std::int64_t waiting = 0;
  std::int64_t inside = 0;
  std::int64_t rate = 0;
  WaitForecast::Outcomes sum;
  for (const auto& [key, room] : rooms_) {
    waiting += room->stands.counts.waiting;
    inside += room->stands.counts.inside;
    rate += room->control.measured_per_minute(now);
    sum.within += room->forecast.outcomes().within;
    sum.sooner += room->forecast.outcomes().sooner;
    sum.later += room->forecast.outcomes().later;
  }
  metrics.gauge("firebrand_queue_waiting", "People in waiting rooms.", waiting);
  metrics.gauge("firebrand_queue_inside", "People admitted and not yet done.", inside);
  metrics.gauge("firebrand_queue_admitted_per_minute", "People let in a minute, of late.", rate);
  constexpr std::string_view kForecasts = "firebrand_queue_forecasts_total";
  metrics.head(kForecasts, "counter", "Forecasts of a wait by what happened: nine in ten within.");
  metrics.sample(kForecasts, "outcome", "within", std::to_string(sum.within));
  metrics.sample(kForecasts, "outcome", "sooner", std::to_string(sum.sooner));
  metrics.sample(kForecasts, "outcome", "later", std::to_string(sum.later));
}

std::uint64_t QueuePages::bytes_mapped() const {
  std::uint64_t bytes = 0;
  for (const auto& [key, room] : rooms_) { bytes += room->heard.bytes_mapped(); }
  return bytes;
}

}  // namespace firebrand
