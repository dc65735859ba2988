#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/byte_ring.hpp"

namespace firebrand {

/// What gives way when the engine falls behind, the first first.
enum class Urgency : std::uint8_t {
  look,  ///< Looking: orders, places and entries that only the engine knows.
  join,  ///< Getting in line: waiting rooms, waitlists, draws, reservations.
  sale,  ///< Buying, paying, giving back, and whatever staff and the program itself do.
};

/// Whether a request may go into the engine's ring: looking only while half of the ring is free,
/// joining while a quarter is, the rest as long as it fits. Producer only.
[[nodiscard]] inline bool may_enter(ByteRing& ring, Urgency urgency) {
  switch (urgency) {
    case Urgency::look:
      return ring.has_room(ring.capacity() / 2);
    case Urgency::join:
      return ring.has_room(ring.capacity() / 4);
    case Urgency::sale:
      break;
  }
  return true;
}

}  // namespace firebrand
