#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "base/types.hpp"
#include "edge/crowd/crowd_journal.hpp"
#include "edge/crowd/crowd_report.hpp"
#include "edge/crowd/fan_answers.hpp"
#include "edge/crowd/fan_behaviour.hpp"
#include "edge/crowd/fan_requests.hpp"
#include "edge/http/http_client.hpp"

namespace firebrand {

/// One crowd, ready to go. Times are since the crowd's own start.
struct CrowdRun {
  HttpEndpoint endpoint;
  std::uint32_t connections = 256;
  Millis timeout{10'000};     ///< For one answer; then the fan asks again.
  Millis patience{120'000};   ///< How long the server may stay away before the crowd gives up.
  Millis overtime{60'000};    ///< For fans who arrived last, beyond the duration.
  Millis progress_period{0};  ///< A line to `progress` each; zero: none.
  const std::atomic<bool>* stop = nullptr;

  CrowdAccess access;
  bool can_pay = true;
  std::string run;  ///< Part of names and keys.
  std::uint64_t seed = 1;
  FanMix mix;
  DropStatusView drop;
  std::optional<RoomPageView> room;  ///< Of its first wave that has a waiting room.
  std::optional<DrawPageView> draw;  ///< The first of its draws that can be entered.
  Millis queue_patience{30'000};     ///< How long fans wait for their turn after the last arrival.
  std::span<const std::string> codes;  ///< Handed out to the fans who have one; may be too few.

  std::span<const std::chrono::microseconds> arrivals;  ///< After the opening, one for each fan.
  Millis duration{30'000};
  std::chrono::microseconds opens_at{0};  ///< Below zero: open already; fans then count from zero.
  Timestamp started_at{};                 ///< Server time at the start.
};

/// What is known of a fan after the sale.
struct FanAccount {
  std::string token;
  std::string person_id;
  std::string place_token;  ///< Empty: never in the waiting room.
  FanSaid said{};
};

/// Carries out what fans decide over HTTP, on one thread. Fans sign in ahead of their arrival as
/// fast as connections are free; whoever arrives goes first. A purchase waits for a free
/// connection, not for another fan's answer.
class CrowdDriver {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param start  The moment from which all times count.
  CrowdDriver(const CrowdRun& run, Clock::time_point start, CrowdJournal& journal,
              CrowdReport& report, std::ostream& progress);
  ~CrowdDriver();
  CrowdDriver(const CrowdDriver&) = delete;
  CrowdDriver& operator=(const CrowdDriver&) = delete;

  /// Returns when every fan has left, or the report says why it was cut short.
  void drive();

  [[nodiscard]] std::vector<FanAccount> accounts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firebrand
