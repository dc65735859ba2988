#pragma once

#include <cstdint>

#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

class FactBuffer;

/// Who caused a command. The numbers live in the log: never renumber.
enum class ActorKind : std::uint8_t { system = 0, fan = 1, api_key = 2, staff = 3, model = 4 };

struct Actor {
  ActorKind kind = ActorKind::system;
  std::uint64_t id = 0;

  friend bool operator==(const Actor&, const Actor&) = default;
};

/// Keyed hash of (caller, Idempotency-Key), made at the edge. All zero: the caller gave none.
using RequestKey = Bytes<16>;

/// Of CommandContext::rules_version: from here on a draw asks for the audience of its wave.
inline constexpr std::uint32_t kRulesDrawsAsk = 2;
/// And from here on a wave that sells out while people wait is kept for them, even if units came
/// back to it before their list looked.
inline constexpr std::uint32_t kRulesKeepSoldOut = 3;
/// And from here on a deposit that becomes owed back is among the payments, so that it can be
/// refunded.
inline constexpr std::uint32_t kRulesDepositsRefunded = 3;
/// And from here on it is kept since when somebody is of the staff, or signed in: a snapshot from
/// before does not say it, so a replay from the beginning must not either.
inline constexpr std::uint32_t kRulesStaffDated = 4;

/// What the sequencer stamps on a command: the core's only clock and its only outlet.
struct CommandContext {
  LogOffset offset{};     ///< The offset the record will have if the state changes.
  Timestamp timestamp{};  ///< UTC; never goes back from one command to the next.
  Actor actor{};
  std::uint32_t rules_version = 0;  ///< The rules that the state obeys at this offset.
  FactBuffer* facts = nullptr;      ///< Never null inside apply().
};

}  // namespace firebrand
