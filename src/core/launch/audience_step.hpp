#pragma once

#include <cstdint>

#include "core/schedule/schedule.hpp"

namespace firebrand {

/// What a deadline `audience_step` goes on with. The numbers live in snapshots: never renumber.
enum class AudienceStep : std::uint8_t {
  remind = 1,       ///< Says who is to be reminded of a drop.
  settle = 2,       ///< Ends the reservations of a drop that were not used.
  leave = 3,        ///< Lets the reservations of a drop leave the core.
  codes_leave = 4,  ///< Lets the used codes of a batch leave the core.
};

/// Entries that one step goes over: with their postings a fraction of a millisecond. What is left
/// waits for the next millisecond, so that other commands come in between.
inline constexpr int kEntriesPerStep = 300;
inline constexpr Millis kStepPause{1};

[[nodiscard]] constexpr Deadline step_at(Timestamp at, AudienceStep step, std::uint64_t number) {
  return {at, DeadlineKind::audience_step, number * 8 + static_cast<std::uint64_t>(step)};
}

/// The same back from the deadline's id: what it goes on with, and of which drop or batch.
[[nodiscard]] constexpr AudienceStep step_kind(std::uint64_t deadline_id) {
  return static_cast<AudienceStep>(deadline_id % 8);
}
[[nodiscard]] constexpr std::uint64_t step_number(std::uint64_t deadline_id) {
  return deadline_id / 8;
}

}  // namespace firebrand
