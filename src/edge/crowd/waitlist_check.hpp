#pragma once

#include "edge/crowd/crowd_check.hpp"

/// The part of the independent check that is about a waitlist: every place is kept, ends for a
/// reason, and is served in its turn.
namespace firebrand {

/// Adds what it finds to `result`. Pure.
void check_waitlist(const CrowdFindings& findings, CrowdCheckResult& result);

}  // namespace firebrand
