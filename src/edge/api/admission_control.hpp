#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/types.hpp"
#include "core/launch/waiting_room_commands.hpp"

namespace firebrand {

/// What the controller of a waiting room knows when it is asked.
struct AdmissionInput {
  Timestamp now{};
  AdmissionPlan plan{};
  std::int64_t waiting = 0;
  std::int64_t inside = 0;
  std::int64_t units_available = 0;  ///< Nobody is let in for units that are not there.
};

/// How many may go in now: by rate, by people inside, by units left and by latency. The rate grows
/// by a twentieth of the plan each second in which durable answers were quick, and halves in one in
/// which they were slow (additive increase, multiplicative decrease). A step function: no clock, no
/// thread; it proposes, the engine decides.
class AdmissionControl {
 public:
  /// @return 0 to kAdmitCountMax.
  [[nodiscard]] std::int32_t step(const AdmissionInput& input);
  /// An answer of the engine was durable after so long.
  void saw_latency(Millis latency);
  /// So many went in.
  void admitted(std::int32_t count, Timestamp now);

  /// People a minute that the controller aims at now; 0 before the first step.
  [[nodiscard]] std::int32_t target_per_minute() const { return target_; }
  /// People a minute that went in of late, over the last minute or since the first one went in;
  /// 0 before there is anything to measure.
  [[nodiscard]] std::int32_t measured_per_minute(Timestamp now) const;
  [[nodiscard]] Millis latency() const { return latency_shown_; }

 private:
  static constexpr Millis kPeriod{1'000};
  static constexpr std::int64_t kSeconds = 60;

  void adapt(const AdmissionPlan& plan);

  std::int32_t target_ = 0;
  std::int64_t credit_ = 0;  ///< Places times 60,000: target a minute, counted in milliseconds.
  Timestamp stepped_at_{};
  Timestamp period_ends_{};
  Millis latency_worst_{};
  Millis latency_shown_{};
  std::array<std::int64_t, kSeconds> by_second_{};
  std::int64_t newest_second_ = 0;
  std::int64_t first_second_ = 0;  ///< Zero: nobody went in yet.
};

/// How long people wait, with a band that learns from what happened: each outcome outside widens
/// it, each inside narrows it a little, so that nine in ten fall inside in the long run (adaptive
/// conformal inference, Gibbs and Candès 2021, on the width alone).
class WaitForecast {
 public:
  struct Wait {
    Millis expected{};
    Millis low{};
    Millis high{};
  };
  struct Outcomes {
    std::uint64_t within = 0;
    std::uint64_t sooner = 0;
    std::uint64_t later = 0;
  };

  /// @param ahead  People before.  @param per_minute  At least 1.
  [[nodiscard]] Wait wait(std::int64_t ahead, std::int32_t per_minute) const;
  /// Notes what would be said to the one at that position, to be compared when the turn comes. At
  /// most kOpenMax are open at once.
  void note(std::uint64_t position, const Wait& said, Timestamp now);
  /// It is the turn of `next` now.
  void turn_came(std::uint64_t next, Timestamp now);

  [[nodiscard]] const Outcomes& outcomes() const { return outcomes_; }

 private:
  static constexpr std::size_t kOpenMax = 256;
  static constexpr std::int64_t kSpreadMin = 50;  // Per mille.
  static constexpr std::int64_t kSpreadMax = 5'000;
  static constexpr std::int64_t kNarrower = 5;
  static constexpr std::int64_t kWider = 45;  // Nine times as much: nine in ten within.

  struct Open {
    std::uint64_t position = 0;
    Timestamp at{};
    Wait said{};
  };
  std::vector<Open> open_;
  std::int64_t spread_ = 500;
  Outcomes outcomes_;
};

}  // namespace firebrand
