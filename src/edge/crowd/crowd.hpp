#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/crowd/crowd_report.hpp"
#include "edge/crowd/fan_behaviour.hpp"

namespace firebrand {

struct CrowdOptions {
  std::string server = "http://127.0.0.1:8080";  ///< --server URL
  std::uint32_t fans = 10'000;                   ///< --fans N, 1 to 5'000'000
  std::string arrivals;  ///< --arrivals FILE: see arrivals.hpp; empty: launch_profile().
  /// --arrivals-window SECONDS of the trace, its busiest ones; zero: as many as the duration has.
  std::uint32_t arrivals_window = 0;
  std::uint64_t seed = 1;           ///< --seed S: what the fans decide and when they come.
  std::string drop;                 ///< --drop ID; empty: the demo's, or the one that opens last.
  Millis duration{30'000};          ///< --duration SECONDS from the opening: 100 ms to a day.
  std::uint32_t connections = 256;  ///< --connections N, 1 to 60'000
  std::string report;               ///< --report FILE.json; empty: none.
  std::string journal;              ///< --journal FILE, written while the crowd runs; empty: none.

  std::string api_key;         ///< --api-key KEY (fbk_...); empty: demo sign-in.
  std::string payment_secret;  ///< --payment-secret SECRET; empty: demo payments, or none at all.
  std::string codes;           ///< --codes FILE: priority codes as exported, CSV; empty: none.
  FanMix mix;                  ///< --mix NAME=PERCENT,...: see parse_fan_mix().
  /// Computes the record of a draw again; @return why it does not fit, empty if it does. None:
  /// nobody does.
  std::function<std::string(std::string_view record)> verify_draw{};
  /// Part of the fans' names and keys, up to 32 of [a-z0-9]; empty: from the clock. A second crowd
  /// of the same run would be taken for repeats of the first.
  std::string run;

  Millis timeout{10'000};         ///< For one answer; then the fan asks again.
  Millis patience{120'000};       ///< How long the server may stay away in the middle of it all.
  Millis queue_patience{30'000};  ///< How long fans wait for their turn after the last has come.
  Millis progress_period{5'000};  ///< One line each; zero: none.
  /// Set from a signal handler: the crowd leaves at once, and is checked all the same.
  const std::atomic<bool>* stop = nullptr;
};

struct CrowdError {
  std::string message;
};

/// Sends a crowd to a server that is there, and checks what it was told. Progress goes to `out`.
/// Errors: options out of range, a file that cannot be read or written, a server that does not
/// answer at the start, refuses sign-in, or has no such drop. What goes wrong later is in the
/// report.
[[nodiscard]] Expected<CrowdReport, CrowdError> send_crowd(const CrowdOptions& options,
                                                           std::ostream& out);

/// The command: sends the crowd, prints the report and writes its file.
/// @return the exit code: 0 all checks hold, 1 some do not or the run is incomplete, 2 it could not
///         start or the report could not be written.
[[nodiscard]] int run_crowd(const CrowdOptions& options, std::ostream& out);

}  // namespace firebrand
