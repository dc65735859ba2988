#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/context.hpp"

namespace firebrand {

inline constexpr std::size_t kWebhookUrlBytesMax = 512;
inline constexpr std::size_t kWebhookNoteBytesMax = 128;
inline constexpr std::size_t kEventTypeBytesMax = 64;
inline constexpr std::size_t kWebhookTypesMax = 24;
inline constexpr std::size_t kWebhooksMax = 32;
inline constexpr std::int32_t kWebhookConcurrencyMax = 10;
inline constexpr std::int32_t kWebhookPerSecondMax = 1'000;
inline constexpr std::int32_t kWebhookBatchEventsMax = 100;
inline constexpr std::int32_t kSecretOverlapSecondsMax = 30 * 24 * 3600;

struct WebhookIdTag {
  static constexpr const char* prefix = "webhook";
};
using WebhookId = Strong<WebhookIdTag>;
/// Types of events, as the outside names them. Which there are, the edge knows.
using WebhookTypes = List<Text<kEventTypeBytesMax>, kWebhookTypesMax>;

/// How an endpoint is told: the modes of CloudEvents over HTTP. Never renumber.
enum class WebhookMode : std::uint8_t {
  structured = 0,  ///< One event, all of it in the body.
  binary = 1,      ///< One event: its attributes as headers, its data as the body.
  batch = 2,       ///< Several events in one call, as a list.
};

/// Makes an endpoint of the outside that is told what happens from now on.
struct AddWebhook {
  static constexpr std::string_view kName = "add_webhook";
  static constexpr std::string_view kDoc =
      "Tells an endpoint of the outside what happens from now on.";
  Text<kWebhookUrlBytesMax> url{};
  Text<kWebhookNoteBytesMax> note{};
  WebhookTypes types{};
  std::int32_t concurrency = 4;
  std::int32_t per_second = 50;
  WebhookMode mode{};
  std::int32_t batch_events = 50;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "url", self.url, From::body, Rule{.min = 1}, "Where to post; https.");
    field(2, "note", self.note, From::body, Rule{.presence = Presence::optional},
          "What it is for.");
    field(3, "types", self.types, From::body, Rule{.presence = Presence::optional},
          "Types of events that are sent; none: all.");
    field(4, "concurrency", self.concurrency, From::body,
          Rule{.min = 1, .max = kWebhookConcurrencyMax, .presence = Presence::optional},
          "Calls at a time.");
    field(5, "per_second", self.per_second, From::body,
          Rule{.min = 1, .max = kWebhookPerSecondMax, .presence = Presence::optional},
          "Calls in a second.");
    field(6, "mode", self.mode, From::body, Rule{.presence = Presence::optional, .since = 2},
          "How events are posted.");
    field(7, "batch_events", self.batch_events, From::body,
          Rule{.min = 1, .max = kWebhookBatchEventsMax, .presence = Presence::optional, .since = 2},
          "Most events in one call, if the mode is batch.");
  }
};

enum class AddWebhookStatus : std::uint8_t {
  created = 0,
  url_must_not_be_empty = 10,
  event_type_must_not_be_empty = 11,
  concurrency_out_of_range = 12,
  per_second_out_of_range = 13,
  batch_events_out_of_range = 14,
  webhooks_full = 50,
};

struct AddWebhookResult {
  static constexpr std::string_view kName = "add_webhook_result";
  static constexpr std::string_view kDoc = "Answer to add_webhook.";
  AddWebhookStatus status{};
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
  }
};

/// Gives an endpoint other settings, all of them; what is under way goes on with the old ones.
struct ChangeWebhook {
  static constexpr std::string_view kName = "change_webhook";
  static constexpr std::string_view kDoc = "Gives an endpoint other settings, all of them.";
  WebhookId webhook_id{};
  Text<kWebhookUrlBytesMax> url{};
  Text<kWebhookNoteBytesMax> note{};
  WebhookTypes types{};
  std::int32_t concurrency = 4;
  std::int32_t per_second = 50;
  WebhookMode mode{};
  std::int32_t batch_events = 50;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::path, Rule{}, "The endpoint.");
    field(2, "url", self.url, From::body, Rule{.min = 1}, "Where to post; https.");
    field(3, "note", self.note, From::body, Rule{.presence = Presence::optional},
          "What it is for.");
    field(4, "types", self.types, From::body, Rule{.presence = Presence::optional},
          "Types of events that are sent; none: all.");
    field(5, "concurrency", self.concurrency, From::body,
          Rule{.min = 1, .max = kWebhookConcurrencyMax, .presence = Presence::optional},
          "Calls at a time.");
    field(6, "per_second", self.per_second, From::body,
          Rule{.min = 1, .max = kWebhookPerSecondMax, .presence = Presence::optional},
          "Calls in a second.");
    field(7, "mode", self.mode, From::body, Rule{.presence = Presence::optional, .since = 2},
          "How events are posted.");
    field(8, "batch_events", self.batch_events, From::body,
          Rule{.min = 1, .max = kWebhookBatchEventsMax, .presence = Presence::optional, .since = 2},
          "Most events in one call, if the mode is batch.");
  }
};

enum class ChangeWebhookStatus : std::uint8_t {
  changed = 0,
  url_must_not_be_empty = 10,
  event_type_must_not_be_empty = 11,
  concurrency_out_of_range = 12,
  per_second_out_of_range = 13,
  batch_events_out_of_range = 14,
  already_so = 40,
  webhook_not_found = 50,
};

struct ChangeWebhookResult {
  static constexpr std::string_view kName = "change_webhook_result";
  static constexpr std::string_view kDoc = "Answer to change_webhook.";
  ChangeWebhookStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Why an endpoint is not called. Never renumber.
enum class WebhookPause : std::uint8_t {
  by_staff = 0,
  gone = 1,     ///< It answered 410.
  failing = 2,  ///< It has answered nothing good for days.
};

struct PauseWebhook {
  static constexpr std::string_view kName = "pause_webhook";
  static constexpr std::string_view kDoc = "Stops calls to an endpoint; what happens waits for it.";
  WebhookId webhook_id{};
  WebhookPause reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reason", self.reason, From::stamped, Rule{}, "Why.");
    field(2, "webhook_id", self.webhook_id, From::path, Rule{}, "The endpoint.");
  }
};

enum class PauseWebhookStatus : std::uint8_t {
  paused = 0,
  already_paused = 40,
  webhook_not_found = 50,
};

struct PauseWebhookResult {
  static constexpr std::string_view kName = "pause_webhook_result";
  static constexpr std::string_view kDoc = "Answer to pause_webhook.";
  PauseWebhookStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct ResumeWebhook {
  static constexpr std::string_view kName = "resume_webhook";
  static constexpr std::string_view kDoc =
      "Goes on with calls to an endpoint, from where they stopped.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::path, Rule{}, "The endpoint.");
  }
};

enum class ResumeWebhookStatus : std::uint8_t {
  resumed = 0,
  already_running = 40,
  webhook_not_found = 50,
};

struct ResumeWebhookResult {
  static constexpr std::string_view kName = "resume_webhook_result";
  static constexpr std::string_view kDoc = "Answer to resume_webhook.";
  ResumeWebhookStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Gives an endpoint a new secret; for a while calls carry a signature by the old one too.
struct RotateWebhookSecret {
  static constexpr std::string_view kName = "rotate_webhook_secret";
  static constexpr std::string_view kDoc = "Gives an endpoint a new secret.";
  WebhookId webhook_id{};
  std::int32_t overlap_seconds = 24 * 3600;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::path, Rule{}, "The endpoint.");
    field(2, "overlap_seconds", self.overlap_seconds, From::body,
          Rule{.min = 0, .max = kSecretOverlapSecondsMax, .presence = Presence::optional},
          "How long the old secret signs too.");
  }
};

enum class RotateWebhookSecretStatus : std::uint8_t {
  rotated = 0,
  overlap_out_of_range = 10,
  webhook_not_found = 50,
};

struct RotateWebhookSecretResult {
  static constexpr std::string_view kName = "rotate_webhook_secret_result";
  static constexpr std::string_view kDoc = "Answer to rotate_webhook_secret.";
  RotateWebhookSecretStatus status{};
  std::uint32_t secret_version = 0;
  Timestamp old_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "secret_version", self.secret_version, From::body, Rule{}, "Of the new secret.");
    field(3, "old_until", self.old_until, From::body, Rule{}, "How long the old one signs too.");
  }
};

struct RemoveWebhook {
  static constexpr std::string_view kName = "remove_webhook";
  static constexpr std::string_view kDoc = "Ends an endpoint for good.";
  WebhookId webhook_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::path, Rule{}, "The endpoint.");
  }
};

enum class RemoveWebhookStatus : std::uint8_t { removed = 0, webhook_not_found = 50 };

struct RemoveWebhookResult {
  static constexpr std::string_view kName = "remove_webhook_result";
  static constexpr std::string_view kDoc = "Answer to remove_webhook.";
  RemoveWebhookStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

enum class WebhookState : std::uint8_t { running = 0, paused = 1 };

struct Webhook {
  static constexpr std::string_view kName = "webhook";
  static constexpr std::string_view kDoc = "An endpoint of the outside that is told what happens.";
  WebhookId webhook_id{};
  Text<kWebhookUrlBytesMax> url{};
  Text<kWebhookNoteBytesMax> note{};
  WebhookTypes types{};
  std::int32_t concurrency = 0;
  std::int32_t per_second = 0;
  WebhookState state{};
  WebhookPause paused_because{};
  std::uint32_t secret_version = 1;
  Timestamp old_secret_until{};   ///< The version before signs too until then.
  LogOffset created_at_offset{};  ///< Facts of later records are sent.
  Timestamp created_at{};
  WebhookMode mode{};
  std::int32_t batch_events = 50;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "webhook_id", self.webhook_id, From::body, Rule{}, "The endpoint.");
    field(2, "url", self.url, From::body, Rule{}, "Where to post.");
    field(3, "note", self.note, From::body, Rule{}, "What it is for.");
    field(4, "types", self.types, From::body, Rule{}, "What is sent; none: all.");
    field(5, "concurrency", self.concurrency, From::body, Rule{}, "Calls at a time.");
    field(6, "per_second", self.per_second, From::body, Rule{}, "Calls in a second.");
    field(7, "state", self.state, From::body, Rule{}, "Whether it is called.");
    field(8, "paused_because", self.paused_because, From::body, Rule{}, "If it is paused: why.");
    field(9, "secret_version", self.secret_version, From::body, Rule{}, "Which secret signs.");
    field(10, "old_secret_until", self.old_secret_until, From::body, Rule{},
          "Until when the one before signs too.");
    field(11, "created_at_offset", self.created_at_offset, From::body, Rule{},
          "Facts of later records are sent.");
    field(12, "created_at", self.created_at, From::body, Rule{}, "When it was made.");
    field(13, "mode", self.mode, From::body, Rule{.since = 2}, "How events are posted.");
    field(14, "batch_events", self.batch_events, From::body, Rule{.since = 2},
          "Most events in one call, if the mode is batch.");
  }
};

/// Endpoints of the outside that are told what happens. Their secrets are not here: the edge
/// derives them from the installation key, the endpoint and the version of its secret.
///
/// An endpoint (about 2.4 KB, at most kWebhooksMax) ends when it is removed; its number is not
/// given again.
class Webhooks {
 public:
  [[nodiscard]] AddWebhookResult apply(const AddWebhook&, const CommandContext&) noexcept;
  [[nodiscard]] ChangeWebhookResult apply(const ChangeWebhook&, const CommandContext&) noexcept;
  [[nodiscard]] PauseWebhookResult apply(const PauseWebhook&, const CommandContext&) noexcept;
  [[nodiscard]] ResumeWebhookResult apply(const ResumeWebhook&, const CommandContext&) noexcept;
  [[nodiscard]] RotateWebhookSecretResult apply(const RotateWebhookSecret&,
                                                const CommandContext&) noexcept;
  [[nodiscard]] RemoveWebhookResult apply(const RemoveWebhook&, const CommandContext&) noexcept;

  /// By rising number.
  [[nodiscard]] std::vector<Webhook> list() const;
  /// Null if there is none.
  [[nodiscard]] const Webhook* find(WebhookId) const noexcept;
  /// Whether any changed since the last call. A hint for live views, not part of the state.
  [[nodiscard]] bool take_changed() noexcept { return std::exchange(changed_, false); }

  /// Zero if there never was one.
  [[nodiscard]] std::uint64_t digest() const noexcept {
    return last_ == 0 ? 0 : hash_words(digest_.value(), last_);
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&, std::uint16_t version = kNewestVersion);

 private:
  void remember(const Webhook&);
  /// Changes an entry that is there, and the digest with it.
  template <class Change>
  void update(Webhook&, Change change);

  std::map<WebhookId, Webhook> webhooks_;
  std::uint64_t last_ = 0;
  Digest digest_;
  bool changed_ = false;
};

}  // namespace firebrand
