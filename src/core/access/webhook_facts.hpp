#pragma once

#include "core/access/webhooks.hpp"

/// What happened to endpoints. Without their addresses: other endpoints are told these facts too,
/// and an address may hold a secret of its owner.
namespace firebrand {

struct WebhookAdded {
  static constexpr std::string_view kName = "webhook_added";
  static constexpr std::string_view kDoc = "An endpoint is told what happens from now on.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
  }
};

struct WebhookChanged {
  static constexpr std::string_view kName = "webhook_changed";
  static constexpr std::string_view kDoc = "An endpoint was given other settings.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
  }
};

struct WebhookPaused {
  static constexpr std::string_view kName = "webhook_paused";
  static constexpr std::string_view kDoc = "Calls to an endpoint were stopped.";
  WebhookId webhook_id{};
  WebhookPause reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
    field(2, "reason", self.reason, From::body, Rule{}, "Why.");
  }
};

struct WebhookResumed {
  static constexpr std::string_view kName = "webhook_resumed";
  static constexpr std::string_view kDoc = "Calls to an endpoint went on.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
  }
};

struct WebhookSecretRotated {
  static constexpr std::string_view kName = "webhook_secret_rotated";
  static constexpr std::string_view kDoc = "An endpoint was given a new secret.";
  WebhookId webhook_id{};
  std::uint32_t secret_version = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
    field(2, "secret_version", self.secret_version, From::body, Rule{}, "Of the new one.");
  }
};

struct WebhookRemoved {
  static constexpr std::string_view kName = "webhook_removed";
  static constexpr std::string_view kDoc = "An endpoint was ended.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
  }
};

}  // namespace firebrand
