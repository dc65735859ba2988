#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/types.hpp"
#include "sim/request.hpp"

namespace firebrand {

/// One command of an input of poison_fuzz, and the time that goes by before it.
struct Poison {
  SimRequest request{};
  Millis after{};
};

inline constexpr Timestamp kPoisonStart = from_unix_ms(1'795'291'200'000);

/// The commands that the bytes say; whatever the bytes are. Each command:
///
///     u16  number of the command
///     u32  milliseconds that go by before it
///     u8   request key: zero for none, else one of 255
///     u8   actor kind, 0 to 4 (modulo)
///     u16  size of the payload, cut to what is left
///     payload
[[nodiscard]] std::vector<Poison> read_poison(std::span<const std::byte> bytes);
[[nodiscard]] ByteVector write_poison(std::span<const Poison> poisons);

/// Applies them to an engine and to the model, and aborts if these do not agree, if an invariant is
/// broken, or if the state does not survive being saved and loaded.
void swallow_poison(std::span<const Poison> poisons);

}  // namespace firebrand
