#pragma once

#include "edge/crowd/crowd_check.hpp"

/// The part of the independent check that is about what lets people buy: reservations and their
/// deposits, places in a waiting room, and whether each order had what its wave asks for.
namespace firebrand {

/// Adds what it finds to `result`. Pure.
void check_claims(const CrowdFindings& findings, CrowdCheckResult& result);

}  // namespace firebrand
