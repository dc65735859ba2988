#pragma once

#include <cstdint>

#include "base/types.hpp"

namespace firebrand {

/// What the button of the demo asks for.
struct DemoCrowd {
  DropId drop_id{};
  std::uint32_t fans = 0;
  std::uint32_t duration_seconds = 0;  ///< Within which all arrive, from the opening.
};

}  // namespace firebrand
