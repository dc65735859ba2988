#include "edge/api/drop_pages.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/enum_name.hpp"
#include "base/json_writer.hpp"
#include "core/launch/sale.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/proof_of_work.hpp"
#include "edge/api/wave_desk.hpp"

namespace firebrand {

namespace {

std::string_view state_of(const DropView& view) {
  if (view.drop.phase == DropPhase::cancelled) { return "cancelled"; }
  if (view.drop.phase == DropPhase::scheduled) { return "scheduled"; }
  if (view.drop.pausing == Pausing::paused) { return "paused"; }
  // Units that are kept for those who wait are available, and nobody else's to buy.
  if (std::ranges::all_of(view.available_by_wave, [](std::int64_t units) { return units == 0; })) {
    return view.units.unreleased == 0 ? "sold_out" : "between_waves";
  }
  return "open";
}

/// What a deposit buys, until when, and how many have reserved: counted, never rounded.
void write_reservations(JsonWriter& json, const DropView::Reserving& reserving) {
  json.key("reservations");
  json.begin_object();
  json.field("opens_at", reserving.terms.opens_at);
  json.field("closes_at", reserving.terms.closes_at);
  json.field("balance_due_at", reserving.terms.balance_due_at);
  json.field("cap", reserving.terms.cap);
  json.field("deposit_kind", reserving.terms.deposit_kind);
  json.field("deposit", reserving.deposit);
  json.field("taken", reserving.counts.taken());
  json.field("counts", reserving.counts);
  json.end_object();
}

/// Who waits for what comes back: counted, never rounded.
void write_waitlist(JsonWriter& json, const Waitlist& list) {
  json.key("waitlist");
  json.begin_object();
  json.field("phase", list.phase);
  json.field("ends_at", list.plan.ends_at);
  json.field("places_max", list.plan.places_max);
  json.field("waiting", list.waiting);
  json.field("served", list.served);
  json.end_object();
}

/// When a random wave comes at the latest, and what proves when it had to come.
void write_window(JsonWriter& json, const Drop& drop, std::uint16_t wave) {
  json.field("window_seconds", drop.plan.waves[wave - 1U].window_seconds);
  json.field("commitment", drop.plan.commitment);
  if (const auto secret = known_secret(drop, wave)) { json.field("secret", *secret); }
}

/// How purchases that came within one tie window are put in order, and how far from the order of
/// receipt it was.
void write_ties(JsonWriter& json, const Drop& drop) {
  json.key("ties");
  json.begin_object();
  json.field("windows", drop.ties.windows);
  json.field("decided", drop.ties.decided);
  json.field("inversions", drop.ties.inversions);
  if (!drop.plan.tie_commitment.is_zero()) { json.field("commitment", drop.plan.tie_commitment); }
  if (!drop.tie_key.is_zero()) { json.field("key", drop.tie_key); }
  json.end_object();
}

/// What the wave asks of a buyer beside its audience: only what it does ask.
void write_conditions(JsonWriter& json, const WavePlan& wave) {
  if (!wave.group.empty()) { json.field("group", wave.group); }
  if (wave.members_before != Timestamp{}) { json.field("members_before", wave.members_before); }
  if (!wave.region.empty()) { json.field("region", wave.region); }
  if (!wave.channel.empty()) { json.field("channel", wave.channel); }
  if (wave.risk_max < kRiskMax) { json.field("risk_max", wave.risk_max); }
  if (wave.per_person_limit > 0) { json.field("per_person_limit", wave.per_person_limit); }
}

void write_status(JsonWriter& json, const DropView& view, LogOffset offset) {
  const CreateDrop& plan = view.drop.plan;
  json.field("drop_id", view.drop_id);
  json.field("code", plan.code);
  json.field("launch_id", plan.launch_id);
  json.field("launch_name", view.launch_name);
  json.field("sku_id", plan.sku_id);
  json.field("sku_name", view.sku_name);
  json.field("prices", view.prices);
  json.field("currency", plan.currency);
  json.key("state");
  json.string(state_of(view));
  json.field("pausing", view.drop.pausing);
  json.field("opens_at", plan.opens_at);
  json.field("per_person_limit", plan.per_person_limit);
  if (plan.per_household_limit > 0) { json.field("per_household_limit", plan.per_household_limit); }
  if (plan.per_address_limit > 0) { json.field("per_address_limit", plan.per_address_limit); }
  json.field("payment_window_seconds", plan.payment_window_seconds);
  json.field("pickup", plan.pickup);
  if (plan.proof_bits > 0) {
    json.key("proof");
    json.begin_object();
    json.field("bits", plan.proof_bits);
    json.field("head_start_ms", plan.proof_head_start_ms);
    json.field("from", plan.opens_at - kProofLead);
    json.end_object();
  }
  json.key("units");
  json.begin_object();
  json.field("total", view.units.total);
  json.field("unreleased", view.units.unreleased);
  json.field("available", view.units.available);
  json.field("held", view.units.held);
  json.field("sold", view.units.sold);
  json.field("withdrawn", view.units.withdrawn);
  json.field("returned", view.units.returned);
  json.end_object();
  json.key("waves");
  json.begin_array();
  for (std::size_t i = 0; i < plan.waves.size(); ++i) {
    json.begin_object();
    json.field("wave", i + 1);
    json.field("opens_at", plan.waves[i].opens_at);
    json.field("units", view.drop.units_of(static_cast<std::uint16_t>(i + 1)));
    json.field("release", plan.waves[i].release);
    json.field("audience", plan.waves[i].audience);
    json.field("decision", plan.waves[i].decision);
    json.field("leftovers", plan.waves[i].leftovers);
    json.field("tie_batch_ms", plan.waves[i].tie_batch_ms);
    if (plan.waves[i].release == WaveRelease::random) {
      write_window(json, view.drop, static_cast<std::uint16_t>(i + 1));
    }
    write_conditions(json, plan.waves[i]);
    json.key("state");
    json.string(view.drop.is_released(static_cast<std::uint16_t>(i + 1)) ? "released"
                                                                         : "scheduled");
    json.field("available", view.available_by_wave[i]);
    json.end_object();
  }
  json.end_array();
  write_ties(json, view.drop);
  if (view.reserving) { write_reservations(json, *view.reserving); }
  if (view.waitlist) { write_waitlist(json, *view.waitlist); }
  json.field("log_position", offset);
}

std::string status_json(const DropView& view, LogOffset offset) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  write_status(json, view, offset);
  json.end_object();
  return body;
}

std::string event_text(std::string_view name, std::string_view id, std::string_view data) {
  std::string text = "event: ";
  text.append(name);
  if (!id.empty()) { text.append("\nid: ").append(id); }
  text.append("\ndata: ").append(data).append("\n\n");
  return text;
}

std::string events_text(std::span<const DropEvent> events) {
  std::string text;
  for (const DropEvent& event : events) {
    text += event_text(event.name, event_id(event.position), event.data);
  }
  return text;
}

}  // namespace

std::string event_id(log::Position position) {
  return std::to_string(position.offset.value) + "-" + std::to_string(position.index);
}

log::Position read_event_id(std::string_view text) {
  log::Position position;
  const char* const end = text.data() + text.size();
  const auto offset = std::from_chars(text.data(), end, position.offset.value);
  if (offset.ec != std::errc{}) { return {}; }
  if (offset.ptr != end && *offset.ptr == '-') {
    (void)std::from_chars(offset.ptr + 1, end, position.index);
  }
  return position;
}

void DropPages::publish(const LiveBoardPage& page, Timestamp now) {
  for (const DropView& view : page.drops) {
    any_ties_ = any_ties_ || !view.drop.plan.tie_commitment.is_zero();
    Shown& shown = drops_[view.drop_id];
    if (view.excluded.size() != shown.view.excluded.size()) { shown.exclusions = nullptr; }
    shown.view = view;
    shown.offset = page.offset;
    shown.json = status_json(view, page.offset);
    shown.status = prepare(shown.json, page.offset);
    shown.changed = true;
    send_changes(shown, now);
  }
  first_page_ = nullptr;
}

void DropPages::publish_events(std::span<const DropEvent> events) {
  // One chunk for a drop's events in a row: a stream has a bound of chunks that wait.
  while (!events.empty()) {
    const DropId id = events.front().drop_id;
    std::size_t count = 1;
    while (count < events.size() && events[count].drop_id == id) { ++count; }
    const auto found = drops_.find(id);
    if (found != drops_.end()) { publish_events_of(found->second, events.first(count)); }
    events = events.subspan(count);
  }
}

void DropPages::publish_events_of(Shown& shown, std::span<const DropEvent> events) {
  // Records that were built anew say everything once more.
  const auto unseen = std::ranges::find_if(
      events, [&](const DropEvent& event) { return event.position > shown.newest_event; });
  events = std::span(unseen, events.end());
  if (events.empty()) { return; }
  shown.newest_event = events.back().position;
  if (shown.watchers.empty()) { return; }
  const auto chunk = StreamChunk::make(events_text(events));
  for (const Watcher& watcher : shown.watchers) {
    const auto later = std::ranges::find_if(
        events, [&](const DropEvent& event) { return event.position > watcher.seen; });
    if (later == events.begin()) {
      responder_.send_stream(watcher.stream, chunk);
    } else if (later != events.end()) {
      responder_.send_stream(watcher.stream,
                             StreamChunk::make(events_text(std::span(later, events.end()))));
    }
  }
}

void DropPages::send_changes(Shown& shown, Timestamp now) {
  if (!shown.changed || now < shown.sent_at + kStatusPeriod) { return; }
  shown.changed = false;
  shown.sent_at = now;
  if (!shown.watchers.empty()) {
    const auto chunk = StreamChunk::make(event_text("status", {}, shown.json));
    for (const Watcher& watcher : shown.watchers) { responder_.send_stream(watcher.stream, chunk); }
  }
  if (!shown.staff_watchers.empty()) {
    const auto chunk = StreamChunk::make(event_text("live", {}, live_json(shown.view.drop_id)));
    for (const Watcher& watcher : shown.staff_watchers) {
      responder_.send_stream(watcher.stream, chunk);
    }
  }
}

void DropPages::tick(Timestamp now) {
  for (auto& [id, shown] : drops_) { send_changes(shown, now); }
  if (streams_.empty() || now < heartbeat_at_ + kHeartbeatPeriod) { return; }
  heartbeat_at_ = now;
  const auto chunk = StreamChunk::make(": still here\n\n");
  for (const auto& [token, watch] : streams_) { responder_.send_stream({token}, chunk); }
}

const PreparedResponsePtr& DropPages::status(DropId id) const { return drops_.at(id).status; }

const DropView& DropPages::view(DropId id) const { return drops_.at(id).view; }

std::string DropPages::live_json(DropId id) const {
  const Shown& shown = drops_.at(id);
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  write_status(json, shown.view, shown.offset);
  json.field("orders", shown.view.drop.orders);
  json.key("refusals");
  json.begin_object();
  for (const RefusalTotal& refusal : shown.view.drop.refusals) {
    json.field(enum_name(static_cast<PlaceOrderStatus>(refusal.reason)), refusal.count);
  }
  json.end_object();
  json.end_object();
  return body;
}

DropPages::List DropPages::list(DropId before, std::size_t limit) const {
  List list;
  auto it = before == DropId{} ? drops_.end() : drops_.lower_bound(before);
  while (it != drops_.begin() && list.drops.size() < limit) {
    --it;
    list.drops.push_back(&it->second.json);
    list.last = it->first;
    list.newest = std::max(list.newest, it->second.offset);
  }
  list.has_more = it != drops_.begin();
  return list;
}

PreparedResponsePtr DropPages::prepare(std::string_view body, LogOffset offset,
                                       std::string_view link) {
  const std::array headers = {
      HttpField{"Cache-Control", "public, max-age=1, stale-while-revalidate=5"},
      HttpField{"Access-Control-Allow-Origin", "*"}, HttpField{"Link", link}};
  return PreparedResponse::make({.status = 200,
                                 .content_type = "application/json",
                                 .headers = std::span(headers).first(link.empty() ? 2 : 3),
                                 .body = body},
                                "\"" + std::to_string(offset.value) + "\"");
}

DropId DropPages::newest() const { return drops_.empty() ? DropId{} : drops_.rbegin()->first; }

log::Position DropPages::newest_event(DropId id) const { return drops_.at(id).newest_event; }

StreamToken DropPages::watch(ResponseToken token, DropId id, Audience audience, log::Position seen,
                             std::span<const DropEvent> missed) {
  Shown& shown = drops_.at(id);
  const bool staff = audience == Audience::staff;
  const std::string first =
      "retry: 1000\n\n" + events_text(missed) +
      (staff ? event_text("live", {}, live_json(id)) : event_text("status", {}, shown.json));
  const std::array headers = {kNoStore, HttpField{"X-Accel-Buffering", "no"}};
  const StreamToken stream = responder_.start_stream(
      token,
      {.status = 200, .content_type = "text/event-stream", .headers = headers, .body = first});
  if (stream == StreamToken{}) { return stream; }
  (staff ? shown.staff_watchers : shown.watchers).push_back({stream, seen});
  streams_.emplace(stream.value, Watch{id, audience});
  return stream;
}

void DropPages::end(StreamToken token) {
  responder_.end_stream(token);
  stream_closed(token);
}

void DropPages::stream_closed(StreamToken token) {
  const auto found = streams_.find(token.value);
  if (found == streams_.end()) { return; }
  Shown& shown = drops_.at(found->second.drop_id);
  auto& watchers =
      found->second.audience == Audience::staff ? shown.staff_watchers : shown.watchers;
  const auto place = std::ranges::find(watchers, token, &Watcher::stream);
  if (place != watchers.end()) {
    *place = watchers.back();
    watchers.pop_back();
  }
  streams_.erase(found);
}

void DropPages::close_all() {
  for (const auto& [token, watch] : streams_) { responder_.end_stream({token}); }
  streams_.clear();
  for (auto& [id, shown] : drops_) {
    shown.watchers.clear();
    shown.staff_watchers.clear();
  }
}

}  // namespace firebrand
