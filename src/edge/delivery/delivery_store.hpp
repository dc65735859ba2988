#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "edge/delivery/delivery_records.hpp"

namespace firebrand {

/// In the data directory.
inline constexpr char kDeliveriesFile[] = "deliveries.db";

struct DeliveryStoreError {
  std::string message;
};

/// What is known of one endpoint at the start.
struct StoredEndpoint {
  WebhookId webhook_id{};
  log::Position cursor{};
  Timestamp failing_since{};
};

struct DeadLetter {
  std::string event_id;
  std::string type;
  std::uint32_t attempts = 0;
  Timestamp at{};
  std::string reason;
  std::string body;
  std::uint64_t number = 0;  ///< Later ones have larger numbers.
};

struct StoredAttempt {
  DeliveryAttempt attempt;
  std::uint64_t number = 0;
};

/// deliveries.db: how far each endpoint has been told, what it is still owed, and the last calls.
/// Not derived from facts/ alone: without it every endpoint is told everything since it was made
/// once more. One thread writes; lists() are read by any thread, each on a connection of its own.
class DeliveryStore {
 public:
  /// Calls that are remembered, of all endpoints together.
  static constexpr std::uint64_t kAttemptsKept = 20'000;

  [[nodiscard]] static Expected<std::unique_ptr<DeliveryStore>, DeliveryStoreError> open(
      const std::string& path);
  ~DeliveryStore();
  DeliveryStore(const DeliveryStore&) = delete;
  DeliveryStore& operator=(const DeliveryStore&) = delete;

  /// All in one transaction. On an error nothing is changed, and the same may be tried again.
  [[nodiscard]] Expected<void, DeliveryStoreError> write(const DeliveryChanges& changes);

  [[nodiscard]] Expected<std::vector<StoredEndpoint>, DeliveryStoreError> endpoints();
  /// What is owed to the endpoint, in the order of the log.
  [[nodiscard]] Expected<std::vector<KeptDelivery>, DeliveryStoreError> owed(WebhookId id);
  /// Places of its dead letters.
  [[nodiscard]] Expected<std::vector<log::Position>, DeliveryStoreError> dead(WebhookId id);
  /// Makes dead letters owed again: the one at `position`, or all. @return what is owed by it.
  [[nodiscard]] Expected<std::vector<KeptDelivery>, DeliveryStoreError> revive(
      WebhookId id, std::optional<log::Position> position);
  [[nodiscard]] Expected<std::uint64_t, DeliveryStoreError> count_dead(WebhookId id);

  /// Newest first, numbers smaller than `before` (zero: all). Any thread.
  [[nodiscard]] Expected<std::vector<StoredAttempt>, DeliveryStoreError> attempts(
      WebhookId id, std::uint64_t before, std::uint32_t limit) const;
  [[nodiscard]] Expected<std::vector<DeadLetter>, DeliveryStoreError> dead_letters(
      WebhookId id, std::uint64_t before, std::uint32_t limit) const;

 private:
  struct State;
  explicit DeliveryStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
