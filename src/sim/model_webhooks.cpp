#include "sim/model_webhooks.hpp"

#include "core/access/webhook_facts.hpp"

namespace firebrand {

namespace {

bool same_settings(const ChangeWebhook& a, const ChangeWebhook& b) {
  return a.url == b.url && a.note == b.note && a.types == b.types &&
         a.concurrency == b.concurrency && a.per_second == b.per_second && a.mode == b.mode &&
         a.batch_events == b.batch_events;
}

bool has_empty_type(const WebhookTypes& types) {
  for (const auto& type : types) {
    if (type.empty()) { return true; }
  }
  return false;
}

}  // namespace

ModelWebhook ModelWebhook::of(const Webhook& webhook) {
  return {webhook.webhook_id.value,
          {webhook.webhook_id, webhook.url, webhook.note, webhook.types, webhook.concurrency,
           webhook.per_second, webhook.mode, webhook.batch_events},
          webhook.state == WebhookState::paused,
          webhook.paused_because,
          webhook.secret_version,
          webhook.old_secret_until};
}

bool operator==(const ModelWebhook& a, const ModelWebhook& b) {
  return a.number == b.number && same_settings(a.settings, b.settings) && a.paused == b.paused &&
         a.paused_because == b.paused_because && a.secret_version == b.secret_version &&
         a.old_secret_until == b.old_secret_until;
}

ModelWebhook* ModelWebhooks::find(WebhookId id) {
  for (ModelWebhook& webhook : all_) {
    if (webhook.number == id.value) { return &webhook; }
  }
  return nullptr;
}

AddWebhookResult ModelWebhooks::apply(const AddWebhook& command, const ModelContext& context) {
  using enum AddWebhookStatus;
  if (command.url.empty()) { return {url_must_not_be_empty}; }
  if (has_empty_type(command.types)) { return {event_type_must_not_be_empty}; }
  if (command.concurrency < 1 || command.concurrency > 10) { return {concurrency_out_of_range}; }
  if (command.per_second < 1 || command.per_second > 1'000) { return {per_second_out_of_range}; }
  if (command.batch_events < 1 || command.batch_events > 100) {
    return {batch_events_out_of_range};
  }
  if (all_.size() == kWebhooksMax) { return {webhooks_full}; }
  const WebhookId id{++made_};
  all_.push_back({.number = id.value,
                  .settings = {id, command.url, command.note, command.types, command.concurrency,
                               command.per_second, command.mode, command.batch_events}});
  context.emit(WebhookAdded{id});
  return {created, id};
}

ChangeWebhookResult ModelWebhooks::apply(const ChangeWebhook& command,
                                         const ModelContext& context) {
  using enum ChangeWebhookStatus;
  if (command.url.empty()) { return {url_must_not_be_empty}; }
  if (has_empty_type(command.types)) { return {event_type_must_not_be_empty}; }
  if (command.concurrency < 1 || command.concurrency > 10) { return {concurrency_out_of_range}; }
  if (command.per_second < 1 || command.per_second > 1'000) { return {per_second_out_of_range}; }
  if (command.batch_events < 1 || command.batch_events > 100) {
    return {batch_events_out_of_range};
  }
  ModelWebhook* const webhook = find(command.webhook_id);
  if (webhook == nullptr) { return {webhook_not_found}; }
  if (same_settings(webhook->settings, command)) { return {already_so}; }
  webhook->settings = command;
  context.emit(WebhookChanged{command.webhook_id});
  return {changed};
}

PauseWebhookResult ModelWebhooks::apply(const PauseWebhook& command, const ModelContext& context) {
  using enum PauseWebhookStatus;
  ModelWebhook* const webhook = find(command.webhook_id);
  if (webhook == nullptr) { return {webhook_not_found}; }
  if (webhook->paused) { return {already_paused}; }
  webhook->paused = true;
  webhook->paused_because = command.reason;
  context.emit(WebhookPaused{command.webhook_id, command.reason});
  return {paused};
}

ResumeWebhookResult ModelWebhooks::apply(const ResumeWebhook& command,
                                         const ModelContext& context) {
  using enum ResumeWebhookStatus;
  ModelWebhook* const webhook = find(command.webhook_id);
  if (webhook == nullptr) { return {webhook_not_found}; }
  if (!webhook->paused) { return {already_running}; }
  webhook->paused = false;
  webhook->paused_because = WebhookPause::by_staff;
  context.emit(WebhookResumed{command.webhook_id});
  return {resumed};
}

RotateWebhookSecretResult ModelWebhooks::apply(const RotateWebhookSecret& command,
                                               const ModelContext& context) {
  using enum RotateWebhookSecretStatus;
  if (command.overlap_seconds < 0 || command.overlap_seconds > 2'592'000) {
    return {overlap_out_of_range};
  }
  ModelWebhook* const webhook = find(command.webhook_id);
  if (webhook == nullptr) { return {webhook_not_found}; }
  ++webhook->secret_version;
  webhook->old_secret_until = context.now + Millis{std::int64_t{command.overlap_seconds} * 1'000};
  context.emit(WebhookSecretRotated{command.webhook_id, webhook->secret_version});
  return {rotated, webhook->secret_version, webhook->old_secret_until};
}

RemoveWebhookResult ModelWebhooks::apply(const RemoveWebhook& command,
                                         const ModelContext& context) {
  using enum RemoveWebhookStatus;
  const auto removed_count = std::erase_if(all_, [&](const ModelWebhook& webhook) {
    return webhook.number == command.webhook_id.value;
  });
  if (removed_count == 0) { return {webhook_not_found}; }
  context.emit(WebhookRemoved{command.webhook_id});
  return {removed};
}

}  // namespace firebrand
