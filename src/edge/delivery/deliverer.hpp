#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "edge/api/credentials.hpp"
#include "edge/delivery/delivery_store.hpp"
#include "edge/delivery/endpoint_queue.hpp"
#include "edge/http/outgoing.hpp"
#include "log/file_system.hpp"

namespace firebrand {

struct DelivererOptions {
  DeliveryOptions delivery{};
  OutgoingOptions outgoing{};
};

/// How an endpoint stands, for staff.
struct DeliveryState {
  log::Position delivered_until{};  ///< All up to there is delivered, owed below, or dead.
  std::uint64_t owed = 0;           ///< Read and not delivered yet.
  std::uint64_t dead = 0;
  Timestamp failing_since{};  ///< Zero: the last answer was good.
  int last_status = 0;        ///< Of the newest call; 0: none, or no answer.
};

struct DelivererStats {
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> failed{0};  ///< Calls without a good answer.
  std::atomic<std::uint64_t> dead{0};    ///< Given up since the start.
};

/// What the deliverer needs of the parts around it; called on its thread.
struct DelivererOutside {
  std::function<log::Position()> stored;  ///< How far facts/ can be read.
  std::function<Timestamp()> now;         ///< The wall clock.
  /// Stops an endpoint by a command; it may come to nothing, and is asked for again then.
  std::function<void(WebhookId, WebhookPause)> pause;
  std::function<void(const std::string&)> say;
};

/// Tells endpoints of the outside what happens: reads facts/ for each from its own place, posts
/// CloudEvents in the endpoint's mode, signed as Standard Webhooks wants them, and keeps in
/// deliveries.db what is owed. At least once, in the order of each key; an id never changes. See
/// docs/webhooks.md.
///
/// One thread steps it, for all endpoints: calls wait for the network, not for each other.
class Deliverer {
 public:
  static constexpr std::size_t kAnswerBytesKept = 1'024;
  static constexpr Millis kWaitMax{1'000};

  [[nodiscard]] static Expected<std::unique_ptr<Deliverer>, DeliveryStoreError> open(
      log::FileSystem& files, const std::string& data, const Credentials& credentials,
      DelivererOptions options, DelivererOutside outside);
  ~Deliverer();
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  /// One round: takes what was asked, reads, sends, waits for answers and writes. @return false if
  /// nothing can be written now; it may be stepped again a little later.
  [[nodiscard]] bool step();

  // Any thread.
  /// All endpoints there are.
  void set_endpoints(std::vector<Webhook> endpoints);
  /// Ends a wait of step(): the thread shall end.
  void wake() noexcept;
  /// There may be something to tell. Costs next to nothing while there is no endpoint.
  void facts_stored() noexcept;
  /// Sends an event of the type org.firebrand.test. @return its id.
  std::string send_test(WebhookId id);
  /// Tells everything behind `after` once more.
  void replay(WebhookId id, log::Position after);
  /// Tries a dead letter again, or all of them.
  void revive(WebhookId id, std::optional<log::Position> position);
  [[nodiscard]] DeliveryState state(WebhookId id) const;
  [[nodiscard]] const DeliveryStore& store() const;
  [[nodiscard]] const DelivererStats& stats() const;
  [[nodiscard]] const OutgoingOptions& outgoing() const;

 private:
  struct State;
  explicit Deliverer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
