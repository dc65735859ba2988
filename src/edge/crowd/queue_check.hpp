#pragma once

#include "edge/crowd/crowd_check.hpp"

/// The part of the independent check that is about the order of a waiting room: computed again from
/// what the room published, and compared with when the fans were let in.
namespace firebrand {

/// Adds what it finds to `result`. Pure.
void check_queue(const CrowdFindings& findings, CrowdCheckResult& result);

}  // namespace firebrand
