#pragma once

#include "edge/crowd/crowd_check.hpp"

/// The part of the independent check that is about a draw: acknowledged entries against receipts,
/// receipts against the public record, and what was won against the orders.
namespace firebrand {

/// Adds what it finds to `result`. Pure.
void check_draw(const CrowdFindings& findings, CrowdCheckResult& result);

}  // namespace firebrand
