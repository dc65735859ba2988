#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "edge/bench/latency.hpp"
#include "edge/crowd/crowd_check.hpp"
#include "edge/crowd/fan_behaviour.hpp"

namespace firebrand {

enum class CrowdRequest : std::uint8_t {
  sign_in,
  look,
  order,
  pay,
  cancel,
  reserve,
  pay_deposit,
  withdraw,
  join,
  ask_place,
  leave_room,
  enter,
  leave_draw,
  watch_draw,
  read_receipt,
  join_waitlist,
  ask_waitlist,
  leave_waitlist,
  read_prize,
  read,
};
inline constexpr std::size_t kCrowdRequests = 20;
[[nodiscard]] std::string_view crowd_request_name(CrowdRequest) noexcept;

/// What a crowd did and saw.
struct CrowdReport {
  // What was asked for.
  std::string server;
  std::string run;  ///< Part of the fans' names and keys.
  std::string drop_id;
  std::uint64_t seed = 0;
  std::uint32_t fans = 0;
  FanMix mix;

  // The sale, in answers of the server.
  std::uint32_t fans_signed_in = 0;
  std::uint32_t fans_finished = 0;               ///< Did all they wanted to.
  std::uint64_t orders = 0;                      ///< Purchases acknowledged for the first time.
  std::int64_t units = 0;                        ///< Of those.
  std::uint64_t payments = 0;                    ///< Acknowledged as paid, repeats not counted.
  std::uint64_t payments_late = 0;               ///< Acknowledged as owed back.
  std::uint64_t cancellations = 0;               ///< Acknowledged, repeats not counted.
  std::uint64_t code_orders = 0;                 ///< Of the orders: placed with a code.
  std::uint64_t group_orders = 0;                ///< Of the orders: from a wave for a group.
  std::uint64_t reservations = 0;                ///< Acknowledged for the first time.
  std::uint64_t deposits = 0;                    ///< Acknowledged as paid, repeats not counted.
  std::uint64_t deposits_late = 0;               ///< Acknowledged as owed back.
  std::uint64_t withdrawals = 0;                 ///< Of reservations; repeats not counted.
  std::uint64_t places = 0;                      ///< In the waiting room, acknowledged first.
  std::uint64_t admissions = 0;                  ///< Of fans who were told.
  std::uint64_t places_left = 0;                 ///< Given up, acknowledged.
  std::uint64_t places_over = 0;                 ///< That ended before their turn was used.
  std::uint64_t entries = 0;                     ///< In the draw, acknowledged first.
  std::uint64_t entries_left = 0;                ///< Taken back, acknowledged.
  std::uint64_t receipts = 0;                    ///< Read while the crowd ran.
  std::uint64_t prizes = 0;                      ///< Of the orders: won.
  std::uint64_t waitlisted = 0;                  ///< Places in the waitlist, acknowledged first.
  std::uint64_t waitlist_left = 0;               ///< Given up, acknowledged.
  std::uint64_t waitlist_orders = 0;             ///< Of the orders: came by the waitlist.
  std::uint64_t replays = 0;                     ///< Answers marked Idempotency-Replayed.
  std::map<std::string, std::uint64_t> refused;  ///< Purchases, by the problem's code.
  std::map<std::string, std::uint64_t> refused_other;  ///< All other requests.

  // The traffic.
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t hang_ups = 0;                   ///< Requests whose answer the fan did not wait for.
  std::map<std::string, std::uint64_t> errors;  ///< Requests without an answer, by reason.
  std::uint32_t outages = 0;                    ///< How often the server went away and came back.
  std::chrono::microseconds time_down{0};
  std::array<LatencyHistogram, kCrowdRequests> latency;  ///< Send to answer, by CrowdRequest.
  LatencyHistogram lag;  ///< From when a fan wanted to send until there was a connection for it.
  std::uint64_t answers_per_second_max = 0;  ///< Busiest second.
  std::chrono::microseconds wall_time{0};    ///< First sign-in to last fan; without the check.

  /// Why the run ended before its fans did; empty if it did not.
  std::string cut_short;
  std::string journal_error;

  std::optional<DropStatusView> drop;  ///< After the sale.
  CrowdCheckResult check;

  /// All checks hold, and the run and its journal are complete.
  [[nodiscard]] bool passed() const;
};

/// One object; durations in milliseconds or seconds, as the keys say.
[[nodiscard]] std::string to_json(const CrowdReport& report);
/// A table for people.
[[nodiscard]] std::string to_text(const CrowdReport& report);

}  // namespace firebrand
