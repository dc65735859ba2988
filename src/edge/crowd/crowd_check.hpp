#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/types.hpp"
#include "edge/crowd/crowd_journal.hpp"
#include "edge/crowd/fan_answers.hpp"
#include "edge/crowd/fan_requests.hpp"

/// The independent check: what the crowd was told against what the server says now. It takes no
/// figure on trust that the crowd can count itself, and knows no rule of the engine but these.
namespace firebrand {

enum class CrowdCheck : std::uint8_t {
  order_lost,           ///< An acknowledged order is not there any more.
  order_changed,        ///< It is there with another content.
  state_lost,           ///< Paid or cancelled as acknowledged, and now it is not; or a state that
                        ///< nobody asked for.
  not_as_asked,         ///< Acknowledged for another person, drop or quantity than asked for.
  order_of_two_fans,    ///< One order acknowledged to two fans, or under two keys.
  key_with_two_orders,  ///< One key gave two different orders.
  repeat_refused,       ///< The repeat of an acknowledged purchase was refused.
  other_body_accepted,  ///< The key of an order was accepted for another quantity.
  limit_exceeded,       ///< A fan, a household or an address had more units at once than it may.
  oversold,             ///< Fans held and owned more units at once than were released.
  units_mismatch,       ///< The drop's units do not add up to its total, or one is below zero.
  sold_short,           ///< The drop counts fewer units held and sold than the fans have.
  price_wrong,          ///< An order costs another sum than the price, less a deposit.
  wrong_audience,       ///< Bought from a wave without what it asks for.
  code_used_twice,      ///< One code was good for two orders at once.
  reservation_lost,     ///< An acknowledged reservation is not there any more, or another one is.
  reservation_state,    ///< It is in a state that nobody asked for and no time explains.
  deposit_lost,         ///< A deposit was acknowledged, and its reservation says it was not paid.
  reservations_wrong,   ///< The drop counts fewer reservations than the fans have, or too many.
  place_lost,           ///< An acknowledged place is not there, or ended though its fan kept it.
  place_state,          ///< It is in a state that its fan, its time or the room does not explain.
  place_order,     ///< Somebody was let in before one who stood in front by the published order.
  entry_lost,      ///< An acknowledged entry is not in the draw, or in its record.
  draw_wrong,      ///< The record does not compute, or receipts say something else than it.
  prize_lost,      ///< What was won has no order of its fan.
  waitlist_lost,   ///< An acknowledged place in the waitlist is not there, or another one is.
  waitlist_state,  ///< It is in a state that its fan or the list does not explain.
  waitlist_order,  ///< Somebody was served while one who had joined before still waited.
  unreadable,      ///< The server did not say: the check is not complete.
};
inline constexpr std::size_t kCrowdChecks = 29;
[[nodiscard]] std::string_view crowd_check_name(CrowdCheck) noexcept;
/// "every acknowledged order is there": what holds if there is no violation.
[[nodiscard]] std::string_view crowd_check_claim(CrowdCheck) noexcept;

/// What GET /v1/orders/{order_id} answered to the order's fan.
struct FoundOrder {
  enum class Kind : std::uint8_t { unreadable, found, not_found };
  Kind kind = Kind::unreadable;
  OrderView order;
};

/// What GET /v1/drops/{drop_id}/reservation answered to a fan who has one.
struct FoundReservation {
  FoundOrder::Kind kind = FoundOrder::Kind::unreadable;
  ReservationView reservation;
};

/// What GET /v1/places/{place_token} answered.
struct FoundPlace {
  FoundOrder::Kind kind = FoundOrder::Kind::unreadable;
  PlaceStandView place;
};

/// What GET /v1/draws/{draw_id}/entry answered to a fan who has entered.
struct FoundEntry {
  FoundOrder::Kind kind = FoundOrder::Kind::unreadable;
  ReceiptView receipt;
};

/// What GET /v1/drops/{drop_id}/waitlist/place answered to a fan who has joined.
struct FoundListing {
  FoundOrder::Kind kind = FoundOrder::Kind::unreadable;
  WaitlistPlaceView place;
};

/// The public record of a draw, as far as the fans must find themselves in it.
struct DrawRecordView {
  std::unordered_set<std::string> entrants;
  std::unordered_set<std::string> winners;
  std::unordered_set<std::string> reserve;
  std::string fault;  ///< Why it does not compute; empty if it does, or nobody computed it.
};

/// Reads a record. What is none has nobody in it.
[[nodiscard]] DrawRecordView read_draw_record(std::string_view text);

struct CrowdFindings {
  std::span<const JournalEntry> journal;
  std::span<const ClaimEntry> claims;
  std::span<const std::string> person_ids;  ///< By fan; empty for one who never signed in.
  std::span<const FanSaid> said{};          ///< By fan; none: nothing was said of anybody.
  std::string drop_id;
  std::unordered_map<std::string, FoundOrder> orders;                ///< By order id.
  std::unordered_map<std::uint32_t, FoundReservation> reservations;  ///< By fan.
  std::unordered_map<std::uint32_t, FoundPlace> places;              ///< By fan.
  std::optional<RoomPageView> room;                                  ///< Read with the drop.
  std::unordered_map<std::uint32_t, FoundEntry> entries;             ///< By fan.
  std::optional<DrawPageView> draw;                                  ///< Read with the drop.
  std::optional<DrawRecordView> record;                      ///< Of a draw that is completed.
  std::unordered_map<std::uint32_t, FoundListing> listings;  ///< In the waitlist, by fan.
  Timestamp listings_read_from{};      ///< Server time before the first of them was read.
  bool is_complete = false;            ///< Every request was answered in the end.
  std::optional<DropStatusView> drop;  ///< Read after the last order.
  Timestamp started_at{};      ///< Server time at the journal's zero, to within kClockSlack.
  Timestamp orders_read_at{};  ///< Server time after the last order was read.
  Timestamp drop_read_at{};    ///< Server time after the drop was read.
};
/// What the crowd's idea of server time may be wrong by.
inline constexpr Millis kClockSlack{1'000};

struct CrowdViolation {
  CrowdCheck check{};
  std::string order_id;  ///< Or of what else is at fault; empty if no single one is.
  std::string what;
};

struct CrowdCheckResult {
  std::array<std::uint64_t, kCrowdChecks> counts{};  ///< Violations, by CrowdCheck.
  std::vector<CrowdViolation> violations;            ///< The first kCrowdViolationsMax.
  std::uint64_t orders_checked = 0;
  std::uint64_t reservations_checked = 0;
  std::uint64_t places_checked = 0;
  std::uint64_t entries_checked = 0;
  std::uint64_t waitlist_places_checked = 0;
  std::int64_t units_paid = 0;       ///< Of acknowledged orders that are paid now.
  std::int64_t units_pending = 0;    ///< Of those that may still be paid.
  std::int64_t units_peak = 0;       ///< Most units that the fans surely had at one time.
  std::int64_t units_of_others = 0;  ///< Held or sold by the drop beyond ours: other buyers, and
                                     ///< purchases of ours whose answer was lost.

  [[nodiscard]] bool passed() const;
  void violated(CrowdCheck check, std::string_view order_id, std::string what);
};
inline constexpr std::size_t kCrowdViolationsMax = 50;

/// Pure: no I/O. O(n log n) in journal entries.
[[nodiscard]] CrowdCheckResult check_crowd(const CrowdFindings& findings);

}  // namespace firebrand
