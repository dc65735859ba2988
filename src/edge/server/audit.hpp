#pragma once

#include <string>

namespace firebrand {

/// Replays the oldest retained log of a data directory and checks at every offset that units and
/// money are conserved, that nobody is over a limit, and that facts/ tells the same story; prints
/// what it found.
/// @return 0 if all is well, 1 if not or if it cannot be read.
[[nodiscard]] int run_audit(const std::string& data);

}  // namespace firebrand
