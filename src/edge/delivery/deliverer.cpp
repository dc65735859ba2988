#include "edge/delivery/deliverer.hpp"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <span>
#include <utility>

#include "base/enum_name.hpp"
#include "base/json_writer.hpp"
#include "base/utf8.hpp"
#include "base/whole_number.hpp"
#include "edge/delivery/event_message.hpp"
#include "edge/delivery/webhook_signature.hpp"
#include "views/events/event_reader.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kTestType = "org.firebrand.test";
constexpr std::uint32_t kEventsPerRead = 100;
constexpr Millis kStopAgain{10'000};
/// Of all endpoints together: what libcurl and its sockets take stays bounded.
constexpr std::size_t kCallsMax = 100;

/// Seconds of a Retry-After; a date is not looked at.
std::optional<Millis> retry_after_of(const OutgoingAnswer& answer) {
  const std::string_view text = find_header(answer.headers, "retry-after");
  std::int64_t seconds = 0;
  if (!read_whole_number(text, seconds) || seconds < 0 || seconds > 30 * 24 * 3600) {
    return std::nullopt;
  }
  return Millis{seconds * 1'000};
}

std::string_view reason_of(OutgoingErrorCode code) { return enum_name(code); }

DeliveryOutcome outcome_of(const OutgoingResult& result) {
  if (!result) { return {.status = 0, .reason = std::string(reason_of(result.error().code))}; }
  return {.status = result->status, .reason = {}, .retry_after = retry_after_of(*result)};
}

/// The first bytes of an answer, as text that can be shown.
std::string excerpt(const std::string& body) {
  std::string text = body.substr(0, Deliverer::kAnswerBytesKept);
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7F) { c = ' '; }
  }
  // Cut, or no UTF-8 at all: only what is plain stays.
  if (!is_utf8(text)) {
    for (char& c : text) {
      if (static_cast<unsigned char>(c) >= 0x80) { c = '?'; }
    }
  }
  return text;
}

std::string test_event(const std::string& id, std::string_view source, Timestamp now) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  const auto text = [&](std::string_view name, std::string_view value) {
    json.key(name);
    json.string(value);
  };
  json.begin_object();
  text("specversion", "1.0");
  text("id", id);
  text("source", source);
  text("type", kTestType);
  json.field("time", now);
  text("datacontenttype", "application/json");
  json.key("data");
  json.raw("{}");
  json.end_object();
  return body;
}

}  // namespace

struct Deliverer::State {
  struct Endpoint {
    Webhook settings;
    EndpointQueue queue;
    std::vector<std::uint16_t> types;
    std::uint64_t dead = 0;
    int last_status = 0;
    std::optional<WebhookPause> stopping{};  ///< Asked for; nothing is sent meanwhile.
    Timestamp stop_asked_at{};
  };
  struct Call {
    WebhookId webhook_id{};
    std::uint64_t sending = 0;  ///< Of the queue; zero: a test.
    std::string event_id;
    std::string type;
    std::size_t events = 1;
    Timestamp at{};
  };
  struct Test {
    WebhookId webhook_id{};
    std::string id;
  };
  struct Replay {
    WebhookId webhook_id{};
    log::Position after{};
  };
  struct Revival {
    WebhookId webhook_id{};
    std::optional<log::Position> position{};
  };
  /// What other threads have asked for.
  struct Mail {
    std::optional<std::vector<Webhook>> endpoints;
    std::vector<Test> tests;
    std::vector<Replay> replays;
    std::vector<Revival> revivals;
  };

  State(log::FileSystem& files, const std::string& data, const Credentials& the_credentials,
        DelivererOptions the_options, DelivererOutside the_outside)
      : credentials(the_credentials),
        options(std::move(the_options)),
        outside(std::move(the_outside)),
        reader(files, data, the_credentials.event_source(), kWebhooksMax),
        calls(options.outgoing) {
    std::uint64_t seed = 0;
    randombytes_buf(&seed, sizeof seed);
    prng = Prng(seed);
  }

  const Credentials& credentials;
  const DelivererOptions options;
  const DelivererOutside outside;
  std::unique_ptr<DeliveryStore> store{};
  EventReader reader;
  OutgoingCalls calls;
  Prng prng{0};
  DelivererStats stats{};

  std::map<WebhookId, StoredEndpoint> stored{};  ///< As found at the start, until it is taken over.
  std::map<WebhookId, Endpoint> endpoints{};
  std::map<std::uint64_t, Call> under_way{};
  std::uint64_t last_call = 0;
  DeliveryChanges changes{};
  std::string told{};

  std::atomic<bool> any{false};  ///< There are endpoints.
  mutable std::mutex mutex{};
  Mail mail{};                                 ///< Under the mutex.
  std::map<WebhookId, DeliveryState> shown{};  ///< Under the mutex.

  void say(const std::string& line) {
    if (line != std::exchange(told, line)) { outside.say(line); }
  }

  // ---- What was asked --------------------------------------------------------------------------

  void take_mail() {
    Mail taken;
    {
      const std::lock_guard lock(mutex);
      std::swap(taken, mail);
    }
    if (taken.endpoints) { take_endpoints(std::move(*taken.endpoints)); }
    for (const Test& test : taken.tests) { start_test(test); }
    for (const Replay& replay : taken.replays) {
      if (const auto found = endpoints.find(replay.webhook_id); found != endpoints.end()) {
        found->second.queue.replay(replay.after, changes);
      }
    }
    for (const Revival& revival : taken.revivals) { revive(revival); }
  }

  void take_endpoints(std::vector<Webhook> list) {
    std::map<WebhookId, Endpoint> kept;
    for (Webhook& webhook : list) {
      const WebhookId id = webhook.webhook_id;
      std::vector<std::uint16_t> types;
      for (const auto& text : webhook.types) {
        if (const EventType* const type = find_event_type(text.view())) {
          types.push_back(type->number);
        }
      }
      const auto found = endpoints.find(id);
      if (found == endpoints.end()) {
        kept.emplace(id, make_endpoint(webhook, std::move(types)));
        continue;
      }
      auto node = endpoints.extract(found);
      Endpoint& endpoint = node.mapped();
      const bool goes_on =
          endpoint.settings.state == WebhookState::paused && webhook.state == WebhookState::running;
      endpoint.settings = webhook;
      endpoint.types = std::move(types);
      endpoint.stopping.reset();
      if (goes_on) { endpoint.queue.go_on(changes); }
      kept.insert(std::move(node));
    }
    // Those that are left have been removed.
    for (const auto& [id, endpoint] : endpoints) { changes.removed.push_back(id); }
    for (const auto& [id, endpoint] : stored) {
      if (!kept.contains(id)) { changes.removed.push_back(id); }
    }
    stored.clear();
    endpoints = std::move(kept);
    any.store(!endpoints.empty(), std::memory_order_relaxed);
  }

  Endpoint make_endpoint(const Webhook& webhook, std::vector<std::uint16_t> types) {
    const WebhookId id = webhook.webhook_id;
    // Facts of its own record are not for it.
    log::Position cursor{webhook.created_at_offset, UINT16_MAX};
    const auto known = stored.find(id);
    if (known != stored.end()) { cursor = known->second.cursor; }
    Endpoint endpoint{.settings = webhook,
                      .queue = EndpointQueue(id, cursor, options.delivery),
                      .types = std::move(types)};
    if (known == stored.end()) {
      changes.cursors[id] = cursor;
      return endpoint;
    }
    endpoint.queue.set_failing_since(known->second.failing_since);
    if (const auto dead = store->dead(id)) {
      endpoint.dead = dead->size();
      for (const log::Position position : *dead) { endpoint.queue.skip(position); }
    }
    if (const auto owed = store->owed(id)) {
      for (const KeptDelivery& delivery : *owed) { endpoint.queue.restore(item_of(delivery)); }
    }
    return endpoint;
  }

  static EndpointQueue::Item item_of(const KeptDelivery& delivery) {
    return {.position = delivery.position,
            .type = delivery.type,
            .key = delivery.key,
            .body = delivery.body,
            .attempts = delivery.attempts,
            .due = delivery.at,
            .batch = delivery.batch};
  }

  void revive(const Revival& revival) {
    const auto found = endpoints.find(revival.webhook_id);
    if (found == endpoints.end()) { return; }
    const auto owed = store->revive(revival.webhook_id, revival.position);
    if (!owed) { return say(owed.error().message); }
    for (const KeptDelivery& delivery : *owed) { found->second.queue.restore(item_of(delivery)); }
    if (const auto dead = store->count_dead(revival.webhook_id)) { found->second.dead = *dead; }
  }

  // ---- Sending ---------------------------------------------------------------------------------

  /// @return whether there is more to read now.
  bool read_for(Endpoint& endpoint, log::Position up_to) {
    EventQuery query{.after = endpoint.queue.read_to(), .types = endpoint.types};
    query.limit =
        static_cast<std::uint32_t>(std::min<std::size_t>(endpoint.queue.room(), kEventsPerRead));
    if (query.limit == 0 || up_to <= query.after) { return false; }
    auto page = reader.read(query, up_to);
    if (!page) {
      // What is not kept any more cannot be told: the endpoint goes on with what is.
      say("webhooks: " + page.error().message);
      if (page.error().code == EventReadErrorCode::trimmed) { endpoint.queue.replay({}, changes); }
      return false;
    }
    for (Event& event : page->events) {
      std::string type = event.type->text();
      std::string key = event.key.empty() ? type : std::move(event.key);
      endpoint.queue.add({.position = event.position,
                          .type = std::move(type),
                          .key = std::move(key),
                          .body = std::move(event.json)},
                         changes);
    }
    endpoint.queue.passed(page->next, changes);
    return endpoint.queue.room() > 0 && page->next < up_to;
  }

  /// A command that was lost is sent again.
  void stop(WebhookId id, Endpoint& endpoint) {
    const Timestamp now = outside.now();
    if (now < endpoint.stop_asked_at + kStopAgain) { return; }
    endpoint.stop_asked_at = now;
    outside.pause(id, *endpoint.stopping);
  }

  void start(const Webhook& webhook, Call call, std::span<const std::string_view> events) {
    const Timestamp now = outside.now();
    const std::int64_t seconds = to_unix_ms(now) / 1'000;
    std::vector<std::string> secrets = {
        credentials.webhook_secret(webhook.webhook_id, webhook.secret_version)};
    if (webhook.secret_version > 1 && now < webhook.old_secret_until) {
      secrets.push_back(credentials.webhook_secret(webhook.webhook_id, webhook.secret_version - 1));
    }
    call.at = now;
    EventMessage message = make_event_message(webhook.mode, events);
    OutgoingRequest request{.url = std::string(webhook.url.view()),
                            .headers = std::move(message.headers),
                            .body = std::move(message.body)};
    request.headers.insert(
        request.headers.end(),
        {"user-agent: firebrand-webhooks/" FIREBRAND_VERSION, "webhook-id: " + call.event_id,
         "webhook-timestamp: " + std::to_string(seconds),
         "webhook-signature: " +
             webhook_signatures(secrets, call.event_id, seconds, request.body)});
    const std::uint64_t id = ++last_call;
    under_way.emplace(id, std::move(call));
    calls.start(id, request);
  }

  void start_test(const Test& test) {
    const auto found = endpoints.find(test.webhook_id);
    if (found == endpoints.end()) { return; }
    const std::string event = test_event(test.id, credentials.event_source(), outside.now());
    const std::string_view events[] = {event};
    start(found->second.settings,
          {.webhook_id = test.webhook_id, .event_id = test.id, .type = std::string(kTestType)},
          events);
  }

  void send_due(Endpoint& endpoint) {
    const Webhook& webhook = endpoint.settings;
    const CallLimits limits{.concurrency = webhook.concurrency,
                            .per_second = webhook.per_second,
                            .batch_events = webhook.mode == WebhookMode::batch
                                                ? static_cast<std::size_t>(webhook.batch_events)
                                                : 0};
    while (under_way.size() < kCallsMax) {
      const EndpointQueue::Sending sending = endpoint.queue.next(outside.now(), limits);
      if (sending.items.empty()) { return; }
      std::vector<std::string_view> events;
      for (const EndpointQueue::Item* const item : sending.items) { events.push_back(item->body); }
      std::string type = sending.items.front()->type;
      if (events.size() > 1) { type += " +" + std::to_string(events.size() - 1); }
      start(webhook,
            {.webhook_id = webhook.webhook_id,
             .sending = sending.call,
             .event_id = sending.id,
             .type = std::move(type),
             .events = events.size()},
            events);
    }
  }

  void take_result(const OutgoingCalls::Done& done) {
    const auto found = under_way.find(done.id);
    const Call call = std::move(found->second);
    under_way.erase(found);
    const auto at = endpoints.find(call.webhook_id);
    if (at == endpoints.end()) { return; }  // Removed while it was called.
    Endpoint& endpoint = at->second;
    const DeliveryOutcome outcome = outcome_of(done.result);
    endpoint.last_status = outcome.status;
    changes.attempts.push_back({.webhook_id = call.webhook_id,
                                .event_id = call.event_id,
                                .type = call.type,
                                .at = call.at,
                                .took = done.took,
                                .status = outcome.status,
                                .reason = outcome.reason,
                                .answer = done.result ? excerpt(done.result->body) : ""});
    if (call.sending == 0) { return; }
    if (outcome.good()) {
      stats.delivered += call.events;
    } else {
      ++stats.failed;
    }
    const std::size_t dead_before = changes.dead.size();
    const auto stop = endpoint.queue.settle(call.sending, outcome, outside.now(), prng, changes);
    const std::size_t died = changes.dead.size() - dead_before;
    stats.dead += died;
    endpoint.dead += died;
    if (stop && !endpoint.stopping) { endpoint.stopping = stop; }
  }

  void show() {
    const std::lock_guard lock(mutex);
    shown.clear();
    for (const auto& [id, endpoint] : endpoints) {
      shown[id] = {.delivered_until = endpoint.queue.cursor(),
                   .owed = endpoint.queue.unsettled(),
                   .dead = endpoint.dead,
                   .failing_since = endpoint.queue.failing_since(),
                   .last_status = endpoint.last_status};
    }
  }

  bool write() {
    if (changes.empty()) { return true; }
    if (const auto done = store->write(changes); !done) {
      say(done.error().message + "; webhooks wait until this works again");
      return false;
    }
    changes = {};
    return true;
  }
};

Deliverer::Deliverer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Deliverer::~Deliverer() = default;

Expected<std::unique_ptr<Deliverer>, DeliveryStoreError> Deliverer::open(
    log::FileSystem& files, const std::string& data, const Credentials& credentials,
    DelivererOptions options, DelivererOutside outside) {
  auto store = DeliveryStore::open(log::join_path(data, kDeliveriesFile));
  if (!store) { return Unexpected(store.error()); }
  const auto known = (*store)->endpoints();
  if (!known) { return Unexpected(known.error()); }
  auto state =
      std::make_unique<State>(files, data, credentials, std::move(options), std::move(outside));
  state->store = std::move(*store);
  for (const StoredEndpoint& endpoint : *known) { state->stored[endpoint.webhook_id] = endpoint; }
  return std::unique_ptr<Deliverer>(new Deliverer(std::move(state)));
}

bool Deliverer::step() {
  State& state = *state_;
  if (!state.write()) { return false; }
  state.take_mail();
  const log::Position up_to = state.outside.stored();
  std::optional<Timestamp> wake_at;
  bool more = false;
  for (auto& [id, endpoint] : state.endpoints) {
    if (endpoint.settings.state == WebhookState::paused) { continue; }
    if (endpoint.stopping) {
      state.stop(id, endpoint);
      continue;
    }
    more = state.read_for(endpoint, up_to) || more;
    state.send_due(endpoint);
    if (const auto at = endpoint.queue.next_at(); at && (!wake_at || *at < *wake_at)) {
      wake_at = at;
    }
  }
  Millis wait = kWaitMax;
  if (wake_at) { wait = std::clamp(*wake_at - state.outside.now(), Millis{5}, kWaitMax); }
  if (more) { wait = Millis{0}; }
  for (const OutgoingCalls::Done& done : state.calls.step(wait)) { state.take_result(done); }
  state.show();
  return state.write();
}

void Deliverer::set_endpoints(std::vector<Webhook> endpoints) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->mail.endpoints = std::move(endpoints);
  }
  wake();
}

void Deliverer::facts_stored() noexcept {
  if (state_->any.load(std::memory_order_relaxed)) { wake(); }
}

void Deliverer::wake() noexcept { state_->calls.wake(); }

std::string Deliverer::send_test(WebhookId id) {
  const std::string event_id =
      "test_" + Credentials::secret_text(Credentials::random_secret()).substr(0, 16);
  {
    const std::lock_guard lock(state_->mutex);
    state_->mail.tests.push_back({id, event_id});
  }
  wake();
  return event_id;
}

void Deliverer::replay(WebhookId id, log::Position after) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->mail.replays.push_back({id, after});
  }
  wake();
}

void Deliverer::revive(WebhookId id, std::optional<log::Position> position) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->mail.revivals.push_back({id, position});
  }
  wake();
}

DeliveryState Deliverer::state(WebhookId id) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->shown.find(id);
  return found == state_->shown.end() ? DeliveryState{} : found->second;
}

const DeliveryStore& Deliverer::store() const { return *state_->store; }
const DelivererStats& Deliverer::stats() const { return state_->stats; }
const OutgoingOptions& Deliverer::outgoing() const { return state_->options.outgoing; }

}  // namespace firebrand
