#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/types.hpp"
#include "edge/delivery/delivery_records.hpp"
#include "log/record.hpp"

namespace firebrand {

struct DeliveryOptions {
  /// Waits before the second try, the third, and so on; after the last the event is a dead letter.
  /// Each is drawn from 80 to 120 % of what stands here.
  std::vector<Millis> retries{};
  /// Without any good answer for so long an endpoint is stopped.
  Millis give_up_after{std::chrono::hours{5 * 24}};
};

/// What an endpoint allows.
struct CallLimits {
  std::int32_t concurrency = 0;  ///< Calls at a time.
  std::int32_t per_second = 0;   ///< Calls.
  std::size_t batch_events = 0;  ///< Most events in one call; 0: each is sent alone.
};

/// What came of a call.
struct DeliveryOutcome {
  int status = 0;                       ///< Of the answer; 0: there was none.
  std::string reason{};                 ///< If there was none: why.
  std::optional<Millis> retry_after{};  ///< As the answer asked.

  [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
  /// Whether it says something about the endpoint, not about this event: it is left in peace.
  [[nodiscard]] bool slows_down() const {
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
  }
};

/// What one endpoint is still to be told, and when. No I/O and no clock: time comes in, what must
/// be written goes into a DeliveryChanges. One thread.
///
/// Events of one key are sent one after the other, in their order; those of other keys do not wait
/// for them. An event that failed is kept with its body, and so is what waits behind it, so that
/// the cursor can pass them. A dead letter holds up nothing.
///
/// A batch holds what may be sent now: of each key its oldest event. It succeeds and fails as a
/// whole, and goes again as it was, after a restart too, unless an event before one of its own is
/// tried again, or the endpoint takes fewer now.
///
/// Cost: an item is some 200 bytes and its JSON; kWindowMax read and kKeptMax kept ones at most:
/// then nothing more is read until some are gone.
class EndpointQueue {
 public:
  static constexpr std::size_t kWindowMax = 500;
  static constexpr std::size_t kKeptMax = 10'000;
  /// Of the events of a new batch together; one alone may be larger.
  static constexpr std::size_t kBatchBytesMax = 256 * 1024;

  struct Item {
    log::Position position{};
    std::string type;
    std::string key;
    std::string body;
    std::uint32_t attempts = 0;
    Timestamp due{};
    std::string batch{};     ///< With which it failed: those with the same text. Or none.
    bool kept = false;       ///< It has a row of its own.
    std::uint64_t call = 0;  ///< That it is in flight with; 0: none.
  };
  /// What goes with one call.
  struct Sending {
    std::uint64_t call = 0;
    std::string id;  ///< `webhook-id`: the same whenever the same events go together.
    std::vector<const Item*> items;
  };

  /// @param cursor   All up to there is delivered, or kept, or dead.
  EndpointQueue(WebhookId id, log::Position cursor, const DeliveryOptions& options);

  /// An item from the store, at the start or when a dead letter is tried again.
  void restore(Item item);
  /// A dead letter behind the cursor: it is passed over when it is read once more.
  void skip(log::Position position) { skipped_.insert(position); }

  /// How many more events it takes now.
  [[nodiscard]] std::size_t room() const;
  /// Where to read on.
  [[nodiscard]] log::Position read_to() const { return read_to_; }
  /// Events in the order of the log; `read_to`: where reading has come, also past other types.
  void add(Item item, DeliveryChanges& changes);
  void passed(log::Position read_to, DeliveryChanges& changes);
  /// Forgets what is read, and reads again from there.
  void replay(log::Position after, DeliveryChanges& changes);

  /// What is to be sent now, within the limits; no items if there is nothing. It is in flight then.
  [[nodiscard]] Sending next(Timestamp now, const CallLimits& limits);
  /// When next(), asked a moment ago, may give something if nothing else happens before; none: it
  /// waits for a result or for more to read.
  [[nodiscard]] std::optional<Timestamp> next_at() const;
  /// @param call  Of next().
  /// @return whether the endpoint is to be stopped, and why.
  [[nodiscard]] std::optional<WebhookPause> settle(std::uint64_t call,
                                                   const DeliveryOutcome& outcome, Timestamp now,
                                                   Prng& prng, DeliveryChanges& changes);

  [[nodiscard]] std::size_t unsettled() const { return items_.size(); }
  [[nodiscard]] std::size_t in_flight() const { return calls_.size(); }
  [[nodiscard]] log::Position cursor() const { return cursor_; }
  [[nodiscard]] Timestamp failing_since() const { return failing_since_; }
  void set_failing_since(Timestamp since) { failing_since_ = since; }
  /// Staff let it go on: it is tried at once, and has all its days again.
  void go_on(DeliveryChanges& changes);

 private:
  struct UnderWay {
    std::set<log::Position> positions;
    bool is_batch = false;
  };

  Item& place(Item item);
  [[nodiscard]] std::vector<log::Position> choose(Timestamp now, std::size_t most);
  void dissolve(const std::string& batch);
  void give_up(const Item& item, const DeliveryOutcome& outcome, Timestamp now,
               DeliveryChanges& changes);
  void try_later(const UnderWay& call, const DeliveryOutcome& outcome, Timestamp now, Prng& prng,
                 DeliveryChanges& changes);
  void make_ready(const Item& item);
  void remove(log::Position position);
  void keep(Item& item, DeliveryChanges& changes);
  void keep_all_of(const std::string& key, DeliveryChanges& changes);
  void move_cursor(DeliveryChanges& changes);
  void note_failing(Timestamp since, DeliveryChanges& changes);
  void slow_down(const DeliveryOutcome& outcome, Timestamp now, Prng& prng);

  WebhookId id_;
  const DeliveryOptions& options_;
  log::Position cursor_{};
  log::Position read_to_{};
  std::map<log::Position, Item> items_;
  std::map<std::string, std::set<log::Position>, std::less<>> by_key_;
  /// Heads of their keys that are not in flight, by when they may be sent.
  std::set<std::pair<Timestamp, log::Position>> ready_;
  std::set<log::Position> unkept_;
  std::set<log::Position> skipped_;
  /// Batches that failed and wait: all of a batch are heads of their keys, and due together.
  std::map<std::string, std::set<log::Position>> batches_;
  std::map<std::uint64_t, UnderWay> calls_;
  std::uint64_t last_call_ = 0;
  Timestamp failing_since_{};   ///< Zero: the last answer was good.
  std::uint32_t failures_ = 0;  ///< In a row, of those that slow down.
  Timestamp rests_until_{};
  Timestamp second_{};  ///< That sent_in_second_ counts.
  std::int32_t sent_in_second_ = 0;
  bool calls_full_ = false;   ///< What held next() up last: the calls under way,
  bool second_full_ = false;  ///< or the calls of this second.
};

}  // namespace firebrand
