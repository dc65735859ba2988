#include <array>
#include <optional>
#include <utility>

#include "core/access/webhooks.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/delivery/deliverer.hpp"

namespace firebrand {

namespace {

constexpr Roles kManage = roles({});
constexpr Roles kWatch = roles({StaffRole::marketer, StaffRole::analyst, StaffRole::store});

struct WebhookReference {
  static constexpr std::string_view kName = "webhook_reference";
  static constexpr std::string_view kDoc = "Names an endpoint.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
  }
};

struct WebhookSecret {
  static constexpr std::string_view kName = "webhook_secret";
  static constexpr std::string_view kDoc = "A new secret; it is shown this once.";
  WebhookId webhook_id{};
  Text<64> secret{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
    field(2, "secret", self.secret, From::body, Rule{},
          "Checks the signatures: keep it, it is not shown again.");
  }
};

struct SentEvent {
  static constexpr std::string_view kName = "sent_event";
  static constexpr std::string_view kDoc = "An event that is on its way.";
  WebhookId webhook_id{};
  Text<64> event_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
    field(2, "event_id", self.event_id, From::body, Rule{}, "The event, as in its attempts.");
  }
};

struct ReplayRequest {
  static constexpr std::string_view kName = "replay_request";
  static constexpr std::string_view kDoc = "From where an endpoint is told everything once more.";
  Text<64> after{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "after", self.after, From::body, Rule{.min = 1}, "The id of an event.");
  }
};

struct RetryRequest {
  static constexpr std::string_view kName = "retry_request";
  static constexpr std::string_view kDoc = "Which dead letters are tried again.";
  Text<64> event_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "event_id", self.event_id, From::body, Rule{.presence = Presence::optional},
          "The event; none: all.");
  }
};

/// The endpoint named in the path; answers webhook_not_found if there is none.
const Webhook* named_webhook(Api& api, const Call& call) {
  const auto id = parse_id<WebhookId>(call.path[0]);
  for (const Webhook& webhook : api.webhooks()) {
    if (id && webhook.webhook_id == *id) { return &webhook; }
  }
  api.refuse(call, "webhook_not_found");
  return nullptr;
}

/// Whether url and types may be taken; answers the problem itself if not.
template <class Command>
bool may_take(Api& api, const Call& call, const Command& command) {
  const auto bad = check_outgoing_url(std::string(command.url.view()), api.deliverer().outgoing());
  if (bad) {
    api.refuse(call, "url_not_allowed");
    return false;
  }
  for (const auto& type : command.types) {
    if (find_event_type(type.view()) == nullptr) {
      api.refuse(call, "event_type_unknown");
      return false;
    }
  }
  return true;
}

void add_webhook(Api& api, Call& call) {
  const auto command = api.read_body<AddWebhook>(call);
  if (!command || !may_take(api, call, *command)) { return; }
  api.change<AddWebhookResult>(
      call, *command, [&api](const Asker& asker, const AddWebhookResult& result) {
        const std::string secret = api.credentials().webhook_secret(result.webhook_id, 1);
        api.respond_outcome(asker, result.status, 201,
                            WebhookSecret{result.webhook_id, std::string_view(secret)});
      });
}

template <class C, class Result>
void change(Api& api, Call& call, C command) {
  if (!api.read_path(call, command, "webhook_id", call.path[0], "webhook_not_found")) { return; }
  api.change<Result>(call, command,
                     [&api, id = command.webhook_id](const Asker& asker, const Result& result) {
                       api.respond_outcome(asker, result.status, 200, WebhookReference{id});
                     });
}

void change_webhook(Api& api, Call& call) {
  const auto command = api.read_body<ChangeWebhook>(call);
  if (!command || !may_take(api, call, *command)) { return; }
  change<ChangeWebhook, ChangeWebhookResult>(api, call, *command);
}
void pause_webhook(Api& api, Call& call) {
  change<PauseWebhook, PauseWebhookResult>(api, call, {});
}
void resume_webhook(Api& api, Call& call) {
  change<ResumeWebhook, ResumeWebhookResult>(api, call, {});
}
void remove_webhook(Api& api, Call& call) {
  change<RemoveWebhook, RemoveWebhookResult>(api, call, {});
}

void rotate_secret(Api& api, Call& call) {
  auto command = api.read_body<RotateWebhookSecret>(call);
  if (!command || !api.read_path(call, *command, "webhook_id", call.path[0], "webhook_not_found")) {
    return;
  }
  api.change<RotateWebhookSecretResult>(
      call, *command,
      [&api, id = command->webhook_id](const Asker& asker,
                                       const RotateWebhookSecretResult& result) {
        const std::string secret = api.credentials().webhook_secret(id, result.secret_version);
        api.respond_outcome(asker, result.status, 200, WebhookSecret{id, std::string_view(secret)});
      });
}

void write_webhook(JsonWriter& json, const Webhook& webhook, const DeliveryState& state,
                   Timestamp now) {
  json.begin_object();
  json.field("webhook_id", webhook.webhook_id);
  json.field("url", webhook.url);
  json.field("note", webhook.note);
  json.field("types", webhook.types);
  json.field("concurrency", webhook.concurrency);
  json.field("per_second", webhook.per_second);
  json.field("mode", webhook.mode);
  json.field("batch_events", webhook.batch_events);
  json.field("state", webhook.state);
  json.key("paused_because");
  if (webhook.state == WebhookState::paused) {
    json.value(webhook.paused_because);
  } else {
    json.null();
  }
  json.field("created_at", webhook.created_at);
  json.field("secret_version", webhook.secret_version);
  write_time(json, "old_secret_until",
             now < webhook.old_secret_until ? webhook.old_secret_until : Timestamp{});
  json.key("delivered_until");
  json.string(format_event_id(state.delivered_until));
  json.field("owed", state.owed);
  json.field("dead", state.dead);
  write_time(json, "failing_since", state.failing_since);
  json.key("last_status");
  json.number(state.last_status);
  json.end_object();
}

void list_webhooks(Api& api, Call& call) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (const Webhook& webhook : api.webhooks()) {
    write_webhook(json, webhook, api.deliverer().state(webhook.webhook_id), api.now());
  }
  json.end_array();
  json.end_object();
  api.respond_json(call, 200, body);
}

void test_webhook(Api& api, Call& call) {
  const Webhook* const webhook = named_webhook(api, call);
  if (webhook == nullptr) { return; }
  const std::string id = api.deliverer().send_test(webhook->webhook_id);
  api.respond(call, 202, SentEvent{webhook->webhook_id, std::string_view(id)});
}

/// The place that a text names; answers event_not_found if it names none.
std::optional<log::Position> named_event(Api& api, const Call& call, std::string_view text) {
  const auto place = parse_event_id(text);
  if (place && *place <= api.node().projector().stored()) { return place; }
  api.refuse(call, "event_not_found");
  return std::nullopt;
}

void replay_webhook(Api& api, Call& call) {
  const auto request = api.read_body<ReplayRequest>(call);
  if (!request) { return; }
  const Webhook* const webhook = named_webhook(api, call);
  if (webhook == nullptr) { return; }
  const auto after = named_event(api, call, request->after.view());
  if (!after) { return; }
  api.deliverer().replay(webhook->webhook_id, *after);
  api.respond(call, 202, WebhookReference{webhook->webhook_id});
}

void retry_dead_letters(Api& api, Call& call) {
  const auto request = api.read_body<RetryRequest>(call);
  if (!request) { return; }
  const Webhook* const webhook = named_webhook(api, call);
  if (webhook == nullptr) { return; }
  std::optional<log::Position> one;
  if (!request->event_id.empty()) {
    one = named_event(api, call, request->event_id.view());
    if (!one) { return; }
  }
  api.deliverer().revive(webhook->webhook_id, one);
  api.respond(call, 202, WebhookReference{webhook->webhook_id});
}

/// A page of what `read(store, id, before, limit)` gives, newest first.
template <class Read, class Write>
void list_deliveries(Api& api, Call& call, Read read, Write write) {
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  const Webhook* const webhook = named_webhook(api, call);
  if (webhook == nullptr) { return; }
  const Asker asker = call;
  api.work(
      call, WorkKind::read,
      [&store = api.deliverer().store(), id = webhook->webhook_id, before = page->before,
       limit = page->limit, read] { return read(store, id, before, limit + 1); },
      [&api, asker, page = *page, write](const auto& entries) {
        if (!entries) { return api.refuse(asker, "internal"); }
        respond_page(
            api, asker, *entries, page, std::nullopt,
            [](const auto& entry) { return entry.number; }, write);
      });
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  json.string(text);
}

void list_attempts(Api& api, Call& call) {
  list_deliveries(
      api, call,
      [](const DeliveryStore& store, WebhookId id, std::uint64_t before, std::uint32_t limit) {
        return store.attempts(id, before, limit);
      },
      [](JsonWriter& json, const StoredAttempt& entry) {
        json.begin_object();
        write_text(json, "event_id", entry.attempt.event_id);
        write_text(json, "type", entry.attempt.type);
        json.field("at", entry.attempt.at);
        json.field("took_ms", entry.attempt.took);
        json.key("status");
        json.number(entry.attempt.status);
        write_text(json, "reason", entry.attempt.reason);
        write_text(json, "answer", entry.attempt.answer);
        json.end_object();
      });
}

void list_dead_letters(Api& api, Call& call) {
  list_deliveries(
      api, call,
      [](const DeliveryStore& store, WebhookId id, std::uint64_t before, std::uint32_t limit) {
        return store.dead_letters(id, before, limit);
      },
      [](JsonWriter& json, const DeadLetter& entry) {
        json.begin_object();
        write_text(json, "event_id", entry.event_id);
        write_text(json, "type", entry.type);
        json.field("attempts", entry.attempts);
        json.field("at", entry.at);
        write_text(json, "reason", entry.reason);
        json.key("event");
        json.raw(entry.body);
        json.end_object();
      });
}

std::string webhooks_schema() {
  return R"({"type":"object","required":["data"],"properties":{"data":{"type":"array","items":)"
         R"({"$ref":"#/components/schemas/Webhook"}}}})";
}

/// A page of entries with these properties, which does not rest on the log.
std::string deliveries_schema(std::string_view properties) {
  return page_schema(
      std::string(R"({"type":"object","properties":{)").append(properties).append("}}"),
      ListOf::other);
}
std::string attempts_schema() {
  return deliveries_schema(
      R"("event_id":{"type":"string","description":"webhook-id of the call."},)"
      R"("type":{"type":"string","description":"Of a batch: that of its first event, and how many )"
      R"(more there were, such as org.firebrand.order_paid +11."},)"
      R"("at":{"type":"string","format":"date-time"},"took_ms":{"type":"integer"},)"
      R"("status":{"type":"integer","description":"Of the answer; 0: there was none."},)"
      R"("reason":{"type":"string","description":"Why there was no answer."},)"
      R"("answer":{"type":"string","description":"Its first bytes."})");
}
std::string dead_letters_schema() {
  return deliveries_schema(
      R"("event_id":{"type":"string"},"type":{"type":"string"},"attempts":{"type":"integer"},)"
      R"("at":{"type":"string","format":"date-time","description":"When it was given up."},)"
      R"("reason":{"type":"string"},"event":{"$ref":"#/components/schemas/Event"})");
}

constexpr char kReferenceExample[] = R"({"webhook_id":"webhook_1"})";
constexpr char kSecretExample[] =
    R"({"webhook_id":"webhook_1","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="})";
constexpr char kSettingsExample[] =
    R"({"url":"https://shop.example/firebrand","note":"order system",)"
    R"("types":["org.firebrand.order_placed","org.firebrand.order_paid"]})";

Route change_route(std::string_view pattern, std::string_view operation_id,
                   std::string_view summary, std::uint16_t operation, Outcomes (*outcomes)(),
                   void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "webhooks",
          .summary = summary,
          .auth = Auth::staff,
          .roles = kManage,
          .repeatable = Repeatable::accepted,
          .operation = operation,
          .reach = Reach::change,
          .handle = handle,
          .response_schema = &answer_schema_of<WebhookReference>,
          .response_example = kReferenceExample,
          .outcomes = outcomes};
}

/// What only the deliveries know of: nothing for the log.
Route delivery_route(std::string_view pattern, std::string_view operation_id,
                     std::string_view summary, void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::post,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "webhooks",
          .summary = summary,
          .auth = Auth::staff,
          .roles = kManage,
          .handle = handle,
          .success = 202,
          .response_schema = &answer_schema_of<WebhookReference>,
          .response_example = kReferenceExample,
          .problems = {"webhook_not_found"}};
}

Route list_route(std::string_view pattern, std::string_view operation_id, std::string_view summary,
                 void (*handle)(Api&, Call&)) {
  return {.method = HttpMethod::get,
          .pattern = pattern,
          .operation_id = operation_id,
          .tag = "webhooks",
          .summary = summary,
          .auth = Auth::staff,
          .roles = kWatch,
          .reach = Reach::reading,
          .handle = handle,
          .problems = {"webhook_not_found"},
          .query = kPageQuery};
}

}  // namespace

void add_webhook_routes(Router& router) {
  Route add = change_route("/v1/webhooks", "addWebhook",
                           "Tell an endpoint what happens from now on; its secret is shown once",
                           kNumberOf<AddWebhook>, &outcomes_of<AddWebhookStatus>, &add_webhook);
  add.success = 201;
  add.request_schema = &body_schema_of<AddWebhook>;
  add.request_example = kSettingsExample;
  add.response_schema = &answer_schema_of<WebhookSecret>;
  add.response_example = kSecretExample;
  add.problems = {"url_not_allowed", "event_type_unknown"};
  router.add(std::move(add));
  router.add(
      {.method = HttpMethod::get,
       .pattern = "/v1/webhooks",
       .operation_id = "listWebhooks",
       .tag = "webhooks",
       .summary = "Endpoints and how they stand",
       .auth = Auth::staff,
       .roles = kWatch,
       .handle = &list_webhooks,
       .response_schema = &webhooks_schema,
       .response_example =
           R"({"data":[{"webhook_id":"webhook_1","url":"https://shop.example/firebrand",)"
           R"("note":"order system","types":["org.firebrand.order_paid"],"concurrency":4,)"
           R"("per_second":50,"mode":"structured","batch_events":50,"state":"running","paused_because":null,)"
           R"("created_at":"2026-11-01T09:00:00.000Z","secret_version":1,)"
           R"("old_secret_until":null,"delivered_until":"evt_481-0","owed":0,"dead":0,)"
           R"("failing_since":null,"last_status":200}]})"});
  Route settings =
      change_route("/v1/webhooks/{webhook_id}/change", "changeWebhook",
                   "Give an endpoint other settings, all of them", kNumberOf<ChangeWebhook>,
                   &outcomes_of<ChangeWebhookStatus>, &change_webhook);
  settings.request_schema = &body_schema_of<ChangeWebhook>;
  settings.request_example = kSettingsExample;
  settings.problems = {"url_not_allowed", "event_type_unknown"};
  router.add(std::move(settings));
  router.add(change_route("/v1/webhooks/{webhook_id}/pause", "pauseWebhook",
                          "Stop calls to an endpoint; what happens waits for it",
                          kNumberOf<PauseWebhook>, &outcomes_of<PauseWebhookStatus>,
                          &pause_webhook));
  router.add(change_route("/v1/webhooks/{webhook_id}/resume", "resumeWebhook",
                          "Go on with calls to an endpoint, from where they stopped",
                          kNumberOf<ResumeWebhook>, &outcomes_of<ResumeWebhookStatus>,
                          &resume_webhook));
  Route rotate = change_route("/v1/webhooks/{webhook_id}/rotate-secret", "rotateWebhookSecret",
                              "Give an endpoint a new secret; for a while the old one signs too",
                              kNumberOf<RotateWebhookSecret>,
                              &outcomes_of<RotateWebhookSecretStatus>, &rotate_secret);
  rotate.request_schema = &body_schema_of<RotateWebhookSecret>;
  rotate.request_example = R"({"overlap_seconds":86400})";
  rotate.response_schema = &answer_schema_of<WebhookSecret>;
  rotate.response_example = kSecretExample;
  router.add(std::move(rotate));
  router.add(change_route("/v1/webhooks/{webhook_id}/remove", "removeWebhook",
                          "End an endpoint for good", kNumberOf<RemoveWebhook>,
                          &outcomes_of<RemoveWebhookStatus>, &remove_webhook));
  Route test = delivery_route("/v1/webhooks/{webhook_id}/test", "testWebhook",
                              "Send a test event now; what came of it stands in the attempts",
                              &test_webhook);
  test.response_schema = &answer_schema_of<SentEvent>;
  test.response_example = R"({"webhook_id":"webhook_1","event_id":"test_5f2b8d0e7c9a4163"})";
  router.add(std::move(test));
  Route replay =
      delivery_route("/v1/webhooks/{webhook_id}/replay", "replayWebhook",
                     "Tell an endpoint everything behind an event once more", &replay_webhook);
  replay.request_schema = &body_schema_of<ReplayRequest>;
  replay.request_example = R"({"after":"evt_481-0"})";
  replay.problems.emplace_back("event_not_found");
  router.add(std::move(replay));
  Route attempts = list_route("/v1/webhooks/{webhook_id}/attempts", "listWebhookAttempts",
                              "Calls to an endpoint, newest first", &list_attempts);
  attempts.response_schema = &attempts_schema;
  attempts.response_example =
      R"({"data":[{"event_id":"evt_481-0","type":"org.firebrand.order_paid",)"
      R"("at":"2026-11-21T20:00:01.000Z","took_ms":34,"status":200,"reason":"","answer":"ok"}],)"
      R"("next_cursor":null,"has_more":false})";
  router.add(std::move(attempts));
  Route dead = list_route("/v1/webhooks/{webhook_id}/dead-letters", "listDeadLetters",
                          "Events that were given up, newest first", &list_dead_letters);
  dead.response_schema = &dead_letters_schema;
  dead.response_example = R"({"data":[],"next_cursor":null,"has_more":false})";
  router.add(std::move(dead));
  Route retry = delivery_route("/v1/webhooks/{webhook_id}/dead-letters/retry", "retryDeadLetters",
                               "Try a dead letter again, or all of them", &retry_dead_letters);
  retry.request_schema = &body_schema_of<RetryRequest>;
  retry.request_example = R"({"event_id":"evt_481-0"})";
  retry.problems.emplace_back("event_not_found");
  router.add(std::move(retry));
}

}  // namespace firebrand
