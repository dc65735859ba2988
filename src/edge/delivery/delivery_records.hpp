#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/types.hpp"
#include "core/access/webhooks.hpp"
#include "log/record.hpp"

/// What is written of deliveries, and read again. Layout: docs/formats/deliveries.md.
namespace firebrand {

/// An event that was not delivered yet, or never will be.
struct KeptDelivery {
  WebhookId webhook_id{};
  log::Position position{};
  std::string type;
  std::string key;
  std::string body;
  std::uint32_t attempts = 0;
  Timestamp at{};       ///< When it is due; of a dead letter: when it was given up.
  std::string reason;   ///< Of a dead letter: what the last try came to.
  std::string batch{};  ///< With which it failed and goes again: those with the same text. Or none.
};

struct DeliveryKey {
  WebhookId webhook_id{};
  log::Position position{};
};

struct DeliveryAttempt {
  WebhookId webhook_id{};
  std::string event_id;  ///< `webhook-id` of the call.
  std::string type;      ///< Of a batch: of its first event, and how many more there were.
  Timestamp at{};
  Millis took{};
  int status = 0;      ///< 0: there was no answer.
  std::string reason;  ///< Why there was none.
  std::string answer;  ///< The first bytes of its body.
};

/// What one round has changed: written as one transaction.
struct DeliveryChanges {
  std::map<WebhookId, log::Position> cursors;
  std::map<WebhookId, Timestamp> failing;  ///< Since when; zero: not any more.
  std::vector<KeptDelivery> kept;
  std::vector<KeptDelivery> dead;
  std::vector<DeliveryKey> settled;
  std::vector<DeliveryAttempt> attempts;
  std::vector<WebhookId> removed;

  [[nodiscard]] bool empty() const {
    return cursors.empty() && failing.empty() && kept.empty() && dead.empty() && settled.empty() &&
           attempts.empty() && removed.empty();
  }
};

}  // namespace firebrand
