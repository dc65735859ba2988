#pragma once

#include <cstdint>
#include <string_view>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/launch/standing.hpp"

namespace firebrand {

/// Person numbers fit into a ledger holder.
inline constexpr std::int64_t kPersonIdMax = (std::int64_t{1} << 56) - 1;
inline constexpr std::size_t kDropsMax = 100'000;
inline constexpr std::size_t kWavesMax = 32;
/// A deadline of a wave: id = drop * kWavesPerDeadline + wave.
inline constexpr std::uint64_t kWavesPerDeadline = 256;
/// A deadline of a waitlist: id = drop | wave << kWaitlistWaveShift.
inline constexpr unsigned kWaitlistWaveShift = 32;
inline constexpr std::int64_t kWaveUnitsMax = 1'000'000'000;
inline constexpr std::int32_t kWaveWindowSecondsMax = 7 * 24 * 3600;
inline constexpr std::int32_t kTieBatchMsMax = 500;
inline constexpr std::int32_t kPerPersonLimitMax = 1'000;
inline constexpr std::int32_t kPaymentWindowSecondsMax = 7 * 24 * 3600;
inline constexpr std::int32_t kProofBitsMax = 22;
inline constexpr std::int32_t kProofHeadStartMsMax = 30'000;
inline constexpr std::size_t kRefusalReasonsMax = 32;
inline constexpr std::size_t kRefusalsPerRecordMax = 64;
inline constexpr std::size_t kTieCountsPerRecordMax = 32;

/// When the units of a wave go on sale.
enum class WaveRelease : std::uint8_t {
  automatic = 0,    ///< At its time.
  manual = 1,       ///< By hand.
  on_sold_out = 2,  ///< Once the wave before it is on sale and has nothing left.
  random = 3,       ///< At a moment within a window that nobody knows before (wave_moment.hpp).
};
/// How it is decided who buys.
enum class WaveDecision : std::uint8_t { first_come = 0, waiting_room = 1, draw = 2 };

/// Who may buy in a wave. The numbers live in the log and the API: never renumber.
enum class WaveAudience : std::uint8_t { everyone = 0, reservation_holders = 1, code_holders = 2 };

/// What becomes of units that are on sale in a wave when the next one is released, and of those
/// that come back to it from then on.
enum class WaveLeftovers : std::uint8_t {
  stay = 0,      ///< They are sold in it.
  roll_on = 1,   ///< They go to the next wave.
  withdraw = 2,  ///< They go back to free stock.
};

/// Who may take a unit over. As wide as the last field of a command must be.
enum class Pickup : std::uint16_t {
  by_anyone = 0,
  by_name = 1,  ///< Only the buyer, who shows who they are.
};

struct WavePlan {
  static constexpr std::string_view kName = "wave_plan";
  static constexpr std::string_view kDoc = "One batch of a drop.";
  Timestamp opens_at{};  ///< Unless it is released by its time: what is announced.
  std::int64_t units = 0;
  WaveRelease release = WaveRelease::automatic;
  WaveAudience audience = WaveAudience::everyone;
  WaveDecision decision = WaveDecision::first_come;
  WaveLeftovers leftovers = WaveLeftovers::stay;
  std::int32_t window_seconds = 0;  ///< From `opens_at` on; of a random wave only.
  std::int32_t tie_batch_ms = 0;    ///< What comes so close together is decided together; 0: none.
  // What a buyer must be besides, all of it together; empty or zero asks nothing.
  AudienceName group{};
  Timestamp members_before{};
  AudienceName region{};
  AudienceName channel{};
  std::uint8_t risk_max = kRiskMax;
  std::int32_t per_person_limit = 0;  ///< Units in this wave; 0: the drop's limit alone.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "opens_at", self.opens_at, From::body, Rule{},
          "When its units go on sale, or the window begins; or else what is announced.");
    field(2, "units", self.units, From::body, Rule{.min = 1, .max = kWaveUnitsMax}, "Units.");
    field(3, "release", self.release, From::body, Rule{.presence = Presence::optional},
          "By its time, by hand, when the wave before has sold out, or within a window.");
    field(4, "audience", self.audience, From::body,
          Rule{.presence = Presence::optional, .since = 2}, "Who may buy in it.");
    field(5, "decision", self.decision, From::body,
          Rule{.presence = Presence::optional, .since = 2}, "How it is decided who buys.");
    field(6, "leftovers", self.leftovers, From::body,
          Rule{.presence = Presence::optional, .since = 3},
          "What becomes of its units once the next wave is released.");
    field(7, "window_seconds", self.window_seconds, From::body,
          Rule{.min = 0, .max = kWaveWindowSecondsMax, .presence = Presence::optional, .since = 3},
          "Of a wave that is released at random: the length of its window.");
    field(8, "group", self.group, From::body, Rule{.presence = Presence::optional, .since = 4},
          "Only for people whom the shop names as of this group.");
    field(9, "members_before", self.members_before, From::body,
          Rule{.presence = Presence::optional, .since = 4},
          "Only for people who were members before this moment.");
    field(10, "region", self.region, From::body, Rule{.presence = Presence::optional, .since = 4},
          "Only for people of this region.");
    field(11, "channel", self.channel, From::body, Rule{.presence = Presence::optional, .since = 4},
          "Only for people who come by this channel.");
    field(12, "tie_batch_ms", self.tie_batch_ms, From::body,
          Rule{.min = 0, .max = kTieBatchMsMax, .presence = Presence::optional, .since = 4},
          "Of a first-come wave: purchases within so many milliseconds are decided together, in an "
          "order that nobody can choose; 0: each in the order of receipt.");
    field(13, "risk_max", self.risk_max, From::body,
          Rule{.min = 0, .max = kRiskMax, .presence = Presence::optional, .since = 4},
          "Highest risk score that may buy; who has none may.");
    field(14, "per_person_limit", self.per_person_limit, From::body,
          Rule{.min = 1, .max = kPerPersonLimitMax, .presence = Presence::optional, .since = 4},
          "Units one person may buy in this wave, within the limit of the drop.");
  }
  friend bool operator==(const WavePlan&, const WavePlan&) = default;
};

/// Whether the wave has no condition beside its audience.
[[nodiscard]] constexpr bool asks_nothing(const WavePlan& wave) {
  return wave.group.empty() && wave.members_before == Timestamp{} && wave.region.empty() &&
         wave.channel.empty() && wave.risk_max >= kRiskMax;
}

/// Plans the sale of a limited batch at an exact moment and takes its units out of free stock.
struct CreateDrop {
  static constexpr std::string_view kName = "create_drop";
  static constexpr std::string_view kDoc =
      "Plans the sale of a limited batch at an exact moment and sets its units aside.";
  LaunchId launch_id{};
  Code code{};
  SkuId sku_id{};
  Currency currency{};  ///< Of orders that name none.
  Timestamp opens_at{};
  std::int32_t per_person_limit = 1;
  std::int32_t payment_window_seconds = 900;
  List<WavePlan, kWavesMax> waves{};
  Bytes<32> commitment{};       ///< To the moments of its random waves; zero if it has none.
  Bytes<32> tie_commitment{};   ///< To the key of its tie windows; zero if it has none.
  std::int32_t proof_bits = 0;  ///< Of the work that gives the head start; 0: none is asked for.
  std::int32_t proof_head_start_ms = 3'000;
  // Together, of those who share a key that the shop gives; 0: no limit.
  std::int32_t per_household_limit = 0;
  std::int32_t per_address_limit = 0;
  Pickup pickup = Pickup::by_anyone;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "launch_id", self.launch_id, From::path, Rule{}, "The launch.");
    field(2, "code", self.code, From::body, Rule{.min = 1}, "Your own unique name of the drop.");
    field(3, "sku_id", self.sku_id, From::body, Rule{}, "What is sold.");
    field(4, "currency", self.currency, From::body, Rule{}, "Of orders that name none.");
    field(5, "opens_at", self.opens_at, From::body, Rule{}, "The exact moment of opening.");
    field(6, "per_person_limit", self.per_person_limit, From::body,
          Rule{.min = 1, .max = kPerPersonLimitMax}, "Units one person may buy in this drop.");
    field(7, "payment_window_seconds", self.payment_window_seconds, From::body,
          Rule{.min = 1, .max = kPaymentWindowSecondsMax}, "Time to pay; then the unit goes back.");
    field(8, "waves", self.waves, From::body, Rule{.min = 1}, "The batches, in order.");
    field(9, "commitment", self.commitment, From::stamped,
          Rule{.presence = Presence::optional, .since = 3},
          "To the secrets behind the moments of its random waves.");
    field(10, "tie_commitment", self.tie_commitment, From::stamped,
          Rule{.presence = Presence::optional, .since = 4},
          "To the key that orders what came within one tie window.");
    field(11, "proof_bits", self.proof_bits, From::body,
          Rule{.min = 0, .max = kProofBitsMax, .presence = Presence::optional, .since = 4},
          "Bits of the work that a buyer proves, about 16 for a phone's second; 0: none.");
    field(12, "proof_head_start_ms", self.proof_head_start_ms, From::body,
          Rule{.min = 1, .max = kProofHeadStartMsMax, .presence = Presence::optional, .since = 4},
          "How long after its time a wave that is first come is for buyers with a proof.");
    field(13, "per_household_limit", self.per_household_limit, From::body,
          Rule{.min = 1, .max = kPerPersonLimitMax, .presence = Presence::optional, .since = 4},
          "Units that people of one household may buy together in this drop.");
    field(14, "per_address_limit", self.per_address_limit, From::body,
          Rule{.min = 1, .max = kPerPersonLimitMax, .presence = Presence::optional, .since = 4},
          "Units that people of one address may buy together in this drop.");
    field(15, "pickup", self.pickup, From::body, Rule{.presence = Presence::optional, .since = 4},
          "Who may take a unit over.");
  }
  friend bool operator==(const CreateDrop&, const CreateDrop&) = default;
};

enum class CreateDropStatus : std::uint8_t {
  created = 0,
  code_must_not_be_empty = 10,
  waves_must_not_be_empty = 11,
  wave_units_out_of_range = 12,
  wave_before_opening = 13,
  per_person_limit_out_of_range = 14,
  payment_window_out_of_range = 15,
  last_wave_must_keep_units = 16,   ///< There is no next one that they could make way for.
  drawn_wave_must_keep_units = 17,  ///< A draw hands out what its wave has; nothing rolls on to it.
  first_wave_must_not_follow = 18,  ///< There is none before it that could sell out.
  window_out_of_range = 19,         ///< A random wave has one, and no other.
  commitment_must_not_be_zero = 20,
  random_waves_must_not_overlap = 21,  ///< The secret of a wave tells those of the waves before it.
  condition_out_of_range = 22,         ///< A wave's risk score or limit per person.
  shared_limit_out_of_range = 23,      ///< Per household or per address.
  drawn_wave_must_not_ask_code = 24,   ///< Nobody brings a code to a draw.
  tie_window_out_of_range = 25,        ///< Or its wave is decided in another way.
  proof_bits_out_of_range = 26,
  proof_head_start_out_of_range = 27,
  exists = 40,
  exists_with_different_fields = 50,
  launch_not_found = 51,
  sku_not_found = 52,
  currency_not_offered = 53,
  drops_full = 54,
  insufficient_stock = 55,
};

struct CreateDropResult {
  static constexpr std::string_view kName = "create_drop_result";
  static constexpr std::string_view kDoc = "Answer to create_drop.";
  CreateDropStatus status{};
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

/// Puts a wave's units on sale before its time, or at all if it is released by hand.
struct ReleaseWave {
  static constexpr std::string_view kName = "release_wave";
  static constexpr std::string_view kDoc = "Puts the units of a wave on sale now.";
  DropId drop_id{};
  std::uint16_t wave = 0;  ///< Counted from 1.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
  }
};

enum class ReleaseWaveStatus : std::uint8_t {
  released = 0,
  already_released = 40,
  drop_not_found = 50,
  wave_not_found = 51,
  drop_cancelled = 52,
};

struct ReleaseWaveResult {
  static constexpr std::string_view kName = "release_wave_result";
  static constexpr std::string_view kDoc = "Answer to release_wave.";
  ReleaseWaveStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Gives units of one wave to another of the same drop: those on sale in a wave that is released,
/// planned ones of a wave that is not. Held and sold units stay where they are.
struct MoveUnits {
  static constexpr std::string_view kName = "move_units";
  static constexpr std::string_view kDoc = "Moves units from one wave of a drop to another.";
  DropId drop_id{};
  std::uint16_t from_wave = 0;  ///< Counted from 1.
  std::uint16_t to_wave = 0;
  std::int64_t units = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "from_wave", self.from_wave, From::body, Rule{.min = 1, .max = kWavesMax},
          "The wave that gives them, from 1.");
    field(3, "to_wave", self.to_wave, From::body, Rule{.min = 1, .max = kWavesMax},
          "The wave that gets them, from 1.");
    field(4, "units", self.units, From::body, Rule{.min = 1, .max = kWaveUnitsMax}, "How many.");
  }
};

enum class MoveUnitsStatus : std::uint8_t {
  moved = 0,
  units_out_of_range = 10,
  waves_must_differ = 11,
  drop_not_found = 50,
  wave_not_found = 51,
  drop_cancelled = 52,
  not_enough_units = 53,
  draw_closed = 54,  ///< One of the waves is drawn, and its draw knows already what it hands out.
};

struct MoveUnitsResult {
  static constexpr std::string_view kName = "move_units_result";
  static constexpr std::string_view kDoc = "Answer to move_units.";
  MoveUnitsStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Releases a random wave at its moment, with the secret that proves it. After a release by hand or
/// by the window's end it brings the proof alone. Logged by the server itself.
struct RevealWave {
  static constexpr std::string_view kName = "reveal_wave";
  static constexpr std::string_view kDoc = "Releases a random wave with the secret of its moment.";
  DropId drop_id{};
  std::uint16_t wave = 0;  ///< Counted from 1.
  Bytes<32> secret{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "secret", self.secret, From::body, Rule{}, "Of the wave.");
  }
};

enum class RevealWaveStatus : std::uint8_t {
  revealed = 0,
  already_revealed = 40,
  drop_not_found = 50,
  wave_not_found = 51,
  wave_not_random = 52,
  drop_cancelled = 53,
  reveal_wrong = 54,
  reveal_too_early = 55,
};

struct RevealWaveResult {
  static constexpr std::string_view kName = "reveal_wave_result";
  static constexpr std::string_view kDoc = "Answer to reveal_wave.";
  RevealWaveStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct PauseDrop {
  static constexpr std::string_view kName = "pause_drop";
  static constexpr std::string_view kDoc = "Stops purchases for a while; payments go on.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
  }
};

enum class PauseDropStatus : std::uint8_t {
  paused = 0,
  already_paused = 40,
  drop_not_found = 50,
  drop_cancelled = 51,
};

struct PauseDropResult {
  static constexpr std::string_view kName = "pause_drop_result";
  static constexpr std::string_view kDoc = "Answer to pause_drop.";
  PauseDropStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct ResumeDrop {
  static constexpr std::string_view kName = "resume_drop";
  static constexpr std::string_view kDoc = "Lets purchases go on after a pause.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
  }
};

enum class ResumeDropStatus : std::uint8_t {
  resumed = 0,
  not_paused = 40,
  drop_not_found = 50,
  drop_cancelled = 51,
};

struct ResumeDropResult {
  static constexpr std::string_view kName = "resume_drop_result";
  static constexpr std::string_view kDoc = "Answer to resume_drop.";
  ResumeDropStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Ends a drop for good. What is not sold goes back to free stock, at once or as its hold ends;
/// orders that are waiting for payment may still be paid.
struct CancelDrop {
  static constexpr std::string_view kName = "cancel_drop";
  static constexpr std::string_view kDoc =
      "Ends a drop for good; unsold units go back to free stock.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
  }
};

enum class CancelDropStatus : std::uint8_t {
  cancelled = 0,
  already_cancelled = 40,
  drop_not_found = 50,
};

struct CancelDropResult {
  static constexpr std::string_view kName = "cancel_drop_result";
  static constexpr std::string_view kDoc = "Answer to cancel_drop.";
  CancelDropStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Demand that was turned away, summed by the sequencer: refusals themselves leave no trace.
struct RefusalCount {
  static constexpr std::string_view kName = "refusal_count";
  static constexpr std::string_view kDoc = "How often one reason turned purchases away.";
  DropId drop_id{};
  std::uint8_t reason = 0;  ///< A PlaceOrderStatus.
  std::int64_t count = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "reason", self.reason, From::body, Rule{.min = 10, .max = 255}, "Status number.");
    field(3, "count", self.count, From::body, Rule{.min = 1}, "Refusals since the last record.");
  }
};

/// Logged by the sequencer at most once a second while counts grow.
struct RecordRefusals {
  static constexpr std::string_view kName = "record_refusals";
  static constexpr std::string_view kDoc = "Keeps the sums of refused purchases.";
  List<RefusalCount, kRefusalsPerRecordMax> refusals{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "refusals", self.refusals, From::body, Rule{.min = 1}, "Per drop and reason.");
  }
};

enum class RecordRefusalsStatus : std::uint8_t { recorded = 0, nothing_to_record = 10 };

struct RecordRefusalsResult {
  static constexpr std::string_view kName = "record_refusals_result";
  static constexpr std::string_view kDoc = "Answer to record_refusals.";
  RecordRefusalsStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// How purchases of a drop were ordered, summed by the sequencer.
struct TieCount {
  static constexpr std::string_view kName = "tie_count";
  static constexpr std::string_view kDoc = "How purchases of a drop were ordered.";
  DropId drop_id{};
  std::int64_t windows = 0;
  std::int64_t decided = 0;
  std::int64_t inversions = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "windows", self.windows, From::body, Rule{.min = 0}, "Tie windows that were decided.");
    field(3, "decided", self.decided, From::body, Rule{.min = 0},
          "Purchases decided in them, accepted or refused.");
    field(4, "inversions", self.inversions, From::body, Rule{.min = 0},
          "Pairs of accepted purchases that were decided against the order of receipt.");
  }
};

/// Logged by the sequencer at most once a second while counts grow.
struct RecordTieOrder {
  static constexpr std::string_view kName = "record_tie_order";
  static constexpr std::string_view kDoc = "Keeps the sums of how purchases were ordered.";
  List<TieCount, kTieCountsPerRecordMax> counts{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "counts", self.counts, From::body, Rule{.min = 1}, "Per drop.");
  }
};

enum class RecordTieOrderStatus : std::uint8_t { recorded = 0, nothing_to_record = 10 };

struct RecordTieOrderResult {
  static constexpr std::string_view kName = "record_tie_order_result";
  static constexpr std::string_view kDoc = "Answer to record_tie_order.";
  RecordTieOrderStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Publishes the key of a drop's tie windows once nobody can buy in it any more, so that anybody
/// can put in order again what came within one window. From then on the drop has no tie windows.
/// Logged by the server itself.
struct RevealTieKey {
  static constexpr std::string_view kName = "reveal_tie_key";
  static constexpr std::string_view kDoc = "Publishes the key of a drop's tie windows.";
  DropId drop_id{};
  Bytes<32> key{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "key", self.key, From::body, Rule{}, "Of its tie windows.");
  }
};

enum class RevealTieKeyStatus : std::uint8_t {
  revealed = 0,
  already_revealed = 40,
  drop_not_found = 50,
  drop_without_tie_windows = 51,
  tie_key_wrong = 52,
  drop_not_over = 53,
};

struct RevealTieKeyResult {
  static constexpr std::string_view kName = "reveal_tie_key_result";
  static constexpr std::string_view kDoc = "Answer to reveal_tie_key.";
  RevealTieKeyStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

}  // namespace firebrand
