#pragma once

#include <cstdint>

namespace firebrand {

/// Every command has a status enum of its own; the band of the number says what kind of answer it
/// is. Inside a band the enumerators stand in the order of the checks: the first failure wins.
/// The numbers live in the log and in the API: add new ones, never renumber or reuse.
enum class StatusBand : std::uint8_t {
  done,       ///< 0 to 9: the state changed; the command takes an offset and is logged.
  malformed,  ///< 10 to 39: these bytes can never succeed.
  replayed,   ///< 40 to 49: done before; the answer is the one of then.
  refused,    ///< 50 and above: the rules say no now; may succeed later. Leaves no trace.
};

[[nodiscard]] constexpr StatusBand status_band(std::uint8_t status) {
  if (status < 10) { return StatusBand::done; }
  if (status < 40) { return StatusBand::malformed; }
  if (status < 50) { return StatusBand::replayed; }
  return StatusBand::refused;
}

}  // namespace firebrand
