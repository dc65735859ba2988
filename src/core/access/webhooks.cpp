#include "core/access/webhooks.hpp"

#include <algorithm>
#include <optional>

#include "core/access/webhook_facts.hpp"
#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

namespace {

std::uint64_t hash_of(const Webhook& webhook) {
  return entry_hash(webhook.webhook_id.value, webhook);
}

/// What AddWebhook and ChangeWebhook both ask of their settings; nothing if they are good.
template <class Status, class Command>
std::optional<Status> bad_settings(const Command& command) {
  if (command.url.empty()) { return Status::url_must_not_be_empty; }
  if (std::ranges::any_of(command.types, [](const auto& type) { return type.empty(); })) {
    return Status::event_type_must_not_be_empty;
  }
  if (command.concurrency < 1 || command.concurrency > kWebhookConcurrencyMax) {
    return Status::concurrency_out_of_range;
  }
  if (command.per_second < 1 || command.per_second > kWebhookPerSecondMax) {
    return Status::per_second_out_of_range;
  }
  if (command.batch_events < 1 || command.batch_events > kWebhookBatchEventsMax) {
    return Status::batch_events_out_of_range;
  }
  return std::nullopt;
}

bool has_settings(const Webhook& webhook, const ChangeWebhook& command) {
  return webhook.url == command.url && webhook.note == command.note &&
         webhook.types == command.types && webhook.concurrency == command.concurrency &&
         webhook.per_second == command.per_second && webhook.mode == command.mode &&
         webhook.batch_events == command.batch_events;
}

}  // namespace

AddWebhookResult Webhooks::apply(const AddWebhook& command,
                                 const CommandContext& context) noexcept {
  using enum AddWebhookStatus;
  if (const auto bad = bad_settings<AddWebhookStatus>(command)) { return {*bad}; }
  if (webhooks_.size() >= kWebhooksMax) { return {webhooks_full}; }

  // Past this line the command has succeeded.
  const WebhookId id{++last_};
  remember({.webhook_id = id,
            .url = command.url,
            .note = command.note,
            .types = command.types,
            .concurrency = command.concurrency,
            .per_second = command.per_second,
            .created_at_offset = context.offset,
            .created_at = context.timestamp,
            .mode = command.mode,
            .batch_events = command.batch_events});
  changed_ = true;
  context.facts->emit(WebhookAdded{id});
  return {created, id};
}

ChangeWebhookResult Webhooks::apply(const ChangeWebhook& command,
                                    const CommandContext& context) noexcept {
  using enum ChangeWebhookStatus;
  if (const auto bad = bad_settings<ChangeWebhookStatus>(command)) { return {*bad}; }
  const auto found = webhooks_.find(command.webhook_id);
  if (found == webhooks_.end()) { return {webhook_not_found}; }
  if (has_settings(found->second, command)) { return {already_so}; }

  // Past this line the command has succeeded.
  update(found->second, [&](Webhook& webhook) {
    webhook.url = command.url;
    webhook.note = command.note;
    webhook.types = command.types;
    webhook.concurrency = command.concurrency;
    webhook.per_second = command.per_second;
    webhook.mode = command.mode;
    webhook.batch_events = command.batch_events;
  });
  context.facts->emit(WebhookChanged{command.webhook_id});
  return {changed};
}

PauseWebhookResult Webhooks::apply(const PauseWebhook& command,
                                   const CommandContext& context) noexcept {
  using enum PauseWebhookStatus;
  const auto found = webhooks_.find(command.webhook_id);
  if (found == webhooks_.end()) { return {webhook_not_found}; }
  if (found->second.state == WebhookState::paused) { return {already_paused}; }

  // Past this line the command has succeeded.
  update(found->second, [&](Webhook& webhook) {
    webhook.state = WebhookState::paused;
    webhook.paused_because = command.reason;
  });
  context.facts->emit(WebhookPaused{command.webhook_id, command.reason});
  return {paused};
}

ResumeWebhookResult Webhooks::apply(const ResumeWebhook& command,
                                    const CommandContext& context) noexcept {
  using enum ResumeWebhookStatus;
  const auto found = webhooks_.find(command.webhook_id);
  if (found == webhooks_.end()) { return {webhook_not_found}; }
  if (found->second.state == WebhookState::running) { return {already_running}; }

  // Past this line the command has succeeded.
  update(found->second, [&](Webhook& webhook) {
    webhook.state = WebhookState::running;
    webhook.paused_because = WebhookPause::by_staff;
  });
  context.facts->emit(WebhookResumed{command.webhook_id});
  return {resumed};
}

RotateWebhookSecretResult Webhooks::apply(const RotateWebhookSecret& command,
                                          const CommandContext& context) noexcept {
  using enum RotateWebhookSecretStatus;
  if (command.overlap_seconds < 0 || command.overlap_seconds > kSecretOverlapSecondsMax) {
    return {overlap_out_of_range};
  }
  const auto found = webhooks_.find(command.webhook_id);
  if (found == webhooks_.end()) { return {webhook_not_found}; }

  // Past this line the command has succeeded.
  const Timestamp until = context.timestamp + std::chrono::seconds{command.overlap_seconds};
  update(found->second, [&](Webhook& webhook) {
    ++webhook.secret_version;
    webhook.old_secret_until = until;
  });
  const std::uint32_t version = found->second.secret_version;
  context.facts->emit(WebhookSecretRotated{command.webhook_id, version});
  return {rotated, version, until};
}

RemoveWebhookResult Webhooks::apply(const RemoveWebhook& command,
                                    const CommandContext& context) noexcept {
  using enum RemoveWebhookStatus;
  const auto found = webhooks_.find(command.webhook_id);
  if (found == webhooks_.end()) { return {webhook_not_found}; }

  // Past this line the command has succeeded.
  digest_.remove(hash_of(found->second));
  webhooks_.erase(found);
  changed_ = true;
  context.facts->emit(WebhookRemoved{command.webhook_id});
  return {removed};
}

std::vector<Webhook> Webhooks::list() const {
  std::vector<Webhook> list;
  for (const auto& [id, webhook] : webhooks_) { list.push_back(webhook); }
  return list;
}

const Webhook* Webhooks::find(WebhookId id) const noexcept {
  const auto found = webhooks_.find(id);
  return found == webhooks_.end() ? nullptr : &found->second;
}

void Webhooks::remember(const Webhook& webhook) {
  webhooks_.emplace(webhook.webhook_id, webhook);
  digest_.add(hash_of(webhook));
}

template <class Change>
void Webhooks::update(Webhook& webhook, Change change) {
  const std::uint64_t before = hash_of(webhook);
  change(webhook);
  digest_.replace(before, hash_of(webhook));
  changed_ = true;
}

void Webhooks::check_invariants() const {
  FB_ASSERT(webhooks_.size() <= kWebhooksMax);
  Digest digest;
  for (const auto& [id, webhook] : webhooks_) {
    FB_ASSERT(id == webhook.webhook_id && id.value >= 1 && id.value <= last_);
    FB_ASSERT(webhook.secret_version >= 1 && !webhook.url.empty());
    digest.add(hash_of(webhook));
  }
  FB_ASSERT(digest == digest_);
}

void Webhooks::save(ByteSink& sink) const {
  put_u64(sink, last_);
  put_u64(sink, webhooks_.size());
  for (const auto& [id, webhook] : webhooks_) { save_entry(sink, webhook); }
}

bool Webhooks::load(ByteSource& source, std::uint16_t version) {
  webhooks_.clear();
  digest_ = {};
  changed_ = true;
  return get_u64(source, last_) &&
         load_entries<Webhook>(
             source, [this](const Webhook& webhook) { remember(webhook); }, version);
}

}  // namespace firebrand
