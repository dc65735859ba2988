#pragma once

#include "base/expected.hpp"
#include "verify/public_log.hpp"
#include "verify/words.hpp"

namespace firebrand {

/// Whether each waiting room of the log let people in by the order that its secret, fixed before
/// anybody came, gives: nobody before somebody ahead who still waited. The order:
/// docs/formats/waiting-room-order.md. And whether each waitlist served people in the order in
/// which they joined, and whether the key of each drop's tie windows is the one that was committed
/// to. 9 bytes and 2 µs a place.
[[nodiscard]] Expected<Report, Words> check_queues(const PublicLog& log);

}  // namespace firebrand
